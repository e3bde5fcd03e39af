package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strings"

	"streamsql/connectors"
	"streamsql/internal/types"
)

// decode reads a part of a record as JSON, in the form in which cases write it.
func (p part) decode(b []byte) (any, error) {
	if b == nil {
		return nil, nil
	}
	switch p.format {
	case "json":
		return parseJSON(b)
	case "kafka":
		if len(p.cols) == 1 {
			return scalar(p.cols[0].Type, b)
		}
	}
	return string(b), nil
}

func parseJSON(b []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("%q is not JSON: %w", b, err)
	}
	return v, nil
}

// scalar reads Kafka's binary form.
func scalar(t types.Type, b []byte) (any, error) {
	switch {
	case t.Kind == types.Int4 && len(b) == 4:
		return json.Number(fmt.Sprint(int32(binary.BigEndian.Uint32(b)))), nil
	case t.Kind == types.Int8 && len(b) == 8:
		return json.Number(fmt.Sprint(int64(binary.BigEndian.Uint64(b)))), nil
	case t.Kind == types.Float8 && len(b) == 8:
		return json.Number(fmt.Sprint(math.Float64frombits(binary.BigEndian.Uint64(b)))), nil
	case t.Kind == types.Int4, t.Kind == types.Int8, t.Kind == types.Float8:
		return nil, fmt.Errorf("%d bytes for a key of type %s", len(b), t)
	case t.Kind == types.Bytea:
		return base64.StdEncoding.EncodeToString(b), nil
	}
	return string(b), nil
}

// same compares what came with what was expected; where says which part it is.
func same(where string, got any, want any) error {
	switch want := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return differ(where, got, want)
		}
		return sameObject(where, g, want)
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(want) {
			return differ(where, got, want)
		}
		for i := range want {
			if err := same(fmt.Sprintf("%s[%d]", where, i), g[i], want[i]); err != nil {
				return err
			}
		}
		return nil
	case json.Number:
		if g, ok := number(got); ok && sameNumber(g, string(want)) {
			return nil
		}
		return differ(where, got, want)
	case string:
		if g, ok := got.(json.Number); ok && sameNumber(string(g), want) {
			return nil // a number written as text
		}
	}
	if got != want {
		return differ(where, got, want)
	}
	return nil
}

func number(v any) (string, bool) {
	switch v := v.(type) {
	case json.Number:
		return string(v), true
	case string:
		return v, true
	}
	return "", false
}

func differ(where string, got, want any) error {
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	return fmt.Errorf("%s is %s, not %s", where, g, w)
}

// sameObject compares fields by their exact names, else by names in capitals. A field that is not there is null.
func sameObject(where string, got, want map[string]any) error {
	seen := map[string]bool{}
	for name, v := range want {
		g, ok := got[name]
		if !ok {
			name = strings.ToUpper(name)
			g = got[name]
		}
		seen[name] = true
		if err := same(where+"."+name, g, v); err != nil {
			return err
		}
	}
	for name, v := range got {
		if !seen[name] && v != nil {
			return fmt.Errorf("%s.%s is too many", where, name)
		}
	}
	return nil
}

// tolerance is how far doubles may be apart.
const tolerance = 1e-6

func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	x, okx := new(big.Rat).SetString(a)
	y, oky := new(big.Rat).SetString(b)
	if !okx || !oky {
		return false
	}
	if x.Cmp(y) == 0 {
		return true
	}
	if x.IsInt() && y.IsInt() && !strings.ContainsAny(a+b, ".eE") {
		return false
	}
	f, _ := x.Float64()
	g, _ := y.Float64()
	return math.Abs(f-g) <= tolerance*max(1, math.Abs(f), math.Abs(g))
}

// compareTopic compares a topic's records with the outputs that a case expects of it.
func (w *world) compareTopic(topic string, want []record) error {
	recs := w.cluster.Records(topic, 0)
	for i := range want {
		if i >= len(recs) {
			return fmt.Errorf("%s: %d records, not %d; missing %s: %s", topic, len(recs), len(want), want[i].Key, want[i].Value)
		}
		if err := w.compareRecord(topic, recs[i], want[i]); err != nil {
			return fmt.Errorf("%s: record %d: %w", topic, i, err)
		}
	}
	if len(recs) > len(want) {
		r := recs[len(want)]
		return fmt.Errorf("%s: %d records, not %d; the first that is too many is %q: %q", topic, len(recs), len(want), r.Key, r.Value)
	}
	return nil
}

func (w *world) compareRecord(topic string, got connectors.Record, want record) error {
	key, value := parts(w.object(topic))
	k := got.Key
	if want.Window != nil {
		tail := want.Window.append(nil)
		if !bytes.HasSuffix(k, tail) {
			return fmt.Errorf("key %q is not of window %d-%d", k, want.Window.Start, want.Window.End)
		}
		k = k[:len(k)-len(tail)]
	}
	if err := comparePart("key", key, k, want.Key); err != nil {
		return err
	}
	if err := comparePart("value", value, got.Value, want.Value); err != nil {
		return err
	}
	if want.Timestamp != nil && got.Timestamp.UnixMilli() != *want.Timestamp {
		return fmt.Errorf("timestamp is %d, not %d", got.Timestamp.UnixMilli(), *want.Timestamp)
	}
	return compareHeaders(got.Headers, want.Headers)
}

func comparePart(where string, p part, got []byte, want json.RawMessage) error {
	g, err := p.decode(got)
	if err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	if !isJSON(want) {
		if got != nil && !(p.format == "json" && string(got) == "null") {
			return fmt.Errorf("%s is %q, not null", where, got)
		}
		return nil
	}
	e, err := parseJSON(want)
	if err != nil {
		return err
	}
	return same(where, g, e)
}

func compareHeaders(got []connectors.Header, want []header) error {
	if want == nil {
		return nil
	}
	if len(got) != len(want) {
		return fmt.Errorf("%d headers, not %d", len(got), len(want))
	}
	for i, h := range want {
		v := ""
		if h.Value != nil {
			v = *h.Value
		}
		if got[i].Key != h.Key || base64.StdEncoding.EncodeToString(got[i].Value) != v {
			return fmt.Errorf("header %d is %s: %q", i, got[i].Key, got[i].Value)
		}
	}
	return nil
}
