package types

import (
	"strings"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

// JSONKind is the kind of a JSON value. The order is the one jsonb sorts by.
type JSONKind uint8

// The JSON kinds.
const (
	JSONNull JSONKind = iota
	JSONString
	JSONNumber
	JSONBool
	JSONArray
	JSONObject
)

// JSONValue is a JSON value taken apart.
type JSONValue struct {
	Kind  JSONKind
	Str   string      // string, decoded
	Num   Dec         // number
	Bool  bool        // boolean
	Keys  []string    // object; parallel to Elems; as ordered in the text, duplicates kept, until Normalize
	Elems []JSONValue // array elements, object values
}

// jsonDepthMax bounds nesting; PostgreSQL's bound is its stack depth, some thousands of levels.
const jsonDepthMax = 5000

// ParseJSONText reads one JSON value with PostgreSQL's jsonb rules: errors 22P02 with PostgreSQL's detail, 22P05 for
// \u0000, 22003 for numbers beyond numeric, 54001 for nesting that is too deep.
func ParseJSONText(b []byte) (JSONValue, error) {
	p := jsonParser{s: string(b), values: true}
	return p.document()
}

// checkJSON accepts what type json accepts: the syntax only.
func checkJSON(b []byte) error {
	p := jsonParser{s: string(b)}
	_, err := p.document()
	return err
}

// expectedJSON is the detail of an error where a value should stand.
const expectedJSON = "Expected JSON value, but found \"%s\"."

type jsonParser struct {
	s      string
	at     int
	depth  int
	values bool // decode strings and numbers, and check what that needs
}

func (p *jsonParser) document() (JSONValue, error) {
	v, err := p.value(expectedJSON)
	if err != nil {
		return v, err
	}
	if p.peek() != 0 || p.at < len(p.s) {
		return v, p.unexpected("Expected end of input, but found \"%s\".")
	}
	return v, nil
}

// peek skips white space and returns the next byte, 0 at the end.
func (p *jsonParser) peek() byte {
	for p.at < len(p.s) {
		switch c := p.s[p.at]; c {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return c
		}
	}
	return 0
}

func (p *jsonParser) fail(detail string, args ...any) error {
	return pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type json").WithDetail(detail, args...)
}

// unexpected reports the token at p.at; format has a place for it.
func (p *jsonParser) unexpected(format string) error {
	if p.peek() == 0 && p.at >= len(p.s) {
		return p.fail("The input string ended unexpectedly.")
	}
	tok, ok, err := p.token()
	if err != nil {
		return err
	}
	if !ok {
		return p.fail("Token \"%s\" is invalid.", tok)
	}
	return p.fail(format, tok)
}

// token returns the text of the token at p.at and whether the lexer knows such a token.
func (p *jsonParser) token() (tok string, ok bool, err error) {
	start := p.at
	switch c := p.s[start]; {
	case strings.IndexByte("{}[],:", c) >= 0:
		return p.s[start : start+1], true, nil
	case c == '"':
		_, err := p.str()
		return p.s[start:p.at], true, err
	case c == '-' || c >= '0' && c <= '9':
		_, err := p.number()
		return p.s[start:p.at], true, err
	}
	end := start + wordLen(p.s[start:])
	if end == start {
		_, n := utf8.DecodeRuneInString(p.s[start:])
		return p.s[start : start+n], false, nil
	}
	w := p.s[start:end]
	return w, w == "true" || w == "false" || w == "null", nil
}

// wordLen is the length of what PostgreSQL shows as one bad token: letters, digits, _ and all bytes above ASCII.
func wordLen(s string) int {
	for i := range len(s) {
		c := s[i]
		if !(c|32 >= 'a' && c|32 <= 'z' || c >= '0' && c <= '9' || c == '_' || c >= 0x80) {
			return i
		}
	}
	return len(s)
}

func (p *jsonParser) value(expected string) (JSONValue, error) {
	switch c := p.peek(); {
	case c == '{':
		return p.nested(p.object)
	case c == '[':
		return p.nested(p.array)
	case c == '"':
		s, err := p.str()
		return JSONValue{Kind: JSONString, Str: s}, err
	case c == '-' || c >= '0' && c <= '9':
		d, err := p.number()
		return JSONValue{Kind: JSONNumber, Num: d}, err
	}
	word := p.s[p.at : p.at+wordLen(p.s[p.at:])]
	v := JSONValue{}
	switch word {
	case "true":
		v = JSONValue{Kind: JSONBool, Bool: true}
	case "false":
		v = JSONValue{Kind: JSONBool}
	case "null":
	default:
		return v, p.unexpected(expected)
	}
	p.at += len(word)
	return v, nil
}

func (p *jsonParser) nested(f func() (JSONValue, error)) (JSONValue, error) {
	if p.depth++; p.depth > jsonDepthMax {
		return JSONValue{}, pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded")
	}
	p.at++
	v, err := f()
	p.depth--
	return v, err
}

func (p *jsonParser) array() (JSONValue, error) {
	v := JSONValue{Kind: JSONArray}
	if p.peek() == ']' {
		p.at++
		return v, nil
	}
	for {
		e, err := p.value(expectedJSON)
		if err != nil {
			return v, err
		}
		v.Elems = append(v.Elems, e)
		switch p.peek() {
		case ',':
			p.at++
		case ']':
			p.at++
			return v, nil
		default:
			return v, p.unexpected("Expected \",\" or \"]\", but found \"%s\".")
		}
	}
}

func (p *jsonParser) object() (JSONValue, error) {
	v := JSONValue{Kind: JSONObject}
	if p.peek() == '}' {
		p.at++
		return v, nil
	}
	expected := "Expected string or \"}\", but found \"%s\"."
	for {
		if p.peek() != '"' {
			return v, p.unexpected(expected)
		}
		key, err := p.str()
		if err != nil {
			return v, err
		}
		if p.peek() != ':' {
			return v, p.unexpected("Expected \":\", but found \"%s\".")
		}
		p.at++
		e, err := p.value(expectedJSON)
		if err != nil {
			return v, err
		}
		v.Keys, v.Elems = append(v.Keys, key), append(v.Elems, e)
		switch p.peek() {
		case ',':
			p.at++
		case '}':
			p.at++
			return v, nil
		default:
			return v, p.unexpected("Expected \",\" or \"}\", but found \"%s\".")
		}
		expected = "Expected string, but found \"%s\"."
	}
}

// number reads a number at p.at.
func (p *jsonParser) number() (Dec, error) {
	start, i, s := p.at, p.at, p.s
	if s[i] == '-' {
		i++
	}
	digits := func() bool {
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > from
	}
	ok := i < len(s)
	if ok && s[i] == '0' {
		i++
	} else {
		ok = ok && digits()
	}
	if ok && i < len(s) && s[i] == '.' {
		i++
		ok = digits()
	}
	if ok && i < len(s) && s[i]|32 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		ok = digits()
	}
	if tail := wordLen(s[i:]); !ok || tail > 0 {
		return Dec{}, p.fail("Token \"%s\" is invalid.", s[start:i+tail])
	}
	p.at = i
	if !p.values {
		return Dec{}, nil
	}
	return ParseDec(s[start:i])
}

// str reads a string at p.at, which is a quote. Without values the result is empty.
func (p *jsonParser) str() (string, error) {
	p.at++
	start := p.at
	for i := start; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '"':
			p.at = i + 1
			if !p.values {
				return "", p.checkUTF8(start, i)
			}
			return p.s[start:i], p.checkUTF8(start, i)
		case c == '\\':
			return p.escaped(start, i)
		case c < 0x20:
			return "", p.fail("Character with value 0x%02x must be escaped.", c)
		}
	}
	p.at = len(p.s)
	return "", p.fail("Token \"%s\" is invalid.", p.s[start-1:])
}

func (p *jsonParser) checkUTF8(i, j int) error { return checkUTF8(p.s[i:j]) }

// escaped goes on with a string that began at start and has its first backslash at i.
func (p *jsonParser) escaped(start, i int) (string, error) {
	var out []byte
	out = append(out, p.s[start:i]...)
	for i < len(p.s) {
		c := p.s[i]
		switch {
		case c == '"':
			p.at = i + 1
			return string(out), p.checkUTF8(start, i)
		case c < 0x20:
			return "", p.fail("Character with value 0x%02x must be escaped.", c)
		case c != '\\':
			out = append(out, c)
			i++
			continue
		}
		var err error
		if out, i, err = p.escape(out, i+1, start-1); err != nil {
			return "", err
		}
	}
	p.at = len(p.s)
	return "", p.fail("Token \"%s\" is invalid.", p.s[start-1:])
}

// escape decodes the escape whose letter is at i; quote is where the string began.
func (p *jsonParser) escape(out []byte, i, quote int) ([]byte, int, error) {
	if i >= len(p.s) {
		return out, i, p.fail("Token \"%s\" is invalid.", p.s[quote:])
	}
	if p.s[i] == 'u' {
		return p.escapeU(out, i+1)
	}
	k := strings.IndexByte(`"\/bfnrt`, p.s[i])
	if k < 0 {
		_, n := utf8.DecodeRuneInString(p.s[i:])
		return out, i, p.fail("Escape sequence \"\\%s\" is invalid.", p.s[i:i+n])
	}
	return append(out, "\"\\/\b\f\n\r\t"[k]), i + 1, nil
}

func (p *jsonParser) hex4(i int) (rune, error) {
	var r rune
	for k := range 4 {
		if i+k >= len(p.s) {
			return 0, p.fail("The input string ended unexpectedly.")
		}
		d, ok := hexDigit(p.s[i+k])
		if !ok {
			return 0, p.fail("\"\\u\" must be followed by four hexadecimal digits.")
		}
		r = r<<4 | rune(d)
	}
	return r, nil
}

func isHigh(r rune) bool { return r >= 0xd800 && r < 0xdc00 }
func isLow(r rune) bool  { return r >= 0xdc00 && r < 0xe000 }

// escapeU decodes the four digits at i, and a second escape when they are the first half of a pair.
func (p *jsonParser) escapeU(out []byte, i int) ([]byte, int, error) {
	r, err := p.hex4(i)
	if err != nil {
		return out, i, err
	}
	i += 4
	if !p.values {
		return out, i, nil
	}
	switch {
	case r == 0:
		return out, i, pgerr.New(pgerr.UntranslatableCharacter, "unsupported Unicode escape sequence").
			WithDetail("\\u0000 cannot be converted to text.")
	case isLow(r):
		return out, i, p.fail("Unicode low surrogate must follow a high surrogate.")
	case isHigh(r):
		if !strings.HasPrefix(p.s[i:], `\u`) {
			return out, i, p.fail("Unicode low surrogate must follow a high surrogate.")
		}
		lo, err := p.hex4(i + 2)
		if err != nil {
			return out, i, err
		}
		switch {
		case isHigh(lo):
			return out, i, p.fail("Unicode high surrogate must not follow a high surrogate.")
		case !isLow(lo):
			return out, i, p.fail("Unicode low surrogate must follow a high surrogate.")
		}
		r, i = 0x10000+(r-0xd800)<<10+(lo-0xdc00), i+6
	}
	return utf8.AppendRune(out, r), i, nil
}

// AppendJSONString appends s quoted and escaped as PostgreSQL does it.
func AppendJSONString[S ~string | ~[]byte](dst []byte, s S) []byte {
	const hexDigits = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		if k := strings.IndexByte("\"\\\b\f\n\r\t", c); k >= 0 {
			dst = append(dst, '\\', `"\bfnrt`[k])
		} else {
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, s[start:]...), '"')
}
