package operators

import (
	"streamsql/internal/expr"
	"streamsql/internal/types"
	"streamsql/state"
)

// SortKey is one column to order by.
type SortKey struct {
	Col        int
	Desc       bool
	NullsFirst bool
}

func NewFilter(pred expr.Expr, env *expr.Env) (Operator, error) { panic("unfinished: NewFilter") }
func NewProject(exprs []expr.Expr, env *expr.Env) (Operator, error) {
	panic("unfinished: NewProject")
}
func NewUnion() Operator                                     { panic("unfinished: NewUnion") }
func NewTumble(timeCol int, size, offset int64) Operator     { panic("unfinished: NewTumble") }
func NewHop(timeCol int, size, slide, offset int64) Operator { panic("unfinished: NewHop") }
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
