package expr

import (
	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// regexp_matches, regexp_split_to_table and string_to_table.

func init() {
	for _, tail := range []string{"", ", text"} {
		defSet("regexp_matches(text, text"+tail+") text[]", "", "the groups of the first match, with option g of every match",
			"regexp_matches('foobarbequebaz', 'ba.', 'g') => {bar}; {baz}", regexSet(regexpMatches))
		defSet("regexp_split_to_table(text, text"+tail+") text", "", "what lies between matches",
			`regexp_split_to_table('hello world', '\s+') => hello; world`, regexSet(regexpSplitRows))
		defSet("string_to_table(text, text"+tail+") text nullok", "", "the parts between delimiters; a NULL delimiter splits into characters, and parts equal to the last argument are NULL",
			"string_to_table('xx~^~yy~^~zz', '~^~', 'yy') => xx; NULL; zz", setOf(stringToRows))
	}
}

// regexSet makes the rows of a function whose second argument is a pattern and whose third, if it is there, has the
// option letters.
func regexSet(fn func(c *regexCache, s []byte, out batch.Appender) (int, error)) func(*SetCall) (setRows, error) {
	return func(call *SetCall) (setRows, error) {
		var c regexCache
		return func(_ *row, a []types.Value, out []batch.Appender) (int, error) {
			var letters []byte
			if len(a) > 2 {
				letters = a[2].Bytes
			}
			if err := c.get(call.Func.Name, a[1].Bytes, letters, regexFlags{}); err != nil {
				return 0, err
			}
			return fn(&c, a[0].Bytes, out[0])
		}, nil
	}
}

func regexpMatches(c *regexCache, s []byte, out batch.Appender) (int, error) {
	n := 0
	err := c.re.Each(s, 0, func(m []int) bool {
		out.AppendValue(matchGroups(s, m))
		n++
		return c.flags.global
	})
	return n, err
}

func regexpSplitRows(c *regexCache, s []byte, out batch.Appender) (int, error) {
	parts, err := splitRegex(c, s)
	if err != nil {
		return 0, err
	}
	for _, p := range parts {
		out.AppendValue(p)
	}
	return len(parts), nil
}

func stringToRows(_ *row, a []types.Value, out []batch.Appender) (int, error) {
	if a[0].Null {
		return 0, nil
	}
	vals := splitString(a)
	for _, v := range vals {
		out[0].AppendValue(v)
	}
	return len(vals), nil
}
