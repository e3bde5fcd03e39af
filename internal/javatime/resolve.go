package javatime

import (
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// resolved is the date and the time of day that a text says; what gives neither stays among the fields.
type resolved struct {
	hasDate, hasTime bool
	days             int64 // since 2000-01-01
	nanos            int64 // since midnight
	excess           int64 // days to add: 24:00 is the next day's midnight
}

var errConflict = pgerr.New(pgerr.DatetimeFieldOverflow, "two of its fields contradict each other")

// resolve makes a date and a time of s's fields, by Java's smart resolver.
func (s *parser) resolve() (r resolved, err error) {
	if err = s.era(); err == nil {
		if err = s.date(&r); err == nil {
			if err = s.weeks(&r); err == nil {
				if err = s.hours(); err == nil {
					err = s.time(&r)
				}
			}
		}
	}
	if err != nil {
		return r, err
	}
	if r.hasDate {
		r.days += r.excess
	}
	return r, s.crossCheck(&r)
}

// move takes field from out of the fields and sets field to.
func (s *parser) move(from, to field, v int64) error {
	s.f.take(from)
	if !s.f.set(to, v) {
		return errConflict
	}
	return nil
}

// era makes a year of the year of era.
func (s *parser) era() error {
	era, hasEra := s.f.get(fEra)
	if hasEra {
		if err := check(fEra, era); err != nil {
			return err
		}
	}
	yoe, ok := s.f.get(fYearOfEra)
	if !ok {
		return nil
	}
	if err := check(fYearOfEra, yoe); err != nil {
		return err
	}
	year, hasYear := s.f.get(fYear)
	switch {
	case hasEra && era == 0, !hasEra && hasYear && year <= 0:
		yoe = 1 - yoe
	}
	if hasEra {
		s.f.take(fEra)
	}
	return s.move(fYearOfEra, fYear, yoe)
}

func (r *resolved) set(days int64) error {
	if r.hasDate && r.days != days {
		return errConflict
	}
	r.hasDate, r.days = true, days
	return nil
}

// date makes a date of a year with a month and day, or with a day of the year.
func (s *parser) date(r *resolved) error {
	if mjd, ok := s.f.get(fModifiedJulian); ok {
		if err := check(fModifiedJulian, mjd); err != nil {
			return err
		}
		if err := r.set(s.f.take(fModifiedJulian) - 40587 - daysEpoch); err != nil {
			return err
		}
	}
	year, ok := s.f.get(fYear)
	if !ok {
		return nil
	}
	switch {
	case s.f.all(fMonth, fDayOfMonth):
		if err := s.checkAll(fYear, fMonth, fDayOfMonth); err != nil {
			return err
		}
		s.f.take(fYear)
		m, d := int(s.f.take(fMonth)), int(s.f.take(fDayOfMonth))
		return r.set(types.DaysFromCivil(int(year), m, min(d, types.DaysInMonth(int(year), m))))
	case s.f.all(fDayOfYear):
		if err := s.checkAll(fYear, fDayOfYear); err != nil {
			return err
		}
		s.f.take(fYear)
		doy := s.f.take(fDayOfYear)
		if doy > yearDays(int(year)) {
			return pgerr.New(pgerr.DatetimeFieldOverflow, "invalid date 'DayOfYear 366' as %d is not a leap year", year)
		}
		return r.set(types.DaysFromCivil(int(year), 1, 1) + doy - 1)
	}
	return nil
}

func (s *parser) checkAll(fs ...field) error {
	for _, f := range fs {
		if err := check(f, s.f.v[f]); err != nil {
			return err
		}
	}
	return nil
}

// weeks makes a date of a day of the week and a week of a month or of a week-based year.
func (s *parser) weeks(r *resolved) error {
	if local, ok := s.f.get(fLocalDay); ok {
		if err := check(fLocalDay, local); err != nil {
			return err
		}
		s.f.take(fLocalDay)
		s.f.take(fDayOfWeek) // of two days of the week that differ the local one counts
		s.f.set(fDayOfWeek, floorMod(local-2, 7)+1)
	}
	dow, ok := s.f.get(fDayOfWeek)
	if !ok {
		return nil
	}
	if err := check(fDayOfWeek, dow); err != nil {
		return err
	}
	local := dow%7 + 1
	switch {
	case s.f.all(fYear, fMonth, fLocalWeekOfMonth):
		if err := s.checkAll(fYear, fMonth, fLocalWeekOfMonth); err != nil {
			return err
		}
		first := types.DaysFromCivil(int(s.f.take(fYear)), int(s.f.take(fMonth)), 1)
		s.f.take(fDayOfWeek)
		return r.set(first - localDay(first) + local + 7*(s.f.take(fLocalWeekOfMonth)-1))
	case s.f.all(fWeekYear, fWeekOfYear):
		if err := s.checkAll(fWeekYear, fWeekOfYear); err != nil {
			return err
		}
		year := int(s.f.take(fWeekYear))
		first := weekYearStart(year)
		week := min(s.f.take(fWeekOfYear), (weekYearStart(year+1)-first)/7)
		s.f.take(fDayOfWeek)
		return r.set(first + local - 1 + 7*(week-1))
	}
	return nil
}

// hours makes hour, minute, second and nanosecond of other fields of the time.
func (s *parser) hours() error {
	if v, ok := s.f.get(fClockHour); ok {
		if v != 0 && check(fClockHour, v) != nil {
			return check(fClockHour, v)
		}
		if err := s.move(fClockHour, fHour, v%24); err != nil {
			return err
		}
	}
	if v, ok := s.f.get(fClockHourOfAmPm); ok {
		if v != 0 && check(fClockHourOfAmPm, v) != nil {
			return check(fClockHourOfAmPm, v)
		}
		if err := s.move(fClockHourOfAmPm, fHourOfAmPm, v%12); err != nil {
			return err
		}
	}
	if s.f.all(fAmPm, fHourOfAmPm) {
		if err := s.checkAll(fAmPm, fHourOfAmPm); err != nil {
			return err
		}
		pm := s.f.take(fAmPm)
		if err := s.move(fHourOfAmPm, fHour, pm*12+s.f.v[fHourOfAmPm]); err != nil {
			return err
		}
	}
	if v, ok := s.f.get(fNanoOfDay); ok {
		if err := check(fNanoOfDay, v); err != nil {
			return err
		}
		return s.clock(fNanoOfDay, v)
	}
	if v, ok := s.f.get(fMilliOfDay); ok {
		if err := check(fMilliOfDay, v); err != nil {
			return err
		}
		return s.clock(fMilliOfDay, v*1_000_000)
	}
	return nil
}

// clock sets the fields of a time of day; nanoseconds that are there already may be more exact than milliseconds.
func (s *parser) clock(from field, nanos int64) error {
	t := moment{nanosOfDay: nanos}
	s.f.take(from)
	if n, ok := s.f.get(fNano); ok && from == fMilliOfDay && n/1_000_000 == t.clock(fNano)/1_000_000 {
		s.f.take(fNano)
		if !s.f.set(fNano, n) {
			return errConflict
		}
	} else if !s.f.set(fNano, t.clock(fNano)) {
		return errConflict
	}
	for _, f := range [...]field{fSecond, fMinute, fHour} {
		if !s.f.set(f, t.clock(f)) {
			return errConflict
		}
	}
	return nil
}

// time makes a time of day of an hour and what follows it without a gap.
func (s *parser) time(r *resolved) error {
	for _, f := range [...]field{fNano, fSecond, fMinute} {
		if v, ok := s.f.get(f); ok && check(f, v) != nil {
			return check(f, v)
		}
	}
	if v, ok := s.f.get(fAmPm); ok && !s.f.all(fHour) && !s.f.all(fMinute) && !s.f.all(fSecond) && !s.f.all(fNano) {
		if err := s.move(fAmPm, fHour, v*12+6); err != nil { // half of a day says its middle
			return err
		}
	}
	h, ok := s.f.get(fHour)
	minute, second := s.f.all(fMinute), s.f.all(fSecond)
	nano := s.f.all(fNano)
	if !ok || !minute && (second || nano) || minute && !second && nano {
		if ok {
			return check(fHour, h)
		}
		return nil
	}
	value := func(f field) int64 {
		if v, ok := s.f.get(f); ok {
			s.f.take(f)
			return v
		}
		return 0
	}
	h = value(fHour)
	rest := (value(fMinute)*60+value(fSecond))*nanosPerSecond + value(fNano)
	if h == 24 && rest == 0 {
		h, r.excess = 0, 1
	}
	if err := check(fHour, h); err != nil {
		return err
	}
	r.hasTime, r.nanos = true, h*3600*nanosPerSecond+rest
	return nil
}

// crossCheck compares the fields that are left with the date and the time, and drops them.
func (s *parser) crossCheck(r *resolved) error {
	t := moment{hasTime: r.hasTime, nanosOfDay: r.nanos}
	if r.hasDate {
		t.setDate(r.days)
	}
	for f := range fieldCount {
		v, ok := s.f.get(f)
		if !ok {
			continue
		}
		if f < fOffset {
			if err := check(f, v); err != nil {
				return err
			}
		}
		if got, known := t.get(f); known {
			if got != v {
				return errConflict
			}
			s.f.take(f)
		}
	}
	return nil
}

// complete takes what r does not know from 1970-01-01 00:00:00 and changes it by the fields that are left.
func (r *resolved) complete(f *fields) error {
	if !r.hasTime {
		r.completeTime(f)
	}
	if !r.hasDate {
		return r.completeDate(f)
	}
	return nil
}

func (r *resolved) completeTime(f *fields) {
	var h, rest int64
	if v, ok := f.get(fNano); ok {
		rest += v
	}
	if v, ok := f.get(fSecond); ok {
		rest += v * nanosPerSecond
	}
	if v, ok := f.get(fMinute); ok {
		rest += v * 60 * nanosPerSecond
	}
	if v, ok := f.get(fHourOfAmPm); ok {
		h = v
	}
	if v, ok := f.get(fHour); ok {
		h = v
	}
	if v, ok := f.get(fAmPm); ok {
		h = h%12 + 12*v
	}
	r.nanos = h*3600*nanosPerSecond + rest
}

func (r *resolved) completeDate(f *fields) error {
	days := int64(-daysEpoch)
	if v, ok := f.get(fDayOfWeek); ok {
		days += v - dayOfWeek(days)
	}
	y, m, d := types.CivilFromDays(days)
	if v, ok := f.get(fAlignedDay); ok {
		y, m, d = types.CivilFromDays(days + v - int64(d-1)%7 - 1)
	}
	if v, ok := f.get(fDayOfMonth); ok {
		d = int(v) // both December 1969 and January 1970 have 31 days
	}
	if v, ok := f.get(fDayOfYear); ok {
		if v > yearDays(y) {
			return pgerr.New(pgerr.DatetimeFieldOverflow, "day 366 needs a year")
		}
		y, m, d = types.CivilFromDays(types.DaysFromCivil(y, 1, 1) + v - 1)
	}
	if v, ok := f.get(fMonth); ok {
		m = int(v)
		d = min(d, types.DaysInMonth(y, m))
	}
	if v, ok := f.get(fYear); ok {
		y = int(v)
		d = min(d, types.DaysInMonth(y, m))
	}
	if v, ok := f.get(fEra); ok && (v == 1) != (y > 0) {
		y = 1 - y
		d = min(d, types.DaysInMonth(y, m))
	}
	r.days = types.DaysFromCivil(y, m, d)
	return nil
}
