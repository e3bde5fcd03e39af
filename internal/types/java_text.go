package types

import (
	"bytes"
	"math"
	"strconv"
)

// AppendJavaDouble appends the text that Java's Double.toString gives a number: 1.0, 1.0E10, 4.9E-324, Infinity.
func AppendJavaDouble(dst []byte, f float64) []byte {
	switch a := math.Abs(f); {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	case f == 0 || a >= 1e-3 && a < 1e7:
		at := len(dst)
		dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
		if bytes.IndexByte(dst[at:], '.') < 0 {
			dst = append(dst, ".0"...)
		}
		return dst
	}
	// One digit more than the shortest has where that is one: Java writes two at least, and those nearest to the number.
	text := strconv.AppendFloat(nil, f, 'e', -1, 64)
	if bytes.IndexByte(text, '.') < 0 {
		text = strconv.AppendFloat(nil, f, 'e', 1, 64)
	}
	i := bytes.IndexByte(text, 'e')
	dst = append(append(dst, text[:i]...), 'E')
	exp, _ := strconv.Atoi(string(text[i+1:]))
	return strconv.AppendInt(dst, int64(exp), 10)
}
