package planner

import (
	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/types"
)

// Node is a plan node. Nodes are trees of plain structs; rules return new ones and never change a shared one.
type Node interface {
	Inputs() []Node
	Columns() []Column // the output columns
}

// Column is one output column of a node.
type Column struct {
	Name    string
	Type    types.Type
	NotNull bool
}

// Props are facts about a node's output that rules and physical choices use.
type Props struct {
	Key        []int // columns that identify a row; nil: none known; empty and not nil: at most one row
	AppendOnly bool  // weights are only ever positive
}

// The nodes of a physical plan.
type (
	// Scan reads a relation: its changes since the log's start (Stream), or its rows and then their changes
	// (materialized), or the engine's rows (System). Cols are catalog column indexes, in output order.
	Scan struct {
		Object *catalog.Object
		Cols   []int
		Out    []Column
	}
	// Lookup reads the rows of a materialized relation whose Object.Key columns equal Key (constants or parameters,
	// one per key column, of the columns' types). Pull queries only.
	Lookup struct {
		Object *catalog.Object
		Key    []expr.Expr
		Cols   []int
		Out    []Column
	}
	// Values yields constant rows once.
	Values struct {
		Rows [][]expr.Expr
		Out  []Column
	}
	// Filter keeps rows whose predicate is true.
	Filter struct {
		Input Node
		Pred  expr.Expr
	}
	// Project computes Exprs over its input.
	Project struct {
		Input Node
		Exprs []expr.Expr
		Out   []Column
	}
	// Window appends window_start and window_end (of TimeCol's type) and repeats a row once per window it falls in:
	// one when Slide == Size (tumbling), Size/Slide when hopping. Rows with a NULL time are dropped. Size, Slide and
	// Offset are microseconds.
	Window struct {
		Input               Node
		TimeCol             int
		Size, Slide, Offset int64
		Out                 []Column
	}
	// Expand repeats each row once per grouping set. Behind the input's columns stand the Cols again, NULL where the set
	// does not have them, then the set's number.
	Expand struct {
		Input Node
		Cols  []int
		Sets  [][]bool // by set, then by place in Cols
		Out   []Column
	}
	// Aggregate groups by the Keys columns; its output is the key columns, then one column per Agg. Without keys
	// (Scalar) there is always exactly one row.
	Aggregate struct {
		Input  Node
		Keys   []int
		Aggs   []AggCall
		Scalar bool
		// KeyPrefix: the first so many Keys decide the others (columns that depend on a grouped primary key stand behind
		// it); 0: all of them are needed to tell groups apart.
		KeyPrefix int
		// Always are the keys of groups that are there even without rows: those of empty grouping sets.
		Always [][]types.Value
		// Keep: a group that has lost its rows stays, with the aggregates of no rows (tables of the ksql dialect).
		Keep bool
		// AppendOnlyInput: no retraction can come, so min and max need no multiset.
		AppendOnlyInput bool
		Out             []Column
	}
	// Over computes window functions: the output is the input's columns, then one column per call. Rows that Order does
	// not tell apart are ordered by their other columns.
	Over struct {
		Input       Node
		PartitionBy []int
		Order       []SortKey
		Calls       []WinCall
		Out         []Column
	}
	// Join matches Left and Right rows whose key columns are equal (NULL matches nothing) and on which Residual (over
	// left columns, then right columns; nil = true) is true. Without keys it is a nested-loop (cross) join. The
	// output is left columns then right columns. NullSafe marks keys compared with IS NOT DISTINCT FROM.
	Join struct {
		Kind                JoinKind
		Left, Right         Node
		LeftKeys, RightKeys []int
		NullSafe            []bool // nil: none
		Residual            expr.Expr
		Out                 []Column
	}
	// Union is UNION ALL; the inputs have the same column types.
	Union struct {
		In  []Node
		Out []Column
	}
	// Distinct keeps each different row once.
	Distinct struct{ Input Node }
	// TopN keeps, per group of the PartitionBy columns (usually none), the rows at positions [Offset, Offset+Limit)
	// in the given order, maintained under changes. For views and push queries; ties are broken by the whole row.
	TopN struct {
		Input         Node
		PartitionBy   []int
		Order         []SortKey
		Limit, Offset int64 // Limit -1: none
	}
	// Sort orders the result of a pull query and cuts it. No Order: only the cut. Limit and Offset may be parameters.
	Sort struct {
		Input         Node
		Order         []SortKey
		Limit, Offset expr.Expr // bigint; nil: none
	}
	// SetOp is INTERSECT or EXCEPT [ALL].
	SetOp struct {
		Except, All bool
		Left, Right Node
		Out         []Column
	}
)

// JoinKind is the kind of a Join. Right joins are turned into left ones by the planner.
type JoinKind uint8

// The join kinds.
const (
	Inner JoinKind = iota
	Left
	Full
	Semi // left rows with a match; output: left columns
	Anti // left rows without a match; output: left columns
)

// AggCall is one aggregate over columns of the input.
type AggCall struct {
	Agg      *expr.Agg
	Args     []int // input columns; none for count(*)
	Distinct bool
	Filter   int       // boolean input column, or -1
	Order    []SortKey // array_agg(x ORDER BY y)
	NotNull  bool      // all Args are known to be not NULL
}

// SortKey is one column to order by.
type SortKey struct {
	Col        int
	Desc       bool
	NullsFirst bool
}

func (n *Scan) Inputs() []Node      { return nil }
func (n *Lookup) Inputs() []Node    { return nil }
func (n *Values) Inputs() []Node    { return nil }
func (n *Filter) Inputs() []Node    { return []Node{n.Input} }
func (n *Project) Inputs() []Node   { return []Node{n.Input} }
func (n *Window) Inputs() []Node    { return []Node{n.Input} }
func (n *Expand) Inputs() []Node    { return []Node{n.Input} }
func (n *Aggregate) Inputs() []Node { return []Node{n.Input} }
func (n *Over) Inputs() []Node      { return []Node{n.Input} }
func (n *Join) Inputs() []Node      { return []Node{n.Left, n.Right} }
func (n *Union) Inputs() []Node     { return n.In }
func (n *Distinct) Inputs() []Node  { return []Node{n.Input} }
func (n *TopN) Inputs() []Node      { return []Node{n.Input} }
func (n *Sort) Inputs() []Node      { return []Node{n.Input} }
func (n *SetOp) Inputs() []Node     { return []Node{n.Left, n.Right} }

func (n *Scan) Columns() []Column      { return n.Out }
func (n *Lookup) Columns() []Column    { return n.Out }
func (n *Values) Columns() []Column    { return n.Out }
func (n *Filter) Columns() []Column    { return n.Input.Columns() }
func (n *Project) Columns() []Column   { return n.Out }
func (n *Window) Columns() []Column    { return n.Out }
func (n *Expand) Columns() []Column    { return n.Out }
func (n *Aggregate) Columns() []Column { return n.Out }
func (n *Over) Columns() []Column      { return n.Out }
func (n *Join) Columns() []Column      { return n.Out }
func (n *Union) Columns() []Column     { return n.Out }
func (n *Distinct) Columns() []Column  { return n.Input.Columns() }
func (n *TopN) Columns() []Column      { return n.Input.Columns() }
func (n *Sort) Columns() []Column      { return n.Input.Columns() }
func (n *SetOp) Columns() []Column     { return n.Out }
