package consistency

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/tests/testserver"
)

const (
	accounts   = 10
	partitions = 4
	kills      = 5
	lateness   = 10 * time.Second
)

// transfer is one record of the topic.
type transfer struct {
	ID     int64     `json:"id"`
	Src    int64     `json:"src"`
	Dst    int64     `json:"dst"`
	Amount int64     `json:"amount"`
	At     time.Time `json:"at"`
}

// schema: debits and credits, the balance made of them in two ways (a union, and what a full join would give), totals
// of both, and the cut of the log that a statement sees.
var schema = []string{
	`CREATE STREAM transfers (id BIGINT, src INT, dst INT, amount BIGINT, at TIMESTAMPTZ)
	   WITH (kafka_topic = 'transfers', value_format = 'json', partitions = 4)`,
	`CREATE MATERIALIZED VIEW credits AS SELECT dst AS account, sum(amount) AS credits, count(*) AS n FROM transfers GROUP BY dst`,
	`CREATE MATERIALIZED VIEW debits AS SELECT src AS account, sum(amount) AS debits, count(*) AS n FROM transfers GROUP BY src`,
	`CREATE MATERIALIZED VIEW balance AS SELECT account, sum(v) AS balance
	   FROM (SELECT dst AS account, amount AS v FROM transfers UNION ALL SELECT src, -amount FROM transfers) x GROUP BY account`,
	`CREATE MATERIALIZED VIEW balance_joined AS
	   SELECT a.account, COALESCE(c.credits, 0) - COALESCE(d.debits, 0) AS balance
	   FROM (SELECT DISTINCT account FROM (SELECT src AS account FROM transfers UNION ALL SELECT dst FROM transfers) x) a
	   LEFT JOIN credits c ON c.account = a.account LEFT JOIN debits d ON d.account = a.account`,
	`CREATE MATERIALIZED VIEW total AS SELECT sum(balance) AS total FROM balance`,
	`CREATE MATERIALIZED VIEW total_joined AS SELECT sum(balance) AS total FROM balance_joined`,
	`CREATE MATERIALIZED VIEW sums AS SELECT sum(c) AS credits, sum(d) AS debits
	   FROM (SELECT credits AS c, 0 AS d FROM credits UNION ALL SELECT 0, debits FROM debits) x`,
	`CREATE MATERIALIZED VIEW per_second AS SELECT window_start, count(*) AS n, sum(amount) AS amount
	   FROM TUMBLE(transfers, at, INTERVAL '1 second') GROUP BY window_start`,
	`CREATE MATERIALIZED VIEW cut AS SELECT rowpartition AS p, max(rowoffset) + 1 AS o, count(*) AS n FROM transfers GROUP BY rowpartition`,
}

// everything reads all views in one statement: kind, key, value.
const everything = `SELECT 'credits' AS k, account::bigint AS a, credits::bigint AS v FROM credits
	UNION ALL SELECT 'debits', account, debits::bigint FROM debits
	UNION ALL SELECT 'balance', account, balance::bigint FROM balance
	UNION ALL SELECT 'joined', account, balance::bigint FROM balance_joined
	UNION ALL SELECT 'total', 0, total::bigint FROM total
	UNION ALL SELECT 'total', 1, total::bigint FROM total_joined
	UNION ALL SELECT 'sums', 0, credits::bigint FROM sums
	UNION ALL SELECT 'sums', 1, debits::bigint FROM sums
	UNION ALL SELECT 'windows', 0, sum(n)::bigint FROM per_second
	UNION ALL SELECT 'windows', 1, sum(amount)::bigint FROM per_second
	UNION ALL SELECT 'cut', p, o FROM cut`

// cell names one value of an answer.
type cell struct {
	kind string
	key  int64
}

// answer is what one run of everything returned; a NULL is absent.
type answer map[cell]int64

func (a answer) cut() map[int32]int64 {
	out := map[int32]int64{}
	for c, v := range a {
		if c.kind == "cut" {
			out[int32(c.key)] = v
		}
	}
	return out
}

func (a answer) sum(kind string) (s int64) {
	for c, v := range a {
		if c.kind == kind {
			s += v
		}
	}
	return s
}

// invariants checks what must hold in every answer, whatever the log holds.
func (a answer) invariants() error {
	if a[cell{"total", 0}] != 0 || a[cell{"total", 1}] != 0 {
		return fmt.Errorf("total is %d, by join %d", a[cell{"total", 0}], a[cell{"total", 1}])
	}
	c, d := a.sum("credits"), a.sum("debits")
	if c != d || a[cell{"sums", 0}] != c || a[cell{"sums", 1}] != d || a[cell{"windows", 1}] != c {
		return fmt.Errorf("credits %d, debits %d, sums %d and %d, over windows %d", c, d, a[cell{"sums", 0}], a[cell{"sums", 1}], a[cell{"windows", 1}])
	}
	for i := range int64(accounts) {
		b := a[cell{"credits", i}] - a[cell{"debits", i}]
		if a[cell{"balance", i}] != b || a[cell{"joined", i}] != b {
			return fmt.Errorf("account %d: credits-debits %d, balance %d, joined %d", i, b, a[cell{"balance", i}], a[cell{"joined", i}])
		}
	}
	return nil
}

// bank is one run of the test.
type bank struct {
	t    *testing.T
	ctx  context.Context
	srv  *testserver.Server
	feed *testserver.Feed
	log  *testserver.TopicLog[transfer]

	mu         sync.Mutex
	answers    []answer
	lives      atomic.Int64 // of the server; odd while it runs
	pulls      atomic.Int64
	complaints atomic.Int64
	steps      atomic.Int64
}

// expect computes an answer from the log at a cut, independently.
func (b *bank) expect(cut map[int32]int64) answer {
	want := answer{}
	last := map[int32]int64{}
	n := int64(0)
	b.log.Each(cut, func(p int32, e testserver.Entry[transfer]) {
		x := e.Value
		want[cell{"credits", x.Dst}] += x.Amount
		want[cell{"debits", x.Src}] += x.Amount
		for _, k := range []string{"balance", "joined"} {
			want[cell{k, x.Dst}] += x.Amount
			want[cell{k, x.Src}] -= x.Amount
		}
		want[cell{"sums", 0}] += x.Amount
		want[cell{"sums", 1}] += x.Amount
		want[cell{"windows", 1}] += x.Amount
		n++
		last[p] = e.Offset + 1
	})
	if n > 0 {
		want[cell{"windows", 0}] = n
		want[cell{"total", 0}], want[cell{"total", 1}] = 0, 0
	}
	for p, o := range last {
		want[cell{"cut", int64(p)}] = o
	}
	return want
}

// check compares an answer with the log at its own cut.
func (b *bank) check(a answer) error {
	if err := a.invariants(); err != nil {
		return err
	}
	b.log.WaitFor(b.t, a.cut())
	want := b.expect(a.cut())
	for c, v := range want {
		if got, ok := a[c]; !ok || got != v {
			return fmt.Errorf("%s %d is %d (there: %v), the log says %d at cut %v", c.kind, c.key, got, ok, v, a.cut())
		}
	}
	if len(a) != len(want) {
		return fmt.Errorf("%d values, the log says %d: %v, %v", len(a), len(want), a, want)
	}
	return nil
}

func ask(ctx context.Context, c *pgx.Conn) (answer, error) {
	rows, err := c.Query(ctx, everything)
	if err != nil {
		return nil, err
	}
	a := answer{}
	var k string
	var key, v *int64
	_, err = pgx.ForEachRow(rows, []any{&k, &key, &v}, func() error {
		if v != nil {
			a[cell{k, *key}] = *v
		}
		return nil
	})
	return a, err
}

// alive runs f on a new connection again and again until the test's end. Errors of SQL fail the test; a connection that
// broke is opened again.
func (b *bank) alive(what string, f func(c *pgx.Conn) error) {
	for b.ctx.Err() == nil {
		life := b.lives.Load()
		if life%2 == 0 {
			time.Sleep(5 * time.Millisecond)
			continue
		}
		c, err := pgx.Connect(b.ctx, b.srv.URL())
		if err == nil {
			err = f(c)
			_ = c.Close(context.Background())
		}
		if err != nil && b.ctx.Err() == nil && b.lives.Load() == life {
			// A connection that broke is the kill's doing; what the server says is not.
			var pe *pgconn.PgError
			if errors.As(err, &pe) && pe.Code != "57P01" {
				b.t.Errorf("%s: %v", what, err)
				return
			}
		}
	}
}

// pullLoop asks for everything in one statement, over and over.
func (b *bank) pullLoop() {
	cut := map[int32]int64{}
	b.alive("pull loop", func(c *pgx.Conn) error {
		for {
			a, err := ask(b.ctx, c)
			if err != nil {
				return err
			}
			b.pulls.Add(1)
			if err := a.invariants(); err != nil {
				b.failOnce("pull: %v", err)
			}
			for p, o := range cut {
				if a.cut()[p] < o {
					b.t.Errorf("pull: partition %d went back from %d to %d", p, o, a.cut()[p])
				}
			}
			cut = a.cut()
			b.mu.Lock()
			b.answers = append(b.answers, a)
			b.mu.Unlock()
		}
	})
}

// subscribe follows a query and calls closed at the end of each tick with the rows that are there, each the text of
// its columns, with its multiplicity.
func (b *bank) subscribe(query string, closed func(rows map[string]int64) error) {
	b.alive(query, func(c *pgx.Conn) error {
		r := c.PgConn().Exec(b.ctx, query)
		defer r.Close()
		rows := map[string]int64{}
		tick := ""
		for r.NextResult() {
			rr := r.ResultReader()
			for rr.NextRow() {
				v := rr.Values()
				if t := string(v[0]); t != tick {
					if tick != "" {
						b.step(query, tick, rows, closed)
					}
					tick = t
				}
				w, err := strconv.ParseInt(string(v[1]), 10, 64)
				if err != nil {
					return err
				}
				key := ""
				for _, x := range v[2:] {
					key += "|" + string(x)
				}
				if rows[key] += w; rows[key] == 0 {
					delete(rows, key)
				}
			}
		}
		return r.Close()
	})
}

func (b *bank) step(query, tick string, rows map[string]int64, closed func(map[string]int64) error) {
	b.steps.Add(1)
	for k, w := range rows {
		if w < 0 {
			b.t.Errorf("%s tick %s: row %s has weight %d", query, tick, k, w)
		}
	}
	if err := closed(rows); err != nil {
		b.t.Errorf("%s tick %s: %v", query, tick, err)
	}
}

// one wants a single row, one of those.
func one(allowed ...string) func(map[string]int64) error {
	return func(rows map[string]int64) error {
		if len(rows) == 1 {
			for _, a := range allowed {
				if rows[a] == 1 {
					return nil
				}
			}
		}
		return fmt.Errorf("rows are %v, not one of %q", rows, allowed)
	}
}

// balanced wants the second column of all rows to sum to zero.
func balanced(rows map[string]int64) error {
	sum := int64(0)
	for k, w := range rows {
		var a, v int64
		if _, err := fmt.Sscanf(k, "|%d|%d", &a, &v); err != nil {
			return fmt.Errorf("row %q: %w", k, err)
		}
		sum += v * w
		if w != 1 {
			return fmt.Errorf("account %d has %d rows", a, w)
		}
	}
	if sum != 0 {
		return fmt.Errorf("balances add up to %d: %v", sum, rows)
	}
	return nil
}

// equalSums wants one row with the same value twice.
func equalSums(rows map[string]int64) error {
	for k, w := range rows {
		if k == "||" {
			continue // nothing came yet
		}
		var c, d int64
		if _, err := fmt.Sscanf(k, "|%d|%d", &c, &d); err != nil || c != d || w != 1 {
			return fmt.Errorf("credits and debits are %q times %d", k, w)
		}
	}
	if len(rows) != 1 {
		return fmt.Errorf("%d rows: %v", len(rows), rows)
	}
	return nil
}

// produce sends the transfers, paced, with event times up to 10 s out of order.
func (b *bank) produce(rnd *rand.Rand, n, rate int) {
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	testserver.Pace(b.ctx, n, rate, func(i int) {
		src := rnd.Int64N(accounts)
		dst := (src + 1 + rnd.Int64N(accounts-1)) % accounts
		x := transfer{ID: int64(i), Src: src, Dst: dst, Amount: 1 + rnd.Int64N(1000),
			At: base.Add(time.Duration(i)*time.Millisecond - time.Duration(rnd.Int64N(int64(lateness))))}
		v, err := json.Marshal(x)
		if err != nil {
			b.t.Error(err)
		}
		b.feed.Send(b.ctx, []byte(strconv.Itoa(i)), v)
	})
}

func TestBankTransfers(t *testing.T) {
	n, rate := 5_000, 2_500
	if testserver.Full() {
		n, rate = 100_000, 10_000
	}
	seed := testserver.Seed(t)
	rnd := rand.New(rand.NewPCG(seed, 1))
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	live, endLive := context.WithCancel(ctx)
	defer endLive()

	b := &bank{t: t, ctx: live, srv: testserver.New(t, testserver.Options{})}
	b.srv.Start()
	b.srv.Exec(ctx, schema...)
	b.lives.Store(1)
	b.feed = testserver.NewFeed(t, b.srv.Kafka, "transfers")
	b.log = testserver.NewTopicLog(t, b.srv.Kafka, "transfers", func(r *kgo.Record) (x transfer, err error) {
		return x, json.Unmarshal(r.Value, &x)
	})

	var observers, producer sync.WaitGroup
	observers.Go(b.pullLoop)
	observers.Go(func() { b.subscribe("SUBSCRIBE TO total", one("|", "|0")) })
	observers.Go(func() { b.subscribe("SUBSCRIBE TO total_joined", one("|", "|0")) })
	observers.Go(func() { b.subscribe("SUBSCRIBE TO sums", equalSums) })
	observers.Go(func() { b.subscribe("SUBSCRIBE TO balance", balanced) })
	observers.Go(func() { b.subscribe("SUBSCRIBE TO balance_joined", balanced) })
	producer.Go(func() { b.produce(rand.New(rand.NewPCG(seed, 2)), n, rate) })

	for k := range kills {
		after := n * (2*k + 1) / (2*kills + 1)
		after += rnd.IntN(n / (2*kills + 1))
		testserver.Eventually(t, time.Minute, fmt.Sprintf("%d acknowledged transfers", after), func() error {
			if got, _ := b.feed.Acked(); got < after {
				return fmt.Errorf("%d are acknowledged", got)
			}
			return nil
		})
		b.crash(ctx, t, k)
	}
	producer.Wait()
	if err := b.feed.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if failed, err := b.feed.Failed(); failed > 0 {
		t.Errorf("%d records were given up: %v", failed, err)
	}
	b.settle(ctx, t, n)
	endLive()
	observers.Wait()
	b.checkAll(t)

	b.srv.Kill()
	b.srv.DropState()
	b.srv.Start()
	b.first(ctx, t, "without the state directory", testserver.Ends(t, b.srv.Kafka, "transfers"))
}

// crash kills the server, starts it again and holds its first answer against the log: nothing that was acknowledged
// before is missing.
func (b *bank) crash(ctx context.Context, t *testing.T, k int) {
	b.lives.Add(1)
	b.srv.Kill()
	_, acked := b.feed.Acked()
	start := time.Now()
	b.srv.Start()
	b.lives.Add(1)
	a := b.first(ctx, t, fmt.Sprintf("after kill %d", k+1), acked)
	t.Logf("kill %d: first answer %s after the start, %d transfers in it", k+1, time.Since(start).Round(time.Millisecond), a[cell{"windows", 0}])
}

// first asks once and checks the answer.
func (b *bank) first(ctx context.Context, t *testing.T, when string, atLeast map[int32]int64) answer {
	t.Helper()
	c := b.srv.Connect(ctx)
	defer c.Close(ctx)
	a, err := ask(ctx, c)
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	for p, o := range atLeast {
		if a.cut()[p] < o {
			t.Errorf("%s: partition %d is seen up to %d, acknowledged was %d", when, p, a.cut()[p], o)
		}
	}
	if err := b.check(a); err != nil {
		t.Errorf("%s: %v", when, err)
	}
	return a
}

// settle waits until the views have everything, and checks that the topic holds every transfer exactly once.
func (b *bank) settle(ctx context.Context, t *testing.T, n int) {
	t.Helper()
	ends := testserver.Ends(t, b.srv.Kafka, "transfers")
	b.log.WaitFor(t, ends)
	seen, records := map[int64]int{}, 0
	b.log.Each(nil, func(_ int32, e testserver.Entry[transfer]) {
		seen[e.Value.ID]++
		records++
	})
	for i := range int64(n) {
		if seen[i] != 1 {
			t.Errorf("transfer %d is %d times in the topic", i, seen[i])
			break // the views must hold what the topic holds, whatever that is
		}
	}
	c := b.srv.Connect(ctx)
	defer c.Close(ctx)
	var a answer
	testserver.Eventually(t, 30*time.Second, "views that have everything", func() (err error) {
		if a, err = ask(ctx, c); err != nil {
			return err
		}
		if got := a[cell{"windows", 0}]; got != int64(records) {
			return fmt.Errorf("%d of %d transfers are in the views", got, records)
		}
		return nil
	})
	if err := b.check(a); err != nil {
		t.Errorf("at the end: %v", err)
	}
}

// checkAll holds every answer of the pull loop against the log at its own cut (a spread of them in a long run: each
// costs a pass over the log).
func (b *bank) checkAll(t *testing.T) {
	every := len(b.answers)/500 + 1
	checked := 0
	for i := 0; i < len(b.answers); i += every {
		if err := b.check(b.answers[i]); err != nil {
			t.Errorf("pull %d: %v", i, err)
			break
		}
		checked++
	}
	t.Logf("%d pulls, %d of them recomputed from the log; %d steps of subscriptions", b.pulls.Load(), checked, b.steps.Load())
	if b.pulls.Load() < 2*kills || b.steps.Load() < 20 {
		t.Errorf("only %d pulls and %d steps: the test has seen nothing", b.pulls.Load(), b.steps.Load())
	}
}

// failOnce fails the test and says the first few reasons: a wrong view is wrong in every answer.
func (b *bank) failOnce(format string, args ...any) {
	if b.complaints.Add(1) <= 5 {
		b.t.Errorf(format, args...)
		return
	}
	b.t.Fail()
}
