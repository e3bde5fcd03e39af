package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
)

// dependentJoin joins each row of left with the rows that a subquery gives for it: the subquery's plan refers to left by
// the outer columns ids. There is no operator for this; join makes an ordinary join of it, in one of three ways:
//
//   - functions in FROM are computed over left itself (ProjectSet);
//   - where the conditions on outer columns can be pulled up out of the subquery (pull.go), they become the join's;
//   - else the subquery is computed for all different values of the outer columns at once, each of its rows with those
//     values beside it, and joined by them (push.go), as in Neumann and Kemper, "Unnesting Arbitrary Queries", BTW 2015.
type dependentJoin struct {
	kind JoinKind // Inner, Left, Semi or Anti
	left Node
	// base yields at least left's values of the outer columns in its first columns; it is a smaller plan than left.
	base  Node
	ids   outerSet
	outer []expr.Expr // what ids are, over left
	on    expr.Expr   // over left's columns, then the subquery's; nil: true
}

// join returns the join's plan; its columns are left's and, for Inner and Left, the subquery's.
func (j *dependentJoin) join(right Node) (Node, error) {
	if len(j.ids) == 0 {
		return newJoin(j.kind, j.left, right, j.on), nil
	}
	if n := j.functions(right); n != nil {
		return n, nil
	}
	if p, ok := j.ids.pull(right); ok {
		if n := j.pulled(p, right.Columns()); n != nil {
			return n, nil
		}
	}
	return j.domain(right)
}

// functions is the join with functions in FROM, whose arguments refer to left; nil: it is none.
func (j *dependentJoin) functions(right Node) Node {
	ps, ok := right.(*ProjectSet)
	if !ok || !isUnit(ps.Input) || j.kind != Inner && (j.kind != Left || j.on != nil) {
		return nil
	}
	out, _ := ps.over(j.left, nil, func(e expr.Expr) expr.Expr { return j.ids.replace(e, j.outer) })
	if j.kind == Left && !out.Outer {
		out.Outer = true
		for i := len(j.left.Columns()); i < len(out.Out); i++ {
			out.Out[i].NotNull = false
		}
	}
	if j.on == nil {
		return out
	}
	return &Filter{Input: out, Pred: j.on}
}

// unit is one row without columns.
func unit() *Values { return &Values{Rows: [][]expr.Expr{{}}} }

// isUnit reports a node of one row without columns.
func isUnit(n Node) bool {
	v, ok := n.(*Values)
	return ok && len(v.Rows) == 1 && len(v.Out) == 0
}

// pulled is the join with a subquery that does not depend on left any more; nil where that cannot be.
func (j *dependentJoin) pulled(p *pulled, cols []Column) Node {
	width := len(j.left.Columns())
	above := func(e expr.Expr) expr.Expr { return j.ids.replace(expr.Shift(e, width), j.outer) }
	outs := append(columns(j.left), mapExprs(p.outs, above)...)
	on := mapExprs(p.preds, above)
	if j.kind == Semi || j.kind == Anti {
		if p.empty != nil {
			return nil
		}
		if j.on != nil {
			on = append(on, substitute(j.on, outs))
		}
		return newJoin(j.kind, j.left, p.node, expr.And(on...))
	}
	if p.empty != nil && j.on != nil {
		return nil
	}
	if j.on != nil {
		on = append(on, substitute(j.on, outs))
	}
	if j.kind == Inner && p.empty == nil {
		if isUnit(p.node) { // nothing to join with
			return project2(filter(j.left, on), outs, cols)
		}
		return project2(newJoin(Inner, j.left, p.node, expr.And(on...)), outs, cols)
	}
	return j.filled(p, outs, on, cols)
}

// filled is the left join with a subquery; in rows of left without a match its columns are NULL, or what an aggregate
// of nothing is.
func (j *dependentJoin) filled(p *pulled, outs, on []expr.Expr, cols []Column) Node {
	width := len(j.left.Columns())
	marked := &Project{Input: p.node, Exprs: columns(p.node), Out: append([]Column(nil), p.node.Columns()...)}
	mark := width + marked.add("", constBool(true), nil)
	for i := range p.outs {
		empty := constNull(p.outs[i].Type())
		if p.empty != nil {
			empty = j.ids.replace(p.empty[i], j.outer)
		}
		k, isConst := empty.(*expr.Const)
		if _, plain := p.outs[i].(*expr.Column); plain && isConst {
			if !k.V.Null { // a count
				outs[width+i] = &expr.Coalesce{Args: []expr.Expr{outs[width+i], empty}, T: empty.Type()}
			}
			continue
		}
		found := &expr.Is{X: &expr.Column{Index: mark, T: boolType}, What: "null", Not: true}
		outs[width+i] = &expr.Case{Conds: []expr.Expr{found}, Results: []expr.Expr{outs[width+i]}, Else: empty, T: p.outs[i].Type()}
	}
	return project2(newJoin(Left, j.left, marked, expr.And(on...)), outs, cols)
}

// columns are all columns of a node, as expressions.
func columns(n Node) []expr.Expr {
	cols := n.Columns()
	out := make([]expr.Expr, len(cols))
	for i := range cols {
		out[i] = column(cols, i)
	}
	return out
}

// project2 computes exprs over node; the last ones have the names of cols.
func project2(node Node, exprs []expr.Expr, cols []Column) Node {
	in := node.Columns()
	p := &Project{Input: node}
	for i, e := range exprs {
		name := ""
		if k := i - (len(exprs) - len(cols)); k >= 0 {
			name = cols[k].Name
		} else if c, ok := e.(*expr.Column); ok {
			name = in[c.Index].Name
		}
		p.add(name, e, in)
	}
	return p
}

// domain is the join by way of all different values of the outer columns.
func (j *dependentJoin) domain(right Node) (Node, error) {
	d := &Project{Input: j.left}
	if usesAll(j.outer, len(j.base.Columns())) {
		d.Input = j.base
	}
	pairs := make([]keyPair, len(j.ids))
	for i, x := range j.outer {
		if !typeHasEquality(x.Type()) {
			return nil, pgerr.Unsupported(pgerr.NoPos, "a correlated subquery over a column of type %s", x.Type())
		}
		d.add("", x, d.Input.Columns())
		pairs[i].left = x
	}
	s := &pusher{ids: j.ids, domain: &Distinct{Input: d}}
	sub, err := s.push(right)
	if err != nil {
		return nil, err
	}
	width := len(j.left.Columns())
	left, lk := withColumns(j.left, pairs, func(k keyPair) expr.Expr { return k.left })
	n := &Join{Kind: j.kind, Left: left, Right: sub.node, LeftKeys: lk, RightKeys: sub.key, NullSafe: allOf(len(lk))}
	if j.kind == Left && j.on == nil && exactlyOneRow(right) {
		n.Kind = Inner
	}
	at := upTo(width)
	for _, c := range sub.at {
		at = append(at, len(left.Columns())+c)
	}
	if j.on != nil {
		n.Residual = expr.Remap(j.on, at)
	}
	if n.Out = joinOut(n.Kind, left, sub.node); j.kind == Semi || j.kind == Anti {
		return firstColumns(n, width), nil
	}
	return project2(n, mapColumns(n.Out, at), right.Columns()), nil
}

// usesAll reports that exprs read only the first n columns.
func usesAll(exprs []expr.Expr, n int) bool {
	for _, e := range exprs {
		if !usesOnly(e, 0, n) {
			return false
		}
	}
	return true
}

// mapColumns are the columns at of cols, as expressions.
func mapColumns(cols []Column, at []int) []expr.Expr {
	out := make([]expr.Expr, len(at))
	for i, c := range at {
		out[i] = column(cols, c)
	}
	return out
}
