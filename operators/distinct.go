package operators

import (
	"streamsql/internal/types"
	"streamsql/state"
)

// NewDistinct returns an operator that keeps each different row once while it is there. That is a GROUP BY over all
// columns without aggregates, and so it is built.
//
// Law:   out(row) = 1 if Σ weight(row) > 0, else absent. Of equal rows that are written differently the first is shown.
// Table: groups: row -> Σ weight; forms (see aggregate).
// Bound: the number of different rows in the input.
func NewDistinct(ts []types.Type, sp *state.Space) (Readable, error) {
	return newAggregate("distinct", AggregateConfig{In: ts, Keys: allColumns(len(ts))}, sp)
}

func allColumns(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
