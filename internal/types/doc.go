// Package types holds the SQL types and values: what a column may contain, and a value's text, binary, JSON and key
// forms. It knows no batches, no expressions and no catalog.
//
// A Type is a Kind with modifiers (numeric(10,2)) or element types (bigint[]). A Value is one boxed value; it is for
// edges only (constants, parameters, wire results, tests): row loops work on vectors (package batch). How a kind is
// represented in a Value and in a vector is fixed by its Class.
//
// Invariants: text forms are PostgreSQL 15's, byte for byte; AppendKey keeps the order of Compare; every function
// here is pure (a session's settings arrive in a Format).
package types
