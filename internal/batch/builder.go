package batch

import (
	"math"
	"slices"

	"streamsql/internal/invariant"
	"streamsql/internal/types"
)

// Builder builds a Batch row by row: either whole rows (Append, AppendRow), or column by column through Col and then
// Weight to end the row. It keeps its buffers over Seal, so one Builder used again and again allocates only what it
// hands over. One goroutine at a time.
type Builder struct {
	cols    []column
	weights []int64
}

// column collects the values of one column; only the slice of its class is used.
type column struct {
	class  types.Class
	nulls  Nulls // empty while no NULL came; else covers at least the last NULL
	bools  []bool
	ints   []int64
	floats []float64
	decs   []types.Dec
	spans  []types.Span
	data   []byte
	off    []uint32 // ends of the values; the leading 0 is there from the start
}

// NewBuilder returns an empty Builder for rows of the types ts.
func NewBuilder(ts []types.Type) *Builder {
	b := &Builder{cols: make([]column, len(ts))}
	for i, t := range ts {
		b.cols[i].init(t.Class())
	}
	return b
}

func (c *column) init(class types.Class) {
	c.class = class
	if class == types.ClassBytes {
		c.off = append(c.off[:0], 0)
	}
}

// Reserve makes room for rows more rows (of fixed-width values; bytes grow as they come).
func (b *Builder) Reserve(rows int) {
	b.weights = slices.Grow(b.weights, rows)
	for i := range b.cols {
		b.cols[i].reserve(rows)
	}
}

func (c *column) reserve(rows int) {
	switch c.class {
	case types.ClassBool:
		c.bools = slices.Grow(c.bools, rows)
	case types.ClassInt:
		c.ints = slices.Grow(c.ints, rows)
	case types.ClassFloat:
		c.floats = slices.Grow(c.floats, rows)
	case types.ClassNumeric:
		c.decs = slices.Grow(c.decs, rows)
	case types.ClassInterval:
		c.spans = slices.Grow(c.spans, rows)
	case types.ClassBytes:
		c.off = slices.Grow(c.off, rows)
	}
}

// Append adds a row of boxed values times weight. Bytes are copied.
func (b *Builder) Append(weight int64, vals []types.Value) {
	for i := range b.cols {
		b.Col(i).AppendValue(vals[i])
	}
	b.Weight(weight)
}

// AppendRow adds a copy of a row of a batch with the same classes. A nil column of from gives NULL.
func (b *Builder) AppendRow(weight int64, from *Batch, row int) {
	for i := range b.cols {
		b.Col(i).AppendFrom(from.Cols[i], row)
	}
	b.Weight(weight)
}

// Len returns the number of finished rows.
func (b *Builder) Len() int { return len(b.weights) }

// Col returns the appender of column i. It stays valid for the life of the Builder, over Seal too.
func (b *Builder) Col(i int) Appender { return Appender{&b.cols[i]} }

// Weight ends a row whose columns were appended through Col.
func (b *Builder) Weight(w int64) {
	b.weights = append(b.weights, w)
	if invariant.Enabled {
		for i := range b.cols {
			n := b.cols[i].len()
			invariant.Check(n == len(b.weights) || n == 0, "batch: column %d has %d values in row %d", i, n, len(b.weights))
		}
	}
}

// EndRows ends rows whose columns were appended through Col a whole column at a time, with one weight a row.
func (b *Builder) EndRows(weights []int64) {
	b.weights = append(b.weights, weights...)
	for i := range b.cols {
		n := b.cols[i].len()
		invariant.Check(n == len(b.weights) || n == 0, "batch: column %d has %d values for %d rows", i, n, len(b.weights))
	}
}

// DropRow forgets the values appended through Col since the last finished row: for a decoder that met an error in the
// middle of a record.
func (b *Builder) DropRow() {
	for i := range b.cols {
		b.Col(i).Truncate(len(b.weights))
	}
}

// Seal hands the batch over and empties the builder, which never touches what it gave. A column that got no value at
// all in a batch with rows becomes nil (nobody asked for it).
func (b *Builder) Seal() *Batch {
	n := len(b.weights)
	out := &Batch{Cols: make([]Vec, len(b.cols))}
	if n > RowsMax {
		out.Weights, b.weights = b.weights, nil
	} else {
		out.Weights, b.weights = slices.Clone(b.weights), b.weights[:0]
		if out.Weights == nil {
			out.Weights = []int64{}
		}
	}
	for i := range b.cols {
		c := &b.cols[i]
		if c.len() == 0 && n > 0 {
			continue
		}
		if invariant.Enabled {
			invariant.Check(c.len() == n, "batch: column %d has %d values, %d rows", i, c.len(), n)
		}
		out.Cols[i] = c.seal(n)
	}
	return out
}

// seal moves the column's values into a vector of exactly their size. Small ones are copied, so that the buffer can be
// used again and no row grows it twice; large ones (more than RowsMax rows) are handed over as they are.
func (c *column) seal(n int) Vec {
	nulls := c.sealNulls(n)
	switch c.class {
	case types.ClassBool:
		return &Bools{V: handOver(&c.bools, RowsMax), N: nulls}
	case types.ClassInt:
		return &Ints{V: handOver(&c.ints, RowsMax), N: nulls}
	case types.ClassFloat:
		return &Floats{V: handOver(&c.floats, RowsMax), N: nulls}
	case types.ClassNumeric:
		v := &Decs{V: handOver(&c.decs, RowsMax), N: nulls}
		if c.decs != nil {
			clear(c.decs[:n]) // big coefficients must not live on here
		}
		return v
	case types.ClassInterval:
		return &Spans{V: handOver(&c.spans, RowsMax), N: nulls}
	}
	v := &Bytes{Data: handOver(&c.data, dataCopyMax), Off: handOver(&c.off, RowsMax+1), N: nulls}
	c.off = append(c.off, 0)
	return v
}

// dataCopyMax is the most bytes of text that are copied out of the buffer: some 60 a row of a full batch.
const dataCopyMax = 256 << 10

// handOver returns the buffer's content and empties it: a copy up to copyMax elements, else the buffer itself.
func handOver[T any](buf *[]T, copyMax int) []T {
	s := *buf
	if len(s) > copyMax && len(s)*4 >= cap(s)*3 {
		*buf = nil
		return s
	}
	*buf = s[:0]
	return slices.Clone(s)
}

func (c *column) sealNulls(n int) Nulls {
	if len(c.nulls) == 0 {
		return nil
	}
	out := MakeNulls(n)
	copy(out, c.nulls)
	c.nulls = c.nulls[:0]
	return out
}

func (c *column) len() int {
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

// Appender appends values to one column of a Builder. The method called must fit the column's class (types.Class);
// that is not checked per value.
type Appender struct{ c *column }

// Class returns the class of the column.
func (a Appender) Class() types.Class { return a.c.class }

// AppendInt appends to a column of ClassInt.
func (a Appender) AppendInt(x int64) { a.c.ints = append(a.c.ints, x) }

// AppendFloat appends to a column of ClassFloat.
func (a Appender) AppendFloat(x float64) { a.c.floats = append(a.c.floats, x) }

// AppendBool appends to a column of ClassBool.
func (a Appender) AppendBool(x bool) { a.c.bools = append(a.c.bools, x) }

// AppendDec appends to a column of ClassNumeric.
func (a Appender) AppendDec(x types.Dec) { a.c.decs = append(a.c.decs, x) }

// AppendSpan appends to a column of ClassInterval.
func (a Appender) AppendSpan(x types.Span) { a.c.spans = append(a.c.spans, x) }

// AppendBytes appends a copy of x to a column of ClassBytes.
func (a Appender) AppendBytes(x []byte) {
	a.c.data = append(a.c.data, x...)
	a.c.endBytes()
}

// AppendString appends x to a column of ClassBytes.
func (a Appender) AppendString(x string) {
	a.c.data = append(a.c.data, x...)
	a.c.endBytes()
}

func (c *column) endBytes() { c.off = append(c.off, uint32(len(c.data))) }

// Room returns the buffer of a ClassBytes column to append one value to; EndBytes takes it back. Together they let a
// decoder unescape, or types.AppendText print, straight into the column.
func (a Appender) Room() []byte { return a.c.data }

// EndBytes ends the value that was appended to what Room returned.
func (a Appender) EndBytes(buf []byte) {
	a.c.data = buf
	a.c.endBytes()
}

// AppendNull appends NULL to a column of any class.
func (a Appender) AppendNull() {
	c := a.c
	i := c.len()
	for len(c.nulls) <= i>>6 {
		c.nulls = append(c.nulls, 0)
	}
	c.nulls.Set(i)
	switch c.class {
	case types.ClassBool:
		c.bools = append(c.bools, false)
	case types.ClassInt:
		c.ints = append(c.ints, 0)
	case types.ClassFloat:
		c.floats = append(c.floats, 0)
	case types.ClassNumeric:
		c.decs = append(c.decs, types.Dec{})
	case types.ClassInterval:
		c.spans = append(c.spans, types.Span{})
	case types.ClassBytes:
		c.endBytes()
	}
}

// AppendValue appends a boxed value.
func (a Appender) AppendValue(v types.Value) {
	if v.Null {
		a.AppendNull()
		return
	}
	switch a.c.class {
	case types.ClassBool:
		a.AppendBool(v.B)
	case types.ClassInt:
		a.AppendInt(v.I)
	case types.ClassFloat:
		a.AppendFloat(v.F)
	case types.ClassNumeric:
		a.AppendDec(v.N)
	case types.ClassInterval:
		a.AppendSpan(v.S)
	case types.ClassBytes:
		a.AppendBytes(v.Bytes)
	}
}

// AppendFrom appends row row of v, a vector of the column's class; a nil vector gives NULL.
func (a Appender) AppendFrom(v Vec, row int) {
	switch v := v.(type) {
	case *Ints:
		if !v.N.Has(row) {
			a.AppendInt(v.V[row])
			return
		}
	case *Bytes:
		if !v.N.Has(row) {
			a.AppendBytes(v.At(row))
			return
		}
	case nil:
	default:
		a.AppendValue(ValueAt(v, row))
		return
	}
	a.AppendNull()
}

// Len returns the number of values in the column.
func (a Appender) Len() int { return a.c.len() }

// Truncate drops all values from the n-th on.
func (a Appender) Truncate(n int) {
	c := a.c
	if c.len() <= n {
		return
	}
	switch c.class {
	case types.ClassBool:
		c.bools = c.bools[:n]
	case types.ClassInt:
		c.ints = c.ints[:n]
	case types.ClassFloat:
		c.floats = c.floats[:n]
	case types.ClassNumeric:
		c.decs = c.decs[:n]
	case types.ClassInterval:
		c.spans = c.spans[:n]
	case types.ClassBytes:
		c.off = c.off[:n+1]
		c.data = c.data[:c.off[n]]
	}
	if words := (n + 63) / 64; len(c.nulls) > words {
		c.nulls = c.nulls[:words]
	}
	if n&63 != 0 && n>>6 < len(c.nulls) {
		c.nulls[n>>6] &= 1<<(uint(n)&63) - 1
	}
}

// NewVec returns a vector of type t holding vals. Bytes are copied.
func NewVec(t types.Type, vals []types.Value) Vec {
	var c column
	c.init(t.Class())
	c.reserve(len(vals))
	a := Appender{&c}
	for _, v := range vals {
		a.AppendValue(v)
	}
	return c.seal(len(vals))
}

// Const returns a vector of n times v.
func Const(t types.Type, v types.Value, n int) Vec {
	var nulls Nulls
	if v.Null {
		nulls = MakeNulls(n)
		for i := range nulls {
			nulls[i] = math.MaxUint64
		}
	}
	switch t.Class() {
	case types.ClassBool:
		return &Bools{V: fill(v.B, n), N: nulls}
	case types.ClassInt:
		return &Ints{V: fill(v.I, n), N: nulls}
	case types.ClassFloat:
		return &Floats{V: fill(v.F, n), N: nulls}
	case types.ClassNumeric:
		return &Decs{V: fill(v.N, n), N: nulls}
	case types.ClassInterval:
		return &Spans{V: fill(v.S, n), N: nulls}
	}
	out := &Bytes{Data: make([]byte, 0, n*len(v.Bytes)), Off: make([]uint32, 1, n+1), N: nulls}
	for range n {
		out.Data = append(out.Data, v.Bytes...)
		out.Off = append(out.Off, uint32(len(out.Data)))
	}
	return out
}

func fill[T any](x T, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = x
	}
	return out
}

// MakeVec returns an empty vector of class c with room for capRows rows.
func MakeVec(c types.Class, capRows int) Vec {
	switch c {
	case types.ClassBool:
		return &Bools{V: make([]bool, 0, capRows)}
	case types.ClassInt:
		return &Ints{V: make([]int64, 0, capRows)}
	case types.ClassFloat:
		return &Floats{V: make([]float64, 0, capRows)}
	case types.ClassNumeric:
		return &Decs{V: make([]types.Dec, 0, capRows)}
	case types.ClassInterval:
		return &Spans{V: make([]types.Span, 0, capRows)}
	case types.ClassBytes:
		return &Bytes{Off: append(make([]uint32, 0, capRows+1), 0)}
	}
	panic("batch: unknown class")
}
