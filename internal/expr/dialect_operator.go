package expr

import "streamsql/internal/types"

// Operator is ResolveOperator by the rules of d.
func (d Dialect) Operator(op string, l, r Expr, pos int) (Expr, error) {
	return ResolveOperator(op, l, r, pos)
}

// Cast is ResolveCast by the rules of d.
func (d Dialect) Cast(x Expr, t types.Type, ctx types.CastContext, pos int) (Expr, error) {
	return ResolveCast(x, t, ctx, pos)
}

// CommonType is CommonType by the rules of d.
func (d Dialect) CommonType(what string, xs []Expr, pos []int) (types.Type, error) {
	return CommonType(what, xs, pos)
}
