package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"time"

	"streamsql/connectors"
	"streamsql/connectors/kafka"
	"streamsql/internal/batch"
	"streamsql/internal/catalog"
	"streamsql/internal/engine"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
)

// caseMax bounds a case: what takes longer hangs.
const caseMax = 20 * time.Second

// world is an engine of its own over a cluster in memory, and a session of the ksql dialect.
type world struct {
	ctx     context.Context
	cancel  context.CancelFunc
	dir     string
	cluster *kafka.Memory
	engine  *engine.Engine
	session session.Session
}

func newWorld(c *testCase) (*world, error) {
	w := &world{cluster: kafka.NewMemory(1)}
	w.ctx, w.cancel = context.WithTimeout(context.Background(), caseMax)
	var err error
	if w.dir, err = os.MkdirTemp(stateRoot(), "ksqldb"); err != nil {
		return nil, err
	}
	w.engine, err = engine.Open(w.ctx, engine.Config{Cluster: w.cluster, StateDir: w.dir, CheckpointInterval: time.Hour,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), TickRowsMax: func() int { return 1 }})
	if err != nil {
		w.close()
		return nil, err
	}
	params := map[string]string{"user": "tester", "dialect": "ksql"}
	for k, v := range c.Properties {
		params[k] = fmt.Sprint(v)
	}
	w.session, err = w.engine.Open(w.ctx, params)
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// stateRoot is where engines keep their state: in memory, where the system has such a directory.
func stateRoot() string {
	if st, err := os.Stat("/dev/shm"); err == nil && st.IsDir() {
		return "/dev/shm"
	}
	return ""
}

func (w *world) close() {
	if w.session != nil {
		w.session.Close()
	}
	if w.engine != nil {
		done, cancel := context.WithCancel(context.Background())
		cancel() // no last checkpoint
		_ = w.engine.Close(done)
	}
	w.cancel()
	_ = os.RemoveAll(w.dir)
}

// topicOption finds the topics that statements read or write.
var topicOption = regexp.MustCompile(`(?i)kafka_topic\s*'?\s*=\s*'([^']+)'`)

// asSelect tells a statement that writes its topic from one that reads it.
var asSelect = regexp.MustCompile(`(?is)\bAS\s+SELECT\b`)

// makeTopics makes the topics that a statement's source needs, as ksqlDB's test runner does.
func (w *world) makeTopics(sql string) error {
	if asSelect.MatchString(sql) || !strings.Contains(strings.ToUpper(sql), "CREATE") {
		return nil
	}
	for _, m := range topicOption.FindAllStringSubmatch(sql, -1) {
		if err := w.cluster.CreateTopic(w.ctx, m[1], 1, 1, nil); err != nil {
			return err
		}
	}
	return nil
}

// result is the rows of a statement.
type result struct {
	cols []session.Column
	rows [][]types.Value
}

// run executes a text of statements and returns the last one's rows.
func (w *world) run(ctx context.Context, sql string) (*result, error) {
	if err := w.makeTopics(sql); err != nil {
		return nil, err
	}
	stmts, err := w.session.Parse(ctx, sql, nil)
	if err != nil {
		return nil, err
	}
	var out *result
	for _, s := range stmts {
		if out, err = w.execute(ctx, s, 0); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// execute runs one statement; most bounds its rows if it is not 0.
func (w *world) execute(ctx context.Context, s session.Statement, most int) (*result, error) {
	res, err := w.session.Execute(ctx, s, nil)
	if err != nil {
		w.session.Fail()
		return nil, err
	}
	defer res.Close()
	out := &result{cols: res.Columns()}
	for most == 0 || len(out.rows) < most {
		b, err := res.Next(ctx, 0, nil)
		if err != nil {
			return out, err
		}
		if b == nil {
			break
		}
		for i, weight := range b.Weights {
			row := make([]types.Value, len(b.Cols))
			for j := range b.Cols {
				row[j] = batch.ValueAt(b.Cols[j], i)
			}
			for ; weight > 0; weight-- {
				out.rows = append(out.rows, row)
			}
		}
	}
	return out, nil
}

// failure returns why a relation that the catalog has does not run.
func (w *world) failure() error {
	for _, o := range w.engine.Catalog().Objects() {
		if err := w.engine.Failed(o.Name); err != nil && o.Kind != catalog.System {
			return fmt.Errorf("%s failed: %w", o.Name, err)
		}
	}
	return nil
}

// produce appends one record and waits until it is in a closed tick.
func (w *world) produce(rec connectors.Record) error {
	if err := w.cluster.CreateTopic(w.ctx, rec.Topic, 1, 1, nil); err != nil {
		return err
	}
	if _, err := w.cluster.Write(w.ctx, []connectors.Record{rec}); err != nil {
		return err
	}
	return w.settle(rec.Topic)
}

func (w *world) settle(topic string) error {
	ends, err := w.cluster.Ends(w.ctx, topic)
	if err != nil {
		return err
	}
	return w.engine.Settle(w.ctx, topic, ends)
}

// drain writes what derived relations have put out, and what that gives to those that read their topics, until
// nothing more comes.
func (w *world) drain() error {
	for {
		before, err := w.records()
		if err != nil {
			return err
		}
		if err := w.engine.Checkpoint(w.ctx); err != nil {
			return err
		}
		ts, err := w.cluster.Topics(w.ctx)
		if err != nil {
			return err
		}
		for _, t := range ts {
			if err := w.settle(t.Name); err != nil {
				return err
			}
		}
		if after, err := w.records(); err != nil || after == before {
			return err
		}
	}
}

// records counts the records of all topics.
func (w *world) records() (int64, error) {
	ts, err := w.cluster.Topics(w.ctx)
	var n int64
	for _, t := range ts {
		ends, err := w.cluster.Ends(w.ctx, t.Name)
		if err != nil {
			return 0, err
		}
		n += ends[0]
	}
	return n, err
}

// object finds the relation that a topic belongs to: one that reads it, or one that writes it.
func (w *world) object(topic string) *catalog.Object {
	var found *catalog.Object
	for _, o := range w.engine.Catalog().Objects() {
		if o.Connector != nil && o.Connector.Topic == topic && (found == nil || o.Query == "" && found.Query != "") {
			found = o
		}
	}
	return found
}

// describe is an error as the report shows it.
func describe(err error) string {
	p := pgerr.From(err)
	text := p.Code + ": " + p.Msg
	return strings.Join(strings.Fields(text), " ")
}
