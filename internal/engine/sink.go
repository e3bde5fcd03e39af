package engine

import (
	"fmt"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/catalog"
	"streamsql/internal/types"
	"streamsql/operators"
)

// topicSink gathers what a derived table or stream changes between two checkpoints; each checkpoint writes it to the
// object's topic, coalesced, in the transaction that also carries the checkpoint's epoch.
type topicSink struct {
	obj  *catalog.Object
	ts   []types.Type
	key  []int
	enc  connectors.Encoder
	in   sinkInput
	node *node
	held *held // until the first output after a start without a checkpoint; nil: nothing
}

// sinkInput gathers what comes between two checkpoints. log is of the ksql dialect, whose topics get every tick's changes.
type sinkInput struct {
	operators.Operator
	all *collect
	log *tickLog // or nil
}

// sinkOutput is what one sink has for a checkpoint.
type sinkOutput struct {
	s       *topicSink
	batches []*batch.Batch
	ticks   []sinkTick // of the ksql dialect
}

// addSink hangs the topic's writer on the end of the relation's dataflow.
func (r *relation) addSink() error {
	e := r.e
	if err := e.openSink(e.ctx); err != nil {
		return err
	}
	c := r.obj.Connector
	enc, err := e.cluster.Encoder(connectorColumns(r.obj), formats(r.obj))
	if err != nil {
		return err
	}
	s := &topicSink{obj: r.obj, key: r.obj.Key, enc: enc, in: e.sinkInput(r.obj)}
	for _, col := range r.obj.Columns {
		s.ts = append(s.ts, col.Type)
	}
	r.sink = s
	s.node = &node{id: e.nextID(), owner: r, op: s.in.Operator, label: "topic " + c.Topic, stateful: true}
	r.df.nodes = append(r.df.nodes, s.node)
	if r.reader == nil {
		r.df.out.link(s.node, 0, nil) // a stream: what hydration yields is its output
	}
	return nil
}

// connect makes a table's changes from now on gather for its topic. Tick lock held.
func (s *topicSink) connect(r *relation) {
	if r.reader != nil {
		r.df.out.link(s.node, 0, nil)
		refreshWanted(r.e.nodes)
	}
}

// fill gives the sink the rows that a table has when it goes live. Tick lock held.
func (s *topicSink) fill(r *relation) {
	if r.reader == nil {
		return // a stream: it gathered its output while it was hydrated
	}
	rows, err := r.reader.rows(nil)
	if err != nil {
		r.fail(err)
		return
	}
	s.in.all.batches = append(s.in.all.batches, rows...)
}

// takeSinkOutput takes what all sinks gathered. Tick lock held. It reports whether there is any.
func (e *Engine) takeSinkOutput() ([]sinkOutput, bool) {
	out := e.leaving
	e.leaving = nil
	settled := true // nothing that was there at the start is still to write for the first time
	for _, r := range e.rels {
		if !r.live || r.sink == nil {
			settled = settled && (r.live || !r.recovered || r.err() != nil)
			continue
		}
		if bs, ticks := r.sink.in.take(); len(bs) > 0 || len(ticks) > 0 || r.sink.held != nil {
			out = append(out, sinkOutput{r.sink, bs, ticks})
		}
	}
	if settled {
		e.heldTopics.forget()
	}
	return out, len(out) > 0
}

// encodeSinkOutput turns changes into records: for a table the last row of each changed key or a tombstone, for a
// stream every row that came. A relation whose rows cannot be encoded fails; the others' output goes on.
// It returns those that failed.
func encodeSinkOutput(outs []sinkOutput) (recs map[uint64][]connectors.Record, failed []uint64) {
	recs = map[uint64][]connectors.Record{}
	for _, o := range outs {
		own, err := o.s.encode(o)
		if err != nil {
			o.s.node.owner.fail(fmt.Errorf("encode output of %s: %w", o.s.obj.Name, err))
			failed = append(failed, o.s.obj.ID)
			continue
		}
		recs[o.s.obj.ID] = append(recs[o.s.obj.ID], own...) // a replaced query's last output comes before the new one's
	}
	return recs, failed
}

func (s *topicSink) encode(o sinkOutput) ([]connectors.Record, error) {
	defer func() { s.held = nil }()
	bs := o.batches
	if s.in.log != nil {
		return s.appendTicks(o.ticks)
	}
	if s.obj.Kind == catalog.Stream {
		return s.appendRows(nil, bs)
	}
	return s.appendChanges(nil, batch.Consolidate(s.ts, bs...))
}

func (s *topicSink) record(b *batch.Batch, row int, tombstone bool) (connectors.Record, error) {
	k, v, err := s.enc.Encode(nil, nil, b, row, tombstone)
	if tombstone {
		v = nil
	}
	if k == nil && len(s.key) > 0 {
		k = jsonNull // the group of NULL has a key like any other: tombstones and compaction need one
	}
	return connectors.Record{Topic: s.obj.Connector.Topic, Partition: -1, Key: k, Value: v}, err
}

var jsonNull = []byte("null")

func (s *topicSink) appendRows(recs []connectors.Record, bs []*batch.Batch) ([]connectors.Record, error) {
	for _, b := range bs {
		for i, w := range b.Weights {
			for ; w > 0; w-- {
				r, err := s.record(b, i, false)
				if err != nil {
					return nil, err
				}
				if !s.held.takeRow(r) {
					recs = append(recs, r)
				}
			}
		}
	}
	return recs, nil
}

// keyOf encodes a row's key.
func (s *topicSink) keyOf(b *batch.Batch, i int) string {
	var k []byte
	for _, c := range s.key {
		k = batch.AppendKey(k, s.ts[c], b.Cols[c], i)
	}
	return string(k)
}

// appendChanges writes one record for each key of a consolidated batch: a key with a row that came is that row, one
// with rows that went only is a tombstone.
func (s *topicSink) appendChanges(recs []connectors.Record, b *batch.Batch) ([]connectors.Record, error) {
	if len(s.key) == 0 {
		return s.appendRows(recs, []*batch.Batch{b})
	}
	came := map[string]bool{}
	for i, w := range b.Weights {
		if w > 0 {
			came[s.keyOf(b, i)] = true
		}
	}
	for i, w := range b.Weights {
		key := s.keyOf(b, i)
		if w < 0 && came[key] {
			continue
		}
		s.held.takeKey(key)
		r, err := s.record(b, i, w < 0)
		if err != nil {
			return nil, err
		}
		recs = append(recs, r)
	}
	return s.tombstones(recs)
}
