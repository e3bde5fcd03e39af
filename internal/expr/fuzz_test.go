package expr

import (
	"testing"
	"time"
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// fuzzCall calls a function with texts and gives its result as text. A result that is an error must have a SQLSTATE, and
// must come soon.
func fuzzCall(t *testing.T, name string, args ...Expr) (string, bool) {
	t.Helper()
	begin := time.Now()
	var x Expr
	var err error
	if isOperatorName(name) {
		x, err = ResolveOperator(name, args[0], args[1], 0)
	} else {
		x, err = ResolveFunction([]string{name}, args, 0)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	v, err := EvalConst(testEnv, x)
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("%s of %v took %s", name, args, took)
	}
	if err != nil {
		if pgerr.Code(err) == pgerr.InternalError {
			t.Errorf("%s of %v: %v", name, args, err)
		}
		return "", false
	}
	if v.Null {
		return "", false
	}
	return string(types.AppendText(nil, x.Type(), v, nil)), true
}

func textConst(s string) Expr { return &Const{V: types.TextValue(s), T: types.T(types.Text)} }

// usable keeps to texts that a session could have sent, of a size that the time bound is for.
func usable(texts ...string) bool {
	for _, s := range texts {
		if len(s) > 300 || !utf8.ValidString(s) {
			return false
		}
	}
	return true
}

// FuzzLike: LIKE and SIMILAR TO end with an answer or an error; a text without signs matches itself only.
func FuzzLike(f *testing.F) {
	for _, s := range [][3]string{{"abc", "a%", `\`}, {"a%c", `a\%c`, `\`}, {"aaaaaaaaaaaaaaaaaaaaaab", "%a%a%a%a%a%a%a%a%c", ""}, {"é_", "_#_", "#"},
		{"abc", "%(b|d)%", "#"}, {"abcdefg", `a#"%#"g`, "#"}, {"x", "[^]x]", ""}, {"aaa", "(a|aa)+{2,3}?", ""}} {
		f.Add(s[0], s[1], s[2])
	}
	f.Fuzz(func(t *testing.T, s, pattern, escape string) {
		if !usable(s, pattern, escape) {
			return
		}
		for _, op := range []string{"~~", "~~*", "!~~"} {
			fuzzCall(t, op, textConst(s), textConst(pattern))
		}
		if p, ok := fuzzCall(t, "like_escape", textConst(pattern), textConst(escape)); ok {
			fuzzCall(t, "~~", textConst(s), textConst(p))
		}
		if p, ok := fuzzCall(t, "similar_to_escape", textConst(pattern), textConst(escape)); ok {
			fuzzCall(t, "~", textConst(s), textConst(p))
		}
		fuzzCall(t, "substring", textConst(s), textConst(pattern), textConst(escape))
	})
}

// FuzzRegex: the functions of regular expressions end with an answer or an error, and what is split and what is matched
// is in the text.
func FuzzRegex(f *testing.F) {
	for _, s := range [][3]string{{"foobarbaz", "b(.)(.)", "gi"}, {"aaaa", "(a*)+", "g"}, {"", "", "n"}, {"a b", `\s|`, "x"}, {"abab", `(ab)\1`, ""}} {
		f.Add(s[0], s[1], s[2], `[\1\&\\]`)
	}
	f.Fuzz(func(t *testing.T, s, pattern, flags, with string) {
		if !usable(s, pattern, flags, with) {
			return
		}
		for _, fn := range []string{"regexp_match", "regexp_like", "regexp_split_to_array"} {
			fuzzCall(t, fn, textConst(s), textConst(pattern), textConst(flags))
		}
		fuzzCall(t, "regexp_replace", textConst(s), textConst(pattern), textConst(with), textConst(flags))
		for _, fn := range []string{"regexp_count", "regexp_substr", "regexp_instr", "substring"} {
			fuzzCall(t, fn, textConst(s), textConst(pattern))
		}
	})
}

// FuzzFormat: the templates of to_char, to_number, to_date and to_timestamp.
func FuzzFormat(f *testing.F) {
	for _, s := range [][2]string{{"9,999.99", "1,234.5"}, {"FM99D9EEEE", "1.5e3"}, {"RN", "XIV"}, {"YYYY-MM-DD HH24:MI:SS.US TZH:TZM", "2020-01-02 03:04:05.6 +01:30"},
		{"FMDay, DDth FMMonth YYYY", "Monday, 1st June 2020"}, {`"Year:" Y,YYY IW "x"`, "Year: 2,020 10"}, {"SG9MIPR", "-5"}, {"J SSSS FF3 A.M. CC Q WW TMMonth FX", "2451545"}} {
		f.Add(s[0], s[1], int64(123456789), 1234.5)
	}
	f.Fuzz(func(t *testing.T, template, text string, n int64, x float64) {
		if !usable(template, text) {
			return
		}
		values := []Expr{&Const{V: types.IntValue(n), T: types.T(types.Int8)}, &Const{V: types.FloatValue(x), T: types.T(types.Float8)},
			&Const{V: types.DecValue(types.DecFromScaled(n, int32(uint8(n))%30)), T: types.T(types.Numeric)},
			&Const{V: types.SpanValue(types.Span{Micros: n, Days: int32(n >> 40), Months: int32(n >> 50)}), T: types.T(types.Interval)}}
		if ts, err := types.CheckTimestamp(n); err == nil {
			values = append(values, &Const{V: types.IntValue(ts), T: types.T(types.Timestamp)}, &Const{V: types.IntValue(ts), T: types.T(types.TimestampTZ)})
		}
		for _, v := range values {
			fuzzCall(t, "to_char", v, textConst(template))
		}
		for _, fn := range []string{"to_number", "to_date", "to_timestamp"} {
			fuzzCall(t, fn, textConst(text), textConst(template))
		}
	})
}

// FuzzJSONB: the functions and operators of jsonb give jsonb that is normalized.
func FuzzJSONB(f *testing.F) {
	for _, s := range [][3]string{{`{"a":[1,{"b":null}]}`, `{"c":2}`, "a"}, {`[1,"x",[]]`, `"x"`, "1"}, {`1.50`, `null`, ""}, {`{"a":{"b":{}}}`, `{"a":{}}`, "{a,b}"}} {
		f.Add(s[0], s[1], s[2])
	}
	f.Fuzz(func(t *testing.T, a, b, key string) {
		if !usable(a, b, key) {
			return
		}
		var docs [2]Expr
		for i, s := range []string{a, b} {
			v, err := types.ParseText(types.T(types.JSONB), s, nil)
			if err != nil {
				return
			}
			docs[i] = &Const{V: v, T: types.T(types.JSONB)}
		}
		at := &Const{V: types.BytesValue(types.AppendArray(nil, types.T(types.Text), nil, []types.Value{types.TextValue(key), types.TextValue("0")})), T: types.ArrayOf(types.T(types.Text))}
		check := func(name string, args ...Expr) {
			out, ok := fuzzCall(t, name, args...)
			if !ok {
				return
			}
			if again, err := types.NormalizeJSONB([]byte(out)); err != nil || string(again) != out {
				t.Errorf("%s of %v gives %s: %v", name, args, out, err)
			}
		}
		check("||", docs[0], docs[1])
		for _, op := range []string{"@>", "=", "<"} {
			fuzzCall(t, op, docs[0], docs[1])
		}
		for _, op := range []string{"->", "-"} {
			check(op, docs[0], textConst(key))
		}
		fuzzCall(t, "->>", docs[0], textConst(key))
		for _, op := range []string{"#>", "#-"} {
			check(op, docs[0], at)
		}
		check("jsonb_set", docs[0], at, docs[1])
		check("jsonb_insert", docs[0], at, docs[1])
		check("jsonb_strip_nulls", docs[0])
		check("to_jsonb", docs[0])
		check("jsonb_build_array", docs[0], docs[1], textConst(key))
		check("jsonb_build_object", textConst(key), docs[1])
	})
}
