package operators

import (
	"encoding/binary"
	"fmt"

	"streamsql/internal/batch"
	"streamsql/internal/expr"
	"streamsql/internal/types"
	"streamsql/operators/rowkey"
	"streamsql/state"
)

// WindowCall is one call of a window function, or of an aggregate over a window.
type WindowCall struct {
	Func   string // the window function's name, where Agg is nil
	Agg    *expr.Agg
	Args   []int // input columns
	Filter int   // of an aggregate: boolean input column, or -1
	Result types.Type
	Frame  Frame
}

// OverConfig configures NewOver. The output is the input's columns, then one column per call.
type OverConfig struct {
	In          []types.Type
	PartitionBy []int
	Order       []SortKey
	Calls       []WindowCall
}

// over computes window functions. Rows that the order does not tell apart stand in the order of their other columns, so
// the result is a function of the input.
//
// Law:   out = each row of Σ in with what the calls give for it within its partition's rows; a row of weight n is n rows.
// Table: rows: partition (ordered encoding), order, other columns[, form] -> Σ weight, length of the partition part
// (varints), row encoding.
// Bound: the input; a tick computes the partitions that it touched, before and after, in memory.
//
// While somebody listens, the rows of a partition are read before the tick's first change to it and again at Flush; both
// are computed and the difference is emitted.
type over struct {
	c     OverConfig
	codec *rowkey.Codec
	order *rowkey.Order
	rows  *weightTable
	eval  *overEval
	out   []types.Type

	before       map[string]*batch.Batch // by partition, of this tick
	names        []string                // of before, in the order of their first change
	keyBuf, tail []byte
}

// NewOver returns a window operator. An aggregate function it does not have is 0A000.
func NewOver(c OverConfig, sp *state.Space) (Readable, error) {
	t, err := openWeights(sp, "rows")
	if err != nil {
		return nil, fmt.Errorf("over: open state: %w", err)
	}
	o := &over{c: c, codec: rowkey.NewCodec(c.In, nonNil(c.PartitionBy)), order: rowkey.NewOrder(c.In, c.Order), rows: t,
		before: map[string]*batch.Batch{}}
	if o.eval, err = newOverEval(&o.c); err != nil {
		return nil, err
	}
	o.out = append(append(o.out, c.In...), o.eval.out...)
	return o, nil
}

func (o *over) Push(_ int, in *batch.Batch, out Emitter) error {
	wanted := out.Wanted()
	vecs := o.codec.Vecs(in)
	for i, w := range in.Weights {
		if w == 0 {
			continue
		}
		o.keyBuf = o.codec.AppendPrefix(o.keyBuf[:0], vecs, i)
		if wanted && o.before[string(o.keyBuf)] == nil {
			rows, err := o.partition(o.keyBuf)
			if err != nil {
				return err
			}
			name := string(o.keyBuf)
			o.before[name] = rows
			o.names = append(o.names, name)
		}
		o.tail = binary.AppendUvarint(o.tail[:0], uint64(len(o.keyBuf)))
		o.tail = batch.AppendRow(o.tail, in.Cols, i)
		o.keyBuf = o.order.Append(o.keyBuf, in.Cols, i)
		o.rows.add(o.keyBuf, w, o.tail)
	}
	return nil
}

// partition reads the rows of a partition in order, each as often as it is there.
func (o *over) partition(name []byte) (*batch.Batch, error) {
	bl := batch.NewBuilder(o.c.In)
	var err error
	o.rows.Ascend(name, func(_, v []byte) bool {
		n, tail := splitWeight(v)
		_, width := binary.Uvarint(tail)
		for ; n > 0 && err == nil; n-- {
			err = batch.DecodeRow(tail[width:], bl, 0)
			bl.Weight(1)
		}
		return err == nil
	})
	if err != nil {
		return nil, fmt.Errorf("over: read row: %w", err)
	}
	return bl.Seal(), nil
}

// computed is the output for the rows of a partition.
func (o *over) computed(e *overEval, rows *batch.Batch) (*batch.Batch, error) {
	if rows.Rows() == 0 {
		return nil, nil
	}
	vecs, err := e.results(rows)
	if err != nil {
		return nil, fmt.Errorf("over: %w", err)
	}
	return &batch.Batch{Cols: append(append([]batch.Vec(nil), rows.Cols...), vecs...), Weights: rows.Weights}, nil
}

func (o *over) Flush(_ Tick, out Emitter) error {
	if err := o.rows.check("over"); err != nil {
		return err
	}
	for _, name := range o.names {
		if err := o.diff(name, out); err != nil {
			return err
		}
	}
	clear(o.before)
	o.names = o.names[:0]
	return nil
}

// diff emits what the tick changed in a partition's output.
func (o *over) diff(name string, out Emitter) error {
	now, err := o.partition([]byte(name))
	if err != nil {
		return err
	}
	var both []*batch.Batch
	for i, rows := range []*batch.Batch{o.before[name], now} {
		b, err := o.computed(o.eval, rows)
		if err != nil {
			o.eval, _ = newOverEval(&o.c) // what is in the old one is of no use
			return err
		}
		if b == nil {
			continue
		}
		if i == 0 {
			b = b.Negate()
		}
		both = append(both, b)
	}
	if len(both) == 0 {
		return nil
	}
	return emitSlices(batch.Consolidate(o.out, both...), out.Emit)
}

// emitSlices emits a batch in parts of at most batch.RowsMax rows.
func emitSlices(b *batch.Batch, emit func(*batch.Batch) error) error {
	for from := 0; from < b.Rows(); from += batch.RowsMax {
		if err := emit(b.Slice(from, min(from+batch.RowsMax, b.Rows()))); err != nil {
			return err
		}
	}
	return nil
}

func (o *over) Rows(emit func(*batch.Batch) error) error {
	e, err := newOverEval(&o.c)
	if err != nil {
		return err
	}
	for next := []byte(nil); ; {
		name, ok := firstPartition(o.rows, next)
		if !ok {
			return nil
		}
		if err := o.read(e, name, emit); err != nil {
			return err
		}
		if next = after(name); next == nil {
			return nil
		}
	}
}

func (o *over) read(e *overEval, name []byte, emit func(*batch.Batch) error) error {
	rows, err := o.partition(name)
	if err != nil {
		return err
	}
	b, err := o.computed(e, rows)
	if err != nil || b == nil {
		return err
	}
	return emitSlices(b, emit)
}

func (o *over) Key() []int { return o.c.PartitionBy }

func (o *over) Lookup(key []types.Value, emit func(*batch.Batch) error) error {
	e, err := newOverEval(&o.c)
	if err != nil {
		return err
	}
	return o.read(e, o.codec.AppendPrefix(nil, o.codec.VecsOf(key), 0), emit)
}
