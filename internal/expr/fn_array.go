package expr

import (
	"fmt"
	"slices"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Array functions. Subscripts start at 1; arrays of other lower bounds do not exist here.

// array is a decoded array.
type array struct {
	dims []int32
	vals []types.Value
}

func decodeArray(v types.Value, elem types.Type) (array, error) {
	if v.Null {
		return array{}, nil
	}
	dims, vals, err := types.DecodeArray(v.Bytes, elem)
	if dims == nil && len(vals) > 0 {
		dims = []int32{int32(len(vals))}
	}
	return array{dims, vals}, err
}

func (a array) encode(elem types.Type) types.Value {
	dims := a.dims
	if len(dims) < 2 {
		dims = nil
	}
	return types.BytesValue(types.AppendArray(nil, elem, dims, a.vals))
}

// arrayRows makes the kernel of a function whose argument arg is an array, handing it the element type.
func arrayRows(arg int, fn func(elem types.Type, r *row, a []types.Value) (types.Value, error)) func(*Call) (kernel, error) {
	return rowsFor(func(c *Call) (rowFunc, error) {
		elem := *c.Args[arg].Type().Elem
		return func(r *row, a []types.Value) (types.Value, error) { return fn(elem, r, a) }, nil
	})
}

func init() {
	dim := func(name, doc, ex string, fn func(a array, d int64) types.Value) {
		def(name+"(anyarray, int4) int4", doc, ex, arrayRows(0, func(elem types.Type, _ *row, a []types.Value) (types.Value, error) {
			arr, err := decodeArray(a[0], elem)
			if err != nil || a[1].I < 1 || a[1].I > int64(len(arr.dims)) {
				return types.Null, err
			}
			return fn(arr, a[1].I), nil
		}))
	}
	length := func(a array, d int64) types.Value { return types.IntValue(int64(a.dims[d-1])) }
	dim("array_length", "length of a dimension", "array_length('{1,2,3}'::int4[], 1) => 3", length)
	dim("array_upper", "last subscript of a dimension", "array_upper('{1,8,3,7}'::int4[], 1) => 4", length)
	dim("array_lower", "first subscript of a dimension", "array_lower('{1,2}'::int4[], 1) => 1", func(array, int64) types.Value { return types.IntValue(1) })
	def("array_ndims(anyarray) int4", "number of dimensions", "array_ndims('{{1,2,3},{4,5,6}}'::int4[]) => 2",
		arrayRows(0, func(elem types.Type, _ *row, a []types.Value) (types.Value, error) {
			arr, err := decodeArray(a[0], elem)
			if len(arr.dims) == 0 {
				return types.Null, err
			}
			return types.IntValue(int64(len(arr.dims))), err
		}))
	def("array_dims(anyarray) text", "the bounds of all dimensions", "array_dims('{{1,2,3},{4,5,6}}'::int4[]) => [1:2][1:3]",
		arrayRows(0, func(elem types.Type, r *row, a []types.Value) (types.Value, error) {
			arr, err := decodeArray(a[0], elem)
			if len(arr.dims) == 0 {
				return types.Null, err
			}
			r.buf = r.buf[:0]
			for _, n := range arr.dims {
				r.buf = fmt.Appendf(r.buf, "[1:%d]", n)
			}
			return types.Value{Bytes: r.buf}, err
		}))
	def("cardinality(anyarray) int4", "number of elements", "cardinality('{{1,2},{3,4}}'::int4[]) => 4",
		arrayRows(0, func(elem types.Type, _ *row, a []types.Value) (types.Value, error) {
			arr, err := decodeArray(a[0], elem)
			return types.IntValue(int64(len(arr.vals))), err
		}))
	def("array_append(anycompatiblearray, anycompatible) anycompatiblearray nullok", "with an element at the end",
		"array_append('{1,2}'::int4[], 3) => {1,2,3}", arrayRows(0, func(elem types.Type, _ *row, a []types.Value) (types.Value, error) {
			return insert(elem, a[0], a[1], true)
		}))
	def("array_prepend(anycompatible, anycompatiblearray) anycompatiblearray nullok", "with an element in front",
		"array_prepend(1, '{2,3}'::int4[]) => {1,2,3}", arrayRows(1, func(elem types.Type, _ *row, a []types.Value) (types.Value, error) {
			return insert(elem, a[1], a[0], false)
		}))
	def("||(anycompatiblearray, anycompatible) anycompatiblearray nullok", "with an element at the end",
		"'{1,2}'::int4[] || 3 => {1,2,3}", arrayRows(0, func(elem types.Type, _ *row, a []types.Value) (types.Value, error) {
			return insert(elem, a[0], a[1], true)
		}))
	def("||(anycompatible, anycompatiblearray) anycompatiblearray nullok", "with an element in front",
		"1 || '{2,3}'::int4[] => {1,2,3}", arrayRows(1, func(elem types.Type, _ *row, a []types.Value) (types.Value, error) {
			return insert(elem, a[1], a[0], false)
		}))
	def("||(anycompatiblearray, anycompatiblearray) anycompatiblearray nullok", "concatenation",
		"'{1,2}'::int4[] || '{3}'::int4[] => {1,2,3}", arrayRows(0, arrayCat))
	def("array_cat(anycompatiblearray, anycompatiblearray) anycompatiblearray nullok", "concatenation",
		"array_cat('{1,2}'::int4[], '{3}'::int4[]) => {1,2,3}", arrayRows(0, arrayCat))
	for _, tail := range []string{"", ", int4"} {
		def("array_position(anycompatiblearray, anycompatible"+tail+") int4 nullok", "subscript of the first equal element",
			"array_position('{sun,mon,tue}'::text[], 'mon') => 2", arrayRows(0, arrayPosition))
	}
	def("array_positions(anycompatiblearray, anycompatible) int4[] nullok", "subscripts of all equal elements",
		"array_positions('{A,A,B,A}'::text[], 'A') => {1,2,4}", arrayRows(0, arrayPositions))
	def("array_remove(anycompatiblearray, anycompatible) anycompatiblearray nullok", "without the equal elements",
		"array_remove('{1,2,3,2}'::int4[], 2) => {1,3}", arrayRows(0, arrayRemove))
	def("array_replace(anycompatiblearray, anycompatible, anycompatible) anycompatiblearray nullok", "with equal elements replaced",
		"array_replace('{1,2,5,4}'::int4[], 5, 3) => {1,2,3,4}", arrayRows(0, arrayReplace))
	def("array_subscript(anyarray, variadic int4) anyelement", "the element at a subscript, NULL beyond the bounds",
		"array_subscript('{5,6}'::int4[], 2) => 6", arrayRows(0, arraySubscript))
	def("array_slice(anyarray, variadic int4) anyarray", "the elements between two subscripts in each dimension", "array_slice('{5,6,7}'::int4[], 2, 3) => {6,7}",
		arrayRows(0, arraySlice))
	contains := func(swap bool) func(elem types.Type, r *row, a []types.Value) (types.Value, error) {
		return func(elem types.Type, _ *row, a []types.Value) (types.Value, error) {
			if swap {
				return setCompare(elem, a[1], a[0], true)
			}
			return setCompare(elem, a[0], a[1], true)
		}
	}
	def("@>(anyarray, anyarray) bool", "contains all elements of the right side", "'{1,4,3}'::int4[] @> '{3,1,3}'::int4[] => t", arrayRows(0, contains(false)))
	def("<@(anyarray, anyarray) bool", "all elements are in the right side", "'{2,7}'::int4[] <@ '{1,7,4,2,6}'::int4[] => t", arrayRows(0, contains(true)))
	def("&&(anyarray, anyarray) bool", "have an element in common", "'{1,4,3}'::int4[] && '{2,1}'::int4[] => t",
		arrayRows(0, func(elem types.Type, _ *row, a []types.Value) (types.Value, error) {
			return setCompare(elem, a[0], a[1], false)
		}))
}

func insert(elem types.Type, av, v types.Value, atEnd bool) (types.Value, error) {
	a, err := decodeArray(av, elem)
	if err != nil {
		return types.Null, err
	}
	if len(a.dims) > 1 {
		return types.Null, pgerr.New("22000", "argument must be empty or one-dimensional array")
	}
	vals := make([]types.Value, 0, len(a.vals)+1)
	if !atEnd {
		vals = append(vals, v)
	}
	vals = append(vals, a.vals...)
	if atEnd {
		vals = append(vals, v)
	}
	return array{vals: vals}.encode(elem), nil
}

func arrayCat(elem types.Type, _ *row, v []types.Value) (types.Value, error) {
	if v[0].Null && v[1].Null {
		return types.Null, nil
	}
	a, err := decodeArray(v[0], elem)
	if err != nil {
		return types.Null, err
	}
	b, err := decodeArray(v[1], elem)
	if err != nil {
		return types.Null, err
	}
	switch {
	case len(a.vals) == 0:
		return b.encode(elem), nil
	case len(b.vals) == 0:
		return a.encode(elem), nil
	}
	out := array{dims: slices.Clone(a.dims), vals: slices.Concat(a.vals, b.vals)}
	switch len(a.dims) - len(b.dims) {
	case 0:
		out.dims[0] += b.dims[0]
		if slices.Equal(a.dims[1:], b.dims[1:]) {
			return out.encode(elem), nil
		}
	case 1:
		out.dims[0]++
		if slices.Equal(a.dims[1:], b.dims) {
			return out.encode(elem), nil
		}
	case -1:
		out.dims = slices.Clone(b.dims)
		out.dims[0]++
		if slices.Equal(b.dims[1:], a.dims) {
			return out.encode(elem), nil
		}
	}
	return types.Null, pgerr.New(pgerr.ArraySubscriptError, "cannot concatenate incompatible arrays")
}

// sameElement is IS NOT DISTINCT FROM.
func sameElement(t types.Type, a, b types.Value) bool {
	if a.Null || b.Null {
		return a.Null && b.Null
	}
	return types.Equal(t, a, b)
}

func oneDimension(av types.Value, elem types.Type, what string) (array, error) {
	a, err := decodeArray(av, elem)
	if err == nil && len(a.dims) > 1 {
		err = pgerr.Unsupported(pgerr.NoPos, "%s in multidimensional arrays", what)
	}
	return a, err
}

func arrayPosition(elem types.Type, _ *row, v []types.Value) (types.Value, error) {
	if v[0].Null {
		return types.Null, nil
	}
	a, err := oneDimension(v[0], elem, "searching for elements")
	if err != nil {
		return types.Null, err
	}
	if len(a.vals) == 0 {
		return types.Null, nil
	}
	if v[1].Null && !slices.ContainsFunc(a.vals, func(e types.Value) bool { return e.Null }) {
		return types.Null, nil // before the position is looked at
	}
	from := int64(1)
	if len(v) > 2 {
		if v[2].Null {
			return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "initial position must not be null")
		}
		from = max(1, v[2].I)
	}
	for i := from; i <= int64(len(a.vals)); i++ {
		if sameElement(elem, a.vals[i-1], v[1]) {
			return types.IntValue(i), nil
		}
	}
	return types.Null, nil
}

func arrayPositions(elem types.Type, _ *row, v []types.Value) (types.Value, error) {
	if v[0].Null {
		return types.Null, nil
	}
	a, err := oneDimension(v[0], elem, "searching for elements")
	if err != nil {
		return types.Null, err
	}
	var out []types.Value
	for i, e := range a.vals {
		if sameElement(elem, e, v[1]) {
			out = append(out, types.IntValue(int64(i)+1))
		}
	}
	return array{vals: out}.encode(types.T(types.Int4)), nil
}

func arrayRemove(elem types.Type, _ *row, v []types.Value) (types.Value, error) {
	if v[0].Null {
		return types.Null, nil
	}
	a, err := oneDimension(v[0], elem, "removing elements")
	if err != nil {
		return types.Null, err
	}
	kept := make([]types.Value, 0, len(a.vals))
	for _, e := range a.vals {
		if !sameElement(elem, e, v[1]) {
			kept = append(kept, e)
		}
	}
	return array{vals: kept}.encode(elem), nil
}

func arrayReplace(elem types.Type, _ *row, v []types.Value) (types.Value, error) {
	if v[0].Null {
		return types.Null, nil
	}
	a, err := decodeArray(v[0], elem)
	if err != nil {
		return types.Null, err
	}
	vals := slices.Clone(a.vals)
	for i, e := range vals {
		if sameElement(elem, e, v[1]) {
			vals[i] = v[2]
		}
	}
	return array{dims: a.dims, vals: vals}.encode(elem), nil
}

func arraySubscript(elem types.Type, _ *row, v []types.Value) (types.Value, error) {
	a, err := decodeArray(v[0], elem)
	if err != nil || len(v)-1 != len(a.dims) {
		return types.Null, err
	}
	at := int64(0)
	for d, n := range a.dims {
		i := v[d+1].I
		if i < 1 || i > int64(n) {
			return types.Null, nil
		}
		at = at*int64(n) + i - 1
	}
	return a.vals[at], nil
}

// arraySlice takes a lower and an upper bound for each dimension; later dimensions without bounds stay whole.
func arraySlice(elem types.Type, _ *row, v []types.Value) (types.Value, error) {
	a, err := decodeArray(v[0], elem)
	if err != nil {
		return types.Null, err
	}
	if len(v)/2 > len(a.dims) {
		return array{}.encode(elem), nil
	}
	stride := int64(len(a.vals))
	out := array{dims: slices.Clone(a.dims), vals: a.vals}
	block := int64(1) // slices of the dimensions before
	for d, n := range a.dims[:len(v)/2] {
		lo, hi := max(1, v[2*d+1].I), min(v[2*d+2].I, int64(n))
		if lo > hi {
			return array{}.encode(elem), nil
		}
		stride /= int64(n)
		var vals []types.Value
		for k := range block {
			from := k * int64(n) * stride
			vals = append(vals, out.vals[from+(lo-1)*stride:from+hi*stride]...)
		}
		out.vals, out.dims[d] = vals, int32(hi-lo+1)
		block *= hi - lo + 1
	}
	return out.encode(elem), nil
}

// setCompare reports whether a has all (or, with all unset, some) of b's elements. NULLs equal nothing.
func setCompare(elem types.Type, av, bv types.Value, all bool) (types.Value, error) {
	a, err := decodeArray(av, elem)
	if err != nil {
		return types.Null, err
	}
	b, err := decodeArray(bv, elem)
	if err != nil {
		return types.Null, err
	}
	for _, x := range b.vals {
		found := !x.Null && slices.ContainsFunc(a.vals, func(y types.Value) bool { return !y.Null && types.Equal(elem, x, y) })
		if found != all {
			return types.BoolValue(!all), nil
		}
	}
	return types.BoolValue(all), nil
}
