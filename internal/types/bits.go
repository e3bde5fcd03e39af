package types

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

// A bit string (bit(n), bit varying) is kept as one byte that says how many bits of the last byte are unused (0..7),
// then the bits, the first in the highest place of the first byte; unused bits are 0. The empty string is one byte 0.

// bitsLenMax is the most bits of a string, PostgreSQL's VARBITMAXLEN.
const bitsLenMax = math.MaxInt32 - 7

// BitLen returns the number of bits of a bit string.
func BitLen(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	return (len(b)-1)*8 - int(b[0])
}

// BitData returns the bytes with the bits of a bit string, aliasing it.
func BitData(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b[1:]
}

// MakeBits returns a bit string of n bits, all 0. n is not negative.
func MakeBits(n int) []byte {
	b := make([]byte, 1+(n+7)/8)
	b[0] = byte((8 - n%8) % 8)
	return b
}

// BitAt reports bit i of a bit string, the first being 0.
func BitAt(b []byte, i int) bool { return b[1+i/8]>>(7-i%8)&1 != 0 }

// SetBitAt sets bit i of a bit string that belongs to the caller.
func SetBitAt(b []byte, i int, on bool) {
	mask := byte(1) << (7 - i%8)
	if on {
		b[1+i/8] |= mask
	} else {
		b[1+i/8] &^= mask
	}
}

// SliceBits returns a new bit string of the bits from..to of b; bits beyond b's end are 0.
func SliceBits(b []byte, from, to int) []byte {
	out := MakeBits(to - from)
	copyBits(out, 0, b, from, min(to, BitLen(b)))
	return out
}

// ConcatBits returns the bits of a, then those of b.
func ConcatBits(a, b []byte) []byte {
	n := BitLen(a)
	out := MakeBits(n + BitLen(b))
	copyBits(out, 0, a, 0, n)
	copyBits(out, n, b, 0, BitLen(b))
	return out
}

// copyBits copies bits from..to of src to at of dst, whose bits are 0 there.
func copyBits(dst []byte, at int, src []byte, from, to int) {
	if at%8 == 0 && from%8 == 0 {
		for ; to-from >= 8; at, from = at+8, from+8 {
			dst[1+at/8] = src[1+from/8]
		}
	}
	for ; from < to; at, from = at+1, from+1 {
		if BitAt(src, from) {
			dst[1+at/8] |= 1 << (7 - at%8)
		}
	}
}

// CountBits returns the number of bits set.
func CountBits(b []byte) int {
	n := 0
	for _, c := range BitData(b) {
		n += bits.OnesCount8(c)
	}
	return n
}

func appendBits(dst, b []byte) []byte {
	for i := range BitLen(b) {
		c := byte('0')
		if BitAt(b, i) {
			c = '1'
		}
		dst = append(dst, c)
	}
	return dst
}

// parseBits reads 0s and 1s, b101 or x1F, and applies the length of t.
func parseBits(t Type, s string) (Value, error) {
	digits, base := s, 1
	if s != "" && (s[0] == 'b' || s[0] == 'B') {
		digits = s[1:]
	} else if s != "" && (s[0] == 'x' || s[0] == 'X') {
		digits, base = s[1:], 4
	}
	if len(digits) > bitsLenMax/base {
		return Value{}, pgerr.New(pgerr.ProgramLimitExceeded, "bit string length exceeds the maximum allowed (%d)", bitsLenMax)
	}
	b := MakeBits(len(digits) * base)
	if err := lengthOfBits(t, BitLen(b)); err != nil {
		return Value{}, err
	}
	for i := range len(digits) {
		if base == 4 {
			d, ok := hexDigit(digits[i])
			if !ok {
				return Value{}, badBitDigit(digits[i:], "hexadecimal")
			}
			b[1+i/2] |= d << (4 - i%2*4)
			continue
		}
		if c := digits[i]; c == '1' {
			SetBitAt(b, i, true)
		} else if c != '0' {
			return Value{}, badBitDigit(digits[i:], "binary")
		}
	}
	return BytesValue(b), nil
}

func badBitDigit(s, base string) error {
	_, n := utf8.DecodeRuneInString(s)
	return pgerr.New(pgerr.InvalidTextRepresentation, "\"%s\" is not a valid %s digit", s[:n], base)
}

// lengthOfBits refuses n bits where t has another length (bit) or a smaller one (bit varying): 22026, 22001.
func lengthOfBits(t Type, n int) error {
	switch {
	case t.Prec <= 0 || n == int(t.Prec):
	case t.Kind == Bit:
		return pgerr.New(pgerr.StringDataLengthMismatch, "bit string length %d does not match type bit(%d)", n, t.Prec)
	case n > int(t.Prec):
		return pgerr.New(pgerr.StringDataRightTruncation, "bit string too long for type bit varying(%d)", t.Prec)
	}
	return nil
}

// fitBits cuts or (bit only) fills with zeros on the right, as an explicit cast does.
func fitBits(t Type, b []byte) Value {
	n := BitLen(b)
	if t.Prec <= 0 || n == int(t.Prec) || t.Kind == Varbit && n < int(t.Prec) {
		return BytesValue(b)
	}
	return BytesValue(SliceBits(b, 0, int(t.Prec)))
}

// compareBits orders by the bytes, then by the length.
func compareBits(a, b []byte) int {
	if c := bytes.Compare(BitData(a), BitData(b)); c != 0 {
		return c
	}
	return cmpInt(int64(BitLen(a)), int64(BitLen(b)))
}

// appendBitsKey writes the bytes, then how many bits of the last count.
func appendBitsKey(dst, b []byte) []byte {
	dst = appendBytesKey(dst, BitData(b))
	if len(b) == 0 {
		return append(dst, 8)
	}
	return append(dst, 8-b[0])
}

func decodeBitsKey(b []byte) (Value, []byte, error) {
	data, rest, err := decodeBytesKey(b)
	if err != nil || len(rest) == 0 || rest[0] == 0 || rest[0] > 8 || len(data) == 0 && rest[0] != 8 {
		return Value{}, nil, errBadKey
	}
	unused := 8 - rest[0]
	if len(data) > 0 {
		data[len(data)-1] &^= 1<<unused - 1
	}
	return BytesValue(append([]byte{unused}, data...)), rest[1:], nil
}

func appendBitsBinary(dst, b []byte) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(BitLen(b)))
	return append(dst, BitData(b)...)
}

func parseBitsBinary(t Type, b []byte) (Value, error) {
	if len(b) < 4 {
		return Value{}, errBinary
	}
	n := int64(int32(binary.BigEndian.Uint32(b)))
	if n < 0 || n > bitsLenMax || int64(len(b)-4) != (n+7)/8 {
		return Value{}, pgerr.New(pgerr.InvalidBinaryRepresentation, "invalid length in external bit string")
	}
	if err := lengthOfBits(t, int(n)); err != nil {
		return Value{}, err
	}
	out := MakeBits(int(n))
	copy(out[1:], b[4:])
	if n > 0 {
		out[len(out)-1] &^= 1<<out[0] - 1
	}
	return BytesValue(out), nil
}

// castIntToBits takes the lowest bits of a number of width bits, the sign repeated where more are wanted.
func castIntToBits(to Type, i int64) Value {
	n := max(int(to.Prec), 1)
	out := MakeBits(n)
	for k := range n {
		shift := n - 1 - k
		if i>>min(shift, 63)&1 != 0 {
			SetBitAt(out, k, true)
		}
	}
	return BytesValue(out)
}

// castBitsToInt reads the bits as a number of width bits in two's complement. Error: 22003.
func castBitsToInt(to Type, b []byte) (Value, error) {
	width := map[Kind]int{Int4: 32, Int8: 64}[to.Kind]
	if BitLen(b) > width {
		return Value{}, pgerr.New(pgerr.NumericValueOutOfRange, "%s out of range", kindNames[to.Kind])
	}
	u := uint64(0)
	for i := range BitLen(b) {
		u <<= 1
		if BitAt(b, i) {
			u |= 1
		}
	}
	if to.Kind == Int4 {
		return IntValue(int64(int32(u))), nil
	}
	return IntValue(int64(u)), nil
}

// BitsLiteral reads the text of a B'…' or X'…' literal, its prefix letter first.
func BitsLiteral(s string) (Value, error) { return parseBits(T(Bit), s) }

// castBits casts from a bit string.
func castBits(from, to Type, v Value) (Value, error) {
	switch to.Kind {
	case Bit, Varbit:
		return fitBits(to, v.Bytes), nil
	case Int4, Int8:
		return castBitsToInt(to, v.Bytes)
	}
	return Value{}, cannotCast(from, to)
}
