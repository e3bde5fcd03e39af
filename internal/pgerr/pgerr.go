package pgerr

import (
	"errors"
	"fmt"
)

// NoPos says that an Error points at no place of the statement.
const NoPos = -1

// Error is an SQL error as PostgreSQL reports it.
type Error struct {
	Code   string // SQLSTATE, five characters
	Msg    string // short, lower case, no full stop, names quoted
	Detail string // whole sentences, or empty
	Hint   string // whole sentences that say what to do next, or empty
	Pos    int    // byte offset in the statement's text, or NoPos
	Err    error  // the cause, or nil
}

// New returns an Error without a position.
func New(code, format string, args ...any) *Error {
	return &Error{Code: code, Msg: fmt.Sprintf(format, args...), Pos: NoPos}
}

// At returns an Error that points at byte offset pos of the statement.
func At(pos int, code, format string, args ...any) *Error {
	return &Error{Code: code, Msg: fmt.Sprintf(format, args...), Pos: pos}
}

// Unsupported returns the 0A000 error that names a feature streamsql does not have (yet).
func Unsupported(pos int, feature string, args ...any) *Error {
	return At(pos, FeatureNotSupported, "%s is not supported", fmt.Sprintf(feature, args...))
}

// WithHint returns e with its hint set.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// WithDetail returns e with its detail set.
func (e *Error) WithDetail(format string, args ...any) *Error {
	e.Detail = fmt.Sprintf(format, args...)
	return e
}

func (e *Error) Error() string { return e.Msg }

func (e *Error) Unwrap() error { return e.Err }

// WithPos returns err with position pos when its innermost Error has none; other errors are returned unchanged.
// The Error is copied, never changed in place: constructors may return shared values.
func WithPos(err error, pos int) error {
	var e *Error
	if !errors.As(err, &e) || e.Pos != NoPos {
		return err
	}
	c := *e
	c.Pos = pos
	return &c
}

// From finds the Error that a client is shown for err: an assertion failure anywhere in the chain, else the
// innermost Error, else a new XX000 with err's text.
func From(err error) *Error {
	var found *Error
	for e := err; e != nil; e = errors.Unwrap(e) {
		if p, ok := e.(*Error); ok {
			found = p
			if p.Code == InternalError {
				return p
			}
		}
	}
	if found == nil {
		return &Error{Code: InternalError, Msg: err.Error(), Pos: NoPos, Err: err}
	}
	return found
}

// Code returns the SQLSTATE that From would report, or "" for nil.
func Code(err error) string {
	if err == nil {
		return ""
	}
	return From(err).Code
}
