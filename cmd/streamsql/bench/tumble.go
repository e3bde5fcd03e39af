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
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"streamsql/connectors/kafka"
	"streamsql/internal/engine"
)

// tumbleQuery is what bench/floor computes: GROUP BY auction in windows of 10 seconds.
const tumbleStream = `CREATE STREAM bids (auction BIGINT NOT NULL, bidder BIGINT, price BIGINT NOT NULL, channel TEXT, url TEXT, "dateTime" TIMESTAMP, extra TEXT)
 WITH (kafka_topic = 'bids', value_format = 'json')`
const tumbleView = `CREATE MATERIALIZED VIEW by_auction AS
 SELECT window_start, auction, count(*) AS bids, sum(price) AS volume, max(price) AS highest
 FROM TUMBLE(bids, "dateTime", INTERVAL '10 seconds') GROUP BY window_start, auction`

type tumbleOptions struct {
	groups, events, evms int64
	pairs                int
	floor                string
}

// Commands are the benchmarks and their hidden helpers.
func Commands() []*cobra.Command {
	return []*cobra.Command{tumbleCommand(), latencyCommand(), lookupCommand(), brokerCommand(), tumbleRunCommand()}
}

func tumbleCommand() *cobra.Command {
	var o tumbleOptions
	c := &cobra.Command{Use: "tumble", Short: "windowed GROUP BY, CPU per event beside bench/floor", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return tumble(c.Context(), o, c.OutOrStdout()) }}
	c.Flags().Int64Var(&o.groups, "groups", 10_000, "distinct auctions")
	c.Flags().Int64Var(&o.events, "events", 6_000_000, "events in the topic")
	c.Flags().Int64Var(&o.evms, "evms", 1000, "events per millisecond of event time")
	c.Flags().IntVar(&o.pairs, "pairs", 5, "runs of each program")
	c.Flags().StringVar(&o.floor, "floor", "", "the built bench/floor program; empty: measure streamsql only")
	return c
}

// figures are what one run of either program gives.
type figures struct {
	CPUus   float64 `json:"cpu_us_per_event"`
	Allocs  float64 `json:"allocs_per_event"`
	MevS    float64 `json:"million_events_per_second"`
	RSSMiB  float64 `json:"peak_rss_mib"`
	Rows    int64   `json:"rows_in_view"`
	Bids    int64   `json:"bids_in_view"`
	PauseMS float64 `json:"checkpoint_pause_ms"`
}

// tumble fills a broker and runs both programs on its topic in turns.
func tumble(ctx context.Context, o tumbleOptions, out io.Writer) error {
	dir, err := os.MkdirTemp("", "streamsql-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b, err := startBroker(ctx, filepath.Join(dir, "kafka"), []string{"bids"})
	if err != nil {
		return err
	}
	defer b.stop()
	// The view is made over the empty topic and the server stopped: each run then starts from that checkpoint and reads
	// the topic live, with checkpoints every second.
	template := filepath.Join(dir, "template")
	if err := prepareTumble(ctx, b.addr, template); err != nil {
		return err
	}
	if err := b.fill(o.events, o.groups, o.evms); err != nil {
		return err
	}
	var ours, floors []figures
	for i := range o.pairs {
		state := filepath.Join(dir, fmt.Sprint("run", i))
		if err := os.CopyFS(state, os.DirFS(template)); err != nil {
			return err
		}
		f, err := runTumble(ctx, b.addr, state, o.events)
		if err != nil {
			return err
		}
		ours = append(ours, f)
		fmt.Fprintf(out, "streamsql  %.3f us CPU an event, %.2f M events/s, %.4f allocs, %.0f MiB, pause %.0f ms\n", f.CPUus, f.MevS, f.Allocs, f.RSSMiB, f.PauseMS)
		if f.Bids != o.events {
			return fmt.Errorf("the view counts %d bids of %d", f.Bids, o.events)
		}
		os.RemoveAll(state)
		if o.floor == "" {
			continue
		}
		if f, err = runFloor(ctx, o, b.addr, dir); err != nil {
			return err
		}
		floors = append(floors, f)
		fmt.Fprintf(out, "floor      %.3f us CPU an event, %.2f M events/s, %.4f allocs, %.0f MiB\n", f.CPUus, f.MevS, f.Allocs, f.RSSMiB)
	}
	return reportTumble(o, ours, floors, out)
}

func median(fs []figures, get func(figures) float64) float64 {
	xs := make([]float64, len(fs))
	for i, f := range fs {
		xs[i] = get(f)
	}
	slices.Sort(xs)
	return xs[len(xs)/2]
}

func reportTumble(o tumbleOptions, ours, floors []figures, out io.Writer) error {
	cpu := func(f figures) float64 { return f.CPUus }
	rss := func(f figures) float64 { return f.RSSMiB }
	res := map[string]any{"bench": "tumble", "groups": o.groups, "events": o.events, "pairs": o.pairs,
		"cpu_us_per_event": median(ours, cpu), "allocs_per_event": median(ours, func(f figures) float64 { return f.Allocs }),
		"peak_rss_mib": median(ours, rss), "million_events_per_second": median(ours, func(f figures) float64 { return f.MevS }), "go": runtime.Version()}
	if len(floors) > 0 {
		res["floor_cpu_us_per_event"], res["floor_peak_rss_mib"] = median(floors, cpu), median(floors, rss)
		res["cpu_ratio"], res["rss_ratio"] = median(ours, cpu)/median(floors, cpu), median(ours, rss)/median(floors, rss)
	}
	return json.NewEncoder(out).Encode(res)
}

// openEngine starts an engine on a broker, as serve does.
func openEngine(ctx context.Context, addr, dir string) (*engine.Engine, *kafka.Cluster, error) {
	cl, err := kafka.Connect(ctx, kafka.Config{Brokers: []string{addr}, ServerID: "bench"})
	if err != nil {
		return nil, nil, err
	}
	e, err := engine.Open(ctx, engine.Config{Cluster: cl, StateDir: dir, CheckpointInterval: time.Second})
	if err != nil {
		cl.Close()
		return nil, nil, err
	}
	return e, cl, nil
}

func prepareTumble(ctx context.Context, addr, dir string) error {
	e, cl, err := openEngine(ctx, addr, dir)
	if err != nil {
		return err
	}
	defer cl.Close()
	if _, err := e.RunText(ctx, tumbleStream, tumbleView); err != nil {
		return err
	}
	return e.Close(ctx)
}

// runTumble measures one run in a process of its own.
func runTumble(ctx context.Context, addr, dir string, events int64) (figures, error) {
	cmd := exec.CommandContext(ctx, self(), "bench", "tumble-run", "--brokers", addr, "--dir", dir, "--events", fmt.Sprint(events))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	var f figures
	if err != nil {
		return f, fmt.Errorf("tumble-run: %w", err)
	}
	if err := json.Unmarshal(out, &f); err != nil {
		return f, fmt.Errorf("tumble-run: %w", err)
	}
	f.RSSMiB = peakRSS(cmd)
	return f, nil
}

func self() string {
	exe, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return exe
}

func peakRSS(cmd *exec.Cmd) float64 {
	ru, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return float64(ru.Maxrss) / 1024
}

func tumbleRunCommand() *cobra.Command {
	var addr, dir, prof string
	var events int64
	c := &cobra.Command{Use: "tumble-run", Hidden: true, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		return tumbleRun(c.Context(), addr, dir, prof, events, c.OutOrStdout())
	}}
	c.Flags().StringVar(&addr, "brokers", "", "")
	c.Flags().StringVar(&dir, "dir", "", "")
	c.Flags().StringVar(&prof, "cpuprofile", "", "")
	c.Flags().Int64Var(&events, "events", 0, "")
	return c
}

func cpuTime() time.Duration {
	var ru syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &ru)
	return time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
}

// tumbleRun opens the engine from the prepared checkpoint and measures until every event is in the view.
func tumbleRun(ctx context.Context, addr, dir, prof string, events int64, out io.Writer) error {
	stopProfile, err := startProfile(prof)
	if err != nil {
		return err
	}
	defer stopProfile()
	var m0, m1 runtime.MemStats
	runtime.ReadMemStats(&m0)
	start, cpu := time.Now(), cpuTime()
	e, cl, err := openEngine(ctx, addr, dir)
	if err != nil {
		return err
	}
	defer cl.Close()
	for e.Stats().SourceRows["bids"] < events {
		time.Sleep(2 * time.Millisecond)
	}
	took, used := time.Since(start), cpuTime()-cpu
	runtime.ReadMemStats(&m1)
	st := e.Stats()
	row, err := e.RunText(ctx, "SELECT count(*), sum(bids) FROM by_auction")
	if err != nil {
		return err
	}
	f := figures{CPUus: float64(used.Microseconds()) / float64(events), Allocs: float64(m1.Mallocs-m0.Mallocs) / float64(events),
		MevS: float64(events) / took.Seconds() / 1e6, PauseMS: float64(st.CheckpointPause.Microseconds()) / 1000}
	f.Rows, _ = strconv.ParseInt(row[0], 10, 64)
	f.Bids, _ = strconv.ParseInt(row[1], 10, 64)
	if err := e.Close(ctx); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(f)
}

var floorLine = regexp.MustCompile(`: ([0-9.]+) Mev/s .*engine cores ([0-9.]+),.*alloc/rec ([0-9.]+)`)

// runFloor runs bench/floor once on the same topic.
func runFloor(ctx context.Context, o tumbleOptions, addr, dir string) (figures, error) {
	cmd := exec.CommandContext(ctx, o.floor, "-addr", addr, "-workers", "shuffle", "-n", fmt.Sprint(o.events), "-auctions", fmt.Sprint(o.groups),
		"-evms", fmt.Sprint(o.evms), "-runs", "1")
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return figures{}, fmt.Errorf("floor: %w", err)
	}
	m := floorLine.FindSubmatch(out)
	if m == nil {
		return figures{}, fmt.Errorf("floor printed %q", out)
	}
	rate, _ := strconv.ParseFloat(string(m[1]), 64)
	cores, _ := strconv.ParseFloat(string(m[2]), 64)
	allocs, _ := strconv.ParseFloat(string(m[3]), 64)
	return figures{CPUus: cores / rate, MevS: rate, Allocs: allocs, RSSMiB: peakRSS(cmd)}, nil
}

// broker is a Kafka broker in a child process.
type broker struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	addr string
}

func startBroker(ctx context.Context, dir string, topics []string) (*broker, error) {
	cmd := exec.CommandContext(ctx, self(), "bench", "broker", "--dir", dir, "--topics", strings.Join(topics, ","))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b := &broker{cmd: cmd, in: in, out: bufio.NewReader(out)}
	line, err := b.out.ReadString('\n')
	if err != nil {
		b.stop()
		return nil, fmt.Errorf("broker: %w", err)
	}
	b.addr = strings.TrimSpace(line)
	return b, nil
}

// fill makes the broker write events into its topic bids and waits until it has.
func (b *broker) fill(events, groups, evms int64) error {
	if _, err := fmt.Fprintf(b.in, "fill %d %d %d\n", events, groups, evms); err != nil {
		return err
	}
	line, err := b.out.ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "filled" {
		return fmt.Errorf("broker: %q: %w", line, err)
	}
	return nil
}

func (b *broker) stop() {
	b.in.Close()
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
}
