package expr

import (
	"math/bits"

	"streamsql/internal/batch"
)

// mask says which rows of a batch an expression is wanted for; nil means all of them. Kernels may compute other rows
// too, but must not report errors there: AND, OR, CASE and COALESCE have decided that those rows do not count.
type mask []uint64

func (m mask) has(i int) bool { return m == nil || m[i>>6]&(1<<(uint(i)&63)) != 0 }

// count returns how many of n rows are wanted.
func (m mask) count(n int) int {
	if m == nil {
		return n
	}
	c := 0
	for _, w := range m {
		c += bits.OnesCount64(w)
	}
	return c
}

func (m mask) empty() bool {
	for _, w := range m {
		if w != 0 {
			return false
		}
	}
	return m != nil
}

// full returns a mask of n rows with all bits of live set, in lent memory that the caller may change.
func (x *exec) full(live mask) mask {
	m := mask(x.getWords(x.n))
	if live != nil {
		copy(m, live)
		return m
	}
	for i := range m {
		m[i] = ^uint64(0)
	}
	if tail := x.n & 63; tail != 0 {
		m[len(m)-1] = 1<<uint(tail) - 1
	}
	return m
}

func b2u(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// pack returns up to 64 booleans as bits, the first lowest.
func pack(v []bool) (w uint64) {
	if len(v) > 64 {
		v = v[:64]
	}
	for i, b := range v {
		w |= b2u(b) << (uint(i) & 63)
	}
	return w
}

// unpack writes w's bits to up to 64 booleans.
func unpack(v []bool, w uint64) {
	if len(v) > 64 {
		v = v[:64]
	}
	for i := range v {
		v[i] = w>>(uint(i)&63)&1 != 0
	}
}

// eachBit calls f for each set bit of w's rows, w being word k of a bitmap.
func eachBit(k int, w uint64, f func(i int)) {
	for w != 0 {
		f(k<<6 + bits.TrailingZeros64(w))
		w &= w - 1
	}
}

func word(n batch.Nulls, k int) uint64 {
	if k < len(n) {
		return n[k]
	}
	return 0
}
