package kafka

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
	"streamsql/internal/pgerr"
)

// fetchPartitionBytes is the default fetch size: 128-512 KiB keep a fetch in the processor's cache
// (reference/performance-limits.md §1).
const fetchPartitionBytes = 512 << 10

// retryMax bounds how long one administrative request is retried while the brokers are away; a context ends it sooner.
const retryMax = 15 * time.Second

// Config is how a cluster is reached. Brokers is required.
type Config struct {
	Brokers                []string     // host:port of some of its brokers
	Logger                 *slog.Logger // nil: slog.Default()
	ClientID               string       // "" = "streamsql"
	ServerID               string       // names this server's transactional writer; unique per data directory. "" = a random one
	FetchMaxPartitionBytes int32        // 0 = 512 KiB
}

// Cluster is a Kafka cluster; it implements connectors.Cluster and is safe for concurrent use. Sources, sinks and
// writers made by it must be closed before it.
type Cluster struct {
	cfg   Config
	admin *kadm.Client
	plain *kgo.Client // administration and non-transactional writes
	errs  *sender
	txn   *txnWriter
}

var _ connectors.Cluster = (*Cluster)(nil)

// Connect returns a Cluster. It does not wait for the brokers: Ping does.
func Connect(ctx context.Context, cfg Config) (*Cluster, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(cfg.Brokers) == 0 {
		return nil, errors.New("connect to Kafka: no brokers given")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.ClientID == "" {
		cfg.ClientID = "streamsql"
	}
	if cfg.ServerID == "" {
		cfg.ServerID = randomID()
	}
	if cfg.FetchMaxPartitionBytes == 0 {
		cfg.FetchMaxPartitionBytes = fetchPartitionBytes
	}
	c := &Cluster{cfg: cfg}
	cl, err := kgo.NewClient(append(c.baseOptions(), produceOptions()...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to Kafka: %w", err)
	}
	c.plain, c.admin = cl, kadm.NewClient(cl)
	c.errs = &sender{cluster: c}
	c.txn = newTxnWriter(c)
	return c, nil
}

func randomID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// baseOptions are the options of every client.
func (c *Cluster) baseOptions() []kgo.Opt {
	return []kgo.Opt{
		kgo.SeedBrokers(c.cfg.Brokers...),
		kgo.ClientID(c.cfg.ClientID),
		kgo.DialTimeout(5 * time.Second),
		kgo.RetryTimeout(retryMax),
		kgo.RetryBackoffFn(backoff),
		kgo.MetadataMinAge(200 * time.Millisecond), // a topic made a moment ago is seen soon
		kgo.DisableClientMetrics(),
	}
}

// backoff is how long the n-th retry waits: 50 ms doubling up to one second, so that a broker that comes back is
// noticed at once.
func backoff(n int) time.Duration { return min(50*time.Millisecond<<min(n, 10), time.Second) }

// Ping returns nil once a broker answers.
func (c *Cluster) Ping(ctx context.Context) error {
	return brokerError("reach Kafka", c.plain.Ping(ctx))
}

// Close flushes what Send has buffered, for a few seconds at most, and closes all connections.
func (c *Cluster) Close() {
	c.errs.close()
	c.txn.close()
	c.plain.Close()
}

// CreateTopic makes a topic; it is no error if it exists. partitions and replicas of 0 are the cluster's defaults.
func (c *Cluster) CreateTopic(ctx context.Context, name string, partitions int, replicas int, config map[string]string) error {
	cfg := make(map[string]*string, len(config))
	for k, v := range config {
		cfg[k] = kadm.StringPtr(v)
	}
	if partitions <= 0 {
		partitions = -1
	}
	if replicas <= 0 {
		replicas = -1
	}
	_, err := c.admin.CreateTopic(ctx, int32(partitions), int16(replicas), cfg, name)
	if errors.Is(err, kerr.TopicAlreadyExists) {
		return c.awaitTopic(ctx, name) // this client may have asked for it before it was there
	}
	if err != nil {
		return brokerError(fmt.Sprintf("create topic %q", name), err)
	}
	if err := c.forget(ctx, name); err != nil {
		return err
	}
	return c.awaitTopic(ctx, name)
}

// A topic that was just made may be unknown for a moment: to other brokers, and to this client's own metadata.
const (
	awaitTopicMax   = 5 * time.Second
	awaitTopicPause = 5 * time.Millisecond
)

// awaitTopic returns when the topic's ends can be listed.
func (c *Cluster) awaitTopic(ctx context.Context, name string) error {
	for give := time.Now().Add(awaitTopicMax); ; {
		_, err := c.Ends(ctx, name)
		if pgerr.Code(err) != pgerr.UndefinedTable || time.Now().After(give) {
			return err
		}
		select {
		case <-time.After(awaitTopicPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// forget has the producers drop what they know of a topic. They would refuse records for one that was deleted and made
// anew as long as they remember it, by its old id.
func (c *Cluster) forget(ctx context.Context, topic string) error {
	c.plain.PurgeTopicsFromProducing(topic)
	return c.txn.forget(ctx, topic)
}

// DeleteTopic deletes a topic; it is no error if there is none.
func (c *Cluster) DeleteTopic(ctx context.Context, name string) error {
	_, err := c.admin.DeleteTopic(ctx, name)
	if errors.Is(err, kerr.UnknownTopicOrPartition) {
		return nil
	}
	return brokerError(fmt.Sprintf("delete topic %q", name), err)
}

// Topics lists the cluster's topics by name, without Kafka's internal ones.
func (c *Cluster) Topics(ctx context.Context) ([]connectors.Topic, error) {
	ts, err := c.admin.ListTopics(ctx)
	if err != nil {
		return nil, brokerError("list topics", err)
	}
	out := make([]connectors.Topic, 0, len(ts))
	for _, t := range ts {
		if t.Err == nil {
			out = append(out, connectors.Topic{Name: t.Topic, Partitions: len(t.Partitions), Replicas: t.Partitions.NumReplicas()})
		}
	}
	slices.SortFunc(out, func(a, b connectors.Topic) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// Partitions returns how many partitions a topic has; 42P01 if there is no such topic.
func (c *Cluster) Partitions(ctx context.Context, topic string) (int, error) {
	t, err := describe(ctx, c.plain, topic)
	if err != nil {
		return 0, topicError(topic, err)
	}
	return len(t.leaders), nil
}

// Starts returns the offset of each partition's first record.
func (c *Cluster) Starts(ctx context.Context, topic string) (connectors.Offsets, error) {
	l, err := c.admin.ListStartOffsets(ctx, topic)
	return offsetsOf(topic, l, err)
}

// Ends returns the last stable offsets: what a read-committed reader can reach.
func (c *Cluster) Ends(ctx context.Context, topic string) (connectors.Offsets, error) {
	l, err := c.admin.ListCommittedOffsets(ctx, topic)
	return offsetsOf(topic, l, err)
}

func offsetsOf(topic string, l kadm.ListedOffsets, err error) (connectors.Offsets, error) {
	if err != nil {
		return nil, brokerError(fmt.Sprintf("list offsets of topic %q", topic), err)
	}
	out := connectors.Offsets{}
	for p, o := range l[topic] {
		if o.Err != nil {
			return nil, topicError(topic, o.Err)
		}
		out[p] = o.Offset
	}
	if len(out) == 0 {
		return nil, topicError(topic, kerr.UnknownTopicOrPartition)
	}
	return out, nil
}

// Send produces without waiting; failures are logged.
func (c *Cluster) Send(rec connectors.Record) { c.errs.send(rec) }

// topicError gives an error of one topic its SQLSTATE.
func topicError(topic string, err error) error {
	if isUnknownTopic(err) {
		e := pgerr.New(pgerr.UndefinedTable, "topic %q does not exist", topic)
		e.Err = err
		return e
	}
	return brokerError(fmt.Sprintf("topic %q", topic), err)
}

func isUnknownTopic(err error) bool {
	return errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.UnknownTopicID)
}

// brokerError wraps what a broker, or the way to it, said. A context's end stays recognisable.
func brokerError(doing string, err error) error {
	if err == nil {
		return nil
	}
	var ke *kerr.Error
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	code := pgerr.ConnectionFailure
	if errors.Is(err, kerr.MessageTooLarge) {
		code = pgerr.ProgramLimitExceeded
	} else if errors.As(err, &ke) && !ke.Retriable {
		code = pgerr.SystemError
	}
	e := pgerr.New(code, "%s: %v", doing, err)
	e.Err = err
	return e
}
