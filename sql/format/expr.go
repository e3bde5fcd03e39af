package format

import (
	"strconv"
	"strings"

	"streamsql/sql/ast"
)

// expr prints an expression.
func (p *printer) expr(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Lit:
		p.literal(e)
	case *ast.TypedLit:
		p.typedLit(e)
	case *ast.Param:
		p.w("$", strconv.Itoa(e.N))
	case *ast.Ref:
		p.w(p.dotted(e.Parts))
	case *ast.Star:
		p.star(e)
	case *ast.Unary, *ast.Binary, *ast.Is, *ast.Between, *ast.In, *ast.Quantified:
		p.operation(e)
	case *ast.Case:
		p.caseExpr(e)
	case *ast.Call:
		p.call(e)
	case *ast.Named:
		p.w(p.ident(e.Name), " := ")
		p.expr(e.X)
	case *ast.Lambda:
		p.idents(e.Params)
		p.w(" => ")
		p.expr(e.Body)
	case *ast.Cast:
		p.cast(e)
	case *ast.TableArg:
		p.w("TABLE ")
		p.name(e.Name)
		if len(e.PartitionBy) > 0 {
			p.w(" PARTITION BY (")
			p.exprs(e.PartitionBy)
			p.w(")")
		}
	case *ast.GroupingSets:
		p.groupingSets(e)
	default:
		p.compound(e)
	}
}

// compound prints the forms that hold lists or queries, and those behind an operand.
func (p *printer) compound(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Collate:
		p.w("(")
		p.operand(e.X)
		p.w(" COLLATE ", p.dotted(e.Name.Parts), ")")
	case *ast.ArrayLit:
		p.w("ARRAY[")
		p.exprs(e.Elems)
		p.w("]")
	case *ast.RowLit:
		p.w("ROW(")
		p.exprs(e.Elems)
		p.w(")")
	case *ast.StructLit:
		p.w("STRUCT(")
		for i := range e.Fields {
			p.sep(i)
			p.expr(&e.Fields[i])
		}
		p.w(")")
	case *ast.MapLit:
		p.w("MAP(")
		for i := range e.Keys {
			p.sep(i)
			p.expr(e.Keys[i])
			p.w(" := ")
			p.expr(e.Values[i])
		}
		p.w(")")
	case *ast.Subscript:
		p.subscript(e)
	case *ast.FieldSel:
		p.fieldSel(e)
	case *ast.Subquery:
		p.subquery(e.Query)
	case *ast.Exists:
		p.exists(e)
	case *ast.ArrayQuery:
		p.w("ARRAY")
		p.subquery(e.Query)
	}
}

func (p *printer) literal(e *ast.Lit) {
	switch e.Kind {
	case ast.LitNull:
		p.w("NULL")
	case ast.LitBool:
		p.w(strconv.FormatBool(e.Bool))
	case ast.LitNumber:
		p.w(e.Text)
	case ast.LitString:
		p.w(Literal(e.Text))
	case ast.LitBits:
		p.w(e.Text[:1], Literal(e.Text[1:]))
	case ast.LitDefault:
		p.w("DEFAULT")
	}
}

func (p *printer) typedLit(e *ast.TypedLit) {
	if fields, ok := strings.CutPrefix(e.Type.Name[0], "interval "); ok {
		p.w("interval")
		if len(e.Type.Mods) > 0 {
			p.w("(", strconv.Itoa(e.Type.Mods[0]), ")")
		}
		p.w(" ", Literal(e.Text), " ", fields)
		return
	}
	p.typeName(e.Type)
	p.w(" ", Literal(e.Text))
}

func (p *printer) star(e *ast.Star) {
	switch {
	case e.Of != nil:
		p.w("(")
		p.expr(e.Of)
		p.w(").")
	case len(e.Table) > 0:
		p.w(p.dotted(e.Table), ".")
	}
	p.w("*")
	if len(e.Except)+len(e.ExceptOf) == 0 {
		return
	}
	p.w(" EXCEPT (")
	for i, s := range e.Except {
		p.sep(i)
		p.w(p.ident(s))
	}
	for i, n := range e.ExceptOf {
		p.sep(i + len(e.Except))
		p.name(n)
	}
	p.w(")")
}

// operand prints a part of a larger expression: in parentheses unless it is a whole by itself.
func (p *printer) operand(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Unary, *ast.Binary, *ast.Is, *ast.Between, *ast.In, *ast.Quantified, *ast.Exists, *ast.Named, *ast.Lambda:
		p.w("(")
		p.expr(e)
		p.w(")")
	default:
		p.expr(e)
	}
}

// operation prints operators with their operands.
func (p *printer) operation(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Unary:
		p.w(p.operator(e.Op), " ")
		p.operand(e.X)
	case *ast.Binary:
		p.operand(e.L)
		p.w(" ", not(e.Not), p.operator(e.Op), " ")
		p.rightOperand(e)
		if e.Escape != nil {
			p.w(" ESCAPE ")
			p.operand(e.Escape)
		}
	case *ast.Is:
		p.operand(e.X)
		p.w(" IS ", not(e.Not), strings.ToUpper(e.What))
	case *ast.Between:
		p.operand(e.X)
		p.w(" ", not(e.Not), "BETWEEN ")
		if e.Symmetric {
			p.w("SYMMETRIC ")
		}
		p.operand(e.Lo)
		p.w(" AND ")
		p.operand(e.Hi)
	case *ast.In:
		p.in(e)
	case *ast.Quantified:
		p.quantified(e)
	}
}

// rightOperand prints the right side of an operator. Behind -> a bare name would be a field.
func (p *printer) rightOperand(e *ast.Binary) {
	if _, ok := e.R.(*ast.Lit); e.Op == "->" && !ok {
		p.w("(")
		p.expr(e.R)
		p.w(")")
		return
	}
	p.operand(e.R)
}

// operator prints an operator's name; that of another schema is OPERATOR(schema.op).
func (p *printer) operator(op string) string {
	inner, ok := strings.CutPrefix(op, "operator(")
	if !ok {
		return strings.ToUpper(op)
	}
	dot := strings.LastIndexByte(inner, '.')
	return "OPERATOR(" + p.dotted(strings.Split(inner[:dot], ".")) + inner[dot:]
}

func not(b bool) string {
	if b {
		return "NOT "
	}
	return ""
}

func (p *printer) in(e *ast.In) {
	p.operand(e.X)
	p.w(" ", not(e.Not), "IN ")
	if e.Query != nil {
		p.subquery(e.Query)
		return
	}
	p.w("(")
	p.exprs(e.List)
	p.w(")")
}

func (p *printer) quantified(e *ast.Quantified) {
	p.operand(e.X)
	p.w(" ", p.operator(e.Op), " ")
	if e.All {
		p.w("ALL ")
	} else {
		p.w("ANY ")
	}
	if e.Query != nil {
		p.subquery(e.Query)
		return
	}
	p.w("(")
	p.expr(e.Array)
	p.w(")")
}

func (p *printer) caseExpr(e *ast.Case) {
	p.w("CASE")
	if e.Operand != nil {
		p.w(" ")
		p.expr(e.Operand)
	}
	for _, w := range e.Whens {
		p.w(" WHEN ")
		p.expr(w.Cond)
		p.w(" THEN ")
		p.expr(w.Result)
	}
	if e.Else != nil {
		p.w(" ELSE ")
		p.expr(e.Else)
	}
	p.w(" END")
}

// cast prints CAST(x AS t), which binds the same wherever it stands.
func (p *printer) cast(e *ast.Cast) {
	if e.Try {
		p.w("TRY_")
	}
	p.w("CAST(")
	p.expr(e.X)
	p.w(" AS ")
	p.typeName(e.Type)
	p.w(")")
}

// base prints what a subscript or a field is taken of; only names and subscripts need no parentheses.
func (p *printer) base(e ast.Expr) {
	switch e.(type) {
	case *ast.Subscript, *ast.Param:
		p.expr(e)
	default:
		p.w("(")
		p.expr(e)
		p.w(")")
	}
}

func (p *printer) subscript(e *ast.Subscript) {
	p.base(e.X)
	p.w("[")
	if e.Lo != nil {
		p.expr(e.Lo)
	}
	if e.Slice {
		p.w(":")
		if e.Hi != nil {
			p.expr(e.Hi)
		}
	}
	p.w("]")
}

func (p *printer) fieldSel(e *ast.FieldSel) {
	p.base(e.X)
	if e.Arrow {
		p.w("->", quoteIdent(e.Name))
		return
	}
	p.w(".", p.ident(e.Name))
}

func (p *printer) subquery(q ast.Query) {
	p.w("(")
	p.query(q)
	p.w(")")
}

func (p *printer) exists(e *ast.Exists) {
	p.w(not(e.Not), "EXISTS ")
	p.subquery(e.Query)
}

func (p *printer) groupingSets(e *ast.GroupingSets) {
	if e.Kind == "distinct" {
		p.w("DISTINCT ")
		for i, set := range e.Sets {
			p.sep(i)
			p.expr(set[0])
		}
		return
	}
	p.w(strings.ToUpper(e.Kind), " (")
	for i, set := range e.Sets {
		p.sep(i)
		if len(set) == 1 {
			if _, ok := set[0].(*ast.GroupingSets); ok {
				p.expr(set[0])
				continue
			}
		}
		p.w("(")
		p.exprs(set)
		p.w(")")
	}
	p.w(")")
}
