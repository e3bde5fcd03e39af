package parser_test

import (
	"os"
	"strings"
	"testing"

	"streamsql/sql/ast"
	"streamsql/sql/format"
	"streamsql/sql/parser"
	"streamsql/sql/token"
)

// shared is where the reference corpora lie; tests that need one are skipped without it.
const shared = "/work/shared/"

// statements cuts a corpus file into statements.
func statements(t testing.TB, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) && strings.HasPrefix(path, shared) {
		t.Skipf("no corpus: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	spans, err := token.Split(string(data))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range spans {
		out = append(out, string(data[s.Start:s.End]))
	}
	return out
}

// roundTrip reports how the tree of text differs from that of its printed form, or "".
func roundTrip(text string, opt parser.Options) (printed, diff string) {
	stmts, err := parser.Parse(text, opt)
	if err != nil {
		return "", err.Error()
	}
	for _, s := range stmts {
		printed = format.Stmt(s.Stmt)
		if opt.Dialect == parser.KSQL {
			printed = format.KSQL(s.Stmt)
		}
		again, err := parser.Parse(printed, parser.Options{Dialect: opt.Dialect})
		if err != nil {
			return printed, "printed form: " + err.Error()
		}
		if len(again) != 1 {
			return printed, "the printed form is not one statement"
		}
		if a, b := dump(s.Stmt), dump(again[0].Stmt); a != b {
			return printed, "trees differ:\n" + a + "\nand:\n" + b
		}
	}
	return printed, ""
}

// dump is the tree without positions and without texts that are kept as written.
func dump(s ast.Stmt) string {
	for in := s; in != nil; {
		switch x := in.(type) {
		case *ast.Create:
			x.AsText = ""
			in = nil
		case *ast.Unsupported:
			if x.Stmt != nil {
				x.Text = ""
			}
			in = nil
		case *ast.Explain:
			in = x.Stmt
		case *ast.Prepare:
			in = x.Stmt
		default:
			in = nil
		}
	}
	return ast.Dump(s, false)
}

func TestRoundTrip(t *testing.T) {
	for _, path := range []string{
		"testdata/roundtrip.sql",
		shared + "conformance/postgres/psql15-catalog-queries.sql",
		shared + "bench/nexmark.sql",
	} {
		t.Run(path, func(t *testing.T) {
			n := 0
			for _, text := range statements(t, path) {
				printed, diff := roundTrip(text, parser.Options{})
				if diff != "" {
					t.Errorf("%s\nprinted: %s\n%s", text, printed, diff)
					continue
				}
				n++
			}
			t.Logf("%d statements", n)
		})
	}
}

func TestRoundTripKSQL(t *testing.T) {
	for _, text := range statements(t, "testdata/ksql.sql") {
		if printed, diff := roundTrip(text, parser.Options{Dialect: parser.KSQL}); diff != "" {
			t.Errorf("%s\nprinted: %s\n%s", text, printed, diff)
		}
	}
}
