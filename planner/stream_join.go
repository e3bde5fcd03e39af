package planner

import (
	"fmt"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// StreamJoin is a join of the ksql dialect whose output is never taken back: of two streams WITHIN a time, or of a stream
// with a table. The output is left columns then right columns. Times are columns, spans are microseconds.
type StreamJoin struct {
	Left, Right           Node
	LeftKey, RightKey     int
	LeftOuter, RightOuter bool
	Table                 bool // the right side is a table
	LeftTime, RightTime   int
	Before, After, Grace  int64 // Grace -1: none
	Out                   []Column
}

// Inputs implements Node.
func (n *StreamJoin) Inputs() []Node { return []Node{n.Left, n.Right} }

// Columns implements Node.
func (n *StreamJoin) Columns() []Column { return n.Out }

func describeStreamJoin(n *StreamJoin) string {
	s := "StreamJoin"
	if n.Table {
		s = "TableLookup"
	}
	switch {
	case n.LeftOuter && n.RightOuter:
		s += " full"
	case n.LeftOuter:
		s += " left"
	case n.RightOuter:
		s += " right"
	}
	s += fmt.Sprintf(" %s = %s", name(n.Left, n.LeftKey), name(n.Right, n.RightKey))
	if !n.Table {
		s += fmt.Sprintf(" within (%s, %s)", duration(n.Before), duration(n.After))
		if n.Grace >= 0 {
			s += " grace " + duration(n.Grace)
		}
	}
	return s
}

// joinKeyPair is the one equality of a join of the ksql dialect: over the left's columns, and over the right's.
type joinKeyPair struct{ left, right expr.Expr }

// splitKey takes the condition of a join apart. lw is where the right side's columns begin.
func splitKey(on expr.Expr, lw, pos int) (joinKeyPair, error) {
	wrong := pgerr.At(pos, pgerr.InvalidObjectDefinition, "a join of the ksql dialect compares one expression of each side with =")
	if on == nil {
		return joinKeyPair{}, wrong
	}
	call, ok := truth(on).(*expr.Call)
	if !ok || call.Func.Name != "=" || len(call.Args) != 2 {
		return joinKeyPair{}, wrong
	}
	a, b := call.Args[0], call.Args[1]
	if sideOf(a, lw) == 1 {
		a, b = b, a
	}
	if sideOf(a, lw) != 0 || sideOf(b, lw) != 1 {
		return joinKeyPair{}, wrong
	}
	return joinKeyPair{a, b}, nil
}

// truth takes off what makes a comparison never NULL: as a condition it makes no difference.
func truth(on expr.Expr) expr.Expr {
	if is, ok := on.(*expr.Is); ok && is.What == "true" && !is.Not {
		return is.X
	}
	return on
}

// sideOf says which side an expression reads: 0 or 1, or -1 for none or both.
func sideOf(x expr.Expr, lw int) int {
	side := -1
	for i, c := range expr.Columns(x) {
		s := 0
		if c >= lw {
			s = 1
		}
		if i > 0 && s != side {
			return -1
		}
		side = s
	}
	return side
}

// streamJoin binds a join one of whose sides is a stream, in the ksql dialect. l and r are as they are bound, r over its
// own columns; key is over both.
func (b *binder) streamJoin(t *ast.Join, l, r *from, key joinKeyPair) (Node, error) {
	lw := len(l.node.Columns())
	n := &StreamJoin{Table: r.origin.table, LeftOuter: t.Kind == "left" || t.Kind == "full", RightOuter: t.Kind == "right" || t.Kind == "full", Grace: -1}
	switch {
	case l.origin.table:
		return nil, pgerr.At(at(t), pgerr.InvalidObjectDefinition, "a table cannot be joined with a stream").WithHint("Write the stream first.")
	case n.Table && n.RightOuter:
		return nil, pgerr.At(at(t), pgerr.InvalidObjectDefinition, "a stream joins a table INNER or LEFT, not %s", t.Kind)
	case n.Table && t.Within != nil:
		return nil, pgerr.At(at(t), pgerr.InvalidObjectDefinition, "WITHIN is for joins of two streams")
	case !n.Table && t.Within == nil:
		return nil, pgerr.At(at(t), pgerr.InvalidObjectDefinition, "a join of two streams needs WITHIN").
			WithHint("JOIN s WITHIN 10 MINUTES ON … matches rows that are no further apart.")
	}
	var err error
	if !n.Table {
		if err = n.setWithin(t.Within, at(t)); err != nil {
			return nil, err
		}
	}
	left, right := l.node, r.node
	if left, err = valuesOnly(left, l.origin.tombstone); err != nil {
		return nil, err
	}
	if right, err = valuesOnly(right, r.origin.tombstone); err != nil {
		return nil, err
	}
	lt, rt := l.origin.time, r.origin.time
	if !n.Table && (lt == nil || rt == nil) {
		return nil, pgerr.Unsupported(at(t), "a join WITHIN a time of what has no ROWTIME")
	}
	left, n.LeftKey, n.LeftTime = withKeyAndTime(left, key.left, lt)
	right, n.RightKey, n.RightTime = withKeyAndTime(right, expr.Shift(key.right, -lw), rt)
	n.Left, n.Right = left, right
	kind := Inner
	switch {
	case n.LeftOuter && n.RightOuter, n.RightOuter:
		kind = Full
	case n.LeftOuter:
		kind = Left
	}
	n.Out = joinOut(kind, left, right)
	p := &Project{Input: n}
	for i := range n.Out {
		if i < lw || i >= len(left.Columns()) && i < len(left.Columns())+len(r.node.Columns()) {
			p.add(n.Out[i].Name, column(n.Out, i), n.Out)
		}
	}
	return p, nil
}

func (n *StreamJoin) setWithin(w *ast.Within, pos int) (err error) {
	if n.Before, err = micros(&w.Before, pos); err != nil {
		return err
	}
	if n.After, err = micros(&w.After, pos); err != nil || w.Grace == nil {
		return err
	}
	n.Grace, err = micros(w.Grace, pos)
	return err
}

// valuesOnly takes away a stream's records without a value.
func valuesOnly(node Node, tombstone expr.Expr) (Node, error) {
	if tombstone == nil {
		return node, nil
	}
	return withoutTombstones(node, tombstone)
}

// withKeyAndTime appends expressions that are no columns yet, and says where they are; time may be nil.
func withKeyAndTime(node Node, key, time expr.Expr) (out Node, keyAt, timeAt int) {
	cols := node.Columns()
	p := &Project{Input: node}
	for i := range cols {
		p.add(cols[i].Name, column(cols, i), cols)
	}
	place := func(x expr.Expr) int {
		if x == nil {
			return -1
		}
		if c, ok := x.(*expr.Column); ok {
			return c.Index
		}
		return p.add("", x, cols)
	}
	keyAt, timeAt = place(key), place(time)
	if len(p.Exprs) == len(cols) {
		return node, keyAt, timeAt
	}
	return p, keyAt, timeAt
}

// setKey says what the key of a join is: what it equates, or what tells its rows apart.
func (o *origin) setKey(kind string, l, r *from, key joinKeyPair) error {
	_, lcol := key.left.(*expr.Column)
	_, rcol := key.right.(*expr.Column)
	if l.origin.table && r.origin.table && !containsExpr(l.origin.keys(), key.left) && containsExpr(r.origin.key, key.right) {
		o.key = l.origin.key // by a foreign key: the rows are the left table's
		return nil
	}
	switch {
	case kind == "full" || !lcol && !rcol:
		both := &expr.Coalesce{Args: []expr.Expr{key.left, key.right}, T: key.left.Type()}
		if !types.Type.Equal(key.left.Type(), key.right.Type()) {
			return pgerr.New(pgerr.DatatypeMismatch, "the sides of the join condition are of types %s and %s", key.left.Type(), key.right.Type())
		}
		o.synthetic = key.left
		if kind == "full" {
			o.synthetic = both
		} else if kind == "right" {
			o.synthetic = key.right
		}
		o.key = []expr.Expr{o.synthetic}
	case kind == "right" || kind == "inner" && !lcol:
		o.key, o.same = []expr.Expr{key.right}, []expr.Expr{key.left}
		if kind == "right" {
			o.same = nil
		}
	default:
		o.key = []expr.Expr{key.left}
		if containsExpr(l.origin.keys(), key.left) {
			o.same = append(o.same, l.origin.keys()...)
		}
		if kind == "inner" {
			o.same = append(o.same, key.right)
		}
	}
	return nil
}

// keys are the expressions that are as good as the key.
func (o *origin) keys() []expr.Expr { return append(append([]expr.Expr(nil), o.key...), o.same...) }
