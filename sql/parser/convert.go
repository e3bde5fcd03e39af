package parser

import (
	"strconv"
	"strings"

	tast "github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/opcode"

	"streamsql/sql/ast"
)

// converter turns TiDB's tree of one lowered piece into ours.
type converter struct{ *parser }

// takeQuery parses the lowered piece as a query.
func (p *parser) takeQuery() (q ast.Query) {
	p.withTiDB(func(n tast.StmtNode) { q = converter{p}.query(n) })
	return q
}

// takeItems parses the lowered piece, a select list, as select items.
func (p *parser) takeItems() (items []ast.SelectItem) {
	p.withTiDB(func(n tast.StmtNode) {
		if sel, ok := n.(*tast.SelectStmt); ok {
			items = converter{p}.items(sel.Fields.Fields)
		}
	})
	return items
}

// takeFrom parses the lowered piece, a query that is nothing but FROM, as table expressions.
func (p *parser) takeFrom() (from []ast.TableExpr) {
	p.withTiDB(func(n tast.StmtNode) {
		if sel, ok := n.(*tast.SelectStmt); ok && sel.From != nil {
			from = converter{p}.from(sel.From.TableRefs, nil)
		}
	})
	return from
}

// user returns the place in the user's text of an expression.
func (c converter) user(e tast.Node) ast.Pos {
	return ast.Pos(c.segmentAt(e.OriginTextPosition()).pos)
}

// marker returns the node that a marker's name stands for, or nil when it is no marker.
func (c converter) marker(name string) ast.Node {
	if name == "" || name[0] != markByte {
		return nil
	}
	n, err := strconv.Atoi(name[strings.LastIndexByte(name, ':')+1:])
	if err != nil || n >= len(c.side) {
		return nil
	}
	return c.side[n]
}

func (c converter) query(n tast.Node) ast.Query {
	switch n := n.(type) {
	case *tast.SelectStmt:
		if n.Kind == tast.SelectStmtKindValues {
			return c.values(n)
		}
		return c.selectStmt(n)
	case *tast.SetOprStmt:
		q := c.setList(n.SelectList.Selects)
		c.tail(q, n.With, n.OrderBy)
		return q
	case *tast.SetOprSelectList:
		q := c.setList(n.Selects)
		if len(n.Selects) > 1 { // a single SELECT has its clauses itself
			c.tail(q, n.With, n.OrderBy)
		}
		return q
	}
	c.broken(n)
	return &ast.Values{}
}

// tail gives a set operation its WITH and its tail.
func (c converter) tail(q ast.Query, with *tast.WithClause, by *tast.OrderByClause) {
	op, ok := q.(*ast.SetOp)
	if !ok {
		return
	}
	op.With = c.with(with)
	if op.With != nil {
		op.Pos = op.With.Pos
	}
	if by != nil {
		op.Emit = fillTail(&op.Tail, c.byItems(by.Items))
	}
}

// setList groups TiDB's flat list of set operations: all group to the left, INTERSECT before the others.
func (c converter) setList(list []tast.Node) ast.Query {
	var sum ast.Query // operands of UNION and EXCEPT so far
	var sumOp *ast.SetOp
	var product ast.Query // operands of INTERSECT so far
	for _, n := range list {
		q := c.query(n)
		op := setOp(n)
		switch {
		case op == nil:
			product = q
		case op.Op == "intersect":
			op.Pos, op.L, op.R = product.Start(), product, q
			product = op
		default:
			sum = joinSetOp(sum, sumOp, product)
			product, sumOp = q, op
		}
	}
	return joinSetOp(sum, sumOp, product)
}

func joinSetOp(l ast.Query, op *ast.SetOp, r ast.Query) ast.Query {
	if op == nil {
		return r
	}
	op.Pos, op.L, op.R = l.Start(), l, r
	return op
}

// setOp returns the operator before an operand, or nil for the first one.
func setOp(n tast.Node) *ast.SetOp {
	var t *tast.SetOprType
	switch n := n.(type) {
	case *tast.SelectStmt:
		t = n.AfterSetOperator
	case *tast.SetOprSelectList:
		t = n.AfterSetOperator
	}
	if t == nil {
		return nil
	}
	switch *t {
	case tast.Union:
		return &ast.SetOp{Op: "union"}
	case tast.UnionAll:
		return &ast.SetOp{Op: "union", All: true}
	case tast.Except:
		return &ast.SetOp{Op: "except"}
	case tast.ExceptAll:
		return &ast.SetOp{Op: "except", All: true}
	case tast.Intersect:
		return &ast.SetOp{Op: "intersect"}
	}
	return &ast.SetOp{Op: "intersect", All: true}
}

func (c converter) values(n *tast.SelectStmt) ast.Query {
	v := &ast.Values{With: c.with(n.With)}
	for _, row := range n.Lists {
		v.Rows = append(v.Rows, c.exprs(row.Values))
	}
	if len(n.Lists) > 0 && len(n.Lists[0].Values) > 0 {
		v.Pos = ast.Pos(c.segmentAt(n.Lists[0].Values[0].OriginTextPosition() - 1).pos)
	}
	if v.With != nil {
		v.Pos = v.With.Pos
	}
	if n.OrderBy != nil {
		if emit := fillTail(&v.Tail, c.byItems(n.OrderBy.Items)); emit != "" {
			c.unsupported(int(v.Pos), "EMIT with VALUES")
		}
	}
	return v
}

func (c converter) selectStmt(n *tast.SelectStmt) ast.Query {
	fields := n.Fields.Fields
	sel := c.selectMarker(fields[0])
	if sel == nil {
		c.broken(n)
		return &ast.Select{}
	}
	if sel.With = c.with(n.With); sel.With != nil {
		sel.Pos = sel.With.Pos
	}
	sel.Items = c.items(fields[1:])
	if n.From != nil {
		sel.From = c.from(n.From.TableRefs, nil)
	}
	if n.Where != nil {
		sel.Where = c.expr(n.Where)
	}
	if n.GroupBy != nil {
		sel.GroupBy = c.groupBy(n.GroupBy.Items)
		if row, ok := sel.GroupBy[0].(*ast.RowLit); ok && c.opt.Dialect == KSQL && len(sel.GroupBy) == 1 {
			sel.GroupBy = row.Elems // ksqlDB's GROUP BY (a, b) is GROUP BY a, b
		}
	}
	if n.Having != nil {
		sel.Having = c.expr(n.Having.Expr)
	}
	c.windows(sel, n.WindowSpecs)
	if n.OrderBy != nil {
		sel.Emit = fillTail(&sel.Tail, c.byItems(n.OrderBy.Items))
	}
	if t, ok := onlyTable(sel.From); ok && sel.Window != nil && t.Window == nil {
		t.Window, sel.Window = sel.Window, nil
	}
	return sel
}

// groupBy converts the items of GROUP BY; (a, b) without ROW is as good as a, b.
func (c converter) groupBy(items []*tast.ByItem) []ast.Expr {
	var out []ast.Expr
	for _, it := range items {
		if row, ok := it.Expr.(*tast.RowExpr); ok {
			out = append(out, c.exprs(row.Values)...)
		} else {
			out = append(out, c.byItems([]*tast.ByItem{it})...)
		}
	}
	return out
}

func onlyTable(from []ast.TableExpr) (*ast.Table, bool) {
	if len(from) != 1 {
		return nil, false
	}
	t, ok := from[0].(*ast.Table)
	return t, ok
}

// selectMarker returns the node of a SELECT, which is its first field, with the expressions of DISTINCT ON.
func (c converter) selectMarker(f *tast.SelectField) *ast.Select {
	switch e := f.Expr.(type) {
	case *tast.ColumnNameExpr:
		sel, _ := c.marker(e.Name.Name.O).(*ast.Select)
		return sel
	case *tast.FuncCallExpr:
		sel, _ := c.marker(e.FnName.O).(*ast.Select)
		if sel != nil {
			sel.DistinctOn = c.exprs(e.Args)
		}
		return sel
	}
	return nil
}

func (c converter) windows(sel *ast.Select, specs []tast.WindowSpec) {
	for i := range specs {
		w, ok := c.marker(specs[i].Name.O).(*part)
		if !ok || specs[i].PartitionBy == nil {
			c.broken(specs)
			return
		}
		args := c.byItems(specs[i].PartitionBy.Items)
		if w.spec == nil {
			sel.PartitionBy = args
			continue
		}
		fillWindow(w.spec, args)
		sel.Windows = append(sel.Windows, ast.NamedWindow{Name: w.name, Spec: w.spec})
	}
}

func (c converter) with(n *tast.WithClause) *ast.With {
	if n == nil {
		return nil
	}
	w := &ast.With{Recursive: n.IsRecursive}
	for _, t := range n.CTEs {
		cte, ok := c.marker(t.Name.O).(*cteMark)
		if !ok {
			c.broken(n)
			return w
		}
		w.Pos = cte.with
		cte.Query = c.query(t.Query.Query)
		w.CTEs = append(w.CTEs, cte.CTE)
	}
	return w
}

func (c converter) items(fields []*tast.SelectField) []ast.SelectItem {
	out := make([]ast.SelectItem, len(fields))
	for i, f := range fields {
		pos := ast.Pos(c.segmentAt(f.Offset).pos)
		out[i] = ast.SelectItem{Pos: pos, As: f.AsName.O}
		if f.WildCard != nil {
			out[i].X = &ast.Star{Pos: pos}
		} else {
			out[i].X = c.expr(f.Expr)
		}
	}
	return out
}

// from appends the comma-separated items of FROM: TiDB hands them on as joins without a condition.
func (c converter) from(n tast.ResultSetNode, out []ast.TableExpr) []ast.TableExpr {
	if j, ok := n.(*tast.Join); ok && j.Right != nil && j.On == nil && !j.ExplicitParens {
		return c.from(j.Right, c.from(j.Left, out))
	}
	if t := c.tableExpr(n); t != nil {
		out = append(out, t)
	}
	return out
}

func (c converter) tableExpr(n tast.ResultSetNode) ast.TableExpr {
	switch n := n.(type) {
	case *tast.Join:
		if n.Right == nil {
			return c.tableExpr(n.Left)
		}
		return c.join(n)
	case *tast.TableSource:
		switch t := c.marker(n.AsName.O).(type) {
		case *ast.Table:
			if sel, ok := n.Source.(*tast.SelectStmt); ok && len(sel.Fields.Fields) == 1 && sel.Fields.Fields[0].Expr != nil {
				t.AsOf = c.expr(sel.Fields.Fields[0].Expr)
			}
			return t
		case *ast.Derived:
			t.Query = c.query(n.Source)
			return t
		case *ast.TableFunc:
			c.tableFunc(t, n.Source)
			return t
		case *part: // SELECT without FROM
			return nil
		}
	}
	c.broken(n)
	return &ast.Table{}
}

// tableFunc takes the call out of the subquery it was lowered to.
func (c converter) tableFunc(f *ast.TableFunc, source tast.ResultSetNode) {
	sel, ok := source.(*tast.SelectStmt)
	if !ok || len(sel.Fields.Fields) != 1 || sel.Fields.Fields[0].Expr == nil {
		c.broken(source)
		return
	}
	if f.Call, ok = c.expr(sel.Fields.Fields[0].Expr).(*ast.Call); !ok {
		c.broken(source)
		return
	}
	if windowFuncs[f.Call.Name.Last()] && len(f.Call.Args) > 0 {
		if t, ok := f.Call.Args[0].(*ast.Ref); ok {
			f.Call.Args[0] = &ast.TableArg{Pos: t.Pos, Name: ast.Name{Pos: t.Pos, Parts: t.Parts}}
		}
	}
}

// windowFuncs take a relation as their first argument, with or without the word TABLE.
var windowFuncs = map[string]bool{"tumble": true, "hop": true, "cumulate": true, "session": true}

func (c converter) join(n *tast.Join) ast.TableExpr {
	if n.On == nil {
		c.broken(n)
		return &ast.Table{}
	}
	on, ok := n.On.Expr.(*tast.FuncCallExpr)
	if !ok {
		c.broken(n)
		return &ast.Table{}
	}
	j, ok := c.marker(on.FnName.O).(*ast.Join)
	if !ok {
		c.broken(n)
		return &ast.Table{}
	}
	j.L, j.R = c.tableExpr(n.Left), c.tableExpr(n.Right)
	j.Pos = j.L.Start()
	if len(on.Args) > 0 {
		j.On = c.expr(on.Args[0])
	}
	return j
}

func (c converter) byItems(items []*tast.ByItem) []ast.Expr {
	out := make([]ast.Expr, len(items))
	for i, it := range items {
		out[i] = c.expr(it.Expr)
	}
	return out
}

func (c converter) exprs(list []tast.ExprNode) []ast.Expr {
	if len(list) == 0 {
		return nil
	}
	out := make([]ast.Expr, len(list))
	for i, e := range list {
		out[i] = c.expr(e)
	}
	return out
}

func (c converter) expr(e tast.ExprNode) ast.Expr {
	switch e := e.(type) {
	case *tast.ColumnNameExpr:
		if n := c.marker(e.Name.Name.O); n != nil {
			return c.fill(n, nil)
		}
		return &ast.Ref{Pos: c.user(e), Parts: strings.Split(e.Name.Name.O, string(pathSep))}
	case *value:
		return c.literal(e)
	case *paramMarker:
		s := c.segmentAt(e.offset)
		return &ast.Param{Pos: ast.Pos(s.pos), N: int(s.n)}
	case *tast.ParenthesesExpr:
		return c.expr(e.Expr)
	case *tast.BinaryOperationExpr:
		return c.binary(e)
	case *tast.FuncCallExpr:
		return c.call(e)
	case *tast.UnaryOperationExpr:
		return c.unary(e)
	case *tast.SubqueryExpr:
		return &ast.Subquery{Pos: c.user(e), Query: c.query(e.Query)}
	case *tast.ExistsSubqueryExpr:
		return c.exists(e)
	case *tast.RowExpr:
		return &ast.RowLit{Pos: c.user(e), Elems: c.exprs(e.Values)}
	case *tast.CaseExpr:
		return c.caseExpr(e)
	}
	return c.predicate(e)
}

// predicate converts the forms of IS, IN, BETWEEN and LIKE.
func (c converter) predicate(e tast.ExprNode) ast.Expr {
	switch e := e.(type) {
	case *tast.IsNullExpr:
		return &ast.Is{Pos: c.user(e), X: c.expr(e.Expr), What: "null", Not: e.Not}
	case *tast.IsTruthExpr:
		return &ast.Is{Pos: c.user(e), X: c.expr(e.Expr), What: strconv.FormatBool(e.True != 0), Not: e.Not}
	case *tast.PatternInExpr:
		in := &ast.In{Pos: c.user(e), X: c.expr(e.Expr), List: c.exprs(e.List), Not: e.Not}
		if q, ok := e.Sel.(*tast.SubqueryExpr); ok {
			in.Query = c.query(q.Query)
		}
		return in
	case *tast.BetweenExpr:
		return c.between(e)
	case *tast.PatternLikeOrIlikeExpr:
		return c.like(e)
	}
	return c.broken(e)
}

func (c converter) literal(e *value) ast.Expr {
	lit := &ast.Lit{Pos: c.user(e)}
	switch v := e.v.(type) {
	case nil:
		lit.Kind = ast.LitNull
	case bool:
		lit.Kind, lit.Bool = ast.LitBool, v
	case int64:
		lit.Kind, lit.Text = ast.LitNumber, strconv.FormatInt(v, 10)
	case string:
		lit.Kind, lit.Text = ast.LitString, v
	default:
		c.broken(v)
	}
	return lit
}

var unaryOps = map[opcode.Op]string{opcode.Minus: "-", opcode.Plus: "+", opcode.Not: "not", opcode.Not2: "not"}

func (c converter) unary(e *tast.UnaryOperationExpr) ast.Expr {
	return &ast.Unary{Pos: c.user(e), Op: unaryOps[e.Op], X: c.expr(e.V)}
}

var binaryOps = map[opcode.Op]string{
	opcode.LogicAnd: "and", opcode.LogicOr: "or", opcode.Plus: "+", opcode.Minus: "-", opcode.Mul: "*", opcode.Div: "/",
	opcode.Mod: "%", opcode.Xor: "^", opcode.EQ: "=", opcode.NE: "<>", opcode.LT: "<", opcode.GT: ">", opcode.LE: "<=", opcode.GE: ">=",
}

func (c converter) binary(e *tast.BinaryOperationExpr) ast.Expr {
	if e.Op == opcode.LeftShift || e.Op == opcode.NullEQ {
		return c.markedBinary(e)
	}
	b := &ast.Binary{Pos: c.user(e), Op: binaryOps[e.Op], L: c.expr(e.L), R: c.expr(e.R)}
	b.OpPos = ast.Pos(c.segmentAt(e.R.OriginTextPosition() - 1).pos)
	return quantify(b)
}

// markedBinary converts `a << marker << b`, which is how operators that MySQL lacks were lowered.
func (c converter) markedBinary(e *tast.BinaryOperationExpr) ast.Expr {
	l, ok := e.L.(*tast.BinaryOperationExpr)
	if !ok || l.Op != e.Op {
		return c.broken(e)
	}
	name, ok := l.R.(*tast.ColumnNameExpr)
	if !ok {
		return c.broken(e)
	}
	b, ok := c.marker(name.Name.Name.O).(*ast.Binary)
	if !ok {
		return c.broken(e)
	}
	b.Pos, b.L, b.R = c.user(e), c.expr(l.L), c.expr(e.R)
	return quantify(b)
}

// quantify makes one node of an operator and the ANY or ALL on its right side.
func quantify(b *ast.Binary) ast.Expr {
	q, ok := b.R.(*ast.Quantified)
	if !ok || q.X != nil {
		return b
	}
	q.Pos, q.Op, q.X = b.Pos, b.Op, b.L
	return q
}

func (c converter) call(e *tast.FuncCallExpr) ast.Expr {
	args := c.exprs(e.Args)
	if n := c.marker(e.FnName.O); n != nil {
		return c.fill(n, args)
	}
	pos := c.user(e)
	name := ast.Name{Pos: pos, Parts: strings.Split(e.FnName.O, string(pathSep))}
	return c.fillCall(&ast.Call{Pos: pos, Name: name}, args)
}

func (c converter) exists(e *tast.ExistsSubqueryExpr) ast.Expr {
	q, ok := e.Sel.(*tast.SubqueryExpr)
	if !ok {
		return c.broken(e)
	}
	return &ast.Exists{Pos: c.user(e), Query: c.query(q.Query), Not: e.Not}
}

func (c converter) caseExpr(e *tast.CaseExpr) ast.Expr {
	out := &ast.Case{Pos: c.user(e)}
	if e.Value != nil {
		out.Operand = c.expr(e.Value)
	}
	for _, w := range e.WhenClauses {
		out.Whens = append(out.Whens, ast.When{Cond: c.expr(w.Expr), Result: c.expr(w.Result)})
	}
	if e.ElseClause != nil {
		out.Else = c.expr(e.ElseClause)
	}
	return out
}

func (c converter) between(e *tast.BetweenExpr) ast.Expr {
	out := &ast.Between{}
	lo := c.expr(e.Left)
	if b, ok := lo.(*ast.Between); ok && b.X == nil { // BETWEEN SYMMETRIC
		out, lo = b, b.Lo
	}
	out.Pos, out.X, out.Lo, out.Hi, out.Not = c.user(e), c.expr(e.Expr), lo, c.expr(e.Right), e.Not
	return out
}

func (c converter) like(e *tast.PatternLikeOrIlikeExpr) ast.Expr {
	switch n := c.expr(e.Pattern).(type) {
	case *ast.Binary:
		n.Pos, n.L = c.user(e), c.expr(e.Expr)
		return n
	case *ast.Quantified:
		n.Pos, n.X = c.user(e), c.expr(e.Expr)
		return n
	}
	return c.broken(e)
}
