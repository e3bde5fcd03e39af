package parser

import (
	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
	"streamsql/sql/token"
)

// specialCall lowers the calls that have a grammar of their own; t is the word before the parenthesis. It reports
// false, having read nothing, when t is an ordinary function.
func (p *parser) specialCall(t *token.Token) bool {
	switch t.Text {
	case "row":
		p.list("row", &ast.RowLit{Pos: p.here()})
	case "struct":
		p.structLit()
	case "map":
		p.mapLit("(", ":=", ")")
	case "cast", "try_cast":
		p.cast(t.Text == "try_cast")
	case "extract":
		p.extract()
	case "substring":
		p.substring()
	case "position":
		p.position()
	case "overlay":
		p.overlay()
	case "trim":
		p.trim()
	case "normalize":
		p.normalize()
	case "collation":
		return false
	case "treat", "xmlelement", "xmlforest", "xmlconcat", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmlexists", "xmltable":
		p.unsupported(t.Pos, t.Text)
	default:
		return false
	}
	return true
}

// list lowers word(a, b, …) as a marker over its elements.
func (p *parser) list(text string, node ast.Node) {
	p.mark(text, node, p.pos())
	p.skip(1)
	p.raw("(", p.pos())
	p.expectPunct("(")
	if !p.punct(0, ")") {
		p.exprs()
	}
	p.raw(")", p.pos())
	p.expectPunct(")")
}

// structLit lowers STRUCT(name := value, …).
func (p *parser) structLit() {
	p.mark("struct", &ast.StructLit{Pos: p.here()}, p.pos())
	p.skip(1)
	p.raw("(", p.pos())
	p.expectPunct("(")
	for !p.punct(0, ")") {
		if !p.at(0).IsLabel() || !p.punct(1, ":=") {
			p.near()
		}
		p.arg(false)
		if !p.acceptPunct(",") {
			break
		}
		p.raw(", ", p.pos())
	}
	p.raw(")", p.pos())
	p.expectPunct(")")
}

// mapLit lowers MAP('k' := v, …), or RisingWave's MAP {'k': v, …}.
func (p *parser) mapLit(open, is, end string) {
	p.mark("map", &ast.MapLit{Pos: p.here()}, p.pos())
	p.skip(1)
	p.raw("(", p.pos())
	p.expectPunct(open)
	for !p.punct(0, end) {
		p.expr(precOr, false)
		p.raw(", ", p.pos())
		p.expectPunct(is)
		p.expr(precOr, false)
		if !p.acceptPunct(",") {
			break
		}
		p.raw(", ", p.pos())
	}
	p.raw(")", p.pos())
	p.expectPunct(end)
}

// cast lowers CAST(x AS type).
func (p *parser) cast(try bool) {
	c := &ast.Cast{Pos: p.here(), Try: try}
	p.mark("cast", c, p.pos())
	p.skip(1)
	p.raw("(", p.pos())
	p.expectPunct("(")
	p.expr(precOr, false)
	p.expect("as")
	c.Type = p.typeName()
	p.raw(")", p.pos())
	p.expectPunct(")")
}

// extract lowers EXTRACT(field FROM x) as extract('field', x).
func (p *parser) extract() {
	p.open("extract")
	t := p.cur()
	if t.Kind != token.String && !t.IsFuncName() {
		p.near()
	}
	p.string(t.Text, t.Pos)
	p.skip(1)
	if !p.acceptPunct(",") {
		p.expect("from")
	}
	p.comma()
	p.expr(precOr, false)
	p.close()
}

// open lowers the name of a call and its parenthesis; close ends it.
func (p *parser) open(name string) {
	p.path(p.pos(), name)
	p.skip(1)
	p.raw("(", p.pos())
	p.expectPunct("(")
}

func (p *parser) close() {
	p.raw(")", p.pos())
	p.expectPunct(")")
}

func (p *parser) comma() { p.raw(", ", p.pos()) }

// substring lowers SUBSTRING(x FROM a FOR b), (x FOR b FROM a), (x FOR b), (x SIMILAR a ESCAPE b) and the plain call.
func (p *parser) substring() {
	p.open("substring")
	p.expr(precOr, false)
	switch {
	case p.accept("from"):
		p.comma()
		p.expr(precOr, false)
		if p.accept("for") {
			p.comma()
			p.expr(precOr, false)
		}
	case p.is("for"):
		pos := p.pos()
		p.skip(1)
		length := p.aside(func() { p.expr(precOr, false) })
		p.comma()
		if p.accept("from") {
			p.expr(precOr, false)
		} else {
			p.raw("1", pos)
		}
		p.comma()
		p.segs = append(p.segs, length...)
	case p.accept("similar"):
		p.comma()
		p.expr(precOr, false)
		p.expect("escape")
		p.comma()
		p.expr(precOr, false)
	default:
		p.moreArgs()
	}
	p.close()
}

// moreArgs lowers the further arguments of a plain call.
func (p *parser) moreArgs() {
	for p.acceptPunct(",") {
		p.comma()
		p.expr(precOr, false)
	}
}

// position lowers POSITION(a IN b) as position(b, a), which is PostgreSQL's function.
func (p *parser) position() {
	p.open("position")
	needle := p.aside(func() { p.expr(precIs, true) })
	p.expect("in")
	p.expr(precIs, true)
	p.comma()
	p.segs = append(p.segs, needle...)
	p.close()
}

// overlay lowers OVERLAY(x PLACING y FROM a FOR b) and the plain call.
func (p *parser) overlay() {
	p.open("overlay")
	p.expr(precOr, false)
	if !p.accept("placing") {
		p.moreArgs()
		p.close()
		return
	}
	p.comma()
	p.expr(precOr, false)
	p.expect("from")
	p.comma()
	p.expr(precOr, false)
	if p.accept("for") {
		p.comma()
		p.expr(precOr, false)
	}
	p.close()
}

// trim lowers TRIM([LEADING|TRAILING|BOTH] [chars] FROM x) as ltrim, rtrim or btrim.
func (p *parser) trim() {
	pos := p.pos()
	p.skip(1)
	p.expectPunct("(")
	name := map[string]string{"leading": "ltrim", "trailing": "rtrim"}[p.acceptAny("leading", "trailing", "both")]
	if name == "" {
		name = "btrim"
	}
	p.path(pos, name)
	p.raw("(", pos)
	if p.accept("from") {
		p.exprs()
		p.close()
		return
	}
	chars := p.aside(func() { p.expr(precOr, false) })
	if p.accept("from") {
		p.exprs()
		p.comma()
		p.segs = append(p.segs, chars...)
	} else {
		p.segs = append(p.segs, chars...)
		p.moreArgs()
	}
	p.close()
}

// normalize lowers NORMALIZE(x [, NFC]).
func (p *parser) normalize() {
	p.open("normalize")
	p.expr(precOr, false)
	if p.acceptPunct(",") {
		t := p.cur()
		if !p.isAny(0, "nfc", "nfd", "nfkc", "nfkd") && t.Kind != token.String {
			p.failAt(t.Pos, pgerr.SyntaxError, `syntax error at or near "%s"`, p.text[t.Pos:t.End])
		}
		p.comma()
		p.string(t.Text, t.Pos)
		p.skip(1)
	}
	p.close()
}
