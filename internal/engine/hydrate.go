package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/operators"
)

// flushEveryRows is how many rows a dataflow takes between two flushes while it is filled from the log.
const flushEveryRows = 64 * 1024

// nearRows ends the catching up beside the live flow: a pass that read no more than this is followed by attaching.
const nearRows = 20_000

// passesMax bounds the passes of catching up: under a load that grows as fast as we read, attaching must still come.
const passesMax = 20

// hydration fills a new dataflow: constant rows, snapshots of materialized relations, the log of streams. It runs
// beside the live flow. What it read so far is always a prefix of every input; at the end all inputs are at one cut.
type hydration struct {
	e    *Engine
	df   *dataflow
	own  owner
	read map[*scan]connectors.Offsets // streams: read up to here
	env  *expr.Env                    // of constants
	taps map[*scan]*tap
	rels map[*scan]*relation // what was tapped
	// tapNodes are the live graph's edges to this hydration.
	tapNodes []*node
	stuck    func(rows int) bool                 // a tap holds so many rows: whether to give up; may be nil
	rows     int                                 // since the last flush
	progress func(rows int)                      // may be nil
	flushed  func(flushPoint) error              // called after each flush; may be nil
	tick     uint64                              // of the cut that was last pushed
	session  func(*scan) ([]*batch.Batch, error) // rows of system tables, and of a transaction's own writes; may be nil
}

func (e *Engine) hydration(df *dataflow, own owner) *hydration {
	return &hydration{e: e, df: df, own: own, env: e.env, read: map[*scan]connectors.Offsets{}, taps: map[*scan]*tap{}, rels: map[*scan]*relation{}}
}

// tap gathers what changes in an input while the dataflow is filled.
type tap struct {
	collect
	h *hydration
}

func (t *tap) Push(port int, in *batch.Batch, out operators.Emitter) error {
	if t.h.stuck != nil && t.h.stuck(t.rows) {
		t.take() // its owner has failed
		return nil
	}
	return t.collect.Push(port, in, out)
}

// errOwner ends a hydration whose owner has failed or was dropped: the owner knows why.
var errOwner = errors.New("engine: failed while it was filled")

// flushPoint says where a hydration stands when it has flushed.
type flushPoint struct {
	between bool   // not at a cut: only a part of the inputs was pushed
	locked  bool   // the tick lock is held: no waiting
	tick    uint64 // the closed tick that the dataflow shows
}

// begin pushes what does not depend on any relation.
func (h *hydration) begin() error {
	h.df.markAll()
	return h.df.pushValues(h.env)
}

// catchUp reads the streams' log until little is missing, without holding the graph up.
func (h *hydration) catchUp(ctx context.Context) error {
	for range passesMax {
		n := 0
		ends := map[uint64]connectors.Offsets{} // one for all scans of a stream: they must be at one cut
		for _, s := range h.df.scans {
			if s.object().Kind != catalog.Stream {
				continue
			}
			to, ok := ends[s.object().ID]
			if !ok {
				var err error
				if to, err = h.streamEnd(ctx, s); err != nil {
					return err
				}
				ends[s.object().ID] = to
			}
			got, err := h.readLog(ctx, s, to)
			if err != nil {
				return err
			}
			n += got
		}
		if n <= nearRows {
			return nil
		}
	}
	return nil
}

// waitBehind waits until no live reader is behind what this hydration has read, and returns with the tick lock held: a
// reader that another view started meanwhile, further back, would give those rows a second time.
func (h *hydration) waitBehind(ctx context.Context) error {
	for {
		need := map[uint64]connectors.Offsets{}
		h.e.mu.Lock()
		for s, at := range h.read {
			r := h.e.rels[s.object().ID]
			if r == nil || !r.live || r.src == nil || r.src.stop == nil || r.src.pos.Covers(at) {
				continue
			}
			if err := r.src.dead; err != nil {
				h.e.mu.Unlock()
				return fmt.Errorf("topic %s is not read any more: %w", r.obj.Connector.Topic, err)
			}
			need[s.object().ID] = at
		}
		if len(need) == 0 {
			return nil
		}
		h.e.mu.Unlock()
		if err := h.e.waitUntil(ctx, func() bool { return h.e.covers(need) }); err != nil {
			return err
		}
	}
}

// streamEnd is how far a stream may be read: the live reader's position, or without one the end of the log.
func (h *hydration) streamEnd(ctx context.Context, s *scan) (connectors.Offsets, error) {
	e := h.e
	e.mu.RLock()
	if r := e.rels[s.object().ID]; r != nil && r.live && r.src != nil && r.src.stop != nil {
		pos := r.src.pos.Clone()
		e.mu.RUnlock()
		return pos, nil
	}
	e.mu.RUnlock()
	return e.cluster.Ends(ctx, s.object().Connector.Topic)
}

// readLog reads a stream from where this hydration is up to to, and returns the number of rows.
func (h *hydration) readLog(ctx context.Context, s *scan, to connectors.Offsets) (int, error) {
	from := h.read[s]
	if from == nil {
		from = connectors.Offsets{}
	}
	if from.Covers(to) {
		h.read[s] = from
		return 0, nil
	}
	sp := spec(s.object(), s.plan.Cols)
	sp.Until = to
	rows := 0
	err := h.e.readTopic(ctx, sp, from, func(c *connectors.Chunk) error {
		rows += c.Batch.Rows()
		if h.progress != nil {
			h.progress(c.Batch.Rows())
		}
		h.e.reportBad(s.object(), c.Bad)
		return h.push(s, c.Batch.Project(s.plan.Cols))
	})
	if err != nil {
		return rows, fmt.Errorf("read topic %s: %w", sp.Topic, err)
	}
	h.read[s] = to.Clone()
	return rows, nil
}

// readTopic runs a source of its own from an offset up to sp.Until.
func (e *Engine) readTopic(ctx context.Context, sp connectors.SourceSpec, from connectors.Offsets, f func(*connectors.Chunk) error) error {
	src, err := e.cluster.Source(sp)
	if err != nil {
		return err
	}
	defer src.Close()
	if err := src.Open(ctx, from); err != nil {
		return err
	}
	for {
		c, err := src.Poll(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			if ctx.Err() != nil {
				return canceled(ctx)
			}
			return err
		}
		if err := f(c); err != nil {
			return err
		}
	}
}

// push hands rows to a scan's door and flushes now and then.
func (h *hydration) push(s *scan, b *batch.Batch) error {
	if b.Rows() == 0 || !s.node.takes() {
		return nil
	}
	if err := s.node.push(0, b); err != nil {
		return err
	}
	if h.rows += b.Rows(); h.rows < flushEveryRows {
		return nil
	}
	return h.flush(flushPoint{between: true, tick: h.tick})
}

func (h *hydration) flush(p flushPoint) error {
	h.rows = 0
	if err := h.df.flush(operators.Tick{Time: h.e.now()}); err != nil {
		return err
	}
	if h.flushed != nil {
		return h.flushed(p)
	}
	return nil
}

// join fixes the cut at which the dataflow starts and taps every input from there on. Tick lock held for writing.
func (h *hydration) join() (map[*scan][]*batch.Batch, error) {
	h.tick = h.e.tick
	snaps := map[*scan][]*batch.Batch{}
	for _, s := range h.df.scans {
		r := h.e.rels[s.object().ID]
		if s.object().Kind == catalog.System {
			rows, err := h.snapshot(s)
			if err != nil {
				return nil, err
			}
			snaps[s] = rows
			continue
		}
		if r == nil {
			return nil, undefined(s.object())
		}
		if err := r.err(); err != nil {
			return nil, notReadable(r, err)
		}
		if r.obj.Kind == catalog.Stream {
			if err := r.startReading(s.plan.Cols, h.read[s]); err != nil {
				return nil, err
			}
		} else {
			rows, err := h.snapshot(s)
			if err != nil {
				return nil, err
			}
			snaps[s] = rows
		}
		h.tap(s, r)
	}
	refreshWanted(h.e.nodes)
	return snaps, nil
}

// tap makes a live relation's changes from now on gather for this hydration.
func (h *hydration) tap(s *scan, r *relation) {
	t := &tap{h: h}
	n := &node{id: h.e.nextID(), owner: h.own, op: t, label: "tap", stateful: true}
	r.out.link(n, 0, s.plan.Cols)
	h.taps[s], h.rels[s] = t, r
	h.tapNodes = append(h.tapNodes, n)
}

// startReading makes the stream's live reader run with these columns decoded. A reader that did not run starts at
// from. Tick lock held.
func (r *relation) startReading(cols []int, from connectors.Offsets) error {
	s := r.src
	changed := s.widen(cols)
	if s.stop != nil && !changed {
		return nil
	}
	if s.stop == nil {
		s.pos = from.Clone()
		if s.pos == nil {
			s.pos = connectors.Offsets{}
		}
	}
	s.e.intake.drop(s)
	return s.restart()
}

// leave removes the taps. Tick lock held.
func (h *hydration) leave() {
	gone := map[*node]bool{}
	for _, n := range h.tapNodes {
		gone[n] = true
	}
	for _, n := range h.e.nodes {
		n.unlink(gone)
	}
	h.tapNodes = nil
	refreshWanted(h.e.nodes)
	h.e.idleSources()
}

// run fills the dataflow and calls attach between two ticks, when all its inputs are at the cut of the tick before.
func (h *hydration) run(ctx context.Context, attach func() error) error {
	e := h.e
	if err := h.begin(); err != nil {
		return err
	}
	if err := h.catchUp(ctx); err != nil {
		return err
	}
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		h.leave()
	}()
	snaps, until, err := h.fixCut(ctx)
	if err != nil {
		return err
	}
	if err := h.fill(ctx, snaps, until); err != nil {
		return err
	}
	for pass := 0; ; pass++ {
		if ctx.Err() != nil {
			return canceled(ctx)
		}
		most := nearRows
		if pass >= passesMax {
			most = math.MaxInt
		}
		batches, err := h.tryAttach(most, attach)
		if batches == nil || err != nil {
			return err
		}
		if err := h.pushAll(batches, false); err != nil {
			return err
		}
	}
}

// fixCut joins the live flow. It returns the rows and the ends of the logs at the cut.
func (h *hydration) fixCut(ctx context.Context) (map[*scan][]*batch.Batch, map[*scan]connectors.Offsets, error) {
	if err := h.waitBehind(ctx); err != nil {
		return nil, nil, err
	}
	defer h.e.mu.Unlock()
	snaps, err := h.join()
	if err != nil {
		return nil, nil, err
	}
	until := map[*scan]connectors.Offsets{}
	for s, r := range h.rels {
		if r.obj.Kind == catalog.Stream {
			until[s] = r.src.pos.Clone()
		}
	}
	return snaps, until, nil
}

// tryAttach attaches the dataflow if no more than so many rows are missing; otherwise it returns them.
func (h *hydration) tryAttach(most int, attach func() error) (map[*scan][]*batch.Batch, error) {
	h.e.mu.Lock()
	defer h.e.mu.Unlock()
	if h.own.isFailed() {
		return nil, errOwner
	}
	for s, r := range h.rels {
		if h.e.rels[s.object().ID] != r {
			return nil, pgerr.New(pgerr.UndefinedTable, "relation %q was dropped", r.obj.Name)
		}
		if err := r.err(); err != nil {
			return nil, notReadable(r, err)
		}
	}
	batches, rows := h.takeTaps()
	if rows > most {
		return batches, nil
	}
	return nil, h.attach(batches, attach)
}

// attach ends the hydration: it pushes what the taps gathered last, so that the dataflow is at the cut of the last
// closed tick, and puts it into the live graph. Tick lock held.
func (h *hydration) attach(last map[*scan][]*batch.Batch, attach func() error) error {
	if err := h.pushAll(last, true); err != nil {
		return err
	}
	for s, r := range h.rels {
		r.out.link(s.node, 0, s.plan.Cols)
	}
	h.leave()
	h.e.addNodes(h.df.nodes)
	return attach()
}

// takeTaps takes what the taps gathered. Tick lock held.
func (h *hydration) takeTaps() (map[*scan][]*batch.Batch, int) {
	h.tick = h.e.tick
	out, rows := map[*scan][]*batch.Batch{}, 0
	for s, c := range h.taps {
		rows += c.rows
		out[s] = c.take()
	}
	return out, rows
}

func (h *hydration) pushAll(in map[*scan][]*batch.Batch, locked bool) error {
	for s, bs := range in {
		for _, b := range bs {
			if err := h.push(s, b); err != nil {
				return err
			}
		}
	}
	return h.flush(flushPoint{locked: locked, tick: h.tick})
}

// fill pushes the snapshots and the rest of the log up to the cut.
func (h *hydration) fill(ctx context.Context, snaps map[*scan][]*batch.Batch, until map[*scan]connectors.Offsets) error {
	for s, rows := range snaps {
		for _, b := range rows {
			if ctx.Err() != nil {
				return canceled(ctx)
			}
			if err := h.push(s, b); err != nil {
				return err
			}
			if h.progress != nil {
				h.progress(b.Rows())
			}
		}
	}
	for s, to := range until {
		if _, err := h.readLog(ctx, s, to); err != nil {
			return err
		}
	}
	return h.flush(flushPoint{tick: h.tick})
}

func (s *scan) object() *catalog.Object {
	if s.lookup != nil {
		return s.lookup.Object
	}
	return s.plan.Object
}

func (s *scan) cols() []int {
	if s.lookup != nil {
		return s.lookup.Cols
	}
	return s.plan.Cols
}

// snapshot reads the rows a scan sees at the last closed tick. Tick lock held, for reading at least.
func (h *hydration) snapshot(s *scan) ([]*batch.Batch, error) {
	obj := s.object()
	if h.session != nil {
		rows, err := h.session(s)
		if rows != nil || err != nil {
			return project(rows, s.cols()), err
		}
	}
	r := h.e.rels[obj.ID]
	if r == nil || r.reader == nil {
		return nil, undefined(obj)
	}
	if err := r.err(); err != nil {
		return nil, notReadable(r, err)
	}
	var key []types.Value
	if s.lookup != nil {
		var err error
		if key, err = evalKey(h.env, s.lookup); err != nil || key == nil {
			return nil, err
		}
	}
	rows, err := r.reader.rows(key)
	return project(rows, s.cols()), err
}

func project(bs []*batch.Batch, cols []int) []*batch.Batch {
	out := make([]*batch.Batch, len(bs))
	for i, b := range bs {
		out[i] = b.Project(cols)
	}
	return out
}
