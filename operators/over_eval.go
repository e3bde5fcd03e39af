package operators

import (
	"fmt"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/operators/agg"
	"streamsql/state"
)

// overEval computes the results of an Over for one partition at a time. It belongs to one goroutine.
type overEval struct {
	c     *OverConfig
	in    []types.Type // the input's columns and the rows' places
	out   []types.Type // results
	sets  []*frameSet
	setOf []int // by call: which of sets computes it; -1: a window function
}

// frameSet is the aggregates of one frame. Its state follows the frame from row to row: rows that come into it are added,
// rows that leave it are taken back, which is exact.
type frameSet struct {
	frame Frame
	set   *agg.Set
	slots *state.Slots
	slot  []int32
	calls []int // the calls whose results are this set's, in order
}

func newOverEval(c *OverConfig) (*overEval, error) {
	e := &overEval{c: c, in: append(append([]types.Type(nil), c.In...), types.T(types.Int8)), setOf: make([]int, len(c.Calls))}
	for i := range c.Calls {
		call := &c.Calls[i]
		e.out = append(e.out, call.Result)
		e.setOf[i] = -1
		if call.Agg == nil {
			if windowFuncs[call.Func] == nil {
				return nil, fmt.Errorf("over: no window function %q", call.Func)
			}
			continue
		}
		e.setOf[i] = e.frame(call.Frame, i)
	}
	for _, s := range e.sets {
		if err := s.open(e); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (e *overEval) frame(f Frame, call int) int {
	for i, s := range e.sets {
		if s.frame == f {
			s.calls = append(s.calls, call)
			return i
		}
	}
	e.sets = append(e.sets, &frameSet{frame: f, calls: []int{call}})
	return len(e.sets) - 1
}

// open compiles the aggregates. What lists values lists them in the order of the rows.
func (s *frameSet) open(e *overEval) (err error) {
	var specs []agg.Spec
	for _, i := range s.calls {
		c := &e.c.Calls[i]
		specs = append(specs, agg.Spec{Agg: c.Agg, Args: c.Args, Filter: c.Filter, Order: []SortKey{{Col: len(e.c.In)}}})
	}
	sp := state.Memory()
	if s.set, err = agg.Compile(specs, e.in, false, sp); err != nil {
		return err
	}
	if s.slots, err = sp.Slots("groups", 1, s.set.Words()); err != nil {
		return err
	}
	s.slot = make([]int32, 1)
	s.slots.FindOrAdd([]uint64{0}, []uint64{state.Hash([]uint64{0})}, s.slot)
	return nil
}

// results computes the results for a partition, a vector a call. rows has the input's columns, in order; every row
// counts once.
func (e *overEval) results(rows *batch.Batch) ([]batch.Vec, error) {
	n := rows.Rows()
	places := make([]int64, n)
	for i := range places {
		places[i] = int64(i)
	}
	cols := append(append([]batch.Vec(nil), rows.Cols...), &batch.Ints{V: places})
	p := newPartition(e.in, &batch.Batch{Cols: cols, Weights: rows.Weights}, e.c.Order)
	out := make([]batch.Vec, len(e.c.Calls))
	for i := range e.c.Calls {
		c := &e.c.Calls[i]
		if e.setOf[i] >= 0 {
			continue
		}
		bl := batch.NewBuilder(e.out[i : i+1])
		bl.Reserve(n)
		if err := windowFuncs[c.Func](p, c, bl.Col(0)); err != nil {
			return nil, err
		}
		bl.EndRows(batch.Ones(n))
		out[i] = bl.Seal().Cols[0]
	}
	for _, s := range e.sets {
		vecs, err := s.results(p)
		if err != nil {
			return nil, err
		}
		for k, i := range s.calls {
			out[i] = vecs[k]
		}
	}
	return out, nil
}

// results moves the frame through the partition.
func (s *frameSet) results(p *partition) ([]batch.Vec, error) {
	frames, err := p.frames(s.frame)
	if err != nil {
		return nil, err
	}
	var images agg.Images
	at := make([]int32, p.n) // by row: its image
	now := span{}
	for i, f := range frames {
		if s.frame.Exclude == ExcludeNone && i > 0 && f == frames[i-1] {
			at[i] = at[i-1]
			continue
		}
		if now, err = s.move(p, now, f); err != nil {
			return nil, err
		}
		if err := s.capture(p, f, i, &images); err != nil {
			return nil, err
		}
		at[i] = int32(images.Len() - 1)
	}
	if _, err := s.move(p, now, span{}); err != nil { // empty again, for the next partition
		return nil, err
	}
	vecs, err := s.set.Results(s.set.Builder(), s.set.View(&images, 0, images.Len()))
	if err != nil || images.Len() == p.n {
		return vecs, err
	}
	for i := range vecs {
		vecs[i] = batch.Gather(vecs[i], at)
	}
	return vecs, nil
}

// capture takes the state's image for row i, its exclusions taken out for that moment.
func (s *frameSet) capture(p *partition, f span, i int, images *agg.Images) error {
	cut := p.excluded(s.frame.Exclude, f, i)
	for _, c := range cut {
		if err := s.change(p, c, -1); err != nil {
			return err
		}
	}
	s.set.Capture(images, s.slots.Rows(), s.slot)
	for _, c := range cut {
		if err := s.change(p, c, 1); err != nil {
			return err
		}
	}
	return nil
}

// move turns the state over the rows of from into one over the rows of to.
func (s *frameSet) move(p *partition, from, to span) (span, error) {
	if to.empty() || from.empty() || to.from >= from.to || to.to <= from.from { // nothing in common
		if err := s.change(p, from, -1); err != nil {
			return to, err
		}
		return to, s.change(p, to, 1)
	}
	for _, c := range []struct {
		span
		sign int64
	}{{span{to.from, from.from}, 1}, {span{from.to, to.to}, 1}, {span{from.from, to.from}, -1}, {span{to.to, from.to}, -1}} {
		if err := s.change(p, c.span, c.sign); err != nil {
			return to, err
		}
	}
	return to, nil
}

// change adds rows to the state, or takes them back.
func (s *frameSet) change(p *partition, r span, sign int64) error {
	for r.from < r.to {
		to := min(r.to, r.from+batch.RowsMax)
		b := p.b.Slice(r.from, to)
		w := batch.Ones(to - r.from)
		slots := make([]int32, to-r.from)
		for i := range slots {
			slots[i] = s.slot[0]
		}
		if sign < 0 {
			w = make([]int64, to-r.from)
			for i := range w {
				w[i] = -1
			}
		}
		rows := s.slots.Rows()
		s.slots.Vals(s.slot[0])[0] += uint64(sign * int64(to-r.from))
		if err := s.set.Update(rows, slots, b.Cols, agg.WeightsOf(w)); err != nil {
			return err
		}
		r.from = to
	}
	return nil
}
