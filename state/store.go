package state

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// Options configure a Store; only Dir is required.
type Options struct {
	// Dir is the directory of the store; it is made if it does not exist. One process may have it open.
	Dir string
	// MemTableBytes is the size of a Badger memtable (default 64 MiB, at least 8 MiB).
	MemTableBytes int64
	// BlockCacheBytes is the size of Badger's block cache (default 16 MiB: only restoring reads from Badger).
	BlockCacheBytes int64
	// TxnEntries bounds the entries of one Badger transaction of a checkpoint (default 5000, the measured optimum).
	TxnEntries int
	// KeepPrepared leaves an epoch that was prepared but has no marker undecided at Open: see Store.Prepared.
	KeepPrepared bool
	// Fault, for tests, is called at every named step (Step…) of checkpoint and recovery, from the goroutine that runs it.
	Fault func(step string)
	// WriteFault, for tests, is called before the n-th Badger transaction since Open (from 1); an error fails it.
	WriteFault func(n int) error
	// Logger gets Badger's warnings and what recovery does (default: nowhere).
	Logger *slog.Logger
}

// The errors a caller may want to tell apart.
var (
	ErrInUse  = errors.New("state directory is in use by another process")
	ErrFormat = errors.New("state directory has another format")
	ErrClosed = errors.New("state store is closed for writing")
)

// The named steps, in the order in which they come: Options.Fault is called when the step before has been done.
const (
	StepCreate        = "create"           // a new directory: before the format is written
	StepCreated       = "created"          // after
	StepBegin         = "begin"            // Begin: nothing is copied yet
	StepWrite         = "write"            // before the first entry is written
	StepWriteTxn      = "write-txn"        // after each transaction of entries was handed over (it may not be durable yet)
	StepWritten       = "written"          // all entries are durable; nothing says so yet
	StepPrepared      = "prepared"         // the prepared record is durable
	StepMarker        = "marker"           // before the marker is written
	StepMarked        = "marked"           // the marker is durable: committed
	StepCommitted     = "committed"        // old versions may go
	StepRollback      = "rollback"         // Open or Resolve found a torn epoch: before it is undone
	StepRollbackTxn   = "rollback-txn"     // after each transaction of the undoing was handed over
	StepRollbackDone  = "rollback-written" // everything is undone, durably; before the new marker
	StepRollbackMark  = "rollback-marked"  // the new marker is durable
	StepResolveMarker = "resolve-marker"   // Resolve(true): before the prepared epoch gets its marker
	StepResolved      = "resolved"         // after
)

// Store is one directory of state. Its methods may be called from any goroutine; Begin, Space and Drop are for the one
// that holds the engine's tick lock.
type Store struct {
	opt    Options
	log    *slog.Logger
	db     *badger.DB
	lock   *os.File
	writes atomic.Int64 // Badger transactions so far

	mu         sync.Mutex
	marker     Marker
	hasMarker  bool
	prepared   *Marker // undecided until Resolve
	epoch      uint64  // the highest ever used
	spaces     map[uint64]*Space
	dropped    []uint64          // since the last Begin
	gone       map[uint64]bool   // dropped since Open
	purging    []uint64          // dropped in the marker's checkpoint or before; their data is being deleted
	pieces     map[string]uint32 // keys of values that are stored in pieces, and how many
	inFlight   bool
	spare      *dump
	failed     error
	purgeAfter []byte // the last key that purging deleted
}

// Marker is a complete (or, from Prepared, a prepared) checkpoint.
type Marker struct {
	Epoch   uint64
	Payload []byte // the engine's: positions, catalog version
}

// baseEpoch is the epoch that readers of Badger use. The caller holds mu.
func (s *Store) baseEpoch() uint64 {
	if s.hasMarker {
		return s.marker.Epoch
	}
	return formatEpoch
}

// Marker returns the last complete checkpoint; false if there is none yet. The payload is not to be changed.
func (s *Store) Marker() (Marker, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.marker, s.hasMarker
}

// Above makes every later checkpoint's epoch greater than epoch: an output that has seen that epoch already, from a
// state directory that is gone, would take a smaller one for a repetition.
func (s *Store) Above(epoch uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch = max(s.epoch, epoch)
}

// Close waits for nothing: a checkpoint in flight must have ended. What has no marker is undone by the next Open.
func (s *Store) Close() error {
	s.mu.Lock()
	if errors.Is(s.failed, errClosing) {
		s.mu.Unlock()
		return nil
	}
	s.failed = errors.Join(errClosing, s.failed)
	s.mu.Unlock()
	err := s.db.Close()
	return errors.Join(err, s.lock.Close())
}

var errClosing = fmt.Errorf("%w: Close was called", ErrClosed)

// fail closes the store for writing after an error; the first error stays.
func (s *Store) fail(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = fmt.Errorf("%w after an error: %w", ErrClosed, err)
	}
	return err
}

// SizeOnDisk is the number of bytes that the directory's files occupy.
func (s *Store) SizeOnDisk() int64 {
	total := int64(0)
	_ = filepath.WalkDir(s.opt.Dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil // a file that compaction just removed
		}
		if info, err := e.Info(); err == nil {
			total += occupied(info)
		}
		return nil
	})
	return total
}

// occupied is a file's size in blocks: Badger's logs are sparse files of much more.
func occupied(info fs.FileInfo) int64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Blocks * 512
	}
	return info.Size()
}

// step reports a named step to the tests.
func (s *Store) step(name string) {
	if s.opt.Fault != nil {
		s.opt.Fault(name)
	}
}

// lockDir takes the directory's lock, which ends with the process.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "streamsql.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock state directory: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w: %s", ErrInUse, dir)
		}
		return nil, fmt.Errorf("lock state directory %s: %w", dir, err)
	}
	return f, nil
}

// badgerOptions are the measured ones (performance-limits.md §4); those that durability hangs on say why.
func badgerOptions(opt Options) badger.Options {
	return badger.DefaultOptions(opt.Dir).
		WithSyncWrites(true). // without it a rotated log may lose entries behind a marker that is there
		WithDetectConflicts(false).
		WithNumVersionsToKeep(1). // below SetDiscardTs, which never passes the marker
		WithCompression(options.Snappy).
		WithMemTableSize(opt.MemTableBytes).
		WithNumMemtables(3).
		WithNumCompactors(2).
		WithBlockCacheSize(opt.BlockCacheBytes).
		WithValueLogFileSize(64 << 20). // nearly unused: values are in the tables
		WithMetricsEnabled(false).
		WithLogger(badgerLog{opt.Logger})
}

// badgerLog passes on what Badger says.
type badgerLog struct{ log *slog.Logger }

func (l badgerLog) Errorf(f string, a ...any)   { l.log.Error("badger: " + fmt.Sprintf(f, a...)) }
func (l badgerLog) Warningf(f string, a ...any) { l.log.Warn("badger: " + fmt.Sprintf(f, a...)) }
func (l badgerLog) Infof(f string, a ...any)    { l.log.Debug("badger: " + fmt.Sprintf(f, a...)) }
func (l badgerLog) Debugf(f string, a ...any)   {}
