package types

import (
	"strconv"
	"strings"

	"streamsql/internal/pgerr"
)

// appendNestedText appends an array ('{1,NULL,"a b"}'), a record ('(1,,"a b")') or a map (a JSON object).
func appendNestedText(dst []byte, t Type, b []byte, f *Format) []byte {
	switch t.Kind {
	case Map:
		return AppendJSON(dst, t, Value{Bytes: b})
	case Record:
		return appendRecordText(dst, t, b, f)
	}
	dims, vals, err := DecodeArray(b, *t.Elem)
	if err != nil || len(vals) == 0 {
		return append(dst, "{}"...)
	}
	dst, _ = appendDim(dst, *t.Elem, dims, vals, f)
	return dst
}

// appendDim appends the first dimension of what dims says about vals, and returns the values after it.
func appendDim(dst []byte, elem Type, dims []int32, vals []Value, f *Format) ([]byte, []Value) {
	dst = append(dst, '{')
	for i := range dims[0] {
		if i > 0 {
			dst = append(dst, ',')
		}
		if len(dims) > 1 {
			dst, vals = appendDim(dst, elem, dims[1:], vals, f)
			continue
		}
		dst = appendElem(dst, elem, vals[0], f)
		vals = vals[1:]
	}
	return append(dst, '}'), vals
}

func appendElem(dst []byte, elem Type, v Value, f *Format) []byte {
	if v.Null {
		return append(dst, "NULL"...)
	}
	start := len(dst)
	dst = AppendText(dst, elem, v, f)
	if elem.Class() == ClassInt && !elem.IsTime() {
		return dst
	}
	s := string(dst[start:])
	if s != "" && !strings.EqualFold(s, "null") && !strings.ContainsAny(s, "\"\\{}, \t\n\v\f\r") {
		return dst
	}
	dst = append(dst[:start], '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

func appendRecordText(dst []byte, t Type, b []byte, f *Format) []byte {
	vals, err := DecodeRecord(b, t.Fields)
	if err != nil {
		return append(dst, "()"...)
	}
	dst = append(dst, '(')
	for i, v := range vals {
		if i > 0 {
			dst = append(dst, ',')
		}
		if v.Null {
			continue
		}
		start := len(dst)
		dst = AppendText(dst, t.Fields[i].Type, v, f)
		s := string(dst[start:])
		if s != "" && !strings.ContainsAny(s, "\"\\(), \t\n\v\f\r") {
			continue
		}
		dst = append(dst[:start], '"')
		for k := range len(s) {
			if s[k] == '"' || s[k] == '\\' {
				dst = append(dst, s[k])
			}
			dst = append(dst, s[k])
		}
		dst = append(dst, '"')
	}
	return append(dst, ')')
}

// parseNestedText reads what appendNestedText writes.
func parseNestedText(t Type, s string, f *Format) (Value, error) {
	switch t.Kind {
	case Map:
		return ParseJSON(t, []byte(s))
	case Record:
		return parseRecordText(t, s, f)
	}
	p := arrayParser{elem: *t.Elem, s: s, f: f}
	return p.parse()
}

// arrayParser reads an array literal.
type arrayParser struct {
	elem Type
	s    string
	at   int
	f    *Format
	dims []int32 // lengths found so far; -1: not known yet
	vals []Value // their texts, until convert
}

func (p *arrayParser) fail(detail string, args ...any) error {
	return pgerr.New(pgerr.InvalidTextRepresentation, "malformed array literal: \"%s\"", p.s).WithDetail(detail, args...)
}

func (p *arrayParser) peek() byte {
	p.at = skip(p.s, p.at, isSpace)
	if p.at < len(p.s) {
		return p.s[p.at]
	}
	return 0
}

func (p *arrayParser) parse() (Value, error) {
	if p.peek() == '[' {
		if err := p.bounds(); err != nil {
			return Value{}, err
		}
	}
	if p.peek() != '{' {
		return Value{}, p.fail("Array value must start with \"{\" or dimension information.")
	}
	if err := p.level(0); err != nil {
		return Value{}, err
	}
	if p.peek(); p.at < len(p.s) {
		return Value{}, p.fail("Junk after closing right brace.")
	}
	if err := p.convert(); err != nil {
		return Value{}, err
	}
	if len(p.vals) == 0 {
		return BytesValue(AppendArray(nil, p.elem, nil, nil)), nil
	}
	return BytesValue(AppendArray(nil, p.elem, p.dims, p.vals)), nil
}

// bounds reads "[1:3]=". Arrays that do not begin at 1 are not supported.
func (p *arrayParser) bounds() error {
	for p.peek() == '[' {
		end := strings.IndexByte(p.s[p.at:], ']')
		if end < 0 {
			return p.fail("Missing \"]\" after array dimensions.")
		}
		lo, hi, two := strings.Cut(p.s[p.at+1:p.at+end], ":")
		if !two {
			lo, hi = "1", lo
		}
		n, err1 := strconv.Atoi(strings.TrimSpace(lo))
		m, err2 := strconv.Atoi(strings.TrimSpace(hi))
		if err1 != nil || err2 != nil {
			return p.fail("\"[\" must introduce explicitly-specified array dimensions.")
		}
		if n != 1 {
			return pgerr.Unsupported(pgerr.NoPos, "an array with lower bound %d", n)
		}
		if m < 1 || m > arrayLenMax || len(p.dims) == arrayDimsMax {
			return p.fail("Specified array dimensions do not match array contents.")
		}
		p.dims = append(p.dims, int32(m))
		p.at += end + 1
	}
	if p.peek() != '=' {
		return p.fail("Missing \"=\" after array dimensions.")
	}
	p.at++
	return nil
}

// level reads one brace level; p.at is at its "{".
func (p *arrayParser) level(depth int) error {
	if depth >= arrayDimsMax {
		return pgerr.New(pgerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)",
			depth+1, arrayDimsMax)
	}
	if len(p.dims) == depth {
		if len(p.vals) > 0 {
			return p.mismatch()
		}
		p.dims = append(p.dims, -1)
	}
	p.at++
	count := int32(0)
	if p.peek() == '}' {
		if depth > 0 {
			return p.fail("Unexpected \"}\" character.")
		}
		p.at++
		return p.close(depth, 0)
	}
	for {
		if err := p.item(depth); err != nil {
			return err
		}
		count++
		switch c := p.peek(); c {
		case ',':
			p.at++
		case '}':
			p.at++
			return p.close(depth, count)
		case 0:
			return p.fail("Unexpected end of input.")
		default:
			return p.fail("Unexpected array element.")
		}
	}
}

func (p *arrayParser) mismatch() error {
	return p.fail("Multidimensional arrays must have sub-arrays with matching dimensions.")
}

func (p *arrayParser) close(depth int, count int32) error {
	if p.dims[depth] < 0 {
		p.dims[depth] = count
	}
	if p.dims[depth] != count {
		return p.mismatch()
	}
	return nil
}

func (p *arrayParser) item(depth int) error {
	switch p.peek() {
	case '{':
		return p.level(depth + 1)
	case 0:
		return p.fail("Unexpected end of input.")
	case '}', ',':
		return p.fail("Unexpected \"%c\" character.", p.s[p.at])
	}
	if len(p.dims) > depth+1 {
		return p.mismatch()
	}
	text, quoted, err := p.text()
	if err != nil {
		return err
	}
	if !quoted && strings.EqualFold(text, "null") {
		p.vals = append(p.vals, Null)
		return nil
	}
	p.vals = append(p.vals, BytesValue([]byte(text)))
	return nil
}

// convert gives the elements, whose texts have been read, their values: an error in the braces counts before one in them.
func (p *arrayParser) convert() error {
	for i, v := range p.vals {
		if v.Null {
			continue
		}
		var err error
		if p.vals[i], err = ParseText(p.elem, string(v.Bytes), p.f); err != nil {
			return err
		}
	}
	return nil
}

// text reads one element: quoted, or up to a comma or brace without the blanks around it.
func (p *arrayParser) text() (text string, quoted bool, err error) {
	var out []byte
	keep := 0 // up to here blanks count
	if p.s[p.at] == '"' {
		p.at++
		for p.at < len(p.s) && p.s[p.at] != '"' {
			if p.s[p.at] == '\\' {
				p.at++
			}
			if p.at < len(p.s) {
				out = append(out, p.s[p.at])
				p.at++
			}
		}
		if p.at >= len(p.s) {
			return "", true, p.fail("Unexpected end of input.")
		}
		p.at++
		return string(out), true, nil
	}
	escaped := false
	for p.at < len(p.s) {
		switch c := p.s[p.at]; {
		case c == ',' || c == '}':
			return string(out[:keep]), escaped, nil
		case c == '"':
			return "", false, p.fail("Incorrectly quoted array element.")
		case c == '{':
			return "", false, p.fail("Unexpected \"{\" character.")
		case c == '\\':
			p.at++
			if p.at >= len(p.s) {
				return "", false, p.fail("Unexpected end of input.")
			}
			escaped = true
			out = append(out, p.s[p.at])
			keep = len(out)
		default:
			out = append(out, c)
			if !isSpace(c) {
				keep = len(out)
			}
		}
		p.at++
	}
	return "", false, p.fail("Unexpected end of input.")
}

func parseRecordText(t Type, s string, f *Format) (Value, error) {
	if t.Fields == nil {
		return Value{}, pgerr.New(pgerr.FeatureNotSupported, "input of anonymous composite types is not implemented")
	}
	bad := func(detail string) (Value, error) {
		return Value{}, pgerr.New(pgerr.InvalidTextRepresentation, "malformed record literal: \"%s\"", s).WithDetail("%s", detail)
	}
	i := skip(s, 0, isSpace)
	if i >= len(s) || s[i] != '(' {
		return bad("Missing left parenthesis.")
	}
	i++
	vals := make([]Value, len(t.Fields))
	for k := range vals {
		if k > 0 {
			if i >= len(s) || s[i] != ',' {
				return bad("Too few columns.")
			}
			i++
		}
		text, null, end, ok := recordItem(s, i)
		if !ok {
			return bad("Unexpected end of input.")
		}
		i = end
		if null {
			vals[k] = Null
			continue
		}
		v, err := ParseText(t.Fields[k].Type, text, f)
		if err != nil {
			return Value{}, err
		}
		vals[k] = v
	}
	if i >= len(s) || s[i] != ')' {
		return bad("Too many columns.")
	}
	if skip(s, i+1, isSpace) != len(s) {
		return bad("Junk after right parenthesis.")
	}
	return BytesValue(AppendRecord(nil, t.Fields, vals)), nil
}

// recordItem reads one column at i, up to its comma or parenthesis; nothing at all is NULL.
func recordItem(s string, i int) (text string, null bool, end int, ok bool) {
	if i < len(s) && (s[i] == ',' || s[i] == ')') {
		return "", true, i, true
	}
	var out []byte
	quoted := false
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			if i++; i >= len(s) {
				return "", false, i, false
			}
			out = append(out, s[i])
		case c == '"' && quoted && i+1 < len(s) && s[i+1] == '"':
			i++
			out = append(out, '"')
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ',' || c == ')'):
			return string(out), false, i, true
		default:
			out = append(out, c)
		}
	}
	return "", false, i, false
}
