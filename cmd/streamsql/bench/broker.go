package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand"
	"os"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors/kafka"
)

// partitions of the benchmarks' topics.
const partitions = 4

func brokerCommand() *cobra.Command {
	var dir, topics string
	c := &cobra.Command{Use: "broker", Hidden: true, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		return runBroker(c.Context(), dir, strings.Split(topics, ","), c.InOrStdin(), c.OutOrStdout())
	}}
	c.Flags().StringVar(&dir, "dir", "", "")
	c.Flags().StringVar(&topics, "topics", "", "")
	return c
}

// runBroker serves the embedded broker until its standard input ends.
func runBroker(ctx context.Context, dir string, topics []string, in io.Reader, out io.Writer) error {
	b, err := kafka.StartBroker(kafka.BrokerConfig{Dir: dir, Listen: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	defer b.Close()
	cl, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.ProducerBatchCompression(kgo.Lz4Compression()), kgo.MaxBufferedRecords(200_000),
		kgo.ProducerLinger(20*time.Millisecond), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return err
	}
	defer cl.Close()
	if _, err := kadm.NewClient(cl).CreateTopics(ctx, partitions, 1, nil, topics...); err != nil {
		return err
	}
	fmt.Fprintln(out, b.Addr())
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var events, groups, evms int64
		if _, err := fmt.Sscanf(lines.Text(), "fill %d %d %d", &events, &groups, &evms); err != nil {
			return err
		}
		if err := fillBids(ctx, cl, events, groups, evms); err != nil {
			return err
		}
		fmt.Fprintln(out, "filled")
	}
	return nil
}

// fillBids writes Nexmark-like bids of about 160 bytes, spread over the partitions in turn.
func fillBids(ctx context.Context, cl *kgo.Client, events, groups, evms int64) error {
	rnd := rand.New(rand.NewSource(1))
	failed := make(chan error, 1)
	for i := range events {
		v := appendBid(make([]byte, 0, 192), rnd, i, groups, evms)
		cl.Produce(ctx, &kgo.Record{Topic: "bids", Value: v, Partition: int32(i % partitions)}, func(_ *kgo.Record, err error) {
			if err != nil {
				select {
				case failed <- err:
				default:
				}
			}
		})
	}
	if err := cl.Flush(ctx); err != nil {
		return err
	}
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// appendBid appends the i-th bid.
func appendBid(b []byte, r *rand.Rand, i, groups, evms int64) []byte {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	channels := [...]string{"Google", "Facebook", "Baidu", "Apple"}
	b = strconv.AppendInt(append(b, `{"auction":`...), 1000+r.Int63n(groups), 10)
	b = strconv.AppendInt(append(b, `,"bidder":`...), 1000+r.Int63n(1000), 10)
	b = strconv.AppendInt(append(b, `,"price":`...), 1+r.Int63n(1000), 10)
	b = append(append(append(b, `,"channel":"`...), channels[r.Intn(4)]...), `","url":"https://nexmark.io/`...)
	for range 6 {
		b = append(b, letters[r.Intn(26)])
	}
	b = append(b, `/item.htm","dateTime":"`...)
	b = time.UnixMilli(1672531200000+i/evms).UTC().AppendFormat(b, "2006-01-02 15:04:05.000")
	b = append(b, `","extra":"`...)
	for range 8 {
		b = append(b, letters[r.Intn(36)])
	}
	return append(b, `"}`...)
}

// startProfile writes a CPU profile to file until the returned function is called; nothing without a file.
func startProfile(file string) (func(), error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); f.Close() }, nil
}
