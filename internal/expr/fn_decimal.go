package expr

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Roots, logarithms and powers of numeric. apd computes them with a few digits to spare; the scale of the result
// follows PostgreSQL's rules (numeric.c), which promise about sixteen significant digits.

const (
	minSigDigits = 16   // NUMERIC_MIN_SIG_DIGITS
	maxScale     = 1000 // NUMERIC_MAX_DISPLAY_SCALE
	maxExp       = 6000 // e to a greater power overflows (3 · NUMERIC_MAX_RESULT_SCALE)
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

// leadingGroups gives the first groups of four decimal digits, up to n of them without trailing zeros, as a number and
// the power of ten it is to be multiplied with: how PostgreSQL, which counts in base 10000, estimates sizes.
func leadingGroups(a *apd.Decimal, n int) (groups float64, exp int) {
	if a.IsZero() {
		return 0, 0
	}
	s := strings.TrimRight(a.Coeff.String(), "0")
	first := int(int64(a.Exponent) + a.NumDigits() - 1)
	weight := first >> 2
	width := first - 4*weight + 1 // of the first group
	count := min(n, 1+(max(0, len(s)-width)+3)/4)
	width += 4 * (count - 1)
	for len(s) < width {
		s += "0"
	}
	f, _ := strconv.ParseFloat(s[:width], 64)
	return f, 4 * (weight - count + 1)
}

// groupWeight is the weight of d's first non-zero group of four decimal digits; 0 for zero.
func groupWeight(a *apd.Decimal) int {
	_, exp := leadingGroups(a, 1)
	return exp / 4
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
	weight := min(max(d.Float64()*log10e, -2000), 2000)
	a, err := toAPD(d)
	if err != nil {
		return d, err
	}
	return expOf(a, scaleOf(minSigDigits-int(weight), d))
}

// expOf computes e^a to scale digits after the point.
func expOf(a *apd.Decimal, scale int) (types.Dec, error) {
	f, err := a.Float64()
	if err != nil || math.Abs(f) >= maxExp {
		if a.Sign() > 0 {
			return types.Dec{}, errNumericOverflow
		}
		return types.ParseDec(zeroOfScale(scale))
	}
	r := new(apd.Decimal)
	if _, err := apd.BaseContext.WithPrecision(uint32(max(0, int(f*log10e)+scale)+12)).Exp(r, a); err != nil {
		return types.Dec{}, err
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

var (
	apdOne      = apd.New(1, 0)
	apdNearLow  = apd.New(9, -1)
	apdNearHigh = apd.New(11, -1)
)

// lnWeight estimates the decimal weight of ln(a), as estimate_ln_dweight does.
func lnWeight(a *apd.Decimal) int {
	if a.Sign() <= 0 {
		return 0
	}
	if a.Cmp(apdNearLow) >= 0 && a.Cmp(apdNearHigh) <= 0 {
		x := new(apd.Decimal)
		if _, err := apd.BaseContext.WithPrecision(uint32(a.NumDigits())+2).Sub(x, a, apdOne); err != nil || x.IsZero() {
			return 0
		}
		return int(int64(x.Exponent) + x.NumDigits() - 1)
	}
	f, exp := leadingGroups(a, 2)
	return int(math.Log10(math.Abs(math.Log(f) + float64(exp)*2.302585092994046)))
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
	if base.IsNaN() || d.IsNaN() {
		return types.NaNDec, nil
	}
	if !isFinite(base) || !isFinite(d) {
		return logInfinite(base, d)
	}
	if err := checkLog(base); err != nil {
		return d, err
	}
	if err := checkLog(d); err != nil {
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

func logInfinite(base, d types.Dec) (types.Dec, error) {
	for _, sign := range []int{min(base.Sign(), d.Sign()), base.Sign() * d.Sign()} {
		if err := logArg(float64(sign)); err != nil {
			return d, err
		}
	}
	switch {
	case isFinite(base):
		return d, nil
	case isFinite(d):
		return types.Dec{}, nil
	}
	return types.NaNDec, nil
}

var (
	errZeroToNegative = pgerr.New(pgerr.InvalidArgumentForPower, "zero raised to a negative power is undefined")
	errComplexPower   = pgerr.New(pgerr.InvalidArgumentForPower, "a negative number raised to a non-integer power yields a complex result")
)

func isWhole(d types.Dec) bool { return d.IsInf() || d.Trunc(0).Cmp(d) == 0 }

// isOdd reports an odd whole number.
func isOdd(d types.Dec) bool {
	m, err := d.Mod(types.DecFromInt(2))
	return err == nil && isFinite(d) && m.Abs().Cmp(types.DecFromInt(1)) == 0
}

func power(base, exp types.Dec) (types.Dec, error) {
	one := types.DecFromInt(1)
	switch {
	case base.IsNaN() && isFinite(exp) && exp.Sign() == 0, exp.IsNaN() && isFinite(base) && base.Cmp(one) == 0:
		return one, nil
	case base.IsNaN() || exp.IsNaN():
		return types.NaNDec, nil
	case base.Sign() == 0 && exp.Sign() < 0:
		return base, errZeroToNegative
	case base.Sign() < 0 && !isWhole(exp):
		return base, errComplexPower
	case !isFinite(base) || !isFinite(exp):
		return powerInfinite(base, exp), nil
	}
	b, err := toAPD(base)
	if err != nil {
		return base, err
	}
	if isWhole(exp) {
		if n, err := exp.Int64(); err == nil && n == int64(int32(n)) {
			return powerInt(base, b, n)
		}
	}
	if base.Sign() == 0 {
		return types.ParseDec(zeroOfScale(minSigDigits))
	}
	r, err := powerOf(b.Abs(b), base, exp)
	if base.Sign() < 0 && isOdd(exp) {
		r = r.Neg()
	}
	return r, err
}

// powerInfinite is power where one number is infinite, by the rules of POSIX.
func powerInfinite(base, exp types.Dec) types.Dec {
	one, inf, zero := types.DecFromInt(1), types.InfDec, types.Dec{}
	grows := base.Abs().Cmp(one) > 0
	switch {
	case exp.Sign() == 0, base.Cmp(one) == 0, exp.IsInf() && base.Cmp(one.Neg()) == 0:
		return one
	case base.Sign() == 0:
		return zero
	case exp.IsInf() && grows == (exp.Sign() > 0):
		return inf
	case exp.IsInf(), exp.Sign() < 0:
		return zero
	case base.Sign() < 0 && isOdd(exp):
		return base
	}
	return inf
}

// powerOf is e^(exp · ln b) for b, the absolute value of base.
func powerOf(b *apd.Decimal, base, exp types.Dec) (types.Dec, error) {
	e, err := toAPD(exp)
	if err != nil {
		return base, err
	}
	weight := lnWeight(b)
	ln, err := lnOf(b, max(0, 8-weight))
	if err != nil {
		return base, err
	}
	product := new(apd.Decimal)
	if _, err := apd.BaseContext.WithPrecision(20).Mul(product, ln, e); err != nil {
		return base, err
	}
	val, err := product.Float64()
	if err != nil || math.Abs(val) > maxExp+20 {
		if product.Sign() > 0 {
			return base, errNumericOverflow
		}
		return types.ParseDec(zeroOfScale(maxScale))
	}
	val *= log10e
	scale := scaleOf(minSigDigits-int(val), base, exp)
	digits := max(0, scale+int(val)) + 12
	if ln, err = lnOf(b, digits-weight+max(0, int(exp.Exponent10()))); err != nil {
		return base, err
	}
	if _, err := apd.BaseContext.WithPrecision(uint32(digits+16)).Mul(product, ln, e); err != nil {
		return base, err
	}
	return expOf(product, scale)
}

// powerInt raises to a whole power.
func powerInt(base types.Dec, b *apd.Decimal, n int64) (types.Dec, error) {
	scale := scaleOf(minSigDigits, base)
	if n == 0 {
		return fromAPD(apdOne, scale)
	}
	if base.Sign() == 0 {
		return types.ParseDec(zeroOfScale(scale))
	}
	f, exp := leadingGroups(b, 4)
	weight := float64(n) * (math.Log10(math.Abs(f)) + float64(exp))
	if weight > 3*32767*4 {
		return base, errNumericOverflow
	}
	if weight+1 < -float64(scale) && n != 1 && n != -1 && n != 2 {
		return types.ParseDec(zeroOfScale(scale))
	}
	if weight > 131072 {
		return base, errNumericOverflow
	}
	if weight > 90000 { // beyond apd's exponents
		return powerBig(base, n, scale)
	}
	r := new(apd.Decimal)
	c := apd.BaseContext.WithPrecision(uint32(max(0, int(weight)+scale) + 12))
	if _, err := c.Pow(r, b, apd.New(n, 0)); err != nil {
		return base, errNumericOverflow
	}
	return fromAPD(r, scale)
}

// powerBig raises to a whole power exactly, and rounds then.
func powerBig(base types.Dec, n int64, scale int) (types.Dec, error) {
	coef, digits := base.Coef(), int64(base.Scale())
	if int64(coef.BitLen())*n > 1<<24 || digits*n > 1<<20 {
		return base, errNumericOverflow
	}
	d := types.DecFromBig(coef.Exp(coef, big.NewInt(n), nil), int32(digits*n)).Round(int32(scale))
	return d, d.CheckRange()
}
