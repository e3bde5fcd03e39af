package state

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"
)

// TestStoreModel runs random rounds with checkpoints, some torn at a random step, and reopens; the store must always
// be the reference of the round that its marker names.
func TestStoreModel(t *testing.T) {
	for seed := uint64(1); seed <= 4; seed++ {
		testStoreModel(t, seed, 24)
	}
}

// errTorn is what the faults of these tests panic with.
var errTorn = errors.New("torn on purpose")

func testStoreModel(t *testing.T, seed uint64, rounds int) {
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 99))
	opt := testOptions(t.TempDir())
	left := -1 // steps until the fault; -1: none
	opt.Fault = func(string) {
		if left--; left == 0 {
			panic(errTorn)
		}
	}
	s := openStore(t, opt)
	w := newWorld(seed, 300)
	for w.round < rounds {
		left = -1
		w.step(t, s)
		if r.IntN(3) == 0 {
			continue // changes of several rounds in one checkpoint
		}
		if r.IntN(4) == 0 {
			left = 1 + r.IntN(30)
		}
		err := commitTorn(s, w.round)
		if err == nil && r.IntN(3) > 0 {
			continue
		}
		left = -1
		w.check(t, s)
		s.Close()
		s = openStore(t, opt)
		round := roundOf(t, s)
		if err == nil && round != w.round {
			t.Fatalf("committed round %d, found round %d", w.round, round)
		}
		w = worldAt(t, seed, 300, round)
		w.check(t, s)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// commitTorn is a checkpoint that a fault may cut short.
func commitTorn(s *Store, round int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = p.(error)
		}
	}()
	c := s.Begin()
	return c.Commit(context.Background(), payload(round))
}

// TestFailedWrite lets the n-th transaction fail, for every n up to one that no longer fails: the checkpoint gives the
// error, the store refuses the next one, and the next Open finds the checkpoint before.
func TestFailedWrite(t *testing.T) {
	for n := 1; ; n++ {
		opt := testOptions(t.TempDir())
		broken := errors.New("disk is broken")
		s := openStore(t, opt)
		w := newWorld(7, 200)
		w.step(t, s)
		commit(t, s, w.round)
		from := int(s.writes.Load())
		s.opt.WriteFault = func(i int) error {
			if i == from+n {
				return broken
			}
			return nil
		}
		w.step(t, s)
		err := s.Begin().Commit(context.Background(), payload(w.round))
		if err == nil {
			if n < 4 {
				t.Fatalf("write %d of the second checkpoint does not fail: too few to mean anything", n)
			}
			return
		}
		if !errors.Is(err, broken) {
			t.Fatalf("write %d fails with %v", n, err)
		}
		if err := s.Begin().Commit(context.Background(), nil); !errors.Is(err, ErrClosed) {
			t.Fatalf("checkpoint after a failed one: %v", err)
		}
		w.check(t, s) // what is in memory still serves
		s.Close()
		s = openStore(t, opt)
		if got := roundOf(t, s); got != 1 {
			t.Fatalf("after write %d failed: round %d, want 1", n, got)
		}
		worldAt(t, 7, 200, 1).check(t, s)
		s.Close()
	}
}

// TestCancelledCommit: a cancelled context is an error like any other.
func TestCancelledCommit(t *testing.T) {
	opt := testOptions(t.TempDir())
	s := openStore(t, opt)
	w := newWorld(8, 100)
	w.step(t, s)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Begin().Commit(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	s.Close()
	if _, ok := openStore(t, opt).Marker(); ok {
		t.Fatal("a cancelled checkpoint has a marker")
	}
}

// TestPrepared: a prepared epoch is taken or undone, as Resolve says, also when Resolve itself was cut short.
func TestPrepared(t *testing.T) {
	steps := []string{"", StepResolveMarker, StepResolved, StepRollback, StepRollbackTxn, StepRollbackDone, StepRollbackMark}
	for _, take := range []bool{true, false} {
		for _, cut := range steps {
			testPrepared(t, take, cut)
		}
	}
}

func testPrepared(t *testing.T, take bool, cut string) {
	opt := testOptions(t.TempDir())
	s := openStore(t, opt)
	w := newWorld(9, 200)
	w.step(t, s)
	commit(t, s, w.round)
	w.step(t, s)
	c := s.Begin()
	if err := c.PrepareWith(context.Background(), payload(w.round)); err != nil {
		t.Fatal(err)
	}
	s.Close()

	opt.KeepPrepared = true
	s = openStore(t, opt)
	p, ok := s.Prepared()
	if !ok || p.Epoch != c.Epoch() || string(p.Payload) != "2" {
		t.Fatalf("prepared %v, %v; want epoch %d", p, ok, c.Epoch())
	}
	if _, err := s.Space(1).Table("rows"); err == nil {
		t.Fatal("a space can be used before Resolve")
	}
	if err := s.Begin().Commit(context.Background(), nil); err == nil {
		t.Fatal("a checkpoint is possible before Resolve")
	}
	if cut != "" {
		s.opt.Fault = func(step string) {
			if step == cut {
				panic(errTorn)
			}
		}
		func() {
			defer func() { _ = recover() }()
			_ = s.Resolve(take)
		}()
		s.Close()
		s = openStore(t, opt)
	}
	if err := s.Resolve(take); err != nil {
		t.Fatal(err)
	}
	want := 1
	if take {
		want = 2
	}
	for range 2 { // as resolved, and as found again
		if got := roundOf(t, s); got != want {
			t.Fatalf("take %v, cut at %q: round %d", take, cut, got)
		}
		worldAt(t, 9, 200, want).check(t, s)
		s.Close()
		s = openStore(t, opt)
		if p, ok := s.Prepared(); ok {
			t.Fatalf("take %v, cut at %q: epoch %d is still prepared", take, cut, p.Epoch)
		}
	}
	w = worldAt(t, 9, 200, want)
	w.step(t, s)
	commit(t, s, w.round)
	s.Close()
	w.check(t, openStore(t, opt))
}

// TestResolveOtherwise: an undoing that was cut short does not show if the prepared epoch is taken after all.
func TestResolveOtherwise(t *testing.T) {
	opt := testOptions(t.TempDir())
	s := openStore(t, opt)
	w := newWorld(10, 200)
	w.step(t, s)
	commit(t, s, w.round)
	w.step(t, s)
	if err := s.Begin().PrepareWith(context.Background(), payload(w.round)); err != nil {
		t.Fatal(err)
	}
	s.Close()
	opt.KeepPrepared = true
	opt.Fault = func(step string) {
		if step == StepRollbackDone {
			panic(errTorn)
		}
	}
	s = openStore(t, opt)
	func() {
		defer func() { _ = recover() }()
		_ = s.Resolve(false)
	}()
	s.Close()
	opt.Fault = nil
	s = openStore(t, opt)
	if err := s.Resolve(true); err != nil {
		t.Fatal(err)
	}
	w.check(t, s)
}

// TestWithoutKeepPrepared: the marker alone decides.
func TestWithoutKeepPrepared(t *testing.T) {
	opt := testOptions(t.TempDir())
	s := openStore(t, opt)
	w := newWorld(11, 100)
	w.step(t, s)
	if err := s.Begin().Prepare(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = openStore(t, opt)
	if _, ok := s.Prepared(); ok {
		t.Fatal("prepared")
	}
	if _, ok := s.Marker(); ok {
		t.Fatal("marked")
	}
	for _, id := range w.ids() {
		if o := openSpace(t, s, id); o.rows.Len()+o.words.Len()+o.bytes.Len() != 0 {
			t.Fatal("an epoch without a marker shows")
		}
	}
}

func TestInUse(t *testing.T) {
	opt := testOptions(t.TempDir())
	openStore(t, opt)
	if _, err := Open(opt); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), opt.Dir) {
		t.Fatalf("second Open: %v", err)
	}
}

func TestFormat(t *testing.T) {
	opt := testOptions(t.TempDir())
	s := openStore(t, opt)
	other := encodeFormat()
	other[len(other)-1]++
	if err := s.writeOne(2, keyFormat, other); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, err := Open(opt); !errors.Is(err, ErrFormat) {
		t.Fatalf("Open of version %d: %v", formatVersion+1, err)
	}
	// Somebody else's Badger directory.
	dir := t.TempDir()
	db, err := badger.OpenManaged(badgerOptions(Options{Dir: dir, MemTableBytes: 8 << 20, BlockCacheBytes: 1 << 20, Logger: s.log}))
	if err != nil {
		t.Fatal(err)
	}
	txn := db.NewTransactionAt(5, true)
	if err := errors.Join(txn.Set([]byte("key"), nil), txn.CommitAt(5, nil), db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(testOptions(dir)); !errors.Is(err, errDamaged) {
		t.Fatalf("Open of a directory that is not ours: %v", err)
	}
	// A file where the directory should be.
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(testOptions(file)); err == nil {
		t.Fatal("a file can be opened")
	}
}

// TestDetached: what is not attached is not in checkpoints; what was, is attached when it is opened again.
func TestDetached(t *testing.T) {
	opt := testOptions(t.TempDir())
	s := openStore(t, opt)
	put := func(s *Store, id uint64, key string) *Space {
		sp := s.Space(id)
		table, err := sp.Table("t")
		if err != nil {
			t.Fatal(err)
		}
		table.Put([]byte(key), nil)
		return sp
	}
	put(s, 1, "a").Attach()
	put(s, 2, "b")
	commit(t, s, 1)
	put(s, 2, "c").Attach()
	s.Close()

	s = openStore(t, opt)
	if !s.Space(1).Attached() || s.Space(2).Attached() {
		t.Fatal("attached is not what the checkpoint has")
	}
	if n := tableLen(t, s, 1) + 10*tableLen(t, s, 2); n != 1 {
		t.Fatalf("tables have %d rows", n)
	}
	put(s, 1, "d") // attached without a call
	commit(t, s, 2)
	s.Drop(1)
	if _, err := s.Space(1).Table("t"); err == nil {
		t.Fatal("a dropped space can be used")
	}
	if s.Space(1); s.Begin().Rows() == 0 {
		t.Fatal("the drop is not in the checkpoint")
	}
	s.Close()
	if n := tableLen(t, openStore(t, opt), 1); n != 2 {
		t.Fatalf("the drop without a checkpoint: %d rows", n)
	}
}

func tableLen(t *testing.T, s *Store, id uint64) int {
	t.Helper()
	table, err := s.Space(id).Table("t")
	if err != nil {
		t.Fatal(err)
	}
	return table.Len()
}

// TestDropDeletes: later checkpoints delete the data of a dropped space, over several of them and over a restart.
func TestDropDeletes(t *testing.T) {
	opt := testOptions(t.TempDir())
	opt.TxnEntries = 5000
	s := openStore(t, opt)
	table, err := s.Space(5).Table("t")
	if err != nil {
		t.Fatal(err)
	}
	s.Space(5).Attach()
	for i := range 2*purgeKeys + 5 {
		table.Put([]byte{byte(i >> 16), byte(i >> 8), byte(i)}, nil)
	}
	table.Put([]byte("big"), make([]byte, 2*pieceBytes))
	commit(t, s, 1)
	s.Drop(5)
	commit(t, s, 2)
	commit(t, s, 3)
	s.Close()
	s = openStore(t, opt)
	if _, err := s.Space(5).Table("t"); err == nil {
		t.Fatal("a dropped space is back after a restart")
	}
	commit(t, s, 4)
	if n := countKeys(t, s, kindData); n == 0 {
		t.Fatal("everything went in one checkpoint")
	}
	commit(t, s, 5)
	commit(t, s, 6)
	if d, x := countKeys(t, s, kindData), countKeys(t, s, kindDropped); d != 0 || x != 0 {
		t.Fatalf("%d keys and %d records of dropped spaces are left", d, x)
	}
}

// countKeys is the number of keys of a kind at the marker.
func countKeys(t *testing.T, s *Store, kind byte) (n int) {
	t.Helper()
	txn := s.db.NewTransactionAt(s.marker.Epoch, false)
	defer txn.Discard()
	it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte{kind}})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		n++
	}
	return n
}

// TestPiecesGo: the pieces of a large value are deleted when it becomes small, goes, or is shorter, also after a restart.
func TestPiecesGo(t *testing.T) {
	opt := testOptions(t.TempDir())
	s := openStore(t, opt)
	set := func(pieces int) {
		table, err := s.Space(1).Table("t")
		if err != nil {
			t.Fatal(err)
		}
		s.Space(1).Attach()
		if pieces == 0 {
			table.Delete([]byte("k"))
			return
		}
		table.Put([]byte("k"), []byte(strings.Repeat("v", pieces*pieceBytes-100)))
	}
	for i, step := range []struct{ pieces, keys int }{{4, 4}, {2, 2}, {3, 3}, {1, 1}, {5, 5}, {0, 0}} {
		set(step.pieces)
		commit(t, s, i+1)
		if n := countKeys(t, s, kindData); n != step.keys {
			t.Fatalf("step %d: %d keys, want %d", i, n, step.keys)
		}
		s.Close()
		s = openStore(t, opt)
		table, err := s.Space(1).Table("t")
		if err != nil {
			t.Fatal(err)
		}
		if v, ok := table.Get([]byte("k")); ok != (step.pieces > 0) || ok && len(v) != step.pieces*pieceBytes-100 {
			t.Fatalf("step %d: %d bytes", i, len(v))
		}
	}
}

// TestOneAtATime: Begin while a checkpoint is in flight copies nothing and loses nothing.
func TestOneAtATime(t *testing.T) {
	opt := testOptions(t.TempDir())
	s := openStore(t, opt)
	w := newWorld(12, 100)
	w.step(t, s)
	first := s.Begin()
	w.step(t, s)
	if second := s.Begin(); second.Commit(context.Background(), nil) == nil || second.Epoch() != 0 {
		t.Fatal("two checkpoints at once")
	}
	if err := first.Commit(context.Background(), payload(1)); err != nil {
		t.Fatal(err)
	}
	if err := first.Commit(context.Background(), payload(1)); err == nil {
		t.Fatal("a checkpoint can be committed twice")
	}
	commit(t, s, w.round)
	third := s.Begin()
	if err := third.Commit(context.Background(), payload(w.round)); err != nil || third.Rows() != 0 || third.Bytes() != 0 {
		t.Fatalf("a checkpoint without changes has %d entries, %d bytes (%v)", third.Rows(), third.Bytes(), err)
	}
	s.Close()
	w.check(t, openStore(t, opt))
}

// TestOtherShape: a table keeps its kind and widths.
func TestOtherShape(t *testing.T) {
	opt := testOptions(t.TempDir())
	s := openStore(t, opt)
	if _, err := s.Space(1).Slots("g", 2, 3); err != nil {
		t.Fatal(err)
	}
	s.Space(1).Attach()
	commit(t, s, 1)
	s.Close()
	s = openStore(t, opt)
	if _, err := s.Space(1).Slots("g", 2, 4); !errors.Is(err, errOtherTable) {
		t.Fatal(err)
	}
	if _, err := s.Space(1).Table("g"); !errors.Is(err, errOtherTable) {
		t.Fatal(err)
	}
	if _, err := s.Space(1).Slots("wide", 200, 57); err == nil {
		t.Fatal("too many words are accepted")
	}
	if s.SizeOnDisk() <= 0 {
		t.Fatal("no size")
	}
}

// TestEmptyLogs: log files that a killed process left without a byte do not keep the store from opening. Found by the
// crash tests under load: Badger refuses them.
func TestEmptyLogs(t *testing.T) {
	opt := testOptions(t.TempDir())
	for round := range 2 {
		s := openStore(t, opt)
		if got := roundOf(t, s); got != round {
			t.Fatalf("round %d, want %d", got, round)
		}
		commit(t, s, round+1)
		s.Close()
		for _, name := range []string{"00001.mem", "00099.mem", "000099.vlog"} {
			f, err := os.OpenFile(filepath.Join(opt.Dir, name), os.O_CREATE|os.O_RDWR, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
		}
	}
	openStore(t, opt)
}
