package types

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Arrays, records and maps live in ClassBytes in these encodings (values in the compact form):
//
//	array   number of dimensions (uvarint; 0 = empty), their lengths (uvarint), the elements in row-major order
//	record  the fields
//	map     number of entries (uvarint), then key and value of each, ordered by key

// arrayDimsMax is PostgreSQL's MAXDIM; arrayLenMax keeps a damaged length from being believed.
const (
	arrayDimsMax = 6
	arrayLenMax  = 1 << 27
)

// AppendArray appends the encoding of an array of elem. dims gives the length of each dimension; nil is one dimension
// of len(vals). An array without elements has no dimensions.
func AppendArray(dst []byte, elem Type, dims []int32, vals []Value) []byte {
	dst = AppendArrayHeader(dst, dims, len(vals))
	c := elem.Class()
	for _, v := range vals {
		dst = AppendCompact(dst, c, v)
	}
	return dst
}

// AppendArrayHeader appends the beginning of an array of count elements; their compact forms follow. dims is as for
// AppendArray.
func AppendArrayHeader(dst []byte, dims []int32, count int) []byte {
	if count == 0 {
		return append(dst, 0)
	}
	if dims == nil {
		return binary.AppendUvarint(append(dst, 1), uint64(count))
	}
	dst = binary.AppendUvarint(dst, uint64(len(dims)))
	for _, d := range dims {
		dst = binary.AppendUvarint(dst, uint64(d))
	}
	return dst
}

// ArrayHeader reads the beginning of an array: how many elements follow in rest, each in its compact form. dims is nil
// for one dimension and for an empty array. Error: XX001.
func ArrayHeader(b []byte) (dims []int32, count int, rest []byte, err error) {
	nd, n := binary.Uvarint(b)
	if n <= 0 || nd > arrayDimsMax {
		return nil, 0, nil, ErrDamaged
	}
	b = b[n:]
	if nd == 0 {
		if len(b) != 0 {
			return nil, 0, nil, ErrDamaged
		}
		return nil, 0, nil, nil
	}
	total := uint64(1)
	if nd > 1 {
		dims = make([]int32, nd)
	}
	for i := range int(nd) {
		d, n := binary.Uvarint(b)
		if n <= 0 || d == 0 || d > arrayLenMax {
			return nil, 0, nil, ErrDamaged
		}
		if total *= d; total > arrayLenMax {
			return nil, 0, nil, ErrDamaged
		}
		if nd > 1 {
			dims[i] = int32(d)
		}
		b = b[n:]
	}
	if total > uint64(len(b)) { // an element takes a byte at least
		return nil, 0, nil, ErrDamaged
	}
	return dims, int(total), b, nil
}

// DecodeArray takes an array apart. dims is nil for an empty one. The values' Bytes alias b. Error: XX001.
func DecodeArray(b []byte, elem Type) (dims []int32, vals []Value, err error) {
	dims, count, b, err := ArrayHeader(b)
	if err != nil || count == 0 {
		return nil, nil, err
	}
	if dims == nil {
		dims = []int32{int32(count)}
	}
	vals, b, err = decodeValues(b, elem.Class(), count)
	if err == nil && len(b) != 0 {
		err = ErrDamaged
	}
	return dims, vals, err
}

func decodeValues(b []byte, c Class, count int) ([]Value, []byte, error) {
	vals := make([]Value, count)
	for i := range vals {
		v, n := DecodeCompact(b, c)
		if n == 0 {
			return nil, nil, ErrDamaged
		}
		vals[i], b = v, b[n:]
	}
	return vals, b, nil
}

// AppendRecord appends the encoding of a record; vals are as many as fields.
func AppendRecord(dst []byte, fields []Field, vals []Value) []byte {
	for i := range fields {
		dst = AppendCompact(dst, fields[i].Type.Class(), vals[i])
	}
	return dst
}

// DecodeRecord takes a record apart. The values' Bytes alias b. Error: XX001.
func DecodeRecord(b []byte, fields []Field) ([]Value, error) {
	vals := make([]Value, len(fields))
	for i := range fields {
		v, n := DecodeCompact(b, fields[i].Type.Class())
		if n == 0 {
			return nil, ErrDamaged
		}
		vals[i], b = v, b[n:]
	}
	if len(b) != 0 {
		return nil, ErrDamaged
	}
	return vals, nil
}

// AppendMap appends the encoding of a map. Keys are not NULL, come in any order, and the last of equal ones wins.
func AppendMap(dst []byte, key, elem Type, keys, vals []Value) []byte {
	order := make([]int, len(keys))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return Compare(key, keys[i], keys[j]) })
	kept := order[:0]
	for k, i := range order {
		if k+1 < len(order) && Equal(key, keys[i], keys[order[k+1]]) {
			continue
		}
		kept = append(kept, i)
	}
	dst = binary.AppendUvarint(dst, uint64(len(kept)))
	for _, i := range kept {
		dst = AppendCompact(dst, key.Class(), keys[i])
		dst = AppendCompact(dst, elem.Class(), vals[i])
	}
	return dst
}

// AppendMapHeader appends the beginning of a map of count entries; their compact forms follow, in key order.
func AppendMapHeader(dst []byte, count int) []byte { return binary.AppendUvarint(dst, uint64(count)) }

// MapHeader reads the beginning of a map: how many entries follow in rest, each a key and a value in their compact
// forms, in key order. Error: XX001.
func MapHeader(b []byte) (count int, rest []byte, err error) {
	n, k := binary.Uvarint(b)
	if k <= 0 || n > uint64(len(b)) {
		return 0, nil, ErrDamaged
	}
	return int(n), b[k:], nil
}

// DecodeMap takes a map apart, in key order. The values' Bytes alias b. Error: XX001.
func DecodeMap(b []byte, key, elem Type) (keys, vals []Value, err error) {
	count, b, err := MapHeader(b)
	if err != nil {
		return nil, nil, err
	}
	keys, vals = make([]Value, count), make([]Value, count)
	for i := range keys {
		k, n1 := DecodeCompact(b, key.Class())
		if n1 == 0 || k.Null {
			return nil, nil, ErrDamaged
		}
		v, n2 := DecodeCompact(b[n1:], elem.Class())
		if n2 == 0 {
			return nil, nil, ErrDamaged
		}
		keys[i], vals[i], b = k, v, b[n1+n2:]
	}
	if len(b) != 0 {
		return nil, nil, ErrDamaged
	}
	return keys, vals, nil
}

// The bytes that keep the order of nested keys: what follows is a value, or the list ends here. A shorter list comes
// before its extensions. NULL elements are equal to each other and above all values.
const (
	keyEnd  = 0x00
	keyMore = 0x01
)

// appendNestedKey appends the order-preserving form of an array, record or map. Values that cannot be read (damaged)
// become their bytes: order is lost there, nothing else.
func appendNestedKey(dst []byte, t *Type, b []byte) []byte {
	switch t.Kind {
	case Array:
		dims, vals, err := DecodeArray(b, *t.Elem)
		if err != nil {
			return appendBytesKey(dst, b)
		}
		for _, v := range vals {
			dst = AppendKey(append(dst, keyMore), *t.Elem, v)
		}
		dst = append(dst, keyEnd, byte(len(dims)))
		for _, d := range dims {
			dst = binary.BigEndian.AppendUint32(dst, uint32(d))
		}
		return dst
	case Record:
		vals, err := DecodeRecord(b, t.Fields)
		if err != nil {
			return appendBytesKey(dst, b)
		}
		for i, v := range vals {
			dst = AppendKey(dst, t.Fields[i].Type, v)
		}
		return dst
	}
	keys, vals, err := DecodeMap(b, *t.Key, *t.Elem)
	if err != nil {
		return appendBytesKey(dst, b)
	}
	for i := range keys {
		dst = AppendKey(append(dst, keyMore), *t.Key, keys[i])
		dst = AppendKey(dst, *t.Elem, vals[i])
	}
	return append(dst, keyEnd)
}

// decodeNestedKey is the inverse of appendNestedKey.
func decodeNestedKey(b []byte, t *Type) (Value, []byte, error) {
	switch t.Kind {
	case Array:
		return decodeArrayKey(b, t)
	case Record:
		vals := make([]Value, len(t.Fields))
		for i := range vals {
			v, rest, err := DecodeKey(b, t.Fields[i].Type)
			if err != nil {
				return Value{}, nil, err
			}
			vals[i], b = v, rest
		}
		return BytesValue(AppendRecord(nil, t.Fields, vals)), b, nil
	}
	var keys, vals []Value
	for len(b) > 0 && b[0] == keyMore {
		k, rest, err := DecodeKey(b[1:], *t.Key)
		if err != nil {
			return Value{}, nil, err
		}
		if k.Null {
			return Value{}, nil, errBadKey // a map has none
		}
		v, rest, err := DecodeKey(rest, *t.Elem)
		if err != nil {
			return Value{}, nil, err
		}
		keys, vals, b = append(keys, k), append(vals, v), rest
	}
	if !bytes.HasPrefix(b, []byte{keyEnd}) {
		return Value{}, nil, errBadKey
	}
	return BytesValue(AppendMap(nil, *t.Key, *t.Elem, keys, vals)), b[1:], nil
}

func decodeArrayKey(b []byte, t *Type) (Value, []byte, error) {
	var vals []Value
	for len(b) > 0 && b[0] == keyMore {
		v, rest, err := DecodeKey(b[1:], *t.Elem)
		if err != nil {
			return Value{}, nil, err
		}
		vals, b = append(vals, v), rest
	}
	if len(b) < 2 || b[0] != keyEnd || len(b) < 2+4*int(b[1]) || b[1] > arrayDimsMax {
		return Value{}, nil, errBadKey
	}
	dims, total := make([]int32, b[1]), 1
	for i := range dims {
		dims[i] = int32(binary.BigEndian.Uint32(b[2+4*i:]))
		if dims[i] <= 0 || dims[i] > arrayLenMax {
			return Value{}, nil, errBadKey
		}
		if total *= int(dims[i]); total > arrayLenMax {
			return Value{}, nil, errBadKey
		}
	}
	if len(vals) > 0 && total != len(vals) || len(vals) == 0 && len(dims) > 0 || len(vals) > 0 && len(dims) == 0 {
		return Value{}, nil, errBadKey
	}
	return BytesValue(AppendArray(nil, *t.Elem, dims, vals)), b[2+4*len(dims):], nil
}
