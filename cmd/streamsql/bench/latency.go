package bench

import (
	"bufio"
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
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kgo"
)

// server is a `streamsql serve` in a child process, with its embedded broker.
type server struct {
	cmd    *exec.Cmd
	url    string
	broker string
	host   string
	port   string
}

var servingLine = regexp.MustCompile(`host=(\S+) port=(\d+) .*Kafka at ([^;]+);`)

// startServer starts serve on free ports and waits until it says where.
func startServer(ctx context.Context, dir string, args ...string) (*server, error) {
	args = append([]string{"serve", "--data-dir", dir, "--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", "--kafka-listen", "127.0.0.1:0", "--log-level", "error"}, args...)
	cmd := exec.CommandContext(ctx, self(), args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	m := servingLine.FindStringSubmatch(line)
	if err != nil || m == nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, fmt.Errorf("serve printed %q: %w", line, err)
	}
	return &server{cmd: cmd, host: m[1], port: m[2], broker: m[3], url: fmt.Sprintf("postgres://bench@%s:%s/streamsql?sslmode=disable", m[1], m[2])}, nil
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	_ = s.cmd.Wait()
}

// exec runs statements over the wire.
func (s *server) exec(ctx context.Context, stmts ...string) error {
	c, err := pgconn.Connect(ctx, s.url)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	for _, q := range stmts {
		if _, err := c.Exec(ctx, q).ReadAll(); err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
	}
	return nil
}

func latencyCommand() *cobra.Command {
	var rate, events int
	c := &cobra.Command{Use: "latency", Short: "from an event's intended send time to its row in a push query, beside a bare consumer", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return latency(c.Context(), rate, events, c.OutOrStdout()) }}
	c.Flags().IntVar(&rate, "rate", 1000, "events a second, open loop")
	c.Flags().IntVar(&events, "events", 20_000, "events to measure")
	return c
}

// samples are latencies by event number.
type samples struct {
	mu   sync.Mutex
	got  []time.Duration
	left int
	done chan struct{}
}

func newSamples(n int) *samples {
	return &samples{got: make([]time.Duration, n), left: n, done: make(chan struct{})}
}

func (s *samples) add(i int, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i < 0 || i >= len(s.got) || s.got[i] != 0 {
		return
	}
	s.got[i] = d
	if s.left--; s.left == 0 {
		close(s.done)
	}
}

func (s *samples) quantile(q float64) float64 {
	xs := slices.Clone(s.got)
	slices.Sort(xs)
	return float64(xs[min(int(q*float64(len(xs))), len(xs)-1)].Microseconds()) / 1000
}

// latency sends events at a fixed rate and notes when each arrives at a bare consumer and in a push query.
func latency(ctx context.Context, rate, events int, out io.Writer) error {
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
	if err := s.exec(ctx, "CREATE STREAM pings (n BIGINT, pad TEXT) WITH (kafka_topic = 'pings', value_format = 'json', partitions = 4)"); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	due := make([]time.Time, events)
	bare, push := newSamples(events), newSamples(events)
	consumer, err := kgo.NewClient(kgo.SeedBrokers(s.broker), kgo.ConsumeTopics("pings"), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		return err
	}
	defer consumer.Close()
	go func() {
		for ctx.Err() == nil {
			consumer.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
				var p struct{ N int }
				if json.Unmarshal(r.Value, &p) == nil && p.N >= 0 {
					bare.add(p.N, time.Since(due[p.N]))
				}
			})
		}
	}()
	ready := make(chan struct{})
	failed := make(chan error, 1)
	go func() { failed <- pushQuery(ctx, s.url, due, push, ready) }()
	if err := sendPings(ctx, s.broker, rate, events, due, ready); err != nil {
		return err
	}
	for _, w := range []*samples{bare, push} {
		select {
		case <-w.done:
		case err := <-failed:
			return err
		case <-time.After(30 * time.Second):
			return fmt.Errorf("events are missing 30 s after the last was sent")
		}
	}
	res := map[string]any{"bench": "latency", "rate": rate, "events": events, "bare_p50_ms": bare.quantile(.5), "bare_p99_ms": bare.quantile(.99),
		"push_p50_ms": push.quantile(.5), "push_p99_ms": push.quantile(.99), "p50_ratio": push.quantile(.5) / bare.quantile(.5),
		"p99_ratio": push.quantile(.99) / bare.quantile(.99)}
	return json.NewEncoder(out).Encode(res)
}

// sendPings sends one event every 1/rate seconds, each at its intended time whether or not earlier ones came through.
// A first event with number -1 tells when both readers are attached.
func sendPings(ctx context.Context, addr string, rate, events int, due []time.Time, ready <-chan struct{}) error {
	cl, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.ProducerLinger(0), kgo.DefaultProduceTopic("pings"))
	if err != nil {
		return err
	}
	defer cl.Close()
	send := func(n int) {
		v := fmt.Appendf(nil, `{"n":%d,"pad":"abcdefghijklmnopqrstuvwxyz"}`, n)
		cl.Produce(ctx, &kgo.Record{Value: v}, nil)
	}
	for warm := true; warm; {
		send(-1)
		select {
		case <-ready:
			warm = false
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	time.Sleep(500 * time.Millisecond) // let both settle: the first events are not what is measured
	start := time.Now().Add(10 * time.Millisecond)
	for i := range events {
		due[i] = start.Add(time.Duration(i) * time.Second / time.Duration(rate))
	}
	for i := range events {
		time.Sleep(time.Until(due[i]))
		send(i)
	}
	return cl.Flush(ctx)
}

// pushQuery runs SELECT … EMIT CHANGES and notes when each row's bytes are here.
func pushQuery(ctx context.Context, url string, due []time.Time, got *samples, ready chan<- struct{}) error {
	c, err := pgconn.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx))
	rr := c.ExecParams(ctx, "SELECT n FROM pings EMIT CHANGES", nil, nil, nil, nil)
	first := true
	for rr.NextRow() {
		n, err := strconv.Atoi(string(rr.Values()[0]))
		if err != nil {
			return err
		}
		if first {
			close(ready)
			first = false
		}
		if n >= 0 {
			got.add(n, time.Since(due[n]))
		}
	}
	_, err = rr.Close()
	return err
}
