package expr

import (
	"math"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Arithmetic of dates, times and intervals.

var (
	errDateRange     = pgerr.New(pgerr.DatetimeFieldOverflow, "date out of range")
	errInfiniteDates = pgerr.New(pgerr.DatetimeFieldOverflow, "cannot subtract infinite dates")
)

// Dates lie between 4713 BC and 5874897 AD (days from 2000-01-01).
const dateMin, dateMax = -2451545, 2145031948

// timeFunc is rows for functions of at most two arguments given as fields of Values.
type timeFunc = func(r *row, a, b types.Value) (types.Value, error)

func two(fn timeFunc) func(*Call) (kernel, error) {
	return rows(func(r *row, a []types.Value) (types.Value, error) { return fn(r, a[0], a[1]) })
}

// both registers a commutative operator in both orders; fn takes the first signature's.
func both(op, x, y, result, doc, example string, fn timeFunc) {
	def(op+"("+x+", "+y+") "+result, doc, example, two(fn))
	def(op+"("+y+", "+x+") "+result, doc, "", two(func(r *row, a, b types.Value) (types.Value, error) { return fn(r, b, a) }))
}

func init() {
	both("+", "date", "int4", "date", "days later", "'2001-09-28'::date + 7 => 2001-10-05", func(_ *row, a, b types.Value) (types.Value, error) { return addDays(a.I, b.I) })
	def("-(date, int4) date", "days earlier", "'2001-10-01'::date - 7 => 2001-09-24", two(func(_ *row, a, b types.Value) (types.Value, error) { return addDays(a.I, -b.I) }))
	def("-(date, date) int4", "days between", "'2001-10-01'::date - '2001-09-28'::date => 3", two(func(_ *row, a, b types.Value) (types.Value, error) {
		if types.IsInfinite(a.I) || types.IsInfinite(b.I) {
			return types.Null, errInfiniteDates
		}
		return types.IntValue(a.I - b.I), nil
	}))
	both("+", "date", "interval", "timestamp", "later by an interval", "'2001-09-28'::date + '1 hour'::interval => 2001-09-28 01:00:00", func(_ *row, a, b types.Value) (types.Value, error) {
		return dateAdd(a.I, b.S)
	})
	def("-(date, interval) timestamp", "earlier by an interval", "'2001-09-28'::date - '1 hour'::interval => 2001-09-27 23:00:00", two(func(_ *row, a, b types.Value) (types.Value, error) {
		s, err := b.S.Neg()
		if err != nil {
			return types.Null, err
		}
		return dateAdd(a.I, s)
	}))
	both("+", "date", "time", "timestamp", "a date and a time of day", "'2001-09-28'::date + '03:00'::time => 2001-09-28 03:00:00", func(_ *row, a, b types.Value) (types.Value, error) {
		ts, err := types.DateToTimestamp(a.I)
		if err != nil || types.IsInfinite(ts) {
			return types.IntValue(ts), err
		}
		return types.IntValue(ts + b.I), nil
	})
	timestampOps()
	spanOps()
	def("+(time, interval) time", "later, modulo a day", "'01:00'::time + '3 hours'::interval => 04:00:00", two(func(_ *row, a, b types.Value) (types.Value, error) {
		return types.IntValue(types.TimeAdd(a.I, b.S)), nil
	}))
	def("+(interval, time) time", "later, modulo a day", "", two(func(_ *row, a, b types.Value) (types.Value, error) {
		return types.IntValue(types.TimeAdd(b.I, a.S)), nil
	}))
	def("-(time, interval) time", "earlier, modulo a day", "'05:00'::time - '2 hours'::interval => 03:00:00", two(func(_ *row, a, b types.Value) (types.Value, error) {
		s, err := types.Span{Micros: b.S.Micros}.Neg()
		return types.IntValue(types.TimeAdd(a.I, s)), err
	}))
	def("-(time, time) interval", "time between", "'05:00'::time - '03:00'::time => 02:00:00", two(func(_ *row, a, b types.Value) (types.Value, error) {
		return types.SpanValue(types.Span{Micros: a.I - b.I}), nil
	}))
}

func addDays(d, n int64) (types.Value, error) {
	if types.IsInfinite(d) {
		return types.IntValue(d), nil
	}
	if d += n; d < dateMin || d > dateMax {
		return types.Null, errDateRange
	}
	return types.IntValue(d), nil
}

func dateAdd(d int64, s types.Span) (types.Value, error) {
	ts, err := types.DateToTimestamp(d)
	if err != nil {
		return types.Null, err
	}
	ts, err = types.TimestampAdd(ts, s)
	return types.IntValue(ts), err
}

// timestampOps registers timestamp ± interval and timestamp - timestamp, with and without time zone.
func timestampOps() {
	for _, sig := range []string{"+(timestamp, interval) timestamp", "+(interval, timestamp) timestamp", "-(timestamp, interval) timestamp"} {
		defSpanShift(sig, false)
	}
	for _, sig := range []string{"+(timestamptz, interval) timestamptz stable", "+(interval, timestamptz) timestamptz stable", "-(timestamptz, interval) timestamptz stable"} {
		defSpanShift(sig, true)
	}
	for _, t := range []string{"timestamp", "timestamptz"} {
		def("-("+t+", "+t+") interval", "time between, in days and hours", "'2001-09-29 03:00'::"+t+" - '2001-07-27 12:00'::"+t+" => 63 days 15:00:00",
			two(func(_ *row, a, b types.Value) (types.Value, error) {
				s, err := types.TimestampSub(a.I, b.I)
				return types.SpanValue(s), err
			}))
	}
}

var spanShiftExamples = map[string]string{
	"+(timestamp, interval) timestamp":            "'2001-09-28 01:00'::timestamp + '23 hours'::interval => 2001-09-29 00:00:00",
	"-(timestamp, interval) timestamp":            "'2001-03-31 23:00'::timestamp - '1 month'::interval => 2001-02-28 23:00:00",
	"+(interval, timestamp) timestamp":            "'1 month'::interval + '2001-01-31'::timestamp => 2001-02-28 00:00:00",
	"+(timestamptz, interval) timestamptz stable": "'2001-09-28 01:00+00'::timestamptz + '23 hours'::interval => 2001-09-29 00:00:00+00",
}

// defSpanShift registers one order of timestamp ± interval. An interval without months and, with time zone, without
// days is plain addition of microseconds.
func defSpanShift(sig string, zoned bool) {
	minus, swap := sig[0] == '-', sig[2] == 'i'
	def(sig, "earlier or later by an interval", spanShiftExamples[sig], func(*Call) (kernel, error) {
		return func(f *frame, a []operand) (batch.Vec, error) {
			if swap {
				a[0], a[1] = a[1], a[0]
			}
			return shiftTimestamps(f, a[0], a[1], minus, zoned)
		}, nil
	})
}

func shiftTimestamps(f *frame, at, by operand, minus, zoned bool) (batch.Vec, error) {
	out := f.ints()
	x, cx := intsOf(at)
	var spans []types.Span
	span := by.c.S
	if v, ok := by.vec.(*batch.Spans); ok {
		spans = v.V
	}
	loc := f.x.loc()
	for i := range out.V {
		out.V[i] = 0
		if x != nil {
			cx = x[i]
		}
		if spans != nil {
			span = spans[i]
		}
		s, err := span, error(nil)
		if minus {
			s, err = span.Neg()
		}
		if err == nil {
			if zoned {
				out.V[i], err = types.TimestampTZAdd(cx, s, loc)
			} else {
				out.V[i], err = types.TimestampAdd(cx, s)
			}
		}
		if err != nil {
			if err := f.fail(i, err); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// spanOps registers arithmetic of intervals.
func spanOps() {
	def("-(interval) interval", "negation", "- '1 day'::interval => -1 days", rows(func(_ *row, a []types.Value) (types.Value, error) {
		s, err := a[0].S.Neg()
		return types.SpanValue(s), err
	}))
	def("+(interval, interval) interval", "sum", "'1 day'::interval + '1 hour'::interval => 1 day 01:00:00", two(func(_ *row, a, b types.Value) (types.Value, error) {
		s, err := a.S.Add(b.S)
		return types.SpanValue(s), err
	}))
	def("-(interval, interval) interval", "difference", "'1 day'::interval - '1 hour'::interval => 1 day -01:00:00", two(func(_ *row, a, b types.Value) (types.Value, error) {
		s, err := a.S.Sub(b.S)
		return types.SpanValue(s), err
	}))
	both("*", "interval", "float8", "interval", "multiple", "'1 hour'::interval * 3.5 => 03:30:00", func(_ *row, a, b types.Value) (types.Value, error) {
		s, err := a.S.Mul(b.F)
		return types.SpanValue(s), err
	})
	def("/(interval, float8) interval", "part", "'1 hour'::interval / 1.5 => 00:40:00", two(func(_ *row, a, b types.Value) (types.Value, error) {
		if b.F == 0 {
			return types.Null, errDivZero
		}
		s, err := a.S.Div(b.F)
		return types.SpanValue(s), err
	}))
}

// nowWord reads the words that mean the statement's time: now, today, tomorrow, yesterday.
func nowWord(x *exec, t types.Type, s string) (types.Value, bool) {
	day, ok := nowWords[lowerTrim(s)]
	if !ok || t.Kind == types.Array || t.Kind == types.Record {
		return types.Null, false
	}
	local := types.UTCToLocal(x.env.Now, x.loc())
	isNow := day == math.MinInt64
	switch t.Kind {
	case types.Date:
		if isNow {
			day = 0
		}
		return types.IntValue(types.TimestampToDate(local) + day), true
	case types.TimeTZ:
		z := types.ZonedTime{East: int32((local - x.env.Now) / types.MicrosPerSecond)}
		if isNow {
			z.Micros = types.TimestampToTime(local)
		}
		return z.Value(), true
	case types.TimestampTZ:
		if isNow {
			return types.IntValue(x.env.Now), true
		}
		return types.IntValue(types.LocalToUTC((types.TimestampToDate(local)+day)*types.MicrosPerDay, x.loc())), true
	}
	if isNow {
		return types.IntValue(local), true
	}
	return types.IntValue((types.TimestampToDate(local) + day) * types.MicrosPerDay), true
}

var nowWords = map[string]int64{"now": math.MinInt64, "today": 0, "tomorrow": 1, "yesterday": -1}

func isNowWord(s string) bool { _, ok := nowWords[lowerTrim(s)]; return ok }
