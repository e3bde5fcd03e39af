package parser_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
	"streamsql/sql/parser"
)

// TestGroupingAsPostgreSQL compares the grouping of operators with PostgreSQL 15's own on 6000 random expressions, recorded
// once (see conformance/README.md for how they are printed).
func TestGroupingAsPostgreSQL(t *testing.T) {
	f, err := os.Open(shared + "conformance/postgres/expressions.jsonl.gz")
	if os.IsNotExist(err) {
		t.Skipf("no corpus: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	n, bad := 0, 0
	for lines := bufio.NewScanner(z); lines.Scan(); n++ {
		var c struct{ Expr, Grouping, SQLState string }
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if got := grouped(c.Expr); got != c.Grouping+c.SQLState {
			if bad++; bad <= 20 {
				t.Errorf("%s\n got %s\nwant %s%s", c.Expr, got, c.Grouping, c.SQLState)
			}
		}
	}
	if n < 6000 || bad > 0 {
		t.Errorf("%d expressions, %d differ", n, bad)
	}
}

// grouped returns the expression with every operator in parentheses, or the SQLSTATE of the error.
func grouped(text string) string {
	e, err := parser.ParseExpr(text, parser.Options{})
	if err != nil {
		var pg *pgerr.Error
		if errors.As(err, &pg) {
			return pg.Code
		}
		return err.Error()
	}
	return group(e)
}

var printedOps = map[string]string{"like": "~~", "ilike": "~~*"}

func group(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Binary:
		op := strings.TrimSuffix(strings.TrimPrefix(e.Op, "operator(ops."), ")")
		if s, ok := printedOps[op]; ok {
			op = s
		}
		return "(" + group(e.L) + " " + op + " " + group(e.R) + ")"
	case *ast.Unary:
		return "(" + e.Op + " " + group(e.X) + ")"
	case *ast.Cast:
		return group(e.X)
	case *ast.Collate:
		return group(e.X)
	case *ast.Ref:
		return e.Parts[0]
	case *ast.Call:
		return group(e.Args[0])
	}
	return "?"
}
