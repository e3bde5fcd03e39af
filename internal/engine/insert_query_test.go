package engine

import (
	"os"
	"strings"
	"testing"
)

// TestInsertQueryIsHidden: the object of INSERT INTO … SELECT is a query, and no relation that anything lists.
func TestInsertQueryIsHidden(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("SET dialect = 'ksql'")
	c.run("CREATE STREAM a (k INT KEY, v INT) WITH (kafka_topic = 'a', value_format = 'json', partitions = 1)")
	c.run("CREATE STREAM b (k INT KEY, v INT) WITH (kafka_topic = 'b', value_format = 'json', partitions = 1)")
	c.run("INSERT INTO b SELECT k, v FROM a")
	got := c.run("SHOW QUERIES")
	if !strings.Contains(got, "INSERTQUERY_") || !strings.Contains(got, " B insert query running") {
		t.Errorf("SHOW QUERIES: %s", got)
	}
	if _, err := c.try("DROP STREAM a"); err == nil {
		t.Error("DROP STREAM of what an INSERT query reads")
	}
	for _, text := range []string{"SHOW STREAMS", "DESCRIBE STREAMS", "DESCRIBE b"} {
		if got := c.run(text); strings.Contains(got, "INSERTQUERY") || strings.Contains(got, "_row") {
			t.Errorf("%s: %s", text, got)
		}
	}
	c.run("SET dialect = 'postgres'")
	c.want("SELECT relname FROM pg_class WHERE relname LIKE 'INSERT%'", "")
	c.want("SELECT table_name FROM information_schema.tables WHERE table_schema = '_queries'", "")
	c.want("SELECT count(*) FROM pg_attribute WHERE attrelid NOT IN (SELECT oid FROM pg_class)", "0")
	c.run("SET dialect = 'ksql'")
	c.run("INSERT INTO a VALUES (1, 2)")
	c.await("SELECT k, v FROM b", "1 2")
	id := "INSERTQUERY_" + strings.Fields(strings.SplitAfter(got, "INSERTQUERY_")[1])[0]
	c.run("PAUSE " + id)
	c.run("INSERT INTO a VALUES (3, 4)")
	c.run("RESUME " + id)
	c.await("SELECT k, v FROM b", "1 2\n3 4")
	c.run("TERMINATE " + id)
	c.run("INSERT INTO a VALUES (5, 6)")
	if got := c.run("SHOW QUERIES"); got != "" {
		t.Errorf("SHOW QUERIES after TERMINATE: %s", got)
	}
	w.restart()
	c = w.session()
	c.run("SET dialect = 'ksql'")
	c.want("SELECT k, v FROM b", "1 2\n3 4")
	c.run("INSERT INTO b SELECT k, v FROM a")
	c.run("DROP STREAM a CASCADE DELETE TOPIC")
	c.run("SELECT k FROM b") // its topic is not the query's
}

// TestInsertQueriesShareATopic: rows that several queries write to one topic are there once for each of them, also where
// they are equal, and also after a start without state.
func TestInsertQueriesShareATopic(t *testing.T) {
	w := newWorld(t)
	c := w.ksqlSession()
	for _, s := range []string{"a", "b", "out"} {
		c.run("CREATE STREAM " + s + " (k INT KEY, v INT) WITH (kafka_topic = '" + s + "', value_format = 'json', partitions = 1)")
	}
	c.run("INSERT INTO a VALUES (1, 2)")
	c.run("INSERT INTO b VALUES (1, 2)")
	c.run("INSERT INTO out SELECT k, v FROM a")
	c.await("SELECT k, v FROM out", "1 2")
	c.run("INSERT INTO out SELECT k, v FROM b")
	c.await("SELECT k, v FROM out", "1 2\n1 2")
	w.close()
	if err := os.RemoveAll(w.dir + "/state"); err != nil {
		t.Fatal(err)
	}
	w.open()
	c = w.ksqlSession()
	c.await("SELECT k, v FROM out", "1 2\n1 2")
	c.run("INSERT INTO a VALUES (3, 4)")
	c.await("SELECT k, v FROM out", "1 2\n1 2\n3 4")
	c.run("INSERT INTO b VALUES (3, 4)")
	c.await("SELECT k, v FROM out", "1 2\n1 2\n3 4\n3 4")
}
