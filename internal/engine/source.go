package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"streamsql/connectors"
	"streamsql/internal/catalog"
)

// readyChunksMax bounds the decoded chunks that wait for the next tick, over all sources: enough that sources decode
// while a tick runs, little enough that a full queue slows them (a chunk has at most batch.RowsMax rows).
const readyChunksMax = 16

// source is the live reader of one topic, shared by every view over it. Its goroutine polls and hands chunks to the
// worker; position and need belong to the tick lock.
type source struct {
	e   *Engine
	rel *relation
	in  *node // where rows enter the graph, in obj.Columns layout

	pos  connectors.Offsets // everything before is in a closed tick
	need []bool             // columns that somebody uses
	seen connectors.Offsets // bad records before these were reported already
	// arrived is up to where the running reader has handed chunks to the worker, and startEnd where a restored source's
	// topic ended when the engine started (intake.giveUp).
	arrived, startEnd connectors.Offsets
	dead              error // why the running reader ended by itself: nothing more comes

	gen   atomic.Uint64 // of the running reader; chunks of older ones are dropped
	stop  context.CancelFunc
	state atomic.Pointer[func() string]
	rows  atomic.Int64
}

// inChunk is a chunk on its way to a tick.
type inChunk struct {
	src *source
	gen uint64
	*connectors.Chunk
}

// spec describes how obj's records are read.
func spec(obj *catalog.Object, need []int) connectors.SourceSpec {
	c := obj.Connector
	s := connectors.SourceSpec{
		Topic: c.Topic, Columns: connectorColumns(obj), Need: need, Formats: formats(obj),
		TimestampColumn: c.TimestampColumn, TimestampFormat: c.TimestampFormat,
		Upsert: obj.Kind == catalog.Table, OnError: c.OnError,
	}
	return s
}

// windowForms are the connectors' words for the kinds of windows.
var windowForms = map[string]string{"tumbling": "time", "hopping": "time", "session": "session"}

// formats says how obj's records are written.
func formats(obj *catalog.Object) connectors.Formats {
	c := obj.Connector
	return connectors.Formats{KeyFormat: c.KeyFormat, ValueFormat: c.ValueFormat, KeyDelimiter: c.KeyDelimiter,
		Delimiter: c.Delimiter, Unwrapped: c.Unwrapped, NullKeys: c.NullKeys, KSQL: obj.Dialect == "ksql",
		Window: windowForms[c.Window], WindowSize: c.WindowSize}
}

// connectorColumns is obj's columns as the connectors know them.
func connectorColumns(obj *catalog.Object) []connectors.Column {
	cols := make([]connectors.Column, len(obj.Columns))
	for i, c := range obj.Columns {
		cols[i] = connectors.Column{Name: c.Name, Type: c.Type, NotNull: c.NotNull, From: connectors.Part(c.From), Header: c.Header}
	}
	return cols
}

func (s *source) needed() []int {
	out := []int{}
	for i, n := range s.need {
		if n {
			out = append(out, i)
		}
	}
	return out
}

// widen adds columns to what is decoded and reports whether that changed anything. Tick lock held.
func (s *source) widen(cols []int) bool {
	changed := false
	for _, c := range cols {
		changed = changed || !s.need[c]
		s.need[c] = true
	}
	return changed
}

// restart (re)starts the reader at the current position with the current columns. Tick lock held.
func (s *source) restart() error {
	s.halt()
	src, err := s.e.cluster.Source(spec(s.rel.obj, s.needed()))
	if err != nil {
		return fmt.Errorf("read topic %s: %w", s.rel.obj.Connector.Topic, err)
	}
	ctx, cancel := context.WithCancel(s.e.ctx)
	gen := s.gen.Add(1)
	status := src.Status
	s.state.Store(&status)
	from := s.pos.Clone()
	s.arrived, s.dead = orEmpty(s.pos.Clone()), nil
	if !s.e.spawn(func() { s.run(ctx, src, gen, from) }) {
		cancel()
		return errShutdown
	}
	s.stop = cancel
	return nil
}

// halt ends the reader, if there is one. Its last chunks are dropped by their generation. It does not wait: the reader
// may be blocked on the worker, who may be the caller.
func (s *source) halt() {
	s.gen.Add(1)
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
}

func (s *source) status() string {
	if f := s.state.Load(); f != nil {
		return (*f)()
	}
	return "ok"
}

// run polls until ctx is done.
func (s *source) run(ctx context.Context, src connectors.Source, gen uint64, from connectors.Offsets) {
	defer src.Close()
	fail := func(err error) { s.died(gen, err) }
	if err := src.Open(ctx, from); err != nil {
		if ctx.Err() == nil {
			fail(err)
		}
		return
	}
	for {
		c, err := src.Poll(ctx)
		if err != nil {
			if ctx.Err() == nil && !errors.Is(err, io.EOF) {
				fail(err)
			}
			return
		}
		select {
		case s.e.chunks <- &inChunk{src: s, gen: gen, Chunk: c}:
		case <-ctx.Done():
			return
		}
	}
}

// died notes that the reader of a generation ended by itself: the topic is gone, or a record stops the source by its
// on_error. Who waits for its rows waits no longer; what was read stays readable.
func (s *source) died(gen uint64, err error) {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	if s.gen.Load() != gen {
		return // halted, or started anew
	}
	text := err.Error()
	f := func() string { return "stopped: " + text }
	s.state.Store(&f)
	s.dead = err
	s.e.lost.Store(true)
	s.e.log.Error("source stopped", "source", s.rel.obj.Name, "err", err)
	s.e.runTick(s.e.settleIntake())
	s.e.wakeWaiters()
}

// reportBad sends bad records that a reader beside the live flow met to the error topic.
func (e *Engine) reportBad(obj *catalog.Object, bad []connectors.BadRecord) {
	if len(bad) == 0 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if r := e.rels[obj.ID]; r != nil && r.live && r.src != nil {
		r.src.reportBad(bad)
		e.changed = true
	}
}

// reportBad sends bad records to the error topic, each once. Tick lock held.
func (s *source) reportBad(bad []connectors.BadRecord) {
	for _, b := range bad {
		if b.Offset < s.seen[b.Partition] {
			continue
		}
		s.seen[b.Partition] = b.Offset + 1
		s.e.reportRecord(s.rel.obj.Name, b)
	}
}
