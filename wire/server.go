package wire

import (
	"context"
	"net"
)

// Server accepts connections and runs one session for each.
type Server struct {
	cfg      Config
	listener net.Listener
}

// NewServer opens the listener.
func NewServer(cfg Config) (*Server, error) { panic("unfinished: wire.NewServer") }

// Addr returns the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve accepts until ctx ends or Shutdown is called.
func (s *Server) Serve(ctx context.Context) error { panic("unfinished: wire.Server.Serve") }

// Shutdown stops accepting, ends idle sessions with 57P01 and waits for the others until ctx ends.
func (s *Server) Shutdown(ctx context.Context) error { panic("unfinished: wire.Server.Shutdown") }
