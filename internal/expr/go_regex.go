package expr

import (
	"errors"
	"regexp/syntax"

	"streamsql/internal/pgerr"
)

var regexMessages = map[syntax.ErrorCode]string{
	syntax.ErrMissingParen: "parentheses () not balanced", syntax.ErrUnexpectedParen: "parentheses () not balanced",
	syntax.ErrMissingBracket: "brackets [] not balanced", syntax.ErrMissingRepeatArgument: "quantifier operand invalid",
	syntax.ErrInvalidRepeatOp: "quantifier operand invalid", syntax.ErrInvalidRepeatSize: "invalid repetition count(s)",
	syntax.ErrInvalidCharRange: "invalid character range", syntax.ErrTrailingBackslash: `invalid escape \ sequence`,
	syntax.ErrInvalidEscape: `invalid escape \ sequence`, syntax.ErrInvalidCharClass: "invalid character class",
	syntax.ErrLarge: "regular expression is too complex", syntax.ErrNestingDepth: "regular expression is too complex",
}

// regexError makes the 2201B of an error of Go's regexp package.
func regexError(err error) error {
	var se *syntax.Error
	if errors.As(err, &se) {
		if msg, ok := regexMessages[se.Code]; ok {
			return pgerr.New(pgerr.InvalidRegularExpression, "invalid regular expression: %s", msg)
		}
	}
	return pgerr.New(pgerr.InvalidRegularExpression, "invalid regular expression: %s", err)
}
