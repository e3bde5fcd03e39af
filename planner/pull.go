package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/types"
)

// pulled is a subquery that is free of some outer columns: what depended on them is pulled up, to be done by a join with
// the rows that have them.
type pulled struct {
	node Node
	// outs are the subquery's columns, and preds the conditions that say which rows of node belong to an outer row; both
	// are over node's columns and may have outer columns.
	outs, preds []expr.Expr
	// empty is not nil for a subquery with exactly one row for each outer row: its columns where no row of node belongs
	// to it. They may have outer columns and read no others.
	empty []expr.Expr
}

// pull frees n of the outer columns s; ok is false where more than conditions depend on them.
func (s outerSet) pull(n Node) (p *pulled, ok bool) {
	if !s.inPlan(n) {
		return &pulled{node: n, outs: columns(n)}, true
	}
	switch n := n.(type) {
	case *Filter:
		return s.pullFilter(n)
	case *Project:
		return s.pullProject(n)
	case *Join:
		return s.pullJoin(n)
	case *Aggregate:
		return s.pullAggregate(n)
	case *Distinct:
		p, ok := s.pull(n.Input)
		if !ok || p.empty != nil {
			return p, ok
		}
		g, ok := s.group(p)
		if ok {
			g.node = &Distinct{Input: g.node}
		}
		return g, ok
	case *Sort:
		return s.pullSort(n)
	case *TopN:
		return s.pullTopN(n)
	}
	return nil, false
}

func (s outerSet) pullFilter(n *Filter) (*pulled, bool) {
	p, ok := s.pull(n.Input)
	if !ok || p.empty != nil {
		return nil, false
	}
	var local []expr.Expr
	for _, c := range expr.Conjuncts(n.Pred) {
		if c = substitute(c, p.outs); s.reads(c) {
			p.preds = append(p.preds, c)
		} else {
			local = append(local, c)
		}
	}
	p.node = filter(p.node, local)
	return p, true
}

func (s outerSet) pullProject(n *Project) (*pulled, bool) {
	p, ok := s.pull(n.Input)
	if !ok {
		return nil, false
	}
	for _, e := range n.Exprs {
		if expr.VolatilityOf(e) == expr.Volatile {
			return nil, false
		}
	}
	out := &pulled{node: p.node, preds: p.preds, outs: mapExprs(n.Exprs, func(e expr.Expr) expr.Expr { return substitute(e, p.outs) })}
	if p.empty != nil {
		out.empty = mapExprs(n.Exprs, func(e expr.Expr) expr.Expr { return substitute(e, p.empty) })
	}
	return out, true
}

// pullJoin pulls out of both sides of an inner join, and out of the left side of the others.
func (s outerSet) pullJoin(n *Join) (*pulled, bool) {
	if n.Kind == Full || len(n.LeftKeys) > 0 || n.Kind != Inner && (s.inPlan(n.Right) || n.Residual != nil && s.reads(n.Residual)) {
		return nil, false
	}
	l, lok := s.pull(n.Left)
	r, rok := s.pull(n.Right)
	if !lok || !rok || l.empty != nil || r.empty != nil {
		return nil, false
	}
	width := len(l.node.Columns())
	shift := func(e expr.Expr) expr.Expr { return expr.Shift(e, width) }
	p := &pulled{outs: append(append([]expr.Expr(nil), l.outs...), mapExprs(r.outs, shift)...)}
	p.preds = append(append(p.preds, l.preds...), mapExprs(r.preds, shift)...)
	var on []expr.Expr
	if n.Residual != nil {
		for _, c := range expr.Conjuncts(n.Residual) {
			if c = substitute(c, p.outs); !s.reads(c) {
				on = append(on, c)
			} else if n.Kind == Inner {
				p.preds = append(p.preds, c)
			} else {
				return nil, false
			}
		}
	}
	p.node = newJoin(n.Kind, l.node, r.node, expr.And(on...))
	p.outs = p.outs[:len(n.Columns())]
	return p, true
}

// group prepares for a node that works on groups of rows: where all conditions are inner expression = outer expression,
// the inner expressions decide which rows are seen together. The result's node has the subquery's columns, then those.
func (s outerSet) group(p *pulled) (*pulled, bool) {
	out := &Project{Input: p.node}
	in := p.node.Columns()
	g := &pulled{}
	for _, e := range p.outs {
		if s.reads(e) {
			return nil, false
		}
		out.add("", e, in)
	}
	for i, e := range p.outs {
		if c, ok := e.(*expr.Column); ok {
			out.Out[i].Name = in[c.Index].Name
		}
	}
	for _, e := range p.preds {
		eq, inner := s.equality(e)
		if eq == nil {
			return nil, false
		}
		c := *eq
		c.Args = append([]expr.Expr(nil), eq.Args...)
		i := out.add("", eq.Args[inner], in)
		c.Args[inner] = column(out.Out, i)
		g.preds = append(g.preds, &c)
	}
	g.node, g.outs = out, mapColumns(out.Out, upTo(len(p.outs)))
	return g, true
}

// equality recognises inner expression = outer expression; inner is the place of the first among the arguments.
func (s outerSet) equality(e expr.Expr) (eq *expr.Call, inner int) {
	eq, ok := e.(*expr.Call)
	if !ok || eq.Func.Name != "=" || len(eq.Args) != 2 || expr.VolatilityOf(eq) == expr.Volatile {
		return nil, 0
	}
	for i, x := range eq.Args {
		if y := eq.Args[1-i]; !s.reads(x) && len(expr.Columns(y)) == 0 && typeHasEquality(x.Type()) {
			return eq, i
		}
	}
	return nil, 0
}

// remap returns the conditions over other columns.
func remap(preds []expr.Expr, m []int) []expr.Expr {
	return mapExprs(preds, func(e expr.Expr) expr.Expr { return expr.Remap(e, m) })
}

// pullAggregate groups also by what the conditions compare with outer columns.
func (s outerSet) pullAggregate(n *Aggregate) (*pulled, bool) {
	p, ok := s.pull(n.Input)
	if !ok || p.empty != nil || len(n.Always) > 0 {
		return nil, false
	}
	g, ok := s.group(p)
	if !ok {
		return nil, false
	}
	more := len(g.preds)
	agg := *n
	agg.Input, agg.Scalar = g.node, false
	keys := g.node.Columns()[len(n.Input.Columns()):]
	agg.Keys, agg.KeyPrefix, agg.Out = nil, 0, nil
	m := make([]int, len(g.node.Columns())) // where the conditions' columns are now
	for i := range keys {
		m[len(n.Input.Columns())+i] = i
		agg.Keys = append(agg.Keys, len(n.Input.Columns())+i)
	}
	agg.Keys = append(agg.Keys, n.Keys...)
	if n.KeyPrefix > 0 {
		agg.KeyPrefix = n.KeyPrefix + more
	}
	agg.Out = append(append(agg.Out, keys...), n.Out...)
	out := &pulled{node: &agg, preds: remap(g.preds, m)}
	for i := range n.Out {
		out.outs = append(out.outs, column(agg.Out, more+i))
	}
	if n.Scalar {
		out.empty, ok = emptyValues(n.Aggs)
	}
	return out, ok
}

// pullSort drops an order that no cut needs; a cut is made for each outer row.
func (s outerSet) pullSort(n *Sort) (*pulled, bool) {
	if n.Limit == nil && n.Offset == nil {
		return s.pull(n.Input)
	}
	t, ok := topNOf(n)
	if !ok {
		return nil, false
	}
	return s.pullTopN(t)
}

// topNOf is a sort with a constant cut as the operator that can make it for each outer row.
func topNOf(n *Sort) (*TopN, bool) {
	t := &TopN{Input: n.Input, Order: n.Order, Limit: -1}
	for _, v := range []struct {
		x  expr.Expr
		to *int64
	}{{n.Limit, &t.Limit}, {n.Offset, &t.Offset}} {
		if v.x == nil {
			continue
		}
		k, ok := v.x.(*expr.Const)
		if !ok {
			return nil, false
		}
		if k.T.Kind != types.Invalid && !k.V.Null {
			*v.to = k.V.I
		}
	}
	return t, true
}

func (s outerSet) pullTopN(n *TopN) (*pulled, bool) {
	p, ok := s.pull(n.Input)
	if !ok {
		return nil, false
	}
	if p.empty != nil {
		return p, n.Offset == 0 && n.Limit != 0
	}
	g, ok := s.group(p)
	if !ok {
		return nil, false
	}
	t := *n
	t.Input = g.node
	t.PartitionBy = append([]int(nil), n.PartitionBy...)
	for i := len(n.Columns()); i < len(g.node.Columns()); i++ {
		t.PartitionBy = append(t.PartitionBy, i)
	}
	g.node = &t
	return g, true
}
