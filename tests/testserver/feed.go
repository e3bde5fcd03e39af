package testserver

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Feed produces records to a broker that comes and goes. It is idempotent and retries for ever; Acked says what was
// acknowledged. Close it before the broker goes for good.
type Feed struct {
	cl    *kgo.Client
	topic string

	mu     sync.Mutex
	sent   int
	acked  int
	failed int
	err    error
	ends   map[int32]int64 // by partition: offset after the last acknowledged record
}

// NewFeed returns a producer to topic.
func NewFeed(t testing.TB, broker, topic string) *Feed {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ProducerLinger(0), kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.MaxBufferedRecords(20_000), kgo.RetryBackoffFn(func(int) time.Duration { return 50 * time.Millisecond }),
		kgo.DialTimeout(2*time.Second), kgo.MetadataMinAge(50*time.Millisecond), kgo.MetadataMaxAge(5*time.Second),
		kgo.UnknownTopicRetries(-1), kgo.RetryTimeout(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return &Feed{cl: cl, topic: topic, ends: map[int32]int64{}}
}

// Send produces one record and does not wait for its acknowledgement; it blocks while too many are on their way.
func (f *Feed) Send(ctx context.Context, key, value []byte) {
	f.mu.Lock()
	f.sent++
	f.mu.Unlock()
	f.cl.Produce(ctx, &kgo.Record{Topic: f.topic, Key: key, Value: value}, func(r *kgo.Record, err error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if err != nil {
			f.failed++
			f.err = err
			return
		}
		f.acked++
		f.ends[r.Partition] = max(f.ends[r.Partition], r.Offset+1)
	})
}

// Acked is how many records were acknowledged, and up to where in each partition.
func (f *Feed) Acked() (records int, ends map[int32]int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ends = make(map[int32]int64, len(f.ends))
	for p, o := range f.ends {
		ends[p] = o
	}
	return f.acked, ends
}

// Failed is how many records ended without an acknowledgement (their outcome is unknown), and why the last one did.
func (f *Feed) Failed() (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed, f.err
}

// Flush waits until every record has ended.
func (f *Feed) Flush(ctx context.Context) error { return f.cl.Flush(ctx) }

// Pace calls send n times, rate a second (0: as fast as it goes), until ctx is done.
func Pace(ctx context.Context, n, rate int, send func(i int)) {
	start := time.Now()
	for i := range n {
		if ctx.Err() != nil {
			return
		}
		if rate > 0 && i%(rate/200+1) == 0 {
			due := start.Add(time.Duration(i) * time.Second / time.Duration(rate))
			if wait := time.Until(due); wait > 0 {
				time.Sleep(wait)
			}
		}
		send(i)
	}
}
