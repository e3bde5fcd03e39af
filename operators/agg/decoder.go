package agg

import "encoding/binary"

// decoder reads varints of a state value that this package wrote.
type decoder struct{ b []byte }

func (d *decoder) varint() int64 {
	x, n := binary.Varint(d.b)
	if n <= 0 {
		panic("agg: broken state value")
	}
	d.b = d.b[n:]
	return x
}

func (d *decoder) uvarint() uint64 {
	x, n := binary.Uvarint(d.b)
	if n <= 0 {
		panic("agg: broken state value")
	}
	d.b = d.b[n:]
	return x
}
