package planner

import (
	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
	"streamsql/sql/parser"
)

// target finds the relation a DML statement writes and checks that it may be written so.
func (b *binder) target(n ast.Name, verb string) (*catalog.Object, error) {
	o := b.cat.Lookup(n.Parts)
	if o == nil {
		return nil, b.undefinedTable(n)
	}
	switch {
	case o.Kind == catalog.System:
		return nil, pgerr.At(int(n.Pos), pgerr.InsufficientPrivilege, "permission denied: %s is a system catalog", quoted(o.Name))
	case o.Kind == catalog.MaterializedView:
		return nil, pgerr.At(int(n.Pos), pgerr.WrongObjectType, "cannot change materialized view %s", quoted(o.Name))
	case o.Source:
		return nil, pgerr.At(int(n.Pos), pgerr.WrongObjectType, "cannot %s %s %s: it is a source, which is only read", verb, o.Kind, quoted(o.Name))
	case o.Kind == catalog.View || o.Query != "":
		return nil, pgerr.At(int(n.Pos), pgerr.WrongObjectType, "cannot %s %s %s", verb, o.Kind, quoted(o.Name)).
			WithHint("Its rows come from its query.")
	case !o.Owned && verb != "insert into":
		return nil, pgerr.At(int(n.Pos), pgerr.WrongObjectType, "cannot %s %s %s: its topic is written by others", verb, o.Kind, quoted(o.Name))
	case o.Kind == catalog.Stream && verb != "insert into":
		return nil, pgerr.At(int(n.Pos), pgerr.WrongObjectType, "cannot %s stream %s", verb, quoted(o.Name)).
			WithHint("A stream only grows; use a table for rows that change.")
	case !o.Owned && o.Dialect != "ksql":
		return nil, pgerr.At(int(n.Pos), pgerr.WrongObjectType, "cannot insert into %s %s: its topic is written by others", o.Kind, quoted(o.Name))
	}
	b.deps[o.ID] = true
	return o, nil
}

// visibleColumns lists the columns of an object that are not hidden.
func visibleColumns(o *catalog.Object) []int {
	var out []int
	for i, c := range o.Columns {
		if !c.Hidden {
			out = append(out, i)
		}
	}
	return out
}

// PlanInsert plans INSERT into a table or stream of ours.
func PlanInsert(s *ast.Insert, cat *catalog.Catalog, opt Options) (*InsertPlan, error) {
	opt.Lifetime = Pull
	b := newBinder(cat, opt)
	if s.OnConflict != nil {
		return nil, pgerr.Unsupported(at(s.OnConflict), "ON CONFLICT")
	}
	if len(s.With) > 0 {
		return nil, pgerr.Unsupported(at(s.With[0]), "INSERT INTO … WITH (…)")
	}
	o, err := b.target(s.Table, "insert into")
	if err != nil {
		return nil, err
	}
	p := &InsertPlan{Object: o}
	if o.Dialect == "ksql" {
		var times [][]ast.Expr
		if s, times, err = withoutRowtime(s); err != nil {
			return nil, err
		}
		if times != nil {
			if p.Rowtime, err = PlanValues(times, []Column{{Name: rowtimeColumn, Type: types.T(types.Int8)}}, cat, opt); err != nil {
				return nil, err
			}
		}
	}
	targets, err := insertTargets(s, o)
	if err != nil {
		return nil, err
	}
	if err := refuseHeaders(o, targets, int(s.Table.Pos)); err != nil {
		return nil, err
	}
	node, err := b.insertRows(s, o, targets)
	if err != nil {
		return nil, err
	}
	if p.Returning, p.ReturningCols, err = b.returning(s.Returning, o, ""); err != nil {
		return nil, err
	}
	p.Query, err = b.plan(node)
	return p, err
}

// insertTargets are the object's columns that the statement gives, in its order.
func insertTargets(s *ast.Insert, o *catalog.Object) ([]int, error) {
	if len(s.Columns) == 0 {
		return visibleColumns(o), nil
	}
	var out []int
	seen := map[int]bool{}
	for _, c := range s.Columns {
		i := o.Column(c.Name)
		switch {
		case i < 0:
			return nil, pgerr.At(at(c), pgerr.UndefinedColumn, "column %s of relation %s does not exist", quoted(c.Name), quoted(o.Name))
		case o.Columns[i].Hidden:
			return nil, pgerr.Unsupported(at(c), "inserting into the metadata column %s", quoted(c.Name))
		case seen[i]:
			return nil, pgerr.At(at(c), pgerr.DuplicateColumn, "column %s specified more than once", quoted(c.Name))
		}
		seen[i] = true
		out = append(out, i)
	}
	return out, nil
}

// insertRows binds the source and puts its columns, cast, in the object's order, with defaults for the others.
func (b *binder) insertRows(s *ast.Insert, o *catalog.Object, targets []int) (Node, error) {
	var src Node = &Values{Rows: [][]expr.Expr{{}}}
	given := map[int]int{} // object column -> source column
	if s.Query != nil {
		var err error
		if src, err = b.insertSource(s, o, targets); err != nil {
			return nil, err
		}
		cols := src.Columns()
		if len(cols) > len(targets) {
			return nil, pgerr.At(at(s.Query), pgerr.SyntaxError, "INSERT has more expressions than target columns")
		}
		if len(cols) < len(targets) {
			if len(s.Columns) > 0 {
				return nil, pgerr.At(at(s.Columns[len(cols)]), pgerr.SyntaxError, "INSERT has more target columns than expressions")
			}
			targets = targets[:len(cols)]
		}
		want := make([]types.Type, len(targets))
		for i, t := range targets {
			want[i] = o.Columns[t].Type
			given[t] = i
		}
		if src, err = b.assign(src, o, targets, want, at(s.Query)); err != nil {
			return nil, err
		}
	}
	p := &Project{Input: src}
	for _, i := range visibleColumns(o) {
		x, err := b.insertValue(o, i, given, src)
		if err != nil {
			return nil, err
		}
		p.add(o.Columns[i].Name, x, src.Columns())
	}
	return p, nil
}

func (b *binder) insertValue(o *catalog.Object, i int, given map[int]int, src Node) (expr.Expr, error) {
	if j, ok := given[i]; ok {
		return column(src.Columns(), j), nil
	}
	return b.defaultOf(o, i)
}

// assign casts a source to the target columns' types, with PostgreSQL's error naming the column.
func (b *binder) assign(src Node, o *catalog.Object, targets []int, want []types.Type, pos int) (Node, error) {
	cols := src.Columns()
	for i, t := range targets {
		from := cols[i].Type
		if from.Kind != types.Unknown && !b.dialect().CanAssign(from, want[i]) {
			p := pos
			if q, ok := b.places[outputAny(src, i)]; ok {
				p = q
			}
			return nil, assignError(o.Columns[t].Name, want[i], from, p)
		}
	}
	return b.coerce(src, want, types.Assignment, pos)
}

func assignError(column string, want, from types.Type, pos int) error {
	return pgerr.At(pos, pgerr.DatatypeMismatch, "column %s is of type %s but expression is of type %s", quoted(column), want, from).
		WithHint("You will need to rewrite or cast the expression.")
}

// outputAny is the expression that computes column i on top of node, or nil.
func outputAny(n Node, i int) expr.Expr {
	switch n := n.(type) {
	case *Project:
		return n.Exprs[i]
	case *Values:
		if len(n.Rows) > 0 {
			return n.Rows[0][i]
		}
	}
	return nil
}

// insertSource binds the query of INSERT. In plain VALUES each expression is cast to its own column (not to a type
// common to the rows), and DEFAULT may stand for one.
func (b *binder) insertSource(s *ast.Insert, o *catalog.Object, targets []int) (Node, error) {
	v, ok := s.Query.(*ast.Values)
	if !ok || v.With != nil || len(v.OrderBy) > 0 || v.Limit != nil || v.Offset != nil {
		return b.bindQuery(s.Query, &scope{}, false)
	}
	out := &Values{}
	c := &clause{b: b, sc: &scope{}, name: "VALUES"}
	n := len(v.Rows[0])
	if n > len(targets) {
		return nil, pgerr.At(at(v.Rows[0][len(targets)]), pgerr.SyntaxError, "INSERT has more expressions than target columns")
	}
	for _, row := range v.Rows {
		if len(row) != n {
			return nil, pgerr.At(at(row[0]), pgerr.SyntaxError, "VALUES lists must all be the same length")
		}
		es := make([]expr.Expr, n)
		for i, x := range row {
			e, err := b.assigned(c, x, o, targets[i])
			if err != nil {
				return nil, err
			}
			es[i] = e
		}
		out.Rows = append(out.Rows, es)
	}
	for i := range n {
		col := o.Columns[targets[i]]
		out.Out = append(out.Out, Column{Name: col.Name, Type: col.Type})
	}
	return out, nil
}

// assigned binds one value for column i of an object: an expression cast to the column's type, or DEFAULT.
func (b *binder) assigned(c *clause, x ast.Expr, o *catalog.Object, i int) (expr.Expr, error) {
	if lit, ok := x.(*ast.Lit); ok && lit.Kind == ast.LitDefault {
		return b.defaultOf(o, i)
	}
	e, err := c.expr(x)
	if err != nil {
		return nil, err
	}
	t := o.Columns[i].Type
	if from := e.Type(); from.Kind != types.Unknown && !b.dialect().CanAssign(from, t) {
		return nil, assignError(o.Columns[i].Name, t, from, at(x))
	}
	return b.castTo(e, t, types.Assignment, at(x))
}

// defaultOf is the DEFAULT of column i, or NULL.
func (b *binder) defaultOf(o *catalog.Object, i int) (expr.Expr, error) {
	col := o.Columns[i]
	if col.Default == "" {
		return constNull(col.Type), nil
	}
	x, err := parser.ParseExpr(col.Default, parserOptions(o.Dialect))
	if err != nil {
		return nil, err
	}
	return b.bindDefault(x, col.Type)
}

// defaultClause is how errors call the place of a DEFAULT.
const defaultClause = "DEFAULT expressions"

// bindDefault binds a DEFAULT expression for a column of type t.
func (b *binder) bindDefault(x ast.Expr, t types.Type) (expr.Expr, error) {
	frozen := b.frozen
	b.frozen = true
	defer func() { b.frozen = frozen }()
	c := &clause{b: b, sc: &scope{}, name: defaultClause}
	e, err := c.expr(x)
	if err != nil {
		return nil, err
	}
	return b.castTo(e, t, types.Assignment, at(x))
}

// returning binds RETURNING over the visible columns of an object.
func (b *binder) returning(items []ast.SelectItem, o *catalog.Object, alias string) ([]expr.Expr, []Column, error) {
	if len(items) == 0 {
		return nil, nil, nil
	}
	if alias == "" {
		alias = o.Name
	}
	row := &Values{}
	for _, i := range visibleColumns(o) {
		row.Out = append(row.Out, Column{Name: o.Columns[i].Name, Type: o.Columns[i].Type, NotNull: o.Columns[i].NotNull})
	}
	f := newFrom(row, alias)
	q := &selecting{b: b, s: &ast.Select{Items: items}, sc: &scope{from: f}, node: row, refs: refPlaces{}}
	if err := q.bindItems(); err != nil {
		return nil, nil, err
	}
	if len(q.aggs.calls) > 0 {
		return nil, nil, pgerr.At(at(items[0]), pgerr.GroupingError, "aggregate functions are not allowed in RETURNING")
	}
	if len(q.post.list) > 0 {
		return nil, nil, pgerr.Unsupported(at(items[0]), "a subquery in RETURNING")
	}
	p := &Project{Input: row}
	for i := range q.items {
		x, err := b.known(q.items[i].x, q.items[i].pos)
		if err != nil {
			return nil, nil, err
		}
		p.add(q.items[i].name, x, row.Out)
	}
	return p.Exprs, p.Out, nil
}

// matching binds the rows that UPDATE or DELETE is about: all columns, hidden ones included.
func (b *binder) matching(o *catalog.Object, alias string, where ast.Expr) (Node, *scope, error) {
	f := newFrom(scanAll(o), o.Name)
	for i, c := range o.Columns {
		f.rels[0].cols[i].hidden, f.out[i].hidden = c.Hidden, c.Hidden
	}
	f.rels[0].schema, f.rels[0].table = o.Schema, o.Name
	f, err := aliased(f, ast.Alias{Name: alias}, 0)
	if err != nil {
		return nil, nil, err
	}
	q := &selecting{b: b, s: &ast.Select{Where: where}, sc: &scope{from: f}, node: f.node, refs: refPlaces{}}
	if err := q.bindWhere(); err != nil {
		return nil, nil, err
	}
	return q.node, q.sc, nil
}

// PlanUpdate plans UPDATE of a table of ours.
func PlanUpdate(s *ast.Update, cat *catalog.Catalog, opt Options) (*UpdatePlan, error) {
	opt.Lifetime = Pull
	b := newBinder(cat, opt)
	o, err := b.target(s.Table, "update")
	if err != nil {
		return nil, err
	}
	if len(s.From) > 0 {
		return nil, pgerr.Unsupported(at(s.From[0]), "UPDATE … FROM")
	}
	node, sc, err := b.matching(o, s.Alias, s.Where)
	if err != nil {
		return nil, err
	}
	set, subs, err := b.assignments(s, o, sc)
	if err != nil {
		return nil, err
	}
	joined, resolve, err := subs.attach(node)
	if err != nil {
		return nil, err
	}
	p := &Project{Input: joined}
	cols := joined.Columns()
	for i := range o.Columns {
		p.add(cols[i].Name, column(cols, i), cols)
	}
	for _, i := range visibleColumns(o) {
		if x := set[i]; x != nil {
			p.add(o.Columns[i].Name, resolve(x), cols)
		} else {
			p.add(o.Columns[i].Name, column(cols, i), cols)
		}
	}
	up := &UpdatePlan{Object: o}
	if up.Returning, up.ReturningCols, err = b.returning(s.Returning, o, s.Alias); err != nil {
		return nil, err
	}
	up.Query, err = b.plan(p)
	return up, err
}

func (b *binder) assignments(s *ast.Update, o *catalog.Object, sc *scope) (map[int]expr.Expr, *subSet, error) {
	set := map[int]expr.Expr{}
	subs := &subSet{base: subBase}
	c := &clause{b: b, sc: sc, name: "UPDATE", subs: subs}
	for _, a := range s.Set {
		i := o.Column(a.Column)
		switch {
		case i < 0:
			return nil, nil, pgerr.At(at(a), pgerr.UndefinedColumn, "column %s of relation %s does not exist", quoted(a.Column), quoted(o.Name))
		case o.Columns[i].Hidden:
			return nil, nil, pgerr.Unsupported(at(a), "assigning to the metadata column %s", quoted(a.Column))
		case set[i] != nil:
			return nil, nil, pgerr.At(at(a), pgerr.SyntaxError, "multiple assignments to same column %s", quoted(a.Column))
		}
		e, err := b.assigned(c, a.X, o, i)
		if err != nil {
			return nil, nil, err
		}
		set[i] = e
	}
	return set, subs, nil
}

// PlanDelete plans DELETE from a table of ours.
func PlanDelete(s *ast.Delete, cat *catalog.Catalog, opt Options) (*DeletePlan, error) {
	opt.Lifetime = Pull
	b := newBinder(cat, opt)
	o, err := b.target(s.Table, "delete from")
	if err != nil {
		return nil, err
	}
	if len(s.Using) > 0 {
		return nil, pgerr.Unsupported(at(s.Using[0]), "DELETE … USING")
	}
	node, _, err := b.matching(o, s.Alias, s.Where)
	if err != nil {
		return nil, err
	}
	d := &DeletePlan{Object: o}
	if d.Returning, d.ReturningCols, err = b.returning(s.Returning, o, s.Alias); err != nil {
		return nil, err
	}
	d.Query, err = b.plan(node)
	return d, err
}
