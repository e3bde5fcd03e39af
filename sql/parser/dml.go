package parser

import (
	"streamsql/sql/ast"
)

func (p *parser) insert() ast.Stmt {
	s := &ast.Insert{Pos: p.here()}
	p.skip(1)
	p.expect("into")
	s.Table = p.qualified()
	if p.is("as") {
		p.unsupported(p.pos(), "an alias in INSERT")
	}
	s.With = p.withOptions()
	if p.punct(0, "(") && !p.startsQuery(0) {
		s.Columns = p.columnRefs()
	}
	if p.is("overriding") {
		p.unsupported(p.pos(), "OVERRIDING")
	}
	if p.accept("default") {
		p.expect("values")
	} else {
		s.Query = p.selectQuery()
	}
	s.OnConflict = p.onConflict()
	s.Returning = p.returning()
	return s
}

// columnRefs reads (a, b, …) with the places of the names.
func (p *parser) columnRefs() []ast.ColumnRef {
	p.expectPunct("(")
	var out []ast.ColumnRef
	for {
		c := ast.ColumnRef{Pos: p.here(), Name: p.colID()}
		if p.punct(0, ".") || p.punct(0, "[") {
			p.unsupported(p.pos(), "a field or subscript as the target of an assignment")
		}
		out = append(out, c)
		if !p.acceptPunct(",") {
			break
		}
	}
	p.expectPunct(")")
	return out
}

func (p *parser) returning() []ast.SelectItem {
	if !p.accept("returning") {
		return nil
	}
	p.begin()
	p.raw("SELECT ", p.pos())
	for {
		p.selectItem()
		if !p.acceptPunct(",") {
			break
		}
		p.raw(", ", p.pos())
	}
	return p.takeItems()
}

func (p *parser) update() ast.Stmt {
	s := &ast.Update{Pos: p.here()}
	p.skip(1)
	p.noOnly()
	s.Table = p.qualified()
	s.Alias = p.targetAlias()
	p.expect("set")
	for {
		p.assignments(s)
		if !p.acceptPunct(",") {
			break
		}
	}
	if p.accept("from") {
		s.From = p.fromClause()
	}
	s.Where = p.whereClause()
	s.Returning = p.returning()
	return s
}

func (p *parser) noOnly() {
	if p.is("only") {
		p.unsupported(p.pos(), "ONLY")
	}
}

// targetAlias reads the alias of the table that UPDATE or DELETE changes.
func (p *parser) targetAlias() string {
	if p.at(0).IsOp("*") {
		p.skip(1)
	}
	if p.accept("as") {
		return p.colID()
	}
	if p.cur().IsName() && !p.is("set") {
		return p.colID()
	}
	return ""
}

// assignments reads column = value, or (a, b) = (x, y), which are as many single ones.
func (p *parser) assignments(s *ast.Update) {
	if !p.punct(0, "(") {
		a := ast.Assignment{Pos: p.here(), Column: p.colID()}
		if p.punct(0, ".") || p.punct(0, "[") {
			p.unsupported(p.pos(), "a field or subscript as the target of an assignment")
		}
		p.expectOp("=")
		a.X = p.scalar(false)
		s.Set = append(s.Set, a)
		return
	}
	cols := p.columnRefs()
	p.expectOp("=")
	p.accept("row")
	if p.startsQuery(0) {
		p.unsupported(p.pos(), "assigning a subquery to several columns")
	}
	pos := p.p
	p.expectPunct("(")
	values := p.scalars()
	p.expectPunct(")")
	if p.err == nil && len(values) != len(cols) {
		p.nearToken(pos)
		return
	}
	for i := range cols {
		if i < len(values) {
			s.Set = append(s.Set, ast.Assignment{Pos: cols[i].Pos, Column: cols[i].Name, X: values[i]})
		}
	}
}

func (p *parser) expectOp(op string) {
	if !p.at(0).IsOp(op) {
		p.near()
		return
	}
	p.skip(1)
}

// fromClause reads the items of FROM or USING.
func (p *parser) fromClause() []ast.TableExpr {
	p.begin()
	p.raw("SELECT 1 FROM ", p.pos())
	p.fromList()
	return p.takeFrom()
}

func (p *parser) whereClause() ast.Expr {
	if !p.accept("where") {
		return nil
	}
	if p.is("current", "of") {
		p.unsupported(p.pos(), "WHERE CURRENT OF")
	}
	return p.scalar(false)
}

func (p *parser) delete() ast.Stmt {
	s := &ast.Delete{Pos: p.here()}
	p.skip(1)
	p.expect("from")
	p.noOnly()
	s.Table = p.qualified()
	s.Alias = p.targetAlias()
	if p.accept("using") {
		s.Using = p.fromClause()
	}
	s.Where = p.whereClause()
	s.Returning = p.returning()
	return s
}
