package optest

import (
	"strings"
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/operators"
	"streamsql/state"
)

// wrong is an operator that is broken in one way.
type wrong struct {
	emit func(in *batch.Batch, out operators.Emitter) error
}

func (w wrong) Push(_ int, in *batch.Batch, out operators.Emitter) error { return w.emit(in, out) }
func (w wrong) Flush(operators.Tick, operators.Emitter) error            { return nil }

// lying is a Readable that emits what it should not.
type lying struct{ operators.Readable }

func (l lying) Push(port int, in *batch.Batch, out operators.Emitter) error {
	if err := l.Readable.Push(port, in, out); err != nil || !out.Wanted() {
		return err
	}
	return out.Emit(in)
}

var ints = []types.Type{types.T(types.Int8)}

// TestPlayNotices: the bench sees operators that are wrong.
func TestPlayNotices(t *testing.T) {
	script := Script{{{0, 1, "1"}, {0, 1, "2"}}, {{0, -1, "1"}}}
	for name, c := range map[string]struct {
		build func(sp *state.Space) (operators.Operator, error)
		want  string // in the error, or else the output must not be right
	}{
		"emits nothing": {func(*state.Space) (operators.Operator, error) {
			return wrong{func(*batch.Batch, operators.Emitter) error { return nil }}, nil
		}, ""},
		"an empty batch": {func(*state.Space) (operators.Operator, error) {
			return wrong{func(in *batch.Batch, out operators.Emitter) error { return out.Emit(in.Select(nil)) }}, nil
		}, "empty batch"},
		"a column too many": {func(*state.Space) (operators.Operator, error) {
			return wrong{func(in *batch.Batch, out operators.Emitter) error { return out.Emit(in.Project([]int{0, 0})) }}, nil
		}, "2 columns"},
		"emits twice": {func(sp *state.Space) (operators.Operator, error) {
			r, err := operators.NewMaterialize(ints, nil, sp)
			return lying{r}, err
		}, "but rows changed by"},
	} {
		s := &Subject{In: [][]types.Type{ints}, Out: ints, Build: c.build}
		out, err := Play(t, s, Mode{}, script, 1, nil)
		switch {
		case c.want == "" && err == nil && out == "+1 2\n":
			t.Errorf("%s: nothing was noticed", name)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: have %v", name, err)
		}
	}
}

// TestModesKeepChanges: a mode arranges changes, and loses none.
func TestModesKeepChanges(t *testing.T) {
	script := Script{{{0, 1, "1"}, {0, 1, "2"}, {1, 1, "3"}}, nil, {{0, -1, "1"}}}
	for _, m := range Modes {
		n := 0
		for _, tick := range m.ticks(script, false, seeded(3)) {
			n += len(tick)
		}
		if n != 4 {
			t.Errorf("%s: %d changes of 4", m.Name, n)
		}
	}
}

func TestFileErrors(t *testing.T) {
	for _, text := range []string{"+1 7", "case a\nwhat 5", "case a\nin nosuchtype", "case a\nfeed x"} {
		if _, err := parseFile(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
