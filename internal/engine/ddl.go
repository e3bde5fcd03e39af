package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/planner"
	"streamsql/sql/ast"
	"streamsql/sql/parser"
)

// command is one entry of the command topic. Its offset plus one is the id of the object that a create makes, and the
// catalog's version after it.
type command struct {
	Op      string   `json:"op"` // "create", "drop", "replace", "type", "drop type", "pause", "resume"
	SQL     string   `json:"sql"`
	Dialect string   `json:"dialect"`
	IDs     []uint64 `json:"ids,omitempty"` // drop, replace, pause, resume: the objects
	// Columns is, of a replace, how many visible columns the object had before; those behind them are new.
	Columns int `json:"columns,omitempty"`
	// Properties are ksqlDB's settings that the statement was bound with.
	Properties map[string]string `json:"properties,omitempty"`
}

// firstOID is where OIDs of users' objects begin, as in PostgreSQL.
const firstOID = 16384

// defaultPartitions is the number of partitions of a topic that we make and nobody gave a number for.
const defaultPartitions = 4

func dialectOf(name string) parser.Dialect {
	if name == "ksql" {
		return parser.KSQL
	}
	return parser.Postgres
}

// definition is a CREATE statement and what it is bound by.
type definition struct {
	tree       *ast.Create
	text       string
	dialect    string
	properties map[string]string
	defined    uint64 // the catalog version of the statement; 0: now
}

// command is the entry of the command topic that makes the definition's object.
func (d *definition) command(op string, ids ...uint64) command {
	return command{Op: op, SQL: d.text, Dialect: d.dialect, Properties: d.properties, IDs: ids}
}

// bindCreate turns a CREATE into a catalog object and its plan.
func (e *Engine) bindCreate(d *definition, cat *catalog.Catalog) (*catalog.Object, *planner.Plan, error) {
	types := cat.TypeSet()
	if d.defined != 0 {
		cat = cat.AsOf(d.defined)
	}
	obj, plan, err := planner.BindCreate(d.tree, d.text, cat, planner.Options{Lifetime: planner.View, Env: e.env, Dialect: d.dialect,
		Properties: d.properties})
	if err != nil {
		return nil, nil, err
	}
	obj.Properties, obj.Types, obj.Defined = d.properties, types, d.defined
	return obj, plan, nil
}

// created is what a CREATE made. Without an object the name was there already (IF NOT EXISTS).
type created struct {
	object    *catalog.Object
	relations []*relation // to wait for; none for a plain view
	replaced  bool        // the object was there before, with another definition
}

// wait blocks until what was made can be read.
func (c *created) wait(ctx context.Context) error {
	for _, r := range c.relations {
		if err := r.waitReady(ctx); err != nil {
			return err
		}
	}
	return nil
}

// createObject runs CREATE: check, make the topic, append the command, start the relation.
func (e *Engine) createObject(ctx context.Context, d *definition) (*created, error) {
	if err := e.ddl.lock(ctx); err != nil {
		return nil, err
	}
	defer e.ddl.unlock()
	cat, s := e.catalog.Load(), d.tree
	if s.OrReplace && s.Source {
		return nil, pgerr.At(int(s.Pos), pgerr.FeatureNotSupported, "CREATE OR REPLACE is not supported on source %ss", s.Kind)
	}
	if old := cat.Lookup(s.Name.Parts); old != nil && old.Kind != catalog.System {
		if s.OrReplace {
			return e.replaceObject(ctx, d, old)
		}
		if s.IfNotExists {
			return &created{}, nil
		}
		return nil, pgerr.At(int(s.Name.Pos), pgerr.DuplicateTable, "relation %q already exists", old.Name)
	}
	obj, plan, err := e.bindCreate(d, cat)
	if err != nil {
		return nil, err
	}
	if err := e.buildable(obj, plan); err != nil {
		return nil, err
	}
	var id uint64
	// Like the command, a topic that is given up on its way may come after all.
	patient, done := context.WithTimeout(context.WithoutCancel(ctx), appendMax)
	defer done()
	if err = e.prepareTopic(patient, obj, int(s.Name.Pos)); err == nil {
		id, err = e.append(ctx, d.command("create"))
	}
	if err != nil {
		if obj.Owned {
			e.removeEmptyTopic(obj)
		}
		if ctx.Err() != nil {
			err = canceled(ctx)
		}
		return nil, err
	}
	e.install(obj, id)
	if obj.Kind == catalog.View {
		return &created{object: obj}, nil
	}
	return &created{relations: []*relation{e.startCreated(obj, plan)}, object: obj}, nil
}

// buildable refuses what cannot run: a plan without operators, columns that the formats cannot hold.
func (e *Engine) buildable(obj *catalog.Object, plan *planner.Plan) error {
	if obj.Connector != nil {
		if _, err := e.cluster.Encoder(connectorColumns(obj), formats(obj)); err != nil {
			return err
		}
	}
	if plan == nil || obj.Kind == catalog.View {
		return nil
	}
	_, err := build(plan.Root, nobody{}, e.env, memorySpace, e.nextID)
	return err
}

// install puts obj into the catalog under its id.
func (e *Engine) install(obj *catalog.Object, id uint64) {
	if obj.ID, obj.OID = id, firstOID+uint32(id); obj.Defined == 0 {
		obj.Defined = id
	}
	e.catalog.Store(e.catalog.Load().With(id, obj))
}

// appendMax bounds how long a command's acknowledgement is waited for.
const appendMax = 10 * time.Second

// append writes a command and returns the catalog version it makes. Once it is on its way ctx counts no more: a command
// that is given up may still be in the log, and a restart would obey it.
func (e *Engine) append(ctx context.Context, c command) (uint64, error) {
	if ctx.Err() != nil {
		return 0, canceled(ctx)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), appendMax)
	defer cancel()
	text, err := json.Marshal(c)
	if err != nil {
		return 0, fmt.Errorf("encode command: %w", err)
	}
	off, err := e.cmds.Append(ctx, text)
	if err != nil {
		return 0, &pgerr.Error{Code: pgerr.ConnectionFailure, Msg: "the command topic cannot be written", Pos: pgerr.NoPos, Err: err,
			Detail: err.Error() + "."}
	}
	return uint64(off) + 1, nil
}

// prepareTopic makes the topic an object needs, or checks that it is there.
func (e *Engine) prepareTopic(ctx context.Context, obj *catalog.Object, pos int) error {
	c := obj.Connector
	if c == nil {
		return nil
	}
	parts, replicas := c.Partitions, c.Replicas
	if parts == 0 && (obj.Owned || obj.Query != "") {
		parts = e.inputPartitions(ctx, obj)
	}
	if parts > 0 {
		if err := e.cluster.CreateTopic(ctx, c.Topic, parts, max(replicas, 1), nil); err != nil {
			return brokerError(err, "make topic "+c.Topic)
		}
		if obj.Owned && obj.Dialect != "ksql" {
			return e.refuseForeignTopic(ctx, c.Topic, pos)
		}
		return nil
	}
	if _, err := e.cluster.Partitions(ctx, c.Topic); err != nil {
		if pgerr.Code(err) == pgerr.UndefinedTable {
			return pgerr.At(pos, pgerr.UndefinedObject, "topic %q does not exist", c.Topic).
				WithHint("Produce to it or make it first, or give PARTITIONS = n and streamsql makes it.")
		}
		return brokerError(err, "look up topic "+c.Topic)
	}
	return nil
}

// inputPartitions is the number of partitions of the topic that a derived object of the ksql dialect reads first, which
// its own has too, or the default.
func (e *Engine) inputPartitions(ctx context.Context, obj *catalog.Object) int {
	if obj.Dialect == "ksql" {
		for _, id := range obj.DependsOn {
			in := e.catalog.Load().ByID(id)
			if in == nil || in.Connector == nil {
				continue
			}
			if n, err := e.cluster.Partitions(ctx, in.Connector.Topic); err == nil && n > 0 {
				return n
			}
		}
	}
	return defaultPartitions
}

// refuseForeignTopic refuses a topic with records for an object of our own: they are somebody else's, and DROP would
// delete them. An empty one is taken over: a crash may have come between making the topic and the command. It is asked
// after the topic was made, if need be: before, the client would remember that there is none.
func (e *Engine) refuseForeignTopic(ctx context.Context, topic string, pos int) error {
	ends, err := e.cluster.Ends(ctx, topic)
	if err != nil {
		return brokerError(err, "look up topic "+topic)
	}
	for _, end := range ends {
		if end > 0 {
			return pgerr.At(pos, pgerr.DuplicateObject, "topic %q exists and has records", topic).
				WithHint("WITH (kafka_topic = '%s') makes a stream or table that reads it.", topic)
		}
	}
	return nil
}

// removeEmptyTopic deletes the topic of an object of ours that is not to be; somebody else's, with records, stays.
func (e *Engine) removeEmptyTopic(obj *catalog.Object) {
	ctx, cancel := context.WithTimeout(e.ctx, undoMax)
	defer cancel()
	if e.refuseForeignTopic(ctx, obj.Connector.Topic, 0) != nil {
		return
	}
	if err := e.cluster.DeleteTopic(ctx, obj.Connector.Topic); err != nil && pgerr.Code(err) != pgerr.UndefinedTable {
		e.log.Warn("topic could not be deleted", "source", obj.Name, "err", err)
	}
}

func brokerError(err error, doing string) error {
	var p *pgerr.Error
	if errors.As(err, &p) {
		return err
	}
	return &pgerr.Error{Code: pgerr.ConnectionFailure, Msg: "cannot " + doing, Detail: err.Error() + ".", Pos: pgerr.NoPos, Err: err}
}

// dropMatches reports whether DROP of this kind may name the object.
func dropMatches(kind ast.ObjectKind, o *catalog.Object) bool {
	switch kind {
	case ast.KindStream:
		return o.Kind == catalog.Stream
	case ast.KindTable:
		return o.Kind == catalog.Table
	case ast.KindView:
		return o.Kind == catalog.View
	case ast.KindMaterializedView:
		return o.Kind == catalog.MaterializedView
	}
	return false
}

// dropObjects runs DROP. It returns notices for IF EXISTS.
func (e *Engine) dropObjects(ctx context.Context, s *ast.Drop, text string) ([]string, error) {
	if err := e.ddl.lock(ctx); err != nil {
		return nil, err
	}
	defer e.ddl.unlock()
	if err := e.dml.lock(ctx); err != nil {
		return nil, err
	}
	defer e.dml.unlock()
	cat := e.catalog.Load()
	var objs []*catalog.Object
	var notices []string
	for _, n := range s.Names {
		o := cat.Lookup(n.Parts)
		switch {
		case o == nil && s.IfExists:
			notices = append(notices, fmt.Sprintf("%s %q does not exist, skipping", s.Kind, n.Last()))
			continue
		case o == nil:
			return nil, pgerr.At(int(n.Pos), pgerr.UndefinedTable, "%s %q does not exist", s.Kind, n.Last())
		case o.Kind == catalog.System:
			return nil, pgerr.At(int(n.Pos), pgerr.InsufficientPrivilege, "permission denied: %q is a system catalog", o.Name)
		case !dropMatches(s.Kind, o):
			return nil, pgerr.At(int(n.Pos), pgerr.WrongObjectType, "%q is not a %s", o.Name, s.Kind).
				WithHint("Use DROP %s to remove a %s.", strings.ToUpper(o.Kind.String()), o.Kind)
		case s.DeleteTopic && o.Source:
			return nil, pgerr.At(int(n.Pos), pgerr.WrongObjectType, "cannot delete the topic of %s %q: it is a source, which is only read", o.Kind, o.Name)
		}
		if !slices.Contains(objs, o) {
			objs = append(objs, o)
		}
	}
	all, err := withDependents(cat, objs, s.Cascade)
	if err != nil || len(all) == 0 {
		return notices, err
	}
	for _, o := range all {
		if s.Cascade && !slices.Contains(objs, o) {
			notices = append(notices, fmt.Sprintf("drop cascades to %s %s", kindName(o), o.Name))
		}
	}
	if err := e.remove(ctx, all, text); err != nil {
		return nil, err
	}
	for _, o := range all {
		if o.Connector != nil && !isInsertQuery(o) && (s.DeleteTopic || o.Owned && o.Dialect != "ksql") { // ksqlDB keeps a topic unless it is told
			if err := e.cluster.DeleteTopic(ctx, o.Connector.Topic); err != nil {
				notices = append(notices, fmt.Sprintf("topic %q could not be deleted: %v", o.Connector.Topic, err))
			}
		}
	}
	return notices, nil
}

// withDependents returns objs and what depends on them, dependents first; an error if there are any and cascade is off.
func withDependents(cat *catalog.Catalog, objs []*catalog.Object, cascade bool) ([]*catalog.Object, error) {
	seen := map[uint64]bool{}
	for _, o := range objs {
		seen[o.ID] = true
	}
	all := slices.Clone(objs)
	var detail []string
	for i := 0; i < len(all); i++ {
		for _, d := range cat.Dependents(all[i].ID) {
			if seen[d.ID] {
				continue
			}
			seen[d.ID] = true
			all = append(all, d)
			detail = append(detail, fmt.Sprintf("%s %s depends on %s %s", kindName(d), d.Name, all[i].Kind, all[i].Name))
		}
	}
	if len(detail) > 0 && !cascade {
		return nil, pgerr.New(pgerr.DependentObjectsStillExist, "cannot drop %s %s because other objects depend on it", objs[0].Kind, objs[0].Name).
			WithDetail("%s", strings.Join(detail, "\n")).WithHint("Use DROP ... CASCADE to drop the dependent objects too.")
	}
	slices.Reverse(all)
	return all, nil
}

// remove takes objects out of the log, the catalog and the graph, in their order. ddl and dml held.
func (e *Engine) remove(ctx context.Context, objs []*catalog.Object, text string) error {
	ids := make([]uint64, len(objs))
	for i, o := range objs {
		ids[i] = o.ID
	}
	version, err := e.append(ctx, command{Op: "drop", SQL: text, IDs: ids})
	if err != nil {
		return err
	}
	for _, o := range objs {
		e.uninstall(o, version)
	}
	if slices.ContainsFunc(objs, func(o *catalog.Object) bool { return o.Connector != nil && o.Query != "" }) {
		// A checkpoint on its way may be writing to a topic that is about to go, or to come back under another's name.
		e.settleCheckpoint(ctx)
	}
	return nil
}

// uninstall takes an object out of the catalog and its relation out of the graph.
func (e *Engine) uninstall(o *catalog.Object, version uint64) {
	e.catalog.Store(e.catalog.Load().Without(version, o.ID))
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.rels[o.ID]
	if r == nil {
		return
	}
	delete(e.rels, o.ID)
	e.wroteMu.Lock()
	delete(e.wrote, o.ID)
	delete(e.unseen, o.ID)
	e.unseenLen.Store(int32(len(e.unseen)))
	e.wroteMu.Unlock()
	r.shut(pgerr.New(pgerr.UndefinedTable, "relation %q was dropped", o.Name))
	for s := range e.subs {
		if s.reads(o.ID) {
			s.fail(pgerr.New(pgerr.UndefinedTable, "relation %q was dropped", o.Name))
		}
	}
	e.detach(r)
	for _, id := range r.spaceIDs {
		e.store.Drop(id)
	}
	e.changed = true
	e.idleSources()
}

// idleSources stops readers that nothing listens to any more; topics of our own go on, transactions are counted there.
// Tick lock held.
func (e *Engine) idleSources() {
	for _, r := range e.rels {
		if r.live && r.src != nil && r.obj.Kind == catalog.Stream && !r.obj.Owned && r.src.stop != nil && len(r.out.edges) == 0 {
			r.src.halt()
			e.intake.drop(r.src)
			clear(r.src.need)
		}
	}
}

// detach takes a relation's nodes out of the graph and stops its reader. Tick lock held.
func (e *Engine) detach(r *relation) {
	r.live = false
	if r.src != nil {
		e.loseSource(r)
	}
	e.removeNodes(r.nodes())
	e.runTick(e.settleIntake())
}

// loseSource ends the reader of a relation that is gone. Tick lock held; the caller looks at the intake then.
func (e *Engine) loseSource(r *relation) {
	r.src.halt()
	e.intake.drop(r.src)
	if r.obj.Owned {
		e.lost.Store(true)
	}
}
