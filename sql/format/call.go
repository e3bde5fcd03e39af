package format

import (
	"strings"

	"streamsql/sql/ast"
	"streamsql/sql/token"
)

// call prints a function call.
func (p *printer) call(e *ast.Call) {
	if e.Keyword {
		p.w(e.Name.Parts[0])
		if len(e.Args) > 0 {
			p.w("(")
			p.exprs(e.Args)
			p.w(")")
		}
		return
	}
	p.w(p.funcName(e.Name))
	p.w("(")
	p.callArgs(e)
	p.w(")")
	if len(e.WithinGroup) > 0 {
		p.w(" WITHIN GROUP (")
		p.orderBy(e.WithinGroup)
		p.w(")")
	}
	if e.Filter != nil {
		p.w(" FILTER (WHERE ")
		p.expr(e.Filter)
		p.w(")")
	}
	if e.Nulls != "" {
		p.w(" ", strings.ToUpper(e.Nulls), " NULLS")
	}
	if e.Over != nil {
		p.w(" OVER ")
		if w := e.Over; w.Name != "" && len(w.PartitionBy) == 0 && len(w.OrderBy) == 0 && w.Frame == nil {
			p.w(p.ident(w.Name))
		} else {
			p.window(w)
		}
	}
}

// specialNames are functions whose unquoted names begin a grammar of their own.
var specialNames = map[string]bool{
	"row": true, "struct": true, "map": true, "cast": true, "try_cast": true, "substring": true, "position": true, "overlay": true,
	"trim": true, "treat": true, "array": true, "exists": true, "interval": true, "operator": true, "values": true,
	"any": true, "all": true, "some": true, "current_schema": true, "rollup": true, "cube": true, "grouping": true, "rows": true,
	"xmlelement": true, "xmlforest": true, "xmlconcat": true, "xmlparse": true, "xmlpi": true, "xmlroot": true, "xmlserialize": true,
	"xmlexists": true, "xmltable": true, "setof": true, "extract": true, "normalize": true,
}

// funcName prints a function's name: keywords that may be one go out bare.
func (p *printer) funcName(n ast.Name) string {
	s := n.Parts[0]
	if len(n.Parts) == 1 && plainIdent(s) && token.ClassOf(s) != token.Reserved && !specialNames[s] {
		return s
	}
	return p.dottedQuoted(n.Parts)
}

func (p *printer) dottedQuoted(parts []string) string {
	if len(parts) == 1 {
		return quoteIdent(parts[0])
	}
	return p.dotted(parts)
}

func (p *printer) callArgs(e *ast.Call) {
	if e.Star {
		p.w("*")
		return
	}
	if e.Distinct {
		p.w("DISTINCT ")
	}
	for i, a := range e.Args {
		p.sep(i)
		if e.Variadic && i == len(e.Args)-1 {
			p.w("VARIADIC ")
		}
		p.expr(a)
	}
	if len(e.OrderBy) > 0 {
		p.w(" ")
		p.orderBy(e.OrderBy)
	}
}

// orderBy prints ORDER BY and its items.
func (p *printer) orderBy(items []ast.OrderItem) {
	p.w("ORDER BY ")
	for i, it := range items {
		p.sep(i)
		p.expr(it.X)
		if it.Desc {
			p.w(" DESC")
		}
		switch {
		case it.NullsFirst == nil:
		case *it.NullsFirst:
			p.w(" NULLS FIRST")
		default:
			p.w(" NULLS LAST")
		}
	}
}

// window prints a window in parentheses.
func (p *printer) window(w *ast.WindowSpec) {
	p.w("(")
	space := ""
	if w.Name != "" {
		p.w(p.ident(w.Name))
		space = " "
	}
	if len(w.PartitionBy) > 0 {
		p.w(space, "PARTITION BY ")
		p.exprs(w.PartitionBy)
		space = " "
	}
	if len(w.OrderBy) > 0 {
		p.w(space)
		p.orderBy(w.OrderBy)
		space = " "
	}
	if w.Frame != nil {
		p.w(space)
		p.frame(w.Frame)
	}
	p.w(")")
}

func (p *printer) frame(f *ast.Frame) {
	p.w(strings.ToUpper(f.Mode), " BETWEEN ")
	p.bound(f.Start)
	p.w(" AND ")
	p.bound(f.End)
	if f.Exclude != "" {
		p.w(" EXCLUDE ", strings.ToUpper(f.Exclude))
	}
}

func (p *printer) bound(b ast.FrameBound) {
	if b.X != nil {
		p.operand(b.X)
		p.w(" ")
	}
	p.w(strings.ToUpper(b.Kind))
}
