package agg

import (
	"bytes"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// extreme is min and max where words do not do: under retraction it keeps every value, else only the best so far.
type extreme struct {
	multiset
	feed  int
	col   int
	t     types.Type
	max   bool
	only  bool // append-only: keep just the best
	exact bool
	key   []byte
	form  []byte
	one   []batch.Vec
}

func (x *extreme) update(f *feed) error {
	v := f.cols[x.col]
	x.one[0] = v
	for i, s := range f.slots {
		n := f.w.W[i]
		if n == 0 {
			continue
		}
		x.key = batch.AppendKey(appendSlot(x.key[:0], s), x.t, v, i)
		if !x.exact {
			x.form = batch.AppendRow(x.form[:0], x.one, i)
			x.key = append(x.key, x.form...)
		}
		if x.only {
			x.keepBest(s)
			continue
		}
		x.change(x.key, n, x.form)
	}
	return nil
}

// keepBest replaces the slot's one entry by x.key if that is better.
func (x *extreme) keepBest(slot int32) {
	best, _, ok := x.find(slot)
	if ok {
		if c := bytes.Compare(x.key, best); c == 0 || (c > 0) != x.max {
			return
		}
		x.table.Delete(append([]byte(nil), best...))
	}
	x.change(x.key, 1, x.form)
}

// find returns the key and the form of the best value. Values whose weight is below 0 within a tick do not count.
func (x *extreme) find(slot int32) (key, form []byte, ok bool) {
	var prefix [4]byte
	visit := func(k, v []byte) bool {
		w, f := splitWeight(v)
		if w <= 0 {
			return true
		}
		key, form, ok = k, f, true
		return false
	}
	if x.max {
		x.table.Descend(appendSlot(prefix[:0], slot), visit)
	} else {
		x.table.Ascend(appendSlot(prefix[:0], slot), visit)
	}
	return key, form, ok
}

// capture gives the best value: its form, or the key of an exact type. Nothing for none.
func (x *extreme) capture(dst []byte, slot int32) []byte {
	key, form, ok := x.find(slot)
	switch {
	case !ok:
		return dst
	case x.exact:
		return append(dst, key[4:]...)
	}
	return append(dst, form...)
}

func (x *extreme) read(part []byte, bl *batch.Builder, col int) error {
	switch {
	case len(part) == 0:
		bl.Col(col).AppendNull()
		return nil
	case x.exact:
		v, _, err := types.DecodeKey(part, x.t)
		if err == nil {
			bl.Col(col).AppendValue(v)
		}
		return err
	}
	return batch.DecodeRow(part, bl, col)
}

func newExtreme(t types.Type, feed, col int, isMax, appendOnly bool) *extreme {
	return &extreme{feed: feed, col: col, t: t, max: isMax, only: appendOnly, exact: t.Canonical(), one: make([]batch.Vec, 1)}
}

func (x *extreme) feedIndex() int { return x.feed }
