package sqllogic

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Dialect is the flavour of a file.
type Dialect string

// The dialects: ours is PostgreSQL's sqllogictest, one row a line.
const (
	Postgres   Dialect = "postgres"
	SQLite     Dialect = "sqlite"
	RisingWave Dialect = "risingwave"
)

// Record is one statement or query of a file.
type Record struct {
	File  string
	Line  int
	Query bool
	SQL   string
	// Err, if set, is what must fail: an SQLSTATE of five characters, or a regular expression for the message. "." is
	// any error.
	Err      string
	Types    string // of the columns: T, I, R, B
	Sort     string // "", "rowsort", "valuesort"
	Expected []string
	Conn     string // connection's name, "" = the default one
}

var fiveCode = regexp.MustCompile(`^[0-9A-Z]{5}$`)

// matchesErr reports whether an error is the expected one.
func (r *Record) matchesErr(code, msg string) bool {
	if fiveCode.MatchString(r.Err) {
		return code == r.Err
	}
	re, err := regexp.Compile("(?i)" + r.Err)
	return err != nil || re.MatchString(msg)
}

// Load reads a file and what it includes.
func Load(path string, d Dialect) ([]Record, error) {
	p := &fileParser{dialect: d}
	if err := p.load(path, 0); err != nil {
		return nil, err
	}
	return p.out, nil
}

// includeDepthMax bounds include of include.
const includeDepthMax = 8

type fileParser struct {
	dialect Dialect
	out     []Record
	conn    string
	skip    bool
	halted  bool
}

func (p *fileParser) load(path string, depth int) error {
	if depth > includeDepthMax {
		return fmt.Errorf("%s: includes nest too deeply", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	for i := 0; i < len(lines) && !p.halted; {
		l := strings.TrimSpace(lines[i])
		if l == "" || strings.HasPrefix(l, "#") {
			i++
			continue
		}
		f := strings.Fields(l)
		switch f[0] {
		case "statement", "query":
			i = p.record(path, lines, i)
			continue
		case "include":
			if err := p.include(path, f, depth); err != nil {
				return err
			}
		case "skipif", "onlyif":
			p.condition(f)
		case "halt":
			p.halted = !p.skip
			p.skip = false
		case "connection":
			p.conn = strings.Join(f[1:], " ")
		case "system", "simple", "multiline", "let":
			for i < len(lines) && strings.TrimSpace(lines[i]) != "" {
				i++
			}
		case "hash-threshold", "control", "sleep", "subtest":
		default:
			return fmt.Errorf("%s:%d: unknown directive %q", path, i+1, f[0])
		}
		i++
	}
	return nil
}

func (p *fileParser) include(path string, f []string, depth int) error {
	if len(f) < 2 {
		return fmt.Errorf("%s: include without a file", path)
	}
	ms, err := filepath.Glob(filepath.Join(filepath.Dir(path), f[1]))
	if err != nil {
		return err
	}
	for _, m := range ms {
		if err := p.load(m, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// condition handles skipif and onlyif: we answer as PostgreSQL does, and to our own name.
func (p *fileParser) condition(f []string) {
	if len(f) < 2 {
		return
	}
	us := strings.HasPrefix(f[1], "postgres") || f[1] == "streamsql"
	if f[0] == "skipif" && us || f[0] == "onlyif" && !us {
		p.skip = true
	}
}

// record reads one statement or query and returns the line after it.
func (p *fileParser) record(path string, lines []string, i int) int {
	f := strings.Fields(lines[i])
	r := Record{File: path, Line: i + 1, Query: f[0] == "query", Conn: p.conn}
	rest := f[1:]
	if len(rest) > 0 {
		switch rest[0] {
		case "error":
			r.Err = strings.Join(rest[1:], " ")
			if r.Err == "" {
				r.Err = "."
			}
		case "ok", "count":
		default:
			r.Types = rest[0]
		}
		for _, w := range rest[1:] {
			if w == "rowsort" || w == "valuesort" {
				r.Sort = w
			}
		}
	}
	var sql []string
	i++
	for ; i < len(lines) && strings.TrimSpace(lines[i]) != "" && !strings.HasPrefix(lines[i], "----"); i++ {
		sql = append(sql, lines[i])
	}
	if i < len(lines) && strings.HasPrefix(lines[i], "----") {
		for i++; i < len(lines) && strings.TrimSpace(lines[i]) != ""; i++ {
			r.Expected = append(r.Expected, lines[i])
		}
	}
	r.SQL = strings.Join(sql, "\n")
	if p.skip {
		p.skip = false
		return i
	}
	p.out = append(p.out, r)
	return i
}
