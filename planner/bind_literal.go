package planner

import (
	"math"
	"strconv"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// literal types a literal as PostgreSQL does: integers by their size, other numbers numeric, strings and NULL unknown.
func literal(x *ast.Lit) (expr.Expr, error) {
	switch x.Kind {
	case ast.LitNull:
		return constNull(types.T(types.Unknown)), nil
	case ast.LitBool:
		return constBool(x.Bool), nil
	case ast.LitString:
		return &expr.Const{V: types.TextValue(x.Text), T: types.T(types.Unknown), At: at(x) + 1}, nil
	case ast.LitNumber:
		if v, err := strconv.ParseInt(x.Text, 10, 64); err == nil {
			return intConst(v), nil
		}
		d, err := types.ParseDec(x.Text)
		if err != nil {
			return nil, pgerr.WithPos(err, at(x))
		}
		return &expr.Const{V: types.DecValue(d), T: types.T(types.Numeric)}, nil
	case ast.LitBits:
		v, err := types.BitsLiteral(x.Text)
		return &expr.Const{V: v, T: types.T(types.Bit)}, pgerr.WithPos(err, at(x))
	}
	return nil, pgerr.At(at(x), pgerr.SyntaxError, "DEFAULT is not allowed in this context")
}

// intConst is an integer literal: integer where it fits, else bigint.
func intConst(v int64) expr.Expr {
	t := types.T(types.Int8)
	if v >= math.MinInt32 && v <= math.MaxInt32 {
		t = types.T(types.Int4)
	}
	return &expr.Const{V: types.IntValue(v), T: t}
}
