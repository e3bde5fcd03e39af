package engine

import (
	_ "embed"
	"strconv"
	"strings"

	"streamsql/internal/batch"
	"streamsql/internal/catalog"
	"streamsql/internal/types"
)

// columnsTSV lists every column of every relation of PostgreSQL 15's pg_catalog and information_schema, so that tools
// that ask for n.* find what they expect: schema, relation, oid, relkind, column, type.
//
//go:embed syscat/columns.tsv
var columnsTSV string

// typesTSV is PostgreSQL 15's built-in part of pg_type.
//
//go:embed syscat/types.tsv
var typesTSV string

// systemIDs is where ids of system objects begin, far above the offsets of commands.
const systemIDs = 1 << 62

// OIDs of our own schema and its relations, below firstOID and outside what PostgreSQL uses.
const (
	schemaCatalog     = 11
	schemaPublic      = 2200
	schemaInformation = 13000
	schemaStreamsql   = 16000
	errorsOID         = 16001
	ownerOID          = 10
)

// schemas by name.
var schemas = []struct {
	name string
	oid  uint32
}{{"pg_catalog", schemaCatalog}, {"public", schemaPublic}, {"information_schema", schemaInformation}, {"streamsql", schemaStreamsql}}

func schemaOID(name string) uint32 {
	for _, s := range schemas {
		if s.name == name {
			return s.oid
		}
	}
	return 0
}

// systemType reads a type name of columnsTSV. What we do not have is text: those columns are always NULL.
func systemType(name string) types.Type {
	elem, isArray := strings.CutSuffix(name, "[]")
	switch {
	case strings.HasPrefix(elem, "character varying"):
		elem = "character varying"
	case strings.HasPrefix(elem, "timestamp"):
		elem = "timestamp with time zone"
	case elem == "int2vector":
		elem, isArray = "smallint", true
	case elem == "oidvector":
		elem, isArray = "oid", true
	}
	k, ok := types.ByName(elem)
	if !ok {
		k = types.Text
	}
	if isArray {
		return types.ArrayOf(types.T(k))
	}
	return types.T(k)
}

// systemObjects are the relations that exist without a command.
func systemObjects() []*catalog.Object {
	var out []*catalog.Object
	var o *catalog.Object
	for line := range strings.SplitSeq(strings.TrimRight(columnsTSV, "\n"), "\n") {
		f := strings.Split(line, "\t")
		if o == nil || o.Schema != f[0] || o.Name != f[1] {
			oid, _ := strconv.ParseUint(f[2], 10, 32)
			o = &catalog.Object{ID: systemIDs + 100 + oid, OID: uint32(oid), Schema: f[0], Name: f[1], Kind: catalog.System}
			out = append(out, o)
		}
		o.Columns = append(o.Columns, catalog.Column{Name: f[4], Type: systemType(f[5])})
	}
	return append(out, errorsObject())
}

// systemRows gives the rows of a system table, or of a table that the open transaction has written to; nil when the
// relation is neither.
func (cs *clientSession) systemRows(s *scan) ([]*batch.Batch, error) {
	obj := s.object()
	if obj.Kind == catalog.System {
		return []*batch.Batch{cs.e.systemBatch(obj, cs)}, nil
	}
	if ov := cs.tx.tables[obj.ID]; ov != nil && obj.Kind == catalog.Table {
		return cs.overlaid(ov, s)
	}
	return nil, nil
}

// sysRow is one row of a system table by column names; what it lacks is NULL.
type sysRow map[string]types.Value

func text(s string) types.Value             { return types.TextValue(s) }
func boolv(b bool) types.Value              { return types.BoolValue(b) }
func oidv(o uint32) types.Value             { return types.IntValue(int64(o)) }
func intv[T ~int | ~int64](i T) types.Value { return types.IntValue(int64(i)) }

// systemBatch lays the rows of a system table out as a batch.
func (e *Engine) systemBatch(obj *catalog.Object, cs *clientSession) *batch.Batch {
	ts := objectTypes(obj)
	bl := batch.NewBuilder(ts)
	fill := systemTables[obj.Schema+"."+obj.Name]
	if fill == nil {
		return bl.Seal()
	}
	vals := make([]types.Value, len(ts))
	for _, row := range fill(e, cs) {
		for i, c := range obj.Columns {
			v, ok := row[c.Name]
			if !ok {
				v = types.Null
			}
			vals[i] = v
		}
		bl.Append(1, vals)
	}
	return bl.Seal()
}

// systemTables says how the system tables that are not empty get their rows.
var systemTables map[string]func(*Engine, *clientSession) []sysRow

func init() {
	systemTables = map[string]func(*Engine, *clientSession) []sysRow{
		"pg_catalog.pg_namespace":           pgNamespace,
		"pg_catalog.pg_class":               pgClass,
		"pg_catalog.pg_attribute":           pgAttribute,
		"pg_catalog.pg_type":                pgType,
		"pg_catalog.pg_am":                  pgAm,
		"pg_catalog.pg_database":            pgDatabase,
		"pg_catalog.pg_roles":               pgRoles,
		"pg_catalog.pg_user":                pgUser,
		"pg_catalog.pg_settings":            pgSettings,
		"pg_catalog.pg_tables":              pgTables,
		"pg_catalog.pg_views":               pgViews,
		"pg_catalog.pg_matviews":            pgMatviews,
		"pg_catalog.pg_cursors":             pgCursors,
		"pg_catalog.pg_prepared_statements": pgPrepared,
		"pg_catalog.pg_collation":           pgCollation,
		"information_schema.tables":         infoTables,
		"information_schema.columns":        infoColumns,
		"information_schema.schemata":       infoSchemata,
		"information_schema.views":          infoViews,
	}
}

// relkind is pg_class.relkind: streams and tables are tables.
func relkind(o *catalog.Object) string {
	switch {
	case o.Kind == catalog.View:
		return "v"
	case o.Kind == catalog.MaterializedView:
		return "m"
	case o.Kind == catalog.System && o.Schema == "information_schema":
		return "v"
	}
	return "r"
}

func pgNamespace(*Engine, *clientSession) []sysRow {
	var out []sysRow
	for _, s := range schemas {
		out = append(out, sysRow{"oid": oidv(s.oid), "nspname": text(s.name), "nspowner": oidv(ownerOID)})
	}
	return out
}

func visible(o *catalog.Object) []catalog.Column {
	var out []catalog.Column
	for _, c := range o.Columns {
		if !c.Hidden {
			out = append(out, c)
		}
	}
	return out
}

func pgClass(e *Engine, _ *clientSession) []sysRow {
	var out []sysRow
	no := boolv(false)
	for _, o := range e.listed() {
		am := uint32(2)
		if k := relkind(o); k == "v" {
			am = 0
		}
		out = append(out, sysRow{"oid": oidv(o.OID), "relname": text(o.Name), "relnamespace": oidv(schemaOID(o.Schema)), "reltype": oidv(0),
			"reloftype": oidv(0), "relowner": oidv(ownerOID), "relam": oidv(am), "relfilenode": oidv(o.OID), "reltablespace": oidv(0),
			"relpages": intv(0), "reltuples": types.FloatValue(-1), "relallvisible": intv(0), "reltoastrelid": oidv(0), "relhasindex": no,
			"relisshared": no, "relpersistence": text("p"), "relkind": text(relkind(o)), "relnatts": intv(len(visible(o))), "relchecks": intv(0),
			"relhasrules": no, "relhastriggers": no, "relhassubclass": no, "relrowsecurity": no, "relforcerowsecurity": no,
			"relispopulated": boolv(true), "relreplident": text("d"), "relispartition": no, "relrewrite": oidv(0)})
	}
	return out
}

func pgAttribute(e *Engine, _ *clientSession) []sysRow {
	var out []sysRow
	no := boolv(false)
	for _, o := range e.listed() {
		for i, c := range visible(o) {
			dims := 0
			if c.Type.Kind == types.Array {
				dims = 1
			}
			out = append(out, sysRow{"attrelid": oidv(o.OID), "attname": text(c.Name), "atttypid": oidv(c.Type.OID()), "attstattarget": intv(-1),
				"attlen": intv(int64(c.Type.Len())), "attnum": intv(i + 1), "attndims": intv(dims), "attcacheoff": intv(-1),
				"atttypmod": intv(int64(c.Type.TypMod())), "attbyval": no, "attalign": text("i"), "attstorage": text("p"), "attcompression": text(""),
				"attnotnull": boolv(c.NotNull), "atthasdef": boolv(c.Default != ""), "atthasmissing": no, "attidentity": text(""),
				"attgenerated": text(""), "attisdropped": no, "attislocal": boolv(true), "attinhcount": intv(0), "attcollation": oidv(0)})
		}
	}
	return out
}

func pgType(*Engine, *clientSession) []sysRow {
	names := []string{"oid", "typname", "typlen", "typbyval", "typtype", "typcategory", "typispreferred", "typdelim", "typrelid", "typelem",
		"typarray", "typalign", "typstorage", "typbasetype", "typtypmod"}
	var out []sysRow
	for line := range strings.SplitSeq(strings.TrimRight(typesTSV, "\n"), "\n") {
		row := sysRow{"typnamespace": oidv(schemaCatalog), "typowner": oidv(ownerOID), "typisdefined": boolv(true), "typsubscript": oidv(0),
			"typnotnull": boolv(false), "typndims": intv(0), "typcollation": oidv(0)}
		for i, f := range strings.Split(line, "\t") {
			switch names[i] {
			case "typname", "typtype", "typcategory", "typdelim", "typalign", "typstorage":
				row[names[i]] = text(f)
			case "typbyval", "typispreferred":
				row[names[i]] = boolv(f == "t")
			default:
				n, _ := strconv.ParseInt(f, 10, 64)
				row[names[i]] = intv(n)
			}
		}
		out = append(out, row)
	}
	return out
}

func pgAm(*Engine, *clientSession) []sysRow {
	return []sysRow{{"oid": oidv(2), "amname": text("heap"), "amhandler": oidv(3), "amtype": text("t")},
		{"oid": oidv(403), "amname": text("btree"), "amhandler": oidv(330), "amtype": text("i")}}
}

func pgDatabase(*Engine, *clientSession) []sysRow {
	return []sysRow{{"oid": oidv(16383), "datname": text(DatabaseName), "datdba": oidv(ownerOID), "encoding": intv(6), "datlocprovider": text("c"),
		"datistemplate": boolv(false), "datallowconn": boolv(true), "datconnlimit": intv(-1), "dattablespace": oidv(1663),
		"datcollate": text("C"), "datctype": text("C")}}
}

func pgRoles(_ *Engine, cs *clientSession) []sysRow {
	yes := boolv(true)
	return []sysRow{{"rolname": text(cs.userName()), "rolsuper": yes, "rolinherit": yes, "rolcreaterole": yes, "rolcreatedb": yes, "rolcanlogin": yes,
		"rolreplication": boolv(false), "rolconnlimit": intv(-1), "rolpassword": text("********"), "rolbypassrls": yes, "oid": oidv(ownerOID)}}
}

func pgUser(_ *Engine, cs *clientSession) []sysRow {
	return []sysRow{{"usename": text(cs.userName()), "usesysid": oidv(ownerOID), "usecreatedb": boolv(true), "usesuper": boolv(true),
		"userepl": boolv(false), "usebypassrls": boolv(true), "passwd": text("********")}}
}

// userName is the session's user, or the owner's name where there is no session.
func (cs *clientSession) userName() string {
	if cs == nil || cs.user == "" {
		return "streamsql"
	}
	return cs.user
}

func pgSettings(_ *Engine, cs *clientSession) []sysRow {
	var out []sysRow
	for _, kv := range cs.settings.all() {
		out = append(out, sysRow{"name": text(kv[0]), "setting": text(kv[1]), "context": text("user"), "vartype": text("string"), "source": text("default"),
			"pending_restart": boolv(false)})
	}
	return out
}

func (e *Engine) kindsOf(kinds ...string) []*catalog.Object {
	var out []*catalog.Object
	for _, o := range e.listed() {
		for _, k := range kinds {
			if relkind(o) == k {
				out = append(out, o)
			}
		}
	}
	return out
}

func pgTables(e *Engine, cs *clientSession) []sysRow {
	var out []sysRow
	no := boolv(false)
	for _, o := range e.kindsOf("r") {
		out = append(out, sysRow{"schemaname": text(o.Schema), "tablename": text(o.Name), "tableowner": text(cs.userName()), "hasindexes": no,
			"hasrules": no, "hastriggers": no, "rowsecurity": no})
	}
	return out
}

func pgViews(e *Engine, cs *clientSession) []sysRow {
	var out []sysRow
	for _, o := range e.kindsOf("v") {
		out = append(out, sysRow{"schemaname": text(o.Schema), "viewname": text(o.Name), "viewowner": text(cs.userName()), "definition": text(o.Query)})
	}
	return out
}

func pgMatviews(e *Engine, cs *clientSession) []sysRow {
	var out []sysRow
	for _, o := range e.kindsOf("m") {
		out = append(out, sysRow{"schemaname": text(o.Schema), "matviewname": text(o.Name), "matviewowner": text(cs.userName()), "hasindexes": boolv(false),
			"ispopulated": boolv(true), "definition": text(o.Query)})
	}
	return out
}

func pgCursors(_ *Engine, cs *clientSession) []sysRow {
	var out []sysRow
	for n, c := range cs.cursors {
		out = append(out, sysRow{"name": text(n), "is_holdable": boolv(c.hold), "is_binary": boolv(false), "is_scrollable": boolv(false)})
	}
	return out
}

func pgPrepared(_ *Engine, cs *clientSession) []sysRow {
	var out []sysRow
	for n, p := range cs.prepared {
		out = append(out, sysRow{"name": text(n), "statement": text(p.text), "from_sql": boolv(true)})
	}
	return out
}

func pgCollation(*Engine, *clientSession) []sysRow {
	row := func(oid uint32, name string) sysRow {
		return sysRow{"oid": oidv(oid), "collname": text(name), "collnamespace": oidv(schemaCatalog), "collowner": oidv(ownerOID),
			"collprovider": text("c"), "collisdeterministic": boolv(true), "collencoding": intv(-1)}
	}
	return []sysRow{row(100, "default"), row(950, "C"), row(951, "POSIX")}
}

func infoTables(e *Engine, _ *clientSession) []sysRow {
	var out []sysRow
	for _, o := range e.kindsOf("r", "v") {
		kind := "BASE TABLE"
		if relkind(o) == "v" {
			kind = "VIEW"
		}
		yes := "NO"
		if o.Owned {
			yes = "YES"
		}
		out = append(out, sysRow{"table_catalog": text(DatabaseName), "table_schema": text(o.Schema), "table_name": text(o.Name), "table_type": text(kind),
			"is_insertable_into": text(yes), "is_typed": text("NO")})
	}
	return out
}

func infoColumns(e *Engine, _ *clientSession) []sysRow {
	var out []sysRow
	for _, o := range e.kindsOf("r", "v") {
		for i, c := range visible(o) {
			null := "YES"
			if c.NotNull {
				null = "NO"
			}
			row := sysRow{"table_catalog": text(DatabaseName), "table_schema": text(o.Schema), "table_name": text(o.Name), "column_name": text(c.Name),
				"ordinal_position": intv(i + 1), "is_nullable": text(null), "data_type": text(dataType(c.Type)), "udt_catalog": text(DatabaseName),
				"udt_schema": text("pg_catalog"), "is_updatable": text("NO"), "is_identity": text("NO"), "is_generated": text("NEVER")}
			if c.Default != "" {
				row["column_default"] = text(c.Default)
			}
			if c.Type.Kind == types.Numeric && c.Type.Prec > 0 {
				row["numeric_precision"], row["numeric_scale"] = intv(int64(c.Type.Prec)), intv(int64(c.Type.Scale))
			}
			out = append(out, row)
		}
	}
	return out
}

// dataType is information_schema's name of a type: without modifiers, arrays as ARRAY.
func dataType(t types.Type) string {
	if t.Kind == types.Array {
		return "ARRAY"
	}
	return types.T(t.Kind).String()
}

func infoSchemata(_ *Engine, cs *clientSession) []sysRow {
	var out []sysRow
	for _, s := range schemas {
		out = append(out, sysRow{"catalog_name": text(DatabaseName), "schema_name": text(s.name), "schema_owner": text(cs.userName())})
	}
	return out
}

func infoViews(e *Engine, _ *clientSession) []sysRow {
	var out []sysRow
	for _, o := range e.kindsOf("v") {
		out = append(out, sysRow{"table_catalog": text(DatabaseName), "table_schema": text(o.Schema), "table_name": text(o.Name),
			"view_definition": text(o.Query), "check_option": text("NONE"), "is_updatable": text("NO"), "is_insertable_into": text("NO")})
	}
	return out
}
