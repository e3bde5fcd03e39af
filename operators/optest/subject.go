package optest

import (
	"fmt"
	"strings"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/operators"
	"streamsql/state"
)

// Subject is an operator under test.
type Subject struct {
	In    [][]types.Type // per port
	Out   []types.Type
	Build func(sp *state.Space) (operators.Operator, error)
	// Ordered: the order of arrival counts (upsert), so changes of one tick are never shuffled.
	Ordered bool
	// Sorted: the output has an order and comes in one tick (sort): emissions are compared as they come.
	Sorted bool
}

// Change is one row of input: port, weight and values in text form (a batch literal without its weight).
type Change struct {
	Port   int
	Weight int64
	Row    string
}

func (c Change) String() string { return fmt.Sprintf("port %d: %+d %s", c.Port, c.Weight, c.Row) }

// Script is the input of a run: ticks of changes.
type Script [][]Change

// Literal is the batch literal of changes of one port.
func literal(cs []Change) string {
	var sb strings.Builder
	for _, c := range cs {
		fmt.Fprintf(&sb, "%+d %s\n", c.Weight, c.Row)
	}
	return sb.String()
}

// collector is the Emitter of a run.
type collector struct {
	ts     []types.Type
	wanted bool
	got    []*batch.Batch
}

func (c *collector) Emit(b *batch.Batch) error {
	if b.Rows() == 0 {
		return fmt.Errorf("an empty batch was emitted")
	}
	if len(b.Cols) != len(c.ts) {
		return fmt.Errorf("a batch of %d columns was emitted, want %d", len(b.Cols), len(c.ts))
	}
	if b.Rows() > batch.RowsMax {
		return fmt.Errorf("a batch of %d rows was emitted", b.Rows())
	}
	for i, v := range b.Cols {
		if v == nil || v.Len() != b.Rows() || batch.Class(v) != c.ts[i].Class() {
			return fmt.Errorf("column %d of an emitted batch of %d rows does not fit", i, b.Rows())
		}
	}
	c.got = append(c.got, b)
	return nil
}

func (c *collector) Wanted() bool { return c.wanted }

// take returns what was emitted since the last take.
func (c *collector) take() []*batch.Batch {
	out := c.got
	c.got = nil
	return out
}
