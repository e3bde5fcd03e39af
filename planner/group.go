package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// bindGroup binds GROUP BY. A bare name is first a column of the input, then a select alias; a number is a place in
// the select list.
func (q *selecting) bindGroup() error {
	visible := q.visible()
	sets := []groupingSet{{}}
	for _, x := range q.s.GroupBy {
		item, err := q.groupingItem(x, visible)
		if err != nil {
			return err
		}
		if sets, err = crossSets(sets, item, at(x)); err != nil {
			return err
		}
	}
	q.settleSets(sets)
	if err := q.groupSubqueries(); err != nil {
		return err
	}
	if err := q.groupSets(); err != nil {
		return err
	}
	if len(q.groups) == 0 && q.sets == nil && len(q.aggs.calls) == 0 && q.having == nil {
		return nil
	}
	// ksqlDB's WINDOW clause groups by the window too.
	for _, w := range q.sc.from.window {
		for i := range q.sets {
			q.sets[i] = append(q.sets[i], len(q.groups))
		}
		q.groups = append(q.groups, w)
	}
	return nil
}

func (q *selecting) groupItem(x ast.Expr, visible int) (expr.Expr, error) {
	if _, ok := x.(*ast.Lit); ok {
		i, _, err := ordinal(x, "GROUP BY", visible)
		if err != nil {
			return nil, err
		}
		return q.knownItem(i)
	}
	c := q.clause("GROUP BY")
	c.subs = &q.post
	c.srf = &q.srf
	ref, ok := x.(*ast.Ref)
	if !ok || len(ref.Parts) != 1 {
		return c.expr(x)
	}
	e, err := c.expr(x)
	if err == nil || pgerr.Code(err) != pgerr.UndefinedColumn {
		return e, err
	}
	alias, aerr := q.outputItem(x, "GROUP BY", visible)
	if aerr != nil || alias != nil {
		return alias, aerr
	}
	return nil, err
}

// groupable refuses aggregates, subqueries and types without equality.
func groupable(e expr.Expr, pos int) error {
	for _, i := range expr.Columns(e) {
		switch {
		case i >= setBase:
		case i >= winBase:
			return pgerr.At(pos, pgerr.WindowingError, "window functions are not allowed in GROUP BY")
		case i >= subBase:
		case i >= aggBase:
			return pgerr.At(pos, pgerr.GroupingError, "aggregate functions are not allowed in GROUP BY")
		}
	}
	return needEquality(e.Type(), pos)
}

// aggregate puts the aggregation on the node and rewrites the output expressions over it.
func (q *selecting) aggregate() error {
	scalar := len(q.groups) == 0 && q.sets == nil
	if !q.sc.wantMeta {
		q.dropHidden()
	}
	q.dropNullGroups()
	outputs := q.outputs()
	prefix := len(q.groups)
	q.addDependents(outputs)
	found := map[expr.Expr]int{}
	if err := q.checkDirect(); err != nil {
		return err
	}
	for _, o := range outputs {
		if err := q.matchGroups(*o.x, o.pos, found); err != nil {
			if c, ok := (*o.x).(*expr.Column); ok && q.readByQuery(o.x) {
				return pgerr.At(o.pos, pgerr.GroupingError, "subquery uses ungrouped column %s from outer query", quoted(c.Name))
			}
			return err
		}
	}
	agg, err := q.aggregateNode(scalar)
	if err != nil {
		return err
	}
	if prefix < len(q.groups) && q.sets == nil {
		agg.KeyPrefix = prefix
	}
	q.node = agg
	out := q.node.Columns()
	keys := len(agg.Keys)
	var groupings []expr.Expr
	for _, call := range q.calls {
		set := &expr.Column{Index: keys - 1, T: types.T(types.Int8)}
		x, err := q.groupingValue(call, set)
		if err != nil {
			return err
		}
		groupings = append(groupings, x)
	}
	for _, o := range outputs {
		*o.x = expr.Rewrite(*o.x, func(x expr.Expr) expr.Expr {
			if i, ok := found[x]; ok {
				return &expr.Column{Index: i, Name: groupName(q.groups[i]), T: out[i].Type}
			}
			if c, ok := x.(*expr.Column); ok && c.Index >= groupingBase && c.Index < subBase {
				return groupings[c.Index-groupingBase]
			}
			if c, ok := x.(*expr.Column); ok && c.Index >= aggBase && c.Index < subBase {
				i := keys + c.Index - aggBase
				return &expr.Column{Index: i, Name: c.Name, T: c.T}
			}
			return x
		})
	}
	return nil
}

func groupName(x expr.Expr) string {
	if c, ok := x.(*expr.Column); ok {
		return c.Name
	}
	return ""
}

// placed is an expression to rewrite and where it stands.
type placed struct {
	x   *expr.Expr
	pos int
}

// outputs lists every expression that is computed over the aggregation.
func (q *selecting) outputs() []placed {
	var out []placed
	for i := range q.items {
		out = append(out, placed{x: &q.items[i].x, pos: q.items[i].pos})
	}
	if q.having != nil {
		out = append(out, placed{x: &q.having, pos: at(q.s.Having)})
	}
	for i := range q.order {
		out = append(out, placed{x: &q.order[i].x, pos: q.order[i].pos})
	}
	for _, w := range q.wins.calls {
		for i := range w.args {
			out = append(out, placed{x: &w.args[i], pos: pgerr.NoPos})
		}
		for i := range w.spec.partition {
			out = append(out, placed{x: &w.spec.partition[i], pos: pgerr.NoPos})
		}
		for i := range w.spec.order {
			out = append(out, placed{x: &w.spec.order[i].x, pos: w.spec.order[i].pos})
		}
		if w.filter != nil {
			out = append(out, placed{x: &w.filter, pos: pgerr.NoPos})
		}
	}
	for i := range q.on {
		out = append(out, placed{x: &q.on[i], pos: at(q.s.DistinctOn[i])})
	}
	for _, s := range q.post.list {
		if s.done {
			continue
		}
		for _, x := range s.exprs() {
			out = append(out, placed{x: x, pos: q.b.outerPos(s, x)})
		}
	}
	return append(out, q.setOutputs()...)
}

// addDependents groups also by columns of a table whose whole primary key is grouped by: they depend on it, so the
// groups stay the same.
func (q *selecting) addDependents(outputs []placed) {
	for _, r := range q.sc.from.rels {
		if len(r.key) == 0 {
			continue
		}
		whole := true
		for _, k := range r.key {
			g := indexExpr(q.groups, r.cols[k].x)
			whole = whole && g >= 0 && q.inAllSets(g)
		}
		if !whole {
			continue
		}
		for _, o := range outputs {
			expr.Walk(*o.x, func(x expr.Expr) bool {
				for _, c := range r.cols {
					if expr.EqualExpr(c.x, x) && !containsExpr(q.groups, x) {
						for i := range q.sets {
							q.sets[i] = append(q.sets[i], len(q.groups))
						}
						q.groups = append(q.groups, x)
						break
					}
				}
				return true
			})
		}
	}
}

// matchGroups records which nodes of an output expression are grouping expressions; a column outside of them is an
// error, but for placeholders.
func (q *selecting) matchGroups(e expr.Expr, pos int, found map[expr.Expr]int) (err error) {
	expr.Walk(e, func(x expr.Expr) bool {
		if err != nil {
			return false
		}
		if i := indexExpr(q.groups, x); i >= 0 {
			found[x] = i
			return false
		}
		if c, ok := x.(*expr.Column); ok && c.Index < aggBase {
			if p, ok := q.refs[c]; ok {
				pos = p
			}
			err = pgerr.At(pos, pgerr.GroupingError,
				"column %s must appear in the GROUP BY clause or be used in an aggregate function", quoted(c.Name))
		}
		return true
	})
	return err
}

// checkDirect demands that direct arguments of ordered-set aggregates are the same in a whole group.
func (q *selecting) checkDirect() error {
	for _, call := range q.aggs.calls {
		for i, x := range call.args[:call.agg.Direct] {
			if err := q.matchGroups(x, call.pos[i], map[expr.Expr]int{}); err != nil {
				e := *pgerr.From(err)
				e.Detail = "Direct arguments of an ordered-set aggregate must use only grouped columns."
				return &e
			}
		}
	}
	return nil
}

// aggregateNode computes the grouping expressions, arguments, filters and sort keys below, and aggregates over them.
func (q *selecting) aggregateNode(scalar bool) (*Aggregate, error) {
	input, resolve, err := q.pre.attach(q.node)
	if err != nil {
		return nil, err
	}
	in := input.Columns()
	p := &Project{Input: input}
	plain := true
	col := func(x expr.Expr) int {
		x = resolve(x)
		if i := indexExpr(p.Exprs, x); i >= 0 {
			return i
		}
		name := ""
		if c, ok := x.(*expr.Column); ok {
			name = in[c.Index].Name
		} else {
			plain = false
		}
		return p.add(name, x, in)
	}
	agg := &Aggregate{Scalar: scalar, Keep: q.sc.wantMeta && q.sc.from.origin.table}
	for _, g := range q.groups {
		agg.Keys = append(agg.Keys, col(g))
	}
	for _, call := range q.aggs.calls {
		a := AggCall{Agg: call.agg, Distinct: call.distinct, Filter: -1, NotNull: len(call.args) > 0}
		for _, x := range call.args {
			a.Args = append(a.Args, col(x))
			a.NotNull = a.NotNull && notNull(resolve(x), in)
		}
		if call.filter != nil {
			a.Filter = col(call.filter)
		}
		for _, o := range call.order {
			a.Order = append(a.Order, SortKey{Col: col(o.x), Desc: o.desc, NullsFirst: o.nullsFirst})
		}
		agg.Aggs = append(agg.Aggs, a)
	}
	agg.Input = p
	if q.sets != nil {
		if err := q.expand(agg); err != nil {
			return nil, err
		}
		plain = false
	}
	for _, k := range agg.Keys {
		agg.Out = append(agg.Out, agg.Input.Columns()[k])
	}
	for _, a := range agg.Aggs {
		agg.Out = append(agg.Out, Column{Name: a.Agg.Name, Type: a.Agg.Result, NotNull: a.Agg.Name == "count"})
	}
	if plain {
		return overInput(agg, p), nil
	}
	return agg, nil
}

// overInput lets an aggregation over a projection of plain columns read the projection's input itself.
func overInput(agg *Aggregate, p *Project) *Aggregate {
	m := make([]int, len(p.Exprs))
	for i, x := range p.Exprs {
		m[i] = x.(*expr.Column).Index
	}
	return remapAggregate(agg, p.Input, m)
}

// remapAggregate returns agg over another input, column i of the old one being m[i] of the new.
func remapAggregate(agg *Aggregate, input Node, m []int) *Aggregate {
	n := *agg
	n.Input = input
	n.Keys = remapInts(agg.Keys, m)
	n.Aggs = make([]AggCall, len(agg.Aggs))
	for i, a := range agg.Aggs {
		a.Args = remapInts(a.Args, m)
		if a.Filter >= 0 {
			a.Filter = m[a.Filter]
		}
		a.Order = remapOrder(a.Order, m)
		n.Aggs[i] = a
	}
	return &n
}

func remapInts(xs, m []int) []int {
	if xs == nil {
		return nil
	}
	out := make([]int, len(xs))
	for i, x := range xs {
		out[i] = m[x]
	}
	return out
}

func remapOrder(xs []SortKey, m []int) []SortKey {
	if xs == nil {
		return nil
	}
	out := append([]SortKey(nil), xs...)
	for i := range out {
		out[i].Col = m[out[i].Col]
	}
	return out
}
