package expr

import (
	"slices"
	"strings"

	"streamsql/internal/types"
)

// The registry: every overload under its name, in the order of registration. It is filled by init functions and
// never changed afterwards.
var registry = map[string][]*Func{}

// sigTypes are the type names that signatures below may use.
var sigTypes = map[string]types.Type{
	"bool": types.T(types.Bool), "int2": types.T(types.Int2), "int4": types.T(types.Int4), "int8": types.T(types.Int8),
	"float4": types.T(types.Float4), "float8": types.T(types.Float8), "numeric": types.T(types.Numeric),
	"text": types.T(types.Text), "varchar": types.T(types.Varchar), "bpchar": types.T(types.Char), "bytea": types.T(types.Bytea),
	"date": types.T(types.Date), "time": types.T(types.Time), "timestamp": types.T(types.Timestamp),
	"timestamptz": types.T(types.TimestampTZ), "interval": types.T(types.Interval), "uuid": types.T(types.UUID),
	"json": types.T(types.JSON), "jsonb": types.T(types.JSONB), "oid": types.T(types.OID), "name": types.T(types.Name),
	"qchar": types.T(types.QChar), "regclass": types.T(types.Regclass), "regtype": types.T(types.Regtype),
	"regproc": types.T(types.Regproc), "regnamespace": types.T(types.Regnamespace), "record": types.T(types.Record),
	"void":   types.T(types.Void),
	"timetz": types.T(types.TimeTZ), "bit": types.T(types.Bit), "varbit": types.T(types.Varbit), "inet": types.T(types.Inet),
	"cidr": types.T(types.CIDR), "macaddr": types.T(types.MacAddr), "jsonpath": types.T(types.JSONPath),
	"any": types.T(kindAny), "anyelement": types.T(kindElem), "anyarray": types.T(kindArray),
	"anynonarray": types.T(kindNonArray), "anycompatible": types.T(kindCompat), "anycompatiblearray": types.T(kindCompatArr),
}

func sigType(s string) types.Type {
	if len(s) == 1 && s[0] >= 'A' && s[0] <= 'Z' {
		return types.Type{Kind: kindVar, Prec: int32(s[0])}
	}
	if in, ok := strings.CutPrefix(s, "map<"); ok && strings.HasSuffix(in, ">") {
		kv := splitSig(in[:len(in)-1])
		k, v := sigType(kv[0]), sigType(kv[1])
		return types.Type{Kind: types.Map, Key: &k, Elem: &v}
	}
	if in, ok := strings.CutPrefix(s, "fn<"); ok {
		t := types.Type{Kind: kindLambda}
		for _, p := range splitSig(in[:len(in)-1]) {
			t.Fields = append(t.Fields, types.Field{Type: sigType(p)})
		}
		last := len(t.Fields) - 1
		t.Elem, t.Fields = &t.Fields[last].Type, t.Fields[:last]
		return t
	}
	if elem, ok := strings.CutSuffix(s, "[]"); ok {
		return types.ArrayOf(sigType(elem))
	}
	t, ok := sigTypes[s]
	if !ok {
		panic("expr: no type " + s + " for signatures")
	}
	return t
}

// splitSig splits at the commas that stand in no angle brackets.
func splitSig(s string) []string {
	var parts []string
	depth, from := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '<':
			depth++
		case '>':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, strings.TrimSpace(s[from:i]))
				from = i + 1
			}
		}
	}
	return append(parts, strings.TrimSpace(s[from:]))
}

// def registers one overload. sig is "name(type, variadic type) result", then any of the words stable, volatile,
// nullok (the function sees NULLs; others are strict). example is "expression => result".
func def(sig, doc, example string, build func(c *Call) (kernel, error)) *Func {
	f := newFunc(sig, doc, example)
	f.build = build
	registry[f.Name] = append(registry[f.Name], f)
	return f
}

// newFunc reads a signature.
func newFunc(sig, doc, example string) *Func {
	open, shut := strings.LastIndexByte(sig, '('), strings.LastIndexByte(sig, ')')
	f := &Func{Name: sig[:open], Strict: true, Doc: doc}
	if i := strings.LastIndex(example, " => "); i >= 0 { // a lambda has an arrow of its own
		f.Example, f.ExampleResult = example[:i], example[i+len(" => "):]
	} else {
		f.Example = example
	}
	if args := sig[open+1 : shut]; args != "" {
		for _, a := range splitSig(args) {
			a, variadic := strings.CutPrefix(a, "variadic ")
			f.Variadic = variadic
			f.Args = append(f.Args, sigType(a))
		}
	}
	words := strings.Fields(sig[shut+1:])
	f.Result = sigType(words[0])
	for _, w := range words[1:] {
		switch w {
		case "stable":
			f.Vol = Stable
		case "volatile":
			f.Vol = Volatile
		case "nullok":
			f.Strict = false
		default:
			panic("expr: bad word " + w + " in " + sig)
		}
	}
	return f
}

// Functions returns every overload of every function and operator, by name, then in order of registration. The
// Funcs are shared and must not be changed.
func Functions() []*Func {
	var names []string
	for _, r := range []map[string][]*Func{registry, ksqlRegistry} {
		for n := range r {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	var fs []*Func
	for _, n := range slices.Compact(names) {
		fs = append(append(fs, registry[n]...), ksqlRegistry[n]...)
	}
	return fs
}
