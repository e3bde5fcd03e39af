package expr

import (
	"bytes"
	"slices"

	"streamsql/internal/types"
)

// ksqlDB's functions of maps, and those that choose among their arguments.

// mapRows makes the kernel of a function whose first argument is a map, taken apart.
func mapRows(fn func(t types.Type, keys, vals []types.Value, args []types.Value) (types.Value, error)) func(*Call) (kernel, error) {
	return rowsFor(func(c *Call) (rowFunc, error) {
		t := c.Args[0].Type()
		return func(_ *row, args []types.Value) (types.Value, error) {
			keys, vals, err := types.DecodeMap(args[0].Bytes, *t.Key, *t.Elem)
			if err != nil {
				return types.Null, err
			}
			return fn(t, keys, vals, args)
		}, nil
	})
}

func init() {
	subscript := mapRows(func(t types.Type, keys, vals []types.Value, args []types.Value) (types.Value, error) {
		i, ok := slices.BinarySearchFunc(keys, args[1], func(k, key types.Value) int { return types.Compare(*t.Key, k, key) })
		if !ok {
			return types.Null, nil
		}
		return vals[i], nil
	})
	const doc = "the value of a key, NULL if the map has no such key"
	defKSQL("array_subscript(map<K,V>, K) V", doc, "array_subscript(MAP('a' := 1), 'a') => 1", subscript)
	def("array_subscript(map<K,V>, K) V", doc, "", subscript)
	defKSQL("map_keys(map<K,V>) K[]", "the keys", "map_keys(MAP('a' := 1, 'b' := 2)) => {a,b}",
		mapRows(func(t types.Type, keys, _, _ []types.Value) (types.Value, error) { return encoded(*t.Key, keys) }))
	defKSQL("map_values(map<K,V>) V[]", "the values", "map_values(MAP('a' := 1, 'b' := 2)) => {1,2}",
		mapRows(func(t types.Type, _, vals, _ []types.Value) (types.Value, error) { return encoded(*t.Elem, vals) }))
	defKSQL("map_union(map<K,V>, map<K,V>) map<K,V> nullok", "the entries of both; the second's where both have a key",
		"map_union(MAP('a' := 1, 'b' := 2), MAP('b' := 3)) => {\"a\":1,\"b\":3}", rowsFor(mapUnion))
	defKSQL("as_map(K[], V[]) map<K,V>", "a map of keys and values; what has no partner is left out",
		"as_map(ARRAY['a','b'], ARRAY[1,2]) => {\"a\":1,\"b\":2}", rowsFor(asMap))
	entries := defKSQL("entries(map<text,V>, bool) any[]", "the entries as structs of K and V, sorted by key on demand",
		"entries(MAP('b' := 2, 'a' := 1), true) => {\"(a,1)\",\"(b,2)\"}", mapRows(func(t types.Type, keys, vals, _ []types.Value) (types.Value, error) {
			entry := entryType(*t.Elem)
			out := make([]types.Value, len(keys))
			for i := range keys {
				out[i] = types.BytesValue(types.AppendRecord(nil, entry.Fields, []types.Value{keys[i], vals[i]}))
			}
			return encoded(entry, out)
		}))
	entries.typed(func(args []Expr) types.Type { return types.ArrayOf(entryType(*args[0].Type().Elem)) })
	defKSQL("split_to_map(text, text, text) map<text,text>", "a map of a text with delimiters between entries and within them",
		"split_to_map('a:1/b:2', '/', ':') => {\"a\":\"1\",\"b\":\"2\"}", rows(splitToMap))
	same := defKSQL("as_value(T) T", "its argument, as a value: a copy of a key's column", "as_value(1) => 1",
		rows(func(_ *row, a []types.Value) (types.Value, error) { return a[0], nil }))
	same.total = true
	defKSQL("elt(int4, variadic text) text nullok", "the n-th of the texts", "elt(2, 'a', 'b') => b", rows(func(_ *row, a []types.Value) (types.Value, error) {
		if a[0].Null || a[0].I < 1 || a[0].I >= int64(len(a)) {
			return types.Null, nil
		}
		return a[a[0].I], nil
	}))
	defKSQL("field(text, variadic text) int4 nullok", "which of the texts the first is, 0 if none", "field('b', 'a', 'b') => 2",
		rows(func(_ *row, a []types.Value) (types.Value, error) {
			for i, v := range a[1:] {
				if !a[0].Null && !v.Null && bytes.Equal(v.Bytes, a[0].Bytes) {
					return types.IntValue(int64(i) + 1), nil
				}
			}
			return types.IntValue(0), nil
		}))
}

func entryType(val types.Type) types.Type {
	return types.Type{Kind: types.Record, Fields: []types.Field{{Name: "K", Type: types.T(types.Text)}, {Name: "V", Type: val}}}
}

func mapUnion(c *Call) (rowFunc, error) {
	t := c.T
	return func(_ *row, a []types.Value) (types.Value, error) {
		switch {
		case a[0].Null:
			return a[1], nil
		case a[1].Null:
			return a[0], nil
		}
		k1, v1, err := types.DecodeMap(a[0].Bytes, *t.Key, *t.Elem)
		if err != nil {
			return types.Null, err
		}
		k2, v2, err := types.DecodeMap(a[1].Bytes, *t.Key, *t.Elem)
		if err != nil {
			return types.Null, err
		}
		return types.BytesValue(types.AppendMap(nil, *t.Key, *t.Elem, append(k1, k2...), append(v1, v2...))), nil
	}, nil
}

func asMap(c *Call) (rowFunc, error) {
	t := c.T
	return func(_ *row, a []types.Value) (types.Value, error) {
		keys, err := decodeArray(a[0], *t.Key)
		if err != nil {
			return types.Null, err
		}
		vals, err := decodeArray(a[1], *t.Elem)
		if err != nil {
			return types.Null, err
		}
		n := min(len(keys.vals), len(vals.vals))
		return mapOf(t, keys.vals[:n], vals.vals[:n])
	}, nil
}

func splitToMap(_ *row, a []types.Value) (types.Value, error) {
	text, between, within := a[0].Bytes, a[1].Bytes, a[2].Bytes
	if len(between) == 0 || len(within) == 0 {
		return types.Null, nil
	}
	var keys, vals []types.Value
	for _, entry := range bytes.Split(text, between) {
		if parts := bytes.SplitN(entry, within, 3); len(parts) > 1 {
			keys, vals = append(keys, types.BytesValue(parts[0])), append(vals, types.BytesValue(parts[1]))
		}
	}
	str := types.T(types.Text)
	return types.BytesValue(types.AppendMap(nil, str, str, keys, vals)), nil
}
