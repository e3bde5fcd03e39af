package expr

import (
	"errors"
	"testing"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// TestResolveErrors checks codes and messages against PostgreSQL's.
func TestResolveErrors(t *testing.T) {
	for _, c := range []struct{ text, code, msg string }{
		{"1 + 'x'", "22P02", `invalid input syntax for type integer: "x"`},
		{"i + t", "42883", "operator does not exist: integer + text"},
		{"i + true", "42883", "operator does not exist: integer + boolean"},
		{"b > 1", "42883", "operator does not exist: boolean > integer"},
		{"'a' + 'b'", "42725", "operator is not unique: unknown + unknown"},
		{"- 'a'", "42725", "operator is not unique: - unknown"},
		{"- t", "42883", "operator does not exist: - text"},
		{"foo(1, 'a', t)", "42883", "function foo(integer, unknown, text) does not exist"},
		{"lower(1)", "42883", "function lower(integer) does not exist"},
		{"round(f, 2)", "42883", "function round(double precision, integer) does not exist"},
		{"CASE WHEN b THEN 1 ELSE true END", "42804", "CASE types integer and boolean cannot be matched"},
		{"coalesce(i, true)", "42804", "COALESCE types integer and boolean cannot be matched"},
		{"greatest(i, d)", "42804", "GREATEST types integer and date cannot be matched"},
		{"i IN (1, true)", "42804", "IN types integer and boolean cannot be matched"},
		{"i = ANY (j)", "42809", "op ANY/ALL (array) requires array on right side"},
		{"i + ANY (ar)", "42809", "op ANY/ALL (array) requires operator to yield boolean"},
		{"i::date", "42846", "cannot cast type integer to date"},
		{"b::numeric", "42846", "cannot cast type boolean to numeric"},
		{"'abc'::int4", "22P02", `invalid input syntax for type integer: "abc"`},
		{"'2024-13-01'::date", "22008", `date/time field value out of range: "2024-13-01"`},
		{"js::json = js::json", "42883", "operator does not exist: json = json"},
		{"cardinality('{1}')", "42804", "could not determine polymorphic type because input has type unknown"},
		{"to_jsonb('a')", "42804", "could not determine polymorphic type because input has type unknown"},
		{"array_append(ar, 'x')", "22P02", `invalid input syntax for type integer: "x"`},
		{"array_append(ar, t)", "42883", "function array_append(integer[], text) does not exist"},
	} {
		_, err := parseExpr(c.text, testColumns())
		var e *pgerr.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v, want %s %s", c.text, err, c.code, c.msg)
			continue
		}
		if e.Code != c.code || e.Msg != c.msg {
			t.Errorf("%s: %s %s, want %s %s", c.text, e.Code, e.Msg, c.code, c.msg)
		}
		if (e.Code == pgerr.UndefinedFunction || e.Code == pgerr.AmbiguousFunction) && e.Hint == "" {
			t.Errorf("%s: no hint", c.text)
		}
		if e.Pos == pgerr.NoPos && e.Code != pgerr.DatatypeMismatch {
			t.Errorf("%s: no position", c.text)
		}
	}
}

// TestResolveTypes checks which overload PostgreSQL's rules pick, by the type of the result.
func TestResolveTypes(t *testing.T) {
	for text, want := range map[string]string{
		"i + l": "bigint", "i2 + i2": "smallint", "i + 1": "integer", "i * 1.5": "numeric", "f * 1.5": "double precision", "l / 2": "bigint",
		"i + '1'": "integer", "'1' + i": "integer", "d + 1": "date", "d + '1 day'::interval": "timestamp without time zone", "d - d": "integer", "ts - ts": "interval",
		"ts + '1 day'": "timestamp without time zone", "d - '2001-01-01'": "integer", "'a' || 'b'": "text", "t || i": "text", "ar || 1": "integer[]", "ar || '{1}'": "integer[]",
		"ARRAY[1, 2.5]": "numeric[]", "ARRAY[1, NULL]": "integer[]", "coalesce(i, 1.5)": "numeric", "coalesce(i, l)": "bigint", "coalesce('a', 'b')": "text",
		"nullif(i, 1)": "integer", "greatest(i, f)": "double precision", "sqrt(2)": "double precision", "sqrt(2.0)": "numeric", "round(1.5)": "numeric", "round(f)": "double precision",
		"abs(i)": "integer", "power(2, 3)": "double precision", "2 ^ 3": "double precision", "extract('year', d)": "numeric", "date_part('year', d)": "double precision",
		"i = 1.5": "boolean", "length(t)": "integer", "substr(t, 1)": "text", "js -> 'a'": "jsonb", "js -> 0": "jsonb", "js ->> 'a'": "text", "now()": "timestamp with time zone",
		"current_schemas(true)": "name[]", "'x'::varchar(3)": "character varying(3)", "1.5::numeric(10,2)": "numeric(10,2)", "CASE WHEN b THEN 1 ELSE l END": "bigint",
		"CASE WHEN b THEN 'a' ELSE t END": "text", "array_subscript(ar, 1)": "integer", "text(i)": "text", "int8(i)": "bigint", "mod(i, l)": "bigint", "iv * 2": "interval", "2 * iv": "interval",
		"date_trunc('day', d)": "timestamp with time zone", "to_char(d, 'YYYY')": "text", "string_to_array(t, ',')": "text[]", "i & 1": "integer", "i2 << 1": "smallint",
	} {
		e, err := parseExpr(text, testColumns())
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if e.Type().String() != want {
			t.Errorf("%s is %s, want %s", text, e.Type(), want)
		}
	}
}

// TestResolveAggregate checks PostgreSQL's result types of aggregates.
func TestResolveAggregate(t *testing.T) {
	cols := testColumns()
	for _, c := range []struct{ name, arg, result, argType string }{
		{"sum", "i", "bigint", "integer"}, {"sum", "i2", "bigint", "smallint"}, {"sum", "l", "numeric", "bigint"}, {"sum", "n", "numeric", "numeric"},
		{"sum", "f", "double precision", "double precision"}, {"sum", "iv", "interval", "interval"}, {"avg", "i", "numeric", "integer"}, {"avg", "f", "double precision", "double precision"},
		{"min", "t", "text", "text"}, {"max", "'a'::varchar(3)", "text", "text"}, {"max", "ts", "timestamp without time zone", "timestamp without time zone"}, {"max", "ar", "integer[]", "integer[]"},
		{"count", "t", "bigint", "text"}, {"bool_and", "b", "boolean", "boolean"}, {"every", "b", "boolean", "boolean"}, {"array_agg", "d", "date[]", "date"},
		{"min", "'a'", "text", "text"}, {"sum", "n::numeric(10,2)", "numeric", "numeric"},
	} {
		e := must(parseExpr(c.arg, cols))
		a, args, err := ResolveAggregate([]string{c.name}, []Expr{e}, false, 0)
		if err != nil {
			t.Errorf("%s(%s): %v", c.name, c.arg, err)
			continue
		}
		if a.Result.String() != c.result || a.Args[0].String() != c.argType || base(args[0].Type()).String() != c.argType {
			t.Errorf("%s(%s): %s of %s (%s), want %s of %s", c.name, c.arg, a.Result, a.Args[0], args[0].Type(), c.result, c.argType)
		}
	}
	if a, args, err := ResolveAggregate([]string{"count"}, nil, true, 0); err != nil || a == nil || len(args) != 0 || a.Result.Kind != types.Int8 {
		t.Errorf("count(*): %v %v %v", a, args, err)
	}
	if a, _, err := ResolveAggregate([]string{"lower"}, []Expr{must(parseExpr("t", cols))}, false, 0); a != nil || err != nil {
		t.Errorf("lower is no aggregate: %v %v", a, err)
	}
	for _, c := range []struct{ name, arg, code string }{{"sum", "t", "42883"}, {"bool_and", "i", "42883"}, {"min", "b", "42883"}, {"min", "js", "42883"}, {"sum", "'x'", "42725"}} {
		if _, _, err := ResolveAggregate([]string{c.name}, []Expr{must(parseExpr(c.arg, cols))}, false, 3); pgerr.Code(err) != c.code {
			t.Errorf("%s(%s): %v, want %s", c.name, c.arg, err, c.code)
		}
	}
}

// TestParams: an untyped parameter takes the type its place wants.
func TestParams(t *testing.T) {
	i := testColumns()["i"]
	e := must(ResolveOperator("+", &i, &Param{N: 1, T: types.T(types.Unknown)}, 0))
	p, ok := e.(*Call).Args[1].(*Param)
	if !ok || p.T.Kind != types.Int4 {
		t.Fatalf("parameter of %s is %s", e, e.(*Call).Args[1].Type())
	}
	bound := Bind(e, []types.Value{types.IntValue(5)})
	if c, ok := bound.(*Call).Args[1].(*Const); !ok || c.V.I != 5 || c.T.Kind != types.Int4 {
		t.Errorf("bound: %s", bound)
	}
	if _, err := Compile(e); pgerr.Code(err) != pgerr.UndefinedParameter {
		t.Errorf("an unbound parameter compiles: %v", err)
	}
}

// TestLiteralPosition: a bad untyped literal is pointed at, not the operator.
func TestLiteralPosition(t *testing.T) {
	i := testColumns()["i"]
	_, err := ResolveOperator("+", &i, &Const{V: types.TextValue("x"), T: types.T(types.Unknown), At: 1 + 12}, 10)
	if e := pgerr.From(err); e.Pos != 12 {
		t.Errorf("position %d, want 12", e.Pos)
	}
}

// TestSessionLiterals: how a date is read is up to the session that runs the statement.
func TestSessionLiterals(t *testing.T) {
	for _, c := range []struct{ text, order, want string }{
		{"'31/12/2020'::date", "DMY", "2020-12-31"}, {"'01/02/2020'::date", "DMY", "2020-02-01"}, {"'01/02/2020'::date", "MDY", "2020-01-02"},
		{"'today'::date", "MDY", "2025-05-08"}, {"'tomorrow'::timestamp", "MDY", "2025-05-09 00:00:00"}, {"'now'::timestamptz", "MDY", "2025-05-08 06:13:20+00"},
	} {
		f := *types.DefaultFormat
		f.DateOrder = c.order
		env := &Env{Format: &f, Now: testEnv.Now}
		e, err := Fold(env, must(parseExpr(c.text, nil)))
		if err != nil {
			t.Fatal(err)
		}
		k, ok := e.(*Const)
		if !ok {
			t.Errorf("%s is not folded: %s", c.text, e)
			continue
		}
		if got := string(types.AppendText(nil, k.T, k.V, nil)); got != c.want {
			t.Errorf("%s under %s: %s, want %s", c.text, c.order, got, c.want)
		}
	}
}

// TestNearestFunction: a name that some function has gets no other name as its hint, an unknown one the nearest of all.
func TestNearestFunction(t *testing.T) {
	for name, want := range map[string]string{"ucas": "ucase", "ucase": "", "sum": "", "unnest": "", "rank": "", "transform": "",
		"unest": "unnest", "latest_by_ofset": "latest_by_offset", "zzzzzzzzzz": ""} {
		if got := nearestFunction(name); got != want {
			t.Errorf("nearestFunction(%q) = %q, want %q", name, got, want)
		}
	}
}
