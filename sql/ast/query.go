package ast

// Query is anything that yields rows.
type Query interface {
	Node
	query()
}

// Select is one SELECT block.
type Select struct {
	Pos
	With       *With
	Distinct   bool
	DistinctOn []Expr
	Items      []SelectItem
	From       []TableExpr // comma separated
	Where      Expr
	GroupBy    []Expr
	Having     Expr
	Windows    []NamedWindow
	Tail
	Window      *Window // ksqlDB's WINDOW clause when it stands behind joins or WHERE; behind a single source it is the Table's
	PartitionBy []Expr  // ksqlDB: key of the resulting stream
	Emit        string  // "", "changes", "final", "on window close"
}

// SetOp is a UNION, INTERSECT or EXCEPT (Op lower case) of two queries; precedence is in the tree's shape.
type SetOp struct {
	Pos
	With *With
	Op   string
	All  bool
	L, R Query
	Tail
	Emit string
}

// Values is VALUES (…), (…).
type Values struct {
	Pos
	With *With
	Rows [][]Expr
	Tail
}

// Tail is what may follow any query.
type Tail struct {
	OrderBy  []OrderItem
	LimitBy  *LimitBy // or nil
	Limit    Expr     // or nil
	WithTies bool
	Offset   Expr // or nil
}

// LimitBy is ClickHouse's LIMIT n [OFFSET m] BY exprs: the first rows of each group.
type LimitBy struct {
	Pos
	N, Offset Expr // Offset may be nil
	By        []Expr
}

// SelectItem is one item of the select list.
type SelectItem struct {
	Pos
	X  Expr // may be a *Star
	As string
}

// NamedWindow is one definition of the WINDOW clause.
type NamedWindow struct {
	Name string
	Spec *WindowSpec
}

// With is a WITH clause.
type With struct {
	Pos
	Recursive bool
	CTEs      []CTE
}

// CTE is one common table expression. Materialized is "", "materialized" or "not materialized".
type CTE struct {
	Pos
	Name         string
	Columns      []string
	Query        Query
	Materialized string
}

// TableExpr is an item of FROM.
type TableExpr interface {
	Node
	tableExpr()
}

// The FROM items.
type (
	// Table names a relation. Window is ksqlDB's WINDOW clause, which follows the source it windows.
	Table struct {
		Pos
		Name   Name
		Alias  Alias
		Window *Window
		AsOf   Expr // FOR SYSTEM_TIME AS OF x, or AS OF TIMESTAMP|OFFSET x; or nil
		// AsOfKind is "system_time", "timestamp" or "offset" with AsOf.
		AsOfKind string
	}
	// TableFunc is a set-returning function or a window table function: TUMBLE(t, col, INTERVAL '1 minute').
	// In Args a relation argument is a *TableArg, DESCRIPTOR(c) a Call named descriptor.
	TableFunc struct {
		Pos
		Call       *Call
		Alias      Alias
		Lateral    bool
		Ordinality bool
	}
	// Derived is a subquery in FROM.
	Derived struct {
		Pos
		Query   Query
		Alias   Alias
		Lateral bool
	}
	// Join is L kind JOIN R; Kind is "inner", "left", "right", "full" or "cross".
	Join struct {
		Pos
		Kind    string
		Natural bool
		L, R    TableExpr
		On      Expr
		Using   []string
		Within  *Within // ksqlDB's WITHIN … GRACE PERIOD
		AsOf    bool
	}
)

// TableArg is a relation given to a table function: TUMBLE(TABLE t [PARTITION BY …], …), or a bare name in first place.
type TableArg struct {
	Pos
	Name        Name
	PartitionBy []Expr
}

func (*TableArg) expr() {}

// Alias is AS name (columns).
type Alias struct {
	Name    string
	Columns []string
}

// Window is ksqlDB's WINDOW clause: Kind "tumbling", "hopping" or "session". Durations are as written; zero value: absent.
type Window struct {
	Pos
	Kind                            string
	Size, Advance, Retention, Grace *Duration // Size is the gap of a session window
}

// Within is ksqlDB's WITHIN clause of a stream-stream join.
type Within struct {
	Pos
	Before, After Duration
	Grace         *Duration
}

// Duration is number and unit as ksqlDB writes it: 10 MINUTES. Unit is the singular, lower case.
type Duration struct {
	N    int64
	Unit string
}

func (*Select) query() {}
func (*SetOp) query()  {}
func (*Values) query() {}

func (*Table) tableExpr()     {}
func (*TableFunc) tableExpr() {}
func (*Derived) tableExpr()   {}
func (*Join) tableExpr()      {}
