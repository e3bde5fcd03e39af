package operators_test

import (
	"math/rand/v2"
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/operators"
	"streamsql/state"
)

// BenchmarkOver fills a window operator with rows over some partitions and reads its output once.
func BenchmarkOver(b *testing.B) {
	for _, c := range []struct {
		name  string
		parts int64
		mode  string
	}{{"running-sum/parts=1", 1, "range"}, {"running-sum/parts=10k", 10_000, "range"}, {"rows-frame/parts=1", 1, "rows"}} {
		b.Run(c.name, func(b *testing.B) {
			const rows = 100_000
			f := operators.NewFrame(c.mode, "")
			f.Start.Kind, f.End.Kind = operators.BoundUnboundedPreceding, operators.BoundCurrent
			if c.mode == "rows" {
				f.Start = operators.FrameBound{Kind: operators.BoundPreceding, Offset: 2}
			}
			cfg := operators.OverConfig{In: []types.Type{bigint, bigint, bigint}, PartitionBy: []int{0}, Order: []operators.SortKey{{Col: 1}},
				Calls: []operators.WindowCall{{Func: "row_number", Result: bigint, Filter: -1}, {Agg: aggregateOf(b, "sum", bigint), Args: []int{1}, Filter: -1,
					Result: types.T(types.Numeric), Frame: f}}}
			for b.Loop() {
				o, err := operators.NewOver(cfg, state.Memory())
				if err != nil {
					b.Fatal(err)
				}
				rng, out := rand.New(rand.NewPCG(1, 2)), &noisy{}
				for range rows / batch.RowsMax {
					p, v := make([]int64, batch.RowsMax), make([]int64, batch.RowsMax)
					for i := range p {
						p[i], v[i] = rng.Int64N(c.parts), rng.Int64N(1_000_000)
					}
					ten := batch.Const(bigint, types.IntValue(10), batch.RowsMax)
					if err := o.Push(0, &batch.Batch{Cols: []batch.Vec{&batch.Ints{V: p}, &batch.Ints{V: v}, ten}, Weights: batch.Ones(batch.RowsMax)}, out); err != nil {
						b.Fatal(err)
					}
				}
				if err := o.Flush(operators.Tick{Number: 1}, out); err != nil {
					b.Fatal(err)
				}
				if out.rows == 0 {
					b.Fatal("no rows")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}
