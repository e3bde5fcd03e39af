package types

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestISOTimestampAgreesWithSlowPath: the two ways to read a timestamp give the same, or the fast one declines.
func TestISOTimestampAgreesWithSlowPath(t *testing.T) {
	const seed = 9
	r := rand.New(rand.NewPCG(seed, 1))
	ny, err := LoadZone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for range 20000 {
		s := fmt.Sprintf("%04d-%02d-%02d%s%02d:%02d:%02d", r.IntN(4000), r.IntN(14), r.IntN(33), pick(r, " ", "T"), r.IntN(25), r.IntN(61), r.IntN(61))
		if digits := r.IntN(17); digits > 0 {
			s += fmt.Sprintf(".%0*d", digits-1, r.IntN(pick(r, 10, 1000, 1000000, 1000000000)))
		}
		s += pick(r, "", "Z", "+02", "-03:30", "+16", "+5", "x", " ")
		for _, tz := range []bool{false, true} {
			f := &Format{Loc: ny, DateOrder: "MDY"}
			fast, ok := ParseISOTimestamp(s, f, tz)
			if !ok {
				continue
			}
			read++
			slow, err := parseTimestampSlow(s, f, tz)
			if err != nil || slow != fast {
				t.Fatalf("seed %d: %q (zone: %v) is %d, the slow path says %d, %v", seed, s, tz, fast, slow, err)
			}
		}
	}
	if read < 5000 {
		t.Errorf("the fast path read only %d", read)
	}
}

func TestParseISOTimestampDoesNotAllocate(t *testing.T) {
	b := []byte("2024-05-06T07:08:09.123456789Z")
	if n := testing.AllocsPerRun(100, func() { ParseISOTimestamp(b, nil, true) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestSmallDecsDoNotAllocate(t *testing.T) {
	x, y := DecFromScaled(1234567, 2), DecFromScaled(-89, 4)
	var dst [64]byte
	for name, f := range map[string]func(){
		"Add": func() { x.Add(y) }, "Sub": func() { x.Sub(y) }, "Mul": func() { x.Mul(y) }, "Cmp": func() { x.Cmp(y) },
		"Round": func() { x.Round(1) }, "Append": func() { x.Append(dst[:0]) }, "HashDec": func() { HashDec(x) },
		"Encoded": func() { _, _, _ = DecodeDec(x.AppendEncoded(dst[:0])) }, "Parse": func() { _, _ = ParseDecBytes([]byte("-123.45")) },
		"Mod": func() { _, _ = x.Mod(y) }, "Div": func() { _, _ = x.Div(y) }, "Fit": func() { _, _ = x.Round(2).Fit(10, 2) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
