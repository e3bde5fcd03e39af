package state

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
)

// TestSlotsBatches: batches with keys known, new, and repeated within the batch get the slots that one at a time gives.
func TestSlotsBatches(t *testing.T) {
	for _, keyWords := range []int{1, 2, 3} {
		r := rand.New(rand.NewPCG(5, uint64(keyWords)))
		s, _ := newSlots(keyWords, 1)
		want := map[string]int32{}
		for range 60 {
			n := 1 + r.IntN(500)
			keys := make([]uint64, n*keyWords)
			for i := range keys {
				keys[i] = r.Uint64N(8) * uint64(r.IntN(300)) << 50
			}
			out := make([]int32, n)
			s.FindOrAdd(keys, nil, out)
			for i, slot := range out {
				key := keys[i*keyWords : (i+1)*keyWords]
				name := fmt.Sprint(key)
				if known, ok := want[name]; ok && known != slot || !ok && int(slot) != len(want) {
					t.Fatalf("key %s: slot %d, want %d of %d", name, slot, known, len(want))
				}
				want[name] = slot
				if fmt.Sprint(s.Key(slot)) != name {
					t.Fatalf("slot %d has key %v, want %s", slot, s.Key(slot), name)
				}
				s.Vals(slot)[0] += 1
			}
		}
		if s.Len() != len(want) {
			t.Fatalf("%d slots, want %d", s.Len(), len(want))
		}
	}
}

// TestSlotsAcrossChunks: values stay in place while slots grow over several chunks; Rows and Vals see the same words.
func TestSlotsAcrossChunks(t *testing.T) {
	s, _ := newSlots(1, 2)
	out := make([]int32, 1)
	const n = 3*ChunkSlots + 7
	for i := range uint64(n) {
		s.FindOrAdd([]uint64{i * i}, nil, out)
		s.Vals(out[0])[1] = i
	}
	r := s.Rows()
	for i := range int32(n) {
		at := int(i&ChunkMask)*r.Stride + r.Val
		if r.Chunks[i>>ChunkShift][at+1] != uint64(i) || s.Vals(i)[1] != uint64(i) || s.Key(i)[0] != uint64(i)*uint64(i) {
			t.Fatalf("slot %d: words %v, key %v", i, s.Vals(i), s.Key(i))
		}
	}
}

// TestSlotsReuse: a removed slot comes back zeroed, and a wrong Remove panics.
func TestSlotsReuse(t *testing.T) {
	s, _ := newSlots(1, 1)
	out := make([]int32, 2)
	s.FindOrAdd([]uint64{10, 20}, nil, out)
	s.Vals(out[0])[0] = 99
	s.Remove(out[0])
	if _, ok := s.Find([]uint64{10}, Hash([]uint64{10})); ok || s.Len() != 1 {
		t.Fatal("a removed key is found")
	}
	again := make([]int32, 1)
	s.FindOrAdd([]uint64{30}, nil, again)
	if again[0] != out[0] || s.Vals(again[0])[0] != 0 {
		t.Fatalf("slot %d with %v after slot %d was removed", again[0], s.Vals(again[0]), out[0])
	}
	s.Remove(out[1])
	defer func() {
		if recover() == nil {
			t.Fatal("removing a free slot does not panic")
		}
	}()
	s.Remove(out[1])
}

// TestForeignHash: hashes that are not ours would be lost at the next restart.
func TestForeignHash(t *testing.T) {
	s, _ := newSlots(1, 1)
	defer func() {
		if recover() == nil {
			t.Fatal("foreign hashes are accepted")
		}
	}()
	s.FindOrAdd([]uint64{1}, []uint64{2}, make([]int32, 1))
}

// TestHash: HashRows agrees with Hash, and no table of the index gets more than its share of ordinary keys.
func TestHash(t *testing.T) {
	for _, keyWords := range []int{1, 2, 5} {
		const n = 64_000
		keys := make([]uint64, n*keyWords)
		for i := range keys {
			keys[i] = uint64(i) << (i % 3 * 20)
		}
		hashes := make([]uint64, n)
		HashRows(keys, keyWords, hashes)
		var subs, homes [subCount]int
		for i, h := range hashes {
			if h != Hash(keys[i*keyWords:(i+1)*keyWords]) {
				t.Fatalf("%d words: HashRows differs from Hash", keyWords)
			}
			subs[h>>subShift]++
			homes[h%subCount]++
		}
		for i := range subs {
			if subs[i] < 800 || subs[i] > 1200 || homes[i] < 800 || homes[i] > 1200 {
				t.Fatalf("%d words: table %d has %d keys, home %d has %d, of 1000 expected", keyWords, i, subs[i], i, homes[i])
			}
		}
	}
	seen := map[uint64]string{}
	for n := range 40 {
		for _, c := range []string{"\x00", "a"} {
			key := strings.Repeat(c, n)
			if other, ok := seen[HashBytes([]byte(key))]; ok && other != key {
				t.Fatalf("%q and %q hash the same", key, other)
			}
			seen[HashBytes([]byte(key))] = key
		}
	}
}

// TestTableRanges compares the ranges of a table with a sorted list.
func TestTableRanges(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	sp := Memory()
	table, err := sp.Table("t")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for range 10_000 {
		key := make([]byte, r.IntN(4))
		for i := range key {
			key[i] = []byte{0, 1, 'a', 'b', 254, 255}[r.IntN(6)]
		}
		if r.IntN(2) == 0 {
			key = append([]byte(strings.Repeat("\xff", r.IntN(20))), key...)
		}
		if r.IntN(3) == 0 {
			delete(want, string(key))
			table.Delete(key)
			continue
		}
		value := fmt.Sprint(r.IntN(1 << r.IntN(20)))
		want[string(key)] = value
		table.Put(key, []byte(value))
	}
	checkRows(t, table, want)
	keys := make([]string, 0, len(want))
	for k := range want {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for range 200 {
		prefix, from := keys[r.IntN(len(keys))], keys[r.IntN(len(keys))]
		prefix = prefix[:r.IntN(len(prefix)+1)]
		var wantUp, gotUp, wantDown, gotDown []string
		for _, k := range keys {
			if strings.HasPrefix(k, prefix) {
				wantDown = append(wantDown, k)
				if k >= from {
					wantUp = append(wantUp, k)
				}
			}
		}
		slices.Reverse(wantDown)
		table.AscendFrom([]byte(prefix), []byte(from), func(k, _ []byte) bool { gotUp = append(gotUp, string(k)); return true })
		table.Descend([]byte(prefix), func(k, _ []byte) bool { gotDown = append(gotDown, string(k)); return true })
		if fmt.Sprintf("%q", gotUp) != fmt.Sprintf("%q", wantUp) || fmt.Sprintf("%q", gotDown) != fmt.Sprintf("%q", wantDown) {
			t.Fatalf("prefix %q from %q: up %q, want %q; down %q, want %q", prefix, from, gotUp, wantUp, gotDown, wantDown)
		}
	}
	visited := 0
	table.Ascend(nil, func(_, _ []byte) bool { visited++; return visited < 5 })
	table.Descend(nil, func(_, _ []byte) bool { visited++; return visited < 10 })
	if visited != 10 {
		t.Fatalf("%d rows visited after f returned false", visited)
	}
}

// TestTableBig: a table of many leaves, filled in order, in reverse, and at random, then emptied.
func TestTableBig(t *testing.T) {
	orders := map[string]func(i, n int) int{
		"up": func(i, _ int) int { return i }, "down": func(i, n int) int { return n - i }, "random": func(i, n int) int { return i * 7919 % n },
	}
	for name, order := range orders {
		const n = 20_011
		var table Table
		for i := range n {
			table.Put(fmt.Appendf(nil, "%08d", order(i, n)), []byte(name))
		}
		if table.Len() != n {
			t.Fatalf("%s: %d rows", name, table.Len())
		}
		if most := n/(leafMax/2) + 2; len(table.tree.leaves) > most {
			t.Fatalf("%s: %d leaves, want at most %d", name, len(table.tree.leaves), most)
		}
		for i := range n {
			if !table.Delete(fmt.Appendf(nil, "%08d", order(i, n))) {
				t.Fatalf("%s: row %d is not there", name, i)
			}
			if left := table.Len(); left > 0 && len(table.tree.leaves) > 2+4*left {
				t.Fatalf("%s: %d leaves for %d rows", name, len(table.tree.leaves), left)
			}
		}
		if table.Len() != 0 || len(table.tree.leaves) != 0 {
			t.Fatalf("%s: %d rows in %d leaves are left", name, table.Len(), len(table.tree.leaves))
		}
	}
}

// TestPutOwnValue: Put may be given what Get returned.
func TestPutOwnValue(t *testing.T) {
	var table Table
	table.Put([]byte("k"), []byte(strings.Repeat("0123456789", 100)))
	v, _ := table.Get([]byte("k"))
	table.Put([]byte("k"), v[3:7])
	if v, _ := table.Get([]byte("k")); string(v) != "3456" {
		t.Fatalf("%q", v)
	}
}

// TestReaders: any number of goroutines read between writes (meant for -race).
func TestReaders(t *testing.T) {
	s := openStore(t, testOptions(t.TempDir()))
	w := newWorld(13, 200)
	for range 4 {
		w.step(t, s)
		c := s.Begin()
		var wg sync.WaitGroup
		for range 4 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for _, id := range w.ids() {
					w.spaces[id].check(t, openSpaceAgain(s, id))
				}
			}()
		}
		if err := c.Commit(t.Context(), payload(w.round)); err != nil {
			t.Error(err)
		}
		wg.Wait()
		c = s.Begin()
		done, mark := make(chan error), payload(w.round)
		go func() { done <- c.Commit(t.Context(), mark) }()
		w.step(t, s) // writers go on while a checkpoint is written
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}

// openSpaceAgain returns the tables of a space that is open.
func openSpaceAgain(s *Store, id uint64) *opened {
	s.mu.Lock()
	sp := s.spaces[id]
	s.mu.Unlock()
	return &opened{sp, sp.tables["rows"], sp.slots["words"], sp.slots["bytes"]}
}
