package expr

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Functions of bytes: digests, encodings, uuid.

func init() {
	md5sum := rows(func(r *row, a []types.Value) (types.Value, error) {
		sum := md5.Sum(a[0].Bytes)
		r.buf = hex.AppendEncode(r.buf[:0], sum[:])
		return types.Value{Bytes: r.buf}, nil
	})
	def("md5(text) text", "MD5 digest in hexadecimal", "md5('abc') => 900150983cd24fb0d6963f7d28e17f72", md5sum)
	def("md5(bytea) text", "MD5 digest in hexadecimal", "", md5sum)
	digest := func(name, ex string, fn func(dst, b []byte) []byte) {
		def(name+"(bytea) bytea", "digest", ex, rows(func(r *row, a []types.Value) (types.Value, error) {
			r.buf = fn(r.buf[:0], a[0].Bytes)
			return types.Value{Bytes: r.buf}, nil
		}))
	}
	digest("sha224", "", func(dst, b []byte) []byte { s := sha256.Sum224(b); return append(dst, s[:]...) })
	digest("sha256", `sha256('abc'::bytea) => \xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad`,
		func(dst, b []byte) []byte { s := sha256.Sum256(b); return append(dst, s[:]...) })
	digest("sha384", "", func(dst, b []byte) []byte { s := sha512.Sum384(b); return append(dst, s[:]...) })
	digest("sha512", "", func(dst, b []byte) []byte { s := sha512.Sum512(b); return append(dst, s[:]...) })
	def("encode(bytea, text) text", "bytes as hex, base64 or escape text", `encode('123\000\001'::bytea, 'base64') => MTIzAAE=`, rows(encode))
	def("decode(text, text) bytea", "bytes from hex, base64 or escape text", `decode('MTIzAAE=', 'base64') => \x3132330001`, rows(decode))
	for _, t := range []string{"int4", "int8"} {
		def("to_hex("+t+") text", "in hexadecimal", "to_hex(2147483647) => 7fffffff", rowsFor(func(c *Call) (rowFunc, error) {
			narrow := c.Args[0].Type().Kind == types.Int4
			return func(r *row, a []types.Value) (types.Value, error) {
				u := uint64(a[0].I)
				if narrow {
					u = uint64(uint32(u))
				}
				r.buf = strconv.AppendUint(r.buf[:0], u, 16)
				return types.Value{Bytes: r.buf}, nil
			}, nil
		}))
	}
	def("convert_from(bytea, name) text stable", "bytes of an encoding as text", `convert_from('abc'::bytea, 'UTF8') => abc`, rows(convertFrom))
	def("convert_to(text, name) bytea stable", "text as bytes of an encoding", `convert_to('abc', 'UTF8') => \x616263`, rows(convertTo))
	def("get_byte(bytea, int4) int4", "the byte at an offset", `get_byte('\x1234'::bytea, 1) => 52`, rows(func(_ *row, a []types.Value) (types.Value, error) {
		if a[1].I < 0 || a[1].I >= int64(len(a[0].Bytes)) {
			return types.Null, pgerr.New(pgerr.ArraySubscriptError, "index %d out of valid range, 0..%d", a[1].I, len(a[0].Bytes)-1)
		}
		return types.IntValue(int64(a[0].Bytes[a[1].I])), nil
	}))
	def("gen_random_uuid() uuid volatile", "a random (version 4) UUID", "", rows(func(r *row, _ []types.Value) (types.Value, error) {
		r.buf = sized(r.buf, 16)
		if _, err := rand.Read(r.buf); err != nil {
			return types.Null, pgerr.New(pgerr.SystemError, "could not generate random values: %s", err)
		}
		r.buf[6], r.buf[8] = r.buf[6]&0x0f|0x40, r.buf[8]&0x3f|0x80
		return types.Value{Bytes: r.buf}, nil
	}))
}

func encode(r *row, a []types.Value) (types.Value, error) {
	b := a[0].Bytes
	r.buf = r.buf[:0]
	switch strings.ToLower(string(a[1].Bytes)) {
	case "hex":
		r.buf = hex.AppendEncode(r.buf, b)
	case "base64":
		for s := base64.StdEncoding.EncodeToString(b); s != ""; {
			n := min(76, len(s)) // lines of 76 characters, as MIME wants
			r.buf = append(r.buf, s[:n]...)
			if s = s[n:]; s != "" {
				r.buf = append(r.buf, '\n')
			}
		}
	case "escape":
		for _, c := range b {
			switch {
			case c == 0 || c >= 0x80:
				r.buf = append(r.buf, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
			case c == '\\':
				r.buf = append(r.buf, `\\`...)
			default:
				r.buf = append(r.buf, c)
			}
		}
	default:
		return types.Null, badEncoding(a[1])
	}
	return types.Value{Bytes: r.buf}, nil
}

func badEncoding(v types.Value) error {
	return pgerr.New(pgerr.InvalidParameterValue, "unrecognized encoding: %q", v.Bytes)
}

func decode(_ *row, a []types.Value) (types.Value, error) {
	s := string(a[0].Bytes)
	switch strings.ToLower(string(a[1].Bytes)) {
	case "hex":
		s, bad := hexDigits(s)
		if bad != "" {
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "invalid hexadecimal digit: \"%s\"", bad)
		}
		for _, c := range s {
			if !strings.ContainsRune("0123456789abcdefABCDEF", c) {
				return types.Null, pgerr.New(pgerr.InvalidParameterValue, "invalid hexadecimal digit: \"%c\"", c)
			}
		}
		b, err := hex.DecodeString(s)
		if err != nil {
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "invalid hexadecimal data: odd number of digits")
		}
		return types.BytesValue(b), nil
	case "base64":
		b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
		if err != nil {
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "invalid base64 end sequence").
				WithHint("Input data is missing padding, is truncated, or is otherwise corrupted.")
		}
		return types.BytesValue(b), nil
	case "escape":
		return decodeEscape(s)
	}
	return types.Null, badEncoding(a[1])
}

// hexDigits drops blanks between bytes; bad is a blank inside of one.
func hexDigits(s string) (digits, bad string) {
	var b strings.Builder
	for _, c := range s {
		if strings.ContainsRune(" \n\t\r", c) {
			if b.Len()%2 == 1 {
				return "", string(c)
			}
			continue
		}
		b.WriteRune(c)
	}
	return b.String(), ""
}

func decodeEscape(s string) (types.Value, error) {
	var out []byte
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\':
			out = append(out, s[i])
		case i+1 < len(s) && s[i+1] == '\\':
			out = append(out, '\\')
			i++
		case i+3 < len(s) && s[i+1] <= '3':
			n, err := strconv.ParseUint(s[i+1:i+4], 8, 8)
			if err != nil {
				return types.Null, pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type bytea")
			}
			out = append(out, byte(n))
			i += 3
		default:
			return types.Null, pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type bytea")
		}
	}
	return types.BytesValue(out), nil
}
