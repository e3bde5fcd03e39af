package batch

import (
	"bytes"
	"slices"
	"testing"

	"streamsql/internal/types"
)

func TestBuilderKeepsRows(t *testing.T) {
	r := random(t, 1)
	bl := NewBuilder(allTypes)
	for round, rows := range []int{0, 1, 63, 64, 65, 200, 0, 3, RowsMax + 2, 5} {
		var want [][]types.Value
		for range rows {
			vals := randomRow(r, allTypes)
			want = append(want, vals)
			bl.Append(int64(len(want)), vals)
		}
		b := bl.Seal()
		if b.Rows() != rows || bl.Len() != 0 {
			t.Fatalf("round %d: %d rows, builder left with %d", round, b.Rows(), bl.Len())
		}
		for i, vals := range want {
			if b.Weights[i] != int64(i+1) {
				t.Fatalf("round %d: weight %d of row %d", round, b.Weights[i], i)
			}
			for c, typ := range allTypes {
				checkSame(t, typ, ValueAt(b.Cols[c], i), vals[c])
			}
		}
	}
}

// checkSame compares by text: no form may be lost.
func checkSame(t *testing.T, typ types.Type, have, want types.Value) {
	t.Helper()
	text := func(v types.Value) string {
		if v.Null {
			return "NULL"
		}
		return string(types.AppendText(nil, typ, v, nil))
	}
	if text(have) != text(want) || have.Null != want.Null {
		t.Fatalf("%s: have %s, want %s", typ, text(have), text(want))
	}
}

// TestSealedIsNotTouched goes on with a builder and looks at what it gave before.
func TestSealedIsNotTouched(t *testing.T) {
	ts := []types.Type{types.T(types.Int8), types.T(types.Text)}
	for _, rows := range []int{3, RowsMax + 10} {
		bl := NewBuilder(ts)
		fill := func(x int64, s string) *Batch {
			for i := range rows {
				if i%3 == 0 {
					bl.Col(0).AppendNull()
				} else {
					bl.Col(0).AppendInt(x)
				}
				bl.Col(1).AppendString(s)
				bl.Weight(x)
			}
			return bl.Seal()
		}
		first := fill(1, "one")
		text := first.Format(ts)
		fill(2, "another")
		if first.Format(ts) != text {
			t.Errorf("%d rows: a sealed batch was changed", rows)
		}
	}
}

func TestBuilderColumns(t *testing.T) {
	ts := []types.Type{types.T(types.Int8), types.T(types.Text), types.T(types.Numeric)}
	bl := NewBuilder(ts)
	bl.Reserve(10)
	id, name := bl.Col(0), bl.Col(1)
	id.AppendInt(1)
	name.EndBytes(append(name.Room(), "abc"...))
	bl.Weight(1)
	id.AppendInt(2)
	name.AppendNull()
	bl.DropRow() // the decoder met an error
	id.AppendInt(3)
	name.AppendBytes([]byte("d"))
	bl.Weight(-1)
	b := bl.Seal()
	if b.Cols[2] != nil {
		t.Error("a column without values is not nil")
	}
	if got := b.Format(ts); got != "+1 1 abc NULL\n-1 3 d NULL\n" {
		t.Errorf("have %q", got)
	}
}

func TestTruncateClearsNulls(t *testing.T) {
	bl := NewBuilder([]types.Type{types.T(types.Int8)})
	c := bl.Col(0)
	for range 130 {
		c.AppendNull()
	}
	c.Truncate(65)
	for range 65 {
		c.AppendInt(5)
	}
	v := bl.cols[0].seal(130).(*Ints)
	for i := range 130 {
		if v.N.Has(i) != (i < 65) {
			t.Fatalf("row %d: NULL is %v", i, v.N.Has(i))
		}
	}
}

func TestSelectSliceConcat(t *testing.T) {
	r := random(t, 2)
	b := randomBatch(r, allTypes, 150)
	b.Cols[6] = nil // pruned
	rows := make([]string, b.Rows())
	for i := range rows {
		rows[i] = rowText(allTypes, b, i)
	}
	check := func(what string, got *Batch, want []int) {
		t.Helper()
		if got.Rows() != len(want) {
			t.Fatalf("%s: %d rows, want %d", what, got.Rows(), len(want))
		}
		for i, w := range want {
			if rowText(allTypes, got, i) != rows[w] || got.Weights[i] != b.Weights[w] {
				t.Fatalf("%s: row %d is %s, want %s", what, i, rowText(allTypes, got, i), rows[w])
			}
		}
	}
	sel, want := []int32{}, []int{}
	for range 90 {
		i := r.IntN(b.Rows())
		sel, want = append(sel, int32(i)), append(want, i)
	}
	check("select", b.Select(sel), want)
	check("select nothing", b.Select(nil), nil)
	seq := func(i, j int) (out []int) {
		for ; i < j; i++ {
			out = append(out, i)
		}
		return out
	}
	check("slice", b.Slice(3, 77), seq(3, 77))
	check("slice of slice", b.Slice(3, 77).Slice(10, 70), seq(13, 73))
	check("empty slice", b.Slice(5, 5), nil)
	check("concat", Concat([]*Batch{b.Slice(64, 130), b.Slice(0, 0), b.Slice(1, 3), b.Select(sel)}), slices.Concat(seq(64, 130), seq(1, 3), want))
	neg := b.Negate()
	for i := range neg.Weights {
		if neg.Weights[i] != -b.Weights[i] {
			t.Fatal("negate")
		}
	}
}

// TestConcatNil joins a batch that pruned a column with one that did not.
func TestConcatNil(t *testing.T) {
	ts := []types.Type{types.T(types.Int8), types.T(types.Text)}
	full, err := Parse(ts, "+1 1 a\n+1 2 b")
	if err != nil {
		t.Fatal(err)
	}
	pruned := &Batch{Cols: []Vec{full.Cols[0], nil}, Weights: full.Weights}
	if got := Concat([]*Batch{pruned, full}).Format(ts); got != "+1 1 NULL\n+1 2 NULL\n+1 1 a\n+1 2 b\n" {
		t.Errorf("have %q", got)
	}
}

func TestRowRoundTrip(t *testing.T) {
	r := random(t, 3)
	b := randomBatch(r, allTypes, 300)
	bl := NewBuilder(allTypes)
	for i := range b.Rows() {
		enc := AppendRow(nil, b.Cols, i)
		vals, err := DecodeVals(enc, allTypes)
		if err != nil {
			t.Fatal(err)
		}
		for c, typ := range allTypes {
			checkSame(t, typ, vals[c], ValueAt(b.Cols[c], i))
		}
		// In two pieces, as a join puts a row together.
		left, right := AppendRow(nil, b.Cols[:4], i), AppendRow(nil, b.Cols[4:], i)
		if err := DecodeRow(left, bl, 0); err != nil {
			t.Fatal(err)
		}
		if err := DecodeRow(right, bl, 4); err != nil {
			t.Fatal(err)
		}
		bl.Weight(b.Weights[i])
		if !bytes.Equal(slices.Concat(left, right), enc) {
			t.Fatal("the pieces of a row are not the row")
		}
		for n := range enc { // a damaged row: an error or fewer columns, no panic
			short := NewBuilder(allTypes)
			if err := DecodeRow(enc[:n], short, 0); err == nil && short.Col(len(allTypes)-1).Len() > 0 {
				t.Fatalf("%d bytes of %d made a whole row", n, len(enc))
			}
		}
	}
	if have, want := bl.Seal().Format(allTypes), b.Format(allTypes); have != want {
		t.Error("rows came back changed")
	}
	if err := DecodeRow(AppendRow(nil, b.Cols, 0), NewBuilder(allTypes[:3]), 0); err == nil {
		t.Error("a row with too many columns was taken")
	}
}

func TestKeysAndHashesAgreeWithCompare(t *testing.T) {
	r := random(t, 4)
	b := randomBatch(r, allTypes, 120)
	hashes := make([]uint64, b.Rows())
	for c, typ := range allTypes {
		ts, cols := []types.Type{typ}, []Vec{b.Cols[c]}
		HashCols(ts, cols, hashes)
		for i := range b.Rows() {
			v := ValueAt(b.Cols[c], i)
			if !v.Null && hashes[i] != types.Hash(typ, v) {
				t.Fatalf("%s: HashCols is not types.Hash", typ)
			}
			if key := AppendKey(nil, typ, b.Cols[c], i); !bytes.Equal(key, types.AppendKey(nil, typ, v)) {
				t.Fatalf("%s: AppendKey is not types.AppendKey", typ)
			}
			for j := range b.Rows() {
				cmp := CompareAt(&typ, b.Cols[c], i, b.Cols[c], j)
				keys := bytes.Compare(AppendKey(nil, typ, b.Cols[c], i), AppendKey(nil, typ, b.Cols[c], j))
				if cmp != keys || EqualAt(&typ, b.Cols[c], i, b.Cols[c], j) != (cmp == 0) || cmp == 0 && hashes[i] != hashes[j] {
					t.Fatalf("%s rows %d and %d: compare %d, keys %d", typ, i, j, cmp, keys)
				}
			}
		}
	}
	all, again := make([]uint64, b.Rows()), make([]uint64, b.Rows())
	HashCols(allTypes, b.Cols, all)
	sel := make([]int32, b.Rows())
	for i := range sel {
		sel[i] = int32(len(sel) - 1 - i)
	}
	HashCols(allTypes, b.Select(sel).Cols, again)
	for i := range all {
		if all[i] != again[sel[i]] {
			t.Fatal("the hash of a row depends on where it stands")
		}
	}
	pruned := make([]uint64, b.Rows())
	HashCols(allTypes[:2], []Vec{nil, Const(types.T(types.Text), types.Null, b.Rows())}, pruned)
	if pruned[0] != types.HashCombine(types.HashNull, types.HashNull) {
		t.Error("a nil column does not hash as NULL")
	}
}

func TestNewVecAndConst(t *testing.T) {
	r := random(t, 5)
	for _, typ := range allTypes {
		v := randomValue(r, typ)
		for _, n := range []int{0, 1, 64, 65} {
			vals := make([]types.Value, n)
			for i := range vals {
				vals[i] = v
			}
			a, b := NewVec(typ, vals), Const(typ, v, n)
			if a.Len() != n || b.Len() != n || Class(a) != typ.Class() || Class(b) != typ.Class() || MakeVec(typ.Class(), n).Len() != 0 {
				t.Fatalf("%s: %d rows and %d, want %d", typ, a.Len(), b.Len(), n)
			}
			for i := range n {
				checkSame(t, typ, ValueAt(a, i), v)
				checkSame(t, typ, ValueAt(b, i), v)
			}
		}
	}
}
