package operators_test

import (
	"math/rand/v2"
	"sort"
	"strconv"
	"testing"

	"streamsql/operators/optest"
)

// TestLawOver checks window functions against loops over the sorted rows of each partition.
func TestLawOver(t *testing.T) {
	s := subject(t, "over by=0 order=1desc,2 row_number rank dense_rank lag:2 sum:2:rows,3p,3f sum:2 count:2:groups,3p,cr,ties max:2:rows,cr,uf,current last_value:1:range,up,cr",
		"int8 int8 int8 int8", "int8 int8 int8 int8 int8 int8 int8 int8 numeric numeric int8 int8 int8")
	optest.Law(t, s, func(rng *rand.Rand, _ int) row {
		return row{pick(rng, "1 2 NULL"), pick(rng, "1 2 3 NULL"), pick(rng, "5 6 7 NULL"), "1"}
	}, func(in [][]row) (out []row) {
		keys, groups := groupBy(in[0], 0)
		for _, k := range keys {
			g := groups[k]
			sort.SliceStable(g, func(i, j int) bool {
				if g[i][1] != g[j][1] { // descending: NULL last in what parseOrder gives, too
					return g[j][1] == "NULL" || g[i][1] != "NULL" && byNumber(g[j][1], g[i][1])
				}
				return lessRow(g[i], g[j], 2)
			})
			out = append(out, windowsOf(g)...)
		}
		return out
	})
}

// windowsOf computes the calls of TestLawOver for the sorted rows of a partition.
func windowsOf(g []row) (out []row) {
	var group []int // by row: the number of its peers' group
	for i, r := range g {
		switch {
		case i == 0:
			group = append(group, 0)
		case r[1] == g[i-1][1] && r[2] == g[i-1][2]:
			group = append(group, group[i-1])
		default:
			group = append(group, group[i-1]+1)
		}
	}
	pickRows := func(is func(j int) bool) (rows []row) {
		for j := range g {
			if is(j) {
				rows = append(rows, g[j])
			}
		}
		return rows
	}
	for i, r := range g {
		before := pickRows(func(j int) bool { return group[j] < group[i] })
		lag := "NULL"
		if i > 0 {
			lag = g[i-1][2]
		}
		near := pickRows(func(j int) bool { return j >= i-1 && j <= i+1 })
		upTo := pickRows(func(j int) bool { return group[j] <= group[i] })
		ties := pickRows(func(j int) bool { return group[j] == group[i]-1 || j == i })
		rest := pickRows(func(j int) bool { return j > i })
		out = append(out, append(append(row{}, r...), strconv.Itoa(i+1), strconv.Itoa(len(before)+1), strconv.Itoa(group[i]+1), lag,
			sumInts(notNull(near, 2)), sumInts(notNull(upTo, 2)), strconv.Itoa(len(notNull(ties, 2))), extreme(notNull(rest, 2), -1, byNumber), r[1]))
	}
	return out
}
