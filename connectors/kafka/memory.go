package kafka

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
)

// Memory is a cluster without brokers, in this process, gone with it. Its sources decode and its encoders encode with
// the code of the real one; every record is a chunk of its own. Tests that make an engine a case use it: it starts in
// no time and is quiet when nothing happens. Safe for concurrent use.
type Memory struct {
	partitions int

	mu     sync.Mutex
	topics map[string]*memoryTopic
	epochs map[string]uint64
	news   chan struct{} // closed and replaced when something was appended or a topic came or went
}

type memoryTopic struct {
	parts [][]*kgo.Record
	gone  bool
}

var _ connectors.Cluster = (*Memory)(nil)

// NewMemory returns an empty cluster whose topics all have so many partitions, whatever CreateTopic asks for; 0: as asked.
func NewMemory(partitions int) *Memory {
	return &Memory{partitions: partitions, topics: map[string]*memoryTopic{}, epochs: map[string]uint64{}, news: make(chan struct{})}
}

// changed wakes who waits. mu held.
func (m *Memory) changed() {
	close(m.news)
	m.news = make(chan struct{})
}

// CreateTopic implements connectors.Cluster.
func (m *Memory) CreateTopic(_ context.Context, name string, partitions, _ int, _ map[string]string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.topics[name] != nil {
		return nil
	}
	if m.partitions > 0 {
		partitions = m.partitions
	}
	m.topics[name] = &memoryTopic{parts: make([][]*kgo.Record, max(partitions, 1))}
	m.changed()
	return nil
}

// DeleteTopic implements connectors.Cluster.
func (m *Memory) DeleteTopic(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t := m.topics[name]; t != nil {
		t.gone = true
		delete(m.topics, name)
		m.changed()
	}
	return nil
}

// Topics implements connectors.Cluster.
func (m *Memory) Topics(context.Context) ([]connectors.Topic, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []connectors.Topic
	for name, t := range m.topics {
		out = append(out, connectors.Topic{Name: name, Partitions: len(t.parts), Replicas: 1})
	}
	slices.SortFunc(out, func(a, b connectors.Topic) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// topic finds a topic. mu held.
func (m *Memory) topic(name string) (*memoryTopic, error) {
	if t := m.topics[name]; t != nil {
		return t, nil
	}
	return nil, topicError(name, kerr.UnknownTopicOrPartition)
}

// Partitions implements connectors.Cluster.
func (m *Memory) Partitions(_ context.Context, topic string) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, err := m.topic(topic)
	if err != nil {
		return 0, err
	}
	return len(t.parts), nil
}

// Starts implements connectors.Cluster.
func (m *Memory) Starts(_ context.Context, topic string) (connectors.Offsets, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, err := m.topic(topic)
	if err != nil {
		return nil, err
	}
	out := connectors.Offsets{}
	for p := range t.parts {
		out[int32(p)] = 0
	}
	return out, nil
}

// Ends implements connectors.Cluster.
func (m *Memory) Ends(_ context.Context, topic string) (connectors.Offsets, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, err := m.topic(topic)
	if err != nil {
		return nil, err
	}
	return t.ends(), nil
}

func (t *memoryTopic) ends() connectors.Offsets {
	out := connectors.Offsets{}
	for p, recs := range t.parts {
		out[int32(p)] = int64(len(recs))
	}
	return out
}

// Records returns the records of one partition of a topic, nil if there is none. They must not be changed.
func (m *Memory) Records(topic string, partition int32) []connectors.Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.topics[topic]
	if t == nil || int(partition) >= len(t.parts) {
		return nil
	}
	out := make([]connectors.Record, len(t.parts[partition]))
	for i, r := range t.parts[partition] {
		out[i] = connectors.Record{Topic: topic, Partition: partition, Key: r.Key, Value: r.Value, Timestamp: r.Timestamp}
		for _, h := range r.Headers {
			out[i].Headers = append(out[i].Headers, connectors.Header{Key: h.Key, Value: h.Value})
		}
	}
	return out
}

// Write implements connectors.Writer: all records appear at once, without a transaction's headers.
func (m *Memory) Write(_ context.Context, recs []connectors.Record) ([]connectors.Written, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range recs {
		if _, err := m.topic(recs[i].Topic); err != nil {
			return nil, err
		}
	}
	out := make([]connectors.Written, len(recs))
	for i := range recs {
		out[i] = m.append(&recs[i])
	}
	m.changed()
	return out, nil
}

// append adds a record to a topic that is there. mu held.
func (m *Memory) append(rec *connectors.Record) connectors.Written {
	t := m.topics[rec.Topic]
	r := toKgo(rec, nil)
	p := int(r.Partition)
	if p < 0 || p >= len(t.parts) {
		p = (&topicPartitioner{keyed: kgo.StickyKeyPartitioner(nil).ForTopic(rec.Topic)}).Partition(r, len(t.parts))
	}
	r.Partition, r.Offset = int32(p), int64(len(t.parts[p]))
	t.parts[p] = append(t.parts[p], r)
	return connectors.Written{Topic: rec.Topic, Partition: r.Partition, Offset: r.Offset}
}

// Writer implements connectors.Cluster.
func (m *Memory) Writer(context.Context) (connectors.Writer, error) { return memoryWriter{m}, nil }

type memoryWriter struct{ *Memory }

func (memoryWriter) Close() error { return nil }

// Send implements connectors.Cluster.
func (m *Memory) Send(rec connectors.Record) {
	_ = m.CreateTopic(context.Background(), rec.Topic, 1, 1, nil)
	_, _ = m.Write(context.Background(), []connectors.Record{rec})
}

// Encoder implements connectors.Cluster.
func (m *Memory) Encoder(cols []connectors.Column, f connectors.Formats) (connectors.Encoder, error) {
	return newEncoder(cols, f)
}

// Ping implements connectors.Cluster.
func (m *Memory) Ping(context.Context) error { return nil }

// Close implements connectors.Cluster.
func (m *Memory) Close() {}

// Sink implements connectors.Cluster.
func (m *Memory) Sink(_ context.Context, id string) (connectors.Sink, error) {
	return &memorySink{m, id}, nil
}

type memorySink struct {
	m  *Memory
	id string
}

func (s *memorySink) Open(context.Context) (uint64, error) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	return s.m.epochs[s.id], nil
}

func (s *memorySink) Commit(ctx context.Context, epoch uint64, recs []connectors.Record) error {
	s.m.mu.Lock()
	done := epoch <= s.m.epochs[s.id]
	s.m.epochs[s.id] = max(epoch, s.m.epochs[s.id])
	s.m.mu.Unlock()
	if done {
		return nil
	}
	_, err := s.m.Write(ctx, recs)
	return err
}

func (s *memorySink) Close() error { return nil }

// Log implements connectors.Cluster.
func (m *Memory) Log(ctx context.Context, topic string) (connectors.Log, error) {
	return &memoryLog{m, topic}, m.CreateTopic(ctx, topic, 1, 1, nil)
}

type memoryLog struct {
	m     *Memory
	topic string
}

func (l *memoryLog) Append(ctx context.Context, value []byte) (int64, error) {
	w, err := l.m.Write(ctx, []connectors.Record{{Topic: l.topic, Value: slices.Clone(value)}})
	if err != nil {
		return 0, err
	}
	return w[0].Offset, nil
}

func (l *memoryLog) End(ctx context.Context) (int64, error) {
	ends, err := l.m.Ends(ctx, l.topic)
	return ends[0], err
}

func (l *memoryLog) Read(_ context.Context, from, to int64, f func(offset int64, value []byte) error) error {
	recs := l.m.Records(l.topic, 0)
	for o := from; o < min(to, int64(len(recs))); o++ {
		if err := f(o, recs[o].Value); err != nil {
			return err
		}
	}
	return nil
}

// Source implements connectors.Cluster.
func (m *Memory) Source(spec connectors.SourceSpec) (connectors.Source, error) {
	l, err := newLayout(spec)
	if err != nil {
		return nil, err
	}
	rows, err := l.newRowReader()
	return &memorySource{m: m, layout: l, rows: rows}, err
}

// memorySource reads a topic of a Memory, one record a chunk. One goroutine at a time.
type memorySource struct {
	m      *Memory
	layout *layout
	rows   *rowReader
	next   connectors.Offsets
}

func (s *memorySource) Open(_ context.Context, from connectors.Offsets) error {
	s.next = connectors.Offsets{}
	maps.Copy(s.next, from)
	return nil
}

func (s *memorySource) Poll(ctx context.Context) (*connectors.Chunk, error) {
	for {
		rec, done, news, err := s.take()
		switch {
		case err != nil:
			return nil, err
		case done:
			return nil, io.EOF
		case rec != nil:
			return s.chunk(rec)
		}
		select {
		case <-news:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// take returns the next record, or whether the end was reached, or what to wait for.
func (s *memorySource) take() (rec *kgo.Record, done bool, news chan struct{}, err error) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	topic := s.layout.spec.Topic
	t, err := s.m.topic(topic)
	if err != nil {
		return nil, false, nil, err
	}
	until := s.layout.spec.Until
	if until != nil && s.next.Covers(until) {
		return nil, true, nil, nil
	}
	for p, recs := range t.parts {
		at := s.next[int32(p)]
		if end, ok := until[int32(p)]; until != nil && (!ok || at >= end) {
			continue
		}
		if at < int64(len(recs)) {
			s.next[int32(p)] = at + 1
			return recs[at], false, nil, nil
		}
	}
	return nil, false, s.m.news, nil
}

// chunk decodes one record.
func (s *memorySource) chunk(rec *kgo.Record) (*connectors.Chunk, error) {
	c := &connectors.Chunk{Partition: rec.Partition, First: rec.Offset, Next: rec.Offset + 1, Records: 1, MaxTime: time.UnixMilli(rec.Timestamp.UnixMilli())}
	s.rows.rows.Hint(1)
	if _, err := s.rows.add(rec); err != nil {
		if s.layout.onError == stopSource {
			return nil, stopError(rec, err)
		}
		c.Bad = []connectors.BadRecord{{Topic: rec.Topic, Partition: rec.Partition, Offset: rec.Offset, Time: rec.Timestamp,
			Key: clip(rec.Key), Value: clip(rec.Value), Err: err}}
	}
	c.Batch = s.rows.seal()
	return c, nil
}

func (s *memorySource) Close() error   { return nil }
func (s *memorySource) Status() string { return "ok" }
