package types

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"streamsql/internal/pgerr"
)

// parseBool takes any prefix of true, false, yes, no, and on, off, 1, 0.
func parseBool(s string) (Value, error) {
	t := strings.ToLower(trimSpace(s))
	switch {
	case t == "":
	case t == "1" || t == "on" || strings.HasPrefix("true", t) || strings.HasPrefix("yes", t):
		return BoolValue(true), nil
	case t == "0" || t == "of" || t == "off" || strings.HasPrefix("false", t) || strings.HasPrefix("no", t):
		return BoolValue(false), nil
	}
	return Value{}, badInput("boolean", s)
}

// intRange returns the bounds of an integer kind.
func intRange(k Kind) (lo, hi int64) {
	switch k {
	case Int2:
		return math.MinInt16, math.MaxInt16
	case Int4:
		return math.MinInt32, math.MaxInt32
	}
	return math.MinInt64, math.MaxInt64
}

func parseInt(k Kind, s string) (Value, error) {
	i, ok, over := scanInt(s)
	if lo, hi := intRange(k); over || i < lo || i > hi { // digits that are too many count before what follows them
		return Value{}, outOfRange(kindNames[k], s)
	}
	if !ok {
		return Value{}, badInput(kindNames[k], s)
	}
	return IntValue(i), nil
}

// scanInt reads [space][sign]digits[space]; over says that the number does not fit an int64. If something else follows
// the digits, ok is false and x what they are.
func scanInt(s string) (x int64, ok, over bool) {
	t := trimSpace(s)
	neg := strings.HasPrefix(t, "-")
	if neg || strings.HasPrefix(t, "+") {
		t = t[1:]
	}
	if t == "" {
		return 0, false, false
	}
	for i := range len(t) { // counted down from 0: the negative range is the larger one
		c := t[i]
		if c < '0' || c > '9' {
			over = over || !neg && x == math.MinInt64
			if !neg && !over {
				x = -x
			}
			return x, false, over
		}
		d := int64(c - '0')
		if x < math.MinInt64/10 || x*10 < math.MinInt64+d {
			over = true
			continue
		}
		x = x*10 - d
	}
	if !neg {
		over = over || x == math.MinInt64
		x = -x
	}
	return x, true, over
}

// parseOID reads an oid as strtoul does: 32 bits, a minus sign wraps.
func parseOID(typ, s string) (Value, error) {
	i, ok, over := scanInt(s)
	if !ok && !over {
		return Value{}, badInput(typ, s)
	}
	if over || i > math.MaxUint32 || i < math.MinInt32 {
		return Value{}, outOfRange(typ, s)
	}
	return IntValue(int64(uint32(i))), nil
}

// parseRegtype reads a type's name, with [] for an array, or its OID.
func parseRegtype(s string) (Value, error) {
	if _, ok, _ := scanInt(s); ok {
		return parseOID("regtype", s)
	}
	if s == "-" {
		return IntValue(0), nil
	}
	s = trimSpace(s)
	elem, isArray := strings.CutSuffix(s, "[]")
	k, ok := ByName(strings.TrimPrefix(elem, "pg_catalog."))
	if !ok {
		return Value{}, pgerr.New(pgerr.UndefinedObject, "type \"%s\" does not exist", s)
	}
	t := T(k)
	if isArray {
		t = ArrayOf(t)
	}
	return IntValue(int64(t.OID())), nil
}

// appendFloat prints a float of bits bits. digits is extra_float_digits: above 0 the shortest text that reads back,
// else rounded to 15 (6) + digits significant digits.
func appendFloat(dst []byte, f float64, bits, digits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	prec, least := 15, 1e-4
	if bits == 32 {
		prec, least = 6, float64(float32(1e-4))
	}
	if digits <= 0 {
		return appendFloatG(dst, f, max(prec+digits, 1))
	}
	if a := math.Abs(f); a == 0 || a >= least && a < math.Pow10(prec) {
		return appendShortest(dst, f, 'f', bits)
	}
	return appendShortest(dst, f, 'e', bits)
}

// appendFloatG is C's %.*g.
func appendFloatG(dst []byte, f float64, prec int) []byte {
	if f == 0 {
		return strconv.AppendFloat(dst, f, 'f', 0, 64)
	}
	var buf [64]byte
	e := strconv.AppendFloat(buf[:0], f, 'e', prec-1, 64)
	at := len(e) - 1
	for e[at] != 'e' {
		at--
	}
	exp, _ := strconv.Atoi(string(e[at+1:]))
	if exp >= -4 && exp < prec {
		return trimZeros(strconv.AppendFloat(dst, f, 'f', prec-1-exp, 64), len(dst))
	}
	dst = trimZeros(append(dst, e[:at]...), len(dst))
	return append(dst, e[at:]...)
}

// trimZeros drops trailing zeros after a point in dst[start:], and the point with them.
func trimZeros(dst []byte, start int) []byte {
	point := strings.IndexByte(string(dst[start:]), '.')
	if point < 0 {
		return dst
	}
	n := len(dst)
	for dst[n-1] == '0' {
		n--
	}
	if dst[n-1] == '.' {
		n--
	}
	return dst[:n]
}

func parseFloat(k Kind, s string) (Value, error) {
	bits := 64
	if k == Float4 {
		bits = 32
	}
	t := trimSpace(s)
	if f, ok := specialFloat(t); ok {
		return FloatValue(f), nil
	}
	number := t[:floatPrefix(t)]
	f, err := strconv.ParseFloat(number, bits)
	if number == "" || number != t && !(errors.Is(err, strconv.ErrRange) || f == 0 && strings.Trim(mantissa(number), "+-0.") != "") {
		return Value{}, badInput(kindNames[k], s) // what follows a number that is out of range does not count
	}
	if err != nil || f == 0 && strings.Trim(mantissa(t), "+-0.") != "" {
		return Value{}, pgerr.New(pgerr.NumericValueOutOfRange, "\"%s\" is out of range for type %s", t, kindNames[k])
	}
	return FloatValue(f), nil
}

func specialFloat(s string) (float64, bool) {
	t := strings.ToLower(s)
	switch strings.TrimPrefix(t, "+") {
	case "infinity", "inf":
		return math.Inf(1), true
	case "-infinity", "-inf":
		return math.Inf(-1), t[0] == '-'
	case "nan":
		return math.NaN(), true
	}
	return 0, false
}

// floatPrefix is the length of the number that s begins with: a sign, digits with a point, an exponent.
func floatPrefix(s string) int {
	at := 0
	if s != "" && (s[0] == '-' || s[0] == '+') {
		at = 1
	}
	digits := skip(s, at, isDigit)
	end, some := digits, digits > at
	if end < len(s) && s[end] == '.' {
		end = skip(s, end+1, isDigit)
		some = some || end > digits+1
	}
	if !some {
		return 0
	}
	if end < len(s) && s[end]|32 == 'e' {
		from := end + 1
		if from < len(s) && (s[from] == '-' || s[from] == '+') {
			from++
		}
		if exp := skip(s, from, isDigit); exp > from {
			end = exp
		}
	}
	return end
}

// mantissa returns the part of a number's text before its exponent.
func mantissa(s string) string {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		return s[:i]
	}
	return s
}
