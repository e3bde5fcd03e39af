package parser_test

import (
	"errors"
	"flag"
	"math/rand"
	"os"
	"strings"
	"testing"

	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
	"streamsql/sql/format"
	"streamsql/sql/parser"
	"streamsql/sql/token"
)

var seed = flag.Int64("seed", 1, "seed of the random texts")

// TestRandomTokens checks the law of FuzzParse on the corpus with tokens dropped, doubled, swapped and taken from
// other statements: texts that come near to being right.
func TestRandomTokens(t *testing.T) {
	g := rand.New(rand.NewSource(*seed))
	var all [][]string
	for _, text := range append(statements(t, "testdata/roundtrip.sql"), statements(t, "testdata/ksql.sql")...) {
		toks, err := token.LexKSQL(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, k := range toks[:len(toks)-1] {
			words = append(words, text[k.Pos:k.End])
		}
		all = append(all, words)
	}
	for range 6000 {
		words := append([]string(nil), all[g.Intn(len(all))]...)
		for range 1 + g.Intn(3) {
			i := g.Intn(len(words))
			other := all[g.Intn(len(all))]
			switch g.Intn(4) {
			case 0:
				words = append(words[:i], words[i+1:]...)
			case 1:
				words[i] = other[g.Intn(len(other))]
			case 2:
				words = append(words[:i+1], words[i:]...)
			default:
				j := g.Intn(len(words))
				words[i], words[j] = words[j], words[i]
			}
			if len(words) == 0 {
				break
			}
		}
		near := strings.Join(words, " ")
		checkLaw(t, near, parser.Options{})
		checkLaw(t, near, parser.Options{Dialect: parser.KSQL})
	}
}

// FuzzParse: no panic; an error points into the text; what parses prints to text that parses to the same tree.
func FuzzParse(f *testing.F) {
	for _, s := range statements(f, "testdata/roundtrip.sql") {
		f.Add(s, false)
	}
	for _, s := range statements(f, "testdata/ksql.sql") {
		f.Add(s, true)
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
			checkLaw(t, text, parser.Options{Dialect: parser.KSQL})
			return
		}
		checkLaw(t, text, parser.Options{})
	})
}

// checkLaw checks one text.
func checkLaw(t *testing.T, text string, opt parser.Options) {
	t.Helper()
	stmts, err := parser.Parse(text, opt)
	checkError(t, text, err)
	for _, s := range stmts {
		if s.Start > s.End || s.End > len(text) {
			t.Fatalf("statement at %d..%d of %d bytes", s.Start, s.End, len(text))
		}
		printed := format.Stmt(s.Stmt)
		if opt.Dialect == parser.KSQL {
			printed = format.KSQL(s.Stmt)
		}
		again, err := parser.Parse(printed, opt)
		if err != nil || len(again) != 1 {
			t.Fatalf("%q prints as %q: %d statements, %v\n%s", text, printed, len(again), err, ast.Dump(s.Stmt, false))
		}
		if a, b := dump(s.Stmt), dump(again[0].Stmt); a != b {
			t.Fatalf("%q prints as %q, which is another tree:\n%s\n%s", text, printed, a, b)
		}
	}
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
