package types

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// The hash is a fixed function (wyhash's multiply-and-fold): replays and restarts must agree on it.
const (
	hashK0 = 0xa0761d6478bd642f
	hashK1 = 0xe7037ed1a0b428db
	hashK2 = 0x8ebc6af09c88c6e3
	hashK3 = 0x589965cc75374cc3
)

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// HashNull is the hash of NULL.
const HashNull uint64 = 0x1d8e4e27c47d124f

// HashInt hashes a value of ClassInt.
func HashInt(x int64) uint64 { return fold(uint64(x)^hashK0, hashK1) }

// HashFloat hashes a float; -0 hashes as 0, every NaN alike.
func HashFloat(f float64) uint64 {
	if f == 0 {
		f = 0
	}
	if math.IsNaN(f) {
		f = math.NaN()
	}
	return HashInt(int64(math.Float64bits(f)))
}

// HashBool hashes a boolean.
func HashBool(b bool) uint64 {
	if b {
		return HashInt(1)
	}
	return HashInt(0)
}

// HashBytes hashes bytes as they are.
func HashBytes(b []byte) uint64 {
	h, n := uint64(hashK3), len(b)
	for len(b) > 16 {
		h = fold(binary.LittleEndian.Uint64(b)^hashK1, binary.LittleEndian.Uint64(b[8:])^h)
		b = b[16:]
	}
	var lo, hi uint64
	switch k := len(b); {
	case k >= 8:
		lo, hi = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[k-8:])
	case k >= 4:
		lo, hi = uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[k-4:]))
	case k > 0:
		lo = uint64(b[0])<<16 | uint64(b[k>>1])<<8 | uint64(b[k-1])
	}
	return fold(hashK2^uint64(n), fold(lo^hashK1, hi^h))
}

// HashCombine mixes the hash of a further column into h.
func HashCombine(h, column uint64) uint64 { return fold(h^hashK2, column^hashK3) }

// HashDec hashes a numeric; 1.0 and 1.00 hash alike.
func HashDec(d Dec) uint64 {
	if !d.finite() {
		return HashInt(int64(d.form)) ^ hashK2
	}
	if d.scale > 0 {
		d = d.trimTo(0)
	}
	if d.form == decSmall {
		return HashCombine(HashInt(d.lo), uint64(d.scale))
	}
	return HashCombine(HashBytes(d.big.Bytes()), uint64(d.scale)<<1|uint64(1-d.big.Sign())>>1)
}

// HashSpan hashes an interval by its length: '1 mon' and '30 days' hash alike.
func HashSpan(s Span) uint64 {
	t := s.total()
	return HashCombine(HashInt(t.hi), t.lo)
}

// Hash hashes v, which is not NULL, so that equal values of type t hash equal.
func Hash(t Type, v Value) uint64 {
	switch t.Class() {
	case ClassBool:
		return HashBool(v.B)
	case ClassInt:
		return HashInt(v.I)
	case ClassFloat:
		return HashFloat(v.F)
	case ClassNumeric:
		return HashDec(v.N)
	case ClassInterval:
		return HashSpan(v.S)
	}
	return HashTyped(&t, v.Bytes)
}

// HashTyped is Hash for kinds of ClassBytes.
func HashTyped(t *Type, b []byte) uint64 {
	switch t.Kind {
	case Char:
		return HashBytes(unpad(b))
	case JSONB:
		return HashBytes(appendJSONBKey(nil, b))
	case Array, Record, Map:
		if !t.Canonical() {
			return HashBytes(appendNestedKey(nil, t, b))
		}
	}
	return HashBytes(b)
}
