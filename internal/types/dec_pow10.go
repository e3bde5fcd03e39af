package types

// MulPow10 returns d · 10^n exactly, with as few digits after the point as d's own allow. n may be negative.
func (d Dec) MulPow10(n int32) Dec {
	switch {
	case !d.finite() || n == 0:
		return d
	case n <= d.scale:
		d.scale -= n
		return d
	}
	return DecFromBig(scaleUp(d.coef(), n-d.scale), 0)
}

// Exponent10 is the power of ten of d's first digit that is not zero: 2 for 123.4. It is meaningless for zero and for
// what is not finite.
func (d Dec) Exponent10() int32 { return d.digits() - d.scale - 1 }
