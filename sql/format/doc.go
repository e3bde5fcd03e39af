// Package format prints a syntax tree back to SQL text. The text parses to the same tree (positions apart); nested
// operators are printed in parentheses, as PostgreSQL prints stored expressions.
package format
