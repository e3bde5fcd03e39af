package delimited

import (
	"strings"
	"testing"

	"streamsql/connectors/format"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

var kinds = []types.Type{types.T(types.Int4), types.T(types.Text), types.T(types.Timestamp), types.T(types.Bytea), types.ArrayOf(types.T(types.Int4))}

func decode(t testing.TB, line string, delim byte, need ...int) (*batch.Batch, error) {
	t.Helper()
	cols := make([]format.Column, len(kinds))
	fields := make([]format.Target, len(kinds))
	for i, ty := range kinds {
		name := string(rune('a' + i))
		cols[i] = format.Column{Name: name, Type: ty}
		fields[i] = format.Target{Col: -1, Name: name, Type: ty}
	}
	for _, i := range need {
		cols[i].Needed, fields[i].Col = true, i
	}
	d, err := NewDecoder(fields, delim, false)
	if err != nil {
		t.Fatal(err)
	}
	r := format.NewRows(cols)
	r.Begin()
	if err := d.Decode([]byte(line), r); err != nil {
		return nil, err
	}
	if err := r.End(1, true); err != nil {
		return nil, err
	}
	return r.Seal(), nil
}

func text(b *batch.Batch) string {
	var out []string
	for i, v := range b.Cols {
		switch {
		case v == nil:
			out = append(out, "-")
		case v.NullMap().Has(0):
			out = append(out, "NULL")
		default:
			out = append(out, string(types.AppendText(nil, kinds[i], batch.ValueAt(v, 0), nil)))
		}
	}
	return strings.Join(out, "|")
}

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		line, want string
		delim      byte
	}{
		{`1,x,2024-02-29 01:02:03,AQI=,"{1,2}"`, `1|x|2024-02-29 01:02:03|\x0102|{1,2}`, ','},
		{"1;x;1000;;\r\n", `1|x|1970-01-01 00:00:01|NULL|NULL`, ';'},
		{`,"",,,`, `NULL||NULL|NULL|NULL`, ','},
		{`1,"a ""b"", c
d",,,`, "1|a \"b\", c\nd|NULL|NULL|NULL", ','},
		{"1\tx y\t\t\t", `1|x y|NULL|NULL|NULL`, '\t'},
		{`1,x`, "22P04: record has 2 fields where 5 are declared", ','},
		{`1,x,,,,`, "22P04: record has 6 fields where 5 are declared", ','},
		{`1,"x,,,`, "22P04: unterminated quoted field at byte 2", ','},
		{`1,"x"y,,,`, "22P04: text after quoted field at byte 5", ','},
		{`1,x"y,,,`, "22P04: unquoted line end or quote in field at byte 2", ','},
		{"1,x\ny,,,", "22P04: unquoted line end or quote in field at byte 2", ','},
		{`x,,,,`, `22P02: column "a": invalid input syntax for type integer: "x"`, ','},
		{`3000000000,,,,`, `22003: column "a": value "3000000000" is out of range for type integer`, ','},
		{`,,,?,`, `22P02: column "d": invalid base64`, ','},
		{",\xff,,,", `22021: column "b": invalid byte sequence for encoding "UTF8"`, ','},
	} {
		b, err := decode(t, c.line, c.delim, 0, 1, 2, 3, 4)
		got := ""
		if err != nil {
			got = pgerr.Code(err) + ": " + err.Error()
		} else {
			got = text(b)
		}
		if got != c.want {
			t.Errorf("%q\ngot  %s\nwant %s", c.line, got, c.want)
		}
	}
}

func TestDecodeNeeded(t *testing.T) {
	b, err := decode(t, `1,x,not a time,,`, ',', 1)
	if err != nil || text(b) != "-|x|-|-|-" {
		t.Fatalf("%v, %v", b, err)
	}
}

func TestDelimiters(t *testing.T) {
	for s, want := range map[string]byte{"": ',', "|": '|', "TAB": '\t', "SPACE": ' '} {
		if d, err := ParseDelimiter(s); d != want || err != nil {
			t.Errorf("%q: %q, %v", s, d, err)
		}
	}
	for _, s := range []string{"ab", `"`, "\n", "é"} {
		if _, err := ParseDelimiter(s); pgerr.Code(err) != pgerr.InvalidParameterValue {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// FuzzRoundTrip encodes a row of any texts and reads it back.
func FuzzRoundTrip(f *testing.F) {
	f.Add(int32(1), "a,b", "\"\r\n", byte(';'))
	f.Add(int32(-1), "", " x ", byte('\t'))
	ts := []format.Target{{Col: 0, Name: "n", Type: types.T(types.Int4)}, {Col: 1, Name: "s", Type: types.T(types.Text)}, {Col: 2, Name: "t", Type: types.T(types.Text)}}
	var cols []format.Column
	for _, t := range ts {
		cols = append(cols, format.Column{Name: t.Name, Type: t.Type, Needed: true})
	}
	f.Fuzz(func(t *testing.T, n int32, s, u string, delim byte) {
		if _, err := ParseDelimiter(string(rune(delim))); err != nil || strings.IndexByte(s+u, 0) >= 0 || strings.ToValidUTF8(s+u, "") != s+u || delim == '-' || delim-'0' <= 9 {
			return
		}
		r := format.NewRows(cols)
		r.Begin()
		r.SetInt(0, int64(n))
		r.SetBytes(1, []byte(s))
		r.SetBytes(2, []byte(u))
		_ = r.End(1, true)
		e, _ := NewEncoder(ts, delim, false)
		line, err := e.Append(nil, r.Seal(), 0)
		if err != nil {
			t.Fatal(err)
		}
		d, _ := NewDecoder(ts, delim, false)
		r.Begin()
		if err := d.Decode(line, r); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		_ = r.End(1, true)
		b := r.Seal()
		if b.Cols[0].(*batch.Ints).V[0] != int64(n) || string(b.Cols[1].(*batch.Bytes).At(0)) != s || string(b.Cols[2].(*batch.Bytes).At(0)) != u {
			t.Fatalf("%q does not give %d %q %q", line, n, s, u)
		}
	})
}
