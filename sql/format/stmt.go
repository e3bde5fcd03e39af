package format

import (
	"strconv"
	"strings"

	"streamsql/sql/ast"
	"streamsql/sql/token"
)

// stmt prints a statement.
func (p *printer) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.QueryStmt:
		p.query(s.Query)
	case *ast.Create:
		p.create(s)
	case *ast.Drop:
		p.drop(s)
	case *ast.Insert:
		p.insert(s)
	case *ast.Update:
		p.update(s)
	case *ast.Delete:
		p.delete(s)
	case *ast.Subscribe:
		p.subscribe(s)
	case *ast.Explain:
		p.explain(s)
	case *ast.Show:
		p.show(s)
	case *ast.Describe:
		p.w("DESCRIBE ")
		p.name(s.Name)
		p.flag(s.Extended, " EXTENDED")
	case *ast.Copy:
		p.copy(s)
	case *ast.NoOp:
		p.w(s.Tag)
	case *ast.Unsupported:
		switch {
		case s.Stmt != nil:
			p.ksqlStmt(s.Stmt)
		case s.Text != "":
			p.w(s.Text)
		default:
			p.w(s.Feature)
		}
	default:
		p.sessionStmt(s)
	}
}

// sessionStmt prints the statements that change a session and no data.
func (p *printer) sessionStmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.Set:
		p.set(s)
	case *ast.Reset:
		p.w("RESET ", setting(s.Name))
	case *ast.SetTransaction:
		if s.Session {
			p.w("SET SESSION CHARACTERISTICS AS TRANSACTION ")
		} else {
			p.w("SET TRANSACTION ")
		}
		p.w(strings.ToUpper(strings.Join(s.Modes, ", ")))
	case *ast.Transaction:
		p.w(strings.ToUpper(s.Op))
		if len(s.Modes) > 0 {
			p.w(" ", strings.ToUpper(strings.Join(s.Modes, ", ")))
		}
		p.flag(s.Chain, " AND CHAIN")
	case *ast.Savepoint:
		p.w(strings.ToUpper(s.Op), " ", p.ident(s.Name))
	case *ast.Prepare:
		p.prepare(s)
	case *ast.Execute:
		p.w("EXECUTE ", p.ident(s.Name))
		if len(s.Args) > 0 {
			p.w("(")
			p.exprs(s.Args)
			p.w(")")
		}
	case *ast.Deallocate:
		p.w("DEALLOCATE ", p.orAll(s.Name))
	case *ast.Declare:
		p.declare(s)
	case *ast.Fetch:
		p.fetch(s)
	case *ast.CloseCursor:
		p.w("CLOSE ", p.orAll(s.Name))
	case *ast.Discard:
		p.w("DISCARD ", strings.ToUpper(s.What))
	}
}

func (p *printer) flag(b bool, text string) {
	if b {
		p.w(text)
	}
}

func (p *printer) orAll(name string) string {
	if name == "" {
		return "ALL"
	}
	return p.ident(name)
}

func (p *printer) create(s *ast.Create) {
	p.w("CREATE ")
	p.flag(s.OrReplace, "OR REPLACE ")
	p.flag(s.Temporary, "TEMPORARY ")
	p.flag(s.Source, "SOURCE ")
	p.w(strings.ToUpper(string(s.Kind)), " ")
	p.flag(s.IfNotExists, "IF NOT EXISTS ")
	p.name(s.Name)
	switch {
	case s.ColumnNames != nil:
		p.w(" ")
		p.idents(s.ColumnNames)
	case s.Columns != nil || s.PrimaryKey != nil || s.Watermark != nil:
		p.columns(s)
	}
	p.flag(s.AppendOnly, " APPEND ONLY")
	p.options(" WITH ", s.With, " = ")
	if s.As != nil {
		p.w(" AS ")
		p.query(s.As)
	}
}

func (p *printer) columns(s *ast.Create) {
	p.w(" (")
	n := 0
	for _, c := range s.Columns {
		p.sep(n)
		p.column(c)
		n++
	}
	if len(s.PrimaryKey) > 0 {
		p.sep(n)
		p.w("PRIMARY KEY ")
		p.idents(s.PrimaryKey)
		n++
	}
	if s.Watermark != nil {
		p.sep(n)
		p.w("WATERMARK FOR ", p.ident(s.Watermark.Column), " AS ")
		p.expr(s.Watermark.X)
		p.flag(s.Watermark.TTL, " WITH TTL")
	}
	p.w(")")
}

func (p *printer) column(c ast.ColumnDef) {
	p.w(p.ident(c.Name), " ")
	p.typeName(c.Type)
	p.flag(c.PrimaryKey, " PRIMARY KEY")
	p.flag(c.Key, " KEY")
	p.flag(c.NotNull, " NOT NULL")
	if c.Default != nil {
		p.w(" DEFAULT ")
		p.operand(c.Default)
	}
	switch c.Headers {
	case "":
	case "*":
		p.w(" HEADERS")
	default:
		p.w(" HEADER(", Literal(c.Headers), ")")
	}
}

// options prints (name = value, …), or nothing without options.
func (p *printer) options(head string, opts []ast.Option, eq string) {
	if len(opts) == 0 {
		return
	}
	p.w(head, "(")
	for i, o := range opts {
		p.sep(i)
		p.w(quoteIdentUnlessPlain(o.Name))
		if !o.Bare {
			p.w(eq, Literal(o.Value))
		}
	}
	p.w(")")
}

// quoteIdentUnlessPlain prints the name of an option or setting, which may be any word or have dots.
func quoteIdentUnlessPlain(s string) string {
	parts := strings.Split(s, ".")
	for i, part := range parts {
		if !plainIdent(part) {
			parts[i] = quoteIdent(part)
		}
		if part == "" {
			return quoteIdent(s)
		}
	}
	return strings.Join(parts, ".")
}

// setting prints a setting's name; what SHOW, SET or RESET could take for a word of their own is quoted.
func setting(name string) string {
	if name == "all" {
		return "ALL"
	}
	if token.ClassOf(name) != token.Plain || showWords[name] {
		return quoteIdent(name)
	}
	return quoteIdentUnlessPlain(name)
}

var showWords = map[string]bool{
	"streams": true, "tables": true, "views": true, "topics": true, "functions": true, "queries": true, "sources": true, "sinks": true,
	"types": true, "variables": true, "properties": true, "connectors": true, "errors": true, "status": true,
}

func (p *printer) drop(s *ast.Drop) {
	p.w("DROP ", strings.ToUpper(string(s.Kind)), " ")
	p.flag(s.IfExists, "IF EXISTS ")
	for i, n := range s.Names {
		p.sep(i)
		p.name(n)
	}
	p.flag(s.Cascade, " CASCADE")
	p.flag(s.DeleteTopic, " DELETE TOPIC")
}

func (p *printer) insert(s *ast.Insert) {
	p.w("INSERT INTO ")
	p.name(s.Table)
	p.options(" WITH ", s.With, " = ")
	p.columnRefs(s.Columns)
	if s.Query == nil {
		p.w(" DEFAULT VALUES")
	} else {
		p.w(" ")
		p.query(s.Query)
	}
	p.onConflict(s.OnConflict)
	p.returning(s.Returning)
}

func (p *printer) onConflict(c *ast.OnConflict) {
	if c == nil {
		return
	}
	p.w(" ON CONFLICT")
	if len(c.Columns) > 0 {
		p.w(" ")
		p.idents(c.Columns)
	}
	if c.Constraint != "" {
		p.w(" ON CONSTRAINT ", p.ident(c.Constraint))
	}
	if c.Nothing {
		p.w(" DO NOTHING")
		return
	}
	p.w(" DO UPDATE SET ")
	p.assignments(c.Set)
	p.clause(" WHERE ", c.Where)
}

func (p *printer) returning(items []ast.SelectItem) {
	if len(items) > 0 {
		p.w(" RETURNING ")
		p.items(items)
	}
}

func (p *printer) target(t ast.Name, alias string) {
	p.name(t)
	if alias != "" {
		p.w(" AS ", p.ident(alias))
	}
}

func (p *printer) update(s *ast.Update) {
	p.w("UPDATE ")
	p.target(s.Table, s.Alias)
	p.w(" SET ")
	p.assignments(s.Set)
	if len(s.From) > 0 {
		p.w(" FROM ")
		p.from(s.From)
	}
	p.clause(" WHERE ", s.Where)
	p.returning(s.Returning)
}

func (p *printer) assignments(list []ast.Assignment) {
	for i, a := range list {
		p.sep(i)
		p.w(p.ident(a.Column), " = ")
		p.expr(a.X)
	}
}

func (p *printer) delete(s *ast.Delete) {
	p.w("DELETE FROM ")
	p.target(s.Table, s.Alias)
	if len(s.Using) > 0 {
		p.w(" USING ")
		p.from(s.Using)
	}
	p.clause(" WHERE ", s.Where)
	p.returning(s.Returning)
}

func (p *printer) subscribe(s *ast.Subscribe) {
	p.w("SUBSCRIBE ")
	if s.Name != nil {
		p.w("TO ")
		p.name(*s.Name)
	} else {
		p.subquery(s.Query)
	}
	p.asOf(s.AsOf, s.AsOfKind)
	p.options(" WITH ", s.With, " = ")
}

func (p *printer) explain(s *ast.Explain) {
	p.w("EXPLAIN ")
	if s.Analyze && !hasOption(s.Options, "analyze") { // the form without parentheses
		p.w("ANALYZE ")
		p.flag(hasOption(s.Options, "verbose"), "VERBOSE ")
	} else if len(s.Options) > 0 {
		p.options("", s.Options, " ")
		p.w(" ")
	}
	p.stmt(s.Stmt)
}

func hasOption(opts []ast.Option, name string) bool {
	for _, o := range opts {
		if o.Name == name {
			return true
		}
	}
	return false
}

func (p *printer) show(s *ast.Show) {
	p.w("SHOW ")
	switch {
	case s.Objects:
		p.w(strings.ToUpper(s.What))
		p.flag(s.Extended, " EXTENDED")
	case s.What == "transaction isolation level" || s.What == "session authorization":
		p.w(strings.ToUpper(s.What))
	default:
		p.w(setting(s.What))
	}
}

func (p *printer) copy(s *ast.Copy) {
	p.w("COPY ")
	if s.Stmt != nil {
		p.w("(")
		p.stmt(s.Stmt)
		p.w(")")
	} else {
		p.name(*s.Table)
		if len(s.Columns) > 0 {
			p.w(" ")
			p.idents(s.Columns)
		}
	}
	if s.From {
		p.w(" FROM STDIN")
	} else {
		p.w(" TO STDOUT")
	}
	p.options(" WITH ", s.Options, " ")
}

func (p *printer) set(s *ast.Set) {
	p.w("SET ")
	p.flag(s.Local, "LOCAL ")
	p.w(setting(s.Name), " TO ")
	if s.Default {
		p.w("DEFAULT")
		return
	}
	for i, v := range s.Values {
		p.sep(i)
		p.w(Literal(v))
	}
}

func (p *printer) prepare(s *ast.Prepare) {
	p.w("PREPARE ", p.ident(s.Name))
	if len(s.Types) > 0 {
		p.w(" (")
		for i, t := range s.Types {
			p.sep(i)
			p.typeName(t)
		}
		p.w(")")
	}
	p.w(" AS ")
	p.stmt(s.Stmt)
}

func (p *printer) declare(s *ast.Declare) {
	p.w("DECLARE ", p.ident(s.Name))
	p.flag(s.Binary, " BINARY")
	p.flag(s.Scroll, " SCROLL")
	p.w(" CURSOR")
	p.flag(s.Hold, " WITH HOLD")
	p.w(" FOR ")
	p.stmt(s.Stmt)
}

func (p *printer) fetch(s *ast.Fetch) {
	p.w([]string{"FETCH ", "MOVE "}[b2i(s.Move)])
	if s.All {
		p.w("ALL")
	} else {
		p.w("FORWARD ", strconv.FormatInt(s.Count, 10))
	}
	p.w(" FROM ", p.ident(s.Name))
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
