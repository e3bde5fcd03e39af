package types

// intervalRange is the fields an interval type is limited to: INTERVAL DAY TO MINUTE.
type intervalRange struct {
	name string // "day to minute"
	unit string // of a number without one
	mask int32  // PostgreSQL's, in the type modifier
	keep int64  // the time is cut to multiples of so many microseconds; 0: no time at all
	days bool   // days are kept
	year bool   // months are cut to whole years
}

func (r intervalRange) suffix() string {
	if r.name == "" {
		return ""
	}
	return " " + r.name
}

// The bits of the fields in PostgreSQL's masks.
const (
	maskMonth, maskYear, maskDay         = 1 << 1, 1 << 2, 1 << 3
	maskHour, maskMinute, maskSecond     = 1 << 10, 1 << 11, 1 << 12
	maskDayHour, maskHourMin, maskMinSec = maskDay | maskHour, maskHour | maskMinute, maskMinute | maskSecond
)

// intervalRanges are the ranges of fields that SQL knows; Type.Scale of an interval is an index, 0 is no limit.
var intervalRanges = [...]intervalRange{
	{keep: 1, days: true},
	{"year", "year", maskYear, 0, false, true},
	{"month", "month", maskMonth, 0, false, false},
	{"day", "day", maskDay, 0, true, false},
	{"hour", "hour", maskHour, MicrosPerHour, true, false},
	{"minute", "minute", maskMinute, MicrosPerMinute, true, false},
	{"second", "second", maskSecond, 1, true, false},
	{"year to month", "month", maskYear | maskMonth, 0, false, false},
	{"day to hour", "hour", maskDayHour, MicrosPerHour, true, false},
	{"day to minute", "minute", maskDay | maskHourMin, MicrosPerMinute, true, false},
	{"day to second", "second", maskDayHour | maskMinSec, 1, true, false},
	{"hour to minute", "minute", maskHourMin, MicrosPerMinute, true, false},
	{"hour to second", "second", maskHour | maskMinSec, 1, true, false},
	{"minute to second", "second", maskMinSec, 1, true, false},
}

// IntervalOf returns the interval type of a range of fields ("day to second", lower case).
func IntervalOf(fields string) (Type, bool) {
	for i, r := range intervalRanges {
		if i > 0 && r.name == fields {
			return Type{Kind: Interval, Scale: int32(i)}, true
		}
	}
	return Type{}, false
}

// fitSpan drops what lies below a range's last field.
func fitSpan(s Span, scale int32) Span {
	r := intervalRanges[scale]
	if r.year {
		s.Months -= s.Months % 12
	}
	if !r.days {
		s.Days = 0
	}
	if r.keep == 0 {
		s.Micros = 0
	} else {
		s.Micros -= s.Micros % r.keep
	}
	return s
}
