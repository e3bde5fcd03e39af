package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"streamsql/connectors"
	"streamsql/internal/catalog"
	"streamsql/internal/types"
)

// part describes the key or the value of a topic's records.
type part struct {
	format string
	cols   []catalog.Column
}

// parts are the two parts of a topic's records; obj may be nil.
func parts(obj *catalog.Object) (key, value part) {
	if obj == nil {
		return part{format: "kafka"}, part{format: "json"}
	}
	key.format, value.format = obj.Connector.KeyFormat, obj.Connector.ValueFormat
	for _, c := range obj.Columns {
		switch c.From {
		case catalog.FromKey:
			key.cols = append(key.cols, c)
		case catalog.FromValue:
			if !c.Hidden {
				value.cols = append(value.cols, c)
			}
		}
	}
	return key, value
}

// encode makes a part of a record from what the case says.
func (p part) encode(raw json.RawMessage) ([]byte, error) {
	if !isJSON(raw) {
		return nil, nil
	}
	switch p.format {
	case "json":
		var b bytes.Buffer
		err := json.Compact(&b, raw)
		return b.Bytes(), err
	case "kafka":
		if len(p.cols) == 1 {
			return primitive(p.cols[0].Type, raw)
		}
	}
	return scalarText(raw), nil
}

// scalarText is a JSON string's text, or the JSON of anything else.
func scalarText(raw json.RawMessage) []byte {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return []byte(s)
	}
	return raw
}

// primitive is Kafka's binary form of a scalar.
func primitive(t types.Type, raw json.RawMessage) ([]byte, error) {
	text := string(scalarText(raw))
	switch t.Kind {
	case types.Int4, types.Int8:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return []byte(text), nil // a bad record, on purpose
		}
		if t.Kind == types.Int4 {
			return binary.BigEndian.AppendUint32(nil, uint32(n)), nil
		}
		return binary.BigEndian.AppendUint64(nil, uint64(n)), nil
	case types.Float8:
		f, err := strconv.ParseFloat(text, 64)
		return binary.BigEndian.AppendUint64(nil, math.Float64bits(f)), err
	case types.Bytea:
		return base64.StdEncoding.DecodeString(text)
	}
	return []byte(text), nil
}

// input makes a record of one of the case's inputs.
func (w *world) input(c *testCase, in record) (connectors.Record, error) {
	rec := connectors.Record{Topic: in.Topic}
	obj := w.object(in.Topic)
	key, value := parts(obj)
	if obj == nil {
		for _, t := range c.Topics {
			if t.Name == in.Topic && (t.Format == "DELIMITED" || t.ValueFormat == "DELIMITED") {
				value.format = "delimited"
			}
		}
	}
	var err error
	if rec.Key, err = key.encode(in.Key); err != nil {
		return rec, fmt.Errorf("key: %w", err)
	}
	if in.Window != nil {
		rec.Key = in.Window.append(rec.Key)
	}
	if rec.Value, err = value.encode(in.Value); err != nil {
		return rec, fmt.Errorf("value: %w", err)
	}
	at := int64(0)
	if in.Timestamp != nil {
		at = *in.Timestamp
	}
	rec.Timestamp = time.UnixMilli(at)
	for _, h := range in.Headers {
		var v []byte
		if h.Value != nil {
			if v, err = base64.StdEncoding.DecodeString(*h.Value); err != nil {
				return rec, fmt.Errorf("header: %w", err)
			}
		}
		rec.Headers = append(rec.Headers, connectors.Header{Key: h.Key, Value: v})
	}
	return rec, nil
}

// append adds the window to a key as Kafka Streams' serializers of windowed keys do.
func (w *window) append(key []byte) []byte {
	if w.Type == "session" {
		key = binary.BigEndian.AppendUint64(key, uint64(w.End))
	}
	return binary.BigEndian.AppendUint64(key, uint64(w.Start))
}
