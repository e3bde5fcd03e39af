package types

import (
	"strings"
	"time"
)

// julianEpoch is the Julian day of 2000-01-01.
const julianEpoch = 2451545

// Extract is EXTRACT(field FROM v) for date, time, timetz, timestamp, timestamptz and interval, as numeric with PostgreSQL's
// scale; date_part is its Float64. A field of an infinity is NULL, or an infinity where it only grows. Errors: 22023
// unknown field, 0A000 a field this type does not have.
func Extract(field string, t Type, v Value, f *Format) (Value, error) {
	name := fieldNames[strings.ToLower(field)]
	if name == "" {
		return Value{}, badField(field, t)
	}
	var d Dec
	ok := false
	switch t.Kind {
	case Interval:
		d, ok = extractSpan(name, v.S)
	case Time:
		d, ok = extractClock(name, v.I)
		if name == "epoch" {
			d, ok = DecFromScaled(v.I, 6), true
		}
	case TimeTZ:
		d, ok = extractTimeTZ(name, v.Bytes)
	case Date:
		if IsInfinite(v.I) {
			return extractInfinite(field, name, t, v.I)
		}
		if name == "epoch" {
			d, ok = DecFromInt((v.I+daysEpoch)*86400), true
		} else {
			d, ok = extractDay(name, v.I)
		}
	case Timestamp, TimestampTZ:
		if IsInfinite(v.I) {
			return extractInfinite(field, name, t, v.I)
		}
		d, ok = extractTimestamp(name, t, v.I, orDefault(f).Loc)
	}
	if !ok {
		return Value{}, unfitField(field, t)
	}
	return DecValue(d), nil
}

// extractInfinite gives what grows without end as an infinity, what goes round as NULL.
func extractInfinite(field, name string, t Type, v int64) (Value, error) {
	switch name {
	case "year", "decade", "century", "millennium", "julian", "isoyear", "epoch":
		if v == NegInf {
			return DecValue(NegInfDec), nil
		}
		return DecValue(InfDec), nil
	case "day", "month", "quarter", "week", "dow", "isodow", "doy":
		return Null, nil
	case "hour", "minute", "second", "millisecond", "microsecond":
		if t.Kind != Date {
			return Null, nil
		}
	case "timezone", "timezone_h", "timezone_m":
		if t.Kind != Date {
			return Null, nil
		}
	}
	return Value{}, unfitField(field, t)
}

func extractTimestamp(name string, t Type, ts int64, loc *time.Location) (Dec, bool) {
	off := int64(0)
	if t.Kind == TimestampTZ {
		local := UTCToLocal(ts, loc)
		off = (local - ts) / MicrosPerSecond
		switch name {
		case "timezone":
			return DecFromInt(off), true
		case "timezone_h":
			return DecFromInt(off / 3600), true
		case "timezone_m":
			return DecFromInt(off / 60 % 60), true
		}
		ts = local
	}
	days, us := splitDay(ts)
	switch name {
	case "epoch":
		since, fits := addInt(ts-off*MicrosPerSecond, daysEpoch*MicrosPerDay)
		if !fits {
			q, _ := DecFromInt(ts - off*MicrosPerSecond).Add(DecFromInt(daysEpoch * MicrosPerDay)).Div(DecFromInt(MicrosPerSecond))
			return q.Round(6), true // PostgreSQL divides here, which does not keep all digits
		}
		return DecFromScaled(since, 6), true
	case "julian":
		part, err := DecFromInt(us).Div(DecFromInt(MicrosPerDay))
		return DecFromInt(days + julianEpoch).Add(part), err == nil
	}
	if d, ok := extractClock(name, us); ok {
		return d, true
	}
	return extractDay(name, days)
}

// extractClock is for the fields within a day, and the time fields of an interval.
func extractClock(name string, us int64) (Dec, bool) {
	switch name {
	case "microsecond":
		return DecFromInt(us % MicrosPerMinute), true
	case "millisecond":
		return DecFromScaled(us%MicrosPerMinute, 3), true
	case "second":
		return DecFromScaled(us%MicrosPerMinute, 6), true
	case "minute":
		return DecFromInt(us / MicrosPerMinute % 60), true
	case "hour":
		return DecFromInt(us / MicrosPerHour), true
	}
	return Dec{}, false
}

// extractDay is for the fields of a calendar day.
func extractDay(name string, days int64) (Dec, bool) {
	y, m, d := CivilFromDays(days)
	x := 0
	switch name {
	case "day":
		x = d
	case "month":
		x = m
	case "quarter":
		x = (m-1)/3 + 1
	case "week":
		_, x = isoWeek(days)
	case "isoyear":
		x, _ = isoWeek(days)
		x = eraYear(x)
	case "year":
		x = eraYear(y)
	case "decade":
		x = int(floorDiv(int64(y), 10))
	case "century":
		x = period(y, 100)
	case "millennium":
		x = period(y, 1000)
	case "julian":
		return DecFromInt(days + julianEpoch), true
	case "dow":
		x = weekday(days)
	case "isodow":
		x = isoWeekday(days)
	case "doy":
		x = int(days-DaysFromCivil(y, 1, 1)) + 1
	default:
		return Dec{}, false
	}
	return DecFromInt(int64(x)), true
}

// eraYear turns an astronomical year into one without a year 0: 1 BC is -1.
func eraYear(y int) int {
	if y <= 0 {
		return y - 1
	}
	return y
}

// period numbers centuries and millennia: the years 1 to n are the first, 1 BC back to n BC is the -1st.
func period(y, n int) int {
	if y > 0 {
		return (y + n - 1) / n
	}
	return -((n - 1 - (y - 1)) / n)
}

func extractSpan(name string, s Span) (Dec, bool) {
	if d, ok := extractClock(name, s.Micros); ok {
		return d, true
	}
	years, months := int64(s.Months/12), int64(s.Months%12)
	switch name {
	case "day":
		return DecFromInt(int64(s.Days)), true
	case "month":
		return DecFromInt(months), true
	case "quarter":
		return DecFromInt(months/3 + 1), true
	case "year":
		return DecFromInt(years), true
	case "decade":
		return DecFromInt(years / 10), true
	case "century":
		return DecFromInt(years / 100), true
	case "millennium":
		return DecFromInt(years / 1000), true
	case "epoch": // a year has 365.25 days here, a month 30
		secs := years*31557600 + (months*30+int64(s.Days))*86400
		return DecFromInt(secs).Add(DecFromScaled(s.Micros, 6)), true
	}
	return Dec{}, false
}
