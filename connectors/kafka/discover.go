package kafka

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
	"streamsql/internal/pgerr"
)

// discoverEvery is how often a source looks for new partitions of its topic.
const discoverEvery = 10 * time.Second

// discovery is the state of a source's discovery goroutine.
type discovery struct {
	s      *source
	from   connectors.Offsets
	id     [16]byte // of the topic as first seen
	seen   bool
	active map[int32]bool // partitions that the client fetches
}

// discover finds the topic's partitions, starts reading them at their positions, and looks for new ones from time to
// time and whenever a fetch error says that something has changed.
func (s *source) discover(from connectors.Offsets) {
	d := &discovery{s: s, from: from, active: map[int32]bool{}}
	for try := 0; ; {
		ok, err := d.round()
		if err != nil {
			s.emit(item{err: err})
			return
		}
		pause := discoverEvery
		if try++; ok {
			try = 0
		} else {
			pause = backoff(try)
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-s.kick:
			t.Stop()
			if !wait(s.ctx, backoff(0)) { // not more often than that
				return
			}
		case <-s.ctx.Done():
			t.Stop()
			return
		}
	}
}

// round looks at the topic once. ok is false if it has to be looked at again soon; an error ends the source.
func (d *discovery) round() (ok bool, err error) {
	s, topic := d.s, d.s.layout.spec.Topic
	t, err := describe(s.ctx, s.cl, topic)
	if isUnknownTopic(err) {
		s.status.setTopic(fmt.Sprintf("topic %q does not exist", topic))
		d.forget()
		return false, nil
	}
	var ke *kerr.Error
	if errors.As(err, &ke) {
		s.status.setTopic(fmt.Sprintf("topic %q: %v", topic, err))
	}
	if err != nil {
		return false, nil // of a broker that is away the status knows from its hooks
	}
	if d.seen && t.id != d.id {
		return false, pgerr.New(pgerr.ObjectNotInPrerequisiteState, "topic %q was deleted and made anew", topic).
			WithDetail("What was read from the old topic does not fit the new one.").
			WithHint("Drop what reads the topic and create it again.")
	}
	d.seen, d.id = true, t.id
	d.dropStale()
	return d.add(t)
}

// forget stops fetching a topic that is gone; if it comes back (a broker that starts may not know it yet) its
// partitions are taken up where they were left.
func (d *discovery) forget() {
	if len(d.active) > 0 {
		d.s.cl.PurgeTopicsFromConsuming(d.s.layout.spec.Topic)
		clear(d.active)
	}
}

// dropStale stops fetching the partitions whose position the broker refused; add checks them and takes them up again.
func (d *discovery) dropStale() {
	d.s.mu.Lock()
	stale := d.s.stale
	d.s.stale = nil
	d.s.mu.Unlock()
	if len(stale) == 0 {
		return
	}
	d.s.cl.RemoveConsumePartitions(map[string][]int32{d.s.layout.spec.Topic: stale})
	for _, p := range stale {
		delete(d.active, p)
	}
}

// add starts reading the partitions that are not being read yet.
func (d *discovery) add(t *topicInfo) (ok bool, err error) {
	s, topic := d.s, d.s.layout.spec.Topic
	var fresh []int32
	for p := range t.leaders {
		if _, wanted := s.endOf(p); wanted && !d.active[p] {
			fresh = append(fresh, p)
		}
	}
	if len(fresh) == 0 {
		s.status.setTopic("")
		return true, nil
	}
	slices.Sort(fresh)
	starts, err1 := s.cluster.Starts(s.ctx, topic)
	ends, err2 := s.cluster.Ends(s.ctx, topic)
	if err := errors.Join(err1, err2); err != nil {
		s.status.setTopic(err.Error())
		return false, nil
	}
	at := map[int32]kgo.Offset{}
	for _, p := range fresh {
		start, found := starts[p]
		if !found {
			return false, nil
		}
		pos, err := d.open(p, start, ends[p])
		if err != nil {
			return false, err
		}
		d.active[p] = true
		if pos.until >= 0 && pos.next.Load() >= pos.until {
			s.emit(item{ended: p})
			continue
		}
		at[p] = kgo.NewOffset().At(pos.next.Load())
	}
	if len(at) > 0 {
		s.cl.AddConsumePartitions(map[string]map[int32]kgo.Offset{topic: at})
	}
	s.status.setTopic("")
	return true, nil
}

// endOf returns the end that the spec sets for a partition, -1 for none, and whether it is to be read at all.
func (s *source) endOf(p int32) (end int64, wanted bool) {
	if s.layout.spec.Until == nil {
		return -1, true
	}
	end = s.layout.spec.Until[p]
	return end, end > 0
}

// open returns the partition's position, checked against what the log holds.
func (d *discovery) open(p int32, start, end int64) (*position, error) {
	s, topic := d.s, d.s.layout.spec.Topic
	s.mu.Lock()
	defer s.mu.Unlock()
	pos := s.positions[p]
	if pos == nil {
		pos = &position{}
		pos.until, _ = s.endOf(p)
		from, given := d.from[p]
		if !given {
			from = start
		}
		pos.next.Store(from)
		s.positions[p] = pos
	}
	next := pos.next.Load()
	if next > end {
		return nil, pgerr.New(pgerr.DataCorrupted, "partition %d of topic %q ends at offset %d, but was read up to offset %d before", p, topic, end, next).
			WithDetail("The topic was truncated or made anew.").
			WithHint("Drop what reads the topic and create it again.")
	}
	if next < start {
		s.log.Warn("records are gone from the topic before they were read", "partition", p, "from", next, "to", start)
		pos.next.Store(start)
	}
	return pos, nil
}

// fetchError deals with an error that a fetch of partition p gave. The client goes on by itself after most.
func (s *source) fetchError(p int32, err error) {
	var lost *kgo.ErrDataLoss
	var ke *kerr.Error
	switch {
	case errors.As(err, &lost):
		s.emit(item{err: pgerr.New(pgerr.DataCorrupted, "partition %d of topic %q lost records that were read before: %v", p, s.layout.spec.Topic, err)})
	case errors.Is(err, kerr.OffsetOutOfRange):
		s.restart(p)
	case isUnknownTopic(err):
		s.wakeDiscovery()
	case errors.As(err, &ke) && ke.Retriable, !errors.As(err, &ke):
		s.log.Debug("fetch failed", "partition", p, "error", err)
	default:
		s.status.setTopic(fmt.Sprintf("partition %d of topic %q: %v", p, s.layout.spec.Topic, err))
	}
}

// restart has the discovery check a partition's position against the log.
func (s *source) restart(p int32) {
	s.mu.Lock()
	s.stale = append(s.stale, p)
	s.mu.Unlock()
	s.wakeDiscovery()
}
