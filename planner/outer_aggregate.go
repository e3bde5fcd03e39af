package planner

import (
	"strings"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
)

// exprs lists every expression of the call, to be read or changed.
func (a *aggCall) exprs() []*expr.Expr {
	var out []*expr.Expr
	for i := range a.args {
		out = append(out, &a.args[i])
	}
	for i := range a.order {
		out = append(out, &a.order[i].x)
	}
	if a.filter != nil {
		out = append(out, &a.filter)
	}
	return out
}

// aggregateOwner is the query around sc's that an aggregate belongs to: the innermost whose columns it reads, if it reads
// none of sc's own; else nil.
func (b *binder) aggregateOwner(sc *scope, call *aggCall) *scope {
	read := map[*scope]bool{}
	for _, x := range call.exprs() {
		if len(expr.Columns(*x)) > 0 {
			return nil
		}
		for _, o := range expr.Outers(*x) {
			read[b.outers[o.ID].sc] = true
		}
	}
	for ; len(read) > 0 && sc != nil; sc = sc.parent {
		if read[sc] {
			return sc
		}
	}
	return nil
}

// outerAggregate computes an aggregate in the query that it belongs to; a subquery of that one sees its result.
func (b *binder) outerAggregate(owner *scope, call *aggCall, x *ast.Call) (expr.Expr, error) {
	c := owner.clause
	if c == nil {
		return nil, pgerr.At(at(x), pgerr.GroupingError, "aggregate functions are not allowed in FROM clause of their own query level")
	}
	if err := c.aggAllowed(x); err != nil {
		return nil, err
	}
	for _, e := range call.exprs() {
		*e = expr.Rewrite(*e, func(x expr.Expr) expr.Expr {
			if o, ok := x.(*expr.Outer); ok && b.outers[o.ID].sc == owner {
				return fresh(b.outers[o.ID].x)
			}
			return x
		})
	}
	return b.outer(owner, c.aggs.add(call), strings.Join(x.Name.Parts, "."), at(x)), nil
}
