package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kgo"
)

// lookupKeys is the number of rows of the view: pgbench's at scale 1.
const lookupKeys = 100_000

type lookupOptions struct {
	conns, seconds, rate, turns int
	postgres                    string
}

func lookupCommand() *cobra.Command {
	var o lookupOptions
	c := &cobra.Command{Use: "lookup", Short: "point lookups by prepared statement while events come in, beside PostgreSQL (needs pgbench)", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return lookup(c.Context(), o, c.OutOrStdout()) }}
	c.Flags().IntVar(&o.conns, "connections", 8, "client connections")
	c.Flags().IntVar(&o.seconds, "seconds", 5, "length of a turn")
	c.Flags().IntVar(&o.turns, "turns", 3, "turns of each server")
	c.Flags().IntVar(&o.rate, "rate", 10_000, "events a second into the view")
	c.Flags().StringVar(&o.postgres, "postgres", "", "URL of a PostgreSQL 15 with a database initialised by pgbench -i; empty: measure streamsql only")
	return c
}

var tpsLine = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench runs one turn and returns statements a second.
func pgbench(ctx context.Context, o lookupOptions, url, script string) (float64, error) {
	cmd := exec.CommandContext(ctx, "pgbench", "-n", "-M", "prepared", "-c", fmt.Sprint(o.conns), "-j", "2", "-T", fmt.Sprint(o.seconds), "-f", script, url)
	out, err := cmd.CombinedOutput()
	m := tpsLine.FindSubmatch(out)
	if err != nil || m == nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}

// lookup runs pgbench's SELECT-only statement against a view that takes events, and against PostgreSQL, in turns.
func lookup(ctx context.Context, o lookupOptions, out io.Writer) error {
	dir, err := os.MkdirTemp("", "streamsql-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := startServer(ctx, filepath.Join(dir, "data"))
	if err != nil {
		return err
	}
	defer s.stop()
	err = s.exec(ctx, "CREATE STREAM moves (aid INT, delta BIGINT) WITH (kafka_topic = 'moves', value_format = 'json', partitions = 4)",
		"CREATE MATERIALIZED VIEW pgbench_accounts AS SELECT aid, sum(delta) AS abalance FROM moves GROUP BY aid")
	if err != nil {
		return err
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(s.broker), kgo.DefaultProduceTopic("moves"), kgo.ProducerLinger(5*time.Millisecond))
	if err != nil {
		return err
	}
	defer cl.Close()
	for i := range lookupKeys {
		cl.Produce(ctx, move(i+1), nil)
	}
	if err := cl.Flush(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go sendMoves(ctx, cl, o.rate)
	script := filepath.Join(dir, "lookup.sql")
	text := fmt.Sprintf("\\set aid random(1, %d)\nSELECT abalance FROM pgbench_accounts WHERE aid = :aid;\n", lookupKeys)
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		return err
	}
	var ours, theirs []float64
	for range o.turns {
		n, err := pgbench(ctx, o, s.url, script)
		if err != nil {
			return err
		}
		ours = append(ours, n)
		fmt.Fprintf(out, "streamsql  %.0f lookups/s\n", n)
		if o.postgres == "" {
			continue
		}
		if n, err = pgbench(ctx, o, o.postgres, script); err != nil {
			return err
		}
		theirs = append(theirs, n)
		fmt.Fprintf(out, "PostgreSQL %.0f lookups/s\n", n)
	}
	res := map[string]any{"bench": "lookup", "connections": o.conns, "rate": o.rate, "lookups_per_second": middle(ours)}
	if len(theirs) > 0 {
		res["postgres_lookups_per_second"], res["ratio"] = middle(theirs), middle(ours)/middle(theirs)
	}
	return json.NewEncoder(out).Encode(res)
}

func middle(xs []float64) float64 {
	slices.Sort(xs)
	return xs[len(xs)/2]
}

func move(aid int) *kgo.Record {
	return &kgo.Record{Value: fmt.Appendf(nil, `{"aid":%d,"delta":%d}`, aid, aid%100)}
}

// sendMoves sends rate events a second, in steps of 10 ms.
func sendMoves(ctx context.Context, cl *kgo.Client, rate int) {
	t := time.NewTicker(10 * time.Millisecond)
	defer t.Stop()
	for i := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			for range rate / 100 {
				cl.Produce(ctx, move(i%lookupKeys+1), nil)
				i++
			}
		}
	}
}
