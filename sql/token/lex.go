package token

import (
	"math/big"
	"strings"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

// hexDigitsMax bounds 0x, 0o and 0b literals; PostgreSQL's numeric has fewer digits than such a number could have.
const hexDigitsMax = 4096

// Lex appends the tokens of text to into and returns it; the last one is EOF. Comments and white space are dropped. The
// error is a *pgerr.Error that points at the bad token. Tokens share the text's memory.
func Lex(text string, into []Token) ([]Token, error) { return lex(text, into, false) }

// LexKSQL is Lex by ksqlDB's rules for names: one may begin with a digit, and may hold @.
func LexKSQL(text string, into []Token) ([]Token, error) { return lex(text, into, true) }

func lex(text string, into []Token, ksql bool) ([]Token, error) {
	if i := strings.IndexByte(text, 0); i >= 0 {
		return nil, pgerr.At(i, pgerr.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8": 0x00`)
	}
	if !utf8.ValidString(text) {
		return nil, badUTF8(text)
	}
	l := lexer{text: text, out: into, ksql: ksql}
	for l.skipSpace(); l.err == nil && l.pos < len(text); l.skipSpace() {
		l.next()
	}
	if l.err != nil {
		return nil, l.err
	}
	return append(l.out, Token{Kind: EOF, Pos: len(text), End: len(text)}), nil
}

func badUTF8(text string) error {
	for i, r := range text {
		if r != utf8.RuneError {
			continue
		}
		if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
			return pgerr.At(i, pgerr.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8": 0x%02x`, text[i])
		}
	}
	return pgerr.At(0, pgerr.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8"`)
}

type lexer struct {
	text string
	pos  int
	out  []Token
	err  error
	ksql bool
}

// fail records the first error, at the token that starts at pos and reaches to end.
func (l *lexer) fail(pos, end int, code, msg string) {
	if l.err == nil {
		l.err = pgerr.At(pos, code, `%s at or near "%s"`, msg, l.text[pos:end])
	}
	l.pos = len(l.text)
}

func (l *lexer) add(kind Kind, text string, end int) {
	l.out = append(l.out, Token{Kind: kind, Text: text, Pos: l.pos, End: end})
	l.pos = end
}

func (l *lexer) byteAt(i int) byte {
	if i < len(l.text) {
		return l.text[i]
	}
	return 0
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'
}
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
func isIdentStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}
func isIdent(c byte) bool { return isIdentStart(c) || isDigit(c) || c == '$' }

// skipSpace passes white space and comments; /* */ nest.
func (l *lexer) skipSpace() {
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		switch {
		case isSpace(c):
			l.pos++
		case c == '-' && l.byteAt(l.pos+1) == '-':
			if n := strings.IndexByte(l.text[l.pos:], '\n'); n >= 0 {
				l.pos += n
			} else {
				l.pos = len(l.text)
			}
		case c == '/' && l.byteAt(l.pos+1) == '*':
			l.skipBlockComment()
		default:
			return
		}
	}
}

func (l *lexer) skipBlockComment() {
	depth := 0
	for i := l.pos; i+1 < len(l.text); {
		switch {
		case l.text[i] == '/' && l.text[i+1] == '*':
			depth++
			i += 2
		case l.text[i] == '*' && l.text[i+1] == '/':
			depth--
			i += 2
		default:
			i++
		}
		if depth == 0 {
			l.pos = i
			return
		}
	}
	l.fail(l.pos, len(l.text), pgerr.SyntaxError, "unterminated /* comment")
}

// next reads the token at pos.
func (l *lexer) next() {
	c, c1 := l.text[l.pos], l.byteAt(l.pos+1)
	switch {
	case c == '\'':
		l.str(l.pos, String, "")
	case c1 == '\'' && strings.IndexByte("eE", c) >= 0:
		l.escapeString()
	case c1 == '\'' && strings.IndexByte("nN", c) >= 0:
		l.str(l.pos+1, String, "")
	case c1 == '\'' && strings.IndexByte("bBxX", c) >= 0:
		l.bits(c | 0x20)
	case c1 == '&' && (c == 'u' || c == 'U') && (l.byteAt(l.pos+2) == '\'' || l.byteAt(l.pos+2) == '"'):
		l.unicode()
	case c == '"' || c == '`':
		l.quotedName(l.pos, c)
	case isIdentStart(c):
		l.word()
	case isDigit(c) || c == '.' && isDigit(c1):
		l.number()
	case c == '$':
		l.dollar()
	case c == ':' && (c1 == ':' || c1 == '='), c == '.' && c1 == '.':
		l.add(Punct, l.text[l.pos:l.pos+2], l.pos+2)
	case strings.IndexByte("()[],;:.{}", c) >= 0:
		l.add(Punct, l.text[l.pos:l.pos+1], l.pos+1)
	case strings.IndexByte(opChars, c) >= 0:
		l.operator()
	default:
		l.fail(l.pos, l.pos+1, pgerr.SyntaxError, "syntax error")
	}
}

func (l *lexer) word() {
	end := l.pos + 1
	for end < len(l.text) && (isIdent(l.text[end]) || l.ksql && l.text[end] == '@') {
		end++
	}
	w := l.text[l.pos:end]
	if k, ok := lookup(w); ok {
		l.out = append(l.out, Token{Kind: Word, Class: k.class, Bare: k.bare, Text: k.text, Pos: l.pos, End: end})
	} else {
		l.out = append(l.out, Token{Kind: Word, Bare: true, Text: Fold(w), Pos: l.pos, End: end})
	}
	l.pos = end
}

const opChars = "+-*/<>=~!@#%^&|?"

// operator reads the longest operator, cut at a comment; PostgreSQL lets one end in + or - only when it holds one
// of ~ ! @ # % ^ & | ?.
func (l *lexer) operator() {
	end := l.pos
	special := false
	for end < len(l.text) && strings.IndexByte(opChars, l.text[end]) >= 0 {
		c, c1 := l.text[end], l.byteAt(end+1)
		if end > l.pos && (c == '-' && c1 == '-' || c == '/' && c1 == '*') {
			break
		}
		special = special || strings.IndexByte("~!@#%^&|?", c) >= 0
		end++
	}
	if !special {
		for end > l.pos+1 && (l.text[end-1] == '+' || l.text[end-1] == '-') {
			end--
		}
	}
	op := l.text[l.pos:end]
	if op == "!=" {
		op = "<>"
	}
	l.add(Op, op, end)
}

func (l *lexer) number() {
	start := l.pos
	if l.text[start] == '0' && strings.IndexByte("xXoObB", l.byteAt(start+1)) >= 0 && start+1 < len(l.text) {
		l.radixNumber()
		return
	}
	end := l.digits(start)
	if l.byteAt(end) == '.' && l.byteAt(end+1) != '.' {
		end = l.digits(end + 1)
	}
	if c := l.byteAt(end); c == 'e' || c == 'E' {
		e := end + 1
		if s := l.byteAt(e); s == '+' || s == '-' {
			e++
		}
		if isDigit(l.byteAt(e)) {
			end = l.digits(e)
		}
	}
	if isIdentStart(l.byteAt(end)) {
		for isIdent(l.byteAt(end)) {
			end++
		}
		if l.ksql {
			l.add(Word, Fold(l.text[start:end]), end)
			l.out[len(l.out)-1].Bare = true
			return
		}
		l.fail(start, end, pgerr.SyntaxError, "trailing junk after numeric literal")
		return
	}
	l.add(Number, strings.ReplaceAll(l.text[start:end], "_", ""), end)
}

// digits passes digits with single underscores between them.
func (l *lexer) digits(i int) int {
	for isDigit(l.byteAt(i)) || l.byteAt(i) == '_' && i > 0 && isDigit(l.text[i-1]) && isDigit(l.byteAt(i+1)) {
		i++
	}
	return i
}

// radixNumber reads 0x1F, 0o17 or 0b101 and hands it on as decimal.
func (l *lexer) radixNumber() {
	end := l.pos + 2
	for isIdent(l.byteAt(end)) {
		end++
	}
	n, ok := new(big.Int), false
	if end-l.pos <= hexDigitsMax {
		n, ok = n.SetString(l.text[l.pos:end], 0)
	}
	if !ok {
		l.fail(l.pos, end, pgerr.SyntaxError, "trailing junk after numeric literal")
		return
	}
	l.add(Number, n.String(), end)
}

// dollar reads $1 or a dollar-quoted string.
func (l *lexer) dollar() {
	end := l.pos + 1
	for isDigit(l.byteAt(end)) {
		end++
	}
	if end > l.pos+1 {
		if isIdentStart(l.byteAt(end)) {
			l.fail(l.pos, end+1, pgerr.SyntaxError, "trailing junk after parameter")
			return
		}
		l.add(Param, l.text[l.pos+1:end], end)
		return
	}
	if n := strings.IndexByte(l.text[end:], '}'); l.byteAt(end) == '{' && n > 1 { // ${v} of ksqlDB, not yet substituted
		l.add(Punct, l.text[l.pos:end+n+1], end+n+1)
		return
	}
	for isIdentStart(l.byteAt(end)) || end > l.pos+1 && isDigit(l.byteAt(end)) {
		end++
	}
	if l.byteAt(end) != '$' {
		l.fail(l.pos, l.pos+1, pgerr.SyntaxError, "syntax error")
		return
	}
	tag := l.text[l.pos : end+1]
	n := strings.Index(l.text[end+1:], tag)
	if n < 0 {
		l.fail(l.pos, len(l.text), pgerr.SyntaxError, "unterminated dollar-quoted string")
		return
	}
	l.add(String, l.text[end+1:end+1+n], end+1+n+len(tag))
}
