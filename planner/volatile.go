package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
)

// volatileCall is a call of a volatile function in what lives longer than a statement.
type volatileCall struct {
	name string
	pos  int
}

// laterVolatile lets a volatile function pass in the ksql dialect until the plan is known: over streams ksqlDB's queries
// may call RANDOM, UUID, UNIX_TIMESTAMP and UNIX_DATE, as no row of theirs is ever taken back and computed again.
func (b *binder) laterVolatile(call *expr.Call, pos int) bool {
	if !b.ksql() || call.Func.Vol != expr.Volatile {
		return false
	}
	if b.volatile == nil {
		b.volatile = &volatileCall{call.Func.Name, pos}
	}
	return true
}

// checkVolatile refuses volatile functions over rows that may be taken back.
func (b *binder) checkVolatile(n Node) error {
	if b.volatile == nil {
		return nil
	}
	calls := false
	withExprs(n, func(e expr.Expr) expr.Expr {
		calls = calls || expr.VolatilityOf(e) == expr.Volatile
		return e
	})
	for _, in := range n.Inputs() {
		if calls && !PropsOf(in).AppendOnly {
			return errVolatile(b.volatile.name, b.volatile.pos)
		}
		if err := b.checkVolatile(in); err != nil {
			return err
		}
	}
	return nil
}

func errVolatile(name string, pos int) error {
	return pgerr.Unsupported(pos, "%s() in a view or push query", name).
		WithHint("Its value is not the same when a row is computed again; take the time from the rows, or apply the function in the query over the view.")
}
