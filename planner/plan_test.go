package planner

import (
	"strings"
	"testing"

	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
	"streamsql/sql/parser"
)

func planText(t *testing.T, w *world, sql string, opt Options) *Plan {
	t.Helper()
	ps, err := parser.Parse(sql, parser.Options{})
	if err != nil {
		t.Fatal(describeError(err))
	}
	p, err := PlanQuery(ps[0].Stmt.(*ast.QueryStmt).Query, w.cat, opt)
	if err != nil {
		t.Fatal(describeError(err))
	}
	return p
}

// A prepared plan is bound again and again: the plan itself must keep its parameters.
func TestBindLeavesThePlanAlone(t *testing.T) {
	w := newWorld(t)
	p := planText(t, w, "select name, $2 from users where id = $1 limit $3", Options{ParamTypes: []types.Type{{}, types.T(types.Text)}})
	before := Explain(p.Root)
	bound := Explain(p.Bind([]types.Value{types.IntValue(7), types.TextValue("x"), types.IntValue(2)}))
	if strings.Contains(bound, "$") || !strings.Contains(bound, "id = '7'::bigint") || !strings.Contains(bound, "limit='2'") {
		t.Errorf("bound plan:\n%s", bound)
	}
	if after := Explain(p.Root); after != before {
		t.Errorf("the plan changed:\n%s\nto\n%s", before, after)
	}
}

func TestPlanWithoutParametersBindsToItself(t *testing.T) {
	w := newWorld(t)
	p := planText(t, w, "select name from users", Options{})
	if p.Bind(nil) != p.Root {
		t.Error("a plan without parameters was copied")
	}
}

// DependsOn has what is read, through views too, once each and sorted.
func TestDependsOn(t *testing.T) {
	w := newWorld(t)
	id := func(name string) uint64 { return w.cat.Lookup([]string{name}).ID }
	p := planText(t, w, "select 1 from adults a, per_city, users, adults b where exists (select 1 from fast)", Options{})
	want := []uint64{id("users"), id("clicks"), id("per_city"), id("adults"), id("fast")}
	if len(p.DependsOn) != len(want) {
		t.Fatalf("DependsOn %v, want %v", p.DependsOn, want)
	}
	for i := range want {
		if p.DependsOn[i] != want[i] {
			t.Fatalf("DependsOn %v, want %v", p.DependsOn, want)
		}
	}
}

// An error inside a view's text points at the view's name in the statement, and says so.
func TestErrorInsideAView(t *testing.T) {
	w := newWorld(t)
	w.cat = w.cat.With(999, &catalog.Object{ID: 999, OID: 17999, Schema: "public", Name: "broken", Kind: catalog.View,
		Columns: []catalog.Column{{Name: "a", Type: types.T(types.Int4)}}, Query: "select gone from users", Dialect: "postgres"})
	ps, err := parser.Parse("select * from broken", parser.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = PlanQuery(ps[0].Stmt.(*ast.QueryStmt).Query, w.cat, Options{})
	e := pgerr.From(err)
	if e.Code != pgerr.UndefinedColumn || e.Pos != 14 || !strings.Contains(e.Detail, `view "broken"`) {
		t.Errorf("got %s", describeError(err))
	}
}

// Stored view text may come from elsewhere in tests.
func TestParseQueryOption(t *testing.T) {
	w := newWorld(t)
	called := ""
	opt := Options{ParseQuery: func(text, dialect string) (ast.Query, error) {
		called = dialect + ": " + text
		return &ast.Select{Items: []ast.SelectItem{{X: &ast.Lit{Kind: ast.LitNumber, Text: "1"}}, {X: &ast.Lit{Kind: ast.LitString, Text: "x"}}}}, nil
	}}
	p := planText(t, w, "select * from adults", opt)
	if called != "postgres: select id, name from users where age >= 18" {
		t.Errorf("ParseQuery got %q", called)
	}
	if p.Columns[0].Name != "id" || p.Columns[1].Name != "name" || p.Columns[1].Type.Kind != types.Text {
		t.Errorf("columns %v", p.Columns)
	}
}

// Constants are folded in the session's settings.
func TestFoldUsesTheEnv(t *testing.T) {
	w := newWorld(t)
	env := &expr.Env{Format: &types.Format{DateStyle: "ISO", DateOrder: "DMY", ExtraFloatDigits: 1}}
	p := planText(t, w, "select '01/02/2020'::date as d", Options{Env: env})
	if got := Explain(p.Root); !strings.Contains(got, "2020-02-01") {
		t.Errorf("with DMY:\n%s", got)
	}
}

// FuzzPlan plans whatever the parser lets through: no panic, and errors point into the text.
func FuzzPlan(f *testing.F) {
	for _, name := range []string{"rules", "query", "errors", "dml", "ddl", "psql"} {
		for _, c := range readGolden(f, "testdata/"+name+".txt") {
			f.Add(c.sql)
		}
	}
	base := newWorld(f)
	f.Fuzz(func(t *testing.T, sql string) {
		if len(sql) > 2000 {
			return
		}
		ps, err := parser.Parse(sql, parser.Options{})
		if err != nil {
			return
		}
		for _, p := range ps {
			for _, life := range []Lifetime{Pull, View} {
				w := *base
				_, err := w.statement(p.Stmt, sql, Options{Lifetime: life})
				if err == nil || strings.HasPrefix(err.Error(), "no golden form") {
					continue
				}
				e := pgerr.From(err)
				if e.Pos > len(sql) || e.Code == pgerr.InternalError {
					t.Errorf("%s: %s", sql, describeError(err))
				}
			}
		}
	})
}

// BenchmarkPlanLookup is what a point lookup by the simple protocol pays for planning.
func BenchmarkPlanLookup(b *testing.B) {
	w := newWorld(b)
	ps, err := parser.Parse("select name, city from users where id = 7", parser.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := PlanQuery(ps[0].Stmt.(*ast.QueryStmt).Query, w.cat, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
