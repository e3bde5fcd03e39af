package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kgo"
)

func demoCommand() *cobra.Command {
	var o serveOptions
	var rate int
	var frames int
	c := &cobra.Command{Use: "demo [bank]", Short: "The five-minute tour: server, generator and views in one command",
		Args: cobra.MatchAll(cobra.MaximumNArgs(1), func(_ *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] != "bank" {
				return fmt.Errorf("there is no demo %q; there is: bank", args[0])
			}
			return nil
		}),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := settleOptions(c); err != nil {
				return err
			}
			return demoBank(c.Context(), o, rate, frames, c.OutOrStdout(), c.ErrOrStderr())
		}}
	o.addFlags(c)
	if f := c.Flags().Lookup("log-level"); f != nil {
		f.DefValue = "warn"
		o.logLevel = "warn"
	}
	if f := c.Flags().Lookup("data-dir"); f != nil {
		f.DefValue = "./streamsql-demo"
		o.dataDir = f.DefValue
	}
	c.Flags().IntVar(&rate, "rate", 20, "events a second")
	c.Flags().IntVar(&frames, "frames", 0, "stop after so many pictures of the view (0: at Ctrl-C)")
	return c
}

// bankSchema is the classic example of event sourcing: events are facts, balances are a view of them. A reversal is a
// compensating event: nothing that happened is ever changed.
var bankSchema = []string{
	`CREATE STREAM IF NOT EXISTS accounts_opened (account TEXT KEY, owner TEXT, opened_at TIMESTAMPTZ)
  WITH (kafka_topic = 'accounts_opened', value_format = 'json', partitions = 4)`,
	`CREATE STREAM IF NOT EXISTS bank_events (account TEXT KEY, id BIGINT, type TEXT, amount BIGINT, to_account TEXT, reverses BIGINT, at TIMESTAMPTZ)
  WITH (kafka_topic = 'bank_events', value_format = 'json', partitions = 4)`,
	`CREATE VIEW IF NOT EXISTS postings AS
  SELECT account, amount FROM bank_events WHERE type IN ('deposit', 'reversal')
  UNION ALL SELECT account, -amount FROM bank_events WHERE type IN ('withdrawal', 'transfer')
  UNION ALL SELECT to_account, amount FROM bank_events WHERE type = 'transfer'
  UNION ALL SELECT to_account, -amount FROM bank_events WHERE type = 'reversal'`,
	`CREATE MATERIALIZED VIEW IF NOT EXISTS balances AS
  SELECT account, sum(amount) AS cents, count(*) AS postings FROM postings GROUP BY account`,
	`CREATE MATERIALIZED VIEW IF NOT EXISTS owners AS
  SELECT o.owner, sum(b.cents) AS cents, sum(b.postings) AS postings
  FROM accounts_opened o JOIN balances b ON b.account = o.account GROUP BY o.owner`,
	`CREATE MATERIALIZED VIEW IF NOT EXISTS per_minute AS
  SELECT window_start, type, count(*) AS events, sum(amount) AS cents
  FROM TUMBLE(bank_events, at, INTERVAL '1 minute') GROUP BY window_start, type`,
}

// demoBank starts a server, its views and a generator, and shows a live view until ctx ends or a signal comes.
func demoBank(ctx context.Context, o serveOptions, rate, frames int, stdout, stderr io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	err := serve(ctx, o, stdout, stderr, func(s *server) {
		go func() {
			err := runBank(ctx, s, rate, frames, stdout)
			if errors.Is(err, context.Canceled) {
				err = nil
			}
			ended <- err
			cancel()
		}()
	})
	cancel()
	select {
	case berr := <-ended:
		return errors.Join(err, berr)
	default:
		return err
	}
}

func runBank(ctx context.Context, s *server, rate, frames int, stdout io.Writer) error {
	conn, err := pgconn.Connect(ctx, fmt.Sprintf("postgres://streamsql@%s:%s/streamsql", s.pgHost, s.pgPort))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, stmt := range bankSchema {
		if _, err := conn.Exec(ctx, stmt).ReadAll(); err != nil {
			return fmt.Errorf("%s: %w", strings.Fields(stmt)[len(strings.Fields(stmt))-1], err)
		}
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(s.brokers...), kgo.ProducerLinger(0))
	if err != nil {
		return err
	}
	defer cl.Close()
	gen := newBank(cl, rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 7)))
	if err := gen.open(ctx); err != nil {
		return err
	}
	go gen.run(ctx, rate)
	fmt.Fprintf(stdout, "\nA bank whose balances are views of its events. In a second terminal:\n\n"+
		"  psql \"host=%s port=%s user=streamsql dbname=streamsql\" -c '\\set FETCH_COUNT 1' -c 'SELECT * FROM owners EMIT CHANGES'\n\n"+
		"or without any setting:  streamsql sql --url postgres://streamsql@%s:%s/streamsql -c 'SUBSCRIBE TO owners'\n\nCtrl-C ends it.\n\n",
		s.pgHost, s.pgPort, s.pgHost, s.pgPort)
	return showBank(ctx, conn, frames, stdout)
}

// bankFrame is how often the picture of the view is drawn anew.
const bankFrame = 500 * time.Millisecond

// showBank draws the owners' balances again and again, in place where the output is a terminal.
func showBank(ctx context.Context, conn *pgconn.PgConn, frames int, out io.Writer) error {
	f, ok := out.(*os.File)
	inPlace := ok && isTerminal(f)
	tick := time.NewTicker(bankFrame)
	defer tick.Stop()
	lines := 0
	for n := 0; frames == 0 || n < frames; n++ {
		res := conn.ExecParams(ctx, "SELECT owner, round(cents / 100, 2), postings FROM owners ORDER BY owner", nil, nil, nil, nil).Read()
		if res.Err != nil {
			return res.Err
		}
		var b strings.Builder
		if inPlace && lines > 0 {
			fmt.Fprintf(&b, "\x1b[%dA", lines)
		}
		fmt.Fprintf(&b, "%-10s %14s %9s\x1b[K\n", "owner", "balance", "postings")
		lines = 1
		for _, row := range res.Rows {
			fmt.Fprintf(&b, "%-10s %14s %9s\x1b[K\n", row[0], row[1], row[2])
			lines++
		}
		text := b.String()
		if !inPlace {
			text = strings.ReplaceAll(text, "\x1b[K", "") + "\n"
		}
		fmt.Fprint(out, text)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

var bankOwners = []string{"Ada", "Bela", "Chen", "Dora", "Emil", "Fatma", "Goran", "Hana"}

// bank produces the events. Money only moves: deposits and withdrawals cross the border, transfers stay inside.
type bank struct {
	cl        *kgo.Client
	rnd       *rand.Rand
	id        int64
	transfers []bankEvent // that may still be reversed
}

type bankEvent struct {
	Account   string    `json:"-"`
	ID        int64     `json:"id"`
	Type      string    `json:"type"`
	Amount    int64     `json:"amount"`
	ToAccount string    `json:"to_account,omitempty"`
	Reverses  int64     `json:"reverses,omitempty"`
	At        time.Time `json:"at"`
}

func newBank(cl *kgo.Client, rnd *rand.Rand) *bank {
	return &bank{cl: cl, rnd: rnd, id: time.Now().UnixMicro()}
}

func account(i int) string { return fmt.Sprintf("ACC-%03d", i) }

// open writes two accounts per owner, unless an earlier run did.
func (g *bank) open(ctx context.Context) error {
	n, err := topicRecords(ctx, g.cl, "accounts_opened")
	if err != nil || n > 0 {
		return err
	}
	for i := range 2 * len(bankOwners) {
		v, err := json.Marshal(map[string]any{"owner": bankOwners[i%len(bankOwners)], "opened_at": time.Now().UTC()})
		if err != nil {
			return err
		}
		rec := &kgo.Record{Topic: "accounts_opened", Key: []byte(account(i)), Value: v}
		if err := g.cl.ProduceSync(ctx, rec).FirstErr(); err != nil {
			return err
		}
		if err := g.send(ctx, bankEvent{Account: account(i), Type: "deposit", Amount: 100_000}); err != nil {
			return err
		}
	}
	return nil
}

func (g *bank) send(ctx context.Context, e bankEvent) error {
	g.id++
	e.ID, e.At = g.id, time.Now().UTC()
	v, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return g.cl.ProduceSync(ctx, &kgo.Record{Topic: "bank_events", Key: []byte(e.Account), Value: v}).FirstErr()
}

// run sends rate events a second until ctx is done.
func (g *bank) run(ctx context.Context, rate int) {
	t := time.NewTicker(time.Second / time.Duration(max(rate, 1)))
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := g.send(ctx, g.next()); err != nil {
				return // the server stops
			}
		}
	}
}

// next makes up an event: mostly transfers, one in ten of which is reversed later by a compensating event.
func (g *bank) next() bankEvent {
	n := 2 * len(bankOwners)
	a, b := g.rnd.IntN(n), g.rnd.IntN(n-1)
	if b >= a {
		b++
	}
	amount := int64(100 + g.rnd.IntN(20_000))
	switch p := g.rnd.IntN(100); {
	case p < 15:
		return bankEvent{Account: account(a), Type: "deposit", Amount: amount}
	case p < 28:
		return bankEvent{Account: account(a), Type: "withdrawal", Amount: amount}
	case p < 35 && len(g.transfers) > 0:
		t := g.transfers[0]
		g.transfers = g.transfers[1:]
		return bankEvent{Account: t.Account, Type: "reversal", Amount: t.Amount, ToAccount: t.ToAccount, Reverses: t.ID}
	}
	e := bankEvent{Account: account(a), Type: "transfer", Amount: amount, ToAccount: account(b), ID: g.id + 1}
	if g.rnd.IntN(10) == 0 && len(g.transfers) < 100 {
		g.transfers = append(g.transfers, e)
	}
	return e
}
