package expr

import (
	"bytes"
	"math"
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// JSON functions. jsonb is kept as normalized text, so parts of it are normalized too.

// jsonPart gives a part of a document as json(b), or NULL for nil.
func jsonPart(v jsonValue) (types.Value, error) {
	if v == nil {
		return types.Null, nil
	}
	return types.Value{Bytes: v}, nil
}

// jsonText gives a part of a document as text: NULL for nil and for JSON's null.
func jsonText(r *row, v jsonValue) (types.Value, error) {
	if v == nil || v.kind() == 'n' {
		return types.Null, nil
	}
	r.buf = v.appendText(r.buf[:0])
	return types.Value{Bytes: r.buf}, nil
}

// normalized makes a jsonb of text put together from parts.
func normalized(b []byte) (types.Value, error) {
	b, err := types.NormalizeJSONB(b)
	return types.BytesValue(b), err
}

func textArray(v types.Value) ([]types.Value, error) {
	_, vals, err := types.DecodeArray(v.Bytes, types.T(types.Text))
	return vals, err
}

func init() {
	for _, t := range []string{"json", "jsonb"} {
		jsonAccess(t)
	}
	def("@>(jsonb, jsonb) bool", "contains", `'{"a":1, "b":2}'::jsonb @> '{"b":2}'::jsonb => t`, rows(func(_ *row, a []types.Value) (types.Value, error) {
		return types.BoolValue(jsonTrim(a[0].Bytes).contains(jsonTrim(a[1].Bytes), true)), nil
	}))
	def("<@(jsonb, jsonb) bool", "is contained in", `'{"b":2}'::jsonb <@ '{"a":1, "b":2}'::jsonb => t`, rows(func(_ *row, a []types.Value) (types.Value, error) {
		return types.BoolValue(jsonTrim(a[1].Bytes).contains(jsonTrim(a[0].Bytes), true)), nil
	}))
	def("?(jsonb, text) bool", "has the key or the string element", `'{"a":1, "b":2}'::jsonb ? 'b' => t`, rows(func(_ *row, a []types.Value) (types.Value, error) {
		return types.BoolValue(hasKey(jsonTrim(a[0].Bytes), a[1].Bytes)), nil
	}))
	for _, o := range []struct {
		op  string
		all bool
	}{{"?|", false}, {"?&", true}} {
		def(o.op+"(jsonb, text[]) bool", "has some of, or all, the keys", "", rows(func(_ *row, a []types.Value) (types.Value, error) {
			keys, err := textArray(a[1])
			for _, k := range keys {
				if !k.Null && hasKey(jsonTrim(a[0].Bytes), k.Bytes) != o.all {
					return types.BoolValue(!o.all), err
				}
			}
			return types.BoolValue(o.all), err
		}))
	}
	def("||(jsonb, jsonb) jsonb", "concatenation; of objects, fields of the right side win", `'["a", "b"]'::jsonb || '["a", "d"]'::jsonb => ["a", "b", "a", "d"]`, rows(jsonConcat))
	def("-(jsonb, text) jsonb", "without a key, or without equal strings", `'{"a": "b", "c": "d"}'::jsonb - 'a' => {"c": "d"}`, rows(jsonDelete))
	def("-(jsonb, text[]) jsonb", "without the keys", "", rows(jsonDeleteAll))
	def("-(jsonb, int4) jsonb", "without the element at a subscript", `'["a", "b"]'::jsonb - 1 => ["a"]`, rows(jsonDeleteAt))
	def("#-(jsonb, text[]) jsonb", "without what lies at a path", `'["a", {"b":1}]'::jsonb #- '{1,b}'::text[] => ["a", {}]`, rows(func(_ *row, a []types.Value) (types.Value, error) {
		if err := flatPath(a[1]); err != nil {
			return types.Null, err
		}
		path, err := pathOf(a[1])
		v := jsonTrim(a[0].Bytes)
		if k := v.kind(); k != '{' && k != '[' {
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "cannot delete path in scalar")
		}
		if err != nil || len(path) == 0 || v.empty() {
			return a[0], err
		}
		b, err := v.remove(path, 0)
		if err != nil {
			return types.Null, err
		}
		return normalized(b)
	}))
	jsonBuild()
	jsonChange()
}

// jsonAccess registers what json and jsonb have in common.
func jsonAccess(t string) {
	doc := func(v types.Value) jsonValue { return jsonTrim(v.Bytes) }
	def("->("+t+", text) "+t, "a field of an object", `'{"a": {"b":"foo"}}'::`+t+` -> 'a' -> 'b' => "foo"`, rows(func(_ *row, a []types.Value) (types.Value, error) {
		return jsonPart(doc(a[0]).field(a[1].Bytes))
	}))
	element := func(v types.Value, i int64) jsonValue {
		if d := doc(v); d.kind() == '[' || t == "json" || i != 0 && i != -1 || d.kind() == '{' {
			return d.element(i)
		} else {
			return d // a jsonb scalar is kept as an array of one
		}
	}
	def("->("+t+", int4) "+t, "an element of an array, from 0", `'[1, 2, 3]'::`+t+` -> 2 => 3`, rows(func(_ *row, a []types.Value) (types.Value, error) {
		return jsonPart(element(a[0], a[1].I))
	}))
	def("->>("+t+", text) text", "a field of an object, as text", `'{"a":1,"b":2}'::`+t+` ->> 'b' => 2`, rows(func(r *row, a []types.Value) (types.Value, error) {
		return jsonText(r, doc(a[0]).field(a[1].Bytes))
	}))
	def("->>("+t+", int4) text", "an element of an array, as text", `'["x", "y"]'::`+t+` ->> 1 => y`, rows(func(r *row, a []types.Value) (types.Value, error) {
		return jsonText(r, element(a[0], a[1].I))
	}))
	at := func(v types.Value, path types.Value) (jsonValue, error) {
		steps, err := textArray(path)
		return doc(v).path(steps), err
	}
	def("#>("+t+", text[]) "+t, "what lies at a path", `'{"a": ["foo","bar"]}'::`+t+` #> '{a,1}'::text[] => "bar"`, rows(func(_ *row, a []types.Value) (types.Value, error) {
		v, err := at(a[0], a[1])
		if err != nil {
			return types.Null, err
		}
		return jsonPart(v)
	}))
	def("#>>("+t+", text[]) text", "what lies at a path, as text", `'{"a": ["foo","bar"]}'::`+t+` #>> '{a,1}'::text[] => bar`, rows(func(r *row, a []types.Value) (types.Value, error) {
		v, err := at(a[0], a[1])
		if err != nil {
			return types.Null, err
		}
		return jsonText(r, v)
	}))
	def(t+"_extract_path("+t+", variadic text) "+t, "what lies at a path", t+`_extract_path('{"a": ["foo","bar"]}', 'a', '1') => "bar"`, rows(func(_ *row, a []types.Value) (types.Value, error) {
		return jsonPart(doc(a[0]).path(a[1:]))
	}))
	def(t+"_extract_path_text("+t+", variadic text) text", "what lies at a path, as text", t+`_extract_path_text('{"a": ["foo","bar"]}', 'a', '1') => bar`, rows(func(r *row, a []types.Value) (types.Value, error) {
		return jsonText(r, doc(a[0]).path(a[1:]))
	}))
	def(t+"_typeof("+t+") text", "object, array, string, number, boolean or null", t+"_typeof('-123.4') => number", rows(func(r *row, a []types.Value) (types.Value, error) {
		return r.text(doc(a[0]).typeName()), nil
	}))
	def(t+"_array_length("+t+") int4", "number of elements", t+"_array_length('[1,2,3,{},[]]') => 5", rows(func(_ *row, a []types.Value) (types.Value, error) {
		switch v := doc(a[0]); v.kind() {
		case '[':
			return types.IntValue(v.length()), nil
		case '{':
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "cannot get array length of a non-array")
		}
		return types.Null, pgerr.New(pgerr.InvalidParameterValue, "cannot get array length of a scalar")
	}))
	stripNulls := rows(func(_ *row, a []types.Value) (types.Value, error) {
		b := stripJSONNulls(nil, doc(a[0]))
		if t == "jsonb" {
			return normalized(b)
		}
		return types.BytesValue(b), nil
	})
	def(t+"_strip_nulls("+t+") "+t, "without fields that are null", t+`_strip_nulls('{"f1":1, "f2":null}') => `+map[string]string{"json": `{"f1":1}`, "jsonb": `{"f1": 1}`}[t], stripNulls)
}

func hasKey(v jsonValue, key []byte) bool {
	switch v.kind() {
	case '{':
		return v.field(key) != nil
	case '[', '"':
		found := false
		for _, e := range v.items() {
			found = found || e.kind() == '"' && bytes.Equal(e.appendString(nil), key)
		}
		return found
	}
	return false
}

func stripJSONNulls(dst []byte, v jsonValue) []byte {
	switch v.kind() {
	case '{':
		dst = append(dst, '{')
		n := 0
		v.fields(func(k, val jsonValue) bool {
			if val.kind() == 'n' {
				return true
			}
			if n++; n > 1 {
				dst = append(dst, ',')
			}
			dst = stripJSONNulls(append(appendQuoted(dst, k.appendString(nil)), ':'), val)
			return true
		})
		return append(dst, '}')
	case '[':
		dst = append(dst, '[')
		for i, e := range v.items() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = stripJSONNulls(dst, e)
		}
		return append(dst, ']')
	}
	if v.kind() == '"' {
		return appendQuoted(dst, v.appendString(nil)) // read and written again, as PostgreSQL does
	}
	return append(dst, v...)
}

func jsonConcat(_ *row, a []types.Value) (types.Value, error) {
	x, y := jsonTrim(a[0].Bytes), jsonTrim(a[1].Bytes)
	switch {
	case x.kind() == '{' && y.kind() == '{':
		return normalized(joinFields(append(x.fieldList(), y.fieldList()...)))
	}
	return normalized(joinItems(append(x.items(), y.items()...)))
}

func jsonDelete(_ *row, a []types.Value) (types.Value, error) {
	return deleteKeys(jsonTrim(a[0].Bytes), a[1:])
}

func jsonDeleteAll(_ *row, a []types.Value) (types.Value, error) {
	if err := flatPath(a[1]); err != nil {
		return types.Null, err
	}
	keys, err := textArray(a[1])
	if err != nil {
		return types.Null, err
	}
	return deleteKeys(jsonTrim(a[0].Bytes), keys)
}

func deleteKeys(v jsonValue, keys []types.Value) (types.Value, error) {
	drop := func(k jsonValue) bool {
		s := k.appendString(nil)
		for _, key := range keys {
			if !key.Null && bytes.Equal(s, key.Bytes) {
				return true
			}
		}
		return false
	}
	switch v.kind() {
	case '{':
		var kept []jsonField
		for _, f := range v.fieldList() {
			if !drop(f.key) {
				kept = append(kept, f)
			}
		}
		return types.BytesValue(joinFields(kept)), nil
	case '[':
		var kept []jsonValue
		for _, e := range v.items() {
			if e.kind() != '"' || !drop(e) {
				kept = append(kept, e)
			}
		}
		return types.BytesValue(joinItems(kept)), nil
	}
	return types.Null, pgerr.New(pgerr.InvalidParameterValue, "cannot delete from scalar")
}

func jsonDeleteAt(_ *row, a []types.Value) (types.Value, error) {
	v, i := jsonTrim(a[0].Bytes), a[1].I
	switch v.kind() {
	case '{':
		return types.Null, pgerr.New(pgerr.InvalidParameterValue, "cannot delete from object using integer index")
	case '[':
		items := v.items()
		if i < 0 {
			i += int64(len(items))
		}
		if i >= 0 && i < int64(len(items)) {
			items = append(items[:i:i], items[i+1:]...)
		}
		return types.BytesValue(joinItems(items)), nil
	}
	return types.Null, pgerr.New(pgerr.InvalidParameterValue, "cannot delete from scalar")
}

// pathOf is a path: nil for a NULL step, which is an error only when it is reached.
func pathOf(v types.Value) ([]*string, error) {
	vals, err := textArray(v)
	path := make([]*string, len(vals))
	for i, s := range vals {
		if !s.Null {
			text := string(s.Bytes)
			path[i] = &text
		}
	}
	return path, err
}

// flatPath refuses a path of several dimensions.
func flatPath(v types.Value) error {
	if arr, err := decodeArray(v, types.T(types.Text)); err != nil || len(arr.dims) > 1 {
		return pgerr.New("2202E", "wrong number of array subscripts")
	}
	return nil
}

// jsonChange registers jsonb_set and its kin.
func jsonChange() {
	set := func(insert bool) func(*Call) (kernel, error) {
		return rows(func(_ *row, a []types.Value) (types.Value, error) {
			flag := !insert
			if len(a) > 3 {
				flag = a[3].B
			}
			if err := flatPath(a[1]); err != nil {
				return types.Null, err
			}
			v := jsonTrim(a[0].Bytes)
			if k := v.kind(); k != '{' && k != '[' {
				return types.Null, pgerr.New(pgerr.InvalidParameterValue, "cannot set path in scalar")
			}
			path, err := pathOf(a[1])
			if err != nil || len(path) == 0 || v.empty() && !insert && !flag {
				return a[0], err
			}
			b, err := v.set(path, 0, edit{a[2].Bytes, flag && !insert, insert, flag && insert})
			if err != nil {
				return types.Null, err
			}
			return normalized(b)
		})
	}
	for _, tail := range []string{"", ", bool"} {
		def("jsonb_set(jsonb, text[], jsonb"+tail+") jsonb", "with the value at a path replaced", `jsonb_set('{"a":1}', '{b}', '2') => {"a": 1, "b": 2}`, set(false))
		def("jsonb_insert(jsonb, text[], jsonb"+tail+") jsonb", "with a value inserted at a path", `jsonb_insert('{"a": [0,1,2]}', '{a, 1}', '9') => {"a": [0, 9, 1, 2]}`, set(true))
	}
	def("jsonb_pretty(jsonb) text", "with line breaks and indentation", "", rows(func(_ *row, a []types.Value) (types.Value, error) {
		return types.BytesValue(pretty(nil, jsonTrim(a[0].Bytes), 0)), nil
	}))
}

func pretty(dst []byte, v jsonValue, depth int) []byte {
	indent := func(d int) { dst = append(append(dst, '\n'), strings.Repeat("    ", d)...) }
	switch v.kind() {
	case '{':
		dst = append(dst, '{')
		for i, f := range v.fieldList() {
			if i > 0 {
				dst = append(dst, ',')
			}
			indent(depth + 1)
			dst = pretty(append(append(dst, f.key...), ": "...), f.val, depth+1)
		}
		indent(depth)
		return append(dst, '}')
	case '[':
		dst = append(dst, '[')
		for i, e := range v.items() {
			if i > 0 {
				dst = append(dst, ',')
			}
			indent(depth + 1)
			dst = pretty(dst, e, depth+1)
		}
		indent(depth)
		return append(dst, ']')
	}
	return append(dst, v...)
}

// jsonBuild registers functions that make JSON of SQL values.
func jsonBuild() {
	for _, t := range []string{"json", "jsonb"} {
		finish := func(b []byte) (types.Value, error) { return types.BytesValue(b), nil }
		colon := " : "
		if t == "jsonb" {
			finish, colon = normalized, ":"
		}
		def("to_"+t+"(anyelement) "+t+" stable", "a value as JSON", "to_"+t+`('Fred said "Hi."'::text) => "Fred said \"Hi.\""`, rowsFor(func(c *Call) (rowFunc, error) {
			ft := c.Args[0].Type()
			return func(r *row, a []types.Value) (types.Value, error) {
				return finish(appendJSON(nil, ft, a[0], r.format()))
			}, nil
		}))
		array := rowsFor(func(c *Call) (rowFunc, error) {
			ts := typesOf(c.Args)
			return func(r *row, a []types.Value) (types.Value, error) {
				b := []byte{'['}
				for i := range a {
					if i > 0 {
						b = append(b, ", "...)
					}
					b = appendJSON(b, ts[i], a[i], r.format())
				}
				return finish(append(b, ']'))
			}, nil
		})
		def(t+"_build_array(variadic any) "+t+" stable nullok", "an array of the arguments", t+"_build_array(1, 2, 'foo') => [1, 2, \"foo\"]", array)
		def(t+"_build_array() "+t+" stable nullok", "an empty array", t+"_build_array() => []", array)
		object := rowsFor(func(c *Call) (rowFunc, error) {
			ts := typesOf(c.Args)
			return func(r *row, a []types.Value) (types.Value, error) {
				if len(ts)%2 != 0 {
					return types.Null, pgerr.New(pgerr.InvalidParameterValue, "argument list must have even number of elements").
						WithHint("The arguments of %s_build_object() must consist of alternating keys and values.", t)
				}
				return buildObject(r, ts, a, colon, finish)
			}, nil
		})
		def(t+"_build_object(variadic any) "+t+" stable nullok", "an object of alternating keys and values", "", object)
		def(t+"_build_object() "+t+" stable nullok", "an empty object", t+"_build_object() => {}", object)
	}
	def("row_to_json(record) json stable", "a row as JSON", "", rowsFor(func(c *Call) (rowFunc, error) {
		t := c.Args[0].Type()
		return func(r *row, a []types.Value) (types.Value, error) {
			return types.BytesValue(appendJSON(nil, t, a[0], r.format())), nil
		}, nil
	}))
	def("array_to_json(anyarray) json stable", "an array as JSON", "array_to_json('{{1,5},{99,100}}'::int4[]) => [[1,5],[99,100]]", rowsFor(func(c *Call) (rowFunc, error) {
		t := c.Args[0].Type()
		return func(r *row, a []types.Value) (types.Value, error) {
			return types.BytesValue(appendJSON(nil, t, a[0], r.format())), nil
		}, nil
	}))
}

func buildObject(r *row, ts []types.Type, a []types.Value, colon string, finish func([]byte) (types.Value, error)) (types.Value, error) {
	b := []byte{'{'}
	for i := 0; i < len(a); i += 2 {
		if a[i].Null {
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "argument %d must not be null", i+1).WithHint("Object keys should be text.")
		}
		if i > 0 {
			b = append(b, ", "...)
		}
		switch ts[i].Kind {
		case types.Array, types.Record, types.JSON, types.JSONB:
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "key value must be scalar, not array, composite, or json")
		}
		b = AppendJSONKey(b, ts[i], a[i], r.format())
		b = appendJSON(append(b, colon...), ts[i+1], a[i+1], r.format())
	}
	return finish(append(b, '}'))
}

// appendJSON writes a value as PostgreSQL's to_json does.
func appendJSON(dst []byte, t types.Type, v types.Value, f *types.Format) []byte {
	if v.Null {
		return append(dst, "null"...)
	}
	switch t.Kind {
	case types.Bool:
		if v.B {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case types.Int2, types.Int4, types.Int8:
		return types.AppendText(dst, t, v, f)
	case types.Float4, types.Float8:
		if !math.IsNaN(v.F) && !math.IsInf(v.F, 0) {
			return types.AppendText(dst, t, v, f)
		}
	case types.Numeric:
		if isFinite(v.N) {
			return types.AppendText(dst, t, v, f)
		}
	case types.JSON, types.JSONB:
		return append(dst, v.Bytes...)
	case types.Date, types.Timestamp, types.TimestampTZ:
		return appendQuoted(dst, isoTime(t, v, f))
	case types.Array:
		return appendJSONArray(dst, t, v, f)
	case types.Record:
		return appendJSONRecord(dst, t, v, f)
	}
	return appendQuoted(dst, types.AppendText(nil, t, v, f))
}

// isoTime is the text of a date or timestamp in JSON: ISO 8601, whatever the DateStyle.
func isoTime(t types.Type, v types.Value, f *types.Format) []byte {
	iso := *f
	iso.DateStyle = "ISO"
	s := types.AppendText(nil, t, v, &iso)
	if t.Kind == types.Date {
		return s
	}
	s, bc := bytes.CutSuffix(s, []byte(" BC"))
	s = bytes.Replace(s, []byte(" "), []byte("T"), 1)
	if t.Kind == types.TimestampTZ && len(s) > 3 && (s[len(s)-3] == '+' || s[len(s)-3] == '-') {
		s = append(s, ":00"...)
	}
	if bc {
		s = append(s, " BC"...)
	}
	return s
}

func appendJSONArray(dst []byte, t types.Type, v types.Value, f *types.Format) []byte {
	a, err := decodeArray(v, *t.Elem)
	if err != nil || len(a.dims) == 0 {
		return append(dst, "[]"...)
	}
	return appendJSONDim(dst, *t.Elem, a.dims, a.vals, f)
}

func appendJSONDim(dst []byte, elem types.Type, dims []int32, vals []types.Value, f *types.Format) []byte {
	stride := len(vals) / int(dims[0])
	dst = append(dst, '[')
	for i := range int(dims[0]) {
		if i > 0 {
			dst = append(dst, ',')
		}
		if len(dims) > 1 {
			dst = appendJSONDim(dst, elem, dims[1:], vals[i*stride:(i+1)*stride], f)
		} else {
			dst = appendJSON(dst, elem, vals[i], f)
		}
	}
	return append(dst, ']')
}

func appendJSONRecord(dst []byte, t types.Type, v types.Value, f *types.Format) []byte {
	vals, err := types.DecodeRecord(v.Bytes, t.Fields)
	if err != nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '{')
	for i, field := range t.Fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, []byte(field.Name)), ':')
		dst = appendJSON(dst, field.Type, vals[i], f)
	}
	return append(dst, '}')
}

// AppendJSON appends v as to_json writes it, for the aggregates of JSON.
func AppendJSON(dst []byte, t types.Type, v types.Value, f *types.Format) []byte {
	return appendJSON(dst, t, v, f)
}

// AppendJSONKey appends v as the key of an object: its text, quoted.
func AppendJSONKey(dst []byte, t types.Type, v types.Value, f *types.Format) []byte {
	switch t.Kind {
	case types.Bool:
		return appendQuoted(dst, appendJSON(nil, t, v, f))
	case types.Date, types.Timestamp, types.TimestampTZ:
		return appendQuoted(dst, isoTime(t, v, f))
	}
	return appendQuoted(dst, types.AppendText(nil, t, v, f))
}
