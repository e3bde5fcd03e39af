package wire

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"streamsql/internal/pgerr"
)

// abortGrace is how long Shutdown waits for connections that it has cut before it gives up on them.
const abortGrace = 5 * time.Second

// patrolInterval is how long, at the least, a statement runs before somebody looks whether its client is still there.
const patrolInterval = time.Second

// Server accepts connections and runs one session for each. Its methods may be called from any goroutine.
type Server struct {
	cfg      Config
	verifier *verifier // nil: no password is asked
	listener net.Listener
	base     context.Context // of all sessions; ends when the server aborts
	abort    context.CancelFunc
	conns    sync.WaitGroup // one a connection

	mu       sync.Mutex
	open     map[uint32]*conn // by id, from accept to end
	sessions int              // connections past authentication
	lastID   uint32
	closing  bool
}

// NewServer opens the listener; Serve accepts from it. It fails when the address is not a loopback address and there is
// no password.
func NewServer(cfg Config) (*Server, error) {
	s, err := newServer(cfg)
	if err != nil {
		return nil, err
	}
	addr, err := net.ResolveTCPAddr("tcp", s.cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen address %q: %w", s.cfg.Listen, err)
	}
	if s.verifier == nil && !addr.IP.IsLoopback() {
		return nil, fmt.Errorf("refusing to listen on %s without a password: set one, or listen on 127.0.0.1", s.cfg.Listen)
	}
	if s.listener, err = net.ListenTCP("tcp", addr); err != nil {
		return nil, fmt.Errorf("listen for PostgreSQL clients: %w", err)
	}
	return s, nil
}

// newServer returns a Server without a listener.
func newServer(cfg Config) (*Server, error) {
	if cfg.Engine == nil {
		return nil, errors.New("wire: Config.Engine is missing")
	}
	cfg = cfg.withDefaults()
	if cfg.TLS != nil {
		cfg.TLS = cfg.TLS.Clone()
		cfg.TLS.NextProtos = []string{"postgresql"} // direct TLS (PostgreSQL 17) negotiates it
	}
	s := &Server{cfg: cfg, open: make(map[uint32]*conn)}
	password, err := cfg.password()
	if err != nil {
		return nil, err
	}
	if password != "" {
		if s.verifier, err = newVerifier(password); err != nil {
			return nil, err
		}
	}
	s.cfg.Password = ""
	s.base, s.abort = context.WithCancel(context.Background())
	return s, nil
}

// password returns the configured password, or "" for none.
func (c Config) password() (string, error) {
	if c.PasswordFile == "" {
		return c.Password, nil
	}
	if c.Password != "" {
		return "", errors.New("set a password or a password file, not both")
	}
	b, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("read password file: %w", err)
	}
	if p := firstLine(b); p != "" {
		return p, nil
	}
	return "", fmt.Errorf("password file %q has an empty first line", c.PasswordFile)
}

// Addr returns the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve accepts connections until Shutdown is called, and returns nil then, or until ctx ends: then it cuts every
// connection, waits for them and returns ctx's error.
func (s *Server) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { s.cut() })
	defer stop()
	patrolled := make(chan struct{})
	walking, home := context.WithCancel(ctx)
	go func() {
		defer close(patrolled)
		s.patrol(walking)
	}()
	defer func() {
		home()
		<-patrolled
	}()
	for {
		nc, err := s.listener.Accept()
		if err == nil {
			s.start(nc)
			continue
		}
		if ctx.Err() != nil {
			s.conns.Wait()
			return ctx.Err()
		}
		if s.isClosing() {
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("accept: %w", err)
		}
		s.cfg.Logger.Warn("accept failed, trying again", "err", err)
		pause(ctx, acceptBackoff)
	}
}

// patrol looks after the connections until ctx ends.
func (s *Server) patrol(ctx context.Context) {
	tick := time.NewTicker(s.cfg.patrolEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			for _, c := range s.connections() {
				c.patrol()
			}
		case <-ctx.Done():
			return
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// start runs a connection in a goroutine of its own, or closes it when there are too many.
func (s *Server) start(nc net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || len(s.open) >= s.cfg.SessionsMax+pendingMax {
		nc.Close()
		return
	}
	s.lastID++
	for s.lastID == 0 || s.open[s.lastID] != nil {
		s.lastID++
	}
	c := newConn(s, nc, s.lastID, newSecret())
	s.open[c.id] = c
	s.conns.Go(func() {
		defer s.forget(c)
		c.serve()
	})
}

func newSecret() uint32 {
	var b [4]byte
	rand.Read(b[:])
	return binary.BigEndian.Uint32(b[:])
}

func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c.id)
	if c.admitted {
		s.sessions--
	}
}

// admit counts c as a session, or refuses it with 53300.
func (s *Server) admit(c *conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return pgerr.New(pgerr.CannotConnectNow, "the server is shutting down")
	}
	if s.sessions >= s.cfg.SessionsMax {
		return pgerr.New(pgerr.TooManyConnections, "sorry, too many clients already").
			WithDetail("The server takes %d sessions.", s.cfg.SessionsMax)
	}
	s.sessions++
	c.admitted = true
	return nil
}

// cancel ends the running statement of the connection with that id if the secret is right.
func (s *Server) cancel(id, secret uint32) {
	s.mu.Lock()
	c := s.open[id]
	s.mu.Unlock()
	if c != nil && subtle.ConstantTimeEq(int32(c.secret), int32(secret)) == 1 {
		c.interrupt(causeUser)
	}
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// Shutdown stops accepting, ends sessions that are idle or wait in a push query with 57P01 and waits for the statements
// of the others. When ctx ends first, those are cancelled and their connections cut, and ctx's error is returned.
func (s *Server) Shutdown(ctx context.Context) error {
	for _, c := range s.close() {
		c.retire()
	}
	done := make(chan struct{})
	go func() {
		s.conns.Wait()
		close(done)
	}()
	select {
	case <-done:
		s.abort()
		return nil
	case <-ctx.Done():
	}
	s.cut()
	grace := time.NewTimer(abortGrace)
	defer grace.Stop()
	select {
	case <-done:
		return ctx.Err()
	case <-grace.C:
		return fmt.Errorf("sessions still running %s after they were cut: %w", abortGrace, ctx.Err())
	}
}

// close stops accepting and returns the connections that are open.
func (s *Server) close() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	if s.listener != nil {
		s.listener.Close()
	}
	return s.openLocked()
}

// connections returns the connections that are open.
func (s *Server) connections() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.openLocked()
}

func (s *Server) openLocked() []*conn {
	open := make([]*conn, 0, len(s.open))
	for _, c := range s.open {
		open = append(open, c)
	}
	return open
}

// cut stops accepting, cancels every statement and closes every connection.
func (s *Server) cut() {
	open := s.close()
	s.abort()
	for _, c := range open {
		c.interrupt(causeGone)
		c.hangUp()
	}
}
