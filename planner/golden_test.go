package planner

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
	"streamsql/sql/parser"
)

var rewriteGolden = flag.Bool("rewrite", false, "write what comes out into the golden files")

// A golden file is a list of cases separated by empty lines. A case is a header line, the statement, "----" and the
// result. The header is a command and its words:
//
//	create [ksql]                      run a CREATE statement; prints the object
//	plan [view|push] [ksql] [off=rule,…]  prints the plan, or the error
//	insert, update, delete             prints the plan of a DML statement
//
// Lines beginning with # are comments. An error prints as "SQLSTATE at offset: message", then detail and hint.
type goldenCase struct {
	comment []string
	words   []string
	sql     string
	want    string
}

func readGolden(t testing.TB, path string) []goldenCase {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []goldenCase
	for _, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
		var c goldenCase
		lines := strings.Split(block, "\n")
		for len(lines) > 0 && strings.HasPrefix(lines[0], "#") {
			c.comment, lines = append(c.comment, lines[0]), lines[1:]
		}
		if len(lines) == 0 {
			out = append(out, c)
			continue
		}
		c.words, lines = strings.Fields(lines[0]), lines[1:]
		body := strings.Join(lines, "\n")
		sql, want, found := strings.Cut(body, "\n----\n")
		if !found {
			sql = strings.TrimSuffix(body, "\n----")
		}
		c.sql, c.want = sql, want
		out = append(out, c)
	}
	return out
}

func (c goldenCase) format(got string) string {
	s := ""
	for _, l := range c.comment {
		s += l + "\n"
	}
	if c.words == nil {
		return s
	}
	return s + strings.Join(c.words, " ") + "\n" + c.sql + "\n----\n" + got
}

// world is the catalog that a golden file builds up.
type world struct {
	cat *catalog.Catalog
	id  uint64
}

func newWorld(t testing.TB) *world {
	w := &world{cat: catalog.New(systemObjects()...), id: 100}
	w.runAll(t, worldSQL)
	return w
}

// worldSQL is what every golden file starts with.
const worldSQL = `
create table users (id bigint primary key, name text not null, city text, age int);
create table orders (user_id bigint, line int, item text, price numeric(10,2), primary key (user_id, line));
create table notes (body text, at timestamp);
create stream clicks (user_id bigint, url text, at timestamp not null, ms double precision) with (topic = 'clicks');
create stream bids (auction bigint, bidder bigint, price int, at timestamptz) with (kafka_topic = 'bids', value_format = 'json');
create materialized view per_city as select city, count(*) as n, max(age) as oldest from users group by city;
create view adults as select id, name from users where age >= 18;
create stream fast as select user_id, url from clicks where ms < 10;
`

func (w *world) runAll(t testing.TB, sql string) {
	t.Helper()
	ps, err := parser.Parse(sql, parser.Options{})
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	for _, p := range ps {
		if _, err := w.create(p.Stmt.(*ast.Create), sql[p.Start:p.End], Options{Dialect: "postgres"}); err != nil {
			t.Fatalf("%s: %v", sql[p.Start:p.End], describeError(err))
		}
	}
}

func (w *world) create(s *ast.Create, text string, opt Options) (*catalog.Object, error) {
	o, _, err := BindCreate(s, text, w.cat, opt)
	if err != nil {
		return nil, err
	}
	w.id++
	o.ID, o.OID = w.id, uint32(16384+w.id)
	w.cat = w.cat.With(w.id, o)
	return o, nil
}

func describeError(err error) string {
	var e *pgerr.Error
	if !errors.As(err, &e) {
		return "not a pgerr: " + err.Error()
	}
	s := fmt.Sprintf("%s at %d: %s", e.Code, e.Pos, e.Msg)
	if e.Detail != "" {
		s += "\nDETAIL: " + e.Detail
	}
	if e.Hint != "" {
		s += "\nHINT: " + e.Hint
	}
	return s
}

// run gives the result of one case as text.
func (w *world) run(c goldenCase) string {
	opt, popt := Options{Dialect: "postgres", Env: &expr.Env{}}, parser.Options{}
	for _, word := range c.words[1:] {
		switch {
		case word == "ksql":
			opt.Dialect, popt.Dialect = "ksql", parser.KSQL
		case word == "view":
			opt.Lifetime = View
		case word == "push":
			opt.Lifetime = Push
		case strings.HasPrefix(word, "off="):
			opt.Rules = map[string]bool{}
			for _, r := range strings.Split(word[4:], ",") {
				opt.Rules[r] = false
			}
		case strings.HasPrefix(word, "$"):
			k, _ := types.ByName(word[1:])
			opt.ParamTypes = append(opt.ParamTypes, types.T(k))
		}
	}
	ps, err := parser.Parse(c.sql, popt)
	if err != nil {
		return "parse: " + describeError(err)
	}
	out, err := w.statement(ps[0].Stmt, c.sql, opt)
	if err != nil {
		return describeError(err)
	}
	return strings.TrimSuffix(out, "\n")
}

func (w *world) statement(s ast.Stmt, sql string, opt Options) (string, error) {
	switch s := s.(type) {
	case *ast.QueryStmt:
		p, err := PlanQuery(s.Query, w.cat, opt)
		if err != nil {
			return "", err
		}
		return printPlan(p), nil
	case *ast.Create:
		o, err := w.create(s, sql, opt)
		if err != nil {
			return "", err
		}
		return printObject(o), nil
	case *ast.Insert:
		p, err := PlanInsert(s, w.cat, opt)
		if err != nil {
			return "", err
		}
		return printPlan(p.Query) + printReturning(p.Returning, p.ReturningCols), nil
	case *ast.Update:
		p, err := PlanUpdate(s, w.cat, opt)
		if err != nil {
			return "", err
		}
		return printPlan(p.Query) + printReturning(p.Returning, p.ReturningCols), nil
	case *ast.Delete:
		p, err := PlanDelete(s, w.cat, opt)
		if err != nil {
			return "", err
		}
		return printPlan(p.Query) + printReturning(p.Returning, p.ReturningCols), nil
	}
	return "", fmt.Errorf("no golden form for %T", s)
}

// printPlan is the output columns, what else is known of the result, and the tree.
func printPlan(p *Plan) string {
	var cols []string
	for _, c := range p.Columns {
		s := c.Name + " " + c.Type.String()
		if c.NotNull {
			s += " not null"
		}
		cols = append(cols, s)
	}
	s := "(" + strings.Join(cols, ", ") + ")"
	if p.Props.Key != nil {
		s += fmt.Sprintf(" key=%v", p.Props.Key)
	}
	if p.Props.AppendOnly {
		s += " append-only"
	}
	if p.Push {
		s += " push"
	}
	if p.PushLimit != nil {
		s += " ends-after=" + p.PushLimit.String()
	}
	if len(p.Params) > 0 {
		var ps []string
		for _, t := range p.Params {
			ps = append(ps, t.String())
		}
		s += " params=(" + strings.Join(ps, ", ") + ")"
	}
	return s + "\n" + Explain(p.Root)
}

func printReturning(xs []expr.Expr, cols []Column) string {
	var out []string
	for i, x := range xs {
		out = append(out, fmt.Sprintf("%s AS %s", x, cols[i].Name))
	}
	if out == nil {
		return ""
	}
	return "returning " + strings.Join(out, ", ") + "\n"
}

func printObject(o *catalog.Object) string {
	s := fmt.Sprintf("%s %s", o.Kind, o.Qualified())
	if o.Key != nil {
		s += fmt.Sprintf(" key=%v", o.Key)
	}
	if o.AppendOnly {
		s += " append-only"
	}
	if o.Owned {
		s += " owned"
	}
	s += "\n"
	for _, c := range o.Columns {
		s += "  " + c.Name + " " + c.Type.String()
		if c.NotNull {
			s += " not null"
		}
		if c.Hidden {
			s += " hidden"
		}
		if c.From != catalog.FromValue {
			s += " from " + []string{"value", "key", "timestamp", "partition", "offset", "headers", "window", "window", "tombstone"}[c.From]
		}
		if c.Default != "" {
			s += " default " + c.Default
		}
		s += "\n"
	}
	if k := o.Connector; k != nil {
		s += fmt.Sprintf("  topic %s partitions=%d replicas=%d key=%s value=%s delimiter=%q timestamp=%s/%s on_error=%s\n",
			k.Topic, k.Partitions, k.Replicas, k.KeyFormat, k.ValueFormat, k.Delimiter, k.TimestampColumn, k.TimestampFormat, k.OnError)
	}
	if o.Watermark != nil {
		s += fmt.Sprintf("  watermark for %s as %s\n", o.Columns[o.Watermark.Column].Name, o.Watermark.Expr)
	}
	if o.Query != "" {
		s += fmt.Sprintf("  reads %v: %s\n", o.DependsOn, o.Query)
	}
	return s
}

func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) { runGolden(t, f) })
	}
}

func runGolden(t *testing.T, path string) {
	w := newWorld(t)
	var out []string
	for _, c := range readGolden(t, path) {
		got := ""
		if c.words != nil {
			got = w.runSafely(c)
			if !*rewriteGolden && got != c.want {
				t.Errorf("%s\n%s\ngot:\n%s\nwant:\n%s", strings.Join(c.words, " "), c.sql, got, c.want)
			}
		}
		out = append(out, strings.TrimSuffix(c.format(got), "\n"))
	}
	if *rewriteGolden {
		if err := os.WriteFile(path, []byte(strings.Join(out, "\n\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// runSafely turns a panic into the case's result, so that one bug does not hide the other cases.
func (w *world) runSafely(c goldenCase) (out string) {
	defer func() {
		if r := recover(); r != nil {
			out = fmt.Sprint("panic: ", r)
		}
	}()
	return w.run(c)
}

// systemObjects is the part of pg_catalog that psql's \d, \dt, \dv and \dm read.
func systemObjects() []*catalog.Object {
	oid, nm, txt, q := types.T(types.OID), types.T(types.Name), types.T(types.Text), types.T(types.QChar)
	mk := func(id uint64, name string, cols ...catalog.Column) *catalog.Object {
		return &catalog.Object{ID: id, OID: uint32(id), Schema: "pg_catalog", Name: name, Kind: catalog.System, Columns: cols}
	}
	col := func(name string, t types.Type) catalog.Column {
		return catalog.Column{Name: name, Type: t, NotNull: true}
	}
	return []*catalog.Object{
		mk(1, "pg_class", col("oid", oid), col("relname", nm), col("relnamespace", oid), col("relkind", q), col("relowner", oid),
			col("relam", oid), col("reltoastrelid", oid), col("reloftype", oid), col("relpersistence", q), col("relchecks", types.T(types.Int2))),
		mk(2, "pg_namespace", col("oid", oid), col("nspname", nm), col("nspowner", oid)),
		mk(3, "pg_am", col("oid", oid), col("amname", nm)),
		mk(4, "pg_settings", col("name", txt), col("setting", txt)),
	}
}
