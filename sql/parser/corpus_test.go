package parser_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"streamsql/sql/ast"
	"streamsql/sql/parser"
)

// conformance is where other engines' own tests lie (see the README there); no part of them is kept in this tree.
const conformance = "../../../shared/conformance/"

// files lists the files below a folder of the conformance data that match, or skips the test where there are none.
func files(t *testing.T, dir string, match func(string) bool) []string {
	t.Helper()
	if _, err := os.Stat(conformance + dir); err != nil {
		t.Skipf("no conformance data: %v", err)
	}
	var out []string
	err := filepath.WalkDir(conformance+dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && match(path) {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// tally counts what a corpus's statements come to.
type tally struct {
	t       *testing.T
	total   int
	reasons map[string][]string // by error or refusal: the statements
	named   map[string]int      // what is parsed and refused by name when run
	changed int                 // printed forms that do not parse to the same tree
}

func newTally(t *testing.T) *tally {
	return &tally{t: t, reasons: map[string][]string{}, named: map[string]int{}}
}

var errorPlace = regexp.MustCompile(`at or near .*`)

// parse parses a statement that its engine accepts.
func (c *tally) parse(text string, opt parser.Options) []parser.Parsed {
	c.total++
	stmts, err := parser.Parse(text, opt)
	if err != nil {
		key := errorPlace.ReplaceAllString(err.Error(), "at …")
		c.reasons[key] = append(c.reasons[key], err.Error()+"\n    "+text)
		return nil
	}
	for _, s := range stmts {
		if u, ok := s.Stmt.(*ast.Unsupported); ok {
			c.named[u.Feature]++
		}
	}
	if _, diff := roundTrip(text, opt); diff != "" {
		c.changed++
		c.t.Errorf("%s\n%s", text, diff)
	}
	return stmts
}

// report fails the test when less than want per cent are parsed.
func (c *tally) report(want float64) {
	bad := 0
	for _, key := range slices.Sorted(maps.Keys(c.reasons)) {
		list := c.reasons[key]
		bad += len(list)
		c.t.Logf("%d x %s", len(list), list[0])
		for _, s := range list[1:] {
			c.t.Logf("  also %s", s)
		}
	}
	for _, f := range slices.Sorted(maps.Keys(c.named)) {
		c.t.Logf("refused by name when run: %d x %s", c.named[f], f)
	}
	share := 100 * float64(c.total-bad) / float64(c.total)
	c.t.Logf("%d of %d statements parsed: %.2f %%", c.total-bad, c.total, share)
	if share < want {
		c.t.Errorf("%.2f %% of the statements parsed; at least %.2f %% expected", share, want)
	}
}

// ksqlCase is the part of a ksqlDB test that matters here.
type ksqlCase struct {
	ID                string
	Statements        []string
	ExpectedException *ksqlError
	ExpectedError     *ksqlError
}

type ksqlError struct{ Type, Message string }

// isSyntax reports an error of ksqlDB's grammar: its parser's other complaints are about meaning.
func (e *ksqlError) isSyntax() bool {
	return e != nil && strings.Contains(strings.ToLower(e.Message), "syntax error")
}

func (c *ksqlCase) err() *ksqlError {
	if c.ExpectedException != nil {
		return c.ExpectedException
	}
	return c.ExpectedError
}

// TestKsqldbCorpus parses what ksqlDB accepts, and checks that what its grammar refuses is refused here.
func TestKsqldbCorpus(t *testing.T) {
	c := newTally(t)
	refused := 0
	for _, path := range files(t, "ksqldb", func(p string) bool { return strings.HasSuffix(p, ".json") }) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var file struct{ Cases []ksqlCase }
		if err := json.Unmarshal(data, &file); err != nil {
			t.Fatal(path, err)
		}
		for _, k := range file.Cases {
			vars := map[string]string{}
			for i, text := range k.Statements {
				opt := parser.Options{Dialect: parser.KSQL, Variables: vars}
				if i < len(k.Statements)-1 || k.err() == nil {
					define(vars, c.parse(text, opt))
					continue
				}
				if !k.err().isSyntax() {
					continue // it must fail, but for its meaning
				}
				refused++
				if _, err := parser.Parse(text, opt); err == nil {
					t.Errorf("%s: ksqlDB refuses its grammar (%s); here it is parsed:\n%s", k.ID, k.err().Message, text)
				}
			}
		}
	}
	t.Logf("%d statements that ksqlDB's grammar refuses", refused)
	c.report(99)
}

// define keeps the variables that statements define, as a session does.
func define(vars map[string]string, stmts []parser.Parsed) {
	for _, s := range stmts {
		u, ok := s.Stmt.(*ast.Unsupported)
		if !ok {
			continue
		}
		if d, ok := u.Stmt.(*ast.Define); ok {
			if d.Drop {
				delete(vars, d.Name)
			} else {
				vars[d.Name] = d.Value
			}
		}
	}
}

var substitution = regexp.MustCompile(`\$\{?([a-zA-Z_]+)(:[^}]*)?\}?`)

// TestRisingwaveCorpus parses what RisingWave accepts.
func TestRisingwaveCorpus(t *testing.T) {
	c := newTally(t)
	match := func(p string) bool { return strings.Contains(filepath.Base(p), ".slt") }
	for _, path := range files(t, "risingwave", match) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		accepted, refused := sltStatements(string(data))
		for _, text := range accepted {
			c.parse(text, parser.Options{})
		}
		for _, text := range refused {
			stmts, err := parser.Parse(text, parser.Options{})
			if err != nil || risingwaveDeviations[strings.TrimSpace(text)] {
				continue
			}
			if _, ok := stmts[0].Stmt.(*ast.Unsupported); !ok {
				t.Errorf("RisingWave's grammar refuses this; here it is parsed:\n%s", text)
			}
		}
	}
	c.report(99)
}

// risingwaveDeviations are texts that RisingWave's grammar refuses and PostgreSQL's does not.
var risingwaveDeviations = map[string]bool{
	"select array[[array[1, 2]], [[3, 4]]];": true,
	`explain ("VERBOSE") select 1;`:          true,
}

// sltStatements returns the statements and queries of an .slt file that are to succeed, and those that its grammar refuses. A $name
// under "control substitution on" becomes a plain word.
func sltStatements(file string) (accepted, refused []string) {
	substitute := strings.Contains(file, "control substitution on")
	for lines := strings.Split(file, "\n"); len(lines) > 0; lines = lines[1:] {
		words := strings.Fields(lines[0])
		if len(words) < 2 || words[0] != "statement" && words[0] != "query" {
			continue
		}
		fails, syntax := words[1] == "error", strings.Contains(lines[0], "sql parser error")
		var text []string
		for lines = lines[1:]; len(lines) > 0; lines = lines[1:] {
			if strings.TrimSpace(lines[0]) == "" || strings.HasPrefix(lines[0], "----") {
				break // a message behind the line tells of grammar too
			}
			text = append(text, lines[0])
		}
		s := strings.Join(text, "\n")
		s = strings.ReplaceAll(s, "$view_type", "materialized view")
		if substitute {
			s = substitution.ReplaceAllString(s, "v_$1")
		}
		for _, l := range lines[:min(len(lines), 8)] {
			if !fails || strings.HasPrefix(l, "statement") || strings.HasPrefix(l, "query") {
				break
			}
			syntax = syntax || strings.Contains(l, "sql parser error")
		}
		switch {
		case !fails:
			accepted = append(accepted, s)
		case syntax:
			refused = append(refused, s)
		}
		if len(lines) == 0 {
			break
		}
	}
	return accepted, refused
}
