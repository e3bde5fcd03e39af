package format

import (
	"strconv"
	"strings"

	"streamsql/sql/ast"
)

// query prints a query.
func (p *printer) query(q ast.Query) {
	switch q := q.(type) {
	case *ast.Select:
		p.with(q.With)
		p.selectBlock(q)
		p.tail(&q.Tail, q.Emit)
	case *ast.SetOp:
		p.with(q.With)
		p.queryOperand(q.L)
		p.w(" ", strings.ToUpper(q.Op), " ")
		if q.All {
			p.w("ALL ")
		}
		p.queryOperand(q.R)
		p.tail(&q.Tail, q.Emit)
	case *ast.Values:
		p.with(q.With)
		p.w("VALUES ")
		for i, row := range q.Rows {
			p.sep(i)
			p.w("(")
			p.exprs(row)
			p.w(")")
		}
		p.tail(&q.Tail, "")
	}
}

// queryOperand prints an operand of a set operation, in parentheses unless it is a plain block.
func (p *printer) queryOperand(q ast.Query) {
	switch q := q.(type) {
	case *ast.Select:
		if q.With == nil && q.Emit == "" && isZeroTail(&q.Tail) {
			p.query(q)
			return
		}
	case *ast.Values:
		if q.With == nil && isZeroTail(&q.Tail) {
			p.query(q)
			return
		}
	}
	p.subquery(q)
}

func isZeroTail(t *ast.Tail) bool {
	return len(t.OrderBy) == 0 && t.LimitBy == nil && t.Limit == nil && t.Offset == nil
}

func (p *printer) with(w *ast.With) {
	if w == nil {
		return
	}
	p.w("WITH ")
	if w.Recursive {
		p.w("RECURSIVE ")
	}
	for i, c := range w.CTEs {
		p.sep(i)
		p.w(p.ident(c.Name))
		if len(c.Columns) > 0 {
			p.w(" ")
			p.idents(c.Columns)
		}
		p.w(" AS ")
		if c.Materialized != "" {
			p.w(strings.ToUpper(c.Materialized), " ")
		}
		p.subquery(c.Query)
	}
	p.w(" ")
}

func (p *printer) selectBlock(q *ast.Select) {
	p.w("SELECT")
	if q.Distinct {
		p.w(" DISTINCT")
	}
	if len(q.DistinctOn) > 0 {
		p.w(" DISTINCT ON (")
		p.exprs(q.DistinctOn)
		p.w(")")
	}
	if len(q.Items) > 0 {
		p.w(" ")
		p.items(q.Items)
	}
	if len(q.From) > 0 {
		p.w(" FROM ")
		p.from(q.From)
	}
	p.clause(" WHERE ", q.Where)
	if q.Window != nil { // behind WHERE it cannot be taken for a source's own
		p.w(" ")
		p.ksqlWindow(q.Window)
	}
	if len(q.PartitionBy) > 0 {
		p.w(" PARTITION BY ")
		p.exprs(q.PartitionBy)
	}
	if len(q.GroupBy) > 0 {
		p.w(" GROUP BY ")
		p.groupBy(q.GroupBy)
	}
	p.clause(" HAVING ", q.Having)
	for i, w := range q.Windows {
		if i == 0 {
			p.w(" WINDOW ")
		}
		p.sep(i)
		p.w(p.ident(w.Name), " AS ")
		p.window(w.Spec)
	}
}

func (p *printer) groupBy(list []ast.Expr) {
	for i, e := range list {
		p.sep(i)
		if g, ok := e.(*ast.GroupingSets); ok && g.Kind == "grouping sets" && len(g.Sets) == 1 && len(g.Sets[0]) == 0 {
			p.w("()")
			continue
		}
		if p.upper { // ksqlDB's GROUP BY takes predicates in parentheses only
			p.operand(e)
			continue
		}
		p.expr(e)
	}
}

// clause prints a keyword and an expression, or nothing.
func (p *printer) clause(word string, e ast.Expr) {
	if e != nil {
		p.w(word)
		p.expr(e)
	}
}

func (p *printer) items(items []ast.SelectItem) {
	for i, it := range items {
		p.sep(i)
		p.expr(it.X)
		if it.As != "" {
			p.w(" AS ", p.ident(it.As))
		}
	}
}

func (p *printer) tail(t *ast.Tail, emit string) {
	if len(t.OrderBy) > 0 {
		p.w(" ")
		p.orderBy(t.OrderBy)
	}
	if t.LimitBy != nil {
		p.clause(" LIMIT ", t.LimitBy.N)
		p.clause(" OFFSET ", t.LimitBy.Offset)
		p.w(" BY ")
		p.exprs(t.LimitBy.By)
	}
	if t.WithTies {
		if t.Offset != nil {
			p.clause(" OFFSET ", t.Offset)
		}
		p.w(" FETCH FIRST ")
		p.fetchCount(t.Limit)
		p.w(" ROWS WITH TIES")
	} else {
		p.clause(" LIMIT ", t.Limit)
		p.clause(" OFFSET ", t.Offset)
	}
	if emit != "" {
		p.w(" EMIT ", strings.ToUpper(emit))
	}
}

// fetchCount prints the number of FETCH FIRST, which is no full expression.
func (p *printer) fetchCount(e ast.Expr) {
	switch e.(type) {
	case *ast.Lit, *ast.Param:
		p.expr(e)
	default:
		p.w("(")
		p.expr(e)
		p.w(")")
	}
}

func (p *printer) from(list []ast.TableExpr) {
	for i, t := range list {
		p.sep(i)
		p.tableExpr(t)
	}
}

func (p *printer) tableExpr(t ast.TableExpr) {
	switch t := t.(type) {
	case *ast.Table:
		p.name(t.Name)
		p.asOf(t.AsOf, t.AsOfKind)
		p.alias(t.Alias)
		if t.Window != nil {
			p.w(" ")
			p.ksqlWindow(t.Window)
		}
	case *ast.Derived:
		p.lateral(t.Lateral)
		p.subquery(t.Query)
		p.alias(t.Alias)
	case *ast.TableFunc:
		p.tableFunc(t)
	case *ast.Join:
		p.join(t)
	}
}

// asOf prints the clause that reads a relation at another time, if there is one. The word before it is no alias.
func (p *printer) asOf(x ast.Expr, kind string) {
	if x == nil {
		return
	}
	if kind == "system_time" {
		p.w(" FOR SYSTEM_TIME AS OF ")
	} else {
		p.w(" AS OF ", strings.ToUpper(kind), " ")
	}
	p.operand(x)
}

func (p *printer) lateral(b bool) {
	if b {
		p.w("LATERAL ")
	}
}

func (p *printer) tableFunc(t *ast.TableFunc) {
	p.lateral(t.Lateral)
	p.call(t.Call)
	if t.Ordinality {
		p.w(" WITH ORDINALITY")
	}
	p.alias(t.Alias)
}

func (p *printer) alias(a ast.Alias) {
	if a.Name == "" {
		return
	}
	p.w(" AS ", p.ident(a.Name))
	if len(a.Columns) > 0 {
		p.w(" ")
		p.idents(a.Columns)
	}
}

func (p *printer) join(j *ast.Join) {
	p.joinOperand(j.L, true)
	p.w(" ")
	if j.AsOf {
		p.w("ASOF ")
	}
	if j.Natural {
		p.w("NATURAL ")
	}
	if j.Kind != "inner" {
		p.w(strings.ToUpper(j.Kind), " ")
	}
	p.w("JOIN ")
	p.joinOperand(j.R, false)
	if j.Within != nil {
		p.within(j.Within)
	}
	p.clause(" ON ", j.On)
	if len(j.Using) > 0 {
		p.w(" USING ")
		p.idents(j.Using)
	}
}

// joinOperand prints a side of a join; joins group to the left.
func (p *printer) joinOperand(t ast.TableExpr, left bool) {
	if _, ok := t.(*ast.Join); ok && !left {
		p.w("(")
		p.tableExpr(t)
		p.w(")")
		return
	}
	p.tableExpr(t)
}

func (p *printer) within(w *ast.Within) {
	p.w(" WITHIN (")
	p.duration(&w.Before)
	p.w(", ")
	p.duration(&w.After)
	p.w(")")
	if w.Grace != nil {
		p.w(" GRACE PERIOD ")
		p.duration(w.Grace)
	}
}

func (p *printer) duration(d *ast.Duration) {
	p.w(strconv.FormatInt(d.N, 10), " ", strings.ToUpper(d.Unit))
}

// ksqlWindow prints ksqlDB's WINDOW clause.
func (p *printer) ksqlWindow(w *ast.Window) {
	p.w("WINDOW ", strings.ToUpper(w.Kind), " (")
	if w.Kind != "session" {
		p.w("SIZE ")
	}
	p.duration(w.Size)
	for _, part := range []struct {
		word string
		d    *ast.Duration
	}{{", ADVANCE BY ", w.Advance}, {", RETENTION ", w.Retention}, {", GRACE PERIOD ", w.Grace}} {
		if part.d != nil {
			p.w(part.word)
			p.duration(part.d)
		}
	}
	p.w(")")
}
