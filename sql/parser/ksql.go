package parser

import (
	"strings"

	"streamsql/sql/ast"
	"streamsql/sql/token"
)

// ksqlStatement reads the statements of ksqlDB that have no execution; nil for any other first word.
func (p *parser) ksqlStatement(word string) ast.Stmt {
	from := p.p
	var s ast.Stmt
	feature := strings.ToUpper(word)
	switch word {
	case "assert":
		a := p.assert()
		s, feature = a, feature+" "+strings.ToUpper(a.What)
	case "define", "undefine":
		s = p.define()
	case "terminate", "pause", "resume":
		s = p.queryControl()
	case "print":
		s = p.print()
	case "run":
		s, feature = p.runScript(), "RUN SCRIPT"
	default:
		return nil
	}
	return p.refused(from, feature, s)
}

// refused wraps a tree without execution; from is the index of the statement's first token.
func (p *parser) refused(from int, feature string, s ast.Stmt) *ast.Unsupported {
	return &ast.Unsupported{Pos: ast.Pos(p.toks[from].Pos), Feature: feature, Text: p.textSince(from), Stmt: s}
}

// skipped reads the rest of a statement that is known by its head only.
func (p *parser) skipped(from int, feature string) *ast.Unsupported {
	p.skipStatement()
	return p.refused(from, feature, nil)
}

func (p *parser) define() *ast.Define {
	d := &ast.Define{Pos: p.here(), Drop: p.is("undefine")}
	p.skip(1)
	d.Name = strings.ToLower(p.label())
	if !d.Drop {
		p.expectOp("=")
		d.Value = p.str()
	}
	return d
}

func (p *parser) queryControl() *ast.QueryControl {
	q := &ast.QueryControl{Pos: p.here(), Op: p.cur().Text}
	p.skip(1)
	if !p.accept("all") {
		q.Query = p.label()
	}
	return q
}

func (p *parser) print() *ast.Print {
	s := &ast.Print{Pos: p.here()}
	p.skip(1)
	if p.cur().Kind == token.String {
		s.Topic = ast.Name{Pos: p.here(), Parts: []string{p.nameString()}}
	} else {
		s.Topic = p.anyQualified()
	}
	if p.accept("from") {
		p.expect("beginning")
		s.FromBeginning = true
	}
	if p.acceptAny("interval", "sample") != "" {
		s.Interval = p.integer()
	}
	if p.accept("limit") {
		s.Limit = p.integer()
	}
	return s
}

func (p *parser) runScript() *ast.RunScript {
	s := &ast.RunScript{Pos: p.here()}
	p.expect("run", "script")
	s.Path = p.str()
	return s
}

// assert reads ASSERT of a topic, a schema, rows, tombstones, a stream or a table.
func (p *parser) assert() *ast.Assert {
	a := &ast.Assert{Pos: p.here()}
	p.skip(1)
	a.Not = p.accept("not", "exists")
	switch {
	case p.accept("topic"):
		a.What, a.Name = "topic", p.qualified()
		a.With = p.withOptions()
		a.Timeout = p.timeout()
	case p.accept("schema"):
		a.What = "schema"
		p.assertSchema(a)
	case a.Not:
		p.near()
	case p.accept("values"):
		a.What, a.Name = "values", p.qualified()
		p.assertRow(a, "values")
	case p.accept("null", "values"):
		a.What, a.Name = "null values", p.qualified()
		p.assertRow(a, "key")
	case p.isAny(0, "stream", "table"):
		a.What = p.cur().Text
		p.skip(1)
		a.Name = p.qualified()
		if p.punct(0, "(") {
			var c ast.Create
			p.columns(&c)
			a.Defs = c.Columns
		}
		a.With = p.withOptions()
	default:
		p.near()
	}
	return a
}

func (p *parser) assertSchema(a *ast.Assert) {
	if p.accept("subject") {
		if p.cur().Kind == token.String {
			a.Subject = p.nameString()
		} else {
			a.Subject = p.label()
		}
	}
	if p.accept("id") {
		a.ID = p.integer()
	}
	if a.Subject == "" && a.ID == 0 {
		p.near()
	}
	a.Timeout = p.timeout()
}

// assertRow reads [(columns)] word (values).
func (p *parser) assertRow(a *ast.Assert, word string) {
	if p.punct(0, "(") {
		a.Columns = p.columnRefs()
	}
	p.expect(word)
	p.expectPunct("(")
	a.Values = p.scalars()
	p.expectPunct(")")
}

// timeout reads TIMEOUT 10 SECONDS, if it is there.
func (p *parser) timeout() *ast.Duration {
	if !p.accept("timeout") {
		return nil
	}
	return p.duration()
}

// alter reads ALTER: of ksqlDB's kinds whole, of PostgreSQL's by its head.
func (p *parser) alter() ast.Stmt {
	from, pos := p.p, p.here()
	p.skip(1)
	switch {
	case p.opt.Dialect == KSQL && p.isAny(0, "stream", "table"):
		a := &ast.Alter{Pos: pos, Kind: ast.ObjectKind(p.cur().Text)}
		p.skip(1)
		a.Name = p.qualified()
		for {
			p.expect("add")
			p.accept("column")
			a.Add = append(a.Add, p.column())
			if !p.acceptPunct(",") {
				break
			}
		}
		return p.refused(from, "ALTER "+strings.ToUpper(string(a.Kind)), a)
	case p.is("system") && p.at(1).Kind == token.String:
		p.skip(1)
		s := &ast.AlterSystem{Pos: pos, Name: p.nameString()}
		p.expectOp("=")
		s.Value = p.optionValue()
		return p.refused(from, "ALTER SYSTEM", s)
	}
	return p.unsupportedObject(from, "alter")
}

// createType reads ksqlDB's CREATE TYPE; CREATE has been passed, its token is at index from.
func (p *parser) createType(from int) ast.Stmt {
	s := &ast.CreateType{Pos: ast.Pos(p.toks[from].Pos)}
	p.skip(1)
	s.IfNotExists = p.accept("if", "not", "exists")
	s.Name = p.qualified()
	p.expect("as")
	s.Type = p.typeName()
	return p.refused(from, "CREATE TYPE", s)
}

// dropType reads ksqlDB's DROP TYPE; DROP has been passed, its token is at index from.
func (p *parser) dropType(from int) ast.Stmt {
	s := &ast.DropType{Pos: ast.Pos(p.toks[from].Pos)}
	p.skip(1)
	s.IfExists = p.accept("if", "exists")
	s.Name = p.qualified()
	return p.refused(from, "DROP TYPE", s)
}

// describeOther reads DESCRIBE of what is no relation; nil for any other, with nothing read.
func (p *parser) describeOther() ast.Stmt {
	from := p.p
	d := &ast.DescribeOther{Pos: p.here()}
	switch {
	case p.isAny(1, "function", "connector") && p.at(2).IsLabel():
		d.What = p.at(1).Text
		p.skip(2)
		name := p.anyQualified()
		d.Name = &name
	case p.opt.Dialect == KSQL && p.isAny(1, "streams", "tables") && (p.at(2).Kind == token.EOF || p.punct(2, ";") || p.isAny(2, "extended")):
		d.What = p.at(1).Text
		p.skip(2)
		d.Extended = p.accept("extended")
	default:
		return nil
	}
	return p.refused(from, "DESCRIBE "+strings.ToUpper(d.What), d)
}

// explainQuery reads EXPLAIN of a running query's name; nil for any other, with nothing read.
func (p *parser) explainQuery() ast.Stmt {
	end := p.at(2)
	if p.opt.Dialect != KSQL || !p.at(1).IsName() || end.Kind != token.EOF && !end.IsPunct(";") {
		return nil
	}
	from := p.p
	e := &ast.ExplainQuery{Pos: p.here()}
	p.skip(1)
	e.Name = p.qualified()
	return p.refused(from, "EXPLAIN of a running query", e)
}

// unset reads ksqlDB's UNSET 'name', which is RESET.
func (p *parser) unset() ast.Stmt {
	s := &ast.Reset{Pos: p.here()}
	p.skip(1)
	s.Name = p.settingName()
	return s
}
