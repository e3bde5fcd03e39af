package operators

import (
	"encoding/binary"
	"fmt"
	"math"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/operators/rowkey"
	"streamsql/state"
)

// SortKey is one column to order by.
type SortKey = rowkey.SortKey

// TopNConfig configures NewTopN.
type TopNConfig struct {
	In            []types.Type
	PartitionBy   []int // none: one partition
	Order         []SortKey
	Limit, Offset int64 // Limit -1: none
}

// topN keeps, per partition, the rows at positions offset, …, offset+limit-1 of the order. Ties are broken by the whole
// row (its other columns from left to right, ascending, NULL last), so the result is a function of the input.
//
// Law:   out = for each partition of Σ in, those rows; a row of weight n takes n positions.
// Table: rows: partition (ordered encoding), order, other columns[, form] -> Σ weight, length of the partition part
// (varints), row encoding.
// Bound: the input: under retraction any row may move up.
//
// While somebody listens, the part of a partition's order that decides its output is read before the tick's first change
// to it and again at Flush; the difference is emitted.
type topN struct {
	ts       []types.Type
	by       []int
	codec    *rowkey.Codec
	order    *rowkey.Order
	skip     int64 // the window that is watched: positions skip, …, skip+take-1
	take     int64
	inverted bool // the output is everything but the window (no limit)
	rows     *weightTable

	before       map[string]*window // by partition, of this tick
	names        []string           // of before, in the order of their first change
	keyBuf, tail []byte
}

// NewTopN returns a top-N operator, for views and push queries.
func NewTopN(c TopNConfig, sp *state.Space) (Readable, error) {
	if c.Limit < -1 || c.Offset < 0 {
		return nil, fmt.Errorf("top-n: limit %d, offset %d", c.Limit, c.Offset)
	}
	t, err := openWeights(sp, "rows")
	if err != nil {
		return nil, fmt.Errorf("top-n: open state: %w", err)
	}
	o := &topN{ts: c.In, by: c.PartitionBy, codec: rowkey.NewCodec(c.In, nonNil(c.PartitionBy)), rows: t,
		order: rowkey.NewOrder(c.In, c.Order), skip: c.Offset, take: c.Limit, before: map[string]*window{}}
	if c.Limit < 0 {
		o.skip, o.take, o.inverted = 0, c.Offset, true
	}
	return o, nil
}

func (o *topN) Push(_ int, in *batch.Batch, out Emitter) error {
	if in.Rows() == 0 {
		return nil
	}
	wanted := out.Wanted()
	vecs := o.codec.Vecs(in)
	for i, w := range in.Weights {
		if w == 0 {
			continue
		}
		o.keyBuf = o.codec.AppendPrefix(o.keyBuf[:0], vecs, i)
		if n := len(o.keyBuf); wanted {
			if _, ok := o.before[string(o.keyBuf)]; !ok {
				name := string(o.keyBuf)
				o.before[name] = o.window(o.keyBuf[:n], o.skip, o.take)
				o.names = append(o.names, name)
			}
		}
		o.tail = binary.AppendUvarint(o.tail[:0], uint64(len(o.keyBuf)))
		o.tail = batch.AppendRow(o.tail, in.Cols, i)
		o.keyBuf = o.order.Append(o.keyBuf, in.Cols, i)
		o.rows.add(o.keyBuf, w, o.tail)
	}
	if wanted && o.inverted {
		return out.Emit(in)
	}
	return nil
}

func (o *topN) Flush(_ Tick, out Emitter) error {
	if err := o.rows.check("top-n"); err != nil {
		return err
	}
	changes := &rowEmitter{bl: batch.NewBuilder(o.ts), emit: out.Emit}
	for _, name := range o.names {
		if err := o.diff(o.before[name], o.window([]byte(name), o.skip, o.take), changes); err != nil {
			return err
		}
	}
	clear(o.before)
	o.names = o.names[:0]
	return changes.end()
}

// window is a range of positions of a partition: entries in order.
type window struct{ entries []windowEntry }

type windowEntry struct {
	key, row []byte
	weight   int64 // how many of its positions lie in the window
}

// window reads the window of positions skip, …, skip+take-1 of a partition.
func (o *topN) window(partition []byte, skip, take int64) *window {
	w := &window{}
	o.visit(partition, skip, take, func(key, row []byte, n int64) bool {
		kept := append(append(make([]byte, 0, len(key)+len(row)), key...), row...)
		w.entries = append(w.entries, windowEntry{kept[:len(key)], kept[len(key):], n})
		return true
	})
	return w
}

// visit calls f for the rows of a window. Rows whose weight is not positive (within a tick) take no position.
func (o *topN) visit(partition []byte, skip, take int64, f func(key, row []byte, n int64) bool) {
	if take <= 0 {
		return
	}
	o.rows.Ascend(partition, func(k, v []byte) bool {
		n, tail := splitWeight(v)
		_, width := binary.Uvarint(tail)
		passed := min(max(n, 0), skip)
		skip -= passed
		n = min(n-passed, take)
		if n <= 0 {
			return true
		}
		take -= n
		return f(k, tail[width:], n) && take > 0
	})
}

// diff emits what changed between two windows, both in order, as a change of the output.
func (o *topN) diff(before, after *window, out *rowEmitter) error {
	old, now := before.entries, after.entries
	for len(old) > 0 || len(now) > 0 {
		var row []byte
		var n int64
		switch {
		case len(now) == 0 || len(old) > 0 && string(old[0].key) < string(now[0].key):
			row, n, old = old[0].row, -old[0].weight, old[1:]
		case len(old) == 0 || string(now[0].key) < string(old[0].key):
			row, n, now = now[0].row, now[0].weight, now[1:]
		default:
			row, n = now[0].row, now[0].weight-old[0].weight
			old, now = old[1:], now[1:]
		}
		if o.inverted {
			n = -n
		}
		if n == 0 {
			continue
		}
		if err := out.add(row, n); err != nil {
			return err
		}
	}
	return nil
}

func (o *topN) Rows(emit func(*batch.Batch) error) error {
	out := &rowEmitter{bl: batch.NewBuilder(o.ts), emit: emit}
	for next := []byte(nil); ; {
		partition, ok := firstPartition(o.rows, next)
		if !ok {
			return out.end()
		}
		if err := o.readPartition(partition, out); err != nil {
			return err
		}
		if next = after(partition); next == nil {
			return out.end()
		}
	}
}

// firstPartition returns a copy of the first partition whose rows' keys are not less than key; the entries hold the length
// of the partition part behind their weight.
func firstPartition(rows *weightTable, key []byte) (partition []byte, ok bool) {
	rows.AscendFrom(nil, key, func(k, v []byte) bool {
		_, tail := splitWeight(v)
		n, _ := binary.Uvarint(tail)
		partition, ok = append([]byte{}, k[:n]...), true
		return false
	})
	return partition, ok
}

// after returns the least key greater than all keys that begin with prefix; nil if there is none.
func after(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != math.MaxUint8 {
			out := append([]byte(nil), prefix[:i+1]...)
			out[i]++
			return out
		}
	}
	return nil
}

// readPartition emits the output rows of a partition.
func (o *topN) readPartition(partition []byte, out *rowEmitter) error {
	skip, take := o.skip, o.take
	if o.inverted {
		skip, take = o.take, math.MaxInt64
	}
	var err error
	o.visit(partition, skip, take, func(_, row []byte, n int64) bool {
		err = out.add(row, n)
		return err == nil
	})
	return err
}

func (o *topN) Key() []int { return o.by }

func (o *topN) Lookup(key []types.Value, emit func(*batch.Batch) error) error {
	out := &rowEmitter{bl: batch.NewBuilder(o.ts), emit: emit}
	if err := o.readPartition(o.codec.AppendPrefix(nil, o.codec.VecsOf(key), 0), out); err != nil {
		return err
	}
	return out.end()
}

// rowEmitter emits encoded rows in batches of batch.RowsMax.
type rowEmitter struct {
	bl   *batch.Builder
	emit func(*batch.Batch) error
}

func (e *rowEmitter) add(row []byte, weight int64) error {
	if err := batch.DecodeRow(row, e.bl, 0); err != nil {
		return fmt.Errorf("top-n: read row: %w", err)
	}
	e.bl.Weight(weight)
	if e.bl.Len() < batch.RowsMax {
		return nil
	}
	return e.emit(e.bl.Seal())
}

func (e *rowEmitter) end() error {
	if e.bl.Len() == 0 {
		return nil
	}
	return e.emit(e.bl.Seal())
}
