// Package ast is the syntax tree that sql/parser returns and the planner binds. It knows no catalog and no types: a
// type is written as a TypeName, a function by its name.
//
// Every node keeps Pos, the byte offset of its first character in the user's text (errors point there). Names are
// folded already: an unquoted identifier is lower case here (upper case under the ksql dialect). Statements implement
// Stmt, queries Query, expressions Expr, FROM items TableExpr; sql/format prints each back to text.
package ast
