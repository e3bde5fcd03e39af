package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// operands binds both sides of x op ANY (query); x may be a row.
func (c *clause) operands(left ast.Expr, q ast.Query, pos int) ([]expr.Expr, inner, error) {
	xs := []ast.Expr{left}
	if row, ok := left.(*ast.RowLit); ok {
		xs = row.Elems
	}
	ls, ps, err := c.list(xs)
	if err != nil {
		return nil, inner{}, err
	}
	in, err := c.subquery(q)
	if err != nil {
		return nil, inner{}, err
	}
	cols := in.node.Columns()
	switch {
	case len(cols) > len(ls):
		return nil, inner{}, pgerr.At(pos, pgerr.SyntaxError, "subquery has too many columns")
	case len(cols) < len(ls):
		return nil, inner{}, pgerr.At(pos, pgerr.SyntaxError, "subquery has too few columns")
	}
	for i, x := range ls { // untyped literals and parameters take the query's type
		if x.Type().Kind == types.Unknown {
			if ls[i], err = c.b.castTo(x, cols[i].Type, types.Implicit, ps[i]); err != nil {
				return nil, inner{}, err
			}
		}
	}
	return ls, in, nil
}

// inQuery is x [NOT] IN (query) as a value.
func (c *clause) inQuery(left ast.Expr, q ast.Query, not bool, pos int) (expr.Expr, error) {
	return c.quantifiedQuery(&ast.Quantified{Pos: ast.Pos(pos), X: left, Op: map[bool]string{false: "=", true: "<>"}[not], All: not, Query: q})
}

// quantifiedQuery is x op ANY|ALL (query) as a value.
func (c *clause) quantifiedQuery(x *ast.Quantified) (expr.Expr, error) {
	ls, in, err := c.operands(x.X, x.Query, at(x))
	if err != nil {
		return nil, err
	}
	member := x.Op == "=" && !x.All || x.Op == "<>" && x.All
	if member && len(ls) == 1 && len(c.b.free(in.node, in.sc)) == 0 {
		return c.member(ls[0], in, x.All, at(x))
	}
	for i, l := range ls {
		if len(expr.Columns(l)) > 0 {
			ls[i] = c.b.outer(in.sc, l, l.String(), at(x))
		}
	}
	test, err := c.compareRows(x.Op, ls, columns(in.node), at(x))
	if err != nil {
		return nil, err
	}
	if test, err = c.b.boolean(test, "op ANY/ALL", at(x)); err != nil {
		return nil, err
	}
	p := &Project{Input: in.node}
	p.add("", test, in.node.Columns())
	agg := &Aggregate{Input: p, Scalar: true}
	for _, call := range []struct {
		name string
		args []int
	}{{"count", nil}, {"count", []int{0}}, {map[bool]string{false: "bool_or", true: "bool_and"}[x.All], []int{0}}} {
		if err := agg.call(call.name, call.args, at(x)); err != nil {
			return nil, err
		}
	}
	ph := c.join(in, agg, Inner)
	someNull, err := c.b.dialect().Operator("<", ph[1], ph[0], at(x))
	if err != nil {
		return nil, err
	}
	decided := expr.Expr(&expr.Is{X: ph[2], What: map[bool]string{false: "true", true: "false"}[x.All]})
	return &expr.Case{T: boolType, Conds: []expr.Expr{decided, someNull},
		Results: []expr.Expr{constBool(!x.All), constNull(boolType)}, Else: constBool(x.All)}, nil
}

// compareRows compares values, or rows of them, with an operator.
func (c *clause) compareRows(op string, ls, rs []expr.Expr, pos int) (expr.Expr, error) {
	if len(ls) == 1 {
		e, err := c.b.dialect().Operator(operatorName(op), ls[0], rs[0], pos)
		if err != nil {
			return nil, err
		}
		return c.b.settle(e), nil
	}
	return c.compareLists(op, ls, rs, pos)
}

// rowSubquery is (a, b) op (SELECT x, y …).
func (c *clause) rowSubquery(x *ast.Binary, l *ast.RowLit, q *ast.Subquery) (expr.Expr, error) {
	ls, in, err := c.operands(l, q.Query, at(q))
	if err != nil {
		return nil, err
	}
	rs, err := c.single(in)
	if err != nil {
		return nil, err
	}
	return c.compareLists(x.Op, ls, rs, int(x.OpPos))
}

// operatorName is an operator as the registry spells it.
func operatorName(op string) string {
	if n, ok := operatorNames[op]; ok {
		return n
	}
	return op
}

// member is x [NOT] IN (query) for a query that is the same for all rows. The query's different values, each with a
// mark, are left-joined; without a match the answer is false only if no NULL is involved:
//
//	CASE WHEN mark THEN true WHEN count(*) = 0 THEN false WHEN x IS NULL OR count(q) < count(*) THEN NULL ELSE false END
func (c *clause) member(x expr.Expr, in inner, not bool, pos int) (expr.Expr, error) {
	cols := in.node.Columns()
	eq, err := equality(x, column(cols, 0), pos)
	if err != nil {
		return nil, err
	}
	x = eq.Args[0]
	values := &Project{Input: in.node, Exprs: []expr.Expr{eq.Args[1]}, Out: []Column{{Name: cols[0].Name, Type: eq.Args[1].Type()}}}
	marked := &Project{Input: &Distinct{Input: values}, Exprs: []expr.Expr{column(values.Out, 0), constBool(true)},
		Out: []Column{values.Out[0], {Name: "mark", Type: boolType}}}
	agg := &Aggregate{Input: values, Scalar: true}
	for _, args := range [][]int{nil, {0}} {
		if err := agg.call("count", args, pos); err != nil {
			return nil, err
		}
	}
	counts := c.join(in, agg, Inner)
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

// semiJoin handles a conjunct of WHERE that is [NOT] EXISTS (query), x IN (query), or x NOT IN (query) where no NULL can
// be involved: a semi or anti join (without its left side, whose columns are cols) instead of a value. nil: the conjunct
// is none of these.
func (c *clause) semiJoin(cond ast.Expr, cols []Column) (*pendingJoin, error) {
	not := false
	for {
		u, isNot := cond.(*ast.Unary)
		if !isNot || u.Op != "not" {
			break
		}
		not, cond = !not, u.X
	}
	p := &pendingJoin{j: dependentJoin{kind: Semi}}
	switch x := cond.(type) {
	case *ast.Exists:
		in, err := c.subquery(x.Query)
		if err != nil {
			return nil, err
		}
		if not = not != x.Not; len(c.b.free(in.node, in.sc)) == 0 {
			if in.node, err = anyRow(in, not); err != nil {
				return nil, err
			}
			not = false
		}
		p.in = in
	case *ast.In:
		if x.Query == nil {
			return nil, nil
		}
		not = not != x.Not
		if ok, err := c.semiIn(p, x, not, cols); !ok {
			return nil, err
		}
	case *ast.Quantified:
		if x.Query == nil || x.Op != "=" || x.All {
			return nil, nil
		}
		if ok, err := c.semiIn(p, &ast.In{Pos: x.Pos, X: x.X, Query: x.Query}, not, cols); !ok {
			return nil, err
		}
	default:
		return nil, nil
	}
	if not {
		p.j.kind = Anti
	}
	p.j.ids = c.b.free(p.in.node, p.in.sc)
	p.j.outer = c.b.expressions(p.j.ids)
	return p, nil
}

// anyRow has one row if the subquery has any (not: none), the same for all rows of the query around it, else none.
func anyRow(in inner, not bool) (Node, error) {
	agg := &Aggregate{Input: in.node, Scalar: true}
	if err := agg.call("count", nil, in.pos); err != nil {
		return nil, err
	}
	op := ">"
	if not {
		op = "="
	}
	pred, err := expr.ResolveOperator(op, column(agg.Out, 0), constInt(0), in.pos)
	return &Filter{Input: agg, Pred: pred}, err
}

// pendingJoin is a semi or anti join that waits for its left side.
type pendingJoin struct {
	j  dependentJoin
	in inner
}

// over joins node.
func (p *pendingJoin) over(node Node) (Node, error) {
	p.j.left, p.j.base = node, node
	out, err := p.j.join(p.in.node)
	return out, pgerr.WithPos(err, p.in.pos)
}

// semiIn sets p to x [NOT] IN (query), unless NULLs matter or x has a subquery itself.
func (c *clause) semiIn(p *pendingJoin, x *ast.In, not bool, cols []Column) (bool, error) {
	before := *c.subs
	ls, in, err := c.operands(x.X, x.Query, at(x))
	if err != nil {
		return false, err
	}
	rs := make([]expr.Expr, len(ls))
	usable := c.subs.width == before.width
	for i, col := range in.node.Columns() {
		rs[i] = &expr.Column{Index: len(cols) + i, Name: col.Name, T: col.Type}
		usable = usable && usesOnly(ls[i], 0, len(cols)) && (!not || notNull(ls[i], cols) && col.NotNull)
	}
	if !usable {
		*c.subs = before
		return false, nil
	}
	p.in = in
	p.j.on, err = c.compareRows("=", ls, rs, at(x))
	return err == nil, err
}
