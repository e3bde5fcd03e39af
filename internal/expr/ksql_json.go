package expr

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// ksqlDB's functions of JSON in texts. Text that is no JSON is an error, which makes the row's value NULL in a view.

func init() {
	defKSQL("extractjsonfield(text, text) text", "the value at a path such as $.a.b[0], NULL if there is none; strings without quotes", `extractjsonfield('{"a": [1, {"b": "x"}]}', '$.a[1].b') => x`, rowsFor(extractJSONField))
	defKSQL("is_json_string(text) bool nullok", "whether a text is JSON", "is_json_string('[1, 2]') => t", rows(func(_ *row, a []types.Value) (types.Value, error) {
		if a[0].Null {
			return types.BoolValue(false), nil
		}
		v, ok := findJSON(a[0].Bytes)
		return types.BoolValue(ok && v != nil), nil
	}))
	defKSQL("json_array_contains(text, any) bool nullok", "whether a JSON array has a value of the value's own type; false for what is no array", "json_array_contains('[1, 2, 3]', 3) => t", rowsFor(jsonArrayContains))
	defKSQL("json_array_length(text) int4", "number of elements of a JSON array; NULL for another value", "json_array_length('[1, [2, 3]]') => 2", rows(func(_ *row, a []types.Value) (types.Value, error) {
		v, err := jsonHead(a[0].Bytes)
		if err != nil || v.kind() != '[' {
			return types.Null, err
		}
		return types.IntValue(v.length()), nil
	}))
	defKSQL("json_concat(variadic text) text nullok", "JSON objects as one, of equal keys the last counting, or other values as one array; NULL if an argument is", `json_concat('{"a": 1}', '{"b": 2}') => {"a":1,"b":2}`, rows(ksqlJSONConcat))
	defKSQL("json_items(text) text[]", "the elements of a JSON array, each as JSON", `json_items('[{"a": 1}, 2]') => {"{\"a\":1}",2}`, rows(jsonItems))
	defKSQL("json_keys(text) text[]", "the keys of a JSON object; NULL for another value", `json_keys('{"a": 1, "b": 2}') => {a,b}`, rows(func(r *row, a []types.Value) (types.Value, error) {
		v, err := jsonHead(a[0].Bytes)
		if err != nil || v.kind() != '{' {
			return types.Null, err
		}
		names, _ := v.lastFields()
		vals := make([]types.Value, len(names))
		for i, n := range names {
			vals[i] = types.TextValue(n)
		}
		r.buf = types.AppendArray(r.buf[:0], types.T(types.Text), nil, vals)
		return types.Value{Bytes: r.buf}, nil
	}))
	defKSQL("json_records(text) map<text,text>", "the fields of a JSON object; strings without quotes, all else as JSON; NULL for another value", `json_records('{"a": 1, "b": "x"}')['b'] => x`, rows(jsonRecords))
	defKSQL("to_json_string(any) text nullok", "a value of any type as JSON", "to_json_string(ARRAY[1, 2]) => [1,2]", rowsFor(func(c *Call) (rowFunc, error) {
		t := c.Args[0].Type()
		return func(r *row, a []types.Value) (types.Value, error) {
			r.buf = appendKSQLJSON(r.buf[:0], t, a[0])
			return types.Value{Bytes: r.buf}, nil
		}, nil
	}))
}

// jsonPathOf splits a path: a dollar sign, then names behind dots and names, numbers or quoted names in brackets.
func jsonPathOf(path string) (steps []string, err error) {
	bad := pgerr.New(pgerr.InvalidParameterValue, "invalid JSON path: %q", path)
	blank := func(s string) string { return strings.TrimLeftFunc(s, unicode.IsSpace) }
	rest, ok := strings.CutPrefix(blank(path), "$")
	if !ok {
		return nil, bad
	}
	for rest = blank(rest); rest != ""; rest = blank(rest) {
		bracket := rest[0] == '['
		if !bracket && rest[0] != '.' {
			return nil, bad
		}
		rest = blank(rest[1:])
		var step string
		if bracket && strings.HasPrefix(rest, `"`) {
			if step, rest, ok = strings.Cut(rest[1:], `"`); !ok {
				return nil, bad
			}
		} else {
			n := strings.IndexFunc(rest, func(c rune) bool {
				return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune(`-_\/@`, c) && (bracket || c != ':')
			})
			if n < 0 {
				n = len(rest)
			}
			if n == 0 {
				return nil, bad
			}
			step, rest = rest[:n], rest[n:]
		}
		if bracket {
			if rest, ok = strings.CutPrefix(blank(rest), "]"); !ok {
				return nil, bad
			}
		}
		steps = append(steps, step)
	}
	return steps, nil
}

func extractJSONField(*Call) (rowFunc, error) {
	var path []byte
	var steps []string
	return func(r *row, a []types.Value) (types.Value, error) {
		if path == nil || !bytes.Equal(path, a[1].Bytes) {
			s, err := jsonPathOf(string(a[1].Bytes))
			if err != nil {
				return types.Null, err
			}
			steps, path = s, append([]byte{}, a[1].Bytes...)
		}
		v, err := jsonHead(a[0].Bytes)
		if err != nil {
			return types.Null, err
		}
		for _, s := range steps {
			switch v.kind() {
			case '[':
				i, err := strconv.ParseInt(s, 10, 32)
				if err != nil || i < 0 {
					return types.Null, nil
				}
				v = v.element(i)
			case '{':
				v = v.field([]byte(s))
			default:
				return types.Null, nil
			}
			if v == nil {
				return types.Null, nil
			}
		}
		r.buf, err = v.appendJacksonText(r.buf[:0])
		return types.Value{Bytes: r.buf}, err
	}, nil
}

func jsonArrayContains(c *Call) (rowFunc, error) {
	t := c.Args[1].Type()
	return func(_ *row, a []types.Value) (types.Value, error) {
		if a[0].Null {
			return types.Null, nil
		}
		v, ok := findJSON(a[0].Bytes)
		if !ok || v.kind() != '[' {
			return types.BoolValue(false), nil
		}
		found := false
		v.elements(func(e jsonValue) bool {
			found = e.isKSQL(t, a[1])
			return !found
		})
		return types.BoolValue(found), nil
	}, nil
}

// isKSQL reports whether a JSON scalar is a value of type t.
func (v jsonValue) isKSQL(t types.Type, w types.Value) bool {
	switch {
	case w.Null:
		return string(v) == "null"
	case t.Kind == types.Bool:
		return string(v) == strconv.FormatBool(w.B)
	case t.IsString():
		return v.kind() == '"' && bytes.Equal(v.appendString(nil), w.Bytes)
	case v.kind() != '0':
		return false
	case t.IsInteger():
		i, err := strconv.ParseInt(string(v), 10, 64)
		return err == nil && i == w.I
	case t.Kind == types.Float8:
		f, err := strconv.ParseFloat(string(v), 64)
		return err == nil && bytes.ContainsAny(v, ".eE") && f == w.F
	}
	return false
}

func ksqlJSONConcat(r *row, a []types.Value) (types.Value, error) {
	vals, objects := make([]jsonValue, len(a)), true
	for i, x := range a {
		if x.Null {
			return types.Null, nil
		}
		v, err := jsonHead(x.Bytes)
		if err != nil || v == nil {
			return types.Null, err
		}
		vals[i], objects = v, objects && v.kind() == '{'
	}
	if len(vals) == 1 {
		var err error
		r.buf, err = vals[0].appendJackson(r.buf[:0], true)
		return types.Value{Bytes: r.buf}, err
	}
	open, shut := byte('['), byte(']')
	if objects {
		open, shut = '{', '}'
	}
	all := []byte{open}
	for _, v := range vals {
		if v.kind() == open {
			v = bytes.TrimSpace(v[1 : len(v)-1])
		}
		if len(v) == 0 {
			continue
		}
		if len(all) > 1 {
			all = append(all, ',')
		}
		all = append(all, v...)
	}
	var err error
	r.buf, err = jsonValue(append(all, shut)).appendJackson(r.buf[:0], true)
	return types.Value{Bytes: r.buf}, err
}

func jsonItems(r *row, a []types.Value) (types.Value, error) {
	v, err := jsonHead(a[0].Bytes)
	if err == nil && v.kind() != '[' {
		err = pgerr.New(pgerr.InvalidTextRepresentation, "not a JSON array: %.200q", a[0].Bytes)
	}
	if err != nil {
		return types.Null, err
	}
	vals := []types.Value{}
	v.elements(func(e jsonValue) bool {
		var b []byte
		b, err = e.appendJackson(nil, false)
		vals = append(vals, types.BytesValue(b))
		return err == nil
	})
	r.buf = types.AppendArray(r.buf[:0], types.T(types.Text), nil, vals)
	return types.Value{Bytes: r.buf}, err
}

func jsonRecords(r *row, a []types.Value) (types.Value, error) {
	v, err := jsonHead(a[0].Bytes)
	if err != nil || v.kind() != '{' {
		return types.Null, err
	}
	names, parts := v.lastFields()
	keys, vals := make([]types.Value, len(names)), make([]types.Value, len(names))
	for i := range names {
		b, err := parts[i].appendJacksonText(nil)
		if err != nil {
			return types.Null, err
		}
		keys[i], vals[i] = types.TextValue(names[i]), types.BytesValue(b)
	}
	text := types.T(types.Text)
	r.buf = types.AppendMap(r.buf[:0], text, text, keys, vals)
	return types.Value{Bytes: r.buf}, nil
}

// appendKSQLJSON appends v as TO_JSON_STRING writes it: fields and keys in order, times as ISO 8601, bytes as base64.
func appendKSQLJSON(dst []byte, t types.Type, v types.Value) []byte {
	if v.Null {
		return append(dst, "null"...)
	}
	switch t.Kind {
	case types.Bool:
		return strconv.AppendBool(dst, v.B)
	case types.Int2, types.Int4, types.Int8:
		return strconv.AppendInt(dst, v.I, 10)
	case types.Float4, types.Float8:
		if b := types.AppendJavaDouble(nil, v.F); b[len(b)-1] >= '0' && b[len(b)-1] <= '9' {
			return append(dst, b...)
		}
		return append(types.AppendJavaDouble(append(dst, '"'), v.F), '"') // NaN and the infinities are no JSON
	case types.Numeric:
		if !v.N.IsNaN() && !v.N.IsInf() {
			return v.N.Append(dst)
		}
	case types.JSON, types.JSONB:
		return append(dst, v.Bytes...)
	case types.Bytea:
		return append(base64.StdEncoding.AppendEncode(append(dst, '"'), v.Bytes), '"')
	case types.Timestamp, types.Date, types.Time:
		return append(appendKSQLText(append(dst, '"'), t, v), '"')
	case types.Array:
		return appendKSQLJSONArray(dst, *t.Elem, v)
	case types.Map:
		return appendKSQLJSONMap(dst, t, v)
	case types.Record:
		return appendKSQLJSONRecord(dst, t, v)
	}
	if t.IsString() {
		return appendQuoted(dst, v.Bytes)
	}
	return appendQuoted(dst, types.AppendText(nil, t, v, nil))
}

func appendKSQLJSONArray(dst []byte, elem types.Type, v types.Value) []byte {
	_, vals, err := types.DecodeArray(v.Bytes, elem)
	if err != nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i, e := range vals {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendKSQLJSON(dst, elem, e)
	}
	return append(dst, ']')
}

// jsonMember is a field of an object that is being written.
type jsonMember struct {
	key string
	t   types.Type
	v   types.Value
}

func appendKSQLJSONMap(dst []byte, t types.Type, v types.Value) []byte {
	keys, vals, err := types.DecodeMap(v.Bytes, *t.Key, *t.Elem)
	if err != nil {
		return append(dst, "null"...)
	}
	members := make([]jsonMember, len(keys))
	for i, k := range keys {
		members[i] = jsonMember{string(appendKSQLText(nil, *t.Key, k)), *t.Elem, vals[i]}
		if t.Key.IsString() {
			members[i].key = string(k.Bytes)
		}
	}
	return appendMembers(dst, members)
}

func appendKSQLJSONRecord(dst []byte, t types.Type, v types.Value) []byte {
	vals, err := types.DecodeRecord(v.Bytes, t.Fields)
	if err != nil {
		return append(dst, "null"...)
	}
	members := make([]jsonMember, len(vals))
	for i, f := range t.Fields {
		members[i] = jsonMember{f.Name, f.Type, vals[i]}
	}
	return appendMembers(dst, members)
}

func appendMembers(dst []byte, members []jsonMember) []byte {
	slices.SortStableFunc(members, func(a, b jsonMember) int { return strings.Compare(a.key, b.key) })
	dst = append(dst, '{')
	for i, m := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, []byte(m.key)), ':')
		dst = appendKSQLJSON(dst, m.t, m.v)
	}
	return append(dst, '}')
}
