// Package agg holds the aggregate functions of the aggregate operator: kernels that change a group's state by a batch of
// weighted rows, and readers that turn the state into the function's result.
//
// Compile turns the aggregates of one operator into a Set. A Set's state is, per group slot, a fixed number of words
// (counts, 128-bit sums, extremes), the first of them the group's weight; what does not fit words lives in ordered
// tables keyed by slot. Aggregates share what they can: sum(x), avg(x) and count(x) have one count and one sum between
// them, and count(*) is the group's weight itself.
//
//	Feed   -> which rows count, and how often: weights after FILTER, without NULLs, after DISTINCT
//	Cell   -> words of a slot, changed by a typed loop over a feed (count, sum, extreme)
//	Extra  -> table state of a slot: multisets for what words cannot hold
//	Reader -> a result column from Images of slots
//
// Results are read from Images, copies of slots' state: one taken before the tick's first change and one at its end give
// the changes; reading views makes its own. All state is exact under retraction: the result depends only on the rows that
// are there, never on their history (with one exception: which of several equal, differently written values is shown by
// DISTINCT aggregates over numeric, interval, real and double precision is the first seen).
package agg
