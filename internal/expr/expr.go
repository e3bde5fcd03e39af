package expr

import (
	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// Expr is a bound expression. The implementations are the types of this file; trees are never changed once built.
type Expr interface {
	Type() types.Type
	String() string // SQL-like text for EXPLAIN; columns as #i or by their name
	expr()
}

// Column is input column Index.
type Column struct {
	Index int
	Name  string // for EXPLAIN only
	T     types.Type
}

// Const is a constant. While an expression is being bound its type may be Unknown: an untyped literal or NULL.
type Const struct {
	V  types.Value
	T  types.Type
	At int // an untyped literal's byte offset plus one, so that 22P02 points at it; 0: not known
}

// Param is parameter $N (from 1); Bind replaces it by a Const before a plan runs.
type Param struct {
	N int
	T types.Type
}

// Call is a resolved function or operator; Args have exactly the types the Func takes.
type Call struct {
	Func *Func
	Args []Expr
	T    types.Type
	Pos  int // byte offset in the statement, or -1: run-time errors point there
}

// Cast converts X to T.
type Cast struct {
	X        Expr
	T        types.Type
	Explicit bool
	Pos      int
	Dialect  Dialect // whose rules convert: KSQL or PostgreSQL's
}

// Logic is AND or OR over two or more arguments, three-valued; evaluation of later arguments is skipped on rows the
// earlier ones decide. Not is NOT.
type Logic struct {
	Or   bool
	Args []Expr
}

// Not is NOT x.
type Not struct{ X Expr }

// Is is IS [NOT] NULL | TRUE | FALSE | UNKNOWN. What is lower case.
type Is struct {
	X    Expr
	What string
	Not  bool
}

// Case is the searched CASE: the first arm whose condition is true; arms are evaluated only on rows that reach them.
// COALESCE and NULLIF are Cases or Calls, whichever the implementation prefers (see Coalesce).
type Case struct {
	Conds   []Expr
	Results []Expr
	Else    Expr // never nil: a NULL Const if there was none
	T       types.Type
}

// Coalesce is the first argument that is not NULL, evaluated lazily.
type Coalesce struct {
	Args []Expr
	T    types.Type
}

// InList is x [NOT] IN (constants or expressions), all of X's type.
type InList struct {
	X    Expr
	List []Expr
	Not  bool
}

// AnyAll is x op ANY|ALL (array).
type AnyAll struct {
	X, Array Expr
	Op       *Func // takes X's type and the element type, gives boolean
	All      bool
	Pos      int
}

// ArrayOf builds an array of its arguments.
type ArrayOf struct {
	Args []Expr
	T    types.Type
}

func (e *Column) Type() types.Type   { return e.T }
func (e *Const) Type() types.Type    { return e.T }
func (e *Param) Type() types.Type    { return e.T }
func (e *Call) Type() types.Type     { return e.T }
func (e *Cast) Type() types.Type     { return e.T }
func (e *Logic) Type() types.Type    { return types.T(types.Bool) }
func (e *Not) Type() types.Type      { return types.T(types.Bool) }
func (e *Is) Type() types.Type       { return types.T(types.Bool) }
func (e *Case) Type() types.Type     { return e.T }
func (e *Coalesce) Type() types.Type { return e.T }
func (e *InList) Type() types.Type   { return types.T(types.Bool) }
func (e *AnyAll) Type() types.Type   { return types.T(types.Bool) }
func (e *ArrayOf) Type() types.Type  { return e.T }

func (*Column) expr()   {}
func (*Const) expr()    {}
func (*Param) expr()    {}
func (*Call) expr()     {}
func (*Cast) expr()     {}
func (*Logic) expr()    {}
func (*Not) expr()      {}
func (*Is) expr()       {}
func (*Case) expr()     {}
func (*Coalesce) expr() {}
func (*InList) expr()   {}
func (*AnyAll) expr()   {}
func (*ArrayOf) expr()  {}

// Volatility is PostgreSQL's: Immutable functions of constants are folded; Stable ones (now(), current_user) are
// constant within a statement and take their value from the Env; Volatile ones (random()) are run per row.
type Volatility uint8

// The volatilities.
const (
	Immutable Volatility = iota
	Stable
	Volatile
)

// Env is what an evaluation may ask of its surroundings. One Env serves one statement or one dataflow.
type Env struct {
	Format         *types.Format // text forms and time zone; nil = types.DefaultFormat
	Now            int64         // statement time, microseconds since 2000-01-01 UTC
	User, Database string
	Clock          func() int64  // the time now, for clock_timestamp(); nil: Now
	Random         func() uint64 // random bits, for random(); nil: the process's generator
	// RowError is told of a row that cannot be computed (err is a *pgerr.Error). It returns nil to make the row's
	// result NULL and go on, or the error to stop with. nil stops at the first error.
	RowError func(err error) error
	// Lookup gives catalog facts to functions that need them (regclass casts, pg_table_is_visible, format_type of
	// composite types …); nil when there is no catalog at hand.
	Lookup CatalogLookup
}

// CatalogLookup is what catalog functions ask; implemented by the engine.
type CatalogLookup interface {
	RelationName(oid uint32) (name string, ok bool)
	RelationOID(name string) (oid uint32, ok bool)
	Setting(name string) (value string, ok bool)
	// ViewDefinition is the SQL text of a view, for pg_get_viewdef.
	ViewDefinition(oid uint32) (text string, ok bool)
}

// Program is a compiled expression. It holds scratch buffers: one goroutine at a time.
type Program interface {
	// Eval computes the expression for the rows of in (all n rows; n counts when in has no columns). The result has n
	// rows, is not written to afterwards and may share vectors with in.
	Eval(env *Env, in []batch.Vec, n int) (batch.Vec, error)
}
