package types

import (
	"math"
	"math/big"
	"math/bits"

	"streamsql/internal/pgerr"
)

// Dec is an arbitrary-precision decimal (numeric): coefficient / 10^scale, or NaN or an infinity. The zero Dec is 0.
// While the coefficient fits an int64 nothing is allocated. Decs are values: no method changes its receiver.
type Dec struct {
	lo    int64
	scale int32
	form  uint8
	big   *big.Int // coefficient when form is decBig; never changed once set
}

// The forms. A coefficient that fits int64 is always decSmall, so that one value of one scale has one representation.
const (
	decSmall uint8 = iota
	decBig
	decNaN
	decPosInf
	decNegInf
)

// The limits of PostgreSQL's numeric: digits after the point, and before it.
const (
	decScaleMax  = 16383
	decWeightMax = 131072
)

// NaNDec, InfDec and NegInfDec are numeric's special values.
var (
	NaNDec    = Dec{form: decNaN}
	InfDec    = Dec{form: decPosInf}
	NegInfDec = Dec{form: decNegInf}
)

var pow10 = [...]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// DecFromInt returns i with scale 0.
func DecFromInt(i int64) Dec { return Dec{lo: i} }

// DecFromScaled returns coef / 10^scale.
func DecFromScaled(coef int64, scale int32) Dec { return Dec{lo: coef, scale: scale} }

// DecFromBig returns coef / 10^scale. coef is not kept when it fits an int64 and belongs to the Dec otherwise.
func DecFromBig(coef *big.Int, scale int32) Dec {
	if coef.IsInt64() {
		return Dec{lo: coef.Int64(), scale: scale}
	}
	return Dec{form: decBig, big: coef, scale: scale}
}

// DecFromInt128 returns the signed 128-bit integer hi·2^64 + lo.
func DecFromInt128(hi int64, lo uint64) Dec {
	if hi == int64(lo)>>63 {
		return Dec{lo: int64(lo)}
	}
	b := big.NewInt(hi)
	b.Lsh(b, 64)
	return DecFromBig(b.Add(b, new(big.Int).SetUint64(lo)), 0)
}

// Small returns the coefficient and the scale of a finite d whose coefficient fits an int64.
func (d Dec) Small() (coef int64, scale int32, ok bool) { return d.lo, d.scale, d.form == decSmall }

// Coef returns a copy of the coefficient of a finite d.
func (d Dec) Coef() *big.Int { return new(big.Int).Set(d.coef()) }

// coef returns the coefficient of a finite d, which must not be changed.
func (d Dec) coef() *big.Int {
	if d.form == decBig {
		return d.big
	}
	return big.NewInt(d.lo)
}

// Scale returns the number of digits after the point that d is shown with.
func (d Dec) Scale() int32 { return d.scale }

// IsNaN reports NaN.
func (d Dec) IsNaN() bool { return d.form == decNaN }

// IsInf reports either infinity.
func (d Dec) IsInf() bool { return d.form == decPosInf || d.form == decNegInf }

func (d Dec) finite() bool { return d.form <= decBig }

// Sign returns -1, 0 or 1; 1 for NaN.
func (d Dec) Sign() int {
	switch d.form {
	case decSmall:
		switch {
		case d.lo < 0:
			return -1
		case d.lo > 0:
			return 1
		}
		return 0
	case decBig:
		return d.big.Sign()
	case decNegInf:
		return -1
	}
	return 1
}

// rank orders the forms: -Infinity, finite, Infinity, NaN.
func (d Dec) rank() int {
	switch d.form {
	case decNegInf:
		return -1
	case decPosInf:
		return 1
	case decNaN:
		return 2
	}
	return 0
}

// Cmp compares by value: 1.0 equals 1.00, NaN equals itself and is greater than all else.
func (d Dec) Cmp(e Dec) int {
	if d.form == decSmall && e.form == decSmall {
		if d.scale == e.scale {
			return cmpInt(d.lo, e.lo)
		}
		return cmpScaled(d, e)
	}
	if !d.finite() || !e.finite() {
		return d.rank() - e.rank()
	}
	s := max(d.scale, e.scale)
	return scaleUp(d.coef(), s-d.scale).Cmp(scaleUp(e.coef(), s-e.scale))
}

func cmpInt(a, b int64) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

// cmpScaled compares two small decimals of different scale.
func cmpScaled(d, e Dec) int {
	if sd, se := d.Sign(), e.Sign(); sd != se || sd == 0 {
		return sd - se
	}
	diff := d.scale - e.scale
	if diff < 0 {
		return -cmpScaled(e, d)
	}
	if int(diff) >= len(pow10) {
		return d.coef().Cmp(scaleUp(e.coef(), diff))
	}
	hi, lo := bits.Mul64(absU(e.lo), uint64(pow10[diff]))
	c := 0
	switch a := absU(d.lo); {
	case hi > 0 || a < lo:
		c = -1
	case a > lo:
		c = 1
	}
	if d.lo < 0 {
		return -c
	}
	return c
}

func absU(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}

// bigPow10 returns 10^n.
func bigPow10(n int32) *big.Int {
	if int(n) < len(pow10) {
		return big.NewInt(pow10[n])
	}
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// scaleUp returns x·10^n; x itself for n = 0.
func scaleUp(x *big.Int, n int32) *big.Int {
	if n == 0 {
		return x
	}
	return new(big.Int).Mul(x, bigPow10(n))
}

// scaleSmall returns x·10^n if it fits.
func scaleSmall(x int64, n int32) (int64, bool) {
	if n == 0 {
		return x, true
	}
	if int(n) >= len(pow10) {
		return 0, x == 0
	}
	return mulInt(x, pow10[n])
}

func mulInt(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(absU(a), absU(b))
	if hi != 0 {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		return -int64(lo), lo <= 1<<63
	}
	return int64(lo), lo <= math.MaxInt64
}

func addInt(a, b int64) (int64, bool) {
	s := a + b
	return s, (s > a) == (b > 0)
}

// Add returns d + e with the larger scale of the two.
func (d Dec) Add(e Dec) Dec {
	if d.form == decSmall && e.form == decSmall {
		if r, ok := addSmall(d, e); ok {
			return r
		}
	}
	if !d.finite() || !e.finite() {
		return addSpecial(d, e)
	}
	s := max(d.scale, e.scale)
	a, b := scaleUp(d.coef(), s-d.scale), scaleUp(e.coef(), s-e.scale)
	return DecFromBig(new(big.Int).Add(a, b), s)
}

func addSmall(d, e Dec) (Dec, bool) {
	a, b, s := d.lo, e.lo, d.scale
	if d.scale != e.scale {
		s = max(d.scale, e.scale)
		var ok1, ok2 bool
		a, ok1 = scaleSmall(a, s-d.scale)
		b, ok2 = scaleSmall(b, s-e.scale)
		if !ok1 || !ok2 {
			return Dec{}, false
		}
	}
	sum, ok := addInt(a, b)
	return Dec{lo: sum, scale: s}, ok
}

func addSpecial(d, e Dec) Dec {
	switch {
	case d.IsNaN() || e.IsNaN(), d.IsInf() && e.IsInf() && d.form != e.form:
		return NaNDec
	case d.IsInf():
		return d
	}
	return e
}

// Sub returns d - e with the larger scale of the two.
func (d Dec) Sub(e Dec) Dec { return d.Add(e.Neg()) }

// Neg returns -d.
func (d Dec) Neg() Dec {
	switch d.form {
	case decSmall:
		if d.lo != math.MinInt64 {
			return Dec{lo: -d.lo, scale: d.scale}
		}
		return DecFromBig(new(big.Int).Neg(d.coef()), d.scale)
	case decBig:
		return DecFromBig(new(big.Int).Neg(d.big), d.scale)
	case decPosInf:
		return NegInfDec
	case decNegInf:
		return InfDec
	}
	return d
}

// Abs returns |d|.
func (d Dec) Abs() Dec {
	if d.Sign() < 0 {
		return d.Neg()
	}
	return d
}

// Mul returns d · e; the scale is the sum of the two (at most 16383).
func (d Dec) Mul(e Dec) Dec {
	s := d.scale + e.scale
	if d.form == decSmall && e.form == decSmall && s <= decScaleMax {
		if p, ok := mulInt(d.lo, e.lo); ok {
			return Dec{lo: p, scale: s}
		}
	}
	if !d.finite() || !e.finite() {
		return mulSpecial(d, e)
	}
	p := DecFromBig(new(big.Int).Mul(d.coef(), e.coef()), s)
	if s > decScaleMax {
		return p.Round(decScaleMax)
	}
	return p
}

func mulSpecial(d, e Dec) Dec {
	s := d.Sign() * e.Sign()
	switch {
	case d.IsNaN() || e.IsNaN() || s == 0:
		return NaNDec
	case s < 0:
		return NegInfDec
	}
	return InfDec
}

var errDivisionByZero = pgerr.New(pgerr.DivisionByZero, "division by zero")

// Div returns d / e with the scale PostgreSQL chooses: at least 16 significant digits and neither operand's scale lost,
// rounded half away from zero. Error: 22012.
func (d Dec) Div(e Dec) (Dec, error) {
	if !d.finite() || !e.finite() {
		return divSpecial(d, e)
	}
	if e.Sign() == 0 {
		return Dec{}, errDivisionByZero
	}
	s := divScale(d, e)
	shift := s + e.scale - d.scale
	if shift < 0 { // d shows more digits than a quotient does
		return DecFromBig(quoHalfAway(d.coef(), scaleUp(e.coef(), -shift)), s), nil
	}
	if d.form == decSmall && e.form == decSmall {
		if q, ok := divSmall(d.lo, e.lo, shift); ok {
			return Dec{lo: q, scale: s}, nil
		}
	}
	return DecFromBig(quoHalfAway(scaleUp(d.coef(), shift), e.coef()), s), nil
}

// divSmall returns a·10^shift / b rounded half away from zero, if it fits.
func divSmall(a, b int64, shift int32) (int64, bool) {
	p := uint64(1e19)
	if shift > 19 {
		return 0, false
	} else if shift < 19 {
		p = uint64(pow10[shift])
	}
	hi, lo := bits.Mul64(absU(a), p)
	ub := absU(b)
	if hi >= ub {
		return 0, false
	}
	q, r := bits.Div64(hi, lo, ub)
	if r >= ub-r {
		q++
	}
	if q > math.MaxInt64 {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		return -int64(q), true
	}
	return int64(q), true
}

// quoHalfAway returns a / b rounded to the nearest integer, halves away from zero.
func quoHalfAway(a, b *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	r.Lsh(r.Abs(r), 1)
	if r.CmpAbs(b) >= 0 {
		q.Add(q, big.NewInt(int64(a.Sign()*b.Sign())))
	}
	return q
}

func divSpecial(d, e Dec) (Dec, error) {
	switch {
	case d.IsNaN() || e.IsNaN():
		return NaNDec, nil
	case e.IsInf():
		if d.IsInf() {
			return NaNDec, nil
		}
		return Dec{}, nil
	case e.Sign() == 0:
		return Dec{}, errDivisionByZero
	case e.Sign() < 0:
		return d.Neg(), nil
	}
	return d, nil
}

// divScale is PostgreSQL's select_div_scale. It thinks in digits of base 10000, so that is what must be imitated.
func divScale(d, e Dec) int32 {
	const minSigDigits, maxDisplayScale = 16, 1000
	w1, f1 := d.leadDigit()
	w2, f2 := e.leadDigit()
	qw := w1 - w2
	if f1 <= f2 {
		qw--
	}
	return min(max(minSigDigits-qw*4, d.scale, e.scale, 0), maxDisplayScale)
}

// leadDigit returns the weight and the value of the first digit that is not 0 in base 10000; 0, 0 for zero.
func (d Dec) leadDigit() (weight, digit int32) {
	if d.Sign() == 0 {
		return 0, 0
	}
	n := d.digits()
	exp := n - d.scale - 1 // d = x.yyy · 10^exp
	weight = exp >> 2
	k := exp - 4*weight + 1 // decimal digits in the first base-10000 digit
	if n >= k {
		return weight, int32(d.coefQuo(n - k))
	}
	return weight, int32(absU(d.lo)) * int32(pow10[k-n])
}

// coefQuo returns the absolute coefficient divided by 10^n, truncated; it must fit.
func (d Dec) coefQuo(n int32) int64 {
	if d.form == decSmall {
		if int(n) < len(pow10) {
			return int64(absU(d.lo) / uint64(pow10[n]))
		}
		return 0
	}
	q := new(big.Int).Quo(d.big, bigPow10(n))
	return q.Abs(q).Int64()
}

// digits returns the number of decimal digits of the coefficient of a finite d; 0 for zero.
func (d Dec) digits() int32 {
	if d.form == decSmall {
		return digitsU(absU(d.lo))
	}
	// The estimate from the bit length is right or one too small.
	n := int32(float64(d.big.BitLen()-1) * math.Log10(2))
	if d.big.CmpAbs(bigPow10(n)) >= 0 {
		n++
	}
	if d.big.CmpAbs(bigPow10(n)) >= 0 {
		n++
	}
	return n
}

func digitsU(u uint64) int32 {
	n := int32(0)
	for n < int32(len(pow10)) && u >= uint64(pow10[n]) {
		n++
	}
	if u >= 1e19 {
		n++
	}
	return n
}

// Mod returns the remainder of d / e truncated; it has d's sign and the larger scale. Error: 22012.
func (d Dec) Mod(e Dec) (Dec, error) {
	switch {
	case d.IsNaN() || e.IsNaN():
		return NaNDec, nil
	case e.Sign() == 0:
		return Dec{}, errDivisionByZero
	case d.IsInf():
		return NaNDec, nil
	case e.IsInf():
		return d, nil
	}
	s := max(d.scale, e.scale)
	if d.form == decSmall && e.form == decSmall {
		a, ok1 := scaleSmall(d.lo, s-d.scale)
		b, ok2 := scaleSmall(e.lo, s-e.scale)
		if ok1 && ok2 {
			return Dec{lo: a % b, scale: s}, nil // Go gives MinInt64 % -1 = 0
		}
	}
	a, b := scaleUp(d.coef(), s-d.scale), scaleUp(e.coef(), s-e.scale)
	return DecFromBig(new(big.Int).Rem(a, b), s), nil
}
