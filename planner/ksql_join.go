package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
)

// streamJoinFrom binds a join of the ksql dialect that has a stream in it.
func (b *binder) streamJoinFrom(t *ast.Join, l, r *from, sc *scope) (*from, error) {
	if t.On == nil || len(t.Using) > 0 || t.Natural {
		return nil, pgerr.At(at(t), pgerr.SyntaxError, "a join of the ksql dialect needs ON")
	}
	lw := len(l.node.Columns())
	moved := r.shift(lw)
	f := &from{rels: append(append([]*rel(nil), l.rels...), moved.rels...)}
	f.out = append(append([]outCol(nil), l.out...), moved.out...)
	c := &clause{b: b, sc: &scope{parent: sc.parent, ctes: sc.ctes, from: f}, name: "JOIN conditions"}
	on, err := c.expr(t.On)
	if err != nil {
		return nil, err
	}
	key, err := splitKey(on, lw, at(t.On))
	if err != nil {
		return nil, err
	}
	if f.node, err = b.streamJoin(t, l, r, key); err != nil {
		return nil, err
	}
	if f.origin, err = joinOrigin(l, moved); err != nil {
		return nil, err
	}
	return f, f.origin.setKey(t, f, l, moved, key)
}

// tableJoinOrigin says what is known of a join of tables in the ksql dialect. on is over both sides, where a right join
// has them the other way round.
func (b *binder) tableJoinOrigin(f *from, t *ast.Join, l, r *from, on expr.Expr) (err error) {
	if f.origin, err = joinOrigin(l, r); err != nil || !b.ksql() || f.origin.object == nil {
		return err
	}
	lw := len(l.node.Columns())
	if t.Kind == "right" {
		lw = len(r.node.Columns())
	}
	key, err := splitKey(on, lw, at(t))
	if err != nil {
		return err
	}
	if t.Kind == "right" {
		key.left, key.right = key.right, key.left
	}
	return f.origin.setKey(t, f, l, r, key)
}
