package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/sql/ast"
)

// queryID is the name of the query of a derived object or materialized view, in ksqlDB's manner: CSAS_NAME_7. A query
// may also be called by its object's name.
func queryID(o *catalog.Object) string {
	if isInsertQuery(o) {
		return o.Name
	}
	kind := map[catalog.Kind]string{catalog.Stream: "CSAS", catalog.Table: "CTAS", catalog.MaterializedView: "CMV"}[o.Kind]
	return fmt.Sprintf("%s_%s_%d", kind, o.Name, o.ID)
}

// written is the name of the relation that a query writes.
func (e *Engine) written(o *catalog.Object) string {
	if into := e.catalog.Load().ByID(o.Into); into != nil {
		return into.Qualified()
	}
	return o.Qualified()
}

// queries lists the objects that have a running query, by name.
func (e *Engine) queries() []*catalog.Object {
	return slices.DeleteFunc(e.catalog.Load().Objects(), func(o *catalog.Object) bool {
		return o.Query == "" || o.Kind == catalog.View || o.Kind == catalog.System
	})
}

// queryNamed finds a query by its id or its object's name.
func (e *Engine) queryNamed(name string, pos int) (*catalog.Object, error) {
	for _, o := range e.queries() {
		if strings.EqualFold(queryID(o), name) || o.Name == name {
			return o, nil
		}
	}
	return nil, pgerr.At(pos, pgerr.UndefinedObject, "query %q does not exist", name).WithHint("SHOW QUERIES lists them.")
}

// controlQuery runs TERMINATE, PAUSE and RESUME of one query or ALL.
func (cs *clientSession) controlQuery(ctx context.Context, t *ast.QueryControl) (session.Result, error) {
	e := cs.e
	if err := e.ddl.lock(ctx); err != nil {
		return nil, err
	}
	defer e.ddl.unlock()
	objs := e.queries()
	if t.Query != "" {
		o, err := e.queryNamed(t.Query, int(t.Pos))
		if err != nil {
			return nil, err
		}
		objs = []*catalog.Object{o}
	}
	for _, o := range inputsFirst(objs) {
		o = e.catalog.Load().ByID(o.ID)
		var err error
		switch {
		case t.Op == "pause" && !o.Paused:
			err = e.pause(ctx, o, int(t.Pos))
		case t.Op == "resume" && o.Paused:
			err = e.resume(ctx, o, int(t.Pos))
		case t.Op == "terminate":
			err = e.terminate(ctx, o, int(t.Pos))
		}
		if err != nil {
			return nil, err
		}
	}
	return tagResult(strings.ToUpper(t.Op)), nil
}

// pause takes a query off its inputs: its rows stay as they are and can be read. ddl held.
func (e *Engine) pause(ctx context.Context, o *catalog.Object, pos int) error {
	if err := e.refuseExpanded(o, "PAUSE", pos); err != nil {
		return err
	}
	if err := e.mark(ctx, o, "pause"); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if r := e.rels[o.ID]; r != nil && r.live {
		r.cutOff()
	}
	return nil
}

// cutOff takes a live relation off its inputs. Tick lock held.
func (r *relation) cutOff() {
	gone := map[*node]bool{}
	for _, s := range r.df.scans {
		gone[s.node] = true
	}
	for _, n := range r.e.nodes {
		n.unlink(gone)
	}
	refreshWanted(r.e.nodes)
	r.e.idleSources()
}

// refuseExpanded refuses to stop a derived stream that others read: they read its inputs by its query, not its topic.
func (e *Engine) refuseExpanded(o *catalog.Object, what string, pos int) error {
	readers := e.catalog.Load().Dependents(o.ID)
	if o.Kind != catalog.Stream || len(readers) == 0 {
		return nil
	}
	return pgerr.Unsupported(pos, "%s of stream %q, which %s %q reads", what, o.Name, kindName(readers[0]), readers[0].Name)
}

// mark writes PAUSE or RESUME to the log and the catalog.
func (e *Engine) mark(ctx context.Context, o *catalog.Object, op string) error {
	version, err := e.append(ctx, command{Op: op, SQL: strings.ToUpper(op) + " " + queryID(o), IDs: []uint64{o.ID}})
	if err != nil {
		return err
	}
	marked := *o
	marked.Paused = op == "pause"
	e.catalog.Store(e.catalog.Load().With(version, &marked))
	e.mu.Lock()
	defer e.mu.Unlock()
	if r := e.rels[o.ID]; r != nil {
		r.obj = &marked
	}
	return nil
}

// resume builds a paused query anew: it ends up where it would be without the pause. ddl held.
func (e *Engine) resume(ctx context.Context, o *catalog.Object, pos int) error {
	running := *o
	running.Paused = false
	_, plan, err := e.again(o, e.catalog.Load())
	if err != nil {
		return err
	}
	made, err := e.swap(ctx, command{Op: "resume", SQL: "RESUME " + queryID(o), IDs: []uint64{o.ID}}, &running, &running, plan, pos)
	if err != nil {
		return err
	}
	return made.wait(ctx)
}

// endInsertQuery ends a query of INSERT INTO … SELECT, which has no relation to stay. ddl held.
func (e *Engine) endInsertQuery(ctx context.Context, o *catalog.Object) error {
	if err := e.Checkpoint(ctx); err != nil { // what the query has for its topic goes there first
		return err
	}
	if err := e.dml.lock(ctx); err != nil {
		return err
	}
	defer e.dml.unlock()
	return e.remove(ctx, []*catalog.Object{o}, "TERMINATE "+queryID(o))
}

// terminate ends a query for good: its stream or table stays, as one over the topic that the query has written. ddl held.
func (e *Engine) terminate(ctx context.Context, o *catalog.Object, pos int) error {
	if isInsertQuery(o) {
		return e.endInsertQuery(ctx, o)
	}
	if o.Connector == nil {
		return pgerr.Unsupported(pos, "TERMINATE of materialized view %q, which has no topic", o.Name).
			WithHint("Use DROP MATERIALIZED VIEW.")
	}
	if err := e.refuseExpanded(o, "TERMINATE", pos); err != nil {
		return err
	}
	text, err := sourceText(o)
	if err != nil {
		return err
	}
	d, err := parseDefinition(text, o.Dialect, o.ID)
	if err != nil {
		return err
	}
	d.properties = o.Properties
	obj, plan, err := e.bindCreate(d, e.catalog.Load())
	if err != nil {
		return err
	}
	if err := e.Checkpoint(ctx); err != nil { // what the query has for its topic goes there first
		return err
	}
	c := d.command("replace", o.ID)
	c.Columns = len(shown(o))
	was := *o
	was.Paused = false
	made, err := e.swap(ctx, c, &was, obj, plan, pos)
	if err != nil {
		return err
	}
	return made.wait(ctx)
}
