package types

import (
	"bytes"
	"math"
	"math/bits"
)

// Compare orders two values of type t, neither NULL, as PostgreSQL's btree operator class does: NaN above all numbers,
// text by bytes (collation "C"), char without its padding, jsonb and arrays by their own rules. It gives -1, 0 or 1.
// json, which PostgreSQL does not order, is compared as text.
func Compare(t Type, a, b Value) int {
	switch t.Class() {
	case ClassBool:
		return cmpBool(a.B, b.B)
	case ClassInt:
		return cmpInt(a.I, b.I)
	case ClassFloat:
		return CompareFloat(a.F, b.F)
	case ClassNumeric:
		return sign(a.N.Cmp(b.N))
	case ClassInterval:
		return a.S.Cmp(b.S)
	}
	return CompareBytes(&t, a.Bytes, b.Bytes)
}

// CompareBytes is Compare for kinds of ClassBytes.
func CompareBytes(t *Type, a, b []byte) int {
	switch t.Kind {
	case Char:
		return bytes.Compare(unpad(a), unpad(b))
	case Bit, Varbit:
		return compareBits(a, b)
	case Inet, CIDR:
		return compareInet(a, b)
	case JSONB:
		if bytes.Equal(a, b) {
			return 0
		}
		return bytes.Compare(appendJSONBKey(nil, a), appendJSONBKey(nil, b))
	case Array, Record, Map:
		if bytes.Equal(a, b) {
			return 0
		}
		return compareNested(t, a, b)
	}
	return bytes.Compare(a, b)
}

// compareNested orders by the key form: keys keep the order by construction.
func compareNested(t *Type, a, b []byte) int {
	var bufA, bufB [128]byte
	return bytes.Compare(appendNestedKey(bufA[:0], t, a), appendNestedKey(bufB[:0], t, b))
}

// Equal reports whether a and b, neither NULL, are equal: Compare(t, a, b) == 0, but cheaper.
func Equal(t Type, a, b Value) bool {
	if t.Class() != ClassBytes {
		return Compare(t, a, b) == 0
	}
	if bytes.Equal(a.Bytes, b.Bytes) {
		return true
	}
	return !t.Canonical() && CompareBytes(&t, a.Bytes, b.Bytes) == 0
}

// Canonical reports that equal values of t have the same representation, so that their bytes may be compared and hashed
// as they are. It is false for floats (-0, NaN), numeric (1.0 and 1.00), interval, char, jsonb, and what is made of them.
func (t Type) Canonical() bool {
	switch t.Kind {
	case Float4, Float8, Numeric, Interval, Char, JSONB:
		return false
	case Array:
		return t.Elem.Canonical()
	case Map:
		return t.Key.Canonical() && t.Elem.Canonical()
	case Record:
		for i := range t.Fields {
			if !t.Fields[i].Type.Canonical() {
				return false
			}
		}
	}
	return true
}

func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func sign(i int) int {
	if i < 0 {
		return -1
	}
	if i > 0 {
		return 1
	}
	return 0
}

// CompareFloat orders floats: NaN equals itself and is above all else; -0 equals 0.
func CompareFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	}
	return cmpBool(math.IsNaN(a), math.IsNaN(b))
}

// unpad drops the trailing blanks of a char(n).
func unpad(b []byte) []byte { return bytes.TrimRight(b, " ") }

// int128 is a two's complement number of 128 bits.
type int128 struct {
	hi int64
	lo uint64
}

// total is the length of s in microseconds with months of 30 days: what intervals are compared by.
func (s Span) total() int128 {
	days := int64(s.Months)*30 + int64(s.Days)
	hi, lo := bits.Mul64(absU(days), uint64(MicrosPerDay))
	t := int128{int64(hi), lo}
	if days < 0 {
		t = t.neg()
	}
	lo, carry := bits.Add64(t.lo, uint64(s.Micros), 0)
	return int128{t.hi + s.Micros>>63 + int64(carry), lo}
}

func (x int128) neg() int128 {
	lo, borrow := bits.Sub64(0, x.lo, 0)
	return int128{-x.hi - int64(borrow), lo}
}

// Cmp compares intervals as PostgreSQL does: a month counts 30 days, a day 24 hours.
func (s Span) Cmp(o Span) int {
	a, b := s.total(), o.total()
	if a.hi != b.hi {
		return cmpInt(a.hi, b.hi)
	}
	switch {
	case a.lo < b.lo:
		return -1
	case a.lo > b.lo:
		return 1
	}
	return 0
}

// spanOfTotal returns an interval that is total x long.
func spanOfTotal(x int128) Span {
	neg := x.hi < 0
	if neg {
		x = x.neg()
	}
	days, us := bits.Div64(uint64(x.hi), x.lo, uint64(MicrosPerDay))
	d, months := int64(days), int64(0)
	if d > math.MaxInt32 { // beyond that, months; and what even they cannot hold, more days, more microseconds
		months = min(d/30, math.MaxInt32)
		d -= months * 30
	}
	more := max(d-math.MaxInt32, 0)
	d, us = d-more, us+uint64(more*MicrosPerDay)
	if neg {
		return Span{Micros: -int64(us), Days: int32(-d), Months: int32(-months)}
	}
	return Span{Micros: int64(us), Days: int32(d), Months: int32(months)}
}
