package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type options struct {
	postgres string
	n, only  int
	seed     uint64
	examples int
	catalog  bool
	settings bool
}

// perSettings is how many cases in a row share their session settings.
const perSettings = 500

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	fs := flag.NewFlagSet("differential", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.postgres, "postgres", os.Getenv("STREAMSQL_TEST_POSTGRES"), "URL of a PostgreSQL 15 server")
	fs.IntVar(&o.n, "n", 10000, "how many cases")
	fs.IntVar(&o.only, "only", -1, "run this case alone")
	fs.Uint64Var(&o.seed, "seed", 1, "seed of the cases")
	fs.IntVar(&o.examples, "examples", 3, "examples shown of each group of failures")
	fs.BoolVar(&o.settings, "settings", true, "change DateStyle, IntervalStyle, TimeZone, extra_float_digits and bytea_output every few hundred cases")
	fs.BoolVar(&o.catalog, "catalog", false, "compare the lists of functions instead: what we lack, what is declared otherwise")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if o.postgres == "" {
		return fmt.Errorf("-postgres URL is needed (or STREAMSQL_TEST_POSTGRES)")
	}
	if o.catalog {
		return runCatalog(ctx, o, stdout)
	}
	r, err := compare(ctx, o, stderr)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(stdout)
	r.print(w, o.examples)
	if err := w.Flush(); err != nil {
		return err
	}
	if len(r.failed) > 0 {
		return fmt.Errorf("%d of %d cases differ", len(r.failed), o.n)
	}
	return nil
}

func runCatalog(ctx context.Context, o options, stdout io.Writer) error {
	pg, err := connect(ctx, o.postgres)
	if err != nil {
		return err
	}
	defer pg.conn.Close(ctx)
	n, err := compareCatalog(ctx, pg, stdout)
	if err == nil && n > 0 {
		err = fmt.Errorf("%d functions are declared otherwise", n)
	}
	return err
}

// compare runs all cases on both sides.
func compare(ctx context.Context, o options, stderr io.Writer) (*report, error) {
	ds, err := parseDeviations(deviationsText)
	if err != nil {
		return nil, err
	}
	pg, err := connect(ctx, o.postgres)
	if err != nil {
		return nil, err
	}
	defer pg.conn.Close(ctx)
	names, err := pg.column(ctx, "SELECT proname FROM pg_proc UNION SELECT oprname FROM pg_operator")
	if err != nil {
		return nil, err
	}
	theirs := map[string]bool{}
	for _, n := range names {
		theirs[n] = true
	}
	funcs, r := newFunctions(theirs), &report{deviations: ds}
	for start := 0; start < o.n; start += perSettings {
		var cases []testCase
		for n := start; n < min(start+perSettings, o.n); n++ {
			if o.only < 0 || n == o.only {
				cases = append(cases, makeCase(funcs, o.seed, n))
			}
		}
		if len(cases) == 0 {
			continue
		}
		if err := compareRun(ctx, pg, o.makeSettings(start/perSettings), cases, r, stderr); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// makeSettings makes the settings of the i-th run of cases; without -settings they are PostgreSQL's defaults in UTC.
func (o options) makeSettings(i int) settings {
	if !o.settings {
		return settings{zone: "UTC", dateStyle: "ISO", dateOrder: "MDY", intervalStyle: "postgres", floatDigits: 1}
	}
	return makeSettings(o.seed, i)
}

// makeSettings makes the settings of the i-th run of cases: half of them PostgreSQL's defaults but for the zone.
func makeSettings(seed uint64, i int) settings {
	r := rand.New(rand.NewPCG(seed, 1<<40+uint64(i)))
	one := func(list ...string) string { return list[r.IntN(len(list))] }
	s := settings{dateStyle: "ISO", dateOrder: "MDY", intervalStyle: "postgres", floatDigits: 1}
	s.zone = one("UTC", "UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia")
	if r.IntN(2) == 0 {
		return s
	}
	s.dateStyle = one("ISO", "SQL", "German", "Postgres")
	s.dateOrder = one("MDY", "DMY", "YMD")
	s.intervalStyle = one("postgres", "postgres_verbose", "sql_standard", "iso_8601")
	s.floatDigits = []int{1, 1, 0, 3, -5}[r.IntN(5)]
	s.byteaEscape = r.IntN(3) == 0
	return s
}

// slow is when a case of ours is reported as taking too long.
const slow = 3 * time.Second

func compareRun(ctx context.Context, pg *oracle, s settings, cases []testCase, r *report, stderr io.Writer) error {
	env, err := s.env()
	if err != nil {
		return err
	}
	if err := pg.exec(ctx, s.statements()); err != nil {
		return err
	}
	texts := make([]string, len(cases))
	for i, c := range cases {
		texts[i] = c.sql
	}
	theirs, err := pg.eval(ctx, texts)
	if err != nil {
		return err
	}
	for i, c := range cases {
		watch := time.AfterFunc(slow, func() { fmt.Fprintf(stderr, "slow: #%d SELECT %s\n", c.n, c.sql) })
		ours := evalOurs(env, c.sql)
		watch.Stop()
		r.add(c, ours, theirs[i])
	}
	return nil
}
