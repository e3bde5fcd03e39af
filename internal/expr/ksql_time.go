package expr

import (
	"bytes"
	"math"
	"time"

	"streamsql/internal/javatime"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// ksqlDB's functions of dates and times. Their patterns are Java's (package javatime), the zone is UTC unless one is given.

// unixEpoch is 1970-01-01 in microseconds since 2000-01-01.
const (
	unixEpochDays = 10957
	unixEpoch     = -unixEpochDays * types.MicrosPerDay
)

// patternCache compiles a pattern, and looks up a zone, again only when it changes.
type patternCache struct {
	p       *javatime.Pattern
	pattern []byte
	loc     *time.Location
	zone    []byte
}

// get returns the pattern, and the zone if there is a third argument.
func (c *patternCache) get(a []types.Value) (p *javatime.Pattern, loc *time.Location, err error) {
	if c.p == nil || !bytes.Equal(a[1].Bytes, c.pattern) {
		if p, err = javatime.Compile(string(a[1].Bytes)); err != nil {
			return nil, nil, err
		}
		c.p, c.pattern = p, append(c.pattern[:0], a[1].Bytes...)
	}
	if len(a) < 3 {
		return c.p, time.UTC, nil
	}
	loc, err = c.zoneOf(a[2].Bytes)
	return c.p, loc, err
}

func (c *patternCache) zoneOf(name []byte) (*time.Location, error) {
	if c.loc == nil || !bytes.Equal(name, c.zone) {
		loc, err := javatime.LoadZone(string(name))
		if err != nil {
			return nil, err
		}
		c.loc, c.zone = loc, append(c.zone[:0], name...)
	}
	return c.loc, nil
}

// patterned makes a kernel of a function whose second argument is a pattern and whose third may be a zone.
func patterned(fn func(r *row, p *javatime.Pattern, loc *time.Location, v types.Value) (types.Value, error)) func(*Call) (kernel, error) {
	return rowsFor(func(*Call) (rowFunc, error) {
		var c patternCache
		return func(r *row, a []types.Value) (types.Value, error) {
			p, loc, err := c.get(a)
			if err != nil {
				return types.Null, err
			}
			return fn(r, p, loc, a[0])
		}, nil
	})
}

func init() {
	ksqlStamps()
	ksqlDates()
	ksqlEpochs()
	ksqlUnits()
}

// written is a text that was built in r.buf.
func (r *row) written(b []byte, err error) (types.Value, error) {
	r.buf = b
	return types.Value{Bytes: b}, err
}

// ksqlStamps registers what writes and reads timestamps by a pattern.
func ksqlStamps() {
	const zoned = ", in a time zone or in UTC"
	for _, tail := range []string{"", ", text"} {
		defKSQL("timestamptostring(int8, text"+tail+") text", "milliseconds since 1970 as text by a pattern"+zoned, "timestamptostring(1526075913000, 'yyyy-MM-dd HH:mm:ss') => 2018-05-11 21:58:33",
			patterned(func(r *row, p *javatime.Pattern, loc *time.Location, v types.Value) (types.Value, error) {
				ts, err := fromMillis(v.I)
				if err != nil {
					return types.Null, err
				}
				return r.written(p.AppendTimestamp(r.buf[:0], ts, loc))
			}))
		for _, t := range []string{"timestamp", "timestamptz"} {
			defKSQL("format_timestamp("+t+", text"+tail+") text", "a timestamp as text by a pattern"+zoned, "format_timestamp(from_unixtime(1526075913000), 'yyyy-MM-dd HH:mm:ss zzz', 'America/Los_Angeles') => 2018-05-11 14:58:33 PDT",
				patterned(func(r *row, p *javatime.Pattern, loc *time.Location, v types.Value) (types.Value, error) {
					return r.written(p.AppendTimestamp(r.buf[:0], v.I, loc))
				}))
		}
		defKSQL("stringtotimestamp(text, text"+tail+") int8", "a text by a pattern as milliseconds since 1970"+zoned, "stringtotimestamp('2018-05-11T21:58:33Z', 'yyyy-MM-dd''T''HH:mm:ssX') => 1526075913000",
			patterned(func(_ *row, p *javatime.Pattern, loc *time.Location, v types.Value) (types.Value, error) {
				ts, err := p.ParseTimestamp(string(v.Bytes), loc)
				return types.IntValue(toMillis(ts)), err
			}))
		defKSQL("parse_timestamp(text, text"+tail+") timestamp", "a text by a pattern as a timestamp"+zoned, "parse_timestamp('11/05/2018 21:58', 'dd/MM/yyyy HH:mm') => 2018-05-11 21:58:00",
			patterned(func(_ *row, p *javatime.Pattern, loc *time.Location, v types.Value) (types.Value, error) {
				ts, err := p.ParseTimestamp(string(v.Bytes), loc)
				return types.IntValue(ts), err
			}))
	}
}

// ksqlDates registers what writes and reads dates and times of day by a pattern.
func ksqlDates() {
	defKSQL("format_date(date, text) text", "a date as text by a pattern", "format_date(from_days(17662), 'dd-MMM-yyyy') => 11-May-2018",
		patterned(func(r *row, p *javatime.Pattern, _ *time.Location, v types.Value) (types.Value, error) {
			return r.written(p.AppendDate(r.buf[:0], v.I))
		}))
	defKSQL("datetostring(int4, text) text", "days since 1970 as text by a pattern", "datetostring(17662, 'yyyy-MM-dd') => 2018-05-11",
		patterned(func(r *row, p *javatime.Pattern, _ *time.Location, v types.Value) (types.Value, error) {
			return r.written(p.AppendDate(r.buf[:0], v.I-unixEpochDays))
		}))
	defKSQL("format_time(time, text) text", "a time of day as text by a pattern", "format_time(parse_time('14:05', 'HH:mm'), 'h:mm a') => 2:05 PM",
		patterned(func(r *row, p *javatime.Pattern, _ *time.Location, v types.Value) (types.Value, error) {
			return r.written(p.AppendTime(r.buf[:0], v.I))
		}))
	defKSQL("parse_date(text, text) date", "a text by a pattern as a date; a day that it does not say is the first", "parse_date('JAN-2022', 'MMM-yyyy') => 2022-01-01",
		patterned(func(_ *row, p *javatime.Pattern, _ *time.Location, v types.Value) (types.Value, error) {
			ts, err := p.ParseLoosely(string(v.Bytes))
			if err == nil && ts%types.MicrosPerDay != 0 {
				err = pgerr.New(pgerr.InvalidDatetimeFormat, "a time of day in the date \"%s\"", v.Bytes)
			}
			return types.IntValue(ts / types.MicrosPerDay), err
		}))
	defKSQL("stringtodate(text, text) int4", "a text by a pattern as days since 1970", "stringtodate('2018-05-11', 'yyyy-MM-dd') => 17662",
		patterned(func(_ *row, p *javatime.Pattern, _ *time.Location, v types.Value) (types.Value, error) {
			days, err := p.ParseDate(string(v.Bytes))
			return types.IntValue(days + unixEpochDays), err
		}))
	defKSQL("parse_time(text, text) time", "a text by a pattern as a time of day", "parse_time('01:00:00 Pm', 'hh:mm:ss a') => 13:00:00",
		patterned(func(_ *row, p *javatime.Pattern, _ *time.Location, v types.Value) (types.Value, error) {
			us, err := p.ParseTime(string(v.Bytes))
			return types.IntValue(us), err
		}))
}

// toMillis turns a timestamp into milliseconds since 1970, rounding down.
func toMillis(ts int64) int64 {
	ms := (ts - unixEpoch) / 1000
	if (ts-unixEpoch)%1000 < 0 {
		ms--
	}
	return ms
}

// fromMillis is the inverse of toMillis. Error: 22008.
func fromMillis(ms int64) (int64, error) {
	if ms > math.MaxInt64/1000+unixEpoch/1000 || ms < math.MinInt64/1000-unixEpoch/1000 {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "timestamp out of range: %d milliseconds", ms)
	}
	return types.CheckTimestamp(ms*1000 + unixEpoch)
}

// ksqlEpochs registers what turns dates and timestamps into numbers and back, and the clock.
func ksqlEpochs() {
	for _, t := range []string{"timestamp", "timestamptz"} {
		defKSQL("unix_timestamp("+t+") int8", "a timestamp as milliseconds since 1970", "unix_timestamp(from_unixtime(1589234313000)) => 1589234313000", intLoop1(toMillis))
		defKSQL("convert_tz("+t+", text, text) "+t, "a timestamp of one time zone as that of another", "convert_tz(from_unixtime(100), '+0200', '+0500') => 1970-01-01 03:00:00.1", rowsFor(convertTZ))
	}
	defKSQL("unix_timestamp() int8 volatile", "the time as milliseconds since 1970", "", rows(func(r *row, _ []types.Value) (types.Value, error) {
		return types.IntValue(toMillis(r.now())), nil
	}))
	defKSQL("unix_date() int4 volatile", "the date, in UTC, as days since 1970", "", rows(func(r *row, _ []types.Value) (types.Value, error) {
		return types.IntValue(toMillis(r.now()) / 86_400_000), nil
	}))
	defKSQL("unix_date(date) int4", "a date as days since 1970", "unix_date(from_days(17662)) => 17662", intLoop1(func(d int64) int64 { return d + unixEpochDays }))
	defKSQL("from_days(int4) date", "days since 1970 as a date", "from_days(17662) => 2018-05-11", rows(func(_ *row, a []types.Value) (types.Value, error) {
		return types.IntValue(a[0].I - unixEpochDays), nil
	}))
	defKSQL("from_unixtime(int8) timestamp", "milliseconds since 1970 as a timestamp", "from_unixtime(1589234313000) => 2020-05-11 21:58:33", rows(func(_ *row, a []types.Value) (types.Value, error) {
		ts, err := fromMillis(a[0].I)
		return types.IntValue(ts), err
	}))
}

// now is the time of the clock, microseconds since 2000-01-01 UTC.
func (r *row) now() int64 {
	if c := r.x.env.Clock; c != nil {
		return c()
	}
	return r.x.env.Now
}

// convertTZ moves a timestamp by the difference of two zones' offsets.
func convertTZ(*Call) (rowFunc, error) {
	var from, to patternCache
	return func(_ *row, a []types.Value) (types.Value, error) {
		if types.IsInfinite(a[0].I) {
			return a[0], nil
		}
		f, err := from.zoneOf(a[1].Bytes)
		if err != nil {
			return types.Null, err
		}
		t, err := to.zoneOf(a[2].Bytes)
		if err != nil {
			return types.Null, err
		}
		at := types.ToTime(a[0].I)
		_, fromOff := at.In(f).Zone()
		_, toOff := at.In(t).Zone()
		ts, err := types.CheckTimestamp(a[0].I + int64(toOff-fromOff)*types.MicrosPerSecond)
		return types.IntValue(ts), err
	}, nil
}

// timeUnits are the units of time, which the functions below take as words, and their lengths in milliseconds.
var timeUnits = map[string]int64{"DAY": 86_400_000, "HOUR": 3_600_000, "MINUTE": 60_000, "SECOND": 1000, "MILLISECOND": 1}

// unitMillis returns a unit's length in milliseconds.
func unitMillis(word []byte) (int64, error) {
	if ms, ok := timeUnits[string(bytes.TrimSuffix(bytes.ToUpper(word), []byte("S")))]; ok {
		return ms, nil
	}
	return 0, pgerr.New(pgerr.InvalidParameterValue, "unknown unit of time \"%s\"", word).
		WithHint("Units are DAYS, HOURS, MINUTES, SECONDS and MILLISECONDS.")
}

// ksqlUnits registers what adds units of time.
func ksqlUnits() {
	for _, f := range []struct {
		verb, doc string
		sign      int64
	}{{"add", "with units of time added", 1}, {"sub", "with units of time taken away", -1}} {
		add := func(apply func(v, ms int64) (int64, error)) func(*Call) (kernel, error) {
			return rows(func(_ *row, a []types.Value) (types.Value, error) {
				ms, err := unitMillis(a[0].Bytes)
				if err != nil {
					return types.Null, err
				}
				v, err := apply(a[2].I, f.sign*a[1].I*ms)
				return types.IntValue(v), err
			})
		}
		dates := map[string]string{"add": "dateadd(DAYS, 3, from_days(17662)) => 2018-05-14", "sub": "datesub(DAYS, 3, from_days(17662)) => 2018-05-08"}
		defKSQL("date"+f.verb+"(text, int4, date) date", "a date "+f.doc+"; what is less than a day is cut off", dates[f.verb], add(func(days, ms int64) (int64, error) {
			if types.IsInfinite(days) {
				return days, nil
			}
			days = ((days+unixEpochDays)*86_400_000+ms)/86_400_000 - unixEpochDays
			_, err := types.DateToTimestamp(days)
			return days, err
		}))
		times := map[string]string{"add": "timeadd(HOURS, 3, parse_time('22:30', 'HH:mm')) => 01:30:00", "sub": "timesub(MINUTES, 45, parse_time('22:30', 'HH:mm')) => 21:45:00"}
		defKSQL("time"+f.verb+"(text, int4, time) time", "a time of day "+f.doc+", around midnight", times[f.verb], add(func(us, ms int64) (int64, error) {
			v := (us + ms%86_400_000*1000) % types.MicrosPerDay
			if v < 0 {
				v += types.MicrosPerDay
			}
			return v, nil
		}))
		stamps := map[string]string{"add": "timestampadd(HOURS, 3, from_unixtime(0)) => 1970-01-01 03:00:00", "sub": "timestampsub(MILLISECONDS, 10, from_unixtime(20)) => 1970-01-01 00:00:00.01"}
		for _, t := range []string{"timestamp", "timestamptz"} {
			defKSQL("timestamp"+f.verb+"(text, int4, "+t+") "+t, "a timestamp "+f.doc, stamps[f.verb], add(func(ts, ms int64) (int64, error) {
				if types.IsInfinite(ts) {
					return ts, nil
				}
				if ms > math.MaxInt64/2000 || ms < math.MinInt64/2000 {
					return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "timestamp out of range")
				}
				return types.CheckTimestamp(ts + ms*1000)
			}))
		}
	}
}
