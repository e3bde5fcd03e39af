package types

import (
	"math"
	"strconv"
	"strings"
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

// spanDecoder adds up the parts of an interval's text.
type spanDecoder struct {
	years, months, days, us int64
	over                    bool
	got                     map[string]bool // units seen: none may come twice
}

func (sd *spanDecoder) add(to *int64, x, unit int64) {
	p, ok1 := mulInt(x, unit)
	s, ok2 := addInt(*to, p)
	if !ok1 || !ok2 {
		sd.over = true
	}
	*to = s
}

// addFraction adds frac of a unit that is micros long.
func (sd *spanDecoder) addFraction(frac, micros float64) {
	x := frac * micros
	whole := math.Trunc(x)
	if rest := x - whole; rest > 0.5 {
		whole++
	} else if rest < -0.5 {
		whole--
	}
	sd.add(&sd.us, int64(whole), 1)
}

// addDays adds frac of a unit that is n days long; what is left of a day becomes time.
func (sd *spanDecoder) addDays(frac, n float64) {
	whole := math.Trunc(frac * n)
	sd.add(&sd.days, int64(whole), 1)
	sd.addFraction(frac*n-whole, float64(MicrosPerDay))
}

// addYears adds frac of n years in whole months.
func (sd *spanDecoder) addYears(frac, n float64) {
	sd.add(&sd.months, int64(math.RoundToEven(frac*n*12)), 1)
}

// addUnit adds val + frac of a unit; false for one an interval does not have.
func (sd *spanDecoder) addUnit(unit string, val int64, frac float64) bool {
	if us := fixedUnit(unit); us > 0 && unit != "day" {
		sd.add(&sd.us, val, us)
		sd.addFraction(frac, float64(us))
		return true
	}
	switch unit {
	case "day":
		sd.add(&sd.days, val, 1)
		sd.addFraction(frac, float64(MicrosPerDay))
	case "week":
		sd.add(&sd.days, val, 7)
		sd.addDays(frac, 7)
	case "month":
		sd.add(&sd.months, val, 1)
		sd.addDays(frac, 30)
	case "year":
		sd.add(&sd.years, val, 1)
		sd.addYears(frac, 1)
	case "decade":
		sd.add(&sd.years, val, 10)
		sd.addYears(frac, 10)
	case "century":
		sd.add(&sd.years, val, 100)
		sd.addYears(frac, 100)
	case "millennium":
		sd.add(&sd.years, val, 1000)
		sd.addYears(frac, 1000)
	default:
		return false
	}
	return true
}

// span checks the sums: each part has a range, and so has the number of months.
func (sd *spanDecoder) span(s string) (Span, error) {
	for _, x := range [...]int64{sd.years, sd.months, sd.days} {
		sd.over = sd.over || int64(int32(x)) != x
	}
	if sd.over {
		return Span{}, faultInterval.report("interval", s, "")
	}
	return makeSpan(sd.years*12+sd.months, sd.days, sd.us, 0)
}

// parseSpan reads an interval in any of the styles; unit is that of a last number without one ("": second).
func parseSpan(s string, f *Format, unit string) (Span, error) {
	sd := spanDecoder{got: map[string]bool{}}
	fields, ok := scanTimeFields(s)
	fault := faultFormat
	if ok {
		fault = sd.decode(fields, unit, f.IntervalStyle == "sql_standard")
	}
	if fault == faultFormat {
		if t := strings.TrimSpace(s); strings.HasPrefix(t, "P") {
			sd = spanDecoder{}
			fault = sd.decodeISO(t[1:])
		}
	}
	if fault == faultField {
		fault = faultInterval
	}
	if fault != 0 {
		return Span{}, fault.report("interval", s, "")
	}
	return sd.span(s)
}

// decode reads fields from the right: a unit counts for the number before it, and the unit of a number without one
// follows from what stands to its right (a time: days; nothing: seconds).
func (sd *spanDecoder) decode(fields []timeField, unit string, sqlStyle bool) timeFault {
	ago := false
	// SQL's style has one sign for the whole: '-1 2:03:04' is all negative.
	allNeg := sqlStyle && fields[0].s[0] == '-'
	for _, f := range fields[1:] {
		allNeg = allNeg && f.s[0] != '-' && f.s[0] != '+'
	}
	for i := len(fields) - 1; i >= 0; i-- {
		f := fields[i]
		if f.kind == fieldWord || f.kind == fieldSpecial {
			if f.s == "ago" {
				ago, unit = true, f.s
				continue
			}
			if w := timeWords[clipToken(f.s)]; w.kind == wordIgnore {
				continue
			}
			if unit = fieldNames[clipUnit(f.s)]; unit == "" {
				return faultFormat
			}
			continue
		}
		neg := f.s[0] == '-' || allNeg
		if fault := sd.value(f, &unit, neg); fault != 0 {
			return fault
		}
	}
	if len(sd.got) == 0 {
		return faultFormat
	}
	if ago {
		if sd.us == math.MinInt64 {
			return faultInterval
		}
		sd.years, sd.months, sd.days, sd.us = -sd.years, -sd.months, -sd.days, -sd.us
	}
	return 0
}

// clipUnit cuts a unit's name to what PostgreSQL compares; the long names that it cuts are in fieldNames both ways.
func clipUnit(s string) string {
	if _, ok := fieldNames[s]; ok {
		return s
	}
	return clipToken(s)
}

// value adds one number or time; unit is what it is of, and becomes the unit of a bare number to its left.
func (sd *spanDecoder) value(f timeField, unit *string, neg bool) timeFault {
	s := strings.TrimLeft(f.s, "+-")
	if f.kind == fieldTime || f.kind == fieldOffset && strings.Contains(s, ":") {
		return sd.clock(s, unit, neg)
	}
	if *unit == "" {
		*unit = "second"
	}
	val, frac, months, fault := spanNumber(s)
	if fault != 0 {
		return fault
	}
	if neg {
		val, frac = -val, -frac
	}
	if months {
		*unit = "month"
	}
	if !sd.seen(*unit) {
		return faultFormat
	}
	if !sd.addUnit(*unit, val, frac) {
		return faultFormat
	}
	if *unit == "hour" {
		*unit = "day"
	}
	if sd.over {
		return faultInterval
	}
	return 0
}

// seen notes a unit; fractions of a second may come as several.
func (sd *spanDecoder) seen(unit string) bool {
	if sd.got[unit] {
		return false
	}
	sd.got[unit] = true
	return true
}

func (sd *spanDecoder) clock(s string, unit *string, neg bool) timeFault {
	h, m, sec, us, fault := splitClock(s)
	if fault != 0 {
		return fault
	}
	if m > 59 || sec > 60 {
		return faultField
	}
	for _, u := range [...]string{"hour", "minute", "second"} {
		if !sd.seen(u) {
			return faultFormat
		}
	}
	sign := int64(1)
	if neg {
		sign = -1
	}
	sd.add(&sd.us, sign*int64(h), MicrosPerHour)
	sd.add(&sd.us, sign*(int64(m)*MicrosPerMinute+int64(sec)*MicrosPerSecond+us), 1)
	*unit = "day"
	return 0
}

// spanNumber reads 12, 1.5 or years-months (months is true then).
func spanNumber(s string) (val int64, frac float64, months bool, fault timeFault) {
	end := skip(s, 0, isDigit)
	if end > 0 {
		v, err := strconv.ParseInt(s[:end], 10, 64)
		if err != nil {
			return 0, 0, false, faultField
		}
		val = v
	}
	switch {
	case end == len(s):
		return val, 0, false, 0
	case s[end] == '-':
		m, ok := atoi(s[end+1:])
		if !ok {
			return 0, 0, false, faultFormat
		}
		if m >= 12 || val > math.MaxInt32 {
			return 0, 0, false, faultField
		}
		return val*12 + int64(m), 0, true, 0
	case s[end] == '.' && skip(s, end+1, isDigit) == len(s) && len(s) > 1:
		if len(s) > end+1 {
			frac, _ = strconv.ParseFloat("0"+s[end:], 64)
		}
		return val, frac, false, 0
	}
	return 0, 0, false, faultFormat
}

// decodeISO reads ISO 8601 durations after their P: 1Y2M3DT4H5M6.5S, or 0001-02-03T04:05:06.
func (sd *spanDecoder) decodeISO(s string) timeFault {
	if s == "" {
		return faultFormat
	}
	units := map[byte]string{'Y': "year", 'M': "month", 'W': "week", 'D': "day"}
	inTime, count := false, 0
	for s != "" {
		if s[0] == 'T' && !inTime {
			units = map[byte]string{'H': "hour", 'M': "minute", 'S': "second"}
			inTime, s = true, s[1:]
			continue
		}
		end := 0
		if s[0] == '-' || s[0] == '+' {
			end = 1
		}
		end = skip(s, end, func(c byte) bool { return isDigit(c) || c == '.' })
		num := s[:end]
		if end == len(s) || units[s[end]] == "" {
			return sd.decodeISOAlternative(s, inTime, count)
		}
		val, frac, _, fault := spanNumber(strings.TrimLeft(num, "+-"))
		if fault != 0 || strings.TrimLeft(num, "+-") == "" {
			return faultFormat
		}
		if num[0] == '-' {
			val, frac = -val, -frac
		}
		sd.addUnit(units[s[end]], val, frac)
		s = s[end+1:]
		count++
	}
	return 0
}

// decodeISOAlternative reads yyyy-mm-dd or hh:mm:ss, whichever part we are in, and the time after it.
func (sd *spanDecoder) decodeISOAlternative(s string, inTime bool, count int) timeFault {
	if count > 0 {
		return faultFormat
	}
	date, clock, found := s, "", false
	if inTime {
		date, clock, found = "", s, true
	} else if date, clock, found = strings.Cut(s, "T"); found && clock == "" {
		return faultFormat
	}
	if date != "" {
		for i, p := range strings.SplitN(date, "-", 3) {
			n, ok := atoi(p)
			if !ok {
				return faultFormat
			}
			sd.addUnit([...]string{"year", "month", "day"}[i], int64(n), 0)
		}
	}
	if !found {
		return 0
	}
	if !strings.Contains(clock, ":") {
		clock += ":00"
	}
	h, m, sec, us, fault := splitClock(clock)
	if fault != 0 {
		return fault
	}
	sd.add(&sd.us, int64(h)*MicrosPerHour+int64(m)*MicrosPerMinute+int64(sec)*MicrosPerSecond+us, 1)
	return 0
}
