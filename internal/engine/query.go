package engine

import (
	"context"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/planner"
	"streamsql/sql/ast"
)

// query runs a SELECT or SUBSCRIBE.
func (cs *clientSession) query(ctx context.Context, s *statement, args []types.Value) (session.Result, error) {
	_, subscribe := s.tree.(*ast.Subscribe)
	if subscribe || s.plan.Push {
		return cs.push(ctx, s, args, subscribe)
	}
	if s.fast == nil {
		s.fast = newLookupPath(s.plan)
	}
	if s.fast.usable && !cs.tx.wrote() {
		bs, err := cs.runLookup(ctx, s, args)
		return &rowsResult{cols: s.cols, batches: bs}, err
	}
	bs, err := cs.pull(ctx, s.plan, args)
	if err != nil {
		return nil, err
	}
	return &rowsResult{cols: s.cols, batches: bs}, nil
}

// push starts a push query. It lives until the result is closed.
func (cs *clientSession) push(ctx context.Context, s *statement, args []types.Value, weights bool) (session.Result, error) {
	if err := cs.refuseOwnWrites(s.plan); err != nil {
		return nil, err
	}
	if err := cs.ownWrites(ctx); err != nil {
		return nil, err
	}
	if err := cs.e.waitReadable(ctx, s.plan); err != nil {
		return nil, err
	}
	limit := int64(-1)
	if s.plan.PushLimit != nil {
		v, err := expr.EvalConst(cs.env(), expr.Bind(s.plan.PushLimit, args))
		if err != nil {
			return nil, err
		}
		if !v.Null {
			limit = v.I
		}
		if limit < 0 && !v.Null {
			return nil, pgerr.New(pgerr.InvalidRowCountInLimit, "LIMIT must not be negative")
		}
	}
	sub, err := cs.e.subscribe(cs.ctx, s.plan.Bind(args), s.plan.Props, cs)
	if err != nil {
		return nil, err
	}
	return &pushResult{s: sub, cols: s.cols, weights: weights, left: limit}, nil
}

// pull runs a query over one cut: all relations as of the last closed tick, and returns its rows (weights positive).
func (cs *clientSession) pull(ctx context.Context, p *planner.Plan, args []types.Value) ([]*batch.Batch, error) {
	e := cs.e
	if err := cs.refuseOwnWrites(p); err != nil {
		return nil, err
	}
	if err := cs.ownWrites(ctx); err != nil {
		return nil, err
	}
	if err := e.waitReadable(ctx, p); err != nil {
		return nil, err
	}
	env := cs.env()
	var id uint64
	df, err := build(p.Bind(args), nobody{}, env, memorySpace, func() uint64 { id++; return id })
	if err != nil {
		return nil, err
	}
	out := &collect{}
	df.sink("result", out, func() uint64 { id++; return id })
	h := e.hydration(df, nobody{})
	h.session, h.env = cs.systemRows, env
	if err := h.runPull(ctx, env); err != nil {
		return nil, err
	}
	return positive(typesOf(p.Columns), out.take()), nil
}

// runPull fills the dataflow from one cut and flushes it.
func (h *hydration) runPull(ctx context.Context, env *expr.Env) error {
	h.df.markAll()
	if err := h.df.pushValues(env); err != nil {
		return err
	}
	ends, err := h.logEnds(ctx)
	if err != nil {
		return err
	}
	snaps, until, err := h.cut(ends)
	if err != nil {
		return err
	}
	return h.fill(ctx, snaps, until)
}

// cut takes the snapshots, and decides up to where logs are read. ends are the logs' ends now.
func (h *hydration) cut(ends map[*scan]connectors.Offsets) (map[*scan][]*batch.Batch, map[*scan]connectors.Offsets, error) {
	e := h.e
	snaps, until := map[*scan][]*batch.Batch{}, map[*scan]connectors.Offsets{}
	e.mu.RLock()
	defer e.mu.RUnlock()
	for _, s := range h.df.scans {
		obj := s.object()
		if obj.Kind == catalog.Stream {
			until[s] = ends[s]
			if r := e.rels[obj.ID]; r != nil && r.src != nil && r.src.stop != nil && (r.obj.Owned || len(ends) < len(h.df.scans)) {
				until[s] = r.src.pos.Clone()
			}
			continue
		}
		var err error
		if snaps[s], err = h.snapshot(s); err != nil {
			return nil, nil, err
		}
	}
	return snaps, until, nil
}

// logEnds asks where the logs of the streams that are read end now: once for a stream, so that all its scans are at
// one cut.
func (h *hydration) logEnds(ctx context.Context) (map[*scan]connectors.Offsets, error) {
	ends, known := map[*scan]connectors.Offsets{}, map[uint64]connectors.Offsets{}
	for _, s := range h.df.scans {
		obj := s.object()
		if obj.Kind != catalog.Stream {
			continue
		}
		to, ok := known[obj.ID]
		if !ok {
			var err error
			if to, err = h.e.cluster.Ends(ctx, obj.Connector.Topic); err != nil {
				return nil, brokerError(err, "read the end of topic "+obj.Connector.Topic)
			}
			known[obj.ID] = to
		}
		ends[s] = to
	}
	return ends, nil
}

// positive nets the output of a pull query where an operator has taken rows back.
func positive(ts []types.Type, bs []*batch.Batch) []*batch.Batch {
	for _, b := range bs {
		for _, w := range b.Weights {
			if w <= 0 {
				return []*batch.Batch{batch.Consolidate(ts, bs...)}
			}
		}
	}
	return bs
}

// waitReadable waits until everything a plan reads is live.
func (e *Engine) waitReadable(ctx context.Context, p *planner.Plan) error {
	if err := e.waitCaughtUp(ctx); err != nil {
		return err
	}
	for _, id := range p.DependsOn {
		r := e.relation(id)
		if r == nil {
			continue // a plain view or a system table; or dropped, which the snapshot finds
		}
		select {
		case <-r.ready:
			if err := r.err(); err != nil {
				return notReadable(r, err)
			}
			continue
		default:
		}
		if err := r.waitReady(ctx); err != nil {
			return notReadable(r, err)
		}
	}
	return nil
}

// waitCaughtUp waits until what was acknowledged before the start is in a closed tick.
func (e *Engine) waitCaughtUp(ctx context.Context) error {
	select {
	case <-e.caughtUp:
		return nil
	default:
	}
	select {
	case <-e.caughtUp:
		return nil
	case <-ctx.Done():
		return canceled(ctx)
	case <-e.ctx.Done():
		return errShutdown
	}
}

func notReadable(r *relation, err error) error {
	if isCode(err, pgerr.QueryCanceled) || isCode(err, pgerr.UndefinedTable) {
		return err
	}
	return &pgerr.Error{Code: pgerr.ObjectNotInPrerequisiteState, Pos: pgerr.NoPos, Err: nil,
		Msg: `relation "` + r.obj.Name + `" has failed and cannot be read`, Detail: err.Error() + ".",
		Hint: "Drop it and make it again; SHOW VIEWS has its status."}
}

// lookupPath is a prepared plan for a point lookup: stateless nodes over one Lookup, its operators kept between
// executions.
type lookupPath struct {
	usable bool
	lookup *planner.Lookup
	df     *dataflow
	out    *collect
}

// newLookupPath checks whether a plan is one; if parameters occur elsewhere than in the key, it is not.
func newLookupPath(p *planner.Plan) *lookupPath {
	l := &lookupPath{}
	for n := p.Root; ; {
		switch t := n.(type) {
		case *planner.Lookup:
			l.lookup, l.usable = t, true
			return l
		case *planner.Project:
			for _, x := range t.Exprs {
				if hasParam(x) || expr.VolatilityOf(x) != expr.Immutable {
					return l
				}
			}
			n = t.Input
		case *planner.Filter:
			if hasParam(t.Pred) || expr.VolatilityOf(t.Pred) != expr.Immutable {
				return l
			}
			n = t.Input
		default:
			return l
		}
	}
}

func hasParam(x expr.Expr) bool {
	found := false
	expr.Walk(x, func(x expr.Expr) bool {
		_, is := x.(*expr.Param)
		found = found || is
		return !found
	})
	return found
}

// runLookup reads one key of one relation and runs the rows through the plan's stateless nodes.
func (cs *clientSession) runLookup(ctx context.Context, s *statement, args []types.Value) ([]*batch.Batch, error) {
	e, l := cs.e, s.fast
	if err := cs.ownWrites(ctx); err != nil {
		return nil, err
	}
	if err := e.waitCaughtUp(ctx); err != nil {
		return nil, err
	}
	env := cs.env()
	if l.df == nil {
		var id uint64
		next := func() uint64 { id++; return id }
		df, err := build(s.plan.Root, nobody{}, env, memorySpace, next)
		if err != nil {
			return nil, err
		}
		l.out = &collect{}
		df.sink("result", l.out, next)
		l.df = df
	}
	key := make([]types.Value, len(l.lookup.Key))
	for i, x := range l.lookup.Key {
		v, err := expr.EvalConst(env, expr.Bind(x, args))
		if err != nil || v.Null {
			return nil, err
		}
		key[i] = v
	}
	rows, live, err := e.lookUp(l.lookup.Object.ID, key)
	if err != nil {
		return nil, err
	}
	if !live {
		return cs.pull(ctx, s.plan, args) // waits until it is
	}
	door := l.df.scans[0].node
	for _, b := range rows {
		if err := door.push(0, b.Project(l.lookup.Cols)); err != nil {
			l.df = nil // may hold rows
			return nil, err
		}
	}
	return l.out.take(), nil
}

// lookUp reads the rows of one key as of the last closed tick; not live: there is nothing to read yet, or any more.
func (e *Engine) lookUp(id uint64, key []types.Value) (rows []*batch.Batch, live bool, err error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	r := e.rels[id]
	if r == nil || !r.live || r.isFailed() {
		return nil, false, nil
	}
	rows, err = r.reader.rows(key)
	return rows, true, err
}

// evalKey computes a Lookup's key; nil when a part is NULL, which no row equals.
func evalKey(env *expr.Env, l *planner.Lookup) ([]types.Value, error) {
	key := make([]types.Value, len(l.Key))
	for i, x := range l.Key {
		v, err := expr.EvalConst(env, x)
		if err != nil || v.Null {
			return nil, err
		}
		key[i] = v
	}
	return key, nil
}

// evalRow computes a SELECT list without FROM and casts it to the given types (assignment casts).
func (cs *clientSession) evalRow(sel *ast.Select, want []types.Type) ([]types.Value, error) {
	p, err := planner.PlanQuery(sel, cs.e.catalog.Load(), cs.options(planner.Pull, nil))
	if err != nil {
		return nil, err
	}
	bs, err := cs.pull(cs.ctx, p, nil)
	if err != nil {
		return nil, err
	}
	out := make([]types.Value, len(want))
	for i, t := range want {
		from := p.Columns[i].Type
		// A string or NULL as written has no type of its own yet.
		lit, _ := sel.Items[i].X.(*ast.Lit)
		untyped := lit != nil && (lit.Kind == ast.LitString || lit.Kind == ast.LitNull)
		if !untyped && !types.CanCast(from, t, types.Assignment) {
			return nil, pgerr.At(int(sel.Items[i].Pos), pgerr.DatatypeMismatch, "parameter $%d of type %s cannot be coerced to the expected type %s", i+1, from, t)
		}
		v := batch.ValueAt(bs[0].Cols[i], 0)
		if v.Null {
			out[i] = v
			continue
		}
		if out[i], err = types.Cast(from, t, v, cs.settings.format); err != nil {
			return nil, err
		}
	}
	return out, nil
}
