package agg

import (
	"math/big"
	"math/bits"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/state"
)

// momentWords are Σ x·weight (two words) and Σ x²·weight (three words: 192 bits), both exact for any bigint.
const momentWords = 5

// momentCell keeps the moments of an integer argument, for stddev and variance.
type momentCell struct{ word, col int }

func (c *momentCell) add(r state.Rows, f *feed) {
	v := f.cols[c.col].(*batch.Ints).V
	for i, s := range f.slots {
		n := f.w.W[i]
		if n == 0 {
			continue
		}
		w := slotWords(&r, s, c.word+momentWords)[c.word:]
		addProduct(w[:2], v[i], n)
		addSquare(w[2:5], v[i], n)
	}
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}

// addProduct adds x·n to 128 bits.
func addProduct(w []uint64, x, n int64) {
	hi, lo := bits.Mul64(magnitude(x), magnitude(n))
	var carry uint64
	if (x < 0) != (n < 0) {
		w[0], carry = bits.Sub64(w[0], lo, 0)
		w[1], _ = bits.Sub64(w[1], hi, carry)
		return
	}
	w[0], carry = bits.Add64(w[0], lo, 0)
	w[1], _ = bits.Add64(w[1], hi, carry)
}

// addSquare adds x²·n to 192 bits.
func addSquare(w []uint64, x, n int64) {
	hi, lo := bits.Mul64(magnitude(x), magnitude(x))
	m := magnitude(n)
	c1, p0 := bits.Mul64(lo, m)
	p2, p1 := bits.Mul64(hi, m)
	p1, carry := bits.Add64(p1, c1, 0)
	p2 += carry
	if n < 0 {
		w[0], carry = bits.Sub64(w[0], p0, 0)
		w[1], carry = bits.Sub64(w[1], p1, carry)
		w[2], _ = bits.Sub64(w[2], p2, carry)
		return
	}
	w[0], carry = bits.Add64(w[0], p0, 0)
	w[1], carry = bits.Add64(w[1], p1, carry)
	w[2], _ = bits.Add64(w[2], p2, carry)
}

// bigOf is a two's complement number of words, low first.
func bigOf(w []uint64) *big.Int {
	x := new(big.Int)
	for i := len(w) - 1; i >= 0; i-- {
		x.Or(x.Lsh(x, 64), new(big.Int).SetUint64(w[i]))
	}
	if int64(w[len(w)-1]) < 0 {
		x.Sub(x, new(big.Int).Lsh(big.NewInt(1), uint(64*len(w))))
	}
	return x
}

// spread says which of the four a call is: over a sample or the population, with the root taken or not.
type spread struct{ sample, root bool }

var spreads = map[string]spread{"stddev": {true, true}, "stddev_samp": {true, true}, "stddev_pop": {false, true},
	"variance": {true, false}, "var_samp": {true, false}, "var_pop": {false, false}}

// numeric is the result over numbers whose count, sum and sum of squares are given, rounded as PostgreSQL does; ok is
// false for NULL.
func (s spread) numeric(n int64, sum, squares types.Dec) (d types.Dec, ok bool, err error) {
	if n == 0 || s.sample && n == 1 {
		return d, false, nil
	}
	num := squares.Mul(types.DecFromInt(n)).Sub(sum.Mul(sum))
	if num.IsNaN() || num.IsInf() {
		return types.NaNDec, true, nil
	}
	if num.Sign() <= 0 {
		return types.DecFromInt(0), true, nil
	}
	m := n
	if s.sample {
		m--
	}
	if d, err = num.Div(types.DecFromInt(n).Mul(types.DecFromInt(m))); err != nil || !s.root {
		return d, true, err
	}
	return rootOf(d), true, nil
}

// rootOf is the square root at d's own scale, rounded half up.
func rootOf(d types.Dec) types.Dec {
	// √(c/10^s) at s+1 digits is √(c·10^(s+2)) / 10^(s+1); the digit too many is rounded off.
	x := d.Coef()
	x.Mul(x, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Scale())+2), nil))
	return types.DecFromBig(x.Sqrt(x), d.Scale()+1).Round(d.Scale())
}

// momentReader is stddev and its kin over integers.
type momentReader struct {
	n, word int
	spread
}

func (r momentReader) read(v *View, bl *batch.Builder, col int) error {
	out := bl.Col(col)
	return v.eachGroup(r.n, out, func(_ int, w []uint64) error {
		m := w[r.word:]
		d, ok, err := r.numeric(int64(w[r.n]), types.DecFromBig(bigOf(m[:2]), 0), types.DecFromBig(bigOf(m[2:5]), 0))
		if ok && err == nil {
			out.AppendDec(d)
		} else {
			out.AppendNull()
		}
		return err
	})
}

// bitCell keeps, for each bit of an integer argument, how many of the values have it: so bit_and, bit_or and bit_xor can
// be taken back.
type bitCell struct{ word, col, width int }

func (c *bitCell) add(r state.Rows, f *feed) {
	v := f.cols[c.col].(*batch.Ints).V
	for i, s := range f.slots {
		w := slotWords(&r, s, c.word+c.width)[c.word:]
		n := uint64(f.w.W[i])
		for x := uint64(v[i]) & (1<<c.width - 1); x != 0; x &= x - 1 {
			w[bits.TrailingZeros64(x)] += n
		}
	}
}

// bitReader is bit_and ('&'), bit_or ('|') and bit_xor ('#').
type bitReader struct {
	n, word, width int
	op             byte
}

func (r bitReader) read(v *View, bl *batch.Builder, col int) error {
	out := bl.Col(col)
	return v.eachGroup(r.n, out, func(_ int, w []uint64) error {
		var x uint64
		for b, n := range w[r.word : r.word+r.width] {
			if r.op == '&' && n == w[r.n] || r.op == '|' && n != 0 || r.op == '#' && n&1 == 1 {
				x |= 1 << b
			}
		}
		shift := 64 - r.width
		out.AppendInt(int64(x<<shift) >> shift)
		return nil
	})
}
