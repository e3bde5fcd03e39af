package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/wire/wiretest"
)

// push returns a push query over a feed, and a channel that tells of its end.
func push() (*wiretest.Statement, chan *batch.Batch, chan struct{}) {
	feed, closed := make(chan *batch.Batch), make(chan struct{}, 1)
	st := wiretest.Query([]session.Column{wiretest.Col("n", types.Int8)})
	st.Feed, st.Closed = feed, closed
	return st, feed, closed
}

func waitFor(t *testing.T, what string, ch <-chan struct{}) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(testWait):
		t.Fatalf("waited in vain for %s", what)
	}
}

// TestPushRowsArriveLive reads each row before the next one is given, then ends the query by its feed.
func TestPushRowsArriveLive(t *testing.T) {
	for _, protocol := range []string{"simple", "extended", "copy"} {
		t.Run(protocol, func(t *testing.T) {
			st, feed, closed := push()
			if protocol == "copy" {
				st.Kind, st.Tag = session.CopyOut, "COPY "
			}
			_, url := serve(t, &wiretest.Engine{Script: map[string]*wiretest.Statement{"push": st}}, nil)
			c := connect(t, url)
			ctx := testContext(t)
			if protocol == "copy" {
				r, w := io.Pipe()
				done := make(chan error, 1)
				go func() {
					_, err := c.CopyTo(ctx, w, "push")
					w.CloseWithError(err)
					done <- err
				}()
				for i := range int64(5) {
					feed <- wiretest.Ints(i)
					buf := make([]byte, 2)
					if _, err := io.ReadFull(r, buf); err != nil || string(buf) != fmt.Sprintf("%d\n", i) {
						t.Fatalf("COPY row %d: %q, %v", i, buf, err)
					}
				}
				close(feed)
				if err := <-done; err != nil {
					t.Fatal(err)
				}
				waitFor(t, "the result's end", closed)
				return
			}
			var rr *pgconn.ResultReader
			if protocol == "simple" {
				mrr := c.Exec(ctx, "push")
				if !mrr.NextResult() {
					t.Fatal("no result:", mrr.Close())
				}
				rr = mrr.ResultReader()
				defer mrr.Close()
			} else {
				rr = c.ExecParams(ctx, "push", nil, nil, nil, nil)
			}
			for i := range int64(5) {
				feed <- wiretest.Ints(i)
				if !rr.NextRow() || string(rr.Values()[0]) != fmt.Sprint(i) {
					t.Fatalf("row %d: %q", i, rr.Values())
				}
			}
			close(feed)
			tag, err := rr.Close()
			if err != nil || tag.String() != "SELECT 5" {
				t.Fatalf("tag %q, error %v", tag, err)
			}
			waitFor(t, "the result's end", closed)
		})
	}
}

// TestPushEndsWithClient leaves a blocked push query in each way that a client has.
func TestPushEndsWithClient(t *testing.T) {
	for _, how := range []string{"close", "terminate", "pipelined terminate", "half close"} {
		t.Run(how, func(t *testing.T) {
			st, feed, closed := push()
			_, url := serve(t, &wiretest.Engine{Script: map[string]*wiretest.Statement{"push": st}}, nil)
			nc := dial(t, url)
			terminate, _ := (&pgproto3.Terminate{}).Encode(nil)
			query, _ := (&pgproto3.Query{String: "push"}).Encode(nil)
			if how == "pipelined terminate" {
				query = append(query, terminate...)
			}
			nc.Write(query)
			if how != "pipelined terminate" {
				feed <- wiretest.Ints(1)
				readUntil(t, nc, 'D')
			}
			switch how {
			case "close":
				nc.Close()
			case "terminate":
				nc.Write(terminate)
			case "half close":
				nc.(*net.TCPConn).CloseWrite()
			}
			waitFor(t, "the result's end", closed)
		})
	}
}

// TestLongStatementEndsWithClient: one that never waits for rows, too, and what the client sends meanwhile is kept.
func TestLongStatementEndsWithClient(t *testing.T) {
	ended := make(chan error, 1)
	started, release := make(chan struct{}, 2), make(chan struct{})
	block := func(ctx context.Context, _ *wiretest.Session, _ []types.Value, st wiretest.Statement) (wiretest.Statement, error) {
		started <- struct{}{}
		select {
		case <-ctx.Done():
			ended <- ctx.Err()
			return st, ctx.Err()
		case <-release:
			return st, nil
		}
	}
	eng := &wiretest.Engine{Script: map[string]*wiretest.Statement{"long": {Tag: "LONG", Call: block}, "one": {Tag: "ONE"}}}
	s, url := serve(t, eng, func(c *Config) { c.patrolEvery = time.Millisecond })
	long, _ := (&pgproto3.Query{String: "long"}).Encode(nil)
	one, _ := (&pgproto3.Query{String: "one"}).Encode(nil)
	nc := dial(t, url)
	nc.Write(long)
	<-started
	until(t, "the statement is watched", func() bool { return watched(s) == 1 })
	nc.Write(one)
	close(release)
	readUntil(t, nc, 'Z')
	if tag := readUntil(t, nc, 'C'); string(tag) != "ONE\x00" {
		t.Errorf("the next statement got %q", tag)
	}
	readUntil(t, nc, 'Z')
	until(t, "nobody is watched", func() bool { return watched(s) == 0 })
	release = make(chan struct{})
	nc.Write(long)
	<-started
	nc.Close()
	select {
	case <-ended:
	case <-time.After(testWait):
		t.Fatal("the statement goes on without its client")
	}
}

// watched counts the connections that have a watcher.
func watched(s *Server) (n int) {
	for _, c := range s.connections() {
		c.mu.Lock()
		if c.watching != nil {
			n++
		}
		c.mu.Unlock()
	}
	return n
}

// dial connects, says hello and reads up to ReadyForQuery.
func dial(t *testing.T, url string) net.Conn {
	t.Helper()
	cfg, err := pgconn.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	nc, err := net.Dial("tcp", net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(testWait))
	hello, _ := (&pgproto3.StartupMessage{ProtocolVersion: 3 << 16, Parameters: map[string]string{"user": "u"}}).Encode(nil)
	nc.Write(hello)
	readUntil(t, nc, 'Z')
	return nc
}

// readUntil reads messages up to one of that type and returns its body.
func readUntil(t *testing.T, nc net.Conn, kind byte) []byte {
	t.Helper()
	for {
		var head [5]byte
		if _, err := io.ReadFull(nc, head[:]); err != nil {
			t.Fatalf("waiting for message %c: %v", kind, err)
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		if _, err := io.ReadFull(nc, body); err != nil {
			t.Fatal(err)
		}
		if head[0] == kind {
			return body
		}
		if head[0] == 'E' {
			t.Fatalf("waiting for message %c, got error %q", kind, body)
		}
	}
}

// TestPipelinedBytesSurviveWatching sends the next queries while a push query runs: none may be lost.
func TestPipelinedBytesSurviveWatching(t *testing.T) {
	st, feed, closed := push()
	long := "-- " + strings.Repeat("x", 3*readBufferMin)
	_, url := serve(t, &wiretest.Engine{Script: map[string]*wiretest.Statement{"push": st, "one": {Tag: "ONE"}}}, nil)
	nc := dial(t, url)
	send := func(q string) {
		b, _ := (&pgproto3.Query{String: q}).Encode(nil)
		nc.Write(b)
	}
	send("push")
	feed <- wiretest.Ints(1)
	readUntil(t, nc, 'D')
	send(long)
	send("one")
	feed <- wiretest.Ints(2)
	readUntil(t, nc, 'D')
	send("one")
	close(feed)
	waitFor(t, "the result's end", closed)
	for _, want := range []struct {
		kind byte
		body string
	}{{'C', "SELECT 2\x00"}, {'Z', "I"}, {'I', ""}, {'Z', "I"}, {'C', "ONE\x00"}, {'Z', "I"}, {'C', "ONE\x00"}, {'Z', "I"}} {
		if got := readUntil(t, nc, want.kind); string(got) != want.body {
			t.Fatalf("message %c: %q, want %q", want.kind, got, want.body)
		}
	}
}

func TestCancel(t *testing.T) {
	st, feed, closed := push()
	_, url := serve(t, &wiretest.Engine{Script: map[string]*wiretest.Statement{"push": st, "one": {Tag: "ONE"}}}, nil)
	c := connect(t, url)
	ctx := testContext(t)
	for range 3 {
		mrr := c.Exec(ctx, "push")
		mrr.NextResult()
		feed <- wiretest.Ints(1)
		rr := mrr.ResultReader()
		if !rr.NextRow() {
			t.Fatal("no row")
		}
		if err := c.CancelRequest(ctx); err != nil {
			t.Fatal(err)
		}
		if rr.NextRow() {
			t.Fatal("a row after cancel")
		}
		pe := wantCode(t, mrr.Close(), pgerr.QueryCanceled)
		if pe.Message != "canceling statement due to user request" {
			t.Errorf("message %q", pe.Message)
		}
		waitFor(t, "the result's end", closed)
		if _, err := c.Exec(ctx, "one").ReadAll(); err != nil {
			t.Fatal("the session does not go on:", err)
		}
	}
	// While nothing runs, a cancel request is forgotten.
	if err := c.CancelRequest(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(ctx, "one").ReadAll(); err != nil {
		t.Fatal(err)
	}
}

func TestCancelNeedsTheKey(t *testing.T) {
	st, feed, closed := push()
	s, url := serve(t, &wiretest.Engine{Script: map[string]*wiretest.Statement{"push": st}}, nil)
	c := connect(t, url)
	mrr := c.Exec(testContext(t), "push")
	mrr.NextResult()
	feed <- wiretest.Ints(1)
	secret := binary.BigEndian.Uint32(c.SecretKey())
	s.cancel(c.PID(), secret+1)
	s.cancel(c.PID()+1, secret)
	feed <- wiretest.Ints(2)
	s.cancel(c.PID(), secret)
	waitFor(t, "the result's end", closed)
	wantCode(t, mrr.Close(), pgerr.QueryCanceled)
}

// TestShutdown: an idle session and a push query end at once with 57P01, a running statement ends first.
func TestShutdown(t *testing.T) {
	st, feed, closed := push()
	started, release := make(chan struct{}), make(chan struct{})
	slow := &wiretest.Statement{Tag: "SLOW", Call: func(ctx context.Context, _ *wiretest.Session, _ []types.Value, st wiretest.Statement) (wiretest.Statement, error) {
		close(started)
		<-release
		return st, ctx.Err()
	}}
	before := runtime.NumGoroutine()
	eng := &wiretest.Engine{Script: map[string]*wiretest.Statement{"push": st, "slow": slow}}
	s, err := NewServer(Config{Listen: "127.0.0.1:0", Engine: eng, Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background()) }()
	url := "postgres://u@" + s.Addr().String() + "/db?sslmode=disable"
	idle, pushing, running := dial(t, url), dial(t, url), dial(t, url)
	query := func(nc net.Conn, q string) {
		b, _ := (&pgproto3.Query{String: q}).Encode(nil)
		nc.Write(b)
	}
	query(pushing, "push")
	feed <- wiretest.Ints(1)
	readUntil(t, pushing, 'D')
	query(running, "slow")
	<-started
	down := make(chan error, 1)
	go func() { down <- s.Shutdown(testContext(t)) }()
	for _, nc := range []net.Conn{idle, pushing} {
		if msg := lastError(t, nc); !strings.Contains(msg, pgerr.AdminShutdown) {
			t.Errorf("last error %q", msg)
		}
	}
	waitFor(t, "the push query's end", closed)
	close(release)
	if tag := readUntil(t, running, 'C'); string(tag) != "SLOW\x00" {
		t.Errorf("the running statement got %q", tag)
	}
	if msg := lastError(t, running); !strings.Contains(msg, pgerr.AdminShutdown) {
		t.Errorf("last error %q", msg)
	}
	if err := <-down; err != nil {
		t.Error("Shutdown:", err)
	}
	if err := <-served; err != nil {
		t.Error("Serve:", err)
	}
	if n := eng.Sessions.Load(); n != 0 {
		t.Errorf("%d sessions left", n)
	}
	until(t, "no goroutine of ours is left", func() bool { return runtime.NumGoroutine() <= before })
	if _, err := net.Dial("tcp", s.Addr().String()); err == nil {
		t.Error("still accepting after Shutdown")
	}
}

// lastError reads to the end of the connection and returns the body of the last ErrorResponse.
func lastError(t *testing.T, nc net.Conn) string {
	t.Helper()
	data, err := io.ReadAll(nc)
	if err != nil {
		t.Fatal(err)
	}
	last := ""
	for len(data) >= 5 {
		n := binary.BigEndian.Uint32(data[1:]) + 1
		if data[0] == 'E' {
			last = string(data[5:n])
		}
		data = data[n:]
	}
	return last
}

// TestShutdownCutsWhatDoesNotEnd: a statement that waits for its context ends when Shutdown's does.
func TestShutdownCutsWhatDoesNotEnd(t *testing.T) {
	started := make(chan struct{})
	stuck := &wiretest.Statement{Call: func(ctx context.Context, _ *wiretest.Session, _ []types.Value, st wiretest.Statement) (wiretest.Statement, error) {
		close(started)
		<-ctx.Done()
		return st, ctx.Err()
	}}
	eng := &wiretest.Engine{Script: map[string]*wiretest.Statement{"stuck": stuck}}
	s, err := NewServer(Config{Listen: "127.0.0.1:0", Engine: eng, Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	serveCtx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(serveCtx) }()
	nc := dial(t, "postgres://u@"+s.Addr().String()+"/db")
	b, _ := (&pgproto3.Query{String: "stuck"}).Encode(nil)
	nc.Write(b)
	<-started
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown: %v", err)
	}
	stop()
	<-served
	if n := eng.Sessions.Load(); n != 0 {
		t.Errorf("%d sessions left", n)
	}
}

// TestServeContext: the end of Serve's context cuts everything.
func TestServeContext(t *testing.T) {
	st, feed, closed := push()
	eng := &wiretest.Engine{Script: map[string]*wiretest.Statement{"push": st}}
	s, err := NewServer(Config{Listen: "127.0.0.1:0", Engine: eng, Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	nc := dial(t, "postgres://u@"+s.Addr().String()+"/db")
	b, _ := (&pgproto3.Query{String: "push"}).Encode(nil)
	nc.Write(b)
	feed <- wiretest.Ints(1)
	cancel()
	waitFor(t, "the result's end", closed)
	if err := <-served; !errors.Is(err, context.Canceled) {
		t.Errorf("Serve: %v", err)
	}
}

// TestSlowReader: a client that takes nothing is cut after the write timeout, and its query with it.
func TestSlowReader(t *testing.T) {
	st, feed, closed := push()
	_, url := serve(t, &wiretest.Engine{Script: map[string]*wiretest.Statement{"push": st}}, func(c *Config) { c.WriteTimeout = 50 * time.Millisecond })
	nc := dial(t, url)
	b, _ := (&pgproto3.Query{String: "push"}).Encode(nil)
	nc.Write(b)
	rows := make([]int64, 10_000)
	for {
		select {
		case feed <- wiretest.Ints(rows...):
			continue
		case <-closed:
		case <-time.After(testWait):
			t.Error("the stuck client was not cut")
		}
		break
	}
}

// TestHugeClaims: a header's claim costs no memory, before authentication or after it.
func TestHugeClaims(t *testing.T) {
	s, url := serve(t, &wiretest.Engine{}, nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, claim := range []string{"\x7f\xff\xff\xff", "\xff\xff\xff\xff", "\x00\x00\x27\x11", "\x00\x00\x00\x03"} {
		nc, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		nc.SetDeadline(time.Now().Add(testWait))
		io.WriteString(nc, claim)
		if msg := lastError(t, nc); !strings.Contains(msg, pgerr.ProtocolViolation) {
			t.Errorf("startup claim %x: %q", claim, msg)
		}
		nc.Close()
	}
	for _, claim := range []string{"Q\x7f\xff\xff\xff", "Q\xff\xff\xff\xff", "B\x04\x00\x00\x05"} {
		nc := dial(t, url)
		nc.SetDeadline(time.Now().Add(testWait))
		io.WriteString(nc, claim)
		if msg := lastError(t, nc); !strings.Contains(msg, pgerr.ProtocolViolation) {
			t.Errorf("claim %x: %q", claim, msg)
		}
	}
	// Within the limit memory still follows the bytes, not the claim.
	nc := dial(t, url)
	io.WriteString(nc, "Q\x03\xff\xff\xff")
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
		t.Errorf("%d bytes were allocated for claims", grown)
	}
}

// TestMalformedSASL: the library panics on it before authentication.
func TestMalformedSASL(t *testing.T) {
	s, url := serve(t, &wiretest.Engine{}, func(c *Config) { c.Password = "x" })
	hello, _ := (&pgproto3.StartupMessage{ProtocolVersion: 3 << 16, Parameters: map[string]string{"user": "u"}}).Encode(nil)
	for name, msg := range map[string]string{
		"bad length":      "p\x00\x00\x00\x16SCRAM-SHA-256\x00\x7f\xff\xff\xff",
		"no mechanism":    "p\x00\x00\x00\x04",
		"query":           "Q\x00\x00\x00\x06x\x00",
		"other":           "p\x00\x00\x00\x0cPLAIN\x00" + "\xff\xff",
		"too long":        "p\x00\x00\x40\x00",
		"malformed gs2":   "p\x00\x00\x00\x19SCRAM-SHA-256\x00\x00\x00\x00\x03abc",
		"channel binding": "p\x00\x00\x00\x1dSCRAM-SHA-256\x00\x00\x00\x00\x07p=x,,n=",
	} {
		nc, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		nc.SetDeadline(time.Now().Add(testWait))
		nc.Write(hello)
		io.WriteString(nc, msg)
		if got := lastError(t, nc); !strings.Contains(got, pgerr.ProtocolViolation) {
			t.Errorf("%s: %q", name, got)
		}
		nc.Close()
	}
	connect(t, withPassword(url, "x")) // the server lives
}

// TestAuthTimeout: a client that says nothing does not hold a connection.
func TestAuthTimeout(t *testing.T) {
	s, _ := serve(t, &wiretest.Engine{}, func(c *Config) { c.AuthTimeout = 20 * time.Millisecond })
	nc, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(testWait))
	if _, err := nc.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("read: %v, want EOF", err)
	}
}

// TestBounds: a session takes only so many named statements and portals, and goes on after the refusal.
func TestBounds(t *testing.T) {
	_, url := serve(t, &wiretest.Engine{Script: map[string]*wiretest.Statement{"one": {Tag: "ONE"}}}, nil)
	nc := dial(t, url)
	var msgs []byte
	add := func(m pgproto3.FrontendMessage) { msgs, _ = m.Encode(msgs) }
	count := func(kind byte) (done int, code string) {
		go nc.Write(msgs)
		for {
			var head [5]byte
			if _, err := io.ReadFull(nc, head[:]); err != nil {
				t.Fatal(err)
			}
			body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
			io.ReadFull(nc, body)
			switch head[0] {
			case kind:
				done++
			case 'E':
				_, rest, _ := strings.Cut(string(body), "\x00C")
				code = rest[:5]
			case 'Z':
				return done, code
			}
		}
	}
	for i := range statementsMax + 1 {
		add(&pgproto3.Parse{Name: fmt.Sprint("s", i), Query: "one"})
	}
	add(&pgproto3.Sync{})
	if n, code := count('1'); n != statementsMax || code != pgerr.ConfigurationLimitExceeded {
		t.Errorf("%d statements, then %q", n, code)
	}
	msgs = nil
	for i := range portalsMax + 1 {
		add(&pgproto3.Bind{DestinationPortal: fmt.Sprint("p", i), PreparedStatement: "s0"})
	}
	add(&pgproto3.Sync{})
	if n, code := count('2'); n != portalsMax || code != pgerr.ConfigurationLimitExceeded {
		t.Errorf("%d portals, then %q", n, code)
	}
	msgs = nil
	add(&pgproto3.Query{String: "one"})
	if n, code := count('C'); n != 1 || code != "" {
		t.Errorf("afterwards %d, %q", n, code)
	}
}
