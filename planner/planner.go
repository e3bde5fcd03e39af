package planner

import (
	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// Lifetime says how long a plan's dataflow lives.
type Lifetime uint8

// The lifetimes.
const (
	Pull Lifetime = iota // one tick, over a snapshot: an ordinary SELECT
	Push                 // until the client leaves: EMIT CHANGES, SUBSCRIBE
	View                 // until DROP
)

// Options tells a planning run what it is for. The zero value plans a pull query.
type Options struct {
	Lifetime Lifetime
	// Env is used for folding constants; nil folds with the default formats and without a catalog.
	Env *expr.Env
	// ParamTypes are the parameter types that the client declared; Unknown, Invalid or missing ones are inferred.
	ParamTypes []types.Type
	// Rules switches a rewrite off by its name with false (tests).
	Rules map[string]bool
	// Dialect is the session's, kept with created objects: "postgres" (also "") or "ksql".
	Dialect string
	// Properties are ksqlDB's settings (names begin with "ksql.") that say what a statement leaves open.
	Properties map[string]string
	// ParseQuery reads the text of a stored view; nil uses sql/parser (tests without the parser set it).
	ParseQuery func(text, dialect string) (ast.Query, error)
}

// Plan is a planned query. It is not changed once returned; any number of sessions may share it.
type Plan struct {
	Root    Node
	Columns []Column     // the output columns, Root's
	Params  []types.Type // the type of each parameter, from $1
	Props   Props        // of Root
	// DependsOn has the IDs of the objects that are read, those inside expanded views and the views included; sorted.
	DependsOn []uint64
	// Push is set for EMIT CHANGES.
	Push bool
	// PushLimit is the LIMIT of a push query without ORDER BY: it ends after so many rows. nil: it never ends.
	PushLimit expr.Expr
}

// InsertPlan is a planned INSERT.
type InsertPlan struct {
	Object *catalog.Object
	// Query yields exactly the columns of Object that are not hidden, in order, cast to their types, with defaults
	// filled in.
	Query *Plan
	// Rowtime yields the timestamp of each row's record in milliseconds since 1970, in the rows' order; nil: now.
	Rowtime *Plan
	// Returning are expressions over the object's visible columns, nil without RETURNING.
	Returning     []expr.Expr
	ReturningCols []Column
}

// UpdatePlan is a planned UPDATE.
type UpdatePlan struct {
	Object *catalog.Object
	// Query yields, for each row that matches, all columns of Object (hidden ones included) as they are and then the
	// new values of its visible columns.
	Query *Plan
	// Returning are expressions over the object's visible columns (new values), nil without RETURNING.
	Returning     []expr.Expr
	ReturningCols []Column
}

// DeletePlan is a planned DELETE.
type DeletePlan struct {
	Object *catalog.Object
	// Query yields all columns of Object (hidden ones included) of the rows that match.
	Query *Plan
	// Returning are expressions over the object's visible columns, nil without RETURNING.
	Returning     []expr.Expr
	ReturningCols []Column
}
