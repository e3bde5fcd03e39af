package engine

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"streamsql/connectors"
	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/types"
	"streamsql/operators"
	"streamsql/sql/parser"
	"streamsql/state"
)

// Names of the topics that are ours (DESIGN.md §2).
const (
	CommandTopic = "_streamsql_commands"
	ErrorTopic   = "_streamsql_errors"
)

// tickRowsDefault ends the gathering of a tick: about 4 ms of work at 250 ns a row, which bounds how long a reader waits.
const tickRowsDefault = 4 * 4096

// Config says where an engine reads, writes and keeps its state. The zero value of every optional field works.
type Config struct {
	Cluster            connectors.Cluster
	StateDir           string        // the Badger directory
	CheckpointInterval time.Duration // default 1s
	Logger             *slog.Logger  // default: discards
	Version            string        // reported by version()
	// Now is the clock; default time.Now. The engine hands it to statements and ticks; nothing below reads a clock.
	Now func() time.Time
	// Fault is called at every named step of checkpoint and recovery; tests kill the process there.
	Fault func(step string)
	// BufferRowsMax bounds the rows a push query may be behind before it ends with an error; default 1,000,000.
	BufferRowsMax int
	// TickRowsMax is asked before each tick how many rows may gather; default tickRowsDefault. Tests cut at random.
	TickRowsMax func() int
}

// Engine is a running streamsql engine. Its methods may be called from any goroutine.
type Engine struct {
	cfg  Config
	log  *slog.Logger
	ctx  context.Context
	stop context.CancelFunc
	// writeCtx is of the checkpoint under way: it may end when everything else has stopped, until Close gives up.
	writeCtx  context.Context
	writeStop context.CancelFunc
	wg        sync.WaitGroup
	cluster   connectors.Cluster
	writer    connectors.Writer
	sink      connectors.Sink // nil until the first CREATE … AS SELECT
	// sinkEpoch is the last epoch whose output was visible when the sink was opened.
	sinkEpoch uint64
	cmds      connectors.Log
	store     *state.Store
	env       *expr.Env // of everything that belongs to no session
	catalog   atomic.Pointer[catalog.Catalog]
	nodeIDs   atomic.Uint64
	// nextSpace numbers state spaces; it goes on over restarts.
	nextSpace atomic.Uint64
	startEnds map[uint64]connectors.Offsets // ends of the restored sources' topics at the start
	chunks    chan *inChunk
	kick      chan struct{} // capacity 1: the intake is to be looked at without a chunk
	lost      atomic.Bool   // a reader of a topic of ours has ended: transactions may wait for what never comes
	started   time.Time

	spawnMu sync.Mutex // taken last of all
	closing bool       // no more goroutines

	ddl turn // one DDL statement at a time; taken before dml, dml before mu
	dml turn // one write to owned tables at a time

	wroteMu sync.Mutex
	wrote   map[uint64]tableWrites // by object
	// unseen is where acknowledged writes of all sessions are that may not be in a closed tick yet, by object.
	unseen    map[uint64]connectors.Offsets
	unseenLen atomic.Int32

	// mu is the tick lock: held for writing while a tick runs or the graph changes, for reading while a statement takes
	// a snapshot. What follows belongs to it.
	mu         sync.RWMutex
	nodes      []*node // the live graph, in id order
	rels       map[uint64]*relation
	heldTopics heldTopics
	leaving    []sinkOutput // of queries that were replaced, for the next checkpoint
	intake     *intake
	subs       map[*subscription]struct{}
	tick       uint64
	// tickTime is the latest time of the records in the tick that runs; zero: none.
	tickTime time.Time
	// tickRowtime is the same of records whose time is their ROWTIME.
	tickRowtime time.Time
	changed     bool          // something to checkpoint
	closed      chan struct{} // closed and replaced when a tick closes; nil when nobody waits

	// caughtUp is closed when what was in the log at the start is in a closed tick: what was acknowledged before a crash
	// is seen by the first reader after it.
	caughtUp chan struct{}

	checkpoints checkpointer
	sessions    sessionCount
}

// sessionCount numbers sessions and counts the open ones.
type sessionCount struct {
	next atomic.Int64
	open atomic.Int64
}

// Open starts an engine: it reads the commands, takes over the last checkpoint's state, and begins to catch up.
// Relations become readable one after the other; statements wait for those they read.
func Open(ctx context.Context, cfg Config) (*Engine, error) {
	if err := parser.CheckEnvironment(); err != nil {
		return nil, err
	}
	if cfg.CheckpointInterval == 0 {
		cfg.CheckpointInterval = time.Second
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.TickRowsMax == nil {
		cfg.TickRowsMax = func() int { return tickRowsDefault }
	}
	if cfg.BufferRowsMax == 0 {
		cfg.BufferRowsMax = 1_000_000
	}
	e := &Engine{cfg: cfg, log: cfg.Logger, cluster: cfg.Cluster, chunks: make(chan *inChunk, readyChunksMax), kick: make(chan struct{}, 1),
		ddl: make(turn, 1), dml: make(turn, 1), checkpoints: checkpointer{turn: make(turn, 1)},
		rels: map[uint64]*relation{}, intake: newIntake(), subs: map[*subscription]struct{}{}, wrote: map[uint64]tableWrites{}, unseen: map[uint64]connectors.Offsets{}, caughtUp: make(chan struct{}),
		started: cfg.Now()}
	e.env = &expr.Env{Lookup: &lookup{e: e}, Database: DatabaseName, User: "streamsql",
		Clock: func() int64 { return types.FromTime(cfg.Now()) }}
	e.ctx, e.stop = context.WithCancel(context.Background())
	e.writeCtx, e.writeStop = context.WithCancel(context.Background())
	e.catalog.Store(catalog.New(systemObjects()...))
	if err := e.recover(ctx); err != nil {
		e.writeStop()
		e.halt()
		return nil, errors.Join(err, e.release())
	}
	e.spawn(e.work)
	e.spawn(e.catchUp)
	e.spawn(e.checkpointLoop)
	return e, nil
}

// spawn runs f in a goroutine that Close waits for. It reports whether it did: not once the engine is closing.
func (e *Engine) spawn(f func()) bool {
	e.spawnMu.Lock()
	defer e.spawnMu.Unlock()
	if e.closing {
		return false
	}
	e.wg.Add(1)
	go func() {
		defer e.wg.Done()
		f()
	}()
	return true
}

// halt ends all goroutines and waits for them.
func (e *Engine) halt() {
	e.spawnMu.Lock()
	e.closing = true
	e.spawnMu.Unlock()
	e.stop()
	e.wg.Wait()
}

// release gives back what recover opened.
func (e *Engine) release() error {
	var errs []error
	if e.writer != nil {
		errs = append(errs, e.writer.Close())
	}
	if e.sink != nil {
		errs = append(errs, e.sink.Close())
	}
	if e.store != nil {
		errs = append(errs, e.store.Close())
	}
	return errors.Join(errs...)
}

// Close stops the engine. With a context that is not done it writes a last checkpoint first.
func (e *Engine) Close(ctx context.Context) error {
	defer e.writeStop()
	defer context.AfterFunc(ctx, e.writeStop)()
	e.halt()
	var err error
	if ctx.Err() == nil {
		err = e.checkpoint(ctx)
	}
	return errors.Join(err, e.release())
}

// turn is a lock that a statement's context can wait for.
type turn chan struct{}

func (t turn) lock(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	default:
	}
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return canceled(ctx)
	}
}

func (t turn) unlock() { <-t }

// nextID numbers graph nodes.
func (e *Engine) nextID() uint64 { return e.nodeIDs.Add(1) }

// now is the wall clock in the engine's form: microseconds since 2000-01-01 UTC.
func (e *Engine) now() int64 { return microsOf(e.cfg.Now()) }

// epoch2000 is the origin of timestamps (types.ClassInt).
var epoch2000 = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func microsOf(t time.Time) int64 { return t.Sub(epoch2000).Microseconds() }

// work is the worker: it runs a tick whenever there is input.
func (e *Engine) work() {
	for {
		select {
		case <-e.ctx.Done():
			return
		case c := <-e.chunks:
			e.mu.Lock()
			e.runTick(e.gather(c))
			e.mu.Unlock()
		case <-e.kick:
			e.mu.Lock()
			e.runTick(e.settleIntake())
			e.mu.Unlock()
		}
	}
}

// gather takes what is there at once, up to TickRowsMax rows. Tick lock held.
func (e *Engine) gather(first *inChunk) []*inChunk {
	ready := e.intake.add(first)
	rows, most := 0, e.cfg.TickRowsMax()
	for _, c := range ready {
		rows += c.Batch.Rows()
	}
	for rows < most {
		select {
		case c := <-e.chunks:
			for _, r := range e.intake.add(c) {
				ready = append(ready, r)
				rows += r.Batch.Rows()
			}
		default:
			if len(ready) == 0 {
				return e.settleIntake()
			}
			return ready
		}
	}
	return ready
}

// runTick pushes the chunks through the graph, flushes it and publishes the result. Tick lock held.
func (e *Engine) runTick(ready []*inChunk) {
	for len(ready) > 0 {
		e.tickTime, e.tickRowtime = time.Time{}, time.Time{}
		for _, c := range ready {
			if c.MaxTime.After(e.tickTime) {
				e.tickTime = c.MaxTime
			}
			if c.MaxTime.After(e.tickRowtime) && c.src.rel.obj.Connector.TimestampColumn == "" {
				e.tickRowtime = c.MaxTime
			}
			s := c.src
			s.pos[c.Partition] = c.Next
			s.rows.Add(int64(c.Batch.Rows()))
			s.reportBad(c.Bad)
			if c.Batch.Rows() > 0 && s.in.takes() && !s.in.owner.isFailed() {
				e.guard(s.in.owner, func() error { return s.in.push(0, c.Batch) })
			}
		}
		e.closeTick()
		ready = e.settleIntake()
	}
}

// closeTick flushes the graph and publishes the tick. Tick lock held.
func (e *Engine) closeTick() {
	e.tick++
	e.changed = true
	t := operators.Tick{Number: e.tick, Time: e.now()}
	for _, n := range e.nodes {
		if n.dirty {
			n.dirty = false
			if !n.owner.isFailed() {
				e.guard(n.owner, func() error { return n.flush(t) })
			}
		}
	}
	e.settleFailures() // first: who reads what failed in the middle of this tick gets nothing of it
	for s := range e.subs {
		s.publish(e.tick)
	}
	e.wakeWaiters()
}

// wakeWaiters tells those who wait for a position or a tick.
func (e *Engine) wakeWaiters() {
	if e.closed != nil {
		close(e.closed)
		e.closed = nil
	}
}

// waitUntil blocks until cond holds; cond is checked under the tick lock after each tick.
func (e *Engine) waitUntil(ctx context.Context, cond func() bool) error {
	for {
		e.mu.Lock()
		if cond() {
			e.mu.Unlock()
			return nil
		}
		if e.closed == nil {
			e.closed = make(chan struct{})
		}
		ch := e.closed
		e.mu.Unlock()
		select {
		case <-ch:
		case <-ctx.Done():
			return canceled(ctx)
		case <-e.ctx.Done():
			return errShutdown
		}
	}
}

// addNodes makes nodes part of the live graph. Tick lock held.
func (e *Engine) addNodes(ns []*node) {
	e.nodes = append(e.nodes, ns...)
	slices.SortFunc(e.nodes, func(a, b *node) int { return int(int64(a.id) - int64(b.id)) })
	refreshWanted(e.nodes)
}

// removeNodes takes nodes out of the live graph, with every edge that leads to them. Tick lock held.
func (e *Engine) removeNodes(ns []*node) {
	gone := make(map[*node]bool, len(ns))
	for _, n := range ns {
		gone[n] = true
	}
	e.nodes = slices.DeleteFunc(e.nodes, func(n *node) bool { return gone[n] })
	for _, n := range e.nodes {
		n.unlink(gone)
	}
	refreshWanted(e.nodes)
}

// catchUp closes caughtUp when the live sources have reached the ends that their topics had at the start.
func (e *Engine) catchUp() {
	if err := e.waitUntil(e.ctx, func() bool { return e.covers(e.startEnds) }); err == nil {
		close(e.caughtUp)
	}
}

// relation returns the relation of an object. It takes the tick lock for reading.
func (e *Engine) relation(id uint64) *relation {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.rels[id]
}

// guard runs f, which calls operators of owner; an error or panic fails the owner and nothing else.
func (e *Engine) guard(o owner, f func() error) {
	if err := caught(f); err != nil {
		o.fail(err)
	}
}

// caught runs f and returns its panic as an error.
func caught(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicError(p)
		}
	}()
	return f()
}

// rowEnv makes the Env of a long-lived dataflow: a row that cannot be computed becomes NULL and one entry in
// streamsql.errors.
func (e *Engine) rowEnv(name string) *expr.Env {
	env := *e.env
	env.Format = types.DefaultFormat
	env.RowError = func(err error) error {
		e.reportRow(name, err)
		return nil
	}
	return &env
}
