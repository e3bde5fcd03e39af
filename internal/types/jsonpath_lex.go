package types

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

// pathKind is the kind of a token of a jsonpath.
type pathKind uint8

const (
	pathEnd pathKind = iota
	pathWord
	pathQuoted
	pathVar // $name
	pathInteger
	pathNumber
	pathSign
)

type pathToken struct {
	kind    pathKind
	text    string // decoded
	raw     string // as it stands
	escaped bool   // a word with an escape in it is no keyword
}

// pathLexer cuts a jsonpath into tokens.
type pathLexer struct {
	s  string
	at int
}

func pathBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// pathOther is a byte that words are made of.
func pathOther(c byte) bool {
	return !pathBlank(c) && strings.IndexByte("?%$.[]{}()|&!=<>@#,*:-+/\"\\", c) < 0
}

// fail is an error at tok, as PostgreSQL's parser words it.
func (l *pathLexer) fail(what string, tok pathToken) error {
	if tok.kind == pathWord { // PostgreSQL's lexer has read on to what ended the word
		tok.raw = l.s[l.at:skip(l.s, l.at, pathBlank)]
		if tok.raw == "" {
			tok.kind = pathEnd
		}
	}
	if tok.kind == pathEnd {
		return pgerr.New(pgerr.SyntaxError, "%s at end of jsonpath input", what)
	}
	return pgerr.New(pgerr.SyntaxError, "%s at or near \"%s\" of jsonpath input", what, tok.raw)
}

// skipBlanks passes white space and comments.
func (l *pathLexer) skipBlanks() error {
	for {
		l.at = skip(l.s, l.at, pathBlank)
		if !strings.HasPrefix(l.s[l.at:], "/*") {
			return nil
		}
		end := strings.Index(l.s[l.at+2:], "*/")
		if end < 0 {
			l.at = len(l.s)
			return l.fail("unexpected end of comment", pathToken{})
		}
		l.at += end + 4
	}
}

func (l *pathLexer) next() (pathToken, error) {
	if err := l.skipBlanks(); err != nil || l.at >= len(l.s) {
		return pathToken{}, err
	}
	start := l.at
	tok, err := l.token(l.s[start])
	tok.raw = l.s[start:l.at]
	return tok, err
}

func (l *pathLexer) token(c byte) (pathToken, error) {
	second := byte(0)
	if l.at+1 < len(l.s) {
		second = l.s[l.at+1]
	}
	switch {
	case isDigit(c), c == '.' && isDigit(second):
		return l.number()
	case c == '"':
		s, err := l.quoted()
		return pathToken{kind: pathQuoted, text: s}, err
	case c == '$' && second == '"':
		l.at++
		s, err := l.quoted()
		return pathToken{kind: pathVar, text: s}, err
	case c == '$' && second != 0 && (pathOther(second) || second == '\\'):
		l.at++
		s, _, err := l.unquoted()
		return pathToken{kind: pathVar, text: s}, err
	case pathOther(c) || c == '\\':
		s, escaped, err := l.unquoted()
		return pathToken{kind: pathWord, text: s, escaped: escaped}, err
	}
	n := 1
	switch l.s[l.at:min(l.at+2, len(l.s))] {
	case "&&", "||", "**", "<=", "==", "<>", "!=", ">=":
		n = 2
	}
	l.at += n
	return pathToken{kind: pathSign, text: l.s[l.at-n : l.at]}, nil
}

// number reads an integer, decimal or real; letters right behind it are refused.
func (l *pathLexer) number() (pathToken, error) {
	start, kind := l.at, pathInteger
	if l.s[l.at] == '0' {
		l.at++
	} else {
		l.at = skip(l.s, l.at, isDigit)
	}
	if l.at < len(l.s) && l.s[l.at] == '.' {
		kind = pathNumber
		l.at = skip(l.s, l.at+1, isDigit)
	}
	if l.at < len(l.s) && l.s[l.at]|32 == 'e' {
		i := l.at + 1
		signed := i < len(l.s) && (l.s[i] == '+' || l.s[i] == '-')
		if signed {
			i++
		}
		if end := skip(l.s, i, isDigit); end > i {
			kind, l.at = pathNumber, end
		} else if signed {
			l.at = i
			return pathToken{}, l.fail("invalid numeric literal", pathToken{kind: kind, raw: l.s[start:l.at]})
		}
	}
	if l.at < len(l.s) && pathOther(l.s[l.at]) {
		_, n := utf8.DecodeRuneInString(l.s[l.at:])
		l.at += n
		if skip(l.s, start, pathOther) > l.at { // the longest match is a word: 1abc
			l.at = start
			s, _, err := l.unquoted()
			return pathToken{kind: pathWord, text: s, escaped: true}, err
		}
		return pathToken{}, l.fail("trailing junk after numeric literal", pathToken{kind: kind, raw: l.s[start:l.at]})
	}
	return pathToken{kind: kind, text: l.s[start:l.at]}, nil
}

func (l *pathLexer) quoted() (string, error) {
	var out []byte
	for l.at++; l.at < len(l.s); {
		switch c := l.s[l.at]; c {
		case '"':
			l.at++
			return string(out), nil
		case '\\':
			var err error
			if out, err = l.escape(out); err != nil {
				return "", err
			}
		default:
			out = append(out, c)
			l.at++
		}
	}
	return "", l.fail("unexpected end of quoted string", pathToken{})
}

func (l *pathLexer) unquoted() (s string, escaped bool, err error) {
	var out []byte
	for l.at < len(l.s) {
		c := l.s[l.at]
		switch {
		case c == '\\':
			escaped = true
			if out, err = l.escape(out); err != nil {
				return "", true, err
			}
			continue
		case !pathOther(c):
			return string(out), escaped, nil
		}
		out = append(out, c)
		l.at++
	}
	return string(out), escaped, nil
}

// escape reads what begins with a backslash and appends what it means.
func (l *pathLexer) escape(out []byte) ([]byte, error) {
	start := l.at
	l.at++
	if l.at >= len(l.s) {
		return nil, l.fail("unexpected end after backslash", pathToken{})
	}
	c := l.s[l.at]
	l.at++
	switch c {
	case 'b', 'f', 'n', 'r', 't', 'v':
		return append(out, "\b\f\n\r\t\v"[strings.IndexByte("bfnrtv", c)]), nil
	case 'x':
		return l.codePoint(out, start, l.hex(2))
	case 'u':
		r := l.codeUnit()
		if utf16.IsSurrogate(r) && strings.HasPrefix(l.s[l.at:], `\u`) {
			l.at += 2
			if r = utf16.DecodeRune(r, l.codeUnit()); r == utf8.RuneError {
				r = 0xd800 // still alone
			}
		}
		return l.codePoint(out, start, r)
	}
	_, n := utf8.DecodeRuneInString(l.s[l.at-1:])
	l.at += n - 1
	return append(out, l.s[l.at-n:l.at]...), nil
}

// codeUnit reads the digits behind \u: four, or up to six in braces; -1 when there are none.
func (l *pathLexer) codeUnit() rune {
	if l.at < len(l.s) && l.s[l.at] == '{' {
		end := strings.IndexByte(l.s[l.at:], '}')
		if end < 2 || end > 7 {
			return -1
		}
		n, err := strconv.ParseUint(l.s[l.at+1:l.at+end], 16, 32)
		if l.at += end + 1; err != nil {
			return -1
		}
		return rune(n)
	}
	return l.hex(4)
}

func (l *pathLexer) hex(digits int) rune {
	n := rune(0)
	for range digits {
		if l.at >= len(l.s) {
			return -1
		}
		d, ok := hexDigit(l.s[l.at])
		if !ok {
			return -1
		}
		n = n<<4 | rune(d)
		l.at++
	}
	return n
}

func (l *pathLexer) codePoint(out []byte, start int, r rune) ([]byte, error) {
	switch {
	case r == 0:
		return nil, pgerr.New(pgerr.UntranslatableCharacter, "unsupported Unicode escape sequence").
			WithDetail("\\u0000 cannot be converted to text.")
	case r < 0 && l.s[start+1] == 'x':
		return nil, l.fail("invalid hex character sequence", pathToken{kind: pathSign, raw: l.s[start:l.at]})
	case r < 0:
		return nil, l.fail("invalid unicode sequence", pathToken{kind: pathSign, raw: l.s[start:l.at]})
	case utf16.IsSurrogate(r) || r > utf8.MaxRune:
		return nil, pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type jsonpath").
			WithDetail("Unicode low surrogate must follow a high surrogate.")
	}
	return utf8.AppendRune(out, r), nil
}
