package operators

import (
	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// expand repeats each row once per grouping set. Behind the input's columns stand the grouping columns again, NULL where
// the set does not have them, then the set's number (bigint). One aggregation over it, grouping by those and the number,
// does the work of all sets: there is one state, and what is below it is computed once.
//
// Law:   out = for each set s, the rows of in with the grouping columns of s and the number of s.
// Table: none.
// Bound: none needed; the vectors of the input are shared by all sets.
type expand struct {
	in   []types.Type
	cols []int
	sets [][]bool
}

// NewExpand returns an operator that repeats rows of types in for grouping sets; sets say for each of cols whether it is in.
func NewExpand(in []types.Type, cols []int, sets [][]bool) Operator {
	return &expand{in: in, cols: cols, sets: sets}
}

func (o *expand) Push(_ int, in *batch.Batch, out Emitter) error {
	n := in.Rows()
	if n == 0 {
		return nil
	}
	nulls := make([]batch.Vec, len(o.cols))
	for s, set := range o.sets {
		b := &batch.Batch{Cols: append(make([]batch.Vec, 0, len(in.Cols)+len(set)+1), in.Cols...), Weights: in.Weights}
		for i, has := range set {
			v := in.Cols[o.cols[i]]
			if !has {
				if nulls[i] == nil {
					nulls[i] = batch.Const(o.in[o.cols[i]], types.Null, n)
				}
				v = nulls[i]
			}
			b.Cols = append(b.Cols, v)
		}
		b.Cols = append(b.Cols, batch.Const(types.T(types.Int8), types.IntValue(int64(s)), n))
		if err := out.Emit(b); err != nil {
			return err
		}
	}
	return nil
}

func (o *expand) Flush(Tick, Emitter) error { return nil }
