package planner

import (
	"testing"

	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/types"
	"streamsql/sql/parser"
)

// evalKSQL computes a constant expression of the ksql dialect to its text.
func evalKSQL(t *testing.T, text string) (string, error) {
	t.Helper()
	x, err := parser.ParseExpr(text, parser.Options{Dialect: parser.KSQL})
	if err != nil {
		return "", err
	}
	env := &expr.Env{Now: 800000000000000}
	c := &clause{b: newBinder(new(catalog.Catalog), Options{Dialect: "ksql", Env: env}), name: "SELECT"}
	e, err := c.expr(x)
	if err != nil {
		return "", err
	}
	if e, err = c.b.known(e, 0); err != nil {
		return "", err
	}
	v, err := expr.EvalConst(env, e)
	if err != nil {
		return "", err
	}
	if v.Null {
		return "NULL", nil
	}
	return string(types.AppendText(nil, e.Type(), v, nil)), nil
}

// TestExamplesKSQL checks every example of ksqlDB's functions in the registry, in ksqlDB's own language.
func TestExamplesKSQL(t *testing.T) {
	tried := 0
	for _, f := range expr.Functions() {
		if f.Dialect != expr.KSQL || f.ExampleResult == "" {
			continue
		}
		tried++
		got, err := evalKSQL(t, f.Example)
		if err != nil {
			t.Errorf("%s: %v", f.Example, err)
		} else if got != f.ExampleResult {
			t.Errorf("%s = %s, the registry says %s", f.Example, got, f.ExampleResult)
		}
	}
	t.Logf("%d examples", tried)
}
