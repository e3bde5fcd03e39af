package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgproto3/v2"

	"streamsql/internal/pgerr"
	"streamsql/internal/session"
)

// farewellTimeout bounds the last write to a client that is being sent away.
const farewellTimeout = time.Second

// cause says why a statement's context ended; a greater one wins.
type cause uint8

const (
	causeNone     cause = iota
	causeUser           // a CancelRequest
	causeShutdown       // the server is stopping
	causeGone           // the client left, or the connection is cut
)

// conn is one connection and its session. Its goroutine runs serve; other goroutines call only interrupt, retire and
// hangUp.
type conn struct {
	server   *Server
	id       uint32 // BackendKeyData's process id
	secret   uint32
	admitted bool // counted as a session; written and read under server.mu

	in      *reader
	out     writer
	backend *pgproto3.Backend // decodes messages
	sess    session.Session
	idle    func() error // c.beforeBlock, made once

	statements map[string]*prepared
	portals    map[string]*portal
	skipping   bool // an extended-protocol error: skip to Sync
	anonymous  *prepared
	unnamed    portal // reused by every Bind of the unnamed portal while open
	simple     rowStream
	rows       rowEncoder // of simple
	scratch    []byte     // COPY: one field before escaping

	closing atomic.Bool // the server is stopping
	blocked atomic.Bool // a result is waiting for rows

	mu        sync.Mutex
	raw       net.Conn // the TCP connection
	running   bool     // a message is being handled: a cancel request counts
	receiving bool     // and it reads the connection: COPY FROM STDIN
	cause     cause
	ctx       context.Context // of statements; lives until a cancel ends it
	stop      context.CancelFunc
	watching  chan struct{} // closed when the watcher has ended; nil: there is none
	turn      uint64        // counts begins
	patrolled uint64        // turn at the last patrol
}

func newConn(s *Server, nc net.Conn, id, secret uint32) *conn {
	c := &conn{
		server: s, id: id, secret: secret, raw: nc,
		statements: make(map[string]*prepared), portals: make(map[string]*portal),
	}
	c.ctx, c.stop = context.WithCancel(s.base)
	c.idle = c.beforeBlock
	c.attach(nc)
	return c
}

// attach makes nc what messages are read from and written to.
func (c *conn) attach(nc net.Conn) {
	c.in = newReader(nc, startupMessageMax)
	c.out = writer{conn: nc, timeout: c.server.cfg.WriteTimeout}
	c.backend = pgproto3.NewBackend(c.in, nil)
}

// serve runs the connection to its end.
func (c *conn) serve() {
	defer c.end()
	defer func() {
		if r := recover(); r != nil {
			c.logPanic(r)
			c.finish()
			c.fatal(pgerr.New(pgerr.InternalError, "internal error: %v", r))
		}
	}()
	if err := c.startup(); err != nil {
		c.farewell(err)
		return
	}
	for {
		if c.closing.Load() && c.in.buffered() == 0 {
			c.fatal(errShutdown())
			return
		}
		msg, err := c.receive()
		if err == nil {
			err = c.dispatch(msg)
		}
		if err != nil {
			c.farewell(err)
			return
		}
	}
}

// errDone ends a connection that needs no last word: the client said goodbye or is gone.
var errDone = errors.New("connection done")

// receive returns the next message, valid until the next call. The library panics on five malformed messages.
func (c *conn) receive() (msg pgproto3.FrontendMessage, err error) {
	defer func() {
		if r := recover(); r != nil {
			msg, err = nil, pgerr.New(pgerr.ProtocolViolation, "invalid message format")
		}
	}()
	msg, err = c.backend.Receive()
	switch {
	case err == nil:
		return msg, nil
	case c.in.err != nil:
		return nil, errDone
	case isTimeout(err):
		return nil, c.timedOut()
	}
	var e *pgerr.Error
	if !errors.As(err, &e) {
		err = pgerr.New(pgerr.ProtocolViolation, "%s", err)
	}
	return nil, err
}

// timedOut explains a read that ended by its deadline: retire's nudge, or the time for startup is over.
func (c *conn) timedOut() error {
	if c.closing.Load() {
		return errShutdown()
	}
	return errDone
}

func errShutdown() *pgerr.Error {
	return pgerr.New(pgerr.AdminShutdown, "terminating connection due to administrator command")
}

// dispatch handles one message. An error ends the connection.
func (c *conn) dispatch(msg pgproto3.FrontendMessage) error {
	switch msg.(type) {
	case *pgproto3.Terminate:
		return errDone
	case *pgproto3.Sync:
		c.skipping = false
		return c.ready()
	}
	if c.skipping {
		return nil
	}
	switch m := msg.(type) {
	case *pgproto3.Query:
		return c.onQuery(m.String)
	case *pgproto3.Parse:
		return c.onParse(m)
	case *pgproto3.Bind:
		return c.onBind(m)
	case *pgproto3.Describe:
		return c.onDescribe(m)
	case *pgproto3.Execute:
		return c.onExecute(m)
	case *pgproto3.Close:
		return c.onClose(m)
	case *pgproto3.Flush:
		return c.out.flush()
	case *pgproto3.CopyData, *pgproto3.CopyDone, *pgproto3.CopyFail:
		return nil // left over from a COPY that failed
	case *pgproto3.FunctionCall:
		if err := c.report(pgerr.Unsupported(pgerr.NoPos, "function call message"), ""); err != nil {
			return err
		}
		return c.ready()
	}
	return pgerr.New(pgerr.ProtocolViolation, "unexpected message")
}

// ready ends a query cycle: portals do not outlive their transaction.
func (c *conn) ready() error {
	c.tell()
	status := c.sess.TxStatus()
	if status == session.Idle {
		c.closePortals()
	}
	c.out.buf = appendReady(c.out.buf, status)
	return c.out.flush()
}

// tell appends the notices and the settings that changed.
func (c *conn) tell() {
	for _, n := range c.sess.Notices() {
		c.out.buf = appendReport(c.out.buf, 'N', n.Severity, n.Code, n.Message, n.Detail, n.Hint, 0)
	}
	for _, s := range c.sess.Changed() {
		c.out.buf = appendParameterStatus(c.out.buf, s)
	}
}

// begin returns the context of the message's statements and lets cancel requests count until finish. The context
// lives on after finish: portals and cursors that stay open use it.
func (c *conn) begin() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause == causeUser {
		c.cause = causeNone
		c.ctx, c.stop = context.WithCancel(c.server.base)
	}
	c.running = true
	c.turn++
	return c.ctx
}

// finish ends what begin began; the connection may be read again.
func (c *conn) finish() {
	c.mu.Lock()
	c.running, c.receiving = false, false
	watched := c.watching != nil
	c.mu.Unlock()
	if watched {
		c.unwatch()
	}
}

// interrupt ends the running statement; by causeUser only while one runs.
func (c *conn) interrupt(why cause) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if why == causeUser && !c.running {
		return
	}
	c.cause = max(c.cause, why)
	c.stop()
}

func (c *conn) interruptedBy() cause {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

// retire tells an idle session, and one that waits in a push query, to end; any other ends after its statement.
func (c *conn) retire() {
	c.closing.Store(true)
	if c.blocked.Load() {
		c.interrupt(causeShutdown)
	}
	c.nudge()
}

// nudge makes a pending or the next read return.
func (c *conn) nudge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw.SetReadDeadline(time.Unix(1, 0))
}

// setReadDeadline sets when reads give up; zero: never. A nudge that it overwrites is given again.
func (c *conn) setReadDeadline(t time.Time) {
	c.mu.Lock()
	c.raw.SetReadDeadline(t)
	c.mu.Unlock()
	if c.closing.Load() {
		c.nudge()
	}
}

// hangUp closes the TCP connection under everything.
func (c *conn) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw.Close()
}

func (c *conn) logPanic(r any) {
	c.server.cfg.Logger.Error("session panicked", "session", c.id, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
}

// end frees what the connection holds. A panic of the session's Close must not take the process along.
func (c *conn) end() {
	defer func() {
		if r := recover(); r != nil {
			c.logPanic(r)
		}
		c.out.conn.Close()
		c.hangUp()
	}()
	c.finish()
	c.interrupt(causeGone)
	c.closePortals()
	if c.sess != nil {
		c.sess.Close()
	}
	c.server.cfg.Logger.Debug("connection closed", "session", c.id)
}
