// Package expr holds bound scalar expressions and their evaluation a column at a time.
//
// The planner builds an Expr tree (names resolved to column indexes, overloads resolved to Funcs, casts explicit,
// constants folded); Compile turns a tree into a Program whose kernels run over vectors: no boxed values, no
// allocation per row for fixed-width types. Whether a failing row is an error or NULL is the caller's choice, made in
// the Env. The registry of functions, operators and aggregate signatures lives here too: the binder asks it, and
// operators/agg implements the aggregates' kernels under the same names.
//
// A journey: ResolveOperator finds the overload by PostgreSQL's rules (candidate.go) among what def registered
// (registry.go; ops_*.go and fn_*.go), ResolveCast reads untyped literals as the type their place wants, Fold computes
// what is constant, Compile makes nodes (program.go, logic.go, case.go, list.go, any_all.go, cast.go), and Eval runs
// them: each node gives an operand, a vector or a constant, and the kernel of a call (kern_*.go) makes one of several.
//
// What must hold: every vector of one Eval has all rows of the batch. Rows that AND, OR, CASE or COALESCE have decided
// are kept out of a mask: kernels may compute them, but report no error there. The value at a NULL row is zero.
// Scratch vectors come from the Program's pool and go back at the end of each Eval, except the result.
package expr
