package parser

import (
	"strings"

	"streamsql/sql/ast"
	"streamsql/sql/token"
)

func (p *parser) copy() ast.Stmt {
	s := &ast.Copy{Pos: p.here()}
	p.skip(1)
	if p.acceptPunct("(") {
		if !p.startsQuery(0) && !p.isAny(0, "subscribe", "insert", "update", "delete") {
			p.near()
			return s
		}
		if p.isAny(0, "insert", "update", "delete") {
			p.unsupported(p.pos(), "COPY of a data-modifying statement")
		}
		s.Stmt = p.statement()
		p.expectPunct(")")
	} else {
		p.accept("binary")
		name := p.qualified()
		s.Table = &name
		if p.punct(0, "(") {
			s.Columns = p.names()
		}
	}
	p.copyDirection(s)
	p.copyOptions(s)
	if s.From && p.is("where") {
		p.unsupported(p.pos(), "COPY FROM … WHERE")
	}
	return s
}

func (p *parser) copyDirection(s *ast.Copy) {
	switch {
	case s.Table != nil && p.accept("from"):
		s.From = true
	default:
		p.expect("to")
	}
	switch {
	case p.is("program"), p.cur().Kind == token.String:
		p.unsupported(p.pos(), "COPY with a file or program of the server")
	case p.acceptAny("stdin", "stdout") == "":
		p.near()
	}
}

// copyOptions reads [WITH] (name value, …) and the syntax of before PostgreSQL 9.0.
func (p *parser) copyOptions(s *ast.Copy) {
	p.accept("using")
	p.accept("with")
	if p.punct(0, "(") {
		s.Options = p.copyOptionList()
		return
	}
	for p.err == nil && !p.atEnd() && !p.is("where") {
		o := ast.Option{Pos: p.here()}
		switch {
		case p.acceptAny("binary") != "":
			o.Name, o.Value = "format", "binary"
		case p.accept("csv"):
			o.Name, o.Value = "format", "csv"
		case p.accept("header"):
			o.Name, o.Bare = "header", true
		case p.accept("freeze"):
			o.Name, o.Bare = "freeze", true
		case p.isAny(0, "delimiter", "delimiters", "null", "quote", "escape", "encoding"):
			o.Name = strings.TrimSuffix(p.cur().Text, "s")
			p.skip(1)
			p.accept("as")
			o.Value = p.str()
		case p.accept("force", "quote"):
			o.Name, o.Value = "force_quote", p.copyColumns()
		case p.accept("force", "not", "null"):
			o.Name, o.Value = "force_not_null", p.copyColumns()
		case p.accept("force", "null"):
			o.Name, o.Value = "force_null", p.copyColumns()
		default:
			p.near()
		}
		s.Options = append(s.Options, o)
	}
}

// copyColumns reads * or names without parentheses as a list with commas.
func (p *parser) copyColumns() string {
	if p.at(0).IsOp("*") {
		p.skip(1)
		return "*"
	}
	cols := []string{p.colID()}
	for p.acceptPunct(",") {
		cols = append(cols, p.colID())
	}
	return strings.Join(cols, ",")
}

// copyOptionList reads (name [value], …); a value may be a list of columns in parentheses.
func (p *parser) copyOptionList() []ast.Option {
	p.expectPunct("(")
	var out []ast.Option
	for {
		o := ast.Option{Pos: p.here(), Name: strings.ToLower(p.label())}
		switch {
		case p.punct(0, ",") || p.punct(0, ")"):
			o.Bare = true
		case p.punct(0, "("):
			o.Value = strings.Join(p.names(), ",")
		case p.at(0).IsOp("*"):
			p.skip(1)
			o.Value = "*"
		default:
			o.Value = p.optionValue()
		}
		out = append(out, o)
		if !p.acceptPunct(",") {
			break
		}
	}
	p.expectPunct(")")
	return out
}
