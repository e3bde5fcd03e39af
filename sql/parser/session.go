package parser

import (
	"strings"

	"streamsql/sql/ast"
	"streamsql/sql/token"
)

func (p *parser) set() ast.Stmt {
	s := &ast.Set{Pos: p.here()}
	p.skip(1)
	switch {
	case p.is("session", "characteristics"):
		p.skip(2)
		p.expect("as", "transaction")
		return &ast.SetTransaction{Pos: s.Pos, Session: true, Modes: p.modes(true)}
	case p.accept("session", "authorization", "default"), p.accept("role", "none"): // whoever logged in is all there is
		return &ast.NoOp{Pos: s.Pos, Tag: "SET"}
	case p.is("session", "authorization"):
		return p.skipped(p.p-1, "SET SESSION AUTHORIZATION")
	case p.is("role"), p.is("local", "role"), p.is("session", "role"):
		return p.skipped(p.p-1, "SET ROLE")
	case p.is("constraints"):
		return p.skipped(p.p-1, "SET CONSTRAINTS")
	case p.is("transaction"), p.is("local", "transaction"), p.is("session", "transaction"):
		p.acceptAny("local", "session")
		p.skip(1)
		if p.is("snapshot") {
			p.unsupported(p.pos(), "SET TRANSACTION SNAPSHOT")
		}
		return &ast.SetTransaction{Pos: s.Pos, Modes: p.modes(true)}
	case p.is("local") && p.at(1).IsLabel():
		s.Local = true
		p.skip(1)
	case p.is("session") && p.at(1).IsLabel() && !p.isAny(1, "to"):
		p.skip(1)
	}
	p.setting(s)
	return s
}

// setting reads name = value, name TO value, or one of the forms with words of their own.
func (p *parser) setting(s *ast.Set) {
	switch {
	case p.accept("time", "zone"):
		s.Name = "timezone"
		p.timeZone(s)
		return
	case p.accept("names"):
		s.Name = "client_encoding"
		if p.atEnd() || p.accept("default") {
			s.Default = true
			return
		}
		s.Values = []string{p.str()}
		return
	case p.is("schema") && p.at(1).Kind == token.String:
		p.skip(1)
		s.Name, s.Values = "search_path", []string{p.str()}
		return
	}
	s.Name = p.settingName()
	if p.at(0).IsOp("=") {
		p.skip(1)
	} else {
		p.expect("to")
	}
	if p.accept("default") {
		s.Default = true
		return
	}
	for {
		s.Values = append(s.Values, p.settingValue())
		if !p.acceptPunct(",") {
			return
		}
	}
}

// settingName reads a setting's name in lower case; a quoted or string name (ksqlDB) is taken as it is.
func (p *parser) settingName() string {
	if p.cur().Kind == token.String {
		return strings.ToLower(p.nameString())
	}
	return strings.ToLower(strings.Join(p.anyQualified().Parts, "."))
}

func (p *parser) settingValue() string {
	if p.isAny(0, "default") {
		p.near()
		return ""
	}
	return p.optionValue()
}

// timeZone reads the value of SET TIME ZONE.
func (p *parser) timeZone(s *ast.Set) {
	switch {
	case p.acceptAny("local", "default") != "":
		s.Default = true
	case p.is("interval"):
		p.skip(1)
		s.Values = []string{p.str()}
		p.intervalFields()
	default:
		s.Values = []string{p.optionValue()}
	}
}

func (p *parser) reset() ast.Stmt {
	s := &ast.Reset{Pos: p.here()}
	p.skip(1)
	switch {
	case p.accept("time", "zone"):
		s.Name = "timezone"
	case p.accept("transaction", "isolation", "level"):
		s.Name = "transaction_isolation"
	case p.accept("session", "authorization"), p.accept("role"):
		return &ast.NoOp{Pos: s.Pos, Tag: "RESET"}
	default:
		s.Name = p.settingName()
	}
	return s
}

// objectLists are what SHOW lists, by the words that name it.
var objectLists = []struct {
	words []string
	what  string
}{
	{[]string{"materialized", "views"}, "materialized views"},
	{[]string{"all", "topics"}, "topics"},
	{[]string{"streams"}, "streams"},
	{[]string{"tables"}, "tables"},
	{[]string{"views"}, "views"},
	{[]string{"topics"}, "topics"},
	{[]string{"functions"}, "functions"},
	{[]string{"queries"}, "queries"},
	{[]string{"sources"}, "sources"},
	{[]string{"sinks"}, "sinks"},
	{[]string{"types"}, "types"},
	{[]string{"variables"}, "variables"},
	{[]string{"properties"}, "properties"},
	{[]string{"source", "connectors"}, "source connectors"},
	{[]string{"sink", "connectors"}, "sink connectors"},
	{[]string{"connector", "plugins"}, "connector plugins"},
	{[]string{"connectors"}, "connectors"},
	{[]string{"errors"}, "errors"},
	{[]string{"status"}, "status"},
}

// show reads SHOW setting and SHOW or LIST objects.
func (p *parser) show() ast.Stmt {
	s := &ast.Show{Pos: p.here()}
	list, from := p.is("list"), p.p
	p.skip(1)
	for _, o := range objectLists {
		if p.accept(o.words...) {
			s.Objects, s.What = true, o.what
			s.Extended = p.accept("extended")
			return s
		}
	}
	switch {
	case list:
		p.near()
	case p.accept("time", "zone"):
		s.What = "timezone"
	case p.accept("transaction", "isolation", "level"):
		s.What = "transaction isolation level"
	case p.accept("session", "authorization"):
		s.What = "session authorization"
	case p.accept("all"):
		s.What = "all"
	case p.is("create") && p.isAny(1, "table", "view", "stream", "materialized", "source", "sink", "index", "subscription"):
		return p.skipped(from, "SHOW CREATE")
	default:
		s.What = p.settingName()
	}
	return s
}

func (p *parser) describe() ast.Stmt {
	if d := p.describeOther(); d != nil {
		return d
	}
	s := &ast.Describe{Pos: p.here()}
	p.skip(1)
	if p.isAny(0, "stream", "table", "view") && p.at(1).IsName() {
		p.skip(1)
	} else if p.is("materialized", "view") {
		p.skip(2)
	}
	s.Name = p.qualified()
	s.Extended = p.accept("extended")
	return s
}

func (p *parser) discard() ast.Stmt {
	s := &ast.Discard{Pos: p.here()}
	p.skip(1)
	s.What = p.acceptAny("all", "plans", "sequences", "temp", "temporary")
	switch s.What {
	case "":
		p.near()
	case "temporary":
		s.What = "temp"
	}
	return s
}
