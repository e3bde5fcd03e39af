package sqlclient

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/wire"
	"streamsql/wire/wiretest"
)

const testWait = 20 * time.Second

// serve starts a server over the scripted engine and returns its URL.
func serve(t *testing.T, script map[string]*wiretest.Statement) string {
	t.Helper()
	s, err := wire.NewServer(wire.Config{Listen: "127.0.0.1:0", Engine: &wiretest.Engine{Script: script}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background()) }()
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		<-served
	})
	return "postgres://u@" + s.Addr().String() + "/db?sslmode=disable"
}

func columns() []session.Column {
	return []session.Column{wiretest.Col("n", types.Int8), wiretest.Col("name", types.Text)}
}

func script() map[string]*wiretest.Statement {
	return map[string]*wiretest.Statement{
		"rows":   wiretest.Query(columns(), wiretest.Batch(&batch.Ints{V: []int64{1, 22}}, wiretest.Texts("ä\nb", nil))),
		"none":   wiretest.Query(columns()),
		"insert": {Tag: "INSERT 0 3"},
		"select\n\tbäd": {Err: pgerr.At(len("select\n\tb"), pgerr.UndefinedColumn, "no column").
			WithDetail("Looked everywhere.").WithHint("Look elsewhere.")},
		"late": {Kind: session.Rows, Columns: columns()[:1], Batches: []*batch.Batch{wiretest.Ints(7)}, LateErr: pgerr.New(pgerr.DivisionByZero, "division by zero")},
		"noisy": {Tag: "OK", Call: func(_ context.Context, s *wiretest.Session, _ []types.Value, st wiretest.Statement) (wiretest.Statement, error) {
			s.Pending = append(s.Pending, session.Notice{Severity: "NOTICE", Code: "00000", Message: "look"})
			return st, nil
		}},
		"copy (rows) to stdout": {Kind: session.CopyOut, Columns: columns(), Tag: "COPY ",
			Batches: []*batch.Batch{wiretest.Batch(&batch.Ints{V: []int64{1}}, wiretest.Texts(nil))}},
	}
}

const rowsPrinted = " n  | name\n----+------\n  1 | ä\\nb\n 22 | \n(2 rows)\n\n"

// run runs the options against a scripted server.
func run(t *testing.T, o Options) (out, errOut string, err error) {
	t.Helper()
	var b, e bytes.Buffer
	if o.URL == "" {
		o.URL = serve(t, script())
	}
	if o.In == nil {
		o.In = strings.NewReader("")
	}
	o.Out, o.Err = &b, &e
	o.Interrupts = make(chan os.Signal)
	ctx, cancel := context.WithTimeout(context.Background(), testWait)
	defer cancel()
	err = Run(ctx, o)
	return b.String(), e.String(), err
}

func TestCommands(t *testing.T) {
	out, errOut, err := run(t, Options{Commands: []string{"rows", "none; insert", "noisy", "copy (rows) to stdout", ""}})
	want := rowsPrinted + " n | name\n---+------\n(0 rows)\n\nINSERT 0 3\nOK\n1\t\\N\nCOPY 1\n"
	if err != nil || out != want || errOut != "NOTICE:  look\n" {
		t.Errorf("error %v, printed\n%s\nwant\n%s\nand %q", err, out, want, errOut)
	}
}

func TestErrors(t *testing.T) {
	out, errOut, err := run(t, Options{Commands: []string{"insert", "insert; select\n\tbäd; insert", "insert"}})
	// The script's position counts in the statement; the text has "insert; " before it.
	if !errors.Is(err, ErrFailed) || out != "INSERT 0 3\nINSERT 0 3\n" || !strings.HasPrefix(errOut, "ERROR:  no column\nLINE ") {
		t.Errorf("error %v, printed %q and %q", err, out, errOut)
	}
	_, errOut, _ = run(t, Options{Commands: []string{"select\n\tbäd"}})
	if want := "ERROR:  no column\nLINE 2:  bäd\n          ^\nDETAIL:  Looked everywhere.\nHINT:  Look elsewhere.\n"; errOut != want {
		t.Errorf("printed\n%swant\n%s", errOut, want)
	}
	out, errOut, err = run(t, Options{Commands: []string{"late"}})
	if out != " n\n---\n 7\n" || errOut != "ERROR:  division by zero\n" || !errors.Is(err, ErrFailed) {
		t.Errorf("error %v, printed %q and %q", err, out, errOut)
	}
	if _, _, err = run(t, Options{URL: "postgres://u@127.0.0.1:1/x?sslmode=disable", Commands: []string{"rows"}}); err == nil {
		t.Error("no error without a server")
	}
}

func TestPrintLine(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, tc := range []struct {
		text string
		at   int32
		want string
	}{
		{"select a", 8, "LINE 1: select a\n               ^\n"},
		{"a\nb c\nd", 5, "LINE 2: b c\n          ^\n"},
		{"a", 2, "LINE 1: a\n         ^\n"},
		{long, 1, "LINE 1: " + long[:lineMax] + "...\n        ^\n"},
		{long + "y" + long, 201, "LINE 1: ..." + long[:36] + "y" + long[:35] + "...\n" + strings.Repeat(" ", 8+3+36) + "^\n"},
		{"a", 9, ""},
	} {
		var b bytes.Buffer
		printError(&b, &pgconn.PgError{Severity: "ERROR", Message: "m", Position: tc.at}, tc.text)
		if got := strings.TrimPrefix(b.String(), "ERROR:  m\n"); got != tc.want {
			t.Errorf("%.20q at %d:\n%swant\n%s", tc.text, tc.at, got, tc.want)
		}
	}
}

func TestFile(t *testing.T) {
	var got [][]byte
	sc := script()
	sc["copy t from stdin"] = &wiretest.Statement{Kind: session.CopyIn, Columns: columns(), Tag: "COPY ", Rows: func(f [][]byte) error {
		got = append(got, f...)
		return nil
	}}
	name := filepath.Join(t.TempDir(), "x.sql")
	text := "-- a comment;\ninsert;insert\n;\ncopy t from stdin;\n1\ta\n2\tb\n\\.\nrows"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	url := serve(t, sc)
	for _, o := range []Options{{Files: []string{name}}, {Files: []string{"-"}, In: strings.NewReader(text)}, {In: strings.NewReader(text)}} {
		got = nil
		o.URL = url
		out, errOut, err := run(t, o)
		if want := "INSERT 0 3\nINSERT 0 3\nCOPY 2\n" + rowsPrinted; err != nil || out != want || errOut != "" {
			t.Errorf("%+v: error %v, printed\n%s%s", o, err, out, errOut)
		}
		if s := string(bytes.Join(got, []byte(","))); s != "1,a,2,b" {
			t.Errorf("COPY received %q", s)
		}
	}
}

// screen is an output that can be waited on.
type screen struct {
	mu   sync.Mutex
	cond *sync.Cond
	text strings.Builder
}

func newScreen() *screen {
	s := &screen{}
	s.cond = sync.NewCond(&s.mu)
	return s
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(p)
	s.cond.Broadcast()
	return len(p), nil
}

// wait waits until want has been printed.
func (s *screen) wait(t *testing.T, want string) {
	t.Helper()
	late := false
	timer := time.AfterFunc(testWait, func() {
		s.mu.Lock()
		late = true
		s.mu.Unlock()
		s.cond.Broadcast()
	})
	defer timer.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !strings.Contains(s.text.String(), want) {
		if late {
			t.Fatalf("waited in vain for %q, printed %q", want, s.text.String())
		}
		s.cond.Wait()
	}
}

// TestInteractive: live rows, Ctrl-C during a statement and at the prompt, errors that do not end the session.
func TestInteractive(t *testing.T) {
	feed, closed := make(chan *batch.Batch), make(chan struct{}, 1)
	sc := script()
	sc["push"] = &wiretest.Statement{Kind: session.Rows, Columns: columns()[:1], Tag: "SELECT ", Feed: feed, Closed: closed}
	in, keys := io.Pipe()
	out, errs := newScreen(), newScreen()
	interrupts := make(chan os.Signal)
	done := make(chan error, 1)
	go func() {
		done <- Run(context.Background(), Options{URL: serve(t, sc), In: in, Out: out, Err: errs, Interactive: true, Interrupts: interrupts})
	}()
	errs.wait(t, "streamsql=> ")
	io.WriteString(keys, "push;\n")
	feed <- wiretest.Ints(1)
	out.wait(t, " n\n---\n 1\n") // before the query goes on
	feed <- wiretest.Ints(22)
	out.wait(t, " 22\n")
	interrupts <- os.Interrupt
	errs.wait(t, "Cancel request sent\nERROR:  canceling statement due to user request\nstreamsql=> ")
	<-closed
	io.WriteString(keys, "wrong;\n")
	errs.wait(t, "LINE 1: wrong;\n        ^\nstreamsql=> ")
	io.WriteString(keys, "begin;\n")
	errs.wait(t, "streamsql=*> ")
	io.WriteString(keys, "wrong\n")
	errs.wait(t, "streamsql-*> ")
	interrupts <- os.Interrupt
	errs.wait(t, "streamsql-*> \nstreamsql=*> ")
	io.WriteString(keys, "wrong;\n")
	errs.wait(t, "streamsql=!> ")
	io.WriteString(keys, "rollback;\n\\d\n")
	errs.wait(t, "psql")
	io.WriteString(keys, "insert;\n")
	out.wait(t, "INSERT 0 3\n")
	io.WriteString(keys, "\\q\n")
	if err := <-done; err != nil {
		t.Error(err)
	}
	keys.Close()
}

// TestContextEndsStatement: the end of the context cancels the statement and ends Run.
func TestContextEndsStatement(t *testing.T) {
	feed, closed := make(chan *batch.Batch), make(chan struct{}, 1)
	url := serve(t, map[string]*wiretest.Statement{"push": {Kind: session.Rows, Columns: columns()[:1], Tag: "SELECT ", Feed: feed, Closed: closed}})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, Options{URL: url, Commands: []string{"push"}, In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, Interrupts: make(chan os.Signal)})
	}()
	feed <- wiretest.Ints(1)
	cancel()
	<-closed
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestSplitter(t *testing.T) {
	for _, tc := range []struct{ text, want, rest string }{
		{"a;b;", "a;|b;", ""},
		{" a ; ; b", "a ;", "b"},
		{"a ';' b; c", "a ';' b;", "c"},
		{"a ';\n;' b;", "a ';\n;' b;", ""},
		{"a '''; ' ;", "a '''; ' ;", ""},
		{`a E'\'; ' ;`, `a E'\'; ' ;`, ""},
		{`a '\' ; b;`, `a '\' ;|b;`, ""},
		{`a "x;" ;`, `a "x;" ;`, ""},
		{"a -- ;\n;", "a -- ;\n;", ""},
		{"a /* ; /* ; */ ; */ ;", "a /* ; /* ; */ ; */ ;", ""},
		{"a $$ ; $$ ; b $x$ ; $$ ; $x$;", "a $$ ; $$ ;|b $x$ ; $$ ; $x$;", ""},
		{"a $1;", "a $1;", ""},
		{"a (;) ;", "a (;) ;", ""},
		{"-- only\n", "", ""},
		{";;", "", ""},
	} {
		var s splitter
		var got []string
		for _, line := range strings.SplitAfter(tc.text, "\n") {
			got = append(got, s.add(line)...)
		}
		if strings.Join(got, "|") != tc.want || s.rest() != tc.rest {
			t.Errorf("%q: %q rest %q, want %q rest %q", tc.text, got, s.rest(), tc.want, tc.rest)
		}
	}
}
