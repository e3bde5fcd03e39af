package json

import (
	stdjson "encoding/json"

	"streamsql/connectors/format"
	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// Encoder writes rows as JSON objects, members in the order of the columns, NULL as null.
type Encoder struct {
	fields []format.Target
	names  [][]byte // `{"a":`, `,"b":` …
	bare   bool
}

// NewEncoder returns an encoder. bare writes the one column's value without an object around it: a key.
func NewEncoder(ts []format.Target, bare bool) (*Encoder, error) {
	e := &Encoder{fields: ts, bare: bare && len(ts) == 1}
	for i, t := range ts {
		if _, err := newTyp(t.Name, t.Type); err != nil {
			return nil, err
		}
		q, err := stdjson.Marshal(t.Name)
		if err != nil {
			return nil, err
		}
		lead := byte(',')
		if i == 0 {
			lead = '{'
		}
		e.names = append(e.names, append(append([]byte{lead}, q...), ':'))
	}
	return e, nil
}

// Append implements format.Encoder.
func (e *Encoder) Append(dst []byte, b *batch.Batch, row int) ([]byte, error) {
	if e.bare {
		return appendValue(dst, e.fields[0], b, row), nil
	}
	if len(e.fields) == 0 {
		return append(dst, '{', '}'), nil
	}
	for i, f := range e.fields {
		dst = append(dst, e.names[i]...)
		dst = appendValue(dst, f, b, row)
	}
	return append(dst, '}'), nil
}

func appendValue(dst []byte, f format.Target, b *batch.Batch, row int) []byte {
	v := batch.ValueAt(b.Cols[f.Col], row)
	if v.Null {
		return append(dst, "null"...)
	}
	return types.AppendJSON(dst, f.Type, v)
}
