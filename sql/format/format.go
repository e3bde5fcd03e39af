package format

import (
	"strconv"
	"strings"

	"streamsql/sql/ast"
	"streamsql/sql/token"
)

// Stmt prints a statement.
func Stmt(s ast.Stmt) string {
	var p printer
	p.stmt(s)
	return p.String()
}

// KSQL prints a statement in the ksql dialect, where unquoted names are upper case: any other name is quoted.
func KSQL(s ast.Stmt) string {
	p := printer{upper: true}
	p.stmt(s)
	return p.String()
}

// Query prints a query.
func Query(q ast.Query) string {
	var p printer
	p.query(q)
	return p.String()
}

// Expr prints an expression.
func Expr(e ast.Expr) string {
	var p printer
	p.expr(e)
	return p.String()
}

// KSQLExpr prints an expression in the ksql dialect.
func KSQLExpr(e ast.Expr) string {
	p := printer{upper: true}
	p.expr(e)
	return p.String()
}

// Type prints a type name.
func Type(t *ast.TypeName) string {
	var p printer
	p.typeName(t)
	return p.String()
}

// Ident prints a name, quoted where needed: where it would be folded, or is a keyword other than an unreserved one.
func Ident(s string) string {
	if plainIdent(s) && token.ClassOf(s) <= token.Unreserved {
		return s
	}
	return quoteIdent(s)
}

func plainIdent(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (i == 0 || (c < '0' || c > '9') && c != '$') {
			return false
		}
	}
	return s != "" && !streamWords[s]
}

// streamWords begin a clause of a streaming query where a name could stand; they are quoted to be safe.
var streamWords = map[string]bool{
	"emit": true, "partition": true, "grace": true, "within": true, "asof": true, "watermark": true,
	"struct": true, "map": true, "operator": true, "try_cast": true, "exclude": true, "savepoint": true, "rows": true, "range": true, "groups": true,
}

func quoteIdent(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// Literal prints s as a string literal.
func Literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// printer builds the text.
type printer struct {
	strings.Builder
	upper bool // an unquoted name is upper case
}

func (p *printer) w(parts ...string) {
	for _, s := range parts {
		p.WriteString(s)
	}
}

func (p *printer) name(n ast.Name) { p.w(p.dotted(n.Parts)) }

// ident prints a name under the dialect's folding.
func (p *printer) ident(s string) string {
	if !p.upper {
		return Ident(s)
	}
	if low := token.Fold(s); strings.ToUpper(s) == s && plainIdent(low) && token.ClassOf(low) <= token.Unreserved {
		return s
	}
	return quoteIdent(s)
}

// dotted prints a dotted name.
func (p *printer) dotted(parts []string) string {
	out := make([]string, len(parts))
	for i, s := range parts {
		out[i] = p.ident(s)
	}
	return strings.Join(out, ".")
}

// idents prints (a, b, …).
func (p *printer) idents(list []string) {
	p.w("(")
	for i, s := range list {
		p.sep(i)
		p.w(p.ident(s))
	}
	p.w(")")
}

// sep separates the items of a list.
func (p *printer) sep(i int) {
	if i > 0 {
		p.w(", ")
	}
}

func (p *printer) exprs(list []ast.Expr) {
	for i, e := range list {
		p.sep(i)
		p.expr(e)
	}
}

func (p *printer) typeName(t *ast.TypeName) {
	if len(t.Args) > 0 || len(t.Fields) > 0 || len(t.Name) == 1 && t.Name[0] == "struct" {
		p.w(strings.Join(t.Name, "."), "<")
		for i, a := range t.Args {
			p.sep(i)
			p.typeName(a)
		}
		for i, f := range t.Fields {
			p.sep(i)
			p.w(p.ident(f.Name), " ")
			p.typeName(f.Type)
		}
		p.w(">")
	} else {
		p.plainType(t)
	}
	p.w(strings.Repeat("[]", t.Dims))
}

// typeWords are the type names that are printed as they are, with what follows their modifiers.
var typeWords = map[string][2]string{
	"double precision": {"double precision", ""}, "character varying": {"character varying", ""}, "bit varying": {"bit varying", ""},
	"time with time zone": {"time", " with time zone"}, "time without time zone": {"time", " without time zone"},
	"timestamp with time zone": {"timestamp", " with time zone"}, "timestamp without time zone": {"timestamp", " without time zone"},
}

func (p *printer) plainType(t *ast.TypeName) {
	head, tail := "", ""
	if w, ok := typeWords[t.Name[0]]; ok && len(t.Name) == 1 {
		head, tail = w[0], w[1]
	} else if fields, ok := strings.CutPrefix(t.Name[0], "interval "); ok {
		head, tail = "interval", " "+fields
		if strings.HasSuffix(fields, "second") {
			head, tail = "interval "+fields, ""
		}
	} else {
		parts := make([]string, len(t.Name))
		for i, s := range t.Name {
			parts[i] = typeIdent(s)
		}
		head = strings.Join(parts, ".")
	}
	p.w(head)
	for i, m := range t.Mods {
		p.w([]string{"(", ", "}[min(i, 1)], strconv.Itoa(m))
	}
	if len(t.Mods) > 0 {
		p.w(")")
	}
	p.w(tail)
}

// typeIdent prints one part of a type's name. The SQL names of types are keywords that need no quotes; "char" with
// quotes is another type than char.
func typeIdent(s string) string {
	if s == `"char"` {
		return s
	}
	if plainIdent(s) && token.ClassOf(s) != token.Reserved && s != "char" && s != "nchar" && s != "national" && s != "setof" && s != "double" {
		return s
	}
	return quoteIdent(s)
}
