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
	value  func(dst []byte, t types.Type, v types.Value) []byte
}

// NewEncoder returns an encoder.
func NewEncoder(ts []format.Target, f Form) (*Encoder, error) {
	e := &Encoder{fields: ts, bare: f.Bare && len(ts) == 1, value: types.AppendJSON}
	if f.KSQL {
		e.value = AppendKSQL
	}
	for i, t := range ts {
		if _, err := newTyp(t.Name, t.Type, f.KSQL); err != nil {
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
		return e.append(dst, e.fields[0], b, row), nil
	}
	if len(e.fields) == 0 {
		return append(dst, '{', '}'), nil
	}
	for i, f := range e.fields {
		dst = append(dst, e.names[i]...)
		dst = e.append(dst, f, b, row)
	}
	return append(dst, '}'), nil
}

func (e *Encoder) append(dst []byte, f format.Target, b *batch.Batch, row int) []byte {
	v := batch.ValueAt(b.Cols[f.Col], row)
	if v.Null {
		return append(dst, "null"...)
	}
	return e.value(dst, f.Type, v)
}
