package engine

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"streamsql/internal/pgerr"
)

// TestManySessions runs DDL, writes, reads and push queries beside each other: every statement works or fails for a
// reason that the others give it, and at the end nothing of them is left. Meant for -race.
func TestManySessions(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	before := w.shape()
	c.run("CREATE TABLE t (k INT PRIMARY KEY, g INT, v INT); CREATE STREAM s (g INT, v INT)")
	allowed := map[string]bool{pgerr.UndefinedTable: true, pgerr.DuplicateTable: true, pgerr.UniqueViolation: true, pgerr.SerializationFailure: true,
		pgerr.DependentObjectsStillExist: true, pgerr.QueryCanceled: true, pgerr.FeatureNotSupported: true}
	const workers, steps = 6, 25
	var wg sync.WaitGroup
	for n := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r := rand.New(rand.NewPCG(7, uint64(n)))
			d := w.session()
			for range steps {
				text := randomStatement(r)
				if _, err := d.try(text); err != nil && !allowed[pgerr.Code(err)] {
					t.Errorf("%s: %s %v", text, pgerr.Code(err), err)
				}
				if d.s.TxStatus() != 'I' {
					d.run("ROLLBACK")
				}
			}
		}()
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(40 * time.Second):
		t.Fatal("stuck")
	}
	for i := range 3 {
		for _, v := range []string{"m", "n"} {
			name := fmt.Sprintf("%s%d", v, i)
			if _, err := c.try("SELECT * FROM " + name); err == nil {
				from := map[string]string{"m": "t", "n": "s"}[v]
				// Other sessions' last writes may not be in a tick yet: then the two differ for a moment.
				query := "SELECT count(*) FROM (SELECT * FROM %s EXCEPT ALL SELECT g, count(*), sum(v) FROM %s GROUP BY g) x"
				w.until(c, fmt.Sprintf(query, name, from), "0")
				query = "SELECT count(*) FROM (SELECT g, count(*), sum(v) FROM %s GROUP BY g EXCEPT ALL SELECT * FROM %s) x"
				w.until(c, fmt.Sprintf(query, from, name), "0")
			}
		}
	}
	c.run("DROP TABLE t CASCADE; DROP STREAM s CASCADE")
	w.untilShape(before)
}

func randomStatement(r *rand.Rand) string {
	i, k := r.IntN(3), r.IntN(40)
	switch r.IntN(12) {
	case 0:
		return fmt.Sprintf("CREATE MATERIALIZED VIEW m%d AS SELECT g, count(*) AS n, sum(v) AS s FROM t GROUP BY g", i)
	case 1:
		return fmt.Sprintf("CREATE MATERIALIZED VIEW n%d AS SELECT g, count(*) AS n, sum(v) AS s FROM s GROUP BY g", i)
	case 2:
		return fmt.Sprintf("DROP MATERIALIZED VIEW IF EXISTS %c%d CASCADE", 'm'+r.IntN(2), i)
	case 3:
		return fmt.Sprintf("INSERT INTO t VALUES (%d, %d, %d), (%d, 1, 1)", k, k%5, k, k+100)
	case 4:
		return fmt.Sprintf("UPDATE t SET v = v + 1 WHERE g = %d", k%5)
	case 5:
		return fmt.Sprintf("DELETE FROM t WHERE k = %d", k)
	case 6:
		return fmt.Sprintf("BEGIN; INSERT INTO s VALUES (%d, 1), (%d, 2); UPDATE t SET v = v - 1; COMMIT", k%5, k%7)
	case 7:
		return fmt.Sprintf("SELECT * FROM m%d UNION ALL SELECT * FROM n%d", i, i)
	case 8:
		return "SELECT g, v FROM s EMIT CHANGES LIMIT 0"
	case 9:
		return "SELECT relname FROM pg_class WHERE relkind = 'm'; SHOW VIEWS; SHOW STREAMS"
	case 10:
		return fmt.Sprintf("BEGIN; DECLARE c CURSOR FOR SUBSCRIBE (SELECT g, sum(v) FROM t GROUP BY g); INSERT INTO s VALUES (%d, 1); COMMIT", k)
	}
	return fmt.Sprintf("SELECT v FROM t WHERE k = %d", k)
}
