package expr

import (
	"math"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// Operators of numbers.

func init() {
	ints := []string{"int2", "int4", "int8"}
	wider := func(i, j int) string { return ints[max(i, j)] }
	for i, l := range ints {
		for j, r := range ints {
			sig := "(" + l + ", " + r + ") " + wider(i, j)
			def("+"+sig, "addition", "2 + 3 => 5", buildIntArith('+'))
			def("-"+sig, "subtraction", "2 - 3 => -1", buildIntArith('-'))
			def("*"+sig, "multiplication", "2 * 3 => 6", buildIntArith('*'))
			def("/"+sig, "division, rounded toward zero", "-7 / 2 => -3", buildIntDiv(false))
		}
		def("%("+l+", "+l+") "+l, "remainder, with the sign of the dividend", "-7 % 2 => -1", buildIntDiv(true))
		same := "(" + l + ", " + l + ") " + l
		def("&"+same, "bitwise and", "91 & 15 => 11", intLoop(func(x, y int64) int64 { return x & y }))
		def("|"+same, "bitwise or", "32 | 3 => 35", intLoop(func(x, y int64) int64 { return x | y }))
		def("#"+same, "bitwise exclusive or", "17 # 5 => 20", intLoop(func(x, y int64) int64 { return x ^ y }))
		def("<<("+l+", int4) "+l, "shift left", "1 << 4 => 16", buildShift(true))
		def(">>("+l+", int4) "+l, "shift right", "8 >> 2 => 2", buildShift(false))
		def("~("+l+") "+l, "bitwise not", "~ 1 => -2", intLoop1(func(x int64) int64 { return ^x }))
	}
	floats := []string{"float4", "float8"}
	for i, l := range floats {
		for j, r := range floats {
			sig := "(" + l + ", " + r + ") " + floats[max(i, j)]
			for _, op := range []byte("+-*/") {
				def(string(op)+sig, "arithmetic", "", buildFloatArith(op))
			}
		}
	}
	for _, op := range []byte("+-*/%") {
		def(string(op)+"(numeric, numeric) numeric", "arithmetic", map[byte]string{'+': "1.5 + 2.25 => 3.75",
			'-': "1.5 - 2.25 => -0.75", '*': "1.5 * 2.25 => 3.375", '/': "1.0 / 3 => 0.33333333333333333333",
			'%': "5.5 % 2 => 1.5"}[op], buildDecArith(op))
	}
	def("^(float8, float8) float8", "power", "2 ^ 3 => 8", rows(powerFloat))
	def("^(numeric, numeric) numeric", "power", "2.0 ^ 3.0 => 8.0000000000000000", rows(powerDec))
	unaryNumbers()
}

// unaryNumbers registers the prefix operators and abs.
func unaryNumbers() {
	for _, t := range []string{"int2", "int4", "int8"} {
		rng := rangeOf(sigType(t).Kind)
		neg := func(_ *row, a []types.Value) (types.Value, error) {
			if a[0].I == rng.lo {
				return types.Null, rng.err
			}
			return types.IntValue(-a[0].I), nil
		}
		abs := func(r *row, a []types.Value) (types.Value, error) {
			if a[0].I >= 0 {
				return a[0], nil
			}
			return neg(r, a)
		}
		def("-("+t+") "+t, "negation", "- 3 => -3", rows(neg))
		def("+("+t+") "+t, "the number itself", "+ 3 => 3", rows(itself))
		def("@("+t+") "+t, "absolute value", "@ -5 => 5", rows(abs))
		def("abs("+t+") "+t, "absolute value", "abs(-17) => 17", rows(abs))
	}
	for _, t := range []string{"float4", "float8"} {
		def("-("+t+") "+t, "negation", "", floatLoop1(func(x float64) float64 { return -x }))
		def("+("+t+") "+t, "the number itself", "", rows(itself))
		def("@("+t+") "+t, "absolute value", "", floatLoop1(math.Abs))
		def("abs("+t+") "+t, "absolute value", "", floatLoop1(math.Abs))
	}
	decNeg := rows(func(_ *row, a []types.Value) (types.Value, error) { return types.DecValue(a[0].N.Neg()), nil })
	decAbs := rows(func(_ *row, a []types.Value) (types.Value, error) { return types.DecValue(a[0].N.Abs()), nil })
	def("-(numeric) numeric", "negation", "- 1.50 => -1.50", decNeg)
	def("+(numeric) numeric", "the number itself", "+ 1.50 => 1.50", rows(itself))
	def("@(numeric) numeric", "absolute value", "@ -1.50 => 1.50", decAbs)
	def("abs(numeric) numeric", "absolute value", "abs(-17.4) => 17.4", decAbs)
	def("|/(float8) float8", "square root", "|/ 25.0 => 5", rows(sqrtFloat))
	def("||/(float8) float8", "cube root", "||/ 64.0 => 4", floatLoop1(math.Cbrt))
}

func itself(_ *row, a []types.Value) (types.Value, error) { return a[0], nil }

// intLoop makes the kernel of an operation that cannot fail.
func intLoop(fn func(x, y int64) int64) func(*Call) (kernel, error) {
	return func(*Call) (kernel, error) {
		return func(f *frame, a []operand) (batch.Vec, error) {
			out := f.ints()
			x, cx := intsOf(a[0])
			y, cy := intsOf(a[1])
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
		}, nil
	}
}

func intLoop1(fn func(x int64) int64) func(*Call) (kernel, error) {
	return func(*Call) (kernel, error) {
		return func(f *frame, a []operand) (batch.Vec, error) {
			out := f.ints()
			x, cx := intsOf(a[0])
			for i := range out.V {
				if x != nil {
					cx = x[i]
				}
				out.V[i] = fn(cx)
			}
			return out, nil
		}, nil
	}
}

// floatLoop1 makes the kernel of a function of one number that never fails.
func floatLoop1(fn func(x float64) float64) func(*Call) (kernel, error) {
	return func(*Call) (kernel, error) {
		return func(f *frame, a []operand) (batch.Vec, error) {
			out := f.floats()
			x, cx := floatsOf(a[0])
			for i := range out.V {
				if x != nil {
					cx = x[i]
				}
				out.V[i] = fn(cx)
			}
			return out, nil
		}, nil
	}
}

// buildShift makes << or >>. As in C on common machines only the low bits of the count matter, and bits shifted out
// of a narrower type are lost.
func buildShift(left bool) func(*Call) (kernel, error) {
	return func(c *Call) (kernel, error) {
		kind := c.T.Kind
		build := intLoop(func(x, y int64) int64 {
			// PostgreSQL computes smallint and integer shifts in 32 bits.
			count := uint(y) & 63
			if kind != types.Int8 {
				count &= 31
			}
			if left {
				x <<= count
			} else {
				x >>= count
			}
			switch kind {
			case types.Int2:
				return int64(int16(x))
			case types.Int4:
				return int64(int32(x))
			}
			return x
		})
		return build(c)
	}
}
