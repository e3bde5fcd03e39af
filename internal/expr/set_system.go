package expr

import (
	"math"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// Set-returning functions that catalog queries of psql and drivers call.

func init() {
	none := setOf(func(*row, []types.Value, []batch.Appender) (int, error) { return 0, nil })
	defSet("pg_partition_ancestors(regclass) regclass", "relid", "the partitioned tables above a partition: none, there are no partitions here",
		"pg_partition_ancestors('0'::regclass) => ", none)
	defSet("pg_listening_channels() text stable", "", "the channels that LISTEN was called for: none", "pg_listening_channels() => ", none)
	defSet("_pg_expandarray(anyarray) record", "x anyelement, n int4", "the elements of an array and their subscripts",
		"_pg_expandarray('{a,b}'::text[]) => a | 1; b | 2", func(c *SetCall) (setRows, error) {
			elem := *c.Args[0].Type().Elem
			return func(_ *row, a []types.Value, out []batch.Appender) (int, error) {
				_, vals, err := types.DecodeArray(a[0].Bytes, elem)
				for _, v := range vals {
					out[0].AppendValue(v)
				}
				if len(vals) > 0 {
					_, err = intSeries(1, int64(len(vals)), 1, math.MinInt32, math.MaxInt32, out[1])
				}
				return len(vals), err
			}, nil
		})
}
