package expr

import (
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// json_each, json_array_elements, json_object_keys and their jsonb forms.

func init() {
	for _, t := range []string{"json", "jsonb"} {
		defSet(t+"_each("+t+") record", "key text, value "+t, "the fields of an object", t+`_each('{"a":"foo", "b":"bar"}') => a | "foo"; b | "bar"`,
			setOf(jsonEach(t, "_each", false)))
		defSet(t+"_each_text("+t+") record", "key text, value text", "the fields of an object, as text", t+`_each_text('{"a":"foo", "b":null}') => a | foo; b | NULL`,
			setOf(jsonEach(t, "_each_text", true)))
		defSet(t+"_array_elements("+t+") "+t, "value", "the elements of an array", t+`_array_elements('[1,true, [2,false]]') => 1; true; `+
			map[string]string{"json": "[2,false]", "jsonb": "[2, false]"}[t], setOf(jsonElements(t, "_array_elements", false)))
		defSet(t+"_array_elements_text("+t+") text", "value", "the elements of an array, as text", t+`_array_elements_text('["foo", null]') => foo; NULL`,
			setOf(jsonElements(t, "_array_elements_text", true)))
		defSet(t+"_object_keys("+t+") text", "", "the keys of an object", t+`_object_keys('{"f1":"abc","f2":{"f3":"a"}}') => f1; f2`, setOf(jsonKeys(t)))
	}
}

func invalidJSON(format string, args ...any) error {
	return pgerr.New(pgerr.InvalidParameterValue, format, args...)
}

// appendJSONTo appends a part of a document: as it is, or as ->> gives it.
func appendJSONTo(out batch.Appender, v jsonValue, asText bool) {
	switch {
	case !asText:
		out.AppendBytes(v)
	case v.kind() == 'n':
		out.AppendNull()
	default:
		out.EndBytes(v.appendText(out.Room()))
	}
}

func jsonEach(t, fn string, asText bool) setRows {
	return func(_ *row, a []types.Value, out []batch.Appender) (n int, err error) {
		v := jsonTrim(a[0].Bytes)
		switch {
		case v.kind() == '{':
		case t == "jsonb":
			return 0, invalidJSON("cannot call %s on a non-object", t+fn)
		case v.kind() == '[':
			return 0, invalidJSON("cannot deconstruct an array as an object")
		default:
			return 0, invalidJSON("cannot deconstruct a scalar")
		}
		v.fields(func(key, val jsonValue) bool {
			out[0].EndBytes(key.appendString(out[0].Room()))
			appendJSONTo(out[1], val, asText)
			n++
			return true
		})
		return n, nil
	}
}

func jsonElements(t, fn string, asText bool) setRows {
	return func(_ *row, a []types.Value, out []batch.Appender) (n int, err error) {
		v := jsonTrim(a[0].Bytes)
		switch k := v.kind(); {
		case k == '[':
		case k == '{' && t == "json":
			return 0, invalidJSON("cannot call %s on a non-array", t+fn)
		case k == '{':
			return 0, invalidJSON("cannot extract elements from an object")
		case t == "json":
			return 0, invalidJSON("cannot call %s on a scalar", t+fn)
		default:
			return 0, invalidJSON("cannot extract elements from a scalar")
		}
		v.elements(func(e jsonValue) bool {
			appendJSONTo(out[0], e, asText)
			n++
			return true
		})
		return n, nil
	}
}

func jsonKeys(t string) setRows {
	return func(_ *row, a []types.Value, out []batch.Appender) (n int, err error) {
		v := jsonTrim(a[0].Bytes)
		switch v.kind() {
		case '{':
		case '[':
			return 0, invalidJSON("cannot call %s_object_keys on an array", t)
		default:
			return 0, invalidJSON("cannot call %s_object_keys on a scalar", t)
		}
		v.fields(func(key, _ jsonValue) bool {
			out[0].EndBytes(key.appendString(out[0].Room()))
			n++
			return true
		})
		return n, nil
	}
}
