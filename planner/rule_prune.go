package planner

import (
	"streamsql/internal/expr"
)

// pruneColumns reads, computes and keeps only the columns that are used, down to what a scan decodes.
func (w *rewriter) pruneColumns(n Node) Node {
	need := make([]bool, len(n.Columns()))
	for i := range need {
		need[i] = true
	}
	out, m := prune(n, need)
	return project(out, m, n.Columns())
}

// project returns node with the columns m in that order, itself if they are so already.
func project(node Node, m []int, out []Column) Node {
	if isIdentity(m, len(node.Columns())) && sameColumns(out, node.Columns()) {
		return node
	}
	p := &Project{Input: node, Out: out}
	for i, c := range m {
		p.Exprs = append(p.Exprs, column(node.Columns(), c))
		p.Out[i].NotNull = out[i].NotNull
	}
	return p
}

// exact prunes a node to just the needed columns, in their old order.
func exact(n Node, need []bool) Node {
	cols := n.Columns()
	pruned, m := prune(n, need)
	var at []int
	var out []Column
	for i, want := range need {
		if want {
			at, out = append(at, m[i]), append(out, cols[i])
		}
	}
	return project(pruned, at, out)
}

// numbering maps old columns to their rank among the needed ones, -1 for the others.
func numbering(need []bool) []int {
	m, n := make([]int, len(need)), 0
	for i, want := range need {
		m[i] = -1
		if want {
			m[i] = n
			n++
		}
	}
	return m
}

func needing(n int, base []bool, cols ...int) []bool {
	need := make([]bool, n)
	copy(need, base)
	for _, c := range cols {
		need[c] = true
	}
	return need
}

// prune returns a node that yields at least the needed columns of n, and where each old column is now (-1: gone).
func prune(n Node, need []bool) (Node, []int) {
	switch n := n.(type) {
	case *Scan:
		m := numbering(need)
		return &Scan{Object: n.Object, Cols: kept(n.Cols, m), Out: kept(n.Out, m)}, m
	case *Lookup:
		m := numbering(need)
		return &Lookup{Object: n.Object, Key: n.Key, Cols: kept(n.Cols, m), Out: kept(n.Out, m)}, m
	case *Values:
		m := numbering(need)
		v := &Values{Out: kept(n.Out, m)}
		for _, r := range n.Rows {
			v.Rows = append(v.Rows, kept(r, m))
		}
		return v, m
	case *Filter:
		in, m := prune(n.Input, needing(len(need), need, expr.Columns(n.Pred)...))
		return &Filter{Input: in, Pred: expr.Remap(n.Pred, m)}, m
	case *Project:
		return pruneProject(n, need)
	case *Window:
		return pruneWindow(n, need)
	case *ProjectSet:
		return pruneProjectSet(n, need)
	case *Expand:
		return pruneExpand(n, need)
	case *Aggregate:
		return pruneAggregate(n, need)
	case *Over:
		return pruneOver(n, need)
	case *Join:
		return pruneJoin(n, need)
	case *Union:
		m := numbering(need)
		u := &Union{Out: kept(n.Out, m)}
		for _, c := range n.In {
			u.In = append(u.In, exact(c, need))
		}
		return u, m
	case *TopN:
		return pruneTopN(n, need)
	case *Sort:
		if n.Limit != nil || n.Offset != nil { // as for TopN
			return pruneNothing(n)
		}
		all := needing(len(need), need, orderCols(n.Order)...)
		m := numbering(all)
		s := *n
		s.Input, s.Order = exact(n.Input, all), remapOrder(n.Order, m)
		return &s, m
	}
	return pruneNothing(n)
}

// pruneNothing keeps all columns of a node whose rows are compared as a whole.
func pruneNothing(n Node) (Node, []int) {
	var in []Node
	for _, c := range n.Inputs() {
		in = append(in, exact(c, allOf(len(c.Columns()))))
	}
	return withInputs(n, in), upTo(len(n.Columns()))
}

func allOf(n int) []bool {
	out := make([]bool, n)
	for i := range out {
		out[i] = true
	}
	return out
}

// kept returns the elements that a numbering keeps.
func kept[T any](xs []T, m []int) []T {
	out := make([]T, 0, len(xs))
	for i, x := range xs {
		if m[i] >= 0 {
			out = append(out, x)
		}
	}
	return out
}

func orderCols(order []SortKey) []int {
	var out []int
	for _, o := range order {
		out = append(out, o.Col)
	}
	return out
}

func pruneProject(n *Project, need []bool) (Node, []int) {
	m := numbering(need)
	exprs := kept(n.Exprs, m)
	used := make([]bool, len(n.Input.Columns()))
	for _, e := range exprs {
		used = needing(len(used), used, expr.Columns(e)...)
	}
	in, im := prune(n.Input, used)
	return &Project{Input: in, Out: kept(n.Out, m),
		Exprs: mapExprs(exprs, func(e expr.Expr) expr.Expr { return expr.Remap(e, im) })}, m
}

func pruneWindow(n *Window, need []bool) (Node, []int) {
	width := len(n.Input.Columns())
	in, m := prune(n.Input, needing(width, need[:width], n.TimeCol))
	w := *n
	w.Input, w.TimeCol = in, m[n.TimeCol]
	w.Out = append(append([]Column(nil), in.Columns()...), n.Out[width:]...)
	w.Out[w.TimeCol].NotNull = true
	at := len(in.Columns())
	return &w, append(append([]int(nil), m...), at, at+1)
}

func pruneAggregate(n *Aggregate, need []bool) (Node, []int) {
	keys := len(n.Keys)
	m := numbering(needing(len(need), need, upTo(keys)...))
	a := *n
	a.Aggs = kept(n.Aggs, m[keys:])
	a.Out = kept(n.Out, m)
	used := needing(len(n.Input.Columns()), nil, n.Keys...)
	for _, c := range a.Aggs {
		used = needing(len(used), used, c.Args...)
		used = needing(len(used), used, orderCols(c.Order)...)
		if c.Filter >= 0 {
			used[c.Filter] = true
		}
	}
	in, im := prune(n.Input, used)
	return remapAggregate(&a, in, im), m
}

func pruneJoin(n *Join, need []bool) (Node, []int) {
	lw, rw := len(n.Left.Columns()), len(n.Right.Columns())
	all := make([]bool, lw+rw)
	copy(all, need)
	if n.Residual != nil {
		all = needing(len(all), all, expr.Columns(n.Residual)...)
	}
	ln := needing(lw, all[:lw], n.LeftKeys...)
	rn := needing(rw, all[lw:], n.RightKeys...)
	lm, rm := numbering(ln), numbering(rn)
	j := *n
	j.Left, j.Right = exact(n.Left, ln), exact(n.Right, rn)
	j.LeftKeys, j.RightKeys = remapInts(n.LeftKeys, lm), remapInts(n.RightKeys, rm)
	m := append([]int(nil), lm...)
	width := len(j.Left.Columns())
	for _, c := range rm {
		if c >= 0 {
			c += width
		}
		m = append(m, c)
	}
	if n.Residual != nil {
		j.Residual = expr.Remap(n.Residual, m)
	}
	j.Out = joinOut(n.Kind, j.Left, j.Right)
	return &j, m[:len(need)]
}

func pruneTopN(n *TopN, need []bool) (Node, []int) {
	// Ties are broken by the whole row: with a limit every column may decide.
	if n.Limit >= 0 || n.Offset > 0 {
		return pruneNothing(n)
	}
	all := needing(len(need), need, append(orderCols(n.Order), n.PartitionBy...)...)
	m := numbering(all)
	t := *n
	t.Input, t.Order, t.PartitionBy = exact(n.Input, all), remapOrder(n.Order, m), remapInts(n.PartitionBy, m)
	return &t, m
}
