package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
)

// beside is what a LATERAL item of FROM sees: the items before it, and what the whole FROM clause sees.
func beside(left *from, around *scope) *scope { return &scope{parent: around, from: left} }

// lateral binds a derived table or function that may refer to the items before it, which lat shows.
func (b *binder) lateral(q ast.Query, sc, lat *scope) (Node, error) {
	node, err := b.bindQuery(q, &scope{parent: lat, ctes: sc.ctes}, false)
	if err != nil {
		return nil, err
	}
	return b.resolveUnknown(node)
}

// joined joins two sides of FROM; right may refer to left, which it sees as lat.
func (b *binder) joined(kind JoinKind, left, right Node, lat *scope, on expr.Expr, pos int) (Node, error) {
	if k, ok := on.(*expr.Const); ok && !k.V.Null && k.V.B {
		on = nil
	}
	j := dependentJoin{kind: kind, left: left, base: left, on: on}
	j.ids = b.free(right, lat)
	j.outer = b.expressions(j.ids)
	n, err := j.join(right)
	return n, pgerr.WithPos(err, pos)
}

// notLateral refuses references from the right side of a right or full join to its left side.
func (b *binder) notLateral(right Node, lat *scope) error {
	ids := b.free(right, lat)
	if len(ids) == 0 {
		return nil
	}
	o, name := b.outers[ids[0]], ""
	for _, r := range lat.from.rels {
		for _, c := range r.cols {
			if expr.EqualExpr(c.x, o.x) {
				name = r.alias
			}
		}
	}
	return pgerr.At(o.pos, pgerr.InvalidColumnReference, "invalid reference to FROM-clause entry for table %s", quoted(name)).
		WithDetail("The combining JOIN type must be INNER or LEFT for a LATERAL reference.")
}

// joinedOn is joined with a condition that may have subqueries.
func (b *binder) joinedOn(kind JoinKind, left, right Node, lat *scope, subs *subSet, on expr.Expr, pos int) (Node, error) {
	switch {
	case len(subs.list) == 0:
		return b.joined(kind, left, right, lat, on, pos)
	case kind != Inner && len(b.free(right, lat)) > 0:
		return nil, pgerr.Unsupported(pos, "a subquery in ON of an outer join with LATERAL")
	case kind != Inner:
		return b.onSubqueries(kind, left, right, subs, on, pos)
	}
	all, err := b.joined(Inner, left, right, lat, nil, pos)
	if err != nil {
		return nil, err
	}
	return filtered(all, subs, on)
}

// onSubqueries joins the subqueries of an outer join's condition to the side that they belong to; the condition's
// placeholders become columns. The join's columns are then cut back to those it has without them.
func (b *binder) onSubqueries(kind JoinKind, left, right Node, subs *subSet, on expr.Expr, pos int) (Node, error) {
	lw, rw := len(left.Columns()), len(right.Columns())
	onRight := true
	for _, q := range subs.list {
		for _, x := range append(append([]expr.Expr{}, q.outer...), notNil(q.on)...) {
			for _, c := range expr.Columns(x) {
				onRight = onRight && (c >= lw || c >= subBase)
			}
		}
	}
	if !onRight || kind != Left {
		return nil, pgerr.Unsupported(pos, "a subquery in ON of an outer join that refers to its left side")
	}
	moved := &subSet{base: subs.base, width: subs.width}
	back := func(e expr.Expr) expr.Expr {
		return expr.Rewrite(e, func(x expr.Expr) expr.Expr {
			if c, ok := x.(*expr.Column); ok && c.Index < subs.base {
				return &expr.Column{Index: c.Index - lw, Name: c.Name, T: c.T}
			}
			return x
		})
	}
	for _, q := range subs.list {
		m := *q
		m.outer = mapExprs(q.outer, back)
		if q.on != nil {
			m.on = back(q.on)
		}
		moved.list = append(moved.list, &m)
	}
	wide, _, err := moved.attach(right)
	if err != nil {
		return nil, err
	}
	on = expr.Rewrite(on, func(x expr.Expr) expr.Expr {
		if c, ok := x.(*expr.Column); ok && c.Index >= subs.base && c.Index < subs.base+subs.width {
			return &expr.Column{Index: lw + rw + c.Index - subs.base, Name: c.Name, T: c.T}
		}
		return x
	})
	return firstColumns(newJoin(kind, left, wide, on), lw+rw), nil
}

func notNil(x expr.Expr) []expr.Expr {
	if x == nil {
		return nil
	}
	return []expr.Expr{x}
}
