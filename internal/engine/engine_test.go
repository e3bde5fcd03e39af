package engine

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"streamsql/connectors"
	"streamsql/connectors/kafka"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
)

// world is a broker with an engine over it, for tests. restart stops and opens the engine again.
type world struct {
	t       *testing.T
	dir     string
	broker  *kafka.Broker
	cluster *kafka.Cluster
	e       *Engine
	ctx     context.Context
	config  func(*Config) // changes the configuration of engines that open from now on
}

func newWorld(t *testing.T) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	w := &world{t: t, dir: t.TempDir(), ctx: ctx}
	var err error
	w.broker, err = kafka.StartBroker(kafka.BrokerConfig{Dir: w.dir + "/kafka", Listen: "127.0.0.1:0", Logger: testLogger()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.broker.Close)
	w.open()
	t.Cleanup(func() { w.close() })
	return w
}

func testLogger() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
}

func (w *world) open() {
	w.t.Helper()
	var err error
	w.cluster, err = kafka.Connect(w.ctx, kafka.Config{Brokers: []string{w.broker.Addr()}, Logger: testLogger(), ServerID: "test"})
	if err != nil {
		w.t.Fatal(err)
	}
	cfg := Config{Cluster: w.cluster, StateDir: w.dir + "/state", CheckpointInterval: 50 * time.Millisecond, Logger: testLogger()}
	if w.config != nil {
		w.config(&cfg)
	}
	w.e, err = Open(w.ctx, cfg)
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) close() {
	if w.e == nil {
		return
	}
	if err := w.e.Close(w.ctx); err != nil {
		w.t.Error(err)
	}
	w.cluster.Close()
	w.e = nil
}

// crash stops the engine without a last checkpoint and opens it again.
func (w *world) crash() {
	w.t.Helper()
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.e.Close(done); err != nil {
		w.t.Error(err)
	}
	w.cluster.Close()
	w.open()
}

// until runs a query until it gives the rows.
func (w *world) until(c *client, query, rows string) {
	w.t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for {
		got := c.run(query)
		if got == rows {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s\ngot:\n%s\nwant:\n%s", query, got, rows)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (w *world) restart() {
	w.t.Helper()
	w.close()
	w.open()
}

func (w *world) session() *client {
	w.t.Helper()
	s, err := w.e.Open(w.ctx, map[string]string{"user": "tester"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(s.Close)
	return &client{w: w, s: s}
}

// client runs SQL in one session.
type client struct {
	w *world
	s session.Session
}

// try runs a text of statements and returns the last one's rows, a line a row.
func (c *client) try(text string, args ...types.Value) (string, error) {
	st, err := c.s.Parse(c.w.ctx, text, nil)
	if err != nil {
		c.s.Fail()
		return "", err
	}
	var out string
	for _, s := range st {
		r, err := c.s.Execute(c.w.ctx, s, args)
		if err != nil {
			return "", err
		}
		out, err = drain(c.w.ctx, r)
		r.Close()
		if err != nil {
			c.s.Fail()
			return "", err
		}
	}
	return out, nil
}

func drain(ctx context.Context, r session.Result) (string, error) {
	var b strings.Builder
	for {
		rows, err := r.Next(ctx, 0, nil)
		if rows == nil || err != nil {
			if b.Len() == 0 && r.Columns() == nil {
				return r.Tag(), err
			}
			return strings.TrimSuffix(b.String(), "\n"), err
		}
		writeRows(&b, r.Columns(), rows)
	}
}

func writeRows(b *strings.Builder, cols []session.Column, rows *batch.Batch) {
	for i, w := range rows.Weights {
		for ; w > 0; w-- {
			for c, col := range cols {
				if c > 0 {
					b.WriteByte(' ')
				}
				v := batch.ValueAt(rows.Cols[c], i)
				if v.Null {
					b.WriteString("NULL")
					continue
				}
				b.Write(types.AppendText(nil, col.Type, v, nil))
			}
			b.WriteByte('\n')
		}
	}
}

func (c *client) run(text string) string {
	c.w.t.Helper()
	out, err := c.try(text)
	if err != nil {
		p := pgerr.From(err)
		c.w.t.Fatalf("%s: %s %v (at %d) %s", text, p.Code, err, p.Pos, p.Detail)
	}
	return out
}

func (c *client) want(text, rows string) {
	c.w.t.Helper()
	if got := c.run(text); got != strings.TrimSpace(rows) {
		c.w.t.Fatalf("%s\ngot:\n%s\nwant:\n%s", text, got, strings.TrimSpace(rows))
	}
}

func (c *client) wantErr(text, code string) {
	c.w.t.Helper()
	out, err := c.try(text)
	if pgerr.Code(err) != code {
		c.w.t.Fatalf("%s\ngot %q, error %v (%s), want SQLSTATE %s", text, out, err, pgerr.Code(err), code)
	}
}

// await asks until the rows are there.
func (c *client) await(text, rows string) {
	c.w.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		got := c.run(text)
		if got == rows {
			return
		}
		if time.Now().After(deadline) {
			c.w.t.Fatalf("%s\ngot after 10 s:\n%s\nwant:\n%s", text, got, rows)
		}
	}
}

func TestTableAndView(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE TABLE t (k INT PRIMARY KEY, g TEXT, v INT)")
	c.run("INSERT INTO t VALUES (1,'a',10),(2,'a',20),(3,'b',5)")
	c.want("SELECT k, g, v FROM t ORDER BY k", "1 a 10\n2 a 20\n3 b 5")
	c.run("CREATE MATERIALIZED VIEW s AS SELECT g, sum(v) AS total, count(*) AS n, max(v) AS m FROM t GROUP BY g")
	c.want("SELECT g, total, n, m FROM s ORDER BY g", "a 30 2 20\nb 5 1 5")
	c.run("UPDATE t SET v = v + 1 WHERE g = 'a'")
	c.want("SELECT g, total, n, m FROM s ORDER BY g", "a 32 2 21\nb 5 1 5")
	c.run("DELETE FROM t WHERE k = 2")
	c.want("SELECT g, total, n, m FROM s ORDER BY g", "a 11 1 11\nb 5 1 5")
	c.want("SELECT total FROM s WHERE g = 'b'", "5")
	c.wantErr("INSERT INTO t VALUES (1,'x',1)", pgerr.UniqueViolation)
	c.wantErr("DROP TABLE t", pgerr.DependentObjectsStillExist)
	w.restart()
	c = w.session()
	c.want("SELECT g, total, n, m FROM s ORDER BY g", "a 11 1 11\nb 5 1 5")
	c.run("INSERT INTO t VALUES (9,'b',100)")
	c.want("SELECT g, total, n, m FROM s ORDER BY g", "a 11 1 11\nb 105 2 100")
	w.close()
	if err := os.RemoveAll(w.dir + "/state"); err != nil {
		t.Fatal(err)
	}
	w.open()
	c = w.session()
	c.want("SELECT g, total, n, m FROM s ORDER BY g", "a 11 1 11\nb 105 2 100")
}

func TestPush(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE TABLE t (k INT PRIMARY KEY, v INT)")
	c.run("INSERT INTO t VALUES (1,10)")
	c.want("SELECT v FROM t", "10") // waits for the write: the subscriber is another session
	sub := w.session()
	st, err := sub.s.Parse(w.ctx, "SUBSCRIBE (SELECT sum(v) AS s FROM t)", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := sub.s.Execute(w.ctx, st[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	next := func() string {
		b, err := r.Next(w.ctx, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for i := range b.Weights {
			fmt.Fprintf(&out, "%+d %s;", b.Cols[1].(*batch.Ints).V[i], types.AppendText(nil, types.T(types.Int8), batch.ValueAt(b.Cols[2], i), nil))
		}
		return out.String()
	}
	if got := next(); got != "+1 10;" {
		t.Fatalf("snapshot: %q", got)
	}
	c.run("INSERT INTO t VALUES (2,5)")
	if got := next(); got != "-1 10;+1 15;" {
		t.Fatalf("change: %q", got)
	}
}

// TestTransactionIsOneTick: a subscriber never sees a part of a transaction over two tables and several partitions.
func TestTransactionIsOneTick(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE TABLE a (k INT PRIMARY KEY, v INT)")
	c.run("CREATE TABLE b (k INT PRIMARY KEY, v INT)")
	c.run("CREATE MATERIALIZED VIEW total AS SELECT sum(v) AS s FROM (SELECT v FROM a UNION ALL SELECT -v FROM b) x")
	st, err := w.session().s.Parse(w.ctx, "SUBSCRIBE TO total", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.session().s.Execute(w.ctx, st[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i := range 20 {
		c.run("BEGIN")
		c.run(fmt.Sprintf("INSERT INTO a VALUES (%d,%d),(%d,%d)", 2*i, i, 2*i+1, i))
		c.run(fmt.Sprintf("INSERT INTO b VALUES (%d,%d),(%d,%d)", 2*i, i, 2*i+1, i))
		c.run("COMMIT")
	}
	c.want("SELECT s FROM total", "0")
	c.run("INSERT INTO a VALUES (1000, 7)")
	for {
		b, err := r.Next(w.ctx, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range b.Cols[1].(*batch.Ints).V {
			v := batch.ValueAt(b.Cols[2], i)
			if v.Null {
				continue
			}
			if v.I == 7 && n > 0 {
				return
			}
			if v.I != 0 {
				t.Fatalf("a subscriber saw total %d", v.I)
			}
		}
	}
}

func TestTransactionReads(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE TABLE t (k INT PRIMARY KEY, v INT)")
	c.run("CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n FROM t")
	c.run("INSERT INTO t VALUES (1,1),(2,2)")
	c.run("BEGIN")
	c.run("INSERT INTO t VALUES (3,3)")
	c.run("UPDATE t SET v = 20 WHERE k = 2")
	c.run("DELETE FROM t WHERE k = 1")
	c.want("SELECT k, v FROM t ORDER BY k", "2 20\n3 3")
	c.want("SELECT v FROM t WHERE k = 2", "20")
	c.want("SELECT v FROM t WHERE k = 1", "")
	c.wantErr("SELECT n FROM n", pgerr.FeatureNotSupported)
	c.wantErr("SELECT 1", pgerr.InFailedSQLTransaction)
	c.want("ROLLBACK", "ROLLBACK")
	c.want("SELECT k, v FROM t ORDER BY k", "1 1\n2 2")
	other := w.session()
	c.run("BEGIN")
	c.run("UPDATE t SET v = v + 1")
	other.run("UPDATE t SET v = v + 10")
	c.wantErr("COMMIT", pgerr.SerializationFailure)
	other.want("SELECT k, v FROM t ORDER BY k", "1 11\n2 12")
}

func TestViewsOverViewsAndStreams(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE STREAM s (k TEXT, v INT)")
	c.run("INSERT INTO s VALUES ('a',1),('b',2),('a',3)")
	c.run("CREATE MATERIALIZED VIEW g AS SELECT k, sum(v) AS s FROM s GROUP BY k")
	c.run("CREATE MATERIALIZED VIEW h AS SELECT max(s) AS m FROM g")
	c.run("CREATE VIEW plain AS SELECT k, v * 2 AS w FROM s WHERE v > 1")
	c.want("SELECT k, s FROM g ORDER BY k", "a 4\nb 2")
	c.want("SELECT m FROM h", "4")
	c.want("SELECT k, w FROM plain ORDER BY w", "b 4\na 6")
	c.run("INSERT INTO s VALUES ('b',10)")
	c.want("SELECT k, s FROM g ORDER BY k", "a 4\nb 12")
	c.want("SELECT m FROM h", "12")
	c.want("SELECT count(*) FROM s", "4")
	c.wantErr("DROP MATERIALIZED VIEW g", pgerr.DependentObjectsStillExist)
	c.run("DROP MATERIALIZED VIEW g CASCADE")
	c.wantErr("SELECT * FROM h", pgerr.UndefinedTable)
	w.restart()
	c = w.session()
	c.want("SELECT k, w FROM plain ORDER BY w", "b 4\na 6\nb 20")
}

func TestCreateTableAs(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE STREAM s (k TEXT, v INT)")
	c.run("INSERT INTO s VALUES ('a',1),('b',2)")
	c.run("CREATE TABLE totals AS SELECT k, sum(v) AS s FROM s GROUP BY k")
	c.run("CREATE STREAM big AS SELECT k, v FROM s WHERE v > 1")
	c.run("INSERT INTO s VALUES ('a',5)")
	c.want("SELECT k, s FROM totals ORDER BY k", "a 6\nb 2")
	c.want("SELECT k, v FROM big ORDER BY v", "b 2\na 5")
	c.run("CREATE TABLE copy (k TEXT PRIMARY KEY, s BIGINT) WITH (kafka_topic='totals', key_format='json', value_format='json')")
	deadline := time.Now().Add(10 * time.Second)
	for {
		got := c.run("SELECT k, s FROM copy ORDER BY k")
		if got == "a 6\nb 2" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the topic of totals holds %q", got)
		}
		time.Sleep(5 * time.Millisecond)
	}
	w.restart()
	c = w.session()
	c.run("INSERT INTO s VALUES ('b',7)")
	c.want("SELECT k, s FROM totals ORDER BY k", "a 6\nb 9")
}

func TestClockInViews(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE STREAM s (v INT, at TIMESTAMPTZ)")
	c.wantErr("CREATE MATERIALIZED VIEW x AS SELECT v, now() AS t FROM s", pgerr.FeatureNotSupported)
	c.wantErr("CREATE MATERIALIZED VIEW x AS SELECT v FROM s WHERE random() < 0.5", pgerr.FeatureNotSupported)
	c.wantErr("CREATE TABLE x AS SELECT current_user AS u, count(*) FROM s GROUP BY current_user", pgerr.FeatureNotSupported)
	c.run("CREATE VIEW fresh AS SELECT v FROM s WHERE at > now() - INTERVAL '1 hour'")
	c.run("INSERT INTO s VALUES (1, now()), (2, now() - INTERVAL '1 day')")
	c.want("SELECT v FROM fresh", "1")
}

func sortLines(text string) string { return sorted(strings.Split(text, "\n")) }

func sorted(lines []string) string {
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestBadRecordsDoNotDependOnReaders: a record is bad or not whatever columns the views read.
func TestBadRecordsDoNotDependOnReaders(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE STREAM b (id INT, x INT, t TEXT) WITH (kafka_topic = 'b', value_format = 'json', partitions = 1)")
	c.run("CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n FROM b")
	for _, v := range []string{`{"id":1,"x":1}`, `{"id":2,"x":"bad"}`, `{"id":3,"x":99999999999}`, `{"id":4,"t":[1]}`, `{"id":5`, `{"id":6}`} {
		wr, err := w.cluster.Writer(w.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wr.Write(w.ctx, []connectors.Record{{Topic: "b", Partition: 0, Value: []byte(v)}}); err != nil {
			t.Fatal(err)
		}
		wr.Close()
	}
	c.await("SELECT n FROM n", "3")
	c.run("CREATE MATERIALIZED VIEW s AS SELECT sum(x) AS s, count(*) AS n FROM b")
	c.want("SELECT s, n FROM s", "1 3")
	c.want("SELECT id FROM b ORDER BY id", "1\n4\n6")
	c.await("SELECT topic_offset, code FROM streamsql.errors ORDER BY 1", "1 22P02\n2 22003\n4 22P02")
	w.close()
	if err := os.RemoveAll(w.dir + "/state"); err != nil {
		t.Fatal(err)
	}
	w.open()
	c = w.session()
	c.want("SELECT n.n, s.n FROM n, s", "3 3")
}

// TestAcknowledgedIsSeenByAll: who hears of a commit sees it, in whatever session.
func TestAcknowledgedIsSeenByAll(t *testing.T) {
	w := newWorld(t)
	a, b := w.session(), w.session()
	a.run("CREATE TABLE t (k INT PRIMARY KEY, v INT)")
	a.run("CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n FROM t")
	for i := range 50 {
		a.run(fmt.Sprintf("INSERT INTO t VALUES (%d, %d)", i, i))
		b.want("SELECT n FROM n", fmt.Sprint(i+1))
	}
}

func TestReadOnlyTransaction(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE TABLE t (k INT PRIMARY KEY, j JSONB)")
	c.run("BEGIN READ ONLY")
	c.wantErr("INSERT INTO t VALUES (1, NULL)", pgerr.ReadOnlySQLTransaction)
	c.run("ROLLBACK")
	c.run("BEGIN")
	c.run("SET TRANSACTION READ ONLY")
	c.wantErr("CREATE TABLE u (k INT PRIMARY KEY)", pgerr.ReadOnlySQLTransaction)
	c.run("ROLLBACK")
	c.wantErr("INSERT INTO t VALUES (1, 'null')", pgerr.FeatureNotSupported)
	c.run("INSERT INTO t VALUES (1, '[null]')")
	c.want("SELECT k, j FROM t", "1 [null]")
}
