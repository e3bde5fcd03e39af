package wire

import (
	"bytes"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// FuzzServe feeds bytes to a connection, as they are or behind a startup packet, and looks on: the session must not
// panic, must end, and must answer with well-formed messages only.
func FuzzServe(f *testing.F) {
	msg := func(ms ...pgproto3.FrontendMessage) []byte {
		var b []byte
		for _, m := range ms {
			b, _ = m.Encode(b)
		}
		return b
	}
	hello := msg(&pgproto3.StartupMessage{ProtocolVersion: 3 << 16, Parameters: map[string]string{"user": "u"}})
	f.Add(byte(0), hello)
	f.Add(byte(0), []byte("\x00\x00\x00\x08\x04\xd2\x16\x2f"))
	f.Add(byte(0), []byte("\x16\x03\x01"))
	f.Add(byte(2), append(hello, msg(&pgproto3.SASLInitialResponse{AuthMechanism: scramMechanism, Data: []byte("n,,n=,r=abc")}, &pgproto3.SASLResponse{Data: []byte("c=biws,r=abc,p=AAAA")})...))
	f.Add(byte(1), msg(&pgproto3.Query{String: "three; insert; division"}, &pgproto3.Terminate{}))
	f.Add(byte(1), msg(&pgproto3.Parse{Name: "s", Query: "batches"}, &pgproto3.Describe{ObjectType: 'S', Name: "s"}, &pgproto3.Bind{DestinationPortal: "p", PreparedStatement: "s", ResultFormatCodes: []int16{1}},
		&pgproto3.Execute{Portal: "p", MaxRows: 2}, &pgproto3.Execute{Portal: "p"}, &pgproto3.Close{ObjectType: 'P', Name: "p"}, &pgproto3.Flush{}, &pgproto3.Sync{}))
	f.Add(byte(1), msg(&pgproto3.Parse{Query: "param"}, &pgproto3.Bind{Parameters: [][]byte{{0, 0, 0, 1}, []byte("x")}, ParameterFormatCodes: []int16{1, 0}}, &pgproto3.Execute{}, &pgproto3.Sync{}))
	f.Add(byte(1), msg(&pgproto3.Query{String: "copy in"}, &pgproto3.CopyData{Data: []byte("1\ta\n\\.\n")}, &pgproto3.CopyDone{}, &pgproto3.Query{String: "copy csv; copy bin"}))
	f.Add(byte(1), []byte("B\x00\x00\x00\x10\x00\x00\x00\x00\x00\x01\xff\xff\xff\xfe\x00\x00"))
	f.Add(byte(1), []byte("Q\x7f\xff\xff\xffabc"))
	f.Fuzz(func(t *testing.T, mode byte, input []byte) {
		var log bytes.Buffer
		eng := traceEngine()
		delete(eng.Script, "panic")
		cfg := Config{Engine: eng, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})), MessageMax: 1 << 20, AuthTimeout: testWait}
		if mode&2 != 0 {
			cfg.Password = fuzzVerifier
		}
		s, err := newServer(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if mode&1 != 0 {
			input = append(bytes.Clone(hello), input...)
		}
		client := &scriptConn{input: input, piece: int(mode>>2) + 1}
		s.start(client)
		s.conns.Wait()
		if client.largest > 4*len(input)+4*readBufferMin {
			t.Errorf("%d bytes of input made a read buffer of %d", len(input), client.largest)
		}
		if bytes.Contains(log.Bytes(), []byte("panicked")) {
			t.Errorf("panic: %s", log.Bytes())
		}
		if eng.Sessions.Load() != 0 || eng.Results.Load() != 0 {
			t.Error("a session or a result is left open")
		}
		checkAnswers(t, client.output)
	})
}

// scriptConn is a connection whose client has said all it will say.
type scriptConn struct {
	net.Conn // nil: what is not overridden must not be called
	input    []byte
	piece    int // bytes, the most of a Read
	output   []byte
	largest  int // bytes, the largest buffer that a Read was given
}

func (c *scriptConn) Read(p []byte) (int, error) {
	c.largest = max(c.largest, len(p))
	if len(c.input) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), c.piece)], c.input)
	c.input = c.input[n:]
	return n, nil
}

func (c *scriptConn) Write(p []byte) (int, error) {
	c.output = append(c.output, p...)
	return len(p), nil
}

func (c *scriptConn) Close() error                     { return nil }
func (c *scriptConn) SetDeadline(time.Time) error      { return nil }
func (c *scriptConn) SetReadDeadline(time.Time) error  { return nil }
func (c *scriptConn) SetWriteDeadline(time.Time) error { return nil }
func (c *scriptConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }

var fuzzVerifier = func() string {
	v, err := deriveVerifier("x", []byte("salt"), 1)
	if err != nil {
		panic(err)
	}
	return v.String()
}()

// checkAnswers walks the server's messages; before them there may be answers to requests for encryption.
func checkAnswers(t *testing.T, data []byte) {
	for len(data) > 0 && data[0] == 'N' && (len(data) < 5 || binary.BigEndian.Uint32(data[1:]) > 1<<20) {
		data = data[1:]
	}
	for len(data) > 0 {
		if len(data) < 5 || int(binary.BigEndian.Uint32(data[1:])) < 4 || int(binary.BigEndian.Uint32(data[1:]))+1 > len(data) {
			t.Fatalf("malformed answer %q", data)
		}
		data = data[binary.BigEndian.Uint32(data[1:])+1:]
	}
}
