package batch

import "streamsql/internal/types"

// Gather returns the rows sel of v, in that order; rows may repeat. A nil v gives nil.
func Gather(v Vec, sel []int32) Vec {
	if v == nil {
		return nil
	}
	nulls := gatherNulls(v.NullMap(), sel)
	switch v := v.(type) {
	case *Bools:
		return &Bools{V: gather(v.V, sel), N: nulls}
	case *Ints:
		return &Ints{V: gather(v.V, sel), N: nulls}
	case *Floats:
		return &Floats{V: gather(v.V, sel), N: nulls}
	case *Decs:
		return &Decs{V: gather(v.V, sel), N: nulls}
	case *Spans:
		return &Spans{V: gather(v.V, sel), N: nulls}
	case *Bytes:
		return gatherBytes(v, sel, nulls)
	}
	panic("batch: unknown vector")
}

func gather[T any](v []T, sel []int32) []T {
	out := make([]T, len(sel))
	for i, r := range sel {
		out[i] = v[r]
	}
	return out
}

func gatherNulls(n Nulls, sel []int32) Nulls {
	if n == nil {
		return nil
	}
	out, any := MakeNulls(len(sel)), false
	for i, r := range sel {
		if n.Has(int(r)) {
			out.Set(i)
			any = true
		}
	}
	if !any {
		return nil
	}
	return out
}

func gatherBytes(v *Bytes, sel []int32, nulls Nulls) *Bytes {
	size := 0
	for _, r := range sel {
		size += int(v.Off[r+1] - v.Off[r])
	}
	out := &Bytes{Data: make([]byte, 0, size), Off: make([]uint32, len(sel)+1), N: nulls}
	for i, r := range sel {
		out.Data = append(out.Data, v.Data[v.Off[r]:v.Off[r+1]]...)
		out.Off[i+1] = uint32(len(out.Data))
	}
	return out
}

// Select returns the rows sel of b, in that order.
func (b *Batch) Select(sel []int32) *Batch {
	out := &Batch{Cols: make([]Vec, len(b.Cols)), Weights: gather(b.Weights, sel)}
	for i, c := range b.Cols {
		out.Cols[i] = Gather(c, sel)
	}
	return out
}

// Slice returns rows i up to, not including, j of b, sharing the vectors (their null bitmaps are copied).
func (b *Batch) Slice(i, j int) *Batch {
	if i == 0 && j == b.Rows() {
		return b
	}
	out := &Batch{Cols: make([]Vec, len(b.Cols)), Weights: b.Weights[i:j:j]}
	for k, c := range b.Cols {
		out.Cols[k] = sliceVec(c, i, j)
	}
	return out
}

func sliceVec(v Vec, i, j int) Vec {
	if v == nil {
		return nil
	}
	nulls := sliceNulls(v.NullMap(), i, j)
	switch v := v.(type) {
	case *Bools:
		return &Bools{V: v.V[i:j:j], N: nulls}
	case *Ints:
		return &Ints{V: v.V[i:j:j], N: nulls}
	case *Floats:
		return &Floats{V: v.V[i:j:j], N: nulls}
	case *Decs:
		return &Decs{V: v.V[i:j:j], N: nulls}
	case *Spans:
		return &Spans{V: v.V[i:j:j], N: nulls}
	case *Bytes:
		return &Bytes{Data: v.Data, Off: v.Off[i : j+1 : j+1], N: nulls}
	}
	panic("batch: unknown vector")
}

func sliceNulls(n Nulls, i, j int) Nulls {
	if n == nil {
		return nil
	}
	out, any := MakeNulls(j-i), false
	for r := i; r < j; r++ {
		if n.Has(r) {
			out.Set(r - i)
			any = true
		}
	}
	if !any {
		return nil
	}
	return out
}

// Concat returns the rows of all bs, which have the same classes. One batch is returned as it is; none at all gives nil.
// A column that is nil in some batches only is NULL in their rows.
func Concat(bs []*Batch) *Batch {
	switch len(bs) {
	case 0:
		return nil
	case 1:
		return bs[0]
	}
	rows := 0
	for _, b := range bs {
		rows += b.Rows()
	}
	out := &Batch{Cols: make([]Vec, len(bs[0].Cols)), Weights: make([]int64, 0, rows)}
	for _, b := range bs {
		out.Weights = append(out.Weights, b.Weights...)
	}
	for i := range out.Cols {
		out.Cols[i] = concatCol(bs, i, rows)
	}
	return out
}

func concatCol(bs []*Batch, col, rows int) Vec {
	var class types.Class
	for _, b := range bs {
		if b.Cols[col] != nil {
			class = b.Cols[col].class()
			break
		}
	}
	if class == 0 {
		return nil
	}
	var c column
	c.init(class)
	c.reserve(rows)
	for _, b := range bs {
		c.appendVec(b.Cols[col], b.Rows())
	}
	return c.take(rows)
}

// appendVec appends all n rows of v; a nil v gives n NULLs.
func (c *column) appendVec(v Vec, n int) {
	at := c.len()
	if v == nil {
		for range n {
			Appender{c}.AppendNull()
		}
		return
	}
	switch v := v.(type) {
	case *Bools:
		c.bools = append(c.bools, v.V...)
	case *Ints:
		c.ints = append(c.ints, v.V...)
	case *Floats:
		c.floats = append(c.floats, v.V...)
	case *Decs:
		c.decs = append(c.decs, v.V...)
	case *Spans:
		c.spans = append(c.spans, v.V...)
	case *Bytes:
		c.appendBytesVec(v)
	}
	nulls := v.NullMap()
	if nulls == nil {
		return
	}
	for len(c.nulls) <= (at+n)>>6 {
		c.nulls = append(c.nulls, 0)
	}
	for r := range n {
		if nulls.Has(r) {
			c.nulls.Set(at + r)
		}
	}
}

func (c *column) appendBytesVec(v *Bytes) {
	if v.Len() == 0 {
		return
	}
	shift := uint32(len(c.data)) - v.Off[0]
	c.data = append(c.data, v.Data[v.Off[0]:v.Off[v.Len()]]...)
	for _, o := range v.Off[1:] {
		c.off = append(c.off, o+shift)
	}
}

// take is seal for a column that is not used again: nothing is copied.
func (c *column) take(n int) Vec {
	nulls := c.sealNulls(n)
	switch c.class {
	case types.ClassBool:
		return &Bools{V: c.bools, N: nulls}
	case types.ClassInt:
		return &Ints{V: c.ints, N: nulls}
	case types.ClassFloat:
		return &Floats{V: c.floats, N: nulls}
	case types.ClassNumeric:
		return &Decs{V: c.decs, N: nulls}
	case types.ClassInterval:
		return &Spans{V: c.spans, N: nulls}
	}
	return &Bytes{Data: c.data, Off: c.off, N: nulls}
}

// Negate returns b with every weight's sign turned; columns are shared.
func (b *Batch) Negate() *Batch {
	w := make([]int64, len(b.Weights))
	for i, x := range b.Weights {
		w[i] = -x
	}
	return &Batch{Cols: b.Cols, Weights: w}
}
