package sqllogic

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"
)

// Mode is a way to run a file.
type Mode string

// The modes.
const (
	Plain       Mode = "plain"
	Wire        Mode = "wire"
	ViewBefore  Mode = "view-before"
	ViewAfter   Mode = "view-after"
	RandomTicks Mode = "random-ticks"
	Restart     Mode = "restart"
)

// Modes are all of them.
var Modes = []Mode{Plain, Wire, ViewBefore, ViewAfter, RandomTicks, Restart}

// Options say what to run and how. The zero value of all but Paths works.
type Options struct {
	Paths   []string
	Dialect Dialect // default Postgres
	Mode    Mode    // default Plain
	Seed    uint64  // of random-ticks and restart; default 1
	Verbose bool    // print every failure in full, not the first lines
	// Timeout bounds one record; default 30s.
	Timeout time.Duration
}

// Totals count records.
type Totals struct{ Passed, Failed, Skipped int }

// Main runs files and prints failures and, last, "N passed, M failed, K skipped".
func Main(ctx context.Context, opt Options, out io.Writer) (Totals, error) {
	var all Totals
	files, err := expand(opt.Paths)
	if err != nil {
		return all, err
	}
	for _, f := range files {
		t, err := RunFile(ctx, f, opt, out)
		if err != nil {
			return all, fmt.Errorf("%s: %w", f, err)
		}
		if len(files) > 1 {
			fmt.Fprintf(out, "%-60s %5d passed %5d failed %5d skipped\n", f, t.Passed, t.Failed, t.Skipped)
		}
		all.Passed, all.Failed, all.Skipped = all.Passed+t.Passed, all.Failed+t.Failed, all.Skipped+t.Skipped
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", all.Passed, all.Failed, all.Skipped)
	return all, nil
}

// expand lists the files of paths: folders are searched for .slt and .test files.
func expand(paths []string) ([]string, error) {
	var out []string
	for _, p := range paths {
		st, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		if !st.IsDir() {
			out = append(out, p)
			continue
		}
		err = filepath.WalkDir(p, func(f string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && (strings.HasSuffix(f, ".slt") || strings.HasSuffix(f, ".test")) {
				out = append(out, f)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	sort.Strings(out)
	return out, nil
}

// runner runs one file.
type runner struct {
	opt    Options
	db     *database
	rnd    *rand.Rand
	out    io.Writer
	recs   []Record
	totals Totals
	// views are the materialized views that stand for queries of the file, by record number; tried are those for which
	// making one failed otherwise than by a missing relation.
	views map[int]string
	tried map[int]bool
	// refused counts the records of other engines' files that were refused with 0A000, by reason; missing are the
	// relations that are not there because of that.
	refused map[string]int
	missing map[string]bool
}

// RunFile runs one file on a database of its own.
func RunFile(ctx context.Context, file string, opt Options, out io.Writer) (Totals, error) {
	if opt.Dialect == "" {
		opt.Dialect = Postgres
	}
	if opt.Mode == "" {
		opt.Mode = Plain
	}
	if opt.Seed == 0 {
		opt.Seed = 1
	}
	if opt.Timeout == 0 {
		opt.Timeout = 30 * time.Second
	}
	if !slices.Contains(Modes, opt.Mode) {
		return Totals{}, fmt.Errorf("unknown mode %q", opt.Mode)
	}
	recs, err := Load(file, opt.Dialect)
	if err != nil {
		return Totals{}, err
	}
	r := &runner{opt: opt, out: out, recs: recs, rnd: rand.New(rand.NewPCG(opt.Seed, 42)), views: map[int]string{}, tried: map[int]bool{}, refused: map[string]int{}, missing: map[string]bool{}}
	var ticks *rand.Rand
	if opt.Mode == RandomTicks {
		ticks = rand.New(rand.NewPCG(opt.Seed, 43))
	}
	if r.db, err = newDatabase(ctx, opt.Mode == Wire, ticks); err != nil {
		return Totals{}, err
	}
	defer r.db.close()
	for i := range recs {
		if err := r.record(ctx, i); err != nil {
			return r.totals, err
		}
	}
	for _, why := range slices.Sorted(maps.Keys(r.refused)) {
		fmt.Fprintf(out, "%s: %d skipped: %s\n", file, r.refused[why], why)
	}
	return r.totals, nil
}

// accepted are statements of other engines' files that have no meaning here and are counted as done.
var accepted = regexp.MustCompile(`(?i)^\s*(set\s+(rw_|streaming_|batch_|query_mode|background|create_compaction|visibility|enable_|sink_|synchronize|implicit)|flush\b|wait\b|recover\b|alter\s+system|reindex\b|create\s+(unique\s+)?index|drop\s+index)`)

func (r *runner) record(ctx context.Context, i int) error {
	rec := &r.recs[i]
	ctx, cancel := context.WithTimeout(ctx, r.opt.Timeout)
	defer cancel()
	if r.opt.Dialect != Postgres {
		if !rec.Query && accepted.MatchString(rec.SQL) || strings.Contains(rec.SQL, "${") {
			r.totals.Skipped++
			return nil
		}
		rec.SQL = appendOnly.ReplaceAllString(rec.SQL, ")")
		rec.SQL = uniqueColumn.ReplaceAllString(rec.SQL, "$1")
	}
	if r.opt.Mode == Restart && rec.Query && r.rnd.IntN(4) == 0 && !r.bound(i) {
		if err := r.db.restart(r.rnd.IntN(3) == 0); err != nil {
			return fmt.Errorf("restart before line %d: %w", rec.Line, err)
		}
	}
	rows, err := r.run(ctx, i)
	switch {
	case rec.Err != "":
		var s *sqlError
		switch {
		case err == nil:
			r.fail(rec, "an error was expected: "+rec.Err)
		case !errors.As(err, &s):
			return err
		case !rec.matchesErr(s.code, s.msg):
			r.fail(rec, fmt.Sprintf("got error %s: %s", s.code, s.msg))
		default:
			r.totals.Passed++
		}
	case err != nil:
		if r.opt.Dialect != Postgres && r.isRefused(rec, err) {
			r.totals.Skipped++
			break
		}
		r.fail(rec, errorText(err))
	case rec.Query:
		if diff := compare(r.opt.Dialect, rec, rows); diff != "" {
			r.fail(rec, diff)
		} else {
			r.totals.Passed++
		}
	default:
		r.totals.Passed++
	}
	if r.opt.Mode == ViewBefore && !rec.Query && err == nil && isDDL(rec.SQL) {
		r.makeViews(ctx, i)
	}
	return nil
}

// uniqueColumn is a constraint that is refused here; SQLite's files use it for tables that get no duplicates, as they make
// unique indexes, which count as done too.
var uniqueColumn = regexp.MustCompile(`(?i)^(\s*create\s+table\b[^,]*?)\s+unique\b`)

// appendOnly is what RisingWave says of a table that only grows.
var appendOnly = regexp.MustCompile(`(?i)\)\s*append\s+only\b`)

var (
	created  = regexp.MustCompile(`(?i)^\s*create\s+(?:or\s+replace\s+)?(?:table|source|stream|(?:materialized\s+)?view|sink|function)\s+(?:if\s+not\s+exists\s+)?"?(\w+)`)
	absentee = regexp.MustCompile(`^(?:relation|table|materialized view|view|function) "?(?:\w+\.)?(\w+)`)
)

// isRefused reports whether a record of another engine's file failed because it is refused by name, or reads what is
// not there because its CREATE failed: what is not supported yet is no wrong answer.
func (r *runner) isRefused(rec *Record, err error) bool {
	var s *sqlError
	if !errors.As(err, &s) {
		return false
	}
	if m := created.FindStringSubmatch(rec.SQL); m != nil {
		r.missing[strings.ToLower(m[1])] = true // what reads it counts no second time
	}
	switch s.code {
	case "0A000":
		r.refused[s.msg]++
	case "42P01", "42883":
		m := absentee.FindStringSubmatch(s.msg)
		return m != nil && r.missing[m[1]]
	default:
		return false
	}
	return true
}

func errorText(err error) string {
	var s *sqlError
	if errors.As(err, &s) {
		return "error " + s.code + ": " + s.msg
	}
	return err.Error()
}

var ddl = regexp.MustCompile(`(?i)^\s*create\s`)

func isDDL(sql string) bool { return ddl.MatchString(sql) }

// bound reports whether record i hangs on what its session has: an open transaction on any connection, which a restart
// would end and of which a view sees nothing, or settings, prepared statements and cursors, which a restart would lose.
func (r *runner) bound(i int) bool {
	open, state := map[string]bool{}, map[string]bool{}
	for _, rec := range r.recs[:i] {
		w := strings.Fields(strings.ToLower(strings.Trim(rec.SQL, "; \n")) + " ;")[0]
		switch w {
		case "begin", "start":
			open[rec.Conn] = true
		case "commit", "end", "rollback", "abort":
			delete(open, rec.Conn)
		case "set", "prepare", "declare":
			state[rec.Conn] = true
		case "reset", "deallocate", "close", "discard":
			delete(state, rec.Conn)
		}
	}
	return len(open)+len(state) > 0
}

func (r *runner) fail(rec *Record, why string) {
	r.totals.Failed++
	if !r.opt.Verbose && len(why) > 600 {
		why = why[:600] + "…"
	}
	fmt.Fprintf(r.out, "%s:%d: %s\n%s\n\n", rec.File, rec.Line, strings.Join(strings.Fields(rec.SQL), " "), why)
}

// run runs a record as its mode says: the views modes read a view instead of the query where one could be made.
func (r *runner) run(ctx context.Context, i int) (Rows, error) {
	rec := &r.recs[i]
	c, err := r.db.conn(rec.Conn)
	if err != nil {
		return nil, err
	}
	if rec.Query && rec.Err == "" && !r.bound(i) {
		switch r.opt.Mode {
		case ViewBefore:
			if v := r.views[i]; v != "" {
				r.sorted(rec)
				return c.run(ctx, "SELECT * FROM "+v)
			}
		case ViewAfter:
			if ok, err := r.makeView(ctx, c, i); ok || err != nil {
				if err != nil {
					return nil, err
				}
				r.sorted(rec)
				rows, err := c.run(ctx, "SELECT * FROM "+r.views[i])
				if _, derr := c.run(ctx, "DROP MATERIALIZED VIEW "+r.views[i]); err == nil {
					err = derr
				}
				return rows, err
			}
		}
	}
	rows, err := c.run(ctx, rec.SQL)
	var s *sqlError
	if errors.As(err, &s) && s.code == "2BP01" && len(r.views) > 0 && rec.Err == "" {
		r.dropViews(ctx, c) // ours hang on what the file drops
		return c.run(ctx, rec.SQL)
	}
	return rows, err
}

// sorted makes a record's comparison independent of order: a view has none.
func (r *runner) sorted(rec *Record) {
	if rec.Sort == "" {
		rec.Sort = "rowsort"
	}
}

var selectText = regexp.MustCompile(`(?is)^\s*(select|with|values|table)\b`)

// notAsView are queries that a view cannot stand for: what the session is asked, and the clock.
var notAsView = regexp.MustCompile(`(?i)\b(now\(|current_|random\(|version\(|clock_timestamp|pg_|information_schema|emit changes|localtime|statement_timestamp)`)

// makeView makes a materialized view of query i. ok says whether it is there; a query that views refuse is none.
func (r *runner) makeView(ctx context.Context, c conn, i int) (ok bool, err error) {
	rec := &r.recs[i]
	if r.tried[i] || !selectText.MatchString(rec.SQL) || notAsView.MatchString(rec.SQL) {
		return false, nil
	}
	name := fmt.Sprintf("query_%d", i)
	_, err = c.run(ctx, "CREATE MATERIALIZED VIEW "+name+" ("+viewColumns(len(rec.Types))+") AS "+strings.TrimRight(rec.SQL, "; \n"))
	var s *sqlError
	switch {
	case err == nil:
		r.views[i] = name
		return true, nil
	case !errors.As(err, &s):
		return false, err
	case s.code != "42P01": // a relation may still come
		r.tried[i] = true
	}
	return false, nil
}

// viewColumns names n columns: a query's own names may repeat.
func viewColumns(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i+1)
	}
	return strings.Join(names, ", ")
}

// makeViews makes views of the queries after record i, as far as what they read is there.
func (r *runner) makeViews(ctx context.Context, i int) {
	c, err := r.db.conn("")
	if err != nil {
		return
	}
	if r.bound(i + 1) {
		return
	}
	for j := i + 1; j < len(r.recs); j++ {
		if r.recs[j].Query && r.recs[j].Err == "" && r.views[j] == "" && r.recs[j].Conn == "" {
			if _, err := r.makeView(ctx, c, j); err != nil {
				return
			}
		}
	}
}

func (r *runner) dropViews(ctx context.Context, c conn) {
	for i, v := range r.views {
		_, _ = c.run(ctx, "DROP MATERIALIZED VIEW IF EXISTS "+v)
		delete(r.views, i)
	}
}
