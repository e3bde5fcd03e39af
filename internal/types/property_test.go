package types

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// forValues runs f over pairs of random values of every test type, from a fixed seed.
func forValues(t *testing.T, f func(t *testing.T, typ Type, a, b Value)) {
	for i, typ := range testTypes {
		t.Run(typ.String(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, uint64(i)))
			for range 1500 {
				a := randomValue(r, typ)
				b := a
				if r.IntN(8) > 0 {
					b = randomValue(r, typ)
				}
				f(t, typ, a, b)
				if t.Failed() {
					return
				}
			}
		})
	}
}

func show(typ Type, v Value) string {
	if v.Null {
		return "NULL"
	}
	return string(AppendText(nil, typ, v, nil))
}

func TestKeyOrderIsCompare(t *testing.T) {
	forValues(t, func(t *testing.T, typ Type, a, b Value) {
		c := Compare(typ, a, b)
		ka, kb := AppendKey(nil, typ, a), AppendKey(nil, typ, b)
		if got := bytes.Compare(ka, kb); got != c {
			t.Errorf("Compare(%s, %s) = %d, keys give %d", show(typ, a), show(typ, b), c, got)
		}
		if got := bytes.Compare(AppendKeyDesc(nil, typ, a), AppendKeyDesc(nil, typ, b)); got != -c {
			t.Errorf("Compare(%s, %s) = %d, descending keys give %d", show(typ, a), show(typ, b), c, got)
		}
		if back := Compare(typ, b, a); back != -c {
			t.Errorf("Compare(%s, %s) = %d, the other way round %d", show(typ, a), show(typ, b), c, back)
		}
		if Equal(typ, a, b) != (c == 0) {
			t.Errorf("Compare(%s, %s) = %d, Equal says %v", show(typ, a), show(typ, b), c, c != 0)
		}
		if c == 0 && Hash(typ, a) != Hash(typ, b) {
			t.Errorf("%s and %s are equal and hash to %x and %x", show(typ, a), show(typ, b), Hash(typ, a), Hash(typ, b))
		}
		if null := AppendKey(nil, typ, Null); bytes.Compare(ka, null) >= 0 {
			t.Errorf("key of %s is not below NULL's", show(typ, a))
		}
	})
}

func TestKeysAreSelfDelimiting(t *testing.T) {
	forValues(t, func(t *testing.T, typ Type, a, b Value) {
		// (a, y) against (b, x): the second column decides only where the first are equal.
		ka := AppendKey(AppendKey(nil, typ, a), T(Text), TextValue("y"))
		kb := AppendKey(AppendKey(nil, typ, b), T(Text), TextValue("x"))
		want := Compare(typ, a, b)
		if want == 0 {
			want = 1
		}
		if got := bytes.Compare(ka, kb); got != want {
			t.Errorf("(%s, y) and (%s, x): keys give %d, want %d", show(typ, a), show(typ, b), got, want)
		}
		for _, desc := range []bool{false, true} {
			key, decode := AppendKey(nil, typ, a), DecodeKey
			if desc {
				key, decode = AppendKeyDesc(nil, typ, a), DecodeKeyDesc
			}
			v, rest, err := decode(append(key, "rest"...), typ)
			if err != nil || string(rest) != "rest" || Compare(typ, v, a) != 0 {
				t.Errorf("key of %s (descending: %v) decodes to %s, %q, %v", show(typ, a), desc, show(typ, v), rest, err)
			}
			if v, rest, err := decode(AppendNullKey(desc, typ), typ); err != nil || !v.Null || len(rest) != 0 {
				t.Errorf("key of NULL decodes to %s, %v", show(typ, v), err)
			}
		}
	})
}

func AppendNullKey(desc bool, typ Type) []byte {
	if desc {
		return AppendKeyDesc(nil, typ, Null)
	}
	return AppendKey(nil, typ, Null)
}

func TestRoundTrips(t *testing.T) {
	same := func(typ Type, a, b Value) bool {
		return show(typ, a) == show(typ, b) || typ.Kind == Map && Equal(typ, a, b) // a map's text is JSON: no -0
	}
	forValues(t, func(t *testing.T, typ Type, a, _ Value) {
		c := typ.Class()
		enc := AppendCompact(nil, c, a)
		v, n := DecodeCompact(append(enc, 0xff), c)
		if n != len(enc) || !same(typ, v, a) {
			t.Errorf("compact %s comes back as %s, %d of %d bytes", show(typ, a), show(typ, v), n, len(enc))
		}
		for i := range enc {
			if _, n := DecodeCompact(enc[:i], c); n > i {
				t.Errorf("compact %s: %d bytes read of %d", show(typ, a), n, i)
			}
		}
		if v, err := ParseText(typ, show(typ, a), nil); err != nil || !same(typ, v, a) {
			t.Errorf("text %q comes back as %q, %v", show(typ, a), show(typ, v), err)
		}
		bin, err := AppendBinary(nil, typ, a)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := ParseBinary(typ, bin); err != nil || !same(typ, v, a) {
			t.Errorf("binary form of %q comes back as %q, %v", show(typ, a), show(typ, v), err)
		}
		checkJSONForm(t, typ, a)
	})
}

func checkJSONForm(t *testing.T, typ Type, a Value) {
	j := AppendJSON(nil, typ, a)
	if !json.Valid(j) {
		t.Errorf("JSON of %q is not valid: %s", show(typ, a), j)
	}
	if string(j) == "null" || typ.Kind == JSON || typ.Kind == JSONB || typ.Kind == Array && typ.Elem.Kind == JSONB {
		return // a JSON null within jsonb is not SQL's NULL
	}
	if v, err := ParseJSON(typ, j); err != nil || !Equal(typ, v, a) {
		t.Errorf("JSON %s of %q comes back as %q, %v", j, show(typ, a), show(typ, v), err)
	}
}

func TestCompactIntEdges(t *testing.T) {
	for _, x := range []int64{0, -1, 1, 122, 123, 124, -123, -124, 127, 128, 255, 256, 1 << 31, -1 << 31, math.MaxInt64, math.MinInt64} {
		b := AppendCompactInt(nil, x)
		for _, pad := range []int{0, 16} { // the long and the careful way to read
			got, null, n := CompactInt(append(b, make([]byte, pad)...))
			if got != x || null || n != len(b) {
				t.Errorf("%d comes back as %d, %v, %d", x, got, null, n)
			}
		}
	}
}

// TestHashSpreads puts many keys into few buckets by low and by high bits.
func TestHashSpreads(t *testing.T) {
	const keys, buckets = 1 << 14, 1 << 8
	for name, hash := range map[string]func(i int) uint64{
		"sequence": func(i int) uint64 { return HashInt(int64(i)) },
		"stride":   func(i int) uint64 { return HashInt(int64(i) << 20) },
		"text":     func(i int) uint64 { return HashBytes(fmt.Appendf(nil, "key-%d", i)) },
		"pairs":    func(i int) uint64 { return HashCombine(HashInt(int64(i%128)), HashInt(int64(i/128))) },
	} {
		for _, shift := range []int{0, 56} {
			var n [buckets]int
			for i := range keys {
				n[hash(i)>>shift%buckets]++
			}
			for b, c := range n {
				if c > 3*keys/buckets {
					t.Errorf("%s, shift %d: bucket %d has %d of %d keys", name, shift, b, c, keys)
				}
			}
		}
	}
}

// TestHashIsFixed pins values that are in state directories.
func TestHashIsFixed(t *testing.T) {
	for have, want := range map[uint64]uint64{
		HashInt(1): 0x38f94c439ac36242, HashBytes([]byte("streamsql")): 0xa4d549376257b6c6, HashBytes([]byte("a text of more than sixteen bytes")): 0x12e212af3ecf5d88,
	} {
		if have != want {
			t.Errorf("hash is %#x, was %#x", have, want)
		}
	}
}

func TestCivilDays(t *testing.T) {
	for days := int64(-1_000_000); days < 1_000_000; days += 17 {
		y, m, d := CivilFromDays(days)
		tm := ToTime(days * MicrosPerDay)
		if tm.Year() != y || int(tm.Month()) != m || tm.Day() != d || DaysFromCivil(y, m, d) != days || int(tm.Weekday()) != weekday(days) {
			t.Fatalf("day %d is %d-%d-%d, weekday %d; time says %v", days, y, m, d, weekday(days), tm)
		}
		wy, ww := tm.ISOWeek()
		if y, w := isoWeek(days); y != wy || w != ww {
			t.Fatalf("%v is in week %d of %d, have %d of %d", tm, ww, wy, w, y)
		}
	}
}
