package parser

import (
	"strings"
	"sync"

	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
	"streamsql/sql/token"
)

// Dialect chooses the rules for names.
type Dialect uint8

// The dialects. Postgres folds unquoted names to lower case, KSQL to upper case.
const (
	Postgres Dialect = iota
	KSQL
)

// Options of a parse; the zero value is the PostgreSQL dialect.
type Options struct {
	Dialect Dialect
	// Variables are the session's DEFINEs: unless nil, a text of the ksql dialect goes through Substitute first. Positions are then
	// those of the replaced text; a caller that needs it calls Substitute itself.
	Variables map[string]string
}

// Parsed is one statement of a text.
type Parsed struct {
	Stmt       ast.Stmt
	Start, End int // bytes of text, without the semicolon
	Params     int // the highest $n
}

// parsers keeps the memory of finished parses.
var parsers = sync.Pool{New: func() any { return new(parser) }}

// tokensPooledMax is the number of tokens above which a parser's memory is not kept.
const tokensPooledMax = 8192

// start returns a parser at the first token of text.
func start(text string, opt Options) (*parser, error) {
	if opt.Dialect == KSQL && opt.Variables != nil {
		var err error
		if text, err = Substitute(text, opt.Variables); err != nil {
			return nil, err
		}
	}
	if len(text) > textBytesMax {
		return nil, pgerr.New(pgerr.ProgramLimitExceeded, "statement is too long").
			WithDetail("It has %d bytes; the limit is %d.", len(text), textBytesMax)
	}
	p := parsers.Get().(*parser)
	lex := token.Lex
	if opt.Dialect == KSQL {
		lex = token.LexKSQL
	}
	toks, err := lex(text, p.toks[:0])
	if err != nil {
		parsers.Put(p)
		return nil, err
	}
	if opt.Dialect == KSQL {
		freeWords(toks)
	}
	p.text, p.opt, p.toks, p.p, p.err, p.depth, p.params, p.match = text, opt, toks, 0, nil, 0, 0, p.match[:0]
	p.begin()
	return p, nil
}

func (p *parser) release() {
	p.begin()
	p.text = ""
	if len(p.toks) <= tokensPooledMax {
		parsers.Put(p)
	}
}

// Parse reads all statements of a text; empty statements are left out. An error is a *pgerr.Error with Pos set to a
// byte offset of text.
func Parse(text string, opt Options) ([]Parsed, error) {
	p, err := start(text, opt)
	if err != nil {
		return nil, err
	}
	defer p.release()
	var out []Parsed
	for p.err == nil && p.cur().Kind != token.EOF {
		if p.acceptPunct(";") {
			continue
		}
		p.params = 0
		first := p.cur().Pos
		stmt := p.statement()
		if p.err == nil && !p.atEnd() {
			p.near()
		}
		if p.err != nil {
			break
		}
		out = append(out, Parsed{Stmt: stmt, Start: first, End: p.toks[p.p-1].End, Params: p.params})
	}
	if p.err != nil {
		return nil, p.err
	}
	return out, nil
}

// ParseExpr reads one scalar expression.
func ParseExpr(text string, opt Options) (ast.Expr, error) {
	p, err := start(text, opt)
	if err != nil {
		return nil, err
	}
	defer p.release()
	e := p.scalar(false)
	if p.err == nil && p.cur().Kind != token.EOF {
		p.near()
	}
	if p.err != nil {
		return nil, p.err
	}
	return e, nil
}

// ParseType reads a type name.
func ParseType(text string) (*ast.TypeName, error) {
	p, err := start(text, Options{})
	if err != nil {
		return nil, err
	}
	defer p.release()
	t := p.typeName()
	if p.err == nil && p.cur().Kind != token.EOF {
		p.near()
	}
	if p.err != nil {
		return nil, p.err
	}
	return t, nil
}

// scalar reads one expression of a statement's head.
func (p *parser) scalar(limited bool) ast.Expr {
	p.begin()
	p.raw("SELECT ", p.pos())
	if limited {
		p.expr(precIs, true)
	} else {
		p.expr(precOr, false)
	}
	return p.first(p.takeItems())
}

func (p *parser) first(items []ast.SelectItem) ast.Expr {
	if p.err != nil || len(items) != 1 {
		return &ast.Lit{}
	}
	return items[0].X
}

// scalars reads a list of expressions.
func (p *parser) scalars() []ast.Expr {
	p.begin()
	p.raw("SELECT ", p.pos())
	p.exprs()
	var out []ast.Expr
	for _, it := range p.takeItems() {
		out = append(out, it.X)
	}
	return out
}

// selectQuery reads one query.
func (p *parser) selectQuery() ast.Query {
	p.begin()
	p.query()
	return p.takeQuery()
}

// textSince returns the user's text from token index from up to the current token.
func (p *parser) textSince(from int) string {
	if p.p <= from {
		return ""
	}
	return strings.TrimSpace(p.text[p.toks[from].Pos:p.toks[p.p-1].End])
}
