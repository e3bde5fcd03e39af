package expr

// ksqlDB's aggregates. Those whose names PostgreSQL has too are there in the ksql dialect only, the others in both. Sums
// keep their argument's type and are 0 over nothing; "stddev_samp" is the variance, as in ksqlDB, and "stddev_sample"
// the standard deviation.
func init() {
	defAgg("sum of the values, in their own type; 0 if there are none", "", "sum(int4) int4 ksql", "sum(int8) int8 ksql",
		"sum(float8) float8 ksql", "sum(numeric) numeric ksql")
	defAgg("arithmetic mean; 0 if there are no values", "", "avg(int4) float8 ksql", "avg(int8) float8 ksql", "avg(float8) float8 ksql")
	defAgg("variance of a sample (ksqlDB's function of this name takes no root); 0 for less than two values", "",
		"stddev_samp(float8) float8 ksql")
	defAgg("standard deviation of a sample; 0 for less than two values", "stddev_sample(i) FROM (VALUES (1), (3)) t(i) => 1.4142135623730951", "stddev_sample(float8) float8")
	defAgg("correlation coefficient of the pairs without NULLs; NaN if it is not defined", "correlation(x, y) FROM (VALUES (1, 2), (2, 4)) t(x, y) => 1", "correlation(float8, float8) float8")
	defAgg("number of different values", "count_distinct(s)"+sample+" => 2", "count_distinct(any) int8")
	defAgg("the value that all rows have, NULL included; NULL if they differ", "attr(s)"+sample+" WHERE i = 2 => b", "attr(anyelement) anyelement nullok")
	defAgg("the values in order of arrival, NULLs included, at most ksql.functions.collect_list.limit of them",
		"collect_list(i)"+sample+" => {1,2,2}", "collect_list(anyelement) anyarray nullok arrival")
	defAgg("the different values in order of their first arrival, NULL included, at most ksql.functions.collect_set.limit of them",
		"collect_set(i)"+sample+" => {1,2}", "collect_set(anyelement) anyarray nullok arrival")
	const top = "the greatest values, greatest first; with more columns, structs of the value (sort_col) and those (col0, col1 …)"
	defAgg(top, "topk(i, 2)"+sample+" => {2,2}", "topk(anyelement, const int4) anyarray arrival", "topk(anyelement, variadic any) anyarray arrival")
	defAgg("the greatest different values, greatest first", "topkdistinct(i, 2)"+sample+" => {2,1}", "topkdistinct(anyelement, const int4) anyarray")
	defByOffset("earliest_by_offset", "first", "{1,2}", "1")
	defByOffset("latest_by_offset", "last", "{2,2}", "2")
	defAgg("how often each text comes, as a map", "histogram(s)"+sample+` => {"a":1,"b":2}`, "histogram(text) map<text,int8>")
	defAgg("sum of all elements of the arrays; 0 if there are none", "sum_list(a) FROM (VALUES (ARRAY[1, 2]), (ARRAY[3])) t(a) => 6",
		"sum_list(int4[]) int4", "sum_list(int8[]) int8", "sum_list(float8[]) float8", "sum_list(numeric[]) numeric")
}

func defByOffset(name, which, many, one string) {
	byOrder := " FROM (VALUES (1), (2), (2)) t(i) => "
	defAgg("the "+which+" value to arrive that is not NULL; NULLs count if the second argument is false",
		name+"(i ORDER BY i)"+byOrder+one, name+"(anyelement) anyelement nullok needsarrival", name+"(anyelement, const bool) anyelement nullok needsarrival")
	defAgg("the "+which+" n values to arrive that are not NULL, in order of arrival; NULLs count if the third argument is false",
		name+"(i, 2 ORDER BY i)"+byOrder+many, name+"(anyelement, const int4) anyarray nullok needsarrival",
		name+"(anyelement, const int4, const bool) anyarray nullok needsarrival")
}
