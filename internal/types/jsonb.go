package types

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// NormalizeJSONB returns JSON text in jsonb's form: keys sorted by length, then bytes, the last of equal keys wins,
// numbers as numeric prints them, ", " and ": ". Errors as for ParseJSONText.
func NormalizeJSONB(b []byte) ([]byte, error) {
	v, err := ParseJSONText(b)
	if err != nil {
		return nil, err
	}
	v.Normalize()
	return v.AppendJSONB(make([]byte, 0, len(b)+8)), nil
}

// Normalize sorts the keys of every object within v and drops all but the last of equal ones.
func (v *JSONValue) Normalize() {
	for i := range v.Elems {
		v.Elems[i].Normalize()
	}
	if v.Kind != JSONObject || len(v.Keys) < 2 {
		return
	}
	order := make([]int, len(v.Keys))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return compareJSONKeys(v.Keys[i], v.Keys[j]) })
	keys, elems := make([]string, 0, len(order)), make([]JSONValue, 0, len(order))
	for k, i := range order {
		if k+1 < len(order) && v.Keys[i] == v.Keys[order[k+1]] {
			continue
		}
		keys, elems = append(keys, v.Keys[i]), append(elems, v.Elems[i])
	}
	v.Keys, v.Elems = keys, elems
}

// compareJSONKeys is the order of an object's keys: shorter ones first.
func compareJSONKeys(a, b string) int {
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	return cmp.Compare(a, b)
}

// AppendJSONB appends v as jsonb's text; v must be normalized.
func (v *JSONValue) AppendJSONB(dst []byte) []byte {
	switch v.Kind {
	case JSONString:
		return AppendJSONString(dst, v.Str)
	case JSONNumber:
		return v.Num.Append(dst)
	case JSONBool:
		if v.Bool {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case JSONArray, JSONObject:
		return v.appendNested(dst)
	}
	return append(dst, "null"...)
}

func (v *JSONValue) appendNested(dst []byte) []byte {
	open, end := byte('['), byte(']')
	if v.Kind == JSONObject {
		open, end = '{', '}'
	}
	dst = append(dst, open)
	for i := range v.Elems {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if v.Kind == JSONObject {
			dst = append(AppendJSONString(dst, v.Keys[i]), ": "...)
		}
		dst = v.Elems[i].AppendJSONB(dst)
	}
	return append(dst, end)
}

// appendJSONBKey appends the order-preserving form of a jsonb. PostgreSQL compares two jsonbs token by token: by kind
// (null < string < number < boolean < array < object), containers by their number of elements first, then what is in
// them. A scalar at the top is compared as an array of one that sorts before a real array of one.
func appendJSONBKey(dst, text []byte) []byte {
	v, err := ParseJSONText(text)
	if err != nil { // not made by NormalizeJSONB: keep it apart from everything else
		return appendBytesKey(append(dst, 0xff), text)
	}
	if v.Kind != JSONArray && v.Kind != JSONObject {
		dst = append(dst, byte(JSONArray), 0, 0, 0, 1, 0)
		return v.appendKey(dst)
	}
	if v.Kind == JSONArray {
		dst = binary.BigEndian.AppendUint32(append(dst, byte(JSONArray)), uint32(len(v.Elems)))
		dst = append(dst, 1)
		for i := range v.Elems {
			dst = v.Elems[i].appendKey(dst)
		}
		return dst
	}
	return v.appendKey(dst)
}

func (v *JSONValue) appendKey(dst []byte) []byte {
	dst = append(dst, byte(v.Kind))
	switch v.Kind {
	case JSONString:
		return appendBytesKey(dst, []byte(v.Str))
	case JSONNumber:
		return appendDecKey(dst, v.Num)
	case JSONBool:
		if v.Bool {
			return append(dst, 1)
		}
		return append(dst, 0)
	case JSONArray, JSONObject:
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(v.Elems)))
		for i := range v.Elems {
			if v.Kind == JSONObject {
				dst = appendBytesKey(dst, []byte(v.Keys[i]))
			}
			dst = v.Elems[i].appendKey(dst)
		}
	}
	return dst
}

// decodeJSONBKey is the inverse of appendJSONBKey: an equal jsonb's text.
func decodeJSONBKey(b []byte) (text, rest []byte, err error) {
	if bytes.HasPrefix(b, []byte{0xff}) {
		return decodeBytesKey(b[1:])
	}
	var v JSONValue
	switch {
	case len(b) >= 6 && JSONKind(b[0]) == JSONArray && b[5] == 0:
		if binary.BigEndian.Uint32(b[1:]) != 1 {
			return nil, nil, errBadKey
		}
		v, rest, err = decodeJSONKey(b[6:], 0)
	case len(b) >= 6 && JSONKind(b[0]) == JSONArray:
		v.Kind = JSONArray
		rest, err = v.decodeElems(b[6:], binary.BigEndian.Uint32(b[1:]), 0)
	default:
		v, rest, err = decodeJSONKey(b, 0)
	}
	if err != nil {
		return nil, nil, err
	}
	return v.AppendJSONB(nil), rest, nil
}

func decodeJSONKey(b []byte, depth int) (v JSONValue, rest []byte, err error) {
	if len(b) == 0 || depth > jsonDepthMax {
		return v, nil, errBadKey
	}
	v.Kind, b = JSONKind(b[0]), b[1:]
	switch v.Kind {
	case JSONNull:
		return v, b, nil
	case JSONString:
		s, rest, err := decodeBytesKey(b)
		v.Str = string(s)
		return v, rest, err
	case JSONNumber:
		v.Num, rest, err = decodeDecKey(b)
		return v, rest, err
	case JSONBool:
		if len(b) > 0 {
			v.Bool = b[0] != 0
			return v, b[1:], nil
		}
	case JSONArray, JSONObject:
		if len(b) >= 4 {
			rest, err = v.decodeElems(b[4:], binary.BigEndian.Uint32(b), depth+1)
			return v, rest, err
		}
	}
	return v, nil, errBadKey
}

func (v *JSONValue) decodeElems(b []byte, n uint32, depth int) (rest []byte, err error) {
	if uint64(n) > uint64(len(b)) {
		return nil, errBadKey
	}
	for range n {
		if v.Kind == JSONObject {
			key, rest, err := decodeBytesKey(b)
			if err != nil {
				return nil, err
			}
			v.Keys, b = append(v.Keys, string(key)), rest
		}
		e, rest, err := decodeJSONKey(b, depth)
		if err != nil {
			return nil, err
		}
		v.Elems, b = append(v.Elems, e), rest
	}
	return b, nil
}

// ContainerOffset returns where inner, an array or object within v, lies in PostgreSQL's binary form of v, from v's own
// beginning; 0 for v itself and for what is not in v. v must be normalized.
func (v *JSONValue) ContainerOffset(inner *JSONValue) int {
	at := 0
	if found := v.layout(&at, inner); found >= 0 {
		return found
	}
	return 0
}

// layout moves *at behind v's binary form and returns where inner begins, or -1. A container is its header, a word for
// every key and value, the keys, the values; numbers and containers begin at multiples of four.
func (v *JSONValue) layout(at *int, inner *JSONValue) int {
	align := func() { *at = (*at + 3) &^ 3 }
	switch v.Kind {
	case JSONString:
		*at += len(v.Str)
	case JSONNumber:
		align()
		*at += v.Num.varSize()
	case JSONArray, JSONObject:
		align()
		if v == inner {
			return *at
		}
		*at += 4 + 4*len(v.Elems) + 4*len(v.Keys)
		for _, k := range v.Keys {
			*at += len(k)
		}
		for i := range v.Elems {
			if found := v.Elems[i].layout(at, inner); found >= 0 {
				return found
			}
		}
	}
	return -1
}

// varSize is the size of a numeric in PostgreSQL's memory: length, header, digits in base 10000.
func (d Dec) varSize() int {
	if !d.finite() {
		return 6
	}
	digits, weight := d.base10000()
	if d.scale <= 63 && weight >= -64 && weight <= 63 {
		return 6 + 2*len(digits)
	}
	return 8 + 2*len(digits)
}
