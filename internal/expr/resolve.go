package expr

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

const hintFunction = "No function matches the given name and argument types. You might need to add explicit type casts."

// ResolveOperator finds the operator op for l and r (l nil: a prefix operator) by PostgreSQL's rules and returns the
// call with its arguments cast. "!=" is "<>"; LIKE and its kin go by "~~", "!~~", "~~*", "!~~*". Errors: 42883 if
// there is none, 42725 if several fit equally well; both point at pos.
func ResolveOperator(op string, l, r Expr, pos int) (Expr, error) {
	if op == "!=" {
		op = "<>"
	}
	args := []Expr{r}
	if l != nil {
		args = []Expr{l, r}
	}
	in := typesOf(args)
	if l != nil && (in[0].Kind == types.Unknown) != (in[1].Kind == types.Unknown) {
		// An untyped literal takes the other side's type if that makes an exact match.
		guess := in[0]
		if guess.Kind == types.Unknown {
			guess = in[1]
		}
		for _, f := range registry[op] {
			if len(f.Args) == 2 && exact(f.Args, []types.Type{guess, guess}) {
				return makeCall(&candidate{f, f.Args}, args, pos)
			}
		}
	}
	if op == "@@" && !slices.ContainsFunc(in, func(t types.Type) bool { return !coercible(t, types.T(types.Text)) }) {
		return nil, pgerr.Unsupported(pos, "text search") // what @@ means between texts and literals
	}
	best, ambiguous := pick(candidates(op, len(args)), in)
	if best != nil {
		return makeCall(best, args, pos)
	}
	return nil, operatorError(op, in, ambiguous, pos)
}

func operatorError(op string, in []types.Type, ambiguous bool, pos int) error {
	text, plural := op+" "+typeName(in[0]), ""
	if len(in) == 2 {
		text, plural = typeName(in[0])+" "+op+" "+typeName(in[1]), "s"
	}
	if ambiguous {
		return pgerr.At(pos, pgerr.AmbiguousFunction, "operator is not unique: %s", text).
			WithHint("Could not choose a best candidate operator. You might need to add explicit type casts.")
	}
	e := pgerr.At(pos, pgerr.UndefinedFunction, "operator does not exist: %s", text)
	if plural == "" {
		return e.WithHint("No operator matches the given name and argument type. You might need to add an explicit type cast.")
	}
	return e.WithHint("No operator matches the given name and argument types. You might need to add explicit type casts.")
}

// resolveFunction is ResolveFunction among PostgreSQL's functions.
func resolveFunction(name []string, args []Expr, pos int) (Expr, error) {
	in := typesOf(args)
	fn := name[len(name)-1]
	if len(name) > 1 && name[len(name)-2] != "pg_catalog" {
		return nil, functionError(strings.Join(name, "."), in, false, pos)
	}
	if special, ok := specialForms[fn]; ok {
		return special(fn, args, pos)
	}
	cs := candidates(fn, len(args))
	best, ambiguous := pick(cs, in)
	if best != nil && (exact(best.args, in) || len(args) != 1) {
		return makeCall(best, args, pos)
	}
	if x, ok := castCall(fn, args, pos); ok {
		return x, nil
	}
	if best != nil {
		return makeCall(best, args, pos)
	}
	return nil, functionError(fn, in, ambiguous, pos)
}

// castCall reads f(x) as a cast if f is a type's name, as PostgreSQL does where no function matches exactly.
func castCall(name string, args []Expr, pos int) (Expr, bool) {
	if len(args) != 1 {
		return nil, false
	}
	t, ok := sigTypes[name]
	if !ok || isPseudo(t) || name == "qchar" || name == "record" || name == "void" {
		return nil, false
	}
	from := args[0].Type()
	if from.Kind != types.Unknown && !types.CanCast(base(from), t, types.Explicit) {
		return nil, false
	}
	x, err := ResolveCast(args[0], t, types.Explicit, pos)
	return x, err == nil
}

func functionError(name string, in []types.Type, ambiguous bool, pos int) error {
	names := make([]string, len(in))
	for i, t := range in {
		names[i] = typeName(t)
	}
	text := fmt.Sprintf("%s(%s)", name, strings.Join(names, ", "))
	if ambiguous {
		return pgerr.At(pos, pgerr.AmbiguousFunction, "function %s is not unique", text).
			WithHint("Could not choose a best candidate function. You might need to add explicit type casts.")
	}
	e := pgerr.At(pos, pgerr.UndefinedFunction, "function %s does not exist", text)
	if near := nearestFunction(name); near != "" {
		return e.WithHint("Perhaps you meant the function \"%s\".", near)
	}
	return e.WithHint(hintFunction)
}

// nearestFunction returns the known name closest to one that no function has, or "".
func nearestFunction(name string) string {
	if specialForms[name] != nil || ksqlForms[name] != nil {
		return ""
	}
	names := map[string]bool{}
	for _, reg := range []map[string][]*Func{registry, ksqlRegistry} {
		for n := range reg {
			if !isOperatorName(n) {
				names[n] = true
			}
		}
	}
	for _, a := range Aggregates() {
		names[a.Name] = true
	}
	for _, f := range SetFunctions() {
		names[f.Name] = true
	}
	for _, f := range WindowFuncs() {
		names[f.Name] = true
	}
	if names[name] {
		return ""
	}
	return pgerr.Nearest(name, maps.Keys(names))
}

func typesOf(args []Expr) []types.Type {
	ts := make([]types.Type, len(args))
	for i, a := range args {
		ts[i] = a.Type()
	}
	return ts
}

func candidates(name string, n int) []candidate {
	var cs []candidate
	for _, f := range registry[name] {
		if args := layout(f.Args, f.Variadic, n); args != nil || n == 0 && len(f.Args) == 0 {
			cs = append(cs, candidate{f, args})
		}
	}
	return cs
}

// makeCall casts args to what c takes.
func makeCall(c *candidate, args []Expr, pos int) (Expr, error) {
	want, result, ok := instantiate(c.args, c.f.Result, typesOf(args))
	if !ok {
		return nil, pgerr.At(pos, pgerr.DatatypeMismatch, "could not determine polymorphic type because input has type unknown")
	}
	for i, t := range append(slices.Clone(c.args), c.f.Result) {
		if (t.Kind == kindArray || t.Kind == kindCompatArr) && append(slices.Clone(want), result)[i].Elem.Kind == types.Array && !nestsArrays(c.f, args) {
			return nil, pgerr.At(pos, pgerr.UndefinedObject, "could not find array type for data type %s",
				typeName(*append(slices.Clone(want), result)[i].Elem))
		}
	}
	cast := make([]Expr, len(args))
	for i, a := range args {
		x, err := ResolveCast(a, want[i], types.Implicit, pos)
		if err != nil {
			return nil, err
		}
		cast[i] = x
	}
	return &Call{Func: c.f, Args: cast, T: result, Pos: pos}, nil
}

// nestsArrays reports calls where an array may have arrays as elements: those of the ksql dialect, and those that are
// given one.
func nestsArrays(f *Func, args []Expr) bool {
	return f.Dialect == KSQL || slices.ContainsFunc(args, func(a Expr) bool {
		t := a.Type()
		return t.Kind == types.Array && t.Elem.Kind == types.Array
	})
}

// ResolveAnyAll resolves x op ANY|ALL (array): 42809 unless the right side is an array and op gives boolean.
func ResolveAnyAll(op string, x, array Expr, all bool, pos int) (Expr, error) {
	at := array.Type()
	elem := types.T(types.Unknown)
	if at.Kind == types.Array {
		elem = *at.Elem
	} else if at.Kind != types.Unknown {
		return nil, pgerr.At(pos, pgerr.WrongObjectType, "op ANY/ALL (array) requires array on right side")
	}
	probe, err := ResolveOperator(op, x, &Const{V: types.Null, T: elem}, pos)
	if err != nil {
		return nil, err
	}
	call := probe.(*Call)
	if call.T.Kind != types.Bool {
		return nil, pgerr.At(pos, pgerr.WrongObjectType, "op ANY/ALL (array) requires operator to yield boolean")
	}
	array, err = ResolveCast(array, types.ArrayOf(base(call.Args[1].Type())), types.Explicit, pos)
	if err != nil {
		return nil, err
	}
	return &AnyAll{X: call.Args[0], Array: array, Op: call.Func, All: all, Pos: pos}, nil
}
