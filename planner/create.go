package planner

import (
	"slices"
	"strings"

	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
	"streamsql/sql/format"
)

// The hidden columns that every relation over a topic has, and the key of an owned table without a primary key.
const (
	rowtimeColumn      = "rowtime"
	rowpartitionColumn = "rowpartition"
	rowoffsetColumn    = "rowoffset"
	rowidColumn        = "_rowid"
)

// BindCreate turns a CREATE statement into a catalog object without ID and OID, and the plan of its query (nil unless
// the statement has AS). text is the statement as written. Whether the name is free is the caller's to check.
func BindCreate(s *ast.Create, text string, cat *catalog.Catalog, opt Options) (*catalog.Object, *Plan, error) {
	o := &catalog.Object{Name: s.Name.Last(), SQL: text, Dialect: opt.Dialect}
	if o.Dialect == "" {
		o.Dialect = "postgres"
	}
	var err error
	if s.Into != nil {
		o.Schema = s.Name.Parts[0]
	} else if o.Schema, err = createSchema(s.Name); err != nil {
		return nil, nil, err
	}
	if s.Temporary {
		return nil, nil, pgerr.Unsupported(at(s), "a temporary table or view")
	}
	if s.AppendOnly {
		return nil, nil, pgerr.Unsupported(at(s), "APPEND ONLY")
	}
	o.Kind = map[ast.ObjectKind]catalog.Kind{ast.KindStream: catalog.Stream, ast.KindTable: catalog.Table,
		ast.KindView: catalog.View, ast.KindMaterializedView: catalog.MaterializedView}[s.Kind]
	b := newBinder(cat, opt)
	b.frozen, b.opt.Lifetime = true, View
	if s.Into != nil {
		plan, err := b.createInsert(s, o)
		return o, plan, err
	}
	if s.As != nil {
		plan, err := b.createAs(s, o)
		return o, plan, err
	}
	if o.Kind != catalog.Stream && o.Kind != catalog.Table {
		return nil, nil, pgerr.At(at(s), pgerr.SyntaxError, "a %s needs AS and a query", o.Kind)
	}
	return o, nil, b.createSource(s, o)
}

func createSchema(n ast.Name) (string, error) {
	if len(n.Parts) == 1 {
		return "public", nil
	}
	schema := n.Parts[len(n.Parts)-2]
	switch schema {
	case "public":
		return schema, nil
	case "pg_catalog", "information_schema", "streamsql":
		return "", pgerr.At(int(n.Pos), pgerr.InsufficientPrivilege, "permission denied to create %s", quoted(strings.Join(n.Parts, "."))).
			WithDetail("System catalog modifications are currently disallowed.")
	}
	return "", pgerr.At(int(n.Pos), pgerr.InvalidSchemaName, "schema %s does not exist", quoted(schema))
}

// createSource binds CREATE STREAM or TABLE with columns.
func (b *binder) createSource(s *ast.Create, o *catalog.Object) error {
	if len(s.Columns) == 0 {
		return pgerr.At(at(s), pgerr.InvalidTableDefinition, "a %s needs columns", o.Kind)
	}
	w, err := b.readOptions(s.With)
	if err != nil {
		return err
	}
	for _, c := range s.Columns {
		if err := b.createColumn(c, o); err != nil {
			return err
		}
	}
	o.Owned, o.Source = w.topic == "" && !w.ksql, s.Source
	o.AppendOnly = o.Kind == catalog.Stream
	keys, err := createKey(s, o)
	if err != nil {
		return err
	}
	if o.Kind == catalog.Table && len(keys) == 0 {
		if !o.Owned {
			return pgerr.At(at(s), pgerr.InvalidTableDefinition, "a table over a topic needs a PRIMARY KEY").
				WithHint("The key of a record says which row it changes. For a topic of facts create a STREAM.")
		}
		o.Columns = append(o.Columns, catalog.Column{Name: rowidColumn, Type: types.T(types.Text), NotNull: true, Hidden: true, From: catalog.FromKey})
		keys = []int{len(o.Columns) - 1}
	}
	if w.ksql {
		keys = keysFirst(o, keys)
	}
	for _, k := range keys {
		o.Columns[k].From = catalog.FromKey
		if o.Kind == catalog.Table {
			// ksqlDB's keys of several columns may lack some of them.
			o.Columns[k].NotNull = !w.ksql || len(keys) == 1
			o.Key = append(o.Key, k)
		}
	}
	if o.Connector, err = w.connector(o, keys); err != nil {
		return err
	}
	addMetadata(o)
	if o.Connector.Window != "" {
		if len(keys) == 0 {
			return pgerr.At(at(s), pgerr.InvalidTableDefinition, "a windowed source needs a key column")
		}
		addWindow(o)
	}
	addTombstones(o)
	addHeaders(o)
	return b.createWatermark(s, o)
}

// keysFirst puts the columns in ksqlDB's order: those of the key, then the others. It returns the keys' new places.
func keysFirst(o *catalog.Object, keys []int) []int {
	var key, rest []catalog.Column
	for i, c := range o.Columns {
		if slices.Contains(keys, i) {
			key = append(key, c)
		} else {
			rest = append(rest, c)
		}
	}
	o.Columns = append(key, rest...)
	out := make([]int, len(key))
	for i := range out {
		out[i] = i
	}
	return out
}

// addMetadata appends the hidden columns of a topic's records.
func addMetadata(o *catalog.Object) {
	o.Columns = append(o.Columns,
		catalog.Column{Name: rowtimeColumn, Type: types.T(types.TimestampTZ), NotNull: true, Hidden: true, From: catalog.FromTimestamp},
		catalog.Column{Name: rowpartitionColumn, Type: types.T(types.Int4), NotNull: true, Hidden: true, From: catalog.FromPartition},
		catalog.Column{Name: rowoffsetColumn, Type: types.T(types.Int8), NotNull: true, Hidden: true, From: catalog.FromOffset})
}

// addWindow appends the hidden columns of a windowed key; a table has a row for each key and window.
func addWindow(o *catalog.Object) {
	n := len(o.Columns)
	o.Columns = append(o.Columns,
		catalog.Column{Name: "windowstart", Type: types.T(types.Int8), Hidden: true, From: catalog.FromWindowStart},
		catalog.Column{Name: "windowend", Type: types.T(types.Int8), Hidden: true, From: catalog.FromWindowEnd})
	if o.Kind == catalog.Table {
		o.Key = append(o.Key, n, n+1)
	}
}

func (b *binder) createColumn(c ast.ColumnDef, o *catalog.Object) error {
	switch strings.ToLower(c.Name) {
	case rowtimeColumn, rowpartitionColumn, rowoffsetColumn, rowidColumn, "windowstart", "windowend":
		return pgerr.At(at(c), pgerr.ReservedName, "column name %s is reserved", quoted(c.Name))
	}
	if o.Column(c.Name) >= 0 {
		return pgerr.At(at(c), pgerr.DuplicateColumn, "column %s specified more than once", quoted(c.Name))
	}
	t, err := b.bindType(c.Type)
	if err != nil {
		return err
	}
	if isPseudoType(t) {
		return pgerr.At(at(c), pgerr.InvalidTableDefinition, "column %s has pseudo-type %s", quoted(c.Name), t)
	}
	col := catalog.Column{Name: c.Name, Type: t, NotNull: c.NotNull}
	if c.Headers != "" {
		if err := headerColumn(&col, c, o); err != nil {
			return err
		}
	}
	if c.Default != nil {
		e, err := b.bindDefault(c.Default, t)
		if err != nil {
			return err
		}
		if isNull(e) {
			// DEFAULT NULL is what a column has anyway.
		} else {
			col.Default = b.exprText(c.Default)
		}
	}
	o.Columns = append(o.Columns, col)
	return nil
}

// headerColumn checks ksqlDB's HEADERS and HEADER('name').
func headerColumn(col *catalog.Column, c ast.ColumnDef, o *catalog.Object) error {
	col.From = catalog.FromHeaders
	want := headersType("KEY", "VALUE")
	if o.Dialect != ksqlDialect {
		want = headersType("key", "value")
	}
	if c.Headers != "*" {
		col.Header, want = c.Headers, types.T(types.Bytea)
	}
	if !col.Type.Equal(want) {
		return pgerr.At(at(c), pgerr.DatatypeMismatch, "a column of headers has type %s, not %s", want, col.Type)
	}
	for _, other := range o.Columns {
		if other.From == catalog.FromHeaders && (other.Header == col.Header || other.Header == "" || col.Header == "") {
			return pgerr.At(at(c), pgerr.InvalidTableDefinition, "columns %s and %s have the same headers", quoted(other.Name), quoted(c.Name))
		}
	}
	return nil
}

// exprText prints an expression in the dialect of the object it belongs to.
func (b *binder) exprText(x ast.Expr) string {
	if b.opt.Dialect == "ksql" {
		return format.KSQLExpr(x)
	}
	return format.Expr(x)
}

// createKey lists the key columns: PRIMARY KEY of a table, KEY of a stream.
func createKey(s *ast.Create, o *catalog.Object) ([]int, error) {
	var keys []int
	for i, c := range s.Columns {
		switch {
		case c.PrimaryKey && o.Kind == catalog.Stream:
			return nil, pgerr.At(at(c), pgerr.InvalidTableDefinition, "a stream cannot have a PRIMARY KEY").
				WithHint("Write KEY for a column that is read from the record's key.")
		case c.Key && o.Kind == catalog.Table:
			return nil, pgerr.At(at(c), pgerr.InvalidTableDefinition, "a table has a PRIMARY KEY, not a KEY")
		case c.PrimaryKey || c.Key:
			keys = append(keys, i)
		}
	}
	if o.Owned && o.Kind == catalog.Table && (len(keys) > 1 || len(keys) == 1 && len(s.PrimaryKey) > 0) {
		return nil, pgerr.At(at(s.Columns[keys[len(keys)-1]]), pgerr.InvalidTableDefinition, "multiple primary keys for table %s are not allowed", quoted(o.Name))
	}
	if len(s.PrimaryKey) > 0 && o.Kind == catalog.Stream {
		return nil, pgerr.At(at(s), pgerr.InvalidTableDefinition, "a stream cannot have a PRIMARY KEY")
	}
	for _, name := range s.PrimaryKey {
		i := o.Column(name)
		if i < 0 {
			return nil, pgerr.At(at(s), pgerr.UndefinedColumn, "column %s named in key does not exist", quoted(name))
		}
		if slices.Contains(keys, i) {
			return nil, pgerr.At(at(s), pgerr.DuplicateColumn, "column %s appears twice in primary key constraint", quoted(name))
		}
		keys = append(keys, i)
	}
	for _, k := range keys {
		if o.Columns[k].From == catalog.FromHeaders {
			return nil, pgerr.At(at(s.Columns[k]), pgerr.InvalidTableDefinition, "column %s of headers cannot be a key", quoted(o.Columns[k].Name))
		}
		if err := needOrdering(o.Columns[k].Type, at(s.Columns[k])); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// createWatermark checks WATERMARK FOR and keeps it as text.
func (b *binder) createWatermark(s *ast.Create, o *catalog.Object) error {
	if s.Watermark == nil {
		return nil
	}
	w := s.Watermark
	if w.TTL {
		return pgerr.Unsupported(at(w), "a watermark WITH TTL")
	}
	i := o.Column(w.Column)
	if i < 0 {
		return pgerr.At(at(w), pgerr.UndefinedColumn, "column %s of the watermark does not exist", quoted(w.Column))
	}
	t := o.Columns[i].Type
	if t.Kind != types.Timestamp && t.Kind != types.TimestampTZ {
		return pgerr.At(at(w), pgerr.DatatypeMismatch, "a watermark needs a timestamp column, not one of type %s", t)
	}
	out := &catalog.Watermark{Column: i, Expr: b.exprText(&ast.Ref{Parts: []string{w.Column}})}
	if w.X != nil {
		c := &clause{b: b, sc: &scope{from: newFrom(scanAll(o), o.Name)}, name: "WATERMARK"}
		e, err := c.expr(w.X)
		if err != nil {
			return err
		}
		if e.Type().Kind != t.Kind {
			return pgerr.At(at(w.X), pgerr.DatatypeMismatch, "the watermark is of type %s but column %s is of type %s", e.Type(), quoted(w.Column), t)
		}
		out.Expr = b.exprText(w.X)
	}
	o.Watermark = out
	return nil
}

// createAs binds CREATE … AS query.
func (b *binder) createAs(s *ast.Create, o *catalog.Object) (*Plan, error) {
	if len(s.Columns) > 0 || len(s.PrimaryKey) > 0 || s.Watermark != nil {
		return nil, pgerr.Unsupported(at(s), "column definitions together with AS")
	}
	w, err := b.readOptions(s.With)
	if err != nil {
		return nil, err
	}
	w.derived = true
	if o.Kind == catalog.View {
		b.opt.Lifetime = Pull // only checked here: each use plans it anew
	}
	if o.Dialect == ksqlDialect && (o.Kind == catalog.Stream || o.Kind == catalog.Table) {
		return b.createKSQL(s, o, w)
	}
	query, partition := withoutPartition(s.As, o.Kind)
	node, err := b.bindQuery(query, &scope{}, true)
	if err != nil {
		return nil, err
	}
	if node, err = b.resolveUnknown(node); err != nil {
		return nil, err
	}
	if node, err = viewColumns(node, s); err != nil {
		return nil, err
	}
	plan, err := b.plan(node)
	if err != nil {
		return nil, err
	}
	for _, c := range plan.Columns {
		o.Columns = append(o.Columns, catalog.Column{Name: c.Name, Type: c.Type, NotNull: c.NotNull})
	}
	o.Query, o.DependsOn = s.AsText, plan.DependsOn
	o.Key, o.AppendOnly = plan.Props.Key, plan.Props.AppendOnly
	if o.Kind == catalog.View || o.Kind == catalog.MaterializedView {
		if len(s.With) > 0 {
			return nil, pgerr.At(at(s.With[0]), pgerr.SyntaxError, "a %s takes no WITH options", o.Kind).
				WithHint("CREATE TABLE … AS SELECT writes its rows to a topic.")
		}
		return plan, nil
	}
	return plan, b.createDerived(s, o, w, partition)
}

// createDerived settles the topic of CREATE STREAM or TABLE … AS SELECT.
func (b *binder) createDerived(s *ast.Create, o *catalog.Object, w *sourceOptions, partition []ast.Expr) error {
	keys := o.Key
	if o.Kind == catalog.Stream {
		if !o.AppendOnly {
			return pgerr.At(at(s.As), pgerr.InvalidObjectDefinition, "a stream only grows, but rows of this query change").
				WithHint("Use CREATE TABLE %s AS … instead.", o.Name)
		}
		o.Key, keys = nil, nil
		for _, x := range partition {
			i := -1
			if ref, ok := x.(*ast.Ref); ok {
				i = o.Column(ref.Parts[len(ref.Parts)-1])
			}
			if i < 0 {
				return pgerr.Unsupported(at(x), "PARTITION BY anything but a column of the select list")
			}
			keys = append(keys, i)
		}
	}
	for _, k := range keys {
		o.Columns[k].From = catalog.FromKey
	}
	o.Owned = w.topic == ""
	var err error
	o.Connector, err = w.connector(o, keys)
	return err
}

// withoutPartition takes ksqlDB's PARTITION BY off the query of a stream: it says what the records' key is.
func withoutPartition(q ast.Query, kind catalog.Kind) (ast.Query, []ast.Expr) {
	s, ok := q.(*ast.Select)
	if !ok || kind != catalog.Stream || len(s.PartitionBy) == 0 {
		return q, nil
	}
	c := *s
	c.PartitionBy = nil
	return &c, s.PartitionBy
}

// viewColumns applies the column names of CREATE VIEW v (a, b) and refuses a name that occurs twice.
func viewColumns(node Node, s *ast.Create) (Node, error) {
	cols := node.Columns()
	if len(s.ColumnNames) > len(cols) {
		return nil, pgerr.At(at(s), pgerr.SyntaxError, "CREATE VIEW specifies more column names than columns")
	}
	names := map[int]string{}
	for i, n := range s.ColumnNames {
		names[i] = n
	}
	node = renamed(node, names)
	seen := map[string]bool{}
	for _, c := range node.Columns() {
		if seen[c.Name] {
			return nil, pgerr.At(at(s.As), pgerr.DuplicateColumn, "column %s specified more than once", quoted(c.Name))
		}
		seen[c.Name] = true
		if isPseudoType(c.Type) {
			return nil, pgerr.At(at(s.As), pgerr.InvalidTableDefinition, "column %s has pseudo-type %s", quoted(c.Name), c.Type)
		}
	}
	return node, nil
}
