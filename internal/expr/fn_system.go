package expr

import (
	"fmt"
	"regexp"
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// System information functions: what psql and drivers ask.

// Version is what version() and the server_version setting start from; the engine may say more.
const Version = "PostgreSQL 15.0 (streamsql)"

// schemaOIDs are the schemas that exist, by PostgreSQL's numbers for the first two.
var schemaOIDs = map[string]int64{"pg_catalog": 11, "public": 2200, "information_schema": 13000}

// unqualified strips a schema and the quotes of a relation's name.
func unqualified(s string) string {
	if i := strings.LastIndexByte(s, '.'); i >= 0 && !strings.HasSuffix(s, `"`) {
		s = s[i+1:]
	}
	return strings.ReplaceAll(strings.Trim(s, `"`), `""`, `"`)
}

// sys registers a function that answers from the Env.
func sys(sig, doc string, fn rowFunc) { def(sig, doc, "", rows(fn)) }

// always registers functions with one answer.
func always(v types.Value, doc string, sigs ...string) {
	for _, sig := range sigs {
		sys(sig, doc, func(*row, []types.Value) (types.Value, error) { return v, nil })
	}
}

func init() {
	sys("version() text stable", "the server's version", func(r *row, _ []types.Value) (types.Value, error) { return r.text(Version), nil })
	for _, name := range []string{"current_database", "current_catalog"} {
		sys(name+"() name stable", "the database of the session", func(r *row, _ []types.Value) (types.Value, error) { return r.text(r.x.env.Database), nil })
	}
	for _, name := range []string{"current_user", "session_user", "user", "current_role"} {
		sys(name+"() name stable", "the user of the session", func(r *row, _ []types.Value) (types.Value, error) { return r.text(r.x.env.User), nil })
	}
	sys("current_schema() name stable", "where new objects go", func(r *row, _ []types.Value) (types.Value, error) { return r.text("public"), nil })
	sys("current_schemas(bool) name[] stable", "the search path", func(_ *row, a []types.Value) (types.Value, error) {
		vals := []types.Value{types.TextValue("public")}
		if a[0].B {
			vals = append([]types.Value{types.TextValue("pg_catalog")}, vals...)
		}
		return types.BytesValue(types.AppendArray(nil, types.T(types.Name), nil, vals)), nil
	})
	sys("pg_get_userbyid(oid) name stable", "a role's name", func(r *row, a []types.Value) (types.Value, error) {
		if r.x.env.User == "" {
			return r.text(fmt.Sprintf("unknown (OID=%d)", a[0].I)), nil
		}
		return r.text(r.x.env.User), nil
	})
	sys("current_setting(text) text stable", "a setting's value", func(r *row, a []types.Value) (types.Value, error) { return setting(r, a[0], false) })
	sys("current_setting(text, bool) text stable", "a setting's value, NULL for one that does not exist if so asked", func(r *row, a []types.Value) (types.Value, error) {
		return setting(r, a[0], a[1].B)
	})
	yes, no := types.BoolValue(true), types.BoolValue(false)
	for _, what := range []string{"table", "type", "function", "operator", "opclass", "opfamily", "collation", "conversion", "ts_config", "ts_dict", "ts_parser", "ts_template", "statistics_obj"} {
		always(yes, "visible without a qualifier", "pg_"+what+"_is_visible(oid) bool stable")
	}
	for _, what := range []string{"table", "schema", "database", "function", "sequence", "type", "language", "tablespace", "any_column", "column"} {
		privileges(what, yes)
	}
	always(yes, "member of a role", "pg_has_role(name, text) bool stable", "pg_has_role(oid, text) bool stable", "pg_has_role(name, name, text) bool stable")
	always(no, "a standby; never", "pg_is_in_recovery() bool stable")
	always(types.IntValue(1), "the session's process", "pg_backend_pid() int4 stable")
	always(types.IntValue(1), "the transaction's number", "txid_current() int8 stable", "pg_current_xact_id() int8 stable")
	always(types.IntValue(0), "bytes on disk; not counted here", "pg_relation_size(regclass) int8 stable", "pg_relation_size(regclass, text) int8 stable",
		"pg_total_relation_size(regclass) int8 stable", "pg_table_size(regclass) int8 stable", "pg_indexes_size(regclass) int8 stable",
		"pg_database_size(name) int8 stable", "pg_database_size(oid) int8 stable")
	always(types.Null, "comments; there are none", "obj_description(oid, name) text stable", "obj_description(oid) text stable",
		"col_description(oid, int4) text stable", "shobj_description(oid, name) text stable")
	always(types.Null, "server address; not told", "inet_server_port() int4 stable", "inet_client_port() int4 stable")
	sys("getdatabaseencoding() name", "the database's encoding", func(r *row, _ []types.Value) (types.Value, error) { return r.text("UTF8"), nil })
	sys("pg_client_encoding() name stable", "the client's encoding", func(r *row, _ []types.Value) (types.Value, error) { return r.text("UTF8"), nil })
	always(no, "of no use here", "pg_is_other_temp_schema(oid) bool stable", "pg_relation_is_publishable(regclass) bool stable")
	always(types.IntValue(0), "temporary schemas; there are none", "pg_my_temp_schema() oid stable")
	catalogText()
}

// privileges registers has_…_privilege in the forms with a user, without, and with names or oids: all is allowed.
func privileges(what string, yes types.Value) {
	object := []string{"text", "oid"}
	for _, o := range object {
		args := o + ", text"
		if what == "column" {
			args = o + ", text, text"
		}
		always(yes, "whether the user may; all users may", "has_"+what+"_privilege("+args+") bool stable", "has_"+what+"_privilege(name, "+args+") bool stable")
	}
	if what == "column" {
		always(yes, "whether the user may; all users may", "has_column_privilege(oid, int2, text) bool stable")
	}
}

func setting(r *row, name types.Value, missingOK bool) (types.Value, error) {
	if r.x.env.Lookup != nil {
		if v, ok := r.x.env.Lookup.Setting(strings.ToLower(string(name.Bytes))); ok {
			return r.text(v), nil
		}
	}
	if missingOK {
		return types.Null, nil
	}
	return types.Null, pgerr.New(pgerr.UndefinedObject, "unrecognized configuration parameter %q", name.Bytes)
}

// catalogText registers functions that write catalog objects as text.
func catalogText() {
	sys("format_type(oid, int4) text stable nullok", "a type's name", func(r *row, a []types.Value) (types.Value, error) {
		if a[0].Null {
			return types.Null, nil
		}
		return r.text(formatType(uint32(a[0].I), a[1])), nil
	})
	sys("pg_encoding_to_char(int4) name", "an encoding's name", func(r *row, a []types.Value) (types.Value, error) {
		switch a[0].I {
		case 6:
			return r.text("UTF8"), nil
		case 0:
			return r.text("SQL_ASCII"), nil
		}
		return r.text(""), nil
	})
	sys("pg_char_to_encoding(name) int4", "an encoding's number", func(_ *row, a []types.Value) (types.Value, error) {
		switch strings.ToUpper(string(a[0].Bytes)) {
		case "UTF8", "UTF-8", "UNICODE":
			return types.IntValue(6), nil
		case "SQL_ASCII":
			return types.IntValue(0), nil
		}
		return types.IntValue(-1), nil
	})
	viewDef := func(r *row, oid int64) (types.Value, error) {
		if r.x.env.Lookup != nil {
			if text, ok := r.x.env.Lookup.ViewDefinition(uint32(oid)); ok {
				return r.text(text), nil
			}
		}
		return types.Null, nil
	}
	for _, sig := range []string{"pg_get_viewdef(oid) text stable", "pg_get_viewdef(oid, bool) text stable", "pg_get_viewdef(oid, int4) text stable"} {
		sys(sig, "the query of a view", func(r *row, a []types.Value) (types.Value, error) { return viewDef(r, a[0].I) })
	}
	sys("pg_get_viewdef(text) text stable", "the query of a view", func(r *row, a []types.Value) (types.Value, error) {
		if r.x.env.Lookup != nil {
			if oid, ok := r.x.env.Lookup.RelationOID(unqualified(string(a[0].Bytes))); ok {
				return viewDef(r, int64(oid))
			}
		}
		return types.Null, pgerr.New(pgerr.UndefinedTable, "relation %q does not exist", a[0].Bytes)
	})
	same := func(_ *row, a []types.Value) (types.Value, error) { return a[0], nil }
	sys("pg_get_expr(text, oid) text stable", "an expression's text, which is how it is stored here", same)
	sys("pg_get_expr(text, oid, bool) text stable", "an expression's text, which is how it is stored here", same)
	always(types.Null, "objects of a kind that does not exist here", "pg_get_indexdef(oid) text stable", "pg_get_indexdef(oid, int4, bool) text stable",
		"pg_get_constraintdef(oid) text stable", "pg_get_constraintdef(oid, bool) text stable", "pg_get_ruledef(oid) text stable", "pg_get_ruledef(oid, bool) text stable", "pg_get_function_sqlbody(oid) text stable",
		"pg_get_triggerdef(oid) text stable", "pg_get_triggerdef(oid, bool) text stable", "pg_get_functiondef(oid) text stable",
		"pg_get_function_result(oid) text stable", "pg_get_function_arguments(oid) text stable",
		"pg_get_function_identity_arguments(oid) text stable", "pg_get_partkeydef(oid) text stable", "pg_get_statisticsobjdef_columns(oid) text stable",
		"pg_get_serial_sequence(text, text) text stable", "pg_tablespace_location(oid) text stable")
	regLookups()
}

// regLookups registers to_regclass and its kin: NULL where a cast would fail.
func regLookups() {
	sys("to_regclass(text) regclass stable", "a relation by name, or NULL", func(r *row, a []types.Value) (types.Value, error) {
		if r.x.env.Lookup != nil {
			if oid, ok := r.x.env.Lookup.RelationOID(unqualified(string(a[0].Bytes))); ok {
				return types.IntValue(int64(oid)), nil
			}
		}
		return types.Null, nil
	})
	sys("to_regtype(text) regtype stable", "a type by name, or NULL", func(_ *row, a []types.Value) (types.Value, error) {
		if k, ok := types.ByName(string(a[0].Bytes)); ok && !strings.EqualFold(string(a[0].Bytes), "string") { // ksqlDB's name
			return types.IntValue(int64(types.T(k).OID())), nil
		}
		return types.Null, checkTypeName(string(a[0].Bytes))
	})
	def("pg_typeof(any) regtype stable nullok", "the argument's type", "", rowsFor(func(c *Call) (rowFunc, error) {
		oid := types.IntValue(int64(base(c.Args[0].Type()).OID()))
		return func(*row, []types.Value) (types.Value, error) { return oid, nil }, nil
	}))
}

// typeNameForm is what a type's name looks like: words, perhaps qualified or quoted, modifiers and brackets.
var typeNameForm = regexp.MustCompile(`^\s*(?:[\pL_][\pL\pN_$]*|"[^"]+")(?:\s*\.\s*(?:[\pL_][\pL\pN_$]*|"[^"]+"))*\s*(?:\([\s\d,]+\))?\s*(?:\[\d*\]\s*)*$`)

// typeNameReserved are the words of SQL that stand in no type's name.
var typeNameReserved = reservedWords(`
all analyse analyze and any as asc asymmetric between both case cast check coalesce collate column constraint create
current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc distinct
do else end except exists extract false fetch for foreign from grant greatest group grouping having in initially inout
intersect into lateral leading least limit localtime localtimestamp none normalize not null nullif offset on only or
order out overlay placing position precision primary references returning row select session_user some substring
symmetric table then to trailing treat trim true union unique user using values variadic when where window with
xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable`)

func reservedWords(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

// checkTypeName refuses what PostgreSQL's parser takes for no type's name.
func checkTypeName(s string) error {
	name, _, _ := strings.Cut(strings.TrimRight(s, " []0123456789"), "(")
	name = strings.ToLower(strings.TrimSpace(name))
	switch {
	case !typeNameForm.MatchString(s) || typeNameReserved[name] || name == "array":
		return pgerr.New(pgerr.SyntaxError, "invalid type name \"%s\"", s)
	case strings.Count(name, ".") == 2:
		return pgerr.New(pgerr.FeatureNotSupported, "cross-database references are not implemented: %s", name)
	case strings.Count(name, ".") > 2:
		return pgerr.New(pgerr.SyntaxError, "improper qualified name (too many dotted names): %s", name)
	}
	return nil
}

// formatType is format_type: the type's name with modifiers, "-" for 0, "???" for an unknown number.
func formatType(oid uint32, mod types.Value) string {
	t, ok := types.ByOID(oid)
	switch {
	case oid == 0:
		return "-"
	case !ok:
		return "???"
	}
	switch {
	case mod.Null:
	case t.Kind == types.Array:
		elem := t.Elem.FromTypMod(int32(mod.I))
		t.Elem = &elem
	default:
		t = t.FromTypMod(int32(mod.I))
	}
	return t.String()
}
