package engine

import "streamsql/connectors"

// intake holds chunks of an SQL transaction back until all its records have come, over all partitions and topics, so
// that they enter every view in one tick. A partition with a held chunk waits as a whole: order within a partition is
// kept. The server commits transactions one after the other, so two of them never wait for each other.
//
// Only topics of our own count: the same records read through somebody else's declaration (a stream over a table's
// topic, a mirrored topic) are plain rows. A part of a transaction may never come, because its table was dropped, has
// failed, or was filled from the log beyond it; giveUp finds out.
type intake struct {
	held map[partition][]*inChunk
	txns map[string]*openTxn
}

type partition struct {
	src *source
	n   int32
}

type openTxn struct{ need, got int }

func newIntake() *intake {
	return &intake{held: map[partition][]*inChunk{}, txns: map[string]*openTxn{}}
}

// add takes a chunk and returns those that may enter the next tick, in order.
func (in *intake) add(c *inChunk) []*inChunk {
	if c.gen != c.src.gen.Load() {
		return nil
	}
	p := partition{c.src, c.Partition}
	c.src.arrived[c.Partition] = c.Next
	if !c.src.rel.obj.Owned {
		return []*inChunk{c}
	}
	if c.Txn == "" {
		if len(in.held[p]) == 0 {
			return []*inChunk{c}
		}
		in.held[p] = append(in.held[p], c)
		return nil
	}
	t := in.txns[c.Txn]
	if t == nil {
		t = &openTxn{need: c.TxnRecords}
		in.txns[c.Txn] = t
	}
	t.got += c.Records
	in.held[p] = append(in.held[p], c)
	if t.got < t.need {
		return nil
	}
	return in.release()
}

// release lets go what no longer waits: plain chunks and whole transactions, as far as nothing before them in their
// partitions waits.
func (in *intake) release() []*inChunk {
	free := in.releasable()
	var out []*inChunk
	for p, q := range in.held {
		for len(q) > 0 && (q[0].Txn == "" || free[q[0].Txn]) {
			out = append(out, q[0])
			q = q[1:]
		}
		if len(q) == 0 {
			delete(in.held, p)
		} else {
			in.held[p] = q
		}
	}
	for id := range free {
		delete(in.txns, id)
	}
	return out
}

// releasable is the largest set of complete transactions none of which stands behind a waiting one in any partition.
func (in *intake) releasable() map[string]bool {
	free := map[string]bool{}
	for id, t := range in.txns {
		if t.got >= t.need {
			free[id] = true
		}
	}
	for changed := true; changed; {
		changed = false
		for _, q := range in.held {
			blocked := false
			for _, c := range q {
				if c.Txn == "" {
					continue
				}
				if blocked && free[c.Txn] {
					delete(free, c.Txn)
					changed = true
				}
				blocked = blocked || !free[c.Txn]
			}
		}
	}
	return free
}

// drop forgets everything of a source whose reader was stopped: what it held is read again from the source's
// position. A transaction loses what it had counted from there.
func (in *intake) drop(s *source) {
	for p, q := range in.held {
		if p.src != s {
			continue
		}
		for _, c := range q {
			if t := in.txns[c.Txn]; t != nil {
				t.got -= c.Records
			}
		}
		delete(in.held, p)
	}
}

// waiting reports whether anything is held back.
func (in *intake) waiting() bool { return len(in.held) > 0 }

// giveUp lets go of transactions that can never be complete. written is a position of every topic of ours up to which
// all transactions are known to be whole in the log; the caller has checked that every live reader has handed over what
// lies before it. A transaction of which a part lies before it, and which still lacks records, lacks them for ever.
func (in *intake) giveUp(written map[*source]connectors.Offsets) []*inChunk {
	found := false
	for p, q := range in.held {
		for _, c := range q {
			t := in.txns[c.Txn]
			if t != nil && t.got < t.need && c.First < written[p.src][c.Partition] {
				t.need, found = t.got, true
			}
		}
	}
	if !found {
		return nil
	}
	return in.release()
}

// settleIntake lets go of held transactions whose missing records cannot come any more: those of relations that were
// dropped, have failed, or were filled beyond them. Tick lock held.
func (e *Engine) settleIntake() []*inChunk {
	if !e.intake.waiting() {
		return nil
	}
	written := map[*source]connectors.Offsets{}
	e.wroteMu.Lock() // after mu
	for id, r := range e.rels {
		if !r.live || r.src == nil || !r.obj.Owned {
			continue
		}
		at := r.src.startEnd.Clone()
		for p, o := range e.wrote[id].at {
			at = orEmpty(at)
			at[p] = max(at[p], o)
		}
		written[r.src] = at
	}
	e.wroteMu.Unlock()
	for s, at := range written {
		if s.stop != nil && s.dead == nil && !s.arrived.Covers(at) {
			return nil
		}
	}
	return e.intake.giveUp(written)
}
