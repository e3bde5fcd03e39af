package expr

import (
	"streamsql/internal/pgerr"
	"streamsql/internal/regex"
	"streamsql/internal/types"
)

// Regular expression operators and functions.

func init() {
	for _, o := range []struct {
		op        string
		not, fold bool
		ex        string
	}{{"~", false, false, "'thomas' ~ 't.*ma' => t"}, {"~*", false, true, "'thomas' ~* 'T.*ma' => t"},
		{"!~", true, false, "'thomas' !~ 't.*max' => t"}, {"!~*", true, true, "'thomas' !~* 'T.*ma' => f"}} {
		preset := regexFlags{}
		if o.fold {
			preset.Flags = regex.IgnoreCase
		}
		general := regexRows(0, preset, func(_ *row, c *regexCache, a []types.Value) (types.Value, error) {
			found, err := c.re.Match(a[0].Bytes)
			return types.BoolValue(found != o.not), err
		})
		def(o.op+"(text, text) bool", "matches a regular expression", o.ex, func(c *Call) (kernel, error) {
			if p, ok := c.Args[1].(*Const); ok && !p.V.Null {
				if re, err := regex.Compile(string(p.V.Bytes), preset.Flags); err == nil {
					if match := re.Predicate(); match != nil {
						return bytesPredicate(func(b []byte) bool { return match(b) != o.not }), nil
					}
				}
			}
			return general(c)
		})
	}
	for _, tail := range []string{"", ", text"} {
		def("regexp_like(text, text"+tail+") bool", "matches a regular expression", "regexp_like('Hello World', 'world$', 'i') => t",
			regexRows(2, regexFlags{}, func(_ *row, c *regexCache, a []types.Value) (types.Value, error) {
				found, err := c.re.Match(a[0].Bytes)
				return types.BoolValue(found), err
			}))
		def("regexp_match(text, text"+tail+") text[]", "the groups of the first match", "regexp_match('foobarbequebaz', '(bar)(beque)') => {bar,beque}",
			regexRows(2, regexFlags{}, regexpMatch))
		def("regexp_replace(text, text, text"+tail+") text", "matches replaced", "regexp_replace('Thomas', '.[mN]a.', 'M') => ThM",
			regexRows(3, regexFlags{}, regexpReplace))
		def("regexp_replace(text, text, text, int4, int4"+tail+") text", "the n-th match from a start replaced, 0: all",
			"regexp_replace('A PostgreSQL function', 'a|e|i|o|u', 'X', 1, 0) => A PXstgrXSQL fXnctXXn", regexRows(5, regexFlags{}, regexpReplace))
		def("regexp_split_to_array(text, text"+tail+") text[]", "what lies between matches", "regexp_split_to_array('hello world', '\\s+') => {hello,world}",
			regexRows(2, regexFlags{}, regexpSplit))
	}
	def("regexp_replace(text, text, text, int4) text", "the first match from a start replaced", "regexp_replace('foo', 'o', 'X', 3) => foX",
		regexRows(0, regexFlags{}, regexpReplace))
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
	m, err := c.re.Find(a[0].Bytes, 0)
	if err != nil || m == nil {
		return types.Null, err
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

// regexpReplace replaces a match: the first, or with the option g all, or the n-th (0: all) from a start.
func regexpReplace(r *row, c *regexCache, a []types.Value) (types.Value, error) {
	s, n, from := a[0].Bytes, int64(1), 0
	if c.flags.global {
		n = 0
	}
	if len(a) > 4 {
		n = a[4].I
	}
	if len(a) > 3 && len(a) != 4 || len(a) == 4 && a[3].I != 0 {
		from = startAt(s, a[3].I)
	}
	r.buf = r.buf[:0]
	last, seen := 0, int64(0)
	if from >= 0 {
		err := c.re.Each(s, from, func(m []int) bool {
			if seen++; n != 0 && seen < n {
				return true
			}
			r.buf = append(r.buf, s[last:m[0]]...)
			r.buf = appendReplacement(r.buf, a[2].Bytes, s, m)
			last = m[1]
			return n == 0
		})
		if err != nil {
			return types.Null, err
		}
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
	parts, err := splitRegex(c, a[0].Bytes)
	return types.BytesValue(types.AppendArray(nil, types.T(types.Text), nil, parts)), err
}

// splitRegex lists what lies between matches. An empty match at the end, or right behind another, splits nothing.
func splitRegex(c *regexCache, s []byte) ([]types.Value, error) {
	var vals []types.Value
	last, end := 0, 0
	err := c.re.Each(s, 0, func(m []int) bool {
		if m[0] < len(s) && m[1] > end {
			vals = append(vals, types.Value{Bytes: s[last:m[0]]})
			last = m[1]
		}
		end = m[1]
		return true
	})
	return append(vals, types.Value{Bytes: s[last:]}), err
}

func substringRegex(_ *row, c *regexCache, a []types.Value) (types.Value, error) {
	return substringOf(c, a[0].Bytes)
}

// substringOf is the first match, or its first group where the pattern has one.
func substringOf(c *regexCache, s []byte) (types.Value, error) {
	m, err := c.re.Find(s, 0)
	if len(m) > 2 {
		m = m[2:]
	}
	if err != nil || m == nil || m[0] < 0 {
		return types.Null, err
	}
	return types.Value{Bytes: s[m[0]:m[1]]}, nil
}
