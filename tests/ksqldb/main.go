package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// options are the flags.
type options struct {
	dir     string
	only    string
	report  string
	workers int
	verbose bool
}

func main() {
	ok, err := run(os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "ksqldb:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

// run runs the cases that the arguments ask for, prints the table and reports whether none failed.
func run(args []string, out io.Writer) (bool, error) {
	var o options
	fs := flag.NewFlagSet("ksqldb", flag.ContinueOnError)
	fs.StringVar(&o.dir, "dir", "../shared/conformance/ksqldb", "folder of the cases")
	fs.StringVar(&o.only, "only", "", "run only cases whose name (folder/file/name) matches this regular expression")
	fs.StringVar(&o.report, "report", "", "write a line for each case to this file")
	fs.IntVar(&o.workers, "j", runtime.GOMAXPROCS(0), "how many cases run at once")
	fs.BoolVar(&o.verbose, "v", false, "print each case that fails, with the reason")
	if err := fs.Parse(args); err != nil {
		return false, err
	}
	if _, err := os.Stat(o.dir); errors.Is(err, os.ErrNotExist) {
		fmt.Fprintf(out, "skipped: there is no folder %s\n", o.dir)
		return true, nil
	}
	cases, err := selected(o)
	if err != nil {
		return false, err
	}
	deviations, err := readDeviations(deviationsText)
	if err != nil {
		return false, err
	}
	outs := runAll(cases, o.workers)
	for i := range outs {
		if reason, ok := deviations[outs[i].c.name()]; ok && outs[i].verdict == failed {
			outs[i].verdict, outs[i].reason = deviates, reason
		}
	}
	if o.report != "" {
		if err := writeReport(o.report, outs); err != nil {
			return false, err
		}
	}
	if o.verbose {
		for _, x := range outs {
			if x.verdict == failed {
				fmt.Fprintf(out, "%s\n    %s\n", x.c.name(), x.reason)
			}
		}
	}
	return table(out, outs), nil
}

// selected reads the cases and keeps those that -only names.
func selected(o options) ([]*testCase, error) {
	cases, err := readCases(o.dir)
	if err != nil || o.only == "" {
		return cases, err
	}
	re, err := regexp.Compile(o.only)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(cases, func(c *testCase) bool { return !re.MatchString(c.name()) }), nil
}

// runAll runs cases, so many at once, and returns their outcomes in the cases' order.
func runAll(cases []*testCase, workers int) []outcome {
	outs := make([]outcome, len(cases))
	next := make(chan int)
	var wg sync.WaitGroup
	for range max(workers, 1) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				outs[i] = runCase(cases[i])
			}
		}()
	}
	for i := range cases {
		next <- i
	}
	close(next)
	wg.Wait()
	return outs
}

func writeReport(path string, outs []outcome) error {
	var b strings.Builder
	for _, x := range outs {
		reason := strings.Join(strings.Fields(x.reason), " ")
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", x.c.name(), x.c.category(), x.verdict, reason)
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

// tally counts verdicts.
type tally struct {
	name string
	n    map[verdict]int
}

// count sorts outcomes into rows by what by says, in order of first appearance.
func count(outs []outcome, by func(outcome) string) []tally {
	var rows []tally
	at := map[string]int{}
	for _, x := range outs {
		k := by(x)
		i, ok := at[k]
		if !ok {
			i = len(rows)
			at[k] = i
			rows = append(rows, tally{k, map[verdict]int{}})
		}
		rows[i].n[x.verdict]++
	}
	return rows
}

// table prints the counts by file and by category, and reports whether nothing failed.
func table(out io.Writer, outs []outcome) bool {
	line := func(t tally) {
		all := t.n[passed] + t.n[failed]
		rate := 100.0
		if all > 0 {
			rate = 100 * float64(t.n[passed]) / float64(all)
		}
		fmt.Fprintf(out, "%-52s %5d %5d %5d %5d  %5.1f %%\n", t.name, t.n[passed], t.n[failed], t.n[deviates], t.n[skipped], rate)
	}
	head := func(what string) { fmt.Fprintf(out, "\n%-52s  pass  fail   dev  skip\n", what) }
	head("file")
	for _, t := range count(outs, func(x outcome) string { return x.c.folder + "/" + x.c.file }) {
		line(t)
	}
	head("category")
	rows := count(outs, func(x outcome) string { return x.c.category() })
	slices.SortFunc(rows, func(a, b tally) int { return strings.Compare(a.name, b.name) })
	for _, t := range rows {
		line(t)
	}
	for _, t := range count(outs, func(x outcome) string {
		if core(x.c.category()) {
			return "stateless, udtf and unwindowed aggregation"
		}
		return "the others"
	}) {
		line(t)
	}
	all := count(outs, func(outcome) string { return "" })
	if len(all) == 0 {
		all = []tally{{"", map[verdict]int{}}}
	}
	n := all[0].n
	fmt.Fprintf(out, "\n%d passed, %d failed, %d deviations, %d skipped\n", n[passed], n[failed], n[deviates], n[skipped])
	return n[failed] == 0
}
