package agg

import (
	"encoding/binary"
	"math"
	"math/big"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/state"
)

// floatSum keeps the exact sum of a floating point argument, so that retraction leaves nothing behind and the order of
// rows does not matter: the result is the true sum rounded once. (PostgreSQL adds one by one and shows the rounding
// errors of whatever order the rows came in.)
//
// The sum is an expansion: floats that do not overlap and add up to it exactly (Shewchuk 1997). Almost always three are
// enough, kept in three words, the largest last. A slot whose sum needs more, or that has seen NaN, infinities or values
// near the largest float, is marked by a special NaN in its last word and lives in the table:
//
//	slot -> NaNs, +Infs, -Infs (varints), huge parts (count, then 8 bytes each, scaled down by hugeShift bits), parts
type floatSum struct {
	col, word int
	spill     *state.Table
}

const (
	floatWords   = 3
	spilledFloat = 0x7FF8_5354_5245_414D // a NaN no computation gives
	hugeExp      = 960                   // values of at least 2^hugeExp could overflow on the way
	hugeShift    = 200
)

func (c *floatSum) add(r state.Rows, f *feed) {
	v := f.cols[c.col].(*batch.Floats).V
	for i, s := range f.slots {
		n := f.w.W[i]
		if n == 0 {
			continue
		}
		w := slotWords(&r, s, c.word+floatWords)[c.word:]
		if w[2] == spilledFloat || !c.addFast(w, v[i], n) {
			c.addSlow(s, w, v[i], n)
		}
	}
}

// addFast adds x·n to the expansion in w; false: nothing was done, it does not fit.
func (c *floatSum) addFast(w []uint64, x float64, n int64) bool {
	if !(math.Abs(x) < 1<<100) { // far below hugeExp: times n it stays below
		return false
	}
	var buf [floatWords + 66]float64
	e := buf[:0]
	for _, u := range w[:floatWords] {
		if u != 0 {
			e = append(e, math.Float64frombits(u))
		}
	}
	e = growTimes(e, x, n)
	if len(e) > floatWords {
		e = compress(e)
	}
	if len(e) > floatWords {
		return false
	}
	storeParts(w, e)
	return true
}

func storeParts(w []uint64, e []float64) {
	w[0], w[1], w[2] = 0, 0, 0
	for i, p := range e {
		w[floatWords-len(e)+i] = math.Float64bits(p)
	}
}

// growTimes adds x·n to the expansion e, a power of two times x at a time: each is exact.
func growTimes(e []float64, x float64, n int64) []float64 {
	u := uint64(n)
	if n < 0 {
		x, u = -x, -u
	}
	for ; u != 0; u >>= 1 {
		if u&1 != 0 {
			e = grow(e, x)
		}
		x *= 2
	}
	return e
}

// grow adds x to the expansion e (ascending, no zeros) in place.
func grow(e []float64, x float64) []float64 {
	k := 0
	for _, y := range e {
		if math.Abs(x) < math.Abs(y) {
			x, y = y, x
		}
		hi := x + y
		if lo := y - (hi - x); lo != 0 {
			e[k] = lo
			k++
		}
		x = hi
	}
	e = e[:k]
	if x != 0 {
		e = append(e, x)
	}
	return e
}

// compress rewrites an expansion with as few parts as it can (Shewchuk's COMPRESS).
func compress(e []float64) []float64 {
	if len(e) == 0 {
		return e
	}
	bottom, q := len(e)-1, e[len(e)-1]
	for i := len(e) - 2; i >= 0; i-- {
		hi := q + e[i]
		lo := e[i] - (hi - q)
		q = hi
		if lo != 0 {
			e[bottom] = q
			bottom--
			q = lo
		}
	}
	e[bottom] = q
	top := 0
	for _, x := range e[bottom+1:] {
		hi := x + q
		lo := q - (hi - x)
		q = hi
		if lo != 0 {
			e[top] = lo
			top++
		}
	}
	e[top] = q
	return e[:top+1]
}

// floatRest is the state of a slot in the table.
type floatRest struct {
	nan, posInf, negInf int64
	huge, parts         []float64
}

func (c *floatSum) addSlow(slot int32, w []uint64, x float64, n int64) {
	var key [4]byte
	binary.BigEndian.PutUint32(key[:], uint32(slot))
	rest := c.load(key[:], w)
	switch {
	case math.IsNaN(x):
		rest.nan += n
	case math.IsInf(x, 1):
		rest.posInf += n
	case math.IsInf(x, -1):
		rest.negInf += n
	case math.Abs(x) >= math.Ldexp(1, hugeExp-100):
		rest.huge = compress(growTimes(rest.huge, math.Ldexp(x, -hugeShift), n))
	default:
		rest.parts = compress(growTimes(rest.parts, x, n))
	}
	if rest.nan|rest.posInf|rest.negInf == 0 && len(rest.huge) == 0 && len(rest.parts) <= floatWords {
		c.spill.Delete(key[:])
		storeParts(w, rest.parts)
		return
	}
	w[0], w[1], w[2] = 0, 0, spilledFloat
	c.spill.Put(key[:], rest.append(nil))
}

// load returns a slot's state wherever it is.
func (c *floatSum) load(key []byte, w []uint64) floatRest {
	if w[2] == spilledFloat {
		b, _ := c.spill.Get(key)
		return decodeFloatRest(b)
	}
	return floatRest{parts: wordParts(w)}
}

func wordParts(w []uint64) []float64 {
	e := make([]float64, 0, floatWords)
	for _, u := range w[:floatWords] {
		if u != 0 {
			e = append(e, math.Float64frombits(u))
		}
	}
	return e
}

func (r *floatRest) append(dst []byte) []byte {
	dst = binary.AppendVarint(dst, r.nan)
	dst = binary.AppendVarint(dst, r.posInf)
	dst = binary.AppendVarint(dst, r.negInf)
	dst = binary.AppendUvarint(dst, uint64(len(r.huge)))
	for _, x := range r.huge {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
	}
	for _, x := range r.parts {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
	}
	return dst
}

func decodeFloatRest(b []byte) floatRest {
	d := decoder{b: b}
	r := floatRest{nan: d.varint(), posInf: d.varint(), negInf: d.varint()}
	huge := int(d.uvarint())
	for i := 0; len(d.b) >= 8; i++ {
		x := math.Float64frombits(binary.LittleEndian.Uint64(d.b))
		d.b = d.b[8:]
		if i < huge {
			r.huge = append(r.huge, x)
		} else {
			r.parts = append(r.parts, x)
		}
	}
	return r
}

func (c *floatSum) capture(dst []byte, slot int32) []byte {
	var key [4]byte
	binary.BigEndian.PutUint32(key[:], uint32(slot))
	b, _ := c.spill.Get(key[:])
	return append(dst, b...)
}

func (c *floatSum) check() error { return nil }

func (c *floatSum) empty(slot int32) bool { return len(c.capture(nil, slot)) == 0 }

var errFloatOverflow = pgerr.New(pgerr.NumericValueOutOfRange, "value out of range: overflow")

// value returns the sum in an image: w are its words from c.word on, part what capture gave.
func (c *floatSum) value(w []uint64, part []byte) (float64, error) {
	if w[2] != spilledFloat {
		return roundParts(wordParts(w)), nil
	}
	r := decodeFloatRest(part)
	switch {
	case r.nan > 0 || r.posInf > 0 && r.negInf > 0:
		return math.NaN(), nil
	case r.posInf > 0:
		return math.Inf(1), nil
	case r.negInf > 0:
		return math.Inf(-1), nil
	case len(r.huge) == 0:
		return roundParts(r.parts), nil
	}
	sum := new(big.Float).SetPrec(2400).SetInt64(0) // more than all the bits between the largest and the smallest float
	for _, x := range r.huge {
		h := new(big.Float).SetPrec(2400).SetFloat64(x)
		sum.Add(sum, h.SetMantExp(h, hugeShift))
	}
	for _, x := range r.parts {
		sum.Add(sum, new(big.Float).SetPrec(2400).SetFloat64(x))
	}
	f, _ := sum.Float64()
	if math.IsInf(f, 0) {
		return 0, errFloatOverflow
	}
	return f, nil
}

// roundParts returns the float nearest to the sum of an expansion (ascending), halves to even.
func roundParts(e []float64) float64 {
	n := len(e)
	if n == 0 {
		return 0
	}
	n--
	hi, lo := e[n], 0.0
	for n > 0 {
		x := hi
		n--
		hi = x + e[n]
		lo = e[n] - (hi - x)
		if lo != 0 {
			break
		}
	}
	// hi is right unless lo is exactly half a unit: then what is below lo decides.
	if n > 0 && (lo < 0 && e[n-1] < 0 || lo > 0 && e[n-1] > 0) {
		y := lo * 2
		if x := hi + y; x-hi == y {
			return x
		}
	}
	return hi
}
