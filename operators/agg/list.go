package agg

import (
	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/operators/rowkey"
)

// list is array_agg, string_agg and the aggregates that fold all values (fold.go and its kin): the multiset of a group's
// values in ORDER BY order, equal places by value, so that the result does not depend on the order of arrival. Without
// ORDER BY that is the order of the values.
//
//	slot, order keys, argument keys, (forms) -> Σ weight, arguments
type list struct {
	multiset
	feed     int
	args     []int
	argTypes []types.Type
	order    []rowkey.SortKey
	in       []types.Type
	distinct bool
	exact    bool
	text     bool               // string_agg
	limit    int64              // only so many values count, the first (last: the last) ones; 0: all
	last     bool               // the fold gets the values from the last to the first
	trim     bool               // nothing is ever retracted: values beyond the limit are not kept
	grown    map[int32]struct{} // with trim: the slots that got values in this tick
	row      bool               // the fold gives a value in row encoding, not in the forms of readFold
	fold     fold               // makes the result; nil for array_agg and string_agg
	result   types.Type
	zero     []byte // what no rows give, if that is not NULL
	key      []byte
	form     []byte
	vecs     []batch.Vec
}

func newList(spec *Spec, in []types.Type, feed int) *list {
	l := &list{feed: feed, args: spec.Args, order: spec.Order, in: in, distinct: spec.Distinct, exact: true,
		text: spec.Agg.Name == "string_agg", vecs: make([]batch.Vec, len(spec.Args))}
	for _, a := range spec.Args {
		l.argTypes = append(l.argTypes, in[a])
		l.exact = l.exact && in[a].Canonical()
	}
	return l
}

func (l *list) feedIndex() int { return l.feed }

func (l *list) update(f *feed) error {
	for i, a := range l.args {
		l.vecs[i] = f.cols[a]
	}
	for i, s := range f.slots {
		n := f.w.W[i]
		if n == 0 {
			continue
		}
		l.key = appendSlot(l.key[:0], s)
		for _, k := range l.order {
			l.key = rowkey.AppendOrdered(l.key, k, l.in[k.Col], f.cols[k.Col], i)
		}
		for j, a := range l.args {
			l.key = rowkey.AppendOrdered(l.key, rowkey.SortKey{}, l.argTypes[j], f.cols[a], i)
		}
		l.form = batch.AppendRow(l.form[:0], l.vecs, i)
		if !l.exact && !l.distinct {
			l.key = append(l.key, l.form...)
		}
		l.change(l.key, n, l.form)
		if l.trim {
			l.grown[s] = struct{}{}
		}
	}
	return nil
}

// check also lets go of the values that no result can need any more.
func (l *list) check() error {
	for s := range l.grown {
		l.cut(s)
	}
	clear(l.grown)
	return l.multiset.check()
}

// cut deletes a slot's values beyond the limit.
func (l *list) cut(slot int32) {
	var beyond [][]byte
	take := l.limit
	visit := func(k, v []byte) bool {
		if take <= 0 {
			beyond = append(beyond, append([]byte(nil), k...))
			return true
		}
		n, _ := splitWeight(v)
		if l.distinct {
			n = 1
		}
		take -= n
		return true
	}
	if l.last {
		l.table.Descend(appendSlot(nil, slot), visit)
	} else {
		l.table.Ascend(appendSlot(nil, slot), visit)
	}
	for _, k := range beyond {
		l.table.Delete(k)
	}
}

// The first byte of what capture gives.
const (
	listEmpty = 0
	listFull  = 1
	listError = 2
)

func (l *list) capture(dst []byte, slot int32) []byte {
	bl := batch.NewBuilder(l.argTypes)
	take := l.limit
	var bad error
	visit := func(_, v []byte) bool {
		n, form := splitWeight(v)
		if l.distinct {
			n = min(n, 1)
		}
		if l.limit > 0 {
			n = min(n, take)
			take -= max(n, 0)
		}
		if n > 0 {
			bad = batch.DecodeRow(form, bl, 0)
			bl.Weight(n)
		}
		return bad == nil && (l.limit == 0 || take > 0)
	}
	if l.last {
		l.table.Descend(appendSlot(nil, slot), visit)
	} else {
		l.table.Ascend(appendSlot(nil, slot), visit)
	}
	if bad != nil {
		panic("agg: broken state of a list: " + bad.Error())
	}
	b := bl.Seal()
	if b.Rows() == 0 {
		if l.zero != nil {
			return append(dst, l.zero...)
		}
		return append(dst, listEmpty)
	}
	if l.fold != nil {
		return l.fold(dst, b)
	}
	dst = append(dst, listFull)
	if l.text {
		return l.join(dst, b)
	}
	return types.AppendArray(dst, l.argTypes[0], nil, repeated(b, 0))
}

// repeated lists the values of a column, each as often as its weight says.
func repeated(b *batch.Batch, col int) []types.Value {
	var vals []types.Value
	for i, n := range b.Weights {
		v := batch.ValueAt(b.Cols[col], i)
		for range n {
			vals = append(vals, v)
		}
	}
	return vals
}

// join appends the texts, each but the first after its own delimiter.
func (l *list) join(dst []byte, b *batch.Batch) []byte {
	first := true
	for i, n := range b.Weights {
		for range n {
			if !first {
				dst = append(dst, batch.ValueAt(b.Cols[1], i).Bytes...)
			}
			first = false
			dst = append(dst, batch.ValueAt(b.Cols[0], i).Bytes...)
		}
	}
	return dst
}

func (l *list) read(part []byte, bl *batch.Builder, col int) error {
	switch {
	case l.row && part[0] == listFull:
		return batch.DecodeRow(part[1:], bl, col)
	case l.fold != nil:
		return readFold(part, l.result, bl, col)
	}
	if part[0] == listEmpty {
		bl.Col(col).AppendNull()
	} else {
		bl.Col(col).AppendBytes(part[1:])
	}
	return nil
}
