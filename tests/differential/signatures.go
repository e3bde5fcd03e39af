package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"streamsql/internal/expr"
)

// catalogQuery lists PostgreSQL's functions and operators with what must be the same here: name, arguments, result,
// volatility, strictness. Aggregates, window functions and what returns sets are not the registry's.
const catalogQuery = `
SELECT n.name, coalesce((SELECT string_agg(format_type(a, NULL), ', ' ORDER BY i) FROM unnest(n.args) WITH ORDINALITY AS u(a, i)), ''),
       format_type(n.result, NULL), n.volatility, n.strict
FROM (SELECT proname AS name, proargtypes::oid[] AS args, prorettype AS result, provolatile AS volatility, proisstrict AS strict
      FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND NOT proretset
      UNION ALL
      SELECT oprname, CASE WHEN oprleft = 0 THEN ARRAY[oprright] ELSE ARRAY[oprleft, oprright] END, oprresult, provolatile, proisstrict
      FROM pg_operator JOIN pg_proc p ON p.oid = oprcode WHERE oprnamespace = 'pg_catalog'::regnamespace) n
ORDER BY 1, 2`

// pgFunc is an overload as PostgreSQL's catalog has it.
type pgFunc struct{ name, args, result, volatility, strict string }

// internalTypes are arguments of functions that no query calls.
var internalTypes = []string{"internal", "cstring", "trigger", "event_trigger", "_handler", "anyrange", "anymultirange", "anycompatiblerange",
	"anycompatiblemultirange", "range", "point", "box", "circle", "line", "lseg", "path", "polygon", "tsvector", "tsquery", "xml", "money", "macaddr",
	"pg_lsn", "txid_snapshot", "pg_snapshot", "xid", "cid", "tid", "refcursor", "void", "regconfig", "regdictionary", "aclitem", "oidvector", "int2vector",
	"pg_ndistinct", "pg_dependencies", "pg_mcv_list", "pg_node_tree", "pg_brin_", "gtsvector", "pg_ddl_command", "record"}

func (f pgFunc) internal() bool {
	for _, t := range strings.Split(f.args+", "+f.result, ", ") {
		if slices.ContainsFunc(internalTypes, func(x string) bool {
			return t == x || strings.HasSuffix(t, x) || strings.HasPrefix(t, x) && x[len(x)-1] == '_'
		}) {
			return true
		}
	}
	return false
}

// compareCatalog prints the overloads that PostgreSQL has and we lack, and those that differ in result, volatility or
// strictness; it returns how many differ.
func compareCatalog(ctx context.Context, pg *oracle, w io.Writer) (int, error) {
	rs, err := pg.conn.Exec(ctx, catalogQuery).ReadAll()
	if err != nil {
		return 0, err
	}
	ours := map[string]*expr.Func{}
	for _, f := range expr.Functions() {
		if f.Dialect == "" {
			ours[signatureKey(f)] = f
		}
	}
	differ := 0
	for _, r := range rs[0].Rows {
		p := pgFunc{string(r[0]), string(r[1]), string(r[2]), string(r[3]), string(r[4])}
		f := ours[p.name+"("+p.args+")"]
		switch {
		case f == nil && !p.internal():
			fmt.Fprintf(w, "lacking %s(%s) %s\n", p.name, p.args, p.result)
		case f != nil:
			if d := p.difference(f); d != "" {
				differ++
				fmt.Fprintf(w, "differs %s(%s) %s: %s\n", p.name, p.args, p.result, d)
			}
		}
	}
	return differ, nil
}

// signatureKey is "name(type, type)" in format_type's names.
func signatureKey(f *expr.Func) string {
	sig, _, _ := strings.Cut(f.Signature(), " → ")
	return strings.ReplaceAll(sig, "VARIADIC ", "")
}

func (p pgFunc) difference(f *expr.Func) string {
	var out []string
	if _, r, _ := strings.Cut(f.Signature(), " → "); r != p.result {
		out = append(out, "our result is "+r)
	}
	if v := map[expr.Volatility]string{expr.Immutable: "i", expr.Stable: "s", expr.Volatile: "v"}[f.Vol]; v != p.volatility {
		out = append(out, "our volatility is "+v+", theirs "+p.volatility)
	}
	if f.Strict != (p.strict == "t") {
		out = append(out, fmt.Sprintf("ours strict: %v", f.Strict))
	}
	return strings.Join(out, "; ")
}
