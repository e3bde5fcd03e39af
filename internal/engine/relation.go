package engine

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/operators"
	"streamsql/planner"
	"streamsql/state"
)

// relation is a stream, table or view at run time. Fields below "tick lock" are written with Engine.mu held for
// writing and read with it held for reading.
type relation struct {
	e   *Engine
	obj *catalog.Object
	env *expr.Env // of its own dataflow; nil for streams
	// fingerprint is the text of the plan; a checkpoint's state is only taken over when it has not changed.
	fingerprint string

	recovered bool // it was there when the server started
	created   bool // by the statement that runs

	ready  chan struct{} // closed when live, or when it failed
	once   sync.Once     // closes ready
	failed atomic.Pointer[error]
	cancel func() // stops its hydration
	phase  atomic.Pointer[string]
	done   atomic.Int64 // rows read while hydrating

	// from is where a derived stream that got another query reads its inputs from, by object; nil: from their beginning.
	from map[uint64]connectors.Offsets

	// tick lock:
	live   bool
	src    *source   // streams and tables over topics
	df     *dataflow // tables: the upsert; views: the plan
	out    *node     // its output in obj.Columns layout; what others attach to
	reader *rowReader
	sink   *topicSink // CREATE … AS SELECT
	own    []*node    // its nodes in the live graph
	// spaceIDs are the state spaces of its operators.
	spaceIDs       []uint64
	restoredSpaces []uint64
}

// nodes are the relation's own nodes in the live graph.
func (r *relation) nodes() []*node { return r.own }

// fail stops the relation: an operator of its own broke. Its rows cannot be trusted any more.
func (r *relation) fail(err error) {
	if !r.failed.CompareAndSwap(nil, &err) || r.e.ctx.Err() != nil {
		return // told already, or only ended with the engine: the next start goes on
	}
	r.e.log.Error("relation failed", "view", r.obj.Name, "err", err)
}

func (r *relation) isFailed() bool { return r.failed.Load() != nil }

// shut ends a relation that is dropped: its hydration stops, and who waits for it is told why.
func (r *relation) shut(why error) {
	r.failed.CompareAndSwap(nil, &why)
	if r.cancel != nil {
		r.cancel()
	}
	r.becomeReady()
}

// becomeReady lets those go on who wait for the relation.
func (r *relation) becomeReady() { r.once.Do(func() { close(r.ready) }) }

// err returns why the relation cannot be read, if it failed.
func (r *relation) err() error {
	if p := r.failed.Load(); p != nil {
		return *p
	}
	return nil
}

func (r *relation) setPhase(s string) { r.phase.Store(&s) }

// status is what SHOW prints.
func (r *relation) status() string {
	if err := r.err(); err != nil {
		return "failed: " + err.Error()
	}
	select {
	case <-r.ready:
	default:
		if p := r.phase.Load(); p != nil {
			if n := r.done.Load(); n > 0 {
				return fmt.Sprintf("%s: %d rows read", *p, n)
			}
			return *p
		}
		return "starting"
	}
	if r.src != nil {
		if s := r.src.status(); s != "ok" {
			return s
		}
	}
	return "running"
}

// rowReader reads a materialized relation's rows from the operator that holds them, through the stateless nodes that
// the plan has above it.
type rowReader struct {
	base    operators.Readable
	suffix  []planner.Node
	env     *expr.Env
	baseKey []int // for each column of base.Key(): its place in obj.Key; nil: no index read
	chains  sync.Pool
}

// newRowReader works out how keys of the relation map to keys of the operator that holds its rows.
func newRowReader(df *dataflow, key []int, env *expr.Env) *rowReader {
	r := &rowReader{base: df.base, suffix: df.suffix, env: oncePerReason(env)}
	pos := map[int]int{} // column of the current layout → place in key
	for i, c := range key {
		pos[c] = i
	}
	for i := len(df.suffix) - 1; i >= 0; i-- {
		p, ok := df.suffix[i].(*planner.Project)
		if !ok {
			continue
		}
		below := map[int]int{}
		for c, at := range pos {
			if col, ok := p.Exprs[c].(*expr.Column); ok {
				below[col.Index] = at
			}
		}
		pos = below
	}
	bk := df.base.Key()
	if len(bk) == 0 || len(bk) != len(key) {
		return r
	}
	perm := make([]int, len(bk))
	for i, c := range bk {
		at, ok := pos[c]
		if !ok {
			return r
		}
		perm[i] = at
	}
	r.baseKey = perm
	return r
}

// reasonsMax bounds the different reasons that reads of a relation report.
const reasonsMax = 1000

// oncePerReason makes the Env of reads: what is above the relation's last operator is computed again by every SELECT,
// and a row that cannot be is not a new error each time.
func oncePerReason(env *expr.Env) *expr.Env {
	once := *env
	var mu sync.Mutex
	seen := map[string]bool{}
	once.RowError = func(err error) error {
		p := pgerr.From(err)
		reason := p.Code + p.Msg
		mu.Lock()
		known := seen[reason] || len(seen) >= reasonsMax
		seen[reason] = seen[reason] || !known
		mu.Unlock()
		if known {
			return nil
		}
		return env.RowError(err)
	}
	return &once
}

// chain is one set of operators for the suffix; operators hold scratch, so each reader uses its own.
type chain struct {
	first *node
	out   *collect
}

func (r *rowReader) chain() (*chain, error) {
	if c, ok := r.chains.Get().(*chain); ok {
		return c, nil
	}
	var id uint64
	b := &builder{env: r.env, nextID: func() uint64 { id++; return id }, df: &dataflow{}, space: state.Memory}
	c := &chain{first: b.add("rows", pass{}, false), out: &collect{}}
	last := c.first
	for _, n := range r.suffix {
		next, err := b.operator(n)
		if err != nil {
			return nil, err
		}
		last.link(next, 0, nil)
		last = next
	}
	b.df.out = last
	b.df.sink("collect", c.out, b.nextID)
	return c, nil
}

// rows returns the relation's rows, or those of one key (in obj.Key order).
func (r *rowReader) rows(key []types.Value) ([]*batch.Batch, error) {
	c, err := r.chain()
	if err != nil {
		return nil, err
	}
	emit := func(b *batch.Batch) error { return c.first.push(0, b) }
	if key == nil {
		err = r.base.Rows(emit)
	} else {
		vals := make([]types.Value, len(key))
		for i, at := range r.baseKey {
			vals[i] = key[at]
		}
		err = r.base.Lookup(vals, emit)
	}
	out := c.out.take()
	if err != nil {
		return nil, err
	}
	r.chains.Put(c)
	return out, nil
}

// waitReady blocks until the relation is live, or cannot become it.
func (r *relation) waitReady(ctx context.Context) error {
	select {
	case <-r.ready:
		return r.err()
	case <-ctx.Done():
		if r.e.ctx.Err() != nil {
			return errShutdown
		}
		return canceled(ctx)
	}
}
