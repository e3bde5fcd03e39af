package json

import (
	"bytes"
	stdjson "encoding/json"
	"strings"
	"unicode/utf8"

	"streamsql/internal/types"
)

// members calls f for each member of the object at b[i], with its key (valid during the call) and the index of its
// value; f returns the index after the value. The index after the object is returned.
func (d *Decoder) members(y *typ, b []byte, i int, f func(key []byte, i int) (int, error)) (int, error) {
	if b[i] != '{' {
		return i, y.mismatch(b, i)
	}
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		i = skipSpace(b, i)
		at := keyEnd(b, i)
		if at < 0 {
			return i, syntaxError(b, i)
		}
		end, escaped := stringEnd(b, i+1)
		key := b[i+1 : end]
		if escaped {
			u, err := unescape(nil, key)
			if err != nil {
				return i, y.named(err)
			}
			key = u
		}
		var err error
		if i, err = f(key, at); err != nil {
			return i, err
		}
		i = skipSpace(b, i)
		switch {
		case i >= len(b):
			return i, syntaxError(b, i)
		case b[i] == '}':
			return i + 1, nil
		case b[i] != ',':
			return i, syntaxError(b, i)
		}
		i++
	}
}

// record reads the object at b[i] in the encoding of types.AppendRecord. Fields are found as columns are: by their
// exact name, else in any case; the last of equal ones counts; what is missing is NULL.
func (d *Decoder) record(y *typ, b []byte, i int) ([]byte, int, error) {
	vals := make([]types.Value, len(y.fields))
	for k := range vals {
		vals[k] = types.Null
	}
	exact := make([]bool, len(y.fields))
	end, err := d.members(y, b, i, func(key []byte, i int) (int, error) {
		k, named := y.exact[string(key)]
		if !named {
			var known bool
			if k, known = y.fold[strings.ToLower(string(key))]; !known || exact[k] {
				return y.skip(b, i)
			}
		}
		v, end, err := d.nested(&y.fields[k], b, i)
		vals[k], exact[k] = v, exact[k] || named
		return end, err
	})
	if err != nil {
		return nil, end, err
	}
	return types.AppendRecord(nil, y.t.Fields, vals), end, nil
}

func (y *typ) skip(b []byte, i int) (int, error) {
	end := valueEnd(b, i, 1)
	if end < 0 {
		return i, syntaxError(b, i)
	}
	return end, nil
}

// mapping reads the object at b[i] in the encoding of types.AppendMap.
func (d *Decoder) mapping(y *typ, b []byte, i int) ([]byte, int, error) {
	var keys, vals []types.Value
	end, err := d.members(y, b, i, func(key []byte, i int) (int, error) {
		if !utf8.Valid(key) {
			return i, y.badUTF8()
		}
		k, err := types.ParseText(y.key.t, string(key), nil)
		if err != nil {
			return i, y.named(err)
		}
		v, end, err := d.nested(y.elem, b, i)
		keys, vals = append(keys, k), append(vals, v)
		return end, err
	})
	if err != nil {
		return nil, end, err
	}
	return types.AppendMap(nil, y.key.t, y.elem.t, keys, vals), end, nil
}

// ksqlText is the text that ksqlDB's reader makes of an object or array: an object as compact JSON, an array as its
// elements' texts in brackets, a comma and a blank between them. b is valid JSON.
func ksqlText(b []byte) ([]byte, error) {
	out, _, err := appendKSQLText(nil, b, 0)
	return out, err
}

// appendKSQLText appends the text of the value at b[i] and returns the index after it.
func appendKSQLText(dst, b []byte, i int) ([]byte, int, error) {
	if b[i] == '[' {
		return appendKSQLList(dst, b, i)
	}
	end := valueEnd(b, i, 1)
	if end < 0 {
		return dst, i, syntaxError(b, i)
	}
	switch b[i] {
	case '"':
		dst, err := unescape(dst, b[i+1:end-1])
		return dst, end, err
	case '{':
		var out bytes.Buffer
		if err := stdjson.Compact(&out, b[i:end]); err != nil {
			return dst, end, syntaxError(b, i)
		}
		return append(dst, out.Bytes()...), end, nil
	}
	return append(dst, b[i:end]...), end, nil
}

func appendKSQLList(dst, b []byte, i int) ([]byte, int, error) {
	dst = append(dst, '[')
	i = skipSpace(b, i+1)
	for n := 0; b[i] != ']'; n++ {
		if n > 0 {
			dst = append(dst, ", "...)
			i = skipSpace(b, i+1)
		}
		var err error
		if dst, i, err = appendKSQLText(dst, b, i); err != nil {
			return dst, i, err
		}
		i = skipSpace(b, i)
	}
	return append(dst, ']'), i + 1, nil
}
