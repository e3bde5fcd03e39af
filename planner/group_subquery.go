package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
)

// readByQuery reports whether x, one of the query's outputs, is what a subquery reads of it.
func (q *selecting) readByQuery(x *expr.Expr) bool {
	for _, s := range q.post.list {
		for i := range s.outer {
			if x == &s.outer[i] {
				return true
			}
		}
	}
	return false
}

// outerPos is where the expression x of a subquery stands.
func (b *binder) outerPos(s *sub, x *expr.Expr) int {
	for i := range s.outer {
		if x == &s.outer[i] {
			return b.outers[s.ids[i]].pos
		}
	}
	return pgerr.NoPos
}

// groupSubqueries joins the subqueries that the query groups by before it groups.
func (q *selecting) groupSubqueries() error {
	wanted := map[*sub]bool{}
	var want func(e expr.Expr) error
	want = func(e expr.Expr) error {
		for _, c := range expr.Columns(e) {
			if c >= aggBase && c < q.post.base {
				return pgerr.At(pgerr.NoPos, pgerr.GroupingError, "aggregate functions are not allowed in GROUP BY")
			}
			for _, s := range q.post.list {
				if i := c - q.post.base - s.first; i < 0 || i >= len(s.node.Columns()) || wanted[s] {
					continue
				}
				wanted[s] = true
				for _, x := range s.exprs() {
					if err := want(*x); err != nil {
						return pgerr.WithPos(err, s.pos)
					}
				}
			}
		}
		return nil
	}
	for _, g := range q.groups {
		if err := want(g); err != nil {
			return err
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	node, resolve, err := q.post.attachSome(q.node, func(s *sub) bool { return wanted[s] })
	if err != nil {
		return err
	}
	q.node = node
	for i := range q.groups {
		q.groups[i] = resolve(q.groups[i])
	}
	for _, o := range q.outputs() {
		*o.x = resolve(*o.x)
	}
	return nil
}
