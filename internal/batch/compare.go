package batch

import (
	"bytes"
	"cmp"
	"math"

	"streamsql/internal/types"
)

// CompareAt orders row i of v and row j of w, both of type t: types.Compare, NULL last and equal to NULL. A nil vector
// is all NULL.
func CompareAt(t *types.Type, v Vec, i int, w Vec, j int) int {
	n1, n2 := v == nil || v.NullMap().Has(i), w == nil || w.NullMap().Has(j)
	if n1 || n2 {
		return compareBool(n1, n2)
	}
	switch v := v.(type) {
	case *Ints:
		return cmp.Compare(v.V[i], w.(*Ints).V[j])
	case *Bytes:
		return types.CompareBytes(t, v.At(i), w.(*Bytes).At(j))
	case *Floats:
		return types.CompareFloat(v.V[i], w.(*Floats).V[j])
	case *Bools:
		return compareBool(v.V[i], w.(*Bools).V[j])
	case *Decs:
		return cmp.Compare(v.V[i].Cmp(w.(*Decs).V[j]), 0)
	case *Spans:
		return v.V[i].Cmp(w.(*Spans).V[j])
	}
	panic("batch: unknown vector")
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// EqualAt reports whether CompareAt gives 0: NULL equals NULL.
func EqualAt(t *types.Type, v Vec, i int, w Vec, j int) bool {
	if a, ok := v.(*Bytes); ok && t.Canonical() {
		b, ok := w.(*Bytes)
		if ok && a.N == nil && b.N == nil {
			return bytes.Equal(a.At(i), b.At(j))
		}
	}
	return CompareAt(t, v, i, w, j) == 0
}

// compareForm orders two equal values, both of one column and not NULL, by how they are written: 1.0 before 1.00.
func compareForm(v Vec, i, j int) int {
	switch v := v.(type) {
	case *Floats:
		return cmp.Compare(math.Float64bits(v.V[i]), math.Float64bits(v.V[j]))
	case *Decs:
		return cmp.Compare(v.V[i].Scale(), v.V[j].Scale())
	case *Spans:
		a, b := v.V[i], v.V[j]
		return cmp.Or(cmp.Compare(a.Months, b.Months), cmp.Compare(a.Days, b.Days), cmp.Compare(a.Micros, b.Micros))
	case *Bytes:
		return bytes.Compare(v.At(i), v.At(j))
	}
	return 0
}
