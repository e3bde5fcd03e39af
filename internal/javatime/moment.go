package javatime

import (
	"time"

	"streamsql/internal/types"
)

// daysEpoch is from 1970-01-01 to 2000-01-01.
const daysEpoch = 10957

// moment is what a pattern writes: a date, a time of day, or both in a zone.
type moment struct {
	hasDate, hasTime bool
	zone             *time.Location // nil: none
	offset           int64          // seconds east of UTC, if there is a zone
	abbrev           string         // the zone's abbreviation at the time, if there is a zone

	days       int64 // since 2000-01-01
	y, m, d    int
	nanosOfDay int64
}

func (t *moment) setDate(days int64) {
	t.hasDate, t.days = true, days
	t.y, t.m, t.d = types.CivilFromDays(days)
}

func dayOfWeek(days int64) int64 { return floorMod(days+5, 7) + 1 } // 2000-01-01 was a Saturday

func floorMod(a, b int64) int64 {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}

func yearDays(y int) int64 { return types.DaysFromCivil(y+1, 1, 1) - types.DaysFromCivil(y, 1, 1) }

func dayOfYear(days int64, y int) int64 { return days - types.DaysFromCivil(y, 1, 1) + 1 }

func localDay(days int64) int64 { return dayOfWeek(days)%7 + 1 } // Sunday is 1

// weekOf counts the week that a day of a month or year lies in, from the weekday it is; the week of the 1st is week 1.
func weekOf(day, local int64) int64 { return (day - local + 13) / 7 }

// weekYearStart returns the first day of a week-based year. Weeks begin on Sunday; the one with January 1st is the first.
func weekYearStart(y int) int64 {
	first := types.DaysFromCivil(y, 1, 1)
	return first - localDay(first) + 1
}

// weekYear returns the week-based year of a day of year y, and the week of it.
func weekYear(days int64, y int) (year, week int64) {
	if next := weekYearStart(y + 1); days >= next {
		return int64(y) + 1, (days-next)/7 + 1
	}
	return int64(y), (days-weekYearStart(y))/7 + 1
}

// get returns a field's value; false if the moment has no such field.
func (t *moment) get(f field) (int64, bool) {
	switch f {
	case fOffset:
		return t.offset, t.zone != nil
	case fNano, fNanoOfDay, fMilliOfDay, fSecond, fMinute, fHourOfAmPm, fClockHourOfAmPm, fHour, fClockHour, fAmPm:
		return t.clock(f), t.hasTime
	}
	return t.calendar(f), t.hasDate
}

func (t *moment) clock(f field) int64 {
	n := t.nanosOfDay
	hour := n / (3600 * nanosPerSecond)
	switch f {
	case fNano:
		return n % nanosPerSecond
	case fNanoOfDay:
		return n
	case fMilliOfDay:
		return n / 1_000_000
	case fSecond:
		return n / nanosPerSecond % 60
	case fMinute:
		return n / (60 * nanosPerSecond) % 60
	case fHourOfAmPm:
		return hour % 12
	case fClockHourOfAmPm:
		return (hour+11)%12 + 1
	case fClockHour:
		return (hour+23)%24 + 1
	case fAmPm:
		return hour / 12
	}
	return hour
}

func (t *moment) calendar(f field) int64 {
	switch f {
	case fDayOfWeek:
		return dayOfWeek(t.days)
	case fDayOfMonth:
		return int64(t.d)
	case fDayOfYear:
		return dayOfYear(t.days, t.y)
	case fAlignedDay:
		return int64(t.d-1)%7 + 1
	case fMonth:
		return int64(t.m)
	case fYearOfEra:
		if t.y <= 0 {
			return int64(1 - t.y)
		}
	case fEra:
		if t.y <= 0 {
			return 0
		}
		return 1
	case fQuarter:
		return int64(t.m+2) / 3
	case fLocalDay:
		return localDay(t.days)
	case fLocalWeekOfMonth:
		return weekOf(int64(t.d), localDay(t.days))
	case fWeekOfYear:
		_, week := weekYear(t.days, t.y)
		return week
	case fWeekYear:
		year, _ := weekYear(t.days, t.y)
		return year
	case fModifiedJulian:
		return t.days + daysEpoch + 40587
	}
	return int64(t.y)
}
