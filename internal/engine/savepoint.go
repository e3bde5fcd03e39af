package engine

import (
	"maps"
	"slices"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/sql/ast"
)

// savepoint is a point in a transaction that ROLLBACK TO goes back to. What the transaction has written is only here
// until COMMIT, so that going back is exact; CREATE and DROP took effect at once and stay.
type savepoint struct {
	name     string
	records  int // records then
	undo     int // length of the journal then
	tables   map[uint64]tableMark
	settings settingsMark
	readOnly bool
}

// tableMark is how far a table's overlay was.
type tableMark struct {
	added   int
	updated bool
}

// undoRow is what a key of an overlay was before a write.
type undoRow struct {
	ov   *overlay
	key  string
	row  *batch.Batch
	here bool
}

// setRow changes a key of an overlay; inside of a savepoint it notes what was there.
func (t *transaction) setRow(ov *overlay, key string, row *batch.Batch) {
	if len(t.savepoints) > 0 {
		old, here := ov.rows[key]
		t.undo = append(t.undo, undoRow{ov, key, old, here})
	}
	ov.rows[key] = row
}

// savepointStmt runs SAVEPOINT, RELEASE and ROLLBACK TO.
func (cs *clientSession) savepointStmt(t *ast.Savepoint) (session.Result, error) {
	what := map[string]string{"savepoint": "SAVEPOINT", "release": "RELEASE SAVEPOINT", "rollback to": "ROLLBACK TO SAVEPOINT"}[t.Op]
	if !cs.tx.open {
		return nil, pgerr.At(int(t.Pos), pgerr.NoActiveSQLTransaction, "%s can only be used in transaction blocks", what)
	}
	if t.Op == "savepoint" {
		cs.tx.savepoints = append(cs.tx.savepoints, cs.mark(t.Name))
		return tagResult("SAVEPOINT"), nil
	}
	at := -1
	for i, s := range cs.tx.savepoints {
		if s.name == t.Name {
			at = i // the last of that name
		}
	}
	if at < 0 {
		return nil, pgerr.At(int(t.Pos), pgerr.InvalidSavepoint, "savepoint %q does not exist", t.Name)
	}
	if t.Op == "release" {
		if cs.tx.savepoints = cs.tx.savepoints[:at]; at == 0 {
			cs.tx.undo = nil
		}
		return tagResult("RELEASE"), nil
	}
	cs.tx.savepoints = cs.tx.savepoints[:at+1]
	cs.rollbackTo(cs.tx.savepoints[at])
	return tagResult("ROLLBACK"), nil
}

func (cs *clientSession) mark(name string) savepoint {
	s := savepoint{name: name, records: len(cs.tx.records), undo: len(cs.tx.undo), tables: map[uint64]tableMark{},
		settings: cs.settings.mark(), readOnly: cs.tx.readOnly}
	for id, ov := range cs.tx.tables {
		s.tables[id] = tableMark{len(ov.added), ov.updated}
	}
	return s
}

// rollbackTo takes back what was written since a savepoint, which stays.
func (cs *clientSession) rollbackTo(s savepoint) {
	t := &cs.tx
	for _, u := range slices.Backward(t.undo[s.undo:]) {
		if u.here {
			u.ov.rows[u.key] = u.row
		} else {
			delete(u.ov.rows, u.key)
		}
	}
	t.undo, t.records = t.undo[:s.undo], t.records[:s.records]
	maps.DeleteFunc(t.tables, func(id uint64, _ *overlay) bool { _, then := s.tables[id]; return !then })
	for id, m := range s.tables {
		ov := t.tables[id]
		ov.added, ov.updated = ov.added[:m.added], m.updated
	}
	t.failed, t.readOnly = false, s.readOnly
	cs.settings.restore(s.settings)
}
