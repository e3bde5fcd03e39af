package agg

import (
	"math"
	"math/bits"

	"streamsql/internal/batch"
	"streamsql/state"
)

// A cell changes some words of the slots that a feed's rows belong to. Word numbers count from the slot's first value
// word; a word number of none means that the cell does not keep that part.
type cell interface {
	add(r state.Rows, f *feed)
}

const none = -1

// slotWords returns the n value words of a slot in place.
func slotWords(r *state.Rows, slot int32, n int) []uint64 {
	at := int(slot&state.ChunkMask)*r.Stride + r.Val
	return r.Chunks[slot>>state.ChunkShift][at : at+n : at+n]
}

// countCell keeps Σ weight of the feed's rows.
type countCell struct{ word int }

func (c *countCell) add(r state.Rows, f *feed) {
	if f.w.Ones {
		for _, s := range f.slots {
			slotWords(&r, s, c.word+1)[c.word]++
		}
		return
	}
	for i, s := range f.slots {
		slotWords(&r, s, c.word+1)[c.word] += uint64(f.w.W[i])
	}
}

// trueCell keeps Σ weight of the rows whose boolean is true.
type trueCell struct{ word, col int }

func (c *trueCell) add(r state.Rows, f *feed) {
	v := f.cols[c.col].(*batch.Bools).V
	for i, s := range f.slots {
		if v[i] {
			slotWords(&r, s, c.word+1)[c.word] += uint64(f.w.W[i])
		}
	}
}

// intCell keeps everything that words can hold about one integer-class argument, in one pass over its vector:
//
//	count  Σ weight
//	sum    Σ value·weight as 128 bits, two words, low first (exact for any bigint input; the low word alone is the sum
//	       where the caller knows that 64 bits are enough)
//	max    the largest value, as the order-preserving unsigned image of the value, so that 0 is "nothing yet"
//	min    the smallest one: the complement of its image, so that it is a maximum, too
//
// max and min are only kept over input that is never retracted.
type intCell struct {
	col                  int
	count, sum, max, min int
	words                int // one past the last word it touches
}

// signBit turns an int64 into an unsigned word of the same order.
const signBit = 1 << 63

func (c *intCell) add(r state.Rows, f *feed) {
	v := f.cols[c.col].(*batch.Ints).V
	if f.w.Ones {
		c.addOnes(r, f.slots, v)
		return
	}
	for i, s := range f.slots {
		n := f.w.W[i]
		if n == 0 {
			continue
		}
		w, x := slotWords(&r, s, c.words), v[i]
		if c.count >= 0 {
			w[c.count] += uint64(n)
		}
		if c.sum >= 0 {
			hi, lo := mul128(x, n)
			add128(w[c.sum:c.sum+2], hi, lo)
		}
		if c.max >= 0 {
			w[c.max] = max(w[c.max], uint64(x)^signBit)
		}
		if c.min >= 0 {
			w[c.min] = max(w[c.min], ^(uint64(x) ^ signBit))
		}
	}
}

// addOnes is add for weights of +1. The tests on the cell's parts go the same way for every row.
func (c *intCell) addOnes(r state.Rows, slots []int32, v []int64) {
	words, count, sum, maxAt, minAt := c.words, c.count, c.sum, c.max, c.min
	v = v[:len(slots)]
	for i, s := range slots {
		w, x := slotWords(&r, s, words), uint64(v[i])
		if count >= 0 {
			w[count]++
		}
		if sum >= 0 {
			lo, carry := bits.Add64(w[sum], x, 0)
			w[sum] = lo
			w[sum+1] += uint64(int64(x)>>63) + carry
		}
		if maxAt >= 0 && x^signBit > w[maxAt] {
			w[maxAt] = x ^ signBit
		}
		if minAt >= 0 && ^(x^signBit) > w[minAt] {
			w[minAt] = ^(x ^ signBit)
		}
	}
}

// mul128 is the signed 128-bit product.
func mul128(x, y int64) (hi, lo uint64) {
	hi, lo = bits.Mul64(uint64(x), uint64(y))
	hi -= uint64(x>>63)&uint64(y) + uint64(y>>63)&uint64(x)
	return hi, lo
}

func add128(w []uint64, hi, lo uint64) {
	var carry uint64
	w[0], carry = bits.Add64(w[0], lo, 0)
	w[1], _ = bits.Add64(w[1], hi, carry)
}

// floatExtremeCell keeps the largest or smallest value of a floating point argument over input that is never retracted.
type floatExtremeCell struct {
	col, word int
	min       bool
}

func (c *floatExtremeCell) add(r state.Rows, f *feed) {
	v := f.cols[c.col].(*batch.Floats).V
	for i, s := range f.slots {
		if f.w.W[i] == 0 {
			continue
		}
		x := floatImage(v[i])
		if c.min {
			x = ^x
		}
		w := slotWords(&r, s, c.word+1)
		w[c.word] = max(w[c.word], x)
	}
}

// floatImage maps a float to a word of PostgreSQL's order: NaN above all, -0 equal to 0. No float maps to 0 or to its
// complement.
func floatImage(x float64) uint64 {
	if math.IsNaN(x) {
		return math.MaxUint64 - 1
	}
	b := math.Float64bits(x + 0) // -0 becomes 0
	if x == 0 {
		b = 0
	}
	if b&signBit != 0 {
		return ^b
	}
	return b | signBit
}

func floatOfImage(u uint64) float64 {
	switch {
	case u == math.MaxUint64-1:
		return math.NaN()
	case u&signBit != 0:
		return math.Float64frombits(u &^ signBit)
	}
	return math.Float64frombits(^u)
}

// spanCell keeps Σ value·weight of an interval argument: months, days, microseconds, a word each.
type spanCell struct{ col, word int }

func (c *spanCell) add(r state.Rows, f *feed) {
	v := f.cols[c.col].(*batch.Spans).V
	for i, s := range f.slots {
		n := f.w.W[i]
		if n == 0 {
			continue
		}
		w := slotWords(&r, s, c.word+3)[c.word:]
		w[0] += uint64(n * int64(v[i].Months))
		w[1] += uint64(n * int64(v[i].Days))
		w[2] += uint64(n * v[i].Micros)
	}
}
