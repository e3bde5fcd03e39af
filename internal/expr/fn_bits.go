package expr

import (
	"math/bits"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Bits and bytes of bytea. Bits count from the lowest of the first byte.

func errIndex(i, n int64) error {
	return pgerr.New("2202E", "index %d out of valid range, 0..%d", i, n-1)
}

func init() {
	def("bit_count(bytea) int8", "number of bits set", `bit_count('\x1234567890'::bytea) => 15`, rows(func(_ *row, a []types.Value) (types.Value, error) {
		n := 0
		for _, b := range a[0].Bytes {
			n += bits.OnesCount8(b)
		}
		return types.IntValue(int64(n)), nil
	}))
	def("get_bit(bytea, int8) int4", "a bit", `get_bit('\x1234567890'::bytea, 30) => 1`, rows(func(_ *row, a []types.Value) (types.Value, error) {
		b, i := a[0].Bytes, a[1].I
		if n := int64(len(b)) * 8; i < 0 || i >= n {
			return types.Null, errIndex(i, n)
		}
		return types.IntValue(int64(b[i/8] >> (i % 8) & 1)), nil
	}))
	def("set_bit(bytea, int8, int4) bytea", "with a bit set to 0 or 1", `set_bit('\x1234567890'::bytea, 30, 0) => \x1234563890`,
		rows(func(r *row, a []types.Value) (types.Value, error) {
			i := a[1].I
			if n := int64(len(a[0].Bytes)) * 8; i < 0 || i >= n {
				return types.Null, errIndex(i, n)
			}
			if a[2].I != 0 && a[2].I != 1 {
				return types.Null, pgerr.New(pgerr.InvalidParameterValue, "new bit must be 0 or 1")
			}
			r.buf = append(r.buf[:0], a[0].Bytes...)
			r.buf[i/8] = r.buf[i/8]&^(1<<(i%8)) | byte(a[2].I)<<(i%8)
			return types.Value{Bytes: r.buf}, nil
		}))
	def("set_byte(bytea, int4, int4) bytea", "with a byte replaced", `set_byte('\x1234567890'::bytea, 4, 64) => \x1234567840`,
		rows(func(r *row, a []types.Value) (types.Value, error) {
			i := a[1].I
			if n := int64(len(a[0].Bytes)); i < 0 || i >= n {
				return types.Null, errIndex(i, n)
			}
			r.buf = append(r.buf[:0], a[0].Bytes...)
			r.buf[i] = byte(a[2].I)
			return types.Value{Bytes: r.buf}, nil
		}))
}
