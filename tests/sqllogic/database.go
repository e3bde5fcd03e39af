package sqllogic

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"streamsql/connectors/kafka"
	"streamsql/internal/batch"
	"streamsql/internal/engine"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/wire"
)

// sqlError is an error with its SQLSTATE.
type sqlError struct{ code, msg string }

func (e *sqlError) Error() string { return e.msg }

// database is a broker and an engine of their own for one file, and the connections to it.
type database struct {
	ctx     context.Context
	dir     string
	wired   bool
	rnd     *rand.Rand // ticks are cut at random if not nil
	broker  *kafka.Broker
	cluster *kafka.Cluster
	engine  *engine.Engine
	server  *wire.Server
	cancel  context.CancelFunc
	conns   map[string]conn
}

// conn runs SQL.
type conn interface {
	run(ctx context.Context, sql string) (Rows, error)
	close()
}

func quiet() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
}

func newDatabase(ctx context.Context, wired bool, rnd *rand.Rand) (*database, error) {
	dir, err := os.MkdirTemp("", "sqllogic")
	if err != nil {
		return nil, err
	}
	d := &database{ctx: ctx, dir: dir, wired: wired, rnd: rnd, conns: map[string]conn{}}
	d.broker, err = kafka.StartBroker(kafka.BrokerConfig{Dir: filepath.Join(dir, "kafka"), Listen: "127.0.0.1:0", Logger: quiet()})
	if err == nil {
		err = d.open()
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *database) open() error {
	var err error
	d.cluster, err = kafka.Connect(d.ctx, kafka.Config{Brokers: []string{d.broker.Addr()}, Logger: quiet(), ServerID: "sqllogic"})
	if err != nil {
		return err
	}
	cfg := engine.Config{Cluster: d.cluster, StateDir: filepath.Join(d.dir, "state"), CheckpointInterval: 20 * time.Millisecond, Logger: quiet()}
	if d.rnd != nil {
		cfg.TickRowsMax = func() int { return 1 << d.rnd.IntN(13) }
	}
	if d.engine, err = engine.Open(d.ctx, cfg); err != nil || !d.wired {
		return err
	}
	if d.server, err = wire.NewServer(wire.Config{Listen: "127.0.0.1:0", Engine: d.engine, Logger: quiet()}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel = cancel
	go func() { _ = d.server.Serve(ctx) }()
	return nil
}

// restart stops the engine and opens it again, without its state directory if wipe is set.
func (d *database) restart(wipe bool) error {
	if err := d.stop(); err != nil {
		return err
	}
	if wipe {
		if err := os.RemoveAll(filepath.Join(d.dir, "state")); err != nil {
			return err
		}
	}
	return d.open()
}

func (d *database) stop() error {
	for _, c := range d.conns {
		c.close()
	}
	clear(d.conns)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var errs []error
	if d.server != nil {
		errs = append(errs, d.server.Shutdown(ctx))
		d.cancel()
		d.server = nil
	}
	if d.engine != nil {
		errs = append(errs, d.engine.Close(ctx))
		d.engine = nil
	}
	if d.cluster != nil {
		d.cluster.Close()
		d.cluster = nil
	}
	return errors.Join(errs...)
}

func (d *database) close() {
	_ = d.stop()
	if d.broker != nil {
		d.broker.Close()
	}
	os.RemoveAll(d.dir)
}

// conn returns the named connection, made when it is first used.
func (d *database) conn(name string) (conn, error) {
	if c := d.conns[name]; c != nil {
		return c, nil
	}
	var c conn
	if d.wired {
		pc, err := pgconn.Connect(d.ctx, fmt.Sprintf("postgres://tester@%s/streamsql?sslmode=disable", d.server.Addr()))
		if err != nil {
			return nil, err
		}
		c = &wireConn{pc}
	} else {
		s, err := d.engine.Open(d.ctx, map[string]string{"user": "tester"})
		if err != nil {
			return nil, err
		}
		c = &directConn{s}
	}
	d.conns[name] = c
	return c, nil
}

// wireConn runs SQL over the PostgreSQL protocol.
type wireConn struct{ c *pgconn.PgConn }

func (w *wireConn) close() { _ = w.c.Close(context.Background()) }

func (w *wireConn) run(ctx context.Context, sql string) (Rows, error) {
	rs, err := w.c.Exec(ctx, sql).ReadAll()
	if err != nil {
		var p *pgconn.PgError
		if errors.As(err, &p) {
			return nil, &sqlError{p.Code, p.Message}
		}
		return nil, err
	}
	if len(rs) == 0 {
		return nil, nil
	}
	return textRows(rs[len(rs)-1]), nil
}

// textRows are the rows of a result in text format.
func textRows(r *pgconn.Result) Rows {
	out := make(Rows, len(r.Rows))
	for i, row := range r.Rows {
		for _, v := range row {
			if v == nil {
				out[i] = append(out[i], nil)
				continue
			}
			s := string(v)
			out[i] = append(out[i], &s)
		}
	}
	return out
}

// directConn runs SQL in a session of the engine, without the wire.
type directConn struct{ s session.Session }

func (c *directConn) close() { c.s.Close() }

func (c *directConn) run(ctx context.Context, sql string) (Rows, error) {
	rows, err := c.exec(ctx, sql)
	if err != nil {
		c.s.Fail()
		p := pgerr.From(err)
		return nil, &sqlError{p.Code, p.Msg}
	}
	return rows, nil
}

func (c *directConn) exec(ctx context.Context, sql string) (Rows, error) {
	stmts, err := c.s.Parse(ctx, sql, nil)
	if err != nil {
		return nil, err
	}
	var rows Rows
	for _, s := range stmts {
		res, err := c.s.Execute(ctx, s, nil)
		if err != nil {
			return nil, err
		}
		rows, err = c.read(ctx, res)
		res.Close()
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func (c *directConn) read(ctx context.Context, res session.Result) (Rows, error) {
	var out Rows
	for {
		b, err := res.Next(ctx, 0, nil)
		if b == nil || err != nil {
			return out, err
		}
		for i, w := range b.Weights {
			row := make([]*string, len(b.Cols))
			for j, col := range res.Columns() {
				if v := batch.ValueAt(b.Cols[j], i); !v.Null {
					s := string(types.AppendText(nil, col.Type, v, c.s.Format()))
					row[j] = &s
				}
			}
			for ; w > 0; w-- {
				out = append(out, row)
			}
		}
	}
}
