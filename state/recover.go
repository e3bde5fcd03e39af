package state

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// Open opens or makes the store in opt.Dir and undoes an epoch that has no marker (with KeepPrepared: unless it was
// prepared, see Prepared). Errors: ErrInUse, ErrFormat, damage, the file system's.
func Open(opt Options) (*Store, error) {
	if opt.MemTableBytes == 0 {
		opt.MemTableBytes = 64 << 20
	}
	opt.MemTableBytes = max(opt.MemTableBytes, 8<<20) // below 7 MiB a transaction does not hold a value of 1 MiB
	if opt.BlockCacheBytes == 0 {
		opt.BlockCacheBytes = 16 << 20
	}
	if opt.TxnEntries == 0 {
		opt.TxnEntries = 5000
	}
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(opt.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make state directory: %w", err)
	}
	lock, err := lockDir(opt.Dir)
	if err != nil {
		return nil, err
	}
	if err := removeEmptyLogs(opt.Dir); err != nil {
		lock.Close()
		return nil, fmt.Errorf("open state directory %s: %w", opt.Dir, err)
	}
	db, err := badger.OpenManaged(badgerOptions(opt))
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("open state directory %s: %w", opt.Dir, err)
	}
	s := &Store{
		opt: opt, log: opt.Logger, db: db, lock: lock,
		spaces: map[uint64]*Space{}, gone: map[uint64]bool{}, pieces: map[string]uint32{},
	}
	if err := s.recover(); err != nil {
		return nil, errors.Join(fmt.Errorf("open state directory %s: %w", opt.Dir, err), db.Close(), lock.Close())
	}
	return s, nil
}

// removeEmptyLogs removes log files of no bytes, which Badger refuses to open ("Create a new file"). A process killed
// between making a log and giving it its size leaves one, or between emptying one that is in a table and removing it.
func removeEmptyLogs(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext != ".mem" && ext != ".vlog" {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if info.Size() > 0 {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// recover brings the store to its last complete checkpoint.
func (s *Store) recover() error {
	if err := s.openFormat(); err != nil {
		return err
	}
	var err error
	if s.marker, s.hasMarker, err = s.readMarker(keyMarker); err != nil {
		return err
	}
	s.epoch = max(s.db.MaxVersion(), s.baseEpoch())
	prepared, ok, err := s.readMarker(keyPrepared)
	if err != nil {
		return err
	}
	if ok && s.opt.KeepPrepared && prepared.Epoch > s.baseEpoch() {
		s.prepared = &prepared
		return nil
	}
	return s.settle()
}

// settle undoes what is newer than the marker and starts normal work.
func (s *Store) settle() error {
	if base := s.baseEpoch(); s.epoch > base {
		if err := s.rollBack(base); err != nil {
			return err
		}
	}
	s.db.SetDiscardTs(s.baseEpoch())
	return s.readDropped()
}

// openFormat checks the format, or writes it into a store that is empty.
func (s *Store) openFormat() error {
	b, err := s.read([]byte(keyFormat), ^uint64(0))
	if err != nil || b != nil {
		return errors.Join(err, checkIfThere(b, err))
	}
	if s.db.MaxVersion() != 0 {
		return fmt.Errorf("not a state directory: %w", errDamaged)
	}
	s.step(StepCreate)
	if err := s.writeOne(formatEpoch, keyFormat, encodeFormat()); err != nil {
		return err
	}
	s.step(StepCreated)
	return nil
}

// checkIfThere checks a format that could be read.
func checkIfThere(b []byte, err error) error {
	if err != nil {
		return nil
	}
	return checkFormat(b)
}

// read returns a copy of the value of key at an epoch, nil if there is none.
func (s *Store) read(key []byte, epoch uint64) ([]byte, error) {
	txn := s.db.NewTransactionAt(epoch, false)
	defer txn.Discard()
	item, err := txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	b, err := item.ValueCopy(nil)
	if err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	if b == nil {
		b = []byte{}
	}
	return b, nil
}

// readMarker returns the newest marker under a key.
func (s *Store) readMarker(key string) (Marker, bool, error) {
	b, err := s.read([]byte(key), ^uint64(0))
	if err != nil || b == nil {
		return Marker{}, false, err
	}
	m, err := decodeMarker(b)
	return m, err == nil, err
}

// readDropped finds the spaces that are dropped but not yet deleted.
func (s *Store) readDropped() error {
	txn := s.db.NewTransactionAt(s.baseEpoch(), false)
	defer txn.Discard()
	it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte{kindDropped}})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		key := it.Item().Key()
		if len(key) != 9 {
			return fmt.Errorf("record of a dropped space: %w", errDamaged)
		}
		id := binary.BigEndian.Uint64(key[1:])
		s.purging = append(s.purging, id)
		s.gone[id] = true
	}
	return nil
}

// Prepared returns the epoch that was prepared but has no marker, if the store was opened with KeepPrepared and there
// is one. The engine then asks its sink whether that epoch's output was committed, and calls Resolve before it opens
// any space.
func (s *Store) Prepared() (Marker, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prepared == nil {
		return Marker{}, false
	}
	return *s.prepared, true
}

// Resolve decides about the prepared epoch: its marker is written, or it is undone. Without one it does nothing. After
// an error the store is closed for writing; opening it again finds the same prepared epoch.
func (s *Store) Resolve(takePrepared bool) error {
	s.mu.Lock()
	p := s.prepared
	s.prepared = nil
	s.mu.Unlock()
	if p == nil {
		return nil
	}
	err := s.resolve(*p, takePrepared)
	if err != nil {
		return s.fail(fmt.Errorf("resolve epoch %d: %w", p.Epoch, err))
	}
	return nil
}

func (s *Store) resolve(p Marker, take bool) error {
	if take {
		// Later versions, from a roll-back that did not end, are undone by settle; the marker must come first, because it
		// is what settle rolls back to.
		s.step(StepResolveMarker)
		if err := s.writeOne(p.Epoch, keyMarker, encodeMarker(p)); err != nil {
			return err
		}
		s.marker, s.hasMarker = p, true
		s.step(StepResolved)
	}
	return s.settle()
}

// rollBack restores every key that is newer than base to its value at base, under an epoch above all that were used,
// then writes a new marker. Without it the torn epoch would show as soon as a later marker passes it. It can be cut
// short anywhere: the marker still says base, and the next roll-back starts over with a higher epoch.
func (s *Store) rollBack(base uint64) error {
	start := time.Now()
	s.step(StepRollback)
	seen := s.epoch
	s.epoch++
	w := s.newWriter(context.Background(), s.epoch, StepRollbackTxn)
	keys, err := s.undo(w, base, seen)
	if err = errors.Join(err, w.wait()); err != nil {
		return fmt.Errorf("undo epoch %d: %w", seen, err)
	}
	s.step(StepRollbackDone)
	if s.hasMarker {
		m := Marker{Epoch: s.epoch, Payload: s.marker.Payload}
		if err := s.writeOne(m.Epoch, keyMarker, encodeMarker(m)); err != nil {
			return fmt.Errorf("mark the undoing of epoch %d: %w", seen, err)
		}
		s.marker = m
		s.step(StepRollbackMark)
	}
	s.log.Info("undid an incomplete checkpoint", "epoch", seen, "keys", keys, "took", time.Since(start))
	return nil
}

// undo hands to w the value at base of each key that has a version in (base, seen].
func (s *Store) undo(w *writer, base, seen uint64) (keys int, err error) {
	old := s.db.NewTransactionAt(base, false)
	defer old.Discard()
	txn := s.db.NewTransactionAt(seen, false)
	defer txn.Discard()
	it := txn.NewIterator(badger.IteratorOptions{AllVersions: true, SinceTs: base})
	defer it.Close()
	var last []byte
	for it.Rewind(); it.Valid(); it.Next() {
		key := it.Item().Key()
		if it.Item().Version() <= base || bytes.Equal(key, last) || len(key) == 1 {
			continue // one-byte keys (format, marker, prepared) are not part of an epoch's state
		}
		last = it.Item().KeyCopy(nil)
		keys++
		item, err := old.Get(last)
		if errors.Is(err, badger.ErrKeyNotFound) {
			if err := w.delete(last); err != nil {
				return keys, err
			}
			continue
		}
		if err != nil {
			return keys, err
		}
		value, err := item.ValueCopy(nil)
		if err != nil {
			return keys, err
		}
		if err := w.put(last, value); err != nil {
			return keys, err
		}
	}
	return keys, nil
}
