package json

import (
	"slices"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// arrayDimsMax is PostgreSQL's limit.
const arrayDimsMax = 6

// flatArray reads an array of one dimension, whose elements may be arrays themselves.
func (d *Decoder) flatArray(y *typ, b []byte, i int) ([]byte, int, error) {
	var vals []types.Value
	i = skipSpace(b, i+1)
	for closed := i < len(b) && b[i] == ']'; !closed; {
		v, end, err := d.nested(y.elem, b, skipSpace(b, i))
		if err != nil {
			return nil, end, err
		}
		vals = append(vals, v)
		i = skipSpace(b, end)
		if i >= len(b) || b[i] != ',' && b[i] != ']' {
			return nil, i, syntaxError(b, i)
		}
		if closed = b[i] == ']'; !closed {
			i++
		}
	}
	return types.AppendArray(nil, y.elem.t, nil, vals), i + 1, nil
}

// nested reads a value inside another one, null included. Its bytes are its own.
func (d *Decoder) nested(y *typ, b []byte, i int) (types.Value, int, error) {
	if i >= len(b) {
		return types.Null, i, syntaxError(b, i)
	}
	if b[i] == 'n' {
		if i = word(b, i, "null"); i < 0 {
			return types.Null, i, syntaxError(b, len(b))
		}
		return types.Null, i, nil
	}
	v, i, err := d.value(y, b, i)
	v.Bytes = slices.Clone(v.Bytes)
	return v, i, err
}

// arrayReader collects the elements of an array; nested arrays are its further dimensions.
type arrayReader struct {
	d    *Decoder
	y    *typ
	b    []byte
	dims []int32 // length of each dimension as far as it is known; -1: not yet
	leaf int     // depth of the elements; 0: not known yet
	vals []types.Value
}

// array reads the array at b[i] in the encoding of types.AppendArray.
func (d *Decoder) array(y *typ, b []byte, i int) ([]byte, int, error) {
	if b[i] != '[' {
		return nil, i, y.mismatch(b, i)
	}
	if y.ksql || y.elem.how == asArray {
		return d.flatArray(y, b, i)
	}
	a := &arrayReader{d: d, y: y, b: b}
	end, err := a.list(i, 1)
	if err != nil {
		return nil, end, err
	}
	if len(a.vals) == 0 {
		return types.AppendArray(nil, y.elem.t, nil, nil), end, nil
	}
	dims := a.dims
	if len(dims) == 1 {
		dims = nil
	}
	return types.AppendArray(nil, y.elem.t, dims, a.vals), end, nil
}

// list reads one bracketed list at the given depth.
func (a *arrayReader) list(i, depth int) (int, error) {
	if depth > arrayDimsMax {
		return i, pgerr.New(pgerr.ProgramLimitExceeded, "column %q: number of array dimensions exceeds the maximum allowed (%d)", a.y.name, arrayDimsMax)
	}
	if len(a.dims) < depth {
		a.dims = append(a.dims, -1)
	}
	n := int32(0)
	i = skipSpace(a.b, i+1)
	for closed := i < len(a.b) && a.b[i] == ']'; !closed; n++ {
		var err error
		if i, err = a.item(skipSpace(a.b, i), depth); err != nil {
			return i, err
		}
		i = skipSpace(a.b, i)
		if i >= len(a.b) || a.b[i] != ',' && a.b[i] != ']' {
			return i, syntaxError(a.b, i)
		}
		if closed = a.b[i] == ']'; !closed {
			i++
		}
	}
	if a.dims[depth-1] >= 0 && a.dims[depth-1] != n {
		return i, a.ragged()
	}
	a.dims[depth-1] = n
	return i + 1, nil
}

func (a *arrayReader) item(i, depth int) (int, error) {
	if i >= len(a.b) {
		return i, syntaxError(a.b, i)
	}
	if a.b[i] == '[' && a.y.elem.how != asJSON && a.y.elem.how != asJSONB {
		if a.leaf != 0 && a.leaf <= depth {
			return i, a.ragged()
		}
		return a.list(i, depth+1)
	}
	if a.leaf == 0 && len(a.dims) == depth {
		a.leaf = depth
	}
	if a.leaf != depth {
		return i, a.ragged()
	}
	v, i, err := a.d.nested(a.y.elem, a.b, i)
	a.vals = append(a.vals, v)
	return i, err
}

func (a *arrayReader) ragged() error {
	return pgerr.New(pgerr.InvalidTextRepresentation, "column %q: arrays of one value must have the same dimensions", a.y.name)
}
