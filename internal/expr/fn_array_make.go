package expr

import (
	"sort"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Functions that make arrays, objects of arrays, and search sorted ones.

// arrayCellsMax bounds array_fill, as PostgreSQL bounds arrays (MaxArraySize).
const arrayCellsMax = 134217727

func init() {
	def("array_fill(anyelement, int4[]) anyarray nullok", "an array of equal elements", "array_fill(11, ARRAY[2,3]) => {{11,11,11},{11,11,11}}", rowsFor(func(c *Call) (rowFunc, error) {
		elem := c.Args[0].Type()
		return func(_ *row, a []types.Value) (types.Value, error) { return arrayFill(elem, a) }, nil
	}))
	def("trim_array(anyarray, int4) anyarray", "without the last n elements", "trim_array(ARRAY[1,2,3,4,5,6], 2) => {1,2,3,4}",
		arrayRows(0, func(elem types.Type, r *row, a []types.Value) (types.Value, error) {
			arr, err := decodeArray(a[0], elem)
			if err != nil {
				return types.Null, err
			}
			n := int64(0)
			if len(arr.dims) > 0 {
				n = int64(arr.dims[0])
			}
			if a[1].I < 0 || a[1].I > n {
				return types.Null, pgerr.New("2202E", "number of elements to trim must be between 0 and %d", n)
			}
			return arraySlice(elem, r, []types.Value{a[0], types.IntValue(1), types.IntValue(n - a[1].I)})
		}))
	def("width_bucket(anycompatible, anycompatiblearray) int4", "the bucket between sorted bounds", "width_bucket(7, ARRAY[1,5,10]) => 2",
		arrayRows(1, func(elem types.Type, _ *row, a []types.Value) (types.Value, error) {
			arr, err := decodeArray(a[1], elem)
			if err != nil {
				return types.Null, err
			}
			if len(arr.dims) > 1 {
				return types.Null, pgerr.New("2202E", "thresholds must be one-dimensional array")
			}
			for _, v := range arr.vals {
				if v.Null {
					return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "thresholds array must not contain NULLs")
				}
			}
			return types.IntValue(int64(sort.Search(len(arr.vals), func(i int) bool { return types.Compare(elem, a[0], arr.vals[i]) < 0 }))), nil
		}))
	for _, t := range []string{"json", "jsonb"} {
		colon, finish := " : ", func(b []byte) (types.Value, error) { return types.BytesValue(b), nil }
		if t == "jsonb" {
			colon, finish = ": ", normalized
		}
		def(t+"_object(text[]) "+t, "an object of an array of keys and values", map[string]string{"jsonb": `jsonb_object('{a, 1, b, "def"}') => {"a": "1", "b": "def"}`}[t],
			rows(func(_ *row, a []types.Value) (types.Value, error) {
				arr, err := decodeArray(a[0], types.T(types.Text))
				if err != nil {
					return types.Null, err
				}
				switch {
				case len(arr.dims) > 2:
					return types.Null, errArrayBounds
				case len(arr.dims) == 2 && arr.dims[1] != 2:
					return types.Null, pgerr.New("2202E", "array must have two columns")
				case len(arr.dims) == 1 && len(arr.vals)%2 == 1:
					return types.Null, pgerr.New("2202E", "array must have even number of elements")
				}
				var keys, vals []types.Value
				for i := 0; i < len(arr.vals); i += 2 {
					keys, vals = append(keys, arr.vals[i]), append(vals, arr.vals[i+1])
				}
				return objectOf(keys, vals, colon, finish)
			}))
		def(t+"_object(text[], text[]) "+t, "an object of keys and values", map[string]string{"jsonb": `jsonb_object('{a,b}', '{1,2}') => {"a": "1", "b": "2"}`}[t],
			rows(func(_ *row, a []types.Value) (types.Value, error) {
				keys, err := decodeArray(a[0], types.T(types.Text))
				if err != nil {
					return types.Null, err
				}
				vals, err := decodeArray(a[1], types.T(types.Text))
				if err != nil {
					return types.Null, err
				}
				if len(keys.dims) > 1 || len(keys.dims) != len(vals.dims) {
					return types.Null, errArrayBounds
				}
				if len(keys.vals) != len(vals.vals) {
					return types.Null, pgerr.New("2202E", "mismatched array dimensions")
				}
				return objectOf(keys.vals, vals.vals, colon, finish)
			}))
	}
}

var errArrayBounds = pgerr.New("2202E", "wrong number of array subscripts")

func objectOf(keys, vals []types.Value, colon string, finish func([]byte) (types.Value, error)) (types.Value, error) {
	b := []byte{'{'}
	for i, k := range keys {
		if k.Null {
			return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "null value not allowed for object key")
		}
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(appendQuoted(b, k.Bytes), colon...)
		if vals[i].Null {
			b = append(b, "null"...)
		} else {
			b = appendQuoted(b, vals[i].Bytes)
		}
	}
	return finish(append(b, '}'))
}

func arrayFill(elem types.Type, a []types.Value) (types.Value, error) {
	if a[1].Null {
		return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "dimension array or low bound array cannot be null")
	}
	dims, err := decodeArray(a[1], types.T(types.Int4))
	if err != nil {
		return types.Null, err
	}
	if len(dims.dims) > 1 {
		return types.Null, errArrayBounds
	}
	if len(dims.vals) > 6 {
		return types.Null, pgerr.New(pgerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (6)", len(dims.vals))
	}
	out, n := array{}, int64(1)
	for _, d := range dims.vals {
		if d.Null {
			return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "dimension values cannot be null")
		}
	}
	for _, d := range dims.vals {
		if n *= d.I; d.I < 0 || n > arrayCellsMax {
			return types.Null, pgerr.New(pgerr.ProgramLimitExceeded, "array size exceeds the maximum allowed (%d)", arrayCellsMax)
		}
		out.dims = append(out.dims, int32(d.I))
	}
	if len(dims.vals) == 0 || n == 0 {
		return array{}.encode(elem), nil
	}
	if n > 1<<22 {
		return types.Null, pgerr.New(pgerr.ProgramLimitExceeded, "an array of %d elements is too large for array_fill", n)
	}
	for range n {
		out.vals = append(out.vals, a[0])
	}
	return out.encode(elem), nil
}
