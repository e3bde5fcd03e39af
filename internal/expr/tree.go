package expr

import "slices"

// kids returns e's direct arguments, in evaluation order; nil for leaves.
func kids(e Expr) []Expr {
	switch e := e.(type) {
	case *Call:
		return e.Args
	case *Cast:
		return []Expr{e.X}
	case *Logic:
		return e.Args
	case *Not:
		return []Expr{e.X}
	case *Is:
		return []Expr{e.X}
	case *Case:
		xs := make([]Expr, 0, 2*len(e.Conds)+1)
		for i := range e.Conds {
			xs = append(xs, e.Conds[i], e.Results[i])
		}
		return append(xs, e.Else)
	case *Coalesce:
		return e.Args
	case *InList:
		return append([]Expr{e.X}, e.List...)
	case *AnyAll:
		return []Expr{e.X, e.Array}
	case *ArrayOf:
		return e.Args
	case *Field:
		return []Expr{e.X}
	case *RecordOf:
		return e.Args
	case *MapOf:
		return slices.Concat(e.Keys, e.Values)
	case *Lambda:
		return []Expr{e.Body}
	}
	return nil
}

// withKids returns a copy of e with its arguments, as kids lists them, replaced.
func withKids(e Expr, xs []Expr) Expr {
	switch e := e.(type) {
	case *Call:
		c := *e
		c.Args = xs
		return &c
	case *Cast:
		c := *e
		c.X = xs[0]
		return &c
	case *Logic:
		return &Logic{Or: e.Or, Args: xs}
	case *Not:
		return &Not{X: xs[0]}
	case *Is:
		return &Is{X: xs[0], What: e.What, Not: e.Not}
	case *Case:
		c := &Case{T: e.T, Else: xs[len(xs)-1]}
		for i := 0; i+1 < len(xs); i += 2 {
			c.Conds = append(c.Conds, xs[i])
			c.Results = append(c.Results, xs[i+1])
		}
		return c
	case *Coalesce:
		return &Coalesce{Args: xs, T: e.T}
	case *InList:
		return &InList{X: xs[0], List: xs[1:], Not: e.Not}
	case *AnyAll:
		c := *e
		c.X, c.Array = xs[0], xs[1]
		return &c
	case *ArrayOf:
		return &ArrayOf{Args: xs, T: e.T}
	case *Lambda:
		l := *e
		l.Body = xs[0]
		return &l
	case *Field:
		return &Field{X: xs[0], Index: e.Index, T: e.T}
	case *RecordOf:
		return &RecordOf{Args: xs, T: e.T}
	case *MapOf:
		return &MapOf{Keys: xs[:len(xs)/2], Values: xs[len(xs)/2:], T: e.T}
	}
	return e
}

// Walk calls f for e and then, where f returned true, for the expressions below it, parents first.
func Walk(e Expr, f func(Expr) bool) {
	if !f(e) {
		return
	}
	for _, k := range kids(e) {
		Walk(k, f)
	}
}

// Rewrite rebuilds e from the leaves up: every node is replaced by f of the node with its arguments already
// rewritten. f returns its argument to keep it. Nodes without a change are shared with e.
func Rewrite(e Expr, f func(Expr) Expr) Expr {
	old := kids(e)
	if len(old) == 0 {
		return f(e)
	}
	xs, changed := make([]Expr, len(old)), false
	for i, k := range old {
		xs[i] = Rewrite(k, f)
		changed = changed || xs[i] != k
	}
	if changed {
		e = withKids(e, xs)
	}
	return f(e)
}

// Columns returns the indexes of the columns e reads, ascending, each once.
func Columns(e Expr) []int {
	var cols []int
	Walk(e, func(x Expr) bool {
		if c, ok := x.(*Column); ok {
			cols = append(cols, c.Index)
		}
		return true
	})
	slices.Sort(cols)
	return slices.Compact(cols)
}

// Remap returns e with every column i replaced by column m[i]. It panics if e reads a column outside m.
func Remap(e Expr, m []int) Expr {
	return Rewrite(e, func(x Expr) Expr {
		if c, ok := x.(*Column); ok && m[c.Index] != c.Index {
			return &Column{Index: m[c.Index], Name: c.Name, T: c.T}
		}
		return x
	})
}

// Shift returns e with by added to every column index.
func Shift(e Expr, by int) Expr {
	if by == 0 {
		return e
	}
	return Rewrite(e, func(x Expr) Expr {
		if c, ok := x.(*Column); ok {
			return &Column{Index: c.Index + by, Name: c.Name, T: c.T}
		}
		return x
	})
}

// VolatilityOf returns the highest volatility in e. Parameters count as immutable: they are bound before a plan runs.
func VolatilityOf(e Expr) Volatility {
	v := Immutable
	Walk(e, func(x Expr) bool {
		v = max(v, nodeVolatility(x))
		return true
	})
	return v
}

// Conjuncts splits e at its ANDs, nested ones included.
func Conjuncts(e Expr) []Expr {
	l, ok := e.(*Logic)
	if !ok || l.Or {
		return []Expr{e}
	}
	var xs []Expr
	for _, a := range l.Args {
		xs = append(xs, Conjuncts(a)...)
	}
	return xs
}

// And joins xs by AND; nil for none, the expression itself for one.
func And(xs ...Expr) Expr {
	switch len(xs) {
	case 0:
		return nil
	case 1:
		return xs[0]
	}
	return &Logic{Args: xs}
}

// Or joins xs by OR; nil for none, the expression itself for one.
func Or(xs ...Expr) Expr {
	switch len(xs) {
	case 0:
		return nil
	case 1:
		return xs[0]
	}
	return &Logic{Or: true, Args: xs}
}
