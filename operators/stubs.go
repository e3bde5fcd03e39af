package operators

import (
	"streamsql/internal/expr"
	"streamsql/internal/types"
	"streamsql/operators/rowkey"
	"streamsql/state"
)

// SortKey is one column to order by.
type SortKey = rowkey.SortKey

func NewUpsert(ts []types.Type, key []int, sp *state.Space) (Readable, error) {
	panic("unfinished: NewUpsert")
}

// JoinKind is the kind of a hash join.
type JoinKind uint8

// The join kinds.
const (
	Inner JoinKind = iota
	Left
	Full
	Semi
	Anti
)

// JoinConfig configures NewHashJoin.
type JoinConfig struct {
	Kind                JoinKind
	Left, Right         []types.Type
	LeftKeys, RightKeys []int
	NullSafe            []bool
	Residual            expr.Expr
	Env                 *expr.Env
}

func NewHashJoin(c JoinConfig, sp *state.Space) (Operator, error) { panic("unfinished: NewHashJoin") }
func NewDistinct(ts []types.Type, sp *state.Space) (Readable, error) {
	panic("unfinished: NewDistinct")
}

// TopNConfig configures NewTopN.
type TopNConfig struct {
	In            []types.Type
	PartitionBy   []int
	Order         []SortKey
	Limit, Offset int64 // Limit -1: none
}

func NewTopN(c TopNConfig, sp *state.Space) (Readable, error) { panic("unfinished: NewTopN") }
func NewSetOp(except, all bool, ts []types.Type, sp *state.Space) (Operator, error) {
	panic("unfinished: NewSetOp")
}
func NewMaterialize(ts []types.Type, key []int, sp *state.Space) (Readable, error) {
	panic("unfinished: NewMaterialize")
}
func NewSort(ts []types.Type, order []SortKey, limit, offset int64) Operator {
	panic("unfinished: NewSort")
}
