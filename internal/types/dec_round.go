package types

import (
	"math"
	"math/big"
	"strconv"

	"streamsql/internal/pgerr"
)

// Round returns d with scale digits after the point, rounded half away from zero. A negative scale rounds before the
// point and shows no digit after it.
func (d Dec) Round(scale int32) Dec { return d.cut(scale, cutRound) }

// Trunc is Round towards zero.
func (d Dec) Trunc(scale int32) Dec { return d.cut(scale, cutTrunc) }

// Floor returns the greatest integer not above d, with scale 0.
func (d Dec) Floor() Dec { return d.cut(0, cutFloor) }

// Ceil returns the least integer not below d, with scale 0.
func (d Dec) Ceil() Dec { return d.cut(0, cutCeil) }

type cutMode uint8

const (
	cutRound cutMode = iota
	cutTrunc
	cutFloor
	cutCeil
)

func (d Dec) cut(scale int32, mode cutMode) Dec {
	if !d.finite() {
		return d
	}
	scale = min(scale, decScaleMax)
	if scale >= d.scale {
		return d.widen(scale)
	}
	n := d.scale - scale // digits to drop
	if n > d.digits()+1 {
		n = d.digits() + 1 // all of them, and no half reaches up
	}
	r := d.drop(n, mode)
	// r counts units of 10^-(d.scale-n); bring it to the wanted scale, or back in front of the point.
	at := d.scale - n
	if at > scale { // everything was dropped: r is 0 or ±1 unit of the wanted place
		at = scale
	}
	if at < 0 {
		return DecFromBig(scaleUp(r.coef(), -at), 0)
	}
	return r.at(at)
}

func (d Dec) at(scale int32) Dec { d.scale = scale; return d }

// widen appends zeros after the point.
func (d Dec) widen(scale int32) Dec {
	if d.form == decSmall {
		if x, ok := scaleSmall(d.lo, scale-d.scale); ok {
			return Dec{lo: x, scale: scale}
		}
	}
	return DecFromBig(scaleUp(d.coef(), scale-d.scale), scale)
}

// drop divides the coefficient by 10^n.
func (d Dec) drop(n int32, mode cutMode) Dec {
	if d.form == decSmall && int(n) < len(pow10) {
		q, r := d.lo/pow10[n], d.lo%pow10[n]
		return Dec{lo: q + step(mode, r, absU(r) >= uint64(pow10[n])-absU(r))}
	}
	p := bigPow10(n)
	q, r := new(big.Int).QuoRem(d.coef(), p, new(big.Int))
	sign := int64(r.Sign())
	half := new(big.Int).Lsh(new(big.Int).Abs(r), 1).Cmp(p) >= 0
	return DecFromBig(q.Add(q, big.NewInt(step(mode, sign, half))), 0)
}

// step says how a truncated quotient moves: rem has the sign of the remainder, half says it is half a unit or more.
func step(mode cutMode, rem int64, half bool) int64 {
	switch {
	case rem == 0:
		return 0
	case mode == cutRound && half && rem > 0, mode == cutCeil && rem > 0:
		return 1
	case mode == cutRound && half, mode == cutFloor && rem < 0:
		return -1
	}
	return 0
}

// Int64 returns d rounded half away from zero. Errors: 22003, and 0A000 for NaN and infinities, in bigint's name.
func (d Dec) Int64() (int64, error) {
	i, ok, err := d.toInt("bigint")
	if err == nil && !ok {
		err = pgerr.New(pgerr.NumericValueOutOfRange, "bigint out of range")
	}
	return i, err
}

// toInt rounds to an integer; ok is false when it does not fit an int64. The error (NaN, infinity) names the type what.
func (d Dec) toInt(what string) (i int64, ok bool, err error) {
	switch {
	case d.IsNaN():
		return 0, false, pgerr.New(pgerr.FeatureNotSupported, "cannot convert NaN to %s", what)
	case d.IsInf():
		return 0, false, pgerr.New(pgerr.FeatureNotSupported, "cannot convert infinity to %s", what)
	}
	r := d.Round(0)
	return r.lo, r.form == decSmall, nil
}

// Float64 returns the double nearest to d; beyond its range an infinity.
func (d Dec) Float64() float64 {
	switch d.form {
	case decSmall:
		if a := absU(d.lo); a < 1<<53 && d.scale <= 22 {
			return float64(d.lo) / math.Pow10(int(d.scale)) // both exact, so the quotient is correctly rounded
		}
	case decNaN:
		return math.NaN()
	case decPosInf:
		return math.Inf(1)
	case decNegInf:
		return math.Inf(-1)
	}
	f, _ := strconv.ParseFloat(d.String(), 64) // a range error comes with the infinity we want
	return f
}

// DecFromFloat converts a double as PostgreSQL does: 15 significant digits. It never fails; the error is for symmetry.
func DecFromFloat(f float64) (Dec, error) { return decFromFloat(f, 15) }

// DecFromFloat32 converts a real: 6 significant digits.
func DecFromFloat32(f float64) (Dec, error) { return decFromFloat(f, 6) }

func decFromFloat(f float64, digits int) (Dec, error) {
	switch {
	case math.IsNaN(f):
		return NaNDec, nil
	case math.IsInf(f, 1):
		return InfDec, nil
	case math.IsInf(f, -1):
		return NegInfDec, nil
	}
	var buf [40]byte
	s := strconv.AppendFloat(buf[:0], f, 'e', digits-1, 64)
	d, err := ParseDec(string(s))
	if err != nil {
		return Dec{}, err
	}
	return d.trimTo(0), nil // %g drops trailing zeros, 'e' does not
}

// trimTo drops trailing zeros after the point down to scale min.
func (d Dec) trimTo(scaleMin int32) Dec {
	for d.form == decSmall && d.scale > scaleMin && d.lo%10 == 0 {
		d.lo /= 10
		d.scale--
	}
	if d.form != decBig || d.scale <= scaleMin {
		return d
	}
	c, ten, r := new(big.Int).Set(d.big), big.NewInt(10), new(big.Int)
	for d.scale > scaleMin {
		q, m := new(big.Int).QuoRem(c, ten, r)
		if m.Sign() != 0 {
			break
		}
		c = q
		d.scale--
	}
	return DecFromBig(c, d.scale).again(scaleMin)
}

// again finishes trimTo after the coefficient shrank to an int64.
func (d Dec) again(scaleMin int32) Dec {
	if d.form == decSmall {
		return d.trimTo(scaleMin)
	}
	return d
}

// Trim drops the trailing zeros after the point (trim_scale).
func (d Dec) Trim() Dec { return d.trimTo(0) }

// Fit applies the modifier of numeric(prec,scale): rounds to scale, then checks the digits before the point.
// Error: 22003 "numeric field overflow".
func (d Dec) Fit(prec, scale int32) (Dec, error) {
	if prec <= 0 {
		return d, nil
	}
	return d.FitDigits(prec-scale, scale)
}

// FitDigits is Fit with the number of digits before the point instead of the precision.
func (d Dec) FitDigits(before, scale int32) (Dec, error) {
	if d.IsNaN() {
		return d, nil
	}
	prec := before + scale
	if d.IsInf() {
		return d, fieldOverflow("A field with precision %d, scale %d cannot hold an infinite value.", prec, scale)
	}
	r := d.Round(scale)
	if r.Sign() == 0 || r.digits()-r.scale <= before {
		return r, nil
	}
	bound := "1"
	if prec != scale {
		bound = "10^" + strconv.Itoa(int(prec-scale))
	}
	return d, fieldOverflow("A field with precision %d, scale %d must round to an absolute value less than %s.", prec, scale, bound)
}

func fieldOverflow(detail string, args ...any) error {
	return pgerr.New(pgerr.NumericValueOutOfRange, "numeric field overflow").WithDetail(detail, args...)
}

// CheckRange reports a value beyond numeric's limits (131072 digits before the point, 16383 after): 22003. Add and Mul do
// not look: who computes with what users wrote calls it on big results.
func (d Dec) CheckRange() error {
	if d.form == decSmall && d.scale <= decScaleMax {
		return nil
	}
	if d.finite() && (d.scale > decScaleMax || d.digits()-d.scale > decWeightMax) {
		return pgerr.New(pgerr.NumericValueOutOfRange, "value overflows numeric format")
	}
	return nil
}
