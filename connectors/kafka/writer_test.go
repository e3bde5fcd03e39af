package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"streamsql/connectors"
	"streamsql/internal/pgerr"
)

func offsetsFor(topic string, at int64) kadm.Offsets {
	var o kadm.Offsets
	o.AddOffset(topic, 0, at, -1)
	return o
}

func TestWriterOne(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 4)
	w, _ := r.c.Writer(r.ctx)
	hash := map[int32]int{}
	for i := range 8 {
		got, err := w.Write(r.ctx, []connectors.Record{{Topic: top, Partition: -1, Key: []byte("same"), Value: []byte(`{"n":1}`)}})
		if err != nil {
			t.Fatal(err)
		}
		hash[got[0].Partition]++
		if got[0].Offset != int64(i) {
			t.Fatalf("offset %d at %d", got[0].Offset, i)
		}
	}
	if len(hash) != 1 || hash[int32(0x7fffffff&murmur2([]byte("same")))%4] != 8 {
		t.Fatalf("partitions %v", hash)
	}
	robin := map[int32]int{}
	for range 8 {
		got, err := w.Write(r.ctx, []connectors.Record{{Topic: top, Partition: -1, Value: []byte(`{"n":1}`)}})
		if err != nil {
			t.Fatal(err)
		}
		robin[got[0].Partition]++
	}
	if len(robin) != 4 {
		t.Fatalf("partitions %v", robin)
	}
	got, err := w.Write(r.ctx, []connectors.Record{{Topic: top, Partition: 3, Key: []byte("same")}})
	if err != nil || got[0].Partition != 3 {
		t.Fatalf("got %v, %v", got, err)
	}
	big := make([]byte, 2<<20)
	if _, err := w.Write(r.ctx, []connectors.Record{{Topic: top, Value: big}}); pgerr.Code(err) != pgerr.ProgramLimitExceeded {
		t.Fatalf("a large record: %v", err)
	}
	if _, err := w.Write(r.ctx, []connectors.Record{{Topic: "none"}}); pgerr.Code(err) != pgerr.UndefinedTable {
		t.Fatalf("got %v", err)
	}
}

// murmur2 is Kafka's hash (org.apache.kafka.common.utils.Utils), written anew.
func murmur2(b []byte) uint32 {
	const m = 0x5bd1e995
	h := uint32(0x9747b28c) ^ uint32(len(b))
	for ; len(b) >= 4; b = b[4:] {
		k := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
		k *= m
		k ^= k >> 24
		h = h*m ^ k*m
	}
	for i := len(b) - 1; i >= 0; i-- {
		h ^= uint32(b[i]) << (8 * i)
		if i == 0 {
			h *= m
		}
	}
	h ^= h >> 13
	h *= m
	return h ^ h>>15
}

// TestWriterAtomic writes over two topics; one transaction has a record for a topic that is not there.
func TestWriterAtomic(t *testing.T) {
	r := newRig(t)
	a, b := r.topic("a", 2), r.topic("b", 1)
	w, _ := r.c.Writer(r.ctx)
	row := func(topic string, p int32, n int) connectors.Record {
		return connectors.Record{Topic: topic, Partition: p, Value: fmt.Appendf(nil, `{"n":%d}`, n)}
	}
	if _, err := w.Write(r.ctx, []connectors.Record{row(a, 0, -1), row("none", 0, -1), row(b, 0, -1)}); pgerr.Code(err) != pgerr.UndefinedTable {
		t.Fatalf("got %v", err)
	}
	got, err := w.Write(r.ctx, []connectors.Record{row(a, 0, 1), row(a, 1, 2), row(b, 0, 3)})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got[0].Topic != a || got[1].Partition != 1 || got[2].Topic != b {
		t.Fatalf("written %v", got)
	}
	for topic, want := range map[string]int{a: 2, b: 1} {
		s := spec(topic)
		s.Until = r.ends(topic)
		rows, _ := r.all(r.open(s, nil))
		if len(rows) != want {
			t.Fatalf("%s: %v", topic, rows)
		}
	}
}

// TestWriterContext: a transaction whose context is done leaves nothing behind and does not stop the next.
func TestWriterContext(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 1)
	w, _ := r.c.Writer(r.ctx)
	recs := []connectors.Record{{Topic: top, Value: []byte(`{"n":1}`)}, {Topic: top, Value: []byte(`{"n":2}`)}}
	done, cancel := context.WithCancel(r.ctx)
	cancel()
	if _, err := w.Write(done, recs); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if _, err := w.Write(r.ctx, recs); err != nil {
		t.Fatal(err)
	}
	s := spec(top)
	s.Until = r.ends(top)
	rows, _ := r.all(r.open(s, nil))
	equal(t, rows, numbers(1, 2))
}

// TestWriterConcurrent has transactions from many sessions: each is whole.
func TestWriterConcurrent(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 2)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			w, _ := r.c.Writer(r.ctx)
			for j := range 5 {
				v := fmt.Appendf(nil, `{"n":%d}`, i*100+j)
				if _, err := w.Write(r.ctx, []connectors.Record{{Topic: top, Partition: 0, Value: v}, {Topic: top, Partition: 1, Value: v}}); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
	s := spec(top)
	s.Until = r.ends(top)
	rows, _ := r.all(r.open(s, nil))
	count := map[string]int{}
	for _, row := range rows {
		count[row]++
	}
	if len(count) != 40 || len(rows) != 80 {
		t.Fatalf("%d rows, %d different", len(rows), len(count))
	}
}

func TestLog(t *testing.T) {
	r := newRig(t)
	l, err := r.c.Log(r.ctx, "_log")
	if err != nil {
		t.Fatal(err)
	}
	if end, err := l.End(r.ctx); err != nil || end != 0 {
		t.Fatalf("end %d, %v", end, err)
	}
	for i := range int64(5) {
		at, err := l.Append(r.ctx, fmt.Appendf(nil, "entry %d", i))
		if err != nil || at != i {
			t.Fatalf("append at %d, %v", at, err)
		}
	}
	var got []string
	read := func(offset int64, v []byte) error {
		got = append(got, fmt.Sprintf("%d %s", offset, v))
		return nil
	}
	if err := l.Read(r.ctx, 1, 4, read); err != nil {
		t.Fatal(err)
	}
	equal(t, got, []string{"1 entry 1", "2 entry 2", "3 entry 3"})
	if end, err := l.End(r.ctx); err != nil || end != 5 {
		t.Fatalf("end %d, %v", end, err)
	}
	stop := errors.New("enough")
	if err := l.Read(r.ctx, 0, 5, func(int64, []byte) error { return stop }); !errors.Is(err, stop) {
		t.Fatalf("got %v", err)
	}
	if _, err := r.c.Log(r.ctx, "_log"); err != nil {
		t.Fatalf("a second time: %v", err)
	}
}

func TestSend(t *testing.T) {
	r := newRig(t)
	top := r.topic("t", 1)
	for i := range 100 {
		r.c.Send(connectors.Record{Topic: top, Value: fmt.Appendf(nil, `{"n":%d}`, i)})
	}
	equal(t, r.rows(r.open(spec(top), nil), 100), numbers(0, 100))
	r.c.Send(connectors.Record{Topic: "none", Value: []byte("x")})
	r.until("the loss is counted", func() bool {
		r.c.errs.mu.Lock()
		defer r.c.errs.mu.Unlock()
		return r.c.errs.lost == 1
	})
}

func TestClusterTopics(t *testing.T) {
	r := newRig(t)
	r.topic("b", 3)
	r.topic("a", 1)
	r.topic("a", 1) // is no error
	ts, err := r.c.Topics(r.ctx)
	if err != nil || fmt.Sprint(ts) != "[{a 1 1} {b 3 1}]" {
		t.Fatalf("%v, %v", ts, err)
	}
	if n, err := r.c.Partitions(r.ctx, "b"); err != nil || n != 3 {
		t.Fatalf("%d, %v", n, err)
	}
	for range 2 {
		if err := r.c.DeleteTopic(r.ctx, "b"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.c.Partitions(r.ctx, "b"); pgerr.Code(err) != pgerr.UndefinedTable {
		t.Fatalf("got %v", err)
	}
	if _, err := r.c.Ends(r.ctx, "b"); pgerr.Code(err) != pgerr.UndefinedTable {
		t.Fatalf("got %v", err)
	}
}

// TestWriterTopicAnew deletes a topic that was written to and makes it anew: both producers write to the new one.
func TestWriterTopicAnew(t *testing.T) {
	r := newRig(t)
	w, _ := r.c.Writer(r.ctx)
	for range 3 {
		top := r.topic("again", 1)
		one := []connectors.Record{{Topic: top, Value: []byte(`{"n":0}`)}}
		two := []connectors.Record{{Topic: top, Value: []byte(`{"n":1}`)}, {Topic: top, Value: []byte(`{"n":2}`)}}
		for i, recs := range [][]connectors.Record{one, two} {
			got, err := w.Write(r.ctx, recs)
			if err != nil || got[0].Offset != int64(i) {
				t.Fatalf("%d records: %v, %v", len(recs), got, err)
			}
		}
		if err := r.c.DeleteTopic(r.ctx, top); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPingAway: without a broker calls end with their context.
func TestPingAway(t *testing.T) {
	b := testBroker(t, t.TempDir(), "127.0.0.1:0")
	r := rigAt(t, b.Addr())
	top := r.topic("t", 1)
	b.Close()
	ctx, cancel := context.WithTimeout(r.ctx, 200*time.Millisecond)
	defer cancel()
	if err := r.c.Ping(ctx); err == nil {
		t.Fatal("ping without a broker")
	}
	w, _ := r.c.Writer(ctx)
	if _, err := w.Write(ctx, []connectors.Record{{Topic: top, Value: []byte("x")}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
}

// TestWriterCommitFails has the broker answer a commit with an error: refused for certain, and of unknown outcome. The
// next transaction works, and what was refused never shows.
func TestWriterCommitFails(t *testing.T) {
	for _, c := range []struct {
		answer *kerr.Error
		detail bool // the error says that the outcome is unknown
	}{{kerr.TransactionAbortable, false}, {kerr.UnknownServerError, true}} {
		b := testBroker(t, t.TempDir(), "127.0.0.1:0")
		r := rigAt(t, b.Addr())
		top := r.topic("t", 2)
		w, _ := r.c.Writer(r.ctx)
		b.cluster.ControlKey(int16(kmsg.EndTxn), func(req kmsg.Request) (kmsg.Response, error, bool) {
			resp := req.ResponseKind().(*kmsg.EndTxnResponse)
			resp.ErrorCode = c.answer.Code
			return resp, nil, true // once
		})
		_, err := w.Write(r.ctx, bothPartitions(top, 1))
		if e := pgerr.From(err); err == nil || e.Code == pgerr.InternalError || c.detail != (e.Detail != "") {
			t.Fatalf("%v: got %v (%s)", c.answer.Message, err, pgerr.Code(err))
		}
		if _, err := w.Write(r.ctx, bothPartitions(top, 2)); err != nil {
			t.Fatalf("after %v: %v", c.answer.Message, err)
		}
		if got := r.visible(top); got != "[+1 2 x2]" {
			t.Fatalf("%v: %s", c.answer.Message, got)
		}
		b.Close()
	}
}
