package engine

import (
	"context"
	"strings"

	"streamsql/connectors"
	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/planner"
	"streamsql/sql/ast"
)

// transaction is a session's open transaction block. What it writes is kept here until COMMIT sends it as one Kafka
// transaction.
type transaction struct {
	open, failed bool
	readOnly     bool
	ddl          bool // something was created or dropped: that is not undone
	records      []connectors.Record
	tables       map[uint64]*overlay // what was written, by object
	savepoints   []savepoint
	undo         []undoRow // while there are savepoints: what writes replaced
}

// wrote reports whether there is anything to commit.
func (t *transaction) wrote() bool { return len(t.records) > 0 }

// transactionStmt runs BEGIN, COMMIT and ROLLBACK.
func (cs *clientSession) transactionStmt(ctx context.Context, t *ast.Transaction) (session.Result, error) {
	switch t.Op {
	case "begin":
		for _, m := range t.Modes {
			if strings.Contains(m, "prepare") {
				return nil, pgerr.Unsupported(int(t.Pos), "prepared transactions")
			}
		}
		if cs.tx.open {
			cs.notice("WARNING", pgerr.ActiveSQLTransaction, "there is already a transaction in progress")
		}
		if !cs.tx.open {
			cs.tx.open = true
			cs.settings.begin()
			cs.tx.readOnly = isOn(cs.settings.get("default_transaction_read_only"))
		}
		for _, m := range t.Modes {
			cs.tx.setMode(m)
		}
		return tagResult("BEGIN"), nil
	case "commit":
		if !cs.tx.open {
			cs.notice("WARNING", pgerr.NoActiveSQLTransaction, "there is no transaction in progress")
			return tagResult("COMMIT"), nil
		}
		if cs.tx.failed {
			cs.endTransaction(t.Chain, false)
			return tagResult("ROLLBACK"), nil
		}
		err := cs.commit(ctx)
		cs.endTransaction(t.Chain && err == nil, err == nil)
		if err != nil {
			return nil, err
		}
		return tagResult("COMMIT"), nil
	default:
		if !cs.tx.open {
			cs.notice("WARNING", pgerr.NoActiveSQLTransaction, "there is no transaction in progress")
		}
		if cs.tx.ddl {
			cs.notice("WARNING", pgerr.FeatureNotSupported, "CREATE and DROP took effect at once: ROLLBACK does not undo them")
		}
		cs.endTransaction(t.Chain && cs.tx.open, false)
		return tagResult("ROLLBACK"), nil
	}
}

// endTransaction forgets the block: its writes (sent by now, or dropped), cursors and SET LOCALs.
func (cs *clientSession) endTransaction(chain, committed bool) {
	cs.tx = transaction{open: chain}
	cs.closeCursors(false)
	cs.settings.end(committed)
	if chain {
		cs.settings.begin()
	}
}

// refuseOwnWrites refuses a query whose rows depend on what this transaction has written, where that cannot be seen
// yet: a view shows it when the transaction has committed. Tables themselves are read with the transaction's writes.
func (cs *clientSession) refuseOwnWrites(p *planner.Plan) error {
	if !cs.tx.wrote() {
		return nil
	}
	cat := cs.e.catalog.Load()
	for _, o := range scanned(p.Root, nil) { // not DependsOn: that has the target of an INSERT too
		if o.Kind == catalog.System {
			continue
		}
		if cs.tx.tables[o.ID] != nil && o.Kind == catalog.Table && !p.Push {
			continue
		}
		if cs.dependsOnWrites(cat, o) {
			return pgerr.New(pgerr.FeatureNotSupported, "reading %q in the transaction that has written to what it shows is not supported", o.Name).
				WithHint("Read it before writing, or after COMMIT.")
		}
	}
	return nil
}

// scanned lists the objects that a plan reads.
func scanned(n planner.Node, objs []*catalog.Object) []*catalog.Object {
	switch n := n.(type) {
	case *planner.Scan:
		return append(objs, n.Object)
	case *planner.Lookup:
		return append(objs, n.Object)
	}
	for _, in := range n.Inputs() {
		objs = scanned(in, objs)
	}
	return objs
}

func (cs *clientSession) dependsOnWrites(cat *catalog.Catalog, o *catalog.Object) bool {
	if cs.tx.tables[o.ID] != nil {
		return true
	}
	for _, id := range o.DependsOn {
		if d := cat.ByID(id); d != nil && cs.dependsOnWrites(cat, d) {
			return true
		}
	}
	return false
}

// setMode takes one mode of BEGIN or SET TRANSACTION.
func (t *transaction) setMode(mode string) {
	switch mode {
	case "read only":
		t.readOnly = true
	case "read write":
		t.readOnly = false
	}
}

func isOn(v string) bool {
	switch strings.ToLower(v) {
	case "on", "true", "yes", "1":
		return true
	}
	return false
}

// refuseReadOnly refuses statements that write in a transaction that was begun READ ONLY.
func (cs *clientSession) refuseReadOnly(s ast.Stmt) error {
	if !cs.tx.readOnly {
		return nil
	}
	what := ""
	switch t := s.(type) {
	case *ast.Insert:
		what = "INSERT"
	case *ast.Update:
		what = "UPDATE"
	case *ast.Delete:
		what = "DELETE"
	case *ast.Create:
		what = "CREATE " + strings.ToUpper(string(t.Kind))
	case *ast.Drop:
		what = "DROP " + strings.ToUpper(string(t.Kind))
	case *ast.Copy:
		if t.From {
			what = "COPY FROM"
		}
	}
	if what == "" {
		return nil
	}
	return pgerr.New(pgerr.ReadOnlySQLTransaction, "cannot execute %s in a read-only transaction", what)
}
