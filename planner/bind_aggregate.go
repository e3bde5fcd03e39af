package planner

import (
	"slices"
	"strconv"
	"strings"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// aggSet collects the aggregate calls of one query level.
type aggSet struct{ calls []*aggCall }

// aggCall is one aggregate over expressions of the input.
type aggCall struct {
	agg      *expr.Agg
	args     []expr.Expr // for an ordered-set aggregate the direct arguments, then what it sorts by
	pos      []int       // of args
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

func (k orderKey) equal(o orderKey) bool {
	return expr.EqualExpr(k.x, o.x) && k.desc == o.desc && k.nullsFirst == o.nullsFirst
}

func (a *aggCall) equal(o *aggCall) bool {
	if a.agg.Name != o.agg.Name || !a.agg.Result.Equal(o.agg.Result) || a.distinct != o.distinct || len(a.args) != len(o.args) ||
		a.agg.Kind != o.agg.Kind || a.agg.Direct != o.agg.Direct || !slices.EqualFunc(a.agg.Consts, o.agg.Consts, sameConst) ||
		(a.filter == nil) != (o.filter == nil) || a.filter != nil && !expr.EqualExpr(a.filter, o.filter) {
		return false
	}
	for i := range a.args {
		if !expr.EqualExpr(a.args[i], o.args[i]) || expr.VolatilityOf(a.args[i]) == expr.Volatile {
			return false
		}
	}
	return slices.EqualFunc(a.order, o.order, orderKey.equal)
}

// sameConst compares literal arguments, which are integers and booleans.
func sameConst(v, w types.Value) bool { return v.I == w.I && v.B == w.B }

// add returns the placeholder of a call; equal calls are computed once.
func (s *aggSet) add(a *aggCall) expr.Expr {
	i := slices.IndexFunc(s.calls, a.equal)
	if i < 0 {
		i = len(s.calls)
		s.calls = append(s.calls, a)
	}
	return &expr.Column{Index: aggBase + i, Name: a.agg.Name, T: s.calls[i].agg.Result}
}

// aggregate binds a call of an aggregate function; nil, nil when the name is none's.
func (c *clause) aggregate(x *ast.Call, name []string) (expr.Expr, error) {
	if len(name) != 1 || !expr.IsAggregate(name[0], c.b.opt.Dialect) {
		if len(x.WithinGroup) == 0 {
			return nil, nil
		}
		if err := c.noSuchFunction(x, name); err != nil {
			return nil, err
		}
		return nil, pgerr.At(at(x), pgerr.WrongObjectType, "WITHIN GROUP specified, but %s is not an aggregate function", strings.Join(name, "."))
	}
	refused := c.aggAllowed(x)
	if refused != nil && (c.sc == nil || c.sc.parent == nil) {
		return nil, refused
	}
	call := &aggCall{}
	inner := *c
	inner.in, inner.subs = call, c.pre
	err := inner.aggregateCall(call, x, name)
	if err == nil {
		if owner := c.b.aggregateOwner(c.sc, call); owner != nil {
			return c.b.outerAggregate(owner, call, x)
		}
	}
	switch {
	case refused != nil:
		return nil, refused
	case err != nil:
		return nil, err
	}
	return c.aggs.add(call), nil
}

// noSuchFunction is the error for a name that is no function's, for the arguments that the call has.
func (c *clause) noSuchFunction(x *ast.Call, name []string) error {
	args, _, err := c.list(x.Args)
	if err != nil {
		return err
	}
	for _, o := range x.WithinGroup {
		e, err := c.expr(o.X)
		if err != nil {
			return err
		}
		args = append(args, e)
	}
	_, err = c.b.dialect().Function(name, args, at(x))
	return err
}

// aggregateCall binds what stands in the call; c is the clause inside of it.
func (c *clause) aggregateCall(call *aggCall, x *ast.Call, name []string) error {
	if len(x.WithinGroup) > 0 && (x.Distinct || len(x.OrderBy) > 0) {
		what := "DISTINCT"
		if !x.Distinct {
			what = "multiple ORDER BY clauses"
		}
		return pgerr.At(at(x), pgerr.SyntaxError, "cannot use %s with WITHIN GROUP", what)
	}
	call.distinct = x.Distinct
	args, pos, err := c.list(x.Args)
	if err != nil {
		return err
	}
	use := expr.AggUse{Name: name, Args: args, Star: x.Star, Grouped: len(x.WithinGroup) > 0, Dialect: c.b.opt.Dialect, Env: c.b.opt.Env, Pos: at(x)}
	for _, o := range x.WithinGroup {
		k, err := c.orderKey(o)
		if err != nil {
			return err
		}
		call.order = append(call.order, k)
		use.Within, pos = append(use.Within, k.x), append(pos, k.pos)
	}
	call.agg, call.args, err = use.Resolve()
	if err != nil {
		return pgerr.WithPos(err, at(x))
	}
	call.agg.Limit = c.b.opt.collectLimit(call.agg.Name)
	call.pos = pos
	for i := range call.args {
		call.args[i] = c.b.settle(call.args[i])
		if x.Distinct {
			if err := needEquality(call.args[i].Type(), pos[i]); err != nil {
				return err
			}
		}
	}
	for i := range call.order {
		call.order[i].x = call.args[call.agg.Direct+i]
	}
	return c.aggModifiers(call, x)
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

// collectMax is ksqlDB's default bound for collect_list and collect_set.
const collectMax = 1000

// collectLimit is how many values collect_list or collect_set keep at most, by the property ksql.functions.NAME.limit;
// 0: all, as for all other aggregates.
func (o *Options) collectLimit(name string) int64 {
	if name != "collect_list" && name != "collect_set" {
		return 0
	}
	if n, err := strconv.ParseInt(o.Properties["ksql.functions."+name+".limit"], 10, 64); err == nil {
		return max(n, 0)
	}
	if o.Dialect == "ksql" {
		return collectMax
	}
	return 0
}

// orderKey binds one ORDER BY item of a call or a window.
func (c *clause) orderKey(o ast.OrderItem) (orderKey, error) {
	e, err := c.expr(o.X)
	if err != nil {
		return orderKey{}, err
	}
	if e, err = c.b.known(e, at(o.X)); err != nil {
		return orderKey{}, err
	}
	return newOrderKey(e, o), needOrdering(e.Type(), at(o.X))
}

// filter binds FILTER (WHERE …) of a call.
func (c *clause) filter(x *ast.Call) (expr.Expr, error) {
	if x.Filter == nil {
		return nil, nil
	}
	f := *c
	f.name = "FILTER"
	e, err := f.expr(x.Filter)
	if err != nil {
		return nil, err
	}
	return c.b.boolean(e, "FILTER", at(x.Filter))
}

// aggModifiers binds FILTER and ORDER BY inside the call, and adds the order of arrival where the result depends on it.
func (c *clause) aggModifiers(call *aggCall, x *ast.Call) (err error) {
	if call.filter, err = c.filter(x); err != nil {
		return err
	}
	for _, o := range x.OrderBy {
		k, err := c.orderKey(o)
		if err != nil {
			return err
		}
		call.order = append(call.order, k)
	}
	if call.agg.Arrival && len(x.OrderBy) == 0 {
		return c.arrival(call, x)
	}
	if !call.distinct {
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

// arrival orders a call's rows by where their records stand in the log: by offset, which is the order of arrival within
// a partition, then by time and partition. The result depends on nothing but the rows that are there.
func (c *clause) arrival(call *aggCall, x *ast.Call) error {
	if !call.distinct && c.sc.from != nil {
		for _, name := range []string{rowoffsetColumn, rowtimeColumn, rowpartitionColumn} {
			for _, r := range c.sc.from.rels {
				i := slices.IndexFunc(r.cols, func(col relCol) bool { return strings.EqualFold(col.name, name) && col.hidden })
				if i >= 0 {
					call.order = append(call.order, orderKey{x: fresh(r.cols[i].x), pos: at(x)})
				}
			}
		}
	}
	if call.agg.NeedsArrival && len(call.order) == 0 {
		return pgerr.Unsupported(at(x), "%s over rows whose order of arrival is not known", call.agg.Name).
			WithHint("Say the order in the call: %s(value ORDER BY column).", call.agg.Name)
	}
	return nil
}
