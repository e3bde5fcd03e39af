package crash

import (
	"context"
	"fmt"
	"testing"
	"time"

	"streamsql/tests/testserver"
)

// TestMillionGroups measures how soon after kill -9 a view of a million groups gives its first right answer.
func TestMillionGroups(t *testing.T) {
	if !testserver.Full() {
		t.Skip("STREAMSQL_FULL=1 runs it")
	}
	const n = 1_000_000
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	s := testserver.New(t, testserver.Options{})
	s.Start()
	s.Exec(ctx, `CREATE STREAM events (id BIGINT, grp BIGINT, v BIGINT) WITH (kafka_topic = 'events', value_format = 'json', partitions = 4)`,
		`CREATE MATERIALIZED VIEW counted AS SELECT grp, count(*) AS n, sum(v) AS s FROM events GROUP BY grp`)
	feed := testserver.NewFeed(t, s.Kafka, "events")
	for i := range n {
		feed.Send(ctx, nil, fmt.Appendf(nil, `{"id":%d,"grp":%d,"v":%d}`, i, i, i%7))
	}
	if err := feed.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	c := s.Connect(ctx)
	testserver.Eventually(t, time.Minute, "a view of all groups", func() error {
		var got int
		if err := c.QueryRow(ctx, "SELECT count(*) FROM counted").Scan(&got); err != nil || got != n {
			return fmt.Errorf("%d groups, %v", got, err)
		}
		return nil
	})
	for round := range 3 {
		// A trickle goes on while a few checkpoints pass, so that the kill meets a server at work.
		testserver.Pace(ctx, 3000, 1000, func(i int) {
			feed.Send(ctx, nil, fmt.Appendf(nil, `{"id":%d,"grp":%d,"v":0}`, n+round*3000+i, i))
		})
		if err := feed.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		rss := s.RSS()
		s.Kill()
		want := n + (round+1)*3000
		start := time.Now()
		s.Start()
		up := time.Since(start)
		c := s.Connect(ctx)
		var rows, one int
		if err := c.QueryRow(ctx, "SELECT n FROM counted WHERE grp = $1", n-1).Scan(&one); err != nil || one != 1 {
			t.Errorf("group %d has %d rows, %v", n-1, one, err)
		}
		first := time.Since(start)
		var groups int
		if err := c.QueryRow(ctx, "SELECT count(*), sum(n)::bigint FROM counted").Scan(&groups, &rows); err != nil || groups != n || rows != want {
			t.Errorf("%d groups, %d rows of %d, %v", groups, rows, want, err)
		}
		t.Logf("%d groups: process up after %s, first right answer %s after the start, a sum over all groups after %s; %d MiB resident before",
			n, up.Round(time.Millisecond), first.Round(time.Millisecond), time.Since(start).Round(time.Millisecond), rss>>20)
		if first > 2*time.Second {
			t.Errorf("the first right answer took %s, more than 2s", first)
		}
	}
}
