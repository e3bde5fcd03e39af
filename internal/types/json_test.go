package types

import (
	"testing"

	"streamsql/internal/pgerr"
)

func TestAppendJSON(t *testing.T) {
	rec := Type{Kind: Record, Fields: []Field{{"a", T(Int4)}, {"B c", T(Text)}}}
	for _, c := range []struct {
		typ        Type
		text, want string
	}{
		{T(Bool), "t", "true"}, {T(Int8), "-5", "-5"}, {T(Float8), "1e20", "1e+20"}, {T(Float8), "NaN", `"NaN"`},
		{T(Numeric), "1.50", "1.50"}, {T(Numeric), "NaN", `"NaN"`}, {T(Text), "a\"b\n\x01é", `"a\"b\n\u0001é"`},
		{T(Timestamp), "2000-01-02 03:04:05.5", `"2000-01-02T03:04:05.5"`},
		{T(TimestampTZ), "2000-01-02 03:04:05+02", `"2000-01-02T01:04:05+00:00"`},
		{T(Timestamp), "0044-03-15 12:00 BC", `"0044-03-15T12:00:00 BC"`}, {T(Timestamp), "infinity", `"infinity"`},
		{T(Date), "2000-01-02", `"2000-01-02"`}, {T(Interval), "1 day 2:00", `"1 day 02:00:00"`},
		{T(Bytea), `\x0102ff`, `"AQL/"`}, {T(JSONB), `{"b":1, "a":2}`, `{"a": 2, "b": 1}`}, {T(JSON), `{ "b" : 1 }`, `{ "b" : 1 }`},
		{T(UUID), "a0eebc999c0b4ef8bb6d6bb9bd380a11", `"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`},
		{ArrayOf(T(Int4)), "{{1,NULL},{3,4}}", "[[1,null],[3,4]]"}, {ArrayOf(T(Text)), "{}", "[]"},
		{rec, "(1,)", `{"a":1,"B c":null}`},
		{Type{Kind: Map, Key: &Type{Kind: Text}, Elem: &Type{Kind: Int4}}, `{"b":1,"a":null,"b":2}`, `{"a":null,"b":2}`},
	} {
		v, err := ParseText(c.typ, c.text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(AppendJSON(nil, c.typ, v)); got != c.want {
			t.Errorf("%s %q: have %s, want %s", c.typ, c.text, got, c.want)
		}
	}
}

func TestParseJSON(t *testing.T) {
	rec := Type{Kind: Record, Fields: []Field{{"a", T(Int4)}, {"b", T(Text)}}}
	for _, c := range []struct {
		typ              Type
		json, want, code string
	}{
		{T(Int4), "1", "1", ""}, {T(Int4), "1.0", "1", ""}, {T(Int4), "1e3", "1000", ""}, {T(Int4), `"12"`, "12", ""},
		{T(Int4), "1.5", "", pgerr.InvalidTextRepresentation}, {T(Int4), "3000000000", "", pgerr.NumericValueOutOfRange},
		{T(Int4), "true", "", pgerr.InvalidTextRepresentation}, {T(Int4), "null", "NULL", ""}, {T(Int4), "[1]", "", pgerr.InvalidTextRepresentation},
		{T(Bool), "true", "t", ""}, {T(Bool), `"no"`, "f", ""}, {T(Bool), "1", "", pgerr.InvalidTextRepresentation},
		{T(Text), "12.50", "12.50", ""}, {T(Text), `{"a" :1}`, `{"a": 1}`, ""}, {T(Text), `"x\u00e9"`, "xé", ""},
		{T(Numeric), "1.50", "1.50", ""}, {Type{Kind: Numeric, Prec: 3, Scale: 1}, "12.34", "12.3", ""},
		{T(Timestamp), `"2000-01-02T03:04:05Z"`, "2000-01-02 03:04:05", ""}, {T(Timestamp), "5", "", pgerr.InvalidTextRepresentation},
		{T(Bytea), `"AQL/"`, `\x0102ff`, ""}, {T(Bytea), `"?"`, "", pgerr.InvalidTextRepresentation},
		{ArrayOf(T(Int4)), "[1,null]", "{1,NULL}", ""}, {ArrayOf(T(Int4)), "[[1,2],[3,4]]", "{{1,2},{3,4}}", ""},
		{ArrayOf(T(Int4)), "[[1,2],[3]]", "", pgerr.InvalidTextRepresentation}, {ArrayOf(T(JSONB)), "[[1],2]", `{[1],2}`, ""},
		{rec, `{"B":"x","z":1}`, "(,x)", ""}, {rec, "[1]", "", pgerr.InvalidTextRepresentation},
		{T(JSONB), `{"b":1,"a":[1.0]}`, `{"a": [1.0], "b": 1}`, ""}, {T(JSON), ` {"b":1}`, ` {"b":1}`, ""}, {T(Int4), "1 2", "", pgerr.InvalidTextRepresentation},
	} {
		v, err := ParseJSON(c.typ, []byte(c.json))
		if pgerr.Code(err) != c.code {
			t.Errorf("%s %s: %v, want code %q", c.typ, c.json, err, c.code)
		} else if err == nil && show(c.typ, v) != c.want {
			t.Errorf("%s %s: have %s, want %s", c.typ, c.json, show(c.typ, v), c.want)
		}
	}
}

// TestJSONDetails: the first thing that is wrong is named as PostgreSQL names it.
func TestJSONDetails(t *testing.T) {
	for in, want := range map[string]string{
		"": "The input string ended unexpectedly.", "tru": `Token "tru" is invalid.`, `{a:1}`: `Token "a" is invalid.`,
		`{"a":1,}`: `Expected string, but found "}".`, "[1 2]": `Expected "," or "]", but found "2".`, "1 2": `Expected end of input, but found "2".`,
		`{"a"}`: `Expected ":", but found "}".`, "[,1]": `Expected JSON value, but found ",".`, `{1:2}`: `Expected string or "}", but found "1".`,
		`"\x"`: `Escape sequence "\x" is invalid.`, "01": `Token "01" is invalid.`,
	} {
		_, err := NormalizeJSONB([]byte(in))
		if e := pgerr.From(err); err == nil || e.Detail != want {
			t.Errorf("%q: %v, %q, want %q", in, err, e.Detail, want)
		}
	}
}
