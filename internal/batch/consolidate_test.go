package batch

import (
	"fmt"
	"testing"

	"streamsql/internal/types"
)

// TestConsolidateLaw compares with sums by text, and looks at the order.
func TestConsolidateLaw(t *testing.T) {
	r := random(t, 6)
	shapes := [][]types.Type{
		{types.T(types.Int8)}, {types.T(types.Text)}, {types.T(types.Numeric)}, {types.T(types.Int8), types.T(types.Text)},
		{types.T(types.Text), types.T(types.Float8), types.T(types.Interval)}, allTypes, {},
	}
	for _, ts := range shapes {
		for _, rows := range []int{0, 1, 2, 10, 400} {
			bs := []*Batch{nil, randomBatch(r, ts, rows), randomBatch(r, ts, 0), randomBatch(r, ts, rows/2)}
			want := map[string]int64{}
			for _, b := range bs[1:] {
				for i, w := range b.Weights {
					want[rowText0(ts, b, i)] += w
				}
			}
			got := Consolidate(ts, bs...)
			for i, w := range got.Weights {
				row := rowText0(ts, got, i)
				if w == 0 || want[row] != w {
					t.Fatalf("%v, %d rows: %q has weight %d, want %d", ts, rows, row, w, want[row])
				}
				delete(want, row)
				if i > 0 && compareRows(ts, got, i-1, i) > 0 {
					t.Fatalf("%v: %q comes before %q", ts, rowText0(ts, got, i-1), row)
				}
			}
			for row, w := range want {
				if w != 0 {
					t.Fatalf("%v, %d rows: %q with weight %d is missing", ts, rows, row, w)
				}
			}
			if len(got.Cols) != len(ts) {
				t.Fatalf("%d columns, want %d", len(got.Cols), len(ts))
			}
		}
	}
}

// rowText0 is rowText that also takes rows without columns.
func rowText0(ts []types.Type, b *Batch, i int) string {
	if len(ts) == 0 {
		return ""
	}
	return rowText(ts, b, i)
}

func compareRows(ts []types.Type, b *Batch, i, j int) int {
	for c := range ts {
		if r := CompareAt(&ts[c], b.Cols[c], i, b.Cols[c], j); r != 0 {
			return r
		}
	}
	return 0
}

// TestConsolidateKeepsForms: an update from 1.0 to 1.00 can be seen.
func TestConsolidateKeepsForms(t *testing.T) {
	ts := []types.Type{types.T(types.Numeric), types.T(types.Text)}
	b, err := Parse(ts, "-1 1.0 a\n+1 1.00 a\n+1 2 b\n+1 1.0 b\n+1 2 b\n-1 7 x\n+1 7 x\n+1 NULL a\n+1 2 NULL")
	if err != nil {
		t.Fatal(err)
	}
	want := "-1 1.0 a\n+1 1.00 a\n+1 1.0 b\n+2 2 b\n+1 2 NULL\n+1 NULL a\n"
	if got := Consolidate(ts, b).Format(ts); got != want {
		t.Errorf("have\n%swant\n%s", got, want)
	}
}

func TestLiteral(t *testing.T) {
	ts := []types.Type{types.T(types.Int4), types.T(types.Text)}
	b, err := Parse(ts, "\n# a comment\n+1 7 a\n  -1 NULL 'b c'\n+3 -4 ''\n+1 1 'it''s'\n+1 2 'NULL'\n+1 3 'a\\nb\\\\n'\n+1 4 a\\nb")
	if err != nil {
		t.Fatal(err)
	}
	want := "+1 7 a\n-1 NULL 'b c'\n+3 -4 ''\n+1 1 'it''s'\n+1 2 'NULL'\n+1 3 'a\\nb\\\\n'\n+1 4 a\\nb\n"
	if got := b.Format(ts); got != want {
		t.Errorf("have\n%swant\n%s", got, want)
	}
	if got := string(b.Cols[1].(*Bytes).At(5)); got != "a\nb\\n" {
		t.Errorf("escapes read as %q", got)
	}
	for _, bad := range []string{"1 7 a", "+x 7 a", "+1 7", "+1 7 a b", "+1 x a", "+1 7 'a", "+", "+1"} {
		if _, err := Parse(ts, bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func FuzzLiteral(f *testing.F) {
	f.Add("+1 7 a\n-1 NULL 'b c'")
	f.Add("+3 -4 'it''s \\n'")
	ts := []types.Type{types.T(types.Int4), types.T(types.Text)}
	f.Fuzz(func(t *testing.T, s string) {
		b, err := Parse(ts, s)
		if err != nil {
			return
		}
		text := b.Format(ts)
		back, err := Parse(ts, text)
		if err != nil || back.Format(ts) != text {
			t.Errorf("%q prints %q, which reads as %v", s, text, err)
		}
	})
}

func FuzzDecodeRow(f *testing.F) {
	f.Add([]byte{9, 10, 'a', 1})
	f.Fuzz(func(t *testing.T, row []byte) {
		bl := NewBuilder(allTypes)
		if err := DecodeRow(row, bl, 0); err != nil {
			bl.DropRow()
			if bl.Col(0).Len() != 0 {
				t.Error("DropRow left values behind")
			}
		}
	})
}

func BenchmarkConsolidate(b *testing.B) {
	for _, shape := range []string{"int", "text", "int+text"} {
		b.Run(fmt.Sprintf("rows=4k/%s", shape), func(b *testing.B) {
			ts := map[string][]types.Type{"int": {types.T(types.Int8)}, "text": {types.T(types.Text)},
				"int+text": {types.T(types.Int8), types.T(types.Text)}}[shape]
			in := benchBatch(b, ts, 4096)
			b.ReportAllocs()
			for b.Loop() {
				Consolidate(ts, in)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4096, "ns/row")
		})
	}
}
