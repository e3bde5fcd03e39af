package parser

import (
	"streamsql/sql/ast"
)

func (p *parser) transaction() ast.Stmt {
	s := &ast.Transaction{Pos: p.here()}
	word := p.cur().Text
	p.skip(1)
	switch word {
	case "begin":
		s.Op = "begin"
		p.acceptAny("work", "transaction")
		s.Modes = p.modes(false)
		return s
	case "start":
		s.Op = "begin"
		p.expect("transaction")
		s.Modes = p.modes(false)
		return s
	case "commit", "end":
		s.Op = "commit"
	default:
		s.Op = "rollback"
	}
	if p.is("prepared") {
		p.unsupported(p.pos(), "two-phase commit")
	}
	p.acceptAny("work", "transaction")
	if word == "rollback" && p.accept("to") {
		p.accept("savepoint")
		return &ast.Savepoint{Pos: s.Pos, Op: "rollback to", Name: p.colID()}
	}
	switch {
	case p.accept("and", "chain"):
		s.Chain = true
	case p.accept("and", "no", "chain"):
	}
	return s
}

// modes reads transaction modes, which may have commas between them.
func (p *parser) modes(required bool) []string {
	var out []string
	for p.err == nil {
		mode := p.mode()
		if mode == "" {
			if required && out == nil {
				p.near()
			}
			return out
		}
		out = append(out, mode)
		if p.acceptPunct(",") && p.atEnd() {
			p.near()
		}
	}
	return out
}

func (p *parser) mode() string {
	switch {
	case p.accept("isolation", "level"):
		for _, level := range [][]string{{"serializable"}, {"repeatable", "read"}, {"read", "committed"}, {"read", "uncommitted"}} {
			if !p.accept(level...) {
				continue
			}
			if len(level) == 1 {
				return "isolation level " + level[0]
			}
			return "isolation level " + level[0] + " " + level[1]
		}
		p.near()
	case p.accept("read", "only"):
		return "read only"
	case p.accept("read", "write"):
		return "read write"
	case p.accept("deferrable"):
		return "deferrable"
	case p.accept("not", "deferrable"):
		return "not deferrable"
	}
	return ""
}

func (p *parser) savepoint() ast.Stmt {
	s := &ast.Savepoint{Pos: p.here(), Op: p.cur().Text}
	p.skip(1)
	if s.Op == "release" {
		p.accept("savepoint")
	}
	s.Name = p.colID()
	return s
}
