package expr

import (
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// populateRecord makes json(b)_populate_record: columns that the object does not have keep what they are in the first
// argument.
func populateRecord(c *Call) (rowFunc, error) {
	t := c.Args[0].Type()
	if t.Kind != types.Record || len(t.Fields) == 0 {
		return nil, pgerr.At(c.Pos, pgerr.DatatypeMismatch, "first argument of %s must be a row type", c.Func.Name)
	}
	return func(r *row, a []types.Value) (types.Value, error) {
		if a[1].Null {
			return a[0], nil
		}
		return populate(t, a[0], jsonTrim(a[1].Bytes), r.format())
	}, nil
}

// populate reads a JSON value as a t. base is what a record's missing columns are.
func populate(t types.Type, base types.Value, v jsonValue, f *types.Format) (types.Value, error) {
	switch {
	case v.kind() == 'n':
		return types.Null, nil
	case t.Kind == types.JSON || t.Kind == types.JSONB:
		return types.ParseText(t, string(v), f)
	case v.kind() == '"':
		return types.ParseText(t, string(v.appendString(nil)), f)
	case t.Kind == types.Record:
		return populateFields(t, base, v, f)
	case t.Kind == types.Array:
		return populateArray(t, v, f)
	}
	return types.ParseText(t, string(v), f)
}

func populateFields(t types.Type, base types.Value, v jsonValue, f *types.Format) (types.Value, error) {
	if v.kind() != '{' {
		return types.Null, invalidJSON("cannot call populate_composite on %s", map[bool]string{true: "an array", false: "a scalar"}[v.kind() == '['])
	}
	vals := make([]types.Value, len(t.Fields))
	for i := range vals {
		vals[i] = types.Null
	}
	if !base.Null && base.Bytes != nil {
		var err error
		if vals, err = types.DecodeRecord(base.Bytes, t.Fields); err != nil {
			return types.Null, err
		}
	}
	for i, field := range t.Fields {
		e := v.field([]byte(field.Name))
		if e == nil {
			continue
		}
		var err error
		if vals[i], err = populate(field.Type, vals[i], e, f); err != nil {
			return types.Null, err
		}
	}
	return types.BytesValue(types.AppendRecord(nil, t.Fields, vals)), nil
}

func populateArray(t types.Type, v jsonValue, f *types.Format) (types.Value, error) {
	if v.kind() != '[' {
		return types.Null, pgerr.New(pgerr.InvalidTextRepresentation, "expected JSON array")
	}
	var dims []int32
	for at := v; at.kind() == '['; at = at.element(0) {
		if n := at.length(); n > 0 {
			dims = append(dims, int32(n))
		}
	}
	vals, err := populateDim(nil, *t.Elem, dims, v, f)
	if err != nil {
		return types.Null, err
	}
	return types.BytesValue(types.AppendArray(nil, *t.Elem, dims, vals)), nil
}

func populateDim(vals []types.Value, elem types.Type, dims []int32, v jsonValue, f *types.Format) (_ []types.Value, err error) {
	if v.kind() != '[' || len(dims) > 0 && v.length() != int64(dims[0]) {
		return nil, pgerr.New(pgerr.InvalidTextRepresentation, "malformed JSON array").
			WithDetail("Multidimensional arrays must have sub-arrays with matching dimensions.")
	}
	v.elements(func(e jsonValue) bool {
		if len(dims) > 1 {
			vals, err = populateDim(vals, elem, dims[1:], e, f)
			return err == nil
		}
		var x types.Value
		x, err = populate(elem, types.Null, e, f)
		vals = append(vals, x)
		return err == nil
	})
	return vals, err
}
