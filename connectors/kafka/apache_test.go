package kafka

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
)

// apache returns a rig at the Apache Kafka broker that STREAMSQL_TEST_KAFKA names.
func apache(t *testing.T) *rig {
	t.Helper()
	addr := os.Getenv("STREAMSQL_TEST_KAFKA")
	if addr == "" {
		t.Skip("STREAMSQL_TEST_KAFKA=host:port of an Apache Kafka broker is not set (../shared/kafka/start.sh starts one)")
	}
	return rigAt(t, addr)
}

// own makes a topic of a name no other run has, deleted at the end.
func (r *rig) own(partitions int) string {
	r.t.Helper()
	name := r.topic("t-"+randomID(), partitions)
	r.t.Cleanup(func() {
		if err := r.c.DeleteTopic(r.ctx, name); err != nil {
			r.t.Log(err)
		}
	})
	return name
}

// settled waits until the markers of transactions are written: Apache Kafka writes them after it has answered.
func (r *rig) settled(topic string, want connectors.Offsets) {
	r.t.Helper()
	r.until("the transactions' markers", func() bool { return r.ends(topic).Covers(want) })
}

func TestApacheRoundTrip(t *testing.T) {
	r := apache(t)
	top := r.own(3)
	for p := range int32(3) {
		r.fill(top, p, int(p)*5000, 5000)
	}
	s := spec(top)
	s.Until = r.ends(top)
	rows, pos := r.all(r.open(s, nil))
	slices.Sort(rows)
	want := numbers(0, 15000)
	slices.Sort(want)
	equal(t, rows, want)
	if pos[2] != 5000 {
		t.Fatalf("positions %v", pos)
	}
}

func TestApacheTransactions(t *testing.T) {
	r := apache(t)
	top := r.own(1)
	w, _ := r.c.Writer(r.ctx)
	if _, err := w.Write(r.ctx, []connectors.Record{{Topic: top, Value: []byte(`{"n":0}`)}, {Topic: top, Value: []byte(`{"n":1}`)}}); err != nil {
		t.Fatal(err)
	}
	r.foreign(kgo.TryAbort, rec(top, 0, "", `{"n":-1}`))
	if _, err := w.Write(r.ctx, []connectors.Record{{Topic: top, Value: []byte(`{"n":2}`)}}); err != nil {
		t.Fatal(err)
	}
	r.foreign(kgo.TryAbort, rec(top, 0, "", `{"n":-2}`))
	r.settled(top, connectors.Offsets{0: 8})
	s := spec(top)
	s.Until = r.ends(top)
	src := r.open(s, nil)
	var got []string
	next := int64(0)
	for next < 8 {
		c := r.poll(src)
		next = c.Next
		if c.Batch.Rows() > 0 {
			got = append(got, fmt.Sprint(c.Txn != "", c.TxnRecords, chunkRows(c)))
		}
	}
	equal(t, got, []string{"true 2 [+1 0 +1 1]", "false 0 [+1 2]"})
}

func TestApacheSink(t *testing.T) {
	r := apache(t)
	for _, step := range []string{"produced", "committed"} {
		t.Run(step, func(t *testing.T) {
			r := *r
			r.t = t
			top := r.own(2)
			testSinkCrashAt(t, &r, top, "s-"+randomID(), step)
		})
	}
}

func TestApacheSinkFences(t *testing.T) {
	r := apache(t)
	testSinkFencesAt(t, r, r.own(2), "f-"+randomID())
}

// TestApacheSinkLive: the same instance goes on after a commit whose outcome it did not see.
func TestApacheSinkLive(t *testing.T) {
	r := apache(t)
	top := r.own(2)
	s := r.openSink("l-"+randomID(), 0)
	crash := errors.New("crash")
	for i, step := range []string{"produced", "committed", "none"} {
		s.stop = func(at string) error {
			if at == step {
				return crash
			}
			return nil
		}
		e := uint64(i + 1)
		if err := s.Commit(r.ctx, e, epochRows(top, e)); step != "none" && !errors.Is(err, crash) {
			t.Fatalf("got %v", err)
		}
		s.stop = nil
		if err := s.Commit(r.ctx, e, epochRows(top, e)); err != nil {
			t.Fatal(err)
		}
	}
	r.until("all epochs visible once", func() bool { return r.visible(top) == "[+1 1 x2 +1 2 x2 +1 3 x2]" })
}

func TestApacheLog(t *testing.T) {
	r := apache(t)
	name := "log-" + randomID()
	l, err := r.c.Log(r.ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.c.DeleteTopic(r.ctx, name)
	for i := range int64(3) {
		if at, err := l.Append(r.ctx, fmt.Appendf(nil, "%d", i)); err != nil || at != i {
			t.Fatalf("%d, %v", at, err)
		}
	}
	var got []string
	if err := l.Read(r.ctx, 0, 3, func(_ int64, v []byte) error { got = append(got, string(v)); return nil }); err != nil {
		t.Fatal(err)
	}
	equal(t, got, []string{"0", "1", "2"})
}
