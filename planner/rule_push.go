package planner

import (
	"slices"

	"streamsql/internal/expr"
)

// pushFilters moves each conjunct of a filter as far down as it stays true to the query, and conditions of ON that
// concern one side into that side.
func (w *rewriter) pushFilters(n Node) Node {
	switch n := n.(type) {
	case *Filter:
		return w.push(n.Input, expr.Conjuncts(n.Pred))
	case *Join:
		return w.push(n, nil)
	}
	in := n.Inputs()
	if len(in) == 0 {
		return n
	}
	out := make([]Node, len(in))
	for i, c := range in {
		out[i] = w.pushFilters(c)
	}
	return withInputs(n, out)
}

// push returns n restricted by preds, which are over n's output.
func (w *rewriter) push(n Node, preds []expr.Expr) Node {
	if len(preds) == 0 {
		if j, ok := n.(*Join); ok {
			return w.pushJoin(j, nil)
		}
		return w.pushFilters(n)
	}
	var stay, down []expr.Expr
	sort := func(goes func(expr.Expr) bool) {
		for _, p := range preds {
			if expr.VolatilityOf(p) != expr.Volatile && goes(p) {
				down = append(down, p)
			} else {
				stay = append(stay, p)
			}
		}
	}
	switch n := n.(type) {
	case *Filter:
		return w.push(n.Input, append(expr.Conjuncts(n.Pred), preds...))
	case *Project:
		sort(func(p expr.Expr) bool { return !readsVolatile(p, n.Exprs) })
		in := w.push(n.Input, mapExprs(down, func(p expr.Expr) expr.Expr { return substitute(p, n.Exprs) }))
		return filter(withInputs(n, []Node{in}), stay)
	case *Window:
		width := len(n.Input.Columns())
		sort(func(p expr.Expr) bool { return usesOnly(p, 0, width) })
		return filter(withInputs(n, []Node{w.push(n.Input, down)}), stay)
	case *ProjectSet:
		width := len(n.Input.Columns())
		sort(func(p expr.Expr) bool { return usesOnly(p, 0, width) })
		return filter(withInputs(n, []Node{w.push(n.Input, down)}), stay)
	case *Expand:
		m := n.same()
		sort(func(p expr.Expr) bool { return readsKept(p, m) })
		in := w.push(n.Input, mapExprs(down, func(p expr.Expr) expr.Expr { return expr.Remap(p, m) }))
		return filter(withInputs(n, []Node{in}), stay)
	case *Aggregate:
		sort(func(p expr.Expr) bool {
			return !n.Scalar && len(n.Always) == 0 && len(expr.Columns(p)) > 0 && usesOnly(p, 0, len(n.Keys))
		})
		in := w.push(n.Input, mapExprs(down, func(p expr.Expr) expr.Expr { return expr.Remap(p, n.Keys) }))
		return filter(withInputs(n, []Node{in}), stay)
	case *Over:
		sort(func(p expr.Expr) bool { return len(expr.Columns(p)) > 0 && within(expr.Columns(p), n.PartitionBy) })
		return filter(withInputs(n, []Node{w.push(n.Input, down)}), stay)
	case *Union:
		sort(func(expr.Expr) bool { return true })
		in := make([]Node, len(n.In))
		for i, c := range n.In {
			in[i] = w.push(c, down)
		}
		return filter(withInputs(n, in), stay)
	case *SetOp:
		sort(func(expr.Expr) bool { return true })
		return filter(withInputs(n, []Node{w.push(n.Left, down), w.push(n.Right, down)}), stay)
	case *Distinct:
		sort(func(expr.Expr) bool { return true })
		return filter(withInputs(n, []Node{w.push(n.Input, down)}), stay)
	case *TopN:
		sort(func(p expr.Expr) bool { return len(expr.Columns(p)) > 0 && within(expr.Columns(p), n.PartitionBy) })
		return filter(withInputs(n, []Node{w.push(n.Input, down)}), stay)
	case *Sort:
		sort(func(expr.Expr) bool { return n.Limit == nil && n.Offset == nil })
		return filter(withInputs(n, []Node{w.push(n.Input, down)}), stay)
	case *Join:
		return w.pushJoin(n, preds)
	}
	return filter(n, preds)
}

func filter(n Node, preds []expr.Expr) Node {
	if len(preds) == 0 {
		return n
	}
	return &Filter{Input: n, Pred: andAll(preds)}
}

func readsVolatile(p expr.Expr, exprs []expr.Expr) bool {
	for _, c := range expr.Columns(p) {
		if expr.VolatilityOf(exprs[c]) == expr.Volatile {
			return true
		}
	}
	return false
}

func within(xs, set []int) bool {
	for _, x := range xs {
		if !slices.Contains(set, x) {
			return false
		}
	}
	return true
}

// reduceOuter makes an outer join a narrower one where a predicate above is true for none of the rows that the join
// fills with NULLs on that side: WHERE right.x = 1 makes a left join an inner one.
func reduceOuter(n *Join, preds []expr.Expr) *Join {
	if n.Kind != Left && n.Kind != Full {
		return n
	}
	lw := len(n.Left.Columns())
	all := lw + len(n.Right.Columns())
	left, right := false, false
	for _, p := range preds {
		left = left || rejectsNull(p, 0, lw)
		right = right || rejectsNull(p, lw, all)
	}
	kind := n.Kind
	switch {
	case kind == Left && right, kind == Full && left && right:
		kind = Inner
	case kind == Full && left:
		kind = Left
	}
	if kind == n.Kind {
		return n
	}
	j := *n
	j.Kind = kind
	j.Out = joinOut(kind, n.Left, n.Right)
	return &j
}

// rejectsNull reports predicates that are not true when the columns in [lo, hi) are all NULL.
func rejectsNull(e expr.Expr, lo, hi int) bool {
	switch e := e.(type) {
	case *expr.Logic:
		for _, a := range e.Args {
			if rejectsNull(a, lo, hi) != e.Or {
				return !e.Or
			}
		}
		return e.Or
	case *expr.Is:
		if e.What == "null" {
			return e.Not && strictIn(e.X, lo, hi)
		}
		return !e.Not && e.What == "true" && rejectsNull(e.X, lo, hi)
	case *expr.InList:
		return strictIn(e.X, lo, hi)
	}
	return strictIn(e, lo, hi)
}

// strictIn reports expressions that are NULL when the columns in [lo, hi) are.
func strictIn(e expr.Expr, lo, hi int) bool {
	switch e := e.(type) {
	case *expr.Column:
		return e.Index >= lo && e.Index < hi
	case *expr.Cast:
		return strictIn(e.X, lo, hi)
	case *expr.Not:
		return strictIn(e.X, lo, hi)
	case *expr.Call:
		for _, a := range e.Args {
			if e.Func.Strict && strictIn(a, lo, hi) {
				return true
			}
		}
	}
	return false
}

// pushJoin sorts predicates above a join and the conjuncts of its condition by the side they concern. A predicate
// above may go into a side whose rows the join never fills with NULLs; a conjunct of ON into a side whose unmatched
// rows the join does not keep.
func (w *rewriter) pushJoin(n *Join, preds []expr.Expr) Node {
	n = reduceOuter(n, preds)
	lw := len(n.Left.Columns())
	all := lw + len(n.Right.Columns())
	aboveLeft := n.Kind != Full
	aboveRight := n.Kind == Inner
	onLeft := n.Kind == Inner || n.Kind == Semi
	onRight := n.Kind != Full
	var left, right, on, stay []expr.Expr
	for _, p := range preds {
		movable := expr.VolatilityOf(p) != expr.Volatile
		switch {
		case movable && aboveLeft && usesOnly(p, 0, lw):
			left = append(left, p)
		case movable && aboveRight && usesOnly(p, lw, all):
			right = append(right, expr.Shift(p, -lw))
		case movable && n.Kind == Inner:
			on = append(on, p)
		default:
			stay = append(stay, p)
		}
	}
	var residual []expr.Expr
	if n.Residual != nil {
		residual = expr.Conjuncts(n.Residual)
	}
	var keep []expr.Expr
	for _, p := range residual {
		movable := expr.VolatilityOf(p) != expr.Volatile
		switch {
		case movable && onLeft && usesOnly(p, 0, lw):
			left = append(left, p)
		case movable && onRight && usesOnly(p, lw, all):
			right = append(right, expr.Shift(p, -lw))
		default:
			keep = append(keep, p)
		}
	}
	j := *n
	j.Left, j.Right = w.push(n.Left, left), w.push(n.Right, right)
	j.Residual = andAll(append(keep, on...))
	return filter(&j, stay)
}
