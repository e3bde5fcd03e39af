package state

import "log/slog"

// Options configure a Store; only Dir is required.
type Options struct {
	// Dir is the directory of the store; it is made if it does not exist. One process may have it open.
	Dir string
	// MemTableBytes is the size of a Badger memtable (default 64 MiB, at least 8 MiB).
	MemTableBytes int64
	// BlockCacheBytes is the size of Badger's block cache (default 16 MiB: only restoring reads from Badger).
	BlockCacheBytes int64
	// TxnEntries bounds the entries of one Badger transaction of a checkpoint (default 5000).
	TxnEntries int
	// KeepPrepared leaves an epoch that was prepared but has no marker undecided at Open: see Store.Prepared.
	KeepPrepared bool
	// Fault, for tests, is called at every named step (Step…) of checkpoint and recovery, from the goroutine that runs it.
	Fault func(step string)
	// WriteFault, for tests, is called before the n-th Badger transaction since Open; an error fails it.
	WriteFault func(n int) error
	// Logger gets what Badger says and what recovery does (default: nothing).
	Logger *slog.Logger
}

// Store is one directory of state.
type Store struct{}

// Marker is a complete checkpoint.
type Marker struct {
	Epoch   uint64
	Payload []byte // the engine's: positions, catalog version; the reader's to keep
}

// Open opens the store.
func Open(opt Options) (*Store, error) { panic("unfinished: state.Open") }

// Marker returns the last complete checkpoint.
func (s *Store) Marker() (Marker, bool) { panic("unfinished: Store.Marker") }

// Prepared returns the prepared epoch.
func (s *Store) Prepared() (Marker, bool) { panic("unfinished: Store.Prepared") }

// Resolve decides.
func (s *Store) Resolve(takePrepared bool) error { panic("unfinished: Store.Resolve") }

// Space returns the state of dataflow node id.
func (s *Store) Space(id uint64) *Space { panic("unfinished: Store.Space") }

// Drop removes a space.
func (s *Store) Drop(id uint64) { panic("unfinished: Store.Drop") }

// Begin copies.
func (s *Store) Begin() *Checkpoint { panic("unfinished: Store.Begin") }

// Close closes.
func (s *Store) Close() error { panic("unfinished: Store.Close") }

// SizeOnDisk is in bytes.
func (s *Store) SizeOnDisk() int64 { panic("unfinished: Store.SizeOnDisk") }
