package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
)

// Rows have no type of their own here; comparisons of row constructors are taken apart column by column.

// rowCompare is (a, b) op (c, d) for the comparison operators. As in PostgreSQL the columns are compared from the left
// until a pair differs or has a NULL.
func (c *clause) rowCompare(x *ast.Binary, l, r *ast.RowLit) (expr.Expr, error) {
	if len(l.Elems) != len(r.Elems) {
		return nil, pgerr.At(at(x), pgerr.SyntaxError, "unequal number of entries in row expressions")
	}
	if len(l.Elems) == 0 {
		return nil, pgerr.At(at(x), pgerr.FeatureNotSupported, "cannot compare rows of zero length")
	}
	ls, _, err := c.list(l.Elems)
	if err != nil {
		return nil, err
	}
	rs, _, err := c.list(r.Elems)
	if err != nil {
		return nil, err
	}
	return c.compareLists(x.Op, ls, rs, int(x.OpPos))
}

// compareLists compares rows given by their columns.
func (c *clause) compareLists(op string, ls, rs []expr.Expr, pos int) (expr.Expr, error) {
	pairs := func(op string) ([]expr.Expr, error) { return c.pairs(op, ls, rs, pos) }
	switch op {
	case "=", "<>":
		out, err := pairs(op)
		if err != nil || op == "=" {
			return expr.And(out...), err
		}
		return expr.Or(out...), nil
	case "is distinct from", "is not distinct from":
		return c.rowDistinct(op, ls, rs, pos)
	case "<", "<=", ">", ">=":
		return lexicographic(op, pairs)
	}
	return nil, pgerr.Unsupported(pos, "comparing rows with %s", op)
}

// pairs compares column by column.
func (c *clause) pairs(op string, ls, rs []expr.Expr, pos int) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(ls))
	for i := range ls {
		e, err := c.b.dialect().Operator(op, ls[i], rs[i], pos)
		if err != nil {
			return nil, err
		}
		out[i] = c.b.settle(e)
	}
	return out, nil
}

// lexicographic is a < c OR (a = c AND (b < d OR …)); only the last pair is compared with the operator itself.
func lexicographic(op string, pairs func(string) ([]expr.Expr, error)) (expr.Expr, error) {
	strict, err := pairs(op[:1])
	if err != nil {
		return nil, err
	}
	equal, err := pairs("=")
	if err != nil {
		return nil, err
	}
	last, err := pairs(op)
	if err != nil {
		return nil, err
	}
	out := last[len(last)-1]
	for i := len(last) - 2; i >= 0; i-- {
		out = expr.Or(strict[i], expr.And(equal[i], out))
	}
	return out, nil
}

// rowDistinct is (a, b) IS [NOT] DISTINCT FROM (c, d).
func (c *clause) rowDistinct(op string, ls, rs []expr.Expr, pos int) (expr.Expr, error) {
	var out []expr.Expr
	for i := range ls {
		e, err := c.distinct(ls[i], rs[i], true, pos)
		if err != nil {
			return nil, err
		}
		out = append(out, c.b.settle(e))
	}
	if op == "is distinct from" {
		return expr.Or(out...), nil
	}
	return &expr.Not{X: expr.Or(out...)}, nil
}

// rowIsNull is ROW(…) IS [NOT] NULL: true if all columns are NULL, or none is.
func (c *clause) rowIsNull(row *ast.RowLit, not bool) (expr.Expr, error) {
	var out []expr.Expr
	for _, el := range row.Elems {
		e, err := c.is(&ast.Is{Pos: row.Pos, X: el, What: "null", Not: not})
		if err != nil {
			return nil, err
		}
		out = append(out, c.b.settle(e))
	}
	if len(out) == 0 {
		return constBool(true), nil
	}
	return expr.And(out...), nil
}

// rowIn is (a, b) IN ((1, 2), (3, 4)).
func (c *clause) rowIn(x *ast.In, row *ast.RowLit) (expr.Expr, error) {
	var eqs []expr.Expr
	for _, item := range x.List {
		r, ok := item.(*ast.RowLit)
		if !ok {
			return nil, refusedExpr(row)
		}
		eq, err := c.rowCompare(&ast.Binary{Pos: x.Pos, Op: "=", OpPos: x.Pos}, row, r)
		if err != nil {
			return nil, err
		}
		eqs = append(eqs, eq)
	}
	out := expr.Or(eqs...)
	if x.Not {
		out = &expr.Not{X: out}
	}
	return out, nil
}
