package engine

import (
	"context"

	"streamsql/internal/batch"
	"streamsql/internal/session"
)

// rowsResult is a result that is there as a whole: the output of a pull query, SHOW, RETURNING.
type rowsResult struct {
	cols    []session.Column
	batches []*batch.Batch
	tag     string // "" or ends in a blank: the wire counts
}

func (r *rowsResult) Columns() []session.Column { return r.cols }

// Next hands out the batches, cut to max rows. A row of weight n counts as n rows.
func (r *rowsResult) Next(_ context.Context, max int, _ func() error) (*batch.Batch, error) {
	for len(r.batches) > 0 {
		b := r.batches[0]
		if b.Rows() == 0 {
			r.batches = r.batches[1:]
			continue
		}
		if max <= 0 {
			r.batches = r.batches[1:]
			return b, nil
		}
		head, rest := cut(b, max)
		if rest == nil {
			r.batches = r.batches[1:]
		} else {
			r.batches = append([]*batch.Batch{rest}, r.batches[1:]...)
		}
		return head, nil
	}
	return nil, nil
}

// cut splits a batch of positive weights after max rows, counting weights.
func cut(b *batch.Batch, max int) (head, rest *batch.Batch) {
	left := int64(max)
	for i, w := range b.Weights {
		if w < left {
			left -= w
			continue
		}
		if w == left {
			if i+1 == b.Rows() {
				return b, nil
			}
			return b.Slice(0, i+1), b.Slice(i+1, b.Rows())
		}
		head, rest = withWeight(b.Slice(0, i+1), i, left), withWeight(b.Slice(i, b.Rows()), 0, w-left)
		return head, rest
	}
	return b, nil
}

// withWeight copies a batch's weights with another weight at row i.
func withWeight(b *batch.Batch, i int, w int64) *batch.Batch {
	ws := append([]int64(nil), b.Weights...)
	ws[i] = w
	return &batch.Batch{Cols: b.Cols, Weights: ws}
}

func (r *rowsResult) Tag() string {
	if r.tag == "" {
		return "SELECT "
	}
	return r.tag
}

func (r *rowsResult) Close() {}

// tagResult is the result of a statement without rows.
type tagResult string

func (t tagResult) Columns() []session.Column { return nil }
func (t tagResult) Next(context.Context, int, func() error) (*batch.Batch, error) {
	return nil, nil
}
func (t tagResult) Tag() string { return string(t) }
func (t tagResult) Close()      {}

// pushResult streams a subscription to the client.
type pushResult struct {
	s       *subscription
	cols    []session.Column
	weights bool  // SUBSCRIBE: tick and weight are columns, and rows that go are shown
	left    int64 // rows until the end; -1: none
	rest    *batch.Batch
	closed  bool
}

func (r *pushResult) Columns() []session.Column { return r.cols }

func (r *pushResult) Next(ctx context.Context, max int, idle func() error) (*batch.Batch, error) {
	if r.left == 0 {
		return nil, nil
	}
	for r.rest == nil {
		c, err := r.s.next(ctx, idle)
		if err != nil {
			return nil, err
		}
		r.rest = r.shape(c)
	}
	n := max
	if r.left > 0 && (n <= 0 || int64(n) > r.left) {
		n = int(r.left)
	}
	out := r.rest
	r.rest = nil
	if n > 0 {
		out, r.rest = cut(out, n)
	}
	if r.left > 0 {
		for _, w := range out.Weights {
			r.left -= w
		}
	}
	return out, nil
}

// shape turns one tick's change into rows for the client; nil when it shows none.
func (r *pushResult) shape(c change) *batch.Batch {
	if r.weights {
		n := c.b.Rows()
		ticks := make([]int64, n)
		for i := range ticks {
			ticks[i] = int64(c.tick)
		}
		cols := append([]batch.Vec{&batch.Ints{V: ticks}, &batch.Ints{V: c.b.Weights}}, c.b.Cols...)
		return &batch.Batch{Cols: cols, Weights: batch.Ones(n)}
	}
	var sel []int32
	for i, w := range c.b.Weights {
		if w > 0 {
			sel = append(sel, int32(i))
		}
	}
	switch len(sel) {
	case 0:
		return nil
	case c.b.Rows():
		return c.b
	}
	return c.b.Select(sel)
}

func (r *pushResult) Tag() string { return "SELECT " }

func (r *pushResult) Close() {
	if !r.closed {
		r.closed = true
		r.s.close()
	}
}
