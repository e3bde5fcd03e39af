package format

import "streamsql/sql/ast"

// Stmt prints a statement.
func Stmt(s ast.Stmt) string { panic("unfinished: format.Stmt") }

// Query prints a query.
func Query(q ast.Query) string { panic("unfinished: format.Query") }

// Expr prints an expression.
func Expr(e ast.Expr) string { panic("unfinished: format.Expr") }

// Ident prints a name, quoted where needed.
func Ident(s string) string { panic("unfinished: format.Ident") }

// Literal prints s as a string literal.
func Literal(s string) string { panic("unfinished: format.Literal") }
