package rowkey

import (
	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// Codec makes canonical keys of some columns of a batch. It has no state: any number of goroutines may use one.
type Codec struct {
	Types []types.Type // of the key columns
	Cols  []int        // the key columns in the batch
	Exact bool         // all types are canonical: keys are row encodings and can be decoded
}

// NewCodec returns the Codec of columns cols of rows of types in; nil cols means all columns.
func NewCodec(in []types.Type, cols []int) *Codec {
	if cols == nil {
		cols = make([]int, len(in))
		for i := range cols {
			cols[i] = i
		}
	}
	c := &Codec{Cols: cols, Types: make([]types.Type, len(cols)), Exact: true}
	for i, k := range cols {
		c.Types[i] = in[k]
		c.Exact = c.Exact && in[k].Canonical()
	}
	return c
}

// Vecs returns the key columns of a batch.
func (c *Codec) Vecs(b *batch.Batch) []batch.Vec {
	out := make([]batch.Vec, len(c.Cols))
	for i, k := range c.Cols {
		out[i] = b.Cols[k]
	}
	return out
}

// Append appends the canonical key of a row; vecs are the key columns (Vecs). NULL equals NULL.
func (c *Codec) Append(dst []byte, vecs []batch.Vec, row int) []byte {
	if c.Exact {
		return batch.AppendRow(dst, vecs, row)
	}
	for i, v := range vecs {
		dst = batch.AppendKey(dst, c.Types[i], v, row)
	}
	return dst
}

// AppendPrefix appends the key of a row in the form that is self-delimiting: no key is a prefix of another one, and keys
// of several columns may be followed by more bytes.
func (c *Codec) AppendPrefix(dst []byte, vecs []batch.Vec, row int) []byte {
	for i, v := range vecs {
		dst = batch.AppendKey(dst, c.Types[i], v, row)
	}
	return dst
}

// VecsOf returns boxed key values as one-row vectors.
func (c *Codec) VecsOf(key []types.Value) []batch.Vec {
	out := make([]batch.Vec, len(key))
	for i, v := range key {
		out[i] = batch.NewVec(c.Types[i], []types.Value{v})
	}
	return out
}

// SortKey is one column to order by.
type SortKey struct {
	Col        int
	Desc       bool
	NullsFirst bool
}

// The first byte of an ordered key part.
const (
	nullFirst = 0x00
	present   = 0x01
	nullLast  = 0x02
)

// AppendOrdered appends row's value of v so that bytes.Compare orders it as k says. Self-delimiting.
func AppendOrdered(dst []byte, k SortKey, t types.Type, v batch.Vec, row int) []byte {
	if v == nil || v.NullMap().Has(row) {
		if k.NullsFirst {
			return append(dst, nullFirst)
		}
		return append(dst, nullLast)
	}
	dst = append(dst, present)
	at := len(dst)
	dst = batch.AppendKey(dst, t, v, row)
	if k.Desc {
		for i := at; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
	}
	return dst
}

// Order makes ordered keys: the sort keys, then every other column, then (where equal rows can differ in form) the form
// itself, so that only identical rows have the same key.
type Order struct {
	in    []types.Type
	keys  []SortKey
	rest  []SortKey
	exact bool
}

// NewOrder returns the Order of rows of types in by keys, ties broken by the whole row.
func NewOrder(in []types.Type, keys []SortKey) *Order {
	o := &Order{in: in, keys: keys, exact: true}
	used := make([]bool, len(in))
	for _, k := range keys {
		used[k.Col] = true
	}
	for i, t := range in {
		o.exact = o.exact && t.Canonical()
		if !used[i] {
			o.rest = append(o.rest, SortKey{Col: i})
		}
	}
	return o
}

// Append appends the ordered key of a row of cols.
func (o *Order) Append(dst []byte, cols []batch.Vec, row int) []byte {
	for _, k := range o.keys {
		dst = AppendOrdered(dst, k, o.in[k.Col], cols[k.Col], row)
	}
	for _, k := range o.rest {
		dst = AppendOrdered(dst, k, o.in[k.Col], cols[k.Col], row)
	}
	if !o.exact {
		dst = batch.AppendRow(dst, cols, row)
	}
	return dst
}
