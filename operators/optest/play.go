package optest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"streamsql/internal/batch"
	"streamsql/operators"
	"streamsql/state"
)

// Mode is one way to run a script.
type Mode struct {
	Name    string
	Rows    int  // rows a batch at most; 0: all changes of a port that follow each other
	Shuffle bool // changes within a tick in random order
	Cut     cut  // where ticks end
	Wanted  want // who listens
	Reload  int  // one tick in Reload is followed by a checkpoint, and a new operator on its state; 0: none
}

type cut uint8

const (
	cutScript cut = iota // as the script says
	cutRow               // each change is a tick
	cutNone              // one tick
	cutRandom
)

type want uint8

const (
	wantAlways want = iota
	wantNever
	wantToggle
)

// Modes are the ways that all must agree.
var Modes = []Mode{
	{Name: "plain"},
	{Name: "row by row", Cut: cutRow},
	{Name: "rows of one", Rows: 1},
	{Name: "one tick", Cut: cutNone},
	{Name: "odd batches", Rows: 3, Cut: cutRandom},
	{Name: "shuffled", Shuffle: true},
	{Name: "shuffled, rows of one, one tick", Shuffle: true, Rows: 1, Cut: cutNone},
	{Name: "random ticks", Cut: cutRandom},
	{Name: "nobody listens", Wanted: wantNever},
	{Name: "listeners come and go", Wanted: wantToggle, Cut: cutRandom},
	{Name: "reload", Reload: 2},
	{Name: "reload, random ticks, listeners come and go", Reload: 3, Cut: cutRandom, Wanted: wantToggle},
}

// ticks arranges the script's changes as the mode wants.
func (m *Mode) ticks(s Script, ordered bool, rng *rand.Rand) Script {
	var out Script
	switch m.Cut {
	case cutScript:
		for _, t := range s {
			out = append(out, append([]Change(nil), t...))
		}
	case cutNone:
		out = Script{nil}
		for _, t := range s {
			out[0] = append(out[0], t...)
		}
	default:
		var open []Change
		for _, t := range s {
			for _, c := range t {
				open = append(open, c)
				if m.Cut == cutRow || rng.IntN(3) == 0 {
					out, open = append(out, open), nil
				}
			}
		}
		out = append(out, open)
	}
	if m.Shuffle && !ordered {
		for _, t := range out {
			rng.Shuffle(len(t), func(i, j int) { t[i], t[j] = t[j], t[i] })
		}
	}
	return out
}

// player runs one operator.
type player struct {
	s     *Subject
	m     *Mode
	rng   *rand.Rand
	dir   string
	store *state.Store
	op    operators.Operator
	out   collector
	sum   *batch.Batch // consolidated output, as emitted; wrong once a tick was not wanted
	rows  *batch.Batch // Rows after the last tick
	tick  uint64
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 77)) }

// Play runs a script in a mode and returns the consolidated output as a batch literal. After each tick it checks that what
// was emitted is what changed in Rows, if the subject is Readable. check, if not nil, is called after each tick with the
// changes so far and the output so far.
func Play(t testing.TB, s *Subject, m Mode, script Script, seed uint64, check func(log []Change, out string) error) (string, error) {
	p := &player{s: s, m: &m, rng: seeded(seed), out: collector{ts: s.Out}}
	if m.Reload > 0 {
		p.dir = t.TempDir()
	}
	if err := p.open(); err != nil {
		return "", err
	}
	defer p.close()
	p.sum = batch.Consolidate(s.Out)
	p.rows = p.sum
	var log []Change
	for _, tick := range m.ticks(script, s.Ordered, p.rng) {
		if err := p.run(tick); err != nil {
			return "", fmt.Errorf("tick %d: %w", p.tick, err)
		}
		log = append(log, tick...)
		if check != nil {
			if err := check(log, p.output()); err != nil {
				return "", fmt.Errorf("after tick %d: %w", p.tick, err)
			}
		}
		if m.Reload > 0 && p.rng.IntN(m.Reload) == 0 {
			if err := p.reload(); err != nil {
				return "", fmt.Errorf("reload after tick %d: %w", p.tick, err)
			}
		}
	}
	return p.output(), nil
}

// output returns the consolidated output.
func (p *player) output() string {
	if _, ok := p.op.(operators.Readable); ok {
		return p.rows.Format(p.s.Out)
	}
	return p.sum.Format(p.s.Out)
}

func (p *player) open() (err error) {
	sp := state.Memory()
	if p.dir != "" {
		if p.store, err = state.Open(state.Options{Dir: p.dir, MemTableBytes: 8 << 20}); err != nil {
			return err
		}
		sp = p.store.Space(1)
	}
	if p.op, err = p.s.Build(sp); err != nil {
		return err
	}
	sp.Attach()
	return nil
}

func (p *player) close() {
	if p.store != nil {
		_ = p.store.Close()
	}
}

func (p *player) reload() error {
	if err := p.store.Begin().Commit(context.Background(), nil); err != nil {
		return err
	}
	if err := p.store.Close(); err != nil {
		return err
	}
	if err := p.open(); err != nil {
		return err
	}
	r, ok := p.op.(operators.Readable)
	if !ok {
		return nil
	}
	rows, err := readRows(r, p.s)
	if err == nil && rows.Format(p.s.Out) != p.rows.Format(p.s.Out) {
		err = fmt.Errorf("rows were\n%sare\n%s", p.rows.Format(p.s.Out), rows.Format(p.s.Out))
	}
	return err
}

// run pushes one tick and checks what came out.
func (p *player) run(tick []Change) error {
	_, readable := p.op.(operators.Readable)
	p.out.wanted = !readable || p.m.Wanted == wantAlways || p.m.Wanted == wantToggle && p.rng.IntN(2) == 0
	p.tick++
	for len(tick) > 0 {
		n := 1
		for n < len(tick) && tick[n].Port == tick[0].Port && (p.m.Rows == 0 || n < p.m.Rows) {
			n++
		}
		b, err := batch.Parse(p.s.In[tick[0].Port], literal(tick[:n]))
		if err != nil {
			return err
		}
		if err := p.op.Push(tick[0].Port, b, &p.out); err != nil {
			return err
		}
		tick = tick[n:]
	}
	if err := p.op.Flush(operators.Tick{Number: p.tick}, &p.out); err != nil {
		return err
	}
	return p.compare(readable)
}

func (p *player) compare(readable bool) error {
	got := p.out.take()
	if p.s.Sorted {
		p.sum = batch.Concat(append([]*batch.Batch{p.sum}, got...))
		return nil
	}
	if !readable {
		p.sum = batch.Consolidate(p.s.Out, append([]*batch.Batch{p.sum}, got...)...)
		return nil
	}
	rows, err := readRows(p.op.(operators.Readable), p.s)
	if err != nil {
		return err
	}
	if p.out.wanted {
		want := batch.Consolidate(p.s.Out, rows, p.rows.Negate()).Format(p.s.Out)
		if have := batch.Consolidate(p.s.Out, got...).Format(p.s.Out); have != want {
			return fmt.Errorf("emitted\n%sbut rows changed by\n%s", have, want)
		}
	}
	p.rows = rows
	return p.lookups()
}

// readRows returns a Readable's consolidated rows.
func readRows(r operators.Readable, s *Subject) (*batch.Batch, error) {
	c := collector{ts: s.Out}
	if err := r.Rows(func(b *batch.Batch) error {
		for _, w := range b.Weights {
			if w <= 0 {
				return fmt.Errorf("a row of weight %d was read", w)
			}
		}
		return c.Emit(b)
	}); err != nil {
		return nil, err
	}
	return batch.Consolidate(s.Out, c.got...), nil
}

// lookups finds every row again by its key, and nothing by a key that is not there.
func (p *player) lookups() error {
	r := p.op.(operators.Readable)
	key := r.Key()
	if len(key) == 0 || p.rows.Rows() == 0 {
		return nil
	}
	i := p.rng.IntN(p.rows.Rows())
	var sel []int32
	for j := range p.rows.Rows() {
		same := true
		for _, k := range key {
			t := p.s.Out[k]
			same = same && batch.EqualAt(&t, p.rows.Cols[k], i, p.rows.Cols[k], j)
		}
		if same {
			sel = append(sel, int32(j))
		}
	}
	c := collector{ts: p.s.Out}
	if err := r.Lookup(valuesOf(p.rows, key, i), c.Emit); err != nil {
		return err
	}
	want := p.rows.Select(sel).Format(p.s.Out)
	if have := batch.Consolidate(p.s.Out, c.got...).Format(p.s.Out); have != want {
		return fmt.Errorf("lookup found\n%swant\n%s", have, want)
	}
	return nil
}
