package state

import "context"

// Checkpoint is one epoch on its way to disk.
type Checkpoint struct{}

// Epoch is its number.
func (c *Checkpoint) Epoch() uint64 { panic("unfinished: Checkpoint.Epoch") }

// Rows is the number of entries.
func (c *Checkpoint) Rows() int { panic("unfinished: Checkpoint.Rows") }

// Bytes is their size.
func (c *Checkpoint) Bytes() int { panic("unfinished: Checkpoint.Bytes") }

// Prepare writes the entries.
func (c *Checkpoint) Prepare(ctx context.Context) error { return c.PrepareWith(ctx, nil) }

// PrepareWith is Prepare with the payload.
func (c *Checkpoint) PrepareWith(ctx context.Context, payload []byte) error {
	panic("unfinished: Checkpoint.PrepareWith")
}

// Commit writes the marker.
func (c *Checkpoint) Commit(ctx context.Context, payload []byte) error {
	panic("unfinished: Checkpoint.Commit")
}
