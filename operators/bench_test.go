package operators_test

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

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

// cpuTime is what the process has used so far. On a busy machine it says more than the clock.
func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// report reports time and CPU time a row.
func report(b *testing.B, from time.Duration, rows int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
	b.ReportMetric(float64((cpuTime()-from).Nanoseconds())/float64(rows), "cpu-ns/row")
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
	rows, cpu := 0, cpuTime()
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
	report(b, cpu, rows)
}

// benchPush measures Push of batches in turn, with a Flush after each.
func benchPush(b *testing.B, o operators.Operator, ports []int, in []*batch.Batch) {
	b.ReportAllocs()
	b.ResetTimer()
	out := &noisy{}
	rows, cpu := 0, cpuTime()
	for i := 0; b.Loop(); i++ {
		x := in[i%len(in)]
		if err := o.Push(ports[i%len(ports)], x, out); err != nil {
			b.Fatal(err)
		}
		if err := o.Flush(operators.Tick{Number: uint64(i)}, out); err != nil {
			b.Fatal(err)
		}
		rows += x.Rows()
	}
	report(b, cpu, rows)
}

// BenchmarkAggregateText groups by a text key.
func BenchmarkAggregateText(b *testing.B) {
	in := benchBatches(10_000, 64)
	for i, x := range in {
		bl := batch.NewBuilder([]types.Type{text})
		for _, a := range x.Cols[1].(*batch.Ints).V {
			bl.Col(0).AppendString(fmt.Sprintf("auction-%d", a))
			bl.Weight(1)
		}
		in[i] = &batch.Batch{Cols: []batch.Vec{bl.Seal().Cols[0], x.Cols[2]}, Weights: x.Weights}
	}
	o, err := operators.NewAggregate(operators.AggregateConfig{In: []types.Type{text, bigint}, Keys: []int{0}, AppendOnly: true,
		Aggs: []operators.AggSpec{{Agg: aggregateOf(b, "sum", bigint), Args: []int{1}, Filter: -1}}}, state.Memory())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	rows, cpu := 0, cpuTime()
	for i := 0; b.Loop(); i++ {
		if err := o.Push(0, in[i%len(in)], quiet{}); err != nil {
			b.Fatal(err)
		}
		rows += batch.RowsMax
	}
	report(b, cpu, rows)
}

// BenchmarkHashJoin inserts and retracts batches of bids against 10,000 auctions.
func BenchmarkHashJoin(b *testing.B) {
	for _, kind := range []operators.JoinKind{operators.Inner, operators.Left} {
		b.Run(map[operators.JoinKind]string{operators.Inner: "inner", operators.Left: "left"}[kind]+"/keys=10k", func(b *testing.B) {
			o, err := operators.NewHashJoin(operators.JoinConfig{Kind: kind, Left: []types.Type{timestamp, bigint, bigint},
				Right: []types.Type{bigint, bigint}, LeftKeys: []int{1}, RightKeys: []int{0}}, state.Memory())
			if err != nil {
				b.Fatal(err)
			}
			ids := make([]int64, batch.RowsMax)
			for from := 0; from < 10_000; from += len(ids) {
				for i := range ids {
					ids[i] = int64(from + i)
				}
				v := &batch.Ints{V: append([]int64(nil), ids...)}
				if err := o.Push(1, &batch.Batch{Cols: []batch.Vec{v, v}, Weights: batch.Ones(len(ids))}, &noisy{}); err != nil {
					b.Fatal(err)
				}
			}
			var in []*batch.Batch
			for _, x := range benchBatches(10_000, 16) {
				in = append(in, x, x.Negate())
			}
			benchPush(b, o, []int{0}, in)
		})
	}
}

// BenchmarkUpsert replaces rows of 10,000 and of 1,000,000 keys.
func BenchmarkUpsert(b *testing.B) {
	for _, keys := range []int64{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			o, err := operators.NewUpsert([]types.Type{timestamp, bigint, bigint}, []int{1}, state.Memory())
			if err != nil {
				b.Fatal(err)
			}
			in := benchBatches(keys, int(max(64, keys/batch.RowsMax)))
			for _, x := range in {
				if err := o.Push(0, x, quiet{}); err != nil {
					b.Fatal(err)
				}
			}
			benchPush(b, o, []int{0}, in)
		})
	}
}

// BenchmarkFilter keeps about half of the rows.
func BenchmarkFilter(b *testing.B) {
	e, err := expr.ResolveOperator("<", &expr.Column{Index: 2, T: bigint}, &expr.Const{V: types.IntValue(5000), T: bigint}, -1)
	if err != nil {
		b.Fatal(err)
	}
	o, err := operators.NewFilter(e, &expr.Env{})
	if err != nil {
		b.Fatal(err)
	}
	benchPush(b, o, []int{0}, benchBatches(10_000, 16))
}

func BenchmarkTumble(b *testing.B) {
	benchPush(b, operators.NewTumble(0, 10_000_000, 0), []int{0}, benchBatches(10_000, 16))
}

// BenchmarkTopN keeps the ten best of a stream that comes and goes.
func BenchmarkTopN(b *testing.B) {
	o, err := operators.NewTopN(operators.TopNConfig{In: []types.Type{timestamp, bigint, bigint}, Limit: 10,
		Order: []operators.SortKey{{Col: 2, Desc: true}}}, state.Memory())
	if err != nil {
		b.Fatal(err)
	}
	var in []*batch.Batch
	for _, x := range benchBatches(10_000, 16) {
		in = append(in, x, x.Negate())
	}
	benchPush(b, o, []int{0}, in)
}

// BenchmarkLookup reads one group of an aggregate by its key.
func BenchmarkLookup(b *testing.B) {
	o, err := operators.NewAggregate(operators.AggregateConfig{In: []types.Type{timestamp, bigint, bigint}, Keys: []int{1}, AppendOnly: true,
		Aggs: []operators.AggSpec{{Agg: aggregateOf(b, "count"), Filter: -1}, {Agg: aggregateOf(b, "sum", bigint), Args: []int{2}, Filter: -1}}}, state.Memory())
	if err != nil {
		b.Fatal(err)
	}
	for _, x := range benchBatches(100_000, 100) {
		if err := o.Push(0, x, quiet{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	out := &noisy{}
	for i := int64(0); b.Loop(); i++ {
		if err := o.Lookup([]types.Value{types.IntValue(i * 7919 % 100_000)}, out.Emit); err != nil {
			b.Fatal(err)
		}
	}
}
