package types

import (
	"encoding/binary"
	"math"

	"streamsql/internal/pgerr"
)

// The compact form of a value, for rows in state and inside arrays and records: short and fast, not ordered. The
// first byte 0 is NULL. An integer is one byte when it is small (compactInline + its zigzag code), else its length in
// bytes and the bytes, little endian; bytes have their length in the same form in front.

const compactInline = 9

// ErrDamaged says that an encoded value or row cannot be read: XX001.
var ErrDamaged = pgerr.New(pgerr.DataCorrupted, "encoded row is damaged")

// AppendCompactInt appends x.
func AppendCompactInt(dst []byte, x int64) []byte {
	return appendCompactUint(dst, uint64(x)<<1^uint64(x>>63))
}

func appendCompactUint(dst []byte, u uint64) []byte {
	if u < 256-compactInline {
		return append(dst, byte(u)+compactInline)
	}
	n := 1
	for v := u >> 8; v != 0; v >>= 8 {
		n++
	}
	dst = append(dst, byte(n))
	for range n {
		dst = append(dst, byte(u))
		u >>= 8
	}
	return dst
}

// CompactInt reads an integer at the start of b: n is the number of bytes read, 0 when b is damaged.
func CompactInt(b []byte) (x int64, null bool, n int) {
	u, null, n := compactUint(b)
	return int64(u>>1) ^ -int64(u&1), null, n
}

func compactUint(b []byte) (u uint64, null bool, n int) {
	if len(b) == 0 {
		return 0, false, 0
	}
	switch c := b[0]; {
	case c >= compactInline:
		return uint64(c - compactInline), false, 1
	case c == 0:
		return 0, true, 1
	case len(b) >= 9:
		return binary.LittleEndian.Uint64(b[1:]) & (math.MaxUint64 >> (64 - 8*uint(c))), false, 1 + int(c)
	case len(b) > int(c):
		for i := int(c); i > 0; i-- {
			u = u<<8 | uint64(b[i])
		}
		return u, false, 1 + int(c)
	}
	return 0, false, 0
}

// AppendCompactNull appends NULL of any class.
func AppendCompactNull(dst []byte) []byte { return append(dst, 0) }

// AppendCompactBool appends x.
func AppendCompactBool(dst []byte, x bool) []byte {
	if x {
		return append(dst, 2)
	}
	return append(dst, 1)
}

// AppendCompactFloat appends x, every bit of it.
func AppendCompactFloat(dst []byte, x float64) []byte {
	return binary.LittleEndian.AppendUint64(append(dst, 1), math.Float64bits(x))
}

// CompactFloat reads a float at the start of b; see CompactInt.
func CompactFloat(b []byte) (x float64, null bool, n int) {
	if len(b) > 0 && b[0] == 0 {
		return 0, true, 1
	}
	if len(b) < 9 {
		return 0, false, 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b[1:])), false, 9
}

// AppendCompactBytes appends a copy of x.
func AppendCompactBytes(dst, x []byte) []byte {
	return append(appendCompactUint(dst, uint64(len(x))), x...)
}

// CompactBytes reads bytes at the start of b, aliasing it; see CompactInt.
func CompactBytes(b []byte) (x []byte, null bool, n int) {
	u, null, n := compactUint(b)
	if null || n == 0 {
		return nil, null, n
	}
	if u > uint64(len(b)-n) {
		return nil, false, 0
	}
	end := n + int(u)
	return b[n:end:end], false, end
}

// AppendCompactSpan appends x.
func AppendCompactSpan(dst []byte, x Span) []byte {
	dst = AppendCompactInt(dst, int64(x.Months))
	dst = AppendCompactInt(dst, int64(x.Days))
	return AppendCompactInt(dst, x.Micros)
}

// CompactSpan reads an interval at the start of b; see CompactInt.
func CompactSpan(b []byte) (x Span, null bool, n int) {
	months, null, n := CompactInt(b)
	if null || n == 0 {
		return Span{}, null, n
	}
	days, null1, n1 := CompactInt(b[n:])
	micros, null2, n2 := CompactInt(b[n+n1:])
	if n1 == 0 || n2 == 0 || null1 || null2 || int64(int32(months)) != months || int64(int32(days)) != days {
		return Span{}, false, 0
	}
	return Span{Months: int32(months), Days: int32(days), Micros: micros}, false, n + n1 + n2
}

// AppendCompact appends a boxed value of class c, or NULL.
func AppendCompact(dst []byte, c Class, v Value) []byte {
	if v.Null {
		return append(dst, 0)
	}
	switch c {
	case ClassBool:
		return AppendCompactBool(dst, v.B)
	case ClassInt:
		return AppendCompactInt(dst, v.I)
	case ClassFloat:
		return AppendCompactFloat(dst, v.F)
	case ClassNumeric:
		return v.N.AppendEncoded(dst)
	case ClassInterval:
		return AppendCompactSpan(dst, v.S)
	}
	return AppendCompactBytes(dst, v.Bytes)
}

// DecodeCompact reads what AppendCompact wrote; Bytes alias b. n is 0 when b is damaged.
func DecodeCompact(b []byte, c Class) (v Value, n int) {
	if len(b) == 0 {
		return Value{}, 0
	}
	if b[0] == 0 {
		return Null, 1
	}
	switch c {
	case ClassBool:
		if b[0] > 2 {
			return Value{}, 0
		}
		return Value{B: b[0] == 2}, 1
	case ClassInt:
		v.I, _, n = CompactInt(b)
	case ClassFloat:
		v.F, _, n = CompactFloat(b)
	case ClassNumeric:
		v.N, n, _ = DecodeDec(b)
	case ClassInterval:
		v.S, _, n = CompactSpan(b)
	case ClassBytes:
		v.Bytes, _, n = CompactBytes(b)
	}
	return v, n
}
