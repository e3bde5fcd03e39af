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
	if x.Over != nil {
		return c.over(x, name)
	}
	if fn := name[len(name)-1]; expr.IsWindowFunc(fn) && len(x.WithinGroup) == 0 && (len(x.Args) == 0 || !expr.IsAggregate(fn, c.b.opt.Dialect)) {
		return nil, pgerr.At(at(x), pgerr.WrongObjectType, "window function %s requires an OVER clause", fn)
	}
	if len(name) == 1 && name[0] == "grouping" {
		return c.grouping(x)
	}
	e, err := c.aggregate(x, name)
	if e != nil || err != nil {
		return e, err
	}
	if hasLambda(x) {
		return c.lambdaCall(x, name)
	}
	if e, err = c.setReturning(x, name); e != nil || err != nil {
		return e, err
	}
	if isConstruct(name) {
		c = c.inside("COALESCE")
	}
	args, _, err := c.list(c.b.unitArgument(x, name))
	if err != nil {
		return nil, err
	}
	e, err = c.b.dialect().Function(name, args, at(x))
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

// sessionFuncs are the stable functions whose value is the session's: a view belongs to none.
var sessionFuncs = map[string]bool{"current_user": true, "session_user": true, "user": true, "current_role": true, "current_setting": true,
	"current_schema": true, "current_schemas": true}

// repeatable refuses, in what lives longer than a statement, functions that give another value each time: a row that
// is taken back must be computed as it was when it came, also after a restart. The statement's time stands still in a
// push query, but a view has none.
func (c *clause) repeatable(e expr.Expr, pos int) error {
	call, ok := e.(*expr.Call)
	if !ok || c.b.opt.Lifetime == Pull || c.name == defaultClause {
		return nil
	}
	clock := clockFuncs[call.Func.Name] || call.Func.Name == "age" && len(call.Args) == 1
	if call.Func.Vol != expr.Volatile && !((clock || sessionFuncs[call.Func.Name]) && c.b.opt.Lifetime == View) {
		return nil
	}
	if c.b.laterVolatile(call, pos) {
		return nil
	}
	return errVolatile(call.Func.Name, pos)
}

// refusedCall names the forms of a call that have no execution yet.
func refusedCall(x *ast.Call, name []string) error {
	switch {
	case needColumns[name[len(name)-1]]:
		return pgerr.Unsupported(at(x), "function %s", name[len(name)-1])
	case x.Variadic:
		return pgerr.Unsupported(at(x), "a VARIADIC argument")
	case x.Nulls != "":
		return pgerr.Unsupported(at(x), "%s NULLS", strings.ToUpper(x.Nulls))
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
