package parser_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
	"streamsql/sql/format"
	"streamsql/sql/parser"
)

// FuzzParse: no panic; an error points into the text; what parses prints to text that parses to the same tree.
func FuzzParse(f *testing.F) {
	for _, s := range statements(f, "testdata/roundtrip.sql") {
		f.Add(s, false)
	}
	data, err := os.ReadFile("testdata/errors.golden")
	if err != nil {
		f.Fatal(err)
	}
	for _, line := range strings.Split(string(data), "\n") {
		if !strings.HasPrefix(line, "\t") {
			f.Add(line, true)
		}
	}
	f.Fuzz(func(t *testing.T, text string, ksql bool) {
		if ksql {
			_, err := parser.Parse(text, parser.Options{Dialect: parser.KSQL})
			checkError(t, text, err)
		}
		stmts, err := parser.Parse(text, parser.Options{})
		checkError(t, text, err)
		for _, s := range stmts {
			if s.Start > s.End || s.End > len(text) {
				t.Fatalf("statement at %d..%d of %d bytes", s.Start, s.End, len(text))
			}
			printed := format.Stmt(s.Stmt)
			again, err := parser.Parse(printed, parser.Options{})
			if err != nil || len(again) != 1 {
				t.Fatalf("%q prints as %q: %d statements, %v\n%s", text, printed, len(again), err, ast.Dump(s.Stmt, false))
			}
			if a, b := dump(s.Stmt), dump(again[0].Stmt); a != b {
				t.Fatalf("%q prints as %q, which is another tree:\n%s\n%s", text, printed, a, b)
			}
		}
	})
}

func checkError(t *testing.T, text string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var pg *pgerr.Error
	if !errors.As(err, &pg) {
		t.Fatalf("%q: %T %v", text, err, err)
	}
	if pg.Code == pgerr.InternalError {
		t.Fatalf("%q: %v", text, err)
	}
	if pg.Code != pgerr.ProgramLimitExceeded && (pg.Pos < 0 || pg.Pos > len(text)) {
		t.Fatalf("%q: position %d: %v", text, pg.Pos, err)
	}
}
