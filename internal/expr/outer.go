package expr

import "streamsql/internal/types"

// Outer is a column of an enclosing query, while a subquery is being bound. ID is the planner's number for it. Plans that
// run have none: the planner joins the subquery with the rows it refers to.
type Outer struct {
	ID   int
	Name string // for EXPLAIN only
	T    types.Type
}

// Type implements Expr.
func (e *Outer) Type() types.Type { return e.T }

// String implements Expr.
func (e *Outer) String() string { return "outer " + e.Name }

func (*Outer) expr() {}

// Outers returns the outer columns in e, each as often as it stands there.
func Outers(e Expr) []*Outer {
	var out []*Outer
	Walk(e, func(x Expr) bool {
		if o, ok := x.(*Outer); ok {
			out = append(out, o)
		}
		return true
	})
	return out
}
