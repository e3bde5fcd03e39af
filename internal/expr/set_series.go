package expr

import (
	"math"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// generate_series and generate_subscripts.

func init() {
	const doc = "the values from start to stop, by step"
	for _, t := range []struct {
		name   string
		lo, hi int64
	}{{"int4", math.MinInt32, math.MaxInt32}, {"int8", math.MinInt64, math.MaxInt64}} {
		series := setOf(func(_ *row, a []types.Value, out []batch.Appender) (int, error) {
			step := int64(1)
			if len(a) == 3 {
				step = a[2].I
			}
			return intSeries(a[0].I, a[1].I, step, t.lo, t.hi, out[0])
		})
		defSet("generate_series("+t.name+", "+t.name+") "+t.name, "", doc, "generate_series(2, 4) => 2; 3; 4", series)
		defSet("generate_series("+t.name+", "+t.name+", "+t.name+") "+t.name, "", doc, "generate_series(5, 1, -2) => 5; 3; 1", series)
	}
	defSet("generate_series(numeric, numeric) numeric", "", doc, "generate_series(1.5, 3) => 1.5; 2.5", setOf(decSeries))
	defSet("generate_series(numeric, numeric, numeric) numeric", "", doc, "generate_series(1, 2, 0.5) => 1; 1.5; 2.0", setOf(decSeries))
	defSet("generate_series(timestamp, timestamp, interval) timestamp", "", doc,
		"generate_series('2008-03-01 00:00'::timestamp, '2008-03-01 12:00', '10 hours') => 2008-03-01 00:00:00; 2008-03-01 10:00:00",
		setOf(timeSeries(func(_ *row, t int64, step types.Span) (int64, error) { return types.TimestampAdd(t, step) })))
	defSet("generate_series(timestamptz, timestamptz, interval) timestamptz stable", "", doc,
		"generate_series('2008-03-01 00:00Z'::timestamptz, '2008-03-02 00:00Z', '1 day') => 2008-03-01 00:00:00+00; 2008-03-02 00:00:00+00",
		setOf(timeSeries(func(r *row, t int64, step types.Span) (int64, error) {
			return types.TimestampTZAdd(t, step, r.format().Loc)
		})))
	subscripts := func(c *SetCall) (setRows, error) {
		elem := *c.Args[0].Type().Elem
		return func(_ *row, a []types.Value, out []batch.Appender) (int, error) {
			arr, err := decodeArray(a[0], elem)
			if err != nil || a[1].I < 1 || a[1].I > int64(len(arr.dims)) {
				return 0, err
			}
			lo, hi, step := int64(1), int64(arr.dims[a[1].I-1]), int64(1)
			if len(a) == 3 && a[2].B {
				lo, hi, step = hi, lo, -1
			}
			return intSeries(lo, hi, step, math.MinInt32, math.MaxInt32, out[0])
		}, nil
	}
	defSet("generate_subscripts(anyarray, int4) int4", "", "the subscripts of a dimension of an array",
		"generate_subscripts('{a,b,c}'::text[], 1) => 1; 2; 3", subscripts)
	defSet("generate_subscripts(anyarray, int4, bool) int4", "", "the subscripts of a dimension, backwards if the last argument is true",
		"generate_subscripts('{a,b,c}'::text[], 1, true) => 3; 2; 1", subscripts)
}

func zeroStep() error { return pgerr.New(pgerr.InvalidParameterValue, "step size cannot equal zero") }

func intSeries(lo, hi, step, least, most int64, out batch.Appender) (int, error) {
	if step == 0 {
		return 0, zeroStep()
	}
	n := 0
	for v := lo; step > 0 && v <= hi || step < 0 && v >= hi; v += step {
		if n == setRowsMax {
			return 0, tooManyRows("generate_series")
		}
		out.AppendInt(v)
		n++
		if step > 0 && v > most-step || step < 0 && v < least-step {
			break // the next value overflows
		}
	}
	return n, nil
}

func decSeries(_ *row, a []types.Value, out []batch.Appender) (int, error) {
	for i, what := range []string{"start value", "stop value", "step size"}[:len(a)] {
		switch {
		case a[i].N.IsNaN():
			return 0, pgerr.New(pgerr.InvalidParameterValue, "%s cannot be NaN", what)
		case a[i].N.IsInf():
			return 0, pgerr.New(pgerr.InvalidParameterValue, "%s cannot be infinity", what)
		}
	}
	step := types.DecFromInt(1)
	if len(a) == 3 {
		step = a[2].N
	}
	if step.Sign() == 0 {
		return 0, zeroStep()
	}
	n := 0
	for v := a[0].N; v.Cmp(a[1].N)*step.Sign() <= 0; v = v.Add(step) {
		if n == setRowsMax {
			return 0, tooManyRows("generate_series")
		}
		out[0].AppendDec(v)
		n++
	}
	return n, nil
}

func timeSeries(add func(r *row, t int64, step types.Span) (int64, error)) setRows {
	return func(r *row, a []types.Value, out []batch.Appender) (n int, err error) {
		hi, step := a[1].I, a[2].S
		sign := types.Compare(types.T(types.Interval), types.SpanValue(step), types.SpanValue(types.Span{}))
		if sign == 0 {
			return 0, zeroStep()
		}
		for v := a[0].I; sign > 0 && v <= hi || sign < 0 && v >= hi; n++ {
			if n == setRowsMax {
				return 0, tooManyRows("generate_series")
			}
			out[0].AppendInt(v)
			if v, err = add(r, v, step); err != nil {
				return 0, err
			}
		}
		return n, nil
	}
}
