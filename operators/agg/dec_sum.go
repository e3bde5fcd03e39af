package agg

import (
	"encoding/binary"
	"slices"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/state"
)

// decSum keeps the exact sum of a numeric argument and, because PostgreSQL shows a sum with the largest scale among its
// values, how many values there are of each scale. Words of a slot, from word on:
//
//	0    1 if the slot has an entry in the table
//	1, 2 Σ coefficient·10^(scale-own scale)·weight, 128 bits, low first
//	3…   Σ weight of the values of each scale that counts here: only scale itself for numeric(p,s), else 0 … scale
//
// Other values (longer coefficients, other scales, NaN, infinities) are kept in the table:
//
//	slot -> NaNs, +Infs, -Infs, number of scales, (scale, Σ weight)… (varints), encoded sum
type decSum struct {
	col, word int
	scale     int32
	fixed     bool // numeric(p,s): values have just this scale
	spill     *state.Table
}

// decScaleMax is the largest scale that is summed in words when the type does not give one. 10^6·2^63 leaves room for
// 2^44 values in 128 bits.
const decScaleMax = 6

var pow10 = [decScaleMax + 1]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6}

func newDecSum(t types.Type, col, word int, spill *state.Table) *decSum {
	if t.Prec > 0 {
		return &decSum{col: col, word: word, scale: t.Scale, fixed: true, spill: spill}
	}
	return &decSum{col: col, word: word, scale: decScaleMax, spill: spill}
}

// words returns the number of words a slot needs.
func (c *decSum) words() int {
	if c.fixed {
		return 4
	}
	return 3 + decScaleMax + 1
}

func (c *decSum) add(r state.Rows, f *feed) {
	v := f.cols[c.col].(*batch.Decs).V
	words := c.words()
	for i, s := range f.slots {
		n := f.w.W[i]
		if n == 0 {
			continue
		}
		w := slotWords(&r, s, c.word+words)[c.word:]
		coef, scale, ok := v[i].Small()
		if !ok || n != int64(int32(n)) {
			c.addSlow(s, w, v[i], n)
			continue
		}
		switch {
		case c.fixed && scale == c.scale:
			hi, lo := mul128(coef, n)
			add128(w[1:3], hi, lo)
			w[3] += uint64(n)
		case !c.fixed && scale >= 0 && scale <= decScaleMax:
			hi, lo := mul128(coef, n*pow10[decScaleMax-scale])
			add128(w[1:3], hi, lo)
			w[3+scale] += uint64(n)
		default:
			c.addSlow(s, w, v[i], n)
		}
	}
}

// decRest is the state of a slot in the table.
type decRest struct {
	nan, posInf, negInf int64
	scales              []scaleCount // by scale; no zero counts
	sum                 types.Dec
}

type scaleCount struct {
	scale int32
	count int64
}

func (c *decSum) addSlow(slot int32, w []uint64, x types.Dec, n int64) {
	var key [4]byte
	binary.BigEndian.PutUint32(key[:], uint32(slot))
	var rest decRest
	if w[0] != 0 {
		b, _ := c.spill.Get(key[:])
		rest = decodeDecRest(b)
	}
	switch {
	case x.IsNaN():
		rest.nan += n
	case x.IsInf() && x.Sign() > 0:
		rest.posInf += n
	case x.IsInf():
		rest.negInf += n
	default:
		rest.sum = rest.sum.Add(x.Mul(types.DecFromInt(n)))
		rest.count(x.Scale(), n)
	}
	if rest.nan|rest.posInf|rest.negInf == 0 && len(rest.scales) == 0 && rest.sum.Sign() == 0 {
		c.spill.Delete(key[:])
		w[0] = 0
		return
	}
	c.spill.Put(key[:], rest.append(nil))
	w[0] = 1
}

func (r *decRest) count(scale int32, n int64) {
	i, ok := slices.BinarySearchFunc(r.scales, scale, func(s scaleCount, x int32) int { return int(s.scale) - int(x) })
	if !ok {
		r.scales = slices.Insert(r.scales, i, scaleCount{scale, n})
		return
	}
	if r.scales[i].count += n; r.scales[i].count == 0 {
		r.scales = slices.Delete(r.scales, i, i+1)
	}
}

func (r *decRest) append(dst []byte) []byte {
	dst = binary.AppendVarint(dst, r.nan)
	dst = binary.AppendVarint(dst, r.posInf)
	dst = binary.AppendVarint(dst, r.negInf)
	dst = binary.AppendUvarint(dst, uint64(len(r.scales)))
	for _, s := range r.scales {
		dst = binary.AppendUvarint(dst, uint64(s.scale))
		dst = binary.AppendVarint(dst, s.count)
	}
	return r.sum.AppendEncoded(dst)
}

func decodeDecRest(b []byte) decRest {
	d := decoder{b: b}
	r := decRest{nan: d.varint(), posInf: d.varint(), negInf: d.varint()}
	for range d.uvarint() {
		r.scales = append(r.scales, scaleCount{int32(d.uvarint()), d.varint()})
	}
	sum, _, err := types.DecodeDec(d.b)
	if err != nil {
		panic("agg: broken state of a numeric sum: " + err.Error())
	}
	r.sum = sum
	return r
}

func (c *decSum) capture(dst []byte, slot int32) []byte {
	var key [4]byte
	binary.BigEndian.PutUint32(key[:], uint32(slot))
	b, _ := c.spill.Get(key[:])
	return append(dst, b...)
}

func (c *decSum) check() error { return nil }

func (c *decSum) empty(slot int32) bool { return len(c.capture(nil, slot)) == 0 }

// value returns the sum in an image: w are its words from c.word on, part what capture gave.
func (c *decSum) value(w []uint64, part []byte) types.Dec {
	sum := dec128(int64(w[2]), w[1], c.scale)
	shown := int32(0)
	if c.fixed {
		shown = c.scale
	} else {
		for s := int32(0); s <= decScaleMax; s++ {
			if int64(w[3+s]) > 0 {
				shown = s
			}
		}
	}
	if w[0] == 0 {
		return sum.Round(shown)
	}
	r := decodeDecRest(part)
	switch {
	case r.nan > 0 || r.posInf > 0 && r.negInf > 0:
		return types.NaNDec
	case r.posInf > 0:
		return types.InfDec
	case r.negInf > 0:
		return types.NegInfDec
	}
	if c.fixed && w[3] == 0 {
		shown = 0
	}
	for _, s := range r.scales {
		if s.count > 0 {
			shown = max(shown, s.scale)
		}
	}
	return sum.Add(r.sum).Round(shown)
}

// dec128 returns a 128-bit coefficient with a scale.
func dec128(hi int64, lo uint64, scale int32) types.Dec {
	d := types.DecFromInt128(hi, lo)
	if scale == 0 {
		return d
	}
	return d.Mul(types.DecFromScaled(1, scale))
}
