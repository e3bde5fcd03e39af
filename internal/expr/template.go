package expr

import (
	"strings"
	"unicode/utf8"
)

// The templates of to_char, to_number, to_date and to_timestamp: fields between characters of text.

// templateNode is a field or one character of text.
type templateNode struct {
	key    string // the field in upper case; "" for text
	text   string // the field as written, or the character
	fill   bool   // FM before the field
	local  bool   // TM before the field: names in the session's language, which is English, without padding
	suffix string // "TH" or "th" behind the field, or ""
	gap    bool   // a character of text that is blank or, in a time's template, a separator
}

// templateGrammar is what a kind of template knows.
type templateGrammar struct {
	keys  map[byte][]string // the fields by first letter, longer ones before their prefixes
	affix bool              // FM and TM before a field, TH and SP behind it
}

func newTemplateGrammar(affix bool, keys ...string) *templateGrammar {
	g := &templateGrammar{keys: map[byte][]string{}, affix: affix}
	for _, k := range keys {
		g.keys[k[0]] = append(g.keys[k[0]], k)
	}
	return g
}

// field returns the field that s starts with, as written. Fields are written in upper or in lower case; the names of
// months and days in title case, too.
func (g *templateGrammar) field(s string) string {
	for _, k := range g.keys[upperByte(s[0])] {
		if len(s) < len(k) {
			continue
		}
		w := s[:len(k)]
		if w == k || w == strings.ToLower(k) || nameField(k) && w == k[:1]+strings.ToLower(k[1:]) {
			return w
		}
	}
	return ""
}

func nameField(key string) bool { return key == "MONTH" || key == "MON" || key == "DAY" || key == "DY" }

func upperByte(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

func oneOf(s string, prefixes ...string) string {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return p
		}
	}
	return ""
}

// parse splits a template. add is called for every field, in order, and may refuse it; nil accepts all.
func (g *templateGrammar) parse(s string, add func(key string) error) ([]templateNode, error) {
	var out []templateNode
	for s != "" {
		n := templateNode{}
		if g.affix {
			p := oneOf(s, "FM", "fm", "TM", "tm")
			n.fill, n.local = strings.EqualFold(p, "FM"), strings.EqualFold(p, "TM")
			if s = s[len(p):]; s == "" {
				break
			}
		}
		n.text = g.field(s)
		if n.text == "" {
			out, s = g.parseText(out, s)
			continue
		}
		s = s[len(n.text):]
		n.key = strings.ToUpper(n.text)
		if add != nil {
			if err := add(n.key); err != nil {
				return nil, err
			}
		}
		if g.affix {
			p := oneOf(s, "TH", "th", "SP")
			if s = s[len(p):]; p != "SP" {
				n.suffix = p
			}
		}
		out = append(out, n)
	}
	return out, nil
}

// parseText appends a character, or a text between double quotes, where a backslash quotes what follows it.
func (g *templateGrammar) parseText(out []templateNode, s string) ([]templateNode, string) {
	if s[0] != '"' {
		if strings.HasPrefix(s, `\"`) {
			s = s[1:]
		}
		c := firstChar(s)
		gap := isSpaceByte(c[0]) || g.affix && isSeparator(c[0])
		return append(out, templateNode{text: c, gap: gap}), s[len(c):]
	}
	s = s[1:]
	for s != "" && s[0] != '"' {
		if s[0] == '\\' && len(s) > 1 {
			s = s[1:]
		}
		c := firstChar(s)
		out = append(out, templateNode{text: c})
		s = s[len(c):]
	}
	return out, s[min(1, len(s)):]
}

func firstChar(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}

func isSpaceByte(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// isSeparator reports printable ASCII that is no letter, digit or blank.
func isSeparator(c byte) bool {
	up := upperByte(c)
	return c > ' ' && c < 0x7f && (up < 'A' || up > 'Z') && (c < '0' || c > '9')
}
