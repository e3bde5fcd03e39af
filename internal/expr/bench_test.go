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

// boxed is a node of the reference: an expression tree over rows of boxed values, the way not taken. It does what SQL
// asks for and no more: NULLs, overflow and division by zero.
type boxed interface {
	eval(row []any) (any, error)
}

type (
	boxedColumn int
	boxedConst  struct{ v any }
	boxedBinary struct {
		op   string
		l, r boxed
	}
	boxedAnd struct{ l, r boxed }
)

func (c boxedColumn) eval(row []any) (any, error) { return row[c], nil }
func (c boxedConst) eval([]any) (any, error)      { return c.v, nil }

func (b *boxedBinary) eval(row []any) (any, error) {
	l, err := b.l.eval(row)
	if err != nil || l == nil {
		return nil, err
	}
	r, err := b.r.eval(row)
	if err != nil || r == nil {
		return nil, err
	}
	switch x := l.(type) {
	case int64:
		return b.ints(x, r.(int64))
	case float64:
		return x > r.(float64), nil
	}
	return nil, errDivZero
}

func (b *boxedBinary) ints(x, y int64) (any, error) {
	switch b.op {
	case "*":
		v, ok := arithOne('*', x, y)
		if !ok {
			return nil, errDivZero
		}
		return v, nil
	case "/", "%":
		if y == 0 {
			return nil, errDivZero
		}
		if b.op == "/" {
			return x / y, nil
		}
		return x % y, nil
	case ">":
		return x > y, nil
	}
	return x == y, nil
}

func (b *boxedAnd) eval(row []any) (any, error) {
	l, err := b.l.eval(row)
	if err != nil || l == false {
		return l, err
	}
	r, err := b.r.eval(row)
	if err != nil || r == false || l != nil {
		return r, err
	}
	return nil, nil
}

// BenchmarkBoxedTree is the first expression of BenchmarkEval as a tree over rows of boxed values.
func BenchmarkBoxedTree(b *testing.B) {
	const n = 4096
	_, in := benchCols(n)
	table := make([][]any, n)
	for i := range table {
		table[i] = []any{in[0].(*batch.Ints).V[i], in[1].(*batch.Ints).V[i]}
	}
	op := func(op string, l boxed, c int64) boxed { return &boxedBinary{op, l, boxedConst{c}} }
	tree := &boxedAnd{op(">", op("/", op("*", boxedColumn(0), 908), 1000), 100), op("=", op("%", boxedColumn(1), 2), 0)}
	best := time.Hour
	for b.Loop() {
		start := time.Now()
		for _, row := range table {
			if _, err := tree.eval(row); err != nil {
				b.Fatal(err)
			}
		}
		best = min(best, time.Since(start))
	}
	b.ReportMetric(float64(best.Nanoseconds())/n, "best-ns/row")
}
