package planner

import (
	"slices"

	"streamsql/internal/expr"
)

// rule is one rewrite of a whole plan. It keeps the output columns and their order, and the rows: with any rule
// switched off the answer is the same (Options.Rules; tests rely on it).
type rule struct {
	name  string
	apply func(*rewriter, Node) Node
}

// rewriter is what rules may ask.
type rewriter struct{ opt Options }

// rules are applied in this order: a rule finds the tree as its predecessors left it. Projections are merged twice, as
// pruning makes new ones.
var rules = []rule{
	{"fold_constants", (*rewriter).foldConstants},
	{"merge_filters", (*rewriter).mergeFilters},
	{"push_filters", (*rewriter).pushFilters},
	{"merge_projects", (*rewriter).mergeProjects},
	{"join_keys", (*rewriter).joinKeys},
	{"key_lookup", (*rewriter).keyLookup},
	{"prune_columns", (*rewriter).pruneColumns},
	{"merge_projects", (*rewriter).mergeProjects},
	{"drop_projects", (*rewriter).dropProjects},
	{"append_only", (*rewriter).appendOnly},
}

// RuleNames lists the rewrites by name, in order, for Options.Rules.
func RuleNames() []string {
	var out []string
	for _, r := range rules {
		if !slices.Contains(out, r.name) {
			out = append(out, r.name)
		}
	}
	return out
}

func rewrite(n Node, opt Options) Node {
	w := &rewriter{opt}
	for _, r := range rules {
		if on, set := opt.Rules[r.name]; set && !on {
			continue
		}
		n = r.apply(w, n)
	}
	return n
}

// foldConstants computes what is constant already; a filter that is then true goes, one that is false or NULL leaves
// no rows.
func (w *rewriter) foldConstants(n Node) Node {
	return transform(n, func(n Node) Node {
		n = withExprs(n, w.fold)
		if j, ok := n.(*Join); ok && j.Residual != nil {
			if k, ok := j.Residual.(*expr.Const); ok && !k.V.Null && k.V.B {
				return newJoinLike(j)
			}
		}
		f, ok := n.(*Filter)
		if !ok {
			return n
		}
		k, ok := f.Pred.(*expr.Const)
		switch {
		case !ok:
			return n
		case !k.V.Null && k.V.B:
			return f.Input
		}
		return &Values{Out: f.Columns()}
	})
}

// newJoinLike is j without its condition.
func newJoinLike(j *Join) *Join {
	c := *j
	c.Residual = nil
	return &c
}

// fold leaves an expression that fails as it is: the error is raised if a row ever reaches it.
func (w *rewriter) fold(e expr.Expr) expr.Expr {
	if out, err := expr.Fold(w.opt.Env, e); err == nil && out.Type().Equal(e.Type()) {
		return out
	}
	return e
}

// mergeFilters makes one filter of two.
func (w *rewriter) mergeFilters(n Node) Node {
	return transform(n, func(n Node) Node {
		f, ok := n.(*Filter)
		if !ok {
			return n
		}
		if g, ok := f.Input.(*Filter); ok {
			return &Filter{Input: g.Input, Pred: andAll(append(expr.Conjuncts(g.Pred), expr.Conjuncts(f.Pred)...))}
		}
		return n
	})
}

// conjunctsCompared is up to how many conjuncts repeated ones are looked for, which is quadratic.
const conjunctsCompared = 100

// andAll joins conjuncts, dropping repeated ones.
func andAll(xs []expr.Expr) expr.Expr {
	if len(xs) > conjunctsCompared {
		return expr.And(xs...)
	}
	var out []expr.Expr
	for _, x := range xs {
		if !containsExpr(out, x) {
			out = append(out, x)
		}
	}
	return expr.And(out...)
}

// mergeProjects makes one projection of two, unless that would compute something twice.
func (w *rewriter) mergeProjects(n Node) Node {
	return transform(n, func(n Node) Node {
		p, ok := n.(*Project)
		if !ok {
			return n
		}
		q, ok := p.Input.(*Project)
		if !ok || !mergeable(p, q) {
			return n
		}
		return &Project{Input: q.Input, Out: p.Out,
			Exprs: mapExprs(p.Exprs, func(e expr.Expr) expr.Expr { return substitute(e, q.Exprs) })}
	})
}

// mergeable reports that each computed column of q is used at most once by p, and no volatile one at all but as it is.
func mergeable(p, q *Project) bool {
	uses := make([]int, len(q.Exprs))
	for _, e := range p.Exprs {
		expr.Walk(e, func(x expr.Expr) bool {
			if c, ok := x.(*expr.Column); ok {
				uses[c.Index]++
			}
			return true
		})
	}
	for i, e := range q.Exprs {
		if uses[i] > 1 && !cheap(e) || uses[i] != 1 && expr.VolatilityOf(e) == expr.Volatile {
			return false
		}
	}
	return true
}

// cheap expressions may be computed twice.
func cheap(e expr.Expr) bool {
	switch e.(type) {
	case *expr.Column, *expr.Const, *expr.Param:
		return true
	}
	return false
}

// dropProjects removes projections that change nothing, and lets a scan deliver its columns in the order asked for.
// The names of the statement's output stay, on whatever node is then on top.
func (w *rewriter) dropProjects(n Node) Node {
	return transform(n, func(n Node) Node {
		if a, ok := n.(*Aggregate); ok {
			return overColumns(a)
		}
		p, ok := n.(*Project)
		if !ok {
			return n
		}
		cols, ok := columnsOnly(p)
		if !ok {
			return n
		}
		switch in := p.Input.(type) {
		case *Scan:
			if distinctInts(cols) {
				return &Scan{Object: in.Object, Cols: pick(in.Cols, cols), Out: p.Out}
			}
		case *Lookup:
			if distinctInts(cols) {
				return &Lookup{Object: in.Object, Key: in.Key, Cols: pick(in.Cols, cols), Out: p.Out}
			}
		case *Values:
			return valuesColumns(in, cols, p.Out)
		}
		if isIdentity(cols, len(p.Input.Columns())) && sameColumns(p.Out, p.Input.Columns()) {
			return p.Input
		}
		return n
	})
}

// overColumns lets an aggregation read through a projection that computes nothing: it picks its columns itself.
func overColumns(a *Aggregate) Node {
	if p, ok := a.Input.(*Project); ok {
		if _, plain := columnsOnly(p); plain {
			return overInput(a, p)
		}
	}
	return a
}

// columnsOnly returns the columns of a projection that computes nothing.
func columnsOnly(p *Project) ([]int, bool) {
	out := make([]int, len(p.Exprs))
	for i, e := range p.Exprs {
		c, ok := e.(*expr.Column)
		if !ok {
			return nil, false
		}
		out[i] = c.Index
	}
	return out, true
}

func distinctInts(xs []int) bool {
	seen := map[int]bool{}
	for _, x := range xs {
		if seen[x] {
			return false
		}
		seen[x] = true
	}
	return true
}

func isIdentity(cols []int, n int) bool {
	if len(cols) != n {
		return false
	}
	for i, c := range cols {
		if i != c {
			return false
		}
	}
	return true
}

func sameColumns(a, b []Column) bool {
	for i := range a {
		if a[i].Name != b[i].Name || !a[i].Type.Equal(b[i].Type) {
			return false
		}
	}
	return len(a) == len(b)
}

func pick[T any](xs []T, at []int) []T {
	out := make([]T, len(at))
	for i, a := range at {
		out[i] = xs[a]
	}
	return out
}

func valuesColumns(v *Values, cols []int, out []Column) *Values {
	n := &Values{Out: out}
	for _, r := range v.Rows {
		n.Rows = append(n.Rows, pick(r, cols))
	}
	return n
}

// appendOnly tells aggregations over inputs that only grow: min and max need no multiset there.
func (w *rewriter) appendOnly(n Node) Node {
	return transform(n, func(n Node) Node {
		a, ok := n.(*Aggregate)
		if !ok || !PropsOf(a.Input).AppendOnly {
			return n
		}
		c := *a
		c.AppendOnlyInput = true
		return &c
	})
}
