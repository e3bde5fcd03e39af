package types

import (
	"encoding/binary"
	"math"
	"math/big"
	"strconv"
	"strings"

	"streamsql/internal/pgerr"
)

// String returns d as PostgreSQL prints it.
func (d Dec) String() string { return string(d.Append(nil)) }

// Append appends d's text to dst.
func (d Dec) Append(dst []byte) []byte {
	switch d.form {
	case decNaN:
		return append(dst, "NaN"...)
	case decPosInf:
		return append(dst, "Infinity"...)
	case decNegInf:
		return append(dst, "-Infinity"...)
	}
	if d.Sign() < 0 {
		dst = append(dst, '-')
	}
	start := len(dst)
	if d.form == decSmall {
		dst = strconv.AppendUint(dst, absU(d.lo), 10)
	} else {
		dst = append(dst, strings.TrimPrefix(d.big.String(), "-")...)
	}
	if d.scale <= 0 {
		return dst
	}
	return putPoint(dst, start, int(d.scale))
}

// putPoint puts a decimal point before the last scale digits of dst[start:], adding zeros in front as needed.
func putPoint(dst []byte, start, scale int) []byte {
	if missing := scale + 1 - (len(dst) - start); missing > 0 {
		for range missing {
			dst = append(dst, '0')
		}
		copy(dst[start+missing:], dst[start:len(dst)-missing])
		for i := range missing {
			dst[start+i] = '0'
		}
	}
	dst = append(dst, 0)
	at := len(dst) - 1 - scale
	copy(dst[at+1:], dst[at:len(dst)-1])
	dst[at] = '.'
	return dst
}

// ParseDec reads a numeric as PostgreSQL's input function does, keeping the scale as written: "1.50", "1e-3", "NaN",
// "-Infinity". Errors: 22P02, 22003.
func ParseDec(s string) (Dec, error) {
	if d, ok := parseDecFast(s); ok {
		return d, nil
	}
	bad := func() (Dec, error) { return Dec{}, badInput("numeric", s) }
	t := trimSpace(s)
	body, neg := t, false
	if t != "" && (t[0] == '+' || t[0] == '-') {
		body, neg = t[1:], t[0] == '-'
	}
	switch strings.ToLower(body) {
	case "nan":
		if body != t {
			return bad()
		}
		return NaNDec, nil
	case "infinity", "inf":
		if neg {
			return NegInfDec, nil
		}
		return InfDec, nil
	}
	digits, scale, ok := splitNumber(body)
	if !ok {
		return bad()
	}
	return makeDec(digits, scale, neg)
}

// ParseDecBytes is ParseDec for bytes; it allocates only for long numbers and errors.
func ParseDecBytes(b []byte) (Dec, error) {
	if d, ok := parseDecFast(b); ok {
		return d, nil
	}
	return ParseDec(string(b))
}

// parseDecFast reads up to 18 digits with a sign and a point, nothing else.
func parseDecFast[S ~string | ~[]byte](s S) (Dec, bool) {
	if len(s) == 0 || len(s) > 20 {
		return Dec{}, false
	}
	i, neg := 0, s[0] == '-'
	if neg {
		i++
	}
	var x int64
	digits, point := 0, -1
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			x = x*10 + int64(c-'0')
			digits++
		case c == '.' && point < 0:
			point = i
		default:
			return Dec{}, false
		}
	}
	if digits == 0 || digits > 18 {
		return Dec{}, false
	}
	d := Dec{lo: x}
	if point >= 0 {
		d.scale = int32(len(s) - point - 1)
	}
	if neg {
		d.lo = -x
	}
	return d, true
}

// splitNumber takes digits[.digits][e±digits] apart: all digits, and how many of them stand after the point (negative
// if zeros are missing before it).
func splitNumber(s string) (digits string, scale int64, ok bool) {
	mant := s
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mant = s[:i]
		e, err := strconv.ParseInt(s[i+1:], 10, 64)
		if err != nil {
			if n, isNum := err.(*strconv.NumError); !isNum || n.Err != strconv.ErrRange {
				return "", 0, false
			}
		}
		scale = -min(max(e, -math.MaxInt32), math.MaxInt32)
	}
	whole, frac, _ := strings.Cut(mant, ".")
	digits = whole + frac
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", 0, false
	}
	return digits, scale + int64(len(frac)), true
}

func makeDec(digits string, scale int64, neg bool) (Dec, error) {
	over := func() (Dec, error) {
		return Dec{}, pgerr.New(pgerr.NumericValueOutOfRange, "value overflows numeric format")
	}
	digits = strings.TrimLeft(digits, "0")
	if scale > decScaleMax || int64(len(digits))-scale > decWeightMax && digits != "" {
		return over()
	}
	if digits == "" {
		return Dec{scale: int32(max(scale, 0))}, nil
	}
	c, _ := new(big.Int).SetString(digits, 10)
	if scale < 0 {
		c, scale = scaleUp(c, int32(-scale)), 0
	}
	if neg {
		c.Neg(c)
	}
	return DecFromBig(c, int32(scale)), nil
}

// The first byte of an encoded Dec. It is never 0, which a row uses for NULL; from encScale on it carries the scale.
const (
	encWide   = 1 // scale as uvarint, then the coefficient
	encBigPos = 2 // scale, length, magnitude
	encBigNeg = 3
	encNaN    = 4
	encPosInf = 5
	encNegInf = 6
	encScale  = 16
)

// AppendEncoded appends a compact form that DecodeDec reads; it keeps the scale and no order.
func (d Dec) AppendEncoded(dst []byte) []byte {
	switch d.form {
	case decSmall:
		if d.scale <= math.MaxUint8-encScale {
			dst = append(dst, byte(encScale+d.scale))
		} else {
			dst = binary.AppendUvarint(append(dst, encWide), uint64(d.scale))
		}
		return binary.AppendVarint(dst, d.lo)
	case decBig:
		tag := byte(encBigPos)
		if d.big.Sign() < 0 {
			tag = encBigNeg
		}
		mag := d.big.Bytes()
		dst = binary.AppendUvarint(append(dst, tag), uint64(d.scale))
		return append(binary.AppendUvarint(dst, uint64(len(mag))), mag...)
	}
	return append(dst, encNaN+d.form-decNaN)
}

var errBadDec = pgerr.New(pgerr.DataCorrupted, "encoded numeric is damaged")

// DecodeDec reads what AppendEncoded wrote at the start of b and says how many bytes that were. Error: XX001.
func DecodeDec(b []byte) (d Dec, n int, err error) {
	if len(b) == 0 {
		return Dec{}, 0, errBadDec
	}
	switch tag := b[0]; {
	case tag >= encScale:
		x, n := binary.Varint(b[1:])
		if n <= 0 {
			return Dec{}, 0, errBadDec
		}
		return Dec{lo: x, scale: int32(tag - encScale)}, 1 + n, nil
	case tag >= encNaN && tag <= encNegInf:
		return Dec{form: decNaN + tag - encNaN}, 1, nil
	case tag >= encWide && tag <= encBigNeg:
		return decodeDecLong(b)
	}
	return Dec{}, 0, errBadDec
}

func decodeDecLong(b []byte) (Dec, int, error) {
	scale, n := binary.Uvarint(b[1:])
	at := 1 + n
	if n <= 0 || scale > decScaleMax {
		return Dec{}, 0, errBadDec
	}
	if b[0] == encWide {
		x, n := binary.Varint(b[at:])
		if n <= 0 {
			return Dec{}, 0, errBadDec
		}
		return Dec{lo: x, scale: int32(scale)}, at + n, nil
	}
	size, n := binary.Uvarint(b[at:])
	at += n
	if n <= 0 || size > uint64(len(b)-at) {
		return Dec{}, 0, errBadDec
	}
	c := new(big.Int).SetBytes(b[at : at+int(size)])
	if b[0] == encBigNeg {
		c.Neg(c)
	}
	return DecFromBig(c, int32(scale)), at + int(size), nil
}
