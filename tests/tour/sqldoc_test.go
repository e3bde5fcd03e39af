package tour

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
)

// errorMark is how docs/sql.md says that a statement fails: -- error SQLSTATE, after the statement.
var errorMark = regexp.MustCompile(`-- error ([0-9A-Z]{5})`)

// docStatement is one statement of a block, with the SQLSTATE it must end with ("": none).
type docStatement struct {
	sql  string
	code string
	line int
}

// statements splits a block: a statement ends with a line whose last character, comments aside, is a semicolon.
func statements(f fence) []docStatement {
	var out []docStatement
	var sql []string
	for i, l := range f.lines {
		code, comment, _ := strings.Cut(l, "-- ")
		sql = append(sql, code)
		if !strings.HasSuffix(strings.TrimSpace(code), ";") {
			continue
		}
		s := docStatement{sql: strings.TrimSpace(strings.Join(sql, "\n")), line: f.first + i + 1}
		if m := errorMark.FindStringSubmatch("-- " + comment); m != nil {
			s.code = m[1]
		}
		out = append(out, s)
		sql = nil
	}
	if len(sql) > 0 && strings.TrimSpace(strings.Join(sql, "")) != "" {
		out = append(out, docStatement{sql: strings.Join(sql, "\n"), code: "no semicolon", line: f.first})
	}
	return out
}

// TestSQL runs every SQL block of docs/sql.md in order against a fresh server. A block "json TOPIC" is produced into
// the topic; a text block after an SQL block shows its rows.
func TestSQL(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server")
	}
	p := startServer(t)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	conn, err := pgconn.Connect(ctx, p.url())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	d := readDocument(t, "docs/sql.md")
	printed := map[int]string{}
	ran := 0
	for i, f := range d.fences {
		if topic, ok := strings.CutPrefix(f.info, "json "); ok {
			produceLines(t, p, topic, f.lines)
			continue
		}
		if f.info != "sql" {
			continue
		}
		text, want := strings.Join(f.lines, "\n"), d.expected(i)
		if *rewrite {
			time.Sleep(200 * time.Millisecond)
		}
		got := runBlock(ctx, t, conn, f)
		for deadline := time.Now().Add(5 * time.Second); !same(got, want) && !changes.MatchString(text) && time.Now().Before(deadline) && !*rewrite && d.output(i) >= 0; {
			got = runBlock(ctx, t, conn, f) // what was produced just before is on its way into the views
		}
		printed[i] = got
		ran += len(statements(f))
		if d.output(i) >= 0 && !same(got, want) && !*rewrite {
			t.Errorf("docs/sql.md:%d:\n%s\n--- printed\n%s\n--- but the document says\n%s", f.first, text, got, want)
		}
	}
	if ran < 100 {
		t.Errorf("only %d statements were run: the document or its reading is broken", ran)
	}
	if *rewrite {
		d.rewriteWith(t, printed)
	}
}

func produceLines(t *testing.T, p ports, topic string, lines []string) {
	t.Helper()
	topic, key, keyed := strings.Cut(topic, " key=")
	args := []string{"produce", topic, "--brokers", "127.0.0.1:" + p.kafka}
	if keyed {
		args = append(args, "--key", key)
	}
	cmd := exec.Command(binary, args...)
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("produce %s: %v\n%s", topic, err, out)
	}
}

// runBlock runs a block's statements and returns their rows as tables.
func runBlock(ctx context.Context, t *testing.T, conn *pgconn.PgConn, f fence) string {
	t.Helper()
	var out bytes.Buffer
	for _, s := range statements(f) {
		rs, err := conn.Exec(ctx, s.sql).ReadAll()
		code := ""
		var pe *pgconn.PgError
		if errors.As(err, &pe) {
			code = pe.Code
		} else if err != nil {
			t.Fatalf("docs/sql.md:%d: %s: %v", s.line, s.sql, err)
		}
		if code != s.code {
			t.Errorf("docs/sql.md:%d: %s\nended with %q (%v); the document says %q", s.line, s.sql, code, err, s.code)
		}
		for _, r := range rs {
			if len(r.FieldDescriptions) > 0 && r.Err == nil {
				printTable(&out, r)
			}
		}
	}
	return clean(out.String())
}

// printTable prints a result's rows in aligned columns.
func printTable(out *bytes.Buffer, r *pgconn.Result) {
	table := [][]string{nil}
	for _, f := range r.FieldDescriptions {
		table[0] = append(table[0], f.Name)
	}
	for _, row := range r.Rows {
		var vals []string
		for _, v := range row {
			if v == nil {
				vals = append(vals, "NULL")
				continue
			}
			vals = append(vals, string(v))
		}
		table = append(table, vals)
	}
	width := make([]int, len(table[0]))
	for _, row := range table {
		for c, v := range row {
			width[c] = max(width[c], utf8.RuneCountInString(v))
		}
	}
	for i, row := range table {
		line := ""
		for c, v := range row {
			if c > 0 {
				line += " | "
			}
			line += v + strings.Repeat(" ", width[c]-utf8.RuneCountInString(v))
		}
		out.WriteString(" " + strings.TrimRight(line, " ") + "\n")
		if i == 0 {
			for c, w := range width {
				if c > 0 {
					out.WriteString("+")
				}
				out.WriteString(strings.Repeat("-", w+2))
			}
			out.WriteString("\n")
		}
	}
	out.WriteString("\n")
}
