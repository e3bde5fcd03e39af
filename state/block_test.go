package state

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// FuzzBlock: any rows come back from their encoding, and bytes that are no encoding are refused without a panic.
func FuzzBlock(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 255, 255, 255, 255, 255, 255, 255, 255}, uint8(2), uint8(1))
	f.Add([]byte{0x88}, uint8(16), uint8(9))
	f.Add([]byte{}, uint8(1), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, n, stride uint8) {
		rows := make([]uint64, max(1, int(n)%groupSlots)*max(1, int(stride)%12))
		count := max(1, int(n)%groupSlots)
		width := len(rows) / count
		for i := range rows {
			if at := i * 8 % (len(data) + 1); at+8 <= len(data) {
				rows[i] = binary.LittleEndian.Uint64(data[at:])
			}
		}
		enc := appendColumns(make([]byte, 0, width*columnMax(count)), rows, count, width)
		got := make([]uint64, len(rows))
		rest, err := decodeColumns(enc, got, count, width)
		if err != nil || len(rest) != 0 || !slices.Equal(got, rows) {
			t.Fatalf("%v becomes %v (%v, %d bytes left)", rows, got, err, len(rest))
		}
		fuzzLoad(data, int(n)%3, int(stride)%4)
	})
}

// fuzzLoad loads bytes as if they were blocks.
func fuzzLoad(data []byte, keyWords, valWords int) {
	s, err := newSlots(keyWords, valWords)
	if err != nil {
		panic(err)
	}
	for _, body := range [][5]byte{slotsBody(0, levelGroup), slotsBody(1, levelBlock), slotsBody(9, levelBlock)} {
		if s.load(body[:], data) != nil {
			return
		}
	}
	// Damaged blocks may hold a key twice; the index takes that.
	s.loaded()
	(&Table{}).load(data, data)
}

// FuzzRecords: records of the store that are damaged are refused without a panic.
func FuzzRecords(f *testing.F) {
	f.Add(encodeFormat())
	f.Add(encodeMarker(Marker{Epoch: 7, Payload: []byte("p")}))
	f.Add(encodeSpace([]tableMeta{{id: 1, kind: kindSlots, keyWords: 2, valWords: 3, name: "g"}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		_ = checkFormat(b)
		_, _ = decodeMarker(b)
		_, _, _ = splitPieces(b)
		if metas, err := decodeSpace(b); err == nil && !slices.Equal(encodeSpace(metas), b) {
			t.Fatalf("%x becomes %v", b, metas)
		}
		if len(b) > 0 {
			if key, val, ok := loadOne(b); ok && string(val) != string(b[1:][len(b[1:])-len(val):]) {
				t.Fatalf("row %x: key %x, value %x", b, key, val)
			}
		}
	})
}

// loadOne loads a row with a short key.
func loadOne(val []byte) (key, got []byte, ok bool) {
	t := &Table{}
	body := rowBody(nil, []byte("key"))
	if t.load(body, val[1:]) != nil {
		return nil, nil, false
	}
	got, ok = t.Get([]byte("key"))
	return body, got, ok
}

func TestBlockIsCompact(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	rows := make([]uint64, groupSlots*4)
	for i := range groupSlots {
		copy(rows[i*4:], []uint64{725_846_400_000_000, r.Uint64N(1 << 16), -r.Uint64N(100), 0})
	}
	enc := appendColumns(make([]byte, 0, 4*columnMax(groupSlots)), rows, groupSlots, 4)
	if perRow := len(enc) / groupSlots; perRow > 5 {
		t.Fatalf("%d bytes a row", perRow)
	}
}

// TestArena keeps pieces of all sizes apart, reuses what was released, and finds each where it was put.
func TestArena(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	var a arena
	type piece struct {
		ref uint64
		n   int
		v   byte
	}
	var pieces []piece
	fill := func(b []byte, v byte) {
		for i := range b {
			b[i] = v
		}
	}
	for i := range 20_000 {
		if len(pieces) > 200 {
			k := r.IntN(len(pieces))
			p := pieces[k]
			for _, v := range a.at(p.ref)[:p.n] {
				if v != p.v {
					t.Fatalf("step %d: piece of %d bytes was overwritten", i, p.n)
				}
			}
			a.release(p.ref, p.n)
			pieces = slices.Delete(pieces, k, k+1)
		}
		n := r.IntN(1 << r.IntN(12))
		if r.IntN(200) == 0 {
			n = r.IntN(2 * arenaOwnChunk)
		}
		ref, b := a.alloc(n)
		if len(b) != n {
			t.Fatalf("%d bytes for %d", len(b), n)
		}
		fill(b, byte(i))
		pieces = append(pieces, piece{ref, n, byte(i)})
	}
	total := 0
	for _, c := range a.chunks {
		total += len(c)
	}
	if total > 32<<20 {
		t.Fatalf("arena of %d bytes for 200 pieces: nothing is reused", total)
	}
}

// TestSizeClass: sizes are enough, rise with the class, and waste at most a fifth and the grain.
func TestSizeClass(t *testing.T) {
	lastClass, lastSize := -1, 0
	for n := range arenaOwnChunk + 1 {
		class, size := sizeClass(n)
		if size < n || size > n+max(arenaGrain, n/4) || class >= arenaClasses || class < lastClass || size < lastSize ||
			(class == lastClass) != (size == lastSize) {
			t.Fatalf("size %d: class %d of size %d after class %d of size %d", n, class, size, lastClass, lastSize)
		}
		lastClass, lastSize = class, size
	}
}
