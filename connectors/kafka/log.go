package kafka

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
)

// log is a topic of one partition that entries are appended to and never taken from.
type log struct {
	cluster *Cluster
	topic   string
}

// Log returns the log kept in topic, which is made if it is not there.
func (c *Cluster) Log(ctx context.Context, topic string) (connectors.Log, error) {
	cfg := map[string]string{"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
	if err := c.CreateTopic(ctx, topic, 1, 0, cfg); err != nil {
		return nil, err
	}
	return &log{c, topic}, nil
}

// Append implements connectors.Log. If ctx ends first the entry may still be appended.
func (l *log) Append(ctx context.Context, value []byte) (int64, error) {
	w, err := l.cluster.writeOne(ctx, &connectors.Record{Topic: l.topic, Value: value})
	if err != nil {
		return 0, err
	}
	return w[0].Offset, nil
}

// End implements connectors.Log.
func (l *log) End(ctx context.Context) (int64, error) {
	ends, err := l.cluster.Ends(ctx, l.topic)
	return ends[0], err
}

// Read implements connectors.Log.
func (l *log) Read(ctx context.Context, from, to int64, fn func(offset int64, value []byte) error) error {
	f := &fetcher{cl: l.cluster.plain, topic: l.topic}
	return f.each(ctx, from, to, func(r *kgo.Record) error { return fn(r.Offset, r.Value) })
}
