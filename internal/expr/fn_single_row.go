package expr

import (
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// SingleRow is the function that the planner puts on a scalar subquery: single_row(number of rows, value).
const SingleRow = "single_row"

func init() {
	def(SingleRow+"(int8, anyelement) anyelement nullok", "the value, and an error where the number, of rows of a subquery, is more than one",
		"single_row(1, 'x'::text) => x", rows(func(_ *row, a []types.Value) (types.Value, error) {
			if a[0].I > 1 {
				return types.Null, pgerr.New(pgerr.CardinalityViolation, "more than one row returned by a subquery used as an expression")
			}
			return a[1], nil
		}))
}
