package format

import (
	"slices"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Target is a column that a decoder fills.
type Target struct {
	Col  int // column of Rows
	Name string
	Type types.Type
}

// BytesMax is the size at which one column of bytes makes Rows full: far below what a batch's 32-bit offsets allow.
const BytesMax = 64 << 20

// Rows builds a batch row by row. Unlike a batch.Builder it lets a column be set twice (the last one counts), takes
// a half-made row back, and makes what was not set NULL. Only the needed columns are kept; the others are nil in the
// batch, but they are set, and so checked, all the same: whether a record is a row must not depend on which of its
// columns are read. One goroutine at a time.
//
// Between Begin and End each Set writes to the row under construction; End closes it, Drop forgets it.
type Rows struct {
	cols    []column // by column of the batch; class 0: not needed
	used    []int    // the needed columns
	checked []int    // the columns that are not needed: their values are checked and forgotten
	n       int      // complete rows
	cap     int      // rows the slices have room for
	hint    int
	weights []int64 // nil while all are +1
	full    bool    // a column of bytes has reached BytesMax
}

// column is one column under construction; the slice of its class has cap elements. mask maps a row to its element:
// all ones for a column that is kept, zero for one that is only checked and has one element.
type column struct {
	class   types.Class
	mask    int
	set     bool // the row under construction has a value; false between rows
	notNull bool
	name    string
	bools   []bool
	ints    []int64
	floats  []float64
	decs    []types.Dec
	spans   []types.Span
	data    []byte
	off     []uint32 // n+1 valid ones, one more while the row under construction has a value
	nulls   batch.Nulls
	perRow  int // bytes a row of the batch before, to size data
}

// Column declares column i of the batch.
type Column struct {
	Name    string
	Type    types.Type
	NotNull bool
	Needed  bool
}

// NewRows returns an empty Rows for batches of the given columns.
func NewRows(cols []Column) *Rows {
	r := &Rows{cols: make([]column, len(cols))}
	for i, c := range cols {
		if c.Needed {
			r.cols[i] = column{class: c.Type.Class(), mask: -1, notNull: c.NotNull, name: c.Name}
			r.used = append(r.used, i)
		} else {
			r.cols[i] = column{class: c.Type.Class(), notNull: c.NotNull, name: c.Name}
			r.cols[i].grow(0, 1)
			r.checked = append(r.checked, i)
		}
	}
	return r
}

// Hint says how many rows are about to come, so that the next batch is allocated in one piece.
func (r *Rows) Hint(rows int) { r.hint = min(rows, batch.RowsMax) }

// Len is the number of complete rows.
func (r *Rows) Len() int { return r.n }

// Full reports that the batch should be sealed before another row.
func (r *Rows) Full() bool { return r.n >= batch.RowsMax || r.full }

// Begin starts a row.
func (r *Rows) Begin() {
	if r.n == r.cap {
		r.grow()
	}
}

// Drop forgets the row under construction.
func (r *Rows) Drop() {
	for _, i := range r.used {
		r.SetNull(i)
		if c := &r.cols[i]; c.nulls != nil {
			c.nulls[r.n>>6] &^= 1 << (uint(r.n) & 63)
		}
	}
	for _, i := range r.checked {
		r.cols[i].set = false
	}
}

// End closes the row with a weight: columns that were not set are NULL. A NOT NULL column without a value is an error
// (23502) if check is set, and the row is dropped.
func (r *Rows) End(weight int64, check bool) error {
	for _, i := range r.checked {
		c := &r.cols[i]
		if c.notNull && !c.set && check {
			r.Drop()
			return notNullError(c.name)
		}
		c.set = false
	}
	for _, i := range r.used {
		c := &r.cols[i]
		if c.set {
			c.set = false
			continue
		}
		if c.notNull && check {
			r.Drop()
			return notNullError(c.name)
		}
		c.setNull(r.n)
	}
	if weight != 1 && r.weights == nil {
		r.weights = make([]int64, r.n, max(r.cap, r.n+1))
		for i := range r.weights {
			r.weights[i] = 1
		}
	}
	if r.weights != nil {
		r.weights = append(r.weights, weight)
	}
	r.n++
	return nil
}

func notNullError(column string) error {
	return pgerr.New(pgerr.NotNullViolation, "null value in column %q violates not-null constraint", column)
}

func (c *column) setNull(row int) {
	if c.nulls == nil {
		c.nulls = batch.MakeNulls(c.rowsCap())
	}
	c.nulls.Set(row)
	switch c.class {
	case types.ClassBool:
		c.bools[row] = false
	case types.ClassInt:
		c.ints[row] = 0
	case types.ClassFloat:
		c.floats[row] = 0
	case types.ClassNumeric:
		c.decs[row] = types.Dec{}
	case types.ClassInterval:
		c.spans[row] = types.Span{}
	case types.ClassBytes:
		c.off[row+1] = c.off[row]
	}
}

func (c *column) rowsCap() int {
	switch c.class {
	case types.ClassBool:
		return len(c.bools)
	case types.ClassInt:
		return len(c.ints)
	case types.ClassFloat:
		return len(c.floats)
	case types.ClassNumeric:
		return len(c.decs)
	case types.ClassInterval:
		return len(c.spans)
	}
	return len(c.off) - 1
}

// SetBool sets a column of the row under construction; as with the other Set functions the column must be needed and
// of that class, and the last value counts.
func (r *Rows) SetBool(col int, v bool) {
	c := &r.cols[col]
	c.bools[r.n&c.mask], c.set = v, true
}

// SetInt sets a column of class ClassInt.
func (r *Rows) SetInt(col int, v int64) {
	c := &r.cols[col]
	c.ints[r.n&c.mask], c.set = v, true
}

// SetFloat sets a column of class ClassFloat.
func (r *Rows) SetFloat(col int, v float64) {
	c := &r.cols[col]
	c.floats[r.n&c.mask], c.set = v, true
}

// SetDec sets a column of class ClassNumeric.
func (r *Rows) SetDec(col int, v types.Dec) {
	c := &r.cols[col]
	c.decs[r.n&c.mask], c.set = v, true
}

// SetSpan sets a column of class ClassInterval.
func (r *Rows) SetSpan(col int, v types.Span) {
	c := &r.cols[col]
	c.spans[r.n&c.mask], c.set = v, true
}

// SetBytes sets a column of class ClassBytes to a copy of v.
func (r *Rows) SetBytes(col int, v []byte) {
	c := &r.cols[col]
	if c.mask == 0 {
		c.set = true
		return
	}
	c.data = append(c.data[:c.off[r.n]], v...)
	r.endBytes(c)
}

// Bytes lets f append the value of a bytes column in place. After an error the column is not set.
func (r *Rows) Bytes(col int, f func(dst []byte) ([]byte, error)) error {
	c := &r.cols[col]
	at := c.off[r.n&c.mask]
	d, err := f(c.data[:at])
	if err != nil {
		c.data, c.set = c.data[:at], false
		return err
	}
	c.data = d
	r.endBytes(c)
	return nil
}

func (r *Rows) endBytes(c *column) {
	c.set = true
	if c.mask == 0 {
		return
	}
	c.off[r.n+1] = uint32(len(c.data))
	if len(c.data) >= BytesMax {
		r.full = true
	}
}

// SetNull takes back what was set before.
func (r *Rows) SetNull(col int) {
	c := &r.cols[col]
	if c.class == types.ClassBytes {
		c.data = c.data[:c.off[r.n&c.mask]]
	}
	c.set = false
}

// SetValue sets a boxed value of the column's class.
func (r *Rows) SetValue(col int, v types.Value) {
	if v.Null {
		r.SetNull(col)
		return
	}
	switch r.cols[col].class {
	case types.ClassBool:
		r.SetBool(col, v.B)
	case types.ClassInt:
		r.SetInt(col, v.I)
	case types.ClassFloat:
		r.SetFloat(col, v.F)
	case types.ClassNumeric:
		r.SetDec(col, v.N)
	case types.ClassInterval:
		r.SetSpan(col, v.S)
	case types.ClassBytes:
		r.SetBytes(col, v.Bytes)
	}
}

// IntAt returns the value of an integer column in the row under construction; ok is false if it was not set.
func (r *Rows) IntAt(col int) (v int64, ok bool) {
	c := &r.cols[col]
	if !c.set {
		return 0, false
	}
	return c.ints[r.n&c.mask], true
}

// BytesAt is IntAt for a bytes column; the slice aliases the row.
func (r *Rows) BytesAt(col int) (v []byte, ok bool) {
	c := &r.cols[col]
	if !c.set {
		return nil, false
	}
	return c.data[c.off[r.n]:], true
}

// grow makes room for more rows: what Hint asked for, else twice as many as before.
func (r *Rows) grow() {
	want := r.n + 1
	if r.n > 0 {
		want = 2 * r.n
	}
	want = max(want, min(r.n+r.hint, batch.RowsMax), 1)
	for _, i := range r.used {
		r.cols[i].grow(r.n, want)
	}
	r.cap = want
}

func (c *column) grow(n, want int) {
	switch c.class {
	case types.ClassBool:
		c.bools = resize(c.bools, n, want)
	case types.ClassInt:
		c.ints = resize(c.ints, n, want)
	case types.ClassFloat:
		c.floats = resize(c.floats, n, want)
	case types.ClassNumeric:
		c.decs = resize(c.decs, n, want)
	case types.ClassInterval:
		c.spans = resize(c.spans, n, want)
	case types.ClassBytes:
		c.off = resize(c.off, min(n+1, len(c.off)), want+1)
		if c.data == nil {
			c.data = make([]byte, 0, c.perRow*want)
		}
	}
	if c.nulls != nil {
		c.nulls = append(batch.MakeNulls(want)[:0], c.nulls...)[:(want+63)/64]
	}
}

func resize[T any](s []T, n, want int) []T {
	out := make([]T, want)
	copy(out, s[:n])
	return out
}

// Seal hands the complete rows over as a batch, which may have none, and starts anew.
func (r *Rows) Seal() *batch.Batch {
	b := &batch.Batch{Cols: make([]batch.Vec, len(r.cols)), Weights: r.weights}
	if b.Weights == nil {
		b.Weights = batch.Ones(r.n)
	}
	for _, i := range r.used {
		b.Cols[i] = r.cols[i].seal(r.n)
	}
	r.n, r.cap, r.weights, r.full = 0, 0, nil, false
	return b
}

// seal returns the vector and empties the column, keeping what describes it.
func (c *column) seal(n int) batch.Vec {
	d := *c
	*c = column{class: d.class, mask: d.mask, notNull: d.notNull, name: d.name, perRow: d.perRow}
	switch d.class {
	case types.ClassBool:
		return &batch.Bools{V: d.bools[:n:n], N: d.nulls}
	case types.ClassInt:
		return &batch.Ints{V: d.ints[:n:n], N: d.nulls}
	case types.ClassFloat:
		return &batch.Floats{V: d.floats[:n:n], N: d.nulls}
	case types.ClassNumeric:
		return &batch.Decs{V: d.decs[:n:n], N: d.nulls}
	case types.ClassInterval:
		return &batch.Spans{V: d.spans[:n:n], N: d.nulls}
	}
	if n == 0 {
		return &batch.Bytes{Off: []uint32{0}}
	}
	data := d.data[:d.off[n]]
	c.perRow = min(len(data)/n+1, 1024)
	if cap(data) > 2*len(data)+1024 {
		data = slices.Clone(data)
	}
	return &batch.Bytes{Data: data, Off: d.off[: n+1 : n+1], N: d.nulls}
}
