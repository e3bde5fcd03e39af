package engine

import (
	"cmp"
	"slices"
	"time"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/catalog"
	"streamsql/operators"
	"streamsql/planner"
)

// tickLog gathers changes tick by tick, in the order in which they came: what ksqlDB's readers of a topic expect. How many
// records a tick takes is the engine's to choose (Config.TickRowsMax); within a tick a key's changes are coalesced.
type tickLog struct {
	collect
	e     *Engine
	ticks []sinkTick
	cols  metaColumns
}

// sinkTick is what came in one tick, and the time of its latest record.
type sinkTick struct {
	batches []*batch.Batch
	time    time.Time
	rows    time.Time // the latest ROWTIME of the tick, where that is the records' own; zero: not known
}

// metaColumns are the hidden columns of a relation of the ksql dialect that say how its records are written; -1: none.
type metaColumns struct{ time, seq, tombstone, window, headers int }

// sinkInput makes the input of obj's sink.
func (e *Engine) sinkInput(obj *catalog.Object) sinkInput {
	if obj.Dialect != "ksql" {
		c := &collect{}
		return sinkInput{Operator: c, all: c}
	}
	l := &tickLog{e: e, cols: metaColumns{-1, -1, -1, -1, -1}}
	for i, c := range obj.Columns {
		switch {
		case !c.Hidden:
		case c.From == catalog.FromTimestamp:
			l.cols.time = i
		case c.From == catalog.FromWindowStart:
			l.cols.window = i
		case c.From == catalog.FromHeaders:
			l.cols.headers = i
		case c.From == catalog.FromTombstone:
			l.cols.tombstone = i
		case c.Name == planner.RowseqColumn:
			l.cols.seq = i
		}
	}
	return sinkInput{Operator: l, all: &l.collect, log: l}
}

// Flush ends a tick.
func (l *tickLog) Flush(operators.Tick, operators.Emitter) error {
	l.cut()
	return nil
}

func (l *tickLog) cut() {
	if bs := l.collect.take(); len(bs) > 0 {
		l.ticks = append(l.ticks, sinkTick{bs, l.e.tickTime, l.e.tickRowtime})
	}
}

// take hands over what was gathered.
func (in sinkInput) take() ([]*batch.Batch, []sinkTick) {
	if in.log == nil {
		return in.all.take(), nil
	}
	in.log.cut()
	ticks := in.log.ticks
	in.log.ticks = nil
	return nil, ticks
}

// appendTicks encodes ticks one after the other.
func (s *topicSink) appendTicks(ticks []sinkTick) (recs []connectors.Record, err error) {
	for _, t := range ticks {
		if s.obj.Kind == catalog.Stream {
			recs, err = s.appendLog(recs, t)
		} else {
			recs, err = s.appendUpdates(recs, t)
		}
		if err != nil {
			return nil, err
		}
	}
	if s.obj.Kind == catalog.Stream {
		return recs, nil
	}
	return s.tombstones(recs)
}

// appendLog writes every row that came, with its own time; a record without a value stays one.
func (s *topicSink) appendLog(recs []connectors.Record, t sinkTick) ([]connectors.Record, error) {
	c := s.in.log.cols
	for _, b := range t.batches {
		for i, w := range b.Weights {
			for ; w > 0; w-- {
				r, err := s.record(b, i, false)
				if err != nil {
					return nil, err
				}
				if c.tombstone >= 0 && !b.Cols[c.tombstone].NullMap().Has(i) && batch.ValueAt(b.Cols[c.tombstone], i).I != 0 {
					r.Value = nil
				}
				if r.Headers, err = s.headersOf(b, i); err != nil {
					return nil, err
				}
				if r.Timestamp = s.timeOf(b, i, t); r.Timestamp.UnixMilli() < 0 || s.held.takeRow(r) {
					continue
				}
				recs = append(recs, r)
			}
		}
	}
	return recs, nil
}

// timeOf is the time of a row's record: its hidden rowtime, else that of its tick. Where a column was to say the time and
// does not it is one that no record can have, before 1970: such a row is not written.
func (s *topicSink) timeOf(b *batch.Batch, row int, t sinkTick) time.Time {
	if c := s.in.log.cols.time; c >= 0 {
		if v := batch.ValueAt(b.Cols[c], row); !v.Null {
			return epoch2000.Add(time.Duration(v.I) * time.Microsecond)
		}
		if s.obj.Connector.TimestampColumn != "" {
			return time.UnixMilli(-1)
		}
	}
	return t.time
}

// appendUpdates writes a record for each key that was touched in the tick: its new row or, if it has none, a tombstone. They
// go by the number of the last record that each row is made of: a group that lost a row comes before the one that got it.
func (s *topicSink) appendUpdates(recs []connectors.Record, t sinkTick) ([]connectors.Record, error) {
	b := batch.Consolidate(s.ts, t.batches...)
	came := map[string]bool{}
	for i, w := range b.Weights {
		if w > 0 {
			came[s.keyOf(b, i)] = true
		}
	}
	var rows []int
	for i, w := range b.Weights {
		if w > 0 || w < 0 && !came[s.keyOf(b, i)] {
			rows = append(rows, i)
		}
	}
	for _, c := range []int{s.in.log.cols.window, s.in.log.cols.seq} {
		if c >= 0 {
			by := func(i int) int64 { return batch.ValueAt(b.Cols[c], i).I }
			slices.SortStableFunc(rows, func(i, j int) int { return cmp.Compare(by(i), by(j)) })
		}
	}
	for _, i := range rows {
		gone := b.Weights[i] < 0
		s.held.takeKey(s.keyOf(b, i))
		r, err := s.record(b, i, gone)
		if err != nil {
			return nil, err
		}
		if r.Timestamp = t.time; !gone {
			if r.Timestamp = s.timeOf(b, i, t); t.rows.After(r.Timestamp) && s.obj.Connector.TimestampColumn == "" {
				r.Timestamp = t.rows // what changed the row may be a record that is not part of it any more
			}
		}
		if !gone && r.Timestamp.UnixMilli() < 0 {
			continue
		}
		if !gone {
			if r.Headers, err = s.headersOf(b, i); err != nil {
				return nil, err
			}
		}
		recs = append(recs, r)
	}
	return recs, nil
}
