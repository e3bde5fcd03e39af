package types

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/big"

	"streamsql/internal/pgerr"
)

// The first byte of a key: a value or NULL, which sorts last.
const (
	keyValue = 0x01
	keyNull  = 0x02
)

var errBadKey = pgerr.New(pgerr.DataCorrupted, "encoded key is damaged")

// AppendKey appends bytes whose order (bytes.Compare) is that of Compare, NULL last. Keys of several columns are made by
// appending one after the other: no key is a prefix of another. Equal values have equal keys.
func AppendKey(dst []byte, t Type, v Value) []byte {
	if v.Null {
		return append(dst, keyNull)
	}
	switch t.Class() {
	case ClassBool:
		return AppendKeyBool(dst, v.B)
	case ClassInt:
		return AppendKeyInt(dst, v.I)
	case ClassFloat:
		return AppendKeyFloat(dst, v.F)
	case ClassNumeric:
		return appendDecKey(append(dst, keyValue), v.N)
	case ClassInterval:
		x := v.S.total()
		dst = binary.BigEndian.AppendUint64(append(dst, keyValue), uint64(x.hi)^1<<63)
		return binary.BigEndian.AppendUint64(dst, x.lo)
	}
	return AppendKeyBytes(dst, &t, v.Bytes)
}

// AppendKeyNull appends the key of NULL.
func AppendKeyNull(dst []byte) []byte { return append(dst, keyNull) }

// AppendKeyInt appends the key of a value of ClassInt.
func AppendKeyInt(dst []byte, x int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, keyValue), uint64(x)^1<<63)
}

// AppendKeyBool appends the key of a boolean.
func AppendKeyBool(dst []byte, x bool) []byte {
	if x {
		return append(dst, keyValue, 1)
	}
	return append(dst, keyValue, 0)
}

// AppendKeyFloat appends the key of a float: -0 is 0, and all NaNs are one.
func AppendKeyFloat(dst []byte, f float64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, keyValue), floatOrder(f))
}

// floatOrder maps floats to integers of the same order.
func floatOrder(f float64) uint64 {
	if f == 0 {
		f = 0
	}
	if math.IsNaN(f) {
		return math.MaxUint64
	}
	if u := math.Float64bits(f); u>>63 == 0 {
		return u | 1<<63
	} else {
		return ^u
	}
}

// AppendKeyBytes appends the key of a value of ClassBytes.
func AppendKeyBytes(dst []byte, t *Type, b []byte) []byte {
	dst = append(dst, keyValue)
	switch t.Kind {
	case Char:
		return appendBytesKey(dst, unpad(b))
	case JSONB:
		return appendJSONBKey(dst, b)
	case Bit, Varbit:
		return appendBitsKey(dst, b)
	case Inet, CIDR:
		return appendInetKey(dst, b)
	case Array, Record, Map:
		return appendNestedKey(dst, t, b)
	}
	return appendBytesKey(dst, b)
}

// appendBytesKey writes b with 0x00 as 00 FF and ends it with 00 01, which sorts below any continuation.
func appendBytesKey(dst, b []byte) []byte {
	for {
		i := bytes.IndexByte(b, 0)
		if i < 0 {
			return append(append(dst, b...), 0, 1)
		}
		dst = append(append(dst, b[:i]...), 0, 0xff)
		b = b[i+1:]
	}
}

func decodeBytesKey(b []byte) (val, rest []byte, err error) {
	val = []byte{}
	for {
		i := bytes.IndexByte(b, 0)
		if i < 0 || i+1 >= len(b) {
			return nil, nil, errBadKey
		}
		val = append(val, b[:i]...)
		next := b[i+1]
		b = b[i+2:]
		switch next {
		case 1:
			return val, b, nil
		case 0xff:
			val = append(val, 0)
		default:
			return nil, nil, errBadKey
		}
	}
}

// The first byte of a numeric key.
const (
	decKeyNegInf = 0x10
	decKeyNeg    = 0x20
	decKeyZero   = 0x30
	decKeyPos    = 0x40
	decKeyPosInf = 0x50
	decKeyNaN    = 0x60
)

// appendDecKey writes the sign; the exponent (the value is 0.ddd · 10^exponent), 4 bytes; the digits in pairs plus one,
// trailing zeros dropped; 0. Below zero all after the sign is complemented.
func appendDecKey(dst []byte, d Dec) []byte {
	switch {
	case d.form == decNaN:
		return append(dst, decKeyNaN)
	case d.form == decPosInf:
		return append(dst, decKeyPosInf)
	case d.form == decNegInf:
		return append(dst, decKeyNegInf)
	case d.Sign() == 0:
		return append(dst, decKeyZero)
	}
	tag := byte(decKeyPos)
	if d.Sign() < 0 {
		tag = decKeyNeg
	}
	dst = append(dst, tag)
	start := len(dst)
	var buf [48]byte
	digits := d.Abs().at(0).Append(buf[:0])
	dst = binary.BigEndian.AppendUint32(dst, uint32(int32(len(digits))-d.scale)^1<<31)
	digits = bytes.TrimRight(digits, "0")
	for i := 0; i < len(digits); i += 2 {
		pair := (digits[i] - '0') * 10
		if i+1 < len(digits) {
			pair += digits[i+1] - '0'
		}
		dst = append(dst, pair+1)
	}
	dst = append(dst, 0)
	if tag == decKeyNeg {
		complement(dst[start:])
	}
	return dst
}

func complement(b []byte) {
	for i := range b {
		b[i] = ^b[i]
	}
}

func decodeDecKey(b []byte) (Dec, []byte, error) {
	if len(b) == 0 {
		return Dec{}, nil, errBadKey
	}
	tag, b := b[0], b[1:]
	switch tag {
	case decKeyNaN:
		return NaNDec, b, nil
	case decKeyPosInf:
		return InfDec, b, nil
	case decKeyNegInf:
		return NegInfDec, b, nil
	case decKeyZero:
		return Dec{}, b, nil
	case decKeyPos, decKeyNeg:
		return decodeDecDigits(b, tag == decKeyNeg)
	}
	return Dec{}, nil, errBadKey
}

func decodeDecDigits(b []byte, neg bool) (Dec, []byte, error) {
	var flip byte
	if neg {
		flip = 0xff
	}
	if len(b) < 4 {
		return Dec{}, nil, errBadKey
	}
	var e [4]byte
	for i := range e {
		e[i] = b[i] ^ flip
	}
	exp := int32(binary.BigEndian.Uint32(e[:]) ^ 1<<31)
	digits, i := []byte(nil), 4
	for ; ; i++ {
		if i >= len(b) || b[i]^flip > 100 {
			return Dec{}, nil, errBadKey
		}
		pair := b[i] ^ flip
		if pair == 0 {
			break
		}
		digits = append(digits, '0'+(pair-1)/10, '0'+(pair-1)%10)
	}
	if len(digits) == 0 || exp < -decScaleMax || exp > decWeightMax+1 {
		return Dec{}, nil, errBadKey
	}
	c, _ := new(big.Int).SetString(string(digits), 10)
	scale := int32(len(digits)) - exp
	if scale < 0 {
		c, scale = scaleUp(c, -scale), 0
	}
	if neg {
		c.Neg(c)
	}
	return DecFromBig(c, scale).trimTo(0), b[i+1:], nil
}

// AppendKeyDesc appends the bytewise complement of AppendKey: the order is turned, NULL comes first.
func AppendKeyDesc(dst []byte, t Type, v Value) []byte {
	start := len(dst)
	dst = AppendKey(dst, t, v)
	complement(dst[start:])
	return dst
}

// DecodeKey reads one column of a key and returns what follows it. Where equal values differ in form (1.0 and 1.00, the
// padding of char, '1 mon' and '30 days') the result is an equal value. Error: XX001.
func DecodeKey(b []byte, t Type) (Value, []byte, error) {
	if len(b) == 0 {
		return Value{}, nil, errBadKey
	}
	tag, b := b[0], b[1:]
	if tag == keyNull {
		return Null, b, nil
	}
	if tag != keyValue {
		return Value{}, nil, errBadKey
	}
	if len(b) < keyWidth(t.Class()) {
		return Value{}, nil, errBadKey
	}
	switch t.Class() {
	case ClassBool:
		return BoolValue(b[0] != 0), b[1:], nil
	case ClassInt:
		return IntValue(int64(binary.BigEndian.Uint64(b) ^ 1<<63)), b[8:], nil
	case ClassFloat:
		return FloatValue(floatOfOrder(binary.BigEndian.Uint64(b))), b[8:], nil
	case ClassNumeric:
		d, rest, err := decodeDecKey(b)
		return DecValue(d), rest, err
	case ClassInterval:
		x := int128{int64(binary.BigEndian.Uint64(b) ^ 1<<63), binary.BigEndian.Uint64(b[8:])}
		s, ok := checkedSpanOfTotal(x)
		if !ok {
			return Value{}, nil, errBadKey
		}
		return SpanValue(s), b[16:], nil
	}
	return decodeBytesKindKey(b, &t)
}

// keyWidth is the number of bytes after the first in keys of fixed width.
func keyWidth(c Class) int {
	switch c {
	case ClassBool:
		return 1
	case ClassInt, ClassFloat:
		return 8
	case ClassInterval:
		return 16
	}
	return 0
}

// checkedSpanOfTotal refuses totals that no interval has.
func checkedSpanOfTotal(x int128) (Span, bool) {
	lo, hi := Span{math.MinInt64, math.MinInt32, math.MinInt32}.total(), Span{math.MaxInt64, math.MaxInt32, math.MaxInt32}.total()
	if x.hi < lo.hi || x.hi == lo.hi && x.lo < lo.lo || x.hi > hi.hi || x.hi == hi.hi && x.lo > hi.lo {
		return Span{}, false
	}
	s := spanOfTotal(x)
	return s, s.total() == x
}

func decodeBytesKindKey(b []byte, t *Type) (Value, []byte, error) {
	switch t.Kind {
	case Bit, Varbit:
		return decodeBitsKey(b)
	case Inet, CIDR:
		return decodeInetKey(b)
	case JSONB:
		text, rest, err := decodeJSONBKey(b)
		return BytesValue(text), rest, err
	case Array, Record, Map:
		return decodeNestedKey(b, t)
	}
	val, rest, err := decodeBytesKey(b)
	if err == nil && t.Kind == Char {
		return padded(t, val), rest, nil
	}
	return BytesValue(val), rest, err
}

func padded(t *Type, b []byte) Value {
	v, err := fitString(*t, string(b), true)
	if err != nil {
		return BytesValue(b)
	}
	return v
}

func floatOfOrder(u uint64) float64 {
	switch {
	case u == math.MaxUint64:
		return math.NaN()
	case u>>63 == 1:
		return math.Float64frombits(u &^ (1 << 63))
	}
	return math.Float64frombits(^u)
}

// DecodeKeyDesc reads one column that AppendKeyDesc wrote. Error: XX001.
func DecodeKeyDesc(b []byte, t Type) (Value, []byte, error) {
	c := bytes.Clone(b)
	complement(c)
	v, rest, err := DecodeKey(c, t)
	if err != nil {
		return Value{}, nil, err
	}
	return v, b[len(b)-len(rest):], nil
}
