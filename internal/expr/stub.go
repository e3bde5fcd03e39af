package expr

import "streamsql/internal/types"

// Compile …
func Compile(e Expr) (Program, error) { panic("unfinished: Compile") }

// EvalConst …
func EvalConst(env *Env, e Expr) (types.Value, error) { panic("unfinished: EvalConst") }

// Fold …
func Fold(env *Env, e Expr) (Expr, error) { panic("unfinished: Fold") }

// Bind …
func Bind(e Expr, args []types.Value) Expr { panic("unfinished: Bind") }

// ResolveOperator …
func ResolveOperator(op string, l, r Expr, pos int) (Expr, error) {
	panic("unfinished: ResolveOperator")
}

// ResolveFunction …
func ResolveFunction(name []string, args []Expr, pos int) (Expr, error) {
	panic("unfinished: ResolveFunction")
}

// ResolveCast …
func ResolveCast(x Expr, t types.Type, ctx types.CastContext, pos int) (Expr, error) {
	panic("unfinished: ResolveCast")
}

// CommonType …
func CommonType(what string, xs []Expr, pos []int) (types.Type, error) {
	panic("unfinished: CommonType")
}

// ResolveAnyAll …
func ResolveAnyAll(op string, x, array Expr, all bool, pos int) (Expr, error) {
	panic("unfinished: ResolveAnyAll")
}

// ResolveAggregate …
func ResolveAggregate(name []string, args []Expr, star bool, pos int) (*Agg, []Expr, error) {
	panic("unfinished: ResolveAggregate")
}

// IsSetReturning …
func IsSetReturning(name string) bool { panic("unfinished: IsSetReturning") }

// Functions …
func Functions() []*Func { panic("unfinished: Functions") }

// Aggregates …
func Aggregates() []*Agg { panic("unfinished: Aggregates") }

func castVolatility(from, to types.Type) Volatility { return Immutable }
