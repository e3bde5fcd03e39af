package expr

import (
	"math"
	"testing"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

func dec(p, s int32) types.Type { return types.Type{Kind: types.Numeric, Prec: p, Scale: s} }

// TestDecimalResult has ksqlDB's rules for the precision and scale of a result.
func TestDecimalResult(t *testing.T) {
	for _, c := range []struct {
		op         string
		l, r, want types.Type
	}{
		{"+", dec(4, 2), dec(5, 3), dec(6, 3)},
		{"-", dec(4, 2), dec(10, 0), dec(13, 2)},
		{"*", dec(4, 2), dec(4, 2), dec(9, 4)},
		{"/", dec(4, 2), dec(4, 2), dec(11, 7)},
		{"/", dec(2, 0), dec(2, 0), dec(8, 6)},
		{"%", dec(4, 2), dec(6, 1), dec(4, 2)},
		{"+", types.T(types.Numeric), dec(4, 2), types.T(types.Numeric)},
	} {
		if got := decimalResult(c.op, c.l, c.r); !got.Equal(c.want) {
			t.Errorf("%s %s %s is %s, want %s", c.l, c.op, c.r, got, c.want)
		}
	}
}

func TestDivideScaled(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		scale int32
		want  string
	}{
		{"10.1", "3", 7, "3.3666667"}, {"-10.1", "3", 7, "-3.3666667"}, {"1", "8", 2, "0.13"}, {"-1", "8", 2, "-0.13"}, {"1", "1000", 2, "0.00"},
		{"1e30", "0.01", 0, "100000000000000000000000000000000"}, {"0.000", "7", 6, "0.000000"}, {"2", "3", 0, "1"},
	} {
		a, _ := types.ParseDec(c.a)
		b, _ := types.ParseDec(c.b)
		got, err := divideScaled(a, b, c.scale)
		if err != nil || got.String() != c.want {
			t.Errorf("%s / %s to %d digits = %s, %v; want %s", c.a, c.b, c.scale, got, err, c.want)
		}
	}
	if _, err := divideScaled(types.DecFromInt(1), types.DecFromScaled(0, 2), 2); pgerr.Code(err) != pgerr.DivisionByZero {
		t.Error("1 / 0.00:", err)
	}
}

// TestKSQLText has the texts of Java, which ksqlDB's CAST to STRING writes.
func TestKSQLText(t *testing.T) {
	text, dbl := types.T(types.Text), types.T(types.Float8)
	for f, want := range map[float64]string{0: "0.0", 1: "1.0", -0.001: "-0.001", 0.0009: "9.0E-4", 1e7: "1.0E7", 9999999: "9999999.0", 1.5e10: "1.5E10", 1e300: "1.0E300",
		math.Inf(-1): "-Infinity", 123.456: "123.456", 4.9e-324: "4.9E-324"} {
		if got := string(appendKSQLText(nil, dbl, types.FloatValue(f))); got != want {
			t.Errorf("%g is %s, want %s", f, got, want)
		}
	}
	day := int64(types.MicrosPerDay)
	for us, want := range map[int64]string{0: "00:00", day / 24: "01:00", day - 1e6: "23:59:59", 1500e3: "00:00:01.500"} {
		if got := string(appendKSQLText(nil, types.T(types.Time), types.IntValue(us))); got != want {
			t.Errorf("time %d is %s, want %s", us, got, want)
		}
	}
	rec := types.Type{Kind: types.Record, Fields: []types.Field{{Name: "A", Type: tInts}, {Name: "B", Type: text}, {Name: "C", Type: dbl}}}
	v := types.BytesValue(types.AppendRecord(nil, rec.Fields, []types.Value{ints(1, nil), types.Null, types.FloatValue(2)}))
	if got := string(appendKSQLText(nil, rec, v)); got != "Struct{A=[1, null],C=2.0}" {
		t.Error(got)
	}
}

// TestKSQLCast: numbers wrap around, saturate or are cut off as Java's do; what cannot be read is an error.
func TestKSQLCast(t *testing.T) {
	i4, i8, dbl, text := types.T(types.Int4), types.T(types.Int8), types.T(types.Float8), types.T(types.Text)
	num := func(s string) types.Value { d, _ := types.ParseDec(s); return types.DecValue(d) }
	str := types.TextValue
	for _, c := range []struct {
		from, to types.Type
		v        types.Value
		want     string // text, or SQLSTATE
	}{
		{i8, i4, types.IntValue(1<<31 + 5), "-2147483643"}, {dbl, i4, types.FloatValue(-2.9), "-2"}, {dbl, i4, types.FloatValue(1e20), "2147483647"},
		{dbl, i8, types.FloatValue(math.NaN()), "0"}, {dec(4, 2), i8, num("-9.99"), "-9"}, {types.T(types.Numeric), i8, num("18446744073709551617"), "1"},
		{types.T(types.Numeric), i8, num("-18446744073709551617"), "-1"}, {dbl, dec(2, 1), types.FloatValue(0.99), "1.0"}, {dbl, dec(2, 1), types.FloatValue(10), "22003"},
		{text, dec(3, 1), str(" 2e1 "), "20.0"}, {text, i4, str("2147483648"), "22P02"}, {text, i8, str("x"), "22P02"}, {text, dbl, str("-1e3"), "-1000.0"},
		{text, types.T(types.Bool), str("Yes"), "true"}, {text, types.T(types.Bool), str("tr"), "true"}, {text, types.T(types.Bool), str("on"), "false"},
		{text, types.T(types.Timestamp), str("2020-02-10T08:31:44.0019+0100"), "2020-02-10T07:31:44.001"}, {text, types.T(types.Timestamp), str("2020-02"), "2020-02-01T00:00:00.000"},
		{text, types.T(types.Timestamp), str("2020-02-10T08Z"), "2020-02-10T08:00:00.000"}, {text, types.T(types.Timestamp), str("2020-13"), "22007"},
		{text, types.T(types.Date), str("2020-02-29"), "2020-02-29"}, {text, types.T(types.Date), str("2020-02-29T01"), "22007"}, {text, types.T(types.Time), str("9"), "22007"},
		{text, types.T(types.Time), str("09:16"), "09:16"}, {types.T(types.Date), types.T(types.Timestamp), types.IntValue(0), "2000-01-01T00:00:00.000"},
		{tInts, types.ArrayOf(text), ints(1, nil), "[1, null]"},
	} {
		v, err := ksqlCast(c.from, c.to, c.v)
		got := pgerr.Code(err)
		if err == nil {
			got = string(appendKSQLPart(nil, c.to, v))
		}
		if got != c.want {
			t.Errorf("%s to %s: %s, want %s (%v)", c.from, c.to, got, c.want, err)
		}
	}
}

// TestKSQLCommonType: what the elements of a list become.
func TestKSQLCommonType(t *testing.T) {
	lit := func(s string) Expr { return &Const{V: types.TextValue(s), T: types.T(types.Unknown)} }
	null := &Const{V: types.Null, T: types.T(types.Unknown)}
	col := func(t types.Type) Expr { return &Column{T: t} }
	num := func(s string) Expr {
		d, _ := types.ParseDec(s)
		return &Const{V: types.DecValue(d), T: DecimalTypeOf(d)}
	}
	i4, i8, text := types.T(types.Int4), types.T(types.Int8), types.T(types.Text)
	field := func(n string, t types.Type) types.Field { return types.Field{Name: n, Type: t} }
	rec := func(fs ...types.Field) types.Type { return types.Type{Kind: types.Record, Fields: fs} }
	for _, c := range []struct {
		want string // type, or SQLSTATE
		xs   []Expr
	}{
		{"bigint", []Expr{null, col(i4), col(i8)}}, {"numeric(19,0)", []Expr{lit("2e1"), col(i8)}}, {"bigint", []Expr{lit("2"), col(i8)}}, {"numeric(10,0)", []Expr{lit("2147483648"), col(i4)}},
		{"numeric(13,6)", []Expr{col(dec(9, 2)), col(dec(7, 6))}}, {"double precision", []Expr{col(dec(9, 2)), col(types.T(types.Float8))}},
		{"text", []Expr{col(text), &Const{V: types.IntValue(1), T: i4}}}, {"42804", []Expr{col(text), col(i4)}}, {"22P02", []Expr{col(i4), lit("one")}},
		{"boolean", []Expr{lit("no"), col(types.T(types.Bool))}}, {"22P02", []Expr{lit("not"), col(types.T(types.Bool))}}, {"42P18", []Expr{null, null}},
		{"timestamp without time zone", []Expr{col(types.T(types.Timestamp)), lit("2022-06-14")}}, {"numeric(3,2)", []Expr{num("0.05"), num("1.5")}},
		{"struct<X integer, Y bigint, Z text>", []Expr{col(rec(field("X", i4), field("Y", i4))), col(rec(field("Y", i8), field("Z", text)))}},
		{"bigint[]", []Expr{col(types.ArrayOf(i8)), &ArrayOf{Args: []Expr{lit("3"), null}, T: types.ArrayOf(text)}}},
		{"42804", []Expr{col(types.ArrayOf(i8)), col(i8)}},
	} {
		got, err := KSQL.CommonType("ARRAY", c.xs, nil)
		if name := got.String(); err == nil && name != c.want || err != nil && pgerr.Code(err) != c.want {
			t.Errorf("%v: %s, %v; want %s", c.xs, name, err, c.want)
		}
	}
}

// TestFunctionsByDialect: a name that both have is each one's own; what only ksqlDB has is in both dialects.
func TestFunctionsByDialect(t *testing.T) {
	arr := &Column{T: tInts}
	one := &Const{V: types.IntValue(1), T: tInt}
	for _, c := range []struct {
		d    Dialect
		name string
		args []Expr
		want Dialect // of the function found; "none": 42883
	}{
		{Postgres, "array_length", []Expr{arr, one}, ""}, {KSQL, "array_length", []Expr{arr}, KSQL}, {Postgres, "array_length", []Expr{arr}, "none"},
		{Postgres, "array_distinct", []Expr{arr}, KSQL}, {KSQL, "array_distinct", []Expr{arr}, KSQL}, {KSQL, "cardinality", []Expr{arr}, ""}, {KSQL, "array_distinct", []Expr{one}, "none"},
	} {
		e, err := c.d.Function([]string{c.name}, c.args, 0)
		switch call, ok := e.(*Call); {
		case c.want == "none":
			if pgerr.Code(err) != pgerr.UndefinedFunction {
				t.Errorf("%s %s: %v, %v", c.d, c.name, e, err)
			}
		case err != nil || !ok || call.Func.Dialect != c.want:
			t.Errorf("%s %s: %v, %v", c.d, c.name, e, err)
		}
	}
}
