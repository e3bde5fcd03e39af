package crash

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"streamsql/state"
	"streamsql/tests/testserver"
)

// deathTimeout bounds the wait for a step at which the server kills itself.
const deathTimeout = 20 * time.Second

// scenario leads the server to a step: it dies at each of the steps in turn, each in a life of its own. wipe deletes the
// state directory first; quiet: the last step is reached during the start.
type scenario struct {
	steps []string
	wipe  bool
}

// TestEveryStep lets the server kill itself at every named step of checkpoint and recovery under load, and verifies
// after each death.
func TestEveryStep(t *testing.T) {
	seed := testserver.Seed(t)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	r := newRig(ctx, t, testserver.Options{Tags: "faults", Args: []string{"--checkpoint-interval", "50ms"}})
	r.start(seed, 100_000_000, 2_000)
	scenarios := []scenario{
		{steps: []string{state.StepBegin + ":3"}},
		{steps: []string{state.StepWrite + ":3"}},
		{steps: []string{state.StepWriteTxn + ":3"}},
		{steps: []string{state.StepWritten + ":3"}},
		{steps: []string{state.StepPrepared + ":3"}},
		{steps: []string{state.StepMarker + ":3"}},
		{steps: []string{state.StepMarked + ":3"}},
		{steps: []string{state.StepCommitted + ":3"}},
		// A torn epoch, and the death of the start that undoes it: once at each step, then at all of them in a row.
		{steps: []string{state.StepWritten + ":2", state.StepRollback}},
		{steps: []string{state.StepWritten + ":2", state.StepRollbackTxn}},
		{steps: []string{state.StepWritten + ":2", state.StepRollbackDone}},
		{steps: []string{state.StepWritten + ":2", state.StepRollbackMark}},
		{steps: []string{state.StepWritten + ":2", state.StepRollbackTxn, state.StepRollback, state.StepRollbackDone, state.StepBegin}},
		// A prepared epoch whose output Kafka has (the marker's step comes after the output's commit).
		{steps: []string{state.StepMarker + ":2", state.StepResolveMarker}},
		{steps: []string{state.StepMarker + ":2", state.StepResolved}},
		// A prepared epoch whose output Kafka does not have.
		{steps: []string{state.StepPrepared + ":2", state.StepRollback}},
		{wipe: true, steps: []string{state.StepCreate, state.StepCreated, state.StepBegin, state.StepMarked}},
	}
	r.srv.Kill()
	for _, s := range scenarios {
		if !r.suffer(s) {
			return
		}
	}
	r.srv.Start()
	r.endLoad()
	n, ends := r.feed.Acked()
	r.once(n)
	r.verifyAll("at the end", ends)
	t.Logf("%d scenarios, %d events, %d writes over SQL (%d of unknown outcome)", len(scenarios), n, r.tab.writes, r.tab.unknown)
}

// suffer runs one scenario on a server that is down, verifies, and takes it down again.
func (r *rig) suffer(s scenario) bool {
	r.t.Helper()
	when := "after dying at " + strings.Join(s.steps, ", ")
	if s.wipe {
		r.srv.DropState()
	}
	for _, step := range s.steps {
		r.srv.Launch("STREAMSQL_FAULT=" + step)
		if !r.srv.WaitDeath(deathTimeout) {
			r.t.Fatalf("%s: the server ended in another way at %s:\n%s", when, step, r.srv.Log())
		}
	}
	_, acked := r.feed.Acked()
	r.tab.pause()
	start := time.Now()
	r.srv.Start()
	n := r.verify(when, acked)
	r.tab.verify(when)
	r.tab.resume()
	r.t.Logf("%s: right answer %s after the start, over %d events", when, r.answered.Sub(start).Round(time.Millisecond), n)
	if len(s.steps) > 1 {
		r.verifyLive(when)
	}
	r.srv.Kill()
	return !r.t.Failed()
}

// verifyLive waits until the view has what is acknowledged now.
func (r *rig) verifyLive(when string) {
	r.t.Helper()
	_, acked := r.feed.Acked()
	r.verifyEventually(acked)
	r.verify(when, acked)
}

// TestOneServerPerDirectory: a second server on a data directory ends with a message that says why.
func TestOneServerPerDirectory(t *testing.T) {
	s := testserver.New(t, testserver.Options{})
	s.Start()
	second := s.Command()
	var stderr strings.Builder
	second.Stderr = &stderr
	err := second.Run()
	var exit *exec.ExitError
	if ok := asExit(err, &exit); !ok || exit.ExitCode() != 1 {
		t.Errorf("the second server ended with %v", err)
	}
	want := fmt.Sprintf("data directory %s is in use by another streamsql process", s.Dir)
	if !strings.Contains(stderr.String(), want) {
		t.Errorf("its message is %q, which does not say %q", stderr.String(), want)
	}
	s.Exec(context.Background(), "SELECT 1") // the first one does not mind
	if code := s.Stop(); code != 0 {
		t.Errorf("SIGTERM: exit code %d", code)
	}
}
