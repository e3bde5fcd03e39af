package expr

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// SIMILAR TO patterns: SQL's own regular expressions.

func init() {
	def("similar_to_escape(text) text", "a SIMILAR TO pattern as a regular expression", "similar_to_escape('a%') => ^(?:a.*)$", rows(similarEscape))
	def("similar_to_escape(text, text) text", "a SIMILAR TO pattern as a regular expression", "", rows(similarEscape))
	def("substring(text, text, text) text", "what a SIMILAR TO pattern marks between two escaped quotes", `substring('abcdefg', 'a#"%#"g', '#') => bcdef`,
		rowsFor(func(*Call) (rowFunc, error) {
			var c similarCache
			return func(_ *row, a []types.Value) (types.Value, error) {
				if err := c.get(a[1].Bytes, a[2].Bytes); err != nil {
					return types.Null, err
				}
				return c.substring(a[0].Bytes), nil
			}, nil
		}))
}

// similarCache keeps the parts of the last pattern: one, or with the marks of substring before, between and behind.
type similarCache struct {
	pattern, esc []byte
	parts        []*regexp.Regexp // each for a whole text
	rest         *regexp.Regexp   // the last two together
}

func (c *similarCache) get(pattern, esc []byte) error {
	if c.parts != nil && bytes.Equal(pattern, c.pattern) && bytes.Equal(esc, c.esc) {
		return nil
	}
	src, err := similarParts(string(pattern), string(esc))
	if err != nil {
		return err
	}
	if len(src) == 2 { // one mark alone: what stands behind it is the group
		src = append(src, "")
	}
	var parts []*regexp.Regexp
	for _, s := range append(src, strings.Join(src[min(1, len(src)-1):], "")) {
		re, err := compileRegex("^(?:"+s+")$", regexFlags{})
		if err != nil {
			return err
		}
		parts = append(parts, re)
	}
	c.parts, c.rest = parts[:len(src)], parts[len(src)]
	c.pattern, c.esc = append(c.pattern[:0], pattern...), append(c.esc[:0], esc...)
	return nil
}

// substring takes the shortest text for the first part, then the longest for the second.
func (c *similarCache) substring(s []byte) types.Value {
	if len(c.parts) == 1 {
		if c.parts[0].Match(s) {
			return types.Value{Bytes: s}
		}
		return types.Null
	}
	for i := 0; i <= len(s); i++ {
		if i < len(s) && !utf8.RuneStart(s[i]) || !c.parts[0].Match(s[:i]) || !c.rest.Match(s[i:]) {
			continue
		}
		for j := len(s); j >= i; j-- {
			if (j == len(s) || utf8.RuneStart(s[j])) && c.parts[1].Match(s[i:j]) && c.parts[2].Match(s[j:]) {
				return types.Value{Bytes: s[i:j]}
			}
		}
	}
	return types.Null
}

// similarEscape is the pattern as one regular expression; marked parts are groups as PostgreSQL writes them.
func similarEscape(r *row, a []types.Value) (types.Value, error) {
	esc := `\`
	if len(a) > 1 {
		esc = string(a[1].Bytes)
	}
	parts, err := similarParts(string(a[0].Bytes), esc)
	if err != nil {
		return types.Null, err
	}
	s := "^(?:" + parts[0]
	if len(parts) > 1 {
		s += "){1,1}?(" + parts[1]
	}
	if len(parts) > 2 {
		s += "){1,1}(?:" + parts[2]
	}
	return r.text(s + ")$"), nil
}

// similarParts translates a pattern, cut at escaped quotes: % and _ are those of LIKE, | * + ? {} () [] those of
// regular expressions.
func similarParts(pattern, esc string) ([]string, error) {
	if utf8.RuneCountInString(esc) > 1 {
		return nil, pgerr.New(pgerr.InvalidEscapeSequence, "invalid escape string").WithHint("Escape string must be empty or one character.")
	}
	var parts []string
	var b strings.Builder
	afterEscape, inBracket := false, false
	for _, c := range pattern {
		switch {
		case afterEscape && c == '"' && !inBracket:
			if len(parts) == 2 {
				return nil, pgerr.New("2200C", "SQL regular expression may not contain more than two escape-double-quote separators")
			}
			parts = append(parts, b.String())
			b.Reset()
			afterEscape = false
		case afterEscape:
			b.WriteByte('\\')
			b.WriteRune(c)
			afterEscape = false
		case esc != "" && string(c) == esc:
			afterEscape = true
		case inBracket:
			if c == '\\' {
				b.WriteByte('\\')
			}
			b.WriteRune(c)
			inBracket = c != ']'
		case c == '[':
			b.WriteRune(c)
			inBracket = true
		case c == '%':
			b.WriteString(".*")
		case c == '_':
			b.WriteByte('.')
		case c == '(':
			b.WriteString("(?:")
		case strings.ContainsRune(`\.^$`, c):
			b.WriteByte('\\')
			b.WriteRune(c)
		default:
			b.WriteRune(c)
		}
	}
	return append(parts, b.String()), nil
}
