package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"streamsql/connectors"
	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
)

// payload is what a checkpoint's marker says beside its epoch.
type payload struct {
	Catalog   uint64                     `json:"catalog"` // commands up to here are in it
	Tick      uint64                     `json:"tick"`
	Sources   map[uint64]sourcePayload   `json:"sources"`
	Relations map[uint64]relationPayload `json:"relations"` // live ones
	NextSpace uint64                     `json:"nextSpace"`
}

// relationPayload is a live relation: the fingerprint of its plan, and its operators' state spaces in plan order.
type relationPayload struct {
	Fingerprint string   `json:"fingerprint"`
	Spaces      []uint64 `json:"spaces,omitempty"`
}

// sourcePayload is a source's position, and up to where its bad records were reported.
type sourcePayload struct {
	Pos  connectors.Offsets `json:"pos"`
	Seen connectors.Offsets `json:"seen,omitempty"`
}

// checkpointer runs checkpoints one at a time.
type checkpointer struct {
	turn turn
	last atomic.Pointer[checkpointStats]
	// failed is why state is not made durable any more. Ticks go on: the log is the truth, a restart replays it.
	failed atomic.Pointer[error]
}

// checkpointStats is for SHOW and the benchmarks.
type checkpointStats struct {
	Epoch uint64
	Rows  int
	Pause time.Duration
	Took  time.Duration
}

// checkpointLoop makes checkpoints until the engine stops. One that takes longer than the interval delays the next.
func (e *Engine) checkpointLoop() {
	t := time.NewTicker(e.cfg.CheckpointInterval)
	defer t.Stop()
	for {
		select {
		case <-e.ctx.Done():
			return
		case <-t.C:
			err := e.checkpoint(e.writeCtx)
			if err != nil && e.ctx.Err() == nil {
				e.log.Error("checkpoint failed", "err", err)
				e.checkpoints.failed.Store(&err)
			}
		}
	}
}

// checkpoint makes the last closed tick durable: the dirty state is copied under the tick lock, written beside the
// ticks that follow, and becomes valid with the marker. Output of CREATE … AS SELECT goes to Kafka in between: its
// transaction is the commit point (DESIGN.md §10).
func (e *Engine) checkpoint(ctx context.Context) error {
	c := &e.checkpoints
	if err := c.turn.lock(ctx); err != nil {
		return err
	}
	defer c.turn.unlock()
	start := time.Now()
	e.mu.Lock()
	if !e.changed {
		e.mu.Unlock()
		return nil
	}
	cp := e.store.Begin()
	p := e.payload()
	out, sinks := e.takeSinkOutput()
	e.changed = false
	e.mu.Unlock()
	stats := checkpointStats{Epoch: cp.Epoch(), Rows: cp.Rows(), Pause: time.Since(start)}
	recs, failed := encodeSinkOutput(out)
	for _, id := range failed {
		delete(p.Relations, id) // its output is lost: a restart must not take its state over
	}
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode checkpoint marker: %w", err)
	}
	if sinks {
		if err := cp.PrepareWith(ctx, text); err != nil {
			return fmt.Errorf("prepare checkpoint %d: %w", cp.Epoch(), err)
		}
		if err := e.commitSink(ctx, cp.Epoch(), recs); err != nil {
			return err
		}
	}
	if err := cp.Commit(ctx, text); err != nil {
		return fmt.Errorf("commit checkpoint %d: %w", cp.Epoch(), err)
	}
	stats.Took = time.Since(start)
	c.last.Store(&stats)
	return nil
}

// payload describes the last closed tick. Tick lock held.
func (e *Engine) payload() payload {
	p := payload{Catalog: e.catalog.Load().Version(), Tick: e.tick, Sources: map[uint64]sourcePayload{},
		Relations: map[uint64]relationPayload{}, NextSpace: e.nextSpace.Load()}
	for id, r := range e.rels {
		if !r.live || r.err() != nil {
			continue
		}
		if r.src != nil && r.src.stop != nil {
			p.Sources[id] = sourcePayload{Pos: r.src.pos.Clone(), Seen: r.src.seen.Clone()}
		} else if r.src != nil && len(r.src.seen) > 0 {
			p.Sources[id] = sourcePayload{Seen: r.src.seen.Clone()} // nobody listens: no position
		}
		if r.obj.Kind != catalog.Stream || r.obj.Query != "" {
			p.Relations[id] = relationPayload{Fingerprint: r.fingerprint, Spaces: r.spaceIDs}
		}
	}
	return p
}

// sinkRetryPause is how long a failed commit of output waits before it is tried again.
const sinkRetryPause = 200 * time.Millisecond

// commitSink repeats until the output is visible: it was taken from the dataflow and exists nowhere else. A broker that
// is away holds checkpoints up, not ticks.
func (e *Engine) commitSink(ctx context.Context, epoch uint64, recs map[uint64][]connectors.Record) error {
	for {
		var all []connectors.Record
		for _, id := range slices.Sorted(maps.Keys(recs)) { // older relations first: several may write one topic
			if e.catalog.Load().ByID(id) != nil { // else it was dropped meanwhile, and its topic with it
				all = append(all, recs[id]...)
			}
		}
		err := e.sink.Commit(ctx, epoch, all)
		if err == nil {
			return nil
		}
		if pgerr.Code(err) == pgerr.UndefinedTable {
			e.failWithoutTopic(ctx, recs)
		}
		e.log.Warn("output of a checkpoint could not be written; trying again", "epoch", epoch, "err", err)
		select {
		case <-time.After(sinkRetryPause):
		case <-ctx.Done():
			return fmt.Errorf("write output of checkpoint %d: %w", epoch, err)
		}
	}
}

// failWithoutTopic fails the relations whose topic somebody has deleted, so that the others' output goes on.
func (e *Engine) failWithoutTopic(ctx context.Context, recs map[uint64][]connectors.Record) {
	for id, rs := range recs {
		if len(rs) == 0 {
			continue
		}
		_, err := e.cluster.Partitions(ctx, rs[0].Topic)
		if pgerr.Code(err) != pgerr.UndefinedTable {
			continue
		}
		if r := e.relation(id); r != nil {
			r.fail(err)
		}
		delete(recs, id)
	}
}
