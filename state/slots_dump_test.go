package state

import (
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
)

// kv is a store of one table: what dumps wrote, last one wins.
type kv map[string]string

// apply takes a dump, as a checkpoint would.
func (m kv) apply(t *testing.T, d *dump, prefix []byte) {
	t.Helper()
	seen := map[string]bool{}
	err := d.each(func(key, value []byte, deleted bool) error {
		body := string(key[len(prefix):])
		if seen[body] {
			t.Fatalf("key %x is twice in one dump: its versions would be the same", body)
		}
		seen[body] = true
		if deleted {
			if _, ok := m[body]; !ok {
				t.Fatalf("key %x is deleted and was not there", body)
			}
			delete(m, body)
			return nil
		}
		m[body] = string(value)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// load returns slots restored from m.
func (m kv) load(t *testing.T, keyWords, valWords int) *Slots {
	t.Helper()
	s, err := newSlots(keyWords, valWords)
	if err != nil {
		t.Fatal(err)
	}
	bodies := make([]string, 0, len(m))
	for body := range m {
		bodies = append(bodies, body)
	}
	sort.Strings(bodies)
	for _, body := range bodies {
		if err := s.load([]byte(body), []byte(m[body])[1:]); err != nil {
			t.Fatalf("load %x: %v", body, err)
		}
	}
	s.loaded()
	return s
}

// TestDumpAndLoad changes slots of several groups, now few, now many, now removing ranges, and after each dump
// restores others from all that was dumped: both have the same slots, and the store no key that is of no use.
func TestDumpAndLoad(t *testing.T) {
	for _, keyWords := range []int{0, 1, 2} {
		r := rand.New(rand.NewPCG(14, uint64(keyWords)))
		s, _ := newSlots(keyWords, 2)
		store, prefix := kv{}, tablePrefix(1, 1)
		for round := range 60 {
			changeSome(s, keyWords, r, round)
			d := &dump{}
			s.dump(d, prefix)
			store.apply(t, d, prefix)
			again := store.load(t, keyWords, 2)
			sameSlots(t, s, again)
			if round%7 == 6 {
				s = again // go on from the restored ones, with their free list and what they know of the store
			}
			if len(store) > 3*(s.Len()/blockSlots+1)+groupBlocks*4 && s.Len() < 100 {
				t.Fatalf("%d keys for %d slots", len(store), s.Len())
			}
		}
		s.Each(func(slot int32) bool { s.Remove(slot); return true })
		d := &dump{}
		s.dump(d, prefix)
		store.apply(t, d, prefix)
		if len(store) != 0 {
			t.Fatalf("%d keys are left of empty slots", len(store))
		}
	}
}

// changeSome adds, changes and removes slots.
func changeSome(s *Slots, keyWords int, r *rand.Rand, round int) {
	n := []int{3, 40, 2000}[r.IntN(3)]
	span := uint64(3000)
	if round%5 == 0 {
		span = 100 // many changes in few blocks
	}
	for range n {
		k := r.Uint64N(span)
		out := []int32{0}
		switch keyWords {
		case 0:
			key := rowKey(k)
			s.FindOrAddBytes([]byte(key), []uint32{0, uint32(len(key))}, nil, out)
		default:
			s.FindOrAdd([]uint64{k * k, k}[:keyWords], nil, out)
		}
		s.Vals(out[0])[0] -= r.Uint64N(1000)
		s.Vals(out[0])[1] = r.Uint64() >> r.IntN(64)
		s.Touch(out)
	}
	if r.IntN(2) == 0 {
		return
	}
	from := int32(r.IntN(int(s.next)))
	to := from + int32(r.IntN(1200))
	s.Each(func(slot int32) bool {
		if slot >= from && slot < to {
			s.Remove(slot)
		}
		return true
	})
}

// sameSlots compares slots with restored ones: numbers, keys, values, and that each is found.
func sameSlots(t *testing.T, want, got *Slots) {
	t.Helper()
	if want.Len() != got.Len() {
		t.Fatalf("%d slots, want %d", got.Len(), want.Len())
	}
	want.Each(func(slot int32) bool {
		if int(slot) >= int(got.next) || !slices.Equal(want.Vals(slot), got.Vals(slot)) {
			t.Fatalf("slot %d: values differ", slot)
		}
		found, ok := int32(0), false
		if want.keyWords == 0 {
			key := want.KeyBytes(slot)
			found, ok = got.FindBytes(key, HashBytes(key))
		} else {
			key := want.Key(slot)
			found, ok = got.Find(key, Hash(key))
		}
		if !ok || found != slot {
			t.Fatalf("slot %d is found as %d, %v", slot, found, ok)
		}
		return true
	})
	n := 0
	got.Each(func(int32) bool { n++; return true })
	if n != got.Len() {
		t.Fatalf("%d slots are in use, Len is %d", n, got.Len())
	}
}

// TestMarkAll: everything in use is dumped again, and nothing else.
func TestMarkAll(t *testing.T) {
	s, _ := newSlots(1, 1)
	out := make([]int32, 1)
	for i := range uint64(2000) {
		s.FindOrAdd([]uint64{i}, nil, out)
	}
	prefix := tablePrefix(1, 1)
	s.dump(&dump{}, prefix)
	empty := &dump{}
	if s.dump(empty, prefix); empty.rows != 0 {
		t.Fatalf("%d records though nothing changed", empty.rows)
	}
	s.markAll()
	d, store := &dump{}, kv{}
	s.dump(d, prefix)
	store.apply(t, d, prefix)
	sameSlots(t, s, store.load(t, 1, 1))
}
