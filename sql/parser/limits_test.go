package parser_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
	"streamsql/sql/parser"
)

func code(text string) string {
	_, err := parser.Parse(text, parser.Options{})
	var pg *pgerr.Error
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// TestLimits: texts at a bound parse, texts above it are refused with their code and in good time.
func TestLimits(t *testing.T) {
	nest := func(open, x, close string, n int) string {
		return "SELECT " + strings.Repeat(open, n) + x + strings.Repeat(close, n)
	}
	chain := func(x, link string, n int) string { return "SELECT " + x + strings.Repeat(link, n) }
	for _, c := range []struct{ name, text, code string }{
		{"parentheses", nest("(", "1", ")", 150), ""},
		{"too many parentheses", nest("(", "1", ")", 300000), pgerr.StatementTooComplex},
		{"open parentheses", nest("(", "1", "", 1000000), pgerr.StatementTooComplex},
		{"subqueries", nest("(select ", "1", ")", 90), ""},
		{"too many subqueries", nest("(select ", "1", ")", 1000), pgerr.StatementTooComplex},
		{"query parentheses", nest("(", "select 1", ")", 200000), pgerr.StatementTooComplex},
		{"query parentheses and a tail", strings.Repeat("(", 190) + "select 1" + strings.Repeat(")", 190), ""},
		{"NOT", nest("not ", "a", "", 201), pgerr.StatementTooComplex},
		{"minus", nest("- ", "1", "", 100000), pgerr.StatementTooComplex},
		{"prefix operators", nest("~ ", "1", "", 100000), pgerr.StatementTooComplex},
		{"arrays", nest("array[", "1", "]", 1000), pgerr.StatementTooComplex},
		{"calls", nest("f(", "1", ")", 1000), pgerr.StatementTooComplex},
		{"CASE", nest("case when a then ", "1", " end", 1000), pgerr.StatementTooComplex},
		{"types", "SELECT CAST(a AS " + strings.Repeat("array<", 1000) + "int" + strings.Repeat("> ", 1000) + ")", pgerr.StatementTooComplex},
		{"joins in parentheses", "SELECT * FROM " + strings.Repeat("(", 1000) + "a", pgerr.StatementTooComplex},
		{"nested ON", "SELECT * FROM a" + strings.Repeat(" JOIN b", 1000) + strings.Repeat(" ON true", 1000), pgerr.StatementTooComplex},
		{"EXPLAIN", strings.Repeat("EXPLAIN ", 1000) + "SELECT 1", pgerr.StatementTooComplex},
		{"additions", chain("1", "+1", 9000), ""},
		{"too many additions", chain("1", "+1", 100000), pgerr.StatementTooComplex},
		{"concatenations", chain("a", "||a", 9000), ""},
		{"casts", chain("a", "::int", 9000), ""},
		{"too many casts", chain("a", "::int", 100000), pgerr.StatementTooComplex},
		{"too many subscripts", chain("a", "[1]", 100000), pgerr.StatementTooComplex},
		{"too many IS NULL", chain("a", " is null", 100000), pgerr.StatementTooComplex},
		{"unions", chain("1", " union select 1", 5000), ""},
		{"too many unions", chain("1", " union select 1", 20000), pgerr.StatementTooComplex},
		{"too many joins", "SELECT * FROM a" + strings.Repeat(" CROSS JOIN b", 20000), pgerr.StatementTooComplex},
		{"too many commas in FROM", "SELECT * FROM a" + strings.Repeat(",b", 20000), pgerr.StatementTooComplex},
		{"values", "INSERT INTO t VALUES (1,'a')" + strings.Repeat(",(1,'a')", 50000), ""},
		{"text", "SELECT '" + strings.Repeat("x", 1<<20) + "'", pgerr.ProgramLimitExceeded},
		{"decimal", "SELECT " + strings.Repeat("9", 1000) + "." + strings.Repeat("9", 1000), ""},
		{"hexadecimal", "SELECT 0x" + strings.Repeat("f", 10000), pgerr.SyntaxError},
		{"parameter", "SELECT $65536", pgerr.SyntaxError},
		{"parameter zero", "SELECT $0", pgerr.UndefinedParameter},
		{"reserved byte", "SELECT \"a\x1fb\"", pgerr.InvalidName},
		{"zero byte", "SELECT 'a\x00b'", pgerr.CharacterNotInRepertoire},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := code(c.text); got != c.code {
				t.Errorf("code %q, want %q", got, c.code)
			}
		})
	}
}

func TestDialect(t *testing.T) {
	const text = "SELECT Foo.Bar, `quoted`, Count(*) FROM s WITHIN_1 WHERE Transform(a, x => X + 1) IS NULL"
	for _, c := range []struct {
		dialect parser.Dialect
		want    string
	}{
		{parser.Postgres, "[foo bar] [quoted] [s] within_1 [transform] [x] [x]"},
		{parser.KSQL, "[FOO BAR] [quoted] [S] WITHIN_1 [transform] [X] [X]"},
	} {
		stmts, err := parser.Parse(text, parser.Options{Dialect: c.dialect})
		if err != nil {
			t.Fatal(err)
		}
		dump := ast.Dump(stmts[0].Stmt, false)
		for _, want := range strings.Fields(strings.NewReplacer("[", "", "]", "").Replace(c.want)) {
			if !strings.Contains(dump, want) {
				t.Errorf("dialect %d: no %s in\n%s", c.dialect, want, dump)
			}
		}
	}
}

func TestParseType(t *testing.T) {
	typ, err := parser.ParseType(`pg_catalog."Numeric"(10, -2)[][3]`)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(ast.Dump(typ, false)); got != "TypeName Name=[pg_catalog Numeric] Mods=[10 -2] Dims=2" {
		t.Error(got)
	}
	for _, bad := range []string{"", "int int", "select", "int[", "map<int>", "setof int"} {
		if _, err := parser.ParseType(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

func TestCheckEnvironment(t *testing.T) {
	if err := parser.CheckEnvironment(); err != nil {
		t.Error(err)
	}
	t.Setenv("GO_FAILPOINTS_HTTP", "127.0.0.1:0")
	if parser.CheckEnvironment() == nil {
		t.Error("no error")
	}
}

// TestConcurrent parses on many goroutines and compares with one: parsers are pooled.
func TestConcurrent(t *testing.T) {
	texts := statements(t, "testdata/roundtrip.sql")
	want := make([]string, len(texts))
	for i, text := range texts {
		want[i] = dumpAll(text)
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range texts {
				i = (i + w*50) % len(texts)
				if got := dumpAll(texts[i]); got != want[i] {
					t.Errorf("%s: another tree", texts[i])
				}
			}
		})
	}
	wg.Wait()
}

func dumpAll(text string) string {
	stmts, err := parser.Parse(text, parser.Options{})
	if err != nil {
		return err.Error()
	}
	return ast.Dump(stmts[0].Stmt, true)
}
