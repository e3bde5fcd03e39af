package crash

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"streamsql/tests/testserver"
)

// row is one row of left_side or right_side.
type row struct{ stamp, v int64 }

// model is what the two tables hold, by id.
type model struct{ left, right map[int64]row }

func (m model) clone() model { return model{maps.Clone(m.left), maps.Clone(m.right)} }

func (m model) equal(o model) bool { return maps.Equal(m.left, o.left) && maps.Equal(m.right, o.right) }

func (m model) sum() (s int64) {
	for _, t := range []map[int64]row{m.left, m.right} {
		for _, x := range t {
			s += x.v
		}
	}
	return s
}

// tables writes to the two tables over SQL, one statement or transaction after the other, and knows what they must
// hold. Every write keeps the sum of all v at 0, so that half of one shows.
type tables struct {
	r   *rig
	rnd *rand.Rand

	paused  atomic.Bool
	mu      sync.Mutex
	now     model  // everything acknowledged
	maybe   *model // with a write of unknown outcome
	next    int64
	stamp   int64
	writes  int
	unknown int
}

func newTables(r *rig, seed uint64) *tables {
	return &tables{r: r, rnd: rand.New(rand.NewPCG(seed, 3)), now: model{map[int64]row{}, map[int64]row{}}}
}

// run writes until ctx is done, over the server's deaths.
func (w *tables) run(ctx context.Context) {
	for ctx.Err() == nil {
		c, err := pgx.Connect(ctx, w.r.srv.URL())
		if err != nil {
			time.Sleep(10 * time.Millisecond) // the server is down; it is started by the test
			continue
		}
		for err == nil && ctx.Err() == nil {
			if w.paused.Load() {
				time.Sleep(time.Millisecond) // the test verifies
				continue
			}
			err = w.write(c)
		}
		_ = c.Close(context.Background())
		var pe *pgconn.PgError
		if errors.As(err, &pe) && pe.Code != "57P01" {
			w.r.t.Errorf("write: %v", err)
			return
		}
	}
}

// write makes one write. If its outcome is not known, the tables are read, once the server is back, before the next.
func (w *tables) write(c *pgx.Conn) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.maybe != nil {
		got, err := read(w.r.ctx, c)
		if err != nil {
			return err
		}
		if err := w.decide(got); err != nil {
			return fmt.Errorf("%w: %w", errWrong, err)
		}
	}
	stmts, after := w.invent()
	w.maybe = &after
	for _, s := range stmts {
		if _, err := c.Exec(w.r.ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	w.now, w.maybe = after, nil
	w.writes++
	return nil
}

var errWrong = errors.New("the tables are wrong")

// decide takes what was read as the outcome of the unknown write. Lock held.
func (w *tables) decide(got model) error {
	if w.maybe == nil {
		if !got.equal(w.now) {
			return diff(got, w.now)
		}
		return nil
	}
	switch {
	case got.equal(w.now):
	case got.equal(*w.maybe):
		w.now = *w.maybe
	default:
		return fmt.Errorf("neither with nor without the last write: %w; %w", diff(got, w.now), diff(got, *w.maybe))
	}
	w.maybe = nil
	w.unknown++
	return nil
}

func diff(got, want model) error {
	out := []string{fmt.Sprintf("%d and %d rows instead of %d and %d", len(got.left), len(got.right), len(want.left), len(want.right))}
	for id, x := range want.left {
		if got.left[id] != x && len(out) < 4 {
			out = append(out, fmt.Sprintf("left %d is %+v instead of %+v", id, got.left[id], x))
		}
	}
	for id, x := range want.right {
		if got.right[id] != x && len(out) < 6 {
			out = append(out, fmt.Sprintf("right %d is %+v instead of %+v", id, got.right[id], x))
		}
	}
	return errors.New(strings.Join(out, ", "))
}

// invent makes up a write and what the tables hold after it. Lock held.
func (w *tables) invent() (stmts []string, after model) {
	after = w.now.clone()
	w.stamp++
	switch p := w.rnd.IntN(10); {
	case p < 4 && len(after.left) < 400:
		return w.insert(after), after
	case p < 7:
		return w.update(after), after
	case p < 8:
		return w.remove(after), after
	}
	return w.move(after), after
}

// insert adds pairs of rows whose values cancel out, in one statement.
func (w *tables) insert(m model) []string {
	var vals []string
	for range 1 + w.rnd.IntN(6) {
		v := w.rnd.Int64N(1000)
		for _, x := range []int64{v, -v} {
			m.left[w.next] = row{w.stamp, x}
			vals = append(vals, fmt.Sprintf("(%d, %d, %d)", w.next, w.stamp, x))
			w.next++
		}
	}
	return []string{"INSERT INTO left_side VALUES " + strings.Join(vals, ", ")}
}

// update stamps a residue class of the rows.
func (w *tables) update(m model) []string {
	mod := 1 + w.rnd.Int64N(8)
	rem := w.rnd.Int64N(mod)
	for id, x := range m.left {
		if id%mod == rem {
			m.left[id] = row{w.stamp, x.v}
		}
	}
	return []string{fmt.Sprintf("UPDATE left_side SET stamp = %d WHERE id %% %d = %d", w.stamp, mod, rem)}
}

// remove deletes some pairs.
func (w *tables) remove(m model) []string {
	mod := 5 + w.rnd.Int64N(10)
	rem := w.rnd.Int64N(mod)
	var ids []string
	for id := range m.left {
		if _, pair := m.left[id^1]; id/2%mod == rem && pair && m.left[id].v == -m.left[id^1].v {
			ids = append(ids, fmt.Sprint(id))
		}
	}
	if len(ids) == 0 {
		return w.update(m)
	}
	for _, s := range ids {
		var id int64
		_, _ = fmt.Sscan(s, &id)
		delete(m.left, id)
	}
	return []string{"DELETE FROM left_side WHERE id IN (" + strings.Join(ids, ", ") + ")"}
}

// move takes an amount from a left row to a right row, in a transaction over both tables.
func (w *tables) move(m model) []string {
	id := int64(-1)
	for i := range m.left {
		if i > id {
			id = i
		}
	}
	if id < 0 {
		return w.insert(m)
	}
	x, to := 1+w.rnd.Int64N(50), w.rnd.Int64N(20)
	l := m.left[id]
	m.left[id] = row{w.stamp, l.v - x}
	second := fmt.Sprintf("INSERT INTO right_side VALUES (%d, %d, %d)", to, w.stamp, x)
	if r, ok := m.right[to]; ok {
		second = fmt.Sprintf("UPDATE right_side SET v = v + %d, stamp = %d WHERE id = %d", x, w.stamp, to)
		x += r.v
	}
	m.right[to] = row{w.stamp, x}
	first := fmt.Sprintf("UPDATE left_side SET v = %d, stamp = %d WHERE id = %d", m.left[id].v, w.stamp, id)
	return []string{"BEGIN", first, second, "COMMIT"}
}

// read reads both tables and their sums by the view, in one statement.
func read(ctx context.Context, c *pgx.Conn) (model, error) {
	m := model{map[int64]row{}, map[int64]row{}}
	rows, err := c.Query(ctx, `SELECT 'l' AS k, id, stamp, v FROM left_side UNION ALL SELECT 'r', id, stamp, v FROM right_side
		UNION ALL SELECT 's' || side, n, s::bigint, 0 FROM side_sums`)
	if err != nil {
		return m, err
	}
	sums := map[string][2]int64{}
	var k string
	var a, b, v int64
	_, err = pgx.ForEachRow(rows, []any{&k, &a, &b, &v}, func() error {
		switch k {
		case "l":
			m.left[a] = row{b, v}
		case "r":
			m.right[a] = row{b, v}
		default:
			sums[k] = [2]int64{a, b}
		}
		return nil
	})
	if err != nil {
		return m, err
	}
	if s := m.sum(); s != 0 {
		return m, fmt.Errorf("%w: the sum over both tables is %d: half of a write is there", errWrong, s)
	}
	for k, t := range map[string]map[int64]row{"sl": m.left, "sr": m.right} {
		want := [2]int64{int64(len(t)), 0}
		for _, x := range t {
			want[1] += x.v
		}
		if sums[k] != want {
			return m, fmt.Errorf("%w: the view of the sums says %v of %s, the table %v", errWrong, sums[k], k, want)
		}
	}
	return m, nil
}

// pause holds back new writes until resume: a write that another session makes after the start need not be seen by the
// first SELECT of this one.
func (w *tables) pause() { w.paused.Store(true) }

func (w *tables) resume() { w.paused.Store(false) }

// verify reads the tables once after a restart, while writes are paused: acknowledged writes are there, an unknown one
// as a whole or not at all.
func (w *tables) verify(when string) {
	w.r.t.Helper()
	if err := w.compare(); err != nil {
		w.r.t.Errorf("%s: %v", when, err)
	}
}

// settle waits until the tables hold what they must.
func (w *tables) settle(when string) {
	w.r.t.Helper()
	testserver.Eventually(w.r.t, 10*time.Second, when+": tables that hold what was written", w.compare)
}

func (w *tables) compare() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.r.srv.Connect(w.r.ctx)
	defer c.Close(context.Background())
	got, err := read(w.r.ctx, c)
	if err != nil {
		return fmt.Errorf("%w: %w", testserver.ErrGone, err)
	}
	return w.decide(got)
}

// watch reads the tables in one statement, over and over: no reader ever sees half of a write.
func (w *tables) watch(ctx context.Context) (reads int) {
	for ctx.Err() == nil {
		c, err := pgx.Connect(ctx, w.r.srv.URL())
		if err != nil {
			time.Sleep(10 * time.Millisecond) // the server is down
			continue
		}
		for err == nil && ctx.Err() == nil {
			if _, err = read(ctx, c); errors.Is(err, errWrong) {
				w.r.t.Errorf("reader: %v", err)
				return reads
			}
			reads++
		}
		_ = c.Close(context.Background())
	}
	return reads
}
