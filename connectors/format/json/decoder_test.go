package json

import (
	stdjson "encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"streamsql/connectors/format"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// table is a decoder with its row builder; columns are given as "name type" pairs.
type table struct {
	types []types.Type
	rows  *format.Rows
	dec   *Decoder
}

func newTable(t testing.TB, cols ...string) *table {
	t.Helper()
	tb := &table{}
	var decl []format.Column
	var ts []format.Target
	for i := 0; i < len(cols); i += 2 {
		ty := parseType(t, cols[i+1])
		tb.types = append(tb.types, ty)
		decl = append(decl, format.Column{Name: cols[i], Type: ty, Needed: true})
		ts = append(ts, format.Target{Col: i / 2, Name: cols[i], Type: ty})
	}
	d, err := NewDecoder(ts, Form{})
	if err != nil {
		t.Fatal(err)
	}
	tb.rows, tb.dec = format.NewRows(decl), d
	return tb
}

func parseType(t testing.TB, name string) types.Type {
	t.Helper()
	if el, ok := strings.CutSuffix(name, "[]"); ok {
		return types.ArrayOf(parseType(t, el))
	}
	var prec, scale int32
	if i := strings.IndexByte(name, '('); i > 0 {
		fmt.Sscanf(strings.ReplaceAll(name[i:], ",", " "), "(%d %d)", &prec, &scale)
		name = name[:i]
	}
	for k := types.Bool; k <= types.Array; k++ {
		if kindName[k] == name {
			return types.Type{Kind: k, Prec: prec, Scale: scale}
		}
	}
	t.Fatalf("no type %s", name)
	return types.Type{}
}

var kindName = map[types.Kind]string{
	types.Bool: "bool", types.Int2: "int2", types.Int4: "int4", types.Int8: "int8", types.Float4: "float4",
	types.Float8: "float8", types.Numeric: "numeric", types.Text: "text", types.Varchar: "varchar", types.Char: "char",
	types.Bytea: "bytea", types.Date: "date", types.Time: "time", types.Timestamp: "timestamp",
	types.TimestampTZ: "timestamptz", types.Interval: "interval", types.UUID: "uuid", types.JSON: "json",
	types.JSONB: "jsonb", types.OID: "oid",
}

// add decodes one record as one row.
func (tb *table) add(js string) error {
	tb.rows.Begin()
	if err := tb.dec.Decode([]byte(js), tb.rows); err != nil {
		tb.rows.Drop()
		return err
	}
	return tb.rows.End(1, true)
}

// row is a row of a batch as text.
func (tb *table) row(b *batch.Batch, i int) string {
	var out []string
	for c, v := range b.Cols {
		if v.NullMap().Has(i) {
			out = append(out, "NULL")
			continue
		}
		out = append(out, string(types.AppendText(nil, tb.types[c], batch.ValueAt(v, i), nil)))
	}
	return strings.Join(out, "|")
}

// decode returns the row that one record gives, as text, or its error as "code: message".
func (tb *table) decode(js string) string {
	if err := tb.add(js); err != nil {
		return pgerr.Code(err) + ": " + err.Error()
	}
	return tb.row(tb.rows.Seal(), 0)
}

func TestDecodeTypes(t *testing.T) {
	for _, c := range []struct{ typ, js, want string }{
		{"int2", `32767`, "32767"},
		{"int2", `32768`, `22003: column "c": value 32768 is out of range for type smallint`},
		{"int4", `-2147483648`, "-2147483648"},
		{"int4", `-2147483649`, `22003: column "c": value -2147483649 is out of range for type integer`},
		{"int8", `9223372036854775807`, "9223372036854775807"},
		{"int8", `-9223372036854775808`, "-9223372036854775808"},
		{"int8", `9223372036854775808`, `22003: column "c": value 9223372036854775808 is out of range for type bigint`},
		{"int8", `1.0`, "1"},
		{"int8", `12e3`, "12000"},
		{"int8", `-0`, "0"},
		{"int8", `1.5`, `22P02: column "c": invalid value for type bigint: 1.5`},
		{"int8", `1e30`, `22003: column "c": value 1e30 is out of range for type bigint`},
		{"int8", `1e999999999`, `22003: column "c": value 1e999999999 is out of range for type bigint`},
		{"int8", `1e-999999999`, `22P02: column "c": invalid value for type bigint: 1e-999999999`},
		{"int8", `"42"`, "42"},
		{"int8", `"x"`, `22P02: column "c": invalid value for type bigint: x`},
		{"int8", `true`, `22P02: column "c": invalid value for type bigint: true`},
		{"int8", `{"a":1}`, `22P02: column "c": invalid value for type bigint: {"a":1}`},
		{"int8", `01`, "22P02: invalid input syntax for type json"},
		{"int8", `null`, "NULL"},
		{"int8", `nul`, "22P02: invalid input syntax for type json"},
		{"bool", `true`, "t"},
		{"bool", `false`, "f"},
		{"bool", `"true"`, `22P02: column "c": invalid value for type boolean: "true"`},
		{"float8", `1.5e3`, "1500"},
		{"float8", `"NaN"`, "NaN"},
		{"float8", `"-Infinity"`, "-Infinity"},
		{"float8", `1e400`, `22003: column "c": value 1e400 is out of range for type double precision`},
		{"float8", `1e-400`, `22003: column "c": value 1e-400 is out of range for type double precision`},
		{"float8", `0e5`, "0"},
		{"float4", `0.1`, "0.1"},
		{"float4", `1e39`, `22003: column "c": value 1e39 is out of range for type real`},
		{"numeric", `12345678901234567890.10`, "12345678901234567890.10"},
		{"numeric", `"1.50"`, "1.50"},
		{"numeric(10,2)", `1.005`, "1.01"},
		{"numeric", `[]`, `22P02: column "c": invalid value for type numeric: []`},
		{"text", `"a b"`, "a b"},
		{"text", `""`, ""},
		{"text", `"a\n\"\\\/\u00e9\ud83d\ude00"`, "a\n\"\\/é😀"},
		{"text", `"\ud83d"`, `22P02: column "c": unicode surrogate without its other half`},
		{"text", `"\ud83dxxxxxx"`, `22P02: column "c": unicode surrogate without its other half`},
		{"text", `"\u0000"`, `22P05: column "c": \u0000 cannot be converted to text`},
		{"text", "\"\xff\"", `22021: column "c": invalid byte sequence for encoding "UTF8"`},
		{"text", `12.50`, "12.50"},
		{"text", `true`, "true"},
		{"text", `{"a": [1, 2]}`, `{"a": [1, 2]}`},
		{"varchar(3)", `"abc"`, "abc"},
		{"timestamp", `"2024-02-29 12:34:56"`, "2024-02-29 12:34:56"},
		{"timestamp", `"2024-02-29T12:34:56.789"`, "2024-02-29 12:34:56.789"},
		{"timestamp", `"2024-02-29T12:34:56.7891235Z"`, "2024-02-29 12:34:56.789124"},
		{"timestamp", `"2024-02-29T12:34:56+02:00"`, "2024-02-29 10:34:56"},
		{"timestamp", `"1969-12-31 23:59:59.5"`, "1969-12-31 23:59:59.5"},
		{"timestamp", `1700000000123`, "2023-11-14 22:13:20.123"},
		{"timestamp", `0`, "1970-01-01 00:00:00"},
		{"timestamp", `-1`, "1969-12-31 23:59:59.999"},
		{"timestamp", `1700000000123.25`, "2023-11-14 22:13:20.12325"},
		{"timestamp", `99999999999999999`, `22008: column "c": timestamp out of range: 99999999999999999`},
		{"timestamp", `false`, `22P02: column "c": invalid value for type timestamp without time zone: false`},
		{"timestamptz", `"2024-02-29T12:34:56-0130"`, "2024-02-29 14:04:56+00"},
		{"date", `"2024-02-29"`, "2024-02-29"},
		{"date", `19782`, "2024-02-29"},
		{"date", `1.5`, `22P02: column "c": invalid value for type date: 1.5`},
		{"time", `"12:34:56.5"`, "12:34:56.5"},
		{"time", `45296500`, "12:34:56.5"},
		{"time", `86400001`, `22003: column "c": value 86400001 is out of range for type time without time zone`},
		{"interval", `"1 day 02:00:00"`, "1 day 02:00:00"},
		{"interval", `5`, `22P02: column "c": invalid value for type interval: 5`},
		{"bytea", `"AQID"`, `\x010203`},
		{"bytea", `"??"`, `22P02: column "c": invalid value for type bytea: ??`},
		{"uuid", `"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
		{"json", `{"b":1, "a":null}`, `{"b":1, "a":null}`},
		{"jsonb", `{"bb":1,"a":[1,2],"a":null}`, `{"a": null, "bb": 1}`},
		{"jsonb", `null`, `NULL`},
		{"int4[]", `[1,null, 3]`, "{1,NULL,3}"},
		{"int4[]", `[]`, "{}"},
		{"int4[]", `[[1,2],[3,4]]`, "{{1,2},{3,4}}"},
		{"int4[]", `[[1,2],[3]]`, `22P02: column "c": arrays of one value must have the same dimensions`},
		{"int4[]", `[1,[2]]`, `22P02: column "c": arrays of one value must have the same dimensions`},
		{"int4[]", `[1,"x"]`, `22P02: column "c": invalid value for type integer: x`},
		{"int4[]", `7`, `22P02: column "c": invalid value for type integer[]: 7`},
		{"text[]", `["a\u0062", "c,d", 1]`, `{ab,"c,d",1}`},
	} {
		t.Run(c.typ+" "+c.js, func(t *testing.T) {
			if got := newTable(t, "c", c.typ).decode(`{"c":` + c.js + `}`); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestDecodeObjects(t *testing.T) {
	for _, c := range []struct{ js, want string }{
		{`{"a":1,"b":"x"}`, "1|x"},
		{`{"b":"x","a":1}`, "1|x"},
		{` { "a" : 1 , "b" : "x" } `, "1|x"},
		{`{"b":"x"}`, "NULL|x"},
		{`{}`, "NULL|NULL"},
		{`{"A":1,"B":"x"}`, "1|x"},
		{`{"a":1,"A":2}`, "1|NULL"},
		{`{"A":2,"a":1}`, "1|NULL"},
		{`{"a":1,"a":2}`, "2|NULL"},
		{`{"a":1,"a":null}`, "NULL|NULL"},
		{`{"b":"long string","b":"x","b":null,"b":"y"}`, "NULL|y"},
		{`{"\u0061":3}`, "3|NULL"},
		{`{"\u0041":3}`, "3|NULL"},
		{`{"x":{"a":5,"y":[1,{"b":2}]},"a":1}`, "1|NULL"},
		{`{"a":1}x`, "22P02: invalid input syntax for type json"},
		{`{"a":1,}`, "22P02: invalid input syntax for type json"},
		{`{"a" 1}`, "22P02: invalid input syntax for type json"},
		{`{"a":1 "b":2}`, "22P02: invalid input syntax for type json"},
		{`{a:1}`, "22P02: invalid input syntax for type json"},
		{`{"a":}`, "22P02: invalid input syntax for type json"},
		{`{"z":}`, "22P02: invalid input syntax for type json"},
		{`{"a":1`, "22P02: invalid input syntax for type json"},
		{`{`, "22P02: invalid input syntax for type json"},
		{``, "22P02: invalid input syntax for type json"},
		{`[1]`, "22P02: record is not a JSON object"},
		{"{\"z\":\"\x01\"}", "22P02: invalid input syntax for type json"},
		{`{"z":"\x"}`, "22P02: invalid input syntax for type json"},
		{`{"z":` + strings.Repeat("[", DepthMax+1) + strings.Repeat("]", DepthMax+1) + `}`, "22P02: invalid input syntax for type json"},
		{`{"z":` + strings.Repeat("[", DepthMax-1) + strings.Repeat("]", DepthMax-1) + `,"a":1}`, "1|NULL"},
	} {
		tb := newTable(t, "a", "int8", "b", "text")
		for range 3 { // the second time keys are predicted
			if got := tb.decode(c.js); got != c.want {
				t.Errorf("%.60s\ngot  %s\nwant %s", c.js, got, c.want)
			}
		}
	}
}

// TestPredictionChanges mixes records of several shapes: what one predicts must not leak into the next.
func TestPredictionChanges(t *testing.T) {
	tb := newTable(t, "a", "int8", "b", "text", "ab", "int8")
	in := []string{`{"a":1,"b":"x","ab":9}`, `{"b":"y"}`, `{"a":2,"ab":3}`, `{"ab":4,"b":"z","a":5}`, `{"abc":7,"a":6}`, `{"B":"q","a":6}`}
	want := []string{"1|x|9", "NULL|y|NULL", "2|NULL|3", "5|z|4", "6|NULL|NULL", "6|q|NULL"}
	for i := range 100 {
		k := i * 7 % len(in)
		if got := tb.decode(in[k]); got != want[k] {
			t.Fatalf("%s: got %s, want %s", in[k], got, want[k])
		}
	}
}

// TestRollBack has good rows around a bad one whose first columns are already set.
func TestRollBack(t *testing.T) {
	tb := newTable(t, "a", "int8", "b", "text", "c", "int4")
	tb.rows.Hint(100)
	for i := range 150 {
		if err := tb.add(fmt.Sprintf(`{"a":%d,"b":"row %d","c":7}`, i, i)); err != nil {
			t.Fatal(err)
		}
		if err := tb.add(`{"a":-5,"b":"must not be seen","c":"x"}`); err == nil {
			t.Fatal("no error")
		}
		if err := tb.add(`{"b":"n"}`); err != nil {
			t.Fatal(err)
		}
	}
	b := tb.rows.Seal()
	if b.Rows() != 300 {
		t.Fatalf("%d rows", b.Rows())
	}
	for i := range 150 {
		if got, want := tb.row(b, 2*i), fmt.Sprintf("%d|row %d|7", i, i); got != want {
			t.Fatalf("row %d: %s, want %s", 2*i, got, want)
		}
		if got := tb.row(b, 2*i+1); got != "NULL|n|NULL" {
			t.Fatalf("row %d: %s", 2*i+1, got)
		}
	}
}

func TestKeyDecoder(t *testing.T) {
	int8T := types.T(types.Int8)
	bare := func(js string) string {
		d, err := NewDecoder([]format.Target{{Col: 0, Name: "id", Type: int8T}}, Form{Key: true, Bare: true})
		if err != nil {
			t.Fatal(err)
		}
		tb := &table{types: []types.Type{int8T}, rows: format.NewRows([]format.Column{{Name: "id", Type: int8T, Needed: true}}), dec: d}
		return tb.decode(js)
	}
	for js, want := range map[string]string{`7`: "7", ` 7 `: "7", `{"id":7}`: "7", `null`: "NULL", `7 8`: "22P02: invalid input syntax for type json", `[7]`: `22P02: column "id": invalid value for type bigint: [7]`} {
		if got := bare(js); got != want {
			t.Errorf("%s: got %s, want %s", js, got, want)
		}
	}
}

func TestRefusedTypes(t *testing.T) {
	_, err := NewDecoder([]format.Target{{Name: "o", Type: types.T(types.OID)}}, Form{})
	if pgerr.Code(err) != pgerr.FeatureNotSupported {
		t.Fatalf("got %v", err)
	}
}

// TestManyKeys sends ever new keys: memory is bounded and wanted keys are still found.
func TestManyKeys(t *testing.T) {
	tb := newTable(t, "late", "int8")
	for i := range 2000 {
		if got := tb.decode(fmt.Sprintf(`{"k%d":1,"late":%d}`, i, i)); got != fmt.Sprint(i) {
			t.Fatal(got)
		}
	}
	if n := len(tb.dec.known); n > knownKeysMax {
		t.Fatalf("%d keys remembered", n)
	}
}

const bid = `{"auction":123456,"bidder":98765,"price":4711,"channel":"Google","url":"https://www.nexmark.com/item.htm","dateTime":"2023-01-01 00:00:01.234","extra":"abcdefgh"}`

func TestNoAllocations(t *testing.T) {
	tb := newTable(t, "auction", "int8", "price", "int8", "datetime", "timestamp", "channel", "text")
	in := []byte(bid)
	tb.rows.Hint(batch.RowsMax)
	n := testing.AllocsPerRun(1000, func() {
		tb.rows.Begin()
		if err := tb.dec.Decode(in, tb.rows); err != nil {
			t.Fatal(err)
		}
		_ = tb.rows.End(1, true)
	})
	if n != 0 {
		t.Fatalf("%v allocations a record", n)
	}
}

// FuzzDecode compares acceptance and values with encoding/json.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{bid, `{"i":1,"s":"x","b":true,"f":1.5}`, `{"s":"\u00e9\ud83d\ude00\n"}`, `{"i":1,"i":2}`, `{"x":[{},[1e5,"q"]],"f":-0.0e-1}`, `{"s":5}`, `{"b":null}`, `{"I":3,"i":4}`, " {\t\"i\" :\r\n7 } "} {
		f.Add([]byte(s))
	}
	tb := newTable(f, "i", "int8", "s", "text", "b", "bool", "f", "float8")
	f.Fuzz(func(t *testing.T, in []byte) {
		err := tb.add(string(in))
		var row string
		if err == nil {
			row = tb.row(tb.rows.Seal(), 0)
		}
		var m map[string]stdjson.RawMessage
		stdErr := stdjson.Unmarshal(in, &m)
		if string(in) == "null" || strings.TrimSpace(string(in)) == "null" {
			return
		}
		if err == nil && stdErr != nil {
			t.Fatalf("accepted %q as %s, encoding/json: %v", in, row, stdErr)
		}
		if err != nil {
			if stdErr == nil && strings.Contains(err.Error(), "invalid input syntax for type json") && utf8.Valid(in) {
				t.Fatalf("refused %q: %v", in, err)
			}
			return
		}
		compareRow(t, in, m, row)
	})
}

// compareRow checks the row of an accepted record, where its keys name the columns exactly and once.
func compareRow(t *testing.T, in []byte, m map[string]stdjson.RawMessage, row string) {
	if !utf8.Valid(in) || strings.Contains(row, "|") && strings.Count(row, "|") != 3 {
		return
	}
	for k := range m {
		if l := strings.ToLower(k); l != k && (l == "i" || l == "s" || l == "b" || l == "f") {
			return
		}
	}
	cols := strings.Split(row, "|")
	if raw, ok := m["s"]; ok && raw[0] == '"' {
		var s string
		if err := stdjson.Unmarshal(raw, &s); err != nil || s != cols[1] {
			t.Fatalf("%q: s = %q, encoding/json %q (%v)", in, cols[1], s, err)
		}
	}
	if raw, ok := m["i"]; ok && raw[0] != '"' {
		var n int64
		if err := stdjson.Unmarshal(raw, &n); err == nil && fmt.Sprint(n) != cols[0] && string(raw) != "null" {
			t.Fatalf("%q: i = %s, encoding/json %d", in, cols[0], n)
		}
	}
	if raw, ok := m["b"]; ok && string(raw) == "true" != (cols[2] == "t") {
		t.Fatalf("%q: b = %s", in, cols[2])
	}
	for i, k := range []string{"i", "s", "b", "f"} {
		raw, ok := m[k]
		if isNull := !ok || string(raw) == "null"; isNull && cols[i] != "NULL" {
			t.Fatalf("%q: %s = %s, want NULL", in, k, cols[i])
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	in := []byte(bid)
	b.Run("ours/columns=3of7", func(b *testing.B) { benchOurs(b, in, "auction", "int8", "price", "int8", "datetime", "timestamp") })
	b.Run("ours/columns=4of7+text", func(b *testing.B) {
		benchOurs(b, in, "auction", "int8", "price", "int8", "datetime", "timestamp", "channel", "text")
	})
	b.Run("encodingjson/columns=3of7", func(b *testing.B) {
		b.SetBytes(int64(len(in)))
		b.ReportAllocs()
		for b.Loop() {
			var v struct {
				Auction, Price int64
				DateTime       string
			}
			if err := stdjson.Unmarshal(in, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func benchOurs(b *testing.B, in []byte, cols ...string) {
	tb := newTable(b, cols...)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		tb.rows.Hint(batch.RowsMax)
		tb.rows.Begin()
		if err := tb.dec.Decode(in, tb.rows); err != nil {
			b.Fatal(err)
		}
		if err := tb.rows.End(1, true); err != nil {
			b.Fatal(err)
		}
		if tb.rows.Full() {
			tb.rows.Seal()
		}
	}
}

// FuzzTypes gives any value to a column of every type: a row or an error with a code, never a panic, and after an
// error the decoder still works.
func FuzzTypes(f *testing.F) {
	for _, s := range []string{`1`, `-1.5e3`, `"2024-02-29T01:02:03.5Z"`, `[1,[2]]`, `["a",null]`, `{"a":{"b":[]}}`, `"1 day"`, `"AQID"`, `1e999999999`, `-1e-999999999`, `"\ud83d\ude00"`} {
		f.Add([]byte(s))
	}
	names := []string{"int2", "int8", "float4", "float8", "numeric", "numeric(10,2)", "bool", "text", "varchar(5)", "char(3)", "bytea", "date", "time",
		"timestamp", "timestamptz", "interval", "uuid", "json", "jsonb", "int4[]", "text[]", "timestamp[]", "jsonb[]", "numeric[]"}
	var tables []*table
	for _, n := range names {
		tables = append(tables, newTable(f, "c", n))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		js := `{"c":` + string(in) + `}`
		valid := stdjson.Valid([]byte(js))
		for i, tb := range tables {
			err := tb.add(js)
			if err == nil {
				if !valid {
					t.Fatalf("%s accepts %q", names[i], js)
				}
				tb.row(tb.rows.Seal(), 0)
			} else if code := pgerr.Code(err); code == "" || code == pgerr.InternalError {
				t.Fatalf("%s, %q: %v", names[i], js, err)
			}
			if got := tb.decode(`{"c":null}`); got != "NULL" {
				t.Fatalf("%s after %q: %s", names[i], js, got)
			}
		}
	})
}
