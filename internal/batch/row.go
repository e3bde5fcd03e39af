package batch

import (
	"streamsql/internal/types"
)

// AppendRow appends row row of cols in a compact form (types.AppendCompact…), for state. A nil column is NULL. It keeps
// no order, and equal rows give equal bytes only where types.Type.Canonical holds. Nothing is allocated but dst's growth.
func AppendRow(dst []byte, cols []Vec, row int) []byte {
	for _, c := range cols {
		switch v := c.(type) {
		case *Ints:
			if !v.N.Has(row) {
				dst = types.AppendCompactInt(dst, v.V[row])
				continue
			}
		case *Bytes:
			if !v.N.Has(row) {
				dst = types.AppendCompactBytes(dst, v.At(row))
				continue
			}
		case nil:
		default:
			dst = appendOther(dst, c, row)
			continue
		}
		dst = types.AppendCompactNull(dst)
	}
	return dst
}

func appendOther(dst []byte, c Vec, row int) []byte {
	if c.NullMap().Has(row) {
		return types.AppendCompactNull(dst)
	}
	switch v := c.(type) {
	case *Bools:
		return types.AppendCompactBool(dst, v.V[row])
	case *Floats:
		return types.AppendCompactFloat(dst, v.V[row])
	case *Decs:
		return v.V[row].AppendEncoded(dst)
	case *Spans:
		return types.AppendCompactSpan(dst, v.V[row])
	}
	panic("batch: unknown vector")
}

// DecodeRow appends the columns that AppendRow wrote (not the weight) to bl, from column firstCol on: as many as b holds.
// Bytes are copied. On an error (XX001) the columns read so far are in the builder: see Builder.DropRow.
func DecodeRow(b []byte, bl *Builder, firstCol int) error {
	for i := firstCol; len(b) > 0; i++ {
		if i >= len(bl.cols) {
			return types.ErrDamaged
		}
		n := bl.cols[i].decode(b)
		if n == 0 {
			return types.ErrDamaged
		}
		b = b[n:]
	}
	return nil
}

// decode appends the compact value at the start of b and returns its length, 0 when it is damaged.
func (c *column) decode(b []byte) int {
	a := Appender{c}
	if b[0] == 0 {
		a.AppendNull()
		return 1
	}
	switch c.class {
	case types.ClassInt:
		x, _, n := types.CompactInt(b)
		if n > 0 {
			a.AppendInt(x)
		}
		return n
	case types.ClassBytes:
		x, _, n := types.CompactBytes(b)
		if n > 0 {
			a.AppendBytes(x)
		}
		return n
	case types.ClassFloat:
		x, _, n := types.CompactFloat(b)
		if n > 0 {
			a.AppendFloat(x)
		}
		return n
	}
	v, n := types.DecodeCompact(b, c.class)
	if n > 0 {
		a.AppendValue(v)
	}
	return n
}

// DecodeVals reads a row that AppendRow wrote as boxed values of the types ts; Bytes alias b. For edges. Error: XX001.
func DecodeVals(b []byte, ts []types.Type) ([]types.Value, error) {
	vals := make([]types.Value, len(ts))
	for i, t := range ts {
		v, n := types.DecodeCompact(b, t.Class())
		if n == 0 {
			return nil, types.ErrDamaged
		}
		vals[i], b = v, b[n:]
	}
	if len(b) != 0 {
		return nil, types.ErrDamaged
	}
	return vals, nil
}
