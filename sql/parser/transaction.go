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
	if p.accept("and") {
		s.Chain = !p.accept("no")
		p.expect("chain")
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
	case p.accept("isolation"):
		p.expect("level")
		return "isolation level " + p.isolationLevel()
	case p.accept("read"):
		return "read " + p.oneOf("only", "write")
	case p.accept("deferrable"):
		return "deferrable"
	case p.accept("not"):
		p.expect("deferrable")
		return "not deferrable"
	}
	return ""
}

func (p *parser) isolationLevel() string {
	switch level := p.oneOf("serializable", "repeatable", "read"); level {
	case "repeatable":
		return level + " " + p.oneOf("read")
	case "read":
		return level + " " + p.oneOf("committed", "uncommitted")
	default:
		return level
	}
}

// oneOf reads one of the words.
func (p *parser) oneOf(words ...string) string {
	w := p.acceptAny(words...)
	if w == "" {
		p.near()
	}
	return w
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
