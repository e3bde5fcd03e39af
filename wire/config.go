package wire

import (
	"crypto/tls"
	"log/slog"
	"time"

	"streamsql/internal/session"
)

// Defaults of Config.
const (
	listenDefault       = "127.0.0.1:5433"
	sessionsMaxDefault  = 200
	messageMaxDefault   = 64 << 20              // bytes; a COPY row or a long INSERT must fit, a 2 GiB claim must not
	authTimeoutDefault  = time.Minute           // PostgreSQL's authentication_timeout
	writeTimeoutDefault = 5 * time.Minute       // a reader that pages may pause; one that reads nothing for this long is gone
	statementsMax       = 8192                  // named statements a session; drivers cache at most a few hundred
	portalsMax          = 1024                  // open portals a session; each may hold a running query
	pendingMax          = 128                   // connections beyond SessionsMax that may be in startup or sending a cancel
	copyRowMax          = 64 << 20              // bytes of one row of COPY FROM STDIN
	outFlushSize        = 64 << 10              // bytes; one write a 64 KB costs 49 ns a row (reference/sql-frontend.md §6)
	startupMessageMax   = 10_000                // bytes of a message before authentication, as PostgreSQL
	acceptBackoff       = 50 * time.Millisecond // pause after a failed accept (out of file descriptors)
)

// Config says how to serve. The zero value of every field but Engine works.
type Config struct {
	// Listen is the TCP address. Default 127.0.0.1:5433; port 0 takes a free one. Without a password it must be a
	// loopback address.
	Listen string
	// Engine opens the sessions.
	Engine session.Engine
	// Password, if set, is asked of every user by SCRAM-SHA-256. It may be a stored verifier
	// ("SCRAM-SHA-256$4096:salt$StoredKey:ServerKey", as in pg_authid).
	Password string
	// PasswordFile names a file whose first line is the Password. Not both.
	PasswordFile string
	// TLS, if not nil, answers SSLRequest; nil refuses TLS.
	TLS *tls.Config
	// TLSRequired refuses connections that do not ask for TLS (loopback included).
	TLSRequired bool
	// Logger takes the log; default slog.Default().
	Logger *slog.Logger
	// SessionsMax bounds the open sessions; default 200. One more is refused with 53300.
	SessionsMax int
	// MessageMax bounds one message after authentication, in bytes; default 64 MiB.
	MessageMax int
	// AuthTimeout bounds startup and authentication; default 1m.
	AuthTimeout time.Duration
	// WriteTimeout ends a connection whose client takes no byte for that long; default 5m.
	WriteTimeout time.Duration

	patrolEvery time.Duration // for tests; default patrolInterval
}

func (c Config) withDefaults() Config {
	if c.Listen == "" {
		c.Listen = listenDefault
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.SessionsMax <= 0 {
		c.SessionsMax = sessionsMaxDefault
	}
	if c.MessageMax <= 0 {
		c.MessageMax = messageMaxDefault
	}
	if c.AuthTimeout <= 0 {
		c.AuthTimeout = authTimeoutDefault
	}
	if c.WriteTimeout <= 0 {
		c.WriteTimeout = writeTimeoutDefault
	}
	if c.patrolEvery <= 0 {
		c.patrolEvery = patrolInterval
	}
	return c
}
