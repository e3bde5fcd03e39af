package expr

// sample is the table that examples of aggregates are run over.
const sample = " FROM (VALUES (1, 2.5, 'a', true), (2, 3.5, 'b', false), (2, NULL, 'b', true)) t(i, n, s, b)"

// PostgreSQL's aggregates (chapter 9.21), but for those of ranges and XML.
func init() {
	defAgg("number of rows", "count(*)"+sample+" => 3", "count() int8 nullok")
	defAgg("number of rows whose argument is not NULL", "count(n)"+sample+" => 2", "count(any) int8")
	defAgg("sum of the values", "sum(i)"+sample+" => 5", "sum(int2) int8 postgres", "sum(int4) int8 postgres",
		"sum(int8) numeric postgres", "sum(float4) float4 postgres", "sum(float8) float8 postgres", "sum(numeric) numeric postgres",
		"sum(interval) interval postgres")
	defAgg("arithmetic mean", "avg(n)"+sample+" => 3.0000000000000000", "avg(int2) numeric postgres", "avg(int4) numeric postgres",
		"avg(int8) numeric postgres", "avg(float4) float8 postgres", "avg(float8) float8 postgres", "avg(numeric) numeric postgres",
		"avg(interval) interval postgres")
	for _, name := range []string{"min", "max"} {
		doc := map[string]string{"min": "least value", "max": "greatest value"}[name]
		example := map[string]string{"min": "min(s)" + sample + " => a", "max": "max(n)" + sample + " => 3.5"}[name]
		var sigs []string
		for _, t := range []string{"int2", "int4", "int8", "float4", "float8", "numeric", "text", "bpchar", "date", "time",
			"timestamp", "timestamptz", "interval", "oid", "timetz", "inet", "anyarray"} {
			sigs = append(sigs, name+"("+t+") "+t)
		}
		defAgg(doc, example, append(sigs, name+"(bytea) bytea ksql")...)
	}
	defAgg("true if all values are true", "bool_and(b)"+sample+" => f", "bool_and(bool) bool")
	defAgg("true if all values are true", "every(b)"+sample+" WHERE i = 1 => t", "every(bool) bool")
	defAgg("true if some value is true", "bool_or(b)"+sample+" => t", "bool_or(bool) bool")
	defBits("bit_and", "bits that all values have", "2")
	defBits("bit_or", "bits that some value has", "3")
	defBits("bit_xor", "bits that an odd number of values have", "1")
	defSpread()
	defPairs()
	defAgg("the values, NULLs included, as a JSON array", "json_agg(n)"+sample+" => [2.5, 3.5, null]", "json_agg(any) json nullok")
	defAgg("the values, NULLs included, as a JSON array", "jsonb_agg(s)"+sample+` => ["a", "b", "b"]`, "jsonb_agg(any) jsonb nullok")
	defAgg("a JSON object of keys and values", "json_object_agg(s, i)"+sample+` WHERE b => { "a" : 1, "b" : 2 }`, "json_object_agg(any, any) json nullok")
	defAgg("a JSON object of keys and values", "jsonb_object_agg(s, i)"+sample+` => {"a": 1, "b": 2}`, "jsonb_object_agg(any, any) jsonb nullok")
	defAgg("the values, NULLs included, as an array; arrays become one of a dimension more", "array_agg(i)"+sample+" => {1,2,2}",
		"array_agg(anynonarray) anyarray nullok", "array_agg(anyarray) anyarray nullok")
	defAgg("the values joined by the delimiter", "string_agg(s, '-')"+sample+" => a-b-b", "string_agg(text, text) text", "string_agg(bytea, bytea) bytea")
	defAgg("one of the values that are not NULL: the least", "any_value(s)"+sample+" => a", "any_value(anyelement) anyelement")
	defOrdered()
}

func defBits(name, doc, result string) {
	defAgg(doc, name+"(i) FROM (VALUES (3), (2)) t(i) => "+result, name+"(int2) int2", name+"(int4) int4", name+"(int8) int8", name+"(bit) bit")
}

// defSpread defines standard deviation and variance.
func defSpread() {
	results := map[string]string{"stddev": "0.57735026918962576451", "stddev_pop": "0.47140452079103168293",
		"variance": "0.33333333333333333333", "var_pop": "0.22222222222222222222"}
	results["stddev_samp"], results["var_samp"] = results["stddev"], results["variance"]
	for _, name := range []string{"stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop"} {
		doc := map[bool]string{true: "standard deviation", false: "variance"}[name[0] == 's']
		doc += map[bool]string{true: " of the population", false: " of a sample"}[name[len(name)-3:] == "pop"]
		var sigs []string
		for _, t := range []string{"int2) numeric", "int4) numeric", "int8) numeric", "float4) float8", "float8) float8", "numeric) numeric"} {
			sig := name + "(" + t
			if name == "stddev_samp" {
				sig += " postgres"
			}
			sigs = append(sigs, sig)
		}
		defAgg(doc, name+"(i)"+sample+" => "+results[name], sigs...)
	}
}

// defPairs defines what regards pairs (y, x).
func defPairs() {
	const pairs = " FROM (VALUES (2, 1), (4, 2), (9, 4)) t(y, x)"
	for _, p := range []struct{ name, doc, result string }{
		{"corr", "correlation coefficient", "0.9986254289035241"},
		{"covar_pop", "covariance of the population", "3.6666666666666665"},
		{"covar_samp", "covariance of a sample", "5.5"},
		{"regr_avgx", "mean of x", "2.3333333333333335"},
		{"regr_avgy", "mean of y", "5"},
		{"regr_intercept", "where the line of least squares crosses the y axis", "-0.5000000000000012"},
		{"regr_r2", "square of the correlation coefficient", "0.9972527472527474"},
		{"regr_slope", "slope of the line of least squares", "2.3571428571428577"},
		{"regr_sxx", "sum of squares of x around its mean", "4.666666666666666"},
		{"regr_sxy", "sum of products of x and y around their means", "11"},
		{"regr_syy", "sum of squares of y around its mean", "26"},
	} {
		defAgg(p.doc+", of the pairs (y, x) without NULLs", p.name+"(y, x)"+pairs+" => "+p.result, p.name+"(float8, float8) float8")
	}
	defAgg("number of pairs without NULLs", "regr_count(y, x)"+pairs+" => 3", "regr_count(float8, float8) int8")
}

// defOrdered defines the ordered-set and hypothetical-set aggregates.
func defOrdered() {
	const group = " WITHIN GROUP (ORDER BY i) FROM (VALUES (1), (2), (2), (4)) t(i) => "
	defAgg("the most frequent value; the first in order of equally frequent ones", "mode()"+group+"2", "mode(order by anyelement) anyelement")
	defAgg("the value at a fraction of the order, interpolated; an array of fractions gives an array", "percentile_cont(0.25)"+group+"1.75",
		"percentile_cont(float8 order by float8) float8", "percentile_cont(float8 order by interval) interval",
		"percentile_cont(float8[] order by float8) float8[]", "percentile_cont(float8[] order by interval) interval[]")
	defAgg("the first value at or behind a fraction of the order; an array of fractions gives an array", "percentile_disc(0.25)"+group+"1",
		"percentile_disc(float8 order by anyelement) anyelement", "percentile_disc(float8[] order by anyelement) anyarray")
	for _, h := range []struct{ name, doc, result, t string }{
		{"rank", "rank the row of the arguments would have, with gaps", "4", "int8"},
		{"dense_rank", "rank the row of the arguments would have, without gaps", "3", "int8"},
		{"percent_rank", "the rank, from 0 to 1", "0.75", "float8"},
		{"cume_dist", "the part of the rows at or before the row of the arguments, itself included", "0.8", "float8"},
	} {
		defAgg(h.doc, h.name+"(3)"+group+h.result, h.name+"(variadic any) "+h.t+" hypothetical nullok")
	}
}
