package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"streamsql/connectors"
	"streamsql/internal/pgerr"
)

func (r *rig) sink(id string) *sink {
	r.t.Helper()
	s, err := r.c.Sink(r.ctx, id)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { s.Close() })
	return s.(*sink)
}

func (r *rig) openSink(id string, want uint64) *sink {
	r.t.Helper()
	s := r.sink(id)
	if e, err := s.Open(r.ctx); err != nil || e != want {
		r.t.Fatalf("opened at epoch %d (%v), want %d", e, err, want)
	}
	return s
}

// epochRows are the records of an epoch: one a partition.
func epochRows(topic string, epoch uint64) []connectors.Record {
	v := fmt.Appendf(nil, `{"n":%d}`, epoch)
	return []connectors.Record{{Topic: topic, Partition: 0, Value: v}, {Topic: topic, Partition: 1, Value: v}}
}

// visible reads the topic committed and returns how often each epoch is there.
func (r *rig) visible(topic string) string {
	r.t.Helper()
	s := spec(topic)
	s.Until = r.ends(topic)
	rows, _ := r.all(r.open(s, nil))
	count := map[string]int{}
	for _, row := range rows {
		count[row]++
	}
	var out []string
	for row, n := range count {
		out = append(out, fmt.Sprintf("%s x%d", row, n))
	}
	slices.Sort(out)
	return fmt.Sprint(out)
}

// TestSinkExactlyOnce crashes at each step of a commit; whoever opens next sees the epoch and may repeat it.
func TestSinkExactlyOnce(t *testing.T) {
	for _, step := range []string{"produced", "committed"} {
		t.Run(step, func(t *testing.T) { testSinkCrash(t, newRig(t), step) })
	}
}

func testSinkCrash(t *testing.T, r *rig, step string) {
	testSinkCrashAt(t, r, r.topic("out-"+step, 2), "s-"+step, step)
}

func testSinkCrashAt(t *testing.T, r *rig, top, id, step string) {
	s := r.openSink(id, 0)
	if err := s.Commit(r.ctx, 1, epochRows(top, 1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(r.ctx, 1, epochRows(top, 1)); err != nil {
		t.Fatalf("repeated: %v", err)
	}
	crash := errors.New("crash")
	s.stop = func(at string) error {
		if at == step {
			return crash
		}
		return nil
	}
	if err := s.Commit(r.ctx, 2, epochRows(top, 2)); !errors.Is(err, crash) {
		t.Fatalf("got %v", err)
	}
	want := uint64(1)
	if step == "committed" {
		want = 2
	}
	next := r.openSink(id, want)
	for _, e := range []uint64{2, 3} { // 2 is repeated in both cases
		if err := next.Commit(r.ctx, e, epochRows(top, e)); err != nil {
			t.Fatal(err)
		}
	}
	r.until("all epochs visible once", func() bool { return r.visible(top) == "[+1 1 x2 +1 2 x2 +1 3 x2]" })
	if err := s.Commit(r.ctx, 4, epochRows(top, 4)); pgerr.Code(err) != pgerr.ObjectInUse {
		t.Fatalf("the first instance goes on: %v", err)
	}
	if err := next.Commit(r.ctx, 4, nil); err != nil { // an epoch without output
		t.Fatal(err)
	}
	next.Close()
	r.openSink(id, 4)
}

// TestSinkFences: an instance that is alive is stopped by a newer one.
func TestSinkFences(t *testing.T) {
	r := newRig(t)
	testSinkFencesAt(t, r, r.topic("fenced", 2), "f")
}

func testSinkFencesAt(t *testing.T, r *rig, top, id string) {
	a := r.openSink(id, 0)
	if err := a.Commit(r.ctx, 1, epochRows(top, 1)); err != nil {
		t.Fatal(err)
	}
	b := r.openSink(id, 1)
	for range 2 {
		if err := a.Commit(r.ctx, 2, epochRows(top, 2)); pgerr.Code(err) != pgerr.ObjectInUse {
			t.Fatalf("got %v", err)
		}
	}
	if err := b.Commit(r.ctx, 2, epochRows(top, 2)); err != nil {
		t.Fatal(err)
	}
	r.until("both epochs visible once", func() bool { return r.visible(top) == "[+1 1 x2 +1 2 x2]" })
}

// TestSinkRetry: the same instance repeats an epoch after an error.
func TestSinkRetry(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 2)
	s := r.openSink("r", 0)
	if err := s.Commit(r.ctx, 1, append(epochRows(top, 1), connectors.Record{Topic: "none"})); pgerr.Code(err) != pgerr.UndefinedTable {
		t.Fatalf("got %v", err)
	}
	crash := errors.New("crash")
	s.stop = func(at string) error {
		if at == "committed" {
			return crash
		}
		return nil
	}
	if err := s.Commit(r.ctx, 1, epochRows(top, 1)); !errors.Is(err, crash) {
		t.Fatalf("got %v", err)
	}
	s.stop = nil
	if err := s.Commit(r.ctx, 1, epochRows(top, 1)); err != nil {
		t.Fatal(err)
	}
	if got := r.visible(top); got != "[+1 1 x2]" {
		t.Fatal(got)
	}
}

// TestSinkManyEpochs reads the last epoch from a topic with more records than one window, other sinks' among them.
func TestSinkManyEpochs(t *testing.T) {
	r := newRig(t)
	a := r.openSink("a", 0)
	if err := a.Commit(r.ctx, 7, nil); err != nil {
		t.Fatal(err)
	}
	b := r.sink("b")
	var recs []connectors.Record
	for e := range uint64(2 * lastWindow) {
		recs = append(recs, b.record(e))
	}
	w, _ := r.c.Writer(r.ctx)
	if _, err := w.Write(r.ctx, recs); err != nil {
		t.Fatal(err)
	}
	r.openSink("a", 7)
	r.openSink("b", 2*lastWindow-1)
	r.openSink("c", 0)
}

// TestSinkBrokerAway: a commit while the broker is away fails with its context and succeeds later.
func TestSinkBrokerAway(t *testing.T) {
	dir := t.TempDir()
	b := testBroker(t, dir, "127.0.0.1:0")
	r := rigAt(t, b.Addr())
	top := r.topic("t", 2)
	s := r.openSink("s", 0)
	if err := s.Commit(r.ctx, 1, epochRows(top, 1)); err != nil {
		t.Fatal(err)
	}
	addr := b.Addr()
	b.Close()
	ctx, cancel := context.WithTimeout(r.ctx, 200*time.Millisecond)
	defer cancel()
	if err := s.Commit(ctx, 2, epochRows(top, 2)); err == nil {
		t.Fatal("committed without a broker")
	}
	b = testBroker(t, dir, addr)
	defer b.Close()
	r.until("the commit is repeated", func() bool { return s.Commit(r.ctx, 2, epochRows(top, 2)) == nil })
	if got := r.visible(top); got != "[+1 1 x2 +1 2 x2]" {
		t.Fatal(got)
	}
}
