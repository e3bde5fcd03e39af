package types

import (
	"strings"
	"time"

	"streamsql/internal/pgerr"
)

// fieldNames maps what EXTRACT, date_trunc and interval input call a field to its one name.
var fieldNames = map[string]string{}

func init() {
	for name, aliases := range map[string]string{
		"microsecond": "us usec usecs usecond useconds microsecon microsecond microseconds",
		"millisecond": "ms msec msecs msecond mseconds millisecon millisecond milliseconds",
		"second":      "s sec secs second seconds",
		"minute":      "m min mins minute minutes",
		"hour":        "h hr hrs hour hours",
		"day":         "d day days",
		"week":        "w week weeks",
		"month":       "mon mons month months",
		"quarter":     "qtr quarter",
		"year":        "y yr yrs year years",
		"decade":      "dec decs decade decades",
		"century":     "c cent century centuries",
		"millennium":  "mil mils millennium millennia millenniums",
		"dow":         "dow",
		"isodow":      "isodow",
		"doy":         "doy",
		"isoyear":     "isoyear",
		"julian":      "julian jd j",
		"epoch":       "epoch",
		"timezone":    "timezone",
		"timezone_h":  "timezone_h timezone_hour",
		"timezone_m":  "timezone_m timezone_minute",
	} {
		for a := range strings.FieldsSeq(aliases) {
			fieldNames[a] = name
		}
	}
}

// truncRank orders the fields date_trunc knows, finest first; week stands beside, between day and month.
var truncRank = map[string]int{
	"microsecond": 1, "millisecond": 2, "second": 3, "minute": 4, "hour": 5, "day": 6, "week": 7, "month": 8,
	"quarter": 9, "year": 10, "decade": 11, "century": 12, "millennium": 13,
}

func badField(field string, t Type) error {
	return pgerr.New(pgerr.InvalidParameterValue, "unit \"%s\" not recognized for type %s", strings.ToLower(field), kindNames[t.Kind])
}

func unfitField(field string, t Type) *pgerr.Error {
	return pgerr.New(pgerr.FeatureNotSupported, "unit \"%s\" not supported for type %s", strings.ToLower(field), kindNames[t.Kind])
}

// notTruncField tells fields that are no unit of time from words that are no field.
func notTruncField(field, name string, t Type) error {
	if strings.HasPrefix(name, "timezone") {
		return unfitField(field, t)
	}
	return badField(field, t)
}

// TimestampTrunc is date_trunc(field, timestamp). Infinities stay. Errors: 22023, 22008.
func TimestampTrunc(field string, ts int64) (int64, error) {
	return truncTimestamp(field, ts, T(Timestamp))
}

func truncTimestamp(field string, ts int64, t Type) (int64, error) {
	if IsInfinite(ts) {
		return ts, nil
	}
	name := fieldNames[strings.ToLower(field)]
	if truncRank[name] == 0 {
		return 0, notTruncField(field, name, t)
	}
	if unit := fixedUnit(name); unit > 0 {
		return floorDiv(ts, unit) * unit, nil
	}
	days, _ := splitDay(ts)
	if name == "week" {
		days -= int64(isoWeekday(days) - 1)
	} else {
		y, m, _ := CivilFromDays(days)
		y, m = truncMonth(name, y, m)
		days = DaysFromCivil(y, m, 1)
	}
	return checkTimestamp(days * MicrosPerDay)
}

// fixedUnit returns the length of a field in microseconds, 0 for those that vary.
func fixedUnit(name string) int64 {
	switch name {
	case "microsecond":
		return 1
	case "millisecond":
		return 1000
	case "second":
		return MicrosPerSecond
	case "minute":
		return MicrosPerMinute
	case "hour":
		return MicrosPerHour
	case "day":
		return MicrosPerDay
	}
	return 0
}

// truncMonth returns the first month of the field that month m of year y (astronomical) lies in. Centuries begin with
// the years 1, 101, …; before Christ they count backwards.
func truncMonth(name string, y, m int) (int, int) {
	switch name {
	case "month":
		return y, m
	case "quarter":
		return y, (m-1)/3*3 + 1
	case "decade":
		y = int(floorDiv(int64(y), 10)) * 10
	case "century":
		y = int(floorDiv(int64(y)-1, 100))*100 + 1
	case "millennium":
		y = int(floorDiv(int64(y)-1, 1000))*1000 + 1
	}
	return y, 1
}

// isoWeekday returns 1 for Monday up to 7 for Sunday.
func isoWeekday(days int64) int {
	if w := weekday(days); w > 0 {
		return w
	}
	return 7
}

// TimestampTZTrunc is date_trunc(field, timestamptz) on the wall clock of loc.
func TimestampTZTrunc(field string, ts int64, loc *time.Location) (int64, error) {
	local := UTCToLocal(ts, loc)
	out, err := truncTimestamp(field, local, T(TimestampTZ))
	if err != nil || IsInfinite(ts) {
		return out, err
	}
	if truncRank[fieldNames[strings.ToLower(field)]] < truncRank["day"] {
		return out - (local - ts), nil // within the hour the offset is the one of ts
	}
	return LocalToUTC(out, loc), nil
}

// SpanTrunc is date_trunc(field, interval). Errors: 22023; 0A000 for weeks.
func SpanTrunc(field string, s Span) (Span, error) {
	name := fieldNames[strings.ToLower(field)]
	if truncRank[name] == 0 {
		return Span{}, notTruncField(field, name, T(Interval))
	}
	if unit := fixedUnit(name); unit == MicrosPerDay {
		return Span{Months: s.Months, Days: s.Days}, nil
	} else if unit > 0 {
		s.Micros = s.Micros / unit * unit
		return s, nil
	}
	months := int32(1)
	switch name {
	case "week":
		return Span{}, unfitField(field, T(Interval)).WithDetail("Months usually have fractional weeks.")
	case "quarter":
		months = 3
	case "year":
		months = 12
	case "decade":
		months = 120
	case "century":
		months = 1200
	case "millennium":
		months = 12000
	}
	return Span{Months: s.Months / months * months}, nil
}

// isoWeek returns the ISO 8601 week of a day and the year it belongs to (astronomical).
func isoWeek(days int64) (year, week int) {
	thursday := days + int64(4-isoWeekday(days))
	year, _, _ = CivilFromDays(thursday)
	return year, int(thursday-DaysFromCivil(year, 1, 1))/7 + 1
}
