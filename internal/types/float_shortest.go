package types

import (
	"math"
	"math/bits"
	"strconv"
)

// appendShortest appends the shortest digits that read back as f, in the form of strconv's format 'e' or 'f'. Digits that
// lie half way to a neighbour would read back, too, by rounding to even; PostgreSQL does not count on that, and prints more.
func appendShortest(dst []byte, f float64, format byte, size int) []byte {
	var buf [32]byte
	e := strconv.AppendFloat(buf[:0], f, 'e', -1, size)
	m, exp, digits := decimalOf(e)
	if !isMidpoint(f, m, exp, size) {
		return strconv.AppendFloat(dst, f, format, -1, size)
	}
	for prec := digits; prec < 17; prec++ {
		e = strconv.AppendFloat(buf[:0], f, 'e', prec, size)
		m, exp, _ = decimalOf(e)
		if back, err := strconv.ParseFloat(string(e), size); err == nil && back == f && !isMidpoint(f, m, exp, size) {
			break
		}
	}
	if format == 'e' {
		return append(dst, e...)
	}
	return strconv.AppendFloat(dst, f, 'f', max(0, -exp), size)
}

// decimalOf takes strconv's format 'e' apart: mantissa · 10^exp, and the number of the mantissa's digits.
func decimalOf(e []byte) (mantissa uint64, exp, digits int) {
	at := 0
	for at < len(e) && e[at] != 'e' {
		if c := e[at]; isDigit(c) {
			mantissa = mantissa*10 + uint64(c-'0')
			digits++
		}
		at++
	}
	exp, _ = strconv.Atoi(string(e[at+1:]))
	return mantissa, exp - digits + 1, digits
}

// isMidpoint reports that mantissa · 10^exp, which rounds to f, lies exactly between f and a neighbour.
func isMidpoint(f float64, mantissa uint64, exp, size int) bool {
	if mantissa == 0 || exp < -25 || exp > 23 {
		return false
	}
	odd := mantissa >> bits.TrailingZeros64(mantissa)
	for ; exp < 0; exp++ {
		if odd%5 != 0 {
			return false
		}
		odd /= 5
	}
	for ; exp > 0; exp-- {
		if odd *= 5; odd >= 1<<54 {
			return false
		}
	}
	// A midpoint has one bit more than the numbers beside it, and the numbers this is about are all normal ones.
	return bits.Len64(odd) == map[int]int{32: 25, 64: 54}[size] && math.Abs(f) > 1e-30
}
