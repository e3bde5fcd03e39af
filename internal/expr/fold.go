package expr

import (
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

func foldNode(env *Env, e Expr) Expr {
	switch e := e.(type) {
	case *Logic:
		return foldLogic(e)
	case *Case:
		return foldCase(e)
	case *Coalesce:
		return foldCoalesce(e)
	case *Call:
		if e.Func.Strict {
			for _, a := range e.Args {
				if isNullConst(a) {
					return &Const{V: types.Null, T: e.T}
				}
			}
		}
	case *Column, *Const, *Param:
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

func foldLogic(e *Logic) Expr {
	var kept []Expr
	nulls := 0
	for _, a := range e.Args {
		if v, ok := constBool(a); ok {
			if v == e.Or {
				return a
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
