package expr

import (
	"math"
	"math/big"
	"math/rand/v2"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Mathematical functions.

// errInt4Range is the error of results that integer cannot hold.
var errInt4Range = rangeOf(types.Int4).err

const invalidWidthBucket = "2201G" // invalid_argument_for_width_bucket_function

// float1 registers a function of one double precision. check may be nil.
func float1(name, doc, example string, fn func(float64) float64, check func(x float64) error) {
	def(name+"(float8) float8", doc, example, rows(func(_ *row, a []types.Value) (types.Value, error) {
		x := a[0].F
		if check != nil {
			if err := check(x); err != nil {
				return types.Null, err
			}
		}
		y := fn(x)
		if math.IsInf(y, 0) && !math.IsInf(x, 0) && name != "sinh" && name != "cosh" && name != "atanh" && name != "cot" && name != "tand" && name != "cotd" {
			return types.Null, errFloatOverflow
		}
		if y == 0 && x != 0 && !math.IsInf(x, 0) && (name == "exp" || name == "degrees" || name == "radians") {
			return types.Null, errFloatUnderflow
		}
		return types.FloatValue(y), nil
	}))
}

// logFloat is the natural logarithm. math.Log is wrong for denormal numbers on some machines.
func logFloat(x float64) float64 {
	if x > 0 && x < 0x1p-1022 {
		return math.Log(x*0x1p54) - 54*math.Ln2
	}
	return math.Log(x)
}

// log10Float makes whole results whole: math.Log10 of 0.1 is just below -1.
func log10Float(x float64) float64 {
	if x > 0 && x < 0x1p-1022 {
		return math.Log10(x*0x1p54) - 54*(math.Ln2/math.Ln10)
	}
	y := math.Log10(x)
	if n := math.Round(y); math.Abs(n) <= 22 && n != y && (math.Pow10(int(n)) == x) {
		return n
	}
	return y
}

var errInput = pgerr.New(pgerr.NumericValueOutOfRange, "input is out of range")

func finite(x float64) error {
	if math.IsInf(x, 0) {
		return errInput
	}
	return nil
}

func unitRange(x float64) error {
	if x < -1 || x > 1 {
		return errInput
	}
	return nil
}

func init() {
	float1("ceil", "next integer at or above", "", math.Ceil, nil)
	float1("ceiling", "next integer at or above", "", math.Ceil, nil)
	float1("floor", "next integer at or below", "", math.Floor, nil)
	float1("round", "nearest integer, ties to even", "round(2.5::float8) => 2", math.RoundToEven, nil)
	float1("trunc", "integer part", "", math.Trunc, nil)
	float1("sign", "-1, 0 or 1", "", signFloat, nil)
	float1("cbrt", "cube root", "cbrt(27.0) => 3", math.Cbrt, nil)
	float1("sin", "sine of radians", "sin(0) => 0", math.Sin, finite)
	float1("cos", "cosine of radians", "cos(0) => 1", math.Cos, finite)
	float1("tan", "tangent of radians", "tan(0) => 0", math.Tan, finite)
	float1("cot", "cotangent of radians", "", func(x float64) float64 { return 1 / math.Tan(x) }, finite)
	float1("asin", "inverse sine", "asin(0) => 0", math.Asin, unitRange)
	float1("acos", "inverse cosine", "acos(1) => 0", math.Acos, unitRange)
	float1("atan", "inverse tangent", "atan(0) => 0", math.Atan, nil)
	float1("sinh", "hyperbolic sine", "sinh(0) => 0", sinh, nil)
	float1("cosh", "hyperbolic cosine", "cosh(0) => 1", cosh, nil)
	float1("tanh", "hyperbolic tangent", "tanh(0) => 0", math.Tanh, nil)
	float1("asinh", "inverse hyperbolic sine", "asinh(0) => 0", math.Asinh, nil)
	float1("acosh", "inverse hyperbolic cosine", "acosh(1) => 0", math.Acosh, func(x float64) error {
		if x < 1 {
			return errInput
		}
		return nil
	})
	float1("atanh", "inverse hyperbolic tangent", "atanh(0) => 0", math.Atanh, unitRange)
	float1("degrees", "radians to degrees", "degrees(0) => 0", func(x float64) float64 { return x / (math.Pi / 180) }, nil)
	float1("radians", "degrees to radians", "radians(0) => 0", func(x float64) float64 { return x * (math.Pi / 180) }, nil)
	float1("exp", "e to a power", "exp(0::float8) => 1", math.Exp, nil)
	float1("ln", "natural logarithm", "ln(1::float8) => 0", logFloat, logArg)
	float1("log", "logarithm to base 10", "log(100::float8) => 2", log10Float, logArg)
	float1("log10", "logarithm to base 10", "log10(1000::float8) => 3", log10Float, logArg)
	def("sqrt(float8) float8", "square root", "sqrt(2::float8) => 1.4142135623730951", rows(sqrtFloat))
	def("atan2(float8, float8) float8", "inverse tangent of a quotient", "atan2(0, 1) => 0",
		rows(func(_ *row, a []types.Value) (types.Value, error) {
			return types.FloatValue(math.Atan2(a[0].F, a[1].F)), nil
		}))
	for _, name := range []string{"power", "pow"} {
		def(name+"(float8, float8) float8", "a to the power b", name+"(9, 3) => 729", rows(powerFloat))
		def(name+"(numeric, numeric) numeric", "a to the power b", name+"(9.0, 3.0) => 729.0000000000000000", rows(powerDec))
	}
	def("pi() float8", "π", "pi() => 3.141592653589793", rows(func(*row, []types.Value) (types.Value, error) { return types.FloatValue(math.Pi), nil }))
	def("random() float8 volatile", "a random number in [0, 1)", "", rows(func(r *row, _ []types.Value) (types.Value, error) {
		bits := r.x.env.Random
		if bits == nil {
			bits = rand.Uint64
		}
		return types.FloatValue(float64(bits()>>11) / (1 << 53)), nil
	}))
	mathNumeric()
	mathInt()
	widthBucket()
}

func signFloat(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func logArg(x float64) error {
	if x == 0 {
		return pgerr.New(pgerr.InvalidArgumentForLogarithm, "cannot take logarithm of zero")
	}
	if x < 0 {
		return pgerr.New(pgerr.InvalidArgumentForLogarithm, "cannot take logarithm of a negative number")
	}
	return nil
}

func sqrtFloat(_ *row, a []types.Value) (types.Value, error) {
	if a[0].F < 0 {
		return types.Null, pgerr.New(pgerr.InvalidArgumentForPower, "cannot take square root of a negative number")
	}
	return types.FloatValue(math.Sqrt(a[0].F)), nil
}

func powerFloat(_ *row, a []types.Value) (types.Value, error) {
	x, y := a[0].F, a[1].F
	switch {
	case x != x && y != 0 || y != y && x != 1:
		return types.FloatValue(math.NaN()), nil
	case x == 0 && y < 0:
		return types.Null, errZeroToNegative
	case x < 0 && y != math.Floor(y) && !math.IsInf(y, 0):
		return types.Null, errComplexPower
	}
	v := math.Pow(x, y)
	if x > 0 && x < 0x1p-1022 { // as in logFloat
		v = math.Pow(x*0x1p54, y) * math.Pow(0x1p-54, y)
	}
	if math.IsInf(v, 0) && !math.IsInf(x, 0) && !math.IsInf(y, 0) {
		return types.Null, errFloatOverflow
	}
	if v == 0 && x != 0 && !math.IsInf(x, 0) && !math.IsInf(y, 0) {
		return types.Null, errFloatUnderflow
	}
	return types.FloatValue(v), nil
}

// dec1 registers a function of one numeric.
func dec1(name, doc, example string, fn func(types.Dec) (types.Dec, error)) {
	def(name+"(numeric) numeric", doc, example, rows(func(_ *row, a []types.Value) (types.Value, error) {
		d, err := fn(a[0].N)
		return types.DecValue(d), err
	}))
}

func mathNumeric() {
	sure := func(fn func(types.Dec) types.Dec) func(types.Dec) (types.Dec, error) {
		return func(d types.Dec) (types.Dec, error) { return fn(d), nil }
	}
	dec1("ceil", "next integer at or above", "ceil(42.2) => 43", sure(types.Dec.Ceil))
	dec1("ceiling", "next integer at or above", "ceiling(95.3) => 96", sure(types.Dec.Ceil))
	dec1("floor", "next integer at or below", "floor(-42.8) => -43", sure(types.Dec.Floor))
	dec1("round", "nearest integer, ties away from zero", "round(42.5) => 43", sure(func(d types.Dec) types.Dec { return d.Round(0) }))
	dec1("trunc", "integer part", "trunc(42.8) => 42", sure(func(d types.Dec) types.Dec { return d.Trunc(0) }))
	dec1("sign", "-1, 0 or 1", "sign(-8.4) => -1", sure(func(d types.Dec) types.Dec {
		if d.IsNaN() {
			return d
		}
		return types.DecFromInt(int64(d.Sign()))
	}))
	dec1("sqrt", "square root", "sqrt(2.0) => 1.414213562373095", decSqrt)
	dec1("exp", "e to a power", "exp(1.0) => 2.7182818284590452", decExp)
	dec1("ln", "natural logarithm", "ln(2.0) => 0.6931471805599453", decLn)
	dec1("log", "logarithm to base 10", "log(100.0) => 2.0000000000000000", decLog10)
	dec1("log10", "logarithm to base 10", "log10(100.0) => 2.0000000000000000", decLog10)
	def("log(numeric, numeric) numeric", "logarithm to a base", "log(2.0, 64.0) => 6.0000000000000000", rows(decLogBase))
	def("round(numeric, int4) numeric", "rounds to digits after the point, ties away from zero", "round(42.4382, 2) => 42.44",
		rows(func(_ *row, a []types.Value) (types.Value, error) {
			return types.DecValue(a[0].N.Round(clampScale(a[1].I))), nil
		}))
	def("trunc(numeric, int4) numeric", "cuts to digits after the point", "trunc(42.4382, 2) => 42.43",
		rows(func(_ *row, a []types.Value) (types.Value, error) {
			return types.DecValue(a[0].N.Trunc(clampScale(a[1].I))), nil
		}))
	def("div(numeric, numeric) numeric", "integer quotient", "div(9.0, 4.0) => 2", rows(func(_ *row, a []types.Value) (types.Value, error) {
		if a[0].N.IsInf() && !a[1].N.IsInf() {
			q, err := a[0].N.Div(a[1].N)
			return types.DecValue(q), err
		}
		m, err := a[0].N.Mod(a[1].N)
		if err != nil {
			return types.Null, err
		}
		q, err := a[0].N.Sub(m).Div(a[1].N)
		return types.DecValue(q.Round(0)), err
	}))
	def("mod(numeric, numeric) numeric", "remainder", "mod(9.5, 4) => 1.5", buildDecArith('%'))
	def("scale(numeric) int4", "digits after the point", "scale(8.4100) => 4", rows(func(_ *row, a []types.Value) (types.Value, error) {
		if !isFinite(a[0].N) {
			return types.Null, nil
		}
		return types.IntValue(int64(a[0].N.Scale())), nil
	}))
	dec1("trim_scale", "without trailing zeros", "trim_scale(8.4100) => 8.41", func(d types.Dec) (types.Dec, error) {
		for s := d.Scale(); s > 0 && d.Trunc(s-1).Cmp(d) == 0; s-- {
			d = d.Trunc(s - 1)
		}
		return d, nil
	})
}

func init() {
	def("min_scale(numeric) int4", "the digits after the point that are needed", "min_scale(8.4100) => 2", rows(func(_ *row, a []types.Value) (types.Value, error) {
		if !isFinite(a[0].N) {
			return types.Null, nil
		}
		return types.IntValue(int64(a[0].N.Trim().Scale())), nil
	}))
	def("gcd(numeric, numeric) numeric", "greatest common divisor", "gcd(8.4, 3.6) => 1.2", rows(func(_ *row, a []types.Value) (types.Value, error) {
		d, err := gcdDec(a[0].N, a[1].N)
		return types.DecValue(d), err
	}))
	def("lcm(numeric, numeric) numeric", "least common multiple", "lcm(8.4, 3.6) => 25.2", rows(func(_ *row, a []types.Value) (types.Value, error) {
		x, y := a[0].N, a[1].N
		if !isFinite(x) || !isFinite(y) {
			return types.DecValue(types.NaNDec), nil
		}
		scale := max(x.Scale(), y.Scale())
		if x.Sign() == 0 || y.Sign() == 0 {
			return types.DecValue(types.DecFromInt(0).Round(scale)), nil
		}
		g, err := gcdDec(x, y)
		if err != nil {
			return types.Null, err
		}
		q, err := x.Div(g)
		if err != nil {
			return types.Null, err
		}
		d := q.Round(0).Mul(y).Abs().Round(scale)
		return types.DecValue(d), d.CheckRange()
	}))
}

// gcdDec is Euclid's; the scale is the larger of the two.
func gcdDec(x, y types.Dec) (types.Dec, error) {
	if !isFinite(x) || !isFinite(y) {
		return types.NaNDec, nil
	}
	scale := max(x.Scale(), y.Scale())
	for y.Sign() != 0 {
		m, err := x.Mod(y)
		if err != nil {
			return x, err
		}
		x, y = y, m
	}
	return x.Abs().Round(scale), nil
}

// scaleMax is the most digits after the point that a numeric shows (NUMERIC_DSCALE_MAX).
const scaleMax = 16383

func clampScale(s int64) int32 { return int32(max(-2000, min(scaleMax, s))) }

func mathInt() {
	for _, t := range []string{"int2", "int4", "int8"} {
		def("mod("+t+", "+t+") "+t, "remainder", "mod(9, 4) => 1", buildIntDiv(true))
	}
	for _, t := range []string{"int4", "int8"} {
		rng := rangeOf(sigType(t).Kind)
		def("gcd("+t+", "+t+") "+t, "greatest common divisor", "gcd(1071, 462) => 21", rows(func(_ *row, a []types.Value) (types.Value, error) {
			g := gcd(a[0].I, a[1].I)
			if !rng.has(g) || g < 0 {
				return types.Null, rng.err
			}
			return types.IntValue(g), nil
		}))
		def("lcm("+t+", "+t+") "+t, "least common multiple", "lcm(1071, 462) => 23562", rows(func(_ *row, a []types.Value) (types.Value, error) {
			if a[0].I == 0 || a[1].I == 0 {
				return types.IntValue(0), nil
			}
			v, ok := arithOne('*', a[0].I/gcd(a[0].I, a[1].I), a[1].I)
			if v < 0 {
				v = -v
			}
			if !ok || v < 0 || !rng.has(v) {
				return types.Null, rng.err
			}
			return types.IntValue(v), nil
		}))
	}
	def("factorial(int8) numeric", "factorial", "factorial(5) => 120", rows(func(_ *row, a []types.Value) (types.Value, error) {
		if a[0].I < 0 {
			return types.Null, pgerr.New(pgerr.NumericValueOutOfRange, "factorial of a negative number is undefined")
		}
		if a[0].I > 32177 {
			return types.Null, pgerr.New(pgerr.NumericValueOutOfRange, "value overflows numeric format")
		}
		return types.DecValue(types.DecFromBig(new(big.Int).MulRange(1, a[0].I), 0)), nil
	}))
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	if a < 0 {
		return -a
	}
	return a
}

func widthBucket() {
	def("width_bucket(float8, float8, float8, int4) int4", "the bucket of an equal-width histogram", "",
		rows(func(_ *row, a []types.Value) (types.Value, error) {
			x, lo, hi, n := a[0].F, a[1].F, a[2].F, a[3].I
			switch {
			case n <= 0:
				return types.Null, pgerr.New(invalidWidthBucket, "count must be greater than zero")
			case x != x || lo != lo || hi != hi:
				return types.Null, pgerr.New(invalidWidthBucket, "operand, lower bound, and upper bound cannot be NaN")
			case math.IsInf(lo, 0) || math.IsInf(hi, 0):
				return types.Null, pgerr.New(invalidWidthBucket, "lower and upper bounds must be finite")
			case lo == hi:
				return types.Null, pgerr.New(invalidWidthBucket, "lower bound cannot equal upper bound")
			}
			if lo > hi {
				x, lo, hi = -x, -lo, -hi
			}
			switch {
			case x < lo:
				return types.IntValue(0), nil
			case x >= hi:
				return bucketPast(n)
			}
			// Rounding may give n + 1 and overflow the least integer: PostgreSQL 15 computes it in this way.
			b := float64(n)*(x-lo)/(hi-lo) + 1
			if !(b < math.MaxInt32+1) {
				return types.IntValue(math.MinInt32), nil
			}
			return types.IntValue(int64(b)), nil
		}))
	def("width_bucket(numeric, numeric, numeric, int4) int4", "the bucket of an equal-width histogram",
		"width_bucket(5.35, 0.024, 10.06, 5) => 3", rows(widthBucketDec))
}

// bucketPast is the bucket behind the last of n.
func bucketPast(n int64) (types.Value, error) {
	if n == math.MaxInt32 {
		return types.Null, errInt4Range
	}
	return types.IntValue(n + 1), nil
}

func widthBucketDec(_ *row, a []types.Value) (types.Value, error) {
	x, lo, hi, n := a[0].N, a[1].N, a[2].N, a[3].I
	switch {
	case n <= 0:
		return types.Null, pgerr.New(invalidWidthBucket, "count must be greater than zero")
	case x.IsNaN() || lo.IsNaN() || hi.IsNaN():
		return types.Null, pgerr.New(invalidWidthBucket, "operand, lower bound, and upper bound cannot be NaN")
	case lo.IsInf() || hi.IsInf():
		return types.Null, pgerr.New(invalidWidthBucket, "lower and upper bounds must be finite")
	case lo.Cmp(hi) == 0:
		return types.Null, pgerr.New(invalidWidthBucket, "lower bound cannot equal upper bound")
	}
	if lo.Cmp(hi) > 0 {
		x, lo, hi = x.Neg(), lo.Neg(), hi.Neg()
	}
	switch {
	case x.Cmp(lo) < 0:
		return types.IntValue(0), nil
	case x.Cmp(hi) >= 0:
		return bucketPast(n)
	}
	q, err := x.Sub(lo).Mul(types.DecFromInt(n)).Div(hi.Sub(lo))
	if err != nil {
		return types.Null, err
	}
	b, err := q.Floor().Int64()
	if b == math.MaxInt32 {
		return types.Null, errInt4Range
	}
	return types.IntValue(b + 1), err
}
