package parser

import (
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
)

// create reads CREATE of the kinds that exist here; any other is Unsupported.
func (p *parser) create() ast.Stmt {
	c := &ast.Create{Pos: p.here()}
	from := p.p
	p.skip(1)
	if p.opt.Dialect == KSQL && p.is("type") {
		return p.createType(from)
	}
	c.OrReplace = p.accept("or", "replace")
	if p.acceptAny("temporary", "temp") != "" || p.is("local") && p.isAny(1, "temporary", "temp") {
		if p.is("local") {
			p.skip(2)
		}
		c.Temporary = true
	}
	if p.is("source") && p.isAny(1, "stream", "table") {
		p.skip(1)
		c.Source = true
	}
	var ok bool
	if c.Kind, ok = p.kind(); !ok {
		return p.createOther(from)
	}
	if p.accept("if", "not", "exists") {
		c.IfNotExists = true
	}
	c.Name = p.qualified()
	p.createBody(c)
	return c
}

// kind reads STREAM, TABLE, VIEW or MATERIALIZED VIEW.
func (p *parser) kind() (ast.ObjectKind, bool) {
	switch {
	case p.accept("stream"):
		return ast.KindStream, true
	case p.accept("table"):
		return ast.KindTable, true
	case p.accept("view"):
		return ast.KindView, true
	case p.accept("materialized"):
		p.expect("view")
		return ast.KindMaterializedView, true
	}
	return "", false
}

// createOther names the kind of object that cannot be created.
func (p *parser) createOther(from int) ast.Stmt {
	for p.isAny(0, "unique", "recursive", "unlogged", "global", "trusted", "procedural", "constraint") {
		p.skip(1)
	}
	return p.unsupportedObject(from, "create")
}

// createBody reads columns, WITH options and AS query, in the order of PostgreSQL or of ksqlDB.
func (p *parser) createBody(c *ast.Create) {
	if p.punct(0, "(") {
		if c.Kind == ast.KindView || c.Kind == ast.KindMaterializedView || p.isNameList() {
			c.ColumnNames = p.names()
		} else {
			p.columns(c)
		}
	}
	c.AppendOnly = c.Kind == ast.KindTable && p.accept("append", "only")
	c.With = p.withOptions()
	c.AppendOnly = c.AppendOnly || c.Kind == ast.KindTable && p.accept("append", "only")
	p.createClauses(c)
	if !p.accept("as") {
		if c.Columns == nil && c.With == nil || c.ColumnNames != nil || c.Kind == ast.KindView || c.Kind == ast.KindMaterializedView {
			p.near()
		}
		return
	}
	if p.is("execute") {
		p.unsupported(p.pos(), "CREATE TABLE AS EXECUTE")
	}
	from := p.p
	c.As = p.selectQuery()
	c.AsText = p.textSince(from)
	switch {
	case p.accept("with", "data"):
	case p.is("with", "no", "data"):
		p.unsupported(p.pos(), "WITH NO DATA")
	case p.is("with") && p.isAny(1, "check", "cascaded", "local"):
		p.unsupported(p.pos(), "WITH CHECK OPTION")
	}
}

// createClauses names the clauses of CREATE TABLE that are not supported.
func (p *parser) createClauses(c *ast.Create) {
	switch {
	case p.is("inherits"), p.is("partition", "by"), p.is("partition", "of"), p.is("tablespace"), p.is("using"), p.is("on", "commit"), p.is("on", "conflict"), p.is("of"),
		p.is("without", "oids"), p.is("from"), p.is("format"), p.is("envelope"):
		p.unsupported(p.pos(), strings.ToUpper(p.cur().Text)+" in CREATE")
	}
}

// isNameList reports whether (a, b) begins here: names without types.
func (p *parser) isNameList() bool {
	return p.at(1).IsName() && (p.punct(2, ",") || p.punct(2, ")"))
}

// columns reads the column definitions and table constraints of CREATE.
func (p *parser) columns(c *ast.Create) {
	p.expectPunct("(")
	if p.acceptPunct(")") {
		c.Columns = []ast.ColumnDef{}
		return
	}
	for {
		p.columnOrConstraint(c)
		if !p.acceptPunct(",") {
			break
		}
	}
	p.expectPunct(")")
}

func (p *parser) columnOrConstraint(c *ast.Create) {
	pos := p.pos()
	switch {
	case p.is("watermark", "for"):
		if c.Watermark != nil {
			p.failAt(pos, pgerr.SyntaxError, "multiple WATERMARK clauses not allowed")
		}
		p.skip(2)
		c.Watermark = &ast.Watermark{Pos: ast.Pos(pos), Column: p.colID()}
		p.expect("as")
		c.Watermark.X = p.scalar(false)
		c.Watermark.TTL = p.accept("with", "ttl")
		return
	case p.is("constraint"):
		p.skip(1)
		p.colID()
	}
	switch {
	case p.is("primary"):
		if c.PrimaryKey != nil {
			p.failAt(pos, pgerr.InvalidTableDefinition, `multiple primary keys for table "%s" are not allowed`, c.Name.Last())
		}
		p.expect("primary", "key")
		c.PrimaryKey = p.names()
	case p.is("unique") || p.is("check") || p.is("foreign", "key") || p.is("exclude") && p.isAny(1, "using") || p.is("like"):
		p.unsupported(p.pos(), "the table constraint "+strings.ToUpper(p.cur().Text))
	default:
		c.Columns = append(c.Columns, p.column())
	}
}

// column reads name type [constraints].
func (p *parser) column() ast.ColumnDef {
	d := ast.ColumnDef{Pos: p.here(), Name: p.colID()}
	d.Type = p.typeName()
	for p.err == nil {
		pos := p.pos()
		if p.accept("constraint") {
			p.colID()
		}
		switch {
		case p.accept("not"):
			p.expect("null")
			d.NotNull = true
		case p.accept("null"):
		case p.accept("primary"):
			p.expect("key")
			d.PrimaryKey = true
		case p.accept("key"):
			d.Key = true
		case p.accept("default"):
			if d.Default != nil {
				p.failAt(pos, pgerr.SyntaxError, `multiple default values specified for column "%s"`, d.Name)
			}
			d.Default = p.scalar(true)
		case p.accept("headers"):
			d.Headers = "*"
		case p.is("header") && p.punct(1, "("):
			p.skip(2)
			if d.Headers = p.nameString(); d.Headers == "*" { // which the tree has for all headers
				p.unsupported(pos, "a header named *")
			}
			p.expectPunct(")")
		case p.isAny(0, "unique", "check", "references", "generated", "collate", "as"):
			p.unsupported(p.pos(), "the column constraint "+strings.ToUpper(p.cur().Text))
		default:
			return d
		}
	}
	return d
}

func (p *parser) drop() ast.Stmt {
	d := &ast.Drop{Pos: p.here()}
	from := p.p
	p.skip(1)
	if p.opt.Dialect == KSQL && p.is("type") {
		return p.dropType(from)
	}
	var ok bool
	if d.Kind, ok = p.kind(); !ok {
		return p.unsupportedObject(from, "drop")
	}
	d.IfExists = p.accept("if", "exists")
	for {
		d.Names = append(d.Names, p.qualified())
		if !p.acceptPunct(",") {
			break
		}
	}
	if p.accept("cascade") {
		d.Cascade = true
	} else {
		p.accept("restrict")
	}
	if p.accept("delete") {
		p.expect("topic")
		d.DeleteTopic = true
	}
	return d
}
