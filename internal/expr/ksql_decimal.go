package expr

import (
	"math/big"

	"math"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Arithmetic of the ksql dialect where it is not PostgreSQL's: decimals of a declared precision, and doubles that give
// infinities and NaN as Java's do.

func init() {
	numeric := func(op string, build func(*Call) (kernel, error)) {
		defKSQL(op+"(numeric, numeric) numeric", "decimals: the precision and scale are those of ksqlDB", "", build)
	}
	div := rowsFor(func(c *Call) (rowFunc, error) {
		scale := c.T.Scale
		return func(_ *row, a []types.Value) (types.Value, error) {
			d, err := divideScaled(a[0].N, a[1].N, scale)
			return types.DecValue(d), err
		}, nil
	})
	numeric("/", div)
	floats := func(op, doc string, fn func(a, b float64) float64) {
		defKSQL(op+"(float8, float8) float8", doc, "", func(*Call) (kernel, error) { return javaFloats(fn), nil })
	}
	floats("+", "sum of doubles", func(a, b float64) float64 { return a + b })
	floats("-", "difference of doubles", func(a, b float64) float64 { return a - b })
	floats("*", "product of doubles", func(a, b float64) float64 { return a * b })
	floats("/", "quotient of doubles; by zero an infinity or NaN", func(a, b float64) float64 { return a / b })
	floats("%", "remainder of doubles; by zero NaN", math.Mod)
}

// javaFloats is arithmetic without errors.
func javaFloats(fn func(a, b float64) float64) kernel {
	return func(f *frame, a []operand) (batch.Vec, error) {
		out := f.floats()
		x, cx := floatsOf(a[0])
		y, cy := floatsOf(a[1])
		for i := range out.V {
			if x != nil {
				cx = x[i]
			}
			if y != nil {
				cy = y[i]
			}
			out.V[i] = fn(cx, cy)
		}
		return out, nil
	}
}

// ksqlDecimal is l op r of decimals of types lt and rt; integers have been given the decimal that holds them. A result
// that its precision cannot hold is an error of the row.
func ksqlDecimal(op string, l, r Expr, lt, rt types.Type, pos int) (Expr, error) {
	plain := types.T(types.Numeric)
	l, err := KSQL.Cast(l, plain, types.Implicit, pos)
	if err != nil {
		return nil, err
	}
	if r, err = KSQL.Cast(r, plain, types.Implicit, pos); err != nil {
		return nil, err
	}
	t := decimalResult(op, lt, rt)
	if op == "/" && t.Prec > 0 {
		c := pickKSQL(ksqlRegistry[op], []types.Type{plain, plain})
		return &Call{Func: c.f, Args: []Expr{l, r}, T: t, Pos: pos}, nil
	}
	x, err := ResolveOperator(op, l, r, pos)
	if err != nil || t.Prec == 0 {
		return x, err
	}
	return &Cast{X: x, T: t, Pos: pos, Dialect: KSQL}, nil
}

// decimalResult is the type of l op r as ksqlDB has it; without modifiers if an operand has none.
func decimalResult(op string, l, r types.Type) types.Type {
	t := types.T(types.Numeric)
	if l.Prec == 0 || r.Prec == 0 {
		return t
	}
	switch op {
	case "+", "-":
		t.Scale = max(l.Scale, r.Scale)
		t.Prec = t.Scale + max(l.Prec-l.Scale, r.Prec-r.Scale) + 1
	case "*":
		t.Scale = l.Scale + r.Scale
		t.Prec = l.Prec + r.Prec + 1
	case "/":
		t.Scale = max(6, l.Scale+r.Prec+1)
		t.Prec = l.Prec - l.Scale + r.Scale + t.Scale
	case "%":
		t.Scale = max(l.Scale, r.Scale)
		t.Prec = min(l.Prec-l.Scale, r.Prec-r.Scale) + t.Scale
	}
	return t
}

// divideScaled returns a / b with scale digits after the point, rounded half away from zero. Error: 22012.
func divideScaled(a, b types.Dec, scale int32) (types.Dec, error) {
	if b.Sign() == 0 {
		return a, pgerr.New(pgerr.DivisionByZero, "division by zero")
	}
	if a.IsNaN() || a.IsInf() || b.IsNaN() || b.IsInf() {
		return a.Div(b)
	}
	// One digit more than asked for decides the rounding: what is cut off behind it cannot turn a 4 into a 5.
	num, den := a.Coef(), b.Coef()
	shift := int64(scale) + 1 + int64(b.Scale()) - int64(a.Scale())
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(shift, -shift)), nil)
	if shift >= 0 {
		num.Mul(num, ten)
	} else {
		den.Mul(den, ten)
	}
	return types.DecFromBig(num.Quo(num, den), scale+1).Round(scale), nil
}
