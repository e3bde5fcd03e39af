package operators_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/operators"
	"streamsql/operators/optest"
	"streamsql/state"
)

func mustBatch(t testing.TB, ts []types.Type, text string) *batch.Batch {
	t.Helper()
	b, err := batch.Parse(ts, text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRetractedBelowZero: a row that was never there is an error that names the operator, but not before the tick's end.
func TestRetractedBelowZero(t *testing.T) {
	for op, name := range map[string]string{
		"aggregate keys=0 count":                  "aggregate",
		"aggregate keys=0 min:1":                  "aggregate",
		"aggregate keys= scalar count:1:distinct": "aggregate",
		"distinct":                  "distinct",
		"materialize":               "materialize",
		"top order=0 limit=1":       "top-n",
		"except":                    "set operation",
		"join inner left=0 right=0": "hash join",
		"join anti left=0 right=0":  "hash join",
	} {
		s := subject(t, op, "int8 int8 | int8 int8", "int8 int8")
		for _, rows := range []string{"-1 1 1\n+1 2 2", "+1 1 1\n-2 1 1"} {
			o, err := s.Build(state.Memory())
			if err != nil {
				t.Fatal(err)
			}
			out := &noisy{}
			if err := o.Push(0, mustBatch(t, s.In[0], rows), out); err != nil {
				t.Errorf("%s: Push: %v", op, err)
			}
			err = o.Flush(operators.Tick{}, out)
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: Flush after a wrong retraction: %v", op, err)
			}
		}
	}
}

// TestValueThatWasNeverThere: a group's last row goes with a value that was never in it.
func TestValueThatWasNeverThere(t *testing.T) {
	for _, op := range []string{"aggregate keys=0 count:1", "aggregate keys=0 min:1", "aggregate keys=0 array_agg:1"} {
		s := subject(t, op, "int8 int8", "int8 int8")
		o, err := s.Build(state.Memory())
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Push(0, mustBatch(t, s.In[0], "+1 1 5\n-1 1 NULL"), quiet{}); err != nil {
			t.Fatal(err)
		}
		if err := o.Flush(operators.Tick{}, quiet{}); err == nil {
			t.Errorf("%s: no error", op)
		}
	}
}

func TestAppendOnlyRefusesRetraction(t *testing.T) {
	s := subject(t, "aggregate keys=0 appendonly max:1", "int8 int8", "int8 int8")
	o, err := s.Build(state.Memory())
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Push(0, mustBatch(t, s.In[0], "+1 1 5\n-1 1 5"), quiet{}); err == nil {
		t.Error("a retraction was taken")
	}
}

func TestUnsupportedAggregates(t *testing.T) {
	count := aggregateOf(t, "count", bigint)
	other := &expr.Agg{Name: "xmlagg", Args: []types.Type{text}, Result: text}
	for _, c := range []operators.AggSpec{
		{Agg: count, Args: []int{0, 1}, Filter: -1},
		{Agg: other, Args: []int{1}, Filter: -1},
	} {
		_, err := operators.NewAggregate(operators.AggregateConfig{In: []types.Type{bigint, text}, Keys: []int{0},
			Aggs: []operators.AggSpec{c}}, state.Memory())
		if pgerr.Code(err) != pgerr.FeatureNotSupported {
			t.Errorf("%s%v: %v", c.Agg.Name, c.Args, err)
		}
	}
}

// TestSumOutOfRange: the error of a result that does not fit comes at the tick's end, with its SQLSTATE.
func TestSumOutOfRange(t *testing.T) {
	s := subject(t, "aggregate keys=0 sum:1", "int8 float8", "int8 float8")
	o, err := s.Build(state.Memory())
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Push(0, mustBatch(t, s.In[0], "+2 1 1e308"), &noisy{}); err != nil {
		t.Fatal(err)
	}
	if err := o.Flush(operators.Tick{}, &noisy{}); pgerr.Code(err) != pgerr.NumericValueOutOfRange {
		t.Errorf("have %v", err)
	}
}

// TestReadersBesideEachOther reads every Readable from several goroutines at once; -race sees shared scratch.
func TestReadersBesideEachOther(t *testing.T) {
	for _, op := range []string{"aggregate keys=0 count:1:distinct min:1 sum:1 string_agg:0,0", "aggregate keys=1 sum:1", "distinct",
		"upsert key=0", "materialize key=0", "top by=0 order=1 limit=2"} {
		s := subject(t, op, "text int8", "text int8")
		o, err := s.Build(state.Memory())
		if err != nil {
			t.Fatal(err)
		}
		var rows strings.Builder
		for i := range 300 {
			fmt.Fprintf(&rows, "+1 k%d %d\n", i%100, i)
		}
		if err := o.Push(0, mustBatch(t, s.In[0], rows.String()), &noisy{}); err != nil {
			t.Fatal(err)
		}
		if err := o.Flush(operators.Tick{}, &noisy{}); err != nil {
			t.Fatal(err)
		}
		r := o.(operators.Readable)
		var wg sync.WaitGroup
		for range 4 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := range 20 {
					n := 0
					count := func(b *batch.Batch) error { n += b.Rows(); return nil }
					if err := r.Rows(count); err != nil || n < 100 {
						t.Errorf("%s: Rows gave %d rows, %v", op, n, err)
					}
					n = 0
					key := []types.Value{types.TextValue(fmt.Sprintf("k%d", i)), types.IntValue(int64(i))}
					if op == "aggregate keys=1 sum:1" {
						key = key[1:]
					}
					if err := r.Lookup(key[:len(r.Key())], count); err != nil || n == 0 {
						t.Errorf("%s: Lookup gave %d rows, %v", op, n, err)
					}
				}
			}()
		}
		wg.Wait()
	}
}

// TestAggregateAllocates checks the promise behind the speed goal: nothing per row.
func TestAggregateAllocates(t *testing.T) {
	for _, op := range []string{"aggregate keys=0,1 appendonly count sum:2 max:2 avg:2", "aggregate keys=0,1 count sum:2 bool_or:3"} {
		c, err := optest.ParseCase("case x\nop " + op + "\nin timestamp int8 int8 bool\nout int8\n")
		if err != nil {
			t.Fatal(err)
		}
		s, err := build(c)
		if err != nil {
			t.Fatal(err)
		}
		o, err := s.Build(state.Memory())
		if err != nil {
			t.Fatal(err)
		}
		in := benchBatches(1000, 1)[0]
		in = &batch.Batch{Cols: append(in.Cols, &batch.Bools{V: make([]bool, in.Rows())}), Weights: in.Weights}
		push := func() {
			if err := o.Push(0, in, quiet{}); err != nil {
				t.Fatal(err)
			}
			if err := o.Flush(operators.Tick{}, quiet{}); err != nil {
				t.Fatal(err)
			}
		}
		push()
		if n := testing.AllocsPerRun(10, push); n > 3 {
			t.Errorf("%s: %v allocations a batch of %d rows", op, n, in.Rows())
		}
	}
}

// TestScalarBeforeInput: a view on an empty stream shows its row at once, and emits it once.
func TestScalarBeforeInput(t *testing.T) {
	s := subject(t, "aggregate keys= scalar count", "int8", "int8")
	o, err := s.Build(state.Memory())
	if err != nil {
		t.Fatal(err)
	}
	rows := &noisy{}
	if err := o.(operators.Readable).Rows(rows.Emit); err != nil || rows.rows != 1 {
		t.Errorf("Rows gave %d rows, %v", rows.rows, err)
	}
	out := &noisy{}
	for range 3 {
		if err := o.Flush(operators.Tick{}, out); err != nil {
			t.Fatal(err)
		}
	}
	if out.rows != 1 {
		t.Errorf("three empty ticks emitted %d rows", out.rows)
	}
}

// TestPlannedNotNull: a NULL where the plan said there is none is an error, never a wrong answer.
func TestPlannedNotNull(t *testing.T) {
	in := []types.Type{bigint, bigint}
	c := operators.AggregateConfig{In: in, Keys: []int{0}, KeyNotNull: []bool{true},
		Aggs: []operators.AggSpec{{Agg: aggregateOf(t, "sum", bigint), Args: []int{1}, Filter: -1, NotNull: true}}}
	for _, rows := range []string{"+1 NULL 1", "+1 1 NULL"} {
		o, err := operators.NewAggregate(c, state.Memory())
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Push(0, mustBatch(t, in, "+1 1 1"), quiet{}); err != nil {
			t.Fatal(err)
		}
		if err := o.Push(0, mustBatch(t, in, rows), quiet{}); err == nil {
			t.Errorf("%s was taken", rows)
		}
	}
}

// TestBatchBound: what operators emit and read keeps to batch.RowsMax, and nothing is lost at the seams.
func TestBatchBound(t *testing.T) {
	const n = 10_000
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = int64(i)
	}
	in := &batch.Batch{Cols: []batch.Vec{&batch.Ints{V: ids}, &batch.Ints{V: make([]int64, n)}}, Weights: batch.Ones(n)}
	for _, c := range []struct {
		op   string
		rows int
	}{
		{"aggregate keys=0 count", n}, {"aggregate keys=0,1", n}, {"distinct", n}, {"upsert key=0", n}, {"except", n}, {"materialize", n},
		{"top order=0 limit=9000", 9000}, {"top by=0 order=0 limit=1", n}, {"sort order=1,0desc limit=9999", 9999},
		{"hop time=0 size=3000 slide=1000", 3 * n}, {"tumble time=0 size=5", n}, {"join full left=1 right=0", 2 * n},
	} {
		s := subject(t, c.op, "timestamp int8 | timestamp int8", "int8")
		o, err := s.Build(state.Memory())
		if err != nil {
			t.Fatal(err)
		}
		out := &bounded{t: t, op: c.op}
		for from := 0; from < n; from += batch.RowsMax {
			if err := o.Push(0, in.Slice(from, min(from+batch.RowsMax, n)), out); err != nil {
				t.Fatal(err)
			}
		}
		if c.op == "join full left=1 right=0" { // one right row meets all left ones
			if err := o.Push(1, mustBatch(t, s.In[1], "+1 '2000-01-01' 0"), out); err != nil {
				t.Fatal(err)
			}
			c.rows = 3 * n // padded, no more padded, joined
		}
		if err := o.Flush(operators.Tick{}, out); err != nil {
			t.Fatal(err)
		}
		if out.rows != c.rows {
			t.Errorf("%s emitted %d rows, want %d", c.op, out.rows, c.rows)
		}
		if r, ok := o.(operators.Readable); ok {
			out.rows = 0
			if err := r.Rows(out.Emit); err != nil || out.rows != c.rows {
				t.Errorf("%s: Rows gave %d rows, %v; want %d", c.op, out.rows, err, c.rows)
			}
		}
	}
}

// bounded counts rows and refuses batches that are too long.
type bounded struct {
	t    *testing.T
	op   string
	rows int
}

func (b *bounded) Wanted() bool { return true }

func (b *bounded) Emit(x *batch.Batch) error {
	if x.Rows() > batch.RowsMax {
		b.t.Errorf("%s: a batch of %d rows", b.op, x.Rows())
	}
	b.rows += x.Rows()
	return nil
}

// TestSilence: changes that do not change the output emit nothing at all, not even a row and its retraction.
func TestSilence(t *testing.T) {
	for _, c := range []struct{ op, before, after string }{
		{"upsert key=0", "+1 1 5", "+1 1 5\n-1 2 NULL"},
		{"aggregate keys=0 appendonly max:1", "+1 1 5", "+1 1 4\n+1 1 NULL"},
		{"aggregate keys=0 max:1", "+1 1 5\n+1 1 4", "-1 1 4\n+2 1 3"},
		{"aggregate keys=0 count:1:distinct", "+1 1 5", "+1 1 5"},
		{"aggregate keys=0 count sum:1", "+1 1 5", "+1 1 6\n-1 1 6"},
		{"distinct", "+1 1 5", "+3 1 5"},
		{"top order=0 limit=1", "+1 1 5", "+1 2 5\n+1 1 5"},
		{"except", "+1 1 5", "+1 1 5"},
		{"intersect all", "+1 1 5", "+1 1 5"},
	} {
		s := subject(t, c.op, "int8 int8 | int8 int8", "int8 int8")
		o, err := s.Build(state.Memory())
		if err != nil {
			t.Fatal(err)
		}
		for i, rows := range []string{c.before, c.after} {
			out := &noisy{}
			if err := o.Push(0, mustBatch(t, s.In[0], rows), out); err != nil {
				t.Fatal(err)
			}
			if err := o.Flush(operators.Tick{}, out); err != nil {
				t.Fatal(err)
			}
			if i == 1 && out.rows != 0 {
				t.Errorf("%s: %q emitted %d rows", c.op, rows, out.rows)
			}
		}
	}
}
