package sqlclient

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// defaultURL is where `streamsql serve` listens.
const defaultURL = "postgres://streamsql@127.0.0.1:5433/streamsql?sslmode=prefer"

// ErrFailed is what Run returns when a statement failed: the error has been printed.
var ErrFailed = errors.New("a statement failed")

// Options say what to run. Commands and Files run in that order and stop at the first error; without any, statements
// are read from In.
type Options struct {
	URL      string   // postgres://…; default 127.0.0.1:5433, user and database streamsql
	Dialect  string   // of the session: "postgres", "ksql"; "" is the server's choice
	Commands []string // texts, each sent as it is
	Files    []string // scripts; "-" is In
	In       io.Reader
	Out, Err io.Writer
	// Interactive prompts for statements from In and goes on after errors.
	Interactive bool
	// Interrupts cancels the running statement with every value; nil: Run takes the process's SIGINT.
	Interrupts <-chan os.Signal
}

// Run connects and runs everything. It returns nil, ErrFailed, ctx's error, or why it could not connect or read.
func Run(ctx context.Context, o Options) error {
	if o.URL == "" {
		o.URL = defaultURL
	}
	if o.Interrupts == nil {
		sig := make(chan os.Signal, 1)
		signal.Notify(sig, os.Interrupt)
		defer signal.Stop(sig)
		o.Interrupts = sig
	}
	c := &client{out: bufio.NewWriter(o.Out), err: o.Err, interrupts: o.Interrupts}
	if err := c.connect(ctx, o.URL, o.Dialect); err != nil {
		return err
	}
	defer c.close()
	for _, text := range o.Commands {
		if err := c.run(ctx, text, bufio.NewReader(o.In)); err != nil {
			return err
		}
	}
	for _, name := range o.Files {
		if err := c.runFile(ctx, name, o.In); err != nil {
			return err
		}
	}
	if len(o.Commands)+len(o.Files) > 0 {
		return nil
	}
	return c.runInput(ctx, newInput(o.In), o.Interactive)
}

func (c *client) runFile(ctx context.Context, name string, stdin io.Reader) error {
	if name == "-" {
		return c.runInput(ctx, newInput(stdin), false)
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return c.runInput(ctx, newInput(f), false)
}

// runInput runs statement by statement what lines give.
func (c *client) runInput(ctx context.Context, in *input, interactive bool) error {
	defer in.close()
	var split splitter
	for {
		if interactive {
			c.prompt(!split.empty())
		}
		line, err := in.next(ctx, c.interrupts)
		switch {
		case errors.Is(err, errInterrupted) && interactive:
			split = splitter{}
			fmt.Fprintln(c.err)
			continue
		case errors.Is(err, io.EOF):
			return c.runRest(ctx, &split, in, interactive)
		case err != nil:
			return err
		}
		if split.empty() && interactive {
			if done, handled := c.command(line); done {
				return nil
			} else if handled {
				continue
			}
		}
		for _, st := range split.add(line) {
			if err := c.runOne(ctx, st, in, interactive); err != nil {
				return err
			}
		}
	}
}

// runRest runs a last statement without a semicolon.
func (c *client) runRest(ctx context.Context, split *splitter, in *input, interactive bool) error {
	if interactive {
		fmt.Fprintln(c.err)
		return nil
	}
	if rest := split.rest(); rest != "" {
		return c.runOne(ctx, rest, in, false)
	}
	return nil
}

// runOne runs a statement; in an interactive session its failure is not ours.
func (c *client) runOne(ctx context.Context, text string, in *input, interactive bool) error {
	err := c.run(ctx, text, in)
	if errors.Is(err, ErrFailed) && interactive && !c.conn.IsClosed() {
		return nil
	}
	return err
}

// command handles the lines that are not SQL.
func (c *client) command(line string) (done, handled bool) {
	switch word := strings.TrimRight(strings.TrimSpace(line), ";"); {
	case word == `\q` || word == "quit" || word == "exit":
		return true, true
	case word == `\?` || word == "help":
		fmt.Fprintln(c.err, `Statements end with ; and Ctrl-C ends the running one. \q leaves.`)
	case strings.HasPrefix(word, `\`):
		fmt.Fprintf(c.err, "%s is a command of psql: connect with psql to use it. \\q leaves.\n", strings.Fields(word)[0])
	case word == "":
	default:
		return false, false
	}
	return false, true
}

// prompt tells the transaction's state like psql: =*> inside one, =!> in a failed one.
func (c *client) prompt(continued bool) {
	mark, state := "=", ""
	if continued {
		mark = "-"
	}
	switch c.conn.TxStatus() {
	case 'T':
		state = "*"
	case 'E':
		state = "!"
	}
	fmt.Fprintf(c.err, "streamsql%s%s> ", mark, state)
}

func (c *client) connect(ctx context.Context, url, dialect string) error {
	cfg, err := pgconn.ParseConfig(url)
	if err != nil {
		return err
	}
	if dialect != "" {
		cfg.RuntimeParams["dialect"] = dialect
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "streamsql sql"
	}
	cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { c.notices <- (*pgconn.PgError)(n) }
	c.notices = make(chan *pgconn.PgError, noticesMax)
	c.conn, err = pgconn.ConnectConfig(ctx, cfg)
	return err
}
