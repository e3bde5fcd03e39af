package types

import (
	"encoding/base64"
	"math"
	"strings"
	"time"

	"streamsql/internal/pgerr"
)

// jsonFormat is the text inside JSON: independent of any session.
var jsonFormat = &Format{Loc: time.UTC, DateStyle: "ISO", DateOrder: "MDY", IntervalStyle: "postgres", ExtraFloatDigits: 1}

// AppendJSON appends v as JSON: numbers and booleans as such, json and jsonb as they are, timestamps as ISO 8601 strings
// ("2020-01-02T03:04:05.5+00:00"), bytea as base64, arrays, records and maps as arrays and objects, NULL as null, all
// else (NaN and infinities too) as a string of its text form.
func AppendJSON(dst []byte, t Type, v Value) []byte {
	if v.Null {
		return append(dst, "null"...)
	}
	switch t.Kind {
	case Bool:
		if v.B {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case Int2, Int4, Int8, OID:
		return AppendText(dst, t, v, nil)
	case Float4, Float8:
		if !math.IsNaN(v.F) && !math.IsInf(v.F, 0) {
			return AppendText(dst, t, v, nil)
		}
	case Numeric:
		if v.N.finite() {
			return v.N.Append(dst)
		}
	case JSON, JSONB:
		return append(dst, v.Bytes...)
	case Bytea:
		dst = base64.StdEncoding.AppendEncode(append(dst, '"'), v.Bytes)
		return append(dst, '"')
	case Timestamp, TimestampTZ:
		return appendJSONTimestamp(dst, t, v)
	case Text, Varchar, Char, Name, Unknown, JSONPath:
		return AppendJSONString(dst, v.Bytes)
	case Array, Record, Map:
		return appendJSONNested(dst, t, v.Bytes)
	}
	return AppendJSONString(dst, AppendText(nil, t, v, jsonFormat))
}

func appendJSONTimestamp(dst []byte, t Type, v Value) []byte {
	dst = append(dst, '"')
	if IsInfinite(v.I) {
		return append(appendInfinity(dst, v.I), '"')
	}
	days, us := splitDay(v.I)
	y, m, d := CivilFromDays(days)
	dst = append(appendYMD(dst, y, m, d, jsonFormat), 'T')
	dst = appendClock(dst, us)
	if t.Kind == TimestampTZ {
		dst = append(dst, "+00:00"...)
	}
	return append(appendEra(dst, y), '"')
}

func appendJSONNested(dst []byte, t Type, b []byte) []byte {
	switch t.Kind {
	case Array:
		dims, vals, err := DecodeArray(b, *t.Elem)
		if err != nil || len(vals) == 0 {
			return append(dst, "[]"...)
		}
		dst, _ = appendJSONDim(dst, *t.Elem, dims, vals)
		return dst
	case Record:
		vals, err := DecodeRecord(b, t.Fields)
		if err != nil {
			return append(dst, "null"...)
		}
		dst = append(dst, '{')
		for i, v := range vals {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(AppendJSONString(dst, t.Fields[i].Name), ':')
			dst = AppendJSON(dst, t.Fields[i].Type, v)
		}
		return append(dst, '}')
	}
	keys, vals, err := DecodeMap(b, *t.Key, *t.Elem)
	if err != nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '{')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendJSONString(dst, AppendText(nil, *t.Key, k, jsonFormat)), ':')
		dst = AppendJSON(dst, *t.Elem, vals[i])
	}
	return append(dst, '}')
}

func appendJSONDim(dst []byte, elem Type, dims []int32, vals []Value) ([]byte, []Value) {
	dst = append(dst, '[')
	for i := range dims[0] {
		if i > 0 {
			dst = append(dst, ',')
		}
		if len(dims) > 1 {
			dst, vals = appendJSONDim(dst, elem, dims[1:], vals)
			continue
		}
		dst = AppendJSON(dst, elem, vals[0])
		vals = vals[1:]
	}
	return append(dst, ']'), vals
}

// ParseJSON reads a value of type t from JSON text: the inverse of AppendJSON, and somewhat more (a number or boolean
// may come as a string, text may come as any scalar; fields of a record may come in any order, be missing or be too
// many). null is NULL. Errors: 22P02 and those of ParseText.
func ParseJSON(t Type, b []byte) (Value, error) {
	if t.Kind == JSON {
		return parseString(t, string(b))
	}
	j, err := ParseJSONText(b)
	if err != nil {
		return Value{}, err
	}
	return FromJSON(t, &j)
}

// FromJSON is ParseJSON for JSON that was already taken apart. j may be reordered (jsonb).
func FromJSON(t Type, j *JSONValue) (Value, error) {
	switch {
	case j.Kind == JSONNull:
		return Null, nil
	case t.Kind == JSONB:
		j.Normalize()
		return BytesValue(j.AppendJSONB(nil)), nil
	case t.Kind == JSON:
		return BytesValue(j.AppendJSONB(nil)), nil
	case t.Kind == Array && j.Kind == JSONArray:
		return arrayFromJSON(t, j)
	case t.Kind == Record && j.Kind == JSONObject:
		return recordFromJSON(t, j)
	case t.Kind == Map && j.Kind == JSONObject:
		return mapFromJSON(t, j)
	}
	return scalarFromJSON(t, j)
}

func scalarFromJSON(t Type, j *JSONValue) (Value, error) {
	var s string
	switch {
	case j.Kind == JSONString:
		s = j.Str
		if t.Kind == Bytea {
			b, err := base64.StdEncoding.DecodeString(s)
			if err != nil {
				return Value{}, badInput("bytea", s)
			}
			return BytesValue(b), nil
		}
	case j.Kind == JSONBool && (t.Kind == Bool || t.IsString()), j.Kind == JSONNumber && (t.IsNumber() || t.IsString() || t.Kind == OID):
		s = string(j.AppendJSONB(nil))
		if t.IsInteger() {
			s = string(j.Num.trimTo(0).Append(nil)) // 1.0 and 1e3 are integers
		}
	case t.IsString():
		s = string(j.AppendJSONB(nil))
	default:
		kind := [...]string{"null", "string", "number", "boolean", "array", "object"}[j.Kind]
		return Value{}, pgerr.New(pgerr.InvalidTextRepresentation, "a JSON %s is not of type %s", kind, t)
	}
	return ParseText(t, s, jsonFormat)
}

func arrayFromJSON(t Type, j *JSONValue) (Value, error) {
	var dims []int32
	for at := j; t.Elem.Kind != JSONB && t.Elem.Kind != JSON && at.Kind == JSONArray && len(at.Elems) > 0; at = &at.Elems[0] {
		dims = append(dims, int32(len(at.Elems)))
		if len(dims) > arrayDimsMax {
			return Value{}, pgerr.New(pgerr.ProgramLimitExceeded,
				"number of array dimensions (%d) exceeds the maximum allowed (%d)", len(dims), arrayDimsMax)
		}
	}
	if dims == nil {
		dims = []int32{int32(len(j.Elems))}
	}
	vals, err := flattenJSON(nil, *t.Elem, dims, j)
	if err != nil {
		return Value{}, err
	}
	return BytesValue(AppendArray(nil, *t.Elem, dims, vals)), nil
}

func flattenJSON(vals []Value, elem Type, dims []int32, j *JSONValue) ([]Value, error) {
	if j.Kind != JSONArray || len(j.Elems) != int(dims[0]) {
		return nil, pgerr.New(pgerr.InvalidTextRepresentation, "malformed array literal: \"%s\"", j.AppendJSONB(nil)).
			WithDetail("Multidimensional arrays must have sub-arrays with matching dimensions.")
	}
	for i := range j.Elems {
		if len(dims) > 1 {
			var err error
			if vals, err = flattenJSON(vals, elem, dims[1:], &j.Elems[i]); err != nil {
				return nil, err
			}
			continue
		}
		v, err := FromJSON(elem, &j.Elems[i])
		if err != nil {
			return nil, err
		}
		vals = append(vals, v)
	}
	return vals, nil
}

func recordFromJSON(t Type, j *JSONValue) (Value, error) {
	vals := make([]Value, len(t.Fields))
	for i, f := range t.Fields {
		vals[i] = Null
		at := -1
		for k, key := range j.Keys {
			if key == f.Name || strings.EqualFold(key, f.Name) && at < 0 {
				at = k
			}
		}
		if at < 0 {
			continue
		}
		v, err := FromJSON(f.Type, &j.Elems[at])
		if err != nil {
			return Value{}, err
		}
		vals[i] = v
	}
	return BytesValue(AppendRecord(nil, t.Fields, vals)), nil
}

func mapFromJSON(t Type, j *JSONValue) (Value, error) {
	keys, vals := make([]Value, len(j.Keys)), make([]Value, len(j.Keys))
	for i := range j.Keys {
		k, err := ParseText(*t.Key, j.Keys[i], jsonFormat)
		if err != nil {
			return Value{}, err
		}
		v, err := FromJSON(*t.Elem, &j.Elems[i])
		if err != nil {
			return Value{}, err
		}
		keys[i], vals[i] = k, v
	}
	return BytesValue(AppendMap(nil, *t.Key, *t.Elem, keys, vals)), nil
}
