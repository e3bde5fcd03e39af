package kafka

import (
	"fmt"
	"testing"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

func keyed(cols ...connectors.Column) []connectors.Column {
	cols[0].From = connectors.Key
	return cols
}

// encodeRow encodes one row of texts ("NULL" is NULL).
func encodeRow(t *testing.T, cols []connectors.Column, keyFormat, valueFormat string, tombstone bool, texts ...string) string {
	t.Helper()
	e, err := newEncoder(cols, connectors.Formats{KeyFormat: keyFormat, ValueFormat: valueFormat})
	if err != nil {
		t.Fatal(err)
	}
	b := &batch.Batch{Weights: batch.Ones(1)}
	for i, c := range cols {
		v := types.Null
		if texts[i] != "NULL" {
			if v, err = types.ParseText(c.Type, texts[i], nil); err != nil {
				t.Fatal(err)
			}
		}
		b.Cols = append(b.Cols, batch.NewVec(c.Type, []types.Value{v}))
	}
	k, v, err := e.Encode(nil, nil, b, 0, tombstone)
	if err != nil {
		return "error " + pgerr.Code(err)
	}
	return fmt.Sprintf("%s=%s", part(k), part(v))
}

func part(b []byte) string {
	if b == nil {
		return "none"
	}
	return fmt.Sprintf("%q", b)
}

func TestEncoder(t *testing.T) {
	id := connectors.Column{Name: "id", Type: types.T(types.Int8)}
	name := connectors.Column{Name: `na"me`, Type: types.T(types.Text)}
	at := connectors.Column{Name: "at", Type: types.T(types.Timestamp)}
	rowtime := connectors.Column{Name: "rowtime", Type: types.T(types.Timestamp), From: connectors.Timestamp}
	key2 := connectors.Column{Name: "k2", Type: types.T(types.Text), From: connectors.Key}
	for _, c := range []struct {
		cols      []connectors.Column
		key, val  string
		tombstone bool
		row       []string
		want      string
	}{
		{keyed(id, name, at), "json", "json", false, []string{"7", `a"b`, "2024-02-29 01:02:03"}, `"7"="{\"na\\\"me\":\"a\\\"b\",\"at\":\"2024-02-29T01:02:03\"}"`},
		{keyed(id, name), "json", "json", false, []string{"NULL", "NULL"}, `none="{\"na\\\"me\":null}"`},
		{keyed(id, name), "json", "json", true, []string{"7", "x"}, `"7"=none`},
		{keyed(id, name), "json", "json", true, []string{"NULL", "x"}, `error 22004`},
		{keyed(id, key2, name), "json", "json", false, []string{"7", "x", "y"}, `"{\"id\":7,\"k2\":\"x\"}"="{\"na\\\"me\":\"y\"}"`},
		{[]connectors.Column{id, name, rowtime}, "json", "delimited", false, []string{"7", "a,b", "2024-02-29"}, `none="7,\"a,b\""`},
		{keyed(id, name), "kafka", "kafka", false, []string{"7", ""}, `"\x00\x00\x00\x00\x00\x00\x00\a"=""`},
		{keyed(id, name), "kafka", "kafka", false, []string{"7", "NULL"}, `"\x00\x00\x00\x00\x00\x00\x00\a"=none`},
		{keyed(id), "json", "json", false, []string{"7"}, `"7"="{}"`},
		{keyed(id), "json", "none", false, []string{"7"}, `"7"=none`},
	} {
		if got := encodeRow(t, c.cols, c.key, c.val, c.tombstone, c.row...); got != c.want {
			t.Errorf("%s/%s %v\ngot  %s\nwant %s", c.key, c.val, c.row, got, c.want)
		}
	}
	if _, err := newEncoder([]connectors.Column{id}, connectors.Formats{ValueFormat: "avro"}); pgerr.Code(err) != pgerr.FeatureNotSupported {
		t.Errorf("avro: %v", err)
	}
}

// TestJSONRoundTrip: what the encoder writes the decoder reads as the same value, for every type.
func TestJSONRoundTrip(t *testing.T) {
	values := []struct {
		t     types.Type
		texts []string
	}{
		{types.T(types.Bool), []string{"t", "f"}},
		{types.T(types.Int2), []string{"-32768", "32767"}},
		{types.T(types.Int8), []string{"-9223372036854775808", "9223372036854775807"}},
		{types.T(types.Float4), []string{"0.1", "-3.4028235e+38", "NaN", "Infinity"}},
		{types.T(types.Float8), []string{"0.1", "5e-324", "1.7976931348623157e+308", "-0", "-Infinity"}},
		{types.T(types.Numeric), []string{"0.00", "-12345678901234567890.123456789", "NaN"}},
		{types.T(types.Text), []string{"", "NULL", "é😀\"\\\n\t", "null", "</script>"}},
		{types.T(types.Bytea), []string{`\x`, `\x00ff10`}},
		{types.T(types.Date), []string{"2024-02-29", "0001-01-01", "0044-03-15 BC", "infinity"}},
		{types.T(types.Time), []string{"00:00:00", "23:59:59.999999", "24:00:00"}},
		{types.T(types.Timestamp), []string{"2024-02-29 01:02:03.000001", "0044-03-15 00:00:00 BC", "12024-01-01 00:00:00", "-infinity"}},
		{types.T(types.TimestampTZ), []string{"2024-02-29 01:02:03+00", "1969-12-31 23:59:59.999999+00", "infinity"}},
		{types.T(types.Interval), []string{"1 year 2 mons -3 days +04:05:06.7", "00:00:00"}},
		{types.T(types.UUID), []string{"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}},
		{types.T(types.JSONB), []string{`{"a": [1, 2.50, null], "bb": {}}`, `"x"`}},
		{types.ArrayOf(types.T(types.Int4)), []string{"{}", "{1,NULL,3}", "{{1,2},{3,4}}"}},
		{types.ArrayOf(types.T(types.Text)), []string{`{"",a,NULL,"NULL"}`}},
		{types.ArrayOf(types.T(types.Timestamp)), []string{`{"2024-02-29 01:02:03"}`}},
	}
	for _, c := range values {
		for _, text := range c.texts {
			if got := roundTrip(t, c.t, text); got != text {
				t.Errorf("%s: %s came back as %s", c.t, text, got)
			}
		}
	}
}

func roundTrip(t *testing.T, ty types.Type, text string) string {
	t.Helper()
	cols := []connectors.Column{{Name: "c", Type: ty}}
	e, err := newEncoder(cols, connectors.Formats{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := types.ParseText(ty, text, nil)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	_, js, err := e.Encode(nil, nil, &batch.Batch{Cols: []batch.Vec{batch.NewVec(ty, []types.Value{v})}, Weights: batch.Ones(1)}, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLayout(spec("t", cols...))
	if err != nil {
		t.Fatal(err)
	}
	r, err := l.newRowReader()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.add(rec("t", 0, "", string(js))); err != nil {
		return fmt.Sprintf("%s: %v", js, err)
	}
	b := r.seal()
	if b.Cols[0].NullMap().Has(0) {
		return "NULL from " + string(js)
	}
	return string(types.AppendText(nil, ty, batch.ValueAt(b.Cols[0], 0), nil))
}
