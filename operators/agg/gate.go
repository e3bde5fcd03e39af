package agg

import (
	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// gate turns changes of a multiset of values into changes of the set of different values: for DISTINCT. It lets +1
// through when a value's weight becomes positive and -1 when it no longer is.
type gate struct {
	multiset
	t     types.Type
	exact bool
	in    *feed // filtered and without NULLs
	out   *batch.Builder
	slots []int32
	key   []byte
	form  []byte
	one   []batch.Vec
}

func newGate(t types.Type, in *feed) *gate {
	return &gate{t: t, exact: t.Canonical(), in: in, out: batch.NewBuilder([]types.Type{t}), one: make([]batch.Vec, 1)}
}

// fill points f, the feed behind the gate, at the changes that the gate's input makes.
func (g *gate) fill(f *feed) error {
	col := f.key.notNull
	v := g.in.cols[col]
	g.one[0] = v
	g.slots = g.slots[:0]
	for i, s := range g.in.slots {
		n := g.in.w.W[i]
		if n == 0 {
			continue
		}
		if err := g.row(s, v, i, n); err != nil {
			return err
		}
	}
	b := g.out.Seal()
	f.slots, f.w = g.slots, Weights{W: b.Weights}
	if len(f.cols) <= col {
		f.cols = make([]batch.Vec, col+1)
	}
	f.cols[col] = b.Cols[0]
	return nil
}

func (g *gate) row(slot int32, v batch.Vec, i int, n int64) error {
	g.key = batch.AppendKey(appendSlot(g.key[:0], slot), g.t, v, i)
	if !g.exact {
		g.form = batch.AppendRow(g.form[:0], g.one, i)
	}
	before, after, kept := g.change(g.key, n, g.form)
	if (before > 0) == (after > 0) {
		return nil
	}
	g.slots = append(g.slots, slot)
	if g.exact {
		g.out.Col(0).AppendFrom(v, i)
	} else if err := batch.DecodeRow(kept, g.out, 0); err != nil {
		return err
	}
	if after > 0 {
		g.out.Weight(1)
	} else {
		g.out.Weight(-1)
	}
	return nil
}

// capture gives nothing: what aggregates behind the gate need is in their words.
func (g *gate) capture(dst []byte, _ int32) []byte { return dst }
