// Package format prints a syntax tree back to SQL text. The text parses to the same tree (positions apart); nested
// operators are printed in parentheses, as PostgreSQL prints stored expressions. The text is of the PostgreSQL dialect:
// a tree that was parsed under another one has its names in quotes where they need it, and parses under Postgres.
package format
