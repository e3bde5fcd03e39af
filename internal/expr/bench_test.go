package expr

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// benchCols are the columns of the benchmarks: a bid's price and auction, a text and a double.
func benchCols(n int) (map[string]Column, []batch.Vec) {
	r := rand.New(rand.NewPCG(1, 1))
	price, auction, text, f := make([]types.Value, n), make([]types.Value, n), make([]types.Value, n), make([]types.Value, n)
	for i := range n {
		price[i], auction[i] = types.IntValue(r.Int64N(10000)), types.IntValue(r.Int64N(100000))
		text[i], f[i] = types.TextValue(fmt.Sprintf("https://www.nexmark.com/item/%d", r.IntN(1000))), types.FloatValue(r.Float64())
	}
	cols := map[string]Column{}
	for i, c := range []struct{ name, typ string }{{"price", "int8"}, {"auction", "int8"}, {"url", "text"}, {"f", "float8"}} {
		cols[c.name] = Column{Index: i, Name: c.name, T: sigType(c.typ)}
	}
	return cols, []batch.Vec{batch.NewVec(sigType("int8"), price), batch.NewVec(sigType("int8"), auction),
		batch.NewVec(sigType("text"), text), batch.NewVec(sigType("float8"), f)}
}

// BenchmarkEval reports ns/row for typical expressions over batches of 4096 rows: of the fastest batch, which does not
// depend on what else the machine does.
func BenchmarkEval(b *testing.B) {
	const n = 4096
	cols, in := benchCols(n)
	for _, text := range []string{"price * 908 / 1000 > 100 AND auction % 2 = 0", "price > 100", "price * 908", "price / 1000", "price + auction", "auction % 7",
		"CASE WHEN price > 5000 THEN price ELSE auction END", "f * 2.0::float8 > 1", "price * 0.908", "url = 'x'", "url ~~ '%item/1%'", "url ~~ 'https%'", "length(url)", "upper(url)",
		"split_part(url, '/', 4)", "url || 'x'", "price::text", "price IN (1, 2, 3)"} {
		e, err := Fold(nil, must(parseExpr(text, cols)))
		if err != nil {
			b.Fatal(err)
		}
		p, err := Compile(e)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			best := time.Hour
			for b.Loop() {
				start := time.Now()
				if _, err := p.Eval(nil, in, n); err != nil {
					b.Fatal(err)
				}
				best = min(best, time.Since(start))
			}
			b.ReportMetric(float64(best.Nanoseconds())/n, "best-ns/row")
		})
	}
}

// boxed is a node of the reference: an expression tree over boxed values, the way not taken.
type boxed func(row []any) any

// BenchmarkBoxedTree is the first expression of BenchmarkEval as a tree over rows of boxed values.
func BenchmarkBoxedTree(b *testing.B) {
	const n = 4096
	_, in := benchCols(n)
	table := make([][]any, n)
	for i := range table {
		table[i] = []any{in[0].(*batch.Ints).V[i], in[1].(*batch.Ints).V[i]}
	}
	col := func(k int) boxed { return func(row []any) any { return row[k] } }
	lit := func(v int64) boxed { return func([]any) any { return v } }
	op := func(f func(x, y int64) any, l, r boxed) boxed {
		return func(row []any) any {
			x, y := l(row), r(row)
			if x == nil || y == nil {
				return nil
			}
			return f(x.(int64), y.(int64))
		}
	}
	mul := func(x, y int64) any { return x * y }
	div := func(x, y int64) any { return x / y }
	mod := func(x, y int64) any { return x % y }
	gt := func(x, y int64) any { return x > y }
	eq := func(x, y int64) any { return x == y }
	left := op(gt, op(div, op(mul, col(0), lit(908)), lit(1000)), lit(100))
	right := op(eq, op(mod, col(1), lit(2)), lit(0))
	and := func(row []any) any {
		l, _ := left(row).(bool)
		r, _ := right(row).(bool)
		return l && r
	}
	best := time.Hour
	for b.Loop() {
		start := time.Now()
		for _, row := range table {
			and(row)
		}
		best = min(best, time.Since(start))
	}
	b.ReportMetric(float64(best.Nanoseconds())/n, "best-ns/row")
}
