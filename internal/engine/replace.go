package engine

import (
	"context"
	"math"
	"slices"

	"streamsql/connectors"
	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/planner"
)

// replaceObject gives an object another definition: CREATE OR REPLACE. It keeps its id, its name and its topic; it and
// what reads it are built anew, from the log. ddl held.
func (e *Engine) replaceObject(ctx context.Context, d *definition, old *catalog.Object) (*created, error) {
	pos := int(d.tree.Name.Pos)
	if old.Source || d.tree.Source {
		return nil, pgerr.At(pos, pgerr.FeatureNotSupported, "CREATE OR REPLACE is not supported on source %ss", old.Kind)
	}
	cat := e.catalog.Load()
	obj, plan, err := e.bindCreate(d, cat.Without(cat.Version(), old.ID))
	if err != nil {
		return nil, err
	}
	if err := replaceable(old, obj, pos); err != nil {
		return nil, err
	}
	if err := e.buildable(obj, plan); err != nil {
		return nil, err
	}
	c := d.command("replace", old.ID)
	c.Columns = len(shown(old))
	return e.swap(ctx, c, old, obj, plan, pos)
}

// replaceable refuses changes that what is stored or written could not follow: a column may be added at the end, none
// may go or become another; the topic and its formats stay.
func replaceable(old, obj *catalog.Object, pos int) error {
	if old.Kind != obj.Kind {
		return pgerr.At(pos, pgerr.WrongObjectType, "%q is not a %s", old.Name, obj.Kind)
	}
	before, after := shown(old), shown(obj)
	for i, c := range before {
		switch {
		case i >= len(after):
			return pgerr.At(pos, pgerr.InvalidTableDefinition, "cannot drop columns from %s %q", old.Kind, old.Name)
		case c.Name != after[i].Name:
			return pgerr.At(pos, pgerr.InvalidTableDefinition, "cannot change name of column %q of %s %q to %q", c.Name, old.Kind, old.Name, after[i].Name)
		case !c.Type.Equal(after[i].Type):
			return pgerr.At(pos, pgerr.InvalidTableDefinition, "cannot change data type of column %q from %s to %s", c.Name, c.Type, after[i].Type)
		case c.From != after[i].From:
			return pgerr.At(pos, pgerr.InvalidTableDefinition, "cannot change the key of %s %q", old.Kind, old.Name)
		}
	}
	for _, c := range after[len(before):] {
		if c.From == catalog.FromKey {
			return pgerr.At(pos, pgerr.InvalidTableDefinition, "cannot change the key of %s %q", old.Kind, old.Name)
		}
	}
	if (old.Query == "") != (obj.Query == "") {
		return pgerr.At(pos, pgerr.InvalidTableDefinition, "a %s with a query cannot replace one without", old.Kind)
	}
	a, b := old.Connector, obj.Connector
	if a != nil && (a.Topic != b.Topic || a.KeyFormat != b.KeyFormat || a.ValueFormat != b.ValueFormat) {
		return pgerr.At(pos, pgerr.InvalidTableDefinition, "cannot change the topic or the formats of %s %q", old.Kind, old.Name)
	}
	return nil
}

// shown lists the columns that are not hidden.
func shown(o *catalog.Object) []catalog.Column {
	return slices.DeleteFunc(slices.Clone(o.Columns), func(c catalog.Column) bool { return c.Hidden })
}

// swap puts obj in the place of old and builds it, and all that reads it, anew. Nothing has changed when it fails. ddl
// held.
func (e *Engine) swap(ctx context.Context, c command, old, obj *catalog.Object, plan *planner.Plan, pos int) (*created, error) {
	if err := e.dml.lock(ctx); err != nil {
		return nil, err
	}
	defer e.dml.unlock()
	cat := e.catalog.Load()
	readers := inputsFirst(readersOf(cat, old))
	for _, r := range readers {
		if slices.Contains(obj.DependsOn, r.ID) {
			return nil, pgerr.At(pos, pgerr.InvalidObjectDefinition, "%q would read itself, by way of %q", old.Name, r.Name)
		}
	}
	obj.ID, obj.OID, obj.Paused = old.ID, old.OID, old.Paused
	if c.Op == "replace" {
		obj.Defined = math.MaxUint64 // after whatever is there; its number is known when the command is written
		keepSince(old, obj, c.Columns)
	}
	news, plans := []*catalog.Object{obj}, map[uint64]*planner.Plan{obj.ID: plan}
	next := cat.With(cat.Version(), obj)
	for _, r := range readers {
		o, p, err := e.again(r, next)
		if err != nil {
			return nil, pgerr.At(pos, pgerr.DependentObjectsStillExist, "cannot replace %s %q: %s %q reads it", old.Kind, old.Name, r.Kind, r.Name).
				WithDetail("%s.", pgerr.From(err).Msg)
		}
		next, plans[o.ID] = next.With(cat.Version(), o), p
		news = append(news, o)
	}
	version, err := e.append(ctx, c)
	if err != nil {
		return nil, err
	}
	if c.Op == "replace" {
		obj.Defined = version
		for i := range obj.Columns {
			obj.Columns[i].Since = min(obj.Columns[i].Since, version)
		}
	}
	for _, r := range slices.Backward(readers) {
		e.uninstall(r, version)
	}
	var from map[uint64]connectors.Offsets
	if c.Op == "replace" && plan != nil && obj.Kind == catalog.Stream {
		from = e.leave(old)
	}
	e.uninstall(old, version)
	e.settleCheckpoint(ctx)
	e.catalog.Store(next.At(version))
	made := &created{object: obj, replaced: true}
	for _, o := range news {
		if o.Kind == catalog.View {
			continue
		}
		if o == obj && c.Op == "replace" {
			made.relations = append(made.relations, e.startReplaced(o, plans[o.ID], from))
		} else {
			made.relations = append(made.relations, e.startRelation(o, plans[o.ID], nil))
		}
	}
	return made, nil
}

// leave ends the query of a derived stream whose topic another query goes on with: what it has put out goes to the topic
// with the next checkpoint. It returns where the stream's inputs were then; nil if it was not live yet.
func (e *Engine) leave(o *catalog.Object) map[uint64]connectors.Offsets {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.rels[o.ID]
	if r == nil || !r.live || r.isFailed() || r.sink == nil || o.Paused {
		return nil
	}
	from := map[uint64]connectors.Offsets{}
	for _, s := range r.df.scans {
		if in := e.rels[s.object().ID]; in != nil && in.src != nil && in.obj.Kind == catalog.Stream {
			from[s.object().ID] = in.src.pos.Clone()
		}
	}
	if bs, ticks := r.sink.in.take(); len(bs) > 0 || len(ticks) > 0 {
		e.leaving = append(e.leaving, sinkOutput{r.sink, bs, ticks})
	}
	e.removeNodes(r.nodes())
	return from
}

// keepSince says which columns of a replaced object are new: those behind the first n visible ones.
func keepSince(old, obj *catalog.Object, n int) {
	since := map[string]uint64{}
	for _, c := range old.Columns {
		since[c.Name] = c.Since
	}
	seen := 0
	for i := range obj.Columns {
		c := &obj.Columns[i]
		if c.Hidden {
			continue
		}
		if c.Since = since[c.Name]; seen >= n {
			c.Since = obj.Defined
		}
		seen++
	}
}

// settleCheckpoint waits for a checkpoint on its way: it may be writing to topics of objects that were taken out.
func (e *Engine) settleCheckpoint(ctx context.Context) {
	if e.checkpoints.turn.lock(ctx) == nil {
		e.checkpoints.turn.unlock()
	}
}

// again binds an object's statement against another catalog.
func (e *Engine) again(o *catalog.Object, cat *catalog.Catalog) (*catalog.Object, *planner.Plan, error) {
	d, err := parseDefinition(o.SQL, o.Dialect, o.ID)
	if err != nil {
		return nil, nil, err
	}
	d.properties, d.defined = o.Properties, o.Defined
	n, plan, err := e.bindCreate(d, cat.WithTypes(o.Types))
	if err != nil {
		return nil, nil, err
	}
	n.ID, n.OID, n.Paused = o.ID, o.OID, o.Paused
	keepSince(o, n, len(shown(n)))
	return n, plan, e.buildable(n, plan)
}

// readersOf lists what reads an object, directly or not.
func readersOf(cat *catalog.Catalog, o *catalog.Object) []*catalog.Object {
	all, _ := withDependents(cat, []*catalog.Object{o}, true)
	return slices.DeleteFunc(all, func(d *catalog.Object) bool { return d.ID == o.ID })
}

// inputsFirst orders objects so that each comes after those of them that it reads.
func inputsFirst(objs []*catalog.Object) []*catalog.Object {
	var out []*catalog.Object
	placed := map[uint64]bool{}
	left := map[uint64]*catalog.Object{}
	for _, o := range objs {
		left[o.ID] = o
	}
	var place func(o *catalog.Object)
	place = func(o *catalog.Object) {
		if placed[o.ID] {
			return
		}
		placed[o.ID] = true
		for _, id := range o.DependsOn {
			if in := left[id]; in != nil {
				place(in)
			}
		}
		out = append(out, o)
	}
	slices.SortFunc(objs, func(a, b *catalog.Object) int { return int(int64(a.ID) - int64(b.ID)) })
	for _, o := range objs {
		place(o)
	}
	return out
}
