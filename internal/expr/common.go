package expr

import (
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// CommonType finds the type that all of xs can become, by PostgreSQL's rule for CASE, UNION, VALUES, ARRAY, IN,
// COALESCE, GREATEST and LEAST; what is that word, for the message. Only untyped literals: text. pos has the offsets
// of xs and may be shorter or nil. Error: 42804 "CASE types integer and boolean cannot be matched".
func CommonType(what string, xs []Expr, pos []int) (types.Type, error) {
	if len(xs) == 0 {
		return types.T(types.Text), nil
	}
	best := xs[0].Type()
	alike := best.Kind != types.Unknown
	for _, x := range xs[1:] {
		alike = alike && x.Type().Equal(best)
	}
	if alike {
		return best, nil
	}
	best = base(best)
	for i, x := range xs[1:] {
		t := base(x.Type())
		switch {
		case t.Kind == types.Unknown || same(t, best):
		case best.Kind == types.Unknown:
			best = t
		case category(t) != category(best):
			return best, pgerr.At(posAt(pos, i+1), pgerr.DatatypeMismatch, "%s types %s and %s cannot be matched", what,
				typeName(best), typeName(t))
		case !preferred(best) && coercible(best, t) && !coercible(t, best):
			best = t
		}
	}
	if best.Kind == types.Unknown {
		return types.T(types.Text), nil
	}
	for i, x := range xs {
		if !coercible(x.Type(), best) {
			return best, pgerr.At(posAt(pos, i), pgerr.CannotCoerce, "%s could not convert type %s to %s", what,
				typeName(x.Type()), typeName(best))
		}
	}
	return best, nil
}

func posAt(pos []int, i int) int {
	if i < len(pos) {
		return pos[i]
	}
	return pgerr.NoPos
}

// specialForms are the functions whose resolution is not that of ordinary ones.
var specialForms map[string]func(name string, args []Expr, pos int) (Expr, error)

func init() {
	specialForms = map[string]func(string, []Expr, int) (Expr, error){
		"coalesce": resolveCoalesce, "nullif": resolveNullif, "greatest": resolveGreatest, "least": resolveGreatest,
		"pg_typeof": resolveTypeof,
	}
}

// castAll casts args to their common type.
func castAll(what string, args []Expr, pos int) ([]Expr, types.Type, error) {
	t, err := CommonType(what, args, nil)
	if err != nil {
		return nil, t, pgerr.WithPos(err, pos)
	}
	out := make([]Expr, len(args))
	for i, a := range args {
		if out[i], err = ResolveCast(a, t, types.Implicit, pos); err != nil {
			return nil, t, err
		}
	}
	return out, t, nil
}

func resolveCoalesce(_ string, args []Expr, pos int) (Expr, error) {
	if len(args) == 0 {
		return nil, pgerr.At(pos, pgerr.SyntaxError, "COALESCE needs at least one argument")
	}
	args, t, err := castAll("COALESCE", args, pos)
	if err != nil {
		return nil, err
	}
	return &Coalesce{Args: args, T: t}, nil
}

// resolveNullif makes NULLIF(a, b) the CASE it stands for. The first argument is evaluated twice.
func resolveNullif(_ string, args []Expr, pos int) (Expr, error) {
	if len(args) != 2 {
		return nil, functionError("nullif", typesOf(args), false, pos)
	}
	eq, err := ResolveOperator("=", args[0], args[1], pos)
	if err != nil {
		return nil, err
	}
	x := eq.(*Call).Args[0] // as the comparison takes it: that is the result's type, too
	t := x.Type()
	return &Case{Conds: []Expr{eq}, Results: []Expr{&Const{V: types.Null, T: t}}, Else: x, T: t}, nil
}

// resolveTypeof names the type of an untyped literal unknown, where other functions of "any" see a text.
func resolveTypeof(name string, args []Expr, pos int) (Expr, error) {
	if len(args) != 1 {
		return nil, functionError(name, typesOf(args), false, pos)
	}
	if _, ok := args[0].(*Const); ok && args[0].Type().Kind == types.Unknown {
		return &Const{V: types.IntValue(int64(types.T(types.Unknown).OID())), T: types.T(types.Regtype)}, nil
	}
	return makeCall(&candidate{registry[name][0], registry[name][0].Args}, args, pos)
}

func resolveGreatest(name string, args []Expr, pos int) (Expr, error) {
	what := map[string]string{"greatest": "GREATEST", "least": "LEAST"}[name]
	if len(args) == 0 {
		return nil, pgerr.At(pos, pgerr.SyntaxError, "%s needs at least one argument", what)
	}
	args, t, err := castAll(what, args, pos)
	if err != nil {
		return nil, err
	}
	if _, err := ResolveOperator("<", args[0], args[0], pos); err != nil {
		return nil, pgerr.At(pos, pgerr.UndefinedFunction, "could not identify a comparison function for type %s", typeName(t))
	}
	return &Call{Func: registry[name][0], Args: args, T: t, Pos: pos}, nil
}
