package wire

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"streamsql/internal/pgerr"
	"streamsql/wire/wiretest"
)

// testWait bounds every wait of the tests; reaching it is a failure.
const testWait = 20 * time.Second

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// serve starts a server on a free port and returns it and its URL. The cleanup shuts it down and checks that the
// engine holds nothing.
func serve(t *testing.T, eng *wiretest.Engine, change func(*Config)) (*Server, string) {
	t.Helper()
	cfg := Config{Listen: "127.0.0.1:0", Engine: eng, Logger: quiet()}
	if change != nil {
		change(&cfg)
	}
	s, err := NewServer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background()) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testWait)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if n := eng.Sessions.Load(); n != 0 {
			t.Errorf("%d sessions are open after Shutdown", n)
		}
		if n := eng.Results.Load(); n != 0 {
			t.Errorf("%d results are open after Shutdown", n)
		}
	})
	return s, "postgres://u@" + s.Addr().String() + "/db?sslmode=disable"
}

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), testWait)
	t.Cleanup(cancel)
	return ctx
}

func connect(t *testing.T, url string) *pgconn.PgConn {
	t.Helper()
	c, err := pgconn.Connect(testContext(t), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

// wantCode fails the test unless err is a server error with that SQLSTATE.
func wantCode(t *testing.T, err error, code string) *pgconn.PgError {
	t.Helper()
	var pe *pgconn.PgError
	if !errors.As(err, &pe) || pe.Code != code {
		t.Fatalf("error is %v, want SQLSTATE %s", err, code)
	}
	return pe
}

func TestNewServerRefusesOpenListener(t *testing.T) {
	eng := &wiretest.Engine{}
	for _, listen := range []string{"0.0.0.0:0", ":0", "[::]:0"} {
		if _, err := NewServer(Config{Listen: listen, Engine: eng}); err == nil || !strings.Contains(err.Error(), "without a password") {
			t.Errorf("Listen %q without a password: error %v", listen, err)
		}
	}
	s, err := NewServer(Config{Listen: "0.0.0.0:0", Engine: eng, Password: "x"})
	if err != nil {
		t.Fatalf("with a password: %v", err)
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestNewServerPasswordFile(t *testing.T) {
	dir := t.TempDir()
	empty, good := filepath.Join(dir, "empty"), filepath.Join(dir, "good")
	os.WriteFile(empty, []byte("\nsecret"), 0o600)
	os.WriteFile(good, []byte("secret\r\nignored"), 0o600)
	eng := &wiretest.Engine{}
	for _, cfg := range []Config{
		{PasswordFile: empty}, {PasswordFile: filepath.Join(dir, "none")}, {PasswordFile: good, Password: "x"},
		{Password: "SCRAM-SHA-256$4096:bad"},
	} {
		cfg.Listen, cfg.Engine = "127.0.0.1:0", eng
		if _, err := NewServer(cfg); err == nil {
			t.Errorf("NewServer(%+v) gave no error", cfg)
		}
	}
	_, url := serve(t, eng, func(c *Config) { c.PasswordFile = good })
	if _, err := pgconn.Connect(testContext(t), withPassword(url, "ignored")); err == nil {
		t.Error("the file's second line is a password")
	}
	connect(t, withPassword(url, "secret"))
}

func withPassword(url, password string) string {
	return strings.Replace(url, "u@", "u:"+password+"@", 1)
}

func TestPassword(t *testing.T) {
	v, err := deriveVerifier("sesame", []byte("0123456789abcdef"), 4096)
	if err != nil {
		t.Fatal(err)
	}
	for name, password := range map[string]string{"plain": "sesame", "verifier": v.String()} {
		t.Run(name, func(t *testing.T) {
			_, url := serve(t, &wiretest.Engine{}, func(c *Config) { c.Password = password })
			connect(t, withPassword(url, "sesame"))
			for _, wrong := range []string{"sesam", "sesame1", "Sesame"} {
				_, err := pgconn.Connect(testContext(t), withPassword(url, wrong))
				wantCode(t, err, pgerr.InvalidPassword)
			}
		})
	}
}

func TestSessionsMax(t *testing.T) {
	_, url := serve(t, &wiretest.Engine{}, func(c *Config) { c.SessionsMax = 2 })
	first := connect(t, url)
	connect(t, url)
	_, err := pgconn.Connect(testContext(t), url)
	wantCode(t, err, pgerr.TooManyConnections)
	first.Close(context.Background())
	<-first.CleanupDone()
	until(t, "a slot is free", func() bool {
		c, err := pgconn.Connect(testContext(t), url)
		if err == nil {
			c.Close(context.Background())
		}
		return err == nil
	})
}

// until polls a condition that another goroutine is about to make true.
func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(testWait); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func TestEngineRefusesSession(t *testing.T) {
	eng := &wiretest.Engine{OpenErr: pgerr.New(pgerr.InvalidCatalogName, "database %q does not exist", "db")}
	_, url := serve(t, eng, nil)
	_, err := pgconn.Connect(testContext(t), url)
	wantCode(t, err, pgerr.InvalidCatalogName)
}

func TestStartupParameters(t *testing.T) {
	got := make(chan map[string]string, 1)
	_, url := serve(t, &wiretest.Engine{Params: func(p map[string]string) { got <- p }}, nil)
	c := connect(t, url+"&application_name=me&timezone=UTC")
	p := <-got
	if p["user"] != "u" || p["database"] != "db" || p["application_name"] != "me" || p["timezone"] != "UTC" {
		t.Errorf("startup parameters: %v", p)
	}
	if v := c.ParameterStatus("standard_conforming_strings"); v != "on" {
		t.Errorf("ParameterStatus standard_conforming_strings = %q", v)
	}
	if c.PID() == 0 {
		t.Error("no BackendKeyData")
	}
}
