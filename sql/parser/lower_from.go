package parser

import (
	"streamsql/sql/ast"
	"streamsql/sql/token"
)

// fromList lowers the comma-separated items of FROM.
func (p *parser) fromList() {
	for links := 0; ; {
		p.fromItem(&links)
		if !p.acceptPunct(",") {
			return
		}
		if links++; links > chainLinksMax {
			p.tooDeep()
		}
		p.raw(", ", p.pos())
	}
}

// fromItem lowers one table expression with its joins, which group to the left.
func (p *parser) fromItem(links *int) {
	p.fromPrimary()
	for p.err == nil {
		j := p.joinHead()
		if j == nil {
			return
		}
		if *links++; *links > chainLinksMax {
			p.tooDeep()
		}
		p.joinTail(j, links)
	}
}

// joinHead reads the words before a joined table; nil means that no join follows.
func (p *parser) joinHead() *ast.Join {
	if !p.isAny(0, "join", "inner", "left", "right", "full", "cross", "natural", "asof") {
		return nil
	}
	j := &ast.Join{Pos: p.here(), Kind: "inner"}
	start := p.p
	j.AsOf = p.is("asof") && p.isAny(1, "join", "left", "inner")
	if j.AsOf {
		p.skip(1)
	}
	if j.Natural = p.accept("natural"); j.Natural && p.is("cross") {
		p.near()
	}
	switch kind := p.acceptAny("inner", "cross", "left", "right", "full"); kind {
	case "left", "right", "full":
		j.Kind = kind
		p.accept("outer")
		j.AsOf = p.accept("asof") || j.AsOf
	case "cross":
		j.Kind = kind
	case "":
		if !p.is("join") && !j.Natural && !j.AsOf {
			p.p = start
			return nil
		}
	}
	p.expect("join")
	return j
}

// joinTail lowers the joined table and its condition. Everything but the shape of the tree goes into the side table.
func (p *parser) joinTail(j *ast.Join, links *int) {
	p.raw(" JOIN ", int(j.Pos))
	right := len(p.segs)
	p.fromPrimary()
	if p.is("within") {
		j.Within = p.within()
	}
	if j.Kind != "cross" && !j.Natural {
		p.nestedJoins(right, links)
	}
	p.raw(" ON ", p.pos())
	p.mark("join", j, int(j.Pos))
	p.raw("(", p.pos())
	switch {
	case j.Kind == "cross" || j.Natural:
	case p.accept("on"):
		p.expr(precOr, false)
	case p.accept("using"):
		j.Using = p.names()
		if p.is("as") {
			p.unsupported(p.pos(), "an alias for JOIN USING")
		}
	default:
		p.near()
	}
	p.raw(")", p.pos())
}

// nestedJoins lowers joins that stand between a joined table and its ON: a JOIN b JOIN c ON x ON y.
func (p *parser) nestedJoins(right int, links *int) {
	p.enter()
	defer p.leave()
	for p.err == nil {
		j := p.joinHead()
		if j == nil {
			return
		}
		if *links++; *links > nestingMax {
			p.tooDeep()
			return
		}
		p.joinTail(j, links)
		p.wrapParen(right, p.pos())
	}
}

// fromPrimary lowers one item of FROM without its joins.
func (p *parser) fromPrimary() {
	p.enter()
	defer p.leave()
	pos := p.pos()
	lateral := p.accept("lateral")
	switch {
	case p.punct(0, "(") && p.startsQuery(0):
		p.derived(&ast.Derived{Pos: ast.Pos(pos), Lateral: lateral})
	case p.punct(0, "(") && !lateral:
		p.parenJoin()
	case p.is("table") && p.punct(1, "("):
		p.skip(2)
		p.tableFunc(&ast.TableFunc{Pos: ast.Pos(pos), Lateral: lateral}, false)
	case p.is("rows") && p.isAny(1, "from") && p.punct(2, "("):
		p.unsupported(pos, "ROWS FROM")
	case p.is("only"):
		p.unsupported(pos, "ONLY")
	case p.isTableFunc():
		p.tableFunc(&ast.TableFunc{Pos: ast.Pos(pos), Lateral: lateral}, true)
	case lateral:
		p.qualified()
		p.near()
	default:
		t := &ast.Table{Pos: ast.Pos(pos), Name: p.qualified()}
		if p.at(0).IsOp("*") {
			p.skip(1)
		}
		p.tableClauses(t)
	}
}

func (p *parser) parenJoin() {
	p.raw("(", p.pos())
	p.skip(1)
	links := 0
	start := p.p
	p.fromItem(&links)
	if links == 0 && p.err == nil && !p.toks[start].IsPunct("(") {
		p.near() // PostgreSQL allows parentheses around joins only
	}
	p.raw(")", p.pos())
	p.expectPunct(")")
	if t := p.cur(); p.err == nil && (t.Is("as") || t.IsName() && !p.streamClause()) {
		p.unsupported(t.Pos, "an alias for a join in parentheses")
	}
}

// isTableFunc reports whether a function call begins here: a dotted name and a parenthesis.
func (p *parser) isTableFunc() bool {
	if !p.cur().IsFuncName() && !p.cur().IsName() && !p.isBareCall(0) {
		return false
	}
	i := 1
	for p.punct(i, ".") && p.at(i+1).IsLabel() {
		i += 2
	}
	return p.punct(i, "(") || i == 1 && p.isBareCall(0)
}

// tableClauses lowers a table's alias and what a stream adds to it.
func (p *parser) tableClauses(t *ast.Table) {
	var asOf []segment
	switch {
	case p.accept("for", "system_time", "as", "of"):
		t.AsOfKind = "system_time"
	case p.is("as", "of") && p.isAny(2, "timestamp", "offset"):
		p.skip(1)
		t.AsOfKind = p.asOfKind()
	}
	if t.AsOfKind != "" {
		asOf = p.aside(func() { p.expr(precOr, false) })
	}
	t.Alias = p.alias()
	if p.is("tablesample") {
		p.unsupported(p.pos(), "TABLESAMPLE")
	}
	if p.isWindow() {
		t.Window = p.window()
	}
	p.tableItem(t, asOf)
}

// tableItem lowers a table; one AS OF another time leaves as a subquery whose only field is that time.
func (p *parser) tableItem(t *ast.Table, asOf []segment) {
	if asOf == nil {
		p.path(int(t.Pos), t.Name.Parts...)
	} else {
		p.raw("(SELECT ", int(t.Pos))
		p.segs = append(p.segs, asOf...)
		p.raw(")", int(t.Pos))
	}
	p.raw(" AS ", int(t.Pos))
	p.mark("table", t, int(t.Pos))
}

// derived lowers a subquery of FROM.
func (p *parser) derived(d *ast.Derived) {
	p.raw("(", p.pos())
	p.skip(1)
	p.query()
	p.raw(") AS ", p.pos())
	p.expectPunct(")")
	d.Alias = p.alias()
	p.mark("query", d, int(d.Pos))
}

// tableFunc lowers a function of FROM: it leaves as a subquery whose only field is the call. Within TABLE(…) the
// opening parenthesis has been passed.
func (p *parser) tableFunc(f *ast.TableFunc, bare bool) {
	p.raw("(SELECT ", int(f.Pos))
	if p.isBareCall(0) {
		p.bareCall()
	} else {
		p.call(false)
	}
	p.raw(") AS ", p.pos())
	if !bare {
		p.expectPunct(")")
	}
	if p.accept("with", "ordinality") {
		f.Ordinality = true
	}
	f.Alias = p.alias()
	p.mark("func", f, int(f.Pos))
}

// alias reads [AS] name [(columns)].
func (p *parser) alias() ast.Alias {
	var a ast.Alias
	t := p.cur()
	switch {
	case p.accept("as"):
		if p.punct(0, "(") {
			p.unsupported(p.pos(), "a column definition list")
		}
		a.Name = p.colID()
	case t.IsName() && !p.streamClause() && !p.is("asof"):
		a.Name = p.colID()
	default:
		return a
	}
	if !p.punct(0, "(") {
		return a
	}
	if n := p.at(2); n.Kind == token.Word && p.at(1).IsName() {
		p.unsupported(n.Pos, "a column definition list")
	}
	a.Columns = p.names()
	return a
}
