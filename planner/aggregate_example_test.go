package planner

import (
	"strings"
	"testing"

	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/sql/ast"
	"streamsql/sql/parser"
)

// TestAggregateExamples runs the example of every aggregate and window function in the registry. Those of the ksql dialect
// alone have none: they are PostgreSQL's by name, and tests/ksqldb runs ksqlDB's cases of them.
func TestAggregateExamples(t *testing.T) {
	done := map[string]bool{}
	for _, a := range expr.Aggregates() {
		if a.Example != "" {
			done[a.Name] = true
			checkExample(t, a.Example, a.ExampleResult)
		}
	}
	for _, a := range expr.Aggregates() {
		if !done[a.Name] {
			t.Errorf("%s has no example", a.Signature())
		}
	}
	for _, w := range expr.WindowFuncs() {
		if w.Example != "" {
			checkExample(t, w.Example, w.ExampleResult)
			done["over "+w.Name] = true
		}
		if !done["over "+w.Name] {
			t.Errorf("window function %s has no example", w.Name)
		}
	}
}

// checkExample runs SELECT example; rows are joined by blanks.
func checkExample(t *testing.T, example, want string) {
	t.Helper()
	ps, err := parser.Parse("SELECT "+example, parser.Options{})
	if err != nil {
		t.Fatal(example, describeError(err))
	}
	p, err := PlanQuery(ps[0].Stmt.(*ast.QueryStmt).Query, catalog.New(), Options{Env: &expr.Env{}})
	if err != nil {
		t.Errorf("%s: %s", example, describeError(err))
		return
	}
	got, err := answer(p, []func(*catalog.Object) []change{func(*catalog.Object) []change { return nil }}, true)
	if got = strings.ReplaceAll(strings.TrimSpace(got), "\n", " "); err != nil || got != want {
		t.Errorf("%s: %s (%v), want %s", example, got, err, want)
	}
}
