package parser_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"streamsql/sql/ast"
	"streamsql/sql/parser"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

// TestGolden compares trees with testdata/ast.golden: a statement, a line of dashes, its tree, an empty line.
func TestGolden(t *testing.T) {
	const path = "testdata/ast.golden"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, block := range strings.Split(strings.TrimSpace(string(data)), "\n\n") {
		text, want, _ := strings.Cut(block, "\n----")
		got := ""
		stmts, err := parser.Parse(text, parser.Options{})
		if err != nil {
			got = "error: " + err.Error()
		}
		for _, s := range stmts {
			got += ast.Dump(s.Stmt, true)
		}
		got = strings.TrimSpace(got)
		if got != strings.TrimSpace(want) && !*rewrite {
			t.Errorf("%s\ngot\n%s\nwant\n%s", text, got, want)
		}
		out.WriteString(text + "\n----\n" + got + "\n\n")
	}
	if *rewrite {
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
