package engine

import (
	"context"
	"strconv"
	"time"

	"streamsql/internal/batch"
	"streamsql/internal/session"
)

// deadline is when a statement ends by statement_timeout; zero: never.
type deadline struct{ at time.Time }

// deadline is the end of a statement that begins now.
func (cs *clientSession) deadline() deadline {
	ms, _ := strconv.ParseInt(cs.settings.get("statement_timeout"), 10, 64) // checked when it was set
	if ms <= 0 {
		return deadline{}
	}
	return deadline{time.Now().Add(time.Duration(ms) * time.Millisecond)}
}

func (d deadline) on(ctx context.Context) (context.Context, context.CancelFunc) {
	if d.at.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, d.at)
}

// watch makes the deadline hold for results whose rows come later: push queries, FETCH, COPY of them.
func (d deadline) watch(cs *clientSession, r session.Result) session.Result {
	if d.at.IsZero() {
		return r
	}
	switch t := r.(type) {
	case *pushResult, *fetchResult:
		return &timedResult{Result: r, cs: cs, d: d}
	case *copyOut:
		t.Result = d.watch(cs, t.Result)
	}
	return r
}

// timedResult is a result that must come to its end before the deadline.
type timedResult struct {
	session.Result
	cs *clientSession
	d  deadline
}

func (r *timedResult) Next(ctx context.Context, max int, idle func() error) (*batch.Batch, error) {
	ctx, cancel := r.d.on(ctx)
	defer cancel()
	b, err := r.Result.Next(ctx, max, idle)
	if err != nil {
		err = r.cs.ended(ctx, err)
	}
	return b, err
}
