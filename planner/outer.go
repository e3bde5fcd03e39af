package planner

import (
	"slices"

	"streamsql/internal/expr"
)

// outerRef is what an expr.Outer stands for: an expression of a query around the one that is being bound.
type outerRef struct {
	sc  *scope    // the scope through which the subquery sees it
	x   expr.Expr // over that query's FROM, or one of its placeholders
	pos int       // where it was first referred to
}

// outer is x, an expression of scope sc, as a subquery below sees it.
func (b *binder) outer(sc *scope, x expr.Expr, name string, pos int) *expr.Outer {
	id := slices.IndexFunc(b.outers, func(o outerRef) bool { return o.sc == sc && expr.EqualExpr(o.x, x) })
	if id < 0 {
		id = len(b.outers)
		b.outers = append(b.outers, outerRef{sc, x, pos})
	}
	return &expr.Outer{ID: id, Name: name, T: x.Type()}
}

// free lists the outer columns of scope sc that a plan refers to, by their numbers.
func (b *binder) free(n Node, sc *scope) []int {
	var ids []int
	eachExpr(n, func(e expr.Expr) {
		for _, o := range expr.Outers(e) {
			if b.outers[o.ID].sc == sc && !slices.Contains(ids, o.ID) {
				ids = append(ids, o.ID)
			}
		}
	})
	return ids
}

// expressions are what the outer columns ids are, in the terms of the query that has them.
func (b *binder) expressions(ids []int) []expr.Expr {
	out := make([]expr.Expr, len(ids))
	for i, id := range ids {
		out[i] = b.outers[id].x
	}
	return out
}

// eachExpr calls f for every expression of a plan.
func eachExpr(n Node, f func(expr.Expr)) {
	withExprs(n, func(e expr.Expr) expr.Expr {
		f(e)
		return e
	})
	for _, in := range n.Inputs() {
		eachExpr(in, f)
	}
}

// outerSet are the outer columns that one join of a subquery takes away.
type outerSet []int

// reads reports whether e refers to some of them.
func (s outerSet) reads(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(x expr.Expr) bool {
		o, ok := x.(*expr.Outer)
		found = found || ok && slices.Contains(s, o.ID)
		return !found
	})
	return found
}

// inPlan reports whether a plan refers to some of them.
func (s outerSet) inPlan(n Node) bool {
	found := false
	eachExpr(n, func(e expr.Expr) { found = found || s.reads(e) })
	return found
}

// replace returns e with outer column s[i] replaced by with[i].
func (s outerSet) replace(e expr.Expr, with []expr.Expr) expr.Expr {
	return expr.Rewrite(e, func(x expr.Expr) expr.Expr {
		if o, ok := x.(*expr.Outer); ok {
			if i := slices.Index(s, o.ID); i >= 0 {
				return with[i]
			}
		}
		return x
	})
}
