package kafka

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
)

// sendBufferMax bounds the records that Send holds while the brokers are away. Beyond it records are dropped, counted
// and logged: the engine must not wait for its error topic.
const sendBufferMax = 10_000

// sendFlushMax is how long Close waits for what Send has buffered.
const sendFlushMax = 5 * time.Second

// sender produces records nobody waits for, through a client of its own so that they never hold up others.
type sender struct {
	cluster *Cluster

	mu     sync.Mutex
	cl     *kgo.Client
	closed bool
	lost   int64
	logged time.Time
}

func (s *sender) client() (*kgo.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, kgo.ErrClientClosed
	}
	if s.cl == nil {
		opts := append(s.cluster.baseOptions(), produceOptions()...)
		cl, err := kgo.NewClient(append(opts, kgo.MaxBufferedRecords(sendBufferMax))...)
		if err != nil {
			return nil, err
		}
		s.cl = cl
	}
	return s.cl, nil
}

// send buffers rec, whose slices the caller must leave alone afterwards.
func (s *sender) send(rec connectors.Record) {
	cl, err := s.client()
	if err != nil {
		s.failed(rec.Topic, err)
		return
	}
	cl.TryProduce(context.Background(), toKgo(&rec, nil), func(r *kgo.Record, err error) {
		if err != nil {
			s.failed(r.Topic, err)
		}
	})
}

// failed counts a lost record, and logs at most once a second.
func (s *sender) failed(topic string, err error) {
	s.mu.Lock()
	s.lost++
	lost, now := s.lost, time.Now()
	quiet := now.Sub(s.logged) < time.Second
	if !quiet {
		s.logged = now
	}
	s.mu.Unlock()
	if !quiet {
		s.cluster.cfg.Logger.Error("records could not be sent", "topic", topic, "lost_total", lost, "error", err)
	}
}

func (s *sender) close() {
	s.mu.Lock()
	cl := s.cl
	s.closed = true
	s.mu.Unlock()
	if cl == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), sendFlushMax)
	defer cancel()
	if err := cl.Flush(ctx); err != nil {
		s.cluster.cfg.Logger.Warn("records not sent before the end", "records", cl.BufferedProduceRecords(), "error", err)
	}
	cl.Close()
}
