package types

import (
	"math"
	"strconv"
	"strings"
)

// Reading intervals, by PostgreSQL's rules (DecodeInterval, DecodeISO8601Interval).

// spanDecoder adds up the parts of an interval's text.
type spanDecoder struct {
	years, months, days, us int64
	over                    bool            // some sum does not fit: years, months and days are int32
	got                     map[string]bool // units seen: none may come twice
}

// add adds x·unit microseconds.
func (sd *spanDecoder) add(x, unit int64) {
	p, ok1 := mulInt(x, unit)
	s, ok2 := addInt(sd.us, p)
	sd.over = sd.over || !ok1 || !ok2
	sd.us = s
}

// addTo adds x·unit to years, months or days.
func (sd *spanDecoder) addTo(to *int64, x, unit int64) {
	fits := func(v int64) bool { return v == int64(int32(v)) }
	if !fits(x) || !fits(x*unit) || !fits(*to+x*unit) {
		sd.over = true
		return
	}
	*to += x * unit
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
	sd.add(int64(whole), 1)
}

// addDays adds frac of a unit that is n days long; what is left of a day becomes time.
func (sd *spanDecoder) addDays(frac, n float64) {
	whole := math.Trunc(frac * n)
	sd.addTo(&sd.days, int64(whole), 1)
	sd.addFraction(frac*n-whole, float64(MicrosPerDay))
}

// addYears adds frac of n years in whole months.
func (sd *spanDecoder) addYears(frac, n float64) {
	sd.addTo(&sd.months, roundEven(frac*n*12), 1)
}

// addUnit adds val + frac of a unit; false for one an interval does not have.
func (sd *spanDecoder) addUnit(unit string, val int64, frac float64) bool {
	if us := fixedUnit(unit); us > 0 && unit != "day" {
		sd.add(val, us)
		sd.addFraction(frac, float64(us))
		return true
	}
	years := map[string]int64{"year": 1, "decade": 10, "century": 100, "millennium": 1000}[unit]
	switch {
	case unit == "day":
		sd.addTo(&sd.days, val, 1)
		sd.addFraction(frac, float64(MicrosPerDay))
	case unit == "week":
		sd.addTo(&sd.days, val, 7)
		sd.addDays(frac, 7)
	case unit == "month":
		sd.addTo(&sd.months, val, 1)
		sd.addDays(frac, 30)
	case years > 0:
		sd.addTo(&sd.years, val, years)
		sd.addYears(frac, float64(years))
	default:
		return false
	}
	return true
}

// parseSpan reads an interval in any of the styles; r, the type's range, says what a last number without a unit is.
func parseSpan(s string, f *Format, r intervalRange) (Span, error) {
	sd := spanDecoder{got: map[string]bool{}}
	fields, ok := scanTimeFields(s, spanTextMax)
	fault := faultFormat
	if ok {
		fault = sd.decode(fields, r, f.IntervalStyle == "sql_standard")
	}
	if fault == faultFormat && len(s) > 1 && s[0] == 'P' {
		sd = spanDecoder{}
		fault = sd.decodeISO(s[1:])
	}
	if fault == faultField {
		fault = faultInterval
	}
	if fault != 0 {
		return Span{}, fault.report("interval", s, "")
	}
	return makeSpan(sd.years*12+sd.months, sd.days, sd.us, 0)
}

// decode reads fields from the right: a unit counts for the number before it, and the unit of a number without one
// follows from what stands to its right (a time: days; nothing: seconds).
func (sd *spanDecoder) decode(fields []timeField, r intervalRange, sqlStyle bool) timeFault {
	ago := false
	// SQL's style has one sign for the whole: '-1 2:03:04' is all negative.
	allNeg := sqlStyle && fields[0].s[0] == '-'
	for _, f := range fields[1:] {
		allNeg = allNeg && f.s[0] != '-' && f.s[0] != '+'
	}
	right := "" // the unit that the field to the right names
	for i := len(fields) - 1; i >= 0; i-- {
		f := fields[i]
		if f.kind == fieldWord || f.kind == fieldSpecial {
			switch {
			case f.s == "ago":
				ago, right = true, f.s
			case fieldNames[clipUnit(f.s)] == "":
				return faultFormat
			default:
				right = fieldNames[clipUnit(f.s)]
			}
			continue
		}
		if right == "" {
			if right = r.unit; right == "" {
				right = "second"
			}
		}
		if fault := sd.value(f, &right, r, allNeg); fault != 0 {
			return fault
		}
		if sd.over {
			return faultField
		}
	}
	if len(sd.got) == 0 {
		return faultFormat
	}
	if ago {
		if sd.us == math.MinInt64 || min(sd.years, sd.months, sd.days) == math.MinInt32 {
			return faultField
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
func (sd *spanDecoder) value(f timeField, unit *string, r intervalRange, allNeg bool) timeFault {
	if f.kind == fieldTime {
		return sd.clock(f.s, unit, r, allNeg)
	}
	if f.kind == fieldOffset && strings.Contains(f.s, ":") && sd.clock(f.s[1:], unit, r, allNeg || f.s[0] == '-') == 0 {
		return 0
	}
	val, rest, over := cInt64(f.s)
	frac := 0.0
	neg := f.s[0] == '-'
	switch {
	case over:
		return faultField
	case rest == "":
	case rest[0] == '-':
		m, tail, over := cInt(rest[1:])
		if over || m < 0 || m >= 12 {
			return faultField
		}
		if tail != "" {
			return faultFormat
		}
		*unit = "month"
		if neg {
			m = -m
		}
		p, ok1 := mulInt(val, 12)
		v, ok2 := addInt(p, int64(m))
		if !ok1 || !ok2 {
			return faultField
		}
		val = v
	case rest[0] == '.':
		var ok bool
		if frac, ok = fractionOf(rest); !ok {
			return faultFormat
		}
		if neg {
			frac = -frac
		}
	default:
		return faultFormat
	}
	if allNeg {
		val, frac = min(val, -val), min(frac, -frac)
	}
	return sd.number(unit, val, frac)
}

func (sd *spanDecoder) number(unit *string, val int64, frac float64) timeFault {
	if !sd.addUnit(*unit, val, frac) {
		return faultFormat
	}
	if sd.over {
		return faultField
	}
	names := []string{*unit}
	if *unit == "second" && frac != 0 {
		names = append(names, "millisecond", "microsecond")
	}
	if !sd.seen(names...) {
		return faultFormat
	}
	if *unit == "hour" {
		*unit = "day"
	}
	return 0
}

// seen notes units; false if one has been there.
func (sd *spanDecoder) seen(units ...string) bool {
	for _, u := range units {
		if sd.got[u] {
			return false
		}
		sd.got[u] = true
	}
	return true
}

func (sd *spanDecoder) clock(s string, unit *string, r intervalRange, neg bool) timeFault {
	h, m, sec, us, fault := splitClock(s, r.name == "minute to second")
	if fault != 0 {
		return fault
	}
	sum := spanDecoder{us: us}
	sum.add(h, MicrosPerHour)
	sum.add(int64(m), MicrosPerMinute)
	sum.add(int64(sec), MicrosPerSecond)
	if sum.over {
		return faultField
	}
	if neg {
		sum.us = -sum.us
	}
	sd.us = sum.us // a time takes the place of what seconds there were: those make it fail below
	if !sd.seen("hour", "minute", "second", "millisecond", "microsecond") {
		return faultFormat
	}
	*unit = "day"
	return 0
}

// isoNumber reads a number as C's strtod does, and splits it.
func isoNumber(s string) (val int64, frac float64, rest string, fault timeFault) {
	end := 0
	if s != "" && s[0] == '-' {
		end = 1
	}
	from := end
	end = skip(s, end, isDigit)
	digits := end - from
	if end < len(s) && s[end] == '.' {
		after := skip(s, end+1, isDigit)
		digits += after - end - 1
		end = after
	}
	if digits == 0 {
		return 0, 0, s, faultFormat
	}
	if end < len(s) && s[end]|32 == 'e' {
		at := end + 1
		if at < len(s) && (s[at] == '-' || s[at] == '+') {
			at++
		}
		if after := skip(s, at, isDigit); after > at {
			end = after
		}
	}
	x, err := strconv.ParseFloat(s[:end], 64)
	if err != nil {
		return 0, 0, s, faultFormat
	}
	if math.Abs(x) > 1e15 {
		return 0, 0, s, faultField
	}
	val = int64(x)
	return val, x - float64(val), s[end:], 0
}

// intWidth counts the digits of a number before its point.
func intWidth(s string) int {
	s = strings.TrimPrefix(s, "-")
	return skip(s, 0, isDigit)
}

var isoDateUnits = map[byte]string{'Y': "year", 'M': "month", 'W': "week", 'D': "day"}
var isoTimeUnits = map[byte]string{'H': "hour", 'M': "minute", 'S': "second"}

// decodeISO reads ISO 8601 durations after their P: 1Y2M3DT4H5M6.5S, 0001-02-03T04:05:06 or 00010203T040506.
func (sd *spanDecoder) decodeISO(s string) timeFault {
	inTime, some := false, false
	for s != "" {
		if s[0] == 'T' {
			inTime, some, s = true, false, s[1:]
			continue
		}
		val, frac, rest, fault := isoNumber(s)
		if fault != 0 {
			return fault
		}
		unit := byte(0)
		if rest != "" {
			unit = rest[0]
		}
		units := isoDateUnits
		if inTime {
			units = isoTimeUnits
		}
		if units[unit] != "" {
			sd.addUnit(units[unit], val, frac)
			s, some = rest[1:], true
		} else if s, fault = sd.isoAlternative(s, inTime, some); fault != 0 {
			return fault
		}
		if sd.over {
			return faultField
		}
	}
	return 0
}

// isoAlternative reads the date or the time of the form without units, and returns what follows.
func (sd *spanDecoder) isoAlternative(s string, inTime, some bool) (string, timeFault) {
	val, frac, rest, _ := isoNumber(s)
	sep, last := byte('-'), "day"
	names := []string{"year", "month", "day"}
	width := 8
	if inTime {
		sep, last, width = ':', "second", 6
		names = []string{"hour", "minute", "second"}
	}
	ends := func(rest string) bool { return rest == "" || !inTime && rest[0] == 'T' }
	switch {
	case !ends(rest) && rest[0] != sep, some:
		return "", faultFormat
	case ends(rest) && intWidth(s) == width:
		for i, v := range [...]int64{val / 10000, val / 100 % 100, val % 100} {
			sd.addUnit(names[i], v, 0)
		}
		sd.addUnit(last, 0, frac)
		return rest, 0
	}
	for i, name := range names {
		sd.addUnit(name, val, frac)
		if sd.over || ends(rest) {
			break
		}
		if i == 2 || rest[0] != sep {
			return "", faultFormat
		}
		var fault timeFault
		if val, frac, rest, fault = isoNumber(rest[1:]); fault != 0 {
			return "", fault
		}
	}
	return rest, 0
}
