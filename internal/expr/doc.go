// Package expr holds bound scalar expressions and their evaluation a column at a time.
//
// The planner builds an Expr tree (names resolved to column indexes, overloads resolved to Funcs, casts explicit,
// constants folded); Compile turns a tree into a Program whose kernels run over vectors: no boxed values, no
// allocation per row for fixed-width types. Whether a failing row is an error or NULL is the caller's choice, made in
// the Env. The registry of functions, operators and aggregate signatures lives here too: the binder asks it, and
// operators/agg implements the aggregates' kernels under the same names.
package expr
