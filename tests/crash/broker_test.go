package crash

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"streamsql/connectors/kafka"
	"streamsql/tests/testserver"
)

func asExit(err error, e **exec.ExitError) bool { return errors.As(err, e) }

// TestBrokerAway: while an outside broker is gone, sessions answer from what there is, SHOW STREAMS says what is wrong,
// writes do not hang for ever, and everything goes on when it is back.
func TestBrokerAway(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	addr, dir := testserver.FreeAddr(t), filepath.Join(t.TempDir(), "kafka")
	start := func() *kafka.Broker {
		b, err := kafka.StartBroker(kafka.BrokerConfig{Dir: dir, Listen: addr, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.Close)
		return b
	}
	broker := start()
	s := testserver.New(t, testserver.Options{Brokers: addr, Args: []string{"--checkpoint-interval", "100ms"}})
	s.Start()
	s.Exec(ctx,
		`CREATE STREAM events (id BIGINT, grp BIGINT, v BIGINT) WITH (kafka_topic = 'events', value_format = 'json', partitions = 4)`,
		`CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM events`,
		`CREATE TABLE copied AS SELECT grp, count(*) AS n FROM events GROUP BY grp`,
		`CREATE TABLE own (id BIGINT PRIMARY KEY)`, `INSERT INTO own VALUES (1), (2)`)
	feed := testserver.NewFeed(t, addr, "events")
	send := func(from, n int) {
		for i := range n {
			feed.Send(ctx, nil, fmt.Appendf(nil, `{"id":%d,"grp":%d,"v":1}`, from+i, i%3))
		}
	}
	send(0, 100)
	if err := feed.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	waitCount(ctx, t, s, 100)

	broker.Close()
	send(100, 100)
	c := s.Connect(ctx) // a new session starts without the broker
	testserver.Eventually(t, 20*time.Second, "SHOW STREAMS that says that the broker is away", func() error {
		status, err := streamStatus(ctx, c, "events")
		if err == nil && status == "running" {
			err = fmt.Errorf("the status is %q", status)
		}
		return err
	})
	status, err := streamStatus(ctx, c, "events")
	t.Logf("status without the broker: %q, %v", status, err)

	blocked := make(chan error, 1)
	go func() { // a write waits for the broker, in a session of its own, as long as its statement_timeout says
		w, err := pgx.Connect(ctx, s.URL())
		if err == nil {
			defer w.Close(context.Background())
			_, err = w.Exec(ctx, "INSERT INTO own VALUES (3), (4)")
		}
		blocked <- err
	}()
	for range 20 {
		qctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		var n, own int
		err := c.QueryRow(qctx, "SELECT (SELECT n FROM counted), (SELECT count(*) FROM own)").Scan(&n, &own)
		cancel()
		if err != nil || n != 100 || own != 2 {
			t.Fatalf("without the broker: %d and %d rows, %v", n, own, err)
		}
	}

	start()
	if err := feed.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	waitCount(ctx, t, s, 200)
	werr := <-blocked
	t.Logf("the write that met no broker: %v", werr)
	testserver.Eventually(t, 20*time.Second, "a status that is well again", func() error {
		status, err := streamStatus(ctx, c, "events")
		if err == nil && status != "running" {
			err = fmt.Errorf("the status is %q", status)
		}
		return err
	})
	var own int
	if _, err := c.Exec(ctx, "INSERT INTO own VALUES (5), (6)"); err != nil {
		t.Errorf("a write after the broker is back: %v", err)
	}
	if err := c.QueryRow(ctx, "SELECT count(*) FROM own").Scan(&own); err != nil || own != 4 && own != 6 || werr == nil && own != 6 {
		t.Errorf("the table has %d rows, %v", own, err)
	}
	// The output of what came while the broker was away reaches its topic.
	testserver.Eventually(t, 20*time.Second, "output in the topic", func() error {
		total := int64(0)
		for _, o := range testserver.Ends(t, addr, "copied") {
			total += o
		}
		if total < 6 {
			return fmt.Errorf("%d records", total)
		}
		return nil
	})
}

func waitCount(ctx context.Context, t *testing.T, s *testserver.Server, want int) {
	t.Helper()
	c := s.Connect(ctx)
	defer c.Close(ctx)
	testserver.Eventually(t, 20*time.Second, fmt.Sprintf("a count of %d", want), func() error {
		var n int
		if err := c.QueryRow(ctx, "SELECT n FROM counted").Scan(&n); err != nil || n != want {
			return fmt.Errorf("%d, %v", n, err)
		}
		return nil
	})
}

func streamStatus(ctx context.Context, c *pgx.Conn, name string) (string, error) {
	rows, err := c.Query(ctx, "SHOW STREAMS")
	if err != nil {
		return "", err
	}
	got, err := pgx.CollectRows(rows, pgx.RowToMap)
	if err != nil {
		return "", err
	}
	for _, r := range got {
		if strings.HasSuffix(fmt.Sprint(r["name"]), name) && r["topic"] == name {
			return fmt.Sprint(r["status"]), nil
		}
	}
	return "", fmt.Errorf("no stream %s in %v", name, got)
}
