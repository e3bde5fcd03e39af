package operators

import (
	"bytes"
	"errors"
	"fmt"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/operators/rowkey"
	"streamsql/state"
)

// tableLookup is ksqlDB's join of a stream with a table: each row of the stream meets the table as it is at the end of the
// row's tick, and what has come out is never taken back. Port 0 is the stream, port 1 the table.
//
// Law:   out = Σ over ticks t of (stream rows of t joined with Σ table up to t).
// Table: rows: key, row -> Σ weight of the table's rows.
// Bound: the table's rows.
type tableLookup struct {
	left, right [2]int // width, key column
	outer       bool
	codecs      [2]*rowkey.Codec
	rows        *weightTable
	nulls       []byte         // a table's row of NULLs
	waiting     []*batch.Batch // the stream's rows of this tick
	out         *batch.Builder
	buf         []byte
}

// NewTableLookup returns the join of a stream with a table; LeftTime to Grace of c do not count.
func NewTableLookup(c StreamJoinConfig, sp *state.Space) (Operator, error) {
	if !sameKeys(c.Left[c.LeftKey], c.Right[c.RightKey]) {
		return nil, fmt.Errorf("table lookup: the key compares %s with %s", c.Left[c.LeftKey], c.Right[c.RightKey])
	}
	rows, err := openWeights(sp, "rows")
	if err != nil {
		return nil, fmt.Errorf("table lookup: open state: %w", err)
	}
	o := &tableLookup{left: [2]int{len(c.Left), c.LeftKey}, right: [2]int{len(c.Right), c.RightKey}, outer: c.LeftOuter, rows: rows,
		codecs: [2]*rowkey.Codec{rowkey.NewCodec(c.Left, []int{c.LeftKey}), rowkey.NewCodec(c.Right, []int{c.RightKey})}, nulls: batch.AppendRow(nil, make([]batch.Vec, len(c.Right)), 0)}
	o.out = batch.NewBuilder(append(append([]types.Type(nil), c.Left...), c.Right...))
	return o, nil
}

// Push implements Operator.
func (o *tableLookup) Push(port int, in *batch.Batch, _ Emitter) error {
	if port == 0 {
		o.waiting = append(o.waiting, in)
		return nil
	}
	vecs := o.codecs[1].Vecs(in)
	for i, w := range in.Weights {
		if w == 0 || in.Cols[o.right[1]].NullMap().Has(i) {
			continue
		}
		o.buf = o.codecs[1].Append(o.buf[:0], vecs, i)
		n := len(o.buf)
		o.buf = batch.AppendRow(o.buf, in.Cols, i)
		o.rows.add(append(append([]byte(nil), o.buf[:n]...), o.buf[n:]...), w, o.buf[n:])
	}
	return nil
}

// Flush implements Operator.
func (o *tableLookup) Flush(_ Tick, out Emitter) error {
	if err := o.rows.check("table lookup"); err != nil {
		return err
	}
	for _, in := range o.waiting {
		if err := o.join(in, out); err != nil {
			return err
		}
	}
	o.waiting = nil
	if o.out.Len() == 0 {
		return nil
	}
	return out.Emit(o.out.Seal())
}

func (o *tableLookup) join(in *batch.Batch, out Emitter) error {
	vecs := o.codecs[0].Vecs(in)
	for i, w := range in.Weights {
		if w < 0 {
			return fmt.Errorf("table lookup: a retraction (weight %d) came from the stream", w)
		}
		if w == 0 || in.Cols[o.left[1]].NullMap().Has(i) {
			continue
		}
		o.buf = batch.AppendRow(o.buf[:0], in.Cols, i)
		if err := o.row(o.codecs[0].Append(nil, vecs, i), w); err != nil {
			return err
		}
		if o.out.Len() >= batch.RowsMax/2 {
			if err := out.Emit(o.out.Seal()); err != nil {
				return err
			}
		}
	}
	return nil
}

// row joins the stream's row in buf with the table's rows of its key.
func (o *tableLookup) row(key []byte, w int64) error {
	found := false
	var err error
	o.rows.Ascend(key, func(k, v []byte) bool {
		n, row := splitWeight(v)
		if !bytes.Equal(k[len(key):], row) {
			return true // another key that begins alike
		}
		found = true
		if err = batch.DecodeRow(o.buf, o.out, 0); err == nil {
			err = batch.DecodeRow(row, o.out, o.left[0])
		}
		o.out.Weight(w * n)
		return err == nil
	})
	if err != nil {
		return fmt.Errorf("table lookup: read row: %w", err)
	}
	if found || !o.outer {
		return nil
	}
	if err := errors.Join(batch.DecodeRow(o.buf, o.out, 0), batch.DecodeRow(o.nulls, o.out, o.left[0])); err != nil {
		return fmt.Errorf("table lookup: read row: %w", err)
	}
	o.out.Weight(w)
	return nil
}
