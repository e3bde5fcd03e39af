package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// bindQuery binds any query. sc has what encloses it; top marks the statement's own query, whose LIMIT ends a push
// query. Output columns of unknown type (untyped literals) are left so: the caller decides (resolveUnknown, coerce).
func (b *binder) bindQuery(q ast.Query, sc *scope, top bool) (Node, error) {
	switch q := q.(type) {
	case *ast.Select:
		inner, err := b.with(q.With, sc)
		if err != nil {
			return nil, err
		}
		if err := b.emit(q.Emit, at(q), top); err != nil {
			return nil, err
		}
		return b.bindSelect(q, inner, top)
	case *ast.SetOp:
		inner, err := b.with(q.With, sc)
		if err != nil {
			return nil, err
		}
		if err := b.emit(q.Emit, at(q), top); err != nil {
			return nil, err
		}
		node, err := b.setOp(q, inner)
		if err != nil {
			return nil, err
		}
		return b.tail(node, q.Tail, inner, top)
	case *ast.Values:
		inner, err := b.with(q.With, sc)
		if err != nil {
			return nil, err
		}
		node, err := b.values(q, inner)
		if err != nil {
			return nil, err
		}
		return b.tail(node, q.Tail, inner, top)
	}
	return nil, pgerr.Unsupported(at(q), "this query")
}

// emit checks EMIT CHANGES and its kin; push is known before the clauses are bound.
func (b *binder) emit(what string, pos int, top bool) error {
	switch {
	case what == "":
		return nil
	case what != "changes":
		return pgerr.Unsupported(pos, "EMIT %s", what)
	case !top && b.depth == 0:
		return pgerr.Unsupported(pos, "EMIT CHANGES in a subquery")
	case top:
		b.push = true
		if b.opt.Lifetime == Pull {
			b.opt.Lifetime = Push
		}
	}
	return nil
}

// with binds the common table expressions, each once, and returns the scope that sees them.
func (b *binder) with(w *ast.With, sc *scope) (*scope, error) {
	inner := &scope{parent: sc.parent, ctes: sc.ctes, wantTime: sc.wantTime, wantMeta: sc.wantMeta}
	if w == nil {
		return inner, nil
	}
	if w.Recursive {
		return nil, pgerr.Unsupported(at(w), "WITH RECURSIVE")
	}
	seen := map[string]bool{}
	for i := range w.CTEs {
		c := &w.CTEs[i]
		if seen[c.Name] {
			return nil, pgerr.At(at(c), pgerr.DuplicateAlias, "WITH query name %s specified more than once", quoted(c.Name))
		}
		seen[c.Name] = true
		node, err := b.bindQuery(c.Query, &scope{parent: inner.parent, ctes: inner.ctes}, false)
		if err != nil {
			return nil, err
		}
		if node, err = b.resolveUnknown(node); err != nil {
			return nil, err
		}
		cols := node.Columns()
		if len(c.Columns) > len(cols) {
			return nil, pgerr.At(at(c), pgerr.InvalidColumnReference, "WITH query %s has %d columns available but %d columns specified",
				quoted(c.Name), len(cols), len(c.Columns))
		}
		names := map[int]string{}
		for j, n := range c.Columns {
			names[j] = n
		}
		inner.ctes = &cteFrame{name: c.Name, node: renamed(node, names), outer: inner.ctes}
	}
	return inner, nil
}

// renamed gives columns of node new names.
func renamed(node Node, names map[int]string) Node {
	cols := node.Columns()
	same := true
	for i, n := range names {
		same = same && i < len(cols) && cols[i].Name == n
	}
	if same {
		return node
	}
	p := &Project{Input: node, Out: append([]Column(nil), cols...)}
	for i := range cols {
		p.Exprs = append(p.Exprs, column(cols, i))
		if n, ok := names[i]; ok {
			p.Out[i].Name = n
		}
	}
	return p
}

// values binds VALUES; its columns are column1, column2 …
func (b *binder) values(q *ast.Values, sc *scope) (Node, error) {
	v := &Values{}
	c := &clause{b: b, sc: sc, name: "VALUES"}
	var pos [][]int
	for _, row := range q.Rows {
		if len(row) != len(q.Rows[0]) {
			return nil, pgerr.At(at(row[0]), pgerr.SyntaxError, "VALUES lists must all be the same length")
		}
		es, ps, err := c.list(row)
		if err != nil {
			return nil, err
		}
		v.Rows = append(v.Rows, es)
		pos = append(pos, ps)
	}
	for j := range v.Rows[0] {
		col := make([]expr.Expr, len(v.Rows))
		ps := make([]int, len(v.Rows))
		for i := range v.Rows {
			col[i], ps[i] = v.Rows[i][j], pos[i][j]
		}
		t, err := b.unify("VALUES", col, ps)
		if err != nil {
			return nil, err
		}
		c := Column{Name: "column" + itoa(j+1), Type: t, NotNull: true}
		for i := range v.Rows {
			v.Rows[i][j] = col[i]
			c.NotNull = c.NotNull && notNull(col[i], nil)
		}
		v.Out = append(v.Out, c)
	}
	return v, nil
}

// unify casts expressions to their common type, in place; all unknown stays unknown.
func (b *binder) unify(what string, xs []expr.Expr, pos []int) (types.Type, error) {
	t, err := b.dialect().CommonType(what, xs, pos)
	if err != nil {
		return t, err
	}
	unknown := true
	for _, x := range xs {
		unknown = unknown && x.Type().Kind == types.Unknown
	}
	if unknown {
		return types.T(types.Unknown), nil
	}
	for i := range xs {
		if xs[i], err = b.castTo(xs[i], t, types.Implicit, pos[i]); err != nil {
			return t, err
		}
	}
	return t, nil
}

// setOp binds UNION, INTERSECT and EXCEPT.
func (b *binder) setOp(q *ast.SetOp, sc *scope) (Node, error) {
	side := &scope{parent: sc.parent, ctes: sc.ctes}
	l, err := b.bindQuery(q.L, side, false)
	if err != nil {
		return nil, err
	}
	r, err := b.bindQuery(q.R, side, false)
	if err != nil {
		return nil, err
	}
	word := map[string]string{"union": "UNION", "intersect": "INTERSECT", "except": "EXCEPT"}[q.Op]
	if len(l.Columns()) != len(r.Columns()) {
		return nil, pgerr.At(b.outputPlace(q.R, r, 0), pgerr.SyntaxError, "each %s query must have the same number of columns", word)
	}
	l, r, err = b.matchColumns(word, q, l, r)
	if err != nil {
		return nil, err
	}
	out := append([]Column(nil), l.Columns()...)
	for i, c := range r.Columns() {
		switch q.Op {
		case "union":
			out[i].NotNull = out[i].NotNull && c.NotNull
		case "intersect":
			out[i].NotNull = out[i].NotNull || c.NotNull
		}
		if q.Op == "union" && q.All {
			continue
		}
		if err := needEquality(c.Type, at(q)); err != nil {
			return nil, err
		}
	}
	if q.Op != "union" {
		return &SetOp{Except: q.Op == "except", All: q.All, Left: l, Right: r, Out: out}, nil
	}
	u := &Union{Out: out}
	if lu, ok := l.(*Union); ok && q.All {
		u.In = append(u.In, lu.In...)
	} else {
		u.In = append(u.In, l)
	}
	u.In = append(u.In, r)
	if q.All {
		return u, nil
	}
	return &Distinct{Input: u}, nil
}

// matchColumns casts both sides of a set operation to their columns' common types.
func (b *binder) matchColumns(word string, q *ast.SetOp, l, r Node) (Node, Node, error) {
	lc := l.Columns()
	want := make([]types.Type, len(lc))
	for i := range lc {
		xs := []expr.Expr{outputExpr(l, i), outputExpr(r, i)}
		t, err := b.dialect().CommonType(word, xs, []int{b.outputPlace(q.L, l, i), b.outputPlace(q.R, r, i)})
		if err != nil {
			return nil, nil, err
		}
		if t.Kind == types.Unknown {
			t = types.T(types.Text)
		}
		want[i] = t
	}
	l, err := b.coerce(l, want, types.Implicit, at(q.L))
	if err != nil {
		return nil, nil, err
	}
	r, err = b.coerce(r, want, types.Implicit, at(q.R))
	return l, r, err
}

// outputPlace is where output column i of a bound query stands in the text; the query's start if that is not known.
func (b *binder) outputPlace(q ast.Query, n Node, i int) int {
	if i < len(n.Columns()) {
		if pos, ok := b.places[outputAny(n, i)]; ok {
			return pos
		}
	}
	return at(q)
}

// outputExpr is column i of node as an expression: the literal itself where node still has it.
func outputExpr(n Node, i int) expr.Expr {
	if p, ok := n.(*Project); ok && p.Out[i].Type.Kind == types.Unknown {
		return p.Exprs[i]
	}
	if v, ok := n.(*Values); ok && v.Out[i].Type.Kind == types.Unknown {
		return v.Rows[0][i]
	}
	return column(n.Columns(), i)
}

// coerce casts the output columns of node to the wanted types. Untyped literals and parameters, which only a Project
// or Values on top can have, are read as the wanted type.
func (b *binder) coerce(node Node, want []types.Type, ctx types.CastContext, pos int) (Node, error) {
	cols, same := node.Columns(), true
	for i := range want {
		same = same && cols[i].Type.Equal(want[i])
	}
	if same {
		return node, nil
	}
	out := append([]Column(nil), cols...)
	for i := range want {
		out[i].Type = want[i]
		out[i].NotNull = out[i].NotNull && (cols[i].Type.Equal(want[i]) || widening(cols[i].Type, want[i]))
	}
	if v, ok := node.(*Values); ok {
		n := &Values{Out: out}
		for _, row := range v.Rows {
			r, err := b.castRow(row, want, ctx, pos)
			if err != nil {
				return nil, err
			}
			n.Rows = append(n.Rows, r)
		}
		return n, nil
	}
	p := &Project{Input: node, Out: out}
	xs := make([]expr.Expr, len(cols))
	if on, ok := node.(*Project); ok {
		p.Input = on.Input
		copy(xs, on.Exprs)
	} else {
		for i := range cols {
			xs[i] = column(cols, i)
		}
	}
	var err error
	if p.Exprs, err = b.castRow(xs, want, ctx, pos); err != nil {
		return nil, err
	}
	return p, nil
}

func (b *binder) castRow(row []expr.Expr, want []types.Type, ctx types.CastContext, pos int) ([]expr.Expr, error) {
	out := append([]expr.Expr(nil), row...)
	for i := range want {
		p := pos
		if i < len(row) {
			if q, ok := b.places[row[i]]; ok {
				p = q
			}
		}
		x, err := b.castTo(row[i], want[i], ctx, p)
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}

// resolveUnknown makes output columns of unknown type text.
func (b *binder) resolveUnknown(node Node) (Node, error) {
	cols := node.Columns()
	want := make([]types.Type, len(cols))
	for i, c := range cols {
		want[i] = c.Type
		if c.Type.Kind == types.Unknown {
			want[i] = types.T(types.Text)
			if p, ok := outputExpr(node, i).(*expr.Param); ok && b.params[p.N-1].Kind != types.Unknown {
				want[i] = b.params[p.N-1]
			}
		}
	}
	return b.coerce(node, want, types.Implicit, pgerr.NoPos)
}
