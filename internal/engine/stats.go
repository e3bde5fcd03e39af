package engine

import "time"

// Stats are the engine's figures at one moment, for metrics and benchmarks.
type Stats struct {
	Ticks           uint64
	Sessions        int64
	SourceRows      map[string]int64 // rows in closed ticks, by stream or table
	Epoch           uint64           // of the last checkpoint
	CheckpointTook  time.Duration
	CheckpointPause time.Duration
}

// Stats returns the figures.
func (e *Engine) Stats() Stats {
	st := Stats{Sessions: e.sessions.open.Load(), SourceRows: map[string]int64{}}
	e.mu.RLock()
	st.Ticks = e.tick
	for _, r := range e.rels {
		if r.live && r.src != nil {
			st.SourceRows[r.obj.Name] = r.src.rows.Load()
		}
	}
	e.mu.RUnlock()
	if last := e.checkpoints.last.Load(); last != nil {
		st.Epoch, st.CheckpointTook, st.CheckpointPause = last.Epoch, last.Took, last.Pause
	}
	return st
}

// NotReady says what a client would still have to wait for; "" when every relation can be read.
func (e *Engine) NotReady() string {
	select {
	case <-e.caughtUp:
	default:
		return "what was in the log at the start is not read yet"
	}
	if err := e.checkpoints.failed.Load(); err != nil {
		return "checkpoints fail: " + (*err).Error()
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	for _, r := range e.rels {
		select {
		case <-r.ready:
		default:
			return "relation " + r.obj.Name + " is not filled yet"
		}
	}
	return ""
}
