package operators

import (
	"fmt"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/state"
)

// setOp is INTERSECT [ALL] or EXCEPT [ALL] of port 0 and port 1.
//
// Law:   with l and r the sums of a row's weights on the two ports,
//
//	INTERSECT ALL  out(row) = min(l, r)
//	INTERSECT      out(row) = 1 if l > 0 and r > 0
//	EXCEPT ALL     out(row) = max(l-r, 0)
//	EXCEPT         out(row) = 1 if l > 0 and r = 0
//
// Table: groups: row -> l, r; forms (see aggregate).
// Bound: the number of different rows of both inputs.
type setOp struct {
	except, all bool
	key         groupKey
	slots       *state.Slots
	ts          []types.Type
	at          []int32
	touched     touched
	before      []int64 // output weight of each touched slot at the tick's start
}

// NewSetOp returns EXCEPT (or INTERSECT) of port 0 and port 1, both with rows of types ts.
func NewSetOp(except, all bool, ts []types.Type, sp *state.Space) (Operator, error) {
	o := &setOp{except: except, all: all, ts: ts}
	var err error
	if o.key, o.slots, err = openGroups(ts, allColumns(len(ts)), nil, sp, 2); err != nil {
		return nil, fmt.Errorf("set operation: open state: %w", err)
	}
	return o, nil
}

// weight is the law.
func (o *setOp) weight(l, r int64) int64 {
	switch {
	case l <= 0:
		return 0
	case o.except && o.all:
		return max(l-max(r, 0), 0)
	case o.except && r <= 0, !o.except && !o.all && r > 0:
		return 1
	case !o.except && o.all:
		return min(l, max(r, 0))
	}
	return 0
}

func (o *setOp) Push(port int, in *batch.Batch, _ Emitter) error {
	n := in.Rows()
	if n == 0 {
		return nil
	}
	if cap(o.at) < n {
		o.at = make([]int32, n)
	}
	o.at = o.at[:n]
	if err := o.key.locate(in.Cols, o.at); err != nil {
		return err
	}
	for i, s := range o.at {
		w := o.slots.Vals(s)
		if o.touched.add(s) {
			o.before = append(o.before, o.weight(int64(w[0]), int64(w[1])))
		}
		w[port] += uint64(in.Weights[i])
	}
	o.slots.Touch(o.at)
	return nil
}

func (o *setOp) Flush(_ Tick, out Emitter) error {
	bl := batch.NewBuilder(o.ts)
	var gone []int32
	for i, s := range o.touched.slots {
		w := o.slots.Vals(s)
		l, r := int64(w[0]), int64(w[1])
		if l < 0 || r < 0 {
			return fmt.Errorf("set operation: a row has weights %d and %d: it was retracted without being there", l, r)
		}
		if l == 0 && r == 0 {
			gone = append(gone, s)
		}
		if diff := o.weight(l, r) - o.before[i]; diff != 0 {
			if err := o.key.columns([]int32{s}, bl); err != nil {
				return err
			}
			bl.Weight(diff)
		}
		if bl.Len() == batch.RowsMax || bl.Len() > 0 && i == len(o.touched.slots)-1 {
			if err := out.Emit(bl.Seal()); err != nil {
				return err
			}
		}
	}
	for _, s := range gone {
		o.key.forget(s)
		o.slots.Remove(s)
	}
	o.touched.reset()
	o.before = o.before[:0]
	return nil
}
