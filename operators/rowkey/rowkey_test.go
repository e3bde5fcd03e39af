package rowkey

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

var columnTypes = []types.Type{types.T(types.Int8), types.T(types.Text), types.T(types.Numeric), types.T(types.Float8)}

// randomRows returns rows of columnTypes with many ties, NULLs and values that are equal but written differently.
func randomRows(t *testing.T, rng *rand.Rand, n int) *batch.Batch {
	t.Helper()
	words := [][]string{{"1", "-5", "NULL", "300"}, {"a", "ab", "''", "NULL", "b"}, {"1", "1.0", "1.00", "-2.5", "NULL", "NaN"}, {"0", "-0", "1.5", "NaN", "NULL"}}
	var text []byte
	for range n {
		text = append(text, "+1"...)
		for _, w := range words {
			text = append(append(text, ' '), w[rng.IntN(len(w))]...)
		}
		text = append(text, '\n')
	}
	b, err := batch.Parse(columnTypes, string(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestOrderKeys: keys order rows as the sort keys say, then by the other columns; equal keys mean rows that print alike.
func TestOrderKeys(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	b := randomRows(t, rng, 120)
	for _, keys := range [][]SortKey{nil, {{Col: 2}}, {{Col: 1, Desc: true}, {Col: 0}}, {{Col: 3, NullsFirst: true}, {Col: 2, Desc: true, NullsFirst: true}}} {
		o := NewOrder(columnTypes, keys)
		all := append(append([]SortKey{}, keys...), o.rest...)
		if len(all) != len(columnTypes) {
			t.Fatalf("%v: %d columns in the key", keys, len(all))
		}
		for i := range b.Rows() {
			for j := range b.Rows() {
				have := bytes.Compare(o.Append(nil, b.Cols, i), o.Append(nil, b.Cols, j))
				if want := compareRows(b, all, i, j); want != 0 && have != want {
					t.Fatalf("%v: rows\n%sand\n%scompare as %d, want %d", keys, b.Slice(i, i+1).Format(columnTypes), b.Slice(j, j+1).Format(columnTypes), have, want)
				}
				if alike := b.Slice(i, i+1).Format(columnTypes) == b.Slice(j, j+1).Format(columnTypes); (have == 0) != alike {
					t.Fatalf("%v: rows %d and %d compare as %d, print alike: %v", keys, i, j, have, alike)
				}
			}
		}
	}
}

func compareRows(b *batch.Batch, keys []SortKey, i, j int) int {
	for _, k := range keys {
		x, y := batch.ValueAt(b.Cols[k.Col], i), batch.ValueAt(b.Cols[k.Col], j)
		c := 0
		switch {
		case x.Null && y.Null:
		case x.Null:
			c = 1
			if k.NullsFirst {
				c = -1
			}
		case y.Null:
			c = -1
			if k.NullsFirst {
				c = 1
			}
		default:
			if c = types.Compare(columnTypes[k.Col], x, y); k.Desc {
				c = -c
			}
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// TestCanonicalKeys: keys of rows are equal exactly if all their values are, and no prefix key begins another one.
func TestCanonicalKeys(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	b := randomRows(t, rng, 120)
	for _, cols := range [][]int{{0}, {1, 0}, {2}, {3, 1}, nil} {
		c := NewCodec(columnTypes, cols)
		vecs := c.Vecs(b)
		for i := range b.Rows() {
			for j := range b.Rows() {
				equal := true
				for k, v := range vecs {
					equal = equal && batch.EqualAt(&c.Types[k], v, i, v, j)
				}
				if same := string(c.Append(nil, vecs, i)) == string(c.Append(nil, vecs, j)); same != equal {
					t.Fatalf("columns %v, rows %d and %d: keys equal %v, values equal %v", cols, i, j, same, equal)
				}
				if begins := bytes.HasPrefix(c.AppendPrefix(nil, vecs, i), c.AppendPrefix(nil, vecs, j)); begins != equal {
					t.Fatalf("columns %v: the key of row %d begins that of row %d: %v", cols, j, i, begins)
				}
			}
		}
		one := c.VecsOf([]types.Value{batch.ValueAt(vecs[0], 5)})
		if len(vecs) == 1 && string(c.Append(nil, one, 0)) != string(c.Append(nil, vecs, 5)) {
			t.Errorf("columns %v: a boxed key differs", cols)
		}
	}
}
