package state

import "bytes"

// Table is an ordered map from bytes to bytes, in memory; in the store each key is one Badger key. Writing calls come
// from one goroutine at a time; between them any number of goroutines may read.
type Table struct {
	tree    rowTree
	dead    rowTree // keys that the store has and the table has no more
	tracked bool    // part of checkpoints: changes are noted
}

// Len is the number of keys.
func (t *Table) Len() int { return t.tree.n }

// Get returns the value of key, in place: it is valid, and must not be changed, until the next write to the table.
func (t *Table) Get(key []byte) ([]byte, bool) {
	r, _ := t.tree.find(key)
	if r == nil {
		return nil, false
	}
	_, value := t.tree.row(r.ref)
	return value, true
}

// Put sets the value of key and copies both. value may be (part of) what Get returned; key must not lie in the table.
func (t *Table) Put(key, value []byte) {
	r, pos := t.tree.find(key)
	if r != nil {
		if _, old := t.tree.row(r.ref); bytes.Equal(old, value) {
			return
		}
		t.tree.update(pos, r, key, value)
		if t.tracked {
			r.ref |= refDirty
			t.tree.leaves[pos.leaf].dirty = true
		}
		return
	}
	r, l := t.tree.insert(pos, key, value)
	if !t.tracked {
		return
	}
	r.ref |= refDirty
	l.dirty = true
	if dead, at := t.dead.find(key); dead != nil {
		t.dead.remove(at)
		r.ref |= refStored
	}
}

// Delete removes key and reports whether it was there. key must not lie in the table.
func (t *Table) Delete(key []byte) bool {
	r, pos := t.tree.find(key)
	if r == nil {
		return false
	}
	if r.ref&refStored != 0 {
		if dead, at := t.dead.find(key); dead == nil {
			t.dead.insert(at, key, nil)
		}
	}
	t.tree.remove(pos)
	return true
}

// Ascend visits the rows whose key begins with prefix in ascending order until f returns false. Keys and values are in
// place: valid, and not to be changed, until the next write. f must not write to the table.
func (t *Table) Ascend(prefix []byte, f func(key, value []byte) bool) {
	t.AscendFrom(prefix, prefix, f)
}

// AscendFrom is Ascend from the first key that is at least from.
func (t *Table) AscendFrom(prefix, from []byte, f func(key, value []byte) bool) {
	if bytes.Compare(from, prefix) < 0 {
		from = prefix
	}
	pos := t.tree.seek(from)
	for ; pos.leaf < len(t.tree.leaves); pos.leaf, pos.row = pos.leaf+1, 0 {
		rows := t.tree.leaves[pos.leaf].rows
		for _, r := range rows[pos.row:] {
			key, value := t.tree.row(r.ref)
			if !bytes.HasPrefix(key, prefix) || !f(key, value) {
				return
			}
		}
	}
}

// Descend visits the rows whose key begins with prefix in descending order until f returns false; see Ascend.
func (t *Table) Descend(prefix []byte, f func(key, value []byte) bool) {
	pos := t.end(prefix)
	for {
		for pos.row--; pos.row >= 0; pos.row-- {
			key, value := t.tree.row(t.tree.leaves[pos.leaf].rows[pos.row].ref)
			if !bytes.HasPrefix(key, prefix) || !f(key, value) {
				return
			}
		}
		if pos.leaf--; pos.leaf < 0 {
			return
		}
		pos.row = len(t.tree.leaves[pos.leaf].rows)
	}
}

// end returns the place after the last key that begins with prefix.
func (t *Table) end(prefix []byte) rowPos {
	after := bytes.Clone(prefix)
	for n := len(after); n > 0; n-- {
		if after[n-1] != 0xFF {
			after[n-1]++
			return t.tree.seek(after[:n])
		}
	}
	return rowPos{leaf: len(t.tree.leaves)}
}
