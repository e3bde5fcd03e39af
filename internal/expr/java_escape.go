package expr

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// unescapeJava appends s with the escapes of Java's string literals resolved: \uXXXX (u may repeat, a plus may follow),
// octal, and those of one character. ok is false for a \u without four digits.
func unescapeJava(dst []byte, s string) (out []byte, ok bool) {
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 == len(s) {
			dst = append(dst, s[i])
			i++
			continue
		}
		i++
		switch c := s[i]; {
		case c == 'u':
			r, n, ok := javaUnicode(s[i:])
			if !ok {
				return dst, false
			}
			i += n
			if utf16.IsSurrogate(r) && i+1 < len(s) && s[i] == '\\' && s[i+1] == 'u' {
				if low, n, ok := javaUnicode(s[i+1:]); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
					r = utf16.DecodeRune(r, low)
					i += 1 + n
				}
			}
			dst = utf8.AppendRune(dst, r)
		case c >= '0' && c <= '7':
			v, n := 0, 0
			for n < 3 && i+n < len(s) && s[i+n] >= '0' && s[i+n] <= '7' && (n < 2 || s[i] <= '3') {
				v = v*8 + int(s[i+n]-'0')
				n++
			}
			dst = utf8.AppendRune(dst, rune(v))
			i += n
		default:
			if to, known := javaEscapes[c]; known {
				c = to
			}
			dst = append(dst, c)
			i++
		}
	}
	return dst, true
}

var javaEscapes = map[byte]byte{'b': '\b', 'n': '\n', 't': '\t', 'f': '\f', 'r': '\r'}

// javaUnicode reads u…uXXXX at the start of s; n is its length.
func javaUnicode(s string) (r rune, n int, ok bool) {
	for n < len(s) && s[n] == 'u' {
		n++
	}
	if n < len(s) && s[n] == '+' {
		n++
	}
	if len(s) < n+4 {
		return 0, 0, false
	}
	v, err := strconv.ParseUint(s[n:n+4], 16, 32)
	return rune(v), n + 4, err == nil
}
