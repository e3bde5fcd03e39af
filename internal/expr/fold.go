package expr

import (
	"slices"

	"streamsql/internal/types"
)

// Bind returns e with parameter $i replaced by the constant args[i-1]; parameters beyond args stay.
func Bind(e Expr, args []types.Value) Expr {
	return Rewrite(e, func(x Expr) Expr {
		if p, ok := x.(*Param); ok && p.N <= len(args) {
			return &Const{V: args[p.N-1], T: p.T}
		}
		return x
	})
}

// Fold computes what is constant: immutable calls of constants, decided branches of AND, OR, CASE and COALESCE, and
// NULL arguments of strict functions. What fails while it is folded is left as it is: the error is raised when a row
// reaches it. The error result is for broken expressions only.
func Fold(env *Env, e Expr) (Expr, error) {
	if env == nil {
		env = emptyEnv
	}
	quiet := *env
	quiet.RowError = nil
	return Rewrite(e, func(x Expr) Expr { return foldNode(&quiet, x) }), nil
}

// FoldAll is Fold as PostgreSQL's planner does it: what fails is an error at once, in the order of evaluation, even in a
// branch that no row would take; only what stands behind a decided AND, OR, CASE or COALESCE is not looked at.
func FoldAll(env *Env, e Expr) (Expr, error) {
	var err error
	Walk(e, func(x Expr) bool { // literals are read first: PostgreSQL's parser does it
		if c, ok := x.(*Cast); ok && err == nil && isConstOf(c.X, types.Unknown) && !isReg(c.T) {
			_, err = EvalConst(env, c)
		}
		return err == nil
	})
	if err != nil {
		return nil, err
	}
	return foldAll(env, e)
}

func isConstOf(e Expr, k types.Kind) bool {
	c, ok := e.(*Const)
	return ok && c.T.Kind == k
}

func foldAll(env *Env, e Expr) (Expr, error) {
	old := kids(e)
	xs := make([]Expr, 0, len(old))
	for i, k := range old {
		switch c, isCase := e.(*Case); {
		case isCase && skipsKid(c, xs, i):
			xs = append(xs, k)
			continue
		case isLogicDecided(e, xs), isCoalesceDecided(e, xs):
			xs = append(xs, k)
			continue
		}
		x, err := foldAll(env, k)
		if err != nil {
			return nil, err
		}
		xs = append(xs, x)
	}
	if len(old) > 0 {
		e = withKids(e, xs)
	}
	e = foldNode(env, e)
	if ks := kids(e); len(ks) == 0 || nodeVolatility(e) != Immutable || slices.ContainsFunc(ks, func(k Expr) bool { _, ok := k.(*Const); return !ok }) {
		return e, nil
	}
	_, err := EvalConst(env, e)
	return e, err
}

// skipsKid reports the i-th of a CASE's conditions and results that PostgreSQL does not look at: results of conditions
// that are false, and all behind one that is true. before are those folded so far.
func skipsKid(c *Case, before []Expr, i int) bool {
	for k := 0; k < i && k < 2*len(c.Conds); k += 2 {
		if v, ok := constBool(before[k]); ok && v && i > k+1 {
			return true
		}
	}
	if i%2 == 0 || i >= 2*len(c.Conds) {
		return false
	}
	v, ok := constBool(before[i-1])
	return ok && !v || isNullConst(before[i-1])
}

func isLogicDecided(e Expr, before []Expr) bool {
	l, ok := e.(*Logic)
	return ok && slices.ContainsFunc(before, func(x Expr) bool { v, known := constBool(x); return known && v == l.Or })
}

func isCoalesceDecided(e Expr, before []Expr) bool {
	_, ok := e.(*Coalesce)
	return ok && slices.ContainsFunc(before, func(x Expr) bool { c, known := x.(*Const); return known && !c.V.Null })
}

func foldNode(env *Env, e Expr) Expr {
	switch e := e.(type) {
	case *Logic:
		return foldLogic(e)
	case *Case:
		return foldCase(e)
	case *Coalesce:
		return foldCoalesce(e)
	case *Call:
		if e.Func.Strict && !slices.ContainsFunc(e.Args, hasFailure) {
			for i, a := range e.Args {
				if e.Func.Variadic && i >= len(e.Func.Args)-1 { // PostgreSQL makes an array of these
					break
				}
				if isNullConst(a) {
					return &Const{V: types.Null, T: e.T}
				}
			}
		}
	case *Column, *Const, *Param, *Outer, *Lambda, *LambdaVar:
		return e
	}
	if nodeVolatility(e) != Immutable {
		return e
	}
	for _, k := range kids(e) {
		if _, ok := k.(*Const); !ok {
			return e
		}
	}
	v, err := EvalConst(env, e)
	if err != nil {
		return e
	}
	return &Const{V: v, T: e.Type()}
}

// nodeVolatility is the volatility of e itself, without its arguments.
func nodeVolatility(e Expr) Volatility {
	switch e := e.(type) {
	case *Call:
		return e.Func.Vol
	case *AnyAll:
		return e.Op.Vol
	case *Cast:
		if e.Dialect == KSQL {
			return Immutable
		}
		return castVolatility(e.X.Type(), e.T)
	}
	return Immutable
}

func isNullConst(e Expr) bool {
	c, ok := e.(*Const)
	return ok && c.V.Null
}

// constBool returns a boolean constant's value; ok is false for NULL and for what is no constant.
func constBool(e Expr) (v, ok bool) {
	c, isConst := e.(*Const)
	if !isConst || c.V.Null {
		return false, false
	}
	return c.V.B, true
}

// hasFailure reports a constant in e that failed while it was folded: it is an error whatever is around it.
func hasFailure(e Expr) bool {
	found := false
	Walk(e, func(x Expr) bool {
		ks := kids(x)
		found = found || len(ks) > 0 && nodeVolatility(x) == Immutable && !slices.ContainsFunc(ks, func(k Expr) bool {
			_, ok := k.(*Const)
			return !ok
		})
		return !found
	})
	return found
}

// decided is AND or OR cut behind the argument that decides it; of those before it only failing ones count.
func decided(before []Expr, by Expr, e *Logic) Expr {
	before = slices.DeleteFunc(slices.Clone(before), func(a Expr) bool { return !hasFailure(a) })
	if len(before) == 0 {
		return by
	}
	return &Logic{Or: e.Or, Args: append(before, by)}
}

func foldLogic(e *Logic) Expr {
	var kept []Expr
	nulls := 0
	for _, a := range e.Args {
		if v, ok := constBool(a); ok {
			if v == e.Or {
				return decided(kept, a, e)
			}
			continue
		}
		if isNullConst(a) {
			nulls++
			if nulls > 1 {
				continue
			}
		}
		if l, ok := a.(*Logic); ok && l.Or == e.Or {
			kept = append(kept, l.Args...)
		} else {
			kept = append(kept, a)
		}
	}
	switch len(kept) {
	case 0:
		return &Const{V: types.BoolValue(!e.Or), T: types.T(types.Bool)}
	case 1:
		return kept[0]
	case len(e.Args):
		return e
	}
	return &Logic{Or: e.Or, Args: kept}
}

func foldCase(e *Case) Expr {
	out := &Case{T: e.T, Else: e.Else}
	for i, c := range e.Conds {
		v, ok := constBool(c)
		if isNullConst(c) || ok && !v {
			continue
		}
		if ok {
			out.Else = e.Results[i]
			break
		}
		out.Conds, out.Results = append(out.Conds, c), append(out.Results, e.Results[i])
	}
	if len(out.Conds) == 0 {
		return out.Else
	}
	if len(out.Conds) == len(e.Conds) {
		return e
	}
	return out
}

func foldCoalesce(e *Coalesce) Expr {
	var kept []Expr
	for _, a := range e.Args {
		if isNullConst(a) {
			continue
		}
		kept = append(kept, a)
		if _, ok := a.(*Const); ok {
			break
		}
	}
	switch {
	case len(kept) == 0:
		return &Const{V: types.Null, T: e.T}
	case len(kept) == 1:
		return kept[0]
	case len(kept) == len(e.Args):
		return e
	}
	return &Coalesce{Args: kept, T: e.T}
}
