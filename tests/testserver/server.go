package testserver

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// startTimeout bounds a start, with the link of the binary not counted.
const startTimeout = 60 * time.Second

// Full reports whether the tests run at the size of the issue (STREAMSQL_FULL=1) instead of the quick one.
func Full() bool { return os.Getenv("STREAMSQL_FULL") == "1" }

// Seed is the seed of a random test: STREAMSQL_SEED, or a new one. It is logged.
func Seed(t testing.TB) uint64 {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("STREAMSQL_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("STREAMSQL_SEED: %v", err)
		}
	}
	t.Logf("seed %d (STREAMSQL_SEED repeats it)", seed)
	return seed
}

// Binary builds streamsql with the given build tags and returns its path. Test processes share it: it stays in the
// temporary directory, under a lock while it is built.
func Binary(t testing.TB, tags string) string {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	root := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("streamsql-testserver-%d-%s", os.Getuid(), strings.ReplaceAll(root, "/", "_")))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "streamsql"+tags)
	c := exec.Command("go", "build", "-tags", tags, "-o", bin, "./cmd/streamsql")
	c.Dir = root
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// Options of a server; the zero value works.
type Options struct {
	Tags    string   // build tags
	Brokers string   // an outside broker; "" = the embedded one
	Args    []string // more flags
}

// Server is a `streamsql serve` on a data directory and ports of its own, which it keeps over restarts.
type Server struct {
	t       testing.TB
	opt     Options
	bin     string
	Dir     string
	PG      string // host:port
	Kafka   string
	HTTP    string
	mu      sync.Mutex
	cmd     *exec.Cmd
	ended   chan struct{}
	stderr  *tail
	started bool // once
}

// New prepares a server; Start starts it. It is killed at the end of the test.
func New(t testing.TB, opt Options) *Server {
	t.Helper()
	s := &Server{t: t, opt: opt, bin: Binary(t, opt.Tags), Dir: t.TempDir(), stderr: &tail{}}
	s.choosePorts()
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			t.Logf("the server's last words:\n%s", s.stderr)
		}
	})
	return s
}

func (s *Server) choosePorts() {
	s.PG, s.HTTP, s.Kafka = FreeAddr(s.t), FreeAddr(s.t), s.opt.Brokers
	if s.Kafka == "" {
		s.Kafka = FreeAddr(s.t)
	}
}

// FreeAddr is a free address outside the range of ports that outgoing connections take, so that it stays free while
// the server is down.
func FreeAddr(t testing.TB) string {
	for range 200 {
		addr := "127.0.0.1:" + strconv.Itoa(15000+rand.IntN(15000))
		l, err := net.Listen("tcp", addr)
		if err == nil {
			l.Close()
			return addr
		}
	}
	t.Fatal("no free port found")
	return ""
}

// Command is the child's command line on this server's directory and ports, not started.
func (s *Server) Command(env ...string) *exec.Cmd {
	args := []string{"serve", "--listen", s.PG, "--http-listen", s.HTTP, "--data-dir", s.Dir, "--log-level", "info"}
	if s.opt.Brokers != "" {
		args = append(args, "--brokers", s.opt.Brokers)
	} else {
		args = append(args, "--kafka-listen", s.Kafka)
	}
	c := exec.Command(s.bin, append(args, s.opt.Args...)...)
	c.Env = append(os.Environ(), env...)
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // no orphan when the test is killed
	return c
}

// Launch starts the process and does not wait until it answers. env is added to the environment.
func (s *Server) Launch(env ...string) (firstLine <-chan string) {
	s.t.Helper()
	cmd := s.Command(env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd.Stderr = s.stderr
	ended, started := make(chan struct{}), make(chan error)
	line := make(chan string, 1)
	go func() {
		runtime.LockOSThread() // Pdeathsig fires when the starting thread ends
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		r := bufio.NewReader(out)
		if text, err := r.ReadString('\n'); err == nil {
			line <- text
		}
		close(line)
		_, _ = io.Copy(io.Discard, r)
		_ = cmd.Wait()
		close(ended)
	}()
	if err := <-started; err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	s.cmd, s.ended = cmd, ended
	s.mu.Unlock()
	return line
}

// Start launches the server and waits for its first line, which says that clients can connect.
func (s *Server) Start(env ...string) {
	s.t.Helper()
	select {
	case text := <-s.Launch(env...):
		if text == "" && !s.started && strings.Contains(s.Log(), "address already in use") {
			s.Kill() // somebody was faster: other ports, as nobody knows these yet
			s.stderr = &tail{}
			s.choosePorts()
			s.Start(env...)
			return
		}
		s.started = true
		if !strings.HasPrefix(text, "streamsql ") {
			s.t.Fatalf("the server's first line is %q\n%s", text, s.stderr)
		}
	case <-time.After(startTimeout):
		s.t.Fatalf("the server has not started within %s\n%s", startTimeout, s.stderr)
	}
}

// Kill kills the server (SIGKILL) and waits until it is gone. It may be called at any time.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	<-s.ended
	s.cmd = nil
}

// Stop ends the server in order (SIGTERM) and returns its exit code.
func (s *Server) Stop() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	<-s.ended
	code := s.cmd.ProcessState.ExitCode()
	s.cmd = nil
	return code
}

// WaitDeath waits until the server ended by itself and reports whether it was killed by a signal.
func (s *Server) WaitDeath(d time.Duration) (killed bool) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.ended:
	case <-time.After(d):
		s.t.Fatalf("the server has not ended within %s", d)
	}
	st, ok := s.cmd.ProcessState.Sys().(syscall.WaitStatus)
	s.cmd = nil
	return ok && st.Signaled()
}

// RSS is the server's resident memory in bytes; 0 if it cannot be read.
func (s *Server) RSS() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return 0
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	var size, resident int64
	if _, err := fmt.Sscan(string(b), &size, &resident); err != nil {
		return 0
	}
	return resident * int64(os.Getpagesize())
}

// DropState deletes the state directory of a server that is not running.
func (s *Server) DropState() {
	s.t.Helper()
	if err := os.RemoveAll(filepath.Join(s.Dir, "state")); err != nil {
		s.t.Fatal(err)
	}
}

// URL is for pgx.
func (s *Server) URL() string { return "postgres://tester@" + s.PG + "/streamsql?sslmode=disable" }

// Connect opens a session, closed at the end of the test.
func (s *Server) Connect(ctx context.Context) *pgx.Conn {
	s.t.Helper()
	c, err := pgx.Connect(ctx, s.URL())
	if err != nil {
		s.t.Fatalf("connect: %v\n%s", err, s.stderr)
	}
	s.t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

// Exec runs statements that must succeed.
func (s *Server) Exec(ctx context.Context, stmts ...string) {
	s.t.Helper()
	c := s.Connect(ctx)
	defer c.Close(ctx)
	for _, stmt := range stmts {
		if _, err := c.Exec(ctx, stmt); err != nil {
			s.t.Fatalf("%s: %v", stmt, err)
		}
	}
}

// Log is the end of what the server wrote to standard error, over all its lives.
func (s *Server) Log() string { return s.stderr.String() }

// ErrGone is told by Eventually's condition to stop waiting.
var ErrGone = errors.New("gone")

// Eventually repeats cond until it returns nil; after d the test fails with its last error.
func Eventually(t testing.TB, d time.Duration, what string, cond func() error) {
	t.Helper()
	deadline := time.Now().Add(d)
	for {
		err := cond()
		if err == nil {
			return
		}
		if time.Now().After(deadline) || errors.Is(err, ErrGone) {
			t.Fatalf("%s: not within %s: %v", what, d, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// tail keeps the last bytes written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

const tailBytes = 16 << 10

func (w *tail) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.b = append(w.b, p...)
	if len(w.b) > 2*tailBytes {
		w.b = bytes.Clone(w.b[len(w.b)-tailBytes:])
	}
	return len(p), nil
}

func (w *tail) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.b)
}
