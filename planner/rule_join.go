package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/types"
)

// joinKeys takes the equalities between the sides out of join conditions and makes them hash keys; sides that are
// computed become extra columns below the join, cut off again above it.
func (w *rewriter) joinKeys(n Node) Node {
	return transform(n, func(n Node) Node {
		j, ok := n.(*Join)
		if !ok || j.Residual == nil {
			return n
		}
		return extractKeys(j)
	})
}

func extractKeys(j *Join) Node {
	lw := len(j.Left.Columns())
	rw := len(j.Right.Columns())
	var keys []keyPair
	var rest []expr.Expr
	for _, c := range expr.Conjuncts(j.Residual) {
		if k, ok := equiJoin(c, lw, lw+rw); ok {
			keys = append(keys, k)
		} else {
			rest = append(rest, c)
		}
	}
	if len(keys) == 0 {
		return j
	}
	left, lk := withColumns(j.Left, keys, func(k keyPair) expr.Expr { return k.left })
	right, rk := withColumns(j.Right, keys, func(k keyPair) expr.Expr { return k.right })
	n := &Join{Kind: j.Kind, Left: left, Right: right}
	n.LeftKeys = append(append([]int(nil), j.LeftKeys...), lk...)
	n.RightKeys = append(append([]int(nil), j.RightKeys...), rk...)
	if j.NullSafe != nil {
		n.NullSafe = append(append([]bool(nil), j.NullSafe...), make([]bool, len(keys))...)
	}
	// The left side may have grown: right columns move.
	moved := len(left.Columns()) - lw
	if len(rest) > 0 {
		m := make([]int, lw+rw)
		for i := range m {
			m[i] = i
			if i >= lw {
				m[i] += moved
			}
		}
		n.Residual = expr.Remap(expr.And(rest...), m)
	}
	n.Out = joinOut(j.Kind, left, right)
	if len(n.Out) == len(j.Out) {
		n.Out = j.Out
		return n
	}
	p := &Project{Input: n, Out: j.Out}
	for i := range j.Out {
		at := i
		if i >= lw {
			at += moved
		}
		p.Exprs = append(p.Exprs, column(n.Out, at))
	}
	return p
}

// keyPair is one equality: an expression over the left side, and one over the right side's own columns.
type keyPair struct{ left, right expr.Expr }

// equiJoin recognises left expression = right expression of one type.
func equiJoin(e expr.Expr, lw, all int) (keyPair, bool) {
	call, ok := e.(*expr.Call)
	if !ok || call.Func.Name != "=" || len(call.Args) != 2 {
		return keyPair{}, false
	}
	a, b := call.Args[0], call.Args[1]
	if expr.VolatilityOf(a) == expr.Volatile || expr.VolatilityOf(b) == expr.Volatile ||
		len(expr.Columns(a)) == 0 || len(expr.Columns(b)) == 0 {
		return keyPair{}, false
	}
	if usesOnly(b, 0, lw) {
		a, b = b, a
	}
	if !usesOnly(a, 0, lw) || !usesOnly(b, lw, all) {
		return keyPair{}, false
	}
	k := keyPair{a, expr.Shift(b, -lw)}
	return k, sameKeyType(&k)
}

// sameKeyType makes both sides one type whose hash agrees with the operator: integers of different width become
// bigint; other mixtures stay conditions.
func sameKeyType(k *keyPair) bool {
	lt, rt := k.left.Type(), k.right.Type()
	if lt.Kind == rt.Kind && lt.Kind != types.Array && lt.Kind != types.Map {
		return typeHasEquality(lt)
	}
	if lt.IsInteger() && rt.IsInteger() {
		wide := types.T(max(lt.Kind, rt.Kind))
		for _, x := range []*expr.Expr{&k.left, &k.right} {
			if (*x).Type().Kind != wide.Kind {
				*x = &expr.Cast{X: *x, T: wide, Pos: -1}
			}
		}
		return true
	}
	return lt.Equal(rt) && typeHasEquality(lt)
}

// withColumns makes one side of each key a column of node, computing those that are not, and returns their places.
func withColumns(node Node, keys []keyPair, side func(keyPair) expr.Expr) (Node, []int) {
	cols := node.Columns()
	at := make([]int, len(keys))
	var p *Project
	for i, k := range keys {
		x := side(k)
		if c, ok := x.(*expr.Column); ok {
			at[i] = c.Index
			continue
		}
		if p == nil {
			p = &Project{Input: node, Out: append([]Column(nil), cols...)}
			for j := range cols {
				p.Exprs = append(p.Exprs, column(cols, j))
			}
		}
		if at[i] = indexExpr(p.Exprs, x); at[i] < 0 {
			at[i] = p.add("", x, cols)
		}
	}
	if p == nil {
		return node, at
	}
	return p, at
}
