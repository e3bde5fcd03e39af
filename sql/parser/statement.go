package parser

import (
	"strings"

	"streamsql/sql/ast"
	"streamsql/sql/token"
)

// statement reads one statement by its first word.
func (p *parser) statement() ast.Stmt {
	p.enter()
	defer p.leave()
	if p.leadsToQuery() {
		pos := p.here()
		return &ast.QueryStmt{Pos: pos, Query: p.selectQuery()}
	}
	t := p.cur()
	if t.Kind != token.Word {
		for p.punct(0, "(") {
			p.skip(1)
		}
		p.near()
		return nil
	}
	switch t.Text {
	case "create":
		return p.create()
	case "drop":
		return p.drop()
	case "insert":
		return p.insert()
	case "update":
		return p.update()
	case "delete":
		return p.delete()
	case "copy":
		return p.copy()
	case "explain":
		return p.explain()
	case "subscribe":
		return p.subscribe()
	case "show", "list":
		return p.show()
	case "describe":
		return p.describe()
	case "alter":
		return p.alter()
	}
	if s := p.ksqlStatement(t.Text); s != nil {
		return s
	}
	if s := p.sessionStatement(t.Text); s != nil {
		return s
	}
	return p.otherStatement(t.Text)
}

// leadsToQuery reports whether nothing but a query can begin here, be it right or wrong further on.
func (p *parser) leadsToQuery() bool {
	i := 0
	for p.punct(i, "(") {
		i++
	}
	return p.isAny(i, "select", "values", "with", "table")
}

// sessionStatement reads the statements that change a session and no data; nil for any other.
func (p *parser) sessionStatement(word string) ast.Stmt {
	switch word {
	case "set":
		return p.set()
	case "reset":
		return p.reset()
	case "unset":
		return p.unset()
	case "begin", "start", "commit", "end", "rollback", "abort":
		return p.transaction()
	case "savepoint", "release":
		return p.savepoint()
	case "prepare":
		return p.prepare()
	case "execute":
		return p.execute()
	case "deallocate":
		return p.deallocate()
	case "declare":
		return p.declare()
	case "fetch", "move":
		return p.fetch()
	case "close":
		return p.closeCursor()
	case "discard":
		return p.discard()
	}
	return nil
}

// otherStatement reads what does nothing here and what is not supported.
func (p *parser) otherStatement(word string) ast.Stmt {
	pos := p.here()
	switch word {
	case "analyze", "analyse", "vacuum", "checkpoint", "cluster", "reindex":
		if word == "analyse" {
			word = "analyze"
		}
		p.skipStatement()
		return &ast.NoOp{Pos: pos, Tag: strings.ToUpper(word)}
	case "flush":
		p.skip(1)
		return &ast.NoOp{Pos: pos, Tag: "FLUSH"}
	case "grant", "revoke", "listen", "unlisten", "notify", "comment", "lock", "truncate", "refresh", "call", "do", "load",
		"reassign", "merge", "use", "recover", "security", "import":
		return p.skipped(p.p, strings.ToUpper(word))
	}
	p.near()
	return nil
}

// objectKinds are the kinds of objects that cannot be created, altered or dropped; those of two words by their first.
var objectKinds = map[string]string{
	"aggregate": "", "cast": "", "collation": "", "connection": "", "connector": "", "conversion": "", "database": "", "domain": "",
	"extension": "", "function": "", "group": "", "index": "", "language": "", "policy": "", "procedure": "", "publication": "", "role": "",
	"routine": "", "rule": "", "schema": "", "secret": "", "sequence": "", "server": "", "sink": "", "source": "", "statistics": "",
	"subscription": "", "system": "", "tablespace": "", "transform": "", "trigger": "", "type": "", "upcaster": "", "view": "", "table": "",
	"stream": "", "large": "object", "materialized": "view", "event": "trigger", "access": "method", "text": "search", "operator": "", "user": "",
	"default": "privileges", "owned": "by", "foreign": "", "compaction": "group", "resource": "group",
}

// unsupportedObject reads the rest of CREATE, ALTER or DROP of a kind that is here.
// The verb is at index from.
func (p *parser) unsupportedObject(from int, verb string) ast.Stmt {
	kind := p.cur()
	second, ok := objectKinds[kind.Text]
	if !ok || kind.Kind != token.Word {
		p.near()
		return nil
	}
	feature := verb + " " + kind.Text
	p.skip(1)
	if second != "" {
		p.expect(second)
		feature += " " + second
	}
	return p.skipped(from, strings.ToUpper(feature))
}

// skipStatement passes the rest of a statement.
func (p *parser) skipStatement() {
	depth := 0
	for p.cur().Kind != token.EOF {
		switch {
		case p.punct(0, "("):
			depth++
		case p.punct(0, ")"):
			depth--
		case p.punct(0, ";") && depth <= 0:
			return
		}
		p.skip(1)
	}
}

func (p *parser) explain() ast.Stmt {
	if q := p.explainQuery(); q != nil {
		return q
	}
	from := p.p
	s := &ast.Explain{Pos: p.here()}
	p.skip(1)
	if p.punct(0, "(") && !p.startsQuery(0) {
		s.Options = p.explainOptions()
		for _, o := range s.Options {
			s.Analyze = s.Analyze || o.Name == "analyze" && o.Value != "false" && o.Value != "off" && o.Value != "0"
		}
	} else {
		if p.accept("analyze") || p.accept("analyse") {
			s.Analyze = true
		}
		if p.is("verbose") {
			s.Options = append(s.Options, ast.Option{Pos: p.here(), Name: "verbose", Bare: true})
			p.skip(1)
		}
		if s.Analyze && (p.punct(0, "(") && !p.startsQuery(0) || p.isAny(0, "materialized", "sink")) {
			return p.skipped(from, "EXPLAIN ANALYZE of a running view")
		}
	}
	s.Stmt = p.statement()
	return s
}

// explainOptions reads (name [value], …).
func (p *parser) explainOptions() []ast.Option {
	p.expectPunct("(")
	var out []ast.Option
	for {
		o := ast.Option{Pos: p.here(), Name: strings.ToLower(p.label()), Bare: true}
		if o.Name == "analyse" {
			o.Name = "analyze"
		}
		if !p.punct(0, ",") && !p.punct(0, ")") {
			o.Value, o.Bare = p.optionValue(), false
		}
		out = append(out, o)
		if !p.acceptPunct(",") {
			break
		}
	}
	p.expectPunct(")")
	return out
}

// withOptions reads WITH (name = value, …) if it is there. Names may be dotted or quoted.
func (p *parser) withOptions() []ast.Option {
	if !p.is("with") || !p.punct(1, "(") {
		return nil
	}
	p.skip(2)
	var out []ast.Option
	for !p.punct(0, ")") {
		o := ast.Option{Pos: p.here()}
		if p.cur().Kind == token.String { // ksqlDB allows quoted property names
			o.Name = strings.ToLower(p.nameString())
		} else {
			o.Name = strings.ToLower(strings.Join(p.anyQualified().Parts, "."))
		}
		if p.at(0).IsOp("=") {
			p.skip(1)
			o.Value = p.optionValue()
		} else {
			o.Bare = true
		}
		out = append(out, o)
		if !p.acceptPunct(",") {
			break
		}
	}
	p.expectPunct(")")
	return out
}

// optionValue reads a string, a number or a word as text.
func (p *parser) optionValue() string {
	sign := ""
	if p.at(0).IsOp("-") || p.at(0).IsOp("+") {
		if p.at(0).IsOp("-") {
			sign = "-"
		}
		p.skip(1)
	}
	t := p.cur()
	switch t.Kind {
	case token.Number:
	case token.String, token.Word, token.Quoted:
		if sign != "" || t.Class == token.Reserved && !t.Is("true") && !t.Is("false") && !t.Is("on") {
			p.near()
		}
	default:
		p.near()
	}
	p.skip(1)
	return sign + t.Text
}

func (p *parser) subscribe() ast.Stmt {
	s := &ast.Subscribe{Pos: p.here()}
	p.skip(1)
	p.accept("to")
	switch {
	case p.punct(0, "("):
		p.skip(1)
		s.Query = p.selectQuery()
		p.expectPunct(")")
	case p.startsQuery(0) && !p.is("table"):
		s.Query = p.selectQuery()
	default:
		p.accept("table")
		name := p.qualified()
		s.Name = &name
	}
	if p.is("as", "of") {
		p.skip(1)
		s.AsOfKind = p.asOfKind()
		s.AsOf = p.scalar(true)
	}
	s.With = p.withOptions()
	return s
}

// asOfKind reads OF TIMESTAMP or OF OFFSET, behind AS.
func (p *parser) asOfKind() string {
	p.expect("of")
	return p.oneOf("timestamp", "offset")
}
