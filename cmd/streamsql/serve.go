package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"streamsql/connectors/kafka"
	"streamsql/internal/engine"
	"streamsql/wire"
)

// serveOptions are the flags of serve. Defaults are in addFlags.
type serveOptions struct {
	listen, httpListen, kafkaListen string
	dialect, ksqlListen             string
	brokers                         []string
	dataDir                         string
	checkpointInterval              time.Duration
	passwordFile                    string
	kafkaSync                       bool
	logLevel                        string
	sessionsMax                     int
	subscriberRows                  int
}

func (o *serveOptions) addFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:5433", "address of the PostgreSQL listener")
	f.StringVar(&o.dialect, "dialect", "postgres", "SQL dialect of sessions that do not ask for one: postgres or ksql")
	f.StringVar(&o.ksqlListen, "ksql-listen", "", "address of a second PostgreSQL listener whose sessions begin in the ksql dialect; none by default")
	f.StringVar(&o.httpListen, "http-listen", "127.0.0.1:8088", "address of the HTTP listener: /healthz, /readyz, /metrics")
	f.StringVar(&o.kafkaListen, "kafka-listen", "127.0.0.1:9092", "address of the embedded Kafka broker")
	f.StringSliceVar(&o.brokers, "brokers", nil, "a real Kafka cluster (host:port,…) instead of the embedded broker")
	f.StringVar(&o.dataDir, "data-dir", "./streamsql-data", "where everything is kept")
	f.DurationVar(&o.checkpointInterval, "checkpoint-interval", time.Second, "time between checkpoints of the state")
	f.StringVar(&o.passwordFile, "password-file", "", "file with the password that clients must give (SCRAM-SHA-256)")
	f.BoolVar(&o.kafkaSync, "kafka-sync", true, "embedded broker: sync every acknowledged batch to disk")
	f.StringVar(&o.logLevel, "log-level", "info", "debug, info, warn or error")
	f.IntVar(&o.sessionsMax, "sessions-max", 200, "most client sessions at once")
	f.IntVar(&o.subscriberRows, "subscriber-rows-max", 1_000_000, "changes a push query may be behind before it ends with an error")
	f.String("config", "", "YAML file with these options by name")
}

func serveCommand() *cobra.Command {
	var o serveOptions
	c := &cobra.Command{Use: "serve", Short: "Run the server", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := settleOptions(c); err != nil {
				return err
			}
			return serve(c.Context(), o, c.OutOrStdout(), c.ErrOrStderr(), nil)
		}}
	o.addFlags(c)
	return c
}

// shutdownTimeout bounds an orderly stop; a second signal ends it at once.
const shutdownTimeout = 30 * time.Second

// serve runs a server until ctx is done or a signal comes. started is told the addresses once clients can connect.
func serve(ctx context.Context, o serveOptions, stdout, stderr io.Writer, started func(*server)) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	log, err := newLogger(o.logLevel, stderr)
	if err != nil {
		return err
	}
	if err := checkDialect(o.dialect); err != nil {
		return err
	}
	s, err := startServer(ctx, o, log)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	fmt.Fprintf(stdout, "streamsql %s: psql \"host=%s port=%s user=streamsql dbname=streamsql\"; Kafka at %s; HTTP at %s; data in %s\n",
		versionText(), s.pgHost, s.pgPort, strings.Join(s.brokers, ","), s.httpAddr, o.dataDir)
	if started != nil {
		started(s)
	}
	select {
	case <-ctx.Done():
	case err = <-s.failed:
	}
	go func() { // a second signal stops at once
		again := make(chan os.Signal, 1)
		signal.Notify(again, os.Interrupt, syscall.SIGTERM)
		<-again
		os.Exit(1)
	}()
	if cerr := s.stop(); err == nil {
		err = cerr
	}
	return err
}

func newLogger(level string, w io.Writer) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, usageError{fmt.Errorf("--log-level: %w", err)}
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l})), nil
}

// server is a running server: what was started, in order.
type server struct {
	log      *slog.Logger
	lock     *os.File
	broker   *kafka.Broker
	cluster  *kafka.Cluster
	engine   *engine.Engine
	wire     *wire.Server
	ksql     *wire.Server // nil without --ksql-listen
	http     *http.Server
	brokers  []string
	pgHost   string
	pgPort   string
	httpAddr string
	failed   chan error
	cancel   context.CancelFunc
}

// startServer starts everything in order. On an error what was started is stopped again.
func startServer(ctx context.Context, o serveOptions, log *slog.Logger) (s *server, err error) {
	s = &server{log: log, failed: make(chan error, 3)}
	defer func() {
		if err != nil {
			_ = s.stop()
		}
	}()
	if s.lock, err = lockDir(o.dataDir); err != nil {
		return s, err
	}
	s.brokers = o.brokers
	if len(s.brokers) == 0 {
		s.broker, err = kafka.StartBroker(kafka.BrokerConfig{Dir: filepath.Join(o.dataDir, "kafka"), Listen: o.kafkaListen, Sync: o.kafkaSync, Logger: log})
		if err != nil {
			return s, err
		}
		s.brokers = []string{s.broker.Addr()}
	}
	id, err := serverID(o.dataDir)
	if err != nil {
		return s, err
	}
	if s.cluster, err = kafka.Connect(ctx, kafka.Config{Brokers: s.brokers, Logger: log, ServerID: id}); err != nil {
		return s, err
	}
	if err = waitBroker(ctx, s.cluster, s.brokers, log); err != nil {
		return s, err
	}
	s.engine, err = engine.Open(ctx, engine.Config{Cluster: s.cluster, StateDir: filepath.Join(o.dataDir, "state"),
		CheckpointInterval: o.checkpointInterval, Logger: log, Version: versionText(), BufferRowsMax: o.subscriberRows, Fault: faultFromEnv()})
	if err != nil {
		return s, err
	}
	if s.wire, err = s.listenSQL(o, o.listen, o.dialect); err != nil {
		return s, err
	}
	s.pgHost, s.pgPort, _ = net.SplitHostPort(s.wire.Addr().String())
	if o.ksqlListen != "" {
		if s.ksql, err = s.listenSQL(o, o.ksqlListen, "ksql"); err != nil {
			return s, err
		}
	}
	wctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	for _, w := range []*wire.Server{s.wire, s.ksql} {
		if w == nil {
			continue
		}
		go func() {
			if err := w.Serve(wctx); err != nil && wctx.Err() == nil {
				s.failed <- fmt.Errorf("PostgreSQL listener: %w", err)
			}
		}()
	}
	return s, s.startHTTP(o.httpListen)
}

// listenSQL opens a PostgreSQL listener for sessions of a dialect.
func (s *server) listenSQL(o serveOptions, listen, dialect string) (*wire.Server, error) {
	return wire.NewServer(wire.Config{Listen: listen, Engine: dialectEngine{s.engine, dialect}, PasswordFile: o.passwordFile, Logger: s.log,
		SessionsMax: o.sessionsMax})
}

// waitBroker waits until the cluster answers, saying so while it does not.
func waitBroker(ctx context.Context, c *kafka.Cluster, brokers []string, log *slog.Logger) error {
	for said := false; ; said = true {
		pctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		err := c.Ping(pctx)
		cancel()
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		if !said {
			log.Warn("Kafka does not answer; waiting for it", "brokers", strings.Join(brokers, ","), "err", err)
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// stop stops everything in reverse order.
func (s *server) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	var errs []error
	if s.http != nil {
		errs = append(errs, s.http.Close())
	}
	for _, w := range []*wire.Server{s.ksql, s.wire} {
		if w != nil {
			errs = append(errs, w.Shutdown(ctx))
		}
	}
	if s.cancel != nil {
		s.cancel()
	}
	if s.engine != nil {
		errs = append(errs, s.engine.Close(ctx))
	}
	if s.cluster != nil {
		s.cluster.Close()
	}
	if s.broker != nil {
		s.broker.Close()
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// lockDir makes the data directory and locks it against a second process. The lock goes with the process.
func lockDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "LOCK"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("data directory %s is in use by another streamsql process", dir)
	}
	return f, nil
}

// serverID reads, or makes, the id under which this data directory writes transactions.
func serverID(dir string) (string, error) {
	file := filepath.Join(dir, "server-id")
	if b, err := os.ReadFile(file); err == nil && len(strings.TrimSpace(string(b))) > 0 {
		return strings.TrimSpace(string(b)), nil
	}
	id := strings.ToLower(rand.Text())
	if err := os.WriteFile(file, []byte(id+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("data directory: %w", err)
	}
	return id, nil
}
