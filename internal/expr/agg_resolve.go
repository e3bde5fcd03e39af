package expr

import (
	"slices"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// AggUse is a call of an aggregate as it stands in the text, its arguments bound.
type AggUse struct {
	Name    []string
	Args    []Expr // the arguments in parentheses; for an ordered-set aggregate the direct ones
	Star    bool   // f(*)
	Within  []Expr // what WITHIN GROUP sorts by
	Grouped bool   // WITHIN GROUP is there
	Dialect string // "ksql", else PostgreSQL's
	Env     *Env   // to compute arguments that must be literals; may be nil
	Pos     int
}

// ResolveAggregate finds the aggregate name for args (star: count(*)) in PostgreSQL's dialect and returns its signature
// with concrete types and the arguments cast. All three results are nil if no aggregate has that name. Errors: 42883,
// 42725.
func ResolveAggregate(name []string, args []Expr, star bool, pos int) (*Agg, []Expr, error) {
	return AggUse{Name: name, Args: args, Star: star, Pos: pos}.Resolve()
}

// Resolve finds the aggregate of the call. The arguments come back cast, without those that must be literals (they are
// in Agg.Consts), the sorted ones of WITHIN GROUP behind the others. All three results are nil if the dialect has no
// aggregate of that name. Errors: 42883, 42725, 42809.
func (u AggUse) Resolve() (*Agg, []Expr, error) {
	fn := u.Name[len(u.Name)-1]
	if len(u.Name) > 1 && u.Name[len(u.Name)-2] != "pg_catalog" || !IsAggregate(fn, u.Dialect) {
		return nil, nil, nil
	}
	if u.Dialect == "ksql" && fn == "count" && len(u.Args) == 0 {
		u.Star = true
	}
	switch {
	case u.Star && fn != "count":
		return nil, nil, pgerr.At(u.Pos, pgerr.UndefinedFunction, "function %s() does not exist", fn).WithHint(hintFunction)
	case len(u.Args) == 0 && !u.Star && fn == "count":
		return nil, nil, pgerr.At(u.Pos, pgerr.WrongObjectType, "count(*) must be used to call a parameterless aggregate function")
	}
	if err := u.grouped(fn); err != nil {
		return nil, nil, err
	}
	args := append(slices.Clone(u.Args), u.Within...)
	sig, best, err := u.choose(fn, args)
	if err != nil {
		return nil, nil, err
	}
	return u.instance(sig, best, args)
}

// grouped checks that WITHIN GROUP stands where it must and nowhere else.
func (u AggUse) grouped(fn string) error {
	for _, a := range aggregates {
		switch n := len(u.Args) + len(u.Within); {
		case a.Name != fn || (a.Kind != PlainAgg) == u.Grouped || len(a.Args) != n && !a.Variadic:
		case u.Grouped:
			return pgerr.At(u.Pos, pgerr.WrongObjectType, "%s is not an ordered-set aggregate, so it cannot have WITHIN GROUP", fn)
		default:
			return pgerr.At(u.Pos, pgerr.WrongObjectType, "WITHIN GROUP is required for ordered-set aggregate %s", fn)
		}
	}
	return nil
}

// choose picks the overload.
func (u AggUse) choose(fn string, args []Expr) (*Agg, *candidate, error) {
	var cs []candidate
	var aggs []*Agg
	for _, a := range aggregates {
		if a.Name != fn || !a.in(u.Dialect) || a.Kind == OrderedAgg && a.Direct != len(u.Args) {
			continue
		}
		lay := layout(a.Args, a.Variadic, len(args))
		if lay == nil && (len(args) > 0 || len(a.Args) > 0 || !u.Star) {
			continue
		}
		cs = append(cs, candidate{&Func{Name: fn, Args: a.Args, Result: a.Result, Dialect: Dialect(u.Dialect)}, lay})
		aggs = append(aggs, a)
	}
	in := typesOf(args)
	best, ambiguous := pick(cs, in)
	if best == nil {
		return nil, nil, functionError(fn, in, ambiguous, u.Pos)
	}
	sig := aggs[slices.IndexFunc(cs, func(c candidate) bool { return c.f == best.f })]
	if sig.Kind == Hypothetical && len(u.Args) != len(u.Within) {
		return nil, nil, pgerr.At(u.Pos, pgerr.UndefinedFunction, "%s", functionError(fn, in, false, u.Pos).Error()).
			WithHint("To use the hypothetical-set aggregate %s, the number of hypothetical direct arguments (here %d) must match the number of ordering columns (here %d).",
				fn, len(u.Args), len(u.Within))
	}
	return sig, best, nil
}

// instance makes the signature that a call has, with its concrete types and literals.
func (u AggUse) instance(sig *Agg, best *candidate, args []Expr) (*Agg, []Expr, error) {
	a := *sig
	if a.Kind == Hypothetical {
		var err error
		if args, err = u.unified(args); err != nil {
			return nil, nil, err
		}
		a.Direct, a.Variadic = len(u.Args), false
	}
	x, err := makeCall(best, args, u.Pos)
	if err != nil {
		return nil, nil, err
	}
	call := x.(*Call)
	a.Result, a.Args, a.Consts = base(call.T), nil, nil
	var kept []Expr
	for i, arg := range call.Args {
		if i < len(sig.consts) && sig.consts[i] {
			v, err := u.literal(sig.Name, i, arg)
			if err != nil {
				return nil, nil, err
			}
			a.Consts = append(a.Consts, v)
			continue
		}
		kept = append(kept, arg)
		a.Args = append(a.Args, base(arg.Type()))
	}
	a.Many = a.NeedsArrival && sig.Result.Kind == kindArray
	if a.Name == "topk" && sig.Variadic {
		return u.topStructs(&a, kept)
	}
	if u.Dialect == "ksql" {
		a.keepModifiers(sig, kept)
	}
	return &a, kept, nil
}

// unified gives each argument of a hypothetical-set aggregate and the column it stands for one type.
func (u AggUse) unified(args []Expr) ([]Expr, error) {
	n := len(u.Args)
	out := slices.Clone(args)
	for i := range n {
		pair := []Expr{args[n+i], args[i]}
		t, err := CommonType("WITHIN GROUP", pair, []int{u.Pos, u.Pos})
		if err != nil {
			return nil, err
		}
		for k, x := range pair {
			if pair[k], err = ResolveCast(x, t, types.Implicit, u.Pos); err != nil {
				return nil, err
			}
		}
		out[n+i], out[i] = pair[0], pair[1]
	}
	return out, nil
}

// literal is the value of an argument that must be one.
func (u AggUse) literal(fn string, i int, x Expr) (types.Value, error) {
	x, err := Fold(u.Env, x)
	if err != nil {
		return types.Null, err
	}
	k, ok := x.(*Const)
	if !ok || k.V.Null {
		return types.Null, pgerr.At(u.Pos, pgerr.InvalidParameterValue, "argument %d of %s must be a literal", i+1, fn)
	}
	return k.V, nil
}

// topStructs is topk(value, column, …, n): an array of structs.
func (u AggUse) topStructs(a *Agg, args []Expr) (*Agg, []Expr, error) {
	last := len(args) - 1
	n, err := ResolveCast(args[last], types.T(types.Int4), types.Implicit, u.Pos)
	if err != nil {
		return nil, nil, err
	}
	v, err := u.literal(a.Name, last, n)
	if err != nil {
		return nil, nil, err
	}
	a.Consts, a.Variadic = []types.Value{v}, false
	args, a.Args = args[:last], a.Args[:last]
	row := types.Type{Kind: types.Record}
	for i, x := range args {
		f := types.Field{Name: "sort_col", Type: x.Type()}
		if i > 0 {
			f.Name = "col" + string(rune('0'+i-1))
		}
		row.Fields = append(row.Fields, f)
	}
	a.Result = types.ArrayOf(row)
	return a, args, nil
}

// keepModifiers gives results the arguments' modifiers: in ksqlDB a DECIMAL(4,2) stays one.
func (a *Agg) keepModifiers(sig *Agg, args []Expr) {
	if len(args) == 0 {
		return
	}
	t := args[0].Type()
	switch {
	case sig.Result.Kind == kindElem, same(sig.Result, t) && len(sig.Args) == 1:
		a.Result = t
	case sig.Result.Kind == kindArray && t.Kind != types.Unknown:
		a.Result = types.ArrayOf(t)
	}
}
