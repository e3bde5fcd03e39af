package state

import (
	"encoding/binary"
	"testing"
)

// collide returns two different keys whose hashes agree in all that the index looks at: its table and the tag.
func collide(t *testing.T, hash func(i uint64) uint64) (a, b uint64) {
	t.Helper()
	const places = 1 << 21 // the last key that came to each; a map of all takes seconds
	seen := make([]struct{ at, key uint64 }, places)
	for i := range uint64(1 << 23) {
		h := hash(i)
		at := h>>subShift<<32 | h&(1<<32-1)
		p := &seen[h%places]
		if i > 0 && p.at == at {
			return p.key, i
		}
		p.at, p.key = at, i
	}
	t.Fatal("no collision among eight million keys: 38 bits should give one")
	return 0, 0
}

// TestCollisions: keys that the index cannot tell apart are told apart by themselves, in a batch and alone, known or new.
func TestCollisions(t *testing.T) {
	for keyWords := 1; keyWords <= 2; keyWords++ {
		key := func(i uint64) []uint64 { return []uint64{i, 0}[:keyWords] }
		a, b := collide(t, func(i uint64) uint64 { return Hash(key(i)) })
		s, _ := newSlots(keyWords, 1)
		out := make([]int32, 2)
		s.FindOrAdd(key(a), nil, out[:1])
		for range 2 {
			s.FindOrAdd(append(key(b), key(a)...), nil, out)
			if out[0] != 1 || out[1] != 0 {
				t.Fatalf("%d words: keys %d and %d have slots %v", keyWords, b, a, out)
			}
		}
		s.Remove(0)
		if slot, ok := s.Find(key(b), Hash(key(b))); !ok || slot != 1 {
			t.Fatalf("%d words: slot %d, %v after the other was removed", keyWords, slot, ok)
		}
		if _, ok := s.Find(key(a), Hash(key(a))); ok {
			t.Fatalf("%d words: the removed key is found", keyWords)
		}
	}
	bytes := func(i uint64) []byte { return binary.BigEndian.AppendUint64([]byte("key"), i) }
	a, b := collide(t, func(i uint64) uint64 { return HashBytes(bytes(i)) })
	s, _ := newSlots(0, 1)
	out := make([]int32, 2)
	s.FindOrAddBytes(bytes(a), []uint32{0, 11}, nil, out[:1])
	for range 2 {
		s.FindOrAddBytes(append(bytes(b), bytes(a)...), []uint32{0, 11, 22}, nil, out)
		if out[0] != 1 || out[1] != 0 {
			t.Fatalf("byte keys %x and %x have slots %v", bytes(b), bytes(a), out)
		}
	}
}
