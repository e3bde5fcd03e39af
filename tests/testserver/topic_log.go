package testserver

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// TopicLog reads a topic from its beginning with a plain client, read committed, and keeps what decode makes of each
// record. It goes on while the broker comes and goes.
type TopicLog[T any] struct {
	cl     *kgo.Client
	topic  string
	cancel context.CancelFunc
	done   chan struct{}

	mu    sync.Mutex
	parts map[int32][]Entry[T]
	next  map[int32]int64
}

// Entry is one record.
type Entry[T any] struct {
	Offset int64
	Value  T
}

// NewTopicLog starts reading. It stops at the end of the test.
func NewTopicLog[T any](t testing.TB, broker, topic string, decode func(*kgo.Record) (T, error)) *TopicLog[T] {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.FetchMaxWait(50*time.Millisecond), kgo.DialTimeout(2*time.Second),
		kgo.MetadataMinAge(50*time.Millisecond), kgo.MetadataMaxAge(2*time.Second), kgo.KeepControlRecords(),
		kgo.RetryBackoffFn(func(int) time.Duration { return 50 * time.Millisecond }))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	l := &TopicLog[T]{cl: cl, topic: topic, cancel: cancel, done: make(chan struct{}), parts: map[int32][]Entry[T]{}, next: map[int32]int64{}}
	go l.run(ctx, t, decode)
	t.Cleanup(l.Close)
	return l
}

// Close stops reading.
func (l *TopicLog[T]) Close() {
	l.cancel()
	<-l.done
	l.cl.Close()
}

func (l *TopicLog[T]) run(ctx context.Context, t testing.TB, decode func(*kgo.Record) (T, error)) {
	defer close(l.done)
	for ctx.Err() == nil {
		fetches := l.cl.PollFetches(ctx)
		l.mu.Lock()
		fetches.EachRecord(func(r *kgo.Record) {
			if want, ok := l.next[r.Partition]; ok && r.Offset < want {
				t.Errorf("topic %s partition %d: offset %d came after %d", l.topic, r.Partition, r.Offset, want-1)
			}
			l.next[r.Partition] = r.Offset + 1
			if r.Attrs.IsControl() {
				return
			}
			v, err := decode(r)
			if err != nil {
				t.Errorf("topic %s partition %d offset %d: %v", l.topic, r.Partition, r.Offset, err)
				return
			}
			l.parts[r.Partition] = append(l.parts[r.Partition], Entry[T]{r.Offset, v})
		})
		l.mu.Unlock()
	}
}

// WaitFor waits until the log was read up to ends (offset after the last record, by partition).
func (l *TopicLog[T]) WaitFor(t testing.TB, ends map[int32]int64) {
	t.Helper()
	Eventually(t, 30*time.Second, "read topic "+l.topic, func() error {
		l.mu.Lock()
		defer l.mu.Unlock()
		for p, o := range ends {
			if l.next[p] < o {
				return fmt.Errorf("partition %d is read up to %d of %d", p, l.next[p], o)
			}
		}
		return nil
	})
}

// Each calls f for every record before ends; a nil ends means all that were read.
func (l *TopicLog[T]) Each(ends map[int32]int64, f func(partition int32, e Entry[T])) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p, es := range l.parts {
		for _, e := range es {
			if ends != nil && e.Offset >= ends[p] {
				break
			}
			f(p, e)
		}
	}
}

// Ends asks the broker where the topic ends for a committed reader.
func Ends(t testing.TB, broker, topic string) map[int32]int64 {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(broker))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	got, err := kadm.NewClient(cl).ListCommittedOffsets(ctx, topic)
	if err == nil {
		err = got.Error()
	}
	if err != nil {
		t.Fatalf("ends of topic %s: %v", topic, err)
	}
	out := map[int32]int64{}
	got.Each(func(o kadm.ListedOffset) { out[o.Partition] = o.Offset })
	return out
}
