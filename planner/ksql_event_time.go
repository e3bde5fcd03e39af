package planner

import (
	"strings"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// eventTimes reads a string literal beside ROWTIME, WINDOWSTART or WINDOWEND as a timestamp: ksqlDB compares these
// columns, which count milliseconds, with '2020-02-10T08:31:44.001+0000' too.
func eventTimes(lx, rx ast.Expr, l, r expr.Expr) (expr.Expr, expr.Expr, error) {
	var err error
	switch {
	case isEventTime(lx, l):
		r, err = eventMillis(rx, r)
	case isEventTime(rx, r):
		l, err = eventMillis(lx, l)
	}
	return l, r, err
}

func isEventTime(x ast.Expr, e expr.Expr) bool {
	ref, ok := x.(*ast.Ref)
	if !ok || e.Type().Kind != types.Int8 {
		return false
	}
	switch strings.ToLower(ref.Parts[len(ref.Parts)-1]) {
	case "rowtime", "windowstart", "windowend":
		return true
	}
	return false
}

func eventMillis(x ast.Expr, e expr.Expr) (expr.Expr, error) {
	lit, ok := x.(*ast.Lit)
	if !ok || lit.Kind != ast.LitString {
		return e, nil
	}
	ms, err := expr.EventMillis(lit.Text)
	return constInt(ms), pgerr.WithPos(err, at(x))
}
