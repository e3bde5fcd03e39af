package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// keyWindow is what the windows of a WINDOW clause, or of a windowed key, are; size is in microseconds.
type keyWindow struct {
	kind string
	size int64
}

// windowed puts a WINDOW clause on a FROM clause. In the ksql dialect a join has the later of its sides' times, and no
// window begins before 1970.
func (b *binder) windowed(f *from, w *ast.Window, pos int) (*from, error) {
	time, n := matchOut(f, rowtimeColumn)
	switch {
	case n > 1 && b.ksql() && f.origin.time != nil:
		node, _, at := withKeyAndTime(f.node, column(f.node.Columns(), 0), f.origin.time)
		f.node, time = node, column(node.Columns(), at)
	case len(f.rels) != 1:
		return nil, pgerr.Unsupported(pos, "a WINDOW clause over a join")
	case n != 1:
		time = nil
	}
	f, err := windowClause(f, time, w, pos)
	if err == nil && b.ksql() {
		f.node, err = since1970(f.node)
	}
	return f, err
}

// since1970 drops the windows that begin before 1970, as Kafka Streams does; their start is the last column but one.
func since1970(node Node) (Node, error) {
	cols := node.Columns()
	first, err := expr.ResolveCast(constText("1970-01-01 00:00:00+00"), types.T(types.TimestampTZ), types.Explicit, pgerr.NoPos)
	if err != nil {
		return nil, err
	}
	pred, err := expr.ResolveOperator(">=", column(cols, len(cols)-2), first, pgerr.NoPos)
	return &Filter{Input: node, Pred: pred}, err
}
