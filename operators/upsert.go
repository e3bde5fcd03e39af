package operators

import (
	"bytes"
	"fmt"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/operators/rowkey"
	"streamsql/state"
)

// upsert turns a keyed changelog into weighted changes. It is the only operator to which the order of its input counts.
// A row of positive weight replaces the row of its key, one of negative weight deletes that of its key (its other columns
// do not matter). The number of a weight does not count, and a row that changes nothing emits nothing.
//
// Law:   out = for each key the last row that came, unless that was a delete.
// Table: rows: key -> row encoding.
// Bound: the number of keys.
type upsert struct {
	ts    []types.Type
	key   []int
	codec *rowkey.Codec
	rows  *state.Table
	out   *batch.Builder

	keyBuf, rowBuf []byte
}

// NewUpsert returns an upsert of rows of types ts by the key columns.
func NewUpsert(ts []types.Type, key []int, sp *state.Space) (Readable, error) {
	t, err := sp.Table("rows")
	if err != nil {
		return nil, fmt.Errorf("upsert: open state: %w", err)
	}
	return &upsert{ts: ts, key: key, codec: rowkey.NewCodec(ts, key), rows: t, out: batch.NewBuilder(ts)}, nil
}

func (o *upsert) Push(_ int, in *batch.Batch, out Emitter) error {
	wanted := out.Wanted()
	vecs := o.codec.Vecs(in)
	for i, w := range in.Weights {
		if w == 0 {
			continue
		}
		o.keyBuf = o.codec.Append(o.keyBuf[:0], vecs, i)
		old, had := o.rows.Get(o.keyBuf)
		if w > 0 {
			o.rowBuf = batch.AppendRow(o.rowBuf[:0], in.Cols, i)
			if had && bytes.Equal(old, o.rowBuf) {
				continue
			}
		}
		if had && wanted {
			if err := batch.DecodeRow(old, o.out, 0); err != nil {
				return fmt.Errorf("upsert: read row: %w", err)
			}
			o.out.Weight(-1)
		}
		if w > 0 {
			o.rows.Put(o.keyBuf, o.rowBuf)
			if wanted {
				o.out.AppendRow(1, in, i)
			}
		} else if had {
			o.rows.Delete(o.keyBuf)
		}
		if o.out.Len() >= batch.RowsMax-1 {
			if err := out.Emit(o.out.Seal()); err != nil {
				return err
			}
		}
	}
	if o.out.Len() == 0 {
		return nil
	}
	return out.Emit(o.out.Seal())
}

func (o *upsert) Flush(Tick, Emitter) error { return nil }

func (o *upsert) Rows(emit func(*batch.Batch) error) error {
	return emitAscending(o.rows, nil, o.ts, emit, func(_, v []byte, bl *batch.Builder) error {
		err := batch.DecodeRow(v, bl, 0)
		bl.Weight(1)
		return err
	})
}

func (o *upsert) Key() []int { return o.key }

func (o *upsert) Lookup(key []types.Value, emit func(*batch.Batch) error) error {
	row, ok := o.rows.Get(o.codec.Append(nil, o.codec.VecsOf(key), 0))
	if !ok {
		return nil
	}
	bl := batch.NewBuilder(o.ts)
	if err := batch.DecodeRow(row, bl, 0); err != nil {
		return fmt.Errorf("upsert: read row: %w", err)
	}
	bl.Weight(1)
	return emit(bl.Seal())
}

// emitAscending builds rows of types ts from the entries of t with prefix, in batches of at most batch.RowsMax rows. row
// appends one entry's row with its weight, or nothing.
func emitAscending(t *state.Table, prefix []byte, ts []types.Type, emit func(*batch.Batch) error,
	row func(key, value []byte, bl *batch.Builder) error) error {
	bl := batch.NewBuilder(ts)
	var err error
	t.Ascend(prefix, func(k, v []byte) bool {
		if err = row(k, v, bl); err == nil && bl.Len() >= batch.RowsMax {
			err = emit(bl.Seal())
		}
		return err == nil
	})
	if err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	if bl.Len() == 0 {
		return nil
	}
	return emit(bl.Seal())
}
