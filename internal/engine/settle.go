package engine

import (
	"context"

	"streamsql/connectors"
	"streamsql/internal/catalog"
)

// Catalog returns what exists now. It must not be changed.
func (e *Engine) Catalog() *catalog.Catalog { return e.catalog.Load() }

// Settle waits until every live reader of a topic has what is before ends in a closed tick. Tests pace their input by it.
func (e *Engine) Settle(ctx context.Context, topic string, ends connectors.Offsets) error {
	return e.waitUntil(ctx, func() bool {
		for _, r := range e.rels {
			if r.obj.Connector == nil || r.obj.Connector.Topic != topic || !r.live || r.src == nil || r.src.stop == nil || r.src.dead != nil || r.isFailed() {
				continue
			}
			if !r.src.pos.Covers(ends) {
				return false
			}
		}
		return true
	})
}

// Checkpoint makes the last closed tick durable now, and what it gives the topics of derived relations visible.
func (e *Engine) Checkpoint(ctx context.Context) error { return e.checkpoint(ctx) }

// Failed returns why the relation of that name cannot be read; nil if it can, or is not there.
func (e *Engine) Failed(name string) error {
	o := e.catalog.Load().Lookup([]string{name})
	if o == nil {
		return nil
	}
	if r := e.relation(o.ID); r != nil {
		return r.err()
	}
	return nil
}
