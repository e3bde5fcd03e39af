package planner

import (
	"streamsql/internal/expr"
)

// withInputs returns a copy of n over other inputs (which have the same columns).
func withInputs(n Node, in []Node) Node {
	switch n := n.(type) {
	case *Filter:
		c := *n
		c.Input = in[0]
		return &c
	case *Project:
		c := *n
		c.Input = in[0]
		return &c
	case *Window:
		c := *n
		c.Input = in[0]
		return &c
	case *Expand:
		c := *n
		c.Input = in[0]
		return &c
	case *Aggregate:
		c := *n
		c.Input = in[0]
		return &c
	case *ProjectSet:
		c := *n
		c.Input = in[0]
		return &c
	case *Over:
		c := *n
		c.Input = in[0]
		return &c
	case *Join:
		c := *n
		c.Left, c.Right = in[0], in[1]
		return &c
	case *StreamJoin:
		c := *n
		c.Left, c.Right = in[0], in[1]
		return &c
	case *Union:
		c := *n
		c.In = in
		return &c
	case *Distinct:
		return &Distinct{Input: in[0]}
	case *TopN:
		c := *n
		c.Input = in[0]
		return &c
	case *Sort:
		c := *n
		c.Input = in[0]
		return &c
	case *SetOp:
		c := *n
		c.Left, c.Right = in[0], in[1]
		return &c
	}
	return n
}

// transform rebuilds a tree from the leaves up, each node replaced by f of the node over its new inputs.
func transform(n Node, f func(Node) Node) Node {
	old := n.Inputs()
	in, changed := make([]Node, len(old)), false
	for i, c := range old {
		in[i] = transform(c, f)
		changed = changed || in[i] != c
	}
	if changed {
		n = withInputs(n, in)
	}
	return f(n)
}

// withExprs returns n with every expression replaced by f of it; n itself when none changes.
func withExprs(n Node, f func(expr.Expr) expr.Expr) Node {
	switch n := n.(type) {
	case *Lookup:
		c := *n
		c.Key = mapExprs(n.Key, f)
		return &c
	case *Values:
		c := *n
		c.Rows = make([][]expr.Expr, len(n.Rows))
		for i, r := range n.Rows {
			c.Rows[i] = mapExprs(r, f)
		}
		return &c
	case *Filter:
		c := *n
		c.Pred = f(n.Pred)
		return &c
	case *Project:
		c := *n
		c.Exprs = mapExprs(n.Exprs, f)
		return &c
	case *ProjectSet:
		c := *n
		c.Calls = make([]*expr.SetCall, len(n.Calls))
		for i, call := range n.Calls {
			c.Calls[i] = call.WithArgs(mapExprs(call.Args, f))
		}
		return &c
	case *Join:
		if n.Residual == nil {
			return n
		}
		c := *n
		c.Residual = f(n.Residual)
		return &c
	case *Sort:
		c := *n
		if n.Limit != nil {
			c.Limit = f(n.Limit)
		}
		if n.Offset != nil {
			c.Offset = f(n.Offset)
		}
		return &c
	}
	return n
}

func mapExprs(xs []expr.Expr, f func(expr.Expr) expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(xs))
	for i, x := range xs {
		out[i] = f(x)
	}
	return out
}

// substitute replaces column i of e by exprs[i].
func substitute(e expr.Expr, exprs []expr.Expr) expr.Expr {
	return expr.Rewrite(e, func(x expr.Expr) expr.Expr {
		if c, ok := x.(*expr.Column); ok {
			return exprs[c.Index]
		}
		return x
	})
}

// usesOnly reports that e reads only columns in [lo, hi).
func usesOnly(e expr.Expr, lo, hi int) bool {
	for _, c := range expr.Columns(e) {
		if c < lo || c >= hi {
			return false
		}
	}
	return true
}
