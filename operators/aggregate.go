package operators

import (
	"streamsql/internal/expr"
	"streamsql/internal/types"
	"streamsql/state"
)

// AggSpec is one aggregate of an aggregate operator.
type AggSpec struct {
	Agg      *expr.Agg
	Args     []int // input columns; none for count(*)
	Distinct bool
	Filter   int       // boolean input column, or -1
	Order    []SortKey // array_agg(x ORDER BY y)
	NotNull  bool      // all Args are known to be not NULL
}

// AggregateConfig configures NewAggregate. The output is the key columns, then one column per aggregate.
type AggregateConfig struct {
	In         []types.Type
	Keys       []int
	KeyNotNull []bool // per key: known to be never NULL; nil = nothing known
	Aggs       []AggSpec
	Scalar     bool // no keys, and always exactly one row
	AppendOnly bool // no weight is ever negative
	Env        *expr.Env
}

// NewAggregate returns a GROUP BY operator.
func NewAggregate(c AggregateConfig, sp *state.Space) (Readable, error) {
	panic("unfinished: NewAggregate")
}
