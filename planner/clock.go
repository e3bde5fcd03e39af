package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
)

// refuseSession refuses what has no meaning in a view that lives on: the clock, random numbers, and facts about the
// session. A view is a function of its inputs: replaying the log must give it again, byte for byte.
func refuseSession(n Node) error {
	var err error
	eachExpr(n, func(x expr.Expr) {
		expr.Walk(x, func(x expr.Expr) bool {
			c, ok := x.(*expr.Call)
			if ok && err == nil && (c.Func.Vol == expr.Volatile || c.Func.Vol == expr.Stable && len(c.Args) == 0) {
				err = pgerr.Unsupported(c.Pos, "%s() in a view that is kept", c.Func.Name).
					WithHint("Use a time that is in the data, or a plain view, which is computed when it is read.")
			}
			return err == nil
		})
	})
	return err
}

// eachExpr calls f for every expression of a plan.
func eachExpr(n Node, f func(expr.Expr)) {
	withExprs(n, func(x expr.Expr) expr.Expr {
		f(x)
		return x
	})
	for _, in := range n.Inputs() {
		eachExpr(in, f)
	}
}
