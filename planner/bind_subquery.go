package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
	"streamsql/sql/format"
)

// subSet collects the subqueries of a clause's expressions. Each is joined to the clause's input (attach); until then
// its columns are placeholders, base and up.
type subSet struct {
	base  int
	list  []*sub
	width int
	// scalars are the scalar subqueries among them.
	scalars []scalarSub
}

// sub is one subquery and how it is joined: a cross join of exactly one row, or a left join of at most one row per
// input row.
type sub struct {
	node Node
	kind JoinKind
	on   expr.Expr // over the input (and placeholders before this one), then the sub's own placeholders; or nil
	// ids are the outer columns that the subquery reads, outer what they are: over the input, like on.
	ids   outerSet
	outer []expr.Expr
	pos   int
	first int  // its first placeholder, from the set's base
	done  bool // it is in the plan, and its placeholders are replaced
}

// exprs are the expressions over the input, to be read or changed.
func (q *sub) exprs() []*expr.Expr {
	var out []*expr.Expr
	for i := range q.outer {
		out = append(out, &q.outer[i])
	}
	if q.on != nil {
		out = append(out, &q.on)
	}
	return out
}

// add takes a subquery in and returns its placeholder columns.
func (s *subSet) add(node Node, kind JoinKind) (*sub, []expr.Expr) {
	q := &sub{node: node, kind: kind, pos: pgerr.NoPos, first: s.width}
	var cols []expr.Expr
	for _, c := range node.Columns() {
		cols = append(cols, &expr.Column{Index: s.base + s.width, Name: c.Name, T: c.Type})
		s.width++
	}
	s.list = append(s.list, q)
	return q, cols
}

// attach joins the subqueries to node and returns the function that turns placeholders into its columns.
func (s *subSet) attach(node Node) (Node, func(expr.Expr) expr.Expr, error) {
	return s.attachSome(node, func(*sub) bool { return true })
}

// attachSome is attach for those that are wanted; they are done then.
func (s *subSet) attachSome(node Node, wanted func(*sub) bool) (Node, func(expr.Expr) expr.Expr, error) {
	base, at := node, map[int]int{} // columns by placeholder
	width := len(node.Columns())
	for _, q := range s.list {
		for i := range q.node.Columns() {
			if !q.done && wanted(q) {
				at[s.base+q.first+i] = width
				width++
			}
		}
	}
	resolve := func(e expr.Expr) expr.Expr { return atPlaces(e, at) }
	for _, q := range s.list {
		if q.done || !wanted(q) {
			continue
		}
		q.done = true
		j := dependentJoin{kind: q.kind, left: node, base: base, ids: q.ids, outer: mapExprs(q.outer, resolve)}
		if q.on != nil {
			j.on = resolve(q.on)
		}
		if len(q.ids) > 0 {
			j.kind = Left
		}
		var err error
		if node, err = j.join(q.node); err != nil {
			return nil, nil, pgerr.WithPos(err, q.pos)
		}
	}
	return node, resolve, nil
}

// atPlaces replaces placeholders by the columns that at has for them.
func atPlaces(e expr.Expr, at map[int]int) expr.Expr {
	if len(at) == 0 {
		return e
	}
	return expr.Rewrite(e, func(x expr.Expr) expr.Expr {
		if c, ok := x.(*expr.Column); ok {
			if i, ok := at[c.Index]; ok {
				return &expr.Column{Index: i, Name: c.Name, T: c.T}
			}
		}
		return x
	})
}

// inner is a bound subquery, and the scope through which it sees the query around it.
type inner struct {
	node Node
	sc   *scope
	pos  int
}

// subquery binds a query inside an expression.
func (c *clause) subquery(q ast.Query) (inner, error) {
	if c.subs == nil {
		return inner{}, pgerr.Unsupported(at(q), "a subquery in %s", c.name)
	}
	around := &scope{clause: c}
	if c.sc != nil {
		around = &scope{parent: c.sc.parent, from: c.sc.from, clause: c}
	}
	sc := &scope{parent: around}
	if c.sc != nil {
		sc.ctes = c.sc.ctes
	}
	node, err := c.b.bindQuery(q, sc, false)
	if err != nil {
		return inner{}, err
	}
	node, err = c.b.resolveUnknown(node)
	return inner{node, around, at(q)}, err
}

// join joins the subquery in, or a node made of it, and returns its placeholder columns.
func (c *clause) join(in inner, node Node, kind JoinKind) []expr.Expr {
	q, cols := c.subs.add(node, kind)
	q.pos = in.pos
	q.ids = c.b.free(node, in.sc)
	q.outer = c.b.expressions(q.ids)
	return cols
}

// scalarSubquery is (SELECT …) as a value: NULL without a row.
func (c *clause) scalarSubquery(x *ast.Subquery) (expr.Expr, error) {
	text := format.Query(x.Query)
	if v := c.subs.scalar(text); v != nil {
		return v, nil
	}
	in, err := c.subquery(x.Query)
	if err != nil {
		return nil, err
	}
	if len(in.node.Columns()) != 1 {
		return nil, pgerr.At(at(x), pgerr.SyntaxError, "subquery must return only one column")
	}
	cols, err := c.single(in)
	if err != nil {
		return nil, err
	}
	c.subs.scalars = append(c.subs.scalars, scalarSub{text, cols[0], c.subs.list[len(c.subs.list)-1]})
	return cols[0], nil
}

// scalarSub is the value of a scalar subquery: one that is written again means the same in the same query.
type scalarSub struct {
	text  string
	value expr.Expr
	sub   *sub
}

// scalar finds the value of a scalar subquery that is bound already; nil: none.
func (s *subSet) scalar(text string) expr.Expr {
	if s == nil {
		return nil
	}
	for _, k := range s.scalars {
		if k.text == text && !k.sub.done {
			return k.value
		}
	}
	return nil
}

// single joins in a subquery that gives one row or none.
func (c *clause) single(in inner) ([]expr.Expr, error) {
	if p := PropsOf(in.node); p.Key != nil && len(p.Key) == 0 {
		kind := Left
		if exactlyOneRow(in.node) {
			kind = Inner
		}
		return c.join(in, in.node, kind), nil
	}
	agg := &Aggregate{Input: in.node, Scalar: true}
	if err := agg.call("count", nil, in.pos); err != nil {
		return nil, err
	}
	cols := in.node.Columns()
	listed := make([]bool, len(cols))
	for i, col := range cols {
		err := agg.call("min", []int{i}, in.pos)
		if err == nil && agg.Out[1+i].Type.Kind == col.Type.Kind {
			continue
		}
		if err == nil {
			agg.Aggs, agg.Out = agg.Aggs[:1+i], agg.Out[:1+i]
		}
		if col.Type.Kind == types.Array {
			return nil, pgerr.Unsupported(in.pos, "a scalar subquery of type %s that may return more than one row", col.Type)
		}
		if err := agg.call("array_agg", []int{i}, in.pos); err != nil {
			return nil, err
		}
		listed[i] = true
	}
	ph := c.join(in, agg, Inner)
	out := make([]expr.Expr, len(cols))
	for i := range cols {
		v := ph[1+i]
		var err error
		if listed[i] {
			if v, err = expr.ResolveFunction([]string{subscriptFunc}, []expr.Expr{v, intConst(1)}, in.pos); err != nil {
				return nil, err
			}
		}
		if out[i], err = expr.ResolveFunction([]string{expr.SingleRow}, []expr.Expr{ph[0], v}, in.pos); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// call appends an aggregate over input columns; without any it is count(*).
func (n *Aggregate) call(name string, args []int, pos int) error {
	xs := mapColumns(n.Input.Columns(), args)
	agg, _, err := expr.ResolveAggregate([]string{name}, xs, len(args) == 0, pos)
	if err != nil {
		return err
	}
	n.Aggs = append(n.Aggs, AggCall{Agg: agg, Args: args, Filter: -1})
	n.Out = append(n.Out, Column{Name: name, Type: agg.Result, NotNull: name == "count"})
	return nil
}

// exactlyOneRow reports nodes that always have one row.
func exactlyOneRow(n Node) bool {
	switch n := n.(type) {
	case *Aggregate:
		return n.Scalar
	case *Project:
		return exactlyOneRow(n.Input)
	case *Values:
		return len(n.Rows) == 1
	}
	return false
}

// exists is [NOT] EXISTS (query): a count of the query's rows, compared with zero.
func (c *clause) exists(x *ast.Exists) (expr.Expr, error) {
	in, err := c.subquery(x.Query)
	if err != nil {
		return nil, err
	}
	agg := &Aggregate{Input: in.node, Scalar: true}
	if err := agg.call("count", nil, at(x)); err != nil {
		return nil, err
	}
	op := ">"
	if x.Not {
		op = "="
	}
	return c.b.dialect().Operator(op, c.join(in, agg, Inner)[0], constInt(0), at(x))
}

// arrayQuery is ARRAY(query): its rows in the query's order.
func (c *clause) arrayQuery(x *ast.ArrayQuery) (expr.Expr, error) {
	before := c.b.keepOrder
	c.b.keepOrder = x.Query
	in, err := c.subquery(x.Query)
	c.b.keepOrder = before
	if err != nil {
		return nil, err
	}
	if len(in.node.Columns()) != 1 {
		return nil, pgerr.At(at(x), pgerr.SyntaxError, "subquery must return only one column")
	}
	node, col, order := ordering(in.node, 0)
	agg := &Aggregate{Input: node, Scalar: true}
	if err := agg.call("array_agg", []int{col}, at(x)); err != nil {
		return nil, err
	}
	agg.Aggs[0].Order = order
	t := agg.Out[0].Type
	empty, err := expr.ResolveCast(constText("{}"), t, types.Explicit, at(x))
	if err != nil {
		return nil, err
	}
	return &expr.Coalesce{Args: []expr.Expr{c.join(in, agg, Inner)[0], empty}, T: t}, nil
}

// ordering finds the order of the rows of n, whose column col is wanted: they are those of node, where it is column at.
func ordering(n Node, col int) (node Node, at int, order []SortKey) {
	switch s := n.(type) {
	case *Sort:
		if s.Limit == nil && s.Offset == nil {
			return s.Input, col, s.Order
		}
		return n, col, s.Order
	case *TopN:
		return n, col, s.Order
	case *Project:
		if c, ok := s.Exprs[col].(*expr.Column); ok {
			if node, at, order = ordering(s.Input, c.Index); order != nil {
				return node, at, order
			}
		}
	}
	return n, col, nil
}
