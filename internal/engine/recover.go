package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"streamsql/connectors"
	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/planner"
	"streamsql/state"
)

// sinkID names our transactional producer; a newer instance fences an older one.
const sinkID = "streamsql-output"

// recover brings the engine to where its log says it is: commands are read again, state comes from the last
// checkpoint where it still fits, and the rest is replayed.
func (e *Engine) recover(ctx context.Context) error {
	for _, t := range []string{CommandTopic, ErrorTopic} {
		if err := e.cluster.CreateTopic(ctx, t, 1, 1, map[string]string{"cleanup.policy": "delete", "retention.ms": "-1"}); err != nil {
			return fmt.Errorf("make topic %s: %w", t, err)
		}
	}
	var err error
	// The writer comes first: opening it ends a transaction that a crash left open, so the ends of topics are whole.
	if e.writer, err = e.cluster.Writer(ctx); err != nil {
		return fmt.Errorf("open the writer: %w", err)
	}
	if e.cmds, err = e.cluster.Log(ctx, CommandTopic); err != nil {
		return fmt.Errorf("open the command topic: %w", err)
	}
	cmds, err := e.readCommands(ctx)
	if err != nil {
		return err
	}
	if err := e.openState(ctx); err != nil {
		return err
	}
	return e.restoreAll(ctx, cmds)
}

// numbered is a command with the catalog version it makes.
type numbered struct {
	command
	version uint64
}

func (e *Engine) readCommands(ctx context.Context) ([]numbered, error) {
	end, err := e.cmds.End(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the command topic: %w", err)
	}
	var out []numbered
	err = e.cmds.Read(ctx, 0, end, func(off int64, value []byte) error {
		n := numbered{version: uint64(off) + 1}
		if err := json.Unmarshal(value, &n.command); err != nil {
			return fmt.Errorf("command at offset %d: %w", off, err)
		}
		out = append(out, n)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the command topic: %w", err)
	}
	return out, nil
}

// openState opens the store. When output to Kafka may have been written with the newest checkpoint, Kafka's committed
// epoch decides which checkpoint counts.
func (e *Engine) openState(ctx context.Context) error {
	var err error
	e.store, err = state.Open(state.Options{Dir: e.cfg.StateDir, Fault: e.cfg.Fault, Logger: e.log, KeepPrepared: true})
	if err != nil {
		return err
	}
	prepared, ok := e.store.Prepared()
	if !ok {
		return nil
	}
	if err := e.openSink(ctx); err != nil {
		return err
	}
	return e.store.Resolve(e.sinkEpoch == prepared.Epoch)
}

// openSink opens the transactional producer once.
func (e *Engine) openSink(ctx context.Context) error {
	if e.sink != nil {
		return nil
	}
	s, err := e.cluster.Sink(ctx, sinkID)
	if err != nil {
		return fmt.Errorf("open the output producer: %w", err)
	}
	if e.sinkEpoch, err = s.Open(ctx); err != nil {
		return fmt.Errorf("open the output producer: %w", err)
	}
	e.sink = s
	e.store.Above(e.sinkEpoch)
	return nil
}

// restoreAll applies the commands and starts every relation that is left, oldest first: inputs before readers.
func (e *Engine) restoreAll(ctx context.Context, cmds []numbered) error {
	var p payload
	if m, ok := e.store.Marker(); ok {
		if err := json.Unmarshal(m.Payload, &p); err != nil {
			return fmt.Errorf("checkpoint %d: marker cannot be read: %w", m.Epoch, err)
		}
	}
	e.tick = p.Tick
	e.nextSpace.Store(p.NextSpace)
	order, plans := e.replay(cmds)
	if err := e.startAll(order, plans, p); err != nil {
		return err
	}
	return e.noteEnds(ctx)
}

// noteEnds asks where the topics of the restored sources end: readers wait until that is in a closed tick.
func (e *Engine) noteEnds(ctx context.Context) error {
	e.mu.RLock()
	topics := map[uint64]string{}
	for id, r := range e.rels {
		if r.live && r.src != nil && r.src.stop != nil {
			topics[id] = r.obj.Connector.Topic
		}
	}
	e.mu.RUnlock()
	e.startEnds = map[uint64]connectors.Offsets{}
	for id, t := range topics {
		ends, err := e.cluster.Ends(ctx, t)
		if err != nil {
			if pgerr.Code(err) == pgerr.UndefinedTable {
				continue // the topic was deleted: SHOW says so, others go on
			}
			return fmt.Errorf("read the end of topic %s: %w", t, err)
		}
		e.startEnds[id] = ends
		e.mu.Lock()
		e.rels[id].src.startEnd = ends
		e.mu.Unlock()
	}
	return nil
}

// startAll starts the relations in the given order.
func (e *Engine) startAll(ids []uint64, plans map[uint64]*planner.Plan, p payload) error {
	taken := map[uint64]bool{}
	for _, obj := range e.builtinStreams() {
		e.startRelation(obj, nil, e.restoredFor(obj, nil, p, taken))
		taken[obj.ID] = true
	}
	kept := map[uint64]bool{}
	for _, id := range ids {
		obj := e.catalog.Load().ByID(id)
		if obj.Kind == catalog.View {
			taken[id] = true
			continue
		}
		from := e.restoredFor(obj, plans[id], p, taken)
		if from != nil {
			for _, sp := range from.spaces {
				kept[sp] = true
			}
		}
		if from != nil && (obj.Kind != catalog.Stream || from.src != nil) {
			taken[id] = true
		}
		r := e.startRecovered(obj, plans[id], from)
		if err := r.err(); err != nil {
			e.log.Error("relation could not be started", "view", obj.Name, "err", err)
		}
	}
	for _, r := range p.Relations {
		for _, sp := range r.Spaces {
			if !kept[sp] {
				e.store.Drop(sp) // of a relation that is gone, or starts anew
			}
		}
	}
	return nil
}

// restoredFor says what of the checkpoint an object may take over: nothing when its plan is another by now, or when an
// input starts anew.
func (e *Engine) restoredFor(obj *catalog.Object, plan *planner.Plan, p payload, taken map[uint64]bool) *restored {
	src, hasSrc := p.Sources[obj.ID]
	if plan == nil && obj.Kind == catalog.Stream {
		if !hasSrc {
			return nil
		}
		return &restored{src: &src}
	}
	rp, ok := p.Relations[obj.ID]
	if !ok {
		return nil
	}
	if plan == nil {
		if !hasSrc || rp.Fingerprint != tableFingerprint(obj) {
			return nil
		}
		return &restored{src: &src, spaces: rp.Spaces}
	}
	if rp.Fingerprint != fingerprint(plan) {
		return nil
	}
	for _, id := range plan.DependsOn {
		if o := e.catalog.Load().ByID(id); o != nil && o.Kind != catalog.System && !taken[id] {
			return nil
		}
	}
	return &restored{spaces: rp.Spaces}
}
