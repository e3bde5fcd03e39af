package parser

import (
	"strings"

	"streamsql/sql/ast"
	"streamsql/sql/token"
)

// plainDigitsMax is the length up to which a whole number goes through TiDB as it is; longer ones, and those with an
// exponent, would lose their spelling.
const plainDigitsMax = 18

// operand lowers a prefix operator with its operand, or a primary. min is the level of the operator to the left.
func (p *parser) operand(min int, limited bool) {
	t := p.cur()
	switch {
	case t.IsOp("-") || t.IsOp("+"):
		p.raw(nativeText[t.Text][1:], t.Pos) // no blank before it: that would be taken for the operator's to the left
		p.skip(1)
		p.expr(precUnary, limited)
	case t.Is("not") && !limited:
		p.not(min, t.Pos)
	case t.Kind == token.Op && !opIsInfixOnly(t.Text), t.Is("operator") && p.punct(1, "("):
		u := &ast.Unary{Pos: ast.Pos(t.Pos)}
		u.Op = p.operatorName()
		p.mark("prefix", u, t.Pos)
		p.raw("(", t.Pos)
		p.expr(precOp+1, limited)
		p.raw(")", p.pos())
	default:
		p.primary()
	}
}

// opIsInfixOnly reports operators that PostgreSQL's grammar knows between operands only.
func opIsInfixOnly(op string) bool {
	switch op {
	case "*", "/", "%", "^", "=", "<", ">", "<=", ">=", "<>", "=>":
		return true
	}
	return false
}

// not lowers NOT; as the right operand of a tighter operator it needs parentheses.
func (p *parser) not(min, pos int) {
	p.skip(1)
	if min <= precNot {
		p.raw("NOT ", pos)
		p.expr(precNot, false)
		return
	}
	p.raw("(NOT ", pos)
	p.expr(precNot, false)
	p.raw(")", p.pos())
}

// primary lowers an operand without prefix operators.
func (p *parser) primary() {
	t := p.cur()
	switch t.Kind {
	case token.Number:
		p.number(t)
	case token.String:
		p.string(t.Text, t.Pos)
		p.skip(1)
	case token.Bits:
		p.mark("bits", &ast.Lit{Pos: ast.Pos(t.Pos), Kind: ast.LitBits, Text: t.Text}, t.Pos)
		p.skip(1)
	case token.Param:
		p.paramMark(p.param(), t.Pos)
	case token.Punct:
		p.parenthesised()
	case token.Word:
		p.wordPrimary(t)
	case token.Quoted:
		if p.isTypedLit() {
			p.typedLit()
			return
		}
		p.reference()
	default:
		p.near()
	}
}

func (p *parser) number(t *token.Token) {
	plain := len(t.Text) <= plainDigitsMax && (t.Text[0] != '0' || len(t.Text) == 1)
	for i := 0; plain && i < len(t.Text); i++ {
		plain = t.Text[i] >= '0' && t.Text[i] <= '9'
	}
	if plain {
		p.raw(t.Text, t.Pos)
	} else {
		p.mark("number", &ast.Lit{Pos: ast.Pos(t.Pos), Kind: ast.LitNumber, Text: t.Text}, t.Pos)
	}
	p.skip(1)
}

// parenthesised lowers a subquery, an expression in parentheses, a row, or (inside ARRAY) a nested bracket.
func (p *parser) parenthesised() {
	pos := p.pos()
	if !p.punct(0, "(") {
		p.near()
		return
	}
	if p.startsQuery(0) {
		p.subquery()
		return
	}
	p.raw("(", pos)
	p.skip(1)
	p.exprs()
	p.raw(")", p.pos())
	p.expectPunct(")")
}

// subquery lowers (query).
func (p *parser) subquery() {
	p.raw("(", p.pos())
	p.expectPunct("(")
	p.query()
	p.raw(")", p.pos())
	p.expectPunct(")")
}

// wordPrimary lowers a primary that begins with a word.
func (p *parser) wordPrimary(t *token.Token) {
	open := p.punct(1, "(")
	switch t.Text {
	case "true", "false", "null":
		p.raw(t.Text, t.Pos)
		p.skip(1)
		return
	case "case":
		p.caseExpr()
		return
	case "default":
		p.mark("default", &ast.Lit{Pos: ast.Pos(t.Pos), Kind: ast.LitDefault}, t.Pos)
		p.skip(1)
		return
	case "interval":
		if p.at(1).Kind == token.String || p.at(1).Kind == token.Number || open && p.at(2).Kind == token.Number && p.punct(3, ")") && p.at(4).Kind == token.String {
			p.interval()
			return
		}
	case "array":
		if open && p.startsQuery(1) {
			p.arrayQuery()
			return
		}
		if open {
			p.nearToken(min(p.p+2, len(p.toks)-1))
			return
		}
		if p.punct(1, "[") {
			p.skip(1)
			p.arrayLit()
			return
		}
	case "exists":
		if open && p.startsQuery(1) {
			p.raw("EXISTS ", t.Pos)
			p.skip(1)
			p.subquery()
			return
		}
		if open {
			p.nearToken(min(p.p+2, len(p.toks)-1))
			return
		}
	}
	if open && p.specialCall(t) {
		return
	}
	if t.Text == "map" && p.punct(1, "{") {
		p.mapLit("{", ":", "}")
		return
	}
	switch {
	case p.isBareCall(0):
		p.bareCall()
	case t.Class == token.Reserved:
		p.near()
	case p.isTypedLit():
		p.typedLit()
	default:
		p.reference()
	}
}

func (p *parser) caseExpr() {
	p.enter()
	defer p.leave()
	p.raw("CASE ", p.pos())
	p.skip(1)
	if !p.is("when") {
		p.expr(precOr, false)
	}
	if !p.is("when") {
		p.near()
	}
	for p.is("when") {
		p.raw(" WHEN ", p.pos())
		p.skip(1)
		p.expr(precOr, false)
		p.raw(" THEN ", p.pos())
		p.expect("then")
		p.expr(precOr, false)
	}
	if p.is("else") {
		p.raw(" ELSE ", p.pos())
		p.skip(1)
		p.expr(precOr, false)
	}
	p.raw(" END", p.pos())
	p.expect("end")
}

func (p *parser) arrayQuery() {
	p.mark("array", &ast.ArrayQuery{Pos: p.here()}, p.pos())
	p.raw("(", p.pos())
	p.skip(1)
	p.subquery()
	p.raw(")", p.pos())
}

// arrayLit lowers [a, b, …]; an element may be a bracket itself.
func (p *parser) arrayLit() {
	p.enter()
	defer p.leave()
	pos := p.pos()
	p.mark("array", &ast.ArrayLit{Pos: ast.Pos(pos)}, pos)
	p.raw("(", pos)
	p.expectPunct("[")
	for first := true; !p.punct(0, "]") || !first; first = false {
		if p.punct(0, "[") {
			p.arrayLit()
		} else {
			p.expr(precOr, false)
		}
		if !p.acceptPunct(",") {
			break
		}
		p.raw(", ", p.pos())
	}
	p.raw(")", p.pos())
	p.expectPunct("]")
}

// isTypedLit reports whether a type name and a string begin here: DATE '2020-01-01'.
func (p *parser) isTypedLit() bool {
	i := 1
	for p.punct(i, ".") && p.at(i+1).IsLabel() {
		i += 2
	}
	switch {
	case p.is("double", "precision"), p.isAny(0, "character", "char", "bit", "nchar") && p.isAny(1, "varying"):
		i = 2
	case p.is("national") && p.isAny(1, "character", "char"):
		i = 2
		if p.isAny(2, "varying") {
			i = 3
		}
	}
	if p.punct(i, "(") && p.at(i+1).Kind == token.Number {
		for i++; p.at(i).Kind == token.Number || p.punct(i, ","); i++ {
		}
		if !p.punct(i, ")") {
			return false
		}
		i++
	}
	if p.isAny(i, "with", "without") && p.isAny(i+1, "time") && p.isAny(i+2, "zone") {
		i += 3
	}
	return p.at(i).Kind == token.String && p.at(0).IsLabel()
}

func (p *parser) typedLit() {
	lit := &ast.TypedLit{Pos: p.here(), Type: p.typeName()}
	p.mark("typed", lit, int(lit.Pos))
	lit.Text = p.str()
}

// interval lowers INTERVAL '1 day', INTERVAL '1' DAY, INTERVAL 5 MINUTE, INTERVAL(3) '…' and INTERVAL '…' DAY TO SECOND.
func (p *parser) interval() {
	pos := p.here()
	p.skip(1)
	typ := &ast.TypeName{Pos: pos, Name: []string{"interval"}}
	if p.acceptPunct("(") {
		typ.Mods = []int{int(p.integer())}
		p.expectPunct(")")
	}
	t := p.cur()
	text := t.Text
	p.skip(1)
	fields := p.intervalFields()
	switch {
	case fields == "":
		if t.Kind == token.Number {
			p.near()
		}
	case isPlainNumber(text) && !strings.Contains(fields, " ") && (t.Kind == token.Number || !intervalField[fields]):
		text += " " + fields // a number without quotes, or a unit that PostgreSQL's types do not have
	default:
		typ.Name[0] += " " + fields
	}
	p.mark("interval", &ast.TypedLit{Pos: pos, Type: typ, Text: text}, int(pos))
}

// intervalField are the fields that an interval's type can be limited to.
var intervalField = map[string]bool{"year": true, "month": true, "day": true, "hour": true, "minute": true, "second": true}

// intervalFields reads DAY or DAY TO SECOND, if it is there.
func (p *parser) intervalFields() string {
	unit, ok := durationUnits[p.cur().Text]
	if !ok || p.cur().Kind != token.Word {
		return ""
	}
	p.skip(1)
	if p.is("to") {
		p.skip(1)
		to, ok := durationUnits[p.cur().Text]
		if !ok {
			p.near()
		}
		p.skip(1)
		unit += " to " + to
	}
	return unit
}

func isPlainNumber(s string) bool {
	s = strings.TrimLeft(strings.TrimSpace(s), "+-")
	digits := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] >= '0' && s[i] <= '9':
			digits++
		case s[i] != '.':
			return false
		}
	}
	return digits > 0
}

// reference lowers a column reference or a function call.
func (p *parser) reference() {
	i := 1
	for p.punct(i, ".") && p.at(i+1).IsLabel() {
		i += 2
	}
	if p.punct(i, "(") {
		p.call(true)
		return
	}
	pos := p.pos()
	if i == 1 && !p.punct(1, ".") { // the common case: one name
		p.path(pos, p.colID())
		return
	}
	first := len(p.parts)
	p.parts = append(p.parts, p.colID())
	for p.punct(0, ".") && p.at(1).IsLabel() {
		p.skip(1)
		p.parts = append(p.parts, p.label())
	}
	if p.acceptPunct(".") {
		if !p.at(0).IsOp("*") {
			p.near()
		}
		p.skip(1)
		star := &ast.Star{Pos: ast.Pos(pos), Table: append([]string(nil), p.parts[first:]...)}
		if p.isExcept() {
			p.except(star)
		}
		p.mark("star", star, pos)
		return
	}
	p.pathFrom(pos, first)
}
