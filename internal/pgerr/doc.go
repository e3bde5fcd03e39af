// Package pgerr is the one error type that reaches a client, and the SQLSTATE constants.
//
// A user's mistake is born as an *Error where it is found; everything below wraps plain errors with %w. The
// wire room turns whatever arrives into an ErrorResponse: the innermost *Error decides the code, an assertion
// failure (XX000) wins over all, and an error without a code is XX000.
package pgerr
