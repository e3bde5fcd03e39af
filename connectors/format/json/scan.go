package json

import (
	"encoding/binary"
	"math/bits"
)

// DepthMax is how deep arrays and objects may nest: encoding/json allows 10,000, real events use less than 20; the
// bound keeps the recursion's stack small.
const DepthMax = 1000

var space = [256]bool{' ': true, '\t': true, '\n': true, '\r': true}

// skipSpace returns the index of the first byte from i on that is no white space.
func skipSpace(b []byte, i int) int {
	for i < len(b) && space[b[i]] {
		i++
	}
	return i
}

// stringEnd returns the index of the closing quote of the string whose first byte is b[i], and whether it has escapes;
// -1 if the string is malformed. Bytes over 127 are not checked.
func stringEnd(b []byte, i int) (end int, escaped bool) {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	for {
		for i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			q := w ^ ones*'"'
			s := w ^ ones*'\\'
			m := (q - ones) &^ q
			m |= (s - ones) &^ s
			m |= (w - ones*0x20) &^ w
			if m &= highs; m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= 0x20 {
			i++
		}
		if i >= len(b) || b[i] < 0x20 {
			return -1, false
		}
		if b[i] == '"' {
			return i, escaped
		}
		escaped = true
		if i = escapeEnd(b, i); i < 0 {
			return -1, false
		}
	}
}

// escapeEnd returns the index after the escape sequence at b[i], or -1.
func escapeEnd(b []byte, i int) int {
	if i+1 >= len(b) {
		return -1
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		if i+6 > len(b) {
			return -1
		}
		for _, h := range b[i+2 : i+6] {
			if h-'0' > 9 && (h|0x20)-'a' > 5 {
				return -1
			}
		}
		return i + 6
	}
	return -1
}

// numberEnd returns the index after the number at b[i] and whether it has neither fraction nor exponent; -1 if
// malformed.
func numberEnd(b []byte, i int) (end int, integer bool) {
	if i < len(b) && b[i] == '-' {
		i++
	}
	switch {
	case i >= len(b) || b[i]-'0' > 9:
		return -1, false
	case b[i] == '0':
		i++
	default:
		i = digitsEnd(b, i)
	}
	integer = true
	if i < len(b) && b[i] == '.' {
		integer = false
		k := i + 1
		if i = digitsEnd(b, k); i == k {
			return -1, false
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		integer = false
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		k := i
		if i = digitsEnd(b, k); i == k {
			return -1, false
		}
	}
	return i, integer
}

func digitsEnd(b []byte, i int) int {
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}

// word returns the index after the literal w at b[i], or -1.
func word(b []byte, i int, w string) int {
	if i+len(w) <= len(b) && string(b[i:i+len(w)]) == w {
		return i + len(w)
	}
	return -1
}

// valueEnd validates the value at b[i] and returns the index after it, or -1.
func valueEnd(b []byte, i, depth int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		e, _ := stringEnd(b, i+1)
		if e < 0 {
			return -1
		}
		return e + 1
	case '{':
		return objectEnd(b, i, depth+1)
	case '[':
		return arrayEnd(b, i, depth+1)
	case 't':
		return word(b, i, "true")
	case 'f':
		return word(b, i, "false")
	case 'n':
		return word(b, i, "null")
	}
	e, _ := numberEnd(b, i)
	return e
}

func arrayEnd(b []byte, i, depth int) int {
	if depth > DepthMax {
		return -1
	}
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1
	}
	for {
		if i = valueEnd(b, skipSpace(b, i), depth); i < 0 {
			return -1
		}
		i = skipSpace(b, i)
		switch {
		case i >= len(b):
			return -1
		case b[i] == ']':
			return i + 1
		case b[i] != ',':
			return -1
		}
		i++
	}
}

func objectEnd(b []byte, i, depth int) int {
	if depth > DepthMax {
		return -1
	}
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1
	}
	for {
		if i = keyEnd(b, skipSpace(b, i)); i < 0 {
			return -1
		}
		if i = valueEnd(b, i, depth); i < 0 {
			return -1
		}
		i = skipSpace(b, i)
		switch {
		case i >= len(b):
			return -1
		case b[i] == '}':
			return i + 1
		case b[i] != ',':
			return -1
		}
		i++
	}
}

// keyEnd returns the index of the value after the key and colon at b[i], or -1.
func keyEnd(b []byte, i int) int {
	if i >= len(b) || b[i] != '"' {
		return -1
	}
	e, _ := stringEnd(b, i+1)
	if e < 0 {
		return -1
	}
	return colonEnd(b, e+1)
}

// colonEnd returns the index of the value after the colon at b[i], white space around it skipped, or -1.
func colonEnd(b []byte, i int) int {
	i = skipSpace(b, i)
	if i >= len(b) || b[i] != ':' {
		return -1
	}
	return skipSpace(b, i+1)
}
