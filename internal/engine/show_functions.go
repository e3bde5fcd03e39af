package engine

import (
	"strings"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// functionColumns describe the rows of SHOW FUNCTIONS and DESCRIBE FUNCTION: one for each overload.
var functionColumns = textColumns("name", "kind", "signature", "nulls", "volatility", "dialect", "description", "example")

// functionRows lists the registry's functions, all or those of one name (in lower case); operators are left out.
func functionRows(name string) [][]types.Value {
	var rows [][]types.Value
	add := func(kind string, f *expr.Func) {
		if name != "" && f.Name != name || !isFunctionName(f.Name) {
			return
		}
		nulls := "the function sees NULLs"
		if f.Strict {
			nulls = "NULL if an argument is NULL"
			if kind == "set" {
				nulls = "no rows if an argument is NULL"
			}
		}
		dialect := string(f.Dialect)
		if dialect == "" {
			dialect = string(expr.Postgres)
		}
		rows = append(rows, functionRow(f.Name, kind, f.Signature(), nulls, f.Vol.String(), dialect, f.Doc, example(f.Example, f.ExampleResult)))
	}
	for _, f := range expr.Functions() {
		add("scalar", f)
	}
	for _, f := range expr.SetFunctions() {
		add("set", &f.Func)
	}
	for _, a := range expr.Aggregates() {
		if name != "" && a.Name != name {
			continue
		}
		nulls := "the function sees NULLs"
		if a.IgnoresNulls {
			nulls = "rows with NULL do not count"
		}
		rows = append(rows, functionRow(a.Name, "aggregate", a.Signature(), nulls, expr.Immutable.String(), a.Dialect, a.Doc, example(a.Example, a.ExampleResult)))
	}
	return rows
}

func functionRow(cols ...string) []types.Value {
	row := make([]types.Value, len(cols))
	for i, c := range cols {
		row[i] = text(c)
	}
	return row
}

func example(call, result string) string {
	if result == "" {
		return call
	}
	return call + " => " + result
}

// isFunctionName tells a function from an operator, whose name is its spelling.
func isFunctionName(s string) bool { return s[0] >= 'a' && s[0] <= 'z' || s[0] == '_' }

// describeFunction runs DESCRIBE FUNCTION f. Error: 42883.
func (cs *clientSession) describeFunction(t *ast.DescribeOther) (session.Result, error) {
	rows := functionRows(strings.ToLower(t.Name.Last()))
	if len(rows) == 0 {
		return nil, pgerr.At(int(t.Name.Pos), pgerr.UndefinedFunction, "function %s does not exist", strings.ToLower(t.Name.Last())).
			WithHint("SHOW FUNCTIONS lists what there is.")
	}
	return rowsOf(functionColumns, rows, "DESCRIBE"), nil
}
