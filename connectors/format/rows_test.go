package format

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// model is an obvious Rows: every row a list of texts.
type model struct {
	rows [][]string
	cur  []string
}

var allTypes = []types.Type{types.T(types.Bool), types.T(types.Int8), types.T(types.Float8), types.T(types.Numeric), types.T(types.Interval), types.T(types.Text)}

func randomValue(rnd *rand.Rand, t types.Type) types.Value {
	switch n := rnd.Int64N(1000); t.Class() {
	case types.ClassBool:
		return types.BoolValue(n%2 == 0)
	case types.ClassInt:
		return types.IntValue(n)
	case types.ClassFloat:
		return types.FloatValue(float64(n) / 4)
	case types.ClassNumeric:
		return types.DecValue(types.DecFromInt(n))
	case types.ClassInterval:
		return types.SpanValue(types.Span{Days: int32(n)})
	default:
		return types.TextValue(strings.Repeat("x", int(n%7)))
	}
}

// TestRowsModel sets columns at random, several times, takes values and rows back, seals now and then, and compares.
func TestRowsModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	cols := make([]Column, len(allTypes)+1)
	for i, ty := range allTypes {
		cols[i] = Column{Name: ty.String(), Type: ty, Needed: true}
	}
	cols[len(allTypes)] = Column{Name: "unneeded", Type: types.T(types.Int8)}
	r := NewRows(cols)
	var m model
	for range 20_000 {
		if rnd.IntN(50) == 0 {
			r.Hint(rnd.IntN(100))
		}
		m.step(r, rnd)
		if r.Full() || rnd.IntN(300) == 0 {
			m.compare(t, r.Seal())
		}
	}
	m.compare(t, r.Seal())
}

func (m *model) step(r *Rows, rnd *rand.Rand) {
	r.Begin()
	m.cur = make([]string, len(allTypes))
	for range rnd.IntN(10) {
		c := rnd.IntN(len(allTypes))
		if rnd.IntN(5) == 0 {
			r.SetNull(c)
			m.cur[c] = ""
			continue
		}
		v := randomValue(rnd, allTypes[c])
		r.SetValue(c, v)
		m.cur[c] = "=" + string(types.AppendText(nil, allTypes[c], v, nil))
	}
	if rnd.IntN(6) == 0 {
		r.Drop()
		return
	}
	w := int64(1)
	if rnd.IntN(100) == 0 {
		w = -1
	}
	_ = r.End(w, true)
	m.rows = append(m.rows, append(m.cur, fmt.Sprint(w)))
}

func (m *model) compare(t *testing.T, b *batch.Batch) {
	t.Helper()
	if b.Rows() != len(m.rows) {
		t.Fatalf("%d rows, want %d", b.Rows(), len(m.rows))
	}
	if b.Cols[len(allTypes)] != nil {
		t.Fatal("a column nobody needs")
	}
	for i, want := range m.rows {
		for c, ty := range allTypes {
			v, got := batch.ValueAt(b.Cols[c], i), ""
			if !v.Null {
				got = "=" + string(types.AppendText(nil, ty, v, nil))
			}
			if got != want[c] {
				t.Fatalf("row %d, %s: %q, want %q", i, ty, got, want[c])
			}
		}
		if got := fmt.Sprint(b.Weights[i]); got != want[len(allTypes)] {
			t.Fatalf("row %d: weight %s", i, got)
		}
	}
	for c := range allTypes {
		if n := b.Cols[c].Len(); n != b.Rows() {
			t.Fatalf("column %d has %d values for %d rows", c, n, b.Rows())
		}
	}
	m.rows = nil
}

// TestRowsNotNull: a row refused for one column leaves no trace in those before it.
func TestRowsNotNull(t *testing.T) {
	r := NewRows([]Column{{Name: "a", Type: types.T(types.Int8), Needed: true}, {Name: "b", Type: types.T(types.Int8), NotNull: true, Needed: true}})
	r.Begin()
	if err := r.End(1, true); pgerr.Code(err) != pgerr.NotNullViolation || !strings.Contains(err.Error(), `"b"`) {
		t.Fatalf("got %v", err)
	}
	r.Begin()
	r.SetInt(0, 5)
	r.SetInt(1, 6)
	if err := r.End(1, true); err != nil {
		t.Fatal(err)
	}
	r.Begin()
	r.SetInt(0, 7)
	if err := r.End(-1, false); err != nil { // a delete has its key only
		t.Fatal(err)
	}
	b := r.Seal()
	if b.Rows() != 2 || b.Cols[0].NullMap().Has(0) || !b.Cols[1].NullMap().Has(1) || b.Weights[1] != -1 {
		t.Fatalf("%+v", b)
	}
}

// TestRowsFull: one large column makes a batch end early.
func TestRowsFull(t *testing.T) {
	r := NewRows([]Column{{Name: "a", Type: types.T(types.Bytea), Needed: true}})
	mb := make([]byte, 1<<20)
	for i := 0; !r.Full(); i++ {
		if i > BytesMax>>20 {
			t.Fatal("never full")
		}
		r.Begin()
		r.SetBytes(0, mb)
		_ = r.End(1, true)
	}
	if r.Seal(); r.Full() {
		t.Fatal("full after Seal")
	}
}

// TestSealedIsShared: what was sealed is not written to again.
func TestSealedIsShared(t *testing.T) {
	r := NewRows([]Column{{Name: "a", Type: types.T(types.Text), Needed: true}})
	add := func(s string) {
		r.Begin()
		r.SetBytes(0, []byte(s))
		_ = r.End(1, true)
	}
	add("first")
	b := r.Seal()
	add("other")
	if got := string(b.Cols[0].(*batch.Bytes).At(0)); got != "first" {
		t.Fatalf("got %q", got)
	}
}
