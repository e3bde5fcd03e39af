package planner

import (
	"math"
	"strconv"
	"strings"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// literal types a literal by the rules of the dialect.
func (b *binder) literal(x *ast.Lit) (expr.Expr, error) {
	if b.dialect() != expr.KSQL || x.Kind != ast.LitNumber {
		return literal(x)
	}
	if strings.ContainsAny(x.Text, "eE") {
		f, err := strconv.ParseFloat(x.Text, 64)
		if err != nil {
			return nil, pgerr.At(at(x), pgerr.NumericValueOutOfRange, "%q is out of range for type double precision", x.Text)
		}
		return &expr.Const{V: types.FloatValue(f), T: types.T(types.Float8)}, nil
	}
	e, err := literal(x)
	c, ok := e.(*expr.Const)
	if err != nil || !ok || c.T.Kind != types.Numeric {
		return e, err
	}
	if !strings.Contains(x.Text, ".") {
		return nil, pgerr.At(at(x), pgerr.NumericValueOutOfRange, "value %q is out of range for type bigint", x.Text)
	}
	return &expr.Const{V: c.V, T: expr.DecimalTypeOf(c.V.N)}, nil
}

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
