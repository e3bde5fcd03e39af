package expr

import (
	"strings"

	"streamsql/internal/types"
)

// Func is one overload of a function or operator in the registry. A polymorphic overload has pseudo-types among its
// Args (see IsPolymorphic); a Call of it carries the concrete result type.
type Func struct {
	Name          string // operators by their spelling
	Args          []types.Type
	Result        types.Type
	Strict        bool // NULL in, NULL out
	Vol           Volatility
	Variadic      bool // the last argument repeats
	Doc           string
	Example       string // an SQL expression …
	ExampleResult string // … and the text it gives

	Dialect Dialect // KSQL: one of ksqlDB's functions; "": one of PostgreSQL's

	resultOf func(args []Expr) types.Type // the result type, where it depends on more than Args says; or nil

	total  bool   // never fails, whatever the arguments
	higher higher // computes a function that takes lambdas; nil for others

	build func(c *Call) (kernel, error) // makes the kernel of one call
}

// The pseudo-types of polymorphic functions. They never appear in a bound expression.
const (
	kindAny        types.Kind = 240 + iota // "any": anything, each argument for itself
	kindElem                               // anyelement: all the same type
	kindArray                              // anyarray: an array of anyelement
	kindNonArray                           // anynonarray
	kindCompat                             // anycompatible: a common type is found
	kindCompatArr                          // anycompatiblearray
	kindVar                                // a type variable of ksqlDB's functions
	kindLambda                             // a lambda, of Fields to Elem
	kindPseudoLast = kindLambda
)

var pseudoNames = map[types.Kind]string{kindAny: `"any"`, kindElem: "anyelement", kindArray: "anyarray",
	kindNonArray: "anynonarray", kindCompat: "anycompatible", kindCompatArr: "anycompatiblearray"}

func isPseudo(t types.Type) bool { return t.Kind >= kindAny && t.Kind <= kindPseudoLast }

// IsPolymorphic reports whether some argument or the result is a pseudo-type such as anyelement.
func (f *Func) IsPolymorphic() bool {
	for _, a := range f.Args {
		if isPseudo(a) || hasVars(a) {
			return true
		}
	}
	return isPseudo(f.Result) || hasVars(f.Result)
}

// Signature returns "name(integer, text) → text", with pseudo-types by their PostgreSQL names.
func (f *Func) Signature() string {
	args := make([]string, len(f.Args))
	for i, a := range f.Args {
		args[i] = typeName(a)
	}
	if f.Variadic {
		args[len(args)-1] = "VARIADIC " + args[len(args)-1]
	}
	return f.Name + "(" + strings.Join(args, ", ") + ") → " + typeName(f.Result)
}

func typeName(t types.Type) string {
	if n, ok := pseudoNames[t.Kind]; ok {
		return n
	}
	switch t.Kind {
	case kindVar:
		return string(rune(t.Prec))
	case kindLambda:
		params := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			params[i] = typeName(f.Type)
		}
		return "(" + strings.Join(params, ", ") + ") => " + typeName(*t.Elem)
	case types.Map:
		return "map<" + typeName(*t.Key) + ", " + typeName(*t.Elem) + ">"
	case types.Unknown:
		return "unknown"
	case types.Char:
		return "character"
	case types.Array:
		return typeName(*t.Elem) + "[]"
	}
	return base(t).String()
}

// String is the volatility's name in PostgreSQL's catalog.
func (v Volatility) String() string { return [...]string{"immutable", "stable", "volatile"}[v] }
