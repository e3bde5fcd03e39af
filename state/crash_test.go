package state

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// The crash tests run this test binary again as a child that kills itself (kill -9) at a named step.
const (
	crashEnv  = "STATE_CRASH"
	crashSeed = 21
	crashOps  = 150
)

// crashRounds bounds a child that never comes to its step.
const crashRounds = 6

func TestMain(m *testing.M) {
	if arg := os.Getenv(crashEnv); arg != "" {
		crashChild(arg)
		return
	}
	os.Exit(m.Run())
}

// childFault is how a child that finds a wrong state ends: the parent shows what it printed.
type childFault struct{ testing.TB }

func (childFault) Helper() {}
func (childFault) Fatalf(f string, a ...any) {
	fmt.Printf(f+"\n", a...)
	os.Exit(3)
}
func (c childFault) Fatal(a ...any) { c.Fatalf("%s", fmt.Sprint(a...)) }

// crashChild opens the store in a directory, checks it, and commits rounds, noting each in the file "acked", until it
// kills itself the n-th time that it passes a step. arg: directory, step, n, resolve ("", "take", "undo"), quoted.
func crashChild(arg string) {
	var dir, step, resolve string
	var n int
	if _, err := fmt.Sscanf(arg, "%q %q %d %q", &dir, &step, &n, &resolve); err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
	opt := testOptions(filepath.Join(dir, "state"))
	opt.KeepPrepared = resolve != ""
	opt.Fault = func(s string) {
		if s == step {
			if n--; n == 0 {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		}
	}
	t := childFault{}
	s, err := Open(opt)
	if err == nil {
		err = s.Resolve(resolve == "take")
	}
	if err != nil {
		t.Fatal(err)
	}
	from := roundOf(t, s)
	w := worldAt(t, crashSeed, crashOps, from)
	w.check(t, s)
	for w.round < from+crashRounds {
		w.step(t, s)
		c := s.Begin()
		if err := c.PrepareWith(context.Background(), payload(w.round)); err != nil {
			t.Fatal(err)
		}
		if err := c.Commit(context.Background(), payload(w.round)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "acked"), payload(w.round), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Printf("step %s was not passed often enough\n", step)
	os.Exit(3)
}

// runChild runs a child until it has killed itself.
func runChild(t *testing.T, dir, step string, n int, resolve string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%q %q %d %q", crashEnv, dir, step, n, resolve))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("child for step %s (%d): %v\n%s", step, n, err, out)
	}
}

// checkCrashed opens the store after a crash: it is the last acknowledged round, or the one after it, and nothing in between.
func checkCrashed(t *testing.T, dir, what string) {
	t.Helper()
	s := openStore(t, testOptions(filepath.Join(dir, "state")))
	defer s.Close()
	acked := 0
	if b, err := os.ReadFile(filepath.Join(dir, "acked")); err == nil {
		fmt.Sscan(string(b), &acked)
	}
	round := roundOf(t, s)
	if round != acked && round != acked+1 {
		t.Fatalf("%s: round %d was acknowledged, found %d", what, acked, round)
	}
	worldAt(t, crashSeed, crashOps, round).check(t, s)
}

// TestCrashAtEveryStep kills a child at each step of the checkpoint, the first time and later ones, all in a row in
// one directory, and checks what is left each time; the next child goes on from there.
func TestCrashAtEveryStep(t *testing.T) {
	dir := t.TempDir()
	runChild(t, dir, StepCreate, 1, "")
	runChild(t, dir, StepCreated, 1, "")
	checkCrashed(t, dir, StepCreated)
	steps := []string{StepBegin, StepWrite, StepWriteTxn, StepWritten, StepPrepared, StepMarker, StepMarked, StepCommitted}
	for i, step := range steps {
		n := 1 + i%3
		runChild(t, dir, step, n, "")
		checkCrashed(t, dir, fmt.Sprintf("%s (%d)", step, n))
	}
	for n := range 3 { // in the middle of writing, where most can go wrong
		runChild(t, dir, StepWriteTxn, 2+5*n, "")
		checkCrashed(t, dir, StepWriteTxn)
	}
}

// TestCrashInRecovery tears an epoch, then kills the children that undo it at each step of that, one after the other.
func TestCrashInRecovery(t *testing.T) {
	dir := t.TempDir()
	runChild(t, dir, StepWritten, 3, "")
	for _, step := range []string{StepRollback, StepRollbackTxn, StepRollbackDone, StepRollbackMark} {
		runChild(t, dir, step, 1, "")
	}
	checkCrashed(t, dir, "recovery")
	runChild(t, dir, StepWritten, 2, "")
	runChild(t, dir, StepRollbackTxn, 2, "")
	checkCrashed(t, dir, "recovery")
}

// TestCrashInResolve kills children while they resolve a prepared epoch.
func TestCrashInResolve(t *testing.T) {
	for _, resolve := range []string{"take", "undo"} {
		dir := t.TempDir()
		runChild(t, dir, StepPrepared, 2, resolve)
		steps := []string{StepResolveMarker, StepResolved}
		if resolve == "undo" {
			steps = []string{StepRollback, StepRollbackTxn, StepRollbackDone, StepRollbackMark}
		}
		for _, step := range steps {
			runChild(t, dir, step, 1, resolve)
		}
		checkCrashed(t, dir, resolve)
		s := openStore(t, testOptions(filepath.Join(dir, "state")))
		want := 1
		if resolve == "take" {
			want = 2
		}
		if got := roundOf(t, s); got != want {
			t.Fatalf("%s: round %d, want %d", resolve, got, want)
		}
	}
}
