package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"streamsql/connectors"
	"streamsql/internal/pgerr"
	"streamsql/state"
)

// TestRestartAfterTwoTables: a transaction over a table that is in the checkpoint and one that is not, then a crash. The
// second is filled from the log beyond the transaction; the first must not wait for it.
func TestRestartAfterTwoTables(t *testing.T) {
	w := newWorld(t)
	w.config = func(c *Config) { c.CheckpointInterval = time.Hour }
	w.restart()
	c := w.session()
	c.run("CREATE TABLE a (k INT PRIMARY KEY)")
	c.run("INSERT INTO a VALUES (0)")
	if err := w.e.checkpoint(w.ctx); err != nil {
		t.Fatal(err)
	}
	c.run("CREATE TABLE b (k INT PRIMARY KEY); CREATE STREAM s (v INT)")
	c.run("BEGIN; INSERT INTO a VALUES (1); INSERT INTO b VALUES (1); INSERT INTO s VALUES (1); COMMIT")
	w.crash()
	c = w.session()
	c.want("SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b), (SELECT count(*) FROM s)", "2 1 1")
	c.run("BEGIN; INSERT INTO a VALUES (2); INSERT INTO b VALUES (2); COMMIT; DROP TABLE b")
	w.crash()
	c = w.session()
	c.want("SELECT count(*) FROM a", "3")
	c.run("INSERT INTO a VALUES (3); CREATE TABLE b (k INT PRIMARY KEY)")
	c.want("SELECT count(*) FROM a", "4")
	c.want("SELECT count(*) FROM b", "0")
}

// TestRestarts: views over tables, streams, other views and streamsql.errors are the same after restarts that find
// their state, a part of it, another plan's, or a state directory that is too old.
func TestRestarts(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	if err := w.cluster.CreateTopic(w.ctx, "events", 3, 1, nil); err != nil {
		t.Fatal(err)
	}
	c.run("CREATE STREAM e (k INT, v INT) WITH (kafka_topic='events', value_format='json')")
	c.run("CREATE TABLE t (k INT PRIMARY KEY, v INT); INSERT INTO t VALUES (1,1),(2,0)")
	c.run("CREATE MATERIALIZED VIEW n AS SELECT k, count(*) AS n FROM e GROUP BY k")
	c.run("CREATE MATERIALIZED VIEW m AS SELECT count(*) AS c, sum(n) AS s FROM n")
	c.run("CREATE MATERIALIZED VIEW div AS SELECT k, 1/v AS r FROM t")
	c.run("CREATE MATERIALIZED VIEW bad AS SELECT count(*) AS n FROM streamsql.errors")
	c.run("CREATE MATERIALIZED VIEW doomed AS SELECT v FROM e")
	w.produce(w.ctx, "events", 1000)
	w.until(c, "SELECT c, s FROM m", "17 1000")
	w.until(c, "SELECT n FROM bad", "1")
	check := func(what string) {
		t.Helper()
		c = w.session()
		c.want("SELECT c, s FROM m", "17 1000")
		c.want("SELECT n FROM bad", "1")
		c.want("SELECT k, r FROM div ORDER BY k", "1 1\n2 NULL")
		if got, want := sortLines(c.run("SELECT * FROM n")), sortLines(c.run("SELECT k, count(*) FROM e GROUP BY k")); got != want {
			t.Fatalf("%s: got\n%s\nwant\n%s", what, got, want)
		}
	}
	w.restart()
	check("restart")
	w.restart()
	w.crash()
	w.restart()
	check("restarts one after the other")
	w.e.mu.Lock()
	w.e.relationNamed("n").fingerprint = "of another version"
	w.e.changed = true
	w.e.mu.Unlock()
	w.restart()
	check("another plan")
	old := t.TempDir()
	w.close()
	if err := os.CopyFS(old+"/state", os.DirFS(w.dir+"/state")); err != nil {
		t.Fatal(err)
	}
	w.open()
	w.session().run("DROP MATERIALIZED VIEW doomed")
	w.close()
	if err := os.RemoveAll(w.dir + "/state"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(old+"/state", filepath.Join(w.dir, "state")); err != nil {
		t.Fatal(err)
	}
	w.open()
	check("state from before a DROP")
	c.wantErr("SELECT * FROM doomed", pgerr.UndefinedTable)
}

func (e *Engine) relationNamed(name string) *relation {
	for _, r := range e.rels {
		if r.obj.Name == name {
			return r
		}
	}
	return nil
}

// TestCheckpointWhileFilling: a checkpoint does not contain a view that is still being filled.
func TestCheckpointWhileFilling(t *testing.T) {
	w := newWorld(t)
	w.config = func(c *Config) { c.CheckpointInterval = time.Hour }
	w.restart()
	c := w.session()
	if err := w.cluster.CreateTopic(w.ctx, "events", 3, 1, nil); err != nil {
		t.Fatal(err)
	}
	c.run("CREATE STREAM e (k INT, v INT) WITH (kafka_topic='events', value_format='json')")
	c.run("CREATE MATERIALIZED VIEW n AS SELECT k, count(*) AS n FROM e GROUP BY k")
	w.produce(w.ctx, "events", load)
	for range 3 {
		made := make(chan error, 1)
		go func() {
			_, err := w.session().try("CREATE MATERIALIZED VIEW late AS SELECT v % 7 AS g, count(*) AS n FROM e GROUP BY v % 7")
			made <- err
		}()
		for w.e.catalog.Load().Lookup([]string{"late"}) == nil {
			time.Sleep(time.Millisecond)
		}
		if err := w.e.checkpoint(w.ctx); err != nil {
			t.Fatal(err)
		}
		w.crash()
		<-made // whatever it says: the command is in the log, or undone
		c = w.session()
		c.want("SELECT sum(n) FROM n", fmt.Sprint(load))
		c.run("CREATE MATERIALIZED VIEW IF NOT EXISTS late AS SELECT v % 7 AS g, count(*) AS n FROM e GROUP BY v % 7")
		c.want("SELECT count(*), sum(n) FROM late", fmt.Sprint("7 ", load))
		c.run("DROP MATERIALIZED VIEW late")
	}
}

// TestOutputAfterCrash abandons checkpoints with output at every step of their commit; the topic of the derived table
// always ends as its query says, and that of the derived stream has every row once.
func TestOutputAfterCrash(t *testing.T) {
	w := newWorld(t)
	var stopAt atomic.Pointer[string]
	stopped := make(chan struct{}, 1)
	w.config = func(c *Config) {
		c.CheckpointInterval = time.Hour
		c.Fault = func(step string) {
			if at := stopAt.Load(); at != nil && *at == step && stopAt.CompareAndSwap(at, nil) {
				stopped <- struct{}{}
				runtime.Goexit()
			}
		}
	}
	w.restart()
	c := w.session()
	c.run("CREATE STREAM s (k TEXT, v INT)")
	c.run("CREATE TABLE totals AS SELECT k, sum(v) AS n FROM s GROUP BY k")
	c.run("CREATE STREAM big AS SELECT k, v FROM s WHERE v >= 0")
	c.run("CREATE TABLE copy (k TEXT PRIMARY KEY, n BIGINT) WITH (kafka_topic='totals', key_format='json', value_format='json')")
	c.run("CREATE STREAM copies (k TEXT, v INT) WITH (kafka_topic='big', value_format='json')")
	for i, step := range []string{state.StepWrite, state.StepWritten, state.StepPrepared, state.StepMarker, state.StepMarked, state.StepCommitted} {
		c.run(fmt.Sprintf("INSERT INTO s VALUES ('a', %d), ('b', %d)", i, i*10))
		c.want("SELECT count(*) FROM s", fmt.Sprint(2*(i+1)))
		stopAt.Store(&step)
		go func() { _ = w.e.checkpoint(w.ctx) }()
		<-stopped
		if err := w.e.checkpoints.turn.lock(w.ctx); err != nil { // the abandoned checkpoint has unwound
			t.Fatal(err)
		}
		w.e.checkpoints.turn.unlock()
		w.crash()
		c = w.session()
		c.want("SELECT count(*) FROM s", fmt.Sprint(2*(i+1)))
		w.ready()
		if err := w.e.checkpoint(w.ctx); err != nil {
			t.Fatalf("after %s: %v", step, err)
		}
		w.until(c, "SELECT k, n FROM copy ORDER BY k", sortLines(c.run("SELECT k, n FROM totals")))
		if got, want := sortLines(c.run("SELECT k, v FROM copies")), sortLines(c.run("SELECT k, v FROM big")); got != want {
			t.Fatalf("after %s the topic holds\n%s\nwant\n%s", step, got, want)
		}
	}
	// Without the state directory the output must not be taken for one that was written already.
	w.close()
	if err := os.RemoveAll(w.dir + "/state"); err != nil {
		t.Fatal(err)
	}
	w.open()
	c = w.session()
	c.run("INSERT INTO s VALUES ('c', 1)")
	c.want("SELECT n FROM totals WHERE k = 'c'", "1")
	w.ready()
	if err := w.e.checkpoint(w.ctx); err != nil {
		t.Fatal(err)
	}
	w.until(c, "SELECT n FROM copy WHERE k = 'c'", "1")
}

// ready waits until every relation is filled.
func (w *world) ready() {
	for w.e.NotReady() != "" && w.ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
}

// TestBadInput: what cannot be decoded or computed is in streamsql.errors, once, with where it came from; the view goes
// on.
func TestBadInput(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	if err := w.cluster.CreateTopic(w.ctx, "in", 1, 1, nil); err != nil {
		t.Fatal(err)
	}
	send := func(values ...string) {
		wr, _ := w.cluster.Writer(w.ctx)
		for _, v := range values {
			if _, err := wr.Write(w.ctx, []connectors.Record{{Topic: "in", Value: []byte(v)}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	const decl = "(k INT NOT NULL, v INT) WITH (kafka_topic='in', value_format='json'"
	send(`{"k":1,"v":2}`, `nonsense`, `{"k":1,"v":"x"}`, `{"v":1}`, `{"k":2}`)
	c.run("CREATE STREAM e " + decl + ")")
	c.run("CREATE STREAM nulls " + decl + ", on_error='null')")
	c.run("CREATE STREAM strict " + decl + ", on_error='stop')")
	c.run("CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n, sum(v) AS s FROM e")
	c.want("SELECT n, s FROM n", "2 2")
	want := "in 0 1 nonsense\nin 0 2 {\"k\":1,\"v\":\"x\"}\nin 0 3 {\"v\":1}"
	list := "SELECT topic, topic_partition, topic_offset, convert_from(value, 'UTF8') FROM streamsql.errors WHERE object = 'e' ORDER BY topic_offset"
	w.until(c, list, want)
	if got := c.run("SELECT count(*) FROM streamsql.errors WHERE object = 'e' AND reason <> '' AND code <> ''"); got != "3" {
		t.Fatalf("%s entries have a reason", got)
	}
	send(`{"k":1,"v":10}`, `again`)
	w.until(c, "SELECT n, s FROM n", "3 12")
	want += "\nin 0 6 again"
	w.until(c, list, want)
	c.run("CREATE MATERIALIZED VIEW second AS SELECT count(*) AS n FROM e")
	c.run("SELECT count(*) FROM e")
	c.want("SELECT n FROM second", "3")
	w.restart()
	c = w.session()
	c.want("SELECT n FROM second", "3")
	c.want(list, want)
	if _, err := c.try("SELECT count(*) FROM strict"); err == nil || !strings.Contains(err.Error(), "offset 1") {
		t.Fatalf("on_error = 'stop': %v", err)
	}
	c.want("SELECT k, v FROM nulls ORDER BY k, v", "1 2\n1 10\n2 NULL") // NOT NULL holds all the same
	// A source that stops while it is read live: others go on, nobody waits, SHOW says why.
	c.run("CREATE STREAM live (v INT) WITH (kafka_topic='later', value_format='json', partitions=1, on_error='stop')")
	c.run("CREATE MATERIALIZED VIEW stops AS SELECT count(*) AS n FROM live")
	wr, _ := w.cluster.Writer(w.ctx)
	for _, v := range []string{`{"v":1}`, `bad`, `{"v":1}`} {
		if _, err := wr.Write(w.ctx, []connectors.Record{{Topic: "later", Value: []byte(v)}}); err != nil {
			t.Fatal(err)
		}
	}
	w.until(c, "SELECT n FROM stops", "1")
	for !strings.Contains(c.run("SHOW STREAMS"), "stopped: ") {
		time.Sleep(time.Millisecond)
	}
	c.want("SELECT n FROM stops", "1")
	ctx, cancel := context.WithTimeout(w.ctx, 10*time.Second)
	defer cancel()
	w.ctx = ctx
	w.restart() // the same again: readers do not wait for what never comes
	c = w.session()
	c.want("SELECT n FROM stops", "1")
}
