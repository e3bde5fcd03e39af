package operators_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/expr"
	"streamsql/internal/types"
	"streamsql/operators"
	"streamsql/state"
)

// quiet is an Emitter nobody listens to; noisy counts what comes.
type quiet struct{}

func (quiet) Emit(*batch.Batch) error { return nil }
func (quiet) Wanted() bool            { return false }

type noisy struct{ rows int }

func (n *noisy) Emit(b *batch.Batch) error { n.rows += b.Rows(); return nil }
func (n *noisy) Wanted() bool              { return true }

var bigint, text, timestamp = types.T(types.Int8), types.T(types.Text), types.T(types.Timestamp)

func aggregateOf(t testing.TB, name string, args ...types.Type) *expr.Agg {
	t.Helper()
	in := make([]expr.Expr, len(args))
	for i, a := range args {
		in[i] = &expr.Column{Index: i, T: a}
	}
	a, _, err := expr.ResolveAggregate([]string{name}, in, name == "count" && len(args) == 0, 0)
	if err != nil || a == nil {
		t.Fatalf("aggregate %s%v: %v", name, args, err)
	}
	return a
}

// benchBatches returns batches of (window_start, auction, price), all in one window.
func benchBatches(groups int64, batches int) []*batch.Batch {
	rng := rand.New(rand.NewPCG(1, 2))
	out := make([]*batch.Batch, batches)
	for i := range out {
		win, auction, price := make([]int64, batch.RowsMax), make([]int64, batch.RowsMax), make([]int64, batch.RowsMax)
		for r := range win {
			win[r], auction[r], price[r] = 1_000_000, rng.Int64N(groups), rng.Int64N(10_000)
		}
		out[i] = &batch.Batch{Cols: []batch.Vec{&batch.Ints{V: win}, &batch.Ints{V: auction}, &batch.Ints{V: price}}, Weights: batch.Ones(batch.RowsMax)}
	}
	return out
}

// BenchmarkAggregate is count(*), sum(price), max(price) GROUP BY window_start, auction: the query of the speed goal.
func BenchmarkAggregate(b *testing.B) {
	for _, groups := range []int64{10_000, 1_000_000} {
		for _, mode := range []string{"quiet", "wanted", "retracting"} {
			b.Run(fmt.Sprintf("groups=%d/%s", groups, mode), func(b *testing.B) { benchAggregate(b, groups, mode) })
		}
	}
}

func benchAggregate(b *testing.B, groups int64, mode string) {
	o, err := operators.NewAggregate(operators.AggregateConfig{
		In: []types.Type{timestamp, bigint, bigint}, Keys: []int{0, 1}, KeyNotNull: []bool{true, false}, AppendOnly: mode != "retracting",
		Aggs: []operators.AggSpec{
			{Agg: aggregateOf(b, "count"), Filter: -1},
			{Agg: aggregateOf(b, "sum", bigint), Args: []int{2}, Filter: -1},
			{Agg: aggregateOf(b, map[bool]string{true: "avg", false: "max"}[mode == "retracting"], bigint), Args: []int{2}, Filter: -1},
		}}, state.Memory())
	if err != nil {
		b.Fatal(err)
	}
	var out operators.Emitter = quiet{}
	if mode == "wanted" {
		out = &noisy{}
	}
	in := benchBatches(groups, max(64, int(groups*3/batch.RowsMax)))
	for _, x := range in { // all groups exist
		if err := o.Push(0, x, out); err != nil {
			b.Fatal(err)
		}
	}
	if mode == "retracting" {
		var both []*batch.Batch // every batch, then its retraction
		for _, x := range in {
			both = append(both, x, x.Negate())
		}
		in = both
	}
	b.ReportAllocs()
	b.ResetTimer()
	rows := 0
	for i := 0; b.Loop(); i++ {
		x := in[i%len(in)]
		if err := o.Push(0, x, out); err != nil {
			b.Fatal(err)
		}
		rows += x.Rows()
		if i%8 == 7 || mode == "retracting" && i%2 == 1 {
			if err := o.Flush(operators.Tick{Number: uint64(i)}, out); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
}
