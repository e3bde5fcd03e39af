package expr

import (
	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// Comparison operators: six for every type with an order, and for the mixed pairs that PostgreSQL has, so that an
// index or a kernel sees the column as it is and not a cast of it.

var compareNames = []string{"=", "<>", "<", "<=", ">", ">="}

var compareDocs = map[string]string{"=": "equal", "<>": "not equal", "<": "less", "<=": "less or equal", ">": "greater",
	">=": "greater or equal"}

var compareExamples = map[string]string{"=": "2 = 3 => f", "<>": "2 <> 3 => t", "<": "2 < 3 => t", "<=": "2 <= 3 => t",
	">": "2 > 3 => f", ">=": "2 >= 3 => f"}

func init() {
	groups := [][]string{{"int2", "int4", "int8"}, {"float4", "float8"}}
	for _, name := range compareNames {
		defCompare := func(l, r string, build func(*Call) (kernel, error)) {
			f := def(name+"("+l+", "+r+") bool", compareDocs[name], compareExamples[name], build)
			f.total = true
		}
		for _, g := range groups {
			for _, l := range g {
				for _, r := range g {
					defCompare(l, r, buildCompare(name))
				}
			}
		}
		for _, t := range []string{"bool", "numeric", "text", "bpchar", "name", "qchar", "bytea", "date", "time", "timestamp",
			"timestamptz", "interval", "uuid", "jsonb", "oid",
			"timetz", "bit", "varbit", "inet", "macaddr", "anyarray", "record"} {
			defCompare(t, t, buildCompare(name))
		}
		defCompare("name", "text", buildCompare(name))
		defCompare("text", "name", buildCompare(name))
		times := []string{"date", "timestamp", "timestamptz"}
		for _, l := range times {
			for _, r := range times {
				if l != r {
					f := def(name+"("+l+", "+r+") bool", compareDocs[name], "", compareTimes(name))
					if l == "timestamptz" || r == "timestamptz" {
						f.Vol = Stable // depends on the time zone
					}
				}
			}
		}
	}
	for _, name := range compareNames[:2] {
		def(name+"(map<K,V>, map<K,V>) bool", compareDocs[name], "", buildCompare(name))
	}
	f := def("greatest(variadic anyelement) anyelement nullok", "the greatest argument that is not NULL", "greatest(1, 3, 2) => 3",
		extreme(1))
	f.total = true
	f = def("least(variadic anyelement) anyelement nullok", "the least argument that is not NULL", "least(2, 1, 3) => 1", extreme(-1))
	f.total = true
}

// compareTimes compares a date, timestamp or timestamptz with another of these: without time zone first, with one if
// either has.
func compareTimes(name string) func(*Call) (kernel, error) {
	op := cmpOps[name]
	return rowsFor(func(c *Call) (rowFunc, error) {
		l, r := c.Args[0].Type(), c.Args[1].Type()
		to := types.T(types.Timestamp)
		if l.Kind == types.TimestampTZ || r.Kind == types.TimestampTZ {
			to = types.T(types.TimestampTZ)
		}
		return func(rw *row, a []types.Value) (types.Value, error) {
			x, err := widenTime(l, to, a[0], rw.format())
			if err != nil {
				return types.Null, err
			}
			y, err := widenTime(r, to, a[1], rw.format())
			if err != nil {
				return types.Null, err
			}
			return types.BoolValue(op.is(types.Compare(to, x, y))), nil
		}, nil
	})
}

// widenTime casts a time to compare it. A time that the other type cannot hold is next to infinity.
func widenTime(from, to types.Type, v types.Value, f *types.Format) (types.Value, error) {
	if from.Kind == to.Kind {
		return v, nil
	}
	out, err := types.Cast(from, to, v, f)
	if err != nil && (from.Kind == types.Date || from.Kind == types.Timestamp) {
		if v.I > 0 {
			return types.IntValue(types.PosInf - 1), nil
		}
		return types.IntValue(types.NegInf + 1), nil
	}
	return out, err
}

// extreme makes GREATEST (sign 1) or LEAST (sign -1): NULLs are passed over.
func extreme(sign int) func(*Call) (kernel, error) {
	return func(c *Call) (kernel, error) {
		t := c.T
		row := rowKernel(func(_ *row, a []types.Value) (types.Value, error) {
			best := types.Null
			for i := range a {
				if !a[i].Null && (best.Null || types.Compare(t, a[i], best)*sign > 0) {
					best = a[i]
				}
			}
			return best, nil
		}, t.Class(), len(c.Args))
		return func(f *frame, a []operand) (batch.Vec, error) { return row(f, a) }, nil
	}
}
