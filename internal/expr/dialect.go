package expr

import (
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Dialect is the language whose rules resolve functions, operators and types: PostgreSQL's or ksqlDB's. The empty
// Dialect is PostgreSQL's.
type Dialect string

// The dialects, as the setting "dialect" names them.
const (
	Postgres Dialect = "postgres"
	KSQL     Dialect = "ksql"
)

// ksqlRegistry has ksqlDB's functions, by name in lower case. The ksql dialect looks here first; the PostgreSQL dialect
// only where the registry has no function of the name.
var ksqlRegistry = map[string][]*Func{}

// defKSQL registers one overload of a function of ksqlDB; see def. Names that PostgreSQL has too are PostgreSQL's in
// the PostgreSQL dialect, and ksqlDB's in the ksql dialect. Type variables (T, K, V …) and map<k,v> may stand in sig.
func defKSQL(sig, doc, example string, build func(c *Call) (kernel, error)) *Func {
	f := newFunc(sig, doc, example)
	f.build = build
	f.Dialect = KSQL
	ksqlRegistry[f.Name] = append(ksqlRegistry[f.Name], f)
	return f
}

// typed gives f a result type that depends on its arguments, such as a decimal's precision; args are as the call has
// them, cast to what f takes. It returns f.
func (f *Func) typed(result func(args []Expr) types.Type) *Func {
	f.resultOf = result
	return f
}

// overloads returns the overloads of a name in dialect d, those that win first.
func (d Dialect) overloads(name string) [][]*Func {
	ksql, pg := ksqlRegistry[name], registry[name]
	switch {
	case d == KSQL && len(ksql) > 0:
		return [][]*Func{ksql, pg}
	case len(pg) > 0 || specialForms[name] != nil || IsSetReturning(name):
		return [][]*Func{pg}
	}
	return [][]*Func{ksql}
}

// IsScalar reports a function of the dialect that gives one value where PostgreSQL's of that name gives rows.
func (d Dialect) IsScalar(name string) bool { return d == KSQL && len(ksqlRegistry[name]) > 0 }

// Function is ResolveFunction by the rules of d; the last part of name is in lower case.
func (d Dialect) Function(name []string, args []Expr, pos int) (Expr, error) {
	fn := name[len(name)-1]
	if special := ksqlForms[fn]; special != nil && len(name) == 1 && (d == KSQL || specialForms[fn] == nil) {
		return special(fn, args, pos)
	}
	if len(name) == 1 && len(ksqlRegistry[fn]) > 0 {
		for _, fs := range d.overloads(fn) {
			in := d.typesOf(args)
			best := pickKSQL(fs, in)
			if best == nil { // nothing says what the literals are: strings
				in = KSQL.typesOf(args)
				best = pickKSQL(fs, in)
			}
			if len(fs) == 0 || fs[0].Dialect != KSQL || best == nil {
				continue
			}
			return makeKSQL(best, args, in, pos)
		}
		if d == KSQL && len(registry[fn]) == 0 && specialForms[fn] == nil {
			return nil, functionError(fn, typesOf(args), false, pos)
		}
	}
	return resolveFunction(name, args, pos)
}

// ResolveFunction finds the function name (folded; the last part counts, a qualifier must be pg_catalog) for args and
// returns the call with its arguments cast. COALESCE, NULLIF, GREATEST, LEAST and casts written as functions give
// other nodes. Errors: 42883, 42725.
func ResolveFunction(name []string, args []Expr, pos int) (Expr, error) {
	return Postgres.Function(name, args, pos)
}

// makeKSQL casts args, taken for the types in, to what c takes.
func makeKSQL(c *candidate, args []Expr, in []types.Type, pos int) (Expr, error) {
	want, result, ok := instantiate(c.args, c.f.Result, in)
	if !ok {
		return nil, pgerr.At(pos, pgerr.IndeterminateDatatype, "the types of the arguments of %s are not known", strings.ToUpper(c.f.Name)).
			WithHint("Cast a NULL to the type it has.")
	}
	cast := make([]Expr, len(args))
	for i, a := range args {
		x, err := castArg(a, want[i], pos)
		if err != nil {
			return nil, err
		}
		cast[i] = x
	}
	if c.f.resultOf != nil {
		result = c.f.resultOf(cast)
	}
	return &Call{Func: c.f, Args: cast, T: result, Pos: pos}, nil
}

// typesOf returns the types of arguments; in the ksql dialect a string literal is a string.
func (d Dialect) typesOf(args []Expr) []types.Type {
	ts := typesOf(args)
	for i, a := range args {
		if d == KSQL {
			ts[i] = ksqlType(a)
		}
	}
	return ts
}

// castArg converts an argument to the type a function of ksqlDB takes. A decimal keeps its precision.
func castArg(x Expr, t types.Type, pos int) (Expr, error) {
	if from := x.Type(); same(from, t) && !hasMods(t) {
		return x, nil
	}
	if x.Type().Kind != types.Unknown && ksqlDistance(x.Type(), t) >= 0 {
		return KSQL.Cast(x, t, types.Implicit, pos)
	}
	return ResolveCast(x, t, types.Implicit, pos)
}

// ksqlRank orders the numeric types: each converts to those above it.
var ksqlRank = map[types.Kind]int{types.Int2: 1, types.Int4: 1, types.Int8: 2, types.Numeric: 3, types.Float4: 4, types.Float8: 4}

// ksqlDistance says how far an argument of type from is from what a function takes: 0 is exact, -1 does not fit.
func ksqlDistance(from, to types.Type) int {
	switch {
	case to.Kind == kindAny:
		return 20
	case from.Kind == types.Unknown:
		return 1
	case to.Kind == kindVar:
		return 10
	case hasVars(to):
		if from.Kind == to.Kind && coercible(from, to) {
			return 5
		}
		return -1
	case same(from, to):
		return 0
	case from.IsString() && to.IsString():
		return 0
	case ksqlRank[from.Kind] > 0 && ksqlRank[to.Kind] >= ksqlRank[from.Kind]:
		return 1 + ksqlRank[to.Kind] - ksqlRank[from.Kind]
	case isPseudo(to) && coercible(from, to):
		return 10
	case from.Kind == types.Array && to.Kind == types.Array:
		return ksqlDistance(*from.Elem, *to.Elem)
	case from.Kind == types.Map && to.Kind == types.Map && same(*from.Key, *to.Key):
		return ksqlDistance(*from.Elem, *to.Elem)
	}
	return -1
}

// pickKSQL chooses the overload whose arguments need the least conversion; the first registered among equals, and
// those without a variadic argument before those with one. nil if none fits.
func pickKSQL(fs []*Func, in []types.Type) *candidate {
	var best *candidate
	least := 0
next:
	for _, f := range fs {
		args := layout(f.Args, f.Variadic, len(in))
		if args == nil && len(in)+len(f.Args) > 0 {
			continue
		}
		sum := 0
		for i, a := range args {
			n := ksqlDistance(in[i], a)
			if n < 0 {
				continue next
			}
			sum += n * 2
		}
		if f.Variadic {
			sum++
		}
		if _, _, ok := instantiate(args, f.Result, in); !ok {
			continue
		}
		if best == nil || sum < least {
			best, least = &candidate{f, args}, sum
		}
	}
	return best
}
