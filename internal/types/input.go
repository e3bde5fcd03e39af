package types

import (
	"strings"

	"streamsql/internal/pgerr"
)

// badInput is the 22P02 of an input function.
func badInput(typ, s string) error {
	return pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type %s: \"%s\"", typ, s)
}

// outOfRange is the 22003 of an integer's input function.
func outOfRange(typ, s string) error {
	return pgerr.New(pgerr.NumericValueOutOfRange, "value \"%s\" is out of range for type %s", s, typ)
}

// isSpace is C's isspace.
func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// trimSpace drops C's white space at both ends.
func trimSpace(s string) string { return strings.Trim(s, " \t\n\v\f\r") }
