package operators

import (
	"bytes"
	"math"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// sameHalves clears same[i] where rows i and len(same)+i of v are not written the same. Equal values of different form
// (1.0 and 1.00) are not the same: their text differs.
func sameHalves(v batch.Vec, same []bool) {
	n := len(same)
	nulls := v.NullMap()
	for i := range same {
		if same[i] {
			was, is := nulls.Has(i), nulls.Has(n+i)
			same[i] = was == is && (was || sameValue(v, i, n+i))
		}
	}
}

func sameValue(v batch.Vec, i, j int) bool {
	switch v := v.(type) {
	case *batch.Bools:
		return v.V[i] == v.V[j]
	case *batch.Ints:
		return v.V[i] == v.V[j]
	case *batch.Floats:
		return math.Float64bits(v.V[i]) == math.Float64bits(v.V[j])
	case *batch.Decs:
		return sameDec(v.V[i], v.V[j])
	case *batch.Spans:
		return v.V[i] == v.V[j]
	case *batch.Bytes:
		return bytes.Equal(v.At(i), v.At(j))
	}
	panic("operators: unknown vector")
}

func sameDec(a, b types.Dec) bool { return a.Scale() == b.Scale() && a.Cmp(b) == 0 }
