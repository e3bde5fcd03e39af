package state

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dgraph-io/badger/v4"
)

// Space is the state of one dataflow node: its tables by name. Spaces are independent of each other; different
// goroutines may write to different ones, but not while Begin runs.
type Space struct {
	store    *Store // nil: Memory
	id       uint64
	attached bool
	changed  bool // the list of tables is not in the store as it is
	metas    []tableMeta
	tables   map[string]*Table
	slots    map[string]*Slots
	err      error // why it cannot be used
}

// Memory returns a space without a store, for push and pull queries: nothing is tracked, nothing survives.
func Memory() *Space { return &Space{tables: map[string]*Table{}, slots: map[string]*Slots{}} }

// Space returns the state of dataflow node id: as of the marker's checkpoint, or empty and detached (not part of
// checkpoints until Attach) if that has none. The same id gives the same Space. An error of reading shows when a table
// is opened.
func (s *Store) Space(id uint64) *Space {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sp := s.spaces[id]; sp != nil {
		return sp
	}
	sp := Memory()
	sp.store, sp.id = s, id
	switch {
	case s.prepared != nil:
		sp.err = fmt.Errorf("space %d: prepared epoch %d is not resolved", id, s.prepared.Epoch)
		return sp
	case s.gone[id]:
		sp.err = fmt.Errorf("space %d was dropped: its number is never reused", id)
		return sp
	case errors.Is(s.failed, errClosing):
		sp.err = s.failed
		return sp
	}
	b, err := s.read(spaceKey(kindSpace, id), s.baseEpoch())
	if err == nil && b != nil {
		sp.attached = true
		sp.metas, err = decodeSpace(b)
	}
	if err != nil {
		sp.err = fmt.Errorf("space %d: %w", id, err)
	}
	s.spaces[id] = sp
	return sp
}

// Attach makes the space part of checkpoints; everything in it is then to be written. The caller keeps Begin out.
func (sp *Space) Attach() {
	if sp.store == nil || sp.attached {
		return
	}
	sp.store.mu.Lock()
	defer sp.store.mu.Unlock()
	sp.attached, sp.changed = true, true
	for _, t := range sp.tables {
		t.markAll()
	}
	for _, t := range sp.slots {
		t.markAll()
	}
}

// Attached reports whether the space is part of checkpoints; right after Space: whether the marker's checkpoint has it.
func (sp *Space) Attached() bool { return sp.attached }

// Drop makes the space disappear with the next checkpoint. Its data is deleted in the background, a bounded number of
// keys with each later checkpoint. Its tables must not be used any more, its number never again.
func (s *Store) Drop(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.spaces[id]
	delete(s.spaces, id)
	if s.gone[id] {
		return
	}
	s.gone[id] = true
	if sp == nil || sp.attached {
		s.dropped = append(s.dropped, id)
	}
}

// Table returns the ordered table of a name, loading it if the store has it. The same name gives the same table.
func (sp *Space) Table(name string) (*Table, error) {
	if t := sp.tables[name]; t != nil {
		return t, nil
	}
	m, stored, err := sp.meta(tableMeta{kind: kindTable, name: name})
	if err != nil {
		return nil, err
	}
	t := &Table{}
	if stored {
		if err := sp.load(m, t.load); err != nil {
			return nil, err
		}
	}
	t.tracked = sp.attached
	sp.tables[name] = t
	return t, nil
}

// Slots returns the slots of a name, loading them if the store has them. The same name gives the same slots, and must
// come with the same numbers of words. keyWords 0: byte keys.
func (sp *Space) Slots(name string, keyWords, valWords int) (*Slots, error) {
	fresh, err := newSlots(keyWords, valWords)
	if err != nil {
		return nil, err
	}
	if t := sp.slots[name]; t != nil {
		if t.keyWords != keyWords || t.valWords != valWords {
			return nil, fmt.Errorf("slots %q: %w", name, errOtherTable)
		}
		return t, nil
	}
	m, stored, err := sp.meta(tableMeta{kind: kindSlots, name: name, keyWords: uint16(keyWords), valWords: uint16(valWords)})
	if err != nil {
		return nil, err
	}
	if stored {
		if err := sp.load(m, fresh.load); err != nil {
			return nil, err
		}
		fresh.loaded()
	}
	sp.slots[name] = fresh
	return fresh, nil
}

var errOtherTable = errors.New("the table exists with another kind or other numbers of words")

// meta returns what is known of a table: stored, or new under the next number.
func (sp *Space) meta(want tableMeta) (m tableMeta, stored bool, err error) {
	if sp.err != nil {
		return m, false, sp.err
	}
	if len(want.name) > 1<<10 || len(sp.metas) >= tablesMax {
		return m, false, fmt.Errorf("table %.40q: the name is too long or the space has too many tables", want.name)
	}
	for _, m := range sp.metas {
		if m.name != want.name {
			continue
		}
		if m.kind != want.kind || m.keyWords != want.keyWords || m.valWords != want.valWords {
			return m, false, fmt.Errorf("table %q of space %d: %w", want.name, sp.id, errOtherTable)
		}
		return m, true, nil
	}
	want.id = uint16(len(sp.metas))
	if sp.store != nil {
		sp.store.mu.Lock()
		defer sp.store.mu.Unlock()
	}
	sp.metas = append(sp.metas, want)
	sp.changed = true
	return want, false, nil
}

// dump appends what changed in the space since the last dump. The caller holds the store's mu.
func (sp *Space) dump(d *dump) {
	for _, m := range sp.metas {
		prefix := tablePrefix(sp.id, m.id)
		if t := sp.tables[m.name]; t != nil {
			t.dump(d, prefix)
		}
		if t := sp.slots[m.name]; t != nil {
			t.dump(d, prefix)
		}
	}
	if sp.changed {
		list := encodeSpace(sp.metas)
		d.close(append(d.open(spaceKey(kindSpace, sp.id), nil, len(list)), list...))
		sp.changed = false
	}
}

// load reads a table's entries at the marker's epoch, in the order of their keys.
func (sp *Space) load(m tableMeta, take func(body, val []byte) error) error {
	s := sp.store
	s.mu.Lock()
	base := s.baseEpoch()
	s.mu.Unlock()
	txn := s.db.NewTransactionAt(base, false)
	defer txn.Discard()
	prefix := tablePrefix(sp.id, m.id)
	// Values lie in the tables, beside the keys: prefetching would start a goroutine for each to copy it.
	it := txn.NewIterator(badger.IteratorOptions{Prefix: prefix})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		item := it.Item()
		err := item.Value(func(val []byte) error {
			whole, err := s.join(txn, item.Key(), val)
			if err != nil {
				return err
			}
			return take(item.Key()[tablePrefixLen:], whole)
		})
		if err != nil {
			return fmt.Errorf("load table %q of space %d: %w", m.name, sp.id, err)
		}
	}
	return nil
}

// join returns a data value without its first byte, put together if it is stored in pieces.
func (s *Store) join(txn *badger.Txn, key, val []byte) ([]byte, error) {
	if len(val) > 0 && val[0] == valueWhole {
		return val[1:], nil
	}
	n, first, ok := splitPieces(val)
	if !ok {
		return nil, errDamaged
	}
	whole := slices.Clone(first)
	for i := uint32(1); i <= n; i++ {
		item, err := txn.Get(pieceKey(key, i))
		if err != nil {
			return nil, fmt.Errorf("piece %d of %d: %w", i, n, err)
		}
		if err := item.Value(func(b []byte) error { whole = append(whole, b...); return nil }); err != nil {
			return nil, fmt.Errorf("piece %d of %d: %w", i, n, err)
		}
	}
	s.mu.Lock()
	s.pieces[string(key)] = n
	s.mu.Unlock()
	if len(whole) == 0 || whole[0] != valueWhole {
		return nil, errDamaged
	}
	return whole[1:], nil
}
