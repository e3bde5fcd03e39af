package operators

import (
	"math"

	"streamsql/internal/batch"
)

// tumble appends the bounds of the one window a row's time falls in: [offset + k*size, offset + (k+1)*size).
//
// Law:   out = the multiset of (row, window_start, window_end) times in(row), without rows whose time is NULL or infinite.
// Table: none.
// Bound: none needed, nothing is kept.
type tumble struct {
	timeCol      int
	size, offset int64
	sel          []int32
}

// NewTumble returns a tumbling window over column timeCol (a timestamp). size > 0 and offset are microseconds.
func NewTumble(timeCol int, size, offset int64) Operator {
	return &tumble{timeCol: timeCol, size: size, offset: offset}
}

// The infinite timestamps.
const (
	timeMinusInfinity = math.MinInt64
	timeInfinity      = math.MaxInt64
)

func (o *tumble) Push(_ int, in *batch.Batch, out Emitter) error {
	in, o.sel = dropTimeless(in, o.timeCol, o.sel)
	n := in.Rows()
	if n == 0 {
		return nil
	}
	ts := in.Cols[o.timeCol].(*batch.Ints).V[:n]
	bounds := make([]int64, 2*n)
	start, end := bounds[:n:n], bounds[n:]
	// Times of one batch mostly share a window: the division is only done when the last one does not fit.
	lo := windowStart(ts[0], o.size, o.offset)
	hi := lo + o.size
	for i, t := range ts {
		if t < lo || t >= hi {
			lo = windowStart(t, o.size, o.offset)
			hi = lo + o.size
		}
		start[i], end[i] = lo, hi
	}
	return out.Emit(withBounds(in, start, end))
}

func (o *tumble) Flush(Tick, Emitter) error { return nil }

// hop appends the bounds of every window [offset + k*slide, offset + k*slide + size) a row's time falls in, repeating
// the row.
//
// Law:   out = the multiset of (row, window_start, window_end) times in(row) for each window that contains the row's time;
// rows whose time is NULL or infinite fall in none.
// Table: none.
// Bound: none needed, nothing is kept; a row becomes at most ceil(size/slide) rows.
type hop struct {
	timeCol             int
	size, slide, offset int64
	sel                 []int32
	start               []int64
}

// NewHop returns a hopping window over column timeCol (a timestamp). size > 0, slide > 0 and offset are microseconds.
func NewHop(timeCol int, size, slide, offset int64) Operator {
	return &hop{timeCol: timeCol, size: size, slide: slide, offset: offset}
}

func (o *hop) Push(_ int, in *batch.Batch, out Emitter) error {
	in, o.sel = dropTimeless(in, o.timeCol, o.sel)
	n := in.Rows()
	if n == 0 {
		return nil
	}
	ts := in.Cols[o.timeCol].(*batch.Ints).V[:n]
	sel, start := o.sel[:0], o.start[:0]
	for i, t := range ts {
		for s := windowStart(t, o.slide, o.offset); s > t-o.size; s -= o.slide {
			if len(sel) == batch.RowsMax {
				if err := o.emit(in, sel, start, out); err != nil {
					return err
				}
				sel, start = sel[:0], start[:0]
			}
			sel, start = append(sel, int32(i)), append(start, s)
		}
	}
	o.sel, o.start = sel, start
	return o.emit(in, sel, start, out)
}

func (o *hop) emit(in *batch.Batch, sel []int32, starts []int64, out Emitter) error {
	n := len(sel)
	if n == 0 { // slide > size leaves gaps
		return nil
	}
	bounds := make([]int64, 2*n)
	start, end := bounds[:n:n], bounds[n:]
	copy(start, starts)
	for i, s := range start {
		end[i] = s + o.size
	}
	return out.Emit(withBounds(in.Select(sel), start, end))
}

func (o *hop) Flush(Tick, Emitter) error { return nil }

// windowStart returns the largest offset + k*step that is not after t.
func windowStart(t, step, offset int64) int64 {
	r := (t - offset) % step
	if r < 0 {
		r += step
	}
	return t - r
}

// dropTimeless returns in without the rows whose column c is NULL or infinite; sel is scratch.
func dropTimeless(in *batch.Batch, c int, sel []int32) (*batch.Batch, []int32) {
	n := in.Rows()
	v, _ := in.Cols[c].(*batch.Ints)
	if v == nil {
		return &batch.Batch{}, sel
	}
	bad := v.N.Any(n)
	for _, t := range v.V[:n] {
		bad = bad || t == timeInfinity || t == timeMinusInfinity
	}
	if !bad {
		return in, sel
	}
	sel = sel[:0]
	for i, t := range v.V[:n] {
		if !v.N.Has(i) && t != timeInfinity && t != timeMinusInfinity {
			sel = append(sel, int32(i))
		}
	}
	return in.Select(sel), sel
}

// withBounds returns in with two more columns.
func withBounds(in *batch.Batch, start, end []int64) *batch.Batch {
	cols := make([]batch.Vec, 0, len(in.Cols)+2)
	cols = append(cols, in.Cols...)
	cols = append(cols, &batch.Ints{V: start}, &batch.Ints{V: end})
	return &batch.Batch{Cols: cols, Weights: in.Weights}
}
