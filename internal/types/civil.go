package types

import (
	"math"
	"time"

	"streamsql/internal/pgerr"
)

// TimestampAdd returns ts + s: months first (the day is clamped to the month's last), then days, then microseconds.
// Infinities stay. Error: 22008.
func TimestampAdd(ts int64, s Span) (int64, error) {
	if IsInfinite(ts) {
		return ts, nil
	}
	days, us := splitDay(ts)
	if s.Months != 0 {
		y, m, d := CivilFromDays(days)
		total := int64(y)*12 + int64(m-1) + int64(s.Months)
		ny := int(floorDiv(total, 12))
		nm := int(total-int64(ny)*12) + 1
		days = DaysFromCivil(ny, nm, min(d, DaysInMonth(ny, nm)))
	}
	for _, more := range [...]int64{0, int64(s.Days)} { // what is out of range in between is an error, too
		if days += more; days < dateMin || days > timestampDateMax {
			return 0, errTimestampRange
		}
	}
	out, ok := addInt(days*MicrosPerDay+us, s.Micros)
	if !ok {
		return 0, errTimestampRange
	}
	return checkTimestamp(out)
}

// TimestampTZAdd is TimestampAdd for a timestamptz: months and days count on the wall clock of loc.
func TimestampTZAdd(ts int64, s Span, loc *time.Location) (int64, error) {
	if IsInfinite(ts) {
		return ts, nil
	}
	if s.Months != 0 || s.Days != 0 {
		local, err := TimestampAdd(UTCToLocal(ts, loc), Span{Months: s.Months, Days: s.Days})
		if err != nil {
			return 0, err
		}
		ts = LocalToUTC(local, loc)
	}
	return TimestampAdd(ts, Span{Micros: s.Micros})
}

// TimeAdd returns the time of day t + s, going round at midnight; days and months do not count.
func TimeAdd(t int64, s Span) int64 { return modMicros(t + modMicros(s.Micros)) }

// TimestampSub returns a - b in days and microseconds. Error: 22008.
func TimestampSub(a, b int64) (Span, error) {
	if IsInfinite(a) || IsInfinite(b) {
		return Span{}, pgerr.New(pgerr.DatetimeFieldOverflow, "cannot subtract infinite timestamps")
	}
	d := a - b
	if (a >= b) != (d >= 0) {
		return Span{}, errSpanRange
	}
	return Span{Micros: d}.JustifyHours()
}

// Age returns a - b in years, months, days and time, counted on the calendar. Error: 22008 for infinities.
func Age(a, b int64) (Span, error) {
	if IsInfinite(a) || IsInfinite(b) {
		return Span{}, errTimestampRange
	}
	neg := a < b
	if neg {
		a, b = b, a
	}
	// The fields are those of the later minus those of the earlier. What is borrowed for days is the length of the
	// month the difference starts in; PostgreSQL takes it from its second argument, or the first when it is earlier.
	daysA, usA := splitDay(a)
	daysB, usB := splitDay(b)
	y1, m1, d1 := CivilFromDays(daysA)
	y2, m2, d2 := CivilFromDays(daysB)
	us, d, months := usA-usB, d1-d2, (y1-y2)*12+m1-m2
	if us < 0 {
		us += MicrosPerDay
		d--
	}
	for d < 0 {
		d += DaysInMonth(y2, m2)
		months--
	}
	s := Span{Micros: us, Days: int32(d), Months: int32(months)}
	if neg {
		return s.Neg()
	}
	return s, nil
}

// AgeTZ is Age for timestamptz on the wall clock of loc.
func AgeTZ(a, b int64, loc *time.Location) (Span, error) {
	return Age(UTCToLocal(a, loc), UTCToLocal(b, loc))
}

// DateBin returns the start of the bin of width stride that ts falls into, bins counted from origin. Errors: 0A000 for
// months, 22008.
func DateBin(stride Span, ts, origin int64) (int64, error) {
	if IsInfinite(ts) {
		return ts, nil
	}
	if IsInfinite(origin) {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "origin out of range")
	}
	if stride.Months != 0 {
		return 0, pgerr.New(pgerr.FeatureNotSupported, "timestamps cannot be binned into intervals containing months or years")
	}
	width := Span{Days: stride.Days, Micros: stride.Micros}.total()
	if width.hi < 0 || width.hi == 0 && width.lo == 0 {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "stride must be greater than zero")
	}
	if width.hi > 0 || width.lo > math.MaxInt64 {
		return 0, errSpanRange
	}
	diff := ts - origin
	if (ts >= origin) != (diff >= 0) {
		return 0, errSpanRange
	}
	return checkTimestamp(origin + floorDiv(diff, int64(width.lo))*int64(width.lo))
}

// MakeDate builds a date; a negative year is BC. Error: 22008.
func MakeDate(y, m, d int64) (int64, error) {
	bad := func() (int64, error) {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "date field value out of range: %d-%02d-%02d", y, m, d)
	}
	if y == 0 || y < -10000 || y > 6000000 || m < 1 || m > 12 || d < 1 {
		return bad()
	}
	year := int(y)
	if y < 0 {
		year++
	}
	if d > int64(DaysInMonth(year, int(m))) {
		return bad()
	}
	days := DaysFromCivil(year, int(m), int(d))
	if days < dateMin || days > dateMax {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "date out of range: %d-%02d-%02d", year, m, d)
	}
	return days, nil
}

// MakeTime builds a time of day. Error: 22008.
func MakeTime(h, m int64, sec float64) (int64, error) {
	us := math.RoundToEven(sec * 1e6)
	if h < 0 || h > 24 || m < 0 || m > 59 || math.IsNaN(sec) || us < 0 || us > 60e6 ||
		h == 24 && (m > 0 || us > 0) {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "time field value out of range: %d:%02d:%s", h, m, secondsText(sec))
	}
	return h*MicrosPerHour + m*MicrosPerMinute + int64(us), nil
}

// secondsText is C's %02g.
func secondsText(sec float64) string {
	if math.IsNaN(sec) || math.IsInf(sec, 0) {
		return string(appendFloat(nil, sec, 64, 1))
	}
	s := string(appendFloatG(nil, sec, 6))
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

// MakeTimestamp builds a timestamp. Error: 22008.
func MakeTimestamp(y, mo, d, h, mi int64, sec float64) (int64, error) {
	days, err := MakeDate(y, mo, d)
	if err != nil {
		return 0, err
	}
	us, err := MakeTime(h, mi, sec)
	if err != nil {
		return 0, err
	}
	if days > timestampDateMax {
		return 0, errTimestampRange
	}
	return checkTimestamp(days*MicrosPerDay + us)
}

// MakeSpan builds an interval. Error: 22008.
func MakeSpan(years, months, weeks, days, hours, mins int64, secs float64) (Span, error) {
	if math.IsNaN(secs) || math.IsInf(secs, 0) {
		return Span{}, errSpanRange
	}
	us := int64(math.MinInt64) // what C makes of a number that is too large
	if f := math.RoundToEven(secs * 1e6); math.Abs(f) < math.MaxInt64 {
		us = int64(f)
	}
	m, d := int32(years*12)+int32(months), int32(weeks*7)+int32(days)
	return Span{Micros: hours*MicrosPerHour + mins*MicrosPerMinute + us, Days: d, Months: m}, nil
}
