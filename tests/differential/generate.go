package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"streamsql/internal/expr"
	"streamsql/internal/types"
)

// testCase is one expression; name is what it is reported under.
type testCase struct {
	n         int
	name, sql string
}

// gen writes one random case.
type gen struct {
	r     *rand.Rand
	funcs *functions
}

// functions are the overloads under test: those whose name PostgreSQL has, too.
type functions struct {
	names    []string
	byName   map[string][]*expr.Func
	byResult map[string][]*expr.Func // by the result type's name
}

// leftOut are functions whose value depends on the server, its clock or its catalog, and names that are forms of syntax.
var leftOut = map[string]bool{"position": true, "age": true, "version": true, "user": true, "localtime": true, "localtimestamp": true, "now": true,
	"session_user": true, "txid_current": true, "statement_timestamp": true, "transaction_timestamp": true, "current_setting": true,
	"row_to_json": true, "greatest": true, "least": true, "obj_description": true, "col_description": true, "shobj_description": true,
	"to_regclass": true, "format_type": true, "set_config": true, "extract": true, "array_subscript": true, "normalize": true, "array_slice": true}

func isServerFunc(n string) bool {
	for _, p := range []string{"pg_", "has_", "current_", "inet_"} {
		if strings.HasPrefix(n, p) && n != "pg_typeof" {
			return true
		}
	}
	return leftOut[n]
}

// newFunctions keeps what PostgreSQL has, given the names of its functions and operators.
func newFunctions(theirs map[string]bool) *functions {
	fs := &functions{byName: map[string][]*expr.Func{}, byResult: map[string][]*expr.Func{}}
	for _, f := range expr.Functions() {
		if f.Dialect != "" || !theirs[f.Name] || f.Vol == expr.Volatile || isServerFunc(f.Name) {
			continue
		}
		if len(fs.byName[f.Name]) == 0 {
			fs.names = append(fs.names, f.Name)
		}
		fs.byName[f.Name] = append(fs.byName[f.Name], f)
		if !f.IsPolymorphic() {
			r := f.Result.String()
			fs.byResult[r] = append(fs.byResult[r], f)
		}
	}
	return fs
}

// makeCase makes case n of a seed.
func makeCase(fs *functions, seed uint64, n int) testCase {
	g := &gen{r: rand.New(rand.NewPCG(seed, uint64(n))), funcs: fs}
	c := testCase{n: n}
	switch k := g.r.IntN(100); {
	case k < 52:
		c.name, c.sql = g.call(g.r.IntN(3) / 2)
	case k < 60:
		c.name, c.sql = g.wrongCall()
	case k < 76:
		c.name, c.sql = g.cast()
	case k < 82:
		c.name, c.sql = g.input()
	case k < 93:
		c.name, c.sql = g.form()
	default:
		c.name, c.sql = g.call(3)
	}
	return c
}

func (g *gen) chance(percent int) bool  { return g.r.IntN(100) < percent }
func (g *gen) one(list []string) string { return list[g.r.IntN(len(list))] }

var scalarKinds = []types.Kind{types.Bool, types.Int2, types.Int4, types.Int4, types.Int8, types.Float4, types.Float8, types.Float8, types.Numeric, types.Numeric,
	types.Text, types.Text, types.Text, types.Varchar, types.Char, types.Bytea, types.Date, types.Time, types.Timestamp, types.TimestampTZ, types.Interval, types.UUID,
	types.JSON, types.JSONB, types.OID, types.Name, types.QChar, types.TimeTZ, types.Varbit, types.Bit, types.Inet, types.CIDR, types.MacAddr,
	types.JSONPath}

var elemKinds = []types.Kind{types.Int4, types.Int4, types.Text, types.Text, types.Int8, types.Float8, types.Numeric, types.Bool, types.Date, types.Timestamp,
	types.TimestampTZ, types.Interval, types.JSONB, types.UUID, types.Varchar, types.Bytea, types.Int2, types.Float4, types.Time, types.Char, types.Inet, types.TimeTZ, types.Varbit}

func (g *gen) oneOf(ks ...types.Kind) types.Type { return types.T(ks[g.r.IntN(len(ks))]) }
func (g *gen) oneElem() types.Type               { return g.oneOf(elemKinds...) }
func (g *gen) oneTime() types.Type {
	return g.oneOf(types.Date, types.Time, types.Timestamp, types.TimestampTZ, types.Interval)
}

// oneType is any type, sometimes an array.
func (g *gen) oneType() types.Type {
	if g.chance(12) {
		return types.ArrayOf(g.oneElem())
	}
	return g.oneOf(scalarKinds...)
}

// modified is a type that may carry a modifier: a target for casts.
func (g *gen) modified() types.Type {
	t := g.oneType()
	if !g.chance(30) {
		return t
	}
	switch t.Kind {
	case types.Numeric:
		t.Prec, t.Scale = int32(1+g.r.IntN(12)), int32(g.r.IntN(4))
		t.Scale = min(t.Scale, t.Prec)
	case types.Varchar, types.Char, types.Bit, types.Varbit:
		t.Prec = int32(1 + g.r.IntN(6))
	case types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ, types.Interval:
		if t.Prec = int32(g.r.IntN(7)); t.Prec == 0 {
			t.Prec = types.NoDigits
		}
	}
	return t
}

var numberKinds = []types.Kind{types.Int2, types.Int4, types.Int8, types.Float4, types.Float8, types.Numeric}

// like is a type that often fits beside t.
func (g *gen) like(t types.Type) types.Type {
	switch k := g.r.IntN(10); {
	case k < 6:
		return t
	case t.IsNumber():
		return g.oneOf(numberKinds...)
	case t.IsString():
		return g.oneOf(types.Text, types.Varchar, types.Char, types.Name)
	case t.IsTime():
		return g.oneOf(types.Date, types.Timestamp, types.TimestampTZ)
	case k == 9:
		return g.oneType()
	}
	return t
}

// arg is an expression of about type t, depth levels deep.
func (g *gen) arg(t types.Type, depth int) string {
	if depth <= 0 || g.chance(55) {
		return g.constant(t)
	}
	if fs := g.funcs.byResult[t.String()]; len(fs) > 0 && g.chance(75) {
		return "(" + g.callOf(fs[g.r.IntN(len(fs))], depth-1) + ")"
	}
	return "(" + g.constant(g.oneType()) + ")::" + g.typeName(t)
}

// call is a random function or operator over arguments of its types.
func (g *gen) call(depth int) (name, sql string) {
	name = g.one(g.funcs.names)
	fs := g.funcs.byName[name]
	return name, g.callOf(fs[g.r.IntN(len(fs))], depth)
}

func (g *gen) callOf(f *expr.Func, depth int) string {
	elem := g.oneElem()
	ts := append([]types.Type(nil), f.Args...)
	if f.Variadic {
		for range g.r.IntN(3) {
			ts = append(ts, ts[len(f.Args)-1])
		}
	}
	args := make([]string, len(ts))
	for i, t := range ts {
		if s, ok := g.special(f.Name, i); ok {
			args[i] = s
		} else {
			args[i] = g.arg(g.concrete(t, elem), depth)
		}
	}
	return spell(f.Name, args)
}

// wrongCall is a call over arguments of other types than the overload's: it tests how overloads are chosen.
func (g *gen) wrongCall() (name, sql string) {
	name = g.one(g.funcs.names)
	fs := g.funcs.byName[name]
	f := fs[g.r.IntN(len(fs))]
	args := make([]string, len(f.Args))
	elem := g.oneElem()
	for i, t := range f.Args {
		if g.chance(50) {
			args[i] = g.constant(g.concrete(t, elem))
		} else {
			args[i] = g.constant(g.oneType())
		}
	}
	return name + " of other types", spell(name, args)
}

// keywords are functions whose names are words of SQL's grammar.
var keywords = map[string]bool{"time": true, "timestamp": true, "interval": true, "bit": true}

func spell(name string, args []string) string {
	if keywords[name] {
		name = `"` + name + `"`
		return name + "(" + strings.Join(args, ", ") + ")"
	}
	if c := name[0]; c >= 'a' && c <= 'z' {
		return name + "(" + strings.Join(args, ", ") + ")"
	}
	if len(args) == 1 {
		return name + " " + args[0]
	}
	return args[0] + " " + name + " " + args[1]
}

// concrete puts a type in a pseudo-type's place.
func (g *gen) concrete(t, elem types.Type) types.Type {
	switch name := (&expr.Func{Args: []types.Type{t}}).Signature(); {
	case strings.Contains(name, "array)"):
		return types.ArrayOf(elem)
	case strings.Contains(name, "any"):
		if strings.Contains(name, `"any"`) {
			return g.oneType()
		}
		return g.like(elem)
	}
	return t
}

// special gives arguments that are patterns, formats or zones.
func (g *gen) special(name string, i int) (string, bool) {
	if g.chance(10) {
		return "", false
	}
	pool := specialArgs[fmt.Sprintf("%s/%d", name, i)]
	if pool == nil {
		return "", false
	}
	return quote(g.one(pool)), true
}

var specialArgs = map[string][]string{
	"~/1": regexTexts, "!~/1": regexTexts, "~*/1": regexTexts, "!~*/1": regexTexts, "~~/1": likeTexts, "!~~/1": likeTexts, "~~*/1": likeTexts,
	"!~~*/1": likeTexts, "like/1": likeTexts, "notlike/1": likeTexts, "like_escape/0": likeTexts, "like_escape/1": {"#", "", "\\"},
	"regexp_match/1": regexTexts, "regexp_match/2": regexFlags, "regexp_replace/1": regexTexts, "regexp_replace/2": {"X", "", "\\1", "[\\&]", "\\2\\1", "\\\\", "日"},
	"regexp_like/1": regexTexts, "regexp_like/2": regexFlags, "regexp_split_to_array/1": regexTexts, "regexp_split_to_array/2": regexFlags,
	"regexp_count/1": regexTexts, "regexp_substr/1": regexTexts, "regexp_instr/1": regexTexts, "similar_to_escape/0": similarTexts, "similar_to_escape/1": {"#", "", "\\"},
	"date_part/0": fieldTexts, "date_trunc/0": fieldTexts, "date_trunc/2": zoneTexts, "timezone/0": zoneTexts,
	"to_date/1": timeFormats, "to_number/1": numFormats, "to_date/0": {"2024-02-29", "05 Dec 2000", "20240131", "2024-060", "1 BC", "Monday, 01 January 2024", "99", "2024-13-01", ""},
	"to_number/0": {"12,454.8-", "1234", "-1.5", "$12", "<12>", "XIV", "", "abc", "+5", " 7", "1,000,000"},
	"encode/1":    {"base64", "hex", "escape", "nope"}, "decode/1": {"base64", "hex", "escape", "nope"}, "decode/0": {"aGVsbG8=", "616263", "abc\\000", "zz", "a", "", "YQ==", "\\\\", "6 1"},
	"convert_from/1": encodings, "convert_to/1": encodings, "format/0": {"%s", "%I", "%L", "%%", "%s %s", "%2$s %1$s", "%-10s|", "%10s|", "%", "%x", "%*s", "%-*s", "%1$", "Hello %s, %1$s"},
	"translate/1": {"abc", "aeiou", "", "日"}, "make_timestamptz/6": zoneTexts, "substring/2": {"#", ""},
	"width_bucket/3": {"5", "10", "0", "-1", "2147483647"}, "repeat/1": {"0", "1", "3", "-1", "10"}, "lpad/1": {"0", "1", "5", "-1", "10", "2147483647"}, "rpad/1": {"0", "1", "5", "-1", "10", "2147483647"},
	"factorial/0": {"0", "1", "5", "20", "-1", "50"}, "to_char/1": append(append([]string{}, timeFormats...), numFormats...), "normalize/1": normForms,
}

// cast is a constant of one type cast to another.
func (g *gen) cast() (name, sql string) {
	from, to := g.oneType(), g.modified()
	x := g.text(from)
	if to.Kind == types.Array && g.chance(60) {
		from = types.ArrayOf(g.oneElem())
		x = g.text(from)
	}
	if from.IsString() && g.chance(50) {
		x = g.text(to)
	}
	if g.chance(40) {
		from = g.withModifier(from)
	}
	return fmt.Sprintf("cast %s to %s", baseName(from), baseName(to)), quote(x) + "::" + g.typeName(from) + "::" + g.typeName(to)
}

func (g *gen) withModifier(t types.Type) types.Type {
	switch t.Kind {
	case types.Numeric:
		t.Prec, t.Scale = 30, 5
	case types.Varchar, types.Char:
		t.Prec = int32(1 + g.r.IntN(12))
	}
	return t
}

func baseName(t types.Type) string {
	if t.Kind == types.Array {
		return baseName(*t.Elem) + "[]"
	}
	return types.T(t.Kind).String()
}

func (g *gen) char(of string) rune { return rune(of[g.r.IntN(len(of))]) }

// input reads a text that may be broken as some type.
func (g *gen) input() (name, sql string) {
	t := g.oneType()
	s := []rune(strings.ReplaceAll(g.text(t), "''", "'"))
	for range g.r.IntN(3) {
		if len(s) == 0 {
			break
		}
		i := g.r.IntN(len(s))
		switch g.r.IntN(4) {
		case 0:
			s = append(s[:i:i], s[i+1:]...)
		case 1:
			s[i] = g.char("0195-+:. ,eEx{}[]\"\\ TZ/")
		case 2:
			s = append(s[:i:i], append([]rune{g.char(" 09.-+{}:T\"")}, s[i:]...)...)
		case 3:
			s = append(append([]rune{' '}, s...), ' ')
		}
	}
	return "input of " + baseName(t), "'" + strings.ReplaceAll(string(s), "'", "''") + "'::" + g.typeName(t)
}
