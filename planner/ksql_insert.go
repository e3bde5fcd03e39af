package planner

import (
	"slices"

	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// createInsert binds ksqlDB's INSERT INTO stream SELECT …: a query that runs on and writes to the topic of another
// stream. It is an object of its own without a name that anybody could use.
func (b *binder) createInsert(s *ast.Create, o *catalog.Object) (*Plan, error) {
	target := b.cat.Lookup(s.Into.Parts)
	if target == nil {
		return nil, b.undefinedTable(*s.Into)
	}
	if err := b.insertable(target, int(s.Into.Pos)); err != nil {
		return nil, err
	}
	node, err := b.bindQuery(s.As, &scope{wantMeta: true}, true)
	if err != nil {
		return nil, err
	}
	if b.out == nil {
		return nil, pgerr.Unsupported(at(s.As), "INSERT INTO a stream of anything but SELECT")
	}
	if b.out.table {
		return nil, pgerr.At(at(s), pgerr.InvalidObjectDefinition, "the query gives a table, not a stream")
	}
	if node, err = b.insertColumns(node, target, b.out.keys, at(s)); err != nil {
		return nil, err
	}
	for i, c := range node.Columns() {
		o.Columns = append(o.Columns, derivedColumn(i, c, b.out))
	}
	c := *target.Connector
	o.Connector, o.Into, o.Query = &c, target.ID, s.AsText
	if node, err = b.retimed(node, o); err != nil {
		return nil, err
	}
	plan, err := b.plan(node)
	if err != nil {
		return nil, err
	}
	o.DependsOn = plan.DependsOn
	if !slices.Contains(o.DependsOn, target.ID) {
		o.DependsOn = append(slices.Clone(o.DependsOn), target.ID)
		slices.Sort(o.DependsOn)
	}
	o.AppendOnly = plan.Props.AppendOnly
	return plan, nil
}

// insertable refuses targets that a query cannot write to.
func (b *binder) insertable(o *catalog.Object, pos int) error {
	switch {
	case o.Kind != catalog.Stream:
		return pgerr.At(pos, pgerr.WrongObjectType, "INSERT INTO … SELECT writes to streams, but %s is a %s", quoted(o.Name), o.Kind)
	case o.Source:
		return pgerr.At(pos, pgerr.WrongObjectType, "stream %s is only read", quoted(o.Name))
	case hasHeaderColumns(o):
		return pgerr.At(pos, pgerr.WrongObjectType, "stream %s has header columns, which cannot be written", quoted(o.Name))
	}
	for _, d := range b.cat.Dependents(o.ID) {
		if o.Query != "" && d.Into != o.ID {
			return pgerr.Unsupported(pos, "INSERT INTO a derived stream that %s reads already", quoted(d.Name))
		}
	}
	return nil
}

// insertColumns gives the output of a query the target's types: first the key, then the values, then what is hidden.
func (b *binder) insertColumns(node Node, target *catalog.Object, keys, pos int) (Node, error) {
	var want []catalog.Column
	for _, part := range []catalog.Origin{catalog.FromKey, catalog.FromValue} {
		for _, c := range target.Columns {
			if c.From == part && !c.Hidden {
				want = append(want, c)
			}
		}
	}
	cols := node.Columns()
	visible := len(cols)
	for visible > 0 && hiddenName(cols[visible-1].Name) {
		visible--
	}
	wrong := pgerr.At(pos, pgerr.DatatypeMismatch, "the columns of the query are not those of stream %s", quoted(target.Name))
	if visible != len(want) || keys >= 0 && keys != len(slices.DeleteFunc(slices.Clone(want), func(c catalog.Column) bool { return c.From != catalog.FromKey })) {
		return nil, wrong
	}
	p := &Project{Input: node, Out: append([]Column(nil), cols...)}
	for i := range cols {
		var x expr.Expr = column(cols, i)
		if i < visible {
			if cols[i].Name != want[i].Name {
				return nil, wrong
			}
			var err error
			if x, err = b.castTo(x, want[i].Type, types.Implicit, pos); err != nil {
				return nil, err
			}
			p.Out[i].Type = want[i].Type
		}
		p.Exprs = append(p.Exprs, x)
	}
	return p, nil
}

// hiddenName reports the names of the columns that the ksql dialect carries along.
func hiddenName(name string) bool {
	return name == rowtimeColumn || name == RowheadersColumn || name == RowseqColumn || name == rowtouchColumn || name == rowtombstoneColumn ||
		name == windowstartColumn || name == windowendColumn
}

// withInserts adds to a derived stream what queries insert into it.
func (b *binder) withInserts(node Node, o *catalog.Object, pos int) (Node, error) {
	if o.Kind != catalog.Stream || o.Query == "" || o.Into != 0 {
		return node, nil
	}
	in := []Node{node}
	for _, x := range b.cat.Objects() {
		if x.Into != o.ID {
			continue
		}
		n, err := b.view(x, pos)
		if err != nil {
			return nil, err
		}
		in = append(in, n)
		b.deps[x.ID] = true
	}
	if len(in) == 1 {
		return node, nil
	}
	least := commonColumns(in)
	for i := range in {
		in[i] = firstColumns(in[i], least)
	}
	return &Union{In: in, Out: in[0].Columns()}, nil
}
