package expr

import (
	"bytes"
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/internal/regex"
	"streamsql/internal/types"
)

// regexFlags are the options of a regular expression function.
type regexFlags struct {
	regex.Flags
	global bool
}

// set applies option letters; the last of contradicting ones counts.
func (o *regexFlags) set(letters []byte) error {
	for i, c := range letters {
		if c == 'e' {
			c = 'b' // PostgreSQL takes both for basic ones; (?e) makes an ERE
		}
		if !o.Flags.Set(c) {
			_, n := utf8.DecodeRune(letters[i:])
			return pgerr.New(pgerr.InvalidParameterValue, "invalid regular expression option: \"%s\"", letters[i:i+n])
		}
		o.global = o.global || c == 'g'
	}
	return nil
}

// regexCache compiles a pattern again only when it changes.
type regexCache struct {
	re      *regex.Regexp
	pattern []byte
	letters []byte
	flags   regexFlags
}

// get compiles pattern. fn is the function's name, for the error about the option g, which not all of them take.
func (c *regexCache) get(fn string, pattern, letters []byte, preset regexFlags) error {
	if c.re != nil && bytes.Equal(pattern, c.pattern) && bytes.Equal(letters, c.letters) {
		return nil
	}
	flags := preset
	if err := flags.set(letters); err != nil {
		return err
	}
	if flags.global && fn != "regexp_replace" && fn != "regexp_matches" {
		return errGlobal(fn)
	}
	re, err := regex.Compile(string(pattern), flags.Flags)
	if err != nil {
		return err
	}
	c.re, c.flags = re, flags
	c.pattern, c.letters = append(c.pattern[:0], pattern...), append(c.letters[:0], letters...)
	return nil
}

// regexRows makes the kernel of a function whose second argument is a pattern. flagsArg is the index of the option
// letters, if the call has that many arguments.
func regexRows(flagsArg int, preset regexFlags, fn func(r *row, c *regexCache, a []types.Value) (types.Value, error)) func(*Call) (kernel, error) {
	return rowsFor(func(call *Call) (rowFunc, error) {
		var c regexCache
		name := call.Func.Name
		return func(r *row, a []types.Value) (types.Value, error) {
			if err := checkPlace(name, a); err != nil {
				return types.Null, err
			}
			var letters []byte
			if flagsArg > 0 && flagsArg < len(a) {
				letters = a[flagsArg].Bytes
			}
			if err := c.get(name, a[1].Bytes, letters, preset); err != nil {
				return types.Null, err
			}
			return fn(r, &c, a)
		}, nil
	})
}
