package engine

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/invariant"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
)

// shape is the graph as text: what is left when everything that a test made is gone.
func (w *world) shape() string {
	w.e.mu.Lock()
	defer w.e.mu.Unlock()
	var b strings.Builder
	for _, n := range w.e.nodes {
		fmt.Fprintf(&b, "%s:%d ", n.label, len(n.edges))
	}
	readers := 0
	for _, r := range w.e.rels {
		if r.src != nil && r.src.stop != nil {
			readers++
		}
	}
	fmt.Fprintf(&b, "rels=%d subs=%d readers=%d held=%d", len(w.e.rels), len(w.e.subs), readers, len(w.e.intake.held))
	return b.String()
}

// untilShape waits until the graph looks as before.
func (w *world) untilShape(want string) {
	w.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for w.shape() != want {
		if time.Now().After(deadline) {
			w.t.Fatalf("the graph is\n%s\nand was\n%s", w.shape(), want)
		}
		time.Sleep(time.Millisecond)
	}
}

// execute starts a statement and leaves its result open.
func (c *client) execute(text string) session.Result {
	c.w.t.Helper()
	st, err := c.s.Parse(c.w.ctx, text, nil)
	if err != nil {
		c.w.t.Fatal(err)
	}
	r, err := c.s.Execute(c.w.ctx, st[0], nil)
	if err != nil {
		c.w.t.Fatalf("%s: %v", text, err)
	}
	return r
}

// summer adds up the changes of a SUBSCRIBE: rows by text.
type summer struct {
	rows map[string]int64
	tick int64
}

func (s *summer) add(t *testing.T, cols []session.Column, b *batch.Batch) {
	t.Helper()
	for i, weight := range b.Cols[1].(*batch.Ints).V {
		if at := b.Cols[0].(*batch.Ints).V[i]; at < s.tick {
			t.Fatalf("tick %d after %d", at, s.tick)
		} else {
			s.tick = at
		}
		var row []string
		for c, col := range cols[2:] {
			row = append(row, string(types.AppendText(nil, col.Type, batch.ValueAt(b.Cols[c+2], i), nil)))
		}
		key := strings.Join(row, " ")
		if s.rows[key] += weight; s.rows[key] == 0 {
			delete(s.rows, key)
		}
	}
	for row, n := range s.rows {
		if n < 0 {
			t.Fatalf("at tick %d row %s is there %d times", s.tick, row, n)
		}
	}
}

func (s *summer) text() string {
	var out []string
	for row, n := range s.rows {
		for ; n > 0; n-- {
			out = append(out, row)
		}
	}
	return sorted(out)
}

// load is how many events the tests of filling write. Built with -race every small batch that the client decompresses
// costs a buffer of 4 MiB (sync.Pool forgets on purpose): less has to do.
var load = func() int {
	if invariant.Enabled {
		return 2_000
	}
	return 20_000
}()

// produce writes n events into a topic, with transactions of ours on table t in between.
func (w *world) produce(ctx context.Context, topic string, n int) {
	wr, err := w.cluster.Writer(w.ctx)
	if err != nil {
		w.t.Error(err)
		return
	}
	for i := 0; i < n && ctx.Err() == nil; {
		var recs []connectors.Record
		for range 100 {
			recs = append(recs, connectors.Record{Topic: topic, Partition: int32(i % 3), Value: fmt.Appendf(nil, `{"k":%d,"v":%d}`, i%17, i)})
			i++
		}
		if _, err := wr.Write(w.ctx, recs); err != nil {
			w.t.Error(err)
			return
		}
	}
}

// TestFillUnderLoad makes views of all kinds and a SUBSCRIBE while events pour in and tables change: at the end each
// equals its query.
func TestFillUnderLoad(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	if err := w.cluster.CreateTopic(w.ctx, "events", 3, 1, nil); err != nil {
		t.Fatal(err)
	}
	c.run("CREATE STREAM e (k INT, v INT) WITH (kafka_topic='events', value_format='json')")
	c.run("CREATE TABLE names (k INT PRIMARY KEY, name TEXT)")
	var wg sync.WaitGroup
	wg.Add(2)
	go func() { defer wg.Done(); w.produce(w.ctx, "events", load) }()
	go func() {
		defer wg.Done()
		d := w.session()
		for i := range 60 {
			if _, err := d.try(fmt.Sprintf("BEGIN; DELETE FROM names WHERE k = %d; INSERT INTO names VALUES (%d, 'n%d'); COMMIT", i%17, i%17, i)); err != nil {
				t.Error(err)
			}
		}
	}()
	queries := []string{
		"SELECT k, count(*) AS n, sum(v) AS s FROM e GROUP BY k",
		"SELECT count(*) AS n FROM e a JOIN e b ON a.v = b.v",
		"SELECT n.name, count(*) AS c FROM e JOIN names n ON e.k = n.k GROUP BY n.name",
		"SELECT v.k, v.n, n.name FROM v0 v LEFT JOIN names n ON v.k = n.k",
		"SELECT max(n) AS m, min(s) AS l FROM v0",
		"SELECT v FROM e WHERE v % 1000 = 0 UNION ALL SELECT k FROM names",
	}
	for i, q := range queries {
		c.run(fmt.Sprintf("CREATE MATERIALIZED VIEW v%d AS %s", i, q))
	}
	sub := w.session()
	r := sub.execute("SUBSCRIBE (" + queries[2] + ")")
	defer r.Close()
	wg.Wait()
	w.until(c, "SELECT sum(n) FROM v0", fmt.Sprint(load))
	for i, q := range queries {
		got, want := sortLines(c.run(fmt.Sprintf("SELECT * FROM v%d", i))), sortLines(c.run(q))
		if got != want {
			t.Errorf("v%d: %s\ngot:\n%s\nwant:\n%s", i, q, got, want)
		}
	}
	sum := &summer{rows: map[string]int64{}}
	for want := sortLines(c.run(queries[2])); sum.text() != want; {
		ctx, cancel := context.WithTimeout(w.ctx, 10*time.Second)
		b, err := r.Next(ctx, 0, nil)
		cancel()
		if err != nil {
			t.Fatalf("%v: the subscriber's sum is\n%s\nnot\n%s", err, sum.text(), want)
		}
		sum.add(t, r.Columns(), b)
	}
}

// TestCancelCreate: a CREATE that is cancelled leaves nothing behind, and its name can be used again.
func TestCancelCreate(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	if err := w.cluster.CreateTopic(w.ctx, "events", 3, 1, nil); err != nil {
		t.Fatal(err)
	}
	c.run("CREATE STREAM e (k INT, v INT) WITH (kafka_topic='events', value_format='json')")
	w.produce(w.ctx, "events", load)
	before := w.shape()
	for i := range 8 {
		ctx, cancel := context.WithTimeout(w.ctx, time.Duration(i)*4*time.Millisecond)
		st, err := c.s.Parse(w.ctx, "CREATE TABLE m AS SELECT k, count(*) AS n FROM e GROUP BY k", nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.s.Execute(ctx, st[0], nil)
		cancel()
		if err == nil {
			c.run("DROP TABLE m")
		} else if pgerr.Code(err) != pgerr.QueryCanceled {
			t.Fatal(err)
		}
		c.wantErr("SELECT * FROM m", pgerr.UndefinedTable)
		w.untilShape(before)
		if _, err := w.cluster.Partitions(w.ctx, "m"); pgerr.Code(err) != pgerr.UndefinedTable {
			t.Fatalf("the topic of m is there: %v", err)
		}
	}
	w.crash()
	c = w.session()
	c.wantErr("SELECT * FROM m", pgerr.UndefinedTable)
	c.run("CREATE TABLE m AS SELECT k, count(*) AS n FROM e GROUP BY k")
	c.want("SELECT sum(n) FROM m", fmt.Sprint(load))
}

// TestDropWhile drops relations that others fill from, subscribe to and write to.
func TestDropWhile(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	before := w.shape()
	c.run("CREATE TABLE t (k INT PRIMARY KEY, v INT)")
	c.run("INSERT INTO t VALUES (1,1)")
	r := w.session().execute("SUBSCRIBE TO t")
	if _, err := r.Next(w.ctx, 0, nil); err != nil {
		t.Fatal(err)
	}
	tx := w.session()
	tx.run("BEGIN; INSERT INTO t VALUES (2,2)")
	c.run("DROP TABLE t")
	if _, err := r.Next(w.ctx, 0, nil); pgerr.Code(err) != pgerr.UndefinedTable {
		t.Fatalf("the subscriber got %v", err)
	}
	r.Close()
	tx.wantErr("COMMIT", pgerr.UndefinedTable)
	tx.run("ROLLBACK")
	c.run("CREATE TABLE t (k INT PRIMARY KEY, v INT)")
	tx.run("BEGIN; INSERT INTO t VALUES (2,2)")
	c.run("DROP TABLE t")
	tx.wantErr("SELECT * FROM t", pgerr.UndefinedTable)
	tx.run("ROLLBACK")
	w.untilShape(before)

	if err := w.cluster.CreateTopic(w.ctx, "events", 3, 1, nil); err != nil {
		t.Fatal(err)
	}
	w.produce(w.ctx, "events", load)
	for i := range 12 {
		c.run("CREATE STREAM e (k INT, v INT) WITH (kafka_topic='events', value_format='json')")
		r := w.session().execute("SUBSCRIBE (SELECT k, count(*) FROM e GROUP BY k)")
		made := make(chan error, 1)
		go func() {
			_, err := w.session().try("CREATE MATERIALIZED VIEW m AS SELECT k, count(*) AS n FROM e GROUP BY k")
			made <- err
		}()
		time.Sleep(time.Duration(i) * 3 * time.Millisecond) // somewhere in the filling
		c.run("DROP STREAM e CASCADE")
		if err := <-made; err != nil && pgerr.Code(err) != pgerr.UndefinedTable {
			t.Fatal(err)
		}
		c.try("DROP MATERIALIZED VIEW m")
		for {
			_, err := r.Next(w.ctx, 0, nil)
			if pgerr.Code(err) == pgerr.UndefinedTable {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		r.Close()
		w.untilShape(before)
	}
}

// TestOneCut: a SELECT over several views sees all of them at one moment, while transactions move money around.
func TestOneCut(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE TABLE a (k INT PRIMARY KEY, v INT); CREATE TABLE b (k INT PRIMARY KEY, v INT)")
	c.run("INSERT INTO a VALUES (1, 1000); INSERT INTO b VALUES (1, 0)")
	c.run("CREATE MATERIALIZED VIEW va AS SELECT sum(v) AS s FROM a; CREATE MATERIALIZED VIEW vb AS SELECT sum(v) AS s FROM b")
	c.run("CREATE MATERIALIZED VIEW vab AS SELECT va.s + vb.s AS s FROM va, vb")
	c.want("SELECT s FROM vab", "1000")
	done := make(chan struct{})
	go func() {
		defer close(done)
		d := w.session()
		for i := range 100 {
			if _, err := d.try(fmt.Sprintf("BEGIN; UPDATE a SET v = v - %d; UPDATE b SET v = v + %d; COMMIT", i, i)); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	reader := w.session()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		reader.want("SELECT va.s + vb.s, vab.s, (a.v + b.v) FROM va, vb, vab, a, b", "1000 1000 1000")
	}
	reader.want("SELECT s FROM vb", "4950")
}
