package state

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// How a Table lies in the store (FORMAT.md): a key of up to keyShort bytes is part of the Badger key (which may have
// 65,000 bytes); a longer one goes into the value, and its SHA-256 into the Badger key.
const (
	keyShort     = 16 << 10
	bodyShort    = 0
	bodyLong     = 1
	longKeyBytes = 1 + sha256.Size
)

var errRow = errors.New("damaged table row")

// rowBody appends to dst the part of the Badger key that stands for key.
func rowBody(dst, key []byte) []byte {
	if len(key) <= keyShort {
		return append(append(dst, bodyShort), key...)
	}
	sum := sha256.Sum256(key)
	return append(append(dst, bodyLong), sum[:]...)
}

// dump appends what changed since the last dump.
func (t *Table) dump(d *dump, prefix []byte) {
	body := make([]byte, 0, 64)
	for _, l := range t.dead.leaves {
		for _, r := range l.rows {
			body = rowBody(body[:0], t.dead.key(r.ref))
			d.delete(prefix, body)
		}
	}
	t.dead = rowTree{}
	for _, l := range t.tree.leaves {
		if !l.dirty {
			continue
		}
		l.dirty = false
		for i := range l.rows {
			if r := &l.rows[i]; r.ref&refDirty != 0 {
				key, value := t.tree.row(r.ref)
				body = rowBody(body[:0], key)
				dumpRow(d, prefix, body, key, value)
				r.ref = r.ref&^refDirty | refStored
			}
		}
	}
}

// dumpRow appends one row.
func dumpRow(d *dump, prefix, body, key, value []byte) {
	val := d.open(prefix, body, 1+binary.MaxVarintLen64+len(key)+len(value))
	val = append(val, valueWhole)
	if body[0] == bodyLong {
		val = binary.AppendUvarint(val, uint64(len(key)))
		val = append(val, key...)
	}
	d.close(append(val, value...))
}

// markAll marks every row as changed.
func (t *Table) markAll() {
	t.tracked = true
	for _, l := range t.tree.leaves {
		l.dirty = true
		for i := range l.rows {
			l.rows[i].ref |= refDirty
		}
	}
}

// load takes one entry of the store.
func (t *Table) load(body, val []byte) error {
	if len(body) == 0 {
		return errRow
	}
	key := body[1:]
	if body[0] == bodyLong {
		n, w := binary.Uvarint(val)
		if len(body) != longKeyBytes || w <= 0 || n > uint64(len(val)-w) {
			return errRow
		}
		key, val = val[w:w+int(n)], val[w+int(n):]
	} else if body[0] != bodyShort {
		return errRow
	}
	r, pos := t.tree.find(key)
	if r != nil {
		return errRow
	}
	r, _ = t.tree.insert(pos, key, val)
	r.ref |= refStored
	return nil
}
