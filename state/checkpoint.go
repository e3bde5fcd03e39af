package state

import (
	"context"
	"fmt"
	"slices"
)

// Checkpoint is one epoch on its way to disk: what Begin copied. Its methods come from one goroutine, which need not
// be the one that called Begin.
type Checkpoint struct {
	s       *Store
	epoch   uint64
	dump    *dump
	rows    int
	bytes   int
	dropped []uint64 // spaces that are gone with this checkpoint
	purge   purge
	written bool
	ended   bool
	err     error // why it cannot be written at all
}

// Begin copies what changed in all attached spaces since the last Begin; it is the only part of a checkpoint that
// needs the caller to keep writers out. The epoch is assigned here. If another checkpoint has not ended, or the store
// is closed for writing, nothing is copied and Prepare and Commit give the error.
func (s *Store) Begin() *Checkpoint {
	s.step(StepBegin)
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &Checkpoint{s: s}
	switch {
	case s.failed != nil:
		c.err = s.failed
	case s.inFlight:
		c.err = fmt.Errorf("begin checkpoint: the one of epoch %d has not ended", s.epoch)
	case s.prepared != nil:
		c.err = fmt.Errorf("begin checkpoint: prepared epoch %d is not resolved", s.prepared.Epoch)
	}
	if c.err != nil {
		return c
	}
	s.inFlight = true
	s.epoch++
	c.epoch, c.dump = s.epoch, s.spare
	s.spare = nil
	if c.dump == nil {
		c.dump = &dump{}
	}
	c.dump.reset()
	s.copyDirty(c)
	c.rows, c.bytes = c.dump.rows, c.dump.bytes
	return c
}

// copyDirty fills c's dump. The caller holds mu.
func (s *Store) copyDirty(c *Checkpoint) {
	ids := make([]uint64, 0, len(s.spaces))
	for id, sp := range s.spaces {
		if sp.attached {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		s.spaces[id].dump(c.dump)
	}
	for _, id := range s.dropped {
		c.dump.delete(spaceKey(kindSpace, id), nil)
		c.dump.close(c.dump.open(spaceKey(kindDropped, id), nil, 0))
	}
	c.dropped, s.dropped = s.dropped, nil
	c.purge = purge{spaces: slices.Clone(s.purging), after: s.purgeAfter}
}

// Epoch is the checkpoint's number, 0 if it could not begin.
func (c *Checkpoint) Epoch() uint64 { return c.epoch }

// Rows is the number of entries that were copied: blocks, table rows, deletions.
func (c *Checkpoint) Rows() int { return c.rows }

// Bytes is the size of the entries.
func (c *Checkpoint) Bytes() int { return c.bytes }

// Prepare writes the entries and a prepared record without payload: see PrepareWith.
func (c *Checkpoint) Prepare(ctx context.Context) error { return c.PrepareWith(ctx, nil) }

// PrepareWith writes the entries and then a record that says so, with the payload that Resolve(true) would make the
// marker's. When it returns nil, everything is durable and nothing is visible: the sink may commit. After an error the
// store is closed for writing.
func (c *Checkpoint) PrepareWith(ctx context.Context, payload []byte) error {
	if err := c.write(ctx); err != nil {
		return err
	}
	m := Marker{Epoch: c.epoch, Payload: payload}
	if err := c.mark(keyPrepared, m); err != nil {
		return c.end(fmt.Errorf("prepare epoch %d: %w", c.epoch, err))
	}
	c.s.step(StepPrepared)
	return nil
}

// Commit writes what is not yet written, then the marker: the commit point. When it returns nil, the epoch survives
// anything; after an error it may or may not have been committed (the next Open tells), and the store is closed for
// writing. The payload is copied.
func (c *Checkpoint) Commit(ctx context.Context, payload []byte) error {
	if err := c.write(ctx); err != nil {
		return err
	}
	c.s.step(StepMarker)
	m := Marker{Epoch: c.epoch, Payload: slices.Clone(payload)}
	if err := c.mark(keyMarker, m); err != nil {
		return c.end(fmt.Errorf("commit epoch %d: %w", c.epoch, err))
	}
	c.s.step(StepMarked)
	c.s.committed(c, m)
	return nil
}

// mark writes a marker record.
func (c *Checkpoint) mark(key string, m Marker) error {
	if len(m.Payload) > payloadMax {
		return fmt.Errorf("payload of %d bytes, at most %d are possible", len(m.Payload), payloadMax)
	}
	return c.s.writeOne(c.epoch, key, encodeMarker(m))
}

// write writes the entries, once.
func (c *Checkpoint) write(ctx context.Context) error {
	if c.err != nil {
		return c.err
	}
	if c.ended {
		return fmt.Errorf("epoch %d: the checkpoint has ended", c.epoch)
	}
	if c.written {
		return nil
	}
	c.s.step(StepWrite)
	w := c.s.newWriter(ctx, c.epoch, StepWriteTxn)
	err := c.writeAll(w)
	if waited := w.wait(); err == nil {
		err = waited
	}
	if err != nil {
		return c.end(fmt.Errorf("write epoch %d: %w", c.epoch, err))
	}
	c.written = true
	c.s.step(StepWritten)
	return nil
}

// writeAll hands all entries to w.
func (c *Checkpoint) writeAll(w *writer) error {
	err := c.dump.each(func(key, value []byte, deleted bool) error {
		switch {
		case deleted:
			return w.deleteValue(key)
		case key[0] == kindData:
			return w.putValue(key, value)
		default:
			return w.put(key, value)
		}
	})
	if err != nil {
		return err
	}
	return c.purge.write(c.s, w)
}

// end ends the checkpoint with an error.
func (c *Checkpoint) end(err error) error {
	c.ended = true
	c.err = c.s.fail(err)
	return err
}

// committed makes the checkpoint the store's last one.
func (s *Store) committed(c *Checkpoint, m Marker) {
	c.ended = true
	s.mu.Lock()
	s.marker, s.hasMarker = m, true
	s.inFlight = false
	s.spare = c.dump
	s.purging = append(c.purge.left, c.dropped...)
	s.purgeAfter = c.purge.after
	s.mu.Unlock()
	s.db.SetDiscardTs(m.Epoch)
	s.step(StepCommitted)
}
