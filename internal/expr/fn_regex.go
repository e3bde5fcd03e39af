package expr

import (
	"bytes"
	"regexp"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Regular expression operators and functions.

// regexCache compiles a pattern again only when it changes.
type regexCache struct {
	re      *regexp.Regexp
	pattern []byte
	letters []byte
	flags   regexFlags
}

// get compiles pattern. fn is the function's name, for the error about the option g, which not all of them take.
func (c *regexCache) get(fn string, pattern, letters []byte, preset regexFlags) (*regexp.Regexp, error) {
	if c.re != nil && bytes.Equal(pattern, c.pattern) && bytes.Equal(letters, c.letters) {
		return c.re, nil
	}
	flags := preset
	if err := flags.set(string(letters)); err != nil {
		return nil, err
	}
	if flags.global && fn != "regexp_replace" && fn != "regexp_matches" {
		return nil, errGlobal(fn)
	}
	re, err := compileRegex(string(pattern), flags)
	if err != nil {
		return nil, err
	}
	c.re, c.flags = re, flags
	c.pattern, c.letters = append(c.pattern[:0], pattern...), append(c.letters[:0], letters...)
	return re, nil
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
			if _, err := c.get(name, a[1].Bytes, letters, preset); err != nil {
				return types.Null, err
			}
			return fn(r, &c, a)
		}, nil
	})
}

func init() {
	for _, o := range []struct {
		op        string
		not, fold bool
		ex        string
	}{{"~", false, false, "'thomas' ~ 't.*ma' => t"}, {"~*", false, true, "'thomas' ~* 'T.*ma' => t"},
		{"!~", true, false, "'thomas' !~ 't.*max' => t"}, {"!~*", true, true, "'thomas' !~* 'T.*ma' => f"}} {
		general := regexRows(0, regexFlags{ignoreCase: o.fold}, func(_ *row, c *regexCache, a []types.Value) (types.Value, error) {
			return types.BoolValue(c.re.Match(a[0].Bytes) != o.not), nil
		})
		def(o.op+"(text, text) bool", "matches a regular expression", o.ex, func(c *Call) (kernel, error) {
			if p, ok := c.Args[1].(*Const); ok && !p.V.Null {
				if re, err := compileRegex(string(p.V.Bytes), regexFlags{ignoreCase: o.fold}); err == nil {
					return bytesPredicate(func(b []byte) bool { return re.Match(b) != o.not }), nil
				}
			}
			return general(c)
		})
	}
	for _, tail := range []string{"", ", text"} {
		def("regexp_like(text, text"+tail+") bool", "matches a regular expression", "regexp_like('Hello World', 'world$', 'i') => t",
			regexRows(2, regexFlags{}, func(_ *row, c *regexCache, a []types.Value) (types.Value, error) {
				return types.BoolValue(c.re.Match(a[0].Bytes)), nil
			}))
		def("regexp_match(text, text"+tail+") text[]", "the groups of the first match", "regexp_match('foobarbequebaz', '(bar)(beque)') => {bar,beque}",
			regexRows(2, regexFlags{}, regexpMatch))
		def("regexp_replace(text, text, text"+tail+") text", "matches replaced", "regexp_replace('Thomas', '.[mN]a.', 'M') => ThM",
			regexRows(3, regexFlags{}, regexpReplace))
		def("regexp_split_to_array(text, text"+tail+") text[]", "what lies between matches", "regexp_split_to_array('hello world', '\\s+') => {hello,world}",
			regexRows(2, regexFlags{}, regexpSplit))
	}
	def("substring(text, text) text", "the first match of a regular expression, or its first group", "substring('Thomas', '...$') => mas",
		regexRows(0, regexFlags{}, substringRegex))
}

func errGlobal(fn string) *pgerr.Error {
	err := pgerr.New(pgerr.InvalidParameterValue, "%s() does not support the \"global\" option", fn)
	if fn == "regexp_match" {
		err = err.WithHint("Use the regexp_matches function instead.")
	}
	return err
}

func regexpMatch(_ *row, c *regexCache, a []types.Value) (types.Value, error) {
	m := c.re.FindSubmatchIndex(a[0].Bytes)
	if m == nil {
		return types.Null, nil
	}
	return matchGroups(a[0].Bytes, m), nil
}

// matchGroups is the array of a match's groups, or of the whole match where the pattern has none.
func matchGroups(s []byte, m []int) types.Value {
	if len(m) > 2 {
		m = m[2:]
	}
	var vals []types.Value
	for i := 0; i < len(m); i += 2 {
		if m[i] < 0 {
			vals = append(vals, types.Null)
		} else {
			vals = append(vals, types.Value{Bytes: s[m[i]:m[i+1]]})
		}
	}
	return types.BytesValue(types.AppendArray(nil, types.T(types.Text), nil, vals))
}

func regexpReplace(r *row, c *regexCache, a []types.Value) (types.Value, error) {
	s, n := a[0].Bytes, 1
	if c.flags.global {
		n = -1
	}
	r.buf = r.buf[:0]
	last := 0
	for _, m := range c.re.FindAllSubmatchIndex(s, n) {
		r.buf = append(r.buf, s[last:m[0]]...)
		r.buf = appendReplacement(r.buf, a[2].Bytes, s, m)
		last = m[1]
	}
	r.buf = append(r.buf, s[last:]...)
	return types.Value{Bytes: r.buf}, nil
}

// appendReplacement expands \1 … \9, \& and \\.
func appendReplacement(dst, repl, s []byte, m []int) []byte {
	for i := 0; i < len(repl); i++ {
		c := repl[i]
		if c != '\\' || i+1 == len(repl) {
			dst = append(dst, c)
			continue
		}
		i++
		switch c = repl[i]; {
		case c == '&':
			dst = append(dst, s[m[0]:m[1]]...)
		case c >= '1' && c <= '9':
			if g := 2 * int(c-'0'); g < len(m) && m[g] >= 0 {
				dst = append(dst, s[m[g]:m[g+1]]...)
			}
		case c == '\\':
			dst = append(dst, '\\')
		default:
			dst = append(dst, '\\', c)
		}
	}
	return dst
}

func regexpSplit(_ *row, c *regexCache, a []types.Value) (types.Value, error) {
	return types.BytesValue(types.AppendArray(nil, types.T(types.Text), nil, splitRegex(c, a[0].Bytes))), nil
}

// splitRegex lists what lies between matches.
func splitRegex(c *regexCache, s []byte) []types.Value {
	var vals []types.Value
	last := 0
	for _, m := range c.re.FindAllIndex(s, -1) {
		if m[1] == m[0] && (m[0] == 0 || m[0] >= len(s)) {
			continue // an empty match at either end splits nothing
		}
		vals = append(vals, types.Value{Bytes: s[last:m[0]]})
		last = m[1]
	}
	return append(vals, types.Value{Bytes: s[last:]})
}

func substringRegex(_ *row, c *regexCache, a []types.Value) (types.Value, error) {
	m := c.re.FindSubmatchIndex(a[0].Bytes)
	if len(m) > 2 {
		m = m[2:]
	}
	if m == nil || m[0] < 0 {
		return types.Null, nil
	}
	return types.Value{Bytes: a[0].Bytes[m[0]:m[1]]}, nil
}
