package planner

import (
	"strings"

	"streamsql/internal/expr"
	"streamsql/internal/types"
)

// ProjectSet repeats each input row for every row that its set-returning functions give for it: as many as the longest
// of them has, the others filled up with NULLs. Its output is the input's columns, then those of each call, then, with
// Ordinality, the row's place among those of its input row (bigint, from 1). With Outer a row without any is kept, with
// NULLs.
type ProjectSet struct {
	Input             Node
	Calls             []*expr.SetCall
	Ordinality, Outer bool
	Out               []Column
}

// Inputs implements Node.
func (n *ProjectSet) Inputs() []Node { return []Node{n.Input} }

// Columns implements Node.
func (n *ProjectSet) Columns() []Column { return n.Out }

// newProjectSet puts calls on a node; a column without a name has its function's.
func newProjectSet(input Node, calls []*expr.SetCall, ordinality, outer bool) *ProjectSet {
	n := &ProjectSet{Input: input, Calls: calls, Ordinality: ordinality, Outer: outer}
	n.Out = append(n.Out, input.Columns()...)
	for _, c := range calls {
		for _, col := range c.Cols {
			name := col.Name
			if name == "" {
				name = c.Func.Name
			}
			n.Out = append(n.Out, Column{Name: name, Type: col.Type})
		}
	}
	if ordinality {
		n.Out = append(n.Out, Column{Name: "ordinality", Type: types.T(types.Int8), NotNull: !outer})
	}
	return n
}

// over returns n over another input, whose columns at says where the old input's are (-1: gone), and the new places of
// n's columns. f rewrites the arguments, which read the old input.
func (n *ProjectSet) over(input Node, at []int, f func(expr.Expr) expr.Expr) (*ProjectSet, []int) {
	calls := make([]*expr.SetCall, len(n.Calls))
	for i, c := range n.Calls {
		calls[i] = c.WithArgs(mapExprs(c.Args, f))
	}
	out := newProjectSet(input, calls, n.Ordinality, n.Outer)
	old, now := len(n.Input.Columns()), len(input.Columns())
	m := append([]int(nil), at...)
	for i := old; i < len(n.Out); i++ {
		out.Out[now+i-old] = n.Out[i]
		m = append(m, now+i-old)
	}
	return out, m
}

// columns lists the input columns that the calls read.
func (n *ProjectSet) columns() []int {
	var out []int
	for _, c := range n.Calls {
		for _, a := range c.Args {
			out = append(out, expr.Columns(a)...)
		}
	}
	return out
}

func pruneProjectSet(n *ProjectSet, need []bool) (Node, []int) {
	width := len(n.Input.Columns())
	in, m := prune(n.Input, needing(width, need[:width], n.columns()...))
	out, at := n.over(in, m, func(e expr.Expr) expr.Expr { return expr.Remap(e, m) })
	return out, at
}

func projectSetProps(n *ProjectSet) Props {
	p := PropsOf(n.Input)
	if p.Key != nil && n.Ordinality {
		p.Key = append(append([]int{}, p.Key...), len(n.Out)-1)
	} else {
		p.Key = nil
	}
	return p
}

func describeProjectSet(n *ProjectSet) string {
	calls := make([]string, len(n.Calls))
	for i, c := range n.Calls {
		calls[i] = c.String()
	}
	s := "ProjectSet [" + strings.Join(calls, ", ") + "]"
	if n.Ordinality {
		s += " ordinality"
	}
	if n.Outer {
		s += " outer"
	}
	return s
}
