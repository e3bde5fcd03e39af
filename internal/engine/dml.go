package engine

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/operators"
	"streamsql/planner"
)

// transactionRecordsMax bounds the records of one transaction: they are held in memory here and by every reader until
// all have come.
const transactionRecordsMax = 1_000_000

// overlay is what an open transaction has done to one table: its key's latest row, or that it is gone. A SELECT of the
// table in the same transaction sees the rows with the overlay applied.
type overlay struct {
	obj     *catalog.Object
	rows    map[string]*batch.Batch // one row in obj.Columns layout; nil: deleted
	base    uint64                  // the table's write count when this transaction first wrote to it
	updated bool                    // UPDATE or DELETE: other writers in between are a conflict
	added   []string                // keys that INSERT made, checked again at COMMIT
}

// write runs INSERT, UPDATE or DELETE. Writes are serial: each sees the one before.
func (cs *clientSession) write(ctx context.Context, s *statement, args []types.Value) (session.Result, error) {
	if !cs.tx.open {
		if err := cs.beforeWrite(ctx, s); err != nil {
			return nil, err
		}
		if err := cs.e.dml.lock(ctx); err != nil {
			return nil, err
		}
		defer cs.e.dml.unlock()
	}
	w := &writing{cs: cs, ctx: ctx}
	var tag string
	var err error
	switch {
	case s.insert != nil:
		tag, err = "INSERT 0 ", w.insert(s, args)
	case s.update != nil:
		tag, err = "UPDATE ", w.update(s, args)
	default:
		tag, err = "DELETE ", w.delete(s, args)
	}
	if err != nil {
		return nil, err
	}
	if err := w.done(); err != nil {
		return nil, err
	}
	tag = fmt.Sprintf("%s%d", tag, w.count)
	if s.cols == nil {
		return tagResult(tag), nil
	}
	return w.returning(s, args, tag)
}

// beforeWrite waits for what the statement reads, before it keeps other writers waiting.
func (cs *clientSession) beforeWrite(ctx context.Context, s *statement) error {
	var p *planner.Plan
	switch {
	case s.insert != nil:
		p = s.insert.Query
	case s.update != nil:
		p = s.update.Query
	default:
		p = s.delete.Query
	}
	return cs.e.waitReadable(ctx, p)
}

// writing is one DML statement on its way.
type writing struct {
	cs      *clientSession
	ctx     context.Context
	obj     *catalog.Object
	ov      *overlay
	enc     connectors.Encoder
	recs    []connectors.Record
	count   int
	changed []*batch.Batch // rows for RETURNING, in obj.Columns layout
	times   []time.Time    // the timestamps of the records to come; none: now
}

// begin waits until the table can be written, which is when every earlier write is in a closed tick.
func (w *writing) begin(obj *catalog.Object, updates bool) error {
	e := w.cs.e
	w.obj = obj
	if err := e.waitCaughtUp(w.ctx); err != nil {
		return err
	}
	r := e.relation(obj.ID)
	if r == nil {
		return undefined(obj)
	}
	if err := r.waitReady(w.ctx); err != nil {
		return notReadable(r, err)
	}
	if err := e.writable(obj); err != nil {
		return err
	}
	enc, err := e.cluster.Encoder(connectorColumns(obj), formats(obj))
	if err != nil {
		return err
	}
	w.enc = enc
	t := &w.cs.tx
	if w.ov = t.tables[obj.ID]; w.ov == nil {
		w.ov = &overlay{obj: obj, rows: map[string]*batch.Batch{}}
		if t.open {
			w.ov.base = e.writes(obj.ID)
			if t.tables == nil {
				t.tables = map[uint64]*overlay{}
			}
			t.tables[obj.ID] = w.ov
		}
	}
	w.ov.updated = w.ov.updated || updates
	return e.settleWrites(w.ctx, obj.ID)
}

// writable refuses writes to a relation that is gone, or that would never show them.
func (e *Engine) writable(obj *catalog.Object) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	r := e.rels[obj.ID]
	if r == nil {
		return undefined(obj)
	}
	if err := r.err(); err != nil {
		return notReadable(r, err)
	}
	if r.src != nil && r.src.dead != nil {
		return &pgerr.Error{Code: pgerr.ObjectNotInPrerequisiteState, Pos: pgerr.NoPos, Detail: r.src.dead.Error() + ".",
			Msg: `relation "` + obj.Name + `" cannot be written: the reader of its topic has stopped`}
	}
	return nil
}

func undefined(obj *catalog.Object) error {
	return pgerr.New(pgerr.UndefinedTable, "relation %q does not exist", obj.Name)
}

// writes is how many writes a table has had. The count is only compared.
func (e *Engine) writes(id uint64) uint64 {
	e.wroteMu.Lock()
	defer e.wroteMu.Unlock()
	return e.wrote[id].count
}

// tableWrites is what is known of the writes to one table.
type tableWrites struct {
	count uint64
	at    connectors.Offsets // where the last ones are
}

// settleWrites waits until all writes to a table are in a closed tick.
func (e *Engine) settleWrites(ctx context.Context, id uint64) error {
	e.wroteMu.Lock()
	at := e.wrote[id].at.Clone()
	e.wroteMu.Unlock()
	if len(at) == 0 {
		return nil
	}
	return e.waitUntil(ctx, func() bool { return e.covers(map[uint64]connectors.Offsets{id: at}) })
}

// insert adds the rows of the statement's query.
func (w *writing) insert(s *statement, args []types.Value) error {
	p := s.insert
	if err := w.begin(p.Object, false); err != nil {
		return err
	}
	if p.Rowtime != nil {
		if err := w.readTimes(p.Rowtime); err != nil {
			return err
		}
	}
	rows, err := w.cs.pull(w.ctx, p.Query, args)
	if err != nil {
		return err
	}
	return w.insertRows(rows)
}

// readTimes reads the timestamps that the rows' records are to have.
func (w *writing) readTimes(p *planner.Plan) error {
	bs, err := w.cs.pull(w.ctx, p, nil)
	for _, b := range bs {
		for i, n := range b.Weights {
			v := batch.ValueAt(b.Cols[0], i)
			at := time.Time{}
			if !v.Null {
				if v.I < 0 {
					return pgerr.New(pgerr.DatetimeFieldOverflow, "timestamp out of range: %d", v.I)
				}
				at = time.UnixMilli(v.I)
			}
			for ; n > 0; n-- {
				w.times = append(w.times, at)
			}
		}
	}
	return err
}

// insertRows adds rows of the visible columns.
func (w *writing) insertRows(rows []*batch.Batch) error {
	for _, b := range rows {
		for i, n := range b.Weights {
			for ; n > 0; n-- {
				row := w.fullRow(b, i)
				if err := w.checkNotNull(row); err != nil {
					return err
				}
				if err := w.addKey(row); err != nil {
					return err
				}
				if err := w.put(row, false); err != nil {
					return err
				}
				w.count++
				w.changed = append(w.changed, row)
			}
		}
	}
	return nil
}

// fullRow lays a row of visible columns out as a row of all columns; the hidden row id is made here.
func (w *writing) fullRow(b *batch.Batch, i int) *batch.Batch {
	ts := objectTypes(w.obj)
	vals := make([]types.Value, len(ts))
	j := 0
	for c, col := range w.obj.Columns {
		switch {
		case !col.Hidden:
			vals[c] = batch.ValueAt(b.Cols[j], i)
			j++
		case col.From == catalog.FromKey:
			vals[c] = types.TextValue(rand.Text())
		default:
			vals[c] = types.Null
		}
	}
	bl := batch.NewBuilder(ts)
	bl.Append(1, vals)
	return bl.Seal()
}

func objectTypes(o *catalog.Object) []types.Type {
	ts := make([]types.Type, len(o.Columns))
	for i, c := range o.Columns {
		ts[i] = c.Type
	}
	return ts
}

func (w *writing) checkNotNull(row *batch.Batch) error {
	for c, col := range w.obj.Columns {
		if col.NotNull && row.Cols[c].NullMap().Has(0) && (!col.Hidden) {
			return pgerr.New(pgerr.NotNullViolation, "null value in column %q of relation %q violates not-null constraint", col.Name, w.obj.Name).
				WithDetail("Failing row contains %s.", w.describe(row))
		}
	}
	return nil
}

// describe prints a row as PostgreSQL's error details do.
func (w *writing) describe(row *batch.Batch) string {
	var parts []string
	for c, col := range w.obj.Columns {
		if !col.Hidden {
			parts = append(parts, w.text(row, c))
		}
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func (w *writing) text(row *batch.Batch, c int) string {
	v := batch.ValueAt(row.Cols[c], 0)
	if v.Null {
		return "null"
	}
	return string(types.AppendText(nil, w.obj.Columns[c].Type, v, w.cs.Format()))
}

// keyOf encodes a row's key; "" for streams, which have none.
func (w *writing) keyOf(row *batch.Batch) string {
	var k []byte
	for _, c := range w.obj.Key {
		k = batch.AppendKey(k, w.obj.Columns[c].Type, row.Cols[c], 0)
	}
	return string(k)
}

// addKey refuses a key that is there already.
func (w *writing) addKey(row *batch.Batch) error {
	if w.obj.Kind != catalog.Table || !w.obj.Owned {
		return nil // ksqlDB's INSERT writes a record: a row of that key is replaced
	}
	k := w.keyOf(row)
	old, here := w.ov.rows[k]
	if !here && !w.hiddenKey() {
		var err error
		if here, err = w.exists(row); err != nil {
			return err
		}
	} else if here {
		here = old != nil
	}
	if here {
		return w.duplicate(row)
	}
	w.ov.added = append(w.ov.added, k)
	return nil
}

func (w *writing) hiddenKey() bool {
	return len(w.obj.Key) == 1 && w.obj.Columns[w.obj.Key[0]].Hidden
}

// exists looks a row's key up in the table as of the last closed tick.
func (w *writing) exists(row *batch.Batch) (bool, error) {
	key := make([]types.Value, len(w.obj.Key))
	for i, c := range w.obj.Key {
		key[i] = batch.ValueAt(row.Cols[c], 0)
	}
	e := w.cs.e
	e.mu.RLock()
	defer e.mu.RUnlock()
	r := e.rels[w.obj.ID]
	if r == nil {
		return false, undefined(w.obj)
	}
	rows, err := r.reader.rows(key)
	n := 0
	for _, b := range rows {
		n += b.Rows()
	}
	return n > 0, err
}

func (w *writing) duplicate(row *batch.Batch) error {
	var names, vals []string
	for _, c := range w.obj.Key {
		names, vals = append(names, w.obj.Columns[c].Name), append(vals, w.text(row, c))
	}
	return pgerr.New(pgerr.UniqueViolation, "duplicate key value violates unique constraint %q", w.obj.Name+"_pkey").
		WithDetail("Key (%s)=(%s) already exists.", strings.Join(names, ", "), strings.Join(vals, ", "))
}

// put writes a row, or its key's tombstone.
func (w *writing) put(row *batch.Batch, tombstone bool) error {
	if err := w.refuseJSONNull(row); err != nil {
		return err
	}
	key := w.keyOf(row)
	k, v, err := w.enc.Encode(nil, nil, row, 0, tombstone)
	if err != nil {
		return err
	}
	if tombstone {
		v = nil
	}
	rec := connectors.Record{Topic: w.obj.Connector.Topic, Partition: -1, Key: k, Value: v}
	if len(w.times) > 0 {
		rec.Timestamp, w.times = w.times[0], w.times[1:]
	}
	w.recs = append(w.recs, rec)
	if len(w.recs)+len(w.cs.tx.records) > transactionRecordsMax {
		return pgerr.New(pgerr.ProgramLimitExceeded, "transaction writes more than %d rows", transactionRecordsMax).
			WithHint("Write in several transactions.")
	}
	if w.obj.Kind == catalog.Table {
		if tombstone {
			row = nil
		}
		w.cs.tx.setRow(w.ov, key, row)
	} else {
		w.cs.tx.setRow(w.ov, "written", nil)
	}
	return nil
}

// refuseJSONNull refuses the JSON value null in a column: in a JSON record it could not be told from SQL's NULL.
func (w *writing) refuseJSONNull(row *batch.Batch) error {
	for c, col := range w.obj.Columns {
		if col.Type.Kind != types.JSON && col.Type.Kind != types.JSONB || row.Cols[c] == nil {
			continue
		}
		if v := batch.ValueAt(row.Cols[c], 0); !v.Null && strings.TrimSpace(string(v.Bytes)) == "null" {
			return pgerr.New(pgerr.FeatureNotSupported, "the JSON value null in column %q is not supported", col.Name).
				WithHint("Use SQL's NULL, or null inside an object or array.")
		}
	}
	return nil
}

// update writes the new rows of those that match.
func (w *writing) update(s *statement, args []types.Value) error {
	p := s.update
	if err := w.begin(p.Object, true); err != nil {
		return err
	}
	rows, err := w.cs.pull(w.ctx, p.Query, args)
	if err != nil {
		return err
	}
	n := len(w.obj.Columns)
	var olds, news []*batch.Batch
	for _, b := range rows {
		for i := range b.Weights {
			one := b.Slice(i, i+1)
			old := &batch.Batch{Cols: one.Cols[:n], Weights: batch.Ones(1)}
			olds, news = append(olds, old), append(news, w.newRow(old, one.Cols[n:]))
		}
	}
	return w.replaceRows(olds, news)
}

// newRow is a row's new version: hidden columns as they were, visible ones from vals.
func (w *writing) newRow(old *batch.Batch, vals []batch.Vec) *batch.Batch {
	row := &batch.Batch{Cols: make([]batch.Vec, len(old.Cols)), Weights: old.Weights}
	j := 0
	for c, col := range w.obj.Columns {
		if col.Hidden {
			row.Cols[c] = old.Cols[c]
		} else {
			row.Cols[c] = vals[j]
			j++
		}
	}
	return row
}

// replaceRows writes new versions. Rows whose key changes are taken away first, so that keys may move around within
// one statement.
func (w *writing) replaceRows(olds, news []*batch.Batch) error {
	moved := make([]bool, len(olds))
	for i := range olds {
		if err := w.checkNotNull(news[i]); err != nil {
			return err
		}
		if moved[i] = w.keyOf(olds[i]) != w.keyOf(news[i]); moved[i] {
			if err := w.put(olds[i], true); err != nil {
				return err
			}
		}
	}
	for i, row := range news {
		if moved[i] {
			if err := w.addKey(row); err != nil {
				return err
			}
		}
		if err := w.put(row, false); err != nil {
			return err
		}
		w.count++
		w.changed = append(w.changed, row)
	}
	return nil
}

// delete writes tombstones for the rows that match.
func (w *writing) delete(s *statement, args []types.Value) error {
	p := s.delete
	if err := w.begin(p.Object, true); err != nil {
		return err
	}
	rows, err := w.cs.pull(w.ctx, p.Query, args)
	if err != nil {
		return err
	}
	for _, b := range rows {
		for i := range b.Weights {
			row := b.Slice(i, i+1)
			if err := w.put(row, true); err != nil {
				return err
			}
			w.count++
			w.changed = append(w.changed, row)
		}
	}
	return nil
}

// done sends the statement's records, or leaves them to COMMIT.
func (w *writing) done() error {
	t := &w.cs.tx
	if t.open {
		t.records = append(t.records, w.recs...)
		return nil
	}
	return w.cs.e.send(w.ctx, w.cs, w.recs, map[uint64]*overlay{w.obj.ID: w.ov})
}

// commit sends a transaction's records after checking that nobody wrote in between what it depends on.
func (cs *clientSession) commit(ctx context.Context) error {
	if !cs.tx.wrote() {
		return nil
	}
	e := cs.e
	if err := e.dml.lock(ctx); err != nil {
		return err
	}
	defer e.dml.unlock()
	for id, ov := range cs.tx.tables {
		if err := e.writable(ov.obj); err != nil { // a DROP waits for dml: nothing is dropped from here on
			return err
		}
		if e.writes(id) == ov.base {
			continue
		}
		if ov.updated {
			return pgerr.New(pgerr.SerializationFailure, "could not serialize access due to concurrent update of %q", ov.obj.Name).
				WithHint("Run the transaction again.")
		}
		if err := e.settleWrites(ctx, id); err != nil {
			return err
		}
		w := &writing{cs: cs, ctx: ctx, obj: ov.obj}
		for _, k := range ov.added {
			row := ov.rows[k]
			if row == nil || w.hiddenKey() {
				continue
			}
			if here, err := w.exists(row); err != nil || here {
				if err == nil {
					err = w.duplicate(row)
				}
				return err
			}
		}
	}
	return e.send(ctx, cs, cs.tx.records, cs.tx.tables)
}

// send writes records as one unit and remembers where they are. e.dml held.
func (e *Engine) send(ctx context.Context, cs *clientSession, recs []connectors.Record, tables map[uint64]*overlay) error {
	if len(recs) == 0 {
		return nil
	}
	written, err := e.writer.Write(ctx, recs)
	if err != nil {
		if ctx.Err() != nil {
			return canceled(ctx)
		}
		return brokerError(err, "write to Kafka")
	}
	at := map[string]connectors.Offsets{}
	for _, x := range written {
		if at[x.Topic] == nil {
			at[x.Topic] = connectors.Offsets{}
		}
		at[x.Topic][x.Partition] = max(at[x.Topic][x.Partition], x.Offset+1)
	}
	e.wroteMu.Lock()
	defer e.wroteMu.Unlock()
	for id, ov := range tables {
		pos := at[ov.obj.Connector.Topic]
		old := e.wrote[id]
		merged := orEmpty(old.at.Clone())
		for p, o := range pos {
			merged[p] = max(merged[p], o)
		}
		e.wrote[id] = tableWrites{count: old.count + 1, at: merged}
		e.unseen[id] = merged
		e.unseenLen.Store(int32(len(e.unseen)))
		cs.noteWrites(id, pos)
	}
	if e.lost.Load() {
		notify(e.kick)
	}
	return nil
}

// returning computes the RETURNING list over the rows that were written.
func (w *writing) returning(s *statement, args []types.Value, tag string) (session.Result, error) {
	var exprs []expr.Expr
	switch {
	case s.insert != nil:
		exprs = s.insert.Returning
	case s.update != nil:
		exprs = s.update.Returning
	default:
		exprs = s.delete.Returning
	}
	bound := make([]expr.Expr, len(exprs))
	for i, x := range exprs {
		bound[i] = expr.Bind(x, args)
	}
	op, err := operators.NewProject(bound, w.cs.env())
	if err != nil {
		return nil, err
	}
	var visible []int
	for c, col := range w.obj.Columns {
		if !col.Hidden {
			visible = append(visible, c)
		}
	}
	out := &collect{}
	n := &node{op: op, owner: nobody{}}
	n.link(&node{op: out, owner: nobody{}, stateful: true}, 0, nil)
	refreshWanted([]*node{n})
	for _, b := range w.changed {
		if err := n.push(0, (&batch.Batch{Cols: b.Cols, Weights: batch.Ones(1)}).Project(visible)); err != nil {
			return nil, err
		}
	}
	return &rowsResult{cols: s.cols, batches: out.take(), tag: tag}, nil
}
