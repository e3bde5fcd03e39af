package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// status collects what a source's client meets on the way to its brokers. It is a hook of the client.
type status struct {
	trouble atomic.Bool // down is set: looked at for every response

	mu    sync.Mutex
	down  error // the last connection error; nil while a broker answers
	since time.Time
	topic string // what is wrong with the topic, or ""
	ready bool   // the topic's partitions have been found
}

// OnBrokerConnect implements kgo.HookBrokerConnect.
func (s *status) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	s.connection(err)
}

// OnBrokerE2E implements kgo.HookBrokerE2E.
func (s *status) OnBrokerE2E(_ kgo.BrokerMetadata, _ int16, e2e kgo.BrokerE2E) {
	s.connection(e2e.Err())
}

func (s *status) connection(err error) {
	if err == nil && !s.trouble.Load() || errors.Is(err, context.Canceled) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble.Store(err != nil)
	if err != nil && s.down == nil {
		s.since = time.Now()
	}
	s.down = err
}

// setTopic notes what is wrong with the topic; "" when all is well.
func (s *status) setTopic(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.topic = what
	s.ready = s.ready || what == ""
}

func (s *status) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.down != nil:
		return fmt.Sprintf("broker unreachable since %s: %v", s.since.UTC().Format("2006-01-02 15:04:05Z"), s.down)
	case s.topic != "":
		return s.topic
	case !s.ready:
		return "starting"
	}
	return "ok"
}
