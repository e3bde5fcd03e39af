package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/types"
)

// notNull reports expressions that are NULL on no row. Anything that can fail is not among them: in a view a failing
// expression gives NULL.
func notNull(e expr.Expr, cols []Column) bool {
	switch e := e.(type) {
	case *expr.Column:
		return e.Index < len(cols) && cols[e.Index].NotNull
	case *expr.Const:
		return !e.V.Null
	case *expr.Is:
		return true
	case *expr.Not:
		return notNull(e.X, cols)
	case *expr.Logic:
		for _, a := range e.Args {
			if !notNull(a, cols) {
				return false
			}
		}
		return true
	case *expr.Cast:
		return notNull(e.X, cols) && widening(e.X.Type(), e.T)
	case *expr.Coalesce:
		for _, a := range e.Args {
			if notNull(a, cols) {
				return true
			}
		}
	case *expr.Call:
		if !comparisons[e.Func.Name] {
			return false
		}
		for _, a := range e.Args {
			if !notNull(a, cols) {
				return false
			}
		}
		return true
	}
	return false
}

// comparisons are the operators that never fail and give NULL only for NULL.
var comparisons = map[string]bool{"=": true, "<>": true, "<": true, "<=": true, ">": true, ">=": true}

// widening reports casts that cannot fail.
func widening(from, to types.Type) bool {
	switch {
	case from.IsInteger() && to.IsInteger():
		return from.Kind <= to.Kind
	case from.IsInteger():
		return to.Kind == types.Numeric && to.Prec == 0 || to.Kind == types.Float8
	case from.IsString():
		return to.Kind == types.Text
	}
	return false
}
