package operators_test

import (
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"

	"streamsql/operators/optest"
)

func TestLawAggregateBitsAndSpread(t *testing.T) {
	s := subject(t, "aggregate keys=0 bit_and:1 bit_or:1 bit_xor:1 bit_xor:1:distinct var_pop:1 var_samp:1 variance:2 regr_count:3,3 regr_avgx:3,3",
		"int8 int8 numeric float8", "int8 int8 int8 int8 int8 numeric numeric numeric int8 float8")
	optest.Law(t, s, func(rng *rand.Rand, _ int) row {
		return row{pick(rng, "1 2"), pick(rng, "-9 -3 0 1 2 3 7 8 255 NULL"), pick(rng, "1 2 5 NULL"), pick(rng, "1 3 NULL")}
	}, func(in [][]row) (out []row) {
		keys, groups := groupBy(in[0], 0)
		for _, k := range keys {
			g := groups[k]
			ints, floats := notNull(g, 1), notNull(g, 3)
			mean := "NULL"
			if n := len(floats); n > 0 {
				sum := 0.0
				for _, f := range floats {
					sum += number(f)
				}
				mean = strconv.FormatFloat(sum/float64(n), 'f', -1, 64)
			}
			out = append(out, row{g[0][0], bitFold(ints, func(a, b int64) int64 { return a & b }), bitFold(ints, func(a, b int64) int64 { return a | b }),
				bitFold(ints, func(a, b int64) int64 { return a ^ b }), bitFold(different(ints), func(a, b int64) int64 { return a ^ b }),
				varianceOf(ints, 0), varianceOf(ints, 1), varianceOf(notNull(g, 2), 1), strconv.Itoa(len(floats)), mean})
		}
		return out
	})
}

func bitFold(ints []string, fn func(a, b int64) int64) string {
	if len(ints) == 0 {
		return "NULL"
	}
	x, _ := strconv.ParseInt(ints[0], 10, 64)
	for _, s := range ints[1:] {
		y, _ := strconv.ParseInt(s, 10, 64)
		x = fn(x, y)
	}
	return strconv.FormatInt(x, 10)
}

// varianceOf is the variance with n-less as the divisor, with as many digits as PostgreSQL gives: at least 16 that count,
// in groups of four.
func varianceOf(ints []string, less int64) string {
	n, sum, squares := int64(len(ints)), int64(0), int64(0)
	if n == 0 || n == less {
		return "NULL"
	}
	for _, s := range ints {
		x, _ := strconv.ParseInt(s, 10, 64)
		sum, squares = sum+x, squares+x*x
	}
	num, den := n*squares-sum*sum, n*(n-less)
	if num == 0 {
		return "0"
	}
	group := func(x int64) (weight, first int64) {
		for x >= 10000 {
			x, weight = x/10000, weight+1
		}
		return weight, x
	}
	wn, fn := group(num)
	wd, fd := group(den)
	if wn -= wd; fn <= fd {
		wn--
	}
	return big.NewRat(num, den).FloatString(int(16 - 4*wn))
}
