package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// subSet collects the subqueries of a clause's expressions. Each is joined to the clause's input (attach); until then
// its columns are placeholders, base and up.
type subSet struct {
	base  int
	list  []*sub
	width int
}

// sub is one subquery and how it is joined: a cross join of exactly one row, or a left join of at most one row per
// input row.
type sub struct {
	node Node
	kind JoinKind
	on   expr.Expr // over the input (and placeholders before this one), then the sub's own placeholders; or nil
}

// add takes a subquery in and returns its placeholder columns.
func (s *subSet) add(node Node, kind JoinKind) (*sub, []expr.Expr) {
	q := &sub{node: node, kind: kind}
	var cols []expr.Expr
	for _, c := range node.Columns() {
		cols = append(cols, &expr.Column{Index: s.base + s.width, Name: c.Name, T: c.Type})
		s.width++
	}
	s.list = append(s.list, q)
	return q, cols
}

// attach joins the subqueries to node and returns the function that turns placeholders into its columns.
func (s *subSet) attach(node Node) (Node, func(expr.Expr) expr.Expr) {
	width := len(node.Columns())
	resolve := func(e expr.Expr) expr.Expr {
		return expr.Rewrite(e, func(x expr.Expr) expr.Expr {
			if c, ok := x.(*expr.Column); ok && c.Index >= s.base && c.Index < s.base+s.width {
				return &expr.Column{Index: width + c.Index - s.base, Name: c.Name, T: c.T}
			}
			return x
		})
	}
	for _, q := range s.list {
		var on expr.Expr
		if q.on != nil {
			on = resolve(q.on)
		}
		node = newJoin(q.kind, node, q.node, on)
	}
	if len(s.list) == 0 {
		return node, func(e expr.Expr) expr.Expr { return e }
	}
	return node, resolve
}

// subquery binds a query inside an expression; it may not refer to the scope around it.
func (c *clause) subquery(q ast.Query) (Node, error) {
	if c.subs == nil {
		return nil, pgerr.Unsupported(at(q), "a subquery in %s", c.name)
	}
	sc := &scope{parent: c.sc}
	if c.sc != nil {
		sc.ctes = c.sc.ctes
	}
	return c.b.bindQuery(q, sc, false)
}

// scalarSubquery is (SELECT …) as a value: NULL without a row. That it cannot have two must be plain from its shape.
func (c *clause) scalarSubquery(x *ast.Subquery) (expr.Expr, error) {
	node, err := c.subquery(x.Query)
	if err != nil {
		return nil, err
	}
	if len(node.Columns()) != 1 {
		return nil, pgerr.At(at(x), pgerr.SyntaxError, "subquery must return only one column")
	}
	if node, err = c.b.resolveUnknown(node); err != nil {
		return nil, err
	}
	p := PropsOf(node)
	if p.Key == nil || len(p.Key) > 0 {
		return nil, pgerr.Unsupported(at(x), "a scalar subquery that may return more than one row").
			WithHint("Use an aggregate, LIMIT 1, or a condition on the whole primary key.")
	}
	kind := Left
	if exactlyOneRow(node) {
		kind = Inner
	}
	_, cols := c.subs.add(node, kind)
	return cols[0], nil
}

// exactlyOneRow reports nodes that always have one row.
func exactlyOneRow(n Node) bool {
	switch n := n.(type) {
	case *Aggregate:
		return n.Scalar
	case *Project:
		return exactlyOneRow(n.Input)
	case *Values:
		return len(n.Rows) == 1
	}
	return false
}

// exists is [NOT] EXISTS (query): a count of the query's rows, compared with zero.
func (c *clause) exists(x *ast.Exists) (expr.Expr, error) {
	node, err := c.subquery(x.Query)
	if err != nil {
		return nil, err
	}
	count, err := c.counts(node, at(x))
	if err != nil {
		return nil, err
	}
	op := ">"
	if x.Not {
		op = "="
	}
	return c.b.dialect().Operator(op, count[0], constInt(0), at(x))
}

// counts joins in count(*) and, when node has one column, count(column) of a node.
func (c *clause) counts(node Node, pos int) ([]expr.Expr, error) {
	star, _, err := expr.ResolveAggregate([]string{"count"}, nil, true, pos)
	if err != nil {
		return nil, err
	}
	agg := &Aggregate{Input: node, Scalar: true}
	agg.Aggs = []AggCall{{Agg: star, Filter: -1}}
	agg.Out = []Column{{Name: "count", Type: star.Result, NotNull: true}}
	if cols := node.Columns(); len(cols) == 1 {
		one, _, err := expr.ResolveAggregate([]string{"count"}, []expr.Expr{column(cols, 0)}, false, pos)
		if err != nil {
			return nil, err
		}
		agg.Aggs = append(agg.Aggs, AggCall{Agg: one, Args: []int{0}, Filter: -1})
		agg.Out = append(agg.Out, Column{Name: "count", Type: one.Result, NotNull: true})
	}
	_, cols := c.subs.add(agg, Inner)
	return cols, nil
}

// inQuery is x [NOT] IN (query) as a value. The query's different values, each with a mark, are left-joined; without
// a match the answer is false only if no NULL is involved:
//
//	CASE WHEN mark THEN true WHEN count(*) = 0 THEN false WHEN x IS NULL OR count(q) < count(*) THEN NULL ELSE false END
func (c *clause) inQuery(left ast.Expr, q ast.Query, not bool, pos int) (expr.Expr, error) {
	x, node, err := c.inOperands(left, q, pos)
	if err != nil {
		return nil, err
	}
	cols := node.Columns()
	eq, err := equality(x, column(cols, 0), pos)
	if err != nil {
		return nil, err
	}
	x = eq.Args[0]
	values := &Project{Input: node, Exprs: []expr.Expr{eq.Args[1]}, Out: []Column{{Name: cols[0].Name, Type: eq.Args[1].Type()}}}
	marked := &Project{Input: &Distinct{Input: values}, Exprs: []expr.Expr{column(values.Out, 0), constBool(true)},
		Out: []Column{values.Out[0], {Name: "mark", Type: boolType}}}
	counts, err := c.counts(values, pos)
	if err != nil {
		return nil, err
	}
	s, ph := c.subs.add(marked, Left)
	s.on = &expr.Call{Func: eq.Func, Args: []expr.Expr{x, ph[0]}, T: eq.T, Pos: eq.Pos}
	none, err := c.b.dialect().Operator("=", counts[0], constInt(0), pos)
	if err != nil {
		return nil, err
	}
	someNull, err := c.b.dialect().Operator("<", counts[1], counts[0], pos)
	if err != nil {
		return nil, err
	}
	unknown := expr.Or(&expr.Is{X: x, What: "null"}, someNull)
	var out expr.Expr = &expr.Case{T: boolType, Conds: []expr.Expr{ph[1], none, unknown},
		Results: []expr.Expr{constBool(true), constBool(false), constNull(boolType)}, Else: constBool(false)}
	if not {
		out = &expr.Not{X: out}
	}
	return out, nil
}

// inOperands binds both sides of IN (query).
func (c *clause) inOperands(left ast.Expr, q ast.Query, pos int) (expr.Expr, Node, error) {
	if row, ok := left.(*ast.RowLit); ok {
		return nil, nil, pgerr.Unsupported(at(row), "a row on the left of IN (subquery)")
	}
	x, err := c.expr(left)
	if err != nil {
		return nil, nil, err
	}
	node, err := c.subquery(q)
	if err != nil {
		return nil, nil, err
	}
	switch n := len(node.Columns()); {
	case n > 1:
		return nil, nil, pgerr.At(pos, pgerr.SyntaxError, "subquery has too many columns")
	case n < 1:
		return nil, nil, pgerr.At(pos, pgerr.SyntaxError, "subquery has too few columns")
	}
	if node, err = c.b.resolveUnknown(node); err != nil {
		return nil, nil, err
	}
	return x, node, nil
}

// equality resolves l = r to a call whose arguments have the types the operator takes.
func equality(l, r expr.Expr, pos int) (*expr.Call, error) {
	e, err := expr.ResolveOperator("=", l, r, pos)
	if err != nil {
		return nil, err
	}
	call, ok := e.(*expr.Call)
	if !ok || len(call.Args) != 2 {
		return nil, pgerr.Unsupported(pos, "comparing type %s with a subquery", l.Type())
	}
	return call, nil
}

// semiJoin handles a conjunct of WHERE that is x IN (query), or x NOT IN (query) where no NULL can be involved: a semi
// or anti join instead of a value. ok is false when the conjunct is none of these.
func (c *clause) semiJoin(cond ast.Expr, node Node) (out Node, ok bool, err error) {
	not := false
	if u, isNot := cond.(*ast.Unary); isNot && u.Op == "not" {
		not, cond = true, u.X
	}
	in, isIn := cond.(*ast.In)
	if q, isAny := cond.(*ast.Quantified); isAny && q.Query != nil && q.Op == "=" && !q.All {
		in, isIn = &ast.In{Pos: q.Pos, X: q.X, Query: q.Query}, true
	}
	if !isIn || in.Query == nil {
		return node, false, nil
	}
	not = not != in.Not
	before := *c.subs
	x, sub, err := c.inOperands(in.X, in.Query, at(in))
	if err != nil {
		return nil, false, err
	}
	nested := c.subs.width != before.width
	if nested || not && !(notNull(x, node.Columns()) && sub.Columns()[0].NotNull) {
		*c.subs = before
		return node, false, nil
	}
	cols := sub.Columns()
	eq, err := c.b.dialect().Operator("=", x, &expr.Column{Index: len(node.Columns()), Name: cols[0].Name, T: cols[0].Type}, at(in))
	if err != nil {
		return nil, false, pgerr.WithPos(err, at(in))
	}
	kind := Semi
	if not {
		kind = Anti
	}
	return newJoin(kind, node, sub, c.b.settle(eq)), true, nil
}

// notNull reports expressions that are NULL on no row. Anything that can fail is not among them: in a view a failing
// expression gives NULL.
func notNull(e expr.Expr, cols []Column) bool {
	switch e := e.(type) {
	case *expr.Column:
		return e.Index < len(cols) && cols[e.Index].NotNull
	case *expr.Const:
		return !e.V.Null
	case *expr.Is:
		return true
	case *expr.Not:
		return notNull(e.X, cols)
	case *expr.Logic:
		for _, a := range e.Args {
			if !notNull(a, cols) {
				return false
			}
		}
		return true
	case *expr.Cast:
		return notNull(e.X, cols) && widening(e.X.Type(), e.T)
	case *expr.Coalesce:
		for _, a := range e.Args {
			if notNull(a, cols) {
				return true
			}
		}
	case *expr.Call:
		if !comparisons[e.Func.Name] {
			return false
		}
		for _, a := range e.Args {
			if !notNull(a, cols) {
				return false
			}
		}
		return true
	}
	return false
}

// comparisons are the operators that never fail and give NULL only for NULL.
var comparisons = map[string]bool{"=": true, "<>": true, "<": true, "<=": true, ">": true, ">=": true}

// widening reports casts that cannot fail.
func widening(from, to types.Type) bool {
	switch {
	case from.IsInteger() && to.IsInteger():
		return from.Kind <= to.Kind
	case from.IsInteger():
		return to.Kind == types.Numeric && to.Prec == 0 || to.Kind == types.Float8
	case from.IsString():
		return to.Kind == types.Text
	}
	return false
}
