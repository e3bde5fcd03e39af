package planner

import (
	"strings"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// aggBase and subBase are where the column numbers of placeholders start: aggregate results and subquery results are
// columns that do not exist yet while the expression around them is bound.
const (
	aggBase = 1 << 24
	subBase = 1 << 25
)

// aggSet collects the aggregate calls of one query level.
type aggSet struct{ calls []*aggCall }

// aggCall is one aggregate over expressions of the input.
type aggCall struct {
	agg      *expr.Agg
	args     []expr.Expr
	distinct bool
	filter   expr.Expr
	order    []orderKey
}

// orderKey is a bound ORDER BY item.
type orderKey struct {
	x          expr.Expr
	desc       bool
	nullsFirst bool
	pos        int
}

func (a *aggCall) equal(o *aggCall) bool {
	if a.agg.Name != o.agg.Name || !a.agg.Result.Equal(o.agg.Result) || a.distinct != o.distinct || len(a.args) != len(o.args) || len(a.order) != len(o.order) ||
		(a.filter == nil) != (o.filter == nil) || a.filter != nil && !expr.EqualExpr(a.filter, o.filter) {
		return false
	}
	for i := range a.args {
		if !expr.EqualExpr(a.args[i], o.args[i]) || expr.VolatilityOf(a.args[i]) == expr.Volatile {
			return false
		}
	}
	for i := range a.order {
		if !expr.EqualExpr(a.order[i].x, o.order[i].x) || a.order[i].desc != o.order[i].desc || a.order[i].nullsFirst != o.order[i].nullsFirst {
			return false
		}
	}
	return true
}

// add returns the placeholder of a call; equal calls are computed once.
func (s *aggSet) add(a *aggCall) expr.Expr {
	for i, o := range s.calls {
		if a.equal(o) {
			return &expr.Column{Index: aggBase + i, Name: o.agg.Name, T: o.agg.Result}
		}
	}
	s.calls = append(s.calls, a)
	return &expr.Column{Index: aggBase + len(s.calls) - 1, Name: a.agg.Name, T: a.agg.Result}
}

// funcName is the name to look up: without pg_catalog, in lower case (ksqlDB folds names to capitals).
func funcName(n ast.Name) []string {
	out := make([]string, len(n.Parts))
	for i, p := range n.Parts {
		out[i] = strings.ToLower(p)
	}
	if len(out) == 2 && out[0] == "pg_catalog" {
		out = out[1:]
	}
	return out
}

func (c *clause) call(x *ast.Call) (expr.Expr, error) {
	name := funcName(x.Name)
	if err := refusedCall(x, name); err != nil {
		return nil, err
	}
	e, err := c.aggregate(x, name)
	if e != nil || err != nil {
		return e, err
	}
	args, _, err := c.list(x.Args)
	if err != nil {
		return nil, err
	}
	e, err = expr.ResolveFunction(name, args, at(x))
	if err != nil {
		return nil, err
	}
	if err := notAnAggregate(x, name); err != nil {
		return nil, err
	}
	return e, c.repeatable(e, at(x))
}

// clockFuncs are the stable functions whose value is the time of the statement; age(x) with one argument is one too.
var clockFuncs = map[string]bool{"now": true, "transaction_timestamp": true, "statement_timestamp": true, "current_timestamp": true,
	"current_date": true, "current_time": true, "localtime": true, "localtimestamp": true}

// repeatable refuses, in what lives longer than a statement, functions that give another value each time: a row that
// is taken back must be computed as it was when it came, also after a restart. The statement's time stands still in a
// push query, but a view has none.
func (c *clause) repeatable(e expr.Expr, pos int) error {
	call, ok := e.(*expr.Call)
	if !ok || c.b.opt.Lifetime == Pull || c.name == defaultClause {
		return nil
	}
	clock := clockFuncs[call.Func.Name] || call.Func.Name == "age" && len(call.Args) == 1
	if call.Func.Vol != expr.Volatile && !(clock && c.b.opt.Lifetime == View) {
		return nil
	}
	return pgerr.Unsupported(pos, "%s() in a view or push query", call.Func.Name).
		WithHint("Its value is not the same when a row is computed again; take the time from the rows, or apply the function in the query over the view.")
}

// refusedCall names the forms of a call that have no execution yet.
func refusedCall(x *ast.Call, name []string) error {
	switch {
	case x.Over != nil:
		return pgerr.Unsupported(at(x), "a window function (OVER)")
	case len(x.WithinGroup) > 0:
		return pgerr.Unsupported(at(x), "an ordered-set aggregate (WITHIN GROUP)")
	case x.Variadic:
		return pgerr.Unsupported(at(x), "a VARIADIC argument")
	case x.Nulls != "":
		return pgerr.Unsupported(at(x), "%s NULLS", strings.ToUpper(x.Nulls))
	case expr.IsSetReturning(name[len(name)-1]):
		return pgerr.Unsupported(at(x), "a set-returning function outside of FROM (%s)", name[len(name)-1])
	case len(name) == 1 && name[0] == "grouping":
		return pgerr.Unsupported(at(x), "GROUPING")
	}
	return nil
}

// notAnAggregate is the error for aggregate syntax on an ordinary function.
func notAnAggregate(x *ast.Call, name []string) error {
	n, what := strings.Join(name, "."), ""
	switch {
	case x.Star:
		what = n + "(*)"
	case x.Distinct:
		what = "DISTINCT"
	case len(x.OrderBy) > 0:
		what = "ORDER BY"
	case x.Filter != nil:
		what = "FILTER"
	default:
		return nil
	}
	return pgerr.At(at(x), pgerr.WrongObjectType, "%s specified, but %s is not an aggregate function", what, n)
}

// aggregate binds a call of an aggregate function; nil, nil when the name is none's.
func (c *clause) aggregate(x *ast.Call, name []string) (expr.Expr, error) {
	if !isAggregate(name) {
		return nil, nil
	}
	if err := c.aggAllowed(x); err != nil {
		return nil, err
	}
	call := &aggCall{distinct: x.Distinct}
	inner := *c
	inner.in, inner.subs = call, c.pre
	args, pos, err := inner.list(x.Args)
	if err != nil {
		return nil, err
	}
	agg, args, err := expr.ResolveAggregate(name, args, x.Star, at(x))
	if err != nil {
		return nil, pgerr.WithPos(err, at(x))
	}
	if agg == nil {
		return nil, nil
	}
	call.agg, call.args = agg, args
	for i := range args {
		call.args[i] = c.b.settle(args[i])
		if x.Distinct {
			if err := needEquality(args[i].Type(), pos[i]); err != nil {
				return nil, err
			}
		}
	}
	if err := inner.aggModifiers(call, x); err != nil {
		return nil, err
	}
	return c.aggs.add(call), nil
}

// isAggregate reports whether an aggregate has that name.
func isAggregate(name []string) bool {
	if len(name) != 1 {
		return false
	}
	for _, a := range expr.Aggregates() {
		if a.Name == name[0] {
			return true
		}
	}
	return false
}

func (c *clause) aggAllowed(x *ast.Call) error {
	switch {
	case c.in != nil && c.in.agg == nil && c.name != "FILTER":
		return pgerr.At(at(x), pgerr.GroupingError, "aggregate function calls cannot be nested")
	case c.aggs == nil || c.name == "FILTER":
		return pgerr.At(at(x), pgerr.GroupingError, "aggregate functions are not allowed in %s", c.name)
	}
	return nil
}

// aggModifiers binds FILTER and ORDER BY inside the call.
func (c *clause) aggModifiers(call *aggCall, x *ast.Call) error {
	if x.Filter != nil {
		f := *c
		f.name = "FILTER"
		e, err := f.expr(x.Filter)
		if err != nil {
			return err
		}
		if call.filter, err = c.b.boolean(e, "FILTER", at(x.Filter)); err != nil {
			return err
		}
	}
	for _, o := range x.OrderBy {
		e, err := c.expr(o.X)
		if err != nil {
			return err
		}
		if e, err = c.b.known(e, at(o.X)); err != nil {
			return err
		}
		if err := needOrdering(e.Type(), at(o.X)); err != nil {
			return err
		}
		call.order = append(call.order, newOrderKey(e, o))
	}
	if !call.distinct || len(call.order) == 0 {
		return nil
	}
	for i, o := range call.order {
		arg := indexExpr(call.args, o.x)
		for j, a := range call.args { // ORDER BY v, where the argument is v as text
			if c, ok := a.(*expr.Cast); ok && arg < 0 && c.X.Type().IsString() && c.T.Kind == types.Text && expr.EqualExpr(c.X, o.x) {
				arg = j
			}
		}
		if arg < 0 {
			return pgerr.At(o.pos, pgerr.InvalidColumnReference,
				"in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list")
		}
		call.order[i].x = call.args[arg]
	}
	return nil
}

func newOrderKey(x expr.Expr, o ast.OrderItem) orderKey {
	k := orderKey{x: x, desc: o.Desc, nullsFirst: o.Desc, pos: at(o.X)}
	if o.NullsFirst != nil {
		k.nullsFirst = *o.NullsFirst
	}
	return k
}

func containsExpr(xs []expr.Expr, x expr.Expr) bool { return indexExpr(xs, x) >= 0 }

// indexExpr finds an equal expression; volatile ones equal none.
func indexExpr(xs []expr.Expr, x expr.Expr) int {
	if expr.VolatilityOf(x) == expr.Volatile {
		return -1
	}
	for i := range xs {
		if expr.EqualExpr(xs[i], x) {
			return i
		}
	}
	return -1
}

// boolType is shorthand for the commonest type of this package.
var boolType = types.T(types.Bool)
