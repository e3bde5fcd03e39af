package engine

import (
	"testing"

	"streamsql/connectors"
)

// TestHeadersPassOn: the records of a query of the ksql dialect have the headers of the records that they were made of,
// whether the source has columns of headers or not.
func TestHeadersPassOn(t *testing.T) {
	w := newWorld(t)
	c := w.ksqlSession()
	c.run("CREATE STREAM a (k INT KEY, v INT) WITH (kafka_topic = 'a', format = 'json', partitions = 1)")
	c.run("CREATE STREAM b AS SELECT k, v + 1 AS v FROM a")
	c.run("CREATE STREAM d AS SELECT k, v + 1 AS v FROM b")
	c.run("CREATE STREAM back (k INT KEY, v INT, one BYTES HEADER('one'), two BYTES HEADER('two')) WITH (kafka_topic = 'D', format = 'json')")
	wr, err := w.cluster.Writer(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wr.Write(w.ctx, []connectors.Record{
		{Topic: "a", Key: []byte("7"), Value: []byte(`{"V":1}`), Headers: []connectors.Header{{Key: "one", Value: []byte("x")}, {Key: "two"}}},
		{Topic: "a", Key: []byte("7"), Value: []byte(`{"V":2}`)},
		{Topic: "a", Key: []byte("7"), Value: []byte(`{"V":3}`), Headers: []connectors.Header{{Key: "two", Value: []byte("yz")}}},
	}); err != nil {
		t.Fatal(err)
	}
	w.until(c, "SELECT v, FROM_BYTES(one, 'utf8') AS one, FROM_BYTES(two, 'utf8') AS two FROM back", "3 x NULL\n4 NULL NULL\n5 NULL yz")
}
