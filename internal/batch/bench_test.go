package batch

import (
	"fmt"
	"testing"

	"streamsql/internal/invariant"
	"streamsql/internal/types"
)

const benchRows = 4096

// benchBatch has rows of many different values.
func benchBatch(tb testing.TB, ts []types.Type, rows int) *Batch {
	r := random(tb, 7)
	bl := NewBuilder(ts)
	for range rows {
		for c, t := range ts {
			switch t.Class() {
			case types.ClassInt:
				bl.Col(c).AppendInt(int64(r.IntN(100000)))
			case types.ClassBytes:
				bl.Col(c).AppendString(fmt.Sprintf("account-%07d", r.IntN(100000)))
			case types.ClassFloat:
				bl.Col(c).AppendFloat(r.Float64())
			default:
				bl.Col(c).AppendDec(types.DecFromScaled(int64(r.IntN(100000)), 2))
			}
		}
		bl.Weight(1)
	}
	return bl.Seal()
}

var benchTypes = []types.Type{types.T(types.Int8), types.T(types.Text), types.T(types.Float8), types.T(types.Numeric)}

func perRow(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
}

func BenchmarkGather(b *testing.B) {
	in := benchBatch(b, benchTypes, benchRows)
	sel := make([]int32, benchRows)
	for i := range sel {
		sel[i] = int32(i * 7 % benchRows)
	}
	for c, t := range benchTypes {
		b.Run(t.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Gather(in.Cols[c], sel)
			}
			perRow(b)
		})
	}
}

func BenchmarkHashCols(b *testing.B) {
	in := benchBatch(b, benchTypes, benchRows)
	out := make([]uint64, benchRows)
	for _, n := range []int{1, 2} {
		b.Run(fmt.Sprintf("cols=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				HashCols(benchTypes[:n], in.Cols[:n], out)
			}
			perRow(b)
		})
	}
}

func BenchmarkAppendKeys(b *testing.B) {
	in := benchBatch(b, benchTypes[:2], benchRows)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = dst[:0]
		for i := range benchRows {
			dst = AppendKeys(dst, benchTypes[:2], in.Cols, i)
		}
	}
	perRow(b)
}

func BenchmarkAppendRow(b *testing.B) {
	in := benchBatch(b, benchTypes[:2], benchRows)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = dst[:0]
		for i := range benchRows {
			dst = AppendRow(dst, in.Cols, i)
		}
	}
	perRow(b)
}

func BenchmarkDecodeRow(b *testing.B) {
	in := benchBatch(b, benchTypes[:2], benchRows)
	rows := make([][]byte, benchRows)
	for i := range rows {
		rows[i] = AppendRow(nil, in.Cols, i)
	}
	bl := NewBuilder(benchTypes[:2])
	b.ReportAllocs()
	for b.Loop() {
		for _, row := range rows {
			if err := DecodeRow(row, bl, 0); err != nil {
				b.Fatal(err)
			}
			bl.Weight(1)
		}
		bl.Seal()
	}
	perRow(b)
}

func BenchmarkBuilder(b *testing.B) {
	bl := NewBuilder(benchTypes[:2])
	id, name := bl.Col(0), bl.Col(1)
	text := []byte("account-0012345")
	b.ReportAllocs()
	for b.Loop() {
		for i := range benchRows {
			id.AppendInt(int64(i))
			name.AppendBytes(text)
			bl.Weight(1)
		}
		bl.Seal()
	}
	perRow(b)
}

// TestHotPathsDoNotAllocatePerRow bounds the allocations of a whole batch.
func TestHotPathsDoNotAllocatePerRow(t *testing.T) {
	if invariant.Enabled {
		t.Skip("checking invariants allocates")
	}
	in := benchBatch(t, benchTypes, benchRows)
	bl := NewBuilder(benchTypes)
	for i := range in.Weights { // grow the buffers once
		bl.AppendRow(1, in, i)
	}
	bl.Seal()
	out, sel := make([]uint64, benchRows), make([]int32, benchRows)
	key := make([]byte, 0, 1<<20)
	for name, f := range map[string]func(){
		"Builder.AppendRow": func() {
			for i := range in.Weights {
				bl.AppendRow(1, in, i)
			}
			bl.Seal()
		},
		"Select":   func() { in.Select(sel) },
		"HashCols": func() { HashCols(benchTypes, in.Cols, out) },
		"AppendKey": func() {
			key = key[:0]
			for i := range in.Weights {
				key = AppendKeys(key, benchTypes, in.Cols, i)
			}
		},
		"AppendRow": func() {
			key = key[:0]
			for i := range in.Weights {
				key = AppendRow(key, in.Cols, i)
			}
		},
		"Consolidate": func() { Consolidate(benchTypes, in) },
	} {
		if n := testing.AllocsPerRun(3, f); n > 30 {
			t.Errorf("%s: %v allocations for %d rows", name, n, benchRows)
		}
	}
}
