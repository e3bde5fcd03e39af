package parser

import (
	"slices"
	"strconv"
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
	"streamsql/sql/token"
)

// The bounds of a text. PostgreSQL's own bound is the depth of its stack.
const (
	textBytesMax  = 1 << 20 // a statement larger than this belongs into COPY or a topic
	nestingMax    = 200     // levels of parentheses, subqueries, prefix operators
	chainLinksMax = 10000   // operators, joins or set operations in a row: each is a level of the tree
	paramMax      = 65535   // the wire protocol counts parameters in 16 bits
)

// parser reads one text. Errors are sticky: the first one is kept in err and moves the cursor to the end, where every
// loop stops; so the grammar below needs no error results.
type parser struct {
	text   string
	opt    Options
	toks   []token.Token
	p      int // the current token
	err    error
	depth  int
	params int     // the highest $n of the statement
	match  []int32 // by index of an opening parenthesis, that of the closing one; nil until asked for
	lowering
}

func (p *parser) cur() *token.Token { return &p.toks[p.p] }

// at returns the token n places ahead; behind the last one it is EOF.
func (p *parser) at(n int) *token.Token {
	if p.p+n >= len(p.toks) {
		return &p.toks[len(p.toks)-1]
	}
	return &p.toks[p.p+n]
}

func (p *parser) pos() int { return p.toks[p.p].Pos }

func (p *parser) here() ast.Pos { return ast.Pos(p.toks[p.p].Pos) }

func (p *parser) skip(n int) {
	p.p = min(p.p+n, len(p.toks)-1)
}

// fail keeps the first error.
func (p *parser) fail(err error) {
	if p.err == nil {
		p.err = err
	}
	p.p = len(p.toks) - 1
}

func (p *parser) failAt(pos int, code, format string, args ...any) {
	p.fail(pgerr.At(pos, code, format, args...))
}

func (p *parser) unsupported(pos int, feature string) {
	p.fail(pgerr.Unsupported(pos, "%s", feature))
}

// near fails with PostgreSQL's syntax error at the current token.
func (p *parser) near() { p.nearToken(p.p) }

func (p *parser) nearToken(i int) {
	t := &p.toks[i]
	if t.Kind == token.EOF {
		p.failAt(t.Pos, pgerr.SyntaxError, "syntax error at end of input")
		return
	}
	p.failAt(t.Pos, pgerr.SyntaxError, `syntax error at or near "%s"`, p.text[t.Pos:t.End])
}

// is reports whether the words from here on are these.
func (p *parser) is(words ...string) bool {
	for i, w := range words {
		if !p.at(i).Is(w) {
			return false
		}
	}
	return true
}

// isAny reports whether the token n places ahead is one of the words.
func (p *parser) isAny(n int, words ...string) bool {
	t := p.at(n)
	if t.Kind != token.Word {
		return false
	}
	for _, w := range words {
		if t.Text == w {
			return true
		}
	}
	return false
}

func (p *parser) punct(n int, s string) bool { return p.at(n).IsPunct(s) }

// accept passes the words if all of them are here.
func (p *parser) accept(words ...string) bool {
	if !p.is(words...) {
		return false
	}
	p.skip(len(words))
	return true
}

// acceptAny passes one of the words and returns it, or "".
func (p *parser) acceptAny(words ...string) string {
	if !p.isAny(0, words...) {
		return ""
	}
	w := p.cur().Text
	p.skip(1)
	return w
}

func (p *parser) expect(words ...string) {
	for _, w := range words {
		if !p.accept(w) {
			p.near()
		}
	}
}

func (p *parser) acceptPunct(s string) bool {
	if !p.punct(0, s) {
		return false
	}
	p.skip(1)
	return true
}

func (p *parser) expectPunct(s string) {
	if !p.acceptPunct(s) {
		p.near()
	}
}

// atEnd reports whether the statement ends here.
func (p *parser) atEnd() bool { return p.cur().Kind == token.EOF || p.punct(0, ";") }

// enter counts a level of nesting; leave ends it.
func (p *parser) enter() {
	p.depth++
	if p.depth > nestingMax {
		p.tooDeep()
	}
}

func (p *parser) leave() { p.depth-- }

func (p *parser) tooDeep() {
	p.failAt(p.pos(), pgerr.StatementTooComplex, "statement nests too deeply")
}

// name returns the name that t spells under the dialect's folding.
func (p *parser) name(t *token.Token) string {
	if p.opt.Dialect == KSQL && t.Kind == token.Word {
		return strings.ToUpper(p.text[t.Pos:t.End])
	}
	return t.Text
}

// colID reads a name of a table, column, cursor and so on.
func (p *parser) colID() string {
	t := p.cur()
	if !t.IsName() {
		p.near()
		return ""
	}
	p.skip(1)
	return p.name(t)
}

// label reads any word or quoted name.
func (p *parser) label() string {
	t := p.cur()
	if !t.IsLabel() {
		p.near()
		return ""
	}
	p.skip(1)
	return p.name(t)
}

// qualified reads a dotted name.
func (p *parser) qualified() ast.Name {
	n := ast.Name{Pos: p.here(), Parts: []string{p.colID()}}
	for p.punct(0, ".") && p.err == nil {
		p.skip(1)
		n.Parts = append(n.Parts, p.label())
	}
	return n
}

// names reads (a, b, …).
func (p *parser) names() []string {
	p.expectPunct("(")
	var out []string
	for {
		out = append(out, p.colID())
		if !p.acceptPunct(",") {
			break
		}
	}
	p.expectPunct(")")
	return out
}

// str reads a string literal.
func (p *parser) str() string {
	t := p.cur()
	if t.Kind != token.String {
		p.near()
		return ""
	}
	p.skip(1)
	return t.Text
}

// nameString reads a string that stands where a name does, as ksqlDB lets it: it must be one that can be written in
// double quotes too.
func (p *parser) nameString() string {
	pos := p.pos()
	s := p.str()
	switch {
	case s == "":
		p.failAt(pos, pgerr.SyntaxError, "a name must not be empty")
	case strings.ContainsAny(s, "\x00\x1e\x1f"):
		p.failAt(pos, pgerr.InvalidName, "names cannot contain the characters 0x1E and 0x1F")
	}
	return s
}

// integer reads an unsigned integer.
func (p *parser) integer() int64 {
	t := p.cur()
	n, err := strconv.ParseInt(t.Text, 10, 64)
	if t.Kind != token.Number || err != nil {
		p.near()
		return 0
	}
	p.skip(1)
	return n
}

// param reads $n.
func (p *parser) param() int {
	t := p.cur()
	n, err := strconv.Atoi(t.Text)
	switch {
	case err != nil || n > paramMax:
		p.failAt(t.Pos, pgerr.SyntaxError, "parameter number too large at or near \"%s\"", p.text[t.Pos:t.End])
		return 0
	case n == 0:
		p.failAt(t.Pos, pgerr.UndefinedParameter, "there is no parameter $0")
		return 0
	}
	p.skip(1)
	p.params = max(p.params, n)
	return n
}

// closing returns the index of the token that closes the parenthesis at index open, or that of EOF.
func (p *parser) closing(open int) int {
	if len(p.match) == 0 {
		p.matchParens()
	}
	return int(p.match[open])
}

func (p *parser) matchParens() {
	p.match = slices.Grow(p.match, len(p.toks))[:len(p.toks)]
	var opened []int32
	for i := range p.toks {
		p.match[i] = int32(len(p.toks) - 1)
		switch t := &p.toks[i]; {
		case t.IsPunct("("):
			opened = append(opened, int32(i))
		case t.IsPunct(")") && len(opened) > 0:
			p.match[opened[len(opened)-1]] = int32(i)
			opened = opened[:len(opened)-1]
		}
	}
}

// startsQuery reports whether a query begins n places ahead. An opening parenthesis begins one when what it closes over
// is a query and not the first operand of an expression or a join.
func (p *parser) startsQuery(n int) bool {
	i := p.p + n
	for ; i < len(p.toks) && p.toks[i].IsPunct("("); i++ {
	}
	if i >= len(p.toks) || i-p.p-n > nestingMax {
		return false
	}
	t := &p.toks[i]
	switch {
	case t.Is("select"), t.Is("values"), t.Is("with"):
	case t.Is("table") && i+1 < len(p.toks) && p.toks[i+1].IsName():
	default:
		return false
	}
	for ; i > p.p+n; i-- {
		next := &p.toks[min(p.closing(i-1)+1, len(p.toks)-1)]
		if i-1 > p.p+n && !afterQuery(next) {
			return false
		}
	}
	return true
}

// afterQuery reports whether t can follow a query in parentheses that is part of a larger query.
func afterQuery(t *token.Token) bool {
	if t.Kind != token.Word {
		return t.IsPunct(")")
	}
	switch t.Text {
	case "union", "intersect", "except", "order", "limit", "offset", "fetch", "emit", "for":
		return true
	}
	return false
}
