package kafka

import (
	"strings"

	"streamsql/connectors"
	"streamsql/connectors/format"
	"streamsql/connectors/format/delimited"
	"streamsql/connectors/format/json"
	primitive "streamsql/connectors/format/kafka"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// encoder makes records of rows.
type encoder struct {
	key, value       []format.Target
	keyEnc, valueEnc format.Encoder // nil: the part has no columns
	valueNull        bool           // a NULL of the one column is a null part
	nullKeys         bool           // a key whose columns are all NULL is one all the same
	window           windowColumns
}

// Encoder returns an encoder of rows with the given columns; From says which part they go to, and columns from
// metadata go nowhere.
func (c *Cluster) Encoder(cols []connectors.Column, f connectors.Formats) (connectors.Encoder, error) {
	return newEncoder(cols, f)
}

func newEncoder(cols []connectors.Column, f connectors.Formats) (*encoder, error) {
	e := &encoder{window: newWindowColumns(cols, f)}
	for i, c := range cols {
		t := format.Target{Col: i, Name: c.Name, Type: c.Type}
		switch c.From {
		case connectors.Key:
			e.key = append(e.key, t)
		case connectors.Value:
			e.value = append(e.value, t)
		}
	}
	var err error
	if e.keyEnc, err = partEncoder(e.key, f, true); err != nil {
		return nil, err
	}
	e.valueEnc, err = partEncoder(e.value, f, false)
	e.nullKeys = f.NullKeys && len(e.key) > 1
	e.valueNull = formatName(f.ValueFormat) == "kafka" || f.Unwrapped
	return e, err
}

// formatName is a format's name as the switch statements know it; "" is JSON.
func formatName(s string) string {
	if s == "" {
		return "json"
	}
	return strings.ToLower(s)
}

func partEncoder(ts []format.Target, f connectors.Formats, key bool) (format.Encoder, error) {
	name, delimiter := f.ValueFormat, f.Delimiter
	if key {
		name, delimiter = f.KeyFormat, f.KeyDelimiter
	}
	switch formatName(name) {
	case "json":
		if len(ts) == 0 && key {
			return nil, nil
		}
		return json.NewEncoder(ts, jsonForm(f, key))
	case "kafka":
		if len(ts) == 0 && key {
			return nil, nil
		}
		if err := checkPrimitive(ts); err != nil {
			return nil, err
		}
		return primitive.NewEncoder(ts[0])
	case "delimited":
		d, err := delimited.ParseDelimiter(delimiter)
		if err != nil || len(ts) == 0 && key {
			return nil, err
		}
		return delimited.NewEncoder(ts, d, f.KSQL)
	case "none":
		if len(ts) > 0 {
			return nil, pgerr.New(pgerr.InvalidParameterValue, "format NONE cannot hold column %q", ts[0].Name)
		}
		return nil, nil
	}
	return nil, pgerr.Unsupported(pgerr.NoPos, "format %q", name)
}

// jsonForm is the form of a JSON key or value: a key of one column has no object around it.
func jsonForm(f connectors.Formats, key bool) json.Form {
	return json.Form{KSQL: f.KSQL, Key: key, Bare: key || f.Unwrapped}
}

func checkPrimitive(ts []format.Target) error {
	var names []string
	var kinds []types.Type
	for _, t := range ts {
		names = append(names, t.Name)
		kinds = append(kinds, t.Type)
	}
	return primitive.Check(names, kinds)
}

// Encode implements connectors.Encoder. A key whose columns are all NULL is no key. A tombstone needs a key.
func (e *encoder) Encode(key, value []byte, b *batch.Batch, row int, tombstone bool) (k, v []byte, err error) {
	if e.keyEnc != nil && (e.nullKeys || !allNull(e.key, b, row)) {
		if k, err = e.keyEnc.Append(nonNil(key), b, row); err != nil {
			return nil, nil, err
		}
		k = e.window.append(k, b, row)
	}
	if tombstone {
		if k == nil {
			return nil, nil, pgerr.New(pgerr.NullValueNotAllowed, "a row without a key cannot be deleted from a topic")
		}
		return k, nil, nil
	}
	if e.valueEnc == nil || e.valueNull && allNull(e.value, b, row) {
		return k, nil, nil
	}
	v, err = e.valueEnc.Append(nonNil(value), b, row)
	return k, v, err
}

// nonNil keeps an empty part apart from none.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func allNull(ts []format.Target, b *batch.Batch, row int) bool {
	for _, t := range ts {
		if !b.Cols[t.Col].NullMap().Has(row) {
			return false
		}
	}
	return true
}
