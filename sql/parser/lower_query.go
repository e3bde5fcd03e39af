package parser

import (
	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
	"streamsql/sql/token"
)

// clauses tells which clauses a query in parentheses brought along, so that those behind the parentheses join them.
type clauses struct {
	with, order, limit, limitBy, offset bool
	tail                                bool // an ORDER BY has been written
}

// query lowers one query: WITH, the set operations, the tail.
func (p *parser) query() clauses {
	p.enter()
	defer p.leave()
	var c clauses
	withPos := p.pos()
	if p.is("with") {
		c.with = true
		p.with()
	}
	start := len(p.segs)
	inner := p.queryTerm()
	links := 0
	for p.isAny(0, "union", "except", "intersect") {
		if links++; links > chainLinksMax {
			p.tooDeep()
		}
		p.raw(" "+p.cur().Text+" ", p.pos())
		p.skip(1)
		if p.accept("all") {
			p.raw("ALL ", p.pos())
		} else {
			p.accept("distinct")
		}
		if p.is("corresponding") {
			p.unsupported(p.pos(), "CORRESPONDING")
		}
		p.queryTerm()
	}
	if inner != nil && links == 0 {
		c = p.unwrap(start, withPos, c, inner)
	}
	p.queryTail(&c)
	return c
}

// queryTerm lowers one operand of a set operation. For a query in parentheses it returns what that brought along.
func (p *parser) queryTerm() *clauses {
	if !p.punct(0, "(") {
		p.queryBlock()
		return nil
	}
	p.raw("(", p.pos())
	p.skip(1)
	c := p.query()
	p.raw(")", p.pos())
	p.expectPunct(")")
	return &c
}

// unwrap takes the parentheses off a query that is nothing but a query in parentheses; as in PostgreSQL both share one
// set of clauses.
func (p *parser) unwrap(start, withPos int, c clauses, inner *clauses) clauses {
	if c.with && inner.with {
		p.failAt(withPos, pgerr.SyntaxError, "multiple WITH clauses not allowed")
		return c
	}
	p.segs[start].text = ""
	p.segs[len(p.segs)-1].text = ""
	inner.with = inner.with || c.with
	return *inner
}

// cteMark is a common table expression and the place of the WITH it belongs to.
type cteMark struct {
	ast.CTE
	with ast.Pos
}

func (p *parser) with() {
	p.raw("WITH ", p.pos())
	pos := p.here()
	p.skip(1)
	if p.accept("recursive") {
		p.raw("RECURSIVE ", int(pos))
	}
	for {
		cte := &cteMark{CTE: ast.CTE{Pos: p.here(), Name: p.colID()}, with: pos}
		p.mark("cte", cte, int(cte.Pos))
		if p.punct(0, "(") {
			cte.Columns = p.names()
		}
		p.expect("as")
		switch {
		case p.is("changelog", "from"):
			p.unsupported(p.pos(), "a change log in WITH")
		case p.accept("materialized"):
			cte.Materialized = "materialized"
		case p.accept("not", "materialized"):
			cte.Materialized = "not materialized"
		}
		if p.isAny(1, "insert", "update", "delete") && p.punct(0, "(") {
			p.unsupported(p.at(1).Pos, "a data-modifying statement in WITH")
		}
		p.raw(" AS (", p.pos())
		p.expectPunct("(")
		p.query()
		p.expectPunct(")")
		p.raw(")", p.pos())
		if p.isAny(0, "search", "cycle") {
			p.unsupported(p.pos(), "SEARCH or CYCLE in WITH")
		}
		if !p.acceptPunct(",") {
			break
		}
		p.raw(", ", p.pos())
	}
	p.raw(" ", p.pos())
}

// queryTail lowers ORDER BY, LIMIT, OFFSET, FETCH and EMIT. All of them leave as items of ORDER BY, so that a limit may be
// any expression.
func (p *parser) queryTail(c *clauses) {
	if p.is("order") && p.opt.Dialect == KSQL {
		p.near() // ksqlDB's grammar has no ORDER BY
	}
	if p.accept("order") {
		p.expect("by")
		p.once(&c.order, "ORDER BY")
		p.tailItem(c)
		p.orderItems()
	}
	limit, offset := false, false // seen at this level
	for p.err == nil {
		pos := p.pos()
		switch {
		case !limit && p.is("limit"):
			l, o := p.limit(c, offset)
			limit, offset = limit || l, offset || o
		case !offset && p.accept("offset"):
			offset = true
			p.once(&c.offset, "OFFSET")
			p.tailExpr(c, partOffset, pos, false)
			p.acceptAny("row", "rows")
		case !limit && p.is("fetch"):
			if p.opt.Dialect == KSQL { // its LIMIT takes a number, and FETCH would be a LIMIT
				p.near()
				return
			}
			p.skip(1)
			limit = true
			p.once(&c.limit, "LIMIT")
			p.fetchFirst(c, pos)
		case p.isEmit():
			p.tailItem(c)
			p.mark("emit", &part{kind: partEmit, name: p.emitClause(), pos: ast.Pos(pos)}, pos)
		case p.is("for") && p.isAny(1, "update", "share", "no", "key"):
			p.unsupported(pos, "FOR UPDATE or FOR SHARE")
		default:
			return
		}
	}
}

// limit lowers LIMIT n, or ClickHouse's LIMIT n [OFFSET m] BY exprs; it reports the clauses LIMIT and OFFSET that it has read. seen
// tells that OFFSET stands before it.
func (p *parser) limit(c *clauses, seen bool) (limit, offset bool) {
	pos := p.pos()
	p.skip(1)
	if p.accept("all") {
		p.once(&c.limit, "LIMIT")
		return true, false
	}
	if p.opt.Dialect == KSQL && p.cur().Kind != token.Number {
		p.near()
		return true, false
	}
	at := p.pos()
	n := p.aside(func() {
		if p.opt.Dialect == KSQL { // a number, and nothing computed
			p.number(p.cur())
			return
		}
		p.expr(precOr, false)
	})
	var m []segment
	mPos, mAt := p.pos(), 0
	if !seen && p.accept("offset") {
		mAt = p.pos()
		m = p.aside(func() { p.expr(precOr, false) })
	}
	if !p.is("by") {
		p.onceAt(at, &c.limit, "LIMIT")
		p.tailSegments(c, "limit", partLimit, pos, n)
		if m != nil {
			p.onceAt(mAt, &c.offset, "OFFSET")
			p.tailSegments(c, "offset", partOffset, mPos, m)
			p.acceptAny("row", "rows")
		}
		return true, m != nil
	}
	p.skip(1)
	p.onceAt(at, &c.limitBy, "LIMIT BY")
	p.tailItem(c)
	p.mark("limitby", &part{kind: partLimitBy, pos: ast.Pos(pos)}, pos)
	p.raw("(", pos)
	p.segs = append(p.segs, n...)
	p.raw(", ", pos)
	if m == nil {
		p.mark("none", &part{kind: partStar}, pos)
	}
	p.segs = append(p.segs, m...)
	p.raw(", ", pos)
	p.exprs()
	p.raw(")", pos)
	return false, false
}

// tailSegments writes an item of the tail whose expression has been lowered.
func (p *parser) tailSegments(c *clauses, text string, kind partKind, pos int, x []segment) {
	p.tailItem(c)
	p.mark(text, &part{kind: kind, pos: ast.Pos(pos)}, pos)
	p.raw("(", pos)
	p.segs = append(p.segs, x...)
	p.raw(")", pos)
}

// once refuses a clause that the query in parentheses has too.
func (p *parser) once(seen *bool, clause string) { p.onceAt(p.pos(), seen, clause) }

func (p *parser) onceAt(pos int, seen *bool, clause string) {
	if *seen {
		p.failAt(pos, pgerr.SyntaxError, "multiple %s clauses not allowed", clause)
	}
	*seen = true
}

// tailItem makes room for one more item of the tail.
func (p *parser) tailItem(c *clauses) {
	if c.tail {
		p.raw(", ", p.pos())
		return
	}
	c.tail = true
	p.raw(" ORDER BY ", p.pos())
}

// tailExpr lowers the expression of LIMIT, OFFSET or FETCH; a simple one reads no operators.
func (p *parser) tailExpr(c *clauses, kind partKind, pos int, simple bool) {
	p.tailItem(c)
	text := "limit"
	if kind == partOffset {
		text = "offset"
	}
	p.mark(text, &part{kind: kind, pos: ast.Pos(pos)}, pos)
	p.raw("(", pos)
	if simple {
		p.operand(precUnary, true)
	} else {
		p.expr(precOr, false)
	}
	p.raw(")", pos)
}

// fetchFirst lowers FETCH FIRST [n] ROWS ONLY | WITH TIES.
func (p *parser) fetchFirst(c *clauses, pos int) {
	if p.acceptAny("first", "next") == "" {
		p.near()
	}
	if p.isAny(0, "row", "rows") {
		p.tailItem(c)
		p.mark("limit", &part{kind: partLimit, pos: ast.Pos(pos)}, pos)
		p.raw("(1)", pos)
	} else {
		p.tailExpr(c, partLimit, pos, true)
	}
	if p.acceptAny("row", "rows") == "" {
		p.near()
	}
	if p.accept("with", "ties") {
		p.tailItem(c)
		p.mark("ties", &part{kind: partTies, pos: ast.Pos(pos)}, pos)
		return
	}
	p.expect("only")
}

func (p *parser) isEmit() bool {
	return p.is("emit") && p.isAny(1, "changes", "final", "on")
}

func (p *parser) emitClause() string {
	p.skip(1)
	switch w := p.acceptAny("changes", "final"); {
	case w != "":
		return w
	case p.accept("on", "window", "close"):
		return "on window close"
	}
	p.near()
	return ""
}

// queryBlock lowers SELECT, VALUES or TABLE.
func (p *parser) queryBlock() {
	pos := p.pos()
	switch {
	case p.is("select"):
		p.selectBlock()
	case p.is("values"):
		p.valuesBlock()
	case p.accept("table"):
		p.raw("SELECT ", pos)
		p.mark("select", &ast.Select{Pos: ast.Pos(pos)}, pos)
		p.raw(", * FROM ", pos)
		p.tableItem(&ast.Table{Pos: p.here(), Name: p.qualified()}, nil)
	case p.isAny(0, "insert", "update", "delete", "merge"):
		p.unsupported(pos, "a data-modifying statement behind WITH")
	default:
		p.near()
	}
}

func (p *parser) valuesBlock() {
	p.raw("VALUES ROW(", p.pos())
	p.skip(1)
	for {
		p.expectPunct("(")
		p.exprs()
		p.raw(")", p.pos())
		p.expectPunct(")")
		if !p.punct(0, ",") {
			return
		}
		p.raw(", ROW(", p.pos())
		p.skip(1)
	}
}

func (p *parser) selectBlock() {
	sel := &ast.Select{Pos: p.here()}
	p.skip(1)
	distinct := p.accept("distinct")
	if distinct && !p.is("on") {
		sel.Distinct = true
		p.raw("SELECT DISTINCT ", int(sel.Pos))
	} else {
		p.raw("SELECT ", int(sel.Pos))
	}
	if !distinct {
		p.accept("all")
	}
	p.mark("select", sel, int(sel.Pos))
	if distinct && !sel.Distinct {
		p.skip(1)
		p.raw("(", p.pos())
		p.expectPunct("(")
		p.exprs()
		p.raw(")", p.pos())
		p.expectPunct(")")
	}
	if !p.endsFields() {
		p.selectItems()
	} else if distinct {
		p.near()
	}
	if p.is("into") {
		p.unsupported(p.pos(), "SELECT INTO")
	}
	switch {
	case p.is("from"):
		p.raw(" FROM ", p.pos())
		p.skip(1)
		p.fromList()
	case p.isAny(0, "where", "group", "having", "window", "partition"): // MySQL has HAVING and WINDOW behind FROM only
		p.raw(" FROM `none` AS ", p.pos())
		p.mark("none", &part{kind: partNoFrom}, p.pos())
	}
	p.selectClauses(sel)
}

// endsFields reports whether the select list is empty.
func (p *parser) endsFields() bool {
	return p.atEnd() || p.punct(0, ")") ||
		p.isAny(0, "from", "where", "group", "having", "window", "order", "limit", "offset", "fetch", "union", "intersect", "except", "into")
}

func (p *parser) selectItems() {
	for {
		p.raw(", ", p.pos())
		p.selectItem()
		if !p.acceptPunct(",") {
			return
		}
	}
}

func (p *parser) selectItem() {
	if p.at(0).IsOp("*") {
		p.starItem()
		return
	}
	p.expr(precOr, false)
	t := p.cur()
	switch {
	case p.accept("as"):
		pos := p.pos()
		p.raw(" AS ", pos)
		p.path(pos, p.label())
	case t.Kind == token.Quoted, t.Kind == token.Word && t.Bare && !p.streamClause() && !p.isNulls():
		p.raw(" AS ", t.Pos)
		p.path(t.Pos, p.label())
	}
}

// starItem lowers * and * EXCEPT (columns).
func (p *parser) starItem() {
	pos := p.pos()
	p.skip(1)
	if !p.isExcept() {
		p.raw("*", pos)
		return
	}
	star := &ast.Star{Pos: ast.Pos(pos)}
	p.except(star)
	p.mark("star", star, pos)
}

// isExcept reports whether EXCEPT (columns) follows a star, and not a set operation.
func (p *parser) isExcept() bool { return p.is("except") && p.punct(1, "(") && !p.startsQuery(1) }

// except reads EXCEPT (a, t.b) behind a star.
func (p *parser) except(star *ast.Star) {
	p.skip(1)
	p.expectPunct("(")
	for {
		if n := p.qualified(); len(n.Parts) == 1 {
			star.Except = append(star.Except, n.Parts[0])
		} else {
			star.ExceptOf = append(star.ExceptOf, n)
		}
		if !p.acceptPunct(",") {
			break
		}
	}
	p.expectPunct(")")
}

// streamClause reports whether a clause of a streaming query begins here, whose first word could else be a name.
func (p *parser) streamClause() bool {
	t := p.cur()
	if t.Kind != token.Word {
		return false
	}
	switch t.Text {
	case "emit":
		return p.isEmit()
	case "partition":
		return p.at(1).Is("by")
	case "grace":
		return p.at(1).Is("period")
	case "within":
		return p.punct(1, "(") || p.at(1).Kind == token.Number
	case "asof":
		return p.isAny(1, "join", "left")
	}
	return false
}

// selectClauses lowers what follows FROM. The order is PostgreSQL's; ksqlDB's WINDOW and PARTITION BY may stand
// between.
func (p *parser) selectClauses(sel *ast.Select) {
	p.streamWindow(sel)
	if p.is("where") {
		p.raw(" WHERE ", p.pos())
		p.skip(1)
		p.expr(precOr, false)
	}
	p.streamWindow(sel)
	partitionPos, partition := p.pos(), p.is("partition", "by")
	var keys []segment
	if partition {
		keys = p.aside(func() { p.skip(2); p.items("key") })
	}
	if p.is("group") {
		p.raw(" GROUP BY ", p.pos())
		p.expect("group", "by")
		p.groupItems()
	}
	if p.is("having") {
		p.raw(" HAVING ", p.pos())
		p.skip(1)
		p.expr(precOr, false)
	}
	if !partition && p.is("partition", "by") {
		partitionPos, partition = p.pos(), true
		keys = p.aside(func() { p.skip(2); p.items("key") })
	}
	windows := p.is("window")
	if windows {
		p.raw(" WINDOW ", p.pos())
		p.skip(1)
		p.namedWindows()
	}
	if partition {
		if windows {
			p.raw(", ", partitionPos)
		} else {
			p.raw(" WINDOW ", partitionPos)
		}
		p.mark("partition", &part{kind: partWindow, pos: ast.Pos(partitionPos)}, partitionPos)
		p.raw(" AS (PARTITION BY ", partitionPos)
		p.segs = append(p.segs, keys...)
		p.raw(")", partitionPos)
	}
}

// aside lowers something whose place in the lowered text comes later.
func (p *parser) aside(lower func()) []segment {
	start := len(p.segs)
	lower()
	out := append([]segment(nil), p.segs[start:]...)
	p.segs = p.segs[:start]
	return out
}

// items lowers expressions as markers, so that a number among them is no position.
func (p *parser) items(text string) {
	for {
		pos := p.pos()
		p.mark(text, &part{kind: partGroup, pos: ast.Pos(pos)}, pos)
		p.raw("(", pos)
		p.expr(precOr, false)
		p.raw(")", p.pos())
		if !p.acceptPunct(",") {
			return
		}
		p.raw(", ", p.pos())
	}
}

func (p *parser) namedWindows() {
	for {
		w := &part{kind: partWindow, pos: p.here(), name: p.colID(), spec: &ast.WindowSpec{}}
		p.mark("window", w, int(w.pos))
		p.expect("as")
		w.spec.Pos = p.here()
		p.expectPunct("(")
		p.raw(" AS (PARTITION BY ", int(w.spec.Pos))
		p.windowClauses(w.spec)
		p.raw(")", p.pos())
		p.expectPunct(")")
		if !p.acceptPunct(",") {
			return
		}
		p.raw(", ", p.pos())
	}
}

// groupItems lowers the list of GROUP BY.
func (p *parser) groupItems() {
	switch {
	case p.is("distinct") && !p.punct(1, ","):
		pos := p.pos()
		p.skip(1)
		p.mark("sets", &ast.GroupingSets{Pos: ast.Pos(pos), Kind: "distinct"}, pos)
		p.raw("(", pos)
		defer func() { p.raw(")", p.pos()) }()
	case p.is("all"):
		p.skip(1)
	}
	for first := true; ; first = false {
		if p.opt.Dialect == KSQL && p.punct(0, "(") {
			p.ksqlGroup(first)
		}
		p.groupItem()
		if !p.acceptPunct(",") {
			return
		}
		p.raw(", ", p.pos())
	}
}

// ksqlGroup refuses a list in parentheses among the items of GROUP BY: in ksqlDB it is all of them or none.
func (p *parser) ksqlGroup(first bool) {
	end := p.closing(p.p)
	if first && !p.toks[min(end+1, len(p.toks)-1)].IsPunct(",") {
		return
	}
	depth := 0
	for i := p.p; i < end; i++ {
		switch t := &p.toks[i]; {
		case t.IsPunct("("), t.IsPunct("["):
			depth++
		case t.IsPunct(")"), t.IsPunct("]"):
			depth--
		case depth == 1 && t.IsPunct(","):
			p.nearToken(i)
			return
		}
	}
}

func (p *parser) groupItem() {
	pos := p.pos()
	switch {
	case p.opt.Dialect == KSQL: // no predicates, but within parentheses
		p.mark("group", &part{kind: partGroup, pos: ast.Pos(pos)}, pos)
		p.raw("(", pos)
		p.expr(precOp, false)
		p.raw(")", p.pos())
	case p.is("grouping", "sets"):
		p.skip(2)
		p.groupingSets("grouping sets", pos)
	case p.isAny(0, "rollup", "cube") && p.punct(1, "("):
		kind := p.cur().Text
		p.skip(1)
		p.groupingSets(kind, pos)
	case p.punct(0, "(") && p.punct(1, ")"):
		p.skip(2)
		p.mark("sets", &ast.GroupingSets{Pos: ast.Pos(pos), Kind: "grouping sets"}, pos)
		p.raw("(", pos)
		p.mark("set", &part{kind: partSet, pos: ast.Pos(pos)}, pos)
		p.raw("())", pos)
	case p.cur().Kind == token.Number:
		p.mark("group", &part{kind: partGroup, pos: ast.Pos(pos)}, pos)
		p.raw("(", pos)
		p.expr(precOr, false)
		p.raw(")", p.pos())
	default:
		p.expr(precOr, false)
	}
}

// groupingSets lowers the list behind GROUPING SETS, ROLLUP or CUBE.
func (p *parser) groupingSets(kind string, pos int) {
	p.enter()
	defer p.leave()
	p.mark("sets", &ast.GroupingSets{Pos: ast.Pos(pos), Kind: kind}, pos)
	p.raw("(", pos)
	p.expectPunct("(")
	for {
		after := &p.toks[min(p.closing(p.p)+1, len(p.toks)-1)]
		if p.punct(0, "(") && !p.startsQuery(0) && (after.IsPunct(",") || after.IsPunct(")")) {
			p.mark("set", &part{kind: partSet, pos: p.here()}, p.pos())
			p.raw("(", p.pos())
			p.skip(1)
			if !p.punct(0, ")") {
				p.exprs()
			}
			p.raw(")", p.pos())
			p.expectPunct(")")
		} else {
			p.groupItem()
		}
		if !p.acceptPunct(",") {
			break
		}
		p.raw(", ", p.pos())
	}
	p.raw(")", p.pos())
	p.expectPunct(")")
}

func (p *parser) isNulls() bool { return p.is("nulls") && p.isAny(1, "first", "last") }

// orderItems lowers the items of any ORDER BY.
func (p *parser) orderItems() {
	for {
		it := &part{kind: partOrder, pos: p.here(), item: ast.OrderItem{Pos: p.here()}}
		p.mark("by", it, int(it.pos))
		p.raw("(", int(it.pos))
		p.expr(precOr, false)
		p.raw(")", p.pos())
		switch {
		case p.accept("asc"):
		case p.accept("desc"):
			it.item.Desc = true
		case p.accept("using"):
			if !p.at(0).IsOp("<") && !p.at(0).IsOp(">") {
				p.unsupported(p.pos(), "ORDER BY USING with this operator")
			}
			it.item.Desc = p.at(0).IsOp(">")
			p.skip(1)
		}
		if p.isNulls() {
			first := p.at(1).Is("first")
			it.item.NullsFirst = &first
			p.skip(2)
		}
		if !p.acceptPunct(",") {
			return
		}
		p.raw(", ", p.pos())
	}
}
