package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"streamsql/internal/pgerr"
	"streamsql/internal/session"
)

func TestFailedTransaction(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE TABLE t (k INT PRIMARY KEY, v INT); CREATE STREAM s (v INT)")
	c.run("BEGIN; INSERT INTO t VALUES (1,1); INSERT INTO s VALUES (1); INSERT INTO s VALUES (2)")
	c.wantErr("SELECT 1/0", pgerr.DivisionByZero)
	if c.s.TxStatus() != session.Failed {
		t.Fatalf("status %c", c.s.TxStatus())
	}
	c.wantErr("INSERT INTO t VALUES (2,2)", pgerr.InFailedSQLTransaction)
	c.wantErr("BEGIN", pgerr.InFailedSQLTransaction)
	c.want("COMMIT", "ROLLBACK")
	c.want("SELECT count(*) FROM t", "0")
	c.want("SELECT count(*) FROM s", "0")
	c.run("BEGIN; INSERT INTO s VALUES (1); INSERT INTO s VALUES (2); INSERT INTO s SELECT k FROM t; COMMIT")
	c.want("SELECT count(*) FROM s", "2")
	c.run("BEGIN; INSERT INTO s VALUES (3)")
	c.wantErr("INSERT INTO s SELECT v FROM s", pgerr.FeatureNotSupported)
	c.run("ROLLBACK")
	c.run("BEGIN")
	c.run("CREATE TABLE kept (k INT PRIMARY KEY)")
	c.s.Notices()
	c.run("ROLLBACK")
	if n := c.s.Notices(); len(n) != 1 || n[0].Severity != "WARNING" {
		t.Fatalf("a ROLLBACK that does not undo CREATE said %v", n)
	}
}

func TestSettingsAndTransactions(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("SET TimeZone = 'Europe/Berlin'")
	c.run("BEGIN; SET LOCAL TimeZone = 'Asia/Tokyo'; SET application_name = 'x'; SET LOCAL strange = '1'")
	c.want("SHOW TimeZone", "Asia/Tokyo")
	c.run("COMMIT")
	c.want("SHOW TimeZone", "Europe/Berlin")
	c.want("SHOW application_name", "x")
	c.wantErr("SHOW strange", pgerr.UndefinedObject)
	c.run("BEGIN; SET TimeZone = 'Asia/Tokyo'; SET other = '1'; RESET application_name; ROLLBACK")
	c.want("SHOW TimeZone", "Europe/Berlin")
	c.want("SHOW application_name", "x")
	c.wantErr("SHOW other", pgerr.UndefinedObject)
	c.run("BEGIN; SET LOCAL TimeZone = 'Asia/Tokyo'; SET TimeZone = 'UTC'; COMMIT")
	c.want("SHOW TimeZone", "UTC")
	c.wantErr("SET TimeZone = 'Nowhere'", pgerr.InvalidParameterValue)
	c.wantErr("SET server_version = '1'", pgerr.CantChangeRuntimeParam)
	c.run("SET nosuch = 1")
	c.want("SHOW nosuch", "1")
	c.run("RESET nosuch")
	c.wantErr("SHOW nosuch", pgerr.UndefinedObject)
}

// TestStatementTimeout: the setting ends statements, push queries and FETCH alike.
func TestStatementTimeout(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	before := w.shape()
	c.run("CREATE TABLE t (k INT PRIMARY KEY)")
	c.run("SET statement_timeout = '30ms'")
	c.wantErr("SUBSCRIBE TO t", pgerr.QueryCanceled)
	c.wantErr("COPY (SUBSCRIBE TO t) TO STDOUT", pgerr.QueryCanceled)
	c.run("BEGIN; DECLARE p CURSOR FOR SUBSCRIBE TO t")
	if _, err := c.try("FETCH 1 FROM p"); pgerr.Code(err) != pgerr.QueryCanceled || !strings.Contains(err.Error(), "statement timeout") {
		t.Fatalf("FETCH: %v", err)
	}
	c.run("ROLLBACK; SET statement_timeout = 0")
	// A writer that waits for its turn can be cancelled.
	if err := w.e.dml.lock(w.ctx); err != nil {
		t.Fatal(err)
	}
	c.run("SET statement_timeout = 30")
	c.wantErr("INSERT INTO t VALUES (1)", pgerr.QueryCanceled)
	c.wantErr("DROP TABLE t", pgerr.QueryCanceled)
	w.e.dml.unlock()
	c.run("SET statement_timeout = 0; INSERT INTO t VALUES (1); DROP TABLE t")
	w.untilShape(before)
}

func TestCursors(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE TABLE t (k INT PRIMARY KEY)")
	c.run("INSERT INTO t VALUES (1),(2),(3),(4),(5)")
	c.want("SELECT count(*) FROM t", "5")
	c.wantErr("DECLARE a CURSOR FOR SELECT 1", pgerr.NoActiveSQLTransaction)
	c.run("BEGIN; DECLARE a CURSOR FOR SELECT k FROM t ORDER BY k; DECLARE p CURSOR FOR SELECT k FROM t EMIT CHANGES")
	c.want("FETCH 2 FROM a", "1\n2")
	c.want("MOVE 1 FROM a", "MOVE 1")
	c.want("FETCH ALL FROM a", "4\n5")
	c.want("FETCH 1 FROM a", "")
	got := c.run("FETCH 2 FROM p") + "\n" + c.run("FETCH 2 FROM p") + "\n" + c.run("FETCH 1 FROM p")
	if sortLines(got) != "1\n2\n3\n4\n5" {
		t.Fatalf("a push cursor gave %q", got)
	}
	c.wantErr("DECLARE a CURSOR FOR SELECT 1", pgerr.DuplicateCursor)
	c.run("ROLLBACK")
	c.wantErr("FETCH 1 FROM a", pgerr.InvalidCursorName)
	c.run("DECLARE h CURSOR WITH HOLD FOR SELECT k FROM t ORDER BY k")
	c.want("FETCH 1 FROM h", "1")
	c.wantErr("FETCH -1 FROM h", pgerr.FeatureNotSupported)
	c.run("CLOSE ALL")
	c.wantErr("FETCH 1 FROM h", pgerr.InvalidCursorName)
	// A weight counts as so many rows.
	c.run("CREATE STREAM s (v INT); INSERT INTO s VALUES (7),(7),(7),(7),(7)")
	c.run("BEGIN; DECLARE d CURSOR FOR SELECT v FROM s")
	c.want("FETCH 2 FROM d", "7\n7")
	c.want("FETCH 9 FROM d", "7\n7\n7")
	c.run("COMMIT")
}

func TestPrepare(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE TABLE t (k INT PRIMARY KEY, v INT)")
	c.run("INSERT INTO t VALUES (1,10),(2,0)")
	c.run("PREPARE p AS SELECT v FROM t WHERE k = $1")
	c.run("PREPARE q AS SELECT 10 / v FROM t WHERE k = $1")
	c.run("PREPARE i AS INSERT INTO t VALUES ($1, $2)")
	c.want("EXECUTE p(1)", "10")
	c.want("EXECUTE q(1)", "1")
	c.wantErr("EXECUTE q(2)", pgerr.DivisionByZero)
	c.want("EXECUTE q(1)", "1")
	c.run("CREATE MATERIALIZED VIEW other AS SELECT count(*) AS n FROM t")
	c.want("EXECUTE p(1)", "10")
	c.run("EXECUTE i(3, 30)")
	c.want("EXECUTE p(3)", "30")
	c.want("EXECUTE p(NULL)", "")
	c.want("EXECUTE p('1')", "10")
	c.wantErr("EXECUTE p('x')", pgerr.InvalidTextRepresentation)
	c.wantErr("EXECUTE p", pgerr.SyntaxError)
	c.run("DROP MATERIALIZED VIEW other; DROP TABLE t")
	c.wantErr("EXECUTE p(1)", pgerr.UndefinedTable)
	c.run("CREATE TABLE t (k INT PRIMARY KEY, v TEXT)")
	c.wantErr("EXECUTE p(1)", pgerr.FeatureNotSupported)
	// The text of a PREPARE could not be replayed as the command that made a table.
	c.wantErr("PREPARE d AS CREATE TABLE evil (k INT)", pgerr.SyntaxError)
	w.crash()
}

func TestCopyIn(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE TABLE t (k INT PRIMARY KEY, v INT DEFAULT 7, w TEXT)")
	c.run("CREATE TABLE d AS SELECT v, count(*) AS n FROM t GROUP BY v")
	load := func(text string, rows ...[]string) error {
		r, err := c.startCopy(text)
		if err != nil {
			return err
		}
		defer r.Close()
		in := r.(session.CopyReceiver)
		for _, row := range rows {
			var fields [][]byte
			for _, f := range row {
				fields = append(fields, []byte(f))
			}
			if err := in.Receive(w.ctx, fields); err != nil {
				return err
			}
		}
		return in.Done(w.ctx)
	}
	if err := load("COPY t (w, k) FROM STDIN", []string{"a", "1"}, []string{"b", "2"}); err != nil {
		t.Fatal(err)
	}
	c.want("SELECT k, v, w FROM t ORDER BY k", "1 7 a\n2 7 b")
	for code, f := range map[string]func() error{
		pgerr.UniqueViolation:           func() error { return load("COPY t (k) FROM STDIN", []string{"3"}, []string{"1"}) },
		pgerr.BadCopyFileFormat:         func() error { return load("COPY t (k) FROM STDIN", []string{"3", "x"}) },
		pgerr.InvalidTextRepresentation: func() error { return load("COPY t (k) FROM STDIN", []string{"x"}) },
		pgerr.UndefinedColumn:           func() error { return load("COPY t (rowtime) FROM STDIN") },
		pgerr.DuplicateColumn:           func() error { return load("COPY t (k, k) FROM STDIN") },
		pgerr.WrongObjectType:           func() error { return load("COPY d FROM STDIN") },
	} {
		if err := f(); pgerr.Code(err) != code {
			t.Errorf("want %s, got %v", code, err)
		}
	}
	c.want("SELECT count(*) FROM t", "2")
	c.run("BEGIN")
	if err := load("COPY t (k) FROM STDIN", []string{"9"}); err != nil {
		t.Fatal(err)
	}
	c.want("SELECT count(*) FROM t", "3")
	c.run("ROLLBACK")
	c.want("SELECT count(*) FROM t", "2")
}

func (c *client) startCopy(text string) (session.Result, error) {
	st, err := c.s.Parse(c.w.ctx, text, nil)
	if err != nil {
		return nil, err
	}
	return c.s.Execute(c.w.ctx, st[0], nil)
}

// TestSlowSubscriber: a client that does not read gets what came first, then an error; never a gap.
func TestSlowSubscriber(t *testing.T) {
	w := newWorld(t)
	w.config = func(c *Config) { c.BufferRowsMax = 10 }
	w.restart()
	c := w.session()
	before := w.shape()
	c.run("CREATE TABLE t (k INT PRIMARY KEY)")
	c.run("INSERT INTO t VALUES (0)")
	c.want("SELECT count(*) FROM t", "1")
	r := w.session().execute("SELECT k FROM t EMIT CHANGES")
	if _, err := r.Next(w.ctx, 0, nil); err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 40; i++ {
		c.run(fmt.Sprintf("INSERT INTO t VALUES (%d)", i))
	}
	c.want("SELECT count(*) FROM t", "41")
	var got []string
	for {
		b, err := r.Next(w.ctx, 0, nil)
		if err != nil {
			if pgerr.Code(err) != pgerr.ConfigurationLimitExceeded {
				t.Fatal(err)
			}
			break
		}
		var out strings.Builder
		writeRows(&out, r.Columns(), b)
		got = append(got, strings.Fields(out.String())...)
	}
	if len(got) < 10 {
		t.Fatalf("only %v came before the error", got)
	}
	for i, k := range got {
		if k != fmt.Sprint(i+1) {
			t.Fatalf("a gap: %v", got)
		}
	}
	r.Close()
	c.run("DROP TABLE t")
	w.untilShape(before)
}

// TestPushEnds: LIMIT, Close of the session and Close of the engine end push queries, and nothing of them is left.
func TestPushEnds(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	if err := w.cluster.CreateTopic(w.ctx, "events", 3, 1, nil); err != nil {
		t.Fatal(err)
	}
	c.run("CREATE STREAM e (k INT, v INT) WITH (kafka_topic='events', value_format='json')")
	w.produce(w.ctx, "events", 100)
	before := w.shape()
	c.want("SELECT count(*) FROM (SELECT 1) x", "1")
	if got := c.run("SELECT v FROM e EMIT CHANGES LIMIT 3"); len(strings.Fields(got)) != 3 {
		t.Fatalf("LIMIT 3 gave %q", got)
	}
	w.untilShape(before)
	if got := c.run("SELECT v FROM e EMIT CHANGES LIMIT 0"); got != "" {
		t.Fatalf("LIMIT 0 gave %q", got)
	}
	w.untilShape(before)
	other, err := w.e.Open(w.ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := &client{w: w, s: other}
	d.run("BEGIN; DECLARE p CURSOR FOR SUBSCRIBE (SELECT k, count(*) FROM e GROUP BY k)")
	d.run("FETCH 5 FROM p")
	other.Close()
	w.untilShape(before)
	r := c.execute("SELECT v FROM e EMIT CHANGES")
	ended := make(chan error, 1)
	go func() {
		for {
			if _, err := r.Next(w.ctx, 0, nil); err != nil {
				ended <- err
				return
			}
		}
	}()
	time.Sleep(5 * time.Millisecond)
	if err := w.e.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; pgerr.Code(err) != pgerr.AdminShutdown {
		t.Fatalf("got %v", err)
	}
	if _, err := w.e.Open(w.ctx, nil); pgerr.Code(err) != pgerr.AdminShutdown {
		t.Fatalf("a session of a closed engine: %v", err)
	}
	w.cluster.Close()
	w.e = nil
}
