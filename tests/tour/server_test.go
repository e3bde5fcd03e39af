package tour

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "tour")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "streamsql")
	if out, err := exec.Command("go", "build", "-o", binary, root+"cmd/streamsql").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// ports are free ports for the listeners of a server.
type ports struct{ pg, http, kafka string }

func freePorts(t *testing.T) ports {
	t.Helper()
	var p [3]string
	for i := range p {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, p[i], _ = net.SplitHostPort(l.Addr().String())
	}
	return ports{p[0], p[1], p[2]}
}

// url is where clients connect.
func (p ports) url() string { return "postgres://streamsql@127.0.0.1:" + p.pg + "/streamsql" }

// flags make serve use these ports and a data directory.
func (p ports) flags(dir string) []string {
	return []string{"--listen", "127.0.0.1:" + p.pg, "--http-listen", "127.0.0.1:" + p.http, "--kafka-listen", "127.0.0.1:" + p.kafka, "--data-dir", dir}
}

// startServer runs a server of its own until the test ends.
func startServer(t *testing.T) ports {
	t.Helper()
	p := freePorts(t)
	cmd := exec.Command(binary, append([]string{"serve"}, p.flags(t.TempDir())...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.HasPrefix(line, "streamsql ") {
		t.Fatalf("serve said %q (%v)", line, err)
	}
	return p
}
