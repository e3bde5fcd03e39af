package expr

import (
	"math"
	"strconv"
	"strings"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// ksqlDB's functions of numbers. Those of doubles give NaN and infinities where PostgreSQL's fail, as Java's do.

// javaFloat2 makes the kernel of a function of two doubles that never fails.
func javaFloat2(fn func(x, y float64) float64) func(*Call) (kernel, error) {
	return func(*Call) (kernel, error) { return javaFloats(fn), nil }
}

// floatToInt makes the kernel of a function from double to an integer that never fails.
func floatToInt(fn func(float64) int64) func(*Call) (kernel, error) {
	return func(*Call) (kernel, error) {
		return func(f *frame, a []operand) (batch.Vec, error) {
			out := f.ints()
			x, c := floatsOf(a[0])
			for i := range out.V {
				if x != nil {
					c = x[i]
				}
				out.V[i] = fn(c)
			}
			return out, nil
		}, nil
	}
}

func init() {
	ksqlFloats()
	ksqlRounding()
	ksqlDecimals()
	for _, tail := range []string{"", ", text"} {
		defKSQL("geo_distance(float8, float8, float8, float8"+tail+") float8", "great circle distance of two points, given as latitude and longitude in degrees, in kilometers, or in miles if so asked",
			"round(geo_distance(37.4439, -122.1663, 51.5257, -0.1122), 3) => 8634.66", rows(geoDistance))
	}
}

// ksqlFloats registers the functions of doubles.
func ksqlFloats() {
	for _, f := range []struct {
		name, doc, ex string
		fn            func(float64) float64
	}{
		{"acos", "inverse cosine; NaN beyond -1 to 1", "acos(1) => 0", math.Acos},
		{"asin", "inverse sine; NaN beyond -1 to 1", "asin(0) => 0", math.Asin},
		{"atan", "inverse tangent", "atan(0) => 0", math.Atan},
		{"cos", "cosine of radians", "cos(0) => 1", math.Cos},
		{"cosh", "hyperbolic cosine", "cosh(0) => 1", cosh},
		{"cot", "cotangent of radians; of 0 an infinity", "round(cot(1), 6) => 0.642093", func(x float64) float64 { return math.Cos(x) / math.Sin(x) }},
		{"degrees", "radians as degrees", "degrees(pi()) => 180", func(x float64) float64 { return x * (180 / math.Pi) }},
		{"radians", "degrees as radians", "round(radians(180), 6) => 3.141593", func(x float64) float64 { return x * (math.Pi / 180) }},
		{"exp", "e to a power", "exp(0) => 1", math.Exp},
		{"ln", "natural logarithm; NaN below 0, -Infinity of 0", "ln(1) => 0", math.Log},
		{"log", "natural logarithm; NaN below 0, -Infinity of 0", "log(1) => 0", math.Log},
		{"sin", "sine of radians", "sin(0) => 0", math.Sin},
		{"sinh", "hyperbolic sine", "sinh(0) => 0", sinh},
		{"sqrt", "square root; NaN below 0", "sqrt(16) => 4", math.Sqrt},
		{"cbrt", "cube root", "cbrt(27) => 3", math.Cbrt},
		{"tan", "tangent of radians", "tan(0) => 0", math.Tan},
		{"tanh", "hyperbolic tangent", "tanh(0) => 0", math.Tanh},
	} {
		defKSQL(f.name+"(float8) float8", f.doc, f.ex, floatLoop1(f.fn))
	}
	defKSQL("atan2(float8, float8) float8", "the angle of a point given as y and x", "atan2(0, 1) => 0", javaFloat2(math.Atan2))
	defKSQL("power(float8, float8) float8", "a base to a power", "power(2, 10) => 1024", javaFloat2(javaPow))
	defKSQL("log(float8, float8) float8", "logarithm to a base, the first argument; NaN for a base that is not positive, or 1", "log(2, 8) => 3", javaFloat2(javaLogBase))
}

// ksqlRounding registers signs, absolute values and roundings but those of decimals.
func ksqlRounding() {
	for _, t := range []string{"int4", "int8"} {
		defKSQL("sign("+t+") int4", "-1, 0 or 1", "sign(-5) => -1", intLoop1(func(x int64) int64 { return x>>63 | int64(uint64(-x)>>63) }))
		defKSQL("ceil("+t+") "+t, "the number itself", "ceil(3) => 3", intLoop1(func(x int64) int64 { return x }))
		defKSQL("floor("+t+") "+t, "the number itself", "floor(3) => 3", intLoop1(func(x int64) int64 { return x }))
		defKSQL("round("+t+") int8", "the number itself", "round(3) => 3", intLoop1(func(x int64) int64 { return x }))
		defKSQL("trunc("+t+") int8", "the number itself", "trunc(3) => 3", intLoop1(func(x int64) int64 { return x }))
	}
	defKSQL("abs(int4) int4", "absolute value", "abs(-5) => 5", intLoop1(func(x int64) int64 { return int64(int32(max(x, -x))) }))
	defKSQL("abs(int8) int8", "absolute value", "", intLoop1(func(x int64) int64 { return max(x, -x) }))
	defKSQL("abs(float8) float8", "absolute value", "", floatLoop1(math.Abs))
	defKSQL("ceil(float8) float8", "the nearest whole number that is not less", "ceil(1.2E0) => 2", floatLoop1(math.Ceil))
	defKSQL("floor(float8) float8", "the nearest whole number that is not greater", "floor(1.8E0) => 1", floatLoop1(math.Floor))
	defKSQL("sign(float8) int4", "-1, 0 or 1", "", floatToInt(func(x float64) int64 {
		switch {
		case x > 0:
			return 1
		case x < 0:
			return -1
		}
		return 0
	}))
	defKSQL("round(float8) int8", "the nearest whole number, the greater of two", "round(-1.5E0) => -1", floatToInt(javaRound))
	defKSQL("trunc(float8) int8", "the number without its fraction", "trunc(-1.5E0) => -1", floatToInt(javaLong))
	defKSQL("round(float8, int4) float8", "rounded to decimal places, half up; before the point if the number is negative", "round(12345.678E0, 1) => 12345.7", rows(scaled(roundHalfUp)))
	defKSQL("trunc(float8, int4) float8", "cut off behind decimal places; before the point if the number is negative", "trunc(12345.678E0, 1) => 12345.6", rows(scaled(types.Dec.Trunc)))
}

// ksqlDecimals registers the functions of decimals; their results have the argument's type, or none of its fraction.
func ksqlDecimals() {
	sameType := func(args []Expr) types.Type { return args[0].Type() }
	whole := func(args []Expr) types.Type {
		t := args[0].Type()
		if t.Prec > 0 {
			t.Prec, t.Scale = max(t.Prec-t.Scale, 1), 0
		}
		return t
	}
	keep := func(fn func(types.Dec) types.Dec) func(*Call) (kernel, error) {
		return rows(func(_ *row, a []types.Value) (types.Value, error) {
			return types.DecValue(fn(a[0].N).Round(a[0].N.Scale())), nil
		})
	}
	defKSQL("abs(numeric) numeric", "absolute value", "abs(-5.5) => 5.5", keep(types.Dec.Abs)).typed(sameType)
	defKSQL("ceil(numeric) numeric", "the nearest whole number that is not less, with the scale it had", "ceil(1.2) => 2.0", keep(types.Dec.Ceil)).typed(sameType)
	defKSQL("floor(numeric) numeric", "the nearest whole number that is not greater, with the scale it had", "floor(1.8) => 1.0", keep(types.Dec.Floor)).typed(sameType)
	for _, f := range []struct {
		name, doc, ex string
		fn            func(types.Dec, int32) types.Dec
	}{{"round", "the nearest whole number, the greater of two", "round(-1.5) => -1", roundHalfUp}, {"trunc", "the number without its fraction", "trunc(-1.5) => -1", types.Dec.Trunc}} {
		defKSQL(f.name+"(numeric) numeric", f.doc, f.ex, rows(func(_ *row, a []types.Value) (types.Value, error) {
			return types.DecValue(f.fn(a[0].N, 0)), nil
		})).typed(whole)
		defKSQL(f.name+"(numeric, int4) numeric", "to decimal places; the scale stays", f.name+"(1.55, 1) => "+map[string]string{"round": "1.60", "trunc": "1.50"}[f.name],
			rows(func(_ *row, a []types.Value) (types.Value, error) {
				d := a[0].N
				if a[1].I >= int64(d.Scale()) {
					return types.DecValue(d), nil
				}
				return types.DecValue(f.fn(d, int32(max(a[1].I, -placesMax))).Round(d.Scale())), nil
			})).typed(sameType)
	}
}

// placesMax bounds the decimal places of a rounding; no number has a digit so far from its point.
const placesMax = 400

// roundHalfUp rounds to a scale, of two nearest numbers to the greater.
func roundHalfUp(d types.Dec, scale int32) types.Dec {
	if d.Sign() >= 0 {
		return d.Round(scale)
	}
	cut := d.Trunc(scale)
	half := types.DecFromInt(5).MulPow10(-scale - 1)
	if cut.Sub(d).Cmp(half) <= 0 {
		return cut
	}
	return d.Round(scale)
}

// scaled makes round or trunc of a double to decimal places: its shortest decimal form is what counts.
func scaled(fn func(types.Dec, int32) types.Dec) rowFunc {
	return func(r *row, a []types.Value) (types.Value, error) {
		x := a[0].F
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return types.Null, pgerr.New(pgerr.NumericValueOutOfRange, "cannot round %v to decimal places", x)
		}
		if a[1].I > placesMax {
			return a[0], nil
		}
		r.buf = strconv.AppendFloat(r.buf[:0], x, 'f', -1, 64)
		d, err := types.ParseDec(string(r.buf))
		if err != nil {
			return types.Null, err
		}
		return types.FloatValue(fn(d, int32(max(a[1].I, -placesMax))).Float64()), nil
	}
}

// javaLong cuts off a fraction; what is beyond the range becomes its bound, NaN 0.
func javaLong(x float64) int64 {
	switch {
	case x != x:
		return 0
	case x >= 1<<63:
		return math.MaxInt64
	case x < -1<<63:
		return math.MinInt64
	}
	return int64(x)
}

// javaRound is Math.round: the nearest whole number, of two the greater.
func javaRound(x float64) int64 {
	down := math.Floor(x)
	if x-down >= 0.5 {
		down++
	}
	return javaLong(down)
}

// javaPow is Math.pow: 1 to a power that is infinite or NaN is NaN.
func javaPow(x, y float64) float64 {
	if math.Abs(x) == 1 && math.IsInf(y, 0) || math.IsNaN(y) {
		return math.NaN()
	}
	return math.Pow(x, y)
}

func javaLogBase(base, x float64) float64 {
	if base <= 0 || base == 1 {
		return math.NaN()
	}
	return math.Log(x) / math.Log(base)
}

// The earth's radius that ksqlDB takes.
const (
	earthKilometers = 6371
	earthMiles      = 3959
)

// geoDistance is the haversine formula.
func geoDistance(_ *row, a []types.Value) (types.Value, error) {
	lat1, lon1, lat2, lon2 := a[0].F, a[1].F, a[2].F, a[3].F
	if math.Abs(lat1) > 90 || math.Abs(lat2) > 90 {
		return types.Null, pgerr.New(pgerr.InvalidParameterValue, "a latitude must be from -90 to 90 degrees")
	}
	if math.Abs(lon1) > 180 || math.Abs(lon2) > 180 {
		return types.Null, pgerr.New(pgerr.InvalidParameterValue, "a longitude must be from -180 to 180 degrees")
	}
	radius := float64(earthKilometers)
	if len(a) > 4 {
		switch unit := strings.ToLower(strings.TrimSpace(string(a[4].Bytes))); unit {
		case "", "km", "kilometer", "kilometers", "kilometre", "kilometres":
		case "mi", "mile", "miles":
			radius = earthMiles
		default:
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "unknown unit %q: use miles or kilometers", unit)
		}
	}
	const rad = math.Pi / 180
	haversin := func(x float64) float64 { s := math.Sin(x / 2); return s * s }
	h := haversin((lat2-lat1)*rad) + haversin((lon2-lon1)*rad)*math.Cos(lat1*rad)*math.Cos(lat2*rad)
	return types.FloatValue(2 * math.Asin(math.Sqrt(h)) * radius), nil
}
