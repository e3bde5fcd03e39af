package kafka

import (
	"errors"
	"time"
)

// probeEvery is how long a source with an end goes without progress before it asks whether the rest of a partition
// has any record at all: the log may end in what compaction has emptied.
const probeEvery = 200 * time.Millisecond

// probe watches partitions that should end. The client passes records on, control records included, but says nothing
// of offsets that have none; plain fetches do.
func (s *source) probe() {
	last := map[int32]int64{}
	for wait(s.ctx, probeEvery) {
		for p, end := range s.layout.spec.Until {
			pos := s.position(p)
			if pos == nil {
				continue
			}
			at := pos.next.Load()
			idle := last[p] == at && s.pending.Load() == 0 && len(s.out) == 0
			last[p] = at
			if idle && at < end && !s.probeGap(p, at, end) {
				return
			}
		}
	}
}

// probeGap moves partition p over a gap at offset at, if there is one. False means that the source is being closed.
func (s *source) probeGap(p int32, at, end int64) bool {
	f := &fetcher{cl: s.cl, topic: s.layout.spec.Topic, partition: p}
	recs, next, err := f.step(s.ctx, at)
	if err != nil {
		if errors.Is(err, s.ctx.Err()) {
			return false
		}
		return true // the next round asks again
	}
	if len(recs) > 0 || next == at {
		return true
	}
	return s.dispatch(job{partition: p, from: at, to: min(next, end), gap: true}, false)
}
