package expr

import (
	"time"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// truncUnits are the fields that date_trunc can cut by arithmetic alone, in microseconds: timestamps count from a
// midnight.
var truncUnits = map[string]int64{"microseconds": 1, "milliseconds": 1000, "second": 1e6, "minute": 60e6, "hour": 3600e6,
	"day": types.MicrosPerDay}

// buildTrunc makes date_trunc of a constant field by arithmetic, with time zone only while that is UTC; everything
// else is general's.
func buildTrunc(general func(*Call) (kernel, error)) func(*Call) (kernel, error) {
	return func(c *Call) (kernel, error) {
		slow, err := general(c)
		field, ok := c.Args[0].(*Const)
		if err != nil || !ok || field.V.Null {
			return slow, err
		}
		unit := truncUnits[lowerTrim(string(field.V.Bytes))]
		zoned := c.T.Kind == types.TimestampTZ
		if unit == 0 {
			return slow, nil
		}
		return func(f *frame, a []operand) (batch.Vec, error) {
			x, _ := intsOf(a[1])
			if x == nil || zoned && f.x.loc() != time.UTC {
				return slow(f, a)
			}
			out := f.ints()
			floorTo(out.V, x, unit)
			return out, nil
		}, nil
	}
}

// floorTo rounds timestamps down to multiples of unit; infinities stay.
func floorTo(r, x []int64, unit int64) {
	divConst(r, x, unit, true)
	for i, v := range x[:len(r)] {
		rest := r[i]
		rest += rest >> 63 & unit
		if types.IsInfinite(v) {
			rest = 0
		}
		r[i] = v - rest
	}
}

// mapInts is the kernel of a conversion within class ClassInt.
func mapInts(fn func(v int64) (int64, error)) kernel {
	return func(f *frame, a []operand) (batch.Vec, error) {
		out := f.ints()
		x, cx := intsOf(a[0])
		for i := range out.V {
			if x != nil {
				cx = x[i]
			}
			v, err := fn(cx)
			if err != nil {
				if err := f.fail(i, err); err != nil {
					return nil, err
				}
			}
			out.V[i] = v
		}
		return out, nil
	}
}
