package expr

import (
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// jsonb_set_lax, json_populate_record; rows and arrays as JSON over several lines.

func init() {
	for _, t := range []string{"json", "jsonb"} {
		def(t+"_populate_record(anyelement, "+t+") anyelement stable nullok", "a row whose columns are taken from an object", "", rowsFor(populateRecord))
	}
	setLax()
	def("row_to_json(record, bool) json stable", "a row as JSON, over several lines if wanted", "", rowsFor(func(c *Call) (rowFunc, error) {
		t := c.Args[0].Type()
		return func(r *row, a []types.Value) (types.Value, error) { return jsonLines(r, t, a[0], a[1].B), nil }, nil
	}))
	def("array_to_json(anyarray, bool) json stable", "an array as JSON, over several lines if wanted", "array_to_json('{1,2}'::int4[], false) => [1,2]",
		rowsFor(func(c *Call) (rowFunc, error) {
			t := c.Args[0].Type()
			return func(r *row, a []types.Value) (types.Value, error) { return jsonLines(r, t, a[0], a[1].B), nil }, nil
		}))
}

// setLax registers jsonb_set_lax, which says what a NULL as the new value does.
func setLax() {
	for _, tail := range []string{"", ", bool", ", bool, text"} {
		def("jsonb_set_lax(jsonb, text[], jsonb"+tail+") jsonb nullok", "jsonb_set, where a NULL value is JSON's null or does what is said", map[string]string{
			", bool, text": `jsonb_set_lax('{"a":1,"b":2}', '{b}', NULL, true, 'delete_key') => {"a": 1}`}[tail], rows(jsonSetLax))
	}
}

func jsonSetLax(_ *row, a []types.Value) (types.Value, error) {
	create, treatment := types.BoolValue(true), types.TextValue("use_json_null")
	if len(a) > 3 {
		create = a[3]
	}
	if len(a) > 4 {
		treatment = a[4]
	}
	if a[0].Null || a[1].Null || create.Null {
		return types.Null, nil
	}
	if treatment.Null {
		return types.Null, badTreatment()
	}
	if !a[2].Null {
		return setJSON(a[0], a[1], a[2].Bytes, create.B)
	}
	switch string(treatment.Bytes) {
	case "raise_exception":
		return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "JSON value must not be null").
			WithDetail("Exception was raised because null_value_treatment is \"raise_exception\".").
			WithHint("To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.")
	case "use_json_null":
		return setJSON(a[0], a[1], []byte("null"), create.B)
	case "delete_key":
		path, err := pathOf(a[1])
		v := jsonTrim(a[0].Bytes)
		if k := v.kind(); err == nil && k != '{' && k != '[' {
			err = invalidJSON("cannot delete path in scalar")
		}
		if err != nil || len(path) == 0 || v.empty() {
			return a[0], err
		}
		b, err := v.remove(path, 0)
		return types.BytesValue(b), err
	case "return_target":
		return a[0], nil
	}
	return types.Null, badTreatment()
}

func badTreatment() error {
	return invalidJSON("null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"")
}

// setJSON puts val at a path of doc.
func setJSON(doc, at types.Value, val []byte, create bool) (types.Value, error) {
	if err := flatPath(at); err != nil {
		return types.Null, err
	}
	v := jsonTrim(doc.Bytes)
	if k := v.kind(); k != '{' && k != '[' {
		return types.Null, invalidJSON("cannot set path in scalar")
	}
	path, err := pathOf(at)
	if err != nil || len(path) == 0 || v.empty() && !create {
		return doc, err
	}
	b, err := v.set(path, 0, edit{val, create, false, false})
	if err != nil {
		return types.Null, err
	}
	return normalized(b)
}

// jsonLines writes a row or an array as to_json does, with a line for each of its parts if lines is set.
func jsonLines(r *row, t types.Type, v types.Value, lines bool) types.Value {
	f := r.format()
	if !lines {
		return types.BytesValue(appendJSON(nil, t, v, f))
	}
	var dst []byte
	sep := func(i int) {
		if i > 0 {
			dst = append(dst, ",\n "...)
		}
	}
	if t.Kind == types.Record {
		vals, err := types.DecodeRecord(v.Bytes, t.Fields)
		if err != nil {
			return types.TextValue("null")
		}
		dst = append(dst, '{')
		for i, field := range t.Fields {
			sep(i)
			dst = append(appendQuoted(dst, []byte(field.Name)), ':')
			dst = appendJSON(dst, field.Type, vals[i], f)
		}
		return types.BytesValue(append(dst, '}'))
	}
	a, err := decodeArray(v, *t.Elem)
	if err != nil || len(a.dims) == 0 {
		return types.TextValue("[]")
	}
	stride := len(a.vals) / int(a.dims[0])
	dst = append(dst, '[')
	for i := range int(a.dims[0]) {
		sep(i)
		if len(a.dims) > 1 {
			dst = appendJSONDim(dst, *t.Elem, a.dims[1:], a.vals[i*stride:(i+1)*stride], f)
		} else {
			dst = appendJSON(dst, *t.Elem, a.vals[i], f)
		}
	}
	return types.BytesValue(append(dst, ']'))
}
