package kafka

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
	"streamsql/internal/pgerr"
)

// EpochsTopic is the compacted topic of one partition that holds, by sink id, the last committed epoch. Its record is
// part of the transaction that makes the epoch's output visible.
const EpochsTopic = "_streamsql_epochs"

// epochRecord is a value in EpochsTopic.
type epochRecord struct {
	Epoch    uint64 `json:"epoch"`
	Instance string `json:"instance"` // the sink object that wrote it: a later one has fenced it
}

// sink writes one transaction a checkpoint. The proof of exactly-once is TestSinkExactlyOnce.
type sink struct {
	cluster  *Cluster
	id       string
	instance string

	mu     sync.Mutex
	cl     *kgo.Client // nil: not open, or given up after an error
	epoch  uint64      // last one known to be visible
	opened bool        // Open has succeeded once
	fenced bool
	closed bool
	// stop, set by tests, fails Commit at a named step as a crash would: "produced" before the transaction's end,
	// "committed" after it.
	stop func(step string) error
}

// Sink returns the sink of the given id, not yet open.
func (c *Cluster) Sink(ctx context.Context, id string) (connectors.Sink, error) {
	if id == "" {
		return nil, pgerr.New(pgerr.InternalError, "a sink needs an id")
	}
	return &sink{cluster: c, id: id, instance: randomID()}, nil
}

// Open implements connectors.Sink: it fences earlier instances, which aborts what they left open, and reads the last
// visible epoch.
func (s *sink) Open(ctx context.Context) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, pgerr.New(pgerr.ObjectNotInPrerequisiteState, "sink %q is closed", s.id)
	}
	if s.cl != nil {
		return s.epoch, nil
	}
	if err := s.open(ctx); err != nil {
		return 0, err
	}
	return s.epoch, nil
}

func (s *sink) open(ctx context.Context) error {
	cfg := map[string]string{"cleanup.policy": "compact", "segment.bytes": "16777216"}
	if err := s.cluster.CreateTopic(ctx, EpochsTopic, 1, 0, cfg); err != nil {
		return err
	}
	if s.opened { // do not take the id back from an instance that took it from this one
		last, err := s.last(ctx)
		if err != nil {
			return err
		}
		if last.Instance != s.instance {
			s.fenced = true
			return s.fencedError()
		}
	}
	cl, err := s.cluster.transactional("streamsql-sink-" + s.id)
	if err != nil {
		return err
	}
	if err := s.take(ctx, cl); err != nil {
		cl.Close()
		return err
	}
	s.cl, s.opened = cl, true
	return nil
}

// take fences earlier producers of the id, reads the last epoch and writes it again under this instance's name.
func (s *sink) take(ctx context.Context, cl *kgo.Client) error {
	if _, _, err := cl.ProducerID(ctx); err != nil {
		return brokerError(fmt.Sprintf("open sink %q", s.id), err)
	}
	last, err := s.last(ctx)
	if err != nil {
		return err
	}
	s.epoch = last.Epoch
	if _, err := transact(ctx, cl, []connectors.Record{s.record(last.Epoch)}, nil); err != nil {
		return fmt.Errorf("open sink %q: %w", s.id, err)
	}
	return nil
}

func (s *sink) record(epoch uint64) connectors.Record {
	v, err := json.Marshal(epochRecord{epoch, s.instance})
	if err != nil {
		panic(err) // a number and a string
	}
	return connectors.Record{Topic: EpochsTopic, Key: []byte(s.id), Value: v}
}

// lastWindow is how many records of EpochsTopic are read at first, from its end; more if the id is not among them.
const lastWindow = 1024

// last returns the last committed record of the sink's id; zero if there is none.
func (s *sink) last(ctx context.Context) (epochRecord, error) {
	var last epochRecord
	c := s.cluster
	starts, err := c.Starts(ctx, EpochsTopic)
	if err != nil {
		return last, err
	}
	ends, err := c.Ends(ctx, EpochsTopic)
	if err != nil {
		return last, err
	}
	f := &fetcher{cl: c.plain, topic: EpochsTopic}
	found := false
	to := ends[0]
	for window := int64(lastWindow); !found && to > starts[0]; window *= 4 {
		from := max(starts[0], to-window)
		err := f.each(ctx, from, to, func(r *kgo.Record) error {
			if string(r.Key) != s.id || r.Value == nil {
				return nil
			}
			found = true
			return json.Unmarshal(r.Value, &last)
		})
		if err != nil {
			return last, fmt.Errorf("read the last epoch of sink %q: %w", s.id, err)
		}
		to = from
	}
	return last, nil
}

// Commit implements connectors.Sink. After an error the same epoch may be committed again: whatever became of the
// first attempt, its records are visible once.
func (s *sink) Commit(ctx context.Context, epoch uint64, recs []connectors.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed || !s.opened:
		return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "sink %q is not open", s.id)
	case s.fenced:
		return s.fencedError()
	}
	if s.cl == nil {
		if err := s.open(ctx); err != nil { // tells what became of the transaction that failed
			return err
		}
	}
	if epoch <= s.epoch {
		return nil
	}
	all := make([]connectors.Record, 0, len(recs)+1)
	all = append(append(all, recs...), s.record(epoch))
	err := s.transact(ctx, all)
	if err == nil {
		s.epoch = epoch
		return nil
	}
	return s.failed(err)
}

// transact is the transaction of a commit, with the steps that tests stop at.
func (s *sink) transact(ctx context.Context, all []connectors.Record) error {
	if s.stop == nil {
		_, err := transact(ctx, s.cl, all, nil)
		return err
	}
	if err := s.cl.BeginTransaction(); err != nil {
		return err
	}
	if _, err := produceAll(ctx, s.cl, all, nil); err != nil {
		return err
	}
	if err := s.stop("produced"); err != nil {
		return err
	}
	if err := s.cl.EndTransaction(ctx, kgo.TryCommit); err != nil {
		return err
	}
	return s.stop("committed")
}

// failed decides what a failed commit leaves: a producer that goes on, one to be opened again, or a fenced sink.
func (s *sink) failed(err error) error {
	if fenced(err) {
		s.fenced = true
		err = s.fencedError()
	}
	var aborted *abortedError
	if !errors.As(err, &aborted) {
		s.cl.Close()
		s.cl = nil
	}
	return err
}

func (s *sink) fencedError() error {
	return pgerr.New(pgerr.ObjectInUse, "sink %q was taken over by another server", s.id).
		WithHint("Two servers must not run with the same state.")
}

// Close implements connectors.Sink.
func (s *sink) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.cl != nil {
		s.cl.Close()
		s.cl = nil
	}
	return nil
}
