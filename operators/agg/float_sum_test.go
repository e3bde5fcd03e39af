package agg

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/state"
)

// TestFloatSumIsExact adds and takes away random floats of all sizes: the sum is always the true one, rounded once, and
// nothing is left at the end.
func TestFloatSumIsExact(t *testing.T) {
	for seed := uint64(1); seed <= 50; seed++ {
		rng := rand.New(rand.NewPCG(seed, 3))
		sp := state.Memory()
		table, err := sp.Table("agg0")
		if err != nil {
			t.Fatal(err)
		}
		c := &floatSum{spill: table}
		w := make([]uint64, floatWords)
		var there []float64
		exact := new(big.Float).SetPrec(4000)
		change := func(x float64, n int64) {
			b := new(big.Float).SetPrec(4000).SetFloat64(x)
			exact.Add(exact, b.Mul(b, new(big.Float).SetInt64(n)))
			if w[2] == spilledFloat || !c.addFast(w, x, n) {
				c.addSlow(7, w, x, n)
			}
			want, _ := exact.Float64()
			if have, err := c.value(w, c.capture(nil, 7)); err != nil || have != want {
				t.Fatalf("seed %d: sum is %v, %v; want %v", seed, have, err, want)
			}
		}
		spread := []int{10, 200, 2000}[seed%3]
		for range 200 {
			if n := len(there); n > 0 && rng.IntN(2) == 0 {
				k := rng.IntN(n)
				change(there[k], -3)
				there = append(there[:k], there[k+1:]...)
				continue
			}
			x := math.Ldexp(rng.Float64()*2-1, rng.IntN(spread)-spread/2)
			there = append(there, x)
			change(x, 3)
		}
		for _, x := range there {
			change(x, -3)
		}
		if w[0]|w[1]|w[2] != 0 || table.Len() != 0 {
			t.Fatalf("seed %d: left behind: %x, %d entries", seed, w, table.Len())
		}
	}
}

func TestRoundPartsHalfToEven(t *testing.T) {
	ulp := math.Ldexp(1, -52)
	for _, c := range []struct {
		parts []float64
		want  float64
	}{
		{nil, 0},
		{[]float64{ulp / 2, 1}, 1},
		{[]float64{ulp / 2, 1 + ulp}, 1 + 2*ulp},
		{[]float64{math.Ldexp(1, -200), ulp / 2, 1}, 1 + ulp},
		{[]float64{-math.Ldexp(1, -200), ulp / 2, 1 + ulp}, 1 + ulp},
	} {
		if have := roundParts(c.parts); have != c.want {
			t.Errorf("roundParts(%v) = %v, want %v", c.parts, have, c.want)
		}
	}
}

// TestFloatImage: images order floats as PostgreSQL does and come back.
func TestFloatImage(t *testing.T) {
	xs := []float64{math.Inf(-1), -math.MaxFloat64, -1, -math.SmallestNonzeroFloat64, 0, math.SmallestNonzeroFloat64, 1, math.MaxFloat64, math.Inf(1), math.NaN()}
	for i, x := range xs {
		u := floatImage(x)
		if y := floatOfImage(u); y != x && !(math.IsNaN(x) && math.IsNaN(y)) {
			t.Errorf("%v comes back as %v", x, y)
		}
		if u == 0 || ^u == 0 {
			t.Errorf("the image of %v is taken", x)
		}
		if i > 0 && u <= floatImage(xs[i-1]) {
			t.Errorf("%v is not above %v", x, xs[i-1])
		}
	}
	if floatImage(math.Copysign(0, -1)) != floatImage(0) {
		t.Error("-0 is not 0")
	}
}

func TestMul128(t *testing.T) {
	edge := []int64{0, 1, -1, 2, -2, 12345, math.MaxInt64, math.MinInt64, math.MaxInt32, -99}
	for _, x := range edge {
		for _, y := range edge {
			hi, lo := mul128(x, y)
			have := types.DecFromInt128(int64(hi), lo).String()
			if want := new(big.Int).Mul(big.NewInt(x), big.NewInt(y)).String(); have != want {
				t.Errorf("%d·%d = %s, want %s", x, y, have, want)
			}
		}
	}
}

func TestWeightsOf(t *testing.T) {
	for _, c := range []struct {
		w    []int64
		ones bool
	}{{batch.Ones(5), true}, {[]int64{1, 1}, true}, {[]int64{1, -1}, false}, {[]int64{0}, false}, {[]int64{3, 1}, false}, {nil, true}} {
		if have := WeightsOf(c.w).Ones; have != c.ones {
			t.Errorf("WeightsOf(%v).Ones = %v", c.w, have)
		}
	}
}
