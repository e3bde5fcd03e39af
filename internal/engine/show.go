package engine

import (
	"context"
	"sort"
	"strconv"
	"strings"

	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

func textColumns(names ...string) []session.Column {
	out := make([]session.Column, len(names))
	for i, n := range names {
		out[i] = session.Column{Name: n, Type: types.T(types.Text)}
	}
	return out
}

var describeColumns = textColumns("column", "type", "nullable", "key", "from")

// showColumns describes the rows of a SHOW.
func showColumns(t *ast.Show) []session.Column {
	if !t.Objects {
		if t.What == "all" {
			return textColumns("name", "setting")
		}
		return textColumns(strings.ReplaceAll(t.What, " ", "_"))
	}
	switch t.What {
	case "topics":
		return append(textColumns("topic"), session.Column{Name: "partitions", Type: types.T(types.Int4)}, session.Column{Name: "replicas", Type: types.T(types.Int4)})
	case "streams", "tables":
		return textColumns("name", "topic", "key_format", "value_format", "status")
	}
	if cols := showKSQLColumns(t.What); cols != nil {
		return cols
	}
	return textColumns("name", "query", "status")
}

// show runs SHOW.
func (cs *clientSession) show(ctx context.Context, t *ast.Show) (session.Result, error) {
	cols := showColumns(t)
	if !t.Objects {
		return cs.showSetting(t, cols)
	}
	var kinds []catalog.Kind
	switch t.What {
	case "topics":
		return cs.showTopics(ctx, cols)
	case "streams":
		kinds = []catalog.Kind{catalog.Stream}
	case "tables":
		kinds = []catalog.Kind{catalog.Table}
	case "views":
		kinds = []catalog.Kind{catalog.View, catalog.MaterializedView}
	case "materialized views":
		kinds = []catalog.Kind{catalog.MaterializedView}
	case "functions":
		return rowsOf(cols, functionRows(""), "SHOW"), nil
	case "queries", "types", "variables", "properties":
		return rowsOf(cols, cs.showKSQL(t.What), "SHOW"), nil
	default:
		return nil, pgerr.Unsupported(int(t.Pos), "SHOW %s", strings.ToUpper(t.What))
	}
	var rows [][]types.Value
	for _, o := range cs.e.listed() {
		for _, k := range kinds {
			if o.Kind == k {
				rows = append(rows, cs.showRow(o, t.What))
			}
		}
	}
	return rowsOf(cols, rows, "SHOW"), nil
}

func (cs *clientSession) showRow(o *catalog.Object, what string) []types.Value {
	status := "running"
	if r := cs.e.relation(o.ID); r != nil {
		status = r.status()
	}
	if what == "streams" || what == "tables" {
		c := o.Connector
		if c == nil {
			c = &catalog.Connector{}
		}
		return []types.Value{text(o.Qualified()), text(c.Topic), text(c.KeyFormat), text(c.ValueFormat), text(status)}
	}
	return []types.Value{text(o.Qualified()), text(o.Query), text(status)}
}

func (cs *clientSession) showSetting(t *ast.Show, cols []session.Column) (session.Result, error) {
	if t.What == "all" {
		var rows [][]types.Value
		for _, kv := range cs.settings.all() {
			rows = append(rows, []types.Value{text(kv[0]), text(kv[1])})
		}
		return rowsOf(cols, rows, "SHOW"), nil
	}
	name := t.What
	switch name {
	case "transaction isolation level":
		name = "transaction_isolation"
	case "time zone":
		name = "timezone"
	case "session authorization":
		name = "session_authorization"
	}
	v, ok := cs.settings.lookup(name)
	if !ok {
		return nil, pgerr.At(int(t.Pos), pgerr.UndefinedObject, "unrecognized configuration parameter %q", t.What)
	}
	return rowsOf(cols, [][]types.Value{{text(v)}}, "SHOW"), nil
}

func (cs *clientSession) showTopics(ctx context.Context, cols []session.Column) (session.Result, error) {
	ts, err := cs.e.cluster.Topics(ctx)
	if err != nil {
		return nil, brokerError(err, "list topics")
	}
	sort.Slice(ts, func(i, j int) bool { return ts[i].Name < ts[j].Name })
	var rows [][]types.Value
	for _, t := range ts {
		rows = append(rows, []types.Value{text(t.Name), intv(t.Partitions), intv(t.Replicas)})
	}
	return rowsOf(cols, rows, "SHOW"), nil
}

// describe runs DESCRIBE: a row for each column, hidden ones last.
func (cs *clientSession) describe(t *ast.Describe) (session.Result, error) {
	o, err := cs.relationNamed(t.Name)
	if err != nil {
		return nil, err
	}
	rows := describeRows(o)
	if t.Extended {
		rows = append(rows, cs.extendedRows(o)...)
	}
	return rowsOf(describeColumns, rows, "DESCRIBE"), nil
}

// describeRows describes an object's columns.
func describeRows(o *catalog.Object) [][]types.Value {
	keys := map[int]int{}
	for i, c := range o.Key {
		keys[c] = i + 1
	}
	from := []string{"value", "key", "timestamp", "partition", "offset", "headers", "window", "window", "tombstone"}
	var rows, hidden [][]types.Value
	for i, c := range o.Columns {
		if c.Hidden && strings.HasPrefix(c.Name, "_") { // what the engine keeps for itself
			continue
		}
		null, key, origin := "yes", "", ""
		if c.NotNull {
			null = "no"
		}
		if n := keys[i]; n > 0 {
			key = strconv.Itoa(n)
		}
		if o.Connector != nil {
			origin = from[c.From]
		}
		row := []types.Value{text(c.Name), text(c.Type.String()), text(null), text(key), text(origin)}
		if c.Hidden {
			row[2] = text("hidden")
			hidden = append(hidden, row)
		} else {
			rows = append(rows, row)
		}
	}
	return append(rows, hidden...)
}

// setStmt runs SET, RESET, SET TRANSACTION and DISCARD.
func (cs *clientSession) setStmt(t ast.Stmt) (session.Result, error) {
	switch t := t.(type) {
	case *ast.Set:
		var err error
		switch {
		case t.Default:
			err = cs.settings.reset(t.Name)
		case t.Local && !cs.tx.open:
			cs.notice("WARNING", pgerr.NoActiveSQLTransaction, "SET LOCAL can only be used in transaction blocks")
		case t.Local:
			err = cs.settings.setLocal(t.Name, strings.Join(t.Values, ", "))
		default:
			if err = cs.settings.set(t.Name, strings.Join(t.Values, ", ")); err == nil {
				delete(cs.settings.local, strings.ToLower(t.Name)) // it outlives the transaction, whatever SET LOCAL said before
			}
		}
		if err != nil {
			return nil, pgerr.WithPos(err, int(t.Pos))
		}
		return tagResult("SET"), nil
	case *ast.Reset:
		return tagResult("RESET"), cs.settings.reset(t.Name)
	case *ast.Discard:
		if t.What == "all" {
			if cs.tx.open {
				return nil, pgerr.New(pgerr.ActiveSQLTransaction, "DISCARD ALL cannot run inside a transaction block")
			}
			cs.closeCursors(true)
			clear(cs.prepared)
			if err := cs.settings.reset("all"); err != nil {
				return nil, err
			}
		}
		return tagResult("DISCARD " + strings.ToUpper(t.What)), nil
	}
	if t, ok := t.(*ast.SetTransaction); ok {
		for _, m := range t.Modes {
			switch {
			case t.Session && strings.HasPrefix(m, "read "):
				_ = cs.settings.set("default_transaction_read_only", map[string]string{"read only": "on", "read write": "off"}[m])
			case !t.Session && cs.tx.open:
				cs.tx.setMode(m)
			}
		}
	}
	return tagResult("SET"), nil // SET TRANSACTION: there is one level; see docs/sql.md
}
