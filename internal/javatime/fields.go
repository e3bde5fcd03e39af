package javatime

import "streamsql/internal/pgerr"

// field is one of Java's ChronoFields, or of its week and quarter fields.
type field uint8

// The fields that letters can name, in the order in which a timestamp takes those that give no whole date or time.
const (
	fNano field = iota
	fNanoOfDay
	fMilliOfDay
	fSecond
	fMinute
	fHourOfAmPm
	fClockHourOfAmPm
	fHour
	fClockHour
	fAmPm
	fDayOfWeek
	fAlignedDay // of the week, where the month's 1st is day 1
	fDayOfMonth
	fDayOfYear
	fMonth
	fYearOfEra
	fYear
	fEra
	fOffset
	fQuarter
	fLocalDay // of the week, Sunday is 1
	fLocalWeekOfMonth
	fWeekOfYear // of the week-based year
	fWeekYear
	fModifiedJulian
	fieldCount
)

var fieldNames = [fieldCount]string{"NanoOfSecond", "NanoOfDay", "MilliOfDay", "SecondOfMinute", "MinuteOfHour", "HourOfAmPm",
	"ClockHourOfAmPm", "HourOfDay", "ClockHourOfDay", "AmPmOfDay", "DayOfWeek", "AlignedDayOfWeekInMonth", "DayOfMonth", "DayOfYear",
	"MonthOfYear", "YearOfEra", "Year", "Era", "OffsetSeconds", "QuarterOfYear", "LocalizedDayOfWeek", "WeekOfMonth",
	"WeekOfWeekBasedYear", "WeekBasedYear", "ModifiedJulianDay"}

const (
	nanosPerSecond = int64(1_000_000_000)
	nanosPerDay    = 86_400 * nanosPerSecond
	// yearMax bounds years on both sides; what lies beyond is out of the range of any date here.
	yearMax = 999_999_999
	// offsetMax is the greatest offset of a zone, in seconds: 18 hours.
	offsetMax = 18 * 3600
)

// limits are the least and the greatest value of a field.
var limits = [fieldCount][2]int64{
	fNano: {0, nanosPerSecond - 1}, fNanoOfDay: {0, nanosPerDay - 1}, fMilliOfDay: {0, 86_399_999}, fSecond: {0, 59}, fMinute: {0, 59},
	fHourOfAmPm: {0, 11}, fClockHourOfAmPm: {1, 12}, fHour: {0, 23}, fClockHour: {1, 24}, fAmPm: {0, 1}, fDayOfWeek: {1, 7},
	fDayOfMonth: {1, 31}, fDayOfYear: {1, 366}, fAlignedDay: {1, 7}, fMonth: {1, 12}, fYearOfEra: {1, yearMax + 1}, fYear: {-yearMax, yearMax},
	fEra: {0, 1}, fOffset: {-offsetMax, offsetMax}, fQuarter: {1, 4}, fLocalDay: {1, 7}, fLocalWeekOfMonth: {0, 6}, fWeekOfYear: {1, 53},
	fWeekYear: {-yearMax, yearMax}, fModifiedJulian: {-400_000_000_000, 400_000_000_000},
}

// fields is a set of fields with values.
type fields struct {
	has uint32
	v   [fieldCount]int64
}

func (s *fields) get(f field) (int64, bool) { return s.v[f], s.has>>f&1 != 0 }

// all reports whether every one of fs is there.
func (s *fields) all(fs ...field) bool {
	for _, f := range fs {
		if s.has>>f&1 == 0 {
			return false
		}
	}
	return true
}

// set adds a value; false if the field has another one.
func (s *fields) set(f field, v int64) bool {
	if old, ok := s.get(f); ok {
		return old == v
	}
	s.has |= 1 << f
	s.v[f] = v
	return true
}

// take returns a field's value and removes it.
func (s *fields) take(f field) int64 {
	s.has &^= 1 << f
	return s.v[f]
}

// check reports a value out of its field's range.
func check(f field, v int64) error {
	if l := limits[f]; v < l[0] || v > l[1] {
		return pgerr.New(pgerr.DatetimeFieldOverflow, "invalid value for %s (valid values %d - %d): %d", fieldNames[f], l[0], l[1], v)
	}
	return nil
}
