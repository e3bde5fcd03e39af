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
	if (l.origin.window == nil) != (r.origin.window == nil) {
		return nil, pgerr.At(at(t), pgerr.InvalidObjectDefinition, "a windowed source joins a windowed one only")
	}
	var err error
	if !n.Table {
		if err = n.setWithin(t.Within, at(t)); err != nil {
			return nil, err
		}
	}
	if l.origin.window != nil && r.origin.window != nil && !n.Table {
		if l.origin.window.kind != r.origin.window.kind && (l.origin.window.kind == "session" || r.origin.window.kind == "session") {
			return nil, pgerr.Unsupported(at(t), "a join of keys with windows of different kinds")
		}
		key = joinKeyPair{windowedKey(key.left, l.origin), windowedKey(key.right, r.origin.shift(lw))}
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

// windowedKey is a key with its window: the start, of a session the end too.
func windowedKey(key expr.Expr, o origin) expr.Expr {
	args := []expr.Expr{key, o.start}
	if o.window.kind == "session" {
		args = append(args, o.end)
	}
	rec := types.T(types.Record)
	for i, a := range args {
		rec.Fields = append(rec.Fields, types.Field{Name: "f" + itoa(i+1), Type: a.Type()})
	}
	return &expr.RecordOf{Args: args, T: rec}
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

// setKey says what the key of a join is: the columns that it equates stand for it, and its value is that of the side
// whose rows all come out. Of tables that are joined by a foreign key it is the left one's.
func (o *origin) setKey(t *ast.Join, f, l, r *from, key joinKeyPair) error {
	foreign := false
	if r.origin.table {
		if !oneKey(&r.origin, key.right) {
			return pgerr.At(at(t), pgerr.InvalidObjectDefinition, "the right side of the join condition is not the primary key of %s", quoted(r.rels[0].alias))
		}
		foreign = l.origin.table && !oneKey(&l.origin, key.left)
	}
	if foreign {
		if t.Kind == "right" || t.Kind == "full" {
			return pgerr.At(at(t), pgerr.InvalidObjectDefinition, "a %s join of tables needs the primary keys of both", t.Kind)
		}
		o.key, o.value = l.origin.key, l.origin.value
		return nil
	}
	var stand []expr.Expr
	if containsExpr(l.origin.keys(), key.left) {
		stand = append(stand, l.origin.keys()...)
	} else if _, ok := key.left.(*expr.Column); ok {
		stand = append(stand, key.left)
	}
	if _, ok := key.right.(*expr.Column); ok {
		stand = append(stand, key.right)
	} else if len(stand) > 0 {
		stand = append(stand, key.right)
	}
	o.value = key.left
	switch t.Kind {
	case "right":
		o.value = key.right
	case "full":
		o.value, stand = &expr.Coalesce{Args: []expr.Expr{key.left, key.right}, T: key.left.Type()}, nil
	}
	if len(stand) > 0 {
		o.key, o.same = stand[:1], stand[1:]
		return nil
	}
	o.key, o.synthetic = []expr.Expr{o.value}, unusedColumn(f, rowkeyName)
	return nil
}

// oneKey reports whether an expression is the whole key of a relation.
func oneKey(o *origin, x expr.Expr) bool { return len(o.key) == 1 && containsExpr(o.keys(), x) }

// unusedColumn is the name, with a number behind it if a column has it.
func unusedColumn(f *from, name string) string {
	for i, n := 0, name; ; {
		if _, found := matchOut(f, n); found == 0 {
			return n
		}
		i++
		n = name + "_" + itoa(i)
	}
}

// keys are the expressions that are as good as the key.
func (o *origin) keys() []expr.Expr { return append(append([]expr.Expr(nil), o.key...), o.same...) }
