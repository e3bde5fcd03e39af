package format

import (
	"strconv"
	"strings"

	"streamsql/sql/ast"
)

// ksqlStmt prints the statements of ksqlDB that have no execution.
func (p *printer) ksqlStmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.Define:
		if s.Drop {
			p.w("UNDEFINE ", p.ident(s.Name))
			return
		}
		p.w("DEFINE ", p.ident(s.Name), " = ", Literal(s.Value))
	case *ast.Assert:
		p.assert(s)
	case *ast.CreateType:
		p.w("CREATE TYPE ")
		p.flag(s.IfNotExists, "IF NOT EXISTS ")
		p.name(s.Name)
		p.w(" AS ")
		p.typeName(s.Type)
	case *ast.DropType:
		p.w("DROP TYPE ")
		p.flag(s.IfExists, "IF EXISTS ")
		p.name(s.Name)
	case *ast.Alter:
		p.w("ALTER ", strings.ToUpper(string(s.Kind)), " ")
		p.name(s.Name)
		for i, c := range s.Add {
			p.w([]string{" ", ", "}[min(i, 1)], "ADD COLUMN ")
			p.column(c)
		}
	case *ast.AlterSystem:
		p.w("ALTER SYSTEM ", Literal(s.Name), " = ", Literal(s.Value))
	case *ast.QueryControl:
		p.w(strings.ToUpper(s.Op), " ", p.orAll(s.Query))
	case *ast.Print:
		p.print(s)
	case *ast.RunScript:
		p.w("RUN SCRIPT ", Literal(s.Path))
	case *ast.DescribeOther:
		p.w("DESCRIBE ", strings.ToUpper(s.What))
		if s.Name != nil {
			p.w(" ")
			p.name(*s.Name)
		}
		p.flag(s.Extended, " EXTENDED")
	case *ast.ExplainQuery:
		p.w("EXPLAIN ")
		p.name(s.Name)
	}
}

func (p *printer) assert(s *ast.Assert) {
	p.w("ASSERT ")
	p.flag(s.Not, "NOT EXISTS ")
	p.w(strings.ToUpper(s.What))
	if s.What == "schema" {
		if s.Subject != "" {
			p.w(" SUBJECT ", Literal(s.Subject))
		}
		if s.ID != 0 {
			p.w(" ID ", strconv.FormatInt(s.ID, 10))
		}
	} else {
		p.w(" ")
		p.name(s.Name)
	}
	p.columnRefs(s.Columns)
	if len(s.Values) > 0 {
		p.w(map[string]string{"values": " VALUES (", "null values": " KEY ("}[s.What])
		p.exprs(s.Values)
		p.w(")")
	}
	if len(s.Defs) > 0 {
		p.columns(&ast.Create{Columns: s.Defs})
	}
	p.options(" WITH ", s.With, " = ")
	if s.Timeout != nil {
		p.w(" TIMEOUT ")
		p.duration(s.Timeout)
	}
}

// columnRefs prints (a, b), or nothing without columns.
func (p *printer) columnRefs(list []ast.ColumnRef) {
	if len(list) == 0 {
		return
	}
	p.w(" (")
	for i, c := range list {
		p.sep(i)
		p.w(p.ident(c.Name))
	}
	p.w(")")
}

func (p *printer) print(s *ast.Print) {
	p.w("PRINT ")
	p.name(s.Topic)
	p.flag(s.FromBeginning, " FROM BEGINNING")
	if s.Interval != 0 {
		p.w(" INTERVAL ", strconv.FormatInt(s.Interval, 10))
	}
	if s.Limit != 0 {
		p.w(" LIMIT ", strconv.FormatInt(s.Limit, 10))
	}
}
