// Package planner turns a syntax tree into a plan: bind (names and types) → logical plan → rules (rewrites) → physical
// plan. It does no I/O and reads nothing but the catalog snapshot it is given.
//
// A plan is plain data: the Node types of node.go, with a text form (Explain). One planner serves views, push queries
// and pull queries; the Lifetime in the Options only decides which physical choices are open (an index read needs a
// snapshot, a view's LIMIT needs a maintained top-N). The engine turns nodes into operators in one switch.
package planner
