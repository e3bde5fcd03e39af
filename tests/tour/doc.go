// Package tour runs the documents: every command of README.md's tour, every statement of docs/sql.md, and the list of
// functions in docs/functions.md, against a real server process. What they show as output is what was printed.
//
// After a change that is meant, `go test ./tests/tour -rewrite` writes the new outputs into the documents.
package tour
