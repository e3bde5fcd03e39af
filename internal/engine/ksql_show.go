package engine

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/planner"
	"streamsql/sql/ast"
)

// isText reports bytes that can be shown as they are.
func isText(b []byte) bool {
	for _, r := range string(b) {
		if r == utf8.RuneError || r != '\n' && r != '\t' && unicode.IsControl(r) {
			return false
		}
	}
	return true
}

// showKSQLColumns describes what SHOW lists beside relations and topics; nil for what it does not.
func showKSQLColumns(what string) []session.Column {
	switch what {
	case "queries":
		return textColumns("id", "name", "kind", "status", "query")
	case "functions":
		return functionColumns
	case "types":
		return textColumns("name", "type")
	case "variables":
		return textColumns("name", "value")
	case "properties":
		return textColumns("name", "value")
	}
	return nil
}

// showKSQL lists queries, types, variables and properties.
func (cs *clientSession) showKSQL(what string) [][]types.Value {
	var rows [][]types.Value
	switch what {
	case "queries":
		for _, o := range cs.e.queries() {
			rows = append(rows, []types.Value{text(queryID(o)), text(cs.e.written(o)), text(kindName(o)), text(cs.queryStatus(o)), text(o.Query)})
		}
	case "types":
		for _, t := range cs.e.catalog.Load().Types() {
			rows = append(rows, []types.Value{text(t.Name), text(t.Type.String())})
		}
	case "variables":
		for _, name := range slices.Sorted(maps.Keys(cs.variables)) {
			rows = append(rows, []types.Value{text(name), text(cs.variables[name])})
		}
	case "properties":
		for _, kv := range cs.settings.all() {
			if strings.Contains(kv[0], ".") {
				rows = append(rows, []types.Value{text(kv[0]), text(kv[1])})
			}
		}
	}
	return rows
}

func (cs *clientSession) queryStatus(o *catalog.Object) string {
	if o.Paused {
		return "paused"
	}
	if r := cs.e.relation(o.ID); r != nil {
		return r.status()
	}
	return "running"
}

var describeAllColumns = textColumns("name", "column", "type", "nullable", "key", "from")

// describeAll runs DESCRIBE STREAMS and DESCRIBE TABLES.
func (cs *clientSession) describeAll(t *ast.DescribeOther) session.Result {
	kind := map[string]catalog.Kind{"streams": catalog.Stream, "tables": catalog.Table}[t.What]
	var rows [][]types.Value
	for _, o := range cs.e.listed() {
		if o.Kind != kind {
			continue
		}
		for _, row := range describeRows(o) {
			rows = append(rows, append([]types.Value{text(o.Qualified())}, row...))
		}
	}
	return rowsOf(describeAllColumns, rows, "DESCRIBE")
}

// explainQuery runs EXPLAIN of a query that runs, by its id or its object's name.
func (cs *clientSession) explainQuery(t *ast.ExplainQuery) (session.Result, error) {
	o, err := cs.e.queryNamed(t.Name.Last(), int(t.Name.Pos))
	if err != nil {
		return nil, err
	}
	_, plan, err := cs.e.again(o, cs.e.catalog.Load())
	if err != nil {
		return nil, err
	}
	if plan == nil {
		return nil, pgerr.Unsupported(int(t.Pos), "EXPLAIN of %q", o.Name)
	}
	return planRows(ksqlRows(t), plan.Root), nil
}

// planRows is a plan as EXPLAIN shows it.
func planRows(cols []session.Column, root planner.Node) session.Result {
	var rows [][]types.Value
	for _, line := range strings.Split(strings.TrimRight(planner.Explain(root), "\n"), "\n") {
		rows = append(rows, []types.Value{text(line)})
	}
	return rowsOf(cols, rows, "EXPLAIN")
}

// extendedRows are what DESCRIBE … EXTENDED adds: facts about the relation, a row for each.
func (cs *clientSession) extendedRows(o *catalog.Object) [][]types.Value {
	fact := func(name, value string) []types.Value {
		return []types.Value{text(name), text(value), text(""), text(""), text("extended")}
	}
	status := "running"
	if r := cs.e.relation(o.ID); r != nil {
		status = r.status()
	}
	rows := [][]types.Value{fact("kind", o.Kind.String()), fact("status", status)}
	if c := o.Connector; c != nil {
		rows = append(rows, fact("topic", c.Topic), fact("key format", c.KeyFormat), fact("value format", c.ValueFormat))
		if c.TimestampColumn != "" {
			rows = append(rows, fact("timestamp", c.TimestampColumn))
		}
	}
	if o.Query != "" && o.Kind != catalog.View {
		rows = append(rows, fact("query id", queryID(o)))
	}
	if o.Query != "" {
		rows = append(rows, fact("query", o.Query))
	}
	for _, d := range cs.e.catalog.Load().Dependents(o.ID) {
		rows = append(rows, fact("read by", kindName(d)+" "+d.Qualified()))
	}
	return append(rows, fact("statement", o.SQL))
}
