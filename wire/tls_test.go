package wire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"streamsql/internal/pgerr"
	"streamsql/wire/wiretest"
)

func selfSigned(t *testing.T) *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// TestTLS: by SSLRequest and direct; with a push query, whose watcher interrupts reads of the TLS connection.
func TestTLS(t *testing.T) {
	st, feed, closed := push()
	eng := &wiretest.Engine{Script: map[string]*wiretest.Statement{"push": st, "one": {Tag: "ONE"}}}
	cert := selfSigned(t)
	s, url := serve(t, eng, func(c *Config) { c.TLS, c.TLSRequired, c.Password = cert, true, "x" })
	_, err := pgconn.Connect(testContext(t), withPassword(url, "x"))
	wantCode(t, err, pgerr.InvalidAuthorizationSpec)
	for _, mode := range []string{"sslmode=require", "sslmode=require&sslnegotiation=direct"} {
		c := connect(t, withPassword(strings.Replace(url, "sslmode=disable", mode, 1), "x"))
		for range 3 {
			mrr := c.Exec(testContext(t), "push")
			mrr.NextResult()
			feed <- wiretest.Ints(1)
			if rr := mrr.ResultReader(); !rr.NextRow() {
				t.Fatal("no row")
			}
			if err := c.CancelRequest(testContext(t)); err != nil {
				t.Fatal(err)
			}
			wantCode(t, mrr.Close(), pgerr.QueryCanceled)
			waitFor(t, "the result's end", closed)
			if _, err := c.Exec(testContext(t), "one").ReadAll(); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Plain text behind the SSLRequest could be anyone's.
	nc, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(testWait))
	io.WriteString(nc, "\x00\x00\x00\x08\x04\xd2\x16\x2fextra")
	if msg := lastError(t, nc); !strings.Contains(msg, "unencrypted data") {
		t.Errorf("plain text after SSLRequest: %q", msg)
	}
}

// TestNegotiation: requests for encryption that we do not have, newer minor versions and unknown protocol options.
func TestNegotiation(t *testing.T) {
	s, _ := serve(t, &wiretest.Engine{}, nil)
	for name, tc := range map[string]struct {
		version uint32
		params  map[string]string
		want    string // 'v' message's body
	}{
		"3.0":    {3 << 16, map[string]string{"user": "u"}, ""},
		"3.2":    {3<<16 | 2, map[string]string{"user": "u"}, "\x00\x03\x00\x00\x00\x00\x00\x00"},
		"grease": {3<<16 | 9999, map[string]string{"user": "u", "_pq_.b": "1", "_pq_.a": "2"}, "\x00\x03\x00\x00\x00\x00\x00\x02_pq_.a\x00_pq_.b\x00"},
		"option": {3 << 16, map[string]string{"user": "u", "_pq_.x": "1"}, "\x00\x03\x00\x00\x00\x00\x00\x01_pq_.x\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			nc, err := net.Dial("tcp", s.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			nc.SetDeadline(time.Now().Add(testWait))
			answer := make([]byte, 1)
			for _, code := range []uint32{gssCode, sslCode} {
				nc.Write(binary.BigEndian.AppendUint32([]byte{0, 0, 0, 8}, code))
				if _, err := io.ReadFull(nc, answer); err != nil || answer[0] != 'N' {
					t.Fatalf("answer %q, %v", answer, err)
				}
			}
			hello, _ := (&pgproto3.StartupMessage{ProtocolVersion: tc.version, Parameters: tc.params}).Encode(nil)
			nc.Write(hello)
			if tc.want != "" {
				if got := readUntil(t, nc, 'v'); string(got) != tc.want {
					t.Errorf("NegotiateProtocolVersion %q, want %q", got, tc.want)
				}
			}
			readUntil(t, nc, 'Z')
		})
	}
	for name, packet := range map[string]string{
		"version 2":      "\x00\x00\x00\x10\x00\x02\x00\x00user\x00u\x00\x00",
		"no terminator":  "\x00\x00\x00\x0f\x00\x03\x00\x00user\x00u\x00",
		"no user":        "\x00\x00\x00\x09\x00\x03\x00\x00\x00",
		"no params":      "\x00\x00\x00\x08\x00\x03\x00\x00",
		"replication":    "\x00\x00\x00\x21\x00\x03\x00\x00user\x00u\x00replication\x00true\x00\x00",
		"asking forever": strings.Repeat("\x00\x00\x00\x08\x04\xd2\x16\x2f", 3),
	} {
		nc, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		nc.SetDeadline(time.Now().Add(testWait))
		io.WriteString(nc, packet)
		data, _ := io.ReadAll(nc)
		if !strings.Contains(string(data), "SFATAL") {
			t.Errorf("%s: %q", name, data)
		}
		nc.Close()
	}
}
