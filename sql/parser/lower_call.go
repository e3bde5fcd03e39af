package parser

import (
	"streamsql/sql/ast"
	"streamsql/sql/token"
)

// call lowers a function call; in FROM it has no clauses behind the parentheses. A clause of it (DISTINCT, ORDER BY, FILTER, OVER …) leaves as one more argument.
func (p *parser) call(clauses bool) {
	pos := p.pos()
	if !p.cur().IsFuncName() && !p.cur().IsName() {
		p.near()
		return
	}
	first := p.funcName()
	p.skip(1)
	if !p.punct(0, ".") {
		p.path(pos, first)
	} else {
		parts := []string{first}
		for p.punct(0, ".") && p.err == nil {
			p.skip(1)
			if !p.cur().IsLabel() {
				p.near()
				return
			}
			parts = append(parts, p.funcName())
			p.skip(1)
		}
		p.path(pos, parts...)
		first = parts[len(parts)-1]
	}
	p.raw("(", p.pos())
	p.expectPunct("(")
	c := callArgs{p: p, lambda: p.opt.Dialect == KSQL || lambdaFuncs[first]}
	c.args()
	p.expectPunct(")")
	if clauses {
		c.tail()
	}
	p.raw(")", p.pos())
}

// funcName returns one part of a function's name: in lower case unless quoted, under every dialect.
func (p *parser) funcName() string { return p.cur().Text }

// lambdaFuncs take functions; elsewhere name => value is a named argument.
var lambdaFuncs = map[string]bool{
	"transform": true, "filter": true, "reduce": true, "array_transform": true, "any_match": true, "all_match": true, "none_match": true,
}

// callArgs lowers the arguments of one call.
type callArgs struct {
	p      *parser
	lambda bool
	any    bool // something has been written
}

// comma separates what comes from what was written.
func (c *callArgs) comma() {
	if c.any {
		c.p.raw(", ", c.p.pos())
	}
	c.any = true
}

func (c *callArgs) part(text string, kind partKind, name string) {
	c.comma()
	c.p.mark(text, &part{kind: kind, pos: c.p.here(), name: name}, c.p.pos())
}

func (c *callArgs) args() {
	p := c.p
	if p.punct(0, ")") {
		return
	}
	if p.at(0).IsOp("*") {
		c.part("star", partStar, "")
		p.skip(1)
		return
	}
	if p.is("distinct") {
		c.part("distinct", partDistinct, "")
		p.skip(1)
	} else if p.is("all") && !p.punct(1, "(") {
		p.skip(1)
	}
	for {
		if p.is("variadic") {
			c.part("variadic", partVariadic, "")
			p.skip(1)
		}
		c.comma()
		p.arg(c.lambda)
		if !p.acceptPunct(",") {
			break
		}
	}
	if p.is("order") {
		c.part("orderby", partOrderBy, "")
		p.expect("order", "by")
		p.raw("(", p.pos())
		p.orderItems()
		p.raw(")", p.pos())
	}
	c.nulls() // some write f(x IGNORE NULLS)
}

// nulls lowers IGNORE NULLS or RESPECT NULLS.
func (c *callArgs) nulls() {
	p := c.p
	if p.isAny(0, "ignore", "respect") && p.isAny(1, "nulls") {
		c.part("nulls", partNulls, p.cur().Text)
		p.skip(2)
	}
}

// arg lowers one argument: an expression, name => value, name := value, a lambda, TABLE name, or DESCRIPTOR's columns.
func (p *parser) arg(lambda bool) {
	p.enter()
	defer p.leave()
	pos := p.pos()
	switch {
	case p.is("table") && p.at(1).IsName():
		p.tableArg()
	case p.at(0).IsLabel() && (p.punct(1, ":=") || p.at(1).IsOp("=>") && !lambda):
		p.mark("named", &ast.Named{Pos: ast.Pos(pos), Name: p.label()}, pos)
		p.namedValue(pos)
	case p.at(0).IsLabel() && p.at(1).IsOp("=>"):
		p.mark("lambda", &ast.Lambda{Pos: ast.Pos(pos), Params: []string{p.label()}}, pos)
		p.namedValue(pos)
	case p.isLambda():
		l := &ast.Lambda{Pos: ast.Pos(pos), Params: p.names()}
		p.mark("lambda", l, pos)
		p.namedValue(pos)
	case p.isBarLambda():
		p.barLambda(pos)
	default:
		p.expr(precOr, false)
	}
}

// namedValue lowers what stands behind => or :=.
func (p *parser) namedValue(pos int) {
	p.skip(1)
	p.raw("(", pos)
	if p.is("table") && p.at(1).IsName() {
		p.tableArg()
	} else {
		p.expr(precOr, false)
	}
	p.raw(")", p.pos())
}

// tableArg lowers TABLE name [PARTITION BY …].
func (p *parser) tableArg() {
	pos := p.pos()
	p.skip(1)
	p.mark("table", &ast.TableArg{Pos: ast.Pos(pos), Name: p.qualified()}, pos)
	if !p.accept("partition", "by") {
		return
	}
	p.raw("(", p.pos())
	if p.punct(0, "(") { // PARTITION BY (a, b) is PARTITION BY a, b
		p.skip(1)
		p.exprs()
		p.expectPunct(")")
	} else {
		p.expr(precOr, false) // a comma ends the argument
	}
	p.raw(")", p.pos())
}

// isLambda reports whether (x, y) => begins here.
func (p *parser) isLambda() bool {
	if !p.punct(0, "(") {
		return false
	}
	i := 1
	for p.at(i).IsName() && p.punct(i+1, ",") {
		i += 2
	}
	return p.at(i).IsName() && p.punct(i+1, ")") && p.at(i+2).IsOp("=>")
}

// isBarLambda reports whether RisingWave's |x, y| begins here.
func (p *parser) isBarLambda() bool {
	if !p.at(0).IsOp("|") || !p.at(1).IsName() {
		return false
	}
	i := 2
	for p.punct(i, ",") && p.at(i+1).IsName() {
		i += 2
	}
	return p.at(i).IsOp("|")
}

// barLambda lowers |x, y| body.
func (p *parser) barLambda(pos int) {
	l := &ast.Lambda{Pos: ast.Pos(pos)}
	p.mark("lambda", l, pos)
	for first := true; first || p.punct(0, ","); first = false {
		p.skip(1)
		l.Params = append(l.Params, p.colID())
	}
	p.namedValue(pos)
}

// tail lowers WITHIN GROUP, FILTER, IGNORE NULLS and OVER.
func (c *callArgs) tail() {
	p := c.p
	if p.is("within") && !p.streamClause() {
		c.part("within", partWithin, "")
		p.expect("within", "group")
		p.raw("(", p.pos())
		p.expectPunct("(")
		p.expect("order", "by")
		p.orderItems()
		p.raw(")", p.pos())
		p.expectPunct(")")
	}
	if p.is("filter") {
		c.part("filter", partFilter, "")
		p.skip(1)
		p.raw("(", p.pos())
		p.expectPunct("(")
		p.expect("where")
		p.expr(precOr, false)
		p.raw(")", p.pos())
		p.expectPunct(")")
	}
	c.nulls()
	if p.accept("over") {
		c.comma()
		p.over()
	}
}

// over lowers what follows OVER.
func (p *parser) over() {
	spec := &ast.WindowSpec{Pos: p.here()}
	pos := p.pos()
	p.mark("over", &part{kind: partOver, pos: spec.Pos, spec: spec}, pos)
	if !p.punct(0, "(") {
		spec.Name = p.colID()
		return
	}
	p.skip(1)
	p.raw("(", pos)
	p.windowClauses(spec)
	p.raw(")", p.pos())
	p.expectPunct(")")
}

// windowClauses lowers the inside of a window's parentheses as a list of at least one part.
func (p *parser) windowClauses(spec *ast.WindowSpec) {
	t := p.cur()
	if t.IsName() && !p.is("partition", "by") && !p.isFrame() {
		spec.Name = p.colID()
	}
	pos := p.pos()
	p.raw("NULL", pos)
	if p.is("partition", "by") {
		p.raw(", ", pos)
		p.mark("partition", &part{kind: partPartitionBy, pos: ast.Pos(pos)}, pos)
		p.skip(2)
		p.raw("(", pos)
		p.exprs()
		p.raw(")", p.pos())
	}
	if p.is("order") {
		pos := p.pos()
		p.raw(", ", pos)
		p.mark("orderby", &part{kind: partOrderBy, pos: ast.Pos(pos)}, pos)
		p.expect("order", "by")
		p.raw("(", pos)
		p.orderItems()
		p.raw(")", p.pos())
	}
	if p.isFrame() {
		p.raw(", ", p.pos())
		p.frame()
	}
}

// isFrame reports whether a frame clause begins here.
func (p *parser) isFrame() bool {
	return p.isAny(0, "rows", "range", "groups") || p.is("session", "with", "gap")
}

func (p *parser) frame() {
	pos := p.pos()
	if p.is("session") {
		p.unsupported(pos, "a SESSION frame")
	}
	f := &ast.Frame{Pos: ast.Pos(pos), Mode: p.cur().Text}
	p.mark("frame", &part{kind: partFrame, pos: f.Pos, frame: f}, pos)
	p.skip(1)
	p.raw("(NULL", pos)
	if p.accept("between") {
		p.bound(&f.Start)
		p.expect("and")
		p.bound(&f.End)
	} else {
		p.bound(&f.Start)
		f.End.Kind = "current row"
	}
	p.raw(")", p.pos())
	if p.accept("exclude") {
		switch {
		case p.accept("current", "row"):
			f.Exclude = "current row"
		case p.accept("no", "others"):
			f.Exclude = "no others"
		default:
			if f.Exclude = p.acceptAny("group", "ties"); f.Exclude == "" {
				p.near()
			}
		}
	}
}

// bound lowers one end of a frame; the expression of an offset is an argument of the frame's marker.
func (p *parser) bound(b *ast.FrameBound) {
	switch {
	case p.accept("unbounded"):
		b.Kind = "unbounded " + p.acceptAny("preceding", "following")
		if b.Kind == "unbounded " {
			p.near()
		}
	case p.accept("current", "row"):
		b.Kind = "current row"
	default:
		p.raw(", ", p.pos())
		p.expr(precOr, false)
		if b.Kind = p.acceptAny("preceding", "following"); b.Kind == "" {
			p.near()
		}
	}
}

// isBareCall reports whether a function that is written without parentheses stands n places ahead.
func (p *parser) isBareCall(n int) bool {
	t := p.at(n)
	if t.Kind != token.Word || t.Class == token.Unreserved {
		return false
	}
	switch t.Text {
	case "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user", "session_user",
		"user", "current_role", "current_catalog":
		return true
	case "current_schema":
		return !p.punct(n+1, "(")
	}
	return false
}

// bareCall lowers CURRENT_TIMESTAMP and the like; the time functions may have a precision.
func (p *parser) bareCall() {
	t := p.cur()
	pos := p.pos()
	p.mark("keyword", &ast.Call{Pos: ast.Pos(pos), Name: ast.Name{Pos: ast.Pos(pos), Parts: []string{t.Text}}, Keyword: true}, pos)
	p.skip(1)
	p.raw("(", pos)
	switch t.Text {
	case "current_time", "current_timestamp", "localtime", "localtimestamp":
		if p.punct(0, "(") && p.at(1).Kind == token.Number {
			p.skip(1)
			p.number(p.cur())
			p.expectPunct(")")
		}
	}
	p.raw(")", pos)
}
