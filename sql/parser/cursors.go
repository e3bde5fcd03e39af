package parser

import (
	"math"
	"strings"

	"streamsql/sql/ast"
	"streamsql/sql/token"
)

func (p *parser) prepare() ast.Stmt {
	s := &ast.Prepare{Pos: p.here()}
	p.skip(1)
	if p.is("transaction") && p.at(1).Kind == token.String {
		p.unsupported(p.pos(), "two-phase commit")
	}
	s.Name = p.colID()
	if p.acceptPunct("(") {
		for {
			s.Types = append(s.Types, p.typeName())
			if !p.acceptPunct(",") {
				break
			}
		}
		p.expectPunct(")")
	}
	p.expect("as")
	s.Stmt = p.statement()
	return s
}

func (p *parser) execute() ast.Stmt {
	s := &ast.Execute{Pos: p.here()}
	p.skip(1)
	s.Name = p.colID()
	if p.acceptPunct("(") {
		if !p.punct(0, ")") {
			s.Args = p.scalars()
		}
		p.expectPunct(")")
	}
	return s
}

func (p *parser) deallocate() ast.Stmt {
	s := &ast.Deallocate{Pos: p.here()}
	p.skip(1)
	if p.is("prepare") && !p.punct(1, ";") && p.at(1).Kind != token.EOF {
		p.skip(1)
	}
	if !p.accept("all") {
		s.Name = p.colID()
	}
	return s
}

func (p *parser) declare() ast.Stmt {
	s := &ast.Declare{Pos: p.here()}
	p.skip(1)
	s.Name = p.colID()
	for !p.is("cursor") && p.err == nil {
		switch {
		case p.accept("binary"):
			s.Binary = true
		case p.acceptAny("insensitive", "asensitive") != "":
		case p.accept("no", "scroll"):
		case p.accept("scroll"):
			s.Scroll = true
		default:
			p.near()
		}
	}
	p.expect("cursor")
	switch {
	case p.accept("with", "hold"):
		s.Hold = true
	case p.accept("without", "hold"):
	}
	p.expect("for")
	if !p.startsQuery(0) && !p.isAny(0, "subscribe", "select", "values", "table", "with") {
		p.near()
		return s
	}
	s.Stmt = p.statement()
	return s
}

// fetch reads FETCH and MOVE; only forward ones exist here.
func (p *parser) fetch() ast.Stmt {
	s := &ast.Fetch{Pos: p.here(), Move: p.is("move"), Count: 1}
	p.skip(1)
	pos := p.pos()
	switch {
	case p.accept("next"):
	case p.accept("all"):
		s.All = true
	case p.isAny(0, "prior", "first", "last", "absolute", "relative", "backward"):
		p.unsupported(pos, "FETCH "+strings.ToUpper(p.cur().Text))
	case p.accept("forward"):
		if p.accept("all") {
			s.All = true
		} else if p.isCount() {
			s.Count = p.count(pos)
		}
	case p.isCount():
		s.Count = p.count(pos)
	}
	p.acceptAny("from", "in")
	s.Name = p.colID()
	return s
}

func (p *parser) isCount() bool {
	return p.cur().Kind == token.Number || (p.at(0).IsOp("-") || p.at(0).IsOp("+")) && p.at(1).Kind == token.Number
}

// count reads a signed number of rows.
func (p *parser) count(pos int) int64 {
	neg := p.at(0).IsOp("-")
	if neg || p.at(0).IsOp("+") {
		p.skip(1)
	}
	n := p.integer()
	if n > math.MaxInt32 {
		p.nearToken(p.p - 1)
	}
	if neg && n != 0 {
		p.unsupported(pos, "FETCH backward")
	}
	return n
}

func (p *parser) closeCursor() ast.Stmt {
	s := &ast.CloseCursor{Pos: p.here()}
	p.skip(1)
	if !p.accept("all") {
		s.Name = p.colID()
	}
	return s
}
