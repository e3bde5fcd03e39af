package types

import (
	"encoding/binary"
	"math"
	"math/big"
	"strings"

	"streamsql/internal/pgerr"
)

var errBinary = pgerr.New(pgerr.InvalidBinaryRepresentation, "incorrect binary data format")

// AppendBinary appends v's binary wire form (PostgreSQL's send function) to dst. v must not be NULL.
func AppendBinary(dst []byte, t Type, v Value) ([]byte, error) {
	switch t.Kind {
	case Bool:
		return append(dst, byte(boolInt(v.B))), nil
	case Int2:
		return binary.BigEndian.AppendUint16(dst, uint16(v.I)), nil
	case Int4, OID, Regclass, Regtype, Regproc, Regnamespace:
		return binary.BigEndian.AppendUint32(dst, uint32(v.I)), nil
	case Date:
		return binary.BigEndian.AppendUint32(dst, uint32(shortDate(v.I))), nil
	case Int8, Time, Timestamp, TimestampTZ:
		return binary.BigEndian.AppendUint64(dst, uint64(v.I)), nil
	case Float4:
		return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(v.F))), nil
	case Float8:
		return binary.BigEndian.AppendUint64(dst, math.Float64bits(v.F)), nil
	case Numeric:
		return appendDecBinary(dst, v.N), nil
	case Interval:
		dst = binary.BigEndian.AppendUint64(dst, uint64(v.S.Micros))
		dst = binary.BigEndian.AppendUint32(dst, uint32(v.S.Days))
		return binary.BigEndian.AppendUint32(dst, uint32(v.S.Months)), nil
	case JSONB:
		return append(append(dst, 1), v.Bytes...), nil
	case Map:
		return AppendJSON(append(dst, 1), t, v), nil
	case TimeTZ:
		return appendTimeTZBinary(dst, v.Bytes), nil
	case Bit, Varbit:
		return appendBitsBinary(dst, v.Bytes), nil
	case Inet, CIDR:
		return appendInetBinary(dst, t.Kind, v.Bytes), nil
	case JSONPath:
		return append(append(dst, 1), v.Bytes...), nil
	case Array:
		return appendArrayBinary(dst, t, v.Bytes)
	case Record:
		return appendRecordBinary(dst, t, v.Bytes)
	case QChar:
		if len(v.Bytes) == 0 {
			return append(dst, 0), nil
		}
	}
	return append(dst, v.Bytes...), nil
}

// shortDate brings the infinities to 32 bits.
func shortDate(days int64) int32 {
	switch days {
	case PosInf:
		return math.MaxInt32
	case NegInf:
		return math.MinInt32
	}
	return int32(days)
}

// ParseBinary reads a binary wire form (PostgreSQL's receive function) and applies t's modifier. Bytes are copied.
// Errors: 22P03, 22003, 22021, 22P02.
func ParseBinary(t Type, b []byte) (Value, error) {
	if w := binaryWidth(t.Kind); w > 0 && len(b) != w {
		return Value{}, errBinary
	}
	switch t.Kind {
	case Bool:
		return BoolValue(b[0] != 0), nil
	case Int2:
		return IntValue(int64(int16(binary.BigEndian.Uint16(b)))), nil
	case Int4:
		return IntValue(int64(int32(binary.BigEndian.Uint32(b)))), nil
	case OID, Regclass, Regtype, Regproc, Regnamespace:
		return IntValue(int64(binary.BigEndian.Uint32(b))), nil
	case Int8:
		return IntValue(int64(binary.BigEndian.Uint64(b))), nil
	case Date, Time, Timestamp, TimestampTZ:
		return parseTimeBinary(t, b)
	case Float4:
		return FloatValue(float64(math.Float32frombits(binary.BigEndian.Uint32(b)))), nil
	case Float8:
		return FloatValue(math.Float64frombits(binary.BigEndian.Uint64(b))), nil
	case Numeric:
		d, err := parseDecBinary(b)
		if err == nil {
			d, err = d.Fit(t.Prec, t.Scale)
		}
		return decValue(d, err)
	case Interval:
		return SpanValue(Span{Micros: int64(binary.BigEndian.Uint64(b)), Days: int32(binary.BigEndian.Uint32(b[8:])),
			Months: int32(binary.BigEndian.Uint32(b[12:]))}), nil
	case TimeTZ:
		return parseTimeTZBinary(t, b)
	case Bit, Varbit:
		return parseBitsBinary(t, b)
	case Inet, CIDR:
		return parseInetBinary(t.Kind, b)
	case JSONPath:
		if firstByte(b) != 1 {
			return Value{}, pgerr.New(pgerr.InternalError, "unsupported jsonpath version number: %d", firstByte(b))
		}
		return ParseText(t, string(b[1:]), nil)
	case QChar:
		return BytesValue([]byte(strings.Trim(string(b), "\x00"))), nil
	case UUID, Bytea, MacAddr:
		return BytesValue(append([]byte{}, b...)), nil
	case JSONB, Map:
		if len(b) == 0 || b[0] != 1 {
			return Value{}, pgerr.New(pgerr.InvalidBinaryRepresentation, "unsupported jsonb version number %d", firstByte(b))
		}
		return ParseText(t, string(b[1:]), nil)
	case Array:
		return parseArrayBinary(t, b)
	case Record:
		return parseRecordBinary(t, b)
	}
	return parseString(t, string(b))
}

func firstByte(b []byte) byte {
	if len(b) == 0 {
		return 0
	}
	return b[0]
}

// binaryWidth is the length of a kind's binary form, 0 when it varies.
func binaryWidth(k Kind) int {
	switch k {
	case Bool, QChar:
		return 1
	case Int2:
		return 2
	case Int4, OID, Regclass, Regtype, Regproc, Regnamespace, Float4, Date:
		return 4
	case Int8, Float8, Time, Timestamp, TimestampTZ:
		return 8
	case Interval, UUID:
		return 16
	case TimeTZ:
		return timeTZLen
	case MacAddr:
		return macLen
	}
	return 0
}

func parseTimeBinary(t Type, b []byte) (Value, error) {
	if t.Kind == Date {
		d := int64(int32(binary.BigEndian.Uint32(b)))
		switch {
		case d == math.MaxInt32:
			d = PosInf
		case d == math.MinInt32:
			d = NegInf
		case d < dateMin || d > dateMax:
			return Value{}, errDateRange
		}
		return IntValue(d), nil
	}
	x := int64(binary.BigEndian.Uint64(b))
	if t.Kind == Time {
		if x < 0 || x > MicrosPerDay {
			return Value{}, pgerr.New(pgerr.DatetimeFieldOverflow, "time out of range")
		}
	} else if _, err := checkTimestamp(x); err != nil && !IsInfinite(x) {
		return Value{}, err
	}
	return timeValue(t, x, nil)
}

// The sign words of numeric's binary form.
const (
	numPos    = 0x0000
	numNeg    = 0x4000
	numNaN    = 0xC000
	numPosInf = 0xD000
	numNegInf = 0xF000
)

// appendDecBinary writes the number of base-10000 digits, the weight of the first, sign, display scale, the digits.
func appendDecBinary(dst []byte, d Dec) []byte {
	head := func(n int, weight int32, sign uint16, scale int32) {
		dst = binary.BigEndian.AppendUint16(dst, uint16(n))
		dst = binary.BigEndian.AppendUint16(dst, uint16(weight))
		dst = binary.BigEndian.AppendUint16(dst, sign)
		dst = binary.BigEndian.AppendUint16(dst, uint16(scale))
	}
	switch d.form {
	case decNaN:
		head(0, 0, numNaN, 0)
		return dst
	case decPosInf:
		head(0, 0, numPosInf, 0x20)
		return dst
	case decNegInf:
		head(0, 0, numNegInf, 0x20)
		return dst
	}
	digits, weight := d.base10000()
	sign := uint16(numPos)
	if d.Sign() < 0 {
		sign = numNeg
	}
	head(len(digits), weight, sign, d.scale)
	for _, g := range digits {
		dst = binary.BigEndian.AppendUint16(dst, g)
	}
	return dst
}

// base10000 returns d's digits in base 10000 without zeros at either end, and the weight of the first.
func (d Dec) base10000() (digits []uint16, weight int32) {
	if d.Sign() == 0 {
		return nil, 0
	}
	var buf [64]byte
	s := d.Abs().at(0).Append(buf[:0])
	exp := int32(len(s)) - d.scale // digits before the point
	weight = (exp+3)>>2 - 1        // >> floors
	lead := int((weight+1)*4 - exp)
	for i := -lead; i < len(s); i += 4 {
		g := uint16(0)
		for k := i; k < i+4; k++ {
			g *= 10
			if k >= 0 && k < len(s) {
				g += uint16(s[k] - '0')
			}
		}
		digits = append(digits, g)
	}
	for len(digits) > 0 && digits[len(digits)-1] == 0 {
		digits = digits[:len(digits)-1]
	}
	for len(digits) > 0 && digits[0] == 0 {
		digits, weight = digits[1:], weight-1
	}
	return digits, weight
}

func parseDecBinary(b []byte) (Dec, error) {
	if len(b) < 8 {
		return Dec{}, errBinary
	}
	n, weight := int(binary.BigEndian.Uint16(b)), int(int16(binary.BigEndian.Uint16(b[2:])))
	sign, scale := binary.BigEndian.Uint16(b[4:]), int32(binary.BigEndian.Uint16(b[6:]))
	if len(b) != 8+2*n {
		return Dec{}, errBinary
	}
	switch sign {
	case numNaN:
		return NaNDec, nil
	case numPosInf:
		return InfDec, nil
	case numNegInf:
		return NegInfDec, nil
	case numPos, numNeg:
	default:
		return Dec{}, pgerr.New(pgerr.InvalidBinaryRepresentation, "invalid sign in external \"numeric\" value")
	}
	if scale > decScaleMax {
		return Dec{}, pgerr.New(pgerr.InvalidBinaryRepresentation, "invalid scale in external \"numeric\" value")
	}
	c, base := new(big.Int), big.NewInt(10000)
	for i := range n {
		g := binary.BigEndian.Uint16(b[8+2*i:])
		if g > 9999 {
			return Dec{}, pgerr.New(pgerr.InvalidBinaryRepresentation, "invalid digit in external \"numeric\" value")
		}
		c.Add(c.Mul(c, base), big.NewInt(int64(g)))
	}
	if sign == numNeg {
		c.Neg(c)
	}
	have := int32(n-1-weight) * 4 // digits of c after the point
	if have < 0 {
		c, have = scaleUp(c, -have), 0
	}
	return DecFromBig(c, have).Trunc(scale), nil
}

func appendArrayBinary(dst []byte, t Type, b []byte) ([]byte, error) {
	dims, vals, err := DecodeArray(b, *t.Elem)
	if err != nil {
		return dst, err
	}
	hasNull := uint32(0)
	for i := range vals {
		if vals[i].Null {
			hasNull = 1
		}
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(dims)))
	dst = binary.BigEndian.AppendUint32(dst, hasNull)
	dst = binary.BigEndian.AppendUint32(dst, t.Elem.OID())
	for _, d := range dims {
		dst = binary.BigEndian.AppendUint32(dst, uint32(d))
		dst = binary.BigEndian.AppendUint32(dst, 1)
	}
	for _, v := range vals {
		if dst, err = appendSized(dst, *t.Elem, v); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// appendSized appends a value behind its length; -1 for NULL.
func appendSized(dst []byte, t Type, v Value) ([]byte, error) {
	at := len(dst)
	dst = append(dst, 0xff, 0xff, 0xff, 0xff)
	if v.Null {
		return dst, nil
	}
	dst, err := AppendBinary(dst, t, v)
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst, err
}

// parseSized is the inverse of appendSized.
func parseSized(t Type, b []byte) (v Value, rest []byte, err error) {
	if len(b) < 4 {
		return v, nil, errBinary
	}
	n := int32(binary.BigEndian.Uint32(b))
	b = b[4:]
	if n == -1 {
		return Null, b, nil
	}
	if n < 0 || int(n) > len(b) {
		return v, nil, errBinary
	}
	v, err = ParseBinary(t, b[:n])
	return v, b[n:], err
}

func parseArrayBinary(t Type, b []byte) (Value, error) {
	if len(b) < 12 {
		return Value{}, errBinary
	}
	nd, flags, oid := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	if nd > arrayDimsMax {
		return Value{}, pgerr.New(pgerr.ProgramLimitExceeded,
			"number of array dimensions (%d) exceeds the maximum allowed (%d)", nd, arrayDimsMax)
	}
	if flags > 1 {
		return Value{}, pgerr.New(pgerr.InvalidBinaryRepresentation, "invalid array flags")
	}
	if oid != t.Elem.OID() {
		return Value{}, pgerr.New(pgerr.DatatypeMismatch, "binary data has array element type %d instead of expected %d",
			oid, t.Elem.OID())
	}
	b = b[12:]
	if len(b) < int(nd)*8 {
		return Value{}, errBinary
	}
	total := 1
	dims := make([]int32, nd)
	for i := range dims {
		dims[i] = int32(binary.BigEndian.Uint32(b))
		if lower := int32(binary.BigEndian.Uint32(b[4:])); lower != 1 && dims[i] > 0 {
			return Value{}, pgerr.Unsupported(pgerr.NoPos, "an array with lower bound %d", lower)
		}
		if dims[i] < 0 || dims[i] > arrayLenMax {
			return Value{}, errBinary
		}
		if total *= int(dims[i]); total > arrayLenMax {
			return Value{}, errBinary
		}
		b = b[8:]
	}
	if nd == 0 {
		total = 0
	}
	if total > len(b)/4 {
		return Value{}, errBinary
	}
	vals, err := make([]Value, total), error(nil)
	for i := range vals {
		if vals[i], b, err = parseSized(*t.Elem, b); err != nil {
			return Value{}, err
		}
	}
	if len(b) != 0 {
		return Value{}, errBinary
	}
	return BytesValue(AppendArray(nil, *t.Elem, dims, vals)), nil
}

func appendRecordBinary(dst []byte, t Type, b []byte) ([]byte, error) {
	vals, err := DecodeRecord(b, t.Fields)
	if err != nil {
		return dst, err
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(vals)))
	for i, v := range vals {
		dst = binary.BigEndian.AppendUint32(dst, t.Fields[i].Type.OID())
		if dst, err = appendSized(dst, t.Fields[i].Type, v); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func parseRecordBinary(t Type, b []byte) (Value, error) {
	if t.Fields == nil {
		return Value{}, pgerr.New(pgerr.FeatureNotSupported, "input of anonymous composite types is not implemented")
	}
	if len(b) < 4 || binary.BigEndian.Uint32(b) != uint32(len(t.Fields)) {
		return Value{}, errBinary
	}
	b = b[4:]
	vals := make([]Value, len(t.Fields))
	for i, f := range t.Fields {
		if len(b) < 4 || binary.BigEndian.Uint32(b) != f.Type.OID() {
			return Value{}, errBinary
		}
		var err error
		if vals[i], b, err = parseSized(f.Type, b[4:]); err != nil {
			return Value{}, err
		}
	}
	if len(b) != 0 {
		return Value{}, errBinary
	}
	return BytesValue(AppendRecord(nil, t.Fields, vals)), nil
}
