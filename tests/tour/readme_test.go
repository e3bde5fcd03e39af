package tour

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// waitMax bounds the wait for a block's output; a whole tour takes seconds.
const waitMax = 30 * time.Second

// shell is one bash that runs the whole tour, as a reader's terminal does.
type shell struct {
	t     *testing.T
	ports ports
	in    io.Writer
	lines chan string
}

// endMark is printed after each block.
const endMark = "~~ end of block ~~"

func newShell(t *testing.T) *shell {
	s := &shell{t: t, ports: freePorts(t), lines: make(chan string, 10000)}
	dir := t.TempDir()
	cmd := exec.Command("bash")
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(binary)+":"+os.Getenv("PATH"), "PSQLRC=/dev/null", "STREAMSQL_URL="+s.ports.url(),
		"STREAMSQL_LISTEN=127.0.0.1:"+s.ports.pg, "STREAMSQL_HTTP_LISTEN=127.0.0.1:"+s.ports.http, "STREAMSQL_KAFKA_LISTEN=127.0.0.1:"+s.ports.kafka)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr, s.in = w, w, in
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	go func() {
		sc := bufio.NewScanner(r)
		for sc.Scan() {
			s.lines <- sc.Text()
		}
		close(s.lines)
	}()
	t.Cleanup(func() {
		in.Close()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the server, if a failure left it running
		_ = cmd.Wait()
		r.Close()
	})
	return s
}

// run runs a block and returns what it printed, with the ports that the document names.
func (s *shell) run(f fence, expected string) string {
	text := strings.Join(f.lines, "\n")
	if f.info == "sql" {
		text = "streamsql sql <<'SQL'\n" + text + "\nSQL"
	}
	text = strings.NewReplacer("5433", s.ports.pg, "8088", s.ports.http, "9092", s.ports.kafka,
		"streamsql produce", "STREAMSQL_BROKERS=127.0.0.1:"+s.ports.kafka+" streamsql produce").Replace(text)
	if _, err := fmt.Fprintf(s.in, "%s\necho; echo '%s'\n", text, endMark); err != nil {
		s.t.Fatal(err)
	}
	more := 0 // a server prints on its own time
	if strings.Contains(text, "streamsql serve") {
		more = len(strings.Split(expected, "\n"))
	}
	var out []string
	timeout := time.After(waitMax)
	for ended := false; !ended || more > 0; {
		select {
		case l, ok := <-s.lines:
			switch {
			case !ok:
				s.t.Fatal("the shell has ended")
			case l == endMark:
				ended = true
			case l != "":
				more--
				fallthrough
			default:
				out = append(out, l)
			}
		case <-timeout:
			s.t.Fatalf("no end of output after %v:\n%s", waitMax, strings.Join(out, "\n"))
		}
	}
	back := strings.NewReplacer(s.ports.pg, "5433", s.ports.http, "8088", s.ports.kafka, "9092")
	return clean(back.Replace(strings.Join(out, "\n")))
}

// changes tells the blocks that must not be run twice.
var changes = regexp.MustCompile(`(?i)\b(create|insert|update|delete|drop|begin|produce|kcat|kill|serve|rm)\b`)

// TestReadme runs README.md's tour from its first block to its last and compares what is printed.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers")
	}
	d := readDocument(t, "README.md")
	printed := map[int]string{}
	sh := newShell(t)
	skipped := ""
	for _, i := range d.between(t, "<!-- tour -->", "<!-- end of tour -->") {
		f := d.fences[i]
		if f.info != "sh" && f.info != "sql" {
			continue
		}
		text, want := strings.Join(f.lines, "\n"), d.expected(i)
		if p := missingProgram(text); p != "" {
			t.Logf("README.md:%d: not run: %s is not installed", f.first, p)
			skipped += p
			continue
		}
		if *rewrite {
			time.Sleep(300 * time.Millisecond) // what was produced is in the views by then
		}
		got := sh.run(f, want)
		for deadline := time.Now().Add(5 * time.Second); !same(got, want) && !changes.MatchString(text) && time.Now().Before(deadline) && !*rewrite; {
			got = sh.run(f, want) // what was produced just before is on its way into the views
		}
		if printed[i] = got; !same(got, want) && !*rewrite && d.output(i) >= 0 {
			t.Fatalf("README.md:%d:\n%s\n--- printed\n%s\n--- but the document says\n%s", f.first, text, got, want)
		}
	}
	if *rewrite && skipped == "" {
		d.rewriteWith(t, printed)
	}
}

// missingProgram returns the client that a block needs and this machine does not have.
func missingProgram(text string) string {
	for _, p := range []string{"psql", "kcat"} {
		if regexp.MustCompile(`(?m)(^|\| )` + p + `\b`).MatchString(text) {
			if _, err := exec.LookPath(p); err != nil {
				return p
			}
		}
	}
	return ""
}
