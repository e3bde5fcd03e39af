package expr

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Unicode: normal forms and escapes.

var normForms = map[string]norm.Form{"nfc": norm.NFC, "nfd": norm.NFD, "nfkc": norm.NFKC, "nfkd": norm.NFKD}

func normForm(a []types.Value) (norm.Form, error) {
	if len(a) < 2 {
		return norm.NFC, nil
	}
	f, ok := normForms[strings.ToLower(string(a[1].Bytes))]
	if !ok {
		return f, pgerr.New(pgerr.InvalidParameterValue, "invalid normalization form: %s", a[1].Bytes)
	}
	return f, nil
}

func init() {
	for _, tail := range []string{"", ", text"} {
		def("normalize(text"+tail+") text", "in a Unicode normal form, NFC if none is named", "normalize('e'||chr(769)) => é",
			rows(func(r *row, a []types.Value) (types.Value, error) {
				f, err := normForm(a)
				if err != nil {
					return types.Null, err
				}
				r.buf = f.Append(r.buf[:0], a[0].Bytes...)
				return types.Value{Bytes: r.buf}, nil
			}))
		def("is_normalized(text"+tail+") bool", "in a Unicode normal form already", "is_normalized('abc') => t",
			rows(func(_ *row, a []types.Value) (types.Value, error) {
				f, err := normForm(a)
				return types.BoolValue(err == nil && f.IsNormal(a[0].Bytes)), err
			}))
	}
	def("unistr(text) text", "with Unicode escapes replaced", `unistr('d\0061t\+000061') => data`, rows(unistr))
}

var errSurrogates = pgerr.New(pgerr.SyntaxError, "invalid Unicode surrogate pair")

// unistr reads \\, \XXXX, \+XXXXXX, \uXXXX and \UXXXXXXXX; surrogates come in pairs.
func unistr(r *row, a []types.Value) (types.Value, error) {
	if bytes.IndexByte(a[0].Bytes, '\\') < 0 {
		return a[0], nil
	}
	s := string(a[0].Bytes)
	r.buf = r.buf[:0]
	high := rune(0)
	for i := 0; i < len(s); {
		if s[i] != '\\' || strings.HasPrefix(s[i:], `\\`) {
			if high != 0 {
				return types.Null, errSurrogates
			}
			r.buf = append(r.buf, s[i])
			if s[i] == '\\' {
				i++
			}
			i++
			continue
		}
		c, n := unicodeEscape(s[i+1:])
		if n == 0 {
			return types.Null, pgerr.New(pgerr.SyntaxError, "invalid Unicode escape").
				WithHint(`Unicode escapes must be \XXXX, \+XXXXXX, \uXXXX, or \UXXXXXXXX.`)
		}
		if c == 0 || c > utf8.MaxRune {
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "invalid Unicode code point: %04X", c)
		}
		i += 1 + n
		low := c >= 0xdc00 && c < 0xe000
		switch {
		case (high != 0) != low:
			return types.Null, errSurrogates
		case low:
			r.buf = utf8.AppendRune(r.buf, utf16.DecodeRune(high, c))
			high = 0
		case utf16.IsSurrogate(c):
			high = c
		default:
			r.buf = utf8.AppendRune(r.buf, c)
		}
	}
	if high != 0 {
		return types.Null, errSurrogates
	}
	return types.Value{Bytes: r.buf}, nil
}

// unicodeEscape reads what stands behind a backslash and returns its length; 0 if it is no escape.
func unicodeEscape(s string) (c rune, n int) {
	skip, digits := 0, 4
	switch {
	case strings.HasPrefix(s, "+"):
		skip, digits = 1, 6
	case strings.HasPrefix(s, "u"):
		skip = 1
	case strings.HasPrefix(s, "U"):
		skip, digits = 1, 8
	}
	if len(s) < skip+digits {
		return 0, 0
	}
	v, err := strconv.ParseUint(s[skip:skip+digits], 16, 32)
	if err != nil || v > 0x7fffffff {
		return 0, 0
	}
	return rune(v), skip + digits
}
