package state

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// leafMax is the number of rows at which a leaf splits: moving half of 3 KiB is cheaper than a cache miss more a search.
const leafMax = 128

// Flags of rowRef.ref beside the place in the arena.
const (
	refDirty  = 1 << 63 // changed since the last dump
	refStored = 1 << 62 // the store has the key
	refPlace  = refStored - 1

	rowHead = 8 // a row in the arena: key length, value length (4 bytes each), key, value
)

// rowRef is one row of a leaf: the first 16 bytes of the key, which decide most comparisons, and its place.
type rowRef struct {
	p0, p1 uint64
	ref    uint64
}

// leaf is a sorted run of rows. It holds no pointers but its own slice.
type leaf struct {
	rows  []rowRef
	dirty bool // some row is
}

// rowTree is a sorted list of rows in two levels: leaves, and the list of leaves with the first key of each. A tree of
// 10 million rows has some 100,000 leaves; inserting one moves 2.4 MB once in 64 inserts or less. The garbage collector
// sees leaves and arena chunks, not rows.
type rowTree struct {
	leaves []*leaf
	firsts []rowRef // a copy of each leaf's first row (its flags mean nothing here)
	n      int
	arena  arena
}

// rowPos is a place in a tree: a leaf and a row in it; row may be one past the leaf's last.
type rowPos struct{ leaf, row int }

// prefixOf returns the first 16 bytes of a key as two words that compare like the bytes, but for trailing zeros.
func prefixOf(key []byte) (p0, p1 uint64) {
	if len(key) >= 16 {
		return binary.BigEndian.Uint64(key), binary.BigEndian.Uint64(key[8:])
	}
	var b [16]byte
	copy(b[:], key)
	return binary.BigEndian.Uint64(b[:]), binary.BigEndian.Uint64(b[8:])
}

// key returns a row's key, in place.
func (t *rowTree) key(ref uint64) []byte {
	b := t.arena.at(ref & refPlace)
	end := rowHead + int(binary.LittleEndian.Uint32(b))
	return b[rowHead:end:end]
}

// row returns a row's key and value, in place.
func (t *rowTree) row(ref uint64) (key, value []byte) {
	b := t.arena.at(ref & refPlace)
	k := rowHead + int(binary.LittleEndian.Uint32(b))
	v := k + int(binary.LittleEndian.Uint32(b[4:]))
	return b[rowHead:k:k], b[k:v:v]
}

// less reports whether row r sorts before the key with prefix p0, p1.
func (t *rowTree) less(r *rowRef, p0, p1 uint64, key []byte) bool {
	if r.p0 != p0 {
		return r.p0 < p0
	}
	if r.p1 != p1 {
		return r.p1 < p1
	}
	return bytes.Compare(t.key(r.ref), key) < 0
}

// seek returns the place of the first row that does not sort before key, in the leaf that key belongs to: one past its
// last row if all of them sort before key.
func (t *rowTree) seek(key []byte) rowPos {
	p0, p1 := prefixOf(key)
	at, end := 0, len(t.firsts)
	for at < end { // the first leaf whose first row sorts after key, or is key
		if m := int(uint(at+end) / 2); t.less(&t.firsts[m], p0, p1, key) {
			at = m + 1
		} else {
			end = m
		}
	}
	// Key belongs to the leaf before, unless it is a leaf's first row.
	if at < len(t.firsts) && (at == 0 || t.is(&t.firsts[at], p0, p1, key)) {
		return rowPos{at, 0}
	}
	if at == 0 {
		return rowPos{}
	}
	rows := t.leaves[at-1].rows
	lo, hi := 1, len(rows)
	for lo < hi {
		if m := int(uint(lo+hi) / 2); t.less(&rows[m], p0, p1, key) {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return rowPos{at - 1, lo}
}

// is reports whether row r has the key.
func (t *rowTree) is(r *rowRef, p0, p1 uint64, key []byte) bool {
	return r.p0 == p0 && r.p1 == p1 && bytes.Equal(t.key(r.ref), key)
}

// find returns the row with the key, nil if there is none, and its place or the place to insert it at.
func (t *rowTree) find(key []byte) (*rowRef, rowPos) {
	pos := t.seek(key)
	if pos.leaf < len(t.leaves) && pos.row < len(t.leaves[pos.leaf].rows) {
		r := &t.leaves[pos.leaf].rows[pos.row]
		if p0, p1 := prefixOf(key); t.is(r, p0, p1, key) {
			return r, pos
		}
	}
	return nil, pos
}

// insert adds a row that is not there at the place find gave, and returns it and its leaf.
func (t *rowTree) insert(pos rowPos, key, value []byte) (*rowRef, *leaf) {
	r := rowRef{ref: t.store(key, value)}
	r.p0, r.p1 = prefixOf(key)
	t.n++
	if len(t.leaves) == 0 {
		t.leaves, t.firsts = []*leaf{{}}, []rowRef{{}}
	}
	if len(t.leaves[pos.leaf].rows) >= leafMax {
		pos = t.split(pos)
	}
	l := t.leaves[pos.leaf]
	l.rows = slices.Insert(l.rows, pos.row, r)
	if pos.row == 0 {
		t.firsts[pos.leaf] = r
	}
	return &l.rows[pos.row], l
}

// split divides a full leaf and returns where pos is now. An insert at its end starts a new leaf instead: rows that
// come in order leave full leaves behind.
func (t *rowTree) split(pos rowPos) rowPos {
	l := t.leaves[pos.leaf]
	at := len(l.rows) / 2
	if pos.row == len(l.rows) && pos.leaf == len(t.leaves)-1 {
		at = len(l.rows)
	}
	upper := &leaf{rows: make([]rowRef, len(l.rows)-at, leafMax), dirty: l.dirty}
	copy(upper.rows, l.rows[at:])
	l.rows = l.rows[:at]
	t.leaves = slices.Insert(t.leaves, pos.leaf+1, upper)
	var first rowRef
	if len(upper.rows) > 0 {
		first = upper.rows[0]
	}
	t.firsts = slices.Insert(t.firsts, pos.leaf+1, first)
	if pos.row > at || at == leafMax {
		return rowPos{pos.leaf + 1, pos.row - at}
	}
	return pos
}

// store copies a row into the arena and returns its place.
func (t *rowTree) store(key, value []byte) uint64 {
	ref, b := t.arena.alloc(rowHead + len(key) + len(value))
	binary.LittleEndian.PutUint32(b, uint32(len(key)))
	binary.LittleEndian.PutUint32(b[4:], uint32(len(value)))
	copy(b[rowHead:], key)
	copy(b[rowHead+len(key):], value)
	return ref
}

// update gives a row another value, in place if it fits. The old value, which may be value, is read before it goes.
func (t *rowTree) update(pos rowPos, r *rowRef, key, value []byte) {
	oldKey, old := t.row(r.ref)
	oldSize, size := rowHead+len(oldKey)+len(old), rowHead+len(oldKey)+len(value)
	if fits(oldSize, size) {
		b := t.arena.at(r.ref & refPlace)
		binary.LittleEndian.PutUint32(b[4:], uint32(len(value)))
		copy(b[rowHead+len(oldKey):], value)
		return
	}
	ref := t.store(key, value)
	t.arena.release(r.ref&refPlace, oldSize)
	r.ref = ref | r.ref&^refPlace
	if pos.row == 0 {
		t.firsts[pos.leaf] = *r
	}
}

// remove takes out the row at pos.
func (t *rowTree) remove(pos rowPos) {
	l := t.leaves[pos.leaf]
	key, value := t.row(l.rows[pos.row].ref)
	t.arena.release(l.rows[pos.row].ref&refPlace, rowHead+len(key)+len(value))
	l.rows = slices.Delete(l.rows, pos.row, pos.row+1)
	t.n--
	switch {
	case len(l.rows) == 0:
		t.leaves = slices.Delete(t.leaves, pos.leaf, pos.leaf+1)
		t.firsts = slices.Delete(t.firsts, pos.leaf, pos.leaf+1)
	case pos.row == 0:
		t.firsts[pos.leaf] = l.rows[0]
	case len(l.rows) < leafMax/8:
		t.merge(pos.leaf)
	}
}

// merge joins a small leaf with the next one if both fit in half a leaf: a table that shrank does not stay scattered.
func (t *rowTree) merge(i int) {
	if i+1 >= len(t.leaves) || len(t.leaves[i].rows)+len(t.leaves[i+1].rows) > leafMax/2 {
		return
	}
	l, next := t.leaves[i], t.leaves[i+1]
	l.rows = append(l.rows, next.rows...)
	l.dirty = l.dirty || next.dirty
	t.leaves = slices.Delete(t.leaves, i+1, i+2)
	t.firsts = slices.Delete(t.firsts, i+1, i+2)
}
