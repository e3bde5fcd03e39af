package types

import "math"

// Neg returns -s. Error: 22008 when a field has no negative.
func (s Span) Neg() (Span, error) {
	if s.Micros == math.MinInt64 || s.Days == math.MinInt32 || s.Months == math.MinInt32 {
		return Span{}, errSpanRange
	}
	return Span{Micros: -s.Micros, Days: -s.Days, Months: -s.Months}, nil
}

// Add returns s + o, field by field. Error: 22008.
func (s Span) Add(o Span) (Span, error) {
	return makeSpan(int64(s.Months)+int64(o.Months), int64(s.Days)+int64(o.Days), s.Micros, o.Micros)
}

// Sub returns s - o, field by field. Error: 22008.
func (s Span) Sub(o Span) (Span, error) {
	if o.Micros == math.MinInt64 {
		return Span{}, errSpanRange
	}
	return makeSpan(int64(s.Months)-int64(o.Months), int64(s.Days)-int64(o.Days), s.Micros, -o.Micros)
}

func makeSpan(months, days, us1, us2 int64) (Span, error) {
	us, ok := addInt(us1, us2)
	if !ok || int64(int32(months)) != months || int64(int32(days)) != days {
		return Span{}, errSpanRange
	}
	return Span{Micros: us, Days: int32(days), Months: int32(months)}, nil
}

// Mul returns s · f; fractions of months become days of 30 a month, fractions of days time. Error: 22008.
func (s Span) Mul(f float64) (Span, error) {
	return s.scale(func(x float64) float64 { return x * f })
}

// Div returns s / f; see Mul. Errors: 22012, 22008.
func (s Span) Div(f float64) (Span, error) {
	if f == 0 {
		return Span{}, errDivisionByZero
	}
	return s.scale(func(x float64) float64 { return x / f })
}

// roundFloatMicros is PostgreSQL's TSROUND: it hides what binary fractions leave behind.
func roundFloatMicros(x float64) float64 { return math.RoundToEven(x*1e6) / 1e6 }

func (s Span) scale(f func(float64) float64) (Span, error) {
	months, days := f(float64(s.Months)), f(float64(s.Days))
	if !(months >= math.MinInt32 && months <= math.MaxInt32 && days >= math.MinInt32 && days <= math.MaxInt32) {
		return Span{}, errSpanRange
	}
	m, d := math.Trunc(months), math.Trunc(days)
	monthDays := roundFloatMicros((months - m) * 30)
	secs := roundFloatMicros((days - d + monthDays - math.Trunc(monthDays)) * 86400)
	if math.Abs(secs) >= 86400 {
		d += math.Trunc(secs / 86400)
		secs -= math.Trunc(secs/86400) * 86400
	}
	d += math.Trunc(monthDays)
	us := math.RoundToEven(f(float64(s.Micros)) + secs*1e6)
	if math.IsNaN(us) || us < math.MinInt64 || us >= math.MaxInt64 || math.Abs(d) >= 1<<31 {
		return Span{}, errSpanRange
	}
	return Span{Micros: int64(us), Days: int32(d), Months: int32(m)}, nil
}

// JustifyHours turns 24 hours into a day, and gives days and time the same sign. Error: 22008.
func (s Span) JustifyHours() (Span, error) {
	days, us := int64(s.Days)+s.Micros/MicrosPerDay, s.Micros%MicrosPerDay
	days, us = sameSign(days, us, MicrosPerDay)
	return makeSpan(int64(s.Months), days, us, 0)
}

// JustifyDays turns 30 days into a month, and gives months and days the same sign. Error: 22008.
func (s Span) JustifyDays() (Span, error) {
	months, days := sameSign(int64(s.Months)+int64(s.Days)/30, int64(s.Days)%30, 30)
	return makeSpan(months, days, s.Micros, 0)
}

// sameSign carries one unit of high, worth width of low, so that both have one sign.
func sameSign(high, low, width int64) (int64, int64) {
	switch {
	case high > 0 && low < 0:
		return high - 1, low + width
	case high < 0 && low > 0:
		return high + 1, low - width
	}
	return high, low
}

// JustifyInterval does what JustifyHours and JustifyDays do, and gives all fields one sign. Error: 22008.
func (s Span) JustifyInterval() (Span, error) {
	days, us := int64(s.Days)+s.Micros/MicrosPerDay, s.Micros%MicrosPerDay
	months, days := int64(s.Months)+days/30, days%30
	switch {
	case months > 0 && (days < 0 || days == 0 && us < 0):
		months, days = months-1, days+30
	case months < 0 && (days > 0 || days == 0 && us > 0):
		months, days = months+1, days-30
	}
	days, us = sameSign(days, us, MicrosPerDay)
	return makeSpan(months, days, us, 0)
}
