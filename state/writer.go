package state

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/dgraph-io/badger/v4"
)

// txnsPending bounds the transactions that are handed to Badger and not yet durable: with 2 MiB each it is enough for
// Badger to sync several at once, and little memory.
const (
	txnsPending  = 8
	txnBytesMax  = 2 << 20
	entryAllow   = 64 // what Badger adds to an entry when it computes a transaction's size
	entriesShare = 2  // our transactions are at most 1/entriesShare of what Badger allows
	entrySlab    = 256
)

// writer writes entries at one epoch in large transactions, asynchronously. Keys and values given to it must not
// change before wait returns.
type writer struct {
	s       *Store
	ctx     context.Context
	epoch   uint64
	step    string // reported after each transaction
	txn     *badger.Txn
	n       int // entries of txn
	bytes   int
	entries []badger.Entry // unused ones: an allocation for many
	maxN    int
	maxB    int
	slots   chan struct{}

	mu  sync.Mutex
	err error
}

func (s *Store) newWriter(ctx context.Context, epoch uint64, step string) *writer {
	w := &writer{
		s: s, ctx: ctx, epoch: epoch, step: step, slots: make(chan struct{}, txnsPending),
		maxN: min(s.opt.TxnEntries, int(s.db.MaxBatchCount())/entriesShare),
		maxB: min(txnBytesMax, int(s.db.MaxBatchSize())/entriesShare),
	}
	return w
}

// put writes one entry as it is.
func (w *writer) put(key, value []byte) error {
	e, err := w.next(len(key) + len(value))
	if err != nil {
		return err
	}
	e.Key, e.Value = key, value
	if err := w.txn.SetEntry(e); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return nil
}

// delete deletes one key.
func (w *writer) delete(key []byte) error {
	if err := w.room(len(key)); err != nil {
		return err
	}
	if err := w.txn.Delete(key); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return nil
}

// next returns the next entry of a transaction that has room for n bytes.
func (w *writer) next(n int) (*badger.Entry, error) {
	if err := w.room(n); err != nil {
		return nil, err
	}
	if len(w.entries) == 0 {
		w.entries = make([]badger.Entry, entrySlab)
	}
	e := &w.entries[0]
	w.entries = w.entries[1:]
	return e, nil
}

// room makes sure of a transaction that has room for an entry of n bytes, and counts it.
func (w *writer) room(n int) error {
	n += entryAllow
	if w.txn != nil && (w.n == w.maxN || w.bytes+n > w.maxB) {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if w.txn == nil {
		w.txn = w.s.db.NewTransactionAt(w.epoch, true)
		w.n, w.bytes = 0, 0
	}
	w.n++
	w.bytes += n
	return nil
}

// flush hands the transaction to Badger.
func (w *writer) flush() error {
	if w.txn == nil {
		return nil
	}
	txn := w.txn
	w.txn = nil
	if err := w.ready(); err != nil {
		txn.Discard()
		return err
	}
	w.slots <- struct{}{}
	err := txn.CommitAt(w.epoch, func(err error) {
		if err != nil {
			w.setErr(fmt.Errorf("write state: %w", err))
		}
		<-w.slots
	})
	if err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	w.s.step(w.step)
	return nil
}

// ready returns the error of an earlier transaction, of the context, or of a test.
func (w *writer) ready() error {
	w.mu.Lock()
	err := w.err
	w.mu.Unlock()
	if err == nil {
		err = w.ctx.Err()
	}
	if err == nil {
		err = w.s.writeFault()
	}
	return err
}

func (w *writer) setErr(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
}

// wait flushes the rest and returns when everything is durable, or has failed; it also waits after an error.
func (w *writer) wait() error {
	err := w.flush()
	for range txnsPending {
		w.slots <- struct{}{}
	}
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// writeFault counts a Badger transaction and returns the error a test wants it to fail with.
func (s *Store) writeFault() error {
	n := s.writes.Add(1)
	if s.opt.WriteFault != nil {
		return s.opt.WriteFault(int(n))
	}
	return nil
}

// writeOne writes one key in a transaction of its own, durable when it returns.
func (s *Store) writeOne(epoch uint64, key string, value []byte) error {
	if err := s.writeFault(); err != nil {
		return err
	}
	txn := s.db.NewTransactionAt(epoch, true)
	defer txn.Discard()
	if err := txn.Set([]byte(key), value); err != nil {
		return fmt.Errorf("write %q: %w", key, err)
	}
	if err := txn.CommitAt(epoch, nil); err != nil {
		return fmt.Errorf("write %q: %w", key, err)
	}
	return nil
}

// putValue writes a data value, in pieces if it is large, and deletes the pieces of the value before that it no longer has.
func (w *writer) putValue(key, value []byte) error {
	n := uint32(0) // further pieces
	first := value
	if len(value) > pieceBytes {
		rest := value[pieceBytes:]
		for ; len(rest) > 0; n++ {
			piece := rest[:min(len(rest), pieceBytes)]
			if err := w.put(pieceKey(key, n+1), piece); err != nil {
				return err
			}
			rest = rest[len(piece):]
		}
		first = append(binary.BigEndian.AppendUint32([]byte{valuePieces}, n+1), value[:pieceBytes]...)
	}
	if err := w.dropPieces(key, n); err != nil {
		return err
	}
	return w.put(key, first)
}

// deleteValue deletes a data key and its pieces.
func (w *writer) deleteValue(key []byte) error {
	if err := w.dropPieces(key, 0); err != nil {
		return err
	}
	return w.delete(key)
}

// dropPieces deletes the further pieces beyond n that the store has of the value at key, and notes that it has n now.
func (w *writer) dropPieces(key []byte, n uint32) error {
	w.s.mu.Lock()
	had := w.s.pieces[string(key)]
	switch {
	case n > 0:
		w.s.pieces[string(key)] = n
	case had > 0:
		delete(w.s.pieces, string(key))
	}
	w.s.mu.Unlock()
	for ; had > n; had-- {
		if err := w.delete(pieceKey(key, had)); err != nil {
			return err
		}
	}
	return nil
}
