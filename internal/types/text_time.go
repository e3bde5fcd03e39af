package types

import (
	"strconv"
	"time"
)

// appendPad appends n with at least width digits.
func appendPad(dst []byte, n, width int) []byte {
	if width == 2 && n < 100 {
		return append(dst, '0'+byte(n/10), '0'+byte(n%10))
	}
	for p := 10; width > 1; width, p = width-1, p*10 {
		if w := pow10[width-1]; int64(n) < w {
			dst = append(dst, '0')
			continue
		}
		break
	}
	return strconv.AppendInt(dst, int64(n), 10)
}

// appendClock appends hh:mm:ss[.ffffff] without trailing zeros.
func appendClock(dst []byte, micros int64) []byte {
	h, rest := micros/MicrosPerHour, micros%MicrosPerHour
	m, rest := rest/MicrosPerMinute, rest%MicrosPerMinute
	dst = append(appendPad(dst, int(h), 2), ':')
	dst = append(appendPad(dst, int(m), 2), ':')
	return appendSeconds(dst, rest)
}

// appendSeconds appends ss[.ffffff] of a number of microseconds below a minute.
func appendSeconds(dst []byte, micros int64) []byte {
	dst = appendPad(dst, int(micros/MicrosPerSecond), 2)
	return appendFraction(dst, int(micros%MicrosPerSecond))
}

// appendFraction appends .ffffff without trailing zeros; nothing for 0.
func appendFraction(dst []byte, us int) []byte {
	if us == 0 {
		return dst
	}
	dst = append(dst, '.')
	for p := 100_000; us > 0; p /= 10 {
		dst = append(dst, '0'+byte(us/p))
		us %= p
	}
	return dst
}

func appendInfinity(dst []byte, v int64) []byte {
	if v == NegInf {
		dst = append(dst, '-')
	}
	return append(dst, "infinity"...)
}

// appendYMD appends the date part in f's style, without the era.
func appendYMD(dst []byte, y, m, d int, f *Format) []byte {
	if y <= 0 {
		y = 1 - y
	}
	switch f.DateStyle {
	case "SQL", "German", "Postgres":
	default:
		dst = append(appendPad(dst, y, 4), '-')
		dst = append(appendPad(dst, m, 2), '-')
		return appendPad(dst, d, 2)
	}
	sep := byte('/')
	a, b := m, d
	switch {
	case f.DateStyle == "German":
		sep, a, b = '.', d, m
	case f.DateStyle == "Postgres":
		sep = '-'
		fallthrough
	default:
		if f.DateOrder == "DMY" {
			a, b = d, m
		}
	}
	dst = append(appendPad(dst, a, 2), sep)
	dst = append(appendPad(dst, b, 2), sep)
	return appendPad(dst, y, 4)
}

func appendEra(dst []byte, y int) []byte {
	if y <= 0 {
		return append(dst, " BC"...)
	}
	return dst
}

func appendDate(dst []byte, days int64, f *Format) []byte {
	if IsInfinite(days) {
		return appendInfinity(dst, days)
	}
	y, m, d := CivilFromDays(days)
	return appendEra(appendYMD(dst, y, m, d, f), y)
}

var (
	dayNames   = [...]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
	monthNames = [...]string{"", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
)

// weekday returns 0 for Sunday.
func weekday(days int64) int {
	w := (days + 6) % 7 // 2000-01-01 was a Saturday
	if w < 0 {
		w += 7
	}
	return int(w)
}

func appendTimestamp(dst []byte, ts int64, f *Format) []byte {
	if IsInfinite(ts) {
		return appendInfinity(dst, ts)
	}
	days, us := splitDay(ts)
	y, m, d := CivilFromDays(days)
	if f.DateStyle == "Postgres" {
		return appendEra(appendPostgresStyle(dst, days, us, f), y)
	}
	dst = append(appendYMD(dst, y, m, d, f), ' ')
	return appendEra(appendClock(dst, us), y)
}

// appendPostgresStyle appends "Wed Dec 17 07:37:16 1997".
func appendPostgresStyle(dst []byte, days, us int64, f *Format) []byte {
	y, m, d := CivilFromDays(days)
	dst = append(append(dst, dayNames[weekday(days)]...), ' ')
	if f.DateOrder == "DMY" {
		dst = append(appendPad(dst, d, 2), ' ')
		dst = append(append(dst, monthNames[m]...), ' ')
	} else {
		dst = append(append(dst, monthNames[m]...), ' ')
		dst = append(appendPad(dst, d, 2), ' ')
	}
	dst = append(appendClock(dst, us), ' ')
	if y <= 0 {
		y = 1 - y
	}
	return appendPad(dst, y, 4)
}

func appendTimestampTZ(dst []byte, ts int64, f *Format) []byte {
	if IsInfinite(ts) {
		return appendInfinity(dst, ts)
	}
	off, name := 0, "UTC"
	if f.Loc != nil && f.Loc != time.UTC {
		name, off = time.Unix(unixOf(ts), 0).In(f.Loc).Zone()
	}
	local := ts + int64(off)*MicrosPerSecond
	days, us := splitDay(local)
	y, m, d := CivilFromDays(days)
	switch f.DateStyle {
	case "SQL", "German":
		dst = append(appendYMD(dst, y, m, d, f), ' ')
		dst = append(appendClock(dst, us), ' ')
		dst = append(dst, name...)
	case "Postgres":
		dst = append(appendPostgresStyle(dst, days, us, f), ' ')
		dst = append(dst, name...)
	default:
		dst = append(appendYMD(dst, y, m, d, f), ' ')
		dst = appendOffset(appendClock(dst, us), off)
	}
	return appendEra(dst, y)
}

// appendOffset appends +hh[:mm[:ss]].
func appendOffset(dst []byte, off int) []byte {
	sign := byte('+')
	if off < 0 {
		sign, off = '-', -off
	}
	dst = appendPad(append(dst, sign), off/3600, 2)
	if off%3600 != 0 {
		dst = appendPad(append(dst, ':'), off/60%60, 2)
	}
	if off%60 != 0 {
		dst = appendPad(append(dst, ':'), off%60, 2)
	}
	return dst
}
