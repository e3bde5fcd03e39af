package kafka

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
	"streamsql/internal/pgerr"
)

// The bounds of a source's queues: what is decoded but not yet polled, and what is fetched but not yet decoded. A full
// queue stops the goroutine before it, and in the end the client fetches no more.
const (
	chunkQueue = 8 // chunks of at most batch.RowsMax rows
	jobQueue   = 2 // fetched partitions, a decode goroutine
)

// fetchMaxWait is how long a broker holds a fetch that has nothing to return. It costs no latency; a partition that is
// new waits for it once, because a client has one fetch on its way to each broker.
const fetchMaxWait = 500 * time.Millisecond

// inlineRecords is the size up to which the poll goroutine decodes a fetch itself, if nothing is queued: a single
// event then does not wait for another goroutine to wake up.
const inlineRecords = 64

// source reads one topic with a client of its own.
//
// Goroutines, all started by Open and ended by Close: one discovers partitions (discover.go), one polls, GOMAXPROCS
// decode (each has its partitions, so that these stay in order), and one looks for ends that no record tells of
// (probe.go; only with Until).
type source struct {
	cluster *Cluster
	layout  *layout
	status  status
	log     *slog.Logger

	ctx     context.Context // ends with Close; the goroutines' only
	cancel  context.CancelFunc
	wg      sync.WaitGroup
	cl      *kgo.Client
	readers []*partitionReader // one a decode goroutine
	inline  *partitionReader   // the poll goroutine's
	pending atomic.Int64       // jobs handed to decode goroutines and not done
	out     chan item
	kick    chan struct{} // wakes the discovery

	mu        sync.Mutex
	positions map[int32]*position // by partition
	stale     []int32             // partitions that the discovery has to take up anew

	// Poll's side.
	remaining connectors.Offsets // partitions of Until not yet read to their ends; nil without Until
	failed    error              // what Poll returned last and will return for ever
}

// position is how far a partition has been decoded.
type position struct {
	next  atomic.Int64
	until int64 // read no further; -1: no end
}

// item is what the goroutines tell Poll.
type item struct {
	chunk *connectors.Chunk
	err   error
	// ended is a partition whose end has been reached without a chunk saying so, if there is neither chunk nor error.
	ended int32
}

// Source returns a source for spec; it connects on Open. Headers columns, unknown formats and types without a decoder
// are refused here (0A000).
func (c *Cluster) Source(spec connectors.SourceSpec) (connectors.Source, error) {
	l, err := newLayout(spec)
	if err != nil {
		return nil, err
	}
	return &source{cluster: c, layout: l, log: c.cfg.Logger.With("source", spec.Topic)}, nil
}

// Open implements connectors.Source. It does not wait for the broker: Status tells when there is none.
func (s *source) Open(ctx context.Context, from connectors.Offsets) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.cl != nil {
		return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "source of topic %q is open already", s.layout.spec.Topic)
	}
	cl, err := kgo.NewClient(append(s.cluster.baseOptions(), s.options()...)...)
	if err != nil {
		return fmt.Errorf("open source of topic %q: %w", s.layout.spec.Topic, err)
	}
	s.cl = cl
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.out = make(chan item, chunkQueue)
	s.kick = make(chan struct{}, 1)
	s.positions = map[int32]*position{}
	if s.layout.spec.Until != nil {
		s.remaining = s.layout.spec.Until.Clone()
		maps.DeleteFunc(s.remaining, func(_ int32, end int64) bool { return end <= 0 })
	}
	return s.start(from.Clone())
}

func (s *source) options() []kgo.Opt {
	return []kgo.Opt{
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), // so that positions move over them
		kgo.KeepRetryableFetchErrors(),
		kgo.FetchMaxPartitionBytes(s.cluster.cfg.FetchMaxPartitionBytes),
		kgo.FetchMinBytes(1),
		kgo.FetchMaxWait(fetchMaxWait),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()), // what is lost is said, never skipped
		kgo.WithPools(&recordPool{}, &bytePool{}),
		kgo.WithHooks(&s.status),
	}
}

func (s *source) start(from connectors.Offsets) error {
	for range runtime.GOMAXPROCS(0) {
		r, err := s.newPartitionReader()
		if err != nil {
			return err
		}
		s.readers = append(s.readers, r)
	}
	r, err := s.newPartitionReader()
	if err != nil {
		return err
	}
	s.inline = r
	for _, r := range s.readers {
		s.spawn(func() { r.run(s.ctx) })
	}
	s.spawn(s.poll)
	s.spawn(func() { s.discover(from) })
	if s.remaining != nil {
		s.spawn(s.probe)
	}
	return nil
}

func (s *source) spawn(f func()) {
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		f()
	}()
}

// Poll implements connectors.Source. A failed source (on_error = 'stop', a topic that was made anew) returns its
// error every time.
func (s *source) Poll(ctx context.Context) (*connectors.Chunk, error) {
	if s.cl == nil {
		return nil, pgerr.New(pgerr.ObjectNotInPrerequisiteState, "source of topic %q is not open", s.layout.spec.Topic)
	}
	for s.failed == nil {
		if s.remaining != nil && len(s.remaining) == 0 {
			s.failed = io.EOF
			break
		}
		var it item
		select {
		case it = <-s.out:
		default:
			select {
			case it = <-s.out:
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-s.ctx.Done():
				return nil, pgerr.New(pgerr.ObjectNotInPrerequisiteState, "source of topic %q is closed", s.layout.spec.Topic)
			}
		}
		switch {
		case it.err != nil:
			s.failed = it.err
		case it.chunk == nil:
			delete(s.remaining, it.ended)
		default:
			if end, ok := s.remaining[it.chunk.Partition]; ok && it.chunk.Next >= end {
				delete(s.remaining, it.chunk.Partition)
			}
			return it.chunk, nil
		}
	}
	return nil, s.failed
}

// emit hands an item to Poll; it waits while the queue is full. False means that the source is being closed.
func (s *source) emit(it item) bool {
	select {
	case s.out <- it:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// Close implements connectors.Source. It may be called more than once, and beside Poll.
func (s *source) Close() error {
	if s.cancel != nil {
		s.cancel()
		s.cl.Close()
		s.wg.Wait()
	}
	return nil
}

// Status implements connectors.Source.
func (s *source) Status() string { return s.status.String() }

func (s *source) position(p int32) *position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.positions[p]
}

// wakeDiscovery makes the discovery look at the topic now.
func (s *source) wakeDiscovery() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// poll takes fetches from the client and hands each partition to its decode goroutine.
func (s *source) poll() {
	for {
		fs := s.cl.PollFetches(s.ctx)
		if s.ctx.Err() != nil || fs.IsClientClosed() {
			return
		}
		fs.EachError(func(_ string, p int32, err error) { s.fetchError(p, err) })
		// With an end set the prober hands out jobs too, and order is kept by the decode goroutines alone.
		inline := s.layout.spec.Until == nil && s.pending.Load() == 0 && fs.NumRecords() <= inlineRecords
		ok := true
		fs.EachPartition(func(ft kgo.FetchTopicPartition) {
			if ok && len(ft.Records) > 0 {
				ok = s.dispatch(job{partition: ft.Partition, records: ft.Records}, inline)
			}
		})
		if !ok {
			return
		}
	}
}

func (s *source) dispatch(j job, inline bool) bool {
	if inline {
		return s.inline.read(j)
	}
	r := s.readers[int(uint32(j.partition))%len(s.readers)]
	s.pending.Add(1)
	select {
	case r.jobs <- j:
		return true
	case <-s.ctx.Done():
		return false
	}
}
