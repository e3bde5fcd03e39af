package engine

import (
	"streamsql/operators"
	"streamsql/planner"
)

// streamJoin makes the operator of a join of the ksql dialect with a stream.
func (b *builder) streamJoin(n *planner.StreamJoin) (*node, error) {
	c := operators.StreamJoinConfig{Left: typesOf(n.Left.Columns()), Right: typesOf(n.Right.Columns()), LeftKey: n.LeftKey, RightKey: n.RightKey,
		LeftOuter: n.LeftOuter, RightOuter: n.RightOuter, LeftTime: n.LeftTime, RightTime: n.RightTime, Before: n.Before, After: n.After, Grace: n.Grace}
	if n.Table {
		op, err := operators.NewTableLookup(c, b.newSpace())
		return b.made("table lookup", op, true, err)
	}
	op, err := operators.NewStreamJoin(c, b.newSpace())
	return b.made("stream join", op, true, err)
}
