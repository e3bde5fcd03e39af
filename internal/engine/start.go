package engine

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"

	"streamsql/connectors"
	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/operators"
	"streamsql/planner"
	"streamsql/state"
)

// restored is what a checkpoint says of one relation; nil: nothing, it starts from the log.
type restored struct {
	src    *sourcePayload
	spaces []uint64
}

// startRelation makes the relation of an installed object and sets it going. Restored state is attached at once;
// otherwise a goroutine hydrates it. plan is nil for streams and tables over topics.
func (e *Engine) startRelation(obj *catalog.Object, plan *planner.Plan, from *restored) *relation {
	return e.startAs(&relation{e: e, obj: obj, ready: make(chan struct{})}, plan, from)
}

// startCreated is startRelation of an object that is new.
func (e *Engine) startCreated(obj *catalog.Object, plan *planner.Plan) *relation {
	return e.startAs(&relation{e: e, obj: obj, ready: make(chan struct{}), created: true}, plan, nil)
}

// startRecovered is startRelation of an object that was there when the server started.
func (e *Engine) startRecovered(obj *catalog.Object, plan *planner.Plan, from *restored) *relation {
	return e.startAs(&relation{e: e, obj: obj, ready: make(chan struct{}), recovered: true}, plan, from)
}

// startReplaced is startRelation of an object that has got another definition. from is where a derived stream's inputs
// were when the query before ended: its topic has what that gave, and gets what the new one makes of later rows.
func (e *Engine) startReplaced(obj *catalog.Object, plan *planner.Plan, from map[uint64]connectors.Offsets) *relation {
	return e.startAs(&relation{e: e, obj: obj, ready: make(chan struct{}), from: from}, plan, nil)
}

func (e *Engine) startAs(r *relation, plan *planner.Plan, from *restored) *relation {
	obj := r.obj
	r.setPhase("starting")
	ctx, cancel := context.WithCancel(e.ctx)
	r.cancel = cancel
	if from != nil {
		r.restoredSpaces = from.spaces
	}
	e.mu.Lock()
	e.rels[obj.ID] = r
	e.mu.Unlock()
	var err error
	switch {
	case plan != nil:
		err = e.startView(ctx, r, plan, from)
	case obj.Kind == catalog.Stream:
		err = e.startStream(ctx, r, from)
	default:
		err = e.startTable(ctx, r, from)
	}
	if err != nil {
		r.fail(err)
		r.becomeReady()
	}
	return r
}

// space hands out the relation's state spaces, in plan order: those of the checkpoint, or new ones.
func (r *relation) space() *state.Space {
	n := len(r.spaceIDs)
	var id uint64
	if n < len(r.restoredSpaces) {
		id = r.restoredSpaces[n]
	} else {
		id = r.e.nextSpace.Add(1)
	}
	r.spaceIDs = append(r.spaceIDs, id)
	return r.e.store.Space(id)
}

// memorySpace is the state of a dataflow that ends with its statement.
func memorySpace() *state.Space { return state.Memory() }

// goLive ends the start: spaces become part of checkpoints. Tick lock held.
func (r *relation) goLive() {
	if r.df != nil {
		for _, sp := range r.df.spaces {
			sp.Attach()
		}
	}
	r.live = true
	r.e.changed = true
	r.becomeReady()
}

// newSource makes the reader of obj's topic, stopped. in is its door in the graph.
func (r *relation) newSource(in *node) *source {
	return &source{e: r.e, rel: r, in: in, pos: connectors.Offsets{}, seen: connectors.Offsets{}, arrived: connectors.Offsets{},
		need: make([]bool, len(r.obj.Columns))}
}

func (e *Engine) startStream(ctx context.Context, r *relation, from *restored) error {
	door := &node{id: e.nextID(), owner: r, op: pass{}, label: "stream " + r.obj.Name}
	r.src, r.out, r.own = r.newSource(door), door, []*node{door}
	r.fingerprint = "stream"
	var pos connectors.Offsets
	if from != nil && from.src != nil {
		pos, r.src.seen = from.src.Pos, orEmpty(from.src.Seen)
	} else if r.obj.Owned {
		ends, err := e.cluster.Ends(ctx, r.obj.Connector.Topic)
		if err != nil {
			return fmt.Errorf("read the end of topic %s: %w", r.obj.Connector.Topic, err)
		}
		pos = ends
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.addNodes(r.own)
	r.goLive()
	if pos == nil {
		return nil // starts with its first reader
	}
	r.src.pos = pos
	return r.src.restart()
}

func orEmpty(o connectors.Offsets) connectors.Offsets {
	if o == nil {
		return connectors.Offsets{}
	}
	return o
}

// startTable starts a table over a topic: records → upsert. It is filled from the log first, then read live from
// there.
func (e *Engine) startTable(ctx context.Context, r *relation, from *restored) error {
	r.fingerprint = tableFingerprint(r.obj)
	ts := make([]types.Type, len(r.obj.Columns))
	for i, c := range r.obj.Columns {
		ts[i] = c.Type
	}
	sp := r.space()
	op, err := operators.NewUpsert(ts, r.obj.Key, sp)
	if err != nil {
		return err
	}
	door := &node{id: e.nextID(), owner: r, op: pass{}, label: "topic " + r.obj.Name}
	up := &node{id: e.nextID(), owner: r, op: op, label: "upsert " + r.obj.Name, stateful: true}
	door.link(up, 0, nil)
	r.df = &dataflow{nodes: []*node{door, up}, out: up, base: op, spaces: []*state.Space{sp}}
	refreshWanted(r.df.nodes)
	r.own, r.out, r.env = r.df.nodes, up, e.rowEnv(r.obj.Name)
	r.src = r.newSource(door)
	for i := range r.src.need {
		r.src.need[i] = true
	}
	r.reader = newRowReader(r.df, r.obj.Key, r.env)
	if from != nil && from.src != nil {
		r.src.seen = orEmpty(from.src.Seen)
		return r.attachTable(from.src.Pos)
	}
	var ends connectors.Offsets
	if r.obj.Owned {
		if ends, err = e.cluster.Ends(ctx, r.obj.Connector.Topic); err != nil {
			return fmt.Errorf("read the end of topic %s: %w", r.obj.Connector.Topic, err)
		}
	}
	r.setPhase("filling")
	return r.inBackground(func() error { return r.fillTable(ctx, ends) })
}

// fillTable reads the table's topic and attaches it. The topic of an owned table is read up to where it ended when the
// table started: later records may belong to transactions that other tables have part in, so they enter by ticks.
func (r *relation) fillTable(ctx context.Context, ends connectors.Offsets) error {
	e := r.e
	pos := connectors.Offsets{}
	for range passesMax {
		to := ends
		if to == nil {
			var err error
			if to, err = e.cluster.Ends(ctx, r.obj.Connector.Topic); err != nil {
				return err
			}
		}
		n := 0
		if !pos.Covers(to) {
			sp := spec(r.obj, r.src.needed())
			sp.Until = to
			err := e.readTopic(ctx, sp, pos, func(c *connectors.Chunk) error {
				n += c.Batch.Rows()
				r.done.Add(int64(c.Batch.Rows()))
				r.src.reportBad(c.Bad)
				if c.Batch.Rows() == 0 {
					return nil
				}
				return r.src.in.push(0, c.Batch)
			})
			if err != nil {
				return err
			}
			if err := flush(r.own, operators.Tick{Time: e.now()}); err != nil {
				return err
			}
			pos = to.Clone()
		}
		if ends != nil || n <= nearRows {
			break
		}
	}
	return r.attachTable(pos)
}

func (r *relation) attachTable(pos connectors.Offsets) error {
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	if r.isFailed() {
		return nil // dropped meanwhile
	}
	r.src.pos = pos.Clone()
	r.e.addNodes(r.own)
	r.goLive()
	return r.src.restart()
}

// startView starts a materialized view, or a derived table or stream.
func (e *Engine) startView(ctx context.Context, r *relation, plan *planner.Plan, from *restored) error {
	r.env = e.rowEnv(r.obj.Name)
	r.fingerprint = fingerprint(plan)
	df, err := build(plan.Root, r, r.env, r.space, e.nextID)
	if err != nil {
		return err
	}
	r.df = df
	if r.obj.Materialized() {
		if err := r.makeReadable(plan); err != nil {
			return err
		}
	}
	r.out = df.out
	if r.obj.Connector != nil {
		if err := r.addSink(); err != nil {
			return err
		}
	}
	r.own = df.nodes
	refreshWanted(df.nodes)
	if from != nil {
		return r.attachRestored()
	}
	return r.inBackground(func() error { return r.hydrate(ctx) })
}

// inBackground fills the relation; an error or panic fails it and nothing else.
func (r *relation) inBackground(fill func() error) error {
	if r.e.spawn(func() {
		if err := caught(fill); err != nil {
			r.fail(err)
			r.becomeReady()
		}
	}) {
		return nil
	}
	return errShutdown
}

// makeReadable sees to it that the view's rows can be read, by key if it has one: by the plan's last stateful operator,
// or a table of its own.
func (r *relation) makeReadable(plan *planner.Plan) error {
	df := r.df
	if df.base != nil {
		r.reader = newRowReader(df, r.obj.Key, r.env)
		if r.reader.baseKey != nil || len(r.obj.Key) == 0 {
			return nil
		}
	}
	sp := r.space()
	op, err := operators.NewMaterialize(typesOf(plan.Root.Columns()), r.obj.Key, sp)
	if err != nil {
		return err
	}
	df.spaces = append(df.spaces, sp)
	n := &node{id: r.e.nextID(), owner: r, op: op, label: "materialize " + r.obj.Name, stateful: true}
	df.out.link(n, 0, nil)
	df.nodes = append(df.nodes, n)
	df.out, df.base, df.suffix = n, op, nil
	r.reader = newRowReader(df, r.obj.Key, r.env)
	return nil
}

// attachRestored puts a view whose state came from the checkpoint into the graph. Its inputs were restored before it.
func (r *relation) attachRestored() error {
	e := r.e
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range r.df.scans {
		if s.object().Kind == catalog.System || r.obj.Paused {
			continue
		}
		up := e.rels[s.object().ID]
		if up == nil || !up.live {
			return fmt.Errorf("engine: input %s of %s was not restored", s.object().Name, r.obj.Name)
		}
		if up.obj.Kind == catalog.Stream {
			if err := up.startReading(s.plan.Cols, up.src.pos); err != nil {
				return err
			}
		}
		up.out.link(s.node, 0, s.plan.Cols)
	}
	e.addNodes(r.own)
	if r.sink != nil {
		r.sink.connect(r)
	}
	r.goLive()
	return nil
}

// hydrate fills the view beside the live flow and attaches it.
func (r *relation) hydrate(ctx context.Context) error {
	r.setPhase("waiting for its inputs")
	if err := r.e.waitInputs(ctx, r.df); err != nil {
		return err
	}
	r.setPhase("filling")
	if r.sink != nil && r.from == nil {
		if err := r.sink.readHeld(ctx, r); err != nil {
			return err
		}
	}
	h := r.e.hydration(r.df, r)
	h.progress = func(n int) { r.done.Add(int64(n)) }
	for _, s := range r.df.scans {
		if at := r.from[s.object().ID]; at != nil {
			h.read[s] = at.Clone()
		}
	}
	return h.run(ctx, func() error {
		if r.sink != nil {
			r.sink.fill(r)
			r.sink.connect(r)
		}
		r.goLive()
		if r.obj.Paused {
			r.cutOff()
		}
		return nil
	})
}

// waitInputs waits until every relation a dataflow reads is live.
func (e *Engine) waitInputs(ctx context.Context, df *dataflow) error {
	for _, s := range df.scans {
		if s.object().Kind == catalog.System {
			continue
		}
		r := e.relation(s.object().ID)
		if r == nil {
			return pgerr.New(pgerr.UndefinedTable, "relation %q does not exist", s.object().Name)
		}
		if err := r.waitReady(ctx); err != nil {
			return err
		}
	}
	return nil
}

// fingerprint identifies a plan: state from a checkpoint fits only operators that were built alike.
func fingerprint(p *planner.Plan) string {
	h := fnv.New64a()
	h.Write([]byte(planner.Explain(p.Root)))
	for _, t := range typesOf(p.Root.Columns()) {
		h.Write([]byte(t.String()))
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// tableFingerprint identifies what the state of a table over a topic holds: its columns, which ALTER changes.
func tableFingerprint(obj *catalog.Object) string {
	h := fnv.New64a()
	for _, c := range obj.Columns {
		fmt.Fprintf(h, "%s %s,", c.Name, c.Type)
	}
	return fmt.Sprintf("table %016x", h.Sum64())
}

// settleFailures takes failed relations, and what reads them, out of the graph. Tick lock held.
func (e *Engine) settleFailures() {
	for changed := true; changed; {
		changed = false
		for _, r := range e.rels {
			if !r.live || !r.isFailed() {
				continue
			}
			changed = true
			r.live = false
			for _, d := range e.readersOf(r) {
				d.fail(fmt.Errorf("its input %s failed: %w", r.obj.Name, r.err()))
			}
			if r.src != nil {
				e.loseSource(r)
			}
			e.removeNodes(r.own)
		}
	}
}

// readersOf lists the owners of nodes that hang on r's output. Tick lock held.
func (e *Engine) readersOf(r *relation) []owner {
	var out []owner
	for _, n := range r.own {
		for _, ed := range n.edges {
			if ed.to.owner != n.owner && !slices.Contains(out, ed.to.owner) {
				out = append(out, ed.to.owner)
			}
		}
	}
	return out
}

// nobody owns nodes that are only built to see whether they can be.
type nobody struct{}

func (nobody) fail(error)     {}
func (nobody) isFailed() bool { return false }
