// Package sqllogic runs sqllogictest files: our first and largest test suite (the .slt files of this folder) and other
// engines' own (shared/conformance). One file is run in several modes, each a proof of its own (STYLE.md §9.1): plain;
// every query also kept as a view made before the data, or after it; ticks cut at random; restarts between statements;
// over the wire.
//
// What our files expect was answered by PostgreSQL 15, except after "onlyif streamsql": write a record without its rows,
// then `go test ./tests/sqllogic -run TestOracle -oracle postgres://… -rewrite` fills them in. Without -rewrite it
// compares.
//
// Main types: Record (one statement or query of a file), Runner (a database and a mode), Options.
package sqllogic
