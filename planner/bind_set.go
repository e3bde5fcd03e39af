package planner

import (
	"slices"
	"strings"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// setBase is where the column numbers of placeholders for the columns of set-returning functions start.
const setBase = 1 << 27

// setSet collects the set-returning functions of a select list and of what is computed beside it.
type setSet struct {
	uses  []*setUse
	width int
}

// setUse is one call; its columns are placeholders from setBase+first on.
type setUse struct {
	call  *expr.SetCall
	first int
	done  bool // it is in the plan, and its placeholders are replaced
}

// add takes a call in and returns its value: its column, or its columns as a row. Equal calls are computed once.
func (s *setSet) add(call *expr.SetCall) expr.Expr {
	i := slices.IndexFunc(s.uses, func(u *setUse) bool {
		return !u.done && u.call.Func == call.Func && slices.EqualFunc(u.call.Args, call.Args, expr.EqualExpr)
	})
	if i < 0 || call.Func.Vol == expr.Volatile {
		i = len(s.uses)
		s.uses = append(s.uses, &setUse{call: call, first: s.width})
		s.width += len(call.Cols)
	}
	cols := make([]expr.Expr, len(call.Cols))
	t := types.T(types.Record)
	for k, c := range call.Cols {
		cols[k] = &expr.Column{Index: setBase + s.uses[i].first + k, Name: call.Func.Name, T: c.Type}
		t.Fields = append(t.Fields, types.Field{Name: c.Name, Type: c.Type})
	}
	if len(cols) == 1 {
		return cols[0]
	}
	return &expr.RecordOf{Args: cols, T: t}
}

// readsSet reports an expression whose value is a set's.
func readsSet(e expr.Expr) bool {
	cols := expr.Columns(e)
	return len(cols) > 0 && cols[len(cols)-1] >= setBase
}

const hintLateral = "You might be able to move the set-returning function into a LATERAL FROM item."

// setReturning binds a call of a set-returning function; nil, nil: the name is none's.
func (c *clause) setReturning(x *ast.Call, name []string) (expr.Expr, error) {
	fn := name[len(name)-1]
	if !expr.IsSetReturning(fn) || c.b.dialect().IsScalar(fn) {
		return nil, nil
	}
	switch {
	case c.in != nil:
		return nil, pgerr.At(at(x), pgerr.FeatureNotSupported, "aggregate function calls cannot contain set-returning function calls").WithHint(hintLateral)
	case c.name == "functions in FROM":
		return nil, pgerr.At(at(x), pgerr.FeatureNotSupported, "set-returning functions must appear at top level of FROM")
	case c.srf == nil:
		return nil, pgerr.At(at(x), pgerr.FeatureNotSupported, "set-returning functions are not allowed in %s", c.name)
	case c.within != "":
		return nil, pgerr.At(at(x), pgerr.FeatureNotSupported, "set-returning functions are not allowed in %s", c.within).WithHint(hintLateral)
	}
	args, _, err := c.list(x.Args)
	if err != nil {
		return nil, err
	}
	call, err := expr.ResolveSetFunction(name, args, at(x))
	if call == nil || err != nil {
		return nil, err
	}
	if err := notAnAggregate(x, name); err != nil {
		return nil, err
	}
	for i, a := range call.Args {
		call.Args[i] = c.b.settle(a)
	}
	return c.srf.add(call), nil
}

// inside is the clause within a construct whose arms may not be computed: sets are refused there.
func (c *clause) inside(what string) *clause {
	n := *c
	n.within = what
	return &n
}

// notSet refuses a set as an operand of AND, OR, NOT or IN.
func notSet(x expr.Expr, what string, pos int) error {
	if readsSet(x) {
		return pgerr.At(pos, pgerr.DatatypeMismatch, "argument of %s must not return a set", what)
	}
	return nil
}

// attach puts the functions on node, those whose arguments read others above them, and returns resolve extended by the
// function that turns placeholders into columns. Only which of them are wanted; nil: all.
func (s *setSet) attach(node Node, resolve func(expr.Expr) expr.Expr, which func(*setUse) bool) (Node, func(expr.Expr) expr.Expr) {
	at := map[int]int{} // columns by placeholder
	place := func(e expr.Expr) expr.Expr { return atPlaces(e, at) }
	for {
		var calls []*expr.SetCall
		now := map[int]int{}
		width := len(node.Columns())
		for _, u := range s.uses {
			args := mapExprs(u.call.Args, func(e expr.Expr) expr.Expr { return place(resolve(e)) })
			if u.done || which != nil && !which(u) || slices.ContainsFunc(args, readsSet) {
				continue
			}
			u.done = true
			calls = append(calls, u.call.WithArgs(args))
			for i := range u.call.Cols {
				now[setBase+u.first+i] = width
				width++
			}
		}
		if len(calls) == 0 {
			return node, func(e expr.Expr) expr.Expr { return place(resolve(e)) }
		}
		node = newProjectSet(node, calls, false, false)
		for ph, i := range now {
			at[ph] = i
		}
	}
}

// groupSets computes the set-returning functions that the query groups by before it groups.
func (q *selecting) groupSets() error {
	wanted := map[int]bool{}
	var want func(e expr.Expr)
	want = func(e expr.Expr) {
		for _, c := range expr.Columns(e) {
			if c < setBase || wanted[c] {
				continue
			}
			for _, u := range q.srf.uses {
				if i := c - setBase; i >= u.first && i < u.first+len(u.call.Cols) {
					wanted[setBase+u.first] = true
					for _, a := range u.call.Args {
						want(a)
					}
				}
			}
		}
	}
	for _, g := range q.groups {
		want(g)
	}
	if len(wanted) == 0 {
		return nil
	}
	for _, u := range q.srf.uses {
		for _, a := range u.call.Args {
			if cols := expr.Columns(a); wanted[setBase+u.first] && slices.ContainsFunc(cols, func(c int) bool { return c >= aggBase && c < setBase }) {
				return pgerr.Unsupported(u.call.Pos, "GROUP BY a set-returning function of an aggregate or a subquery")
			}
		}
	}
	same := func(e expr.Expr) expr.Expr { return e }
	node, resolve := q.srf.attach(q.node, same, func(u *setUse) bool { return wanted[setBase+u.first] })
	q.node = node
	for i := range q.groups {
		q.groups[i] = resolve(q.groups[i])
	}
	for _, o := range q.outputs() {
		*o.x = resolve(*o.x)
	}
	return nil
}

// setOutputs are the arguments of the functions that are computed after aggregation.
func (q *selecting) setOutputs() []placed {
	var out []placed
	for _, u := range q.srf.uses {
		for i := range u.call.Args {
			if !u.done {
				out = append(out, placed{x: &u.call.Args[i], pos: u.call.Pos})
			}
		}
	}
	return out
}

// isConstruct reports the calls whose arguments are computed only where they are needed.
func isConstruct(name []string) bool { return len(name) == 1 && strings.EqualFold(name[0], "coalesce") }

// needColumns are PostgreSQL's functions whose columns come from a column definition list or a composite type.
var needColumns = map[string]bool{"json_populate_recordset": true,
	"jsonb_populate_recordset": true, "json_to_record": true, "jsonb_to_record": true, "json_to_recordset": true, "jsonb_to_recordset": true}
