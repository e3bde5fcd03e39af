package expr

import (
	"math"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

var (
	errFloatOverflow  = pgerr.New(pgerr.NumericValueOutOfRange, "value out of range: overflow")
	errFloatUnderflow = pgerr.New(pgerr.NumericValueOutOfRange, "value out of range: underflow")
)

func floatsOf(o operand) ([]float64, float64) {
	if o.vec == nil {
		return nil, o.c.F
	}
	return o.vec.(*batch.Floats).V, 0
}

func decsOf(o operand) ([]types.Dec, types.Dec) {
	if o.vec == nil {
		return nil, o.c.N
	}
	return o.vec.(*batch.Decs).V, types.Dec{}
}

// buildFloatArith makes the kernel of + - * / over real or double precision, by the Call's type.
func buildFloatArith(op byte) func(*Call) (kernel, error) {
	return func(c *Call) (kernel, error) {
		single := c.T.Kind == types.Float4
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
				v, odd := floatOp(op, cx, cy, single)
				if odd {
					if err := checkFloat(op, cx, cy, v); err != nil {
						if err := f.fail(i, err); err != nil {
							return nil, err
						}
						v = 0
					}
				}
				out.V[i] = v
			}
			return out, nil
		}, nil
	}
}

// floatOp computes x op y and reports results that may be an overflow, an underflow or a division by zero.
func floatOp(op byte, x, y float64, single bool) (v float64, odd bool) {
	switch op {
	case '+':
		v = x + y
	case '-':
		v = x - y
	case '*':
		v = x * y
	default:
		v = x / y
	}
	if single {
		v = float64(float32(v))
	}
	return v, v == 0 || v-v != 0 || op == '/' && y == 0
}

// checkFloat is PostgreSQL's CHECKFLOATVAL: infinity out of finite arguments and zero out of non-zero ones are errors.
func checkFloat(op byte, x, y, v float64) error {
	switch {
	case op == '/' && y == 0 && x == x:
		return errDivZero
	case math.IsInf(v, 0) && !math.IsInf(x, 0) && !math.IsInf(y, 0):
		return errFloatOverflow
	case v == 0 && op == '*' && x != 0 && y != 0:
		return errFloatUnderflow
	case v == 0 && op == '/' && x != 0 && !math.IsInf(y, 0):
		return errFloatUnderflow
	}
	return nil
}

// buildDecArith makes the kernel of + - * / % over numeric.
func buildDecArith(op byte) func(*Call) (kernel, error) {
	return func(*Call) (kernel, error) {
		return func(f *frame, a []operand) (batch.Vec, error) {
			out := f.decs()
			x, cx := decsOf(a[0])
			y, cy := decsOf(a[1])
			for i := range out.V {
				if x != nil {
					cx = x[i]
				}
				if y != nil {
					cy = y[i]
				}
				v, err := decOp(op, cx, cy)
				if err != nil {
					if err := f.fail(i, err); err != nil {
						return nil, err
					}
				}
				out.V[i] = v
			}
			return out, nil
		}, nil
	}
}

func decOp(op byte, x, y types.Dec) (types.Dec, error) {
	switch op {
	case '+':
		return x.Add(y), nil
	case '-':
		return x.Sub(y), nil
	case '*':
		return x.Mul(y), nil
	case '/':
		return x.Div(y)
	}
	return x.Mod(y)
}
