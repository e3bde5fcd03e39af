package expr

import (
	"slices"
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// ksqlDB's functions of arrays. Subscripts count from 1, and from the end where they are negative.

// elemRows makes the kernel of a function whose argument arg is an array and whose result has the same element type.
func elemRows(arg int, fn func(elem types.Type, a []array, args []types.Value) (types.Value, error)) func(*Call) (kernel, error) {
	return rowsFor(func(c *Call) (rowFunc, error) {
		elem := *c.Args[arg].Type().Elem
		arrs := make([]array, len(c.Args))
		return func(_ *row, args []types.Value) (types.Value, error) {
			for i, x := range c.Args {
				if x.Type().Kind != types.Array {
					continue
				}
				var err error
				if arrs[i], err = decodeArray(args[i], *x.Type().Elem); err != nil {
					return types.Null, err
				}
			}
			return fn(elem, arrs, args)
		}, nil
	})
}

func encoded(elem types.Type, vals []types.Value) (types.Value, error) {
	return array{vals: vals}.encode(elem), nil
}

// valueSet keeps values apart by equality; NULLs are equal to each other.
type valueSet struct {
	elem types.Type
	vals map[uint64][]types.Value
}

func newValueSet(elem types.Type) *valueSet { return &valueSet{elem, map[uint64][]types.Value{}} }

// add reports whether v was not there yet.
func (s *valueSet) add(v types.Value) bool {
	if s.has(v) {
		return false
	}
	h := s.hash(v)
	s.vals[h] = append(s.vals[h], v)
	return true
}

func (s *valueSet) has(v types.Value) bool {
	return slices.ContainsFunc(s.vals[s.hash(v)], func(w types.Value) bool { return sameElement(s.elem, v, w) })
}

func (s *valueSet) hash(v types.Value) uint64 {
	if v.Null {
		return types.HashNull
	}
	return types.Hash(s.elem, v)
}

// distinctOf returns the different values, in order of their first appearance, that keep is true of.
func distinctOf(elem types.Type, vals []types.Value, keep func(types.Value) bool) (types.Value, error) {
	seen := newValueSet(elem)
	var out []types.Value
	for _, v := range vals {
		if keep(v) && seen.add(v) {
			out = append(out, v)
		}
	}
	return encoded(elem, out)
}

func valuesIn(elem types.Type, vals []types.Value) *valueSet {
	s := newValueSet(elem)
	for _, v := range vals {
		s.add(v)
	}
	return s
}

func anyValue(types.Value) bool { return true }

func init() {
	defKSQL("array_subscript(T[], int4) T", "the element at a subscript, from the end where it is negative; NULL beyond the bounds",
		"array_subscript(ARRAY[5,6,7], -1) => 7", elemRows(0, func(_ types.Type, a []array, v []types.Value) (types.Value, error) {
			i := v[1].I - 1
			if v[1].I < 0 {
				i = int64(len(a[0].vals)) + v[1].I
			}
			if i < 0 || i >= int64(len(a[0].vals)) {
				return types.Null, nil
			}
			return a[0].vals[i], nil
		}))
	defKSQL("array_length(T[]) int4", "number of elements", "array_length(ARRAY[1,2,3]) => 3",
		elemRows(0, func(_ types.Type, a []array, _ []types.Value) (types.Value, error) {
			return types.IntValue(int64(len(a[0].vals))), nil
		}))
	defKSQL("array_concat(T[], T[]) T[] nullok", "the elements of both; of one where the other is NULL", "array_concat(ARRAY[1,2], ARRAY[2]) => {1,2,2}",
		elemRows(0, func(elem types.Type, a []array, v []types.Value) (types.Value, error) {
			if v[0].Null && v[1].Null {
				return types.Null, nil
			}
			return encoded(elem, slices.Concat(a[0].vals, a[1].vals))
		}))
	defKSQL("array_contains(T[], T) bool nullok", "has an element that is equal; false of NULL", "array_contains(ARRAY[1,2], 2) => t",
		elemRows(0, func(elem types.Type, a []array, v []types.Value) (types.Value, error) {
			return types.BoolValue(slices.ContainsFunc(a[0].vals, func(e types.Value) bool { return sameElement(elem, e, v[1]) })), nil
		}))
	defKSQL("array_remove(T[], T) T[] nullok", "without the equal elements", "array_remove(ARRAY[1,2,3,2], 2) => {1,3}", arrayRows(0, arrayRemove))
	defKSQL("array_distinct(T[]) T[]", "the different elements, in order of their first appearance", "array_distinct(ARRAY[1,2,1]) => {1,2}",
		elemRows(0, func(elem types.Type, a []array, _ []types.Value) (types.Value, error) {
			return distinctOf(elem, a[0].vals, anyValue)
		}))
	defKSQL("array_union(T[], T[]) T[]", "the different elements of both", "array_union(ARRAY[1,2], ARRAY[2,3]) => {1,2,3}",
		elemRows(0, func(elem types.Type, a []array, _ []types.Value) (types.Value, error) {
			return distinctOf(elem, slices.Concat(a[0].vals, a[1].vals), anyValue)
		}))
	defKSQL("array_intersect(T[], T[]) T[]", "the different elements that both have", "array_intersect(ARRAY[1,2,2], ARRAY[2,3]) => {2}",
		elemRows(0, func(elem types.Type, a []array, _ []types.Value) (types.Value, error) {
			return distinctOf(elem, a[0].vals, valuesIn(elem, a[1].vals).has)
		}))
	defKSQL("array_except(T[], T[]) T[]", "the different elements that the second has not", "array_except(ARRAY[1,2,1], ARRAY[2]) => {1}",
		elemRows(0, func(elem types.Type, a []array, _ []types.Value) (types.Value, error) {
			other := valuesIn(elem, a[1].vals)
			return distinctOf(elem, a[0].vals, func(v types.Value) bool { return !other.has(v) })
		}))
	extremes := func(name, doc, example string, sign int) {
		defKSQL(name+"(T[]) T", doc, example, elemRows(0, func(elem types.Type, a []array, _ []types.Value) (types.Value, error) {
			best := types.Null
			for _, v := range a[0].vals {
				if !v.Null && (best.Null || types.Compare(elem, v, best)*sign > 0) {
					best = v
				}
			}
			return best, nil
		}))
	}
	extremes("array_max", "the greatest element that is not NULL", "array_max(ARRAY[1,3,2]) => 3", 1)
	extremes("array_min", "the least element that is not NULL", "array_min(ARRAY[2,1,3]) => 1", -1)
	defKSQL("array_sort(T[]) T[]", "sorted, NULLs last", "array_sort(ARRAY[2,NULL,1]) => {1,2,NULL}", elemRows(0, arraySort))
	defKSQL("array_sort(T[], text) T[]", "sorted, 'ASC' or 'DESC', NULLs last", "array_sort(ARRAY[1,NULL,2], 'DESC') => {2,1,NULL}", elemRows(0, arraySort))
	for _, args := range []string{"T[]", "T[], text"} {
		example := map[string]string{"T[]": "array_join(ARRAY[1,NULL]) => 1,null", "T[], text": "array_join(ARRAY['a','b'], '|') => a|b"}[args]
		defKSQL("array_join("+args+") text nullok", "the elements as one text, with a comma or a delimiter between", example, elemRows(0, arrayJoin))
	}
	defKSQL("slice(T[], int4, int4) T[] nullok", "the elements between two subscripts; NULL beyond the bounds, a NULL subscript is the end",
		"slice(ARRAY[5,6,7,8], 2, 3) => {6,7}", elemRows(0, func(elem types.Type, a []array, v []types.Value) (types.Value, error) {
			n := int64(len(a[0].vals))
			lo, hi := int64(0), n
			if !v[1].Null {
				lo = v[1].I - 1
			}
			if !v[2].Null {
				hi = v[2].I
			}
			if v[0].Null || lo < 0 || hi > n || lo > hi {
				return types.Null, nil
			}
			return encoded(elem, a[0].vals[lo:hi])
		}))
	for _, t := range []string{"int4", "int8"} {
		defKSQL("generate_series("+t+", "+t+") "+t+"[]", "the numbers from one to another, upwards or downwards", "generate_series(3, 1) => {3,2,1}", rows(arraySeries))
		defKSQL("generate_series("+t+", "+t+", int4) "+t+"[]", "the numbers from one to another, with a step", "generate_series(0, 5, 2) => {0,2,4}", rows(arraySeries))
	}
}

func arraySort(elem types.Type, a []array, v []types.Value) (types.Value, error) {
	sign := 1
	if len(v) > 1 {
		switch strings.ToUpper(string(v[1].Bytes)) {
		case "ASC", "ASCENDING":
		case "DESC", "DESCENDING":
			sign = -1
		default:
			return types.Null, nil
		}
	}
	vals := slices.Clone(a[0].vals)
	slices.SortStableFunc(vals, func(x, y types.Value) int {
		switch {
		case x.Null && y.Null:
			return 0
		case x.Null:
			return 1
		case y.Null:
			return -1
		}
		return types.Compare(elem, x, y) * sign
	})
	return encoded(elem, vals)
}

func arrayJoin(elem types.Type, a []array, v []types.Value) (types.Value, error) {
	switch elem.Kind {
	case types.Array, types.Map, types.Record:
		return types.Null, pgerr.New(pgerr.DatatypeMismatch, "array_join takes an array of simple values, not of %s", elem)
	}
	if v[0].Null {
		return types.Null, nil
	}
	delim := []byte(",")
	if len(v) > 1 {
		delim = v[1].Bytes
	}
	var out []byte
	for i, e := range a[0].vals {
		if i > 0 {
			out = append(out, delim...)
		}
		out = appendKSQLPart(out, elem, e)
	}
	return types.BytesValue(out), nil
}

// seriesMax bounds the elements of generate_series, as arrays are bounded.
const seriesMax = 1 << 24

func arraySeries(_ *row, v []types.Value) (types.Value, error) {
	from, to, step := v[0].I, v[1].I, int64(1)
	if from > to {
		step = -1
	}
	if len(v) > 2 {
		step = v[2].I
	}
	if step == 0 || step > 0 && from > to || step < 0 && from < to {
		return types.Null, pgerr.New(pgerr.InvalidParameterValue, "the step of generate_series is zero or has the wrong sign")
	}
	var dist, by uint64
	if step > 0 {
		dist, by = uint64(to)-uint64(from), uint64(step)
	} else {
		dist, by = uint64(from)-uint64(to), -uint64(step)
	}
	if dist/by >= seriesMax {
		return types.Null, pgerr.New(pgerr.ProgramLimitExceeded, "generate_series gives at most %d elements here", seriesMax)
	}
	vals := make([]types.Value, dist/by+1)
	for i := range vals {
		vals[i] = types.IntValue(from + int64(i)*step)
	}
	return types.BytesValue(types.AppendArray(nil, types.T(types.Int8), nil, vals)), nil
}
