// Package types holds the SQL types and values: what a column may contain, and a value's text, binary, JSON and key
// forms. It knows no batches, no expressions and no catalog.
//
// A Type is a Kind with modifiers (numeric(10,2)) or element types (bigint[]). A Value is one boxed value; it is for
// edges only (constants, parameters, wire results, tests): row loops work on vectors (package batch). How a kind is
// represented in a Value and in a vector is fixed by its Class.
//
// Where to look: AppendText and ParseText (text.go and text_*.go; dates and intervals in datetime*.go and interval.go),
// AppendBinary and ParseBinary (binary.go), Compare, Equal and Hash (compare.go, hash.go), AppendKey (key.go: bytes in
// Compare's order), AppendCompact (compact.go: bytes for state, no order), AppendArray and its like (nested.go),
// JSONValue, NormalizeJSONB, AppendJSON and ParseJSON (json.go, jsonb.go, json_value.go), Dec (dec*.go), Span and calendar
// arithmetic (span.go, civil*.go, field.go, extract.go, zone.go), CanCast and Cast (cast.go), ByName and OIDs (names.go).
//
// A journey: the literal '1 mon' of an interval column is read by ParseText into a Span, hashed by its length (HashSpan: a
// month is 30 days), kept in state by AppendCompactSpan, sorted by AppendKey, and leaves as AppendText prints it.
//
// Invariants: text forms are PostgreSQL 15's, byte for byte (testdata/*.golden, recorded by testdata/record.py); AppendKey
// keeps the order of Compare; equal values hash alike, with a hash that is the same in every process; every function here
// is pure (a session's settings arrive in a Format; input that needs a clock, like 'now', is refused).
package types
