package planner

import (
	"slices"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// Grouping sets are one Expand, which repeats each row once per set, under one Aggregate that groups by the columns that
// the set leaves and by the set's number. A union of aggregations would be simpler, but a view would keep whatever is
// below them (a join's rows, say) once per set.

// PostgreSQL's bounds.
const (
	groupingSetsMax = 4096
	cubeMax         = 12
	groupingArgsMax = 31
)

// groupingBase is where the placeholders of GROUPING calls start, among those of aggregates.
const groupingBase = aggBase + 1<<22

// groupingSet is a set as indexes into selecting.groups.
type groupingSet []int

// groupingParts are what a SELECT with grouping sets has beside.
type groupingParts struct {
	sets  []groupingSet // nil: one set of all groups
	calls []groupingCall
}

// groupingCall is one GROUPING(…).
type groupingCall struct {
	args []expr.Expr
	pos  []int
}

// groupingItem binds an item of GROUP BY to the sets it stands for.
func (q *selecting) groupingItem(x ast.Expr, visible int) ([]groupingSet, error) {
	switch x := x.(type) {
	case *ast.GroupingSets:
		return q.groupingSets(x, visible)
	case *ast.RowLit:
		set, err := q.groupingList(x.Elems, visible)
		return []groupingSet{set}, err
	}
	set, err := q.groupingList([]ast.Expr{x}, visible)
	return []groupingSet{set}, err
}

// groupingList binds expressions that are in or out of a set together.
func (q *selecting) groupingList(xs []ast.Expr, visible int) (groupingSet, error) {
	var set groupingSet
	for _, x := range xs {
		e, err := q.groupItem(x, visible)
		if err != nil {
			return nil, err
		}
		if e, err = q.b.known(e, at(x)); err != nil {
			return nil, err
		}
		if err := groupable(e, at(x)); err != nil {
			return nil, err
		}
		i := indexExpr(q.groups, e)
		if i < 0 {
			i = len(q.groups)
			q.groups = append(q.groups, e)
		}
		set = append(set, i)
	}
	return set, nil
}

// groupingSets binds GROUPING SETS, ROLLUP or CUBE.
func (q *selecting) groupingSets(x *ast.GroupingSets, visible int) ([]groupingSet, error) {
	if x.Kind == "distinct" {
		return q.distinctSets(x, visible)
	}
	var out, parts []groupingSet
	for _, list := range x.Sets {
		if len(list) == 1 {
			sets, err := q.groupingItem(list[0], visible)
			if err != nil {
				return nil, err
			}
			if x.Kind == "grouping sets" {
				out = append(out, sets...)
			} else {
				parts = append(parts, sets[0])
			}
			continue
		}
		set, err := q.groupingList(list, visible)
		if err != nil {
			return nil, err
		}
		if x.Kind == "grouping sets" {
			out = append(out, set)
		} else {
			parts = append(parts, set)
		}
	}
	switch x.Kind {
	case "rollup":
		for n := len(parts); n >= 0; n-- {
			out = append(out, union(parts[:n]...))
		}
	case "cube":
		if len(parts) > cubeMax {
			return nil, pgerr.At(at(x), pgerr.TooManyColumns, "CUBE is limited to %d elements", cubeMax)
		}
		for leave := range 1 << len(parts) { // the bits say which parts are left out, the last part being the lowest bit
			var set groupingSet
			for i, p := range parts {
				if leave>>(len(parts)-1-i)&1 == 0 {
					set = union(set, p)
				}
			}
			out = append(out, set)
		}
	}
	return out, nil
}

// distinctSets is GROUP BY DISTINCT: sets of the same members count once.
func (q *selecting) distinctSets(x *ast.GroupingSets, visible int) ([]groupingSet, error) {
	all := []groupingSet{{}}
	for _, list := range x.Sets {
		item, err := q.groupingItem(list[0], visible)
		if err != nil {
			return nil, err
		}
		if all, err = crossSets(all, item, at(x)); err != nil {
			return nil, err
		}
	}
	var out []groupingSet
	for _, set := range all {
		same := func(s groupingSet) bool { return len(s) == len(set) && len(union(s, set)) == len(s) }
		if !slices.ContainsFunc(out, same) {
			out = append(out, set)
		}
	}
	return out, nil
}

// union joins sets, each member once.
func union(sets ...groupingSet) groupingSet {
	out := groupingSet{}
	for _, s := range sets {
		for _, i := range s {
			if !slices.Contains(out, i) {
				out = append(out, i)
			}
		}
	}
	return out
}

// crossSets gives each combination of a set of either list: what two items of GROUP BY mean together.
func crossSets(l, r []groupingSet, pos int) ([]groupingSet, error) {
	if len(l)*len(r) > groupingSetsMax {
		return nil, pgerr.At(pos, pgerr.StatementTooComplex, "too many grouping sets present (maximum %d)", groupingSetsMax)
	}
	out := make([]groupingSet, 0, len(l)*len(r))
	for _, a := range l {
		for _, b := range r {
			out = append(out, union(a, b))
		}
	}
	return out, nil
}

// settleSets keeps the sets only if there are several; else groups become those of the one.
func (q *selecting) settleSets(sets []groupingSet) {
	if len(sets) > 1 {
		q.sets = sets
		return
	}
	var groups []expr.Expr
	for _, i := range sets[0] {
		groups = append(groups, q.groups[i])
	}
	q.groups = groups
}

// inAllSets reports whether a grouping expression is part of every set.
func (q *selecting) inAllSets(group int) bool {
	for _, s := range q.sets {
		if !slices.Contains(s, group) {
			return false
		}
	}
	return true
}

// grouping binds GROUPING(…): a placeholder, of type integer.
func (c *clause) grouping(x *ast.Call) (expr.Expr, error) {
	if c.groupings == nil || c.in != nil {
		return nil, pgerr.At(at(x), pgerr.GroupingError, "grouping operations are not allowed in %s", c.name)
	}
	if len(x.Args) == 0 {
		return nil, pgerr.At(at(x), pgerr.SyntaxError, "GROUPING needs an argument")
	}
	if len(x.Args) > groupingArgsMax {
		return nil, pgerr.At(at(x), pgerr.TooManyArguments, "GROUPING must have fewer than %d arguments", groupingArgsMax+1)
	}
	args, pos, err := c.list(x.Args)
	if err != nil {
		return nil, err
	}
	c.groupings.calls = append(c.groupings.calls, groupingCall{args, pos})
	return &expr.Column{Index: groupingBase + len(c.groupings.calls) - 1, Name: "grouping", T: types.T(types.Int4)}, nil
}

// groupingValue is what a GROUPING call gives: a bit for each argument that the row's set does not have.
func (q *selecting) groupingValue(call groupingCall, set *expr.Column) (expr.Expr, error) {
	var at []int
	for i, x := range call.args {
		g := indexExpr(q.groups, x)
		if g < 0 {
			return nil, pgerr.At(call.pos[i], pgerr.GroupingError, "arguments to GROUPING must be grouping expressions of the associated query level")
		}
		at = append(at, g)
	}
	int4 := func(v int64) expr.Expr { return &expr.Const{V: types.IntValue(v), T: types.T(types.Int4)} }
	if q.sets == nil {
		return int4(0), nil
	}
	out := &expr.Case{T: types.T(types.Int4), Else: int4(0)}
	for s, members := range q.sets {
		var bits int64
		for _, g := range at {
			bits <<= 1
			if !slices.Contains(members, g) {
				bits |= 1
			}
		}
		is, err := expr.ResolveOperator("=", set, constInt(int64(s)), pgerr.NoPos)
		if err != nil {
			return nil, err
		}
		out.Conds, out.Results = append(out.Conds, is), append(out.Results, int4(bits))
	}
	return out, nil
}

// expand puts the Expand of the sets on agg's input and lets agg group by its columns.
func (q *selecting) expand(agg *Aggregate) error {
	for _, call := range q.aggs.calls {
		for i, x := range call.args[:call.agg.Direct] {
			if len(expr.Columns(x)) > 0 {
				return pgerr.Unsupported(call.pos[i], "a direct argument that is a grouping column, with grouping sets")
			}
		}
	}
	in := agg.Input.Columns()
	e := &Expand{Input: agg.Input, Cols: agg.Keys, Out: append([]Column(nil), in...)}
	agg.Keys = nil
	for g, k := range e.Cols {
		c := in[k]
		c.NotNull = c.NotNull && q.inAllSets(g)
		agg.Keys = append(agg.Keys, len(e.Out))
		e.Out = append(e.Out, c)
	}
	agg.Keys = append(agg.Keys, len(e.Out))
	e.Out = append(e.Out, Column{Name: "grouping_set", Type: types.T(types.Int8), NotNull: true})
	for s, members := range q.sets {
		has := make([]bool, len(e.Cols))
		for _, g := range members {
			has[g] = true
		}
		e.Sets = append(e.Sets, has)
		if len(members) == 0 {
			key := make([]types.Value, len(e.Cols), len(e.Cols)+1)
			for i := range key {
				key[i] = types.Null
			}
			agg.Always = append(agg.Always, append(key, types.IntValue(int64(s))))
		}
	}
	agg.Input = e
	return nil
}

// same tells for each output column which column of the input has the same value in every set; -1: none.
func (n *Expand) same() []int {
	m := upTo(len(n.Input.Columns()))
	for k, c := range n.Cols {
		for _, set := range n.Sets {
			if !set[k] {
				c = -1
			}
		}
		m = append(m, c)
	}
	return append(m, -1)
}

// readsKept reports whether m keeps every column that e reads.
func readsKept(e expr.Expr, m []int) bool {
	return !slices.ContainsFunc(expr.Columns(e), func(c int) bool { return m[c] < 0 })
}

// pruneExpand keeps the grouping columns.
func pruneExpand(n *Expand, need []bool) (Node, []int) {
	width := len(n.Input.Columns())
	in, m := prune(n.Input, needing(width, need[:width], n.Cols...))
	e := *n
	e.Input, e.Cols = in, remapInts(n.Cols, m)
	e.Out = append(append([]Column(nil), in.Columns()...), n.Out[width:]...)
	out := append([]int(nil), m[:width]...)
	for i := width; i < len(n.Out); i++ {
		out = append(out, len(in.Columns())+i-width)
	}
	return &e, out
}

func describeExpand(n *Expand) string {
	s := "Expand sets=["
	for i, set := range n.Sets {
		if i > 0 {
			s += ", "
		}
		var cols []int
		for k, has := range set {
			if has {
				cols = append(cols, n.Cols[k])
			}
		}
		s += "(" + names(n.Input, cols) + ")"
	}
	return s + "]"
}
