package expr

import (
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Operator is ResolveOperator by the rules of d. In ksqlDB a comparison with NULL is false, numbers are promoted INTEGER <
// BIGINT < DECIMAL < DOUBLE, decimals keep the precision and scale their operands give, strings are added up, and a
// string literal beside a date or a time is read as one.
func (d Dialect) Operator(op string, l, r Expr, pos int) (Expr, error) {
	if d != KSQL {
		return ResolveOperator(op, l, r, pos)
	}
	switch op {
	case "=", "<>", "!=", "<", "<=", ">", ">=":
		return ksqlCompare(op, l, r, pos)
	case "+", "-", "*", "/", "%":
		if l == nil {
			return ksqlSign(op, r, pos)
		}
		return ksqlArithmetic(op, l, r, pos)
	}
	return ResolveOperator(op, l, r, pos)
}

// CommonType is CommonType by the rules of d.
func (d Dialect) CommonType(what string, xs []Expr, pos []int) (types.Type, error) {
	if d != KSQL {
		return CommonType(what, xs, pos)
	}
	return ksqlCommonType(what, xs, pos)
}

// ksqlType is the type of x where its place does not decide: a string literal is a string. An untyped NULL and an
// untyped parameter stay unknown.
func ksqlType(x Expr) types.Type {
	if c, ok := x.(*Const); ok && c.T.Kind == types.Unknown && !c.V.Null {
		return types.T(types.Text)
	}
	return x.Type()
}

// isStringLiteral reports a string literal, also one that has become a text.
func isStringLiteral(x Expr) bool {
	c, ok := x.(*Const)
	return ok && (c.T.Kind == types.Unknown || c.T.Kind == types.Text) && !c.V.Null
}

func ksqlMismatch(what, op string, l, r Expr, pos int) error {
	return pgerr.At(pos, pgerr.UndefinedFunction, "%s %s %s %s", what, typeName(ksqlType(l)), op, typeName(ksqlType(r))).
		WithHint("You might need to add explicit type casts.")
}

// ksqlCompare is a comparison: never NULL. Booleans, arrays, maps and structs can only be equal or not.
func ksqlCompare(op string, l, r Expr, pos int) (Expr, error) {
	lt, rt := ksqlType(l), ksqlType(r)
	var t types.Type
	switch {
	case lt.Kind == types.Unknown || rt.Kind == types.Unknown:
		x, err := ResolveOperator(op, l, r, pos)
		if err != nil {
			return nil, err
		}
		return &Is{X: x, What: "true"}, nil
	case ksqlRank[lt.Kind] > 0 && ksqlRank[rt.Kind] > 0:
		t = ksqlWider(lt, rt)
		if t.Kind == types.Numeric {
			t = types.T(types.Numeric)
		}
	case isStringLiteral(r) && lt.IsTime():
		t = lt
	case isStringLiteral(l) && rt.IsTime():
		t = rt
	case lt.IsTime() && rt.IsTime() && (lt.Kind == types.Time) == (rt.Kind == types.Time):
		if t = lt; lt.Kind != rt.Kind {
			t = types.T(types.Timestamp)
		}
	default:
		var ok bool
		if t, ok = ksqlMerge(lt, rt); !ok {
			return nil, ksqlMismatch("cannot compare", op, l, r, pos)
		}
	}
	switch t.Kind {
	case types.Bool, types.Array, types.Map, types.Record:
		if op != "=" && op != "<>" && op != "!=" {
			return nil, ksqlMismatch("cannot compare", op, l, r, pos)
		}
	}
	return ksqlCompareAs(op, l, r, t, pos)
}

// ksqlCompareAs compares two values of type t.
func ksqlCompareAs(op string, l, r Expr, t types.Type, pos int) (Expr, error) {
	l, err := KSQL.Cast(l, t, types.Implicit, pos)
	if err != nil {
		return nil, err
	}
	if r, err = KSQL.Cast(r, t, types.Implicit, pos); err != nil {
		return nil, err
	}
	x, err := ResolveOperator(op, l, r, pos)
	if err != nil {
		return nil, err
	}
	return &Is{X: x, What: "true"}, nil
}

// EventMillis reads a text that stands beside a column with an event's time, which ksqlDB counts in milliseconds since
// 1970. Error: 22007.
func EventMillis(text string) (int64, error) {
	us, err := ksqlTimestamp(text)
	return us/1000 + epochMillis, err
}

// epochMillis is 2000-01-01, where timestamps count from, in milliseconds since 1970.
const epochMillis = 946684800000

// ksqlSign is +x or -x.
func ksqlSign(op string, x Expr, pos int) (Expr, error) {
	t := x.Type()
	e, err := ResolveOperator(op, nil, x, pos)
	if err != nil || t.Kind != types.Numeric {
		return e, err
	}
	c := *e.(*Call)
	c.T = t
	return &c, nil
}

// ksqlArithmetic is l op r of two numbers, or the sum of two strings. Other operands are PostgreSQL's to resolve.
func ksqlArithmetic(op string, l, r Expr, pos int) (Expr, error) {
	lt, rt := ksqlType(l), ksqlType(r)
	switch {
	case lt.IsString() && rt.IsString() && lt.Kind != types.Unknown && rt.Kind != types.Unknown:
		if op == "+" {
			return ResolveOperator("||", l, r, pos)
		}
		return nil, ksqlMismatch("unsupported arithmetic types:", op, l, r, pos)
	case lt.Kind == types.Unknown && ksqlRank[rt.Kind] > 0:
		lt = rt
	case rt.Kind == types.Unknown && ksqlRank[lt.Kind] > 0:
		rt = lt
	case ksqlRank[lt.Kind] == 0 || ksqlRank[rt.Kind] == 0:
		if lt.IsString() || rt.IsString() {
			return nil, ksqlMismatch("unsupported arithmetic types:", op, l, r, pos)
		}
		return ResolveOperator(op, l, r, pos)
	}
	t := ksqlWider(lt, rt)
	if t.Kind == types.Numeric {
		return ksqlDecimal(op, l, r, ksqlDecimalOf(lt), ksqlDecimalOf(rt), pos)
	}
	l, err := KSQL.Cast(l, t, types.Implicit, pos)
	if err != nil {
		return nil, err
	}
	if r, err = KSQL.Cast(r, t, types.Implicit, pos); err != nil {
		return nil, err
	}
	if t.Kind == types.Float8 {
		c := pickKSQL(ksqlRegistry[op], []types.Type{t, t})
		return &Call{Func: c.f, Args: []Expr{l, r}, T: t, Pos: pos}, nil
	}
	return ResolveOperator(op, l, r, pos)
}

// ksqlWider is the type that two numbers are computed in.
func ksqlWider(a, b types.Type) types.Type {
	switch ra, rb := ksqlRank[a.Kind], ksqlRank[b.Kind]; {
	case max(ra, rb) == 4:
		return types.T(types.Float8)
	case max(ra, rb) == 3:
		return widerDecimal(ksqlDecimalOf(a), ksqlDecimalOf(b))
	case max(ra, rb) == 2:
		return types.T(types.Int8)
	}
	return types.T(types.Int4)
}

// ksqlDecimalOf is the decimal that holds every value of an exact number.
func ksqlDecimalOf(t types.Type) types.Type {
	switch t.Kind {
	case types.Int2, types.Int4:
		return types.Type{Kind: types.Numeric, Prec: 10}
	case types.Int8:
		return types.Type{Kind: types.Numeric, Prec: 19}
	}
	return t
}
