package kafka

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
)

// dropLastBatch cuts the last record batch off a partition's only segment, and its index entry, as if the broker had
// been killed before it wrote them.
func dropLastBatch(t *testing.T, dir, topic string, p int) {
	t.Helper()
	part := filepath.Join(dir, "partitions", fmt.Sprintf("%s-%d", topic, p))
	raw, err := os.ReadFile(filepath.Join(part, "0.dat"))
	if err != nil {
		t.Fatal(err)
	}
	pos, last := 0, 0
	for pos < len(raw) {
		last = pos
		pos += 12 + int(raw[pos+8])<<24 + int(raw[pos+9])<<16 + int(raw[pos+10])<<8 + int(raw[pos+11])
	}
	if err := os.Truncate(filepath.Join(part, "0.dat"), int64(last)); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(part, "0.idx"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(part, "0.idx"), info.Size()-indexEntrySize); err != nil {
		t.Fatal(err)
	}
}

func bothPartitions(topic string, n int) []connectors.Record {
	v := fmt.Appendf(nil, `{"n":%d}`, n)
	return []connectors.Record{{Topic: topic, Partition: 0, Value: v}, {Topic: topic, Partition: 1, Value: v}}
}

// TestBrokerTornCommit: of a commit's two markers only one was written when the broker was killed. The transaction is
// completed; in the other case, with no marker and no commit asked for, it is aborted.
func TestBrokerTornCommit(t *testing.T) {
	dir := t.TempDir()
	addr, kill := childBroker(t, dir)
	r := rigAt(t, addr)
	top := r.topic("t", 2)
	w, _ := r.c.Writer(r.ctx)
	for n := range 2 {
		if _, err := w.Write(r.ctx, bothPartitions(top, n)); err != nil {
			t.Fatal(err)
		}
	}
	kill()
	dropLastBatch(t, dir, top, 1)
	addr, kill = childBroker(t, dir)
	r = rigAt(t, addr)
	if got := r.visible(top); got != "[+1 0 x2 +1 1 x2]" {
		t.Fatal(got)
	}
	// The next transaction of the same producer, and another restart, change nothing of it.
	w, _ = r.c.Writer(r.ctx)
	if _, err := w.Write(r.ctx, bothPartitions(top, 2)); err != nil {
		t.Fatal(err)
	}
	kill()
	b := testBroker(t, dir, "127.0.0.1:0")
	defer b.Close()
	if got := rigAt(t, b.Addr()).visible(top); got != "[+1 0 x2 +1 1 x2 +1 2 x2]" {
		t.Fatal(got)
	}
}

// TestBrokerOpenTransaction kills the broker with a transaction open, then commits another of the same producer, twice
// over. What was open never shows, what was committed always does.
func TestBrokerOpenTransaction(t *testing.T) {
	dir := t.TempDir()
	for round := range 3 {
		addr, kill := childBroker(t, dir)
		r := rigAt(t, addr)
		top := r.topic("t", 2)
		cl, err := r.c.transactional("same")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := transact(r.ctx, cl, bothPartitions(top, round), nil); err != nil {
			t.Fatal(err)
		}
		if err := cl.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if _, err := produceAll(r.ctx, cl, bothPartitions(top, -1), nil); err != nil {
			t.Fatal(err)
		}
		kill()
		cl.Close()
	}
	for range 2 {
		b := testBroker(t, dir, "127.0.0.1:0")
		if got := rigAt(t, b.Addr()).visible("t"); got != "[+1 0 x2 +1 1 x2 +1 2 x2]" {
			t.Error(got)
		}
		b.Close()
	}
}

// TestBrokerTornIndex loses the index entry of a batch of an open transaction: it must not count as committed.
func TestBrokerTornIndex(t *testing.T) {
	dir := t.TempDir()
	addr, kill := childBroker(t, dir)
	r := rigAt(t, addr)
	top := r.topic("t", 1)
	r.fill(top, 0, 0, 1)
	cl, err := r.c.transactional("x")
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := cl.ProduceSync(r.ctx, &kgo.Record{Topic: top, Value: []byte(`{"n":-1}`)}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	kill()
	idx := filepath.Join(dir, "partitions", "t-0", "0.idx")
	if err := os.Truncate(idx, indexEntrySize+7); err != nil {
		t.Fatal(err)
	}
	dat, err := os.OpenFile(filepath.Join(dir, "partitions", "t-0", "0.dat"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dat.WriteString("half a batch"); err != nil {
		t.Fatal(err)
	}
	dat.Close()
	b := testBroker(t, dir, "127.0.0.1:0")
	defer b.Close()
	r = rigAt(t, b.Addr())
	r.fill(top, 0, 1, 1)
	s := spec(top)
	s.Until = r.ends(top)
	rows, _ := r.all(r.open(s, nil))
	equal(t, rows, numbers(0, 2))
}

// TestRepairChangesNothing: after a crash without open transactions, and after an orderly end, files stay as they are.
func TestRepairChangesNothing(t *testing.T) {
	dir := t.TempDir()
	addr, kill := childBroker(t, dir)
	r := rigAt(t, addr)
	w, _ := r.c.Writer(r.ctx)
	top := r.topic("t", 2)
	if _, err := w.Write(r.ctx, bothPartitions(top, 1)); err != nil {
		t.Fatal(err)
	}
	kill()
	before := logFiles(t, dir)
	slot, err := openSlot(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	defer slot.f.Close()
	if err := repairTxns(dir, slot, quiet); err != nil {
		t.Fatal(err)
	}
	if after := logFiles(t, dir); !slices.Equal(before, after) || len(before) < 4 {
		t.Fatalf("before %q\nafter %q", before, after)
	}
}

func logFiles(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "partitions", "*", "0.*"))
	if err != nil {
		t.Fatal(err)
	}
	names = append(names, filepath.Join(dir, "pids.log"))
	var out []string
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, n+" "+string(b))
	}
	return out
}
