package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kgo"
)

// lineBytesMax is the longest line produce takes: the embedded broker's largest record.
const lineBytesMax = 16 << 20

func produceCommand() *cobra.Command {
	var brokers []string
	var key string
	c := &cobra.Command{Use: "produce TOPIC", Short: "Write JSON lines from standard input into a topic", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := settleOptions(c); err != nil {
				return err
			}
			n, err := produce(c.Context(), brokers, args[0], key, c.InOrStdin())
			fmt.Fprintf(c.ErrOrStderr(), "%d records written to %s\n", n, args[0])
			return err
		}}
	c.Flags().StringSliceVar(&brokers, "brokers", []string{"127.0.0.1:9092"}, "Kafka brokers (host:port,…)")
	c.Flags().StringVar(&key, "key", "", "field of the JSON object that becomes the record's key")
	c.Flags().String("config", "", "YAML file with these options by name")
	return c
}

// produce writes one record a line and returns how many were acknowledged. Every line must be valid JSON: the first
// that is not ends it, after what came before was written.
func produce(ctx context.Context, brokers []string, topic, key string, in io.Reader) (int, error) {
	cl, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.DefaultProduceTopic(topic), kgo.AllowAutoTopicCreation(),
		kgo.ProducerBatchMaxBytes(lineBytesMax), kgo.ProducerBatchCompression(kgo.Lz4Compression(), kgo.NoCompression()))
	if err != nil {
		return 0, err
	}
	defer cl.Close()
	var mu sync.Mutex
	var n int
	var failed error
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), lineBytesMax)
	line := 0
	for lines.Scan() {
		line++
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		rec, err := recordOf(text, key)
		if err != nil {
			failed = fmt.Errorf("line %d: %w", line, err)
			break
		}
		cl.Produce(ctx, rec, func(_ *kgo.Record, err error) {
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				if failed == nil {
					failed = err
				}
				return
			}
			n++
		})
		mu.Lock()
		stop := failed != nil
		mu.Unlock()
		if stop {
			break
		}
	}
	if err := cl.Flush(ctx); err != nil {
		return n, err
	}
	mu.Lock()
	defer mu.Unlock()
	if failed == nil {
		failed = lines.Err()
	}
	return n, failed
}

// recordOf makes the record of a line. The key is the named field: a string's text, else the value's JSON.
func recordOf(text []byte, key string) (*kgo.Record, error) {
	if !json.Valid(text) {
		return nil, fmt.Errorf("not valid JSON")
	}
	rec := &kgo.Record{Value: bytes.Clone(text)}
	if key == "" {
		return rec, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, fmt.Errorf("--key needs JSON objects: %w", err)
	}
	v, ok := fields[key]
	if !ok {
		return nil, fmt.Errorf("no field %q for the key", key)
	}
	var s string
	if json.Unmarshal(v, &s) == nil {
		v = []byte(s)
	}
	rec.Key = v
	return rec, nil
}
