package agg

import (
	"streamsql/internal/batch"
)

// Weights says how often each row of a batch counts.
type Weights struct {
	W    []int64
	Ones bool // all are +1
}

// WeightsOf looks at a batch's weights once.
func WeightsOf(w []int64) Weights {
	var diff int64
	for _, x := range w {
		diff |= x ^ 1
	}
	return Weights{W: w, Ones: diff == 0}
}

// feedKey names the rows an aggregate sees.
type feedKey struct {
	filter   int  // boolean column that must be true, or -1
	notNull  int  // column that must not be NULL, or -1
	distinct bool // each different value of column notNull once
}

// feed is one such selection and its current batch. Where distinct is not set it is the whole batch with some weights
// set to 0; else the changes of the set of different values, made by a gate.
type feed struct {
	key  feedKey
	gate *gate // for distinct

	slots []int32
	cols  []batch.Vec // by input column; a gate's feed has only the argument's
	w     Weights
	buf   []int64
}

// fill points the feed at the next batch.
func (f *feed) fill(slots []int32, cols []batch.Vec, w Weights) {
	f.slots, f.cols, f.w = slots, cols, w
	var nulls batch.Nulls
	if f.key.notNull >= 0 {
		nulls = cols[f.key.notNull].NullMap()
	}
	if f.key.filter < 0 && !nulls.Any(len(slots)) {
		return
	}
	f.buf = append(f.buf[:0], w.W...)
	if f.key.filter >= 0 {
		pass := cols[f.key.filter].(*batch.Bools)
		for i, ok := range pass.V[:len(slots)] {
			if !ok || pass.N.Has(i) {
				f.buf[i] = 0
			}
		}
	}
	if nulls != nil {
		for i := range f.buf {
			if nulls.Has(i) {
				f.buf[i] = 0
			}
		}
	}
	f.w = Weights{W: f.buf}
}

// release lets go of the batch.
func (f *feed) release() { f.slots, f.cols, f.w = nil, nil, Weights{} }
