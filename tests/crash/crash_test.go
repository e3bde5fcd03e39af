package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"streamsql/tests/testserver"
)

// TestRandomKills kills the server at random moments under load, then deletes the state directory.
func TestRandomKills(t *testing.T) {
	kills, rate := 5, 5_000
	if testserver.Full() {
		kills, rate = 50, 20_000
	}
	seed := testserver.Seed(t)
	rnd := rand.New(rand.NewPCG(seed, 1))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	r := newRig(ctx, t, testserver.Options{Args: []string{"--checkpoint-interval", "300ms"}})
	sent := 100_000_000 // until the load is ended
	r.start(seed, sent, rate)
	watching, endWatch := context.WithCancel(ctx)
	defer endWatch()
	reads := make(chan int, 1)
	go func() { reads <- r.tab.watch(watching) }()

	var slowest time.Duration
	for k := range kills {
		before, _ := r.feed.Acked()
		more := rate/10 + rnd.IntN(rate)
		testserver.Eventually(t, time.Minute, fmt.Sprintf("%d more acknowledged events", more), func() error {
			if n, _ := r.feed.Acked(); n < before+more {
				return fmt.Errorf("%d are", n-before)
			}
			return nil
		})
		r.srv.Kill()
		_, acked := r.feed.Acked()
		r.tab.pause()
		start := time.Now()
		r.srv.Start()
		when := fmt.Sprintf("after kill %d", k+1)
		n := r.verify(when, acked)
		took := r.answered.Sub(start)
		slowest = max(slowest, took)
		r.tab.verify(when)
		r.tab.resume()
		t.Logf("%s: first right answer %s after the start, over %d events", when, took.Round(time.Millisecond), n)
		if t.Failed() {
			return
		}
	}
	r.endLoad()
	endWatch()
	acked, ends := r.feed.Acked()
	r.once(acked)
	r.verifyAll("at the end", ends)
	r.outputGrows()
	t.Logf("%d kills, %d events, %d writes over SQL (%d of unknown outcome), %d reads beside them; slowest answer after a start %s",
		kills, acked, r.tab.writes, r.tab.unknown, <-reads, slowest.Round(time.Millisecond))

	r.srv.Kill()
	r.srv.DropState()
	start := time.Now()
	r.srv.Start()
	r.verify("without the state directory", ends)
	t.Logf("without the state directory: right answer after %s", r.answered.Sub(start).Round(time.Millisecond))
	r.verifyAll("without the state directory", ends)

	// Life goes on: the output of new events reaches the topic too.
	r.feedMore(1000)
	_, ends = r.feed.Acked()
	r.verifyEventually(ends)
	r.verifyOutput("after new events")
	r.verifyStream("after new events")
}

// verifyAll verifies everything of a server that has no load.
func (r *rig) verifyAll(when string, ends map[int32]int64) {
	r.t.Helper()
	r.verifyEventually(ends)
	r.verify(when, ends)
	r.tab.settle(when)
	r.verifyOutput(when)
	r.verifyStream(when)
}

// verifyEventually waits until the view has everything before ends.
func (r *rig) verifyEventually(ends map[int32]int64) {
	r.t.Helper()
	c := r.srv.Connect(r.ctx)
	defer c.Close(context.Background())
	testserver.Eventually(r.t, 30*time.Second, "a view that has everything", func() error {
		for p, want := range ends {
			var o int64
			if err := c.QueryRow(r.ctx, "SELECT o FROM cut WHERE p = $1", p).Scan(&o); err != nil || o < want {
				return fmt.Errorf("partition %d is seen up to %d of %d (%v)", p, o, want, err)
			}
		}
		return nil
	})
}

// feedMore produces n events and waits until they are acknowledged.
func (r *rig) feedMore(n int) {
	r.t.Helper()
	for i := range n {
		r.feed.Send(r.ctx, nil, fmt.Appendf(nil, `{"id":%d,"grp":%d,"v":950}`, 1_000_000_000+i, i%groups))
	}
	if err := r.feed.Flush(r.ctx); err != nil {
		r.t.Fatal(err)
	}
}
