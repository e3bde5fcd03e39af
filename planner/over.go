package planner

import (
	"fmt"
	"strings"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// WinCall is one window function, or one aggregate over a window, over columns of the input.
type WinCall struct {
	Name   string
	Agg    *expr.Agg // nil: the window function Name
	Args   []int
	Filter int // of an aggregate: boolean input column, or -1
	Result types.Type
	Frame  Frame
}

// Frame is the frame of a window: Mode "rows", "range" or "groups"; Exclude "", "current row", "group", "ties".
type Frame struct {
	Mode, Exclude string
	Start, End    FrameBound
}

// FrameBound is one end of a frame: Kind as in ast.FrameBound. Preceding and following have an Offset column; for range
// the column Key is compared with the column Value, which is the ordering value moved by the offset.
type FrameBound struct {
	Kind               string
	Offset, Key, Value int // -1: none
}

// overs puts the window functions on node, whose columns resolve gives: below them everything that the output needs is
// computed, so that rows alike in that are alike for any plan.
func (q *selecting) overs(node Node, resolve func(expr.Expr) expr.Expr) (Node, func(expr.Expr) expr.Expr, error) {
	if len(q.wins.calls) == 0 {
		return node, resolve, nil
	}
	in := node.Columns()
	p := &Project{Input: node}
	col := func(x expr.Expr) int {
		if i := indexExpr(p.Exprs, x); i >= 0 {
			return i
		}
		name := ""
		if c, ok := x.(*expr.Column); ok {
			name = in[c.Index].Name
		}
		return p.add(name, x, in)
	}
	base := map[int]int{}
	for _, x := range q.finished() {
		for _, i := range expr.Columns(resolve(x)) {
			if i < winBase {
				base[i] = col(column(in, i))
			}
		}
	}
	type window struct {
		over  *Over
		calls []int
	}
	var windows []*window
	for n, w := range q.wins.calls {
		o, call, err := w.columns(func(x expr.Expr) int { return col(resolve(x)) })
		if err != nil {
			return nil, nil, err
		}
		at := -1
		for i := range windows {
			if sameWindow(windows[i].over, o) {
				at = i
			}
		}
		if at < 0 {
			at = len(windows)
			windows = append(windows, &window{over: o})
		}
		windows[at].over.Calls = append(windows[at].over.Calls, call)
		windows[at].calls = append(windows[at].calls, n)
	}
	results := make([]int, len(q.wins.calls))
	node = p
	for _, w := range windows {
		w.over.Input = node
		w.over.Out = append([]Column(nil), node.Columns()...)
		for i, c := range w.over.Calls {
			results[w.calls[i]] = len(w.over.Out)
			w.over.Out = append(w.over.Out, Column{Name: c.Name, Type: c.Result})
		}
		node = w.over
	}
	return node, func(e expr.Expr) expr.Expr {
		return expr.Rewrite(resolve(e), func(x expr.Expr) expr.Expr {
			c, ok := x.(*expr.Column)
			switch {
			case ok && c.Index >= setBase:
			case ok && c.Index >= winBase:
				return &expr.Column{Index: results[c.Index-winBase], Name: c.Name, T: c.T}
			case ok:
				return &expr.Column{Index: base[c.Index], Name: c.Name, T: c.T}
			}
			return x
		})
	}, nil
}

// finished lists the expressions that are computed over the window functions.
func (q *selecting) finished() []expr.Expr {
	out := append([]expr.Expr(nil), q.on...)
	for _, it := range q.items {
		out = append(out, it.x)
	}
	for _, k := range q.order {
		out = append(out, k.x)
	}
	for _, o := range q.setOutputs() {
		out = append(out, *o.x)
	}
	return out
}

// columns turns a call's expressions into columns.
func (w *winCall) columns(col func(expr.Expr) int) (*Over, WinCall, error) {
	o := &Over{}
	c := WinCall{Name: w.name, Agg: w.agg, Filter: -1, Result: w.result}
	for _, x := range w.spec.partition {
		o.PartitionBy = append(o.PartitionBy, col(x))
	}
	for _, k := range w.spec.order {
		o.Order = append(o.Order, SortKey{Col: col(k.x), Desc: k.desc, NullsFirst: k.nullsFirst})
	}
	for _, x := range w.args {
		c.Args = append(c.Args, col(x))
	}
	if w.filter != nil {
		c.Filter = col(w.filter)
	}
	c.Frame.Mode, c.Frame.Exclude = w.frame.Mode, strings.TrimPrefix(w.frame.Exclude, "no others")
	var err error
	if c.Frame.Start, err = w.bound(w.frame.Start.Kind, w.frame.start, col); err == nil {
		c.Frame.End, err = w.bound(w.frame.End.Kind, w.frame.end, col)
	}
	return o, c, err
}

func (w *winCall) bound(kind string, offset expr.Expr, col func(expr.Expr) int) (FrameBound, error) {
	b := FrameBound{Kind: kind, Offset: -1, Key: -1, Value: -1}
	if offset == nil {
		return b, nil
	}
	b.Offset = col(offset)
	if w.frame.Mode != "range" {
		return b, nil
	}
	key := w.spec.order[0]
	t := types.T(rangeTypes[key.x.Type().Kind][0])
	x, err := expr.ResolveCast(key.x, t, types.Explicit, key.pos)
	if err != nil {
		return b, err
	}
	by := offset
	if t.Kind == types.Numeric {
		if by, err = expr.ResolveCast(offset, t, types.Explicit, key.pos); err != nil {
			return b, err
		}
	}
	op := "+"
	if (kind == "preceding") != key.desc {
		op = "-"
	}
	value, err := expr.ResolveOperator(op, x, by, key.pos)
	if err != nil {
		return b, pgerr.WithPos(err, key.pos)
	}
	b.Key, b.Value = col(x), col(value)
	return b, nil
}

func sameWindow(a, b *Over) bool {
	if len(a.PartitionBy) != len(b.PartitionBy) || len(a.Order) != len(b.Order) {
		return false
	}
	for i := range a.PartitionBy {
		if a.PartitionBy[i] != b.PartitionBy[i] {
			return false
		}
	}
	for i := range a.Order {
		if a.Order[i] != b.Order[i] {
			return false
		}
	}
	return true
}

// pruneOver drops calls that nobody needs. The input keeps all its columns: they may decide the order of rows that the
// window's ORDER BY does not tell apart.
func pruneOver(n *Over, need []bool) (Node, []int) {
	width := len(n.Input.Columns())
	m := upTo(width)
	o := *n
	o.Calls, o.Out = nil, append([]Column(nil), n.Out[:width]...)
	for i, c := range n.Calls {
		at := -1
		if need[width+i] {
			at = len(o.Out)
			o.Calls, o.Out = append(o.Calls, c), append(o.Out, n.Out[width+i])
		}
		m = append(m, at)
	}
	if len(o.Calls) == 0 {
		in, im := prune(n.Input, need[:width])
		return in, append(im[:width:width], m[width:]...)
	}
	o.Input = exact(n.Input, allOf(width))
	return &o, m
}

func describeOver(n *Over) string {
	s := "Over"
	if len(n.PartitionBy) > 0 {
		s += " by=[" + names(n.Input, n.PartitionBy) + "]"
	}
	if len(n.Order) > 0 {
		s += " order=[" + order(n.Input, n.Order) + "]"
	}
	var calls []string
	for _, c := range n.Calls {
		args := names(n.Input, c.Args)
		if c.Agg != nil && len(c.Args) == 0 {
			args = "*"
		}
		call := c.Name + "(" + args + ")"
		if c.Filter >= 0 {
			call += " FILTER (" + name(n.Input, c.Filter) + ")"
		}
		calls = append(calls, call+c.Frame.describe(n.Input))
	}
	return s + " calls=[" + strings.Join(calls, ", ") + "]"
}

// describe is nothing for the default frame.
func (f *Frame) describe(in Node) string {
	if f.Mode == "range" && f.Exclude == "" && f.Start.Kind == "unbounded preceding" && f.End.Kind == "current row" {
		return ""
	}
	bound := func(b FrameBound) string {
		if b.Offset >= 0 {
			return name(in, b.Offset) + " " + b.Kind
		}
		return b.Kind
	}
	s := fmt.Sprintf(" %s %s..%s", f.Mode, bound(f.Start), bound(f.End))
	if f.Exclude != "" {
		s += " exclude " + f.Exclude
	}
	return s
}
