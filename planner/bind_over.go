package planner

import (
	"slices"
	"strings"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// winBase is where the placeholders of window functions' results start.
const winBase = 1 << 26

// winSet collects the window function calls of one SELECT.
type winSet struct {
	calls []*winCall
	named []namedWindow
}

// namedWindow is a window of the WINDOW clause.
type namedWindow struct {
	name  string
	spec  winSpec
	frame *ast.Frame
}

// winCall is one call over a window, its expressions being over what the SELECT's output is computed from.
type winCall struct {
	name   string
	agg    *expr.Agg // nil: a window function
	args   []expr.Expr
	filter expr.Expr
	result types.Type
	spec   winSpec
	frame  winFrame
}

// winSpec is how a window divides and orders the rows.
type winSpec struct {
	partition []expr.Expr
	order     []orderKey
}

func (s winSpec) clone() winSpec {
	return winSpec{slices.Clone(s.partition), slices.Clone(s.order)}
}

func (s winSpec) equal(o winSpec) bool {
	return slices.EqualFunc(s.partition, o.partition, expr.EqualExpr) && slices.EqualFunc(s.order, o.order, orderKey.equal)
}

// winFrame is a frame; start and end are offsets of bounds that have one, over no columns.
type winFrame struct {
	ast.Frame
	start, end expr.Expr
}

func (f winFrame) equal(o winFrame) bool {
	same := func(x, y expr.Expr) bool { return x == nil && y == nil || x != nil && y != nil && expr.EqualExpr(x, y) }
	return f.Mode == o.Mode && f.Exclude == o.Exclude && f.Start.Kind == o.Start.Kind && f.End.Kind == o.End.Kind &&
		same(f.start, o.start) && same(f.end, o.end)
}

func (w *winCall) equal(o *winCall) bool {
	if w.name != o.name || (w.agg == nil) != (o.agg == nil) || !w.result.Equal(o.result) || !w.spec.equal(o.spec) || !w.frame.equal(o.frame) ||
		(w.filter == nil) != (o.filter == nil) || w.filter != nil && !expr.EqualExpr(w.filter, o.filter) ||
		w.agg != nil && !slices.EqualFunc(w.agg.Consts, o.agg.Consts, sameConst) {
		return false
	}
	return slices.EqualFunc(w.args, o.args, func(a, b expr.Expr) bool {
		return expr.EqualExpr(a, b) && expr.VolatilityOf(a) != expr.Volatile
	})
}

// add returns the placeholder of a call; equal calls are computed once.
func (s *winSet) add(w *winCall) expr.Expr {
	i := slices.IndexFunc(s.calls, w.equal)
	if i < 0 {
		i = len(s.calls)
		s.calls = append(s.calls, w)
	}
	return &expr.Column{Index: winBase + i, Name: w.name, T: w.result}
}

// over binds a call with an OVER clause.
func (c *clause) over(x *ast.Call, name []string) (expr.Expr, error) {
	fn := name[len(name)-1]
	switch {
	case c.in != nil:
		return nil, pgerr.At(at(x), pgerr.GroupingError, "aggregate function calls cannot contain window function calls")
	case c.inWindow == "window definitions":
		return nil, pgerr.At(at(x), pgerr.WindowingError, "window functions are not allowed in window definitions")
	case c.inWindow != "":
		return nil, pgerr.At(at(x), pgerr.WindowingError, "window function calls cannot be nested")
	case c.wins == nil || c.name == "FILTER" || c.name == "HAVING":
		return nil, pgerr.At(at(x), pgerr.WindowingError, "window functions are not allowed in %s", c.name)
	}
	agg := len(name) == 1 && expr.IsAggregate(fn, c.b.opt.Dialect) && !expr.IsWindowFunc(fn)
	if !agg && !expr.IsWindowFunc(fn) {
		if err := c.noSuchFunction(x, name); err != nil {
			return nil, err
		}
		return nil, pgerr.At(at(x), pgerr.WrongObjectType, "OVER specified, but %s is not a window function nor an aggregate function", strings.Join(name, "."))
	}
	switch {
	case len(x.WithinGroup) > 0:
		return nil, pgerr.At(at(x), pgerr.FeatureNotSupported, "OVER is not supported for ordered-set aggregate %s", fn)
	case x.Distinct:
		return nil, pgerr.At(at(x), pgerr.FeatureNotSupported, "DISTINCT is not implemented for window functions")
	case len(x.OrderBy) > 0:
		return nil, pgerr.At(at(x), pgerr.FeatureNotSupported, "aggregate ORDER BY is not implemented for window functions")
	case x.Filter != nil && !agg:
		return nil, pgerr.At(at(x), pgerr.FeatureNotSupported, "FILTER is not implemented for non-aggregate window functions")
	}
	w := &winCall{name: fn}
	inner := *c
	inner.inWindow = "window function calls"
	if err := inner.windowArgs(w, x, name, agg); err != nil {
		return nil, err
	}
	spec, frame, err := c.window(x.Over)
	if err != nil {
		return nil, err
	}
	w.spec = spec.clone()
	if w.frame, err = c.frame(frame, w.spec); err != nil {
		return nil, err
	}
	if err := w.noSets(at(x)); err != nil {
		return nil, err
	}
	return c.wins.add(w), nil
}

// noSets refuses set-returning functions: they are computed after the windows.
func (w *winCall) noSets(pos int) error {
	if slices.ContainsFunc(w.args, readsSet) || w.filter != nil && readsSet(w.filter) {
		return pgerr.At(pos, pgerr.FeatureNotSupported, "window function calls cannot contain set-returning function calls").WithHint(hintLateral)
	}
	if slices.ContainsFunc(w.spec.partition, readsSet) || slices.ContainsFunc(w.spec.order, func(k orderKey) bool { return readsSet(k.x) }) {
		return pgerr.Unsupported(pos, "a set-returning function in the window of a window function")
	}
	return nil
}

// windowArgs binds what stands in the call's parentheses, and FILTER.
func (c *clause) windowArgs(w *winCall, x *ast.Call, name []string, agg bool) error {
	args, _, err := c.list(x.Args)
	if err != nil {
		return err
	}
	if !agg {
		w.result, w.args, err = expr.ResolveWindow(w.name, args, at(x))
	} else {
		use := expr.AggUse{Name: name, Args: args, Star: x.Star, Dialect: c.b.opt.Dialect, Env: c.b.opt.Env, Pos: at(x)}
		if w.agg, w.args, err = use.Resolve(); err == nil {
			w.result = w.agg.Result
			w.filter, err = c.filter(x)
		}
	}
	if err != nil {
		return pgerr.WithPos(err, at(x))
	}
	for i := range w.args {
		w.args[i] = c.b.settle(w.args[i])
	}
	return nil
}

// window binds the window of an OVER clause, which may take over a named one.
func (c *clause) window(s *ast.WindowSpec) (winSpec, *ast.Frame, error) {
	spec, err := c.windowSpec(s)
	if err != nil || s.Name == "" {
		return spec, s.Frame, err
	}
	i := slices.IndexFunc(c.wins.named, func(n namedWindow) bool { return n.name == s.Name })
	if i < 0 {
		return spec, nil, pgerr.At(int(s.Pos), pgerr.UndefinedObject, "window %s does not exist", quoted(s.Name))
	}
	base := c.wins.named[i]
	if len(s.PartitionBy) == 0 && len(s.OrderBy) == 0 && s.Frame == nil {
		return base.spec, base.frame, nil
	}
	switch {
	case len(s.PartitionBy) > 0:
		return spec, nil, pgerr.At(int(s.Pos), pgerr.WindowingError, "cannot override PARTITION BY clause of window %s", quoted(s.Name))
	case len(s.OrderBy) > 0 && len(base.spec.order) > 0:
		return spec, nil, pgerr.At(int(s.Pos), pgerr.WindowingError, "cannot override ORDER BY clause of window %s", quoted(s.Name))
	case base.frame != nil:
		return spec, nil, pgerr.At(int(s.Pos), pgerr.WindowingError, "cannot copy window %s because it has a frame clause", quoted(s.Name))
	case len(s.OrderBy) == 0:
		spec.order = base.spec.order
	}
	spec.partition = base.spec.partition
	return spec, s.Frame, nil
}

// windowSpec binds PARTITION BY and ORDER BY of a window.
func (c *clause) windowSpec(s *ast.WindowSpec) (spec winSpec, err error) {
	inner := *c
	inner.inWindow = "window definitions"
	for _, x := range s.PartitionBy {
		e, err := inner.expr(x)
		if err != nil {
			return spec, err
		}
		if e, err = c.b.known(e, at(x)); err != nil {
			return spec, err
		}
		if err := needEquality(e.Type(), at(x)); err != nil {
			return spec, err
		}
		spec.partition = append(spec.partition, e)
	}
	for _, o := range s.OrderBy {
		k, err := inner.orderKey(o)
		if err != nil {
			return spec, err
		}
		spec.order = append(spec.order, k)
	}
	return spec, nil
}

// bindWindows binds the WINDOW clause.
func (q *selecting) bindWindows() error {
	for _, w := range q.s.Windows {
		if slices.ContainsFunc(q.wins.named, func(n namedWindow) bool { return n.name == w.Name }) {
			return pgerr.At(int(w.Spec.Pos), pgerr.WindowingError, "window %s is already defined", quoted(w.Name))
		}
		c := q.output("window definitions")
		spec, frame, err := c.window(w.Spec)
		if err != nil {
			return err
		}
		if _, err := c.frame(frame, spec); err != nil {
			return err
		}
		q.wins.named = append(q.wins.named, namedWindow{w.Name, spec, frame})
	}
	return nil
}

// frame binds a frame; nil is the default one.
func (c *clause) frame(f *ast.Frame, spec winSpec) (out winFrame, err error) {
	if f == nil {
		out.Mode, out.Start.Kind, out.End.Kind = "range", "unbounded preceding", "current row"
		return out, nil
	}
	out.Frame = *f
	if out.End.Kind == "" {
		out.End.Kind = "current row"
	}
	if err := checkFrame(&out.Frame); err != nil {
		return out, err
	}
	if f.Mode == "groups" && len(spec.order) == 0 {
		return out, pgerr.At(int(f.Pos), pgerr.WindowingError, "GROUPS mode requires an ORDER BY clause")
	}
	if out.start, err = c.frameOffset(f, out.Start, spec); err != nil {
		return out, err
	}
	out.end, err = c.frameOffset(f, out.End, spec)
	return out, err
}

// checkFrame refuses frames whose ends are the wrong way round, with PostgreSQL's words.
func checkFrame(f *ast.Frame) error {
	s, e := f.Start.Kind, f.End.Kind
	what := ""
	switch {
	case s == "unbounded following":
		what = "frame start cannot be UNBOUNDED FOLLOWING"
	case e == "unbounded preceding":
		what = "frame end cannot be UNBOUNDED PRECEDING"
	case s == "current row" && e == "preceding":
		what = "frame starting from current row cannot have preceding rows"
	case s == "following" && e == "preceding":
		what = "frame starting from following row cannot have preceding rows"
	case s == "following" && e == "current row":
		what = "frame starting from following row cannot end with current row"
	default:
		return nil
	}
	return pgerr.At(int(f.Pos), pgerr.WindowingError, "%s", what)
}

// frameOffset binds the offset of a frame's end, nil if it has none.
func (c *clause) frameOffset(f *ast.Frame, b ast.FrameBound, spec winSpec) (expr.Expr, error) {
	if b.X == nil {
		return nil, nil
	}
	mode := strings.ToUpper(f.Mode)
	if f.Mode == "range" && len(spec.order) != 1 {
		return nil, pgerr.At(int(f.Pos), pgerr.WindowingError, "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column")
	}
	inner := &clause{b: c.b, sc: c.sc, name: "window " + mode, refs: c.refs}
	x, err := inner.expr(b.X)
	if err != nil {
		return nil, err
	}
	if len(expr.Columns(x)) > 0 {
		return nil, pgerr.At(at(b.X), pgerr.InvalidColumnReference, "argument of %s must not contain variables", mode)
	}
	if f.Mode == "range" {
		return c.rangeOffset(x, spec.order[0], at(b.X))
	}
	t := types.T(types.Int8)
	y, err := c.b.castTo(x, t, types.Assignment, at(b.X))
	if err != nil && x.Type().Kind == types.Unknown {
		return nil, err
	}
	if err != nil {
		return nil, pgerr.At(at(b.X), pgerr.DatatypeMismatch, "argument of %s must be type bigint, not type %s", mode, x.Type())
	}
	return y, nil
}

// rangeTypes says for an ordering column's kind as what its values and bounds are compared, and the type of the offset.
var rangeTypes = map[types.Kind][2]types.Kind{
	types.Int2: {types.Numeric, types.Int8}, types.Int4: {types.Numeric, types.Int8}, types.Int8: {types.Numeric, types.Int8},
	types.Float4: {types.Float8, types.Float8}, types.Float8: {types.Float8, types.Float8}, types.Numeric: {types.Numeric, types.Numeric},
	types.Date: {types.Timestamp, types.Interval}, types.Timestamp: {types.Timestamp, types.Interval},
	types.TimestampTZ: {types.TimestampTZ, types.Interval}, types.Time: {types.Interval, types.Interval},
	types.Interval: {types.Interval, types.Interval},
}

// rangeOffset casts an offset in units of the ordering column.
func (c *clause) rangeOffset(x expr.Expr, key orderKey, pos int) (expr.Expr, error) {
	ts, ok := rangeTypes[key.x.Type().Kind]
	if !ok {
		return nil, pgerr.At(pos, pgerr.FeatureNotSupported, "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s", key.x.Type())
	}
	y, err := c.b.castTo(x, types.T(ts[1]), types.Implicit, pos)
	if err != nil && x.Type().Kind == types.Unknown {
		return nil, err
	}
	if err != nil {
		return nil, pgerr.At(pos, pgerr.FeatureNotSupported, "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s and offset type %s", key.x.Type(), x.Type()).
			WithHint("Cast the offset value to an appropriate type.")
	}
	return y, nil
}
