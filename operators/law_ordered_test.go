package operators_test

import (
	"math"
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"
	"testing"

	"streamsql/operators/optest"
)

// TestLawOrderedSets checks the aggregates that look at a group's values in order against a sort of the rows.
func TestLawOrderedSets(t *testing.T) {
	s := subject(t, "aggregate keys=0 mode:1:within=1desc percentile_disc:2,1:within=1 rank:3,1:within=1 dense_rank:3,1:within=1 "+
		"collect_list:1:order=4 latest_by_offset:1:order=4 earliest_by_offset:1:order=4:const=2 topk:1:const=2 topkdistinct:1:const=2 count_distinct:1",
		"int8 int8 float8 int8 int8", "int8 int8 int8 int8 int8 int8[] int8 int8[] int8[] int8[] int8")
	optest.Law(t, s, func(rng *rand.Rand, _ int) row {
		return row{pick(rng, "1 2"), pick(rng, "-9 0 1 2 3 NULL"), "0.4", "2", pick(rng, "1 2 3 4 5 6 7 8 9")}
	}, func(in [][]row) (out []row) {
		keys, groups := groupBy(in[0], 0)
		for _, k := range keys {
			g := groups[k]
			sort.SliceStable(g, func(i, j int) bool { return lessRow(g[i], g[j], 4, 1) })
			arrived := column(g, 1)
			vals := notNull(g, 1)
			down := append([]string(nil), vals...)
			sort.SliceStable(down, func(i, j int) bool { return byNumber(down[j], down[i]) })
			up := append([]string(nil), vals...)
			sort.SliceStable(up, func(i, j int) bool { return byNumber(up[i], up[j]) })
			before := below(up, 2)
			last, disc := "NULL", "NULL"
			if len(vals) > 0 {
				last, disc = vals[len(vals)-1], up[max(int(math.Ceil(0.4*float64(len(up)))), 1)-1]
			}
			out = append(out, row{g[0][0], mostFrequent(down), disc, strconv.Itoa(len(before) + 1), strconv.Itoa(len(different(before)) + 1),
				list(arrived), last, list(vals[:min(len(vals), 2)]), list(down[:min(len(down), 2)]), list(different(down)[:min(len(different(down)), 2)]),
				strconv.Itoa(len(different(vals)))})
		}
		return out
	})
}

// TestLawFirstOfMany: over input that only grows, what is let go of is never missed.
func TestLawFirstOfMany(t *testing.T) {
	s := subject(t, "aggregate keys=0 appendonly topk:1:const=2 topkdistinct:1:const=2 latest_by_offset:1:order=2 earliest_by_offset:1:order=2:const=3",
		"int8 int8 int8", "int8 int8[] int8[] int8 int8[]")
	optest.LawOfInserts(t, s, func(rng *rand.Rand, _ int) row {
		return row{pick(rng, "1 2"), pick(rng, "-9 0 1 2 3 NULL"), pick(rng, "1 2 3 4 5 6 7 8 9")}
	}, func(in [][]row) (out []row) {
		keys, groups := groupBy(in[0], 0)
		for _, k := range keys {
			g := groups[k]
			sort.SliceStable(g, func(i, j int) bool { return lessRow(g[i], g[j], 2, 1) })
			vals, last := notNull(g, 1), "NULL"
			if len(vals) > 0 {
				last = vals[len(vals)-1]
			}
			down := append([]string(nil), vals...)
			sort.SliceStable(down, func(i, j int) bool { return byNumber(down[j], down[i]) })
			few := different(down)
			out = append(out, row{g[0][0], list(down[:min(len(down), 2)]), list(few[:min(len(few), 2)]), last, list(vals[:min(len(vals), 3)])})
		}
		return out
	})
}

// lessRow orders rows by columns as numbers, NULL last.
func lessRow(a, b row, cols ...int) bool {
	for _, c := range cols {
		if a[c] == b[c] {
			continue
		}
		return b[c] == "NULL" || a[c] != "NULL" && byNumber(a[c], b[c])
	}
	return false
}

func column(rows []row, c int) (out []string) {
	for _, r := range rows {
		out = append(out, r[c])
	}
	return out
}

func list(xs []string) string { return "{" + strings.Join(xs, ",") + "}" }

// below returns the values under x.
func below(xs []string, x float64) (out []string) {
	for _, v := range xs {
		if number(v) < x {
			out = append(out, v)
		}
	}
	return out
}

// mostFrequent returns the first of the words that come most often.
func mostFrequent(xs []string) string {
	best, most, counts := "NULL", 0, map[string]int{}
	for _, x := range xs {
		counts[x]++
	}
	for _, x := range xs {
		if counts[x] > most {
			best, most = x, counts[x]
		}
	}
	return best
}
