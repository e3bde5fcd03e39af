package operators_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/operators"
	"streamsql/state"
)

// rowLog notes the rows that come, in order.
type rowLog struct {
	ts   []types.Type
	rows []string
}

func (l *rowLog) Wanted() bool { return true }

func (l *rowLog) Emit(b *batch.Batch) error {
	for i, w := range b.Weights {
		var vals []string
		for c, v := range b.Cols {
			x := batch.ValueAt(v, i)
			if x.Null {
				vals = append(vals, "-")
				continue
			}
			vals = append(vals, string(types.AppendText(nil, l.ts[c], x, types.DefaultFormat)))
		}
		l.rows = append(l.rows, fmt.Sprintf("%+d %s", w, strings.Join(vals, " ")))
	}
	return nil
}

func (l *rowLog) take() []string {
	r := l.rows
	l.rows = nil
	return r
}

// joinRow is a row (key, time, name) that comes to a port in a tick of its own, and what comes out then.
type joinRow struct {
	port int
	row  string
	want []string
}

var joinTypes = []types.Type{types.T(types.Int8), types.T(types.Int8), types.T(types.Text)}

func playJoin(t *testing.T, c operators.StreamJoinConfig, table bool, steps []joinRow) {
	t.Helper()
	c.Left, c.Right, c.LeftTime, c.RightTime = joinTypes, joinTypes, 1, 1
	made := operators.NewStreamJoin
	if table {
		made = operators.NewTableLookup
	}
	op, err := made(c, state.Memory())
	if err != nil {
		t.Fatal(err)
	}
	log := &rowLog{ts: append(slices.Clone(joinTypes), joinTypes...)}
	for i, s := range steps {
		b, err := batch.Parse(joinTypes, s.row)
		if err != nil {
			t.Fatal(err)
		}
		if err := op.Push(s.port, b, log); err != nil {
			t.Fatal(err)
		}
		if err := op.Flush(operators.Tick{Number: uint64(i)}, log); err != nil {
			t.Fatal(err)
		}
		if got := log.take(); !slices.Equal(got, s.want) {
			t.Errorf("step %d, %s at port %d: got %q, want %q", i, s.row, s.port, got, s.want)
		}
	}
}

func TestStreamJoinWithin(t *testing.T) {
	playJoin(t, operators.StreamJoinConfig{Before: 5, After: 10, LeftOuter: true, Grace: -1}, false, []joinRow{
		{0, "+1 1 100 a", []string{"+1 1 100 a - - -"}},
		{1, "+1 1 110 x", []string{"+1 1 100 a 1 110 x"}},
		{1, "+1 1 111 y", nil}, // too late by one
		{1, "+1 2 100 z", nil}, // another key
		{0, "+1 1 115 b", []string{"+1 1 115 b 1 110 x", "+1 1 115 b 1 111 y"}},
		{0, "+1 1 122 c", []string{"+1 1 122 c - - -"}}, // more than 5 before it
		{0, "+1 NULL 100 d", nil},
	})
}

func TestStreamJoinGrace(t *testing.T) {
	playJoin(t, operators.StreamJoinConfig{Before: 10, After: 10, LeftOuter: true, RightOuter: true, Grace: 5}, false, []joinRow{
		{0, "+1 1 100 a", nil}, // waits
		{0, "+1 2 100 b", nil},
		{1, "+1 1 105 x", []string{"+1 1 100 a 1 105 x"}},
		{1, "+1 3 116 y", []string{"+1 2 100 b - - -"}}, // its window and the grace are over
		{0, "+1 9 200 c", []string{"- - - 3 116 y"}},
	}[:4])
}

func TestTableLookup(t *testing.T) {
	playJoin(t, operators.StreamJoinConfig{LeftOuter: true}, true, []joinRow{
		{0, "+1 1 1 a", []string{"+1 1 1 a - - -"}},
		{1, "+1 1 5 old", nil},
		{0, "+1 1 2 b", []string{"+1 1 2 b 1 5 old"}},
		{1, "-1 1 5 old\n+1 1 6 new", nil}, // what has come out stays
		{0, "+2 1 3 c", []string{"+2 1 3 c 1 6 new"}},
		{1, "-1 1 6 new", nil},
		{0, "+1 1 4 d", []string{"+1 1 4 d - - -"}},
	})
}

func TestStreamJoinRefusesRetractions(t *testing.T) {
	for _, made := range []func(operators.StreamJoinConfig, *state.Space) (operators.Operator, error){operators.NewStreamJoin, operators.NewTableLookup} {
		op, err := made(operators.StreamJoinConfig{Left: joinTypes, Right: joinTypes, LeftTime: 1, RightTime: 1}, state.Memory())
		if err != nil {
			t.Fatal(err)
		}
		b, err := batch.Parse(joinTypes, "-1 1 1 a")
		if err != nil {
			t.Fatal(err)
		}
		err = op.Push(0, b, &rowLog{})
		if err == nil {
			err = op.Flush(operators.Tick{}, &rowLog{})
		}
		if err == nil {
			t.Error("a retraction was taken")
		}
	}
}

// TestAggregateKeep: a group without rows stays, with the aggregates of no rows, and comes back as a change.
func TestAggregateKeep(t *testing.T) {
	in := []types.Type{types.T(types.Text)}
	space := state.Memory()
	open := func() operators.Operator {
		op, err := operators.NewAggregate(operators.AggregateConfig{In: in, Keys: []int{0}, Keep: true, Aggs: []operators.AggSpec{{Agg: aggregateOf(t, "count"), Filter: -1}}}, space)
		if err != nil {
			t.Fatal(err)
		}
		return op
	}
	op := open()
	log := &rowLog{ts: []types.Type{in[0], types.T(types.Int8)}}
	for i, s := range []struct {
		row  string
		want []string
	}{
		{"+1 a", []string{"+1 a 1"}},
		{"-1 a", []string{"-1 a 1", "+1 a 0"}},
		{"+1 a", []string{"-1 a 0", "+1 a 1"}},
		{"-1 a", []string{"-1 a 1", "+1 a 0"}},
	} {
		b, err := batch.Parse(in, s.row)
		if err == nil {
			err = op.Push(0, b, log)
		}
		if err == nil {
			err = op.Flush(operators.Tick{Number: uint64(i)}, log)
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := log.take(); !slices.Equal(got, s.want) {
			t.Errorf("step %d: got %q, want %q", i, got, s.want)
		}
	}
}
