package state

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// The geometry of Rows: slot s lies in chunk s>>ChunkShift at position s&ChunkMask. 4096 slots of nine words are 288 KiB:
// large enough that the list of chunks stays in the cache, small enough that a table of one chunk wastes little.
const (
	ChunkShift = 12
	ChunkSlots = 1 << ChunkShift
	ChunkMask  = ChunkSlots - 1
)

// firstChunkSlots is what the first chunk starts with; it doubles up to ChunkSlots (the only chunk that ever moves).
const firstChunkSlots = 16

// Slots maps group keys to dense slot numbers, each with a fixed number of value words. It holds no pointers the
// garbage collector would follow: keys and values lie in chunks of words, byte keys in an arena, and the index is 64
// open-addressing tables chosen by the hash, so that growing one is short.
//
// Writing calls (FindOrAdd, FindOrAddBytes, Touch, Remove) come from one goroutine at a time. Between them any number
// of goroutines may call the reading ones (Find, FindBytes, Vals, Key, KeyBytes, Rows, Each, Len).
type Slots struct {
	keyWords int // 0: byte keys; a row then starts with one word, the key's place in the arena
	valWords int
	rowKey   int // words before the values in a row
	stride   int // words of a row

	subs   [subCount]subIndex
	chunks [][]uint64
	next   int32   // slots ever used: [0, next)
	free   []int32 // removed slots, the next one to be reused last
	alive  []uint64
	dirty  []uint64 // one bit per block of blockSlots slots
	stored []uint64 // per group of blocks: which of its keys the store has (slots_dump.go)
	keys   arena
	hashes []uint64 // scratch of FindOrAdd without hashes
	rows   []uint64 // scratch of dump and restore
}

// Rows is a view of the slots' words for tight loops without a call a row:
//
//	r := s.Rows() // after FindOrAdd, which may move or add chunks
//	for i, slot := range slots {
//		at := int(slot&state.ChunkMask)*r.Stride + r.Val
//		w := r.Chunks[slot>>state.ChunkShift][at : at+valWords : at+valWords]
//		...
//	}
//	s.Touch(slots)
type Rows struct {
	Chunks [][]uint64
	Stride int // words of one slot: its key words (for byte keys one private word), then its value words
	Val    int // offset of the first value word in a slot
}

// newSlots makes empty slots; wordsMax keeps a block's worst-case encoding well below one Badger value.
func newSlots(keyWords, valWords int) (*Slots, error) {
	if keyWords < 0 || valWords < 0 || keyWords+valWords > wordsMax {
		return nil, fmt.Errorf("slots with %d key words and %d value words: at most %d together", keyWords, valWords, wordsMax)
	}
	s := &Slots{keyWords: keyWords, valWords: valWords, rowKey: max(keyWords, 1)}
	s.stride = s.rowKey + valWords
	for i := range s.subs {
		s.subs[i] = newSubIndex(subMin)
	}
	return s, nil
}

// Rows returns the words of all slots, in place; valid until the next FindOrAdd. Who writes to value words calls Touch.
func (s *Slots) Rows() Rows { return Rows{Chunks: s.chunks, Stride: s.stride, Val: s.rowKey} }

// Len is the number of slots in use.
func (s *Slots) Len() int { return int(s.next) - len(s.free) }

// row returns the words of a slot.
func (s *Slots) row(slot int32) []uint64 {
	at := int(slot&ChunkMask) * s.stride
	return s.chunks[slot>>ChunkShift][at : at+s.stride : at+s.stride]
}

// Vals returns the slot's value words, in place; valid until the next FindOrAdd. Who changes them calls Touch.
func (s *Slots) Vals(slot int32) []uint64 { return s.row(slot)[s.rowKey:] }

// Key returns the slot's key words, in place and not to be changed; valid until the next FindOrAdd.
func (s *Slots) Key(slot int32) []uint64 { return s.row(slot)[:s.keyWords:s.keyWords] }

// KeyBytes returns the slot's byte key, in place and not to be changed; valid until the slot is removed.
func (s *Slots) KeyBytes(slot int32) []byte { return s.keyAt(s.row(slot)[0]) }

// keyAt returns the byte key that a row's first word leads to.
func (s *Slots) keyAt(ref uint64) []byte {
	b := s.keys.at(ref)
	n := 4 + binary.LittleEndian.Uint32(b)
	return b[4:n:n]
}

// Touch marks slots as changed since the last checkpoint.
func (s *Slots) Touch(slots []int32) {
	dirty := s.dirty
	for _, slot := range slots {
		block := uint32(slot) / blockSlots
		dirty[block>>6] |= 1 << (block & 63)
	}
}

// Each visits the slots in use in ascending order until f returns false. f may remove the slot it is given, and must
// not add or remove others.
func (s *Slots) Each(f func(slot int32) bool) {
	for i, w := range s.alive {
		for ; w != 0; w &= w - 1 {
			if !f(int32(i<<6 + bits.TrailingZeros64(w))) {
				return
			}
		}
	}
}

// Find returns the slot of a key; hash is Hash(key).
func (s *Slots) Find(key []uint64, hash uint64) (int32, bool) {
	sub := &s.subs[hash>>subShift]
	tag := uint32(hash)
	for p := tag & sub.mask; ; p = (p + 1) & sub.mask {
		e := sub.ents[p]
		if e == 0 {
			return 0, false
		}
		if uint32(e>>32) == tag && s.equal(int32(uint32(e))-1, key) {
			return int32(uint32(e)) - 1, true
		}
	}
}

// equal compares a slot's key words.
func (s *Slots) equal(slot int32, key []uint64) bool {
	row := s.row(slot)
	for i, w := range key {
		if row[i] != w {
			return false
		}
	}
	return true
}

// FindBytes returns the slot of a byte key; hash is HashBytes(key).
func (s *Slots) FindBytes(key []byte, hash uint64) (int32, bool) {
	sub := &s.subs[hash>>subShift]
	tag := uint32(hash)
	for p := tag & sub.mask; ; p = (p + 1) & sub.mask {
		e := sub.ents[p]
		if e == 0 {
			return 0, false
		}
		if slot := int32(uint32(e)) - 1; uint32(e>>32) == tag && string(s.KeyBytes(slot)) == string(key) {
			return slot, true
		}
	}
}

// FindOrAdd writes the slot of each key of a batch to out, adding what is new with value words 0 (and marking it
// changed). keys holds keyWords words a key, one key after the other; len(out) is the number of keys. hashes must be
// the Hash of each key (see HashRows): they are not stored, and after a restart the index is built from Hash itself.
// nil: computed here.
//
// Three passes: look up all hashes, then compare all keys, then the slow path for what is left; in the first two the
// rows are independent, so that their cache misses overlap.
func (s *Slots) FindOrAdd(keys []uint64, hashes []uint64, out []int32) {
	if len(out) == 0 {
		return
	}
	k := s.keyWords
	if hashes == nil {
		hashes = s.scratchHashes(len(out))
		HashRows(keys, k, hashes)
	} else if hashes[0] != Hash(keys[:k]) {
		panic("state: FindOrAdd with hashes that are not Hash of the keys")
	}
	left := s.probe(hashes, out)
	if k == 1 {
		left = s.verifyOne(keys, out) || left
	} else {
		left = s.verifyMany(keys, out) || left
	}
	if !left {
		return
	}
	for i, slot := range out {
		if slot >= 0 {
			continue
		}
		key := keys[i*k : (i+1)*k]
		found, ok := s.Find(key, hashes[i])
		if !ok {
			found = s.add(hashes[i])
			copy(s.row(found), key)
		}
		out[i] = found
	}
}

// FindOrAddBytes is FindOrAdd for byte keys: key i is data[off[i]:off[i+1]], and len(off) is len(out)+1. hashes must
// be the HashBytes of each key; nil: computed here. Keys are copied.
func (s *Slots) FindOrAddBytes(data []byte, off []uint32, hashes []uint64, out []int32) {
	if len(out) == 0 {
		return
	}
	if hashes == nil {
		hashes = s.scratchHashes(len(out))
		for i := range out {
			hashes[i] = HashBytes(data[off[i]:off[i+1]])
		}
	} else if hashes[0] != HashBytes(data[off[0]:off[1]]) {
		panic("state: FindOrAddBytes with hashes that are not HashBytes of the keys")
	}
	left := s.probe(hashes, out)
	for i, slot := range out {
		if slot >= 0 && string(s.KeyBytes(slot)) != string(data[off[i]:off[i+1]]) {
			out[i], left = -1, true
		}
	}
	if !left {
		return
	}
	for i, slot := range out {
		if slot < 0 {
			key := data[off[i]:off[i+1]]
			found, ok := s.FindBytes(key, hashes[i])
			if !ok {
				found = s.add(hashes[i])
				s.row(found)[0] = s.copyKey(key)
			}
			out[i] = found
		}
	}
}

// scratchHashes returns room for n hashes.
func (s *Slots) scratchHashes(n int) []uint64 {
	if cap(s.hashes) < n {
		s.hashes = make([]uint64, n)
	}
	return s.hashes[:n]
}

// probe writes to out the first slot whose tag matches each hash, -1 if there is none; it reports whether there was any -1.
func (s *Slots) probe(hashes []uint64, out []int32) (missed bool) {
	hashes = hashes[:len(out)]
	miss := int32(0)
	for i, h := range hashes {
		sub := &s.subs[h>>subShift]
		tag := uint32(h)
		p := tag & sub.mask
		e := sub.ents[p]
		for e != 0 && uint32(e>>32) != tag {
			p = (p + 1) & sub.mask
			e = sub.ents[p]
		}
		slot := int32(uint32(e)) - 1 // an empty entry gives -1
		miss |= slot
		out[i] = slot
	}
	return miss < 0
}

// verifyOne sets out to -1 where the probed slot's key differs: keys of one word.
func (s *Slots) verifyOne(keys []uint64, out []int32) (wrong bool) {
	chunks, stride := s.chunks, s.stride
	keys = keys[:len(out)]
	for i, slot := range out {
		if slot >= 0 && chunks[slot>>ChunkShift][int(slot&ChunkMask)*stride] != keys[i] {
			out[i], wrong = -1, true
		}
	}
	return wrong
}

// verifyMany sets out to -1 where the probed slot's key differs.
func (s *Slots) verifyMany(keys []uint64, out []int32) (wrong bool) {
	chunks, stride, k := s.chunks, s.stride, s.keyWords
	for i, slot := range out {
		if slot < 0 {
			continue
		}
		at := int(slot&ChunkMask) * stride
		row := chunks[slot>>ChunkShift][at : at+k]
		key := keys[i*k : i*k+len(row)]
		diff := uint64(0)
		for j, w := range row {
			diff |= w ^ key[j]
		}
		if diff != 0 {
			out[i], wrong = -1, true
		}
	}
	return wrong
}

// add takes a free slot, its words all 0, enters it in the index and marks it changed.
func (s *Slots) add(hash uint64) int32 {
	var slot int32
	if n := len(s.free); n > 0 {
		slot = s.free[n-1]
		s.free = s.free[:n-1]
	} else {
		slot = s.next
		s.next++
		s.grow(int(s.next))
	}
	s.alive[slot>>6] |= 1 << (slot & 63)
	s.markSlot(slot)
	s.subs[hash>>subShift].insert(uint32(hash), slot)
	return slot
}

// markSlot marks one slot as changed.
func (s *Slots) markSlot(slot int32) {
	block := uint32(slot) / blockSlots
	s.dirty[block>>6] |= 1 << (block & 63)
}

// grow makes room for n slots.
func (s *Slots) grow(n int) {
	for len(s.alive)*64 < n {
		s.alive = append(s.alive, 0)
	}
	for len(s.dirty)*64*blockSlots < n {
		s.dirty = append(s.dirty, 0)
	}
	for len(s.stored)*groupSlots < n {
		s.stored = append(s.stored, 0)
	}
	for len(s.chunks)*ChunkSlots < n && (len(s.chunks) > 0 || n > ChunkSlots) {
		if len(s.chunks) > 0 && len(s.chunks[0]) < ChunkSlots*s.stride {
			s.growFirst(ChunkSlots)
			continue
		}
		s.chunks = append(s.chunks, make([]uint64, ChunkSlots*s.stride))
	}
	if len(s.chunks) <= 1 && n <= ChunkSlots {
		s.growFirst(n)
	}
}

// growFirst makes the first chunk hold at least n slots.
func (s *Slots) growFirst(n int) {
	have := 0
	if len(s.chunks) > 0 {
		have = len(s.chunks[0]) / s.stride
	} else {
		s.chunks = append(s.chunks, nil)
	}
	if have >= n {
		return
	}
	size := max(have, firstChunkSlots)
	for size < n {
		size *= 2
	}
	chunk := make([]uint64, size*s.stride)
	copy(chunk, s.chunks[0])
	s.chunks[0] = chunk
}

// copyKey copies a byte key into the arena and returns its place.
func (s *Slots) copyKey(key []byte) uint64 {
	ref, b := s.keys.alloc(4 + len(key))
	binary.LittleEndian.PutUint32(b, uint32(len(key)))
	copy(b[4:], key)
	return ref
}

// Remove frees a slot: its key is gone, its number is reused by a later FindOrAdd. Removing a free slot panics.
func (s *Slots) Remove(slot int32) {
	if s.alive[slot>>6]&(1<<(slot&63)) == 0 {
		panic(fmt.Sprintf("state: Remove of free slot %d", slot))
	}
	row := s.row(slot)
	hash := s.rowHash(row)
	s.subs[hash>>subShift].remove(uint32(hash), slot)
	if s.keyWords == 0 {
		s.keys.release(row[0], 4+len(s.keyAt(row[0])))
	}
	clear(row)
	s.alive[slot>>6] &^= 1 << (slot & 63)
	s.markSlot(slot)
	s.free = append(s.free, slot)
}

// rowHash is the hash of a row's key.
func (s *Slots) rowHash(row []uint64) uint64 {
	if s.keyWords == 0 {
		return HashBytes(s.keyAt(row[0]))
	}
	return Hash(row[:s.keyWords])
}
