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

	total bool                          // never fails, whatever the arguments
	build func(c *Call) (kernel, error) // makes the kernel of one call
}

// Agg is the signature of an aggregate function; its kernel is in operators/agg under the same name and types.
type Agg struct {
	Name         string
	Args         []types.Type
	Result       types.Type
	Variadic     bool
	IgnoresNulls bool // rows whose first argument is NULL do not count
	Doc          string
}

// The pseudo-types of polymorphic functions. They never appear in a bound expression.
const (
	kindAny        types.Kind = 240 + iota // "any": anything, each argument for itself
	kindElem                               // anyelement: all the same type
	kindArray                              // anyarray: an array of anyelement
	kindNonArray                           // anynonarray
	kindCompat                             // anycompatible: a common type is found
	kindCompatArr                          // anycompatiblearray
	kindPseudoLast = kindCompatArr
)

var pseudoNames = map[types.Kind]string{kindAny: `"any"`, kindElem: "anyelement", kindArray: "anyarray",
	kindNonArray: "anynonarray", kindCompat: "anycompatible", kindCompatArr: "anycompatiblearray"}

func isPseudo(t types.Type) bool { return t.Kind >= kindAny && t.Kind <= kindPseudoLast }

// IsPolymorphic reports whether some argument or the result is a pseudo-type such as anyelement.
func (f *Func) IsPolymorphic() bool {
	for _, a := range f.Args {
		if isPseudo(a) {
			return true
		}
	}
	return isPseudo(f.Result)
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
	case types.Unknown:
		return "unknown"
	case types.Char:
		return "character"
	case types.Array:
		return typeName(*t.Elem) + "[]"
	}
	return base(t).String()
}
