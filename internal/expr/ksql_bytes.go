package expr

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strings"
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// ksqlDB's functions of bytes and encodings.

const errEncodingMsg = "unknown encoding \"%s\": supported are hex, utf8, ascii and base64"

func init() {
	defKSQL("to_bytes(text, text) bytea", "the bytes of a text in an encoding: hex, utf8, ascii or base64", "from_bytes(to_bytes('414243', 'hex'), 'utf8') => ABC", rows(func(r *row, a []types.Value) (types.Value, error) {
		b, err := decodeStrict(r.buf[:0], a[0].Bytes, string(a[1].Bytes))
		r.buf = b
		return types.Value{Bytes: b}, err
	}))
	defKSQL("from_bytes(bytea, text) text", "bytes as a text in an encoding: hex, utf8, ascii or base64", "from_bytes(to_bytes('ABC', 'utf8'), 'hex') => 414243", rows(func(r *row, a []types.Value) (types.Value, error) {
		b, err := encodeBytes(r.buf[:0], a[0].Bytes, string(a[1].Bytes))
		if err == nil && strings.EqualFold(string(a[1].Bytes), "hex") {
			b = bytes.ToUpper(b)
		}
		r.buf = b
		return types.Value{Bytes: b}, err
	}))
	defKSQL("encode(text, text, text) text", "a text in one encoding as one in another: hex, utf8, ascii or base64; not in the same", "encode('4142', 'hex', 'base64') => QUI=", rows(encodeText))
	defKSQL("uuid() text volatile", "a random UUID of version 4", "", rows(ksqlUUID))
	defKSQL("uuid(bytea) text", "sixteen bytes as a UUID; NULL for another number of bytes", "uuid(to_bytes('0123456789abcdef0123456789ABCDEF', 'hex')) => 01234567-89ab-cdef-0123-456789abcdef",
		rows(func(r *row, a []types.Value) (types.Value, error) {
			if len(a[0].Bytes) != 16 {
				return types.Null, nil
			}
			r.buf = types.AppendText(r.buf[:0], types.T(types.UUID), a[0], nil)
			return types.Value{Bytes: r.buf}, nil
		}))
	fromBytes("int_from_bytes", "int4", 4, "int_from_bytes(to_bytes('000007e5', 'hex')) => 2021", func(o binary.ByteOrder, b []byte) types.Value {
		return types.IntValue(int64(int32(o.Uint32(b))))
	})
	fromBytes("bigint_from_bytes", "int8", 8, "bigint_from_bytes(to_bytes('000000012a05f200', 'hex')) => 5000000000", func(o binary.ByteOrder, b []byte) types.Value {
		return types.IntValue(int64(o.Uint64(b)))
	})
	fromBytes("double_from_bytes", "float8", 8, "double_from_bytes(to_bytes('4080a6fd9bc9f582', 'hex')) => 532.8738323", func(o binary.ByteOrder, b []byte) types.Value {
		return types.FloatValue(math.Float64frombits(o.Uint64(b)))
	})
}

// fromBytes registers a function that reads a number of so many bytes.
func fromBytes(name, result string, size int, example string, read func(binary.ByteOrder, []byte) types.Value) {
	fn := func(_ *row, a []types.Value) (types.Value, error) {
		var order binary.ByteOrder = binary.BigEndian
		if len(a) > 1 {
			switch o := string(a[1].Bytes); {
			case strings.EqualFold(o, "LITTLE_ENDIAN"):
				order = binary.LittleEndian
			case !strings.EqualFold(o, "BIG_ENDIAN"):
				return types.Null, pgerr.New(pgerr.InvalidParameterValue, "byte order must be BIG_ENDIAN or LITTLE_ENDIAN, not \"%s\"", o)
			}
		}
		if len(a[0].Bytes) != size {
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "%s needs %d bytes, but found %d", name, size, len(a[0].Bytes))
		}
		return read(order, a[0].Bytes), nil
	}
	defKSQL(name+"(bytea) "+result, "bytes in big endian order as a number", example, rows(fn))
	defKSQL(name+"(bytea, text) "+result, "bytes in an order, BIG_ENDIAN or LITTLE_ENDIAN, as a number", "", rows(fn))
}

// encodeBytes appends b in an encoding.
func encodeBytes(dst, b []byte, encoding string) ([]byte, error) {
	switch strings.ToLower(encoding) {
	case "hex":
		return hex.AppendEncode(dst, b), nil
	case "base64":
		return base64.StdEncoding.AppendEncode(dst, b), nil
	case "utf8":
		for _, c := range string(b) {
			dst = utf8.AppendRune(dst, c)
		}
		return dst, nil
	case "ascii":
		for _, c := range b {
			if c < utf8.RuneSelf {
				dst = append(dst, c)
			} else {
				dst = utf8.AppendRune(dst, utf8.RuneError)
			}
		}
		return dst, nil
	}
	return dst, pgerr.New(pgerr.InvalidParameterValue, errEncodingMsg, encoding)
}

// decodeStrict appends the bytes of a text in an encoding.
func decodeStrict(dst, s []byte, encoding string) ([]byte, error) {
	var err error
	switch strings.ToLower(encoding) {
	case "hex":
		if dst, err = hex.AppendDecode(dst, s); err != nil {
			return dst, errHex(s)
		}
		return dst, nil
	case "base64":
		enc := base64.StdEncoding
		if bytes.IndexByte(s, '=') < 0 {
			enc = base64.RawStdEncoding
		}
		if bytes.ContainsAny(s, "\r\n") {
			err = base64.CorruptInputError(0)
		} else {
			dst, err = enc.AppendDecode(dst, s)
		}
		if err != nil {
			return dst, pgerr.New(pgerr.InvalidParameterValue, "invalid base64: \"%s\"", s)
		}
		return dst, nil
	case "utf8":
		return append(dst, s...), nil
	case "ascii":
		return appendASCII(dst, s), nil
	}
	return dst, pgerr.New(pgerr.InvalidParameterValue, errEncodingMsg, encoding)
}

func errHex(s []byte) error {
	return pgerr.New(pgerr.InvalidParameterValue, "invalid hexadecimal number: \"%s\"", s)
}

// appendASCII appends s; characters beyond ASCII become question marks.
func appendASCII(dst, s []byte) []byte {
	for _, c := range string(s) {
		if c >= utf8.RuneSelf {
			c = '?'
		}
		dst = append(dst, byte(c))
	}
	return dst
}

// encodeText is encode. hex may stand in 0x… or X'…'; in base64 what is none of its characters is passed over.
func encodeText(r *row, a []types.Value) (types.Value, error) {
	s, from, to := a[0].Bytes, strings.ToLower(string(a[1].Bytes)), strings.ToLower(string(a[2].Bytes))
	if from == to {
		return types.Null, pgerr.New(pgerr.InvalidParameterValue, "cannot encode from %q to itself", from)
	}
	var mid []byte
	var err error
	switch from {
	case "hex":
		mid, err = decodeStrict(nil, stripHex(s), from)
	case "base64":
		mid = decodeLoose(s)
	default:
		mid, err = decodeStrict(nil, s, from)
	}
	if err != nil {
		return types.Null, err
	}
	r.buf, err = encodeBytes(r.buf[:0], mid, to)
	return types.Value{Bytes: r.buf}, err
}

func stripHex(s []byte) []byte {
	switch {
	case bytes.HasPrefix(s, []byte("0x")):
		if len(s)%2 != 0 {
			return append([]byte("0"), s[2:]...)
		}
		return s[2:]
	case len(s) > 2 && s[0]|0x20 == 'x' && s[1] == '\'' && s[len(s)-1] == '\'':
		return s[2 : len(s)-1]
	}
	return s
}

// decodeLoose reads base64 of either alphabet up to the first padding character, without what is not of it.
func decodeLoose(s []byte) []byte {
	var clean []byte
	for _, c := range s {
		switch {
		case c == '=':
			return decodeClean(clean)
		case c == '-':
			c = '+'
		case c == '_':
			c = '/'
		case c != '+' && c != '/' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z'):
			continue
		}
		clean = append(clean, c)
	}
	return decodeClean(clean)
}

func decodeClean(s []byte) []byte {
	if len(s)%4 == 1 {
		s = s[:len(s)-1]
	}
	b, _ := base64.RawStdEncoding.AppendDecode(nil, s)
	return b
}

func ksqlUUID(r *row, _ []types.Value) (types.Value, error) {
	var b [16]byte
	if random := r.x.env.Random; random != nil {
		binary.BigEndian.PutUint64(b[:8], random())
		binary.BigEndian.PutUint64(b[8:], random())
	} else {
		_, _ = rand.Read(b[:]) // never fails
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	r.buf = types.AppendText(r.buf[:0], types.T(types.UUID), types.Value{Bytes: b[:]}, nil)
	return types.Value{Bytes: r.buf}, nil
}
