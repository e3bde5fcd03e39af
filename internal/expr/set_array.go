package expr

import (
	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// unnest, and ksqlDB's explode and cube_explode.

func init() {
	defSet("unnest(anyarray) anyelement", "", "the elements of an array, of all its dimensions", "unnest('{{1,2},{3,4}}'::int4[]) => 1; 2; 3; 4", unnest)
	defSet("explode(anyarray) anyelement", "", "the elements of an array (ksqlDB)", "explode('{1,2}'::int4[]) => 1; 2", unnest)
	defSet("cube_explode(anyarray) anyarray", "", "every way to put NULLs in the place of elements (ksqlDB)",
		"cube_explode('{1,2}'::int4[]) => {NULL,NULL}; {NULL,2}; {1,NULL}; {1,2}", cubeExplode)
}

func unnest(c *SetCall) (setRows, error) {
	elem := *c.Args[0].Type().Elem
	return func(_ *row, a []types.Value, out []batch.Appender) (int, error) {
		_, vals, err := types.DecodeArray(a[0].Bytes, elem)
		for _, v := range vals {
			out[0].AppendValue(v)
		}
		return len(vals), err
	}, nil
}

// cubeColumnsMax is the most elements that cube_explode takes: it gives two to that power rows.
const cubeColumnsMax = 20

// cubeExplode gives a row for each subset of the elements; where an element is NULL already, subsets that differ only
// there are one.
func cubeExplode(c *SetCall) (setRows, error) {
	elem := *c.Args[0].Type().Elem
	return func(r *row, a []types.Value, out []batch.Appender) (int, error) {
		_, vals, err := types.DecodeArray(a[0].Bytes, elem)
		if err != nil {
			return 0, err
		}
		if len(vals) > cubeColumnsMax {
			return 0, tooManyRows("cube_explode")
		}
		n, picked := 0, make([]types.Value, len(vals))
	subsets:
		for mask := range 1 << len(vals) {
			for i, v := range vals {
				in := mask&(1<<(len(vals)-1-i)) != 0
				if in && v.Null {
					continue subsets
				}
				if picked[i] = types.Null; in {
					picked[i] = v
				}
			}
			r.buf = types.AppendArray(r.buf[:0], elem, nil, picked)
			out[0].AppendBytes(r.buf)
			n++
		}
		return n, nil
	}, nil
}
