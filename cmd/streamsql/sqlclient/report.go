package sqlclient

import (
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// lineMax is how many characters of the statement's line an error shows, as psql's on a narrow terminal.
const lineMax = 72

// printError shows an error or notice of the server like psql: message, the line with a caret, detail, hint.
func printError(w io.Writer, e *pgconn.PgError, text string) {
	severity := e.SeverityUnlocalized
	if severity == "" {
		severity = e.Severity
	}
	fmt.Fprintf(w, "%s:  %s\n", severity, e.Message)
	if e.Position > 0 {
		printLine(w, []rune(text), int(e.Position)-1)
	}
	if e.Detail != "" {
		fmt.Fprintf(w, "DETAIL:  %s\n", e.Detail)
	}
	if e.Hint != "" {
		fmt.Fprintf(w, "HINT:  %s\n", e.Hint)
	}
}

// printLine shows the line of text that character at lies in, and points at it.
func printLine(w io.Writer, text []rune, at int) {
	if at > len(text) {
		return
	}
	number, start := 1, 0
	for i, r := range text[:at] {
		if r == '\n' {
			number, start = number+1, i+1
		}
	}
	end := at
	for end < len(text) && text[end] != '\n' && text[end] != '\r' {
		end++
	}
	line, column := text[start:end], at-start
	before, after := "", ""
	if column > lineMax*2/3 {
		cut := column - lineMax/2
		line, column, before = line[cut:], column-cut+3, "..."
	}
	if len(line) > lineMax {
		line, after = line[:lineMax], "..."
	}
	head := fmt.Sprintf("LINE %d: ", number)
	fmt.Fprintf(w, "%s%s%s%s\n", head, before, strings.ReplaceAll(string(line), "\t", " "), after)
	fmt.Fprintf(w, "%*s^\n", len(head)+column, "")
}
