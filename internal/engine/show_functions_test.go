package engine

import (
	"strings"
	"testing"
)

// TestShowFunctions: SHOW FUNCTIONS lists the registry, DESCRIBE FUNCTION the overloads of one name.
func TestShowFunctions(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	all := c.run("SHOW FUNCTIONS")
	for _, want := range []string{"array_length scalar array_length(anyarray, integer)", "generate_series set", "array_agg aggregate", "substring scalar"} {
		if !strings.Contains(all, want) {
			t.Errorf("SHOW FUNCTIONS has no %q", want)
		}
	}
	if strings.Contains(all, "\n|| ") {
		t.Error("SHOW FUNCTIONS lists operators")
	}
	got := c.run("DESCRIBE FUNCTION transform")
	for _, want := range []string{"transform scalar transform(T[], (T) => U) → U[]", "NULL if an argument is NULL immutable ksql", "transform(ARRAY[1,2,3], x => x * 2) => {2,4,6}"} {
		if !strings.Contains(got, want) {
			t.Errorf("DESCRIBE FUNCTION transform has no %q:\n%s", want, got)
		}
	}
	c.wantErr("DESCRIBE FUNCTION nosuch", "42883")
	c.run("SET dialect = 'ksql'")
	if got := c.run("DESCRIBE FUNCTION REDUCE"); strings.Count(got, "reduce scalar") != 2 {
		t.Errorf("overloads of REDUCE:\n%s", got)
	}
}

// TestLambdaErrors: an element that cannot be computed makes the row's value NULL, and is reported once for the row.
func TestLambdaErrors(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE TABLE t (k INT PRIMARY KEY, a INT[])")
	c.run("CREATE MATERIALIZED VIEW v AS SELECT k, TRANSFORM(a, x => 12 / x) AS q, REDUCE(a, 100, (s, x) => s / x) AS r FROM t")
	c.run("INSERT INTO t VALUES (1, '{3,4}'), (2, '{0,0,6}'), (3, NULL), (4, '{NULL}')")
	c.want("SELECT * FROM v ORDER BY k", "1 {4,3} 8\n2 NULL NULL\n3 NULL 100\n4 {NULL} NULL")
	c.await("SELECT code, count(*) FROM streamsql.errors GROUP BY 1", "22012 2")
	c.wantErr("SELECT TRANSFORM(a, x => 12 / x) FROM t", "22012")
}
