// Package token splits SQL text into tokens by PostgreSQL's lexical rules (with standard_conforming_strings on).
//
// Lex returns the tokens with their byte offsets; comments and white space are dropped, words are folded, strings are
// decoded. The package knows the keywords and their classes (keyword.go) and nothing about statements.
package token
