package operators

import (
	"bytes"
	"math"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// sameRows clears same[i] where a and b, vectors of one class, are not written the same in row i. Equal values of
// different form (1.0 and 1.00) are not the same: their text differs.
func sameRows(a, b batch.Vec, same []bool) {
	for i := range same {
		if same[i] {
			an, bn := a.NullMap().Has(i), b.NullMap().Has(i)
			same[i] = an == bn && (an || sameValue(a, b, i))
		}
	}
}

func sameValue(a, b batch.Vec, i int) bool {
	switch a := a.(type) {
	case *batch.Bools:
		return a.V[i] == b.(*batch.Bools).V[i]
	case *batch.Ints:
		return a.V[i] == b.(*batch.Ints).V[i]
	case *batch.Floats:
		return math.Float64bits(a.V[i]) == math.Float64bits(b.(*batch.Floats).V[i])
	case *batch.Decs:
		return sameDec(a.V[i], b.(*batch.Decs).V[i])
	case *batch.Spans:
		return a.V[i] == b.(*batch.Spans).V[i]
	case *batch.Bytes:
		return bytes.Equal(a.At(i), b.(*batch.Bytes).At(i))
	}
	panic("operators: unknown vector")
}

func sameDec(a, b types.Dec) bool { return a.Scale() == b.Scale() && a.Cmp(b) == 0 }
