package engine

import (
	"os"
	"testing"
)

// ksqlSession opens a session of the ksql dialect.
func (w *world) ksqlSession() *client {
	c := w.session()
	c.run("SET dialect = 'ksql'")
	return c
}

// TestReplayKSQL: named types, replaced and altered relations, queries that stand still or have ended are the same after
// restarts with their state, and with a state directory that is gone.
func TestReplayKSQL(t *testing.T) {
	w := newWorld(t)
	c := w.ksqlSession()
	c.run("CREATE TYPE pair AS STRUCT<x INT, y INT>; CREATE TYPE gone AS INT")
	c.run("CREATE STREAM s (id INT KEY, a INT, p pair, g gone) WITH (kafka_topic='s', value_format='json', partitions=1)")
	c.run("DROP TYPE gone")
	c.run("CREATE STREAM other (id INT KEY, b INT) WITH (kafka_topic='other', value_format='json', partitions=1)")
	c.run("CREATE TABLE sums AS SELECT id, SUM(a) AS total FROM s GROUP BY id")
	c.run("CREATE TABLE still AS SELECT id, COUNT(*) AS n FROM s GROUP BY id")
	c.run("CREATE TABLE ended AS SELECT id, COUNT(*) AS n FROM s GROUP BY id")
	c.run("CREATE STREAM copy AS SELECT * FROM s")
	c.run("INSERT INTO s (id, a) VALUES (1, 10)")
	c.run("ALTER STREAM s ADD COLUMN z INT")
	c.run("INSERT INTO s (id, a, z) VALUES (1, 20, 7)")
	c.want("SELECT n FROM still", "2")
	c.run("PAUSE still; TERMINATE ended")
	c.run("CREATE STREAM newer AS SELECT id, b FROM other")
	c.run("CREATE OR REPLACE TABLE sums AS SELECT id, SUM(a) AS total, MAX(z) AS top FROM s GROUP BY id")
	c.run("INSERT INTO s (id, a, z) VALUES (1, 30, 8)")
	check := func(what string) {
		t.Helper()
		c := w.ksqlSession()
		c.want("SELECT id, total, top FROM sums", "1 60 8")
		c.want("SELECT n FROM ended", "2")
		c.want("SELECT a, z FROM s WHERE a = 30", "30 8")
		c.want("SHOW TYPES", "PAIR struct<X integer, Y integer>")
		if o := w.e.Catalog().Lookup([]string{"COPY"}); len(shown(o)) != 4 {
			t.Fatalf("%s: copy has %d columns, not those of its time", what, len(shown(o)))
		}
		if o := w.e.Catalog().Lookup([]string{"STILL"}); o == nil || !o.Paused {
			t.Fatalf("%s: still is not paused", what)
		}
		if o := w.e.Catalog().Lookup([]string{"ENDED"}); o == nil || o.Query != "" {
			t.Fatalf("%s: ended has a query", what)
		}
	}
	check("before")
	c.want("SELECT n FROM still", "2")
	w.restart()
	check("restart")
	w.ksqlSession().want("SELECT n FROM still", "2")
	w.close()
	if err := os.RemoveAll(w.dir + "/state"); err != nil {
		t.Fatal(err)
	}
	w.open()
	check("without state")
	c = w.ksqlSession()
	c.run("RESUME still")
	c.want("SELECT n FROM still", "3")
	w.restart()
	w.ksqlSession().want("SELECT n FROM still", "3")
}

// TestReplaceReadsNewer: an object that was replaced reads one that was made after it, and has readers itself; and it
// does not read itself by way of them.
func TestReplaceReadsNewer(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE TABLE a (k INT PRIMARY KEY, v INT); INSERT INTO a VALUES (1, 1)")
	c.run("CREATE MATERIALIZED VIEW m AS SELECT k, v FROM a")
	c.run("CREATE MATERIALIZED VIEW r AS SELECT sum(v) AS s FROM m")
	c.run("CREATE TABLE b (k INT PRIMARY KEY, v INT); INSERT INTO b VALUES (1, 5), (2, 6)")
	c.run("CREATE OR REPLACE MATERIALIZED VIEW m AS SELECT k, v FROM b")
	c.want("SELECT s FROM r", "11")
	c.wantErr("CREATE OR REPLACE MATERIALIZED VIEW m AS SELECT 1 AS k, s::int AS v FROM r", "42P17")
	c.wantErr("CREATE OR REPLACE MATERIALIZED VIEW m AS SELECT k FROM b", "42P16")
	c.run("DROP TABLE a")
	w.crash()
	c = w.session()
	c.want("SELECT s FROM r", "11")
	c.run("INSERT INTO b VALUES (3, 7)")
	c.want("SELECT s FROM r", "18")
}

// TestSavepoints: what a transaction has written since a savepoint is taken back, and nothing else.
func TestSavepoints(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE TABLE t (k INT PRIMARY KEY, v INT); INSERT INTO t VALUES (1, 1), (2, 2)")
	c.wantErr("SAVEPOINT a", "25P01")
	c.run("BEGIN; INSERT INTO t VALUES (3, 3); SAVEPOINT a; UPDATE t SET v = 10 WHERE k = 1; DELETE FROM t WHERE k = 3; SAVEPOINT b")
	c.run("INSERT INTO t VALUES (4, 4); SET LOCAL timezone = 'Europe/Berlin'")
	c.want("SELECT k, v FROM t ORDER BY k", "1 10\n2 2\n4 4")
	c.run("ROLLBACK TO b")
	c.want("SELECT k, v FROM t ORDER BY k", "1 10\n2 2")
	c.want("SHOW timezone", "UTC")
	c.wantErr("SELECT 1/0", "22012")
	c.wantErr("SELECT 1", "25P02")
	c.run("ROLLBACK TO SAVEPOINT a")
	c.want("SELECT k, v FROM t ORDER BY k", "1 1\n2 2\n3 3")
	c.wantErr("ROLLBACK TO b", "3B001")
	c.run("ROLLBACK TO a; INSERT INTO t VALUES (5, 5); RELEASE a; COMMIT")
	c.want("SELECT k, v FROM t ORDER BY k", "1 1\n2 2\n3 3\n5 5")
}
