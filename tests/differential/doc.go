// Command differential compares our values with PostgreSQL's: random typed expressions over constants are evaluated by
// the product's own path (sql/parser, planner.PlanQuery, the operators' programs) and by PostgreSQL 15, and value text,
// type name and SQLSTATE must be the same.
//
//	go run ./tests/differential -postgres postgres://postgres@127.0.0.1/ -n 100000 -seed 1
//
// ends with "N passed, M failed"; failures come grouped by function with the smallest example of each. What differs on
// purpose is in deviations.txt, with its reason, and is counted apart.
//
// Where to look: generate.go writes the expressions (values.go the constants, forms.go the special syntax), ours.go and
// postgres.go evaluate, outcome.go says what counts as the same, deviations.go reads the reviewed list, report.go prints.
// signatures.go compares the lists of functions themselves (-catalog). The test starts a PostgreSQL 15 of its own.
// A case is made of the seed and its number alone, so that any one can be made again: -seed S -only NUMBER.
package main
