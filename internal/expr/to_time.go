package expr

import (
	"time"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// to_date and to_timestamp: text read by a template.

func init() {
	def("to_date(text, text) date stable", "a date read by a template", "to_date('05 Dec 2000', 'DD Mon YYYY') => 2000-12-05",
		two(func(_ *row, a, b types.Value) (types.Value, error) {
			c, err := readCalendar(string(a.Bytes), string(b.Bytes))
			if err != nil {
				return types.Null, err
			}
			days, ok := c.days()
			if !ok || days < minDate || days > maxDate {
				return types.Null, pgerr.New(pgerr.DatetimeFieldOverflow, "date out of range: \"%s\"", a.Bytes)
			}
			return types.IntValue(days), nil
		}))
	def("to_timestamp(text, text) timestamptz stable", "a timestamp read by a template", "to_timestamp('05 Dec 2000', 'DD Mon YYYY') => 2000-12-05 00:00:00+00",
		two(func(r *row, a, b types.Value) (types.Value, error) {
			c, err := readCalendar(string(a.Bytes), string(b.Bytes))
			if err != nil {
				return types.Null, err
			}
			ts, err := c.timestamp(r.x.loc())
			return types.IntValue(ts), err
		}))
}

// The first and the last day that a date can be.
const (
	minDate = -julian2000
	maxDate = 2147483494 - julian2000 - 1
)

// calendarFields are a time's fields, checked.
type calendarFields struct {
	year, month, day     int
	hour, minute, second int
	micros               int
	zoned                bool
	offset               int // seconds east of UTC
	digits               int // of the seconds' fraction, by FF1 to FF6; 0: all
}

// Sets of calendar fields that a text has set.
const (
	setYear = 1 << iota
	setMonth
	setDay
	setDate = setYear | setMonth | setDay
)

// readCalendar reads text by template and puts the fields together.
func readCalendar(text, template string) (*calendarFields, error) {
	r, err := readTime(text, template)
	if err != nil {
		return nil, err
	}
	c := &calendarFields{month: 1, day: 1, micros: r.ms*1000 + r.us, digits: r.ff}
	if err := c.setClock(r); err != nil {
		return nil, err
	}
	set := c.setYear(r) | c.setDayOfWeek(r)
	if r.w != 0 {
		r.dd = (r.w-1)*7 + 1
	}
	if r.dd != 0 {
		c.day = r.dd
		set |= setDay
	}
	if r.mm != 0 {
		c.month = r.mm
		set |= setMonth
	}
	if r.ddd != 0 && (c.month <= 1 || c.day <= 1) {
		if c.year == 0 && r.bc == 0 {
			return nil, badTime("cannot calculate day of year without year information")
		}
		set |= c.setDayOfYear(r)
	}
	if !c.valid(set) {
		return nil, pgerr.New(pgerr.DatetimeFieldOverflow, "date/time field value out of range: \"%s\"", text)
	}
	if r.zoneSign != 0 {
		if r.zoneHour < 0 || r.zoneHour > 15 || r.zoneMinute < 0 || r.zoneMinute > 59 {
			return nil, pgerr.New("22009", "time zone displacement out of range: \"%s\"", text)
		}
		c.zoned, c.offset = true, r.zoneSign*(r.zoneHour*3600+r.zoneMinute*60)
	}
	return c, nil
}

func (c *calendarFields) setClock(r *timeReader) error {
	c.hour, c.minute, c.second = r.ssss/3600, r.ssss%3600/60, r.ssss%60
	if r.ss != 0 {
		c.second = r.ss
	}
	if r.mi != 0 {
		c.minute = r.mi
	}
	if r.hh != 0 {
		c.hour = r.hh
	}
	if !r.half {
		return nil
	}
	if c.hour < 1 || c.hour > 12 {
		return badTime("hour \"%d\" is invalid for the 12-hour clock", c.hour).
			WithHint("Use the 24-hour clock, or give an hour between 1 and 12.")
	}
	c.hour = c.hour%12 + 12*r.pm
	return nil
}

// setYear takes year, century and era, and the Julian day.
func (c *calendarFields) setYear(r *timeReader) (set int) {
	cc := r.cc
	if r.bc != 0 {
		cc = -cc
	}
	switch {
	case r.year != 0 && cc != 0 && r.yearDigits <= 2:
		c.year = r.year % 100
		switch {
		case c.year != 0 && cc >= 0:
			c.year += (cc - 1) * 100
		case c.year != 0:
			c.year = (cc+1)*100 - c.year + 1
		case cc >= 0:
			c.year = cc * 100
		default:
			c.year = cc*100 + 1
		}
		set = setYear
	case r.year != 0:
		if c.year = r.year; r.bc != 0 {
			c.year = -c.year
		}
		if c.year < 0 {
			c.year++
		}
		set = setYear
	case cc != 0:
		if c.year = cc*100 + 1; cc >= 0 {
			c.year -= 100
		}
		set = setYear
	}
	if r.julian != 0 {
		c.year, c.month, c.day = julianDate(r.julian)
		set = setDate
	}
	return set
}

// setDayOfWeek takes the week; a week counted from January 1st becomes a day of the year.
func (c *calendarFields) setDayOfWeek(r *timeReader) int {
	if r.ww == 0 {
		return 0
	}
	if r.mode != calendarISO {
		r.ddd = (r.ww-1)*7 + 1
		return 0
	}
	day := isoYearStart(c.year) + (r.ww-1)*7
	switch {
	case r.d > 1:
		day += r.d - 2
	case r.d == 1:
		day += 6
	}
	c.year, c.month, c.day = julianDate(day)
	return setDate
}

func (c *calendarFields) setDayOfYear(r *timeReader) int {
	if r.mode == calendarISO {
		c.year, c.month, c.day = julianDate(isoYearStart(c.year) + r.ddd - 1)
		return setDate
	}
	month, before := 1, 0
	for month <= 12 && r.ddd > before+types.DaysInMonth(c.year, month) {
		before += types.DaysInMonth(c.year, month)
		month++
	}
	if c.month <= 1 {
		c.month = month
	}
	if c.day <= 1 {
		c.day = r.ddd - before
	}
	return setMonth | setDay
}

func (c *calendarFields) valid(set int) bool {
	if set&setMonth != 0 && (c.month < 1 || c.month > 12) || set&setDay != 0 && (c.day < 1 || c.day > 31) {
		return false
	}
	if set == setDate && c.day > types.DaysInMonth(c.year, c.month) {
		return false
	}
	return c.hour >= 0 && c.hour < 24 && c.minute >= 0 && c.minute < 60 && c.second >= 0 && c.second < 60 && c.micros >= 0 && c.micros < 1e6
}

// days counts from 2000-01-01; ok is false for years beyond every calendar.
func (c *calendarFields) days() (days int64, ok bool) {
	if c.year < -4713 || c.year == -4713 && c.month < 11 || c.year > 5874898 || c.year == 5874898 && c.month >= 6 {
		return 0, false
	}
	return int64(julianDay(c.year, c.month, c.day) - julian2000), true
}

var errTimestampRange = pgerr.New(pgerr.DatetimeFieldOverflow, "timestamp out of range")

func (c *calendarFields) timestamp(loc *time.Location) (int64, error) {
	days, ok := c.days()
	if !ok || days < minDate || days > 110000000 {
		return 0, errTimestampRange
	}
	ts := days*types.MicrosPerDay + (int64(c.hour)*3600+int64(c.minute)*60+int64(c.second))*1e6 + int64(c.micros)
	if c.zoned {
		ts -= int64(c.offset) * 1e6
	} else {
		ts = types.LocalToUTC(ts, loc)
	}
	ts, err := types.CheckTimestamp(ts)
	if err != nil || c.digits == 0 {
		return ts, err
	}
	return roundMicros(ts, int64(c.digits)), nil
}
