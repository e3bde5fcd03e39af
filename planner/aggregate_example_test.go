package planner

import (
	"strings"
	"testing"

	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/sql/ast"
	"streamsql/sql/parser"
)

// TestAggregateExamples runs the example of every aggregate in the registry. Those of the ksql dialect alone have none:
// they are PostgreSQL's by name, and tests/sqllogic has cases of them.
func TestAggregateExamples(t *testing.T) {
	done := map[string]bool{}
	for _, a := range expr.Aggregates() {
		if a.Example == "" {
			continue
		}
		done[a.Name] = true
		ps, err := parser.Parse("SELECT "+a.Example, parser.Options{})
		if err != nil {
			t.Fatal(a.Example, describeError(err))
		}
		p, err := PlanQuery(ps[0].Stmt.(*ast.QueryStmt).Query, catalog.New(), Options{Env: &expr.Env{}})
		if err != nil {
			t.Errorf("%s: %s", a.Example, describeError(err))
			continue
		}
		got, err := answer(p, []func(*catalog.Object) []change{func(*catalog.Object) []change { return nil }}, true)
		if err != nil || strings.TrimSpace(got) != a.ExampleResult {
			t.Errorf("%s: %s (%v), want %s", a.Example, strings.TrimSpace(got), err, a.ExampleResult)
		}
	}
	for _, a := range expr.Aggregates() {
		if !done[a.Name] {
			t.Errorf("%s has no example", a.Signature())
		}
	}
}
