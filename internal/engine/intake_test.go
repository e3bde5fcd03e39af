package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/catalog"
)

// intakeModel is a log of transactions and plain records over several sources and partitions, fed to an intake in a
// random order.
type intakeModel struct {
	t    *testing.T
	r    *rand.Rand
	e    *Engine
	srcs []*source
	logs map[partition][]*connectors.Chunk
	next map[partition]int   // what is fed next
	done map[partition]int   // what came out, in order
	part map[string][]string // transaction: the chunks it has, by name
	seen map[string]int      // transaction: chunks that came out
	gone map[*source]bool
	hurt map[string]bool // transactions that lost a part with a dropped source
}

func newIntakeModel(t *testing.T, seed uint64) *intakeModel {
	m := &intakeModel{t: t, r: rand.New(rand.NewPCG(seed, 1)), logs: map[partition][]*connectors.Chunk{}, next: map[partition]int{},
		done: map[partition]int{}, part: map[string][]string{}, seen: map[string]int{}, gone: map[*source]bool{}, hurt: map[string]bool{}}
	m.e = &Engine{intake: newIntake(), rels: map[uint64]*relation{}, wrote: map[uint64]tableWrites{}}
	for i := range 1 + m.r.IntN(3) {
		rel := &relation{e: m.e, obj: &catalog.Object{ID: uint64(i), Owned: true}, live: true}
		rel.src = &source{e: m.e, rel: rel, pos: connectors.Offsets{}, arrived: connectors.Offsets{}, stop: func() {}}
		m.e.rels[rel.obj.ID] = rel
		m.srcs = append(m.srcs, rel.src)
	}
	for n := range 30 {
		m.addUnit(n)
	}
	for _, s := range m.srcs {
		s.startEnd = connectors.Offsets{}
		for p, l := range m.logs {
			if p.src == s {
				s.startEnd[p.n] = int64(len(l))
			}
		}
	}
	return m
}

// addUnit appends a plain record, or a transaction over some partitions, to the log.
func (m *intakeModel) addUnit(n int) {
	chunk := func(p partition, c connectors.Chunk) {
		c.Partition, c.First, c.Next, c.Batch = p.n, int64(len(m.logs[p])), int64(len(m.logs[p])+1), &batch.Batch{}
		m.logs[p] = append(m.logs[p], &c)
	}
	pick := func() partition { return partition{m.srcs[m.r.IntN(len(m.srcs))], int32(m.r.IntN(2))} }
	if m.r.IntN(3) == 0 {
		chunk(pick(), connectors.Chunk{Records: 1})
		return
	}
	id, total := fmt.Sprint("txn", n), 0
	var ps []partition
	var counts []int
	for range 1 + m.r.IntN(4) {
		ps, counts = append(ps, pick()), append(counts, 1+m.r.IntN(3))
		total += counts[len(counts)-1]
	}
	for i, p := range ps {
		m.part[id] = append(m.part[id], "")
		chunk(p, connectors.Chunk{Records: counts[i], Txn: id, TxnRecords: total})
	}
}

// tick checks what the intake let go at once.
func (m *intakeModel) tick(ready []*inChunk) {
	came := map[string]int{}
	for _, c := range ready {
		p := partition{c.src, c.Partition}
		if m.gone[c.src] {
			m.t.Fatal("a chunk of a dropped source came out")
		}
		if m.logs[p][m.done[p]] != c.Chunk {
			m.t.Fatalf("chunk %d of a partition came out of order", c.Next)
		}
		m.done[p]++
		c.src.pos[c.Partition] = c.Next
		if c.Txn != "" {
			came[c.Txn]++
		}
	}
	for id, n := range came {
		if m.seen[id] += n; !m.hurt[id] && n != len(m.part[id]) {
			m.t.Fatalf("%d of %d parts of %s in one tick", n, len(m.part[id]), id)
		}
	}
}

// step feeds a chunk, restarts a source or drops one.
func (m *intakeModel) step(drops bool) bool {
	var ps []partition
	for _, s := range m.srcs {
		for n := range int32(2) {
			if p := (partition{s, n}); !m.gone[s] && m.next[p] < len(m.logs[p]) {
				ps = append(ps, p)
			}
		}
	}
	if len(ps) == 0 {
		return false
	}
	p := ps[m.r.IntN(len(ps))]
	switch k := m.r.IntN(40); {
	case k == 0: // a restart, with a chunk of the reader before still on its way
		stale := &inChunk{src: p.src, gen: p.src.gen.Load(), Chunk: m.logs[p][m.next[p]]}
		p.src.gen.Add(1)
		m.e.intake.drop(p.src)
		for n := range int32(2) {
			m.next[partition{p.src, n}] = m.done[partition{p.src, n}]
		}
		p.src.arrived = p.src.pos.Clone()
		m.tick(m.e.intake.add(stale))
	case k == 1 && drops && len(m.gone)+1 < len(m.srcs):
		m.drop(p.src)
	default:
		c := m.logs[p][m.next[p]]
		m.next[p]++
		m.tick(m.e.intake.add(&inChunk{src: p.src, gen: p.src.gen.Load(), Chunk: c}))
	}
	m.tick(m.e.settleIntake())
	return true
}

func (m *intakeModel) drop(s *source) {
	for p, l := range m.logs {
		if p.src != s {
			continue
		}
		for _, c := range l[m.done[p]:] {
			m.hurt[c.Txn] = true
		}
	}
	m.gone[s] = true
	s.gen.Add(1)
	delete(m.e.rels, s.rel.obj.ID)
	m.e.intake.drop(s)
}

// TestIntake: transactions come out whole and in one tick, each partition in order, nothing twice and nothing stuck,
// whatever the order of arrival, with readers that start anew and sources that go away in between.
func TestIntake(t *testing.T) {
	for seed := range uint64(400) {
		m := newIntakeModel(t, seed)
		for m.step(seed%2 == 1) {
		}
		for p, l := range m.logs {
			if !m.gone[p.src] && m.done[p] != len(l) {
				t.Fatalf("seed %d: %d of %d chunks of a partition came out", seed, m.done[p], len(l))
			}
		}
		if len(m.e.intake.held) > 0 {
			t.Fatalf("seed %d: still held: %v", seed, m.e.intake.held)
		}
		if len(m.gone) == 0 && len(m.e.intake.txns) > 0 {
			t.Fatalf("seed %d: %d transactions are remembered", seed, len(m.e.intake.txns))
		}
	}
}

// TestIntakeForeign: records read through a declaration that is not the table's own are plain rows: counting them would
// let go half a transaction and wait for its other half for ever.
func TestIntakeForeign(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE TABLE t (k INT PRIMARY KEY, v INT)")
	c.run("CREATE STREAM x (v INT) WITH (kafka_topic='t', value_format='json')")
	c.run("CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n FROM x")
	for i := range 20 {
		c.run(fmt.Sprintf("INSERT INTO t VALUES (%d, 1), (%d, 2)", 2*i, 2*i+1))
	}
	c.want("SELECT count(*) FROM t", "40")
	w.until(c, "SELECT n FROM n", "40")
}

// TestDropAfterTransaction: a transaction's other tables do not wait for records of a table that was dropped.
func TestDropAfterTransaction(t *testing.T) {
	w := newWorld(t)
	c := w.session()
	c.run("CREATE TABLE a (k INT PRIMARY KEY)")
	for i := range 10 {
		c.run("CREATE TABLE b (k INT PRIMARY KEY)")
		c.run(fmt.Sprintf("BEGIN; INSERT INTO a VALUES (%d); INSERT INTO b VALUES (1); COMMIT; DROP TABLE b", i))
		c.want("SELECT count(*) FROM a", fmt.Sprint(i+1))
	}
	w.e.mu.Lock()
	defer w.e.mu.Unlock()
	if w.e.intake.waiting() {
		t.Fatal("chunks are held back")
	}
}
