package planner

import (
	"slices"

	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// viewDepthMax bounds views over views in one plan; the catalog cannot hold a cycle, so this only stops runaways.
const viewDepthMax = 64

// binder turns syntax into nodes. One binder serves one statement, the views it expands included.
type binder struct {
	cat   *catalog.Catalog
	opt   Options
	deps  map[uint64]bool
	depth int             // of views being expanded
	views map[uint64]Node // those expanded already, by object

	params       []types.Type // by number less one; Unknown until the first use that decides
	paramPos     []int        // where each parameter stands first
	paramUnknown bool         // some parameter was handed out without a type
	frozen       bool         // inside a view's text: parameters do not exist there

	out *derivedOutput // of the derived relation of the ksql dialect that is being created

	places map[expr.Expr]int // where output expressions stand in the text
	outers []outerRef        // by the number of their expr.Outer
	// keepOrder is a query whose ORDER BY counts although nothing is cut: that of ARRAY(query).
	keepOrder ast.Query

	volatile  *volatileCall // the first call of a volatile function that only the plan can judge
	push      bool
	pushLimit expr.Expr
}

func newBinder(cat *catalog.Catalog, opt Options) *binder {
	b := &binder{cat: cat, opt: opt, deps: map[uint64]bool{}}
	for _, t := range opt.ParamTypes {
		if t.Kind == types.Invalid {
			t = types.T(types.Unknown)
		}
		b.params = append(b.params, t)
	}
	return b
}

// dependsOn lists the objects read so far, by ID.
func (b *binder) dependsOn() []uint64 {
	var out []uint64
	for id := range b.deps {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// param returns parameter n with the type known so far.
func (b *binder) param(n, pos int) (expr.Expr, error) {
	if b.frozen || n < 1 || n > 65535 {
		return nil, pgerr.At(pos, pgerr.UndefinedParameter, "there is no parameter $%d", n)
	}
	for len(b.params) < n {
		b.params = append(b.params, types.T(types.Unknown))
	}
	for len(b.paramPos) < n {
		b.paramPos = append(b.paramPos, pgerr.NoPos)
	}
	if b.paramPos[n-1] < 0 {
		b.paramPos[n-1] = pos
	}
	t := b.params[n-1]
	if t.Kind == types.Unknown {
		b.paramUnknown = true
	}
	return &expr.Param{N: n, T: t}, nil
}

// settle learns the types of parameters from a freshly resolved expression: a cast of an untyped parameter gives the
// parameter that type (as in PostgreSQL the first use decides), and so does a function that took it as an argument.
// It looks two levels deep, which is how deep resolution puts casts; what is below has been settled before.
func (b *binder) settle(e expr.Expr) expr.Expr { return b.settleTo(e, 2) }

func (b *binder) settleTo(e expr.Expr, depth int) expr.Expr {
	if !b.paramUnknown {
		return e
	}
	if p, ok := e.(*expr.Param); ok {
		if p.T.Kind != types.Unknown && b.params[p.N-1].Kind == types.Unknown {
			b.params[p.N-1] = p.T
		}
		return e
	}
	if c, ok := e.(*expr.Cast); ok {
		if p, ok := c.X.(*expr.Param); ok && p.T.Kind == types.Unknown {
			return b.settleCast(c, p)
		}
	}
	if depth == 0 {
		return e
	}
	all := func(xs []expr.Expr) []expr.Expr {
		return mapExprs(xs, func(x expr.Expr) expr.Expr { return b.settleTo(x, depth-1) })
	}
	switch e := e.(type) {
	case *expr.Call:
		c := *e
		c.Args = all(e.Args)
		return &c
	case *expr.Cast:
		c := *e
		c.X = b.settleTo(e.X, depth-1)
		return &c
	case *expr.Coalesce:
		return &expr.Coalesce{Args: all(e.Args), T: e.T}
	case *expr.Case:
		return &expr.Case{Conds: all(e.Conds), Results: all(e.Results), Else: b.settleTo(e.Else, depth-1), T: e.T}
	case *expr.AnyAll:
		c := *e
		c.X, c.Array = b.settleTo(e.X, depth-1), b.settleTo(e.Array, depth-1)
		return &c
	}
	return e
}

// settleCast is a cast of an untyped parameter: the parameter has the cast's type, unless another use came first.
func (b *binder) settleCast(c *expr.Cast, p *expr.Param) expr.Expr {
	if b.params[p.N-1].Kind == types.Unknown {
		b.params[p.N-1] = c.T
	}
	if b.params[p.N-1].Equal(c.T) {
		return &expr.Param{N: p.N, T: c.T}
	}
	return &expr.Cast{X: &expr.Param{N: p.N, T: b.params[p.N-1]}, T: c.T, Explicit: c.Explicit, Pos: c.Pos}
}

// checkParams reports the first parameter whose type nothing decided.
func (b *binder) checkParams() error {
	for i, t := range b.params {
		if t.Kind == types.Unknown {
			pos := pgerr.NoPos
			if i < len(b.paramPos) {
				pos = b.paramPos[i]
			}
			return pgerr.At(pos, pgerr.IndeterminateDatatype, "could not determine data type of parameter $%d", i+1)
		}
	}
	return nil
}

// castTo converts x to t and lets an untyped parameter learn it.
func (b *binder) castTo(x expr.Expr, t types.Type, ctx types.CastContext, pos int) (expr.Expr, error) {
	if x.Type().Equal(t) {
		return x, nil
	}
	if p, ok := x.(*expr.Param); ok && p.T.Kind == types.Unknown {
		if known := b.params[p.N-1]; known.Kind != types.Unknown {
			x = &expr.Param{N: p.N, T: known}
		} else {
			b.params[p.N-1] = t
			return &expr.Param{N: p.N, T: t}, nil
		}
		if x.Type().Equal(t) {
			return x, nil
		}
	}
	e, err := b.dialect().Cast(x, t, ctx, pos)
	if err != nil {
		return nil, pgerr.WithPos(err, pos)
	}
	return b.settle(e), nil
}

// known gives an expression that is still of unknown type the type text.
func (b *binder) known(x expr.Expr, pos int) (expr.Expr, error) {
	if x.Type().Kind != types.Unknown {
		return x, nil
	}
	return b.castTo(x, types.T(types.Text), types.Implicit, pos)
}

// conditions are the places of a boolean where NULL counts as false.
var conditions = map[string]bool{"WHERE": true, "HAVING": true, "JOIN/ON": true, "FILTER": true, "CASE/WHEN": true}

// boolean demands a boolean; where says of what: "WHERE", "AND".
func (b *binder) boolean(x expr.Expr, where string, pos int) (expr.Expr, error) {
	switch x.Type().Kind {
	case types.Bool:
		if b.dialect() == expr.KSQL && conditions[where] {
			return expr.Positive(x), nil
		}
		return x, nil
	case types.Unknown:
		return b.castTo(x, types.T(types.Bool), types.Implicit, pos)
	}
	return nil, pgerr.At(pos, pgerr.DatatypeMismatch, "argument of %s must be type boolean, not type %s", where, x.Type())
}

// constBool returns a boolean constant.
func constBool(v bool) expr.Expr { return &expr.Const{V: types.BoolValue(v), T: types.T(types.Bool)} }

// constInt returns a bigint constant.
func constInt(v int64) expr.Expr { return &expr.Const{V: types.IntValue(v), T: types.T(types.Int8)} }

// constText returns an untyped literal.
func constText(s string) expr.Expr {
	return &expr.Const{V: types.TextValue(s), T: types.T(types.Unknown)}
}

// constNull returns NULL of type t.
func constNull(t types.Type) expr.Expr { return &expr.Const{V: types.Null, T: t} }

// at is the byte offset of a syntax node.
func at(n ast.Node) int { return int(n.Start()) }

// column returns a reference to column i of a node.
func column(cols []Column, i int) *expr.Column {
	return &expr.Column{Index: i, Name: cols[i].Name, T: cols[i].Type}
}
