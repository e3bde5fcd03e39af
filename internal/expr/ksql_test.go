package expr

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// typed is an argument with a type that its Go value does not tell.
type typed struct {
	t types.Type
	v types.Value
}

func blob(s string) typed { return typed{types.T(types.Bytea), types.TextValue(s)} }

func decimal(s string, prec, scale int32) typed {
	d, err := types.ParseDec(s)
	if err != nil {
		panic(err)
	}
	return typed{types.Type{Kind: types.Numeric, Prec: prec, Scale: scale}, types.DecValue(d)}
}

// constOf makes a constant of a Go value: nil is an untyped NULL.
func constOf(a any) *Const {
	switch a := a.(type) {
	case nil:
		return &Const{V: types.Null, T: types.T(types.Unknown)}
	case string:
		return &Const{V: types.TextValue(a), T: types.T(types.Text)}
	case int:
		return &Const{V: types.IntValue(int64(a)), T: types.T(types.Int4)}
	case int64:
		return &Const{V: types.IntValue(a), T: types.T(types.Int8)}
	case float64:
		return &Const{V: types.FloatValue(a), T: types.T(types.Float8)}
	case bool:
		return &Const{V: types.BoolValue(a), T: types.T(types.Bool)}
	case typed:
		return &Const{V: a.v, T: a.t}
	}
	panic(fmt.Sprintf("no constant of %T", a))
}

// ksqlCase is a call of a function by the rules of the ksql dialect; want is its text, NULL, or ! and an SQLSTATE.
type ksqlCase struct {
	fn   string
	args []any
	want string
}

// args makes the arguments of a ksqlCase.
func args(a ...any) []any { return a }

func runKSQL(t *testing.T, cases []ksqlCase) {
	t.Helper()
	for _, c := range cases {
		if got, _ := evalKSQL(c.fn, c.args); got != c.want {
			t.Errorf("%s(%v) = %s, want %s", c.fn, c.args, got, c.want)
		}
	}
}

// evalKSQL computes a call to its text and the result's type.
func evalKSQL(fn string, args []any) (string, types.Type) {
	in := make([]Expr, len(args))
	for i, a := range args {
		in[i] = constOf(a)
	}
	e, err := KSQL.Function([]string{fn}, in, 0)
	if err == nil {
		var v types.Value
		if v, err = EvalConst(testEnv, e); err == nil {
			if v.Null {
				return "NULL", e.Type()
			}
			return string(types.AppendText(nil, e.Type(), v, nil)), e.Type()
		}
	}
	var pe *pgerr.Error
	if errors.As(err, &pe) {
		return "!" + pe.Code, types.Type{}
	}
	return err.Error(), types.Type{}
}

func TestKSQLStrings(t *testing.T) {
	runKSQL(t, []ksqlCase{
		{"initcap", args("the   Quick br0wn fOx"), "The   Quick Br0wn Fox"},
		{"initcap", args("  some_string\tÜBER"), "Some_string\tÜber"},
		{"initcap", args(""), ""},
		{"trim", args(" \t with white space \t"), "with white space"},
		{"trim", args("\x01\u00a0x"), "\u00a0x"},
		{"chr", args(22909), "好"}, {"chr", args(99000), "\U000182b8"}, {"chr", args(-1), "NULL"}, {"chr", args(0x110000), "NULL"}, {"chr", args(0xd800), "?"},
		{"chr", args(`\u0053`), "S"}, {"chr", args(`\ud820\udeb8`), "\U000182b8"}, {"chr", args("S"), "NULL"}, {"chr", args(`\u004bSQL\t\101`), "KSQL\tA"}, {"chr", args(`\u00zz`), "!22023"},
		{"replace", args("abab", "b", ""), "aa"}, {"replace", args("ab", "", "-"), "-a-b-"}, {"replace", args("ab", "b", nil), "NULL"},
		{"concat", args("a", nil, "b"), "ab"}, {"concat", args(blob("a"), nil, blob("b")), `\x6162`}, {"concat", args("x"), "x"},
		{"concat_ws", args("-", nil, "a", nil, ""), "a-"}, {"concat_ws", args(nil, "a", "b"), "NULL"}, {"concat_ws", args(blob("-"), blob("a"), blob("b")), `\x612d62`},
		{"substring", args("some_string", 6), "string"}, {"substring", args("short", 6), ""}, {"substring", args("short", 0), "short"}, {"substring", args("short", -2), "rt"},
		{"substring", args("short", -9), "short"}, {"substring", args("some_string", 6, 3), "str"}, {"substring", args("another", 6, 99), "er"}, {"substring", args("another", 2, -1), ""},
		{"substring", args("another", nil), "NULL"}, {"substring", args("another", 2, nil), "NULL"}, {"substring", args(blob("another"), -3, 2), `\x6865`}, {"substring", args("täglich", 2, 1), "ä"},
		{"len", args("täglich"), "7"}, {"len", args(blob("tä")), "3"},
		{"lpad", args("foo", 5, "Bar"), "Bafoo"}, {"lpad", args("foo", 2, "Bar"), "fo"}, {"lpad", args("foo", -1, "Bar"), "NULL"}, {"lpad", args("foo", 7, ""), "NULL"}, {"lpad", args("", 7, "Bar"), "BarBarB"},
		{"rpad", args("foo", 5, "Bar"), "fooBa"}, {"rpad", args("foo", nil, "Bar"), "NULL"}, {"lpad", args(blob("yes"), 8, blob("no")), `\x6e6f6e6f6e796573`}, {"rpad", args(blob("yes"), 0, blob("no")), `\x`},
		{"instr", args("corporate floor", "or"), "2"}, {"instr", args("corporate floor", "or", 4, 2), "14"}, {"instr", args("corporate floor", "or", -3), "5"}, {"instr", args("corporate floor", "or", -3, 2), "2"},
		{"instr", args("corporate floor", "or", 99), "0"}, {"instr", args("aaa", "aa", 1, 2), "2"}, {"instr", args("aaa", "aa", -1, 2), "1"}, {"instr", args(nil, "x"), "0"}, {"instr", args("x", nil, 3), "0"},
		{"instr", args("abc", "", 2), "2"}, {"instr", args("xäx", "x", 2), "3"}, {"instr", args("abc", "a", 0), "0"}, {"instr", args("abc", "d", -1), "0"},
		{"split", args("..a..", "."), `{"","",a,"",""}`}, {"split", args("a$$b.c", "$$"), "{a,b.c}"}, {"split", args("añb", ""), "{a,ñ,b}"}, {"split", args("", ""), `{""}`}, {"split", args("", "x"), `{""}`},
		{"split", args(blob(".a"), blob(".")), `{"\\x","\\x61"}`}, {"split", args("a", nil), "NULL"},
		{"mask", args("My Test $123"), "Xx-Xxxx--nnn"}, {"mask", args("My Test $123", "*", nil, "1", nil), "*y *est $111"}, {"mask", args("Añ١", nil, "y", "z", nil), "Ayz"}, {"mask", args("a", "ab", nil, nil, nil), "!22023"},
		{"mask_keep_left", args("My Test $123", 4), "My Txxx--nnn"}, {"mask_keep_left", args("ab", 9), "ab"}, {"mask_keep_right", args("My Test $123", 4), "Xx-Xxxx-$123"}, {"mask_left", args("My", 0), "My"},
		{"mask_left", args("My Test", 4, "X", "y", "n", "#"), "Xy#Xest"}, {"mask_right", args("My Test $123", 4), "My Test -nnn"}, {"mask_right", args("ab", -1), "!22023"}, {"mask_right", args(nil, 1), "NULL"},
	})
}

func TestKSQLBytes(t *testing.T) {
	runKSQL(t, []ksqlCase{
		{"to_bytes", args("1aB2", "HEX"), `\x1ab2`}, {"to_bytes", args("1aB", "hex"), "!22023"}, {"to_bytes", args("IQ==", "base64"), `\x21`}, {"to_bytes", args("IQ", "base64"), `\x21`}, {"to_bytes", args("I!", "base64"), "!22023"},
		{"to_bytes", args("ä", "ascii"), `\x3f`}, {"to_bytes", args("ä", "utf8"), `\xc3a4`}, {"to_bytes", args("x", "ebcdic"), "!22023"}, {"to_bytes", args("x", nil), "NULL"},
		{"from_bytes", args(blob("\x1a\xb2"), "hex"), "1AB2"}, {"from_bytes", args(blob("!"), "base64"), "IQ=="}, {"from_bytes", args(blob("\xc3\xa4"), "ascii"), "\ufffd\ufffd"}, {"from_bytes", args(blob("a\xff"), "utf8"), "a\ufffd"},
		{"encode", args("ce95cebbcebbceacceb4ceb1", "hex", "utf8"), "Ελλάδα"}, {"encode", args("0x4578616d706C6521", "hex", "ascii"), "Example!"}, {"encode", args("X'4578616d706C6521'", "hex", "base64"), "RXhhbXBsZSE="},
		{"encode", args("X''", "hex", "utf8"), ""}, {"encode", args("0x", "hex", "utf8"), ""}, {"encode", args("0x5", "hex", "base64"), "BQ=="}, {"encode", args("X'", "hex", "utf8"), "!22023"}, {"encode", args("x'578616d706C6521'", "hex", "utf8"), "!22023"},
		{"encode", args("Ελ", "ascii", "hex"), "3f3f"}, {"encode", args("RXhh bXBsZSE", "base64", "utf8"), "Example!"}, {"encode", args("a", "utf8", "utf8"), "!22023"}, {"encode", args("a", "utf8", "null"), "!22023"},
		{"int_from_bytes", args(blob("\x00\x00\x07\xe5")), "2021"}, {"int_from_bytes", args(blob("\xe5\x07\x00\x00"), "little_endian"), "2021"}, {"int_from_bytes", args(blob("\xff\xff\xff\xff")), "-1"}, {"int_from_bytes", args(blob("1")), "!22023"},
		{"bigint_from_bytes", args(blob("\x00\xf2\x05\x2a\x01\x00\x00\x00"), "LITTLE_ENDIAN"), "5000000000"}, {"bigint_from_bytes", args(blob("\x00\xf2\x05\x2a\x01\x00\x00\x00"), "MIDDLE"), "!22023"},
		{"double_from_bytes", args(blob("\x40\x80\xa6\xfd\x9b\xc9\xf5\x82")), "532.8738323"},
		{"uuid", args(blob("0123456789abcdef")), "30313233-3435-3637-3839-616263646566"}, {"uuid", args(blob("short")), "NULL"},
		{"md5", args("r1"), "7c92cf1eee8d99cc85f8355a3d6e4b86"},
	})
	a, _ := evalKSQL("uuid", nil)
	if b, _ := evalKSQL("uuid", nil); len(a) != 36 || a[14] != '4' || a == b {
		t.Errorf("uuid() gives %s, then %s", a, b)
	}
}

func TestKSQLNumbers(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	runKSQL(t, []ksqlCase{
		{"acos", args(2), "NaN"}, {"acos", args(1.1), "NaN"}, {"asin", args(int64(-6)), "NaN"}, {"ln", args(-1), "NaN"}, {"ln", args(0), "-Infinity"}, {"sqrt", args(-2), "NaN"}, {"sqrt", args(2), "1.4142135623730951"},
		{"exp", args(1), "2.718281828459045"}, {"exp", args(1000), "Infinity"}, {"cot", args(0), "Infinity"}, {"log", args(1, 8), "NaN"}, {"log", args(-2, 8), "NaN"}, {"log", args(2, 8), "3"}, {"log", args(math.E), "1"},
		{"power", args(15, 13), "1.946195068359375e+15"}, {"power", args(0, 0), "1"}, {"power", args(1, inf), "NaN"}, {"power", args(-1, inf), "NaN"}, {"power", args(1.0, nan), "NaN"}, {"power", args(nil, 2), "NULL"},
		{"sign", args(-7), "-1"}, {"sign", args(int64(math.MinInt64)), "-1"}, {"sign", args(0), "0"}, {"sign", args(0.5), "1"}, {"sign", args(nan), "0"},
		{"abs", args(-5), "5"}, {"abs", args(int(math.MinInt32)), "-2147483648"}, {"abs", args(int64(math.MinInt64)), "-9223372036854775808"}, {"abs", args(decimal("-5.50", 4, 2)), "5.50"},
		{"ceil", args(1.2), "2"}, {"ceil", args(decimal("-1.25", 4, 2)), "-1.00"}, {"floor", args(decimal("-1.25", 4, 2)), "-2.00"}, {"floor", args(7), "7"},
		{"round", args(1.5), "2"}, {"round", args(-1.5), "-1"}, {"round", args(-1.7), "-2"}, {"round", args(0.49999999999999994), "0"}, {"round", args(nan), "0"}, {"round", args(1e300), "9223372036854775807"},
		{"round", args(1.234567, 2), "1.23"}, {"round", args(-1.25, 1), "-1.2"}, {"round", args(-1.75, 1), "-1.7"}, {"round", args(12345.678, -2), "12300"}, {"round", args(1.005, 2), "1.01"}, {"round", args(nan, 2), "!22003"},
		{"round", args(1.5, 1000000), "1.5"}, {"round", args(1.5, -1000000), "0"}, {"round", args(int64(7)), "7"},
		{"round", args(decimal("12345678987654321.2345678987654321", 33, 16)), "12345678987654321"}, {"round", args(decimal("12345678987654321.2345678987654321", 33, 16), 10), "12345678987654321.2345678988000000"},
		{"round", args(decimal("12345678987654321.2345678987654321", 33, 16), -2), "12345678987654300.0000000000000000"}, {"round", args(decimal("-1.55", 3, 2), 1), "-1.50"}, {"round", args(decimal("-1.56", 3, 2), 1), "-1.60"},
		{"round", args(decimal("-2.5", 2, 1)), "-2"}, {"round", args(decimal("2.5", 2, 1)), "3"},
		{"trunc", args(-1.7), "-1"}, {"trunc", args(1e300), "9223372036854775807"}, {"trunc", args(12345.678, 1), "12345.6"}, {"trunc", args(-1.78, 1), "-1.7"}, {"trunc", args(decimal("-1.78", 3, 2)), "-1"}, {"trunc", args(decimal("-1.78", 3, 2), 1), "-1.70"},
		{"geo_distance", args(37.4439, -122.1663, 51.5257, -0.1122), "8634.659796579546"}, {"geo_distance", args(37.4439, -122.1663, 51.5257, -0.1122, " Miles "), "5365.659729188263"},
		{"geo_distance", args(97.0, 0, 0, 0), "!22023"}, {"geo_distance", args(0, 0, 0, 0, "ells"), "!22023"}, {"geo_distance", args(0, 0, 0, nil), "NULL"},
	})
	for _, c := range []struct {
		fn   string
		args []any
		want string
	}{
		{"round", args(decimal("1.5", 12, 2)), "numeric(10,0)"}, {"round", args(decimal("0.5", 2, 2)), "numeric(1,0)"}, {"round", args(decimal("1.5", 12, 2), 1), "numeric(12,2)"}, {"abs", args(decimal("1.5", 12, 2)), "numeric(12,2)"},
		{"round", args(1.5), "bigint"}, {"round", args(1.5, 0), "double precision"}, {"abs", args(1), "integer"}, {"sign", args(int64(1)), "integer"}, {"ceil", args(int64(1)), "bigint"}, {"sqrt", args(decimal("2", 9, 0)), "double precision"},
	} {
		if _, got := evalKSQL(c.fn, c.args); got.String() != c.want {
			t.Errorf("%s(%v) is %s, want %s", c.fn, c.args, got, c.want)
		}
	}
}
