package parser

import "streamsql/sql/ast"

// onConflict reads ON CONFLICT …, if it is there.
func (p *parser) onConflict() *ast.OnConflict {
	c := &ast.OnConflict{Pos: p.here()}
	if !p.accept("on") {
		return nil
	}
	p.expect("conflict")
	switch {
	case p.punct(0, "("):
		c.Columns = p.names()
		if p.is("where") {
			p.unsupported(p.pos(), "a partial index in ON CONFLICT")
		}
	case p.accept("on", "constraint"):
		c.Constraint = p.colID()
	}
	p.expect("do")
	if c.Nothing = p.accept("nothing"); c.Nothing {
		return c
	}
	p.expect("update", "set")
	var u ast.Update
	for {
		p.assignments(&u)
		if !p.acceptPunct(",") {
			break
		}
	}
	c.Set, c.Where = u.Set, p.whereClause()
	return c
}
