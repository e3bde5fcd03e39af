package expr

import (
	"slices"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Operators and functions of time with time zone.

func init() {
	both("+", "timetz", "interval", "timetz", "later, modulo a day", "'01:00+01'::timetz + '3 hours'::interval => 04:00:00+01", func(_ *row, a, b types.Value) (types.Value, error) {
		return types.ZonedTimeOf(a.Bytes).Add(b.S).Value(), nil
	})
	def("-(timetz, interval) timetz", "earlier, modulo a day", "'05:00+01'::timetz - '2 hours'::interval => 03:00:00+01", two(func(_ *row, a, b types.Value) (types.Value, error) {
		s, err := types.Span{Micros: b.S.Micros}.Neg()
		return types.ZonedTimeOf(a.Bytes).Add(s).Value(), err
	}))
	both("+", "date", "timetz", "timestamptz", "a date and a time of day", "'2001-09-28'::date + '03:00+01'::timetz => 2001-09-28 02:00:00+00", func(_ *row, a, b types.Value) (types.Value, error) {
		return dateAndTime(a.I, types.ZonedTimeOf(b.Bytes))
	})
	def("timestamptz(date, time) timestamptz stable", "a date and a time of day", "timestamptz('2001-09-28'::date, '03:00'::time) => 2001-09-28 03:00:00+00", two(func(r *row, a, b types.Value) (types.Value, error) {
		ts, err := types.DateToTimestamp(a.I)
		if err != nil || types.IsInfinite(ts) {
			return types.IntValue(ts), err
		}
		ts, err = types.CheckTimestamp(types.LocalToUTC(ts+b.I, r.x.loc()))
		return types.IntValue(ts), err
	}))
	def("timestamptz(date, timetz) timestamptz", "a date and a time of day", "timestamptz('2001-09-28'::date, '03:00+01'::timetz) => 2001-09-28 02:00:00+00", two(func(_ *row, a, b types.Value) (types.Value, error) {
		return dateAndTime(a.I, types.ZonedTimeOf(b.Bytes))
	}))
	def("extract(text, timetz) numeric", "a field of a time", "extract('timezone_hour', '03:00-02'::timetz) => -2", withField(extractTimeTZ))
	def("date_part(text, timetz) float8", "a field of a time", "date_part('hour', '03:00-02'::timetz) => 3", withField(func(r *row, field string, a []types.Value) (types.Value, error) {
		if field == "epoch" {
			z := types.ZonedTimeOf(a[1].Bytes)
			return types.FloatValue(float64(z.Micros)/1e6 - float64(z.East)), nil
		}
		v, err := extractTimeTZ(r, field, a)
		return types.FloatValue(v.N.Float64()), err
	}))
	def("timezone(text, timetz) timetz stable", "AT TIME ZONE", "timezone('+03:30', '01:00+00'::timetz) => 21:30:00-03:30", rows(func(r *row, a []types.Value) (types.Value, error) {
		loc, err := types.ZoneAt(string(a[0].Bytes))
		if err != nil {
			return types.Null, err
		}
		east := (types.UTCToLocal(r.x.env.Now, loc) - r.x.env.Now) / types.MicrosPerSecond
		return types.ZonedTimeOf(a[1].Bytes).At(int32(east)).Value(), nil
	}))
	def("timezone(interval, timetz) timetz", "AT TIME ZONE, the zone as an interval", "timezone('-2 hours'::interval, '01:00+00'::timetz) => 23:00:00-02", two(func(_ *row, a, b types.Value) (types.Value, error) {
		if a.S.Months != 0 || a.S.Days != 0 {
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "interval time zone must not include months or days")
		}
		return types.ZonedTimeOf(b.Bytes).At(int32(a.S.Micros / types.MicrosPerSecond)).Value(), nil
	}))
	for _, sig := range []string{"current_time() timetz stable", "current_time(int4) timetz stable"} {
		def(sig, "time of day of the statement in the session's time zone", "", rows(func(r *row, a []types.Value) (types.Value, error) {
			digits := int64(6)
			if len(a) > 0 {
				digits = a[0].I
			}
			loc, now := r.x.loc(), r.x.env.Now
			local := types.UTCToLocal(now, loc)
			z := types.ZonedTime{Micros: roundMicros(types.TimestampToTime(local), digits), East: int32((local - now) / types.MicrosPerSecond)}
			return z.Value(), nil
		}))
	}
}

func extractTimeTZ(r *row, field string, a []types.Value) (types.Value, error) {
	return types.Extract(field, types.T(types.TimeTZ), a[1], r.format())
}

func dateAndTime(d int64, z types.ZonedTime) (types.Value, error) {
	ts, err := types.DateToTimestamp(d)
	if err != nil || types.IsInfinite(ts) {
		return types.IntValue(ts), err
	}
	return inTimestampRange(ts + z.Micros - int64(z.East)*types.MicrosPerSecond)
}

// castTimeTZ casts to time with time zone or what has some within, where today's date may decide the zone's offset.
func castTimeTZ(from, to types.Type) rowFunc {
	return func(r *row, a []types.Value) (types.Value, error) { return types.Cast(from, to, a[0], r.clockFormat()) }
}

// clockFormat is the format with the statement's time, for what reads times with zones.
func (r *row) clockFormat() *types.Format {
	f := r.format()
	if f.Now != r.x.env.Now {
		g := *f
		g.Now = r.x.env.Now
		f = &g
	}
	return f
}

// readsClock reports a type whose input may need the date of today: time with time zone, alone or within.
func readsClock(t types.Type) bool {
	switch t.Kind {
	case types.TimeTZ:
		return true
	case types.Array:
		return readsClock(*t.Elem)
	case types.Record:
		return slices.ContainsFunc(t.Fields, func(f types.Field) bool { return readsClock(f.Type) })
	}
	return false
}
