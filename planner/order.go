package planner

import (
	"strconv"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

func itoa(i int) string { return strconv.Itoa(i) }

// cut is a bound LIMIT and OFFSET: bigint constants or parameters, nil for none.
type cut struct{ limit, offset expr.Expr }

func (c cut) none() bool { return c.limit == nil && c.offset == nil }

// tail applies ORDER BY, LIMIT and OFFSET to a set operation or VALUES: only output columns may be named.
func (b *binder) tail(node Node, t ast.Tail, sc *scope, top bool) (Node, error) {
	k, err := b.cut(t, sc)
	if err != nil {
		return nil, err
	}
	if len(t.OrderBy) == 0 && k.none() {
		return node, nil
	}
	if node, err = b.resolveUnknown(node); err != nil {
		return nil, err
	}
	cols := node.Columns()
	var order []SortKey
	for _, o := range t.OrderBy {
		i, err := outputColumn(o.X, cols)
		if err != nil {
			return nil, err
		}
		if err := needOrdering(cols[i].Type, at(o.X)); err != nil {
			return nil, err
		}
		key := newOrderKey(nil, o)
		order = append(order, SortKey{Col: i, Desc: key.desc, NullsFirst: key.nullsFirst})
	}
	return b.sorted(node, order, k, top, at(sc0(t)))
}

// sc0 is a node at the tail's first place, for errors.
func sc0(t ast.Tail) ast.Node {
	switch {
	case t.Limit != nil:
		return t.Limit
	case t.Offset != nil:
		return t.Offset
	}
	return ast.Pos(0)
}

// outputColumn finds the output column that an ORDER BY item of a set operation names.
func outputColumn(x ast.Expr, cols []Column) (int, error) {
	if n, ok, err := ordinal(x, "ORDER BY", len(cols)); ok || err != nil {
		return n, err
	}
	ref, ok := x.(*ast.Ref)
	if !ok || len(ref.Parts) != 1 {
		return 0, pgerr.At(at(x), pgerr.FeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause").
			WithDetail("Only result column names can be used, not expressions or functions.").
			WithHint("Add the expression/function to every SELECT, or move the UNION into a FROM clause.")
	}
	for i, c := range cols {
		if c.Name == ref.Parts[0] {
			return i, nil
		}
	}
	return 0, undefinedColumn(nil, ref, "", ref.Parts[0])
}

// ordinal reads an ORDER BY or GROUP BY item that is a number: its place in the select list, from 0.
func ordinal(x ast.Expr, what string, n int) (int, bool, error) {
	lit, ok := x.(*ast.Lit)
	if !ok {
		return 0, false, nil
	}
	i, err := strconv.Atoi(lit.Text)
	if lit.Kind != ast.LitNumber || err != nil {
		return 0, false, pgerr.At(at(x), pgerr.SyntaxError, "non-integer constant in %s", what)
	}
	if i < 1 || i > n {
		return 0, false, pgerr.At(at(x), pgerr.InvalidColumnReference, "%s position %d is not in select list", what, i)
	}
	return i - 1, true, nil
}

// cut binds LIMIT and OFFSET.
func (b *binder) cut(t ast.Tail, sc *scope) (cut, error) {
	if t.LimitBy != nil {
		return cut{}, pgerr.Unsupported(at(t.LimitBy), "LIMIT … BY")
	}
	if t.WithTies {
		return cut{}, pgerr.Unsupported(at(sc0(t)), "FETCH FIRST … WITH TIES")
	}
	limit, err := b.cutExpr(t.Limit, sc, "LIMIT", pgerr.InvalidRowCountInLimit)
	if err != nil {
		return cut{}, err
	}
	offset, err := b.cutExpr(t.Offset, sc, "OFFSET", pgerr.InvalidRowCountInOffset)
	if err != nil {
		return cut{}, err
	}
	if k, ok := offset.(*expr.Const); ok && k.V.I == 0 {
		offset = nil
	}
	return cut{limit, offset}, nil
}

func (b *binder) cutExpr(x ast.Expr, sc *scope, what, code string) (expr.Expr, error) {
	if x == nil {
		return nil, nil
	}
	if containsRef(x) {
		return nil, pgerr.At(at(x), pgerr.InvalidColumnReference, "argument of %s must not contain variables", what)
	}
	c := &clause{b: b, sc: &scope{ctes: sc.ctes}, name: what}
	e, err := c.expr(x)
	if err != nil {
		return nil, err
	}
	if k := e.Type(); k.Kind != types.Unknown && !k.IsNumber() {
		return nil, pgerr.At(at(x), pgerr.DatatypeMismatch, "argument of %s must be type bigint, not type %s", what, k)
	}
	if e, err = b.castTo(e, types.T(types.Int8), types.Assignment, at(x)); err != nil {
		return nil, err
	}
	if e, err = expr.Fold(b.opt.Env, e); err != nil {
		return nil, pgerr.WithPos(err, at(x))
	}
	switch k := e.(type) {
	case *expr.Const:
		if k.V.Null {
			return nil, nil
		}
		if k.V.I < 0 {
			return nil, pgerr.At(at(x), code, "%s must not be negative", what)
		}
		return k, nil
	case *expr.Param:
		return k, nil
	}
	return nil, pgerr.Unsupported(at(x), "an expression in %s that is neither a constant nor a parameter", what)
}

// containsRef reports a column reference in a LIMIT expression.
func containsRef(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ref:
		return true
	case *ast.Binary:
		return containsRef(x.L) || containsRef(x.R)
	case *ast.Unary:
		return containsRef(x.X)
	case *ast.Cast:
		return containsRef(x.X)
	}
	return false
}

// sorted applies order and cut as the lifetime allows. A pull query sorts its result. A view is a set of rows without
// an order: only a cut needs one, and is kept up to date as a TopN. A push query's LIMIT without ORDER BY says after
// how many rows it ends.
func (b *binder) sorted(node Node, order []SortKey, k cut, top bool, pos int) (Node, error) {
	if b.opt.Lifetime == Pull {
		if len(order) == 0 && k.none() {
			return node, nil
		}
		return &Sort{Input: node, Order: order, Limit: k.limit, Offset: k.offset}, nil
	}
	if k.none() {
		return node, nil
	}
	if top && b.opt.Lifetime == Push && len(order) == 0 && k.offset == nil {
		b.pushLimit = k.limit
		return node, nil
	}
	n := &TopN{Input: node, Order: order, Limit: -1}
	for _, v := range []struct {
		x  expr.Expr
		to *int64
	}{{k.limit, &n.Limit}, {k.offset, &n.Offset}} {
		switch x := v.x.(type) {
		case *expr.Const:
			*v.to = x.V.I
		case *expr.Param:
			return nil, pgerr.Unsupported(pos, "a parameter in LIMIT or OFFSET of a view or push query")
		}
	}
	return n, nil
}
