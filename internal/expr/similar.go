package expr

import (
	"bytes"
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
			var c regexCache
			var pattern, esc, src []byte
			return func(_ *row, a []types.Value) (types.Value, error) {
				if src == nil || !bytes.Equal(pattern, a[1].Bytes) || !bytes.Equal(esc, a[2].Bytes) {
					s, err := similarRegex(string(a[1].Bytes), string(a[2].Bytes))
					if err != nil {
						return types.Null, err
					}
					pattern, esc, src = bytes.Clone(a[1].Bytes), bytes.Clone(a[2].Bytes), []byte(s)
				}
				if err := c.get("substring", src, nil, regexFlags{}); err != nil {
					return types.Null, err
				}
				return substringOf(&c, a[0].Bytes)
			}, nil
		}))
}

// similarEscape is the pattern as one regular expression; marked parts are groups as PostgreSQL writes them.
func similarEscape(r *row, a []types.Value) (types.Value, error) {
	esc := `\`
	if len(a) > 1 {
		esc = string(a[1].Bytes)
	}
	s, err := similarRegex(string(a[0].Bytes), esc)
	return r.text(s), err
}

// similarRegex is a SIMILAR TO pattern as a regular expression.
func similarRegex(pattern, esc string) (string, error) {
	parts, err := similarParts(pattern, esc)
	if err != nil {
		return "", err
	}
	s := "^(?:" + parts[0]
	if len(parts) > 1 {
		s += "){1,1}?(" + parts[1]
	}
	if len(parts) > 2 {
		s += "){1,1}(?:" + parts[2]
	}
	return s + ")$", nil
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
