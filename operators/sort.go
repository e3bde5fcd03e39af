package operators

import (
	"bytes"
	"math"
	"slices"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/operators/rowkey"
)

// sortRows is ORDER BY, LIMIT and OFFSET of a pull query: it collects its input and emits it once, in order, at Flush.
// This is the one operator whose output has an order: batch after batch, row after row. Ties are broken as by topN, so
// that a query answers the same in any mode. Without an order it only cuts, and keeps the order of arrival where it can.
//
// Law:   out = the rows of Σ in at positions offset, …, offset+limit-1 of the order; a row of weight n takes n positions.
// Table: none: a pull query lives for one tick.
// Bound: the input, in memory.
type sortRows struct {
	ts            []types.Type
	order         *rowkey.Order // nil: none
	limit, offset int64
	in            []*batch.Batch
	mixed         bool // there were weights of 0 or below
}

// NewSort returns an operator that sorts rows of types ts and cuts them; limit -1: none.
func NewSort(ts []types.Type, order []SortKey, limit, offset int64) Operator {
	o := &sortRows{ts: ts, limit: limit, offset: offset}
	if limit < 0 {
		o.limit = math.MaxInt64
	}
	if len(order) > 0 {
		o.order = rowkey.NewOrder(ts, order)
	}
	return o
}

func (o *sortRows) Push(_ int, in *batch.Batch, _ Emitter) error {
	if in.Rows() == 0 {
		return nil
	}
	for _, w := range in.Weights {
		o.mixed = o.mixed || w <= 0
	}
	o.in = append(o.in, in)
	return nil
}

func (o *sortRows) Flush(_ Tick, out Emitter) error {
	in := o.in
	o.in = nil
	if len(in) == 0 {
		return nil
	}
	if o.mixed {
		in = []*batch.Batch{batch.Consolidate(o.ts, in...)}
		o.mixed = false
	}
	all := batch.Concat(in)
	if o.order == nil {
		return o.cut(all, nil, out)
	}
	return o.cut(all, o.sorted(all), out)
}

// sorted returns the row numbers in order. Keys of all rows lie in one buffer; a row's first eight bytes are compared as
// a number, which mostly decides.
func (o *sortRows) sorted(b *batch.Batch) []int32 {
	type place struct {
		head uint64
		row  int32
	}
	n := b.Rows()
	var data []byte
	ends := make([]int, n+1)
	rows := make([]place, n)
	for i := range n {
		data = o.order.Append(data, b.Cols, i)
		ends[i+1] = len(data)
		rows[i] = place{head(data[ends[i]:]), int32(i)}
	}
	slices.SortFunc(rows, func(x, y place) int {
		if x.head != y.head {
			if x.head < y.head {
				return -1
			}
			return 1
		}
		if c := bytes.Compare(data[ends[x.row]:ends[x.row+1]], data[ends[y.row]:ends[y.row+1]]); c != 0 {
			return c
		}
		return int(x.row) - int(y.row)
	})
	out := make([]int32, n)
	for i, p := range rows {
		out[i] = p.row
	}
	return out
}

// head returns the first eight bytes of key as a big-endian number, zeros behind its end.
func head(key []byte) uint64 {
	var u uint64
	for i := range 8 {
		u <<= 8
		if i < len(key) {
			u |= uint64(key[i])
		}
	}
	return u
}

// cut emits the rows of b (all in place, if rows is nil) at the wanted positions.
func (o *sortRows) cut(b *batch.Batch, rows []int32, out Emitter) error {
	skip, take := o.offset, o.limit
	var sel []int32
	var weights []int64
	for i, k := 0, 0; i < b.Rows() && take > 0; i++ {
		if k = i; rows != nil {
			k = int(rows[i])
		}
		n := b.Weights[k]
		passed := min(n, skip)
		skip -= passed
		if n = min(n-passed, take); n <= 0 {
			continue
		}
		take -= n
		sel, weights = append(sel, int32(k)), append(weights, n)
		if len(sel) == batch.RowsMax {
			if err := emitWeighted(b, sel, weights, out); err != nil {
				return err
			}
			sel, weights = nil, nil
		}
	}
	if len(sel) == 0 {
		return nil
	}
	return emitWeighted(b, sel, weights, out)
}

func emitWeighted(b *batch.Batch, sel []int32, weights []int64, out Emitter) error {
	picked := &batch.Batch{Cols: make([]batch.Vec, len(b.Cols)), Weights: weights}
	for i, v := range b.Cols {
		picked.Cols[i] = batch.Gather(v, sel)
	}
	return out.Emit(picked)
}
