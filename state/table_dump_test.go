package state

import (
	"fmt"
	"testing"
)

// TestTableDump: a dump has each change once; what came and went between two dumps leaves no record.
func TestTableDump(t *testing.T) {
	table := &Table{tracked: true}
	prefix := tablePrefix(1, 0)
	dumped := func() (puts, deletes int) {
		d := &dump{}
		table.dump(d, prefix)
		_ = d.each(func(_, _ []byte, deleted bool) error {
			if deleted {
				deletes++
			} else {
				puts++
			}
			return nil
		})
		return puts, deletes
	}
	expect := func(what string, puts, deletes int) {
		t.Helper()
		if p, d := dumped(); p != puts || d != deletes {
			t.Fatalf("%s: %d puts and %d deletes, want %d and %d", what, p, d, puts, deletes)
		}
		if p, d := dumped(); p+d != 0 {
			t.Fatalf("%s: %d puts and %d deletes again", what, p, d)
		}
	}
	const n = 500
	key := func(i int) []byte { return fmt.Appendf(nil, "key %d", i) }
	for i := range n {
		table.Put(key(i), nil)
	}
	expect("new", n, 0)
	table.Put(key(1), nil)
	expect("same value", 0, 0)
	table.Put(key(1), []byte("other"))
	expect("other value", 1, 0)
	table.Put([]byte("short-lived"), nil)
	table.Delete([]byte("short-lived"))
	expect("came and went", 0, 0)
	table.Delete(key(2))
	table.Put(key(2), []byte("back"))
	table.Delete(key(3))
	expect("back, gone", 1, 1)
	for i := range n {
		table.Delete(key(i))
	}
	expect("all gone", 0, n-1)
	table.Put(key(3), nil)
	table.markAll()
	expect("all", 1, 0)
}
