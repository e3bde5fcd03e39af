package sqllogic

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

var (
	oracleURL = flag.String("oracle", "", "URL of a PostgreSQL 15 server that says what is right; TestOracle is skipped without it")
	rewrite   = flag.Bool("rewrite", false, "with -oracle: write PostgreSQL's answers into the files")
)

// TestOracle runs every file on PostgreSQL and compares, or with -rewrite fills in, its answers: rows, types and
// SQLSTATEs. Records after "onlyif streamsql" are ours alone and are left as they are, unless a comment between says what
// to ask PostgreSQL instead: "# oracle: SELECT …".
func TestOracle(t *testing.T) {
	if *oracleURL == "" {
		t.Skip("no -oracle URL given")
	}
	files, err := filepath.Glob("*.slt")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(f, ".slt"), func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			got, err := askOracle(*oracleURL, string(text))
			switch {
			case err != nil:
				t.Fatal(err)
			case got == string(text):
			case *rewrite:
				if err := os.WriteFile(f, []byte(got), 0o644); err != nil { //nolint:gosec // a file of the tree
					t.Fatal(err)
				}
			default:
				t.Errorf("PostgreSQL disagrees:\n%s", lineDiff(string(text), got))
			}
		})
	}
}

// lineDiff lists the lines that are in one text only, in order of the second.
func lineDiff(want, got string) string {
	have := map[string]int{}
	for _, l := range strings.Split(want, "\n") {
		have[l]++
	}
	var out []string
	for i, l := range strings.Split(got, "\n") {
		if have[l]--; have[l] < 0 {
			out = append(out, fmt.Sprintf("%d: %s", i+1, l))
		}
	}
	return strings.Join(out, "\n")
}

// oracle is a scratch database on PostgreSQL and the connections to it.
type oracle struct {
	url   string
	conns map[string]*pgconn.PgConn
	name  string
}

// askOracle returns the text of a file with PostgreSQL's answers in it.
func askOracle(url, text string) (string, error) {
	ctx := context.Background()
	admin, err := pgconn.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer admin.Close(ctx)
	o := &oracle{url: url, conns: map[string]*pgconn.PgConn{}}
	db := fmt.Sprintf("sqllogic_%d", os.Getpid())
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+db).ReadAll(); err != nil {
		return "", err
	}
	defer func() {
		for _, c := range o.conns {
			_ = c.Close(ctx)
		}
		_, _ = admin.Exec(ctx, "DROP DATABASE "+db).ReadAll()
	}()
	cfg, err := pgconn.ParseConfig(url)
	if err != nil {
		return "", err
	}
	cfg.Database = db
	cfg.RuntimeParams["timezone"] = "UTC"
	var out []string
	ours := false
	for _, part := range strings.Split(text, "\n\n") {
		lines := strings.Split(strings.Trim(part, "\n"), "\n")
		head, instead := 0, ""
		for head < len(lines) && !strings.HasPrefix(lines[head], "statement") && !strings.HasPrefix(lines[head], "query") {
			f := strings.Fields(lines[head])
			if len(f) > 1 && f[0] == "onlyif" && f[1] == "streamsql" {
				ours = true
			}
			if len(f) > 0 && f[0] == "connection" {
				o.name = strings.Join(f[1:], " ")
			}
			if q, ok := strings.CutPrefix(lines[head], "# oracle: "); ok && ours {
				instead, ours = q, false
			}
			head++
		}
		if head == len(lines) || ours {
			out = append(out, strings.Join(lines, "\n"))
			ours = ours && head == len(lines)
			continue
		}
		if o.conns[o.name] == nil {
			if o.conns[o.name], err = pgconn.ConnectConfig(ctx, cfg); err != nil {
				return "", err
			}
		}
		out = append(out, strings.Join(append(lines[:head:head], o.answer(ctx, lines[head:], instead)...), "\n"))
	}
	return strings.Join(out, "\n\n") + "\n", nil
}

// Words of our dialect for which PostgreSQL has others.
var (
	materialized = regexp.MustCompile(`(?i)\bmaterialized view\b`)
	stream       = regexp.MustCompile(`(?i)^(create|drop) stream\b`)
)

// answer runs one record, or what stands for it, and returns its lines with what PostgreSQL says.
func (o *oracle) answer(ctx context.Context, lines []string, instead string) []string {
	sql := lines[1:]
	for i, l := range sql {
		if strings.HasPrefix(l, "----") {
			sql = sql[:i]
			break
		}
	}
	if instead == "" {
		instead = materialized.ReplaceAllString(strings.Join(sql, "\n"), "view")
		instead = stream.ReplaceAllString(instead, "$1 table")
	}
	rs, err := o.conns[o.name].Exec(ctx, instead).ReadAll()
	var pe *pgconn.PgError
	switch {
	case errors.As(err, &pe):
		return append([]string{"statement error " + pe.Code}, sql...)
	case err != nil:
		return append([]string{"statement error " + err.Error()}, sql...)
	case len(rs) == 0 || len(rs[len(rs)-1].FieldDescriptions) == 0:
		return append([]string{"statement ok"}, sql...)
	}
	last := rs[len(rs)-1]
	head := "query " + typeLetters(last)
	if strings.Contains(lines[0], "rowsort") {
		head += " rowsort"
	}
	r := &Record{}
	return append(append(append([]string{head}, sql...), "----"), lineRows(r, textRows(last))...)
}

// typeLetters says I, R, B or T for each column.
func typeLetters(r *pgconn.Result) string {
	var out []byte
	for _, f := range r.FieldDescriptions {
		switch f.DataTypeOID {
		case 20, 21, 23, 26:
			out = append(out, 'I')
		case 700, 701, 1700:
			out = append(out, 'R')
		case 16:
			out = append(out, 'B')
		default:
			out = append(out, 'T')
		}
	}
	return string(out)
}
