package expr

import (
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// The functions behind casts to times of a precision: timestamp(x, 3) is x::timestamp(3).

func init() {
	def("timestamp(date, time) timestamp", "a date and a time of day", "", two(func(_ *row, a, b types.Value) (types.Value, error) {
		ts, err := types.DateToTimestamp(a.I)
		if err == nil && !types.IsInfinite(ts) {
			ts, err = types.CheckTimestamp(ts + b.I)
		}
		return types.IntValue(ts), err
	}))
	for _, t := range []string{"time", "timetz", "timestamp", "timestamptz"} {
		def(t+"("+t+", int4) "+t, "rounded to digits of a second", map[string]string{
			"timetz": "timetz('12:34:56.789+00'::timetz, 1) => 12:34:56.8+00"}[t],
			rows(func(r *row, a []types.Value) (types.Value, error) {
				to := sigType(t)
				clock := to.Kind == types.Time || to.Kind == types.TimeTZ
				if a[1].I < 0 || a[1].I > 6 {
					if clock || a[1].I == -1 || types.IsInfinite(a[0].I) {
						return a[0], nil
					}
					return types.Null, pgerr.New(pgerr.InvalidParameterValue, "timestamp(%d) precision must be between 0 and 6", a[1].I)
				}
				if to.Prec = int32(a[1].I); to.Prec == 0 {
					to.Prec = -1
				}
				return types.Cast(sigType(t), to, a[0], r.format())
			}))
	}
}
