package expr

import (
	"bytes"
	"math"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Operators and functions of bit strings. Bits count from the left.

func init() {
	for _, p := range []struct {
		op, verb, doc, example string
		fn                     func(x, y byte) byte
	}{{"&", "AND", "bitwise and", "'10001'::varbit & '01101'::varbit => 00001", func(x, y byte) byte { return x & y }},
		{"|", "OR", "bitwise or", "'10001'::varbit | '01101'::varbit => 11101", func(x, y byte) byte { return x | y }},
		{"#", "XOR", "bitwise exclusive or", "'10001'::varbit # '01101'::varbit => 11100", func(x, y byte) byte { return x ^ y }}} {
		def(p.op+"(bit, bit) bit", p.doc, p.example, rows(func(r *row, a []types.Value) (types.Value, error) {
			if types.BitLen(a[0].Bytes) != types.BitLen(a[1].Bytes) {
				return types.Null, pgerr.New(pgerr.StringDataLengthMismatch, "cannot %s bit strings of different sizes", p.verb)
			}
			r.buf = append(r.buf[:0], a[0].Bytes...)
			for i := 1; i < len(r.buf); i++ {
				r.buf[i] = p.fn(r.buf[i], a[1].Bytes[i])
			}
			return types.Value{Bytes: r.buf}, nil
		}))
	}
	def("~(bit) bit", "bitwise not", "~ '10001'::varbit => 01110", rows(bitsNot))
	def("<<(bit, int4) bit", "moved to the left, zeros coming in", "'10001'::varbit << 3 => 01000", rows(func(_ *row, a []types.Value) (types.Value, error) {
		return shiftBits(a[0].Bytes, a[1].I), nil
	}))
	def(">>(bit, int4) bit", "moved to the right, zeros coming in", "'10001'::varbit >> 2 => 00100", rows(func(_ *row, a []types.Value) (types.Value, error) {
		return shiftBits(a[0].Bytes, -a[1].I), nil
	}))
	def("||(varbit, varbit) varbit", "concatenation", "'10001'::varbit || '011'::varbit => 10001011", rows(func(_ *row, a []types.Value) (types.Value, error) {
		return types.BytesValue(types.ConcatBits(a[0].Bytes, a[1].Bytes)), nil
	}))
	bitMeasures()
	for _, sig := range []string{"substring(bit, int4) bit", "substring(bit, int4, int4) bit"} {
		def(sig, "bits from a position on", map[bool]string{true: "substring('110010111111'::varbit, 3, 2) => 00"}[len(sig) > 25], rows(bitsSubstring))
	}
	for _, sig := range []string{"overlay(bit, bit, int4) bit", "overlay(bit, bit, int4, int4) bit"} {
		def(sig, "a part replaced", map[bool]string{true: "overlay('01010101010101010'::varbit, '11111'::varbit, 2, 3) => 0111110101010101010"}[len(sig) > 28], rows(bitsOverlay))
	}
	def("get_bit(bit, int4) int4", "a bit", "get_bit('101010101010101010'::varbit, 6) => 1", rows(func(_ *row, a []types.Value) (types.Value, error) {
		if err := bitIndex(a[0].Bytes, a[1].I); err != nil {
			return types.Null, err
		}
		if types.BitAt(a[0].Bytes, int(a[1].I)) {
			return types.IntValue(1), nil
		}
		return types.IntValue(0), nil
	}))
	def("set_bit(bit, int4, int4) bit", "with a bit set to 0 or 1", "set_bit('101010101010101010'::varbit, 6, 0) => 101010001010101010", rows(func(r *row, a []types.Value) (types.Value, error) {
		if err := bitIndex(a[0].Bytes, a[1].I); err != nil {
			return types.Null, err
		}
		if a[2].I != 0 && a[2].I != 1 {
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "new bit must be 0 or 1")
		}
		r.buf = append(r.buf[:0], a[0].Bytes...)
		types.SetBitAt(r.buf, int(a[1].I), a[2].I == 1)
		return types.Value{Bytes: r.buf}, nil
	}))
}

// bitMeasures registers the functions that give a number for a bit string.
func bitMeasures() {
	def("length(bit) int4", "number of bits", "length('10111'::varbit) => 5", bytesToInt(func(b []byte) int64 { return int64(types.BitLen(b)) }))
	def("bit_length(bit) int4", "number of bits", "bit_length('10111'::varbit) => 5", bytesToInt(func(b []byte) int64 { return int64(types.BitLen(b)) }))
	def("octet_length(bit) int4", "number of bytes", "octet_length('1011111011'::varbit) => 2", bytesToInt(func(b []byte) int64 { return int64(len(types.BitData(b))) }))
	def("bit_count(bit) int8", "number of bits set", "bit_count('10111'::varbit) => 4", bytesToInt(func(b []byte) int64 { return int64(types.CountBits(b)) }))
	def("position(bit, bit) int4", "where the second string begins in the first, or 0", "position('1100101'::varbit, '010'::varbit) => 4", rows(func(_ *row, a []types.Value) (types.Value, error) {
		return types.IntValue(int64(bitsPosition(a[0].Bytes, a[1].Bytes))), nil
	}))
}

func bitsNot(r *row, a []types.Value) (types.Value, error) {
	r.buf = append(r.buf[:0], a[0].Bytes...)
	for i := 1; i < len(r.buf); i++ {
		r.buf[i] = ^r.buf[i]
	}
	if n := len(r.buf); n > 1 {
		r.buf[n-1] &^= 1<<r.buf[0] - 1
	}
	return types.Value{Bytes: r.buf}, nil
}

// shiftBits moves the bits of b left by n places, or right by -n.
func shiftBits(b []byte, n int64) types.Value {
	size := int64(types.BitLen(b))
	n = min(max(n, -size), size)
	if n >= 0 {
		return types.BytesValue(types.SliceBits(b, int(n), int(n+size)))
	}
	head := types.MakeBits(int(-n))
	return types.BytesValue(types.ConcatBits(head, types.SliceBits(b, 0, int(size+n))))
}

// bitsPart is substring(b from start for count), without the check of count.
func bitsPart(b []byte, start, count int64) []byte {
	end := min(start+count, int64(types.BitLen(b))+1)
	start = max(start, 1)
	if start >= end {
		return types.MakeBits(0)
	}
	return types.SliceBits(b, int(start-1), int(end-1))
}

func bitsSubstring(_ *row, a []types.Value) (types.Value, error) {
	count := int64(2 * math.MaxInt32)
	if len(a) > 2 {
		if count = a[2].I; count < 0 {
			return types.Null, errNegativeSubstring
		}
	}
	return types.BytesValue(bitsPart(a[0].Bytes, a[1].I, count)), nil
}

func bitsOverlay(_ *row, a []types.Value) (types.Value, error) {
	b, start, count := a[0].Bytes, a[2].I, int64(types.BitLen(a[1].Bytes))
	if len(a) > 3 {
		count = a[3].I
	}
	if start <= 0 {
		return types.Null, errNegativeSubstring
	}
	if start+count != int64(int32(start+count)) {
		return types.Null, errInt4Range
	}
	head := types.ConcatBits(bitsPart(b, 1, start-1), a[1].Bytes)
	return types.BytesValue(types.ConcatBits(head, bitsPart(b, start+count, 2*math.MaxInt32))), nil
}

func bitIndex(b []byte, i int64) error {
	if n := int64(types.BitLen(b)); i < 0 || i >= n {
		return pgerr.New(pgerr.ArraySubscriptError, "bit index %d out of valid range (0..%d)", i, n-1)
	}
	return nil
}

// bitsPosition is the place, from 1, where the bits of sub begin in b. 0: nowhere.
func bitsPosition(b, sub []byte) int {
	n, m := types.BitLen(b), types.BitLen(sub)
	if n == 0 || m > n {
		return 0
	}
	if m == 0 {
		return 1
	}
	// Candidates are compared at every bit, whole bytes where both lie alike.
	for at := 0; at+m <= n; at++ {
		if bitsAt(b, at, sub, m) {
			return at + 1
		}
	}
	return 0
}

func bitsAt(b []byte, at int, sub []byte, m int) bool {
	whole := 0
	if at%8 == 0 {
		if whole = m / 8; !bytes.Equal(types.BitData(b)[at/8:at/8+whole], types.BitData(sub)[:whole]) {
			return false
		}
	}
	for i := whole * 8; i < m; i++ {
		if types.BitAt(b, at+i) != types.BitAt(sub, i) {
			return false
		}
	}
	return true
}
