package kafka

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
)

// brokerChild names the directory that a re-executed test binary runs a broker in; it prints its address and waits.
const brokerChild = "STREAMSQL_TEST_BROKER_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(brokerChild); dir != "" {
		b, err := StartBroker(BrokerConfig{Dir: dir, Listen: "127.0.0.1:0", Sync: os.Getenv(brokerChild+"_SYNC") != "", Logger: quiet})
		if err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		fmt.Println(b.Addr())
		select {} // until it is killed
	}
	os.Exit(m.Run())
}

// childBroker runs a broker in a process of its own.
func childBroker(t testing.TB, dir string) (addr string, kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), brokerChild+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	t.Cleanup(kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.HasPrefix(line, "error") {
		t.Fatalf("child broker: %q, %v", line, err)
	}
	return strings.TrimSpace(line), kill
}

// TestBrokerKill kills the broker's process between acknowledgements: all that was acknowledged is there afterwards,
// transactions whole.
func TestBrokerKill(t *testing.T) {
	dir := t.TempDir()
	for round := range 3 {
		addr, kill := childBroker(t, dir)
		r := rigAt(t, addr)
		top := r.topic("t", 2)
		w, _ := r.c.Writer(r.ctx)
		for i := range 20 {
			n := round*100 + i
			v := fmt.Appendf(nil, `{"n":%d}`, n)
			if _, err := w.Write(r.ctx, []connectors.Record{{Topic: top, Partition: 0, Value: v}, {Topic: top, Partition: 1, Value: v}}); err != nil {
				t.Fatal(err)
			}
			r.produce(rec(top, 0, "", string(v)))
		}
		kill()
	}
	b := testBroker(t, dir, "127.0.0.1:0")
	defer b.Close()
	r := rigAt(t, b.Addr())
	s := spec("t")
	s.Until = r.ends("t")
	rows, _ := r.all(r.open(s, nil))
	count := map[string]int{}
	for _, row := range rows {
		count[row]++
	}
	for round := range 3 {
		for i := range 20 {
			if n := count[fmt.Sprintf("+1 %d", round*100+i)]; n != 3 {
				t.Errorf("record %d of round %d is there %d times", i, round, n)
			}
		}
	}
	if len(rows) != 180 {
		t.Errorf("%d rows", len(rows))
	}
}

// TestBrokerKeeps: topics, their configuration and old records survive a restart, and nothing expires.
func TestBrokerKeeps(t *testing.T) {
	dir := t.TempDir()
	b := testBroker(t, dir, "127.0.0.1:0")
	r := rigAt(t, b.Addr())
	top := r.topic("t", 3)
	old := rec(top, 2, "k", `{"n":1}`)
	old.Timestamp = time.UnixMilli(1000) // far older than Kafka's seven days
	r.produce(old)
	addr := b.Addr()
	b.Close()
	b = testBroker(t, dir, addr)
	defer b.Close()
	b.cluster.ApplyRetention()
	r = rigAt(t, b.Addr())
	if n, err := r.c.Partitions(r.ctx, top); err != nil || n != 3 {
		t.Fatalf("%d partitions, %v", n, err)
	}
	s := spec(top)
	s.Until = r.ends(top)
	rows, _ := r.all(r.open(s, nil))
	equal(t, rows, []string{"+1 1"})
}

// TestBrokerAutoCreate: a producer that asks for it makes a topic of the default number of partitions; looking at a
// topic, as we do, makes none.
func TestBrokerAutoCreate(t *testing.T) {
	r := newRig(t)
	if _, err := r.c.Partitions(r.ctx, "new"); err == nil {
		t.Fatal("a topic nobody made")
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(r.c.cfg.Brokers...), kgo.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.ProduceSync(r.ctx, &kgo.Record{Topic: "new", Value: []byte("x")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if n, err := r.c.Partitions(r.ctx, "new"); err != nil || n != 2 {
		t.Fatalf("%d partitions, %v", n, err)
	}
}

func TestBrokerPortInUse(t *testing.T) {
	b := testBroker(t, t.TempDir(), "127.0.0.1:0")
	defer b.Close()
	_, err := StartBroker(BrokerConfig{Dir: t.TempDir(), Listen: b.Addr(), Logger: quiet})
	if err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Fatalf("got %v", err)
	}
	for _, c := range []BrokerConfig{{Listen: "127.0.0.1:0"}, {Dir: t.TempDir(), Listen: "nonsense"}, {Dir: t.TempDir(), Listen: "a:b"}} {
		if _, err := StartBroker(c); err == nil {
			t.Fatalf("started with %+v", c)
		}
	}
}

// TestBrokerSync writes with fsync on.
func TestBrokerSync(t *testing.T) {
	b, err := StartBroker(BrokerConfig{Dir: t.TempDir(), Listen: "127.0.0.1:0", Sync: true, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	r := rigAt(t, b.Addr())
	top := r.topic("t", 1)
	r.fill(top, 0, 0, 10)
	equal(t, r.rows(r.open(spec(top), nil), 10), numbers(0, 10))
}

// BenchmarkSource reads bids from a broker in another process: 3 of 7 columns into batches.
func BenchmarkSource(b *testing.B) {
	addr, _ := childBroker(b, b.TempDir())
	r := rigAt(b, addr)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	r.ctx = ctx
	const n = 1_000_000
	top := r.topic("bids", 4)
	bulk, err := kgo.NewClient(append(append(r.c.baseOptions(), produceOptions()...), kgo.ProducerLinger(20*time.Millisecond))...)
	if err != nil {
		b.Fatal(err)
	}
	defer bulk.Close()
	rnd := rand.New(rand.NewPCG(1, 2))
	at := time.UnixMilli(1_672_531_200_000).UTC()
	for i := range n {
		value := fmt.Appendf(nil, `{"auction":%d,"bidder":%d,"price":%d,"channel":"Google","url":"https://www.nexmark.com/item%d.htm","dateTime":"%s","extra":"%x"}`,
			rnd.IntN(10_000), rnd.IntN(100_000), rnd.IntN(10_000), rnd.IntN(1000), at.Add(time.Duration(i)*time.Millisecond).Format("2006-01-02 15:04:05.000"), rnd.Uint64())
		bulk.Produce(ctx, &kgo.Record{Topic: top, Partition: int32(i % 4), Value: value}, func(_ *kgo.Record, err error) {
			if err != nil {
				b.Error(err)
			}
		})
	}
	if err := bulk.Flush(ctx); err != nil {
		b.Fatal(err)
	}
	s := bidSpec(top)
	s.Until = r.ends(top)
	benchmarkSource(b, r, s, n)
}
