package parser_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/sql/parser"
)

// TestErrorsAsPostgreSQL compares code, position and message of the errors of broken statements with what PostgreSQL 15
// said, recorded in errors.golden: a statement on one line; on the next one, behind a tab, "ok" or SQLSTATE, position in
// characters from 1, message.
func TestErrorsAsPostgreSQL(t *testing.T) {
	data, err := os.ReadFile("testdata/errors.golden")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		text, want := lines[i], strings.TrimPrefix(lines[i+1], "\t")
		if ours, ok := deviations[text]; ok {
			want = ours
		}
		if got := complaint(text); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

// deviations are the statements about which we differ from PostgreSQL on purpose.
var deviations = map[string]string{
	// PostgreSQL takes an operator's word for a column label when nothing follows it.
	"SELECT a IS":      "42601 12 syntax error at end of input",
	"SELECT a AND":     "42601 13 syntax error at end of input",
	"SELECT a COLLATE": "42601 17 syntax error at end of input",
	// The modifiers of a type are numbers.
	"SELECT a::numeric(x)": `42601 19 syntax error at or near "x"`,
}

// complaint returns how a text is refused.
func complaint(text string) string {
	_, err := parser.Parse(text, parser.Options{})
	if err == nil {
		return "ok"
	}
	var pg *pgerr.Error
	if !errors.As(err, &pg) {
		return err.Error()
	}
	if pg.Pos < 0 || pg.Pos > len(text) {
		return fmt.Sprintf("position %d of %d bytes", pg.Pos, len(text))
	}
	return fmt.Sprintf("%s %d %s", pg.Code, utf8.RuneCountInString(text[:pg.Pos])+1, pg.Msg)
}
