package engine

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/catalog"
)

// held is what the topic of a derived table or stream has when its relation starts without a checkpoint: the state
// directory was deleted, or the plan is another by now. The whole output is then computed again; what the topic has is
// not written a second time, and keys that are gone get their tombstones.
type held struct {
	rows map[[sha256.Size]byte]int // stream: records by their bytes, how many there are
	keys map[string]*batch.Batch   // table: the last row of each key
}

// sharedHeld is what the topic of a stream had when the server started. A stream and the INSERT queries into it write one
// topic and compute their outputs again together: each record there stands for one row of one of them.
type sharedHeld struct {
	mu   sync.Mutex
	read bool
	h    *held
}

// heldTopics are the topics that relations which the server found at its start share.
type heldTopics struct {
	mu      sync.Mutex
	byTopic map[string]*sharedHeld
}

func (t *heldTopics) of(topic string) *sharedHeld {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byTopic == nil {
		t.byTopic = map[string]*sharedHeld{}
	}
	sh := t.byTopic[topic]
	if sh == nil {
		sh = &sharedHeld{}
		t.byTopic[topic] = sh
	}
	return sh
}

// forget drops what is only kept for relations that have not begun to write.
func (t *heldTopics) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byTopic = nil
}

// readHeld finds out what the topic has that r will compute again. A new INSERT query has nothing there.
func (s *topicSink) readHeld(ctx context.Context, r *relation) (err error) {
	switch {
	case r.created && s.obj.Into != 0:
		return nil
	case !r.recovered || s.obj.Kind != catalog.Stream:
		s.held, err = s.loadHeld(ctx, r.e)
		return err
	}
	sh := r.e.heldTopics.of(s.obj.Connector.Topic)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if !sh.read {
		if sh.h, err = s.loadHeld(ctx, r.e); err != nil {
			return err
		}
		sh.read = true
	}
	s.held = sh.h
	return nil
}

// loadHeld reads the topic up to its end. Nobody else writes to it: an output transaction that a crash left open was
// ended when the output producer was opened.
func (s *topicSink) loadHeld(ctx context.Context, e *Engine) (*held, error) {
	topic := s.obj.Connector.Topic
	ends, err := e.cluster.Ends(ctx, topic)
	if err != nil {
		return nil, fmt.Errorf("read the end of topic %s: %w", topic, err)
	}
	if (connectors.Offsets{}).Covers(ends) {
		return nil, nil // empty: the ordinary case
	}
	var need []int
	for i, c := range s.obj.Columns {
		if c.From == catalog.FromKey || c.From == catalog.FromValue {
			need = append(need, i)
		}
	}
	sp := spec(s.obj, need)
	sp.Until = ends
	h := &held{rows: map[[sha256.Size]byte]int{}, keys: map[string]*batch.Batch{}}
	err = e.readTopic(ctx, sp, connectors.Offsets{}, func(c *connectors.Chunk) error {
		for i := range c.Batch.Rows() {
			if err := h.add(s, c.Batch, i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what topic %s has: %w", topic, err)
	}
	return h, nil
}

// add notes row i of what was read.
func (h *held) add(s *topicSink, b *batch.Batch, i int) error {
	if s.obj.Kind != catalog.Stream {
		if b.Weights[i] > 0 {
			h.keys[s.keyOf(b, i)] = b.Slice(i, i+1)
		} else {
			delete(h.keys, s.keyOf(b, i))
		}
		return nil
	}
	r, err := s.record(b, i, false)
	if err == nil {
		h.rows[recordSum(r)]++
	}
	return err
}

// recordSum identifies a record by its key and value.
func recordSum(r connectors.Record) [sha256.Size]byte {
	b := fmt.Appendf(nil, "%d.%t.", len(r.Key), r.Key == nil)
	return sha256.Sum256(append(append(b, r.Key...), r.Value...))
}

// takeRow reports whether the topic has a stream's record already, and counts it off. h may be nil.
func (h *held) takeRow(r connectors.Record) bool {
	if h == nil {
		return false
	}
	sum := recordSum(r)
	if h.rows[sum] == 0 {
		return false
	}
	h.rows[sum]--
	return true
}

// takeKey forgets a key that is written, or deleted, anew. h may be nil.
func (h *held) takeKey(key string) {
	if h != nil {
		delete(h.keys, key)
	}
}

// tombstones are for the keys that the topic has and the table has not.
func (s *topicSink) tombstones(recs []connectors.Record) ([]connectors.Record, error) {
	if s.held == nil {
		return recs, nil
	}
	for _, b := range s.held.keys {
		r, err := s.record(b, 0, true)
		if err != nil {
			return nil, err
		}
		recs = append(recs, r)
	}
	return recs, nil
}
