package expr

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// edges are the numbers at which integer loops go wrong.
func edges(r *rand.Rand) []int64 {
	v := []int64{0, 1, -1, 2, -2, 3, 7, 10, 641, 1000, -1000, math.MaxInt32, math.MinInt32, math.MaxInt32 + 1, math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, math.MinInt64 + 1, 1 << 32, -1 << 32}
	for range 40 {
		v = append(v, int64(r.Uint64())>>r.IntN(63))
	}
	return v
}

// TestConstantDivision compares division by multiplication with the processor's.
func TestConstantDivision(t *testing.T) {
	xs := edges(rand.New(rand.NewPCG(5, 6)))
	q, m := make([]int64, len(xs)), make([]int64, len(xs))
	for _, d := range xs {
		if d == 0 || d == -1 {
			continue
		}
		divConst(q, xs, d, false)
		divConst(m, xs, d, true)
		for i, x := range xs {
			if q[i] != x/d || m[i] != x%d {
				t.Errorf("%d by %d: %d rest %d, want %d rest %d", x, d, q[i], m[i], x/d, x%d)
			}
		}
	}
}

// TestOverflow compares + - * in all forms (two vectors, a constant on either side) with arithmetic without bounds.
func TestOverflow(t *testing.T) {
	xs := edges(rand.New(rand.NewPCG(8, 9)))
	for _, op := range []byte("+-*") {
		for _, y := range xs {
			ys := make([]int64, len(xs))
			for i := range ys {
				ys[i] = y
			}
			checkArith(t, op, xs, ys, operand{vec: &batch.Ints{V: xs}}, operand{vec: &batch.Ints{V: ys}})
			checkArith(t, op, xs, ys, operand{vec: &batch.Ints{V: xs}}, operand{c: types.IntValue(y)})
			checkArith(t, op, ys, xs, operand{c: types.IntValue(y)}, operand{vec: &batch.Ints{V: xs}})
		}
	}
}

func checkArith(t *testing.T, op byte, xs, ys []int64, a, b operand) {
	t.Helper()
	k, err := buildIntArith(op)(&Call{T: types.T(types.Int8)})
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	x := &exec{env: &Env{RowError: func(e error) error { failed++; return nil }}, n: len(xs)}
	o, err := run(&frame{}, k, x, nil, []operand{a, b}, true, false, pgerr.NoPos)
	if err != nil {
		t.Fatal(err)
	}
	over := 0
	for i := range xs {
		want, p, q := new(big.Int), big.NewInt(xs[i]), big.NewInt(ys[i])
		switch op {
		case '+':
			want.Add(p, q)
		case '-':
			want.Sub(p, q)
		default:
			want.Mul(p, q)
		}
		got := batch.ValueAt(o.vec, i)
		if got.Null != !want.IsInt64() || !got.Null && got.I != want.Int64() {
			t.Fatalf("%d %c %d = %v, want %s", xs[i], op, ys[i], got, want)
		}
		if got.Null {
			over++
		}
	}
	if failed != over {
		t.Errorf("%d rows reported, %d failed", failed, over)
	}
}

// TestRowErrorStops: an error that RowError gives back ends the evaluation; the Program works on afterwards.
func TestRowErrorStops(t *testing.T) {
	e := must(parseExpr("10 / i", testColumns()))
	p, err := Compile(e)
	if err != nil {
		t.Fatal(err)
	}
	in := randomBatch(rand.New(rand.NewPCG(1, 1)), 100, false)
	calls := 0
	env := &Env{RowError: func(err error) error { calls++; return err }}
	if _, err := p.Eval(env, in, 100); pgerr.Code(err) != pgerr.DivisionByZero || calls != 1 {
		t.Errorf("error %v after %d calls", err, calls)
	}
	env.RowError = func(error) error { return nil }
	if v, err := p.Eval(env, in, 100); err != nil || v.Len() != 100 || !v.NullMap().Any(100) {
		t.Errorf("after an error: %v", err)
	}
	in[3] = nil
	if _, err := p.Eval(env, in, 100); pgerr.Code(err) != pgerr.InternalError {
		t.Errorf("a column that is not there: %v", err)
	}
}
