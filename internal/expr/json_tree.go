package expr

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// jsonValue is a place in valid JSON text: the text of one value, without blanks around it.
type jsonValue []byte

// kind is the value's first byte with all digits and the minus as '0'.
func (v jsonValue) kind() byte {
	if len(v) == 0 {
		return 0
	}
	if c := v[0]; c != '-' && (c < '0' || c > '9') {
		return c
	}
	return '0'
}

// typeName is jsonb_typeof's word.
func (v jsonValue) typeName() string {
	switch v.kind() {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case '0':
		return "number"
	case 't', 'f':
		return "boolean"
	}
	return "null"
}

func jsonBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func skipBlanks(b []byte, i int) int {
	for i < len(b) && jsonBlank(b[i]) {
		i++
	}
	return i
}

func jsonTrim(b []byte) jsonValue {
	i := skipBlanks(b, 0)
	return bytes.TrimRight(b[i:], " \n\t\r")
}

// skipString returns the offset behind the string that begins at b[i].
func skipString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// skipValue returns the offset behind the value that begins at b[i].
func skipValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch c := b[i]; {
		case c == '"':
			i = skipString(b, i)
		case c == '{' || c == '[':
			depth++
			i++
		case c == '}' || c == ']':
			if depth == 0 {
				return i
			}
			depth--
			i++
		case depth == 0 && (c == ',' || c == ':' || jsonBlank(c)):
			return i
		default:
			i++
			for depth == 0 && i < len(b) && !jsonBlank(b[i]) && bytes.IndexByte([]byte(",:]}"), b[i]) < 0 {
				i++
			}
		}
		if depth == 0 {
			return i
		}
	}
	return i
}

// elements calls f for each element of an array until it returns false.
func (v jsonValue) elements(f func(e jsonValue) bool) {
	if v.kind() != '[' {
		return
	}
	for i := skipBlanks(v, 1); i < len(v) && v[i] != ']'; {
		end := skipValue(v, i)
		if !f(v[i:end]) {
			return
		}
		if i = skipBlanks(v, end); i < len(v) && v[i] == ',' {
			i = skipBlanks(v, i+1)
		}
	}
}

// fields calls f for each field of an object; key is the quoted text.
func (v jsonValue) fields(f func(key, val jsonValue) bool) {
	if v.kind() != '{' {
		return
	}
	for i := skipBlanks(v, 1); i < len(v) && v[i] != '}'; {
		end := skipString(v, i)
		key := v[i:end]
		i = skipBlanks(v, end)
		i = skipBlanks(v, i+1) // the colon
		end = skipValue(v, i)
		if !f(key, v[i:end]) {
			return
		}
		if i = skipBlanks(v, end); i < len(v) && v[i] == ',' {
			i = skipBlanks(v, i+1)
		}
	}
}

// field returns the value of the last field named key, or nil.
func (v jsonValue) field(key []byte) (found jsonValue) {
	var buf []byte
	v.fields(func(k, val jsonValue) bool {
		if bytes.IndexByte(k, '\\') < 0 {
			if bytes.Equal(k[1:len(k)-1], key) {
				found = val
			}
		} else if buf = k.appendString(buf[:0]); bytes.Equal(buf, key) {
			found = val
		}
		return true
	})
	return found
}

func (v jsonValue) length() (n int64) {
	v.elements(func(jsonValue) bool { n++; return true })
	return n
}

// element returns element i, from the end if i is negative, or nil.
func (v jsonValue) element(i int64) (found jsonValue) {
	if i < 0 {
		i += v.length()
	}
	if i < 0 {
		return nil
	}
	v.elements(func(e jsonValue) bool {
		if i == 0 {
			found = e
		}
		i--
		return i >= 0
	})
	return found
}

// appendString appends the content of a JSON string, its escapes resolved.
func (v jsonValue) appendString(dst []byte) []byte {
	b := v[1 : len(v)-1]
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			dst = append(dst, b[i])
			continue
		}
		i++
		switch b[i] {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r := hex4(b[i+1:])
			i += 4
			if utf16.IsSurrogate(r) && i+6 < len(b) && b[i+1] == '\\' && b[i+2] == 'u' {
				r = utf16.DecodeRune(r, hex4(b[i+3:]))
				i += 6
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, b[i])
		}
	}
	return dst
}

func hex4(b []byte) rune {
	n, _ := strconv.ParseUint(string(b[:4]), 16, 32)
	return rune(n)
}

// appendText appends the value as ->> gives it: strings without quotes, all else as it stands.
func (v jsonValue) appendText(dst []byte) []byte {
	if v.kind() == '"' {
		return v.appendString(dst)
	}
	return append(dst, v...)
}

// path follows keys and array subscripts; nil if it leads nowhere.
func (v jsonValue) path(steps []types.Value) jsonValue {
	for _, s := range steps {
		if s.Null {
			return nil
		}
		switch v.kind() {
		case '{':
			v = v.field(s.Bytes)
		case '[':
			i, err := strconv.ParseInt(string(s.Bytes), 10, 32)
			if err != nil {
				return nil
			}
			v = v.element(i)
		default:
			return nil
		}
		if v == nil {
			return nil
		}
	}
	return v
}

// appendQuoted appends s as a JSON string.
func appendQuoted(dst, s []byte) []byte {
	dst = append(dst, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c == '\b':
			dst = append(dst, `\b`...)
		case c == '\f':
			dst = append(dst, `\f`...)
		case c < ' ':
			dst = append(dst, `\u00`...)
			dst = append(dst, "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// equal compares two scalars of jsonb.
func (v jsonValue) equal(w jsonValue) bool {
	if v.kind() != w.kind() {
		return false
	}
	if v.kind() == '0' {
		a, err := types.ParseDec(string(v))
		b, err2 := types.ParseDec(string(w))
		return err == nil && err2 == nil && a.Cmp(b) == 0
	}
	return bytes.Equal(v, w)
}

// contains is @>: every part of w is found at the same place in v; array order and repetition do not count.
func (v jsonValue) contains(w jsonValue, top bool) bool {
	switch {
	case v.kind() == '{' && w.kind() == '{':
		ok := true
		w.fields(func(k, val jsonValue) bool {
			have := v.field(k.appendString(nil))
			ok = have != nil && have.contains(val, false)
			return ok
		})
		return ok
	case v.kind() == '[' && w.kind() == '[':
		ok := true
		w.elements(func(e jsonValue) bool {
			ok = false
			v.elements(func(have jsonValue) bool {
				ok = have.contains(e, false)
				return !ok
			})
			return ok
		})
		return ok
	case top && v.kind() == '[' && w.kind() != '{' && w.kind() != '[':
		found := false
		v.elements(func(e jsonValue) bool { found = e.equal(w); return !found })
		return found
	}
	return v.kind() != '{' && v.kind() != '[' && v.equal(w)
}

// items returns the elements of an array, or anything else as a list of one.
func (v jsonValue) items() []jsonValue {
	if v.kind() != '[' {
		return []jsonValue{v}
	}
	var out []jsonValue
	v.elements(func(e jsonValue) bool { out = append(out, e); return true })
	return out
}

// jsonField is a field of an object, its key quoted.
type jsonField struct{ key, val jsonValue }

func (v jsonValue) fieldList() []jsonField {
	var out []jsonField
	v.fields(func(k, val jsonValue) bool { out = append(out, jsonField{k, val}); return true })
	return out
}

func joinItems(items []jsonValue) []byte {
	out := []byte{'['}
	for i, e := range items {
		if i > 0 {
			out = append(out, ", "...)
		}
		out = append(out, e...)
	}
	return append(out, ']')
}

func joinFields(fs []jsonField) []byte {
	out := []byte{'{'}
	for i, f := range fs {
		if i > 0 {
			out = append(out, ", "...)
		}
		out = append(append(append(out, f.key...), ": "...), f.val...)
	}
	return append(out, '}')
}

// empty reports an array or object of a jsonb with nothing in it.
func (v jsonValue) empty() bool { return len(v) == 2 }

// edit is what jsonb_set and jsonb_insert do at the end of a path.
type edit struct {
	val    []byte
	create bool // add a missing last step
	insert bool // before an array element, or as a field that must be new
	after  bool // with insert: behind the element
}

// index reads a path step as an array subscript of n elements; negative ones count from the end.
func index(step string, at, n int) (int, error) {
	i, err := strconv.ParseInt(strings.TrimLeft(step, " \t\n\v\f\r"), 10, 32)
	if err != nil {
		return 0, pgerr.New(pgerr.InvalidTextRepresentation, "path element at position %d is not an integer: %q", at+1, step)
	}
	if i < 0 {
		i += int64(n)
	}
	return int(i), nil
}

// stepOf is step at of a path, which must not be NULL.
func stepOf(path []*string, at int) (string, error) {
	if path[at] == nil {
		return "", pgerr.New(pgerr.NullValueNotAllowed, "path element at position %d is null", at+1)
	}
	return *path[at], nil
}

// set applies e at path, whose first at steps are behind us.
func (v jsonValue) set(path []*string, at int, e edit) (out []byte, err error) {
	last := at == len(path)-1
	step, err := stepOf(path, at)
	if k := v.kind(); err != nil || k != '{' && k != '[' {
		return v, err
	}
	switch v.kind() {
	case '{':
		fs := v.fieldList()
		key := jsonValue(appendQuoted(nil, []byte(step)))
		i := slices.IndexFunc(fs, func(f jsonField) bool { return bytes.Equal(f.key, key) })
		switch {
		case i < 0 && last && (e.create || e.insert):
			fs = append(fs, jsonField{key, e.val})
		case i >= 0 && last && e.insert:
			return nil, pgerr.New(pgerr.InvalidParameterValue, "cannot replace existing key").
				WithHint("Try using the function jsonb_set to replace key value.")
		case i >= 0 && last:
			fs[i].val = e.val
		case i >= 0:
			fs[i].val, err = fs[i].val.set(path, at+1, e)
		}
		return joinFields(fs), err
	case '[':
		items := v.items()
		i, err := index(step, at, len(items))
		if err != nil {
			return nil, err
		}
		return setItem(items, i, path, at, e)
	}
	return v, nil
}

func setItem(items []jsonValue, i int, path []*string, at int, e edit) (out []byte, err error) {
	last, n := at == len(path)-1, len(items)
	switch {
	case last && e.insert:
		if e.after {
			i++
		}
		items = slices.Insert(items, max(0, min(i, n)), jsonValue(e.val))
	case i >= 0 && i < n && last:
		items[i] = e.val
	case i >= 0 && i < n:
		items[i], err = items[i].set(path, at+1, e)
	case last && e.create && i < 0:
		items = slices.Insert(items, 0, jsonValue(e.val))
	case last && e.create:
		items = append(items, e.val)
	}
	return joinItems(items), err
}

// remove deletes what lies at path, whose first at steps are behind us.
func (v jsonValue) remove(path []*string, at int) (out []byte, err error) {
	last := at == len(path)-1
	step, err := stepOf(path, at)
	if k := v.kind(); err != nil || k != '{' && k != '[' {
		return v, err
	}
	switch v.kind() {
	case '{':
		fs := v.fieldList()
		key := jsonValue(appendQuoted(nil, []byte(step)))
		if i := slices.IndexFunc(fs, func(f jsonField) bool { return bytes.Equal(f.key, key) }); i >= 0 {
			if last {
				fs = slices.Delete(fs, i, i+1)
			} else {
				fs[i].val, err = fs[i].val.remove(path, at+1)
			}
		}
		return joinFields(fs), err
	case '[':
		items := v.items()
		if len(items) == 0 {
			return v, nil
		}
		i, err := index(step, at, len(items))
		if err != nil {
			return nil, err
		}
		if i >= 0 && i < len(items) {
			if last {
				items = slices.Delete(items, i, i+1)
			} else {
				items[i], err = items[i].remove(path, at+1)
			}
		}
		return joinItems(items), err
	}
	return v, nil
}
