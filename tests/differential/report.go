package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// difference is a case whose outcomes are not the same.
type difference struct {
	c        testCase
	ours, pg outcome
}

// report counts outcomes and keeps the differences.
type report struct {
	passed     int
	failed     []difference
	deviations []*deviation
}

func (r *report) add(c testCase, ours, pg outcome) {
	if ours.same(pg) {
		r.passed++
		return
	}
	for _, d := range r.deviations {
		if d.covers(c, ours, pg) {
			d.count++
			return
		}
	}
	r.failed = append(r.failed, difference{c, ours, pg})
}

// print lists the failures by function and kind, the shortest of each group first, at most examples of them.
func (r *report) print(w io.Writer, examples int) {
	groups := map[string][]difference{}
	for _, d := range r.failed {
		key := d.c.name + " (" + d.ours.kind(d.pg) + ")"
		groups[key] = append(groups[key], d)
	}
	keys := slices.Collect(maps.Keys(groups))
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(groups[b]), len(groups[a])), strings.Compare(a, b))
	})
	for _, k := range keys {
		ds := groups[k]
		slices.SortStableFunc(ds, func(a, b difference) int { return cmp.Compare(len(a.c.sql), len(b.c.sql)) })
		fmt.Fprintf(w, "%5d %s\n", len(ds), k)
		for _, d := range ds[:min(len(ds), examples)] {
			fmt.Fprintf(w, "        #%d SELECT %s\n          ours %.300s\n            pg %.300s\n", d.c.n, d.c.sql, d.ours, d.pg)
		}
	}
	for _, d := range r.deviations {
		fmt.Fprintf(w, "deviation %6d %s: %s\n", d.count, d.name, d.reason)
	}
	deviating := 0
	for _, d := range r.deviations {
		deviating += d.count
	}
	fmt.Fprintf(w, "%d deviations\n%d passed, %d failed\n", deviating, r.passed, len(r.failed))
}
