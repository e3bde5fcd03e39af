package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/types"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// rig is a cluster with the means to write to it as others would.
type rig struct {
	t   testing.TB
	ctx context.Context
	c   *Cluster
	cl  *kgo.Client
}

// testBroker starts an embedded broker on a free port.
func testBroker(t testing.TB, dir, listen string) *Broker {
	t.Helper()
	b, err := StartBroker(BrokerConfig{Dir: dir, Listen: listen, Partitions: 2, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// newRig returns a rig with a broker of its own.
func newRig(t testing.TB) *rig {
	b := testBroker(t, t.TempDir(), "127.0.0.1:0")
	t.Cleanup(b.Close)
	return rigAt(t, b.Addr())
}

func rigAt(t testing.TB, addr string) *rig {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	c, err := Connect(ctx, Config{Brokers: []string{addr}, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	cl, err := kgo.NewClient(append(c.baseOptions(), produceOptions()...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return &rig{t: t, ctx: ctx, c: c, cl: cl}
}

func (r *rig) topic(name string, partitions int) string {
	r.t.Helper()
	if err := r.c.CreateTopic(r.ctx, name, partitions, 1, nil); err != nil {
		r.t.Fatal(err)
	}
	return name
}

func rec(topic string, p int32, key, value string) *kgo.Record {
	out := &kgo.Record{Topic: topic, Partition: p, Value: []byte(value), Timestamp: time.UnixMilli(1_700_000_000_000)}
	if key != "" {
		out.Key = []byte(key)
	}
	return out
}

func (r *rig) produce(recs ...*kgo.Record) {
	r.t.Helper()
	if err := r.cl.ProduceSync(r.ctx, recs...).FirstErr(); err != nil {
		r.t.Fatal(err)
	}
}

// fill produces n records {"n":first}, … into a partition.
func (r *rig) fill(topic string, p int32, first, n int) {
	r.t.Helper()
	recs := make([]*kgo.Record, n)
	for i := range recs {
		recs[i] = rec(topic, p, "", fmt.Sprintf(`{"n":%d}`, first+i))
	}
	r.produce(recs...)
}

// foreign runs a transaction of a client that is not ours.
func (r *rig) foreign(commit kgo.TransactionEndTry, recs ...*kgo.Record) {
	r.t.Helper()
	cl, err := r.c.transactional("foreign-" + randomID())
	if err != nil {
		r.t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.BeginTransaction(); err != nil {
		r.t.Fatal(err)
	}
	if err := cl.ProduceSync(r.ctx, recs...).FirstErr(); err != nil {
		r.t.Fatal(err)
	}
	if err := cl.EndTransaction(r.ctx, commit); err != nil {
		r.t.Fatal(err)
	}
}

func spec(topic string, cols ...connectors.Column) connectors.SourceSpec {
	if cols == nil {
		cols = []connectors.Column{{Name: "n", Type: types.T(types.Int8)}}
	}
	s := connectors.SourceSpec{Topic: topic, Columns: cols}
	for i := range cols {
		s.Need = append(s.Need, i)
	}
	return s
}

func (r *rig) open(s connectors.SourceSpec, from connectors.Offsets) connectors.Source {
	r.t.Helper()
	src, err := r.c.Source(s)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := src.Open(r.ctx, from); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { src.Close() })
	return src
}

// poll returns the next chunk, or fails.
func (r *rig) poll(src connectors.Source) *connectors.Chunk {
	r.t.Helper()
	c, err := src.Poll(r.ctx)
	if err != nil {
		r.t.Fatalf("poll: %v (status %s)", err, src.Status())
	}
	return c
}

// rows polls until n rows (or bad records) have come and returns the rows as text.
func (r *rig) rows(src connectors.Source, n int) []string {
	r.t.Helper()
	var out []string
	for len(out) < n {
		out = append(out, chunkRows(r.poll(src))...)
	}
	return out
}

// all polls to the end.
func (r *rig) all(src connectors.Source) (rows []string, pos connectors.Offsets) {
	r.t.Helper()
	pos = connectors.Offsets{}
	for {
		c, err := src.Poll(r.ctx)
		if errors.Is(err, io.EOF) {
			return rows, pos
		}
		if err != nil {
			r.t.Fatalf("poll: %v (status %s)", err, src.Status())
		}
		rows = append(rows, chunkRows(c)...)
		pos[c.Partition] = c.Next
	}
}

// ends are the topic's last stable offsets.
func (r *rig) ends(topic string) connectors.Offsets {
	r.t.Helper()
	o, err := r.c.Ends(r.ctx, topic)
	if err != nil {
		r.t.Fatal(err)
	}
	return o
}

// chunkRows gives the rows of a chunk as "+1 7 NULL".
func chunkRows(c *connectors.Chunk) []string {
	var out []string
	for i, w := range c.Batch.Weights {
		f := []string{fmt.Sprintf("%+d", w)}
		for _, v := range c.Batch.Cols {
			f = append(f, cell(v, i))
		}
		out = append(out, strings.Join(f, " "))
	}
	return out
}

func cell(v batch.Vec, i int) string {
	if v == nil {
		return "-"
	}
	if v.NullMap().Has(i) {
		return "NULL"
	}
	switch v := v.(type) {
	case *batch.Ints:
		return fmt.Sprint(v.V[i])
	case *batch.Bytes:
		return string(v.At(i))
	}
	return fmt.Sprint(batch.ValueAt(v, i))
}

// numbers are the rows that fill makes.
func numbers(first, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("+1 %d", first+i)
	}
	return out
}

func equal(t testing.TB, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		if len(got) > 20 || len(want) > 20 {
			t.Fatalf("got %d rows, want %d; first difference at %d", len(got), len(want), diffAt(got, want))
		}
		t.Fatalf("got  %q\nwant %q", got, want)
	}
}

func diffAt(a, b []string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// until calls f until it returns true or the test's time is over.
func (r *rig) until(what string, f func() bool) {
	r.t.Helper()
	for !f() {
		if !wait(r.ctx, 5*time.Millisecond) {
			r.t.Fatalf("never: %s", what)
		}
	}
}
