package operators_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"
	"testing"

	"streamsql/operators/optest"
)

// The references below work on rows as text: slow, obvious, and without a line of the operators' code.

type row = optest.Row

// subject parses a case header the way operator files do, so that subjects are described in one way.
func subject(t *testing.T, op, in, out string) *optest.Subject {
	t.Helper()
	c, err := optest.ParseCase("case law\nop " + op + "\nin " + in + "\nout " + out + "\n")
	if err != nil {
		t.Fatal(err)
	}
	s, err := build(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pick returns one of the words.
func pick(rng *rand.Rand, words string) string {
	w := strings.Fields(words)
	return w[rng.IntN(len(w))]
}

// groupBy splits rows by the text of some columns, in the order of their first row.
func groupBy(rows []row, cols ...int) (keys []string, groups map[string][]row) {
	groups = map[string][]row{}
	for _, r := range rows {
		k := fmt.Sprint(project(r, cols...))
		if groups[k] == nil {
			keys = append(keys, k)
		}
		groups[k] = append(groups[k], r)
	}
	return keys, groups
}

func project(r row, cols ...int) row {
	var out row
	for _, c := range cols {
		out = append(out, r[c])
	}
	return out
}

// notNull returns column c of the rows where it is not NULL.
func notNull(rows []row, c int) (out []string) {
	for _, r := range rows {
		if r[c] != "NULL" {
			out = append(out, r[c])
		}
	}
	return out
}

func different(xs []string) (out []string) {
	seen := map[string]bool{}
	for _, x := range xs {
		if !seen[x] {
			out = append(out, x)
		}
		seen[x] = true
	}
	return out
}

func sumInts(xs []string) string {
	if len(xs) == 0 {
		return "NULL"
	}
	sum := new(big.Int)
	for _, x := range xs {
		n, _ := new(big.Int).SetString(x, 10)
		sum.Add(sum, n)
	}
	return sum.String()
}

// sumDecimals adds decimals and shows the most digits any of them has.
func sumDecimals(xs []string) string {
	if len(xs) == 0 {
		return "NULL"
	}
	sum, scale := new(big.Rat), 0
	for _, x := range xs {
		r, _ := new(big.Rat).SetString(x)
		sum.Add(sum, r)
		if _, frac, ok := strings.Cut(x, "."); ok {
			scale = max(scale, len(frac))
		}
	}
	return sum.FloatString(scale)
}

// sumFloats is the exact sum, rounded once.
func sumFloats(xs []string) string {
	if len(xs) == 0 {
		return "NULL"
	}
	sum := new(big.Rat)
	for _, x := range xs {
		f, _ := strconv.ParseFloat(x, 64)
		r := new(big.Rat).SetFloat64(f)
		sum.Add(sum, r)
	}
	f, _ := sum.Float64()
	return strconv.FormatFloat(f, 'g', -1, 64)
}

func number(s string) float64 {
	f, _ := strconv.ParseFloat(s, 64)
	return f
}

// extreme returns the least word (sign 1) or the greatest (sign -1) by number or by text.
func extreme(xs []string, sign int, less func(a, b string) bool) string {
	best := "NULL"
	for _, x := range xs {
		if best == "NULL" || sign > 0 && less(x, best) || sign < 0 && less(best, x) {
			best = x
		}
	}
	return best
}

func byNumber(a, b string) bool { return number(a) < number(b) }
func byText(a, b string) bool   { return a < b }

const manyInts = "0 1 -1 2 3 7 100 -5 9223372036854775807 -9223372036854775808 NULL"

func TestLawAggregateWords(t *testing.T) {
	s := subject(t, "aggregate keys=0,1 count count:2 sum:2 count:2:filter=3 sum:2:filter=3 bool_and:3 bool_or:3",
		"int4 bool int8 bool", "int4 bool int8 int8 numeric int8 numeric bool bool")
	optest.Law(t, s, func(rng *rand.Rand, _ int) row {
		return row{pick(rng, "1 2 3 NULL"), pick(rng, "t f NULL"), pick(rng, manyInts), pick(rng, "t f NULL")}
	}, func(in [][]row) (out []row) {
		keys, groups := groupBy(in[0], 0, 1)
		for _, k := range keys {
			g := groups[k]
			var passed []row
			for _, r := range g {
				if r[3] == "t" {
					passed = append(passed, r)
				}
			}
			bools := notNull(g, 3)
			and, or := "NULL", "NULL"
			if len(bools) > 0 {
				and, or = "t", "f"
			}
			for _, b := range bools {
				if b == "f" {
					and = "f"
				} else {
					or = "t"
				}
			}
			all, part := notNull(g, 2), notNull(passed, 2)
			out = append(out, append(project(g[0], 0, 1), strconv.Itoa(len(g)), strconv.Itoa(len(all)), sumInts(all),
				strconv.Itoa(len(part)), sumInts(part), and, or))
		}
		return out
	})
}

func TestLawAggregateMultisets(t *testing.T) {
	s := subject(t, "aggregate keys=0 min:1 max:1 min:2 max:2 count:1:distinct sum:1:distinct count:2:distinct array_agg:1 string_agg:2,0",
		"text int8 text", "text int8 int8 text text int8 numeric int8 int8[] text")
	optest.Law(t, s, func(rng *rand.Rand, _ int) row {
		return row{pick(rng, "a bb NULL"), pick(rng, manyInts), pick(rng, "x yy zzz NULL")}
	}, func(in [][]row) (out []row) {
		keys, groups := groupBy(in[0], 0)
		for _, k := range keys {
			g := groups[k]
			ints, texts := notNull(g, 1), notNull(g, 2)
			sort.Slice(ints, func(i, j int) bool {
				a, _ := strconv.ParseInt(ints[i], 10, 64)
				b, _ := strconv.ParseInt(ints[j], 10, 64)
				return a < b
			})
			array := append([]string{}, ints...)
			for range len(g) - len(ints) {
				array = append(array, "NULL")
			}
			sort.Strings(texts)
			joined := "NULL"
			if len(texts) > 0 {
				joined = strings.Join(texts, strings.TrimPrefix(g[0][0], "NULL"))
			}
			least, most := "NULL", "NULL"
			if len(ints) > 0 {
				least, most = ints[0], ints[len(ints)-1]
			}
			out = append(out, row{g[0][0], least, most, extreme(texts, 1, byText), extreme(texts, -1, byText),
				strconv.Itoa(len(different(ints))), sumInts(different(ints)), strconv.Itoa(len(different(texts))),
				"{" + strings.Join(array, ",") + "}", joined})
		}
		return out
	})
}

func TestLawAggregateDecimalsAndFloats(t *testing.T) {
	s := subject(t, "aggregate keys=0 sum:1 sum:2 sum:3 max:1", "int8 numeric numeric(10,2) float8", "int8 numeric numeric float8 numeric")
	optest.Law(t, s, func(rng *rand.Rand, _ int) row {
		return row{pick(rng, "1 2"), pick(rng, "1 2.5 -3.25 0.0000001 123456789012345678901234567890 7.000000000 NULL"),
			pick(rng, "1.10 -2.25 99999999.99 NULL"), pick(rng, "0.1 0.2 1e20 -1e20 1e300 -1e300 1e-300 3 -0.3 1e150 1e-150 NULL")}
	}, func(in [][]row) (out []row) {
		keys, groups := groupBy(in[0], 0)
		for _, k := range keys {
			g := groups[k]
			out = append(out, row{g[0][0], sumDecimals(notNull(g, 1)), sumDecimals(notNull(g, 2)), sumFloats(notNull(g, 3)),
				extreme(notNull(g, 1), -1, byNumber)})
		}
		return out
	})
}

func TestLawAggregateScalar(t *testing.T) {
	s := subject(t, "aggregate keys= scalar count sum:0 max:0", "int4", "int8 int8 int4")
	optest.Law(t, s, func(rng *rand.Rand, _ int) row { return row{pick(rng, "1 2 3 -7 NULL")} },
		func(in [][]row) []row {
			xs := notNull(in[0], 0)
			return []row{{strconv.Itoa(len(in[0])), sumInts(xs), extreme(xs, -1, byNumber)}}
		})
}

func TestLawDistinct(t *testing.T) {
	s := subject(t, "distinct", "int8 text", "int8 text")
	optest.Law(t, s, func(rng *rand.Rand, _ int) row { return row{pick(rng, "1 2 NULL"), pick(rng, "a b NULL")} },
		func(in [][]row) (out []row) {
			keys, groups := groupBy(in[0], 0, 1)
			for _, k := range keys {
				out = append(out, groups[k][0])
			}
			return out
		})
}

func TestLawMaterialize(t *testing.T) {
	for _, op := range []string{"materialize", "materialize key=1", "materialize key=1,0"} {
		t.Run(op, func(t *testing.T) {
			s := subject(t, op, "int8 text", "int8 text")
			optest.Law(t, s, func(rng *rand.Rand, _ int) row { return row{pick(rng, "1 2 NULL"), pick(rng, "a b NULL")} },
				func(in [][]row) []row { return in[0] })
		})
	}
}

func TestLawUpsert(t *testing.T) {
	s := subject(t, "upsert key=0", "text int8", "text int8")
	optest.Law(t, s, func(rng *rand.Rand, _ int) row { return row{pick(rng, "a b c NULL"), pick(rng, "1 2 3 NULL")} },
		func(in [][]row) (out []row) { // the log, weights in front
			last := map[string]row{}
			for _, r := range in[0] {
				delete(last, r[1])
				if r[0][0] != '-' {
					last[r[1]] = r[1:]
				}
			}
			for _, r := range last {
				out = append(out, r)
			}
			return out
		})
}

func TestLawSetOps(t *testing.T) {
	ops := map[string]func(l, r int) int{
		"intersect":     func(l, r int) int { return min(l, r, 1) },
		"intersect all": func(l, r int) int { return min(l, r) },
		"except":        func(l, r int) int { return min(l, 1) * (1 - min(r, 1)) },
		"except all":    func(l, r int) int { return max(l-r, 0) },
	}
	for op, law := range ops {
		t.Run(op, func(t *testing.T) {
			s := subject(t, op, "int8 text | int8 text", "int8 text")
			optest.Law(t, s, func(rng *rand.Rand, _ int) row { return row{pick(rng, "1 2 NULL"), pick(rng, "a b NULL")} },
				func(in [][]row) (out []row) {
					_, l := groupBy(in[0], 0, 1)
					_, r := groupBy(in[1], 0, 1)
					for k, rows := range l {
						for range law(len(rows), len(r[k])) {
							out = append(out, rows[0])
						}
					}
					return out
				})
		})
	}
}

func TestLawJoin(t *testing.T) {
	type form struct {
		words string
		match func(l, r row) bool
	}
	equal := func(l, r row) bool { return l[0] == r[0] && l[0] != "NULL" }
	less := func(l, r row) bool { return l[1] != "NULL" && r[1] != "NULL" && number(l[1]) < number(r[1]) }
	forms := []form{
		{"left=0 right=0", equal},
		{"left=0 right=0 on=1<3", func(l, r row) bool { return equal(l, r) && less(l, r) }},
		{"left=0 right=0 safe=0", func(l, r row) bool { return l[0] == r[0] }},
		{"on=1<3", less},
		{"", func(l, r row) bool { return true }},
	}
	for _, kind := range []string{"inner", "left", "full", "semi", "anti"} {
		out := "text int8 text int8"
		if kind == "semi" || kind == "anti" {
			out = "text int8"
		}
		for _, f := range forms {
			t.Run(kind+" "+f.words, func(t *testing.T) {
				s := subject(t, "join "+kind+" "+f.words, "text int8 | text int8", out)
				optest.Law(t, s, func(rng *rand.Rand, _ int) row { return row{pick(rng, "a b NULL"), pick(rng, "1 2 3 NULL")} },
					func(in [][]row) []row { return joinRef(kind, f.match, in[0], in[1]) })
			})
		}
	}
}

func joinRef(kind string, match func(l, r row) bool, left, right []row) (out []row) {
	none := row{"NULL", "NULL"}
	used := make([]bool, len(right))
	for _, l := range left {
		n := 0
		for i, r := range right {
			if match(l, r) {
				n++
				used[i] = true
				if kind != "semi" && kind != "anti" {
					out = append(out, append(append(row{}, l...), r...))
				}
			}
		}
		switch {
		case kind == "semi" && n > 0, kind == "anti" && n == 0:
			out = append(out, l)
		case (kind == "left" || kind == "full") && n == 0:
			out = append(out, append(append(row{}, l...), none...))
		}
	}
	for i, r := range right {
		if kind == "full" && !used[i] {
			out = append(out, append(append(row{}, none...), r...))
		}
	}
	return out
}

func TestLawTopN(t *testing.T) {
	for _, cut := range [][2]int{{2, 0}, {1, 1}, {3, 2}, {-1, 2}, {-1, 0}, {0, 0}} {
		words := fmt.Sprintf("top by=0 order=1desc offset=%d", cut[1])
		if cut[0] >= 0 {
			words += fmt.Sprintf(" limit=%d", cut[0])
		}
		t.Run(words, func(t *testing.T) {
			s := subject(t, words, "text int8 text", "text int8 text")
			optest.Law(t, s, func(rng *rand.Rand, _ int) row {
				return row{pick(rng, "a b NULL"), pick(rng, "1 2 3"), pick(rng, "x y NULL")}
			}, func(in [][]row) []row { return topRef(in[0], cut[0], cut[1]) })
		})
	}
}

// topRef sorts each partition (NULL last) and cuts it; limit -1: none.
func topRef(rows []row, limit, offset int) (out []row) {
	keys, groups := groupBy(rows, 0)
	for _, k := range keys {
		g := groups[k]
		sort.SliceStable(g, func(i, j int) bool {
			if g[i][1] != g[j][1] {
				return number(g[i][1]) > number(g[j][1])
			}
			return strings.Replace(g[i][2], "NULL", "~", 1) < strings.Replace(g[j][2], "NULL", "~", 1)
		})
		g = g[min(offset, len(g)):]
		if limit >= 0 {
			g = g[:min(limit, len(g))]
		}
		out = append(out, g...)
	}
	return out
}

func TestLawAppendOnlyExtremes(t *testing.T) {
	s := subject(t, "aggregate keys=0 appendonly min:1 max:1 min:2 max:2 max:3", "int8 int4 text float8", "int8 int4 int4 text text float8")
	inserts := func(rng *rand.Rand, _ int) row {
		return row{pick(rng, "1 2 NULL"), pick(rng, "5 -5 0 7 NULL"), pick(rng, "x yy zzz NULL"), pick(rng, "1.5 -2 NULL")}
	}
	optest.LawOfInserts(t, s, inserts, func(in [][]row) (out []row) {
		keys, groups := groupBy(in[0], 0)
		for _, k := range keys {
			g := groups[k]
			out = append(out, row{g[0][0], extreme(notNull(g, 1), 1, byNumber), extreme(notNull(g, 1), -1, byNumber),
				extreme(notNull(g, 2), 1, byText), extreme(notNull(g, 2), -1, byText), extreme(notNull(g, 3), -1, byNumber)})
		}
		return out
	})
}
