package expr

import (
	"math"
	"math/bits"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Integer arithmetic. All integer types are int64 in vectors. The loops compute every row and gather in one word
// whether anything might have left the type's range; only then does a second, careful pass find the rows to blame.

var errDivZero = pgerr.New(pgerr.DivisionByZero, "division by zero")

// intRange is the range of an integer type and the error for leaving it.
type intRange struct {
	lo, hi int64
	err    error
}

func rangeOf(k types.Kind) intRange {
	switch k {
	case types.Int2:
		return intRange{math.MinInt16, math.MaxInt16, pgerr.New(pgerr.NumericValueOutOfRange, "smallint out of range")}
	case types.Int4:
		return intRange{math.MinInt32, math.MaxInt32, pgerr.New(pgerr.NumericValueOutOfRange, "integer out of range")}
	case types.OID:
		return intRange{0, math.MaxUint32, pgerr.New(pgerr.NumericValueOutOfRange, "OID out of range")}
	}
	return intRange{math.MinInt64, math.MaxInt64, pgerr.New(pgerr.NumericValueOutOfRange, "bigint out of range")}
}

func (r intRange) has(v int64) bool { return v >= r.lo && v <= r.hi }

// intsOf gives a binary kernel's operands: of each either the slice or, if that is nil, the constant.
func intsOf(o operand) ([]int64, int64) {
	if o.vec == nil {
		return nil, o.c.I
	}
	return o.vec.(*batch.Ints).V, 0
}

// buildIntArith makes the kernel of + - * over integers of any width, the result having the width of the Call.
func buildIntArith(op byte) func(*Call) (kernel, error) {
	return func(c *Call) (kernel, error) {
		rng := rangeOf(c.T.Kind)
		return func(f *frame, a []operand) (batch.Vec, error) {
			out := f.ints()
			x, cx := intsOf(a[0])
			y, cy := intsOf(a[1])
			if x == nil && y == nil {
				x = []int64{cx}
			}
			if arithLoop(op, out.V, x, y, cx, cy) || !rng.hasAll(out.V) {
				return out, arithCareful(f, op, rng, out.V, x, y, cx, cy)
			}
			return out, nil
		}, nil
	}
}

// arithLoop computes r and reports whether 64 bits may not have been enough.
func arithLoop(op byte, r, x, y []int64, cx, cy int64) bool {
	switch op {
	case '+':
		if x != nil && y != nil {
			return addInts(r, x, y)
		}
		if x == nil {
			x, cy = y, cx
		}
		return addConst(r, x, cy)
	case '-':
		switch {
		case x != nil && y != nil:
			return subInts(r, x, y)
		case x == nil:
			return subFromConst(r, cx, y)
		case cy == math.MinInt64:
			return true
		}
		return addConst(r, x, -cy)
	}
	if x != nil && y != nil {
		return mulInts(r, x, y)
	}
	if x == nil {
		x, cy = y, cx
	}
	return mulConst(r, x, cy)
}

func addInts(r, x, y []int64) bool {
	x, y = x[:len(r)], y[:len(r)]
	var over int64
	for i := range r {
		s := x[i] + y[i]
		r[i] = s
		over |= (x[i] ^ s) & (y[i] ^ s)
	}
	return over < 0
}

func addConst(r, x []int64, c int64) bool {
	x = x[:len(r)]
	var over int64
	for i := range r {
		s := x[i] + c
		over |= (x[i] ^ s) & (c ^ s)
		r[i] = s
	}
	return over < 0
}

func subInts(r, x, y []int64) bool {
	x, y = x[:len(r)], y[:len(r)]
	var over int64
	for i := range r {
		s := x[i] - y[i]
		over |= (x[i] ^ y[i]) & (x[i] ^ s)
		r[i] = s
	}
	return over < 0
}

func subFromConst(r []int64, c int64, y []int64) bool {
	y = y[:len(r)]
	var over int64
	for i := range r {
		s := c - y[i]
		over |= (c ^ y[i]) & (c ^ s)
		r[i] = s
	}
	return over < 0
}

func mulInts(r, x, y []int64) bool {
	x, y = x[:len(r)], y[:len(r)]
	var wide uint64
	for i := range r {
		r[i] = x[i] * y[i]
		wide |= uint64(x[i]+1<<31) | uint64(y[i]+1<<31)
	}
	return wide>>32 != 0
}

func mulConst(r, x []int64, c int64) bool {
	x = x[:len(r)]
	lo, hi := int64(math.MinInt64), int64(math.MaxInt64)
	switch {
	case c == -1:
		lo = -hi
	case c < 0:
		lo, hi = hi/c, lo/c
	case c > 0:
		lo, hi = lo/c, hi/c
	}
	span, out := uint64(hi)-uint64(lo), uint64(0)
	for i := range r {
		out |= b2u(uint64(x[i])-uint64(lo) > span)
		r[i] = x[i] * c
	}
	return out != 0
}

// hasAll reports whether all of v lies in the range.
func (r intRange) hasAll(v []int64) bool {
	if r.lo == math.MinInt64 {
		return true
	}
	span, out := uint64(r.hi)-uint64(r.lo), uint64(0)
	for _, e := range v {
		out |= b2u(uint64(e)-uint64(r.lo) > span)
	}
	return out == 0
}

func arithCareful(f *frame, op byte, rng intRange, r, x, y []int64, cx, cy int64) error {
	for i := range r {
		if x != nil {
			cx = x[i]
		}
		if y != nil {
			cy = y[i]
		}
		v, ok := arithOne(op, cx, cy)
		if !ok || !rng.has(v) {
			if err := f.fail(i, rng.err); err != nil {
				return err
			}
			v = 0
		}
		r[i] = v
	}
	return nil
}

// arithOne is one checked operation.
func arithOne(op byte, x, y int64) (int64, bool) {
	switch op {
	case '+':
		s := x + y
		return s, (x^s)&(y^s) >= 0
	case '-':
		s := x - y
		return s, (x^y)&(x^s) >= 0
	}
	hi, lo := bits.Mul64(uint64(x), uint64(y))
	h := int64(hi)
	if x < 0 {
		h -= y
	}
	if y < 0 {
		h -= x
	}
	return int64(lo), h == int64(lo)>>63
}

// buildIntDiv makes the kernel of / or % over integers.
func buildIntDiv(mod bool) func(*Call) (kernel, error) {
	return func(c *Call) (kernel, error) {
		rng := rangeOf(c.T.Kind)
		return func(f *frame, a []operand) (batch.Vec, error) {
			out := f.ints()
			x, cx := intsOf(a[0])
			y, cy := intsOf(a[1])
			if x != nil && y == nil && cy != 0 && cy != -1 {
				divConst(out.V, x, cy, mod)
				return out, nil
			}
			return out, divLoop(f, mod, rng, out.V, x, y, cx, cy)
		}, nil
	}
}

func divLoop(f *frame, mod bool, rng intRange, r, x, y []int64, cx, cy int64) error {
	for i := range r {
		if x != nil {
			cx = x[i]
		}
		if y != nil {
			cy = y[i]
		}
		r[i] = 0
		switch {
		case cy == 0:
			if err := f.fail(i, errDivZero); err != nil {
				return err
			}
		case mod:
			r[i] = cx % cy
		case cy == -1 && cx == rng.lo:
			if err := f.fail(i, rng.err); err != nil {
				return err
			}
		default:
			r[i] = cx / cy
		}
	}
	return nil
}

// divConst divides by a constant other than 0 and -1 by multiplication (Hacker's Delight, 10-1): a 64-bit division
// takes 10 to 40 cycles on common processors.
func divConst(r, x []int64, d int64, mod bool) {
	x = x[:len(r)]
	if d&(d-1) == 0 && d > 0 {
		divPower2(r, x, uint(bits.TrailingZeros64(uint64(d))), mod)
		return
	}
	if d == math.MinInt64 || d == 1 {
		for i := range r {
			if mod {
				r[i] = x[i] % d
			} else {
				r[i] = x[i] / d
			}
		}
		return
	}
	m, s := magic(max(d, -d))
	sign := d >> 63 // dividing by -|d| is dividing by |d| and changing the sign
	if mod {
		for i, n := range x {
			r[i] = n - divMagic(n, m, s, sign)*d
		}
		return
	}
	for i, n := range x {
		r[i] = divMagic(n, m, s, sign)
	}
}

func divMagic(n, m int64, s uint, sign int64) int64 {
	hi, _ := bits.Mul64(uint64(m), uint64(n))
	q := (int64(hi) - n>>63&m) >> (s & 63)
	return (q - n>>63 ^ sign) - sign
}

func divPower2(r, x []int64, k uint, mod bool) {
	if k == 0 {
		for i := range r {
			r[i] = x[i]
			if mod {
				r[i] = 0
			}
		}
		return
	}
	low := int64(1)<<k - 1
	if mod {
		for i := range r {
			bias := x[i] >> 63 & low
			r[i] = (x[i]+bias)&low - bias
		}
		return
	}
	for i := range r {
		r[i] = (x[i] + x[i]>>63&low) >> (k & 63)
	}
}

// magic returns multiplier and shift for a signed division by d ≥ 2 (Hacker's Delight, figure 10-1, at 64 bits). The
// multiplier is to be read as unsigned: where it has its top bit, the figure's correction by n makes just that.
func magic(d int64) (m int64, s uint) {
	const two63 = uint64(1) << 63
	ad := uint64(d)
	anc := two63 - 1 - two63%ad
	p := uint(63)
	q1, q2 := two63/anc, two63/ad
	r1, r2 := two63-q1*anc, two63-q2*ad
	for {
		p++
		q1, r1 = 2*q1, 2*r1
		if r1 >= anc {
			q1, r1 = q1+1, r1-anc
		}
		q2, r2 = 2*q2, 2*r2
		if r2 >= ad {
			q2, r2 = q2+1, r2-ad
		}
		delta := ad - r2
		if q1 >= delta && (q1 != delta || r1 != 0) {
			break
		}
	}
	return int64(q2 + 1), p - 64
}
