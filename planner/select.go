package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
)

// selecting binds one SELECT block, clause by clause.
type selecting struct {
	b   *binder
	s   *ast.Select
	sc  *scope
	top bool

	node  Node
	items []item
	aggs  aggSet
	refs  refPlaces
	// pre are the subqueries inside aggregates' arguments, joined below the aggregation; post are the others.
	pre, post subSet
	srf       setSet
	groups    []expr.Expr
	having    expr.Expr
	order     []orderKey
	on        []expr.Expr // DISTINCT ON
	groupingParts
	wins winSet
	ksqlParts
}

// itemsMax is PostgreSQL's bound for the columns of a result.
const itemsMax = 1664

// item is one output column.
type item struct {
	name   string
	x      expr.Expr
	pos    int
	hidden bool // only carried along: the row's time
}

// ksqlParts are what a SELECT of the ksql dialect has beside.
type ksqlParts struct {
	partition []expr.Expr    // PARTITION BY
	keyless   bool           // PARTITION BY NULL
	unnamed   int            // the next KSQL_COL_n
	out       *derivedOutput // of a derived relation
}

func (b *binder) bindSelect(s *ast.Select, sc *scope, top bool) (Node, error) {
	f, err := b.bindFrom(s.From, sc)
	if err != nil {
		return nil, err
	}
	if s.Window != nil {
		if f, err = b.windowed(f, s.Window, int(s.Window.Pos)); err != nil {
			return nil, err
		}
	}
	sc = &scope{parent: sc.parent, ctes: sc.ctes, from: f, wantTime: sc.wantTime, wantMeta: sc.wantMeta}
	q := &selecting{b: b, s: s, sc: sc, top: top, node: f.node, refs: refPlaces{}}
	q.pre.base, q.post.base = subBase, subBase+1<<20
	for _, step := range []func() error{q.bindPartition, q.bindWindows, q.bindItems, q.bindWhere, q.bindTombstones, q.bindOrder, q.bindGroup, q.bindHaving,
		q.bindDistinctOn, q.bindKeys} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if len(q.groups) > 0 || len(q.calls) > 0 || len(q.aggs.calls) > 0 || q.having != nil || len(s.GroupBy) > 0 {
		if err := q.aggregate(); err != nil {
			return nil, err
		}
	} else if f.window != nil {
		return nil, pgerr.At(at(s), pgerr.SyntaxError, "a WINDOW clause requires a GROUP BY clause")
	}
	if q.out != nil && top {
		b.out = q.out
	}
	return q.finish()
}

func (q *selecting) clause(name string) *clause {
	return &clause{b: q.b, sc: q.sc, name: name, refs: q.refs}
}

// output is the clause of expressions computed after aggregation, where there is one.
func (q *selecting) output(name string) *clause {
	c := q.clause(name)
	c.aggs, c.subs, c.pre, c.groupings = &q.aggs, &q.post, &q.pre, &q.groupingParts
	c.wins = &q.wins
	if name != "HAVING" {
		c.srf = &q.srf
	}
	return c
}

func (q *selecting) bindItems() error {
	c := q.output("SELECT")
	for _, it := range q.s.Items {
		if star, ok := it.X.(*ast.Star); ok {
			if err := q.star(star); err != nil {
				return err
			}
			continue
		}
		e, err := c.expr(it.X)
		if err != nil {
			return err
		}
		name := it.As
		if name == "" && q.b.ksql() {
			name = q.ksqlName(it.X)
		} else if name == "" {
			name = columnName(it.X)
		}
		q.items = append(q.items, item{name: name, x: e, pos: at(it.X)})
		q.b.place(e, at(it.X))
	}
	if len(q.items) > itemsMax || len(q.aggs.calls) > itemsMax {
		return pgerr.At(at(q.s), pgerr.ProgramLimitExceeded, "target lists can have at most %d entries", itemsMax)
	}
	if q.sc.wantTime {
		if x, n := matchOut(q.sc.from, "rowtime"); n == 1 {
			q.items = append(q.items, item{name: "rowtime", x: fresh(x), pos: pgerr.NoPos, hidden: true})
		}
	}
	return nil
}

// star expands * and t.*.
func (q *selecting) star(x *ast.Star) error {
	if x.Of != nil {
		return q.fieldStar(x)
	}
	if len(x.ExceptOf) > 0 {
		return pgerr.Unsupported(at(x.ExceptOf[0]), "a qualified name in the EXCEPT list")
	}
	f := q.sc.from
	cols := f.out
	if len(x.Table) > 0 {
		schema := ""
		if len(x.Table) > 1 {
			schema = x.Table[len(x.Table)-2]
		}
		name := x.Table[len(x.Table)-1]
		r := findRel(f, schema, name)
		if r == nil {
			return missingRel(f, at(x), name)
		}
		cols = nil
		for _, c := range r.cols {
			cols = append(cols, outCol{c, r})
		}
	} else if len(f.rels) == 0 {
		return pgerr.At(at(x), pgerr.SyntaxError, "SELECT * with no tables specified is not valid")
	}
	if q.b.ksql() {
		cols = q.ksqlStar(cols, len(x.Table) == 0)
	}
	except := map[string]int{} // how many columns each name left out
	for _, n := range x.Except {
		except[n] = 0
	}
	for _, c := range cols {
		if n, out := except[c.name]; out {
			except[c.name] = n + 1
			continue
		}
		if c.hidden {
			continue
		}
		e := fresh(c.x)
		if col, ok := e.(*expr.Column); ok {
			q.refs[col] = at(x)
		}
		q.items = append(q.items, item{name: c.name, x: e, pos: at(x)})
	}
	for _, n := range x.Except {
		if except[n] == 0 {
			return pgerr.At(at(x), pgerr.UndefinedColumn, "column %s in the EXCEPT list does not exist", quoted(n))
		}
	}
	return nil
}

// bindWhere filters the input. Conjuncts that are IN (query) become semi or anti joins.
func (q *selecting) bindWhere() error {
	if q.s.Where == nil {
		return nil
	}
	subs := &subSet{base: subBase}
	c := q.clause("WHERE")
	c.subs = subs
	var plain, preds []expr.Expr
	var joins []*pendingJoin
	for _, part := range conjuncts(q.s.Where, nil) {
		join, err := c.semiJoin(part, q.node.Columns())
		if err != nil {
			return err
		}
		if join != nil {
			joins = append(joins, join)
			continue
		}
		e, err := c.expr(part)
		if err != nil {
			return err
		}
		what := "WHERE"
		if part != q.s.Where {
			what = "AND"
		}
		if e, err = q.b.boolean(e, what, at(part)); err != nil {
			return err
		}
		if usesOnly(e, 0, subBase) {
			plain = append(plain, e)
		} else {
			preds = append(preds, e)
		}
	}
	// What needs no subquery comes first: fewer rows are left for the others.
	q.node = filter(q.node, plain)
	for _, j := range joins {
		var err error
		if q.node, err = j.over(q.node); err != nil {
			return err
		}
	}
	if len(preds) == 0 {
		return nil
	}
	node, err := filtered(q.node, subs, expr.And(preds...))
	q.node = node
	return err
}

// filtered puts a predicate with its subqueries on a node; the subqueries' columns do not show above.
func filtered(node Node, subs *subSet, pred expr.Expr) (Node, error) {
	joined, resolve, err := subs.attach(node)
	if err != nil {
		return nil, err
	}
	f := &Filter{Input: joined, Pred: resolve(pred)}
	if joined == node {
		return f, nil
	}
	return firstColumns(f, len(node.Columns())), nil
}

// firstColumns keeps the first n columns.
func firstColumns(node Node, n int) Node {
	cols := node.Columns()
	if len(cols) == n {
		return node
	}
	p := &Project{Input: node, Out: append([]Column(nil), cols[:n]...)}
	for i := range p.Out {
		p.Exprs = append(p.Exprs, column(cols, i))
	}
	return p
}

// conjuncts splits an expression at its top-level ANDs.
func conjuncts(x ast.Expr, out []ast.Expr) []ast.Expr {
	if b, ok := x.(*ast.Binary); ok && b.Op == "and" {
		return conjuncts(b.R, conjuncts(b.L, out))
	}
	return append(out, x)
}

// bindOrder binds ORDER BY: a bare name is first an output column, a number a place in the select list.
func (q *selecting) bindOrder() error {
	visible := q.visible()
	for _, o := range q.s.OrderBy {
		e, err := q.outputItem(o.X, "ORDER BY", visible)
		if err != nil {
			return err
		}
		if e == nil {
			if e, err = q.output("ORDER BY").expr(o.X); err != nil {
				return err
			}
		}
		if e, err = q.b.known(e, at(o.X)); err != nil {
			return err
		}
		if err := needOrdering(e.Type(), at(o.X)); err != nil {
			return err
		}
		q.order = append(q.order, newOrderKey(e, o))
	}
	return nil
}

func (q *selecting) visible() int {
	n := len(q.items)
	for n > 0 && q.items[n-1].hidden {
		n--
	}
	return n
}

// outputItem finds the select item that an ORDER BY or DISTINCT ON item means by its number or alias; nil: none.
func (q *selecting) outputItem(x ast.Expr, what string, visible int) (expr.Expr, error) {
	if i, ok, err := ordinal(x, what, visible); err != nil {
		return nil, err
	} else if ok {
		return q.knownItem(i)
	}
	ref, ok := x.(*ast.Ref)
	if !ok || len(ref.Parts) != 1 {
		return nil, nil
	}
	found := -1
	for i := range q.items[:visible] {
		if q.items[i].name != ref.Parts[0] {
			continue
		}
		if found >= 0 && !expr.EqualExpr(q.items[i].x, q.items[found].x) {
			return nil, pgerr.At(at(x), pgerr.AmbiguousColumn, "%s %s is ambiguous", what, quoted(ref.Parts[0]))
		}
		if found < 0 {
			found = i
		}
	}
	if found < 0 {
		return nil, nil
	}
	return q.knownItem(found)
}

// knownItem is select item i; sorting and grouping by an untyped literal makes it text.
func (q *selecting) knownItem(i int) (expr.Expr, error) {
	x, err := q.b.known(q.items[i].x, q.items[i].pos)
	if err != nil {
		return nil, err
	}
	q.items[i].x = x
	return x, nil
}

func (q *selecting) bindHaving() error {
	if q.s.Having == nil {
		return nil
	}
	e, err := q.output("HAVING").expr(q.s.Having)
	if err != nil {
		return err
	}
	q.having, err = q.b.boolean(e, "HAVING", at(q.s.Having))
	return err
}

func (q *selecting) bindDistinctOn() error {
	visible := q.visible()
	for _, x := range q.s.DistinctOn {
		e, err := q.outputItem(x, "DISTINCT ON", visible)
		if err != nil {
			return err
		}
		if e == nil {
			if e, err = q.output("DISTINCT ON").expr(x); err != nil {
				return err
			}
		}
		if e, err = q.b.known(e, at(x)); err != nil {
			return err
		}
		if err := needEquality(e.Type(), at(x)); err != nil {
			return err
		}
		q.on = append(q.on, e)
	}
	for i := range min(len(q.on), len(q.order)) {
		if !containsExpr(q.on, q.order[i].x) {
			return pgerr.At(at(q.s.DistinctOn[i]), pgerr.InvalidColumnReference,
				"SELECT DISTINCT ON expressions must match initial ORDER BY expressions")
		}
	}
	return nil
}

// finish computes the select list and applies DISTINCT, ORDER BY and LIMIT.
func (q *selecting) finish() (Node, error) {
	input := q.node
	node, resolve, err := q.post.attach(input)
	if err != nil {
		return nil, err
	}
	if q.having != nil {
		node = &Filter{Input: node, Pred: resolve(q.having)}
	}
	if node, resolve, err = q.overs(node, resolve); err != nil {
		return nil, err
	}
	node, resolve = q.srf.attach(node, resolve, nil)
	p := &Project{Input: node}
	cols := node.Columns()
	for _, it := range q.items {
		p.add(it.name, resolve(it.x), cols)
	}
	k, err := q.b.cut(q.s.Tail, q.sc)
	if err != nil {
		return nil, err
	}
	for i := range q.order {
		q.order[i].x = resolve(q.order[i].x)
	}
	for i := range q.on {
		q.on[i] = resolve(q.on[i])
	}
	if len(q.on) > 0 || q.s.Distinct {
		p.Exprs, p.Out = p.Exprs[:q.visible()], p.Out[:q.visible()]
	}
	switch {
	case len(q.on) > 0:
		return q.distinctOn(p, k)
	case q.s.Distinct:
		return q.distinct(p, k)
	}
	return q.ordered(p, k)
}

// add appends an output column.
func (p *Project) add(name string, x expr.Expr, input []Column) int {
	p.Exprs = append(p.Exprs, x)
	p.Out = append(p.Out, Column{Name: name, Type: x.Type(), NotNull: notNull(x, input)})
	return len(p.Exprs) - 1
}

// sortKeys turns order expressions into columns of p, appending those that are not output.
func (q *selecting) sortKeys(p *Project, extra bool) ([]SortKey, error) {
	var keys []SortKey
	for _, o := range q.order {
		i := indexExpr(p.Exprs, o.x)
		if i < 0 && !extra {
			return nil, pgerr.At(o.pos, pgerr.InvalidColumnReference, "for SELECT DISTINCT, ORDER BY expressions must appear in select list")
		}
		if i < 0 {
			i = p.add("", o.x, p.Input.Columns())
		}
		keys = append(keys, SortKey{Col: i, Desc: o.desc, NullsFirst: o.nullsFirst})
	}
	return keys, nil
}

func (q *selecting) ordered(p *Project, k cut) (Node, error) {
	n := len(p.Exprs)
	kept := q.b.keepOrder == ast.Query(q.s)
	if q.b.opt.Lifetime != Pull && k.none() && !kept || len(q.order) == 0 && k.none() {
		return p, nil
	}
	keys, err := q.sortKeys(p, true)
	if err != nil {
		return nil, err
	}
	node, err := q.b.resolveUnknown(p)
	if err != nil {
		return nil, err
	}
	if kept && k.none() {
		node = &Sort{Input: node, Order: keys}
	} else if node, err = q.b.sorted(node, keys, k, q.top, q.limitPos()); err != nil {
		return nil, err
	}
	return firstColumns(node, n), nil
}

func (q *selecting) distinct(p *Project, k cut) (Node, error) {
	for i, x := range p.Exprs {
		if err := needEquality(x.Type(), q.items[i].pos); err != nil {
			return nil, err
		}
	}
	keys, err := q.sortKeys(p, false)
	if err != nil {
		return nil, err
	}
	node, err := q.b.resolveUnknown(p)
	if err != nil {
		return nil, err
	}
	return q.b.sorted(&Distinct{Input: node}, keys, k, q.top, q.limitPos())
}

// distinctOn keeps the first row of each group in the given order.
func (q *selecting) distinctOn(p *Project, k cut) (Node, error) {
	n := len(p.Exprs)
	keys, err := q.sortKeys(p, true)
	if err != nil {
		return nil, err
	}
	first := &TopN{Order: keys, Limit: 1}
	for _, x := range q.on {
		i := indexExpr(p.Exprs, x)
		if i < 0 {
			i = p.add("", x, p.Input.Columns())
		}
		first.PartitionBy = append(first.PartitionBy, i)
	}
	if first.Input, err = q.b.resolveUnknown(p); err != nil {
		return nil, err
	}
	node, err := q.b.sorted(first, keys, k, q.top, q.limitPos())
	if err != nil {
		return nil, err
	}
	return firstColumns(node, n), nil
}

func (q *selecting) limitPos() int { return at(sc0(q.s.Tail)) }

// place remembers where an output expression stands, for errors of a later cast (INSERT, UNION).
func (b *binder) place(e expr.Expr, pos int) {
	if b.places == nil {
		b.places = map[expr.Expr]int{}
	}
	b.places[e] = pos
}
