package parser

import (
	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
	"streamsql/sql/token"
)

// The levels of PostgreSQL's operators (gram.y, "Precedence: lowest to highest").
const (
	precNone    = iota
	precOr      // OR
	precAnd     // AND
	precNot     // NOT
	precIs      // IS, ISNULL, NOTNULL; does not associate
	precCompare // < > = <= >= <>; does not associate
	precLike    // BETWEEN, IN, LIKE, ILIKE, SIMILAR; does not associate
	precOp      // any other operator
	precAdd     // + -
	precMul     // * / %
	precPow     // ^
	precAt      // AT TIME ZONE
	precCollate // COLLATE
	precUnary   // + - before an operand
	precPostfix // [ ] :: .
)

// expr lowers an expression whose operators are of level min or above. With limited set it is PostgreSQL's b_expr, which
// has no AND, OR, NOT, IN, LIKE, BETWEEN and IS NULL of its own.
//
// The operators themselves are grouped by TiDB's grammar. The walk follows PostgreSQL's levels to refuse what
// PostgreSQL refuses, to find the operands of forms that MySQL does not have, and to put parentheses where MySQL
// would group in another way.
func (p *parser) expr(min int, limited bool) {
	p.enter()
	defer p.leave()
	start := len(p.segs)
	p.operand(min, limited)
	in := infix{p: p, start: start, limited: limited}
	for links := 0; p.err == nil && in.next(min); links++ {
		if links > chainLinksMax {
			p.tooDeep()
		}
	}
}

// infix is the loop over the operators behind an operand.
type infix struct {
	p       *parser
	start   int // the segment where the left operand begins
	limited bool
	last    int // level of the last operator that does not associate
	closed  int // level of the left operand when it ends in a form without right operand (x IS NULL); else 0
}

// next lowers one operator and its right operand, if there is one of level min or above.
func (in *infix) next(min int) bool {
	p := in.p
	prec := p.infixLevel(in.limited)
	if prec < min || prec == precNone {
		return false
	}
	if (prec == precIs || prec == precCompare || prec == precLike) && prec == in.last {
		p.near()
		return false
	}
	if in.closed != 0 && prec >= in.closed && prec < precAt {
		p.wrapParen(in.start, p.pos())
	}
	in.last, in.closed = prec, 0
	switch prec {
	case precOr, precAnd, precAdd, precMul, precPow, precCompare:
		in.native(prec)
	case precIs:
		in.is()
	case precLike:
		in.like()
	case precOp:
		in.operator()
	case precAt:
		zone := &part{kind: partZone, pos: ast.Pos(p.segs[in.start].pos)}
		p.wrap(in.start, "zone", zone)
		p.expect("at", "time", "zone")
		p.raw(", ", p.pos())
		p.expr(precAt+1, in.limited)
		p.raw(")", p.pos())
	case precCollate:
		c := &ast.Collate{Pos: ast.Pos(p.segs[in.start].pos)}
		p.wrap(in.start, "collate", c)
		p.skip(1)
		p.raw(")", p.pos())
		c.Name = p.anyQualified()
	case precPostfix:
		p.postfix(in.start)
	}
	return true
}

// infixLevel returns the level of the operator here, or precNone.
func (p *parser) infixLevel(limited bool) int {
	t := p.cur()
	switch t.Kind {
	case token.Op:
		return opLevel(p, t)
	case token.Punct:
		if t.Text == "::" || t.Text == "[" || t.Text == "." && p.behindWhole() {
			return precPostfix
		}
	case token.Word:
		return p.wordLevel(t.Text, limited)
	}
	return precNone
}

// behindWhole reports whether the operand that ends here can have a field: it ends in a bracket, a parameter or a field.
func (p *parser) behindWhole() bool {
	last := &p.toks[p.p-1]
	if last.Kind == token.Param || last.IsPunct(")") || last.IsPunct("]") {
		return true
	}
	return last.IsLabel() && p.p > 1 && (p.toks[p.p-2].IsPunct(".") || p.toks[p.p-2].IsOp("->"))
}

func opLevel(p *parser, t *token.Token) int {
	switch t.Text {
	case "+", "-":
		return precAdd
	case "*", "/", "%":
		return precMul
	case "^":
		return precPow
	case "=", "<", ">", "<=", ">=", "<>":
		return precCompare
	case "=>":
		return precNone
	case "->*":
		if n := p.at(1); n.Kind == token.EOF || n.IsPunct(",") || n.IsPunct(")") || n.IsPunct(";") || n.Is("from") {
			return precPostfix // x->*
		}
	case "->":
		if p.at(1).IsName() && !p.punct(2, "(") && p.at(2).Kind != token.String {
			return precPostfix // x->field
		}
	}
	return precOp
}

func (p *parser) wordLevel(w string, limited bool) int {
	switch w {
	case "or":
		return unless(limited, precOr)
	case "and":
		return unless(limited, precAnd)
	case "is":
		return unless(limited && !p.isAny(1, "distinct") && !p.is("is", "not", "distinct"), precIs)
	case "isnull", "notnull":
		return unless(limited, precIs)
	case "between", "in", "like", "ilike":
		return unless(limited, precLike)
	case "overlaps":
		return unless(limited || p.cur().Class == token.Unreserved || !p.at(1).IsPunct("(") && !p.at(1).Is("row"), precLike)
	case "similar":
		return unless(limited || !p.at(1).Is("to"), precLike)
	case "not":
		return unless(limited || !p.isAny(1, "between", "in", "like", "ilike", "similar"), precLike)
	case "operator":
		return unless(!p.punct(1, "("), precOp)
	case "at":
		return unless(!p.is("at", "time"), precAt)
	case "collate":
		return precCollate
	}
	return precNone
}

func unless(cond bool, prec int) int {
	if cond {
		return precNone
	}
	return prec
}

// native lowers an operator that MySQL groups as PostgreSQL does.
func (in *infix) native(prec int) {
	p := in.p
	t := p.cur()
	p.raw(nativeText[t.Text], t.Pos)
	p.skip(1)
	if prec == precCompare && p.isAny(0, "any", "some", "all") {
		in.quantified(prec)
		return
	}
	if prec >= precAdd && p.isAny(0, "any", "some", "all") && p.punct(1, "(") {
		p.failAt(t.Pos, pgerr.WrongObjectType, "op ANY/ALL (array) requires operator to yield boolean")
	}
	p.expr(prec+1, in.limited)
}

var nativeText = map[string]string{
	"or": " OR ", "and": " AND ", "+": " + ", "-": " - ", "*": " * ", "/": " / ", "%": " % ", "^": " ^ ",
	"=": " = ", "<": " < ", ">": " > ", "<=": " <= ", ">=": " >= ", "<>": " <> ",
}

// quantified lowers ANY (…) or ALL (…), which ends the operand whatever follows. It leaves as a marker on the right side
// of its operator; the converter makes one node of the two.
func (in *infix) quantified(prec int) {
	p := in.p
	q := &ast.Quantified{All: p.is("all")}
	pos := p.pos()
	p.mark("quantified", q, pos)
	p.skip(1)
	p.raw("(", pos)
	if p.startsQuery(0) {
		p.subquery()
	} else {
		p.expectPunct("(")
		p.expr(precOr, false)
		p.expectPunct(")")
	}
	p.raw(")", p.pos())
	in.closed, in.last = prec, 0
}

// operator lowers an operator of PostgreSQL's common level as `a << marker << b`: << has the same place among MySQL's
// operators and groups to the left.
func (in *infix) operator() {
	p := in.p
	op := &ast.Binary{OpPos: p.here()}
	pos := p.pos()
	op.Op = p.operatorName()
	p.binaryMark("op", op, pos)
	if p.isAny(0, "any", "some", "all") {
		in.quantified(precOp)
		return
	}
	p.expr(precOp+1, in.limited)
}

func (p *parser) binaryMark(text string, op *ast.Binary, pos int) {
	p.raw(" << ", pos)
	p.mark(text, op, pos)
	p.raw(" << ", pos)
}

// operatorName reads an operator or OPERATOR(schema.op); the name keeps a schema other than pg_catalog.
func (p *parser) operatorName() string {
	if t := p.cur(); t.Kind == token.Op {
		p.skip(1)
		return t.Text
	}
	p.skip(1)
	p.expectPunct("(")
	schema := ""
	for p.at(0).IsName() {
		schema += p.label() + "."
		p.expectPunct(".")
	}
	t := p.cur()
	if t.Kind != token.Op {
		p.near()
		return ""
	}
	p.skip(1)
	p.expectPunct(")")
	if schema == "" || schema == "pg_catalog." {
		return t.Text
	}
	return "operator(" + schema + t.Text + ")"
}

// is lowers IS [NOT] NULL, TRUE, FALSE, UNKNOWN and DISTINCT FROM, ISNULL and NOTNULL.
func (in *infix) is() {
	p := in.p
	pos := p.pos()
	if w := p.acceptAny("isnull", "notnull"); w != "" {
		in.isWhat("null", w == "notnull", pos)
		return
	}
	p.skip(1)
	not := p.accept("not")
	if p.accept("distinct") {
		p.expect("from")
		op := &ast.Binary{Op: "is distinct from", OpPos: ast.Pos(pos)}
		if not {
			op.Op = "is not distinct from"
		}
		p.raw(" <=> ", pos)
		p.mark("distinct", op, pos)
		p.raw(" <=> (", pos)
		p.expr(precIs+1, in.limited)
		p.raw(")", p.pos())
		return
	}
	what := p.acceptAny("null", "true", "false", "unknown")
	if what == "" {
		switch {
		case p.isAny(0, "json", "document", "normalized", "nfc", "nfd", "nfkc", "nfkd", "of"):
			p.unsupported(pos, "IS "+p.cur().Text)
		default:
			p.near()
		}
		return
	}
	in.isWhat(what, not, pos)
}

func (in *infix) isWhat(what string, not bool, pos int) {
	p := in.p
	in.closed, in.last = precIs, 0
	if what == "unknown" {
		p.wrap(in.start, "is", &ast.Is{Pos: ast.Pos(p.segs[in.start].pos), What: what, Not: not})
		p.raw(")", pos)
		return
	}
	p.raw(" IS ", pos)
	if not {
		p.raw("NOT ", pos)
	}
	p.raw(what, pos)
}

// like lowers [NOT] LIKE, ILIKE, SIMILAR TO, IN and BETWEEN.
func (in *infix) like() {
	p := in.p
	pos := p.pos()
	if p.accept("overlaps") {
		name := ast.Name{Pos: ast.Pos(pos), Parts: []string{"overlaps"}}
		p.wrap(in.start, "overlaps", &ast.Call{Pos: ast.Pos(p.segs[in.start].pos), Name: name})
		p.raw(", ", pos)
		p.expr(precLike+1, in.limited)
		p.raw(")", p.pos())
		in.closed, in.last = precLike, 0
		return
	}
	not := p.accept("not")
	if not {
		p.raw(" NOT", pos)
	}
	switch w := p.acceptAny("in", "between", "like", "ilike", "similar"); w {
	case "in":
		in.inList()
	case "between":
		in.between()
	default:
		op := &ast.Binary{Op: w, OpPos: ast.Pos(pos), Not: not}
		if w == "similar" {
			op.Op = "similar to"
			p.skip(1)
		}
		in.pattern(op, pos)
	}
}

func (in *infix) inList() {
	p := in.p
	p.raw(" IN (", p.pos())
	if p.startsQuery(0) && p.punct(0, "(") {
		p.skip(1)
		p.query()
	} else {
		p.expectPunct("(")
		p.exprs()
	}
	p.raw(")", p.pos())
	p.expectPunct(")")
	in.closed, in.last = precLike, 0
}

func (in *infix) between() {
	p := in.p
	pos := p.pos()
	p.raw(" BETWEEN ", pos)
	if p.accept("symmetric") {
		p.mark("between", &ast.Between{Symmetric: true}, pos)
	} else {
		p.accept("asymmetric")
	}
	p.raw("(", pos)
	p.expr(precIs, true)
	p.raw(") AND (", p.pos())
	p.expect("and")
	p.expr(precLike+1, in.limited)
	p.raw(")", p.pos())
}

// pattern lowers the right side of LIKE and its kin: always as LIKE with a marker that holds the pattern and the escape.
func (in *infix) pattern(op *ast.Binary, pos int) {
	p := in.p
	p.raw(" LIKE ", pos)
	if p.isAny(0, "any", "some", "all") {
		p.mark("pattern", op, pos)
		p.raw("(", pos)
		in.quantified(precLike)
		p.raw(")", p.pos())
		return
	}
	p.mark("pattern", op, pos)
	p.raw("(", pos)
	p.expr(precLike+1, in.limited)
	if p.accept("escape") {
		p.raw(", ", p.pos())
		p.expr(precLike+1, in.limited)
	}
	p.raw(")", p.pos())
}

// postfix lowers ::type, [subscript], .field and ->field behind the operand that begins at segment start.
func (p *parser) postfix(start int) {
	pos := ast.Pos(p.segs[start].pos)
	switch {
	case p.acceptPunct("::"):
		c := &ast.Cast{Pos: pos}
		p.wrap(start, "cast", c)
		p.raw(")", p.pos())
		c.Type = p.typeName()
	case p.punct(0, "["):
		p.subscript(start, pos)
	case p.punct(0, ".") && p.at(1).IsOp("*"), p.at(0).IsOp("->*"):
		p.wrap(start, "star", &ast.Star{Pos: pos})
		p.raw(")", p.pos())
		if !p.acceptPunct(".") {
			p.skip(1)
			return
		}
		p.skip(1)
	default: // .field or ->field
		f := &ast.FieldSel{Pos: pos, Arrow: p.at(0).IsOp("->")}
		p.skip(1)
		p.wrap(start, "field", f)
		p.raw(")", p.pos())
		f.Name = p.label()
	}
}

func (p *parser) subscript(start int, pos ast.Pos) {
	s := &ast.Subscript{Pos: pos}
	p.wrap(start, "index", s)
	p.skip(1)
	p.raw(", ", p.pos())
	lo := !p.punct(0, ":")
	if lo {
		p.expr(precOr, false)
	} else {
		p.mark("none", &part{kind: partStar}, p.pos())
	}
	if s.Slice = p.acceptPunct(":"); s.Slice {
		p.raw(", ", p.pos())
		if p.punct(0, "]") {
			p.mark("none", &part{kind: partStar}, p.pos())
		} else {
			p.expr(precOr, false)
		}
	}
	p.raw(")", p.pos())
	p.expectPunct("]")
}

// exprs lowers a list of at least one expression.
func (p *parser) exprs() {
	for {
		p.expr(precOr, false)
		if !p.acceptPunct(",") {
			return
		}
		p.raw(", ", p.pos())
	}
}

// anyQualified reads a dotted name whose parts may be any words.
func (p *parser) anyQualified() ast.Name {
	n := ast.Name{Pos: p.here(), Parts: []string{p.label()}}
	for p.punct(0, ".") && p.err == nil {
		p.skip(1)
		n.Parts = append(n.Parts, p.label())
	}
	return n
}
