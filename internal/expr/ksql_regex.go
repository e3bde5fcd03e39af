package expr

import (
	"bytes"
	"regexp"
	"regexp/syntax"
	"strconv"
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// ksqlDB's functions of regular expressions, which are Java's (java_regex.go).

// javaRegexCache compiles a pattern again only when it changes.
type javaRegexCache struct {
	re      *regexp.Regexp
	pattern []byte
	empties bool // the expression matches the empty text wherever it stands
}

func (c *javaRegexCache) get(pattern []byte) error {
	if c.re != nil && bytes.Equal(pattern, c.pattern) {
		return nil
	}
	re, err := compileJavaRegex(string(pattern))
	if err != nil {
		return err
	}
	c.re, c.pattern = re, append(c.pattern[:0], pattern...)
	c.empties = false
	if tree, err := syntax.Parse(re.String(), syntax.Perl); err == nil {
		c.empties = re.MatchString("") && !hasAssertion(tree)
	}
	return nil
}

// hasAssertion reports ^, $, \b and their kin in a tree.
func hasAssertion(t *syntax.Regexp) bool {
	switch t.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	for _, s := range t.Sub {
		if hasAssertion(s) {
			return true
		}
	}
	return false
}

// matches returns all matches as Java finds them one after another: unlike Go it also finds an empty one right behind
// another match.
func (c *javaRegexCache) matches(s []byte) [][]int {
	found := c.re.FindAllSubmatchIndex(s, -1)
	if !c.empties {
		return found
	}
	groups := c.re.FindSubmatchIndex(nil)
	var out [][]int
	for i, m := range found {
		out = append(out, m)
		if m[0] == m[1] || i+1 < len(found) && found[i+1][0] == m[1] {
			continue
		}
		empty := make([]int, len(m))
		for k := range empty {
			empty[k] = m[1]
			if groups[k] < 0 {
				empty[k] = -1
			}
		}
		out = append(out, empty)
	}
	return out
}

// javaRegexRows makes the kernel of a function whose argument at is a pattern.
func javaRegexRows(at int, fn func(r *row, c *javaRegexCache, a []types.Value) (types.Value, error)) func(*Call) (kernel, error) {
	return rowsFor(func(*Call) (rowFunc, error) {
		var c javaRegexCache
		return func(r *row, a []types.Value) (types.Value, error) {
			if err := c.get(a[at].Bytes); err != nil {
				return types.Null, err
			}
			return fn(r, &c, a)
		}, nil
	})
}

func init() {
	for _, tail := range []string{"", ", int4"} {
		defKSQL("regexp_extract(text, text"+tail+") text", "the first match of a regular expression, the first argument, or a group of it; NULL if there is none", "regexp_extract('(.*) (.*)', 'hello there', 2) => there",
			javaRegexRows(0, regexpExtract))
		defKSQL("regexp_extract_all(text, text"+tail+") text[]", "all matches of a regular expression, the first argument, or a group of each; NULL if there is no such group", `regexp_extract_all('(\w+) (\w*)', 'hello there nice day', 2) => {there,day}`,
			javaRegexRows(0, regexpExtractAll))
	}
	defKSQL("regexp_replace(text, text, text) text", "every match of a regular expression replaced; $1 is a group", "regexp_replace('foo bar', '(o+) b', '$1-$1') => foo-ooar", javaRegexRows(1, javaReplaceAll))
	defKSQL("regexp_split_to_array(text, text) text[]", "the parts between matches of a regular expression", `regexp_split_to_array('a1b22c', '\d+') => {a,b,c}`, javaRegexRows(1, javaSplit))
}

// groupOf returns the number of the group that the third argument names; ok is false if there is no such group.
func groupOf(c *javaRegexCache, a []types.Value) (n int, ok bool, err error) {
	if len(a) < 3 {
		return 0, true, nil
	}
	if a[2].I < 0 {
		return 0, false, pgerr.New(pgerr.InvalidParameterValue, "no group %d", a[2].I)
	}
	return int(a[2].I), a[2].I <= int64(c.re.NumSubexp()), nil
}

func regexpExtract(_ *row, c *javaRegexCache, a []types.Value) (types.Value, error) {
	n, ok, err := groupOf(c, a)
	if err != nil || !ok {
		return types.Null, err
	}
	m := c.re.FindSubmatchIndex(a[1].Bytes)
	if m == nil || m[2*n] < 0 {
		return types.Null, nil
	}
	return types.Value{Bytes: a[1].Bytes[m[2*n]:m[2*n+1]]}, nil
}

func regexpExtractAll(r *row, c *javaRegexCache, a []types.Value) (types.Value, error) {
	n, ok, err := groupOf(c, a)
	if err != nil || !ok {
		return types.Null, err
	}
	vals := []types.Value{}
	for _, m := range c.matches(a[1].Bytes) {
		if m[2*n] < 0 {
			vals = append(vals, types.Null)
		} else {
			vals = append(vals, types.Value{Bytes: a[1].Bytes[m[2*n]:m[2*n+1]]})
		}
	}
	r.buf = types.AppendArray(r.buf[:0], types.T(types.Text), nil, vals)
	return types.Value{Bytes: r.buf}, nil
}

func javaReplaceAll(r *row, c *javaRegexCache, a []types.Value) (types.Value, error) {
	s := a[0].Bytes
	r.buf = r.buf[:0]
	last := 0
	for _, m := range c.matches(s) {
		r.buf = append(r.buf, s[last:m[0]]...)
		var err error
		if r.buf, err = c.appendReplacement(r.buf, a[2].Bytes, s, m); err != nil {
			return types.Null, err
		}
		last = m[1]
	}
	r.buf = append(r.buf, s[last:]...)
	return types.Value{Bytes: r.buf}, nil
}

// appendReplacement expands $n, ${name} and \x in a replacement.
func (c *javaRegexCache) appendReplacement(dst, repl, s []byte, m []int) ([]byte, error) {
	for i := 0; i < len(repl); i++ {
		switch repl[i] {
		case '\\':
			if i++; i == len(repl) {
				return dst, pgerr.New(pgerr.InvalidParameterValue, "character to be escaped is missing in %q", repl)
			}
			dst = append(dst, repl[i])
		case '$':
			g, n := c.groupRef(repl[i+1:])
			if n == 0 {
				return dst, pgerr.New(pgerr.InvalidParameterValue, "illegal group reference in %q", repl)
			}
			i += n
			if m[2*g] >= 0 {
				dst = append(dst, s[m[2*g]:m[2*g+1]]...)
			}
		default:
			dst = append(dst, repl[i])
		}
	}
	return dst, nil
}

// groupRef reads the number, as long as there is such a group, or the name in braces that b begins with; n is 0 if it
// names no group.
func (c *javaRegexCache) groupRef(b []byte) (group, n int) {
	if len(b) > 0 && b[0] == '{' {
		end := bytes.IndexByte(b, '}')
		if end < 0 {
			return 0, 0
		}
		if group = c.re.SubexpIndex(string(b[1:end])); group < 0 {
			return 0, 0
		}
		return group, end + 1
	}
	for n < len(b) && isDigit(b[n]) {
		g, err := strconv.Atoi(string(b[:n+1]))
		if err != nil || g > c.re.NumSubexp() {
			break
		}
		group = g
		n++
	}
	return group, n
}

// javaSplit keeps empty parts; an expression that matches nothing splits all characters.
func javaSplit(r *row, c *javaRegexCache, a []types.Value) (types.Value, error) {
	s := a[0].Bytes
	whole := c.re.FindIndex(nil)
	if len(a[1].Bytes) == 0 || whole != nil {
		return javaSplitEmpty(r, c, s)
	}
	var parts []types.Value
	last := 0
	for _, m := range c.matches(s) {
		if m[1] == m[0] {
			continue
		}
		parts = append(parts, types.Value{Bytes: s[last:m[0]]})
		last = m[1]
	}
	parts = append(parts, types.Value{Bytes: s[last:]})
	r.buf = types.AppendArray(r.buf[:0], types.T(types.Text), nil, parts)
	return types.Value{Bytes: r.buf}, nil
}

// javaSplitEmpty splits by an expression that matches the empty text: there is no empty part at the ends.
func javaSplitEmpty(r *row, c *javaRegexCache, s []byte) (types.Value, error) {
	var parts []types.Value
	last := 0
	for _, m := range c.matches(s) {
		if last == 0 && m[0] == 0 && m[1] == 0 {
			continue
		}
		parts = append(parts, types.Value{Bytes: s[last:m[0]]})
		last = m[1]
	}
	if last == 0 {
		parts = []types.Value{{Bytes: s}}
	} else {
		parts = append(parts, types.Value{Bytes: s[last:]})
		for len(parts) > 0 && utf8.RuneCount(parts[len(parts)-1].Bytes) == 0 {
			parts = parts[:len(parts)-1]
		}
	}
	r.buf = types.AppendArray(r.buf[:0], types.T(types.Text), nil, parts)
	return types.Value{Bytes: r.buf}, nil
}
