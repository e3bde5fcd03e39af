package kafka

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// PartitionsDefault is how many partitions a topic gets that a producer's first record makes.
const PartitionsDefault = 4

// messageBytesMax is the largest record batch the embedded broker takes: a record of RecordBytesMax and room for what
// surrounds it, so that the source decides what is too large and reports it.
const messageBytesMax = 2 * RecordBytesMax

// BrokerConfig says how the embedded broker runs.
type BrokerConfig struct {
	Dir        string       // data directory, made if missing; required. The caller locks it against a second process.
	Listen     string       // host:port; port 0 takes a free one; "" = 127.0.0.1:9092
	Sync       bool         // fsync every batch before it is acknowledged
	Partitions int          // of a topic that a producer's first record makes; 0 = PartitionsDefault
	Logger     *slog.Logger // nil: slog.Default()
}

// Broker is an embedded Kafka broker: one node, no authentication. Topics are kept for ever unless their own
// configuration says otherwise. What it acknowledged survives kill -9, and with Sync a power cut.
type Broker struct {
	cluster *kfake.Cluster
	slot    *commitSlot
	dir     string
	addr    string
	log     *slog.Logger
	once    sync.Once
}

// cleanName is the file that says that the directory was left in order; it is not there while a broker runs.
const cleanName = "clean"

// StartBroker starts the embedded broker with the topics found in its directory.
func StartBroker(c BrokerConfig) (*Broker, error) {
	if c.Dir == "" {
		return nil, fmt.Errorf("start the embedded broker: no data directory given")
	}
	if c.Listen == "" {
		c.Listen = "127.0.0.1:9092"
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	host, portText, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return nil, fmt.Errorf("start the embedded broker: listen address: %w", err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("start the embedded broker: port %q is not a number", portText)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("start the embedded broker: %w", err)
	}
	slot, err := c.prepare()
	if err != nil {
		return nil, fmt.Errorf("start the embedded broker: %w", err)
	}
	opts := c.options(port)
	opts = append(opts, kfake.ListenFn(func(network, address string) (net.Listener, error) {
		_, p, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return listen(network, host, p)
	}))
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		slot.f.Close()
		return nil, fmt.Errorf("start the embedded broker: %w", err)
	}
	cluster.ControlKey(int16(kmsg.EndTxn), slot.observe(cluster.KeepControl, c.Logger))
	return &Broker{cluster: cluster, slot: slot, dir: c.Dir, log: c.Logger, addr: cluster.ListenAddrs()[0]}, nil
}

// prepare puts the directory in order after a crash.
func (c BrokerConfig) prepare() (*commitSlot, error) {
	slot, err := openSlot(c.Dir, c.Sync)
	if err != nil {
		return nil, err
	}
	err = os.Remove(filepath.Join(c.Dir, cleanName))
	if errors.Is(err, fs.ErrNotExist) {
		err = repairTxns(c.Dir, slot, c.Logger)
	}
	if err != nil {
		slot.f.Close()
		return nil, err
	}
	return slot, nil
}

// options are kfake's options; what decides durability and retention is spelled out.
func (c BrokerConfig) options(port int) []kfake.Opt {
	if c.Partitions <= 0 {
		c.Partitions = PartitionsDefault
	}
	opts := []kfake.Opt{
		kfake.ClusterID("streamsql"),
		kfake.Ports(port),
		kfake.DataDir(c.Dir), // always: memory mode stalls for up to 480 ms when a segment's slice grows
		kfake.AllowAutoTopicCreation(),
		kfake.DefaultNumPartitions(c.Partitions),
		kfake.WithLogger(brokerLogger{c.Logger}),
		kfake.BrokerConfigs(map[string]string{
			"log.retention.ms":           "-1", // the log is the truth: nothing leaves it
			"log.retention.bytes":        "-1",
			"log.cleaner.backoff.ms":     strconv.Itoa(int(time.Minute / time.Millisecond)), // compaction of epochs and tables
			"default.replication.factor": "1",
			"message.max.bytes":          strconv.Itoa(messageBytesMax),
		}),
	}
	if c.Sync {
		opts = append(opts, kfake.SyncWrites())
	}
	return opts
}

// Addr is the host:port that clients reach the broker at.
func (b *Broker) Addr() string { return b.addr }

// Close writes the broker's state and stops it. It may be called more than once.
func (b *Broker) Close() {
	b.once.Do(func() {
		b.cluster.Close()
		b.slot.f.Close()
		if err := os.WriteFile(filepath.Join(b.dir, cleanName), nil, 0o600); err != nil {
			b.log.Warn("embedded broker: the next start will look for open transactions", "error", err)
		}
	})
}

// listener reports an address that clients on this machine can dial, because the broker advertises it.
type listener struct {
	net.Listener
	addr advertised
}

type advertised string

func (advertised) Network() string  { return "tcp" }
func (a advertised) String() string { return string(a) }

func (l listener) Addr() net.Addr { return l.addr }

// listen opens host:port. A wildcard address is advertised as this machine's name, any other as it is.
func listen(network, host, port string) (net.Listener, error) {
	l, err := net.Listen(network, net.JoinHostPort(host, port))
	if err != nil {
		return nil, err
	}
	_, p, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		l.Close()
		return nil, err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		if host, err = os.Hostname(); err != nil {
			host = "127.0.0.1"
		}
	}
	return listener{l, advertised(net.JoinHostPort(host, p))}, nil
}

// brokerLogger passes kfake's warnings and errors on.
type brokerLogger struct{ l *slog.Logger }

func (b brokerLogger) Logf(level kfake.LogLevel, format string, args ...any) {
	switch level {
	case kfake.LogLevelError:
		b.l.Error("embedded broker: " + fmt.Sprintf(format, args...))
	case kfake.LogLevelWarn:
		if strings.Contains(format, "slow") { // a commit of over 5 ms: every one that waits for a disk
			b.l.Debug("embedded broker: " + fmt.Sprintf(format, args...))
			return
		}
		b.l.Warn("embedded broker: " + fmt.Sprintf(format, args...))
	}
}
