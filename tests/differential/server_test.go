package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// pgBin is where Debian keeps PostgreSQL 15's programs.
const pgBin = "/usr/lib/postgresql/15/bin"

// startPostgres starts a server of its own in a temporary directory, on a socket there, and returns its URL. The test is
// skipped, saying so, where PostgreSQL 15 is not installed.
func startPostgres(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(pgBin, "initdb")); err != nil {
		t.Skipf("no PostgreSQL 15 to compare with: %v", err)
	}
	dir, err := os.MkdirTemp("", "differential")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	as := serverUser(t, dir)
	run := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(pgBin, name), args...) //nolint:gosec // programs of one directory
		cmd.SysProcAttr, cmd.Dir = as, dir
		return cmd
	}
	data := filepath.Join(dir, "data")
	if out, err := run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	server := run("postgres", "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "logging_collector=off")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		_ = server.Wait()
		close(exited)
	}()
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT) // "fast shutdown"
		<-exited
	})
	url := fmt.Sprintf("host=%s user=postgres dbname=postgres", dir)
	waitFor(t, url, exited)
	return url
}

// serverUser is what the server runs as: not root, which PostgreSQL refuses. The directory is given to that user.
func serverUser(t *testing.T, dir string) *syscall.SysProcAttr {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 != nil || err2 != nil || os.Chown(dir, int(uid), int(gid)) != nil {
			continue
		}
		return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	t.Skip("no user to run PostgreSQL as")
	return nil
}

// waitFor waits until the server takes connections.
func waitFor(t *testing.T, url string, exited <-chan struct{}) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(30 * time.Second)
	for {
		conn, err := pgconn.Connect(context.Background(), url)
		if err == nil {
			_ = conn.Close(context.Background())
			return
		}
		select {
		case <-exited:
			t.Fatal("PostgreSQL ended while it started")
		case <-limit:
			t.Fatalf("PostgreSQL does not start: %v", err)
		case <-tick.C:
		}
	}
}
