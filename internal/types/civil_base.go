package types

import (
	"math"
	"time"

	"streamsql/internal/pgerr"
)

// Units of time in microseconds, and the special values of dates and timestamps.
const (
	MicrosPerSecond int64 = 1_000_000
	MicrosPerMinute       = 60 * MicrosPerSecond
	MicrosPerHour         = 60 * MicrosPerMinute
	MicrosPerDay          = 24 * MicrosPerHour

	// PosInf and NegInf stand for infinity and -infinity in the ClassInt form of dates and timestamps.
	PosInf int64 = math.MaxInt64
	NegInf int64 = math.MinInt64

	daysEpoch = 10957 // 1970-01-01 to 2000-01-01
)

// The range of dates and timestamps, PostgreSQL's: 4713-11-24 BC up to 5874897-12-31 (dates), 294276-12-31 (timestamps).
const (
	dateMin          = -2451545
	dateMax          = 2145031948
	timestampMin     = -211813488000000000
	timestampEnd     = 9223371331200000000 // the first one too large
	timestampDateMax = timestampEnd/MicrosPerDay - 1
)

// IsInfinite reports infinity or -infinity of a date or timestamp.
func IsInfinite(v int64) bool { return v == PosInf || v == NegInf }

// DaysFromCivil returns the days from 2000-01-01 to a day of the proleptic Gregorian calendar. Years are
// astronomical: 0 is 1 BC. m may be out of 1..12 only in so far as the caller has normalised it; d may be any number.
func DaysFromCivil(y, m, d int) int64 {
	if m <= 2 {
		y--
	}
	era := floorDiv(int64(y), 400)
	yoe := int64(y) - era*400
	mp := int64((m + 9) % 12)
	doy := (153*mp+2)/5 + int64(d) - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 730425
}

// CivilFromDays is the inverse of DaysFromCivil.
func CivilFromDays(days int64) (y, m, d int) {
	z := days + 730425
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = int(doy - (153*mp+2)/5 + 1)
	m = int(mp + 3)
	if m > 12 {
		m -= 12
	}
	y = int(yoe + era*400)
	if m <= 2 {
		y++
	}
	return y, m, d
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// isLeap reports a leap year (astronomical).
func isLeap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

var monthDays = [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// DaysInMonth returns the number of days of month m (1..12) of year y (astronomical).
func DaysInMonth(y, m int) int {
	if m == 2 && isLeap(y) {
		return 29
	}
	return monthDays[m]
}

// splitDay takes a timestamp apart: days since 2000-01-01 and microseconds since midnight.
func splitDay(ts int64) (days, micros int64) {
	days = floorDiv(ts, MicrosPerDay)
	return days, ts - days*MicrosPerDay
}

// FromTime converts a time to a timestamp (microseconds since 2000-01-01 UTC), dropping what is below a microsecond.
func FromTime(t time.Time) int64 { return t.UnixMicro() - daysEpoch*MicrosPerDay }

// ToTime converts a finite timestamp to a time in UTC.
func ToTime(ts int64) time.Time {
	s := floorDiv(ts, MicrosPerSecond)
	return time.Unix(s+daysEpoch*86400, (ts-s*MicrosPerSecond)*1000).UTC()
}

var (
	errTimestampRange = pgerr.New(pgerr.DatetimeFieldOverflow, "timestamp out of range")
	errDateRange      = pgerr.New(pgerr.DatetimeFieldOverflow, "date out of range")
	errSpanRange      = pgerr.New(pgerr.DatetimeFieldOverflow, "interval out of range")
)

func checkTimestamp(ts int64) (int64, error) {
	if ts < timestampMin || ts >= timestampEnd {
		return 0, errTimestampRange
	}
	return ts, nil
}

// DateToTimestamp returns the midnight a date begins with. Error: 22008.
func DateToTimestamp(days int64) (int64, error) {
	if IsInfinite(days) {
		return days, nil
	}
	if days > timestampDateMax {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "date out of range for timestamp")
	}
	return days * MicrosPerDay, nil
}

// TimestampToDate returns the day ts falls on.
func TimestampToDate(ts int64) int64 {
	if IsInfinite(ts) {
		return ts
	}
	return floorDiv(ts, MicrosPerDay)
}

// TimestampToTime returns the microseconds since midnight of a finite ts.
func TimestampToTime(ts int64) int64 {
	_, us := splitDay(ts)
	return us
}
