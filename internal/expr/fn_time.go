package expr

import (
	"bytes"
	"math"
	"strings"
	"time"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Date and time functions.

func lowerTrim(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// clock is the current time for volatile functions.
func (x *exec) clock() int64 {
	if x.env.Clock != nil {
		return x.env.Clock()
	}
	return x.env.Now
}

// local is the statement's time on the session's wall clock.
func (x *exec) local() int64 { return types.UTCToLocal(x.env.Now, x.loc()) }

func init() {
	now := func(get func(x *exec) int64) func(*Call) (kernel, error) {
		return rows(func(r *row, _ []types.Value) (types.Value, error) { return types.IntValue(get(r.x)), nil })
	}
	statement := now(func(x *exec) int64 { return x.env.Now })
	for _, name := range []string{"now", "transaction_timestamp", "statement_timestamp", "current_timestamp"} {
		def(name+"() timestamptz stable", "time of the statement", "", statement)
	}
	def("clock_timestamp() timestamptz volatile", "the time now", "", now((*exec).clock))
	def("current_date() date stable", "date of the statement", "", now(func(x *exec) int64 { return types.TimestampToDate(x.local()) }))
	def("localtimestamp() timestamp stable", "time of the statement, local", "", now((*exec).local))
	def("localtime() time stable", "time of day of the statement, local", "", now(func(x *exec) int64 { return types.TimestampToTime(x.local()) }))
	for _, p := range []struct {
		name, result string
		get          func(x *exec) int64
	}{{"current_timestamp", "timestamptz", func(x *exec) int64 { return x.env.Now }}, {"localtimestamp", "timestamp", (*exec).local},
		{"localtime", "time", func(x *exec) int64 { return types.TimestampToTime(x.local()) }}} {
		def(p.name+"(int4) "+p.result+" stable", "time of the statement, rounded to digits of a second", "", rows(func(r *row, a []types.Value) (types.Value, error) {
			return types.IntValue(roundMicros(p.get(r.x), a[0].I)), nil
		}))
	}
	dateTrunc()
	extracts()
	ages()
	makers()
	zones()
	spanFunctions()
}

// roundMicros rounds to digits digits of a second.
func roundMicros(us, digits int64) int64 {
	if digits >= 6 || digits < 0 {
		return us
	}
	unit := int64(math.Pow10(int(6 - digits)))
	q := us / unit
	if rest := us % unit; rest >= unit/2 {
		q++
	} else if rest < -unit/2 {
		q--
	}
	return q * unit
}

// withField is rows for functions whose first argument names a field; the name is read once while it stays the same.
func withField(fn func(r *row, field string, a []types.Value) (types.Value, error)) func(*Call) (kernel, error) {
	return rowsFor(func(*Call) (rowFunc, error) {
		var raw []byte
		var field string
		return func(r *row, a []types.Value) (types.Value, error) {
			if raw == nil || !bytes.Equal(raw, a[0].Bytes) {
				raw = append(make([]byte, 0, 16), a[0].Bytes...)
				field = lowerTrim(string(raw))
			}
			return fn(r, field, a)
		}, nil
	})
}

func dateTrunc() {
	def("date_trunc(text, timestamp) timestamp", "cut to a unit", "date_trunc('hour', '2001-02-16 20:38:40'::timestamp) => 2001-02-16 20:00:00",
		buildTrunc(withField(func(_ *row, field string, b []types.Value) (types.Value, error) {
			ts, err := types.TimestampTrunc(field, b[1].I)
			return types.IntValue(ts), err
		})))
	def("date_trunc(text, timestamptz) timestamptz stable", "cut to a unit of local time", "date_trunc('day', '2001-02-16 20:38:40+00'::timestamptz) => 2001-02-16 00:00:00+00",
		buildTrunc(withField(func(r *row, field string, b []types.Value) (types.Value, error) {
			ts, err := types.TimestampTZTrunc(field, b[1].I, r.x.loc())
			return types.IntValue(ts), err
		})))
	def("date_trunc(text, timestamptz, text) timestamptz stable", "cut to a unit in a time zone",
		"date_trunc('day', '2001-02-16 20:38:40+00'::timestamptz, 'Australia/Sydney') => 2001-02-16 13:00:00+00",
		withField(func(_ *row, field string, a []types.Value) (types.Value, error) {
			if types.IsInfinite(a[1].I) {
				return a[1], nil
			}
			loc, err := types.ZoneAt(string(a[2].Bytes))
			if err != nil {
				return types.Null, err
			}
			ts, err := types.TimestampTZTrunc(field, a[1].I, loc)
			return types.IntValue(ts), err
		}))
	def("date_trunc(text, interval) interval", "cut to a unit", "date_trunc('hour', '2 days 3 hours 40 minutes'::interval) => 2 days 03:00:00",
		withField(func(_ *row, field string, b []types.Value) (types.Value, error) {
			s, err := types.SpanTrunc(field, b[1].S)
			return types.SpanValue(s), err
		}))
	for _, t := range []string{"timestamp", "timestamptz"} {
		def("date_bin(interval, "+t+", "+t+") "+t, "start of the bin, bins counted from an origin",
			"date_bin('15 minutes', '2020-02-11 15:44:17'::"+t+", '2001-01-01'::"+t+") => 2020-02-11 15:30:00"+map[string]string{"timestamptz": "+00"}[t],
			rows(func(_ *row, a []types.Value) (types.Value, error) {
				ts, err := types.DateBin(a[0].S, a[1].I, a[2].I)
				return types.IntValue(ts), err
			}))
	}
}

// extracts registers EXTRACT (numeric) and date_part (double precision).
func extracts() {
	for _, t := range []string{"date", "time", "timestamp", "timestamptz", "interval"} {
		typ, vol := sigType(t), ""
		if t == "timestamptz" {
			vol = " stable"
		}
		def("extract(text, "+t+") numeric"+vol, "a field of a time", map[string]string{"timestamp": "extract('hour', '2001-02-16 20:38:40'::timestamp) => 20"}[t],
			withField(func(r *row, field string, b []types.Value) (types.Value, error) {
				return types.Extract(field, typ, b[1], r.format())
			}))
		def("date_part(text, "+t+") float8"+vol, "a field of a time", map[string]string{"interval": "date_part('month', '2 years 3 months'::interval) => 3"}[t],
			withField(func(r *row, field string, b []types.Value) (types.Value, error) {
				typ := typ
				if typ.Kind == types.Date { // date_part takes a date for its midnight, EXTRACT does not
					typ = types.T(types.Timestamp)
					ts, err := types.DateToTimestamp(b[1].I)
					if err != nil {
						return types.Null, err
					}
					b[1].I = ts
				}
				v, err := types.Extract(field, typ, b[1], r.format())
				if err != nil || v.Null {
					return types.Null, err
				}
				return types.FloatValue(v.N.Float64()), nil
			}))
	}
}

func ages() {
	def("age(timestamp, timestamp) interval", "time between, in years, months and days", "age('2001-04-10'::timestamp, '1957-06-13'::timestamp) => 43 years 9 mons 27 days",
		two(func(_ *row, a, b types.Value) (types.Value, error) {
			s, err := types.Age(a.I, b.I)
			return types.SpanValue(s), err
		}))
	def("age(timestamptz, timestamptz) interval", "time between, in years, months and days", "",
		two(func(r *row, a, b types.Value) (types.Value, error) {
			s, err := types.AgeTZ(a.I, b.I, r.x.loc())
			return types.SpanValue(s), err
		}))
	midnight := func(r *row) int64 { return types.TimestampToDate(r.x.local()) * types.MicrosPerDay }
	def("age(timestamp) interval stable", "time until today's midnight", "", rows(func(r *row, a []types.Value) (types.Value, error) {
		s, err := types.Age(midnight(r), a[0].I)
		return types.SpanValue(s), err
	}))
	def("age(timestamptz) interval stable", "time until today's midnight", "", rows(func(r *row, a []types.Value) (types.Value, error) {
		loc := r.x.loc()
		s, err := types.AgeTZ(types.LocalToUTC(midnight(r), loc), a[0].I, loc)
		return types.SpanValue(s), err
	}))
	for _, t := range []string{"date", "timestamp", "timestamptz"} {
		def("isfinite("+t+") bool", "neither infinity nor -infinity", "isfinite('2001-02-16'::"+t+") => t", rows(func(_ *row, a []types.Value) (types.Value, error) {
			return types.BoolValue(!types.IsInfinite(a[0].I)), nil
		}))
	}
	def("isfinite(interval) bool", "true: intervals are finite", "isfinite('4 hours'::interval) => t", rows(func(*row, []types.Value) (types.Value, error) { return types.BoolValue(true), nil }))
}

func makers() {
	def("make_date(int4, int4, int4) date", "a date of year, month, day", "make_date(2013, 7, 15) => 2013-07-15", rows(func(_ *row, a []types.Value) (types.Value, error) {
		d, err := types.MakeDate(a[0].I, a[1].I, a[2].I)
		return types.IntValue(d), err
	}))
	def("make_time(int4, int4, float8) time", "a time of hour, minute, second", "make_time(8, 15, 23.5) => 08:15:23.5", rows(func(_ *row, a []types.Value) (types.Value, error) {
		t, err := types.MakeTime(a[0].I, a[1].I, a[2].F)
		return types.IntValue(t), err
	}))
	def("make_timestamp(int4, int4, int4, int4, int4, float8) timestamp", "a timestamp of its fields", "make_timestamp(2013, 7, 15, 8, 15, 23.5) => 2013-07-15 08:15:23.5",
		rows(func(_ *row, a []types.Value) (types.Value, error) {
			ts, err := types.MakeTimestamp(a[0].I, a[1].I, a[2].I, a[3].I, a[4].I, a[5].F)
			return types.IntValue(ts), err
		}))
	for _, tail := range []string{"", ", text"} {
		def("make_timestamptz(int4, int4, int4, int4, int4, float8"+tail+") timestamptz stable", "a timestamp of its fields in a time zone", "",
			rows(func(r *row, a []types.Value) (types.Value, error) {
				ts, err := types.MakeTimestamp(a[0].I, a[1].I, a[2].I, a[3].I, a[4].I, a[5].F)
				if err != nil {
					return types.Null, err
				}
				loc := r.x.loc()
				if len(a) > 6 {
					if loc, err = types.ZoneOfTime(string(a[6].Bytes)); err != nil {
						return types.Null, err
					}
				}
				return inTimestampRange(types.LocalToUTC(ts, loc))
			}))
	}
	args := []string{"int4", "int4", "int4", "int4", "int4", "int4", "float8"}
	for n := 0; n <= len(args); n++ {
		ex := ""
		if n == 4 {
			ex = "make_interval(0, 0, 0, 10) => 10 days"
		}
		def("make_interval("+strings.Join(args[:n], ", ")+") interval", "an interval of years, months, weeks, days, hours, minutes, seconds", ex, rows(makeInterval))
	}
	def("to_timestamp(float8) timestamptz", "seconds since 1970 as a timestamp", "to_timestamp(1284352323) => 2010-09-13 04:32:03+00", rows(unixTime))
}

func makeInterval(_ *row, a []types.Value) (types.Value, error) {
	var n [6]int64
	for i := 0; i < min(len(a), 6); i++ {
		n[i] = a[i].I
	}
	secs := 0.0
	if len(a) > 6 {
		secs = a[6].F
	}
	s, err := types.MakeSpan(n[0], n[1], n[2], n[3], n[4], n[5], secs)
	return types.SpanValue(s), err
}

func unixTime(_ *row, a []types.Value) (types.Value, error) {
	const unixEpoch = -946684800 // of 1970 in seconds since 2000
	s := a[0].F
	switch {
	case math.IsInf(s, 1):
		return types.IntValue(types.PosInf), nil
	case math.IsInf(s, -1):
		return types.IntValue(types.NegInf), nil
	case s != s:
		return types.Null, pgerr.New(pgerr.DatetimeFieldOverflow, "timestamp cannot be NaN")
	case s < -210866803200 || s >= 9224318016000:
		return types.Null, pgerr.New(pgerr.DatetimeFieldOverflow, "timestamp out of range: \"%g\"", s)
	}
	return types.IntValue(int64(math.RoundToEven((s + unixEpoch) * 1e6))), nil
}

// inTimestampRange refuses what a timestamp cannot hold.
func inTimestampRange(ts int64) (types.Value, error) {
	ts, err := types.CheckTimestamp(ts)
	return types.IntValue(ts), err
}

// zones registers AT TIME ZONE.
func zones() {
	toLocal := func(loc *time.Location, v types.Value) types.Value { return types.IntValue(types.UTCToLocal(v.I, loc)) }
	toUTC := func(loc *time.Location, v types.Value) types.Value { return types.IntValue(types.LocalToUTC(v.I, loc)) }
	for _, p := range []struct {
		from, to, ex string
		fn           func(*time.Location, types.Value) types.Value
	}{{"timestamptz", "timestamp", "timezone('America/Denver', '2001-02-16 20:38:40+00'::timestamptz) => 2001-02-16 13:38:40", toLocal},
		{"timestamp", "timestamptz", "timezone('America/Denver', '2001-02-16 20:38:40'::timestamp) => 2001-02-17 03:38:40+00", toUTC}} {
		def("timezone(text, "+p.from+") "+p.to, "AT TIME ZONE", p.ex, rowsFor(func(*Call) (rowFunc, error) {
			var loc *time.Location
			var name string
			return func(_ *row, a []types.Value) (types.Value, error) {
				if types.IsInfinite(a[1].I) {
					return a[1], nil
				}
				if loc == nil || name != string(a[0].Bytes) {
					l, err := types.ZoneAt(string(a[0].Bytes))
					if err != nil {
						return types.Null, err
					}
					loc, name = l, string(a[0].Bytes)
				}
				return inTimestampRange(p.fn(loc, a[1]).I)
			}, nil
		}))
		def("timezone(interval, "+p.from+") "+p.to, "AT TIME ZONE, the zone as an interval", "", two(func(_ *row, a, b types.Value) (types.Value, error) {
			if types.IsInfinite(b.I) {
				return b, nil
			}
			if a.S.Months != 0 || a.S.Days != 0 {
				return types.Null, pgerr.New(pgerr.InvalidParameterValue, "interval time zone must not include months or days")
			}
			if types.IsInfinite(b.I) {
				return b, nil
			}
			return inTimestampRange(p.fn(time.FixedZone("", int(a.S.Micros/1e6)), b).I)
		}))
	}
}

func spanFunctions() {
	for _, p := range []struct {
		name, ex string
		fn       func(types.Span) (types.Span, error)
	}{{"justify_hours", "justify_hours('27 hours'::interval) => 1 day 03:00:00", types.Span.JustifyHours},
		{"justify_days", "justify_days('35 days'::interval) => 1 mon 5 days", types.Span.JustifyDays},
		{"justify_interval", "justify_interval('1 mon -1 hour'::interval) => 29 days 23:00:00", types.Span.JustifyInterval}} {
		def(p.name+"(interval) interval", "24 hours made a day, 30 days a month", p.ex, rows(func(_ *row, a []types.Value) (types.Value, error) {
			s, err := p.fn(a[0].S)
			return types.SpanValue(s), err
		}))
	}
}

// loc is the session's time zone.
func (x *exec) loc() *time.Location {
	if loc := x.format().Loc; loc != nil {
		return loc
	}
	return time.UTC
}
