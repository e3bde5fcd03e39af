package expr

import (
	"streamsql/internal/types"
)

// OVERLAPS: whether two spans of time, each given by its two ends or by one end and a length, have a time in common.

func init() {
	overlaps := func(t, vol string, move func(r *row, at types.Value, by types.Span) (types.Value, error)) {
		for _, first := range []string{t, "interval"} {
			for _, second := range []string{t, "interval"} {
				if move == nil && (first != t || second != t) {
					continue
				}
				def("overlaps("+t+", "+first+", "+t+", "+second+") bool nullok"+vol, "whether two spans of time have a time in common",
					map[string]string{"timestamp timestamp": "overlaps('2001-02-16'::timestamp, '2001-12-21'::timestamp, '2001-10-30'::timestamp, '2002-10-30'::timestamp) => t"}[first+" "+second],
					overlapRows(first == "interval", second == "interval", move))
			}
		}
	}
	overlaps("timestamp", "", func(_ *row, at types.Value, by types.Span) (types.Value, error) {
		ts, err := types.TimestampAdd(at.I, by)
		return types.IntValue(ts), err
	})
	overlaps("timestamptz", " stable", func(r *row, at types.Value, by types.Span) (types.Value, error) {
		ts, err := types.TimestampTZAdd(at.I, by, r.x.loc())
		return types.IntValue(ts), err
	})
	overlaps("time", "", func(_ *row, at types.Value, by types.Span) (types.Value, error) {
		return types.IntValue(types.TimeAdd(at.I, by)), nil
	})
	overlaps("timetz", "", nil)
}

func overlapRows(span1, span2 bool, move func(r *row, at types.Value, by types.Span) (types.Value, error)) func(*Call) (kernel, error) {
	return rowsFor(func(c *Call) (rowFunc, error) {
		t := c.Args[0].Type()
		return func(r *row, a []types.Value) (types.Value, error) {
			ends := [4]types.Value(a)
			for i := 1; i <= 3; i += 2 {
				if i == 1 && !span1 || i == 3 && !span2 || ends[i].Null {
					continue
				}
				if ends[i-1].Null {
					ends[i] = types.Null
					continue
				}
				end, err := move(r, ends[i-1], ends[i].S)
				if err != nil {
					return types.Null, err
				}
				ends[i] = end
			}
			return overlap(t, ends), nil
		}, nil
	})
}

// overlap compares two spans; one with a missing end is still known to begin at the other.
func overlap(t types.Type, e [4]types.Value) types.Value {
	for i := 0; i < 4; i += 2 {
		switch from, to := e[i], e[i+1]; {
		case from.Null && to.Null:
			return types.Null
		case from.Null || !to.Null && types.Compare(t, from, to) > 0:
			e[i], e[i+1] = to, from
		}
	}
	if types.Compare(t, e[0], e[2]) > 0 {
		e[0], e[1], e[2], e[3] = e[2], e[3], e[0], e[1]
	}
	// The first span begins before the second, or with it.
	switch {
	case types.Compare(t, e[0], e[2]) == 0:
		if e[1].Null || e[3].Null {
			return types.Null
		}
		return types.BoolValue(true)
	case e[1].Null:
		return types.Null
	case types.Compare(t, e[2], e[1]) < 0:
		return types.BoolValue(true)
	case e[3].Null:
		return types.Null
	}
	return types.BoolValue(false)
}
