package planner

import (
	"strings"

	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// bindFrom binds a FROM clause; the items of a comma list are cross-joined. sc has what encloses it.
func (b *binder) bindFrom(items []ast.TableExpr, sc *scope) (*from, error) {
	if len(items) == 0 {
		return &from{node: unit()}, nil
	}
	var all *from
	for _, it := range items {
		lat := sc.parent
		if all != nil {
			lat = beside(all, lat)
		}
		f, err := b.tableExpr(it, sc, lat)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = f
			continue
		}
		if err := distinctAliases(all, f, at(it)); err != nil {
			return nil, err
		}
		node, err := b.joined(Inner, all.node, f.node, lat, nil, at(it))
		if err != nil {
			return nil, err
		}
		all = crossJoin(all, f)
		all.node = node
	}
	return all, nil
}

// crossJoin puts two froms side by side.
func crossJoin(l, r *from) *from {
	r2 := r.shift(len(l.node.Columns()))
	return &from{
		node:   newJoin(Inner, l.node, r.node, nil),
		rels:   append(append([]*rel(nil), l.rels...), r2.rels...),
		out:    append(append([]outCol(nil), l.out...), r2.out...),
		window: append(append([]expr.Expr(nil), l.window...), r2.window...),
	}
}

func distinctAliases(l, r *from, pos int) error {
	for _, a := range l.rels {
		for _, b := range r.rels {
			if a.alias == b.alias && (a.schema == b.schema || a.schema == "" || b.schema == "") {
				return pgerr.At(pos, pgerr.DuplicateAlias, "table name %s specified more than once", quoted(a.alias))
			}
		}
	}
	return nil
}

// tableExpr binds an item of FROM; lat has what it sees if it is LATERAL.
func (b *binder) tableExpr(t ast.TableExpr, sc, lat *scope) (*from, error) {
	switch t := t.(type) {
	case *ast.Table:
		return b.table(t, sc)
	case *ast.TableFunc:
		return b.tableFunc(t, sc, lat)
	case *ast.Derived:
		return b.derived(t, sc, lat)
	case *ast.Join:
		return b.join(t, sc, lat)
	}
	return nil, pgerr.Unsupported(at(t), "this item of FROM")
}

func (b *binder) table(t *ast.Table, sc *scope) (*from, error) {
	if t.AsOf != nil {
		what := "AS OF " + strings.ToUpper(t.AsOfKind)
		if t.AsOfKind == "system_time" {
			what = "FOR SYSTEM_TIME AS OF"
		}
		return nil, pgerr.Unsupported(at(t.AsOf), "%s", what)
	}
	f, err := b.relation(t.Name, sc)
	if err != nil {
		return nil, err
	}
	if f, err = aliased(f, t.Alias, at(t)); err != nil {
		return nil, err
	}
	if t.Window != nil {
		return b.windowed(f, t.Window, at(t))
	}
	return f, nil
}

// relation binds a name: a common table expression, a view (expanded) or a relation of the catalog.
func (b *binder) relation(n ast.Name, sc *scope) (*from, error) {
	if len(n.Parts) == 1 {
		for c := sc.ctes; c != nil; c = c.outer {
			if c.name == n.Parts[0] {
				return newFrom(c.node, n.Parts[0]), nil
			}
		}
	}
	o := b.cat.Lookup(n.Parts)
	if o == nil {
		return nil, b.undefinedTable(n)
	}
	b.deps[o.ID] = true
	if o.Kind == catalog.System && b.opt.Lifetime != Pull {
		return nil, pgerr.Unsupported(int(n.Pos), "a view or push query over the system table %s", quoted(o.Name))
	}
	var f *from
	if expanded(o) {
		node, err := b.view(o, int(n.Pos))
		if err != nil {
			return nil, err
		}
		f = newFrom(node, o.Name)
		hideMetadata(f, o)
	} else {
		f = newFrom(scanAll(o), o.Name)
		for i, c := range o.Columns {
			f.rels[0].cols[i].hidden = c.Hidden
			f.out[i].hidden = c.Hidden
		}
		if o.Kind == catalog.Table {
			f.rels[0].key = o.Key
		}
	}
	f.rels[0].schema, f.rels[0].table = o.Schema, o.Name
	return f, f.setOrigin(o)
}

// undefinedTable is PostgreSQL's error, with the nearest name as a hint.
func (b *binder) undefinedTable(n ast.Name) error {
	e := pgerr.At(int(n.Pos), pgerr.UndefinedTable, "relation %s does not exist", quoteName(n.Parts))
	if near := b.cat.Nearest(n.Last()); near != "" {
		return e.WithHint("Perhaps you meant the relation %s.", quoted(near))
	}
	return e
}

// expanded reports objects whose query is put in their place: plain views, and derived streams, whose rows are not
// kept.
func expanded(o *catalog.Object) bool {
	return o.Kind == catalog.View || o.Kind == catalog.Stream && o.Query != ""
}

// scanAll reads every column of a relation; the rules take away what is not used.
func scanAll(o *catalog.Object) *Scan {
	s := &Scan{Object: o}
	for i, c := range o.Columns {
		s.Cols = append(s.Cols, i)
		s.Out = append(s.Out, Column{Name: c.Name, Type: c.Type, NotNull: c.NotNull})
	}
	return s
}

// newFrom shows all columns of node as one relation.
func newFrom(node Node, alias string) *from {
	r := &rel{alias: alias}
	f := &from{node: node, rels: []*rel{r}}
	for i, c := range node.Columns() {
		rc := relCol{name: c.Name, x: &expr.Column{Index: i, Name: alias + "." + c.Name, T: c.Type}}
		r.cols = append(r.cols, rc)
		f.out = append(f.out, outCol{rc, r})
	}
	return f
}

// aliased gives a from of one relation its alias and column aliases.
func aliased(f *from, a ast.Alias, pos int) (*from, error) {
	r := f.rels[0]
	if a.Name != "" {
		r.alias, r.schema = a.Name, ""
		for i := range r.cols {
			if c, ok := r.cols[i].x.(*expr.Column); ok {
				r.cols[i].x = &expr.Column{Index: c.Index, Name: a.Name + "." + r.cols[i].name, T: c.T}
				f.out[i].x = r.cols[i].x
			}
		}
	}
	visible := 0
	for i := range r.cols {
		if r.cols[i].hidden {
			continue
		}
		if visible < len(a.Columns) {
			name := a.Columns[visible]
			r.cols[i].name, f.out[i].name = name, name
			if c, ok := r.cols[i].x.(*expr.Column); ok {
				r.cols[i].x = &expr.Column{Index: c.Index, Name: r.alias + "." + name, T: c.T}
				f.out[i].x = r.cols[i].x
			}
		}
		visible++
	}
	if len(a.Columns) > visible {
		return nil, pgerr.At(pos, pgerr.InvalidColumnReference, "table %s has %d columns available but %d columns specified",
			quoted(r.alias), visible, len(a.Columns))
	}
	return f, nil
}

func (b *binder) derived(t *ast.Derived, sc, lat *scope) (*from, error) {
	if !t.Lateral {
		lat = sc.parent
	}
	node, err := b.lateral(t.Query, sc, lat)
	if err != nil {
		return nil, err
	}
	alias := t.Alias.Name
	if alias == "" {
		alias = "unnamed_subquery"
	}
	return aliased(newFrom(node, alias), t.Alias, at(t))
}

func (b *binder) join(t *ast.Join, sc, lat *scope) (*from, error) {
	switch {
	case t.Within != nil && !b.ksql():
		return nil, pgerr.Unsupported(at(t), "WITHIN in a join outside of the ksql dialect")
	case t.AsOf:
		return nil, pgerr.Unsupported(at(t), "ASOF JOIN")
	}
	l, err := b.tableExpr(t.L, sc, lat)
	if err != nil {
		return nil, err
	}
	lat = beside(l, lat)
	r, err := b.tableExpr(t.R, sc, lat)
	if err != nil {
		return nil, err
	}
	if err := distinctAliases(l, r, at(t.R)); err != nil {
		return nil, err
	}
	if b.ksql() && l.origin.object != nil && r.origin.object != nil && (!l.origin.table || !r.origin.table) {
		return b.streamJoinFrom(t, l, r, sc)
	}
	// A right join is a left join with the sides changed; only the names keep their order.
	kind, lw, rw := Inner, len(l.node.Columns()), len(r.node.Columns())
	var left, right Node = l.node, r.node
	if t.Kind == "right" {
		kind, left, right = Left, r.node, l.node
		l = l.shift(rw)
	} else {
		r = r.shift(lw)
		switch t.Kind {
		case "left":
			kind = Left
		case "full":
			kind = Full
		}
	}
	f := &from{rels: append(append([]*rel(nil), l.rels...), r.rels...),
		window: append(append([]expr.Expr(nil), l.window...), r.window...)}
	on, err := b.joinColumns(t, l, r, f)
	if err != nil {
		return nil, err
	}
	subs := &subSet{base: subBase}
	if t.On != nil {
		c := &clause{b: b, sc: &scope{parent: sc.parent, ctes: sc.ctes, from: f}, name: "JOIN conditions", subs: subs}
		if on, err = c.expr(t.On); err != nil {
			return nil, err
		}
		if on, err = b.boolean(on, "JOIN/ON", at(t.On)); err != nil {
			return nil, err
		}
	}
	if b.ksql() {
		on = truth(on)
	}
	if t.Kind == "right" || t.Kind == "full" {
		err = b.notLateral(r.node, lat)
	}
	if err == nil {
		f.node, err = b.joinedOn(kind, left, right, lat, subs, on, at(t))
	}
	if err != nil {
		return nil, err
	}
	return f, b.tableJoinOrigin(f, t, l, r, on)
}

// joinColumns fills in what a join shows unqualified; USING and NATURAL merge columns and give the condition.
func (b *binder) joinColumns(t *ast.Join, l, r, f *from) (expr.Expr, error) {
	names := t.Using
	if t.Natural {
		names = commonNames(l, r)
	}
	var eqs []expr.Expr
	merged := map[string]bool{}
	for _, name := range names {
		m, eq, err := b.mergeColumn(t, name, l, r)
		if err != nil {
			return nil, err
		}
		eqs = append(eqs, eq)
		f.out = append(f.out, outCol{relCol: relCol{name: name, x: m}})
		merged[name] = true
	}
	for _, side := range []*from{l, r} {
		for _, c := range side.out {
			if !merged[c.name] {
				f.out = append(f.out, c)
			}
		}
	}
	return expr.And(eqs...), nil
}

// commonNames lists the columns both sides show, in the left side's order.
func commonNames(l, r *from) []string {
	var out []string
	for _, c := range l.out {
		if _, n := matchOut(r, c.name); n > 0 && !c.hidden {
			out = append(out, c.name)
		}
	}
	return out
}

func (b *binder) mergeColumn(t *ast.Join, name string, l, r *from) (merged, eq expr.Expr, err error) {
	side := func(f *from, which string) (expr.Expr, error) {
		x, n := matchOut(f, name)
		switch n {
		case 0:
			return nil, pgerr.At(at(t), pgerr.UndefinedColumn, "column %s specified in USING clause does not exist in %s table", quoted(name), which)
		case 1:
			return x, nil
		}
		return nil, pgerr.At(at(t), pgerr.AmbiguousColumn, "common column name %s appears more than once in %s table", quoted(name), which)
	}
	lx, err := side(l, "left")
	if err != nil {
		return nil, nil, err
	}
	rx, err := side(r, "right")
	if err != nil {
		return nil, nil, err
	}
	if eq, err = b.dialect().Operator("=", lx, rx, at(t)); err != nil {
		return nil, nil, pgerr.WithPos(err, at(t))
	}
	ty, err := b.dialect().CommonType("JOIN/USING", []expr.Expr{lx, rx}, []int{at(t), at(t)})
	if err != nil {
		return nil, nil, err
	}
	if lx, err = b.castTo(lx, ty, types.Implicit, at(t)); err != nil {
		return nil, nil, err
	}
	if rx, err = b.castTo(rx, ty, types.Implicit, at(t)); err != nil {
		return nil, nil, err
	}
	switch t.Kind {
	case "right":
		return rx, eq, nil
	case "full":
		return &expr.Coalesce{Args: []expr.Expr{lx, rx}, T: ty}, eq, nil
	}
	return lx, eq, nil
}

// newJoin builds a join; on is over left columns, then right columns (nil: true).
func newJoin(kind JoinKind, l, r Node, on expr.Expr) *Join {
	j := &Join{Kind: kind, Left: l, Right: r, Residual: on}
	j.Out = joinOut(kind, l, r)
	return j
}

// joinOut is a join's output: columns of a side that may be filled with NULLs are nullable.
func joinOut(kind JoinKind, l, r Node) []Column {
	out := append([]Column(nil), l.Columns()...)
	if kind == Semi || kind == Anti {
		return out
	}
	if kind == Full {
		for i := range out {
			out[i].NotNull = false
		}
	}
	for _, c := range r.Columns() {
		if kind != Inner {
			c.NotNull = false
		}
		out = append(out, c)
	}
	return out
}
