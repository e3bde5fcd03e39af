package planner

import (
	"strings"
	"time"

	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// createKSQL binds CREATE STREAM or TABLE … AS SELECT of the ksql dialect: the key comes from PARTITION BY, GROUP BY or
// the source, formats that are not said are the source's, and hidden columns make every touch of a row a change
// (docs/design/0004-ksql-changelogs.md).
func (b *binder) createKSQL(s *ast.Create, o *catalog.Object, w *sourceOptions) (*Plan, error) {
	if s.Source {
		return nil, pgerr.At(at(s), pgerr.SyntaxError, "CREATE SOURCE … AS SELECT: a source is only read")
	}
	if sel, ok := s.As.(*ast.Select); ok && (sel.Limit != nil || sel.Offset != nil || len(sel.OrderBy) > 0) {
		return nil, pgerr.Unsupported(at(s.As), "ORDER BY or LIMIT in CREATE %s AS SELECT of the ksql dialect", strings.ToUpper(o.Kind.String()))
	}
	node, err := b.bindQuery(s.As, &scope{wantMeta: true}, true)
	if err != nil {
		return nil, err
	}
	if b.out == nil {
		return nil, pgerr.Unsupported(at(s.As), "CREATE %s AS anything but SELECT in the ksql dialect", strings.ToUpper(o.Kind.String()))
	}
	if node, err = b.resolveUnknown(node); err != nil {
		return nil, err
	}
	if node, err = viewColumns(node, s); err != nil {
		return nil, err
	}
	for i, c := range node.Columns() {
		o.Columns = append(o.Columns, derivedColumn(i, c, b.out))
	}
	if err := b.resultKind(s, o); err != nil {
		return nil, err
	}
	o.Query = s.AsText
	if err := b.derivedConnector(s, o, w); err != nil {
		return nil, err
	}
	if node, err = b.retimed(node, o); err != nil {
		return nil, err
	}
	plan, err := b.plan(node)
	if err != nil {
		return nil, err
	}
	for i, c := range plan.Columns {
		o.Columns[i].NotNull = c.NotNull
	}
	o.DependsOn, o.AppendOnly = plan.DependsOn, plan.Props.AppendOnly
	return plan, nil
}

// derivedColumn is output column i as a column of the relation.
func derivedColumn(i int, c Column, out *derivedOutput) catalog.Column {
	col := catalog.Column{Name: c.Name, Type: c.Type}
	switch {
	case i < out.keys:
		col.From = catalog.FromKey
	case i < out.visible:
	case c.Name == rowtimeColumn:
		col.Hidden, col.From = true, catalog.FromTimestamp
	case c.Name == rowtombstoneColumn:
		col.Hidden, col.From = true, catalog.FromTombstone
	case c.Name == RowheadersColumn:
		col.Hidden, col.From = true, catalog.FromHeaders
	case c.Name == windowstartColumn:
		col.Hidden, col.From = true, catalog.FromWindowStart
	case c.Name == windowendColumn:
		col.Hidden, col.From = true, catalog.FromWindowEnd
	default:
		col.Hidden, col.From = true, catalog.FromOffset
	}
	return col
}

// resultKind refuses a stream whose rows would change, and a table whose rows have no key.
func (b *binder) resultKind(s *ast.Create, o *catalog.Object) error {
	switch {
	case o.Kind == catalog.Stream && b.out.table:
		return pgerr.At(at(s), pgerr.InvalidObjectDefinition, "the query gives a table, not a stream").WithHint("Use CREATE TABLE %s AS SELECT ….", o.Name)
	case o.Kind == catalog.Table && !b.out.table:
		return pgerr.At(at(s), pgerr.InvalidObjectDefinition, "the query gives a stream, not a table").WithHint("Use CREATE STREAM %s AS SELECT ….", o.Name)
	case o.Kind == catalog.Table:
		o.Key = upTo(b.out.keys)
		for i, c := range o.Columns {
			if c.From == catalog.FromWindowStart || c.From == catalog.FromWindowEnd {
				o.Key = append(o.Key, i)
			}
		}
	}
	return nil
}

// derivedConnector settles the topic: formats that are not said are the source's.
func (b *binder) derivedConnector(s *ast.Create, o *catalog.Object, w *sourceOptions) (err error) {
	if src := b.out.from.object; src != nil {
		w.inherited = src.Connector
	}
	if b.out.keyless && w.keyFormat == "" {
		w.keyFormat = "none"
	}
	o.Owned = w.topic == ""
	if o.Connector, err = w.connector(o, upTo(b.out.keys)); err == nil {
		o.Connector.NullKeys = b.out.partitioned
		if w := b.out.from.window; w != nil {
			o.Connector.Window, o.Connector.WindowSize = w.kind, time.Duration(w.size)*time.Microsecond
		}
	}
	return err
}

// retimed gives a derived relation WITH (timestamp = column) that column as its hidden rowtime.
func (b *binder) retimed(node Node, o *catalog.Object) (Node, error) {
	if o.Connector == nil || o.Connector.TimestampColumn == "" || o.Query == "" && o.Dialect != ksqlDialect {
		return node, nil
	}
	cols := node.Columns()
	p := &Project{Input: node, Out: append([]Column(nil), cols...)}
	from, to := -1, -1
	for i, c := range cols {
		p.Exprs = append(p.Exprs, column(cols, i))
		switch c.Name {
		case o.Connector.TimestampColumn:
			from = i
		case rowtimeColumn:
			to = i
		}
	}
	if from < 0 || to < 0 {
		return node, nil
	}
	x, err := b.timeOf(p.Exprs[from], o.Connector.TimestampFormat)
	if err != nil {
		return nil, err
	}
	p.Exprs[to], p.Out[to].NotNull = x, false
	return p, nil
}

// timeOf makes a timestamp of a column of milliseconds, of text or of a timestamp type.
func (b *binder) timeOf(x expr.Expr, format string) (expr.Expr, error) {
	tz := types.T(types.TimestampTZ)
	switch {
	case x.Type().Kind == types.Int8:
		ms, err := expr.ResolveOperator("/", x, &expr.Const{V: types.FloatValue(1000), T: types.T(types.Float8)}, pgerr.NoPos)
		if err != nil {
			return nil, err
		}
		return expr.ResolveFunction([]string{"to_timestamp"}, []expr.Expr{ms}, pgerr.NoPos)
	case x.Type().IsString() && format != "":
		var err error
		if x, err = expr.Dialect(ksqlDialect).Function([]string{"parse_timestamp"}, []expr.Expr{x, constText(format)}, pgerr.NoPos); err != nil {
			return nil, err
		}
	}
	return expr.ResolveCast(x, tz, types.Explicit, pgerr.NoPos)
}

// addTombstones gives a stream of the ksql dialect the hidden column that tells records without a value.
func addTombstones(o *catalog.Object) {
	if o.Dialect == ksqlDialect && o.Kind == catalog.Stream {
		o.Columns = append(o.Columns, catalog.Column{Name: rowtombstoneColumn, Type: types.T(types.Int8), NotNull: true, Hidden: true, From: catalog.FromTombstone})
	}
}
