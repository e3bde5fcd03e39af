package operators

import (
	"fmt"

	"streamsql/internal/batch"
	"streamsql/internal/expr"
	"streamsql/internal/types"
)

// projectSet repeats each row once for each row that set-returning functions give for it, with their columns after the
// row's own: as many rows as the longest of the calls has, the others filled up with NULLs.
//
// Law:   out = the multiset of (row, call 1's columns, …[, 1, 2, …]) times in(row).
// Table: none.
// Bound: none needed, nothing is kept; a call yields at most as many rows for a row as expr allows.
type projectSet struct {
	calls []*setCall
	c     ProjectSetConfig
	rows  int // of input that are computed at once: few when each becomes many

	total []int32 // per input row: its output rows
	sel   []int32 // per output row: its input row
	ord   []int64 // per output row: its place among those of its input row
}

// ProjectSetConfig says what a projectSet computes. With Ordinality a last column (bigint) counts the rows of each input
// row from 1. With Outer a row for which nothing comes is kept, once, with NULLs (and a NULL ordinality).
type ProjectSetConfig struct {
	Calls      []*expr.SetCall
	Ordinality bool
	Outer      bool
	Env        *expr.Env
}

// setCall is one of the calls, with its last result.
type setCall struct {
	prog   *expr.SetProgram
	types  []types.Type
	counts []int32
	out    []batch.Vec
	sel    []int32
}

// NewProjectSet returns the operator. At least one call.
func NewProjectSet(c ProjectSetConfig) (Operator, error) {
	o := &projectSet{c: c, rows: batch.RowsMax}
	for _, call := range c.Calls {
		p, err := expr.CompileSet(call)
		if err != nil {
			return nil, fmt.Errorf("project set: compile %s: %w", call, err)
		}
		s := &setCall{prog: p}
		for _, col := range call.Cols {
			s.types = append(s.types, col.Type)
		}
		o.calls = append(o.calls, s)
	}
	return o, nil
}

func (o *projectSet) Push(_ int, in *batch.Batch, out Emitter) error {
	for i, n := 0, in.Rows(); i < n; {
		j := min(n, i+o.rows)
		made, err := o.push(in.Slice(i, j), out)
		if err != nil {
			return err
		}
		if i = j; made > 4*batch.RowsMax {
			o.rows = max(1, o.rows/4)
		} else if made < batch.RowsMax {
			o.rows = min(batch.RowsMax, 2*o.rows)
		}
	}
	return nil
}

func (o *projectSet) Flush(Tick, Emitter) error { return nil }

// push computes a slice of the input and returns how many rows that made.
func (o *projectSet) push(in *batch.Batch, out Emitter) (int, error) {
	n := in.Rows()
	for _, c := range o.calls {
		var err error
		if c.counts, c.out, err = c.prog.Eval(o.c.Env, in.Cols, n, c.counts); err != nil {
			return 0, err
		}
	}
	o.plan(n)
	made := len(o.sel)
	all := &batch.Batch{Cols: o.columns(), Weights: batch.Ones(made)}
	for i := 0; i < made; i += batch.RowsMax {
		j := min(made, i+batch.RowsMax)
		b := in.Select(o.sel[i:j])
		b.Cols = append(b.Cols[:len(b.Cols):len(b.Cols)], all.Slice(i, j).Cols...)
		if err := out.Emit(b); err != nil {
			return 0, err
		}
	}
	return made, nil
}

// plan decides which input row each output row repeats.
func (o *projectSet) plan(n int) {
	o.total, o.sel, o.ord = o.total[:0], o.sel[:0], o.ord[:0]
	for i := range n {
		rows := int32(0)
		for _, c := range o.calls {
			rows = max(rows, c.counts[i])
		}
		if rows == 0 && o.c.Outer {
			o.sel, o.ord = append(o.sel, int32(i)), append(o.ord, 0)
		}
		for k := range rows {
			o.sel, o.ord = append(o.sel, int32(i)), append(o.ord, int64(k)+1)
		}
		if o.total = append(o.total, rows); rows == 0 && o.c.Outer {
			o.total[i] = 1
		}
	}
}

// columns are the calls' columns, and the ordinality, for all output rows.
func (o *projectSet) columns() []batch.Vec {
	var cols []batch.Vec
	for _, c := range o.calls {
		cols = append(cols, c.padded(o.total)...)
	}
	if !o.c.Ordinality {
		return cols
	}
	ord := &batch.Ints{V: append([]int64(nil), o.ord...)}
	for i, k := range o.ord {
		if k == 0 {
			if ord.N == nil {
				ord.N = batch.MakeNulls(len(o.ord))
			}
			ord.N.Set(i)
		}
	}
	return append(cols, ord)
}

// padded is the call's result with NULLs up to total[i] rows for input row i.
func (c *setCall) padded(total []int32) []batch.Vec {
	short := false
	for i, n := range total {
		short = short || c.counts[i] < n
	}
	if !short {
		return c.out
	}
	c.sel = c.sel[:0]
	at, null := int32(0), int32(c.out[0].Len())
	for i, n := range total {
		for k := range n {
			if k < c.counts[i] {
				c.sel = append(c.sel, at+k)
			} else {
				c.sel = append(c.sel, null)
			}
		}
		at += c.counts[i]
	}
	out := make([]batch.Vec, len(c.out))
	for i, v := range c.out {
		last := &batch.Batch{Cols: []batch.Vec{batch.Const(c.types[i], types.Null, 1)}, Weights: batch.Ones(1)}
		all := batch.Concat([]*batch.Batch{{Cols: []batch.Vec{v}, Weights: batch.Ones(int(null))}, last})
		out[i] = batch.Gather(all.Cols[0], c.sel)
	}
	return out
}
