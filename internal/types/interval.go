package types

import (
	"strconv"
)

// spanFields are an interval's parts as its output shows them.
type spanFields struct {
	year, mon, day, hour, min int64
	us                        int64 // of seconds
}

func (s Span) fields() spanFields {
	return spanFields{
		year: int64(s.Months / 12), mon: int64(s.Months % 12), day: int64(s.Days),
		hour: s.Micros / MicrosPerHour, min: s.Micros % MicrosPerHour / MicrosPerMinute, us: s.Micros % MicrosPerMinute,
	}
}

// appendSpan appends an interval in the given IntervalStyle.
func appendSpan(dst []byte, s Span, style string) []byte {
	p := s.fields()
	switch style {
	case "sql_standard":
		return p.appendSQL(dst)
	case "iso_8601":
		return p.appendISO(dst)
	case "postgres_verbose":
		return p.appendVerbose(dst)
	}
	return p.appendPostgres(dst)
}

func absInt(x int64) int64 {
	if x < 0 {
		return -x
	}
	return x
}

func (p spanFields) appendPostgres(dst []byte) []byte {
	start, before := len(dst), false
	for i, v := range [...]int64{p.year, p.mon, p.day} {
		if v == 0 {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ' ')
		}
		if before && v > 0 {
			dst = append(dst, '+')
		}
		dst = append(strconv.AppendInt(dst, v, 10), [...]string{" year", " mon", " day"}[i]...)
		if v != 1 {
			dst = append(dst, 's')
		}
		before = v < 0
	}
	if len(dst) > start && p.hour == 0 && p.min == 0 && p.us == 0 {
		return dst
	}
	if len(dst) > start {
		dst = append(dst, ' ')
	}
	if p.hour < 0 || p.min < 0 || p.us < 0 {
		dst = append(dst, '-')
	} else if before {
		dst = append(dst, '+')
	}
	return p.appendTime(dst, 2)
}

// appendTime appends h:mm:ss[.ffffff] without sign, the hour with at least width digits.
func (p spanFields) appendTime(dst []byte, width int) []byte {
	if h := absInt(p.hour); h < 10 && width == 2 {
		dst = append(dst, '0', '0'+byte(h))
	} else {
		dst = strconv.AppendInt(dst, h, 10)
	}
	dst = appendPad(append(dst, ':'), int(absInt(p.min)), 2)
	return appendSeconds(append(dst, ':'), absInt(p.us))
}

func signOf(neg bool) byte {
	if neg {
		return '-'
	}
	return '+'
}

func (p spanFields) appendSQL(dst []byte) []byte {
	neg := p.year < 0 || p.mon < 0 || p.day < 0 || p.hour < 0 || p.min < 0 || p.us < 0
	pos := p.year > 0 || p.mon > 0 || p.day > 0 || p.hour > 0 || p.min > 0 || p.us > 0
	months := p.year != 0 || p.mon != 0
	time := p.day != 0 || p.hour != 0 || p.min != 0 || p.us != 0
	switch {
	case !neg && !pos:
		return append(dst, '0')
	case neg && pos || months && time:
		dst = strconv.AppendInt(append(dst, signOf(p.year < 0 || p.mon < 0)), absInt(p.year), 10)
		dst = strconv.AppendInt(append(dst, '-'), absInt(p.mon), 10)
		dst = strconv.AppendInt(append(dst, ' ', signOf(p.day < 0)), absInt(p.day), 10)
		return p.appendTime(append(dst, ' ', signOf(p.hour < 0 || p.min < 0 || p.us < 0)), 1)
	}
	if neg {
		dst = append(dst, '-')
	}
	switch {
	case months:
		dst = strconv.AppendInt(dst, absInt(p.year), 10)
		return strconv.AppendInt(append(dst, '-'), absInt(p.mon), 10)
	case p.day != 0:
		dst = append(strconv.AppendInt(dst, absInt(p.day), 10), ' ')
	}
	return p.appendTime(dst, 1)
}

func (p spanFields) appendISO(dst []byte) []byte {
	if p == (spanFields{}) {
		return append(dst, "PT0S"...)
	}
	part := func(v int64, unit byte) {
		if v != 0 {
			dst = append(strconv.AppendInt(dst, v, 10), unit)
		}
	}
	dst = append(dst, 'P')
	part(p.year, 'Y')
	part(p.mon, 'M')
	part(p.day, 'D')
	if p.hour != 0 || p.min != 0 || p.us != 0 {
		dst = append(dst, 'T')
	}
	part(p.hour, 'H')
	part(p.min, 'M')
	if p.us != 0 {
		if p.us < 0 {
			dst = append(dst, '-')
		}
		dst = append(appendPlainSeconds(dst, absInt(p.us)), 'S')
	}
	return dst
}

// appendPlainSeconds appends s[.ffffff], the seconds not padded.
func appendPlainSeconds(dst []byte, us int64) []byte {
	dst = strconv.AppendInt(dst, us/MicrosPerSecond, 10)
	return appendFraction(dst, int(us%MicrosPerSecond))
}

func (p spanFields) appendVerbose(dst []byte) []byte {
	zero, before := true, false
	dst = append(dst, '@')
	for i, v := range [...]int64{p.year, p.mon, p.day, p.hour, p.min} {
		if v == 0 {
			continue
		}
		if zero {
			before = v < 0
			v = absInt(v)
		} else if before {
			v = -v
		}
		zero = false
		dst = strconv.AppendInt(append(dst, ' '), v, 10)
		dst = append(dst, [...]string{" year", " mon", " day", " hour", " min"}[i]...)
		if v != 1 {
			dst = append(dst, 's')
		}
	}
	if p.us != 0 {
		dst = append(dst, ' ')
		if zero {
			before = p.us < 0
		} else if before != (p.us < 0) {
			dst = append(dst, '-')
		}
		dst = append(appendPlainSeconds(dst, absInt(p.us)), " sec"...)
		if absInt(p.us) != MicrosPerSecond {
			dst = append(dst, 's')
		}
		zero = false
	}
	if zero {
		dst = append(dst, " 0"...)
	}
	if before {
		dst = append(dst, " ago"...)
	}
	return dst
}
