package expr

import (
	"math"

	"github.com/cockroachdb/apd/v3"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Roots, logarithms and powers of numeric. apd computes them with a few digits to spare; the scale of the result
// follows PostgreSQL's rules (numeric.c), which promise about sixteen significant digits.

const (
	minSigDigits = 16   // NUMERIC_MIN_SIG_DIGITS
	maxScale     = 1000 // NUMERIC_MAX_DISPLAY_SCALE
	log10e       = 0.434294481903252
)

var errNumericOverflow = pgerr.New(pgerr.NumericValueOutOfRange, "value overflows numeric format")

// toAPD converts a finite number.
func toAPD(d types.Dec) (*apd.Decimal, error) {
	a, _, err := apd.NewFromString(d.String())
	return a, err
}

// fromAPD rounds to scale, half away from zero.
func fromAPD(a *apd.Decimal, scale int) (types.Dec, error) {
	if a.Form != apd.Finite || a.Exponent+int32(a.NumDigits()) > 131072 {
		return types.Dec{}, errNumericOverflow
	}
	c := apd.BaseContext.WithPrecision(uint32(max(1, a.NumDigits()+int64(max(a.Exponent, 0))+int64(scale)+2)))
	c.Rounding = apd.RoundHalfUp
	r := new(apd.Decimal)
	if _, err := c.Quantize(r, a, int32(-scale)); err != nil {
		return types.Dec{}, errNumericOverflow
	}
	return types.ParseDec(r.Text('f'))
}

// isFinite reports a number that is neither NaN nor infinite.
func isFinite(d types.Dec) bool { return !d.IsNaN() && !d.IsInf() }

func scaleOf(scale int, ds ...types.Dec) int {
	for _, d := range ds {
		scale = max(scale, int(d.Scale()))
	}
	return min(max(scale, 0), maxScale)
}

// groupWeight is the weight of d's first non-zero group of four decimal digits; 0 for zero.
func groupWeight(a *apd.Decimal) int {
	if a.IsZero() {
		return 0
	}
	return int(math.Floor(float64(int64(a.Exponent)+a.NumDigits()-1) / 4))
}

func decSqrt(d types.Dec) (types.Dec, error) {
	if !isFinite(d) {
		if d.Sign() < 0 && !d.IsNaN() {
			return d, pgerr.New(pgerr.InvalidArgumentForPower, "cannot take square root of a negative number")
		}
		return d, nil
	}
	if d.Sign() < 0 {
		return d, pgerr.New(pgerr.InvalidArgumentForPower, "cannot take square root of a negative number")
	}
	a, err := toAPD(d)
	if err != nil {
		return d, err
	}
	weight := (groupWeight(a) + 1) * 4 / 2
	scale := scaleOf(minSigDigits-(weight-1), d)
	r := new(apd.Decimal)
	if _, err := apd.BaseContext.WithPrecision(uint32(max(0, weight)+scale+8)).Sqrt(r, a); err != nil {
		return d, err
	}
	return fromAPD(r, scale)
}

func decExp(d types.Dec) (types.Dec, error) {
	if !isFinite(d) {
		if !d.IsNaN() && d.Sign() < 0 {
			return types.Dec{}, nil
		}
		return d, nil
	}
	weight := max(-2000, min(2000, d.Float64()*log10e))
	if d.Float64()*log10e > 131072 {
		return d, errNumericOverflow
	}
	scale := scaleOf(minSigDigits-int(weight), d)
	a, err := toAPD(d)
	if err != nil {
		return d, err
	}
	r := new(apd.Decimal)
	if _, err := apd.BaseContext.WithPrecision(uint32(max(0, int(d.Float64()*log10e))+scale+8)).Exp(r, a); err != nil {
		return types.ParseDec(zeroOfScale(scale)) // too small for apd: zero
	}
	return fromAPD(r, scale)
}

func zeroOfScale(scale int) string {
	b := []byte("0.")
	for range scale {
		b = append(b, '0')
	}
	return string(b)
}

// lnWeight estimates the decimal weight of ln(d), as estimate_ln_dweight does.
func lnWeight(a *apd.Decimal) int {
	f, _ := a.Float64()
	if f >= 0.9 && f <= 1.1 {
		x := new(apd.Decimal)
		if _, err := apd.BaseContext.WithPrecision(2000).Sub(x, a, apd.New(1, 0)); err != nil || x.IsZero() {
			return 0
		}
		return int(int64(x.Exponent) + x.NumDigits() - 1)
	}
	ln := math.Abs(math.Log(f))
	if math.IsInf(ln, 0) {
		ln = math.Abs(float64(int64(a.Exponent)+a.NumDigits())) * math.Ln10
	}
	return int(math.Log10(ln))
}

// lnOf computes ln(d) to digits digits after the point.
func lnOf(a *apd.Decimal, digits int) (*apd.Decimal, error) {
	r := new(apd.Decimal)
	_, err := apd.BaseContext.WithPrecision(uint32(max(8, digits+lnWeight(a)+8))).Ln(r, a)
	return r, err
}

// checkLog refuses what has no logarithm.
func checkLog(d types.Dec) error {
	if d.IsNaN() {
		return nil
	}
	return logArg(float64(d.Sign()))
}

func decLn(d types.Dec) (types.Dec, error) {
	if err := checkLog(d); err != nil || !isFinite(d) {
		return d, err
	}
	a, err := toAPD(d)
	if err != nil {
		return d, err
	}
	scale := scaleOf(minSigDigits-lnWeight(a), d)
	r, err := lnOf(a, scale)
	if err != nil {
		return d, err
	}
	return fromAPD(r, scale)
}

func decLog10(d types.Dec) (types.Dec, error) { return logBase(types.DecFromInt(10), d) }

func decLogBase(_ *row, a []types.Value) (types.Value, error) {
	d, err := logBase(a[0].N, a[1].N)
	return types.DecValue(d), err
}

func logBase(base, d types.Dec) (types.Dec, error) {
	if err := checkLog(base); err != nil {
		return d, err
	}
	if err := checkLog(d); err != nil || !isFinite(d) || !isFinite(base) {
		return d, err
	}
	b, err := toAPD(base)
	if err != nil {
		return d, err
	}
	a, err := toAPD(d)
	if err != nil {
		return d, err
	}
	scale := scaleOf(minSigDigits-(lnWeight(a)-lnWeight(b)), base, d)
	x, err := lnOf(a, scale+8)
	if err != nil {
		return d, err
	}
	y, err := lnOf(b, scale+8)
	if err != nil {
		return d, err
	}
	if y.IsZero() {
		return d, errDivZero
	}
	r := new(apd.Decimal)
	if _, err := apd.BaseContext.WithPrecision(uint32(scale+24)).Quo(r, x, y); err != nil {
		return d, err
	}
	return fromAPD(r, scale)
}

func powerDec(_ *row, a []types.Value) (types.Value, error) {
	d, err := power(a[0].N, a[1].N)
	return types.DecValue(d), err
}

func power(base, exp types.Dec) (types.Dec, error) {
	switch {
	case !isFinite(base) || !isFinite(exp):
		v, err := powerFloat(nil, []types.Value{{F: base.Float64()}, {F: exp.Float64()}})
		if err != nil {
			return base, err
		}
		return types.ParseDec(formatSpecial(v.F))
	case base.Sign() == 0 && exp.Sign() < 0:
		return base, pgerr.New(pgerr.InvalidArgumentForPower, "zero raised to a negative power is undefined")
	}
	b, err := toAPD(base)
	if err != nil {
		return base, err
	}
	e, err := toAPD(exp)
	if err != nil {
		return base, err
	}
	if exp.Trunc(0).Cmp(exp) == 0 {
		if n, err := exp.Int64(); err == nil && n == int64(int32(n)) {
			return powerInt(base, b, n)
		}
	}
	if base.Sign() < 0 {
		return base, pgerr.New(pgerr.InvalidArgumentForPower, "a negative number raised to a non-integer power yields a complex result")
	}
	if base.Sign() == 0 {
		return types.ParseDec(zeroOfScale(minSigDigits))
	}
	weight := exp.Float64() * math.Log10(base.Float64())
	if weight > 131072 {
		return base, errNumericOverflow
	}
	scale := scaleOf(minSigDigits-int(max(-2000, weight)), base, exp)
	r := new(apd.Decimal)
	if _, err := apd.BaseContext.WithPrecision(uint32(max(0, int(weight))+scale+12)).Pow(r, b, e); err != nil {
		return base, errNumericOverflow
	}
	return fromAPD(r, scale)
}

// powerInt raises to a whole power.
func powerInt(base types.Dec, b *apd.Decimal, n int64) (types.Dec, error) {
	scale := scaleOf(minSigDigits, base)
	if base.Sign() == 0 || n == 0 {
		if n == 0 {
			return fromAPD(apd.New(1, 0), scale)
		}
		return types.ParseDec(zeroOfScale(scale))
	}
	weight := float64(n) * math.Log10(math.Abs(base.Float64()))
	if weight > 131072 {
		return base, errNumericOverflow
	}
	if weight+1 < -float64(scale) {
		return types.ParseDec(zeroOfScale(scale))
	}
	r := new(apd.Decimal)
	c := apd.BaseContext.WithPrecision(uint32(max(0, int(weight)) + scale + 12))
	if _, err := c.Pow(r, b, apd.New(n, 0)); err != nil {
		return base, errNumericOverflow
	}
	return fromAPD(r, scale)
}

func formatSpecial(f float64) string {
	switch {
	case f != f:
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0"
	}
	return "1"
}
