package token

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

// Bytes that the parser keeps for itself; a name that holds one is refused.
const reservedBytes = "\x1e\x1f"

// body finds the text between quotes that start at open: raw, with doubled quotes still doubled. end is the byte after
// the closing quote, or -1.
func (l *lexer) body(open int, quote byte) (raw string, doubled bool, end int) {
	for i := open + 1; i < len(l.text); i++ {
		if l.text[i] != quote {
			continue
		}
		if l.byteAt(i+1) != quote {
			return l.text[open+1 : i], doubled, i + 1
		}
		doubled = true
		i++
	}
	return "", false, -1
}

// continued reports where a string goes on: a quote after white space that holds a new line, as the standard has it.
func (l *lexer) continued(end int) (open int, ok bool) {
	newline := false
	for i := end; i < len(l.text); i++ {
		switch c := l.text[i]; {
		case c == '\n' || c == '\r':
			newline = true
		case isSpace(c):
		case c == '-' && l.byteAt(i+1) == '-':
			n := strings.IndexByte(l.text[i:], '\n')
			if n < 0 {
				return 0, false
			}
			i += n - 1
		default:
			return i, newline && c == '\''
		}
	}
	return 0, false
}

// unterminated is the complaint by the prefix of a string.
var unterminated = map[string]string{
	"": "unterminated quoted string", "b": "unterminated bit string literal", "x": "unterminated hexadecimal string literal",
}

// str reads a plain string whose quote is at open.
func (l *lexer) str(open int, kind Kind, prefix string) {
	text := prefix
	for {
		raw, doubled, end := l.body(open, '\'')
		if end < 0 {
			l.fail(l.pos, len(l.text), pgerr.SyntaxError, unterminated[prefix])
			return
		}
		if doubled {
			raw = strings.ReplaceAll(raw, "''", "'")
		}
		if text == "" {
			text = raw
		} else {
			text += raw
		}
		next, ok := l.continued(end)
		if !ok {
			l.add(kind, text, end)
			return
		}
		open = next
	}
}

// bits reads B'01' or X'1F'.
func (l *lexer) bits(prefix byte) {
	start := l.pos
	l.str(start+1, Bits, string(prefix))
	if l.err != nil {
		return
	}
	t := &l.out[len(l.out)-1]
	for _, c := range []byte(t.Text[1:]) {
		switch {
		case prefix == 'b' && c != '0' && c != '1':
			l.err = pgerr.At(start, pgerr.InvalidTextRepresentation, `"%c" is not a valid binary digit`, c)
			return
		case prefix == 'x' && !isHex(c):
			l.err = pgerr.At(start, pgerr.InvalidTextRepresentation, `"%c" is not a valid hexadecimal digit`, c)
			return
		}
	}
}

// quotedName reads "name" (or `name`) whose quote is at open.
func (l *lexer) quotedName(open int, quote byte) {
	raw, doubled, end := l.body(open, quote)
	switch {
	case end < 0:
		l.fail(l.pos, len(l.text), pgerr.SyntaxError, "unterminated quoted identifier")
		return
	case raw == "":
		l.fail(l.pos, end, pgerr.SyntaxError, "zero-length delimited identifier")
		return
	}
	if doubled {
		q := string(quote)
		raw = strings.ReplaceAll(raw, q+q, q)
	}
	l.name(raw, end)
}

func (l *lexer) name(name string, end int) {
	if strings.ContainsAny(name, reservedBytes) {
		l.err = pgerr.At(l.pos, pgerr.InvalidName, "names cannot contain the characters 0x1E and 0x1F")
		return
	}
	l.add(Quoted, name, end)
}

// escapeString reads E'…' with its backslash escapes.
func (l *lexer) escapeString() {
	var b strings.Builder
	open := l.pos + 1
	for {
		end := l.escapeBody(&b, open)
		if l.err != nil {
			return
		}
		if end < 0 {
			l.fail(l.pos, len(l.text), pgerr.SyntaxError, "unterminated quoted string")
			return
		}
		next, ok := l.continued(end)
		if !ok {
			l.checked(String, b.String(), end)
			return
		}
		open = next
	}
}

// checked adds a token whose text was made by escapes, which may have made no UTF-8 or a zero byte.
func (l *lexer) checked(kind Kind, text string, end int) {
	if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
		l.err = pgerr.At(l.pos, pgerr.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8"`)
		return
	}
	l.add(kind, text, end)
}

// escapeBody decodes up to the closing quote and returns the byte after it, or -1.
func (l *lexer) escapeBody(b *strings.Builder, open int) int {
	for i := open + 1; i < len(l.text); i++ {
		c := l.text[i]
		switch {
		case c == '\'' && l.byteAt(i+1) == '\'':
			b.WriteByte(c)
			i++
		case c == '\'':
			return i + 1
		case c == '\\' && i+1 < len(l.text):
			i = l.escape(b, i+1)
			if l.err != nil {
				return -1
			}
		default:
			b.WriteByte(c)
		}
	}
	return -1
}

// escape decodes the escape whose letter is at i and returns the offset of its last byte.
func (l *lexer) escape(b *strings.Builder, i int) int {
	switch c := l.text[i]; {
	case strings.IndexByte("ntrbf", c) >= 0:
		b.WriteByte("\n\t\r\b\f"[strings.IndexByte("ntrbf", c)])
	case c == 'u' || c == 'U':
		n := 4
		if c == 'U' {
			n = 8
		}
		r, used := l.escapedRune(i+1, n, `\u`)
		b.WriteRune(r)
		return i + used
	case c == 'x' && isHex(l.byteAt(i+1)):
		end := i + 2
		if isHex(l.byteAt(end)) {
			end++
		}
		n, _ := strconv.ParseUint(l.text[i+1:end], 16, 8)
		b.WriteByte(byte(n))
		return end - 1
	case c >= '0' && c <= '7':
		end := i
		for end < i+3 && l.byteAt(end) >= '0' && l.byteAt(end) <= '7' {
			end++
		}
		n, _ := strconv.ParseUint(l.text[i:end], 8, 16)
		b.WriteByte(byte(n))
		return end - 1
	default:
		b.WriteByte(c)
	}
	return i
}

// escapedRune reads n hex digits at i, and the second half of a surrogate pair written the same way. used is the
// number of bytes read.
func (l *lexer) escapedRune(i, n int, lead string) (r rune, used int) {
	r, ok := hexRune(l.text, i, n)
	used = n
	if !ok {
		l.err = pgerr.At(i-2, pgerr.InvalidEscapeSequence, "invalid Unicode escape").
			WithHint(`Unicode escapes must be \uXXXX or \UXXXXXXXX.`)
		return r, used
	}
	if !utf16.IsSurrogate(r) {
		return r, used
	}
	at := i + n
	if at+2+n <= len(l.text) && strings.EqualFold(l.text[at:at+2], lead) {
		low, _ := hexRune(l.text, at+2, n)
		r = utf16.DecodeRune(r, low)
		used += 2 + n
	}
	if utf16.IsSurrogate(r) || r == utf8.RuneError {
		l.fail(at, min(at+1, len(l.text)), pgerr.SyntaxError, "invalid Unicode surrogate pair")
	}
	return r, used
}

func hexRune(s string, i, n int) (rune, bool) {
	if i+n > len(s) {
		return 0, false
	}
	v, err := strconv.ParseUint(s[i:i+n], 16, 32)
	return rune(v), err == nil && v <= utf8.MaxRune
}

// unicode reads U&'…' or U&"…", and a UESCAPE clause behind it.
func (l *lexer) unicode() {
	quote := l.text[l.pos+2]
	raw, doubled, end := l.body(l.pos+2, quote)
	if end < 0 {
		l.fail(l.pos, len(l.text), pgerr.SyntaxError, "unterminated quoted string")
		return
	}
	if doubled {
		raw = strings.ReplaceAll(raw, string([]byte{quote, quote}), string(quote))
	}
	esc, end := l.uescape(end)
	text, bad := decodeUnicode(raw, esc)
	switch {
	case bad >= 0:
		l.err = pgerr.At(l.pos+3+bad, pgerr.SyntaxError, "invalid Unicode escape").
			WithHint(`Unicode escapes must be \XXXX or \+XXXXXX.`)
	case strings.IndexByte(text, 0) >= 0:
		l.err = pgerr.At(l.pos, pgerr.SyntaxError, "invalid Unicode escape value")
	case quote == '\'':
		l.add(String, text, end)
	case text == "":
		l.fail(l.pos, end, pgerr.SyntaxError, "zero-length delimited identifier")
	default:
		l.name(text, end)
	}
}

// uescape reads UESCAPE 'c' at end if it is there.
func (l *lexer) uescape(end int) (esc byte, after int) {
	i := end
	for isSpace(l.byteAt(i)) {
		i++
	}
	const word = "uescape"
	if i+len(word) > len(l.text) || !strings.EqualFold(l.text[i:i+len(word)], word) {
		return '\\', end
	}
	for i += len(word); isSpace(l.byteAt(i)); i++ {
	}
	if l.byteAt(i) == '\'' && l.byteAt(i+2) == '\'' && l.text[i+1] < utf8.RuneSelf && strings.IndexByte("+'\"", l.text[i+1]) < 0 &&
		!isHex(l.text[i+1]) && !isSpace(l.text[i+1]) {
		return l.text[i+1], i + 3
	}
	return '\\', end
}

// decodeUnicode decodes the escapes of raw; bad is the offset of a wrong one, or -1.
func decodeUnicode(raw string, esc byte) (text string, bad int) {
	if strings.IndexByte(raw, esc) < 0 {
		return raw, -1
	}
	var b strings.Builder
	high := rune(0) // the first half of a surrogate pair
	for i := 0; i < len(raw); i++ {
		if raw[i] != esc || i+1 < len(raw) && raw[i+1] == esc {
			if high != 0 {
				return "", i
			}
			b.WriteByte(raw[i])
			if raw[i] == esc {
				i++
			}
			continue
		}
		n, at := 4, i+1
		if i+1 < len(raw) && raw[i+1] == '+' {
			n, at = 6, i+2
		}
		r, ok := hexRune(raw, at, n)
		if !ok {
			return "", i
		}
		start := i
		i = at + n - 1
		switch {
		case high != 0:
			if r = utf16.DecodeRune(high, r); r == utf8.RuneError {
				return "", start
			}
			high = 0
			b.WriteRune(r)
		case utf16.IsSurrogate(r):
			high = r
		default:
			b.WriteRune(r)
		}
	}
	if high != 0 {
		return "", len(raw)
	}
	return b.String(), -1
}
