package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/types"
)

// emptyValues are what aggregates give for no rows; ok is false where that is not known for some: it may depend on
// arguments, as for rank(1) WITHIN GROUP.
func emptyValues(aggs []AggCall) (out []expr.Expr, ok bool) {
	for _, a := range aggs {
		switch {
		case zeroWhenEmpty[a.Agg.Name]:
			out = append(out, &expr.Const{V: types.IntValue(0), T: a.Agg.Result})
		case nullWhenEmpty[a.Agg.Name]:
			out = append(out, constNull(a.Agg.Result))
		default:
			return nil, false
		}
	}
	return out, true
}

var zeroWhenEmpty = map[string]bool{"count": true, "regr_count": true}

var nullWhenEmpty = map[string]bool{"sum": true, "avg": true, "min": true, "max": true, "array_agg": true, "string_agg": true,
	"bool_and": true, "bool_or": true, "every": true, "bit_and": true, "bit_or": true, "bit_xor": true, "json_agg": true,
	"jsonb_agg": true, "json_object_agg": true, "jsonb_object_agg": true, "stddev": true, "stddev_pop": true, "stddev_samp": true,
	"variance": true, "var_pop": true, "var_samp": true}
