package expr

import (
	"testing"

	"streamsql/internal/types"
)

func TestKSQLJSON(t *testing.T) {
	runKSQL(t, []ksqlCase{
		{"extractjsonfield", args(`{"name": "cdd", "@type": "VAL"}}`, "$.@type"), "VAL"}, {"extractjsonfield", args(`{"a": [1.23450, {"b c": null}]}`, `$.a[0]`), "1.23450"},
		{"extractjsonfield", args(`{"a": [1, {"b c": null}]}`, `$.a[1]["b c"]`), "null"}, {"extractjsonfield", args(`{"a": [1]}`, `$.a[-1]`), "NULL"}, {"extractjsonfield", args(`{"a": [1]}`, `$.a.b`), "NULL"},
		{"extractjsonfield", args(`{"a": {"b" : 1, "b" : "\u00e9/"} }`, " $ . a"), `{"b":"é/"}`}, {"extractjsonfield", args(`"x"`, "$.a"), "NULL"}, {"extractjsonfield", args(`[1]`, "$"), "[1]"}, {"extractjsonfield", args("", "$.a"), "NULL"},
		{"extractjsonfield", args(`{"a": 1`, "$.a"), "!22P02"}, {"extractjsonfield", args(`{}`, "a"), "!22023"}, {"extractjsonfield", args(`{}`, "$.a["), "!22023"}, {"extractjsonfield", args(`{}`, "$."), "!22023"}, {"extractjsonfield", args(nil, "$.a"), "NULL"},
		{"is_json_string", args("abc"), "f"}, {"is_json_string", args(`"abc"`), "t"}, {"is_json_string", args(""), "f"}, {"is_json_string", args(nil), "f"}, {"is_json_string", args("[1, 2"), "f"}, {"is_json_string", args("01"), "f"}, {"is_json_string", args("{} x"), "t"},
		{"json_array_contains", args("[1, 2]", 2), "t"}, {"json_array_contains", args("[1, 2]", int64(3)), "f"}, {"json_array_contains", args("[1.0, 2]", 1.0), "t"}, {"json_array_contains", args("[1]", 1.0), "f"}, {"json_array_contains", args(`["a", ["b"]]`, "b"), "f"},
		{"json_array_contains", args(`["\u0061"]`, "a"), "t"}, {"json_array_contains", args("[null]", nil), "t"}, {"json_array_contains", args("[true]", true), "t"}, {"json_array_contains", args("[true]", false), "f"}, {"json_array_contains", args("{}", 1), "f"}, {"json_array_contains", args("[1", 1), "f"},
		{"json_array_length", args("[]"), "0"}, {"json_array_length", args("{}"), "NULL"}, {"json_array_length", args(""), "NULL"}, {"json_array_length", args("[1,"), "!22P02"},
		{"json_concat", args(`{"a": {"5": 6}, "b": 1e3}`, `{"a": {"3": 4}}`), `{"a":{"3":4},"b":1000}`}, {"json_concat", args("[1, 2]", `{"a": 1}`, "null"), `[1,2,{"a":1},null]`}, {"json_concat", args("null", "null"), "[null,null]"}, {"json_concat", args("[]", "[]"), "[]"},
		{"json_concat", args("{}", "{}"), "{}"}, {"json_concat", args("1", ""), "NULL"}, {"json_concat", args("1", nil), "NULL"}, {"json_concat", args(" 5 "), "5"}, {"json_concat", args("1", "x"), "!22P02"},
		{"json_items", args("[]"), "{}"}, {"json_items", args(`["a", {"b": 2.0e2}, null]`), `{"\"a\"","{\"b\":2.0E+2}","null"}`}, {"json_items", args("{}"), "!22P02"},
		{"json_keys", args(`{"a": 1, "b": 2, "a": 3}`), "{a,b}"}, {"json_keys", args("[]"), "NULL"},
		{"url_extract_host", args("http://test@confluent.io:8080"), "confluent.io"}, {"url_extract_path", args("http://www.test.com?query#fragment"), ""}, {"url_extract_protocol", args("www.confluent.io"), "NULL"}, {"url_extract_port", args("http://a.b:80"), "80"}, {"url_extract_port", args("http://a.b"), "NULL"},
		{"url_extract_query", args("http://h/p?a%20b=%C3%A4"), "a b=ä"}, {"url_extract_fragment", args("http://h/p"), "NULL"}, {"url_extract_host", args("http://my_host/x"), "NULL"}, {"url_extract_host", args("http://a b/"), "!22023"}, {"url_extract_path", args("mailto:a@b.c"), "NULL"},
		{"url_extract_host", args("http://[::1]:90/"), "[::1]"}, {"url_extract_parameter", args("http://h?a=1&b&a=2", "a"), "1"}, {"url_extract_parameter", args("http://h?a=1&b", "b"), ""}, {"url_extract_parameter", args("http://h?a=1&b", "c"), "NULL"},
		{"url_encode_param", args("a b/ä*~"), "a+b%2F%C3%A4*%7E"}, {"url_decode_param", args("a+b%2F%C3%A4"), "a b/ä"}, {"url_decode_param", args("%2"), "!22023"},
	})
}

// TestKSQLRegex holds what Java's expressions do otherwise than Go's.
func TestKSQLRegex(t *testing.T) {
	runKSQL(t, []ksqlCase{
		{"regexp_extract", args("(.*) (.*)", "steven zhang", 2), "zhang"}, {"regexp_extract", args("test.", "anothertest"), "NULL"}, {"regexp_extract", args("a(b)?", "a", 1), "NULL"}, {"regexp_extract", args("a", "a", 1), "NULL"}, {"regexp_extract", args("a", "a", -1), "!22023"},
		{"regexp_extract", args("a|ab", "ab"), "a"}, {"regexp_extract", args(".+", "a\rb"), "a"}, {"regexp_extract", args("(?s).+", "a\rb"), "a\rb"}, {"regexp_extract", args("(?s:.)(?-s:.)", "\r\nab"), "\na"},
		{"regexp_extract", args(`\Qa.b\E+`, "xa.bb"), "a.bb"}, {"regexp_extract", args(`[a[bc]]+`, "xabcd"), "abc"}, {"regexp_extract", args(`[\w&&[^b]]`, "b"), "!0A000"}, {"regexp_extract", args(`(?<y>\d{4})`, "in 2020", 1), "2020"}, {"regexp_extract", args(`\p{Alpha}+`, "1ab"), "ab"},
		{"regexp_extract", args(`\P{Lower}`, "aB"), "B"}, {"regexp_extract", args(`\x41\u0042\0103`, "ABC"), "ABC"}, {"regexp_extract", args(`[]a]+`, "x]a"), "]a"}, {"regexp_extract", args(`(?=a)`, "a"), "!0A000"}, {"regexp_extract", args(`(a)\1`, "aa"), "!0A000"}, {"regexp_extract", args(`a++`, "aa"), "!0A000"},
		{"regexp_extract", args(`(`, "a"), "!2201B"}, {"regexp_extract", args(`a{,2}`, "a"), "!2201B"}, {"regexp_extract", args(nil, "a"), "NULL"}, {"regexp_extract", args(`(?x)a b`, "ab"), "!0A000"}, {"regexp_extract", args(`\p{InGreek}`, "α"), "!0A000"}, {"regexp_extract", args(`\p{Nope}`, "α"), "!2201B"},
		{"regexp_extract_all", args("(\\w+) (\\w*)", "apurva mehta agavra ", 2), `{mehta,""}`}, {"regexp_extract_all", args("x*", "axb"), `{"",x,"",""}`}, {"regexp_extract_all", args("b", "a"), "{}"}, {"regexp_extract_all", args("b", "b", 1), "NULL"},
		{"regexp_replace", args("baabbabaa", "(ab)+", "cat"), "bacatbcataa"}, {"regexp_replace", args("baaac", "a*", "X"), "XbXXcX"}, {"regexp_replace", args("foo", "(o)", `<$1$0\$>`), "f<oo$><oo$>"}, {"regexp_replace", args("a1", "(?<d>1)", "${d}0$12"), "a1012"},
		{"regexp_replace", args("a", "a", "$1"), "!22023"}, {"regexp_replace", args("a", "a", `\`), "!22023"}, {"regexp_replace", args("a", "a", `${x}`), "!22023"}, {"regexp_replace", args("a", "b", `${x}`), "a"},
		{"regexp_split_to_array", args("aabcda", "(ab|cd)"), "{a,\"\",a}"}, {"regexp_split_to_array", args("abc", ""), "{a,b,c}"}, {"regexp_split_to_array", args("z", "x*"), "{z}"}, {"regexp_split_to_array", args("axbx", "x"), `{a,b,""}`}, {"regexp_split_to_array", args("", "x"), `{""}`},
	})
}

// TestToJSON writes values of all types, nested ones too.
func TestToJSON(t *testing.T) {
	text, i4 := types.T(types.Text), types.T(types.Int4)
	list := types.ArrayOf(i4)
	ints := types.BytesValue(types.AppendArray(nil, i4, nil, []types.Value{types.IntValue(1), types.Null}))
	m := types.Type{Kind: types.Map, Key: &text, Elem: &list}
	record := types.Type{Kind: types.Record, Fields: []types.Field{{Name: "NAME", Type: text}, {Name: "ID", Type: m}}}
	entry := types.BytesValue(types.AppendMap(nil, text, list, []types.Value{types.TextValue(`k"`)}, []types.Value{ints}))
	for _, c := range []struct {
		t    types.Type
		v    types.Value
		want string
	}{
		{i4, types.Null, "null"}, {types.T(types.Bool), types.BoolValue(true), "true"}, {types.T(types.Int8), types.IntValue(-5), "-5"}, {types.T(types.Float8), types.FloatValue(123.456), "123.456"}, {types.T(types.Float8), types.FloatValue(1e10), "1.0E10"},
		{types.T(types.Float8), types.FloatValue(0), "0.0"}, {types.T(types.Numeric), decimal("123.450", 6, 3).v, "123.450"}, {text, types.TextValue("a\n\"é"), `"a\n\"é"`}, {types.T(types.Bytea), types.TextValue("!"), `"IQ=="`},
		{types.T(types.Time), types.IntValue(60220000000), `"16:43:40"`}, {types.T(types.Date), types.IntValue(0), `"2000-01-01"`}, {types.T(types.Timestamp), types.IntValue(1000), `"2000-01-01T00:00:00.001"`},
		{list, ints, "[1,null]"}, {m, entry, `{"k\"":[1,null]}`},
		{record, types.BytesValue(types.AppendRecord(nil, record.Fields, []types.Value{types.TextValue("Alice"), entry})), `{"ID":{"k\"":[1,null]},"NAME":"Alice"}`},
		{list, types.BytesValue([]byte{9, 9, 9}), "null"},
	} {
		if got := string(appendKSQLJSON(nil, c.t, c.v)); got != c.want {
			t.Errorf("%s: %s, want %s", c.t, got, c.want)
		}
	}
}

// FuzzJackson looks for panics, and for JSON that is not JSON any more once it has been written.
func FuzzJackson(f *testing.F) {
	f.Add(`{"a": [1.5e3, "\u00e9", null], "a": {}} x`, "$.a[0]")
	f.Fuzz(func(t *testing.T, s, path string) {
		_, _ = jsonPathOf(path)
		v, ok := findJSON([]byte(s))
		if !ok || v == nil {
			return
		}
		for _, plain := range []bool{false, true} {
			out, err := v.appendJackson(nil, plain)
			if err != nil {
				continue
			}
			again, ok := findJSON(out)
			if !ok || len(again) != len(out) {
				t.Fatalf("%q becomes %q", s, out)
			}
		}
	})
}

// FuzzJavaRegex looks for panics in the translator and the functions that use it.
func FuzzJavaRegex(f *testing.F) {
	f.Add(`[a[^b]\d-z]+(?<n>\p{L}|\Q.\E)*?$`, "ab1", "$1${n}")
	f.Fuzz(func(t *testing.T, pattern, s, repl string) {
		if len(pattern) > 200 || len(s) > 200 {
			return
		}
		var c javaRegexCache
		if c.get([]byte(pattern)) != nil {
			return
		}
		r := &row{}
		a := []types.Value{types.TextValue(s), types.TextValue(pattern), types.TextValue(repl)}
		_, _ = javaReplaceAll(r, &c, a)
		_, _ = javaSplit(r, &c, a)
		_, _ = unescapeJava(nil, s)
		_, _ = uriOf([]byte(s))
	})
}
