package json

import (
	"unicode/utf16"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

// unescape appends the text of a string's body, whose escapes are well formed, to dst. What PostgreSQL's text cannot
// hold is an error: U+0000 (22P05), half of a surrogate pair (22P02).
func unescape(dst, s []byte) ([]byte, error) {
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			k := i + 1
			for k < len(s) && s[k] != '\\' {
				k++
			}
			dst = append(dst, s[i:k]...)
			i = k
			continue
		}
		if s[i+1] != 'u' {
			dst = append(dst, escapes[s[i+1]])
			i += 2
			continue
		}
		r := hex4(s[i+2:])
		i += 6
		if utf16.IsSurrogate(r) {
			if i+6 > len(s) || s[i] != '\\' || s[i+1] != 'u' {
				return dst, errSurrogate()
			}
			if r = utf16.DecodeRune(r, hex4(s[i+2:])); r == utf8.RuneError {
				return dst, errSurrogate()
			}
			i += 6
		}
		if r == 0 {
			return dst, pgerr.New(pgerr.UntranslatableCharacter, "\\u0000 cannot be converted to text")
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst, nil
}

func errSurrogate() error {
	return pgerr.New(pgerr.InvalidTextRepresentation, "unicode surrogate without its other half")
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func hex4(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		switch {
		case c <= '9':
			c -= '0'
		default:
			c = c | 0x20 - 'a' + 10
		}
		r = r<<4 | rune(c)
	}
	return r
}
