// Package planner turns a syntax tree into a plan: bind (names and types) → logical plan → rules (rewrites) → physical
// plan. It does no I/O and reads nothing but the catalog snapshot it is given.
//
// A plan is plain data: the Node types of node.go, with a text form (Explain). One planner serves views, push queries
// and pull queries; the Lifetime in the Options only decides which physical choices are open (an index read needs a
// snapshot, a view's LIMIT needs a maintained top-N). The engine turns nodes into operators in one switch.
//
// One journey, SELECT city, count(*) FROM users WHERE age > 3 GROUP BY city: PlanQuery makes a binder (bind.go), which
// binds FROM (from.go: names in scope.go, views and CTEs put in place), the select list, WHERE, GROUP BY (select.go,
// group.go; expressions in bind_*.go) straight into nodes. What an expression needs but does not exist yet while it is
// bound, the result of an aggregate or of a subquery, is a placeholder: a Column numbered from aggBase or subBase,
// replaced when the aggregation or the join that yields it is put in. The rules (rule.go has the list, rule_*.go each
// a family) rewrite the tree; PropsOf (props.go) derives keys and growth from it. dml.go and create.go plan INSERT,
// UPDATE, DELETE and CREATE by the same means.
//
// Invariants: nodes are never changed once built and may be shared (a CTE's by its uses); a rule keeps a plan's rows,
// columns and names, so that any of them can be switched off; the types of expressions on both sides of any operator
// are exactly those it takes; everything that is refused is a pgerr error that points at the expression.
//
// Tests: testdata/*.txt are statements with their plans and errors (go test -rewrite renews them); testdata/*.golden
// are queries with PostgreSQL's answers, run on the real operators in every mode with every rule off by itself.
package planner
