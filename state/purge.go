package state

import (
	"slices"

	"github.com/dgraph-io/badger/v4"
)

// purgeKeys bounds the keys of dropped spaces that one checkpoint deletes (about 10 ms of writing).
const purgeKeys = 20000

// purge deletes keys of dropped spaces as part of a checkpoint: if that is torn, so are the deletions, and the records
// of the dropped spaces are still there.
type purge struct {
	spaces []uint64 // dropped in an earlier checkpoint
	after  []byte   // where the last checkpoint stopped: skips the tombstones before it
	left   []uint64 // after write: those that still have keys
}

// write hands to w the deletions of up to purgeKeys keys, and of the records of the spaces that are then empty.
func (p *purge) write(s *Store, w *writer) error {
	p.left = slices.Clone(p.spaces)
	budget := purgeKeys
	for len(p.left) > 0 {
		done, err := p.writeSpace(s, w, p.left[0], &budget)
		if err != nil || !done {
			return err
		}
		if err := w.delete(spaceKey(kindDropped, p.left[0])); err != nil {
			return err
		}
		p.left, p.after = p.left[1:], nil
	}
	return nil
}

// writeSpace deletes keys of one space and reports whether that was all of them.
func (p *purge) writeSpace(s *Store, w *writer, id uint64, budget *int) (bool, error) {
	s.mu.Lock()
	base := s.baseEpoch()
	s.mu.Unlock()
	txn := s.db.NewTransactionAt(base, false)
	defer txn.Discard()
	prefix := spaceKey(kindData, id)
	it := txn.NewIterator(badger.IteratorOptions{Prefix: prefix})
	defer it.Close()
	from := prefix
	if p.after != nil {
		from = p.after
	}
	for it.Seek(from); it.Valid(); it.Next() {
		if *budget == 0 {
			return false, nil
		}
		*budget--
		p.after = it.Item().KeyCopy(nil)
		if err := w.delete(p.after); err != nil {
			return false, err
		}
	}
	return true, nil
}
