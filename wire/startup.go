package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"net"
	"sort"
	"strings"
	"time"

	"github.com/jackc/pgproto3/v2"

	"streamsql/internal/pgerr"
)

// Codes of the first packet: a protocol version, or a request in its place.
const (
	protocol30    = 3 << 16
	cancelCode    = 1234<<16 | 5678
	sslCode       = 1234<<16 | 5679
	gssCode       = 1234<<16 | 5680
	tlsRecordByte = 0x16 // a TLS handshake instead of a startup packet: direct TLS
	startupAsks   = 2    // SSLRequest and GSSENCRequest may come before the startup packet, once each
)

// startup takes a connection to its first ReadyForQuery.
func (c *conn) startup() error {
	c.setReadDeadline(time.Now().Add(c.server.cfg.AuthTimeout))
	params, err := c.negotiate()
	if err != nil {
		return err
	}
	if err := c.authenticate(params["user"]); err != nil {
		return err
	}
	if err := c.server.admit(c); err != nil {
		return err
	}
	if c.sess, err = c.server.cfg.Engine.Open(c.ctx, params); err != nil {
		return openError(err)
	}
	c.setReadDeadline(time.Time{})
	c.in.max = c.server.cfg.MessageMax
	c.out.buf = appendAuth(c.out.buf, pgproto3.AuthTypeOk, nil)
	for _, s := range c.sess.Status() {
		c.out.buf = appendParameterStatus(c.out.buf, s)
	}
	c.sess.Changed() // all of it has just been told
	c.out.buf = appendBackendKey(c.out.buf, c.id, c.secret)
	c.server.cfg.Logger.Debug("session opened", "session", c.id, "user", params["user"])
	return c.ready()
}

func openError(err error) error {
	if errors.Is(err, context.Canceled) {
		return errDone
	}
	return pgerr.From(err)
}

// negotiate answers requests for encryption until the startup packet comes, and returns its parameters.
func (c *conn) negotiate() (map[string]string, error) {
	secure := false
	for range startupAsks + 1 {
		body, direct, err := c.firstPacket(secure)
		if err != nil {
			return nil, err
		}
		if direct {
			if err := c.startTLS(c.in.buf[c.in.r:c.in.w]); err != nil {
				return nil, err
			}
			secure = true
			continue
		}
		switch code := binary.BigEndian.Uint32(body); {
		case code == cancelCode && len(body) == 12:
			c.server.cancel(binary.BigEndian.Uint32(body[4:]), binary.BigEndian.Uint32(body[8:]))
			return nil, errDone
		case code == gssCode:
			err = c.answer('N')
		case code == sslCode && (secure || c.server.cfg.TLS == nil):
			err = c.answer('N')
		case code == sslCode:
			secure = true
			err = c.acceptTLS()
		default:
			if c.server.cfg.TLSRequired && !secure {
				return nil, pgerr.New(pgerr.InvalidAuthorizationSpec, "the server requires TLS").WithHint("Connect with sslmode=require.")
			}
			return c.version(code, body[4:])
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, pgerr.New(pgerr.ProtocolViolation, "too many requests before the startup packet")
}

// firstPacket reads a packet without a type byte. direct means that a TLS handshake has come instead.
func (c *conn) firstPacket(secure bool) (body []byte, direct bool, err error) {
	for c.in.buffered() == 0 {
		if err := c.in.fill(); err != nil {
			return nil, false, c.readError(err)
		}
	}
	if c.in.buf[c.in.r] == tlsRecordByte && !secure && c.server.cfg.TLS != nil {
		return nil, true, nil
	}
	header, err := c.in.Next(4)
	if err != nil {
		return nil, false, c.readError(err)
	}
	size := binary.BigEndian.Uint32(header)
	if size < 8 || size > startupMessageMax {
		return nil, false, pgerr.New(pgerr.ProtocolViolation, "invalid length of startup packet")
	}
	if body, err = c.in.Next(int(size) - 4); err != nil {
		return nil, false, c.readError(err)
	}
	return body, false, nil
}

func (c *conn) readError(err error) error {
	if isTimeout(err) {
		return c.timedOut()
	}
	return errDone
}

// answer sends the one byte that answers a request for encryption.
func (c *conn) answer(b byte) error {
	c.out.buf = append(c.out.buf, b)
	return c.out.flush()
}

// acceptTLS agrees to an SSLRequest. Bytes that came before the handshake were not encrypted and could be anyone's.
func (c *conn) acceptTLS() error {
	if c.in.buffered() > 0 {
		return pgerr.New(pgerr.ProtocolViolation, "received unencrypted data after SSL request")
	}
	if err := c.answer('S'); err != nil {
		return err
	}
	return c.startTLS(nil)
}

// startTLS makes the connection a TLS one. early is what has been read of the handshake.
func (c *conn) startTLS(early []byte) error {
	tc := tls.Server(&earlyConn{Conn: c.in.conn, early: bytes.Clone(early)}, c.server.cfg.TLS)
	ctx, cancel := context.WithTimeout(c.ctx, c.server.cfg.AuthTimeout)
	defer cancel()
	if err := tc.HandshakeContext(ctx); err != nil {
		c.server.cfg.Logger.Debug("TLS handshake failed", "session", c.id, "err", err)
		return errDone
	}
	c.attach(tc)
	return nil
}

// earlyConn gives back bytes that were read from the connection too early.
type earlyConn struct {
	net.Conn
	early []byte
}

func (e *earlyConn) Read(p []byte) (int, error) {
	if len(e.early) > 0 {
		n := copy(p, e.early)
		e.early = e.early[n:]
		return n, nil
	}
	return e.Conn.Read(p)
}

// version reads the startup packet's parameters and negotiates the protocol down to 3.0.
func (c *conn) version(code uint32, body []byte) (map[string]string, error) {
	if major, minor := code>>16, code&0xffff; major != 3 {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "unsupported frontend protocol %d.%d: server supports 3.0", major, minor)
	}
	params, err := startupParams(body)
	if err != nil {
		return nil, err
	}
	var unknown []string
	for name := range params {
		if strings.HasPrefix(name, "_pq_.") {
			unknown = append(unknown, name)
			delete(params, name)
		}
	}
	if code != protocol30 || len(unknown) > 0 {
		sort.Strings(unknown)
		c.out.buf = appendNegotiate(c.out.buf, unknown)
	}
	if params["user"] == "" {
		return nil, pgerr.New(pgerr.InvalidAuthorizationSpec, "no PostgreSQL user name specified in startup packet")
	}
	if r := params["replication"]; r != "" && r != "false" && r != "off" && r != "no" && r != "0" {
		return nil, pgerr.Unsupported(pgerr.NoPos, "replication connection")
	}
	if params["database"] == "" {
		params["database"] = params["user"]
	}
	return params, nil
}

// startupParams reads name and value strings up to an empty name.
func startupParams(body []byte) (map[string]string, error) {
	bad := pgerr.New(pgerr.ProtocolViolation, "invalid startup packet layout: expected terminator as last byte")
	params := make(map[string]string)
	for {
		name, rest, ok := bytes.Cut(body, []byte{0})
		if !ok {
			return nil, bad
		}
		if len(name) == 0 {
			if len(rest) > 0 {
				return nil, bad
			}
			return params, nil
		}
		value, rest, ok := bytes.Cut(rest, []byte{0})
		if !ok {
			return nil, bad
		}
		params[string(name)] = string(value)
		body = rest
	}
}

// authenticate asks for the password if there is one.
func (c *conn) authenticate(user string) error {
	if c.server.verifier == nil {
		return nil
	}
	err := c.scramExchange()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errScramProof):
		c.server.cfg.Logger.Warn("password authentication failed", "session", c.id, "user", user, "from", c.in.conn.RemoteAddr().String())
		return pgerr.New(pgerr.InvalidPassword, "password authentication failed for user %q", user)
	case errors.Is(err, errScramMalformed):
		return pgerr.New(pgerr.ProtocolViolation, "malformed SCRAM message")
	}
	return err
}

func (c *conn) scramExchange() error {
	x := &scram{v: c.server.verifier}
	c.out.buf = appendAuth(c.out.buf, pgproto3.AuthTypeSASL, []byte(scramMechanism+"\x00\x00"))
	if err := c.out.flush(); err != nil {
		return errDone
	}
	first, err := c.receiveSASL(pgproto3.AuthTypeSASL)
	if err != nil {
		return err
	}
	answer, err := x.first(string(first), newNonce())
	if err != nil {
		return err
	}
	c.out.buf = appendAuth(c.out.buf, pgproto3.AuthTypeSASLContinue, []byte(answer))
	if err := c.out.flush(); err != nil {
		return errDone
	}
	final, err := c.receiveSASL(pgproto3.AuthTypeSASLContinue)
	if err != nil {
		return err
	}
	if answer, err = x.final(string(final)); err != nil {
		return err
	}
	c.out.buf = appendAuth(c.out.buf, pgproto3.AuthTypeSASLFinal, []byte(answer))
	return nil
}

// receiveSASL returns the data of the client's next SASL message.
func (c *conn) receiveSASL(step uint32) ([]byte, error) {
	if err := c.backend.SetAuthType(step); err != nil {
		return nil, err
	}
	msg, err := c.receive()
	if err != nil {
		return nil, err
	}
	switch m := msg.(type) {
	case *pgproto3.SASLInitialResponse:
		if m.AuthMechanism != scramMechanism {
			return nil, pgerr.New(pgerr.ProtocolViolation, "client selected an invalid SASL authentication mechanism")
		}
		return m.Data, nil
	case *pgproto3.SASLResponse:
		return m.Data, nil
	case *pgproto3.Terminate:
		return nil, errDone
	}
	return nil, pgerr.New(pgerr.ProtocolViolation, "expected SASL response")
}
