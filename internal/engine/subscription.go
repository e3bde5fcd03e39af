package engine

import (
	"context"
	"sync"
	"sync/atomic"

	"streamsql/internal/batch"
	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/planner"
)

// subscription is a push query at run time: its dataflow is attached to the live graph, and what comes out of it in a
// tick is consolidated and put into a bounded buffer that the session empties. A client that is too slow gets an
// error, never a gap.
type subscription struct {
	e          *Engine
	df         *dataflow
	ts         []types.Type
	appendOnly bool
	in         *collect
	cancel     context.CancelFunc
	done       chan struct{} // the hydration's goroutine has ended

	mu       sync.Mutex
	queue    []change
	rows     int
	err      error
	waiting  atomic.Bool   // the hydration waits for the client
	wake     chan struct{} // capacity 1: something was put, or the end
	space    chan struct{} // capacity 1: something was taken
	attached bool
}

// change is what one tick changed, consolidated.
type change struct {
	tick uint64
	b    *batch.Batch
}

// subscribe starts a push query. Its snapshot comes first, then one change per tick, without a gap.
func (e *Engine) subscribe(ctx context.Context, root planner.Node, props planner.Props, cs *clientSession) (*subscription, error) {
	s := &subscription{e: e, appendOnly: props.AppendOnly, in: &collect{}, done: make(chan struct{}),
		wake: make(chan struct{}, 1), space: make(chan struct{}, 1)}
	env := cs.env() // its now() is the statement's time
	env.RowError = e.rowEnv("push query").RowError
	df, err := build(root, s, env, memorySpace, e.nextID)
	if err != nil {
		return nil, err
	}
	s.df, s.ts = df, typesOf(root.Columns())
	df.sink("subscriber", s.in, e.nextID)
	ctx, s.cancel = context.WithCancel(ctx)
	h := e.hydration(df, s)
	h.env = env
	h.flushed = func(p flushPoint) error { return s.deliver(ctx, p) }
	h.stuck = s.stuck
	if h.session, err = systemSnapshot(df, cs); err != nil {
		return nil, err
	}
	if !e.spawn(func() { s.run(ctx, h) }) {
		return nil, errShutdown
	}
	return s, nil
}

// systemSnapshot reads the system tables of a push query at once: they belong to the session, which goes on meanwhile.
func systemSnapshot(df *dataflow, cs *clientSession) (func(*scan) ([]*batch.Batch, error), error) {
	rows := map[*scan][]*batch.Batch{}
	for _, sc := range df.scans {
		if sc.object().Kind != catalog.System {
			continue
		}
		var err error
		if rows[sc], err = cs.systemRows(sc); err != nil {
			return nil, err
		}
	}
	return func(sc *scan) ([]*batch.Batch, error) { return rows[sc], nil }, nil
}

// run fills the dataflow and attaches it.
func (s *subscription) run(ctx context.Context, h *hydration) {
	defer close(s.done)
	err := caught(func() error {
		return h.run(ctx, func() error {
			s.attached = true
			s.e.subs[s] = struct{}{}
			return nil
		})
	})
	switch {
	case err == nil:
	case s.e.ctx.Err() != nil:
		s.fail(errShutdown)
	default:
		s.fail(err)
	}
}

// stuck fails the push query when its client leaves it waiting while changes pile up. Tick lock held.
func (s *subscription) stuck(rows int) bool {
	if s.waiting.Load() && rows > s.e.cfg.BufferRowsMax {
		s.fail(s.tooSlow())
		return true
	}
	return false
}

func (s *subscription) tooSlow() error {
	return pgerr.New(pgerr.ConfigurationLimitExceeded, "push query is too slow: more than %d changes are waiting", s.e.cfg.BufferRowsMax).
		WithHint("Read faster, select less, or raise the server's subscriber buffer.")
}

// deliver puts the hydration's output into the buffer. Between cuts only the output of an append-only query may be
// shown: everything else would be a partial sum. It waits for room, but not under the tick lock.
func (s *subscription) deliver(ctx context.Context, p flushPoint) error {
	if p.between && !s.appendOnly {
		return nil
	}
	b := s.takeIn()
	if b == nil {
		return nil
	}
	defer s.waiting.Store(false)
	for {
		s.mu.Lock()
		if err := s.err; err != nil {
			s.mu.Unlock()
			return err
		}
		if s.rows == 0 || s.rows+b.Rows() <= s.e.cfg.BufferRowsMax || p.locked {
			s.put(change{tick: p.tick, b: b})
			s.mu.Unlock()
			return nil
		}
		s.mu.Unlock()
		s.waiting.Store(true)
		select {
		case <-s.space:
		case <-ctx.Done():
			return canceled(ctx)
		}
	}
}

// takeIn consolidates what came in.
func (s *subscription) takeIn() *batch.Batch {
	in := s.in.take()
	if len(in) == 0 {
		return nil
	}
	var b *batch.Batch
	if s.appendOnly {
		b = batch.Concat(in)
	} else {
		b = batch.Consolidate(s.ts, in...)
	}
	if b.Rows() == 0 {
		return nil
	}
	return b
}

// put appends to the buffer. s.mu held.
func (s *subscription) put(c change) {
	s.queue = append(s.queue, c)
	s.rows += c.b.Rows()
	notify(s.wake)
}

func notify(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// publish is called when a tick closes. Tick lock held.
func (s *subscription) publish(tick uint64) {
	b := s.takeIn()
	if b == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return
	}
	if s.rows > 0 && s.rows+b.Rows() > s.e.cfg.BufferRowsMax {
		s.err = s.tooSlow()
		notify(s.wake)
		return
	}
	s.put(change{tick: tick, b: b})
}

// next returns the next change; it calls idle before it blocks.
func (s *subscription) next(ctx context.Context, idle func() error) (change, error) {
	for {
		s.mu.Lock()
		if len(s.queue) > 0 {
			c := s.queue[0]
			s.queue = s.queue[1:]
			s.rows -= c.b.Rows()
			s.mu.Unlock()
			notify(s.space)
			return c, nil
		}
		err := s.err
		s.mu.Unlock()
		if err != nil {
			return change{}, err
		}
		if idle != nil {
			if err := idle(); err != nil {
				return change{}, err
			}
		}
		select {
		case <-s.wake:
		case <-ctx.Done():
			return change{}, canceled(ctx)
		case <-s.e.ctx.Done():
			return change{}, errShutdown
		}
	}
}

func (s *subscription) fail(err error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	s.mu.Unlock()
	notify(s.wake)
	notify(s.space)
}

func (s *subscription) isFailed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err != nil
}

// close ends the push query and takes it out of the graph.
func (s *subscription) close() {
	s.cancel()
	<-s.done
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	if s.attached {
		delete(s.e.subs, s)
		s.e.removeNodes(s.df.nodes)
		s.e.idleSources()
	}
}

// reads reports whether the push query reads the object with the given id.
func (s *subscription) reads(id uint64) bool {
	for _, sc := range s.df.scans {
		if sc.object().ID == id {
			return true
		}
	}
	return false
}
