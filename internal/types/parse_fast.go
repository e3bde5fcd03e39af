package types

import "math"

// parseTimestamp reads a timestamp, or a timestamptz when tz is set, as microseconds since 2000-01-01 (UTC).
func parseTimestamp(s string, f *Format, tz bool) (int64, error) {
	if ts, ok := ParseISOTimestamp(s, f, tz); ok {
		return ts, nil
	}
	return parseTimestampSlow(s, f, tz)
}

// ParseISOTimestamp reads "yyyy-mm-dd[ T]hh:mm:ss[.ffffff][Z|±hh[:mm]]" without allocating; ok is false for
// every other spelling (ParseText takes those too) and for what is out of range. Without tz an offset is ignored, as
// PostgreSQL does; with tz a missing one means f's zone.
func ParseISOTimestamp[S ~string | ~[]byte](s S, f *Format, tz bool) (ts int64, ok bool) {
	if len(s) < 19 || s[4] != '-' || s[7] != '-' || s[10] != ' ' && s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	y1, y2, mo, d := two(s[0], s[1]), two(s[2], s[3]), two(s[5], s[6]), two(s[8], s[9])
	h, mi, sec := two(s[11], s[12]), two(s[14], s[15]), two(s[17], s[18])
	y := y1*100 + y2
	if y1 < 0 || y2 < 0 || y == 0 || mo < 1 || mo > 12 || d < 1 || d > DaysInMonth(y, mo) ||
		h < 0 || h > 23 || mi < 0 || mi > 59 || sec < 0 || sec > 59 {
		return 0, false
	}
	ts = DaysFromCivil(y, mo, d)*MicrosPerDay + int64(h)*MicrosPerHour + int64(mi)*MicrosPerMinute + int64(sec)*MicrosPerSecond
	i := 19
	if i < len(s) && s[i] == '.' {
		us, end, ok := isoFraction(s, i+1)
		if !ok {
			return 0, false
		}
		ts, i = ts+us, end
	}
	off, zoned, ok := isoOffset(s, i)
	switch {
	case !ok:
		return 0, false
	case !tz:
		return ts, true
	case !zoned:
		return LocalToUTC(ts, orDefault(f).Loc), true
	}
	return ts - int64(off)*MicrosPerSecond, true
}

// isoFraction reads the digits from byte i on as a fraction of a second, in microseconds. Beyond six digits it rounds as
// PostgreSQL does, through a double: up to 15 digits and the power of ten are exact, so the quotient is strtod's.
func isoFraction[S ~string | ~[]byte](s S, i int) (us int64, end int, ok bool) {
	start, n := i, int64(0)
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		if i-start == 15 {
			return 0, i, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	if digits := i - start; digits <= 6 {
		return n * pow10[6-digits], i, true
	}
	return int64(math.RoundToEven(float64(n) / float64(pow10[i-start]) * 1e6)), i, true
}

// two reads two digits; negative when they are none.
func two(a, b byte) int {
	a, b = a-'0', b-'0'
	if a > 9 || b > 9 {
		return -1
	}
	return int(a)*10 + int(b)
}

// isoOffset reads what follows from byte i on: nothing, Z, ±hh or ±hh:mm, in seconds.
func isoOffset[S ~string | ~[]byte](s S, i int) (off int, zoned, ok bool) {
	n := len(s) - i
	if n == 0 {
		return 0, false, true
	}
	if s[i] == 'Z' {
		return 0, true, n == 1
	}
	if s[i] != '+' && s[i] != '-' || n != 3 && n != 6 {
		return 0, false, false
	}
	h, m := two(s[i+1], s[i+2]), 0
	if n == 6 {
		if s[i+3] != ':' {
			return 0, false, false
		}
		m = two(s[i+4], s[i+5])
	}
	if h < 0 || h > 15 || m < 0 || m > 59 {
		return 0, false, false
	}
	off = h*3600 + m*60
	if s[i] == '-' {
		off = -off
	}
	return off, true, true
}
