package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/tests/testserver"
)

// event is one record of the topic that others write.
type event struct {
	ID  int64 `json:"id"`
	Grp int64 `json:"grp"`
	V   int64 `json:"v"`
}

// groups is how many groups the views have; STREAMSQL_FULL's recovery test has its own number.
const groups = 200

var schema = []string{
	`CREATE STREAM events (id BIGINT, grp BIGINT, v BIGINT) WITH (kafka_topic = 'events', value_format = 'json', partitions = 4)`,
	`CREATE MATERIALIZED VIEW by_group AS SELECT grp, count(*) AS n, sum(v) AS s, max(v) AS m FROM events GROUP BY grp`,
	`CREATE MATERIALIZED VIEW cut AS SELECT rowpartition AS p, max(rowoffset) + 1 AS o FROM events GROUP BY rowpartition`,
	`CREATE TABLE left_side (id BIGINT PRIMARY KEY, stamp BIGINT, v BIGINT)`,
	`CREATE TABLE right_side (id BIGINT PRIMARY KEY, stamp BIGINT, v BIGINT)`,
	`CREATE MATERIALIZED VIEW side_sums AS SELECT side, count(*) AS n, sum(v) AS s
	   FROM (SELECT 'l' AS side, v FROM left_side UNION ALL SELECT 'r', v FROM right_side) x GROUP BY side`,
	`CREATE TABLE out_groups AS SELECT grp, count(*) AS n, sum(v) AS s FROM events GROUP BY grp`,
	`CREATE STREAM out_big AS SELECT id, v FROM events WHERE v >= 900`,
	`CREATE TABLE out_sides AS SELECT id, v FROM left_side WHERE v >= 0`,
}

// stats is what by_group says of a group.
type stats struct{ n, s, m int64 }

// outRecord is the last record of a key in an output topic.
type outRecord struct {
	key   string
	value string // "" for a tombstone
	n     int64
}

// rig is a server under load.
type rig struct {
	t     *testing.T
	ctx   context.Context
	srv   *testserver.Server
	feed  *testserver.Feed
	log   *testserver.TopicLog[event]
	out   *testserver.TopicLog[outRecord]
	sides *testserver.TopicLog[outRecord]
	big   *testserver.TopicLog[event]
	tab   *tables

	answered time.Time // when the last verify had its answer, before it was held against the log

	stop context.CancelFunc
	load sync.WaitGroup
}

// newRig starts a server with the schema.
func newRig(ctx context.Context, t *testing.T, opt testserver.Options) *rig {
	t.Helper()
	r := &rig{t: t, ctx: ctx, srv: testserver.New(t, opt)}
	r.srv.Start()
	r.srv.Exec(ctx, schema...)
	r.feed = testserver.NewFeed(t, r.srv.Kafka, "events")
	decode := func(rec *kgo.Record) (e event, err error) { return e, json.Unmarshal(rec.Value, &e) }
	r.log = testserver.NewTopicLog(t, r.srv.Kafka, "events", decode)
	r.big = testserver.NewTopicLog(t, r.srv.Kafka, "out_big", decode)
	r.out = testserver.NewTopicLog(t, r.srv.Kafka, "out_groups", decodeOut)
	r.sides = testserver.NewTopicLog(t, r.srv.Kafka, "out_sides", decodeOut)
	return r
}

// decodeOut takes an output record: keys are JSON numbers, values objects.
func decodeOut(rec *kgo.Record) (o outRecord, err error) {
	o.key = string(rec.Key)
	if rec.Value != nil {
		var v struct{ N, S, V json.Number }
		err = json.Unmarshal(rec.Value, &v)
		o.value = fmt.Sprintf("%s/%s/%s", v.N, v.S, v.V)
		o.n, _ = v.N.Int64()
	}
	return o, err
}

// start begins the load: events at a rate (n of them; the load also ends with endLoad), and writes over SQL.
func (r *rig) start(seed uint64, n, rate int) {
	ctx, cancel := context.WithCancel(r.ctx)
	r.stop = cancel
	r.tab = newTables(r, seed)
	r.load.Go(func() {
		x := seed | 1
		testserver.Pace(ctx, n, rate, func(i int) {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			v := fmt.Appendf(nil, `{"id":%d,"grp":%d,"v":%d}`, i, x%groups, x>>8%1000)
			r.feed.Send(r.ctx, fmt.Appendf(nil, "%d", i), v)
		})
	})
	r.load.Go(func() { r.tab.run(ctx) })
}

// endLoad stops the load and waits until every event is acknowledged.
func (r *rig) endLoad() {
	r.t.Helper()
	r.stop()
	r.load.Wait()
	if err := r.feed.Flush(r.ctx); err != nil {
		r.t.Fatal(err)
	}
	if failed, err := r.feed.Failed(); failed > 0 {
		r.t.Errorf("%d events were given up: %v", failed, err)
	}
}

// verify asks the server once and compares by_group with the log at the answer's own cut, which must hold all that was
// acknowledged before.
func (r *rig) verify(when string, acked map[int32]int64) (events int64) {
	r.t.Helper()
	c := r.srv.Connect(r.ctx)
	defer c.Close(context.Background())
	got, cut := map[int64]stats{}, map[int32]int64{}
	rows, err := c.Query(r.ctx, `SELECT 'g' AS k, grp AS a, n, s::bigint AS s, m FROM by_group UNION ALL SELECT 'c', p, o, 0, 0 FROM cut`)
	if err != nil {
		r.t.Fatalf("%s: %v", when, err)
	}
	var k string
	var a int64
	var st stats
	if _, err = pgx.ForEachRow(rows, []any{&k, &a, &st.n, &st.s, &st.m}, func() error {
		if k == "c" {
			cut[int32(a)] = st.n
			return nil
		}
		if _, twice := got[a]; twice {
			r.t.Errorf("%s: group %d is there twice", when, a)
		}
		got[a] = st
		return nil
	}); err != nil {
		r.t.Fatalf("%s: %v", when, err)
	}
	r.answered = time.Now()
	for p, o := range acked {
		if cut[p] < o {
			r.t.Errorf("%s: partition %d is seen up to %d, acknowledged was %d", when, p, cut[p], o)
		}
	}
	r.log.WaitFor(r.t, cut)
	want := map[int64]stats{}
	r.log.Each(cut, func(_ int32, e testserver.Entry[event]) {
		w := want[e.Value.Grp]
		want[e.Value.Grp] = stats{w.n + 1, w.s + e.Value.V, max(w.m, e.Value.V)}
		events++
	})
	wrong := 0
	for g, w := range want {
		if got[g] != w {
			if wrong++; wrong == 1 {
				r.t.Errorf("%s: group %d is %+v, the log says %+v at cut %v", when, g, got[g], w, cut)
			}
		}
	}
	if len(got) != len(want) || wrong > 1 {
		r.t.Errorf("%s: %d groups of %d, %d wrong", when, len(got), len(want), wrong)
	}
	return events
}

// once checks that the topic holds every event exactly once.
func (r *rig) once(n int) {
	r.t.Helper()
	r.log.WaitFor(r.t, testserver.Ends(r.t, r.srv.Kafka, "events"))
	seen := map[int64]int{}
	r.log.Each(nil, func(_ int32, e testserver.Entry[event]) { seen[e.Value.ID]++ })
	twice := 0
	for _, times := range seen {
		if times > 1 {
			twice++
		}
	}
	if twice > 0 {
		r.t.Errorf("%d events are in the topic more than once", twice)
	}
	for i := range int64(n) {
		if seen[i] == 0 {
			r.t.Errorf("event %d is not in the topic", i)
			break
		}
	}
}

// verifyOutput waits until the output topics, folded by key, equal the tables they are made of.
func (r *rig) verifyOutput(when string) {
	r.t.Helper()
	c := r.srv.Connect(r.ctx)
	defer c.Close(context.Background())
	r.foldsTo(when, c, "out_groups", r.out, `SELECT grp::text, n || '/' || s || '/' FROM by_group`)
	r.foldsTo(when, c, "out_sides", r.sides, `SELECT id::text, '//' || v FROM left_side WHERE v >= 0`)
}

// verifyStream waits until the output topic of the derived stream has what the log says, and checks that it has each row
// once; a SELECT of the stream agrees.
func (r *rig) verifyStream(when string) {
	r.t.Helper()
	want := map[int64]int64{}
	r.log.Each(nil, func(_ int32, e testserver.Entry[event]) {
		if e.Value.V >= 900 {
			want[e.Value.ID] = e.Value.V
		}
	})
	testserver.Eventually(r.t, 20*time.Second, when+": topic out_big with every row once", func() error {
		seen := map[int64]int64{}
		var twice error
		r.big.Each(nil, func(p int32, e testserver.Entry[event]) {
			if _, ok := seen[e.Value.ID]; ok && twice == nil {
				twice = fmt.Errorf("%w: row %d is there again in partition %d at offset %d", testserver.ErrGone, e.Value.ID, p, e.Offset)
			}
			seen[e.Value.ID] = e.Value.V
		})
		if twice == nil && !maps.Equal(seen, want) {
			return fmt.Errorf("%d rows of %d", len(seen), len(want))
		}
		return twice
	})
	c := r.srv.Connect(r.ctx)
	defer c.Close(context.Background())
	var n int
	if err := c.QueryRow(r.ctx, "SELECT count(*) FROM out_big").Scan(&n); err != nil || n != len(want) {
		r.t.Errorf("%s: the stream out_big has %d rows, not %d (%v)", when, n, len(want), err)
	}
}

func (r *rig) foldsTo(when string, c *pgx.Conn, topic string, log *testserver.TopicLog[outRecord], query string) {
	r.t.Helper()
	testserver.Eventually(r.t, 20*time.Second, when+": topic "+topic+" that equals its table", func() error {
		rows, err := c.Query(r.ctx, query)
		if err != nil {
			return err
		}
		want := map[string]string{}
		var k, v string
		if _, err := pgx.ForEachRow(rows, []any{&k, &v}, func() error { want[k] = v; return nil }); err != nil {
			return err
		}
		got := map[string]string{}
		log.Each(nil, func(_ int32, e testserver.Entry[outRecord]) {
			if e.Value.value == "" {
				delete(got, e.Value.key)
			} else {
				got[e.Value.key] = e.Value.value
			}
		})
		for k, v := range want {
			if got[k] != v {
				return fmt.Errorf("key %s is %q, not %q (%d keys of %d)", k, got[k], v, len(got), len(want))
			}
		}
		for k, v := range got {
			if _, ok := want[k]; !ok {
				return fmt.Errorf("key %s is %q in the topic and not in the table", k, v)
			}
		}
		return nil
	})
}

// outputGrows checks that no output record was written twice: a group's count grows with every record of its key.
func (r *rig) outputGrows() {
	r.t.Helper()
	last := map[string]int64{}
	wrong := 0
	r.out.Each(nil, func(p int32, e testserver.Entry[outRecord]) {
		if e.Value.n <= last[e.Value.key] {
			if wrong++; wrong == 1 {
				r.t.Errorf("topic out_groups partition %d offset %d: key %s has n %d after %d", p, e.Offset, e.Value.key, e.Value.n, last[e.Value.key])
			}
		}
		last[e.Value.key] = e.Value.n
	})
	if wrong > 1 {
		r.t.Errorf("%d records of out_groups repeat or go back", wrong)
	}
}
