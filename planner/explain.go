package planner

import (
	"fmt"
	"strings"

	"streamsql/internal/catalog"
	"streamsql/internal/expr"
)

// Explain returns the plan's text form: one node a line with what decides its work, inputs indented below it.
func Explain(n Node) string {
	var sb strings.Builder
	explain(&sb, n, 0)
	return sb.String()
}

func explain(sb *strings.Builder, n Node, depth int) {
	sb.WriteString(strings.Repeat("  ", depth))
	sb.WriteString(describe(n))
	sb.WriteByte('\n')
	for _, in := range n.Inputs() {
		explain(sb, in, depth+1)
	}
}

// describe is a node's own line.
func describe(n Node) string {
	switch n := n.(type) {
	case *Scan:
		return fmt.Sprintf("Scan %s [%s]", n.Object.Qualified(), objectColumns(n.Object, n.Cols))
	case *Lookup:
		var keys []string
		for i, k := range n.Key {
			keys = append(keys, n.Object.Columns[n.Object.Key[i]].Name+" = "+k.String())
		}
		return fmt.Sprintf("Lookup %s (%s) [%s]", n.Object.Qualified(), strings.Join(keys, ", "),
			objectColumns(n.Object, n.Cols))
	case *Values:
		return describeValues(n)
	case *Filter:
		return "Filter " + n.Pred.String()
	case *Project:
		return "Project [" + projection(n) + "]"
	case *Window:
		s := fmt.Sprintf("Tumble %s size=%s", name(n.Input, n.TimeCol), duration(n.Size))
		if n.Slide != n.Size {
			s = fmt.Sprintf("Hop %s slide=%s size=%s", name(n.Input, n.TimeCol), duration(n.Slide), duration(n.Size))
		}
		if n.Offset != 0 {
			s += " offset=" + duration(n.Offset)
		}
		return s
	case *ProjectSet:
		return describeProjectSet(n)
	case *Expand:
		return describeExpand(n)
	case *Aggregate:
		return describeAggregate(n)
	case *Over:
		return describeOver(n)
	case *Join:
		return describeJoin(n)
	case *StreamJoin:
		return describeStreamJoin(n)
	case *Union:
		return "Union"
	case *Distinct:
		return "Distinct"
	case *TopN:
		return describeTopN(n)
	case *Sort:
		return describeSort(n)
	case *SetOp:
		s := "Intersect"
		if n.Except {
			s = "Except"
		}
		if n.All {
			s += " all"
		}
		return s
	}
	return fmt.Sprintf("%T", n)
}

func objectColumns(o *catalog.Object, cols []int) string {
	var out []string
	for _, c := range cols {
		out = append(out, o.Columns[c].Name)
	}
	return strings.Join(out, ", ")
}

// valuesShown is how many rows of a Values are printed.
const valuesShown = 5

func describeValues(n *Values) string {
	var rows []string
	for i, r := range n.Rows {
		if i == valuesShown {
			rows = append(rows, fmt.Sprintf("… %d rows", len(n.Rows)))
			break
		}
		var xs []string
		for _, x := range r {
			xs = append(xs, x.String())
		}
		rows = append(rows, "("+strings.Join(xs, ", ")+")")
	}
	if len(rows) == 0 {
		return "Values none"
	}
	return "Values " + strings.Join(rows, ", ")
}

func projection(n *Project) string {
	var out []string
	for i, x := range n.Exprs {
		s := x.String()
		if as := n.Out[i].Name; as != "" && as != s && !strings.HasSuffix(s, "."+as) {
			s += " AS " + as
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

func describeAggregate(n *Aggregate) string {
	s := "Aggregate"
	if len(n.Keys) > 0 {
		s += " keys=[" + names(n.Input, n.Keys) + "]"
	}
	var aggs []string
	for _, a := range n.Aggs {
		aggs = append(aggs, describeAgg(n.Input, a))
	}
	if len(aggs) > 0 {
		s += " aggs=[" + strings.Join(aggs, ", ") + "]"
	}
	if n.AppendOnlyInput {
		s += " append-only"
	}
	return s
}

func describeAgg(in Node, a AggCall) string {
	args := names(in, a.Args)
	if len(a.Args) == 0 {
		args = "*"
	}
	if a.Distinct {
		args = "DISTINCT " + args
	}
	if len(a.Order) > 0 {
		args += " ORDER BY " + order(in, a.Order)
	}
	s := a.Agg.Name + "(" + args + ")"
	if a.Filter >= 0 {
		s += " FILTER (" + name(in, a.Filter) + ")"
	}
	return s
}

func describeJoin(n *Join) string {
	kind := [...]string{"Inner", "Left", "Full", "Semi", "Anti"}[n.Kind]
	s := kind + "Join"
	var keys []string
	for i := range n.LeftKeys {
		op := " = "
		if n.NullSafe != nil && n.NullSafe[i] {
			op = " IS NOT DISTINCT FROM "
		}
		keys = append(keys, name(n.Left, n.LeftKeys[i])+op+name(n.Right, n.RightKeys[i]))
	}
	switch {
	case len(keys) > 0:
		s += " on [" + strings.Join(keys, ", ") + "]"
	default:
		s += " nested"
	}
	if n.Residual != nil {
		s += " if " + n.Residual.String()
	}
	return s
}

func describeTopN(n *TopN) string {
	s := "TopN"
	if len(n.PartitionBy) > 0 {
		s += " by=[" + names(n.Input, n.PartitionBy) + "]"
	}
	if len(n.Order) > 0 {
		s += " order=[" + order(n.Input, n.Order) + "]"
	}
	if n.Limit >= 0 {
		s += fmt.Sprintf(" limit=%d", n.Limit)
	}
	if n.Offset > 0 {
		s += fmt.Sprintf(" offset=%d", n.Offset)
	}
	return s
}

func describeSort(n *Sort) string {
	s := "Sort"
	if len(n.Order) == 0 {
		s = "Limit"
	} else {
		s += " order=[" + order(n.Input, n.Order) + "]"
	}
	if n.Limit != nil {
		s += " limit=" + n.Limit.String()
	}
	if n.Offset != nil {
		s += " offset=" + n.Offset.String()
	}
	return s
}

func order(in Node, keys []SortKey) string {
	var out []string
	for _, k := range keys {
		s := name(in, k.Col)
		if k.Desc {
			s += " desc"
		}
		if k.NullsFirst != k.Desc {
			s += map[bool]string{true: " nulls first", false: " nulls last"}[k.NullsFirst]
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// name is how column i of a node is called: its name, or what computes it.
func name(n Node, i int) string {
	if p, ok := n.(*Project); ok {
		if _, col := p.Exprs[i].(*expr.Column); !col && p.Out[i].Name == "" {
			return p.Exprs[i].String()
		}
	}
	if s := n.Columns()[i].Name; s != "" {
		return s
	}
	return fmt.Sprintf("#%d", i)
}

func names(n Node, cols []int) string {
	var out []string
	for _, c := range cols {
		out = append(out, name(n, c))
	}
	return strings.Join(out, ", ")
}

// duration prints microseconds in the largest unit that divides them.
func duration(us int64) string {
	for _, u := range []struct {
		name string
		us   int64
	}{{"d", microsecondsPerDay}, {"h", 3600000000}, {"m", 60000000}, {"s", 1000000}, {"ms", 1000}} {
		if us%u.us == 0 {
			return fmt.Sprintf("%d%s", us/u.us, u.name)
		}
	}
	return fmt.Sprintf("%dus", us)
}
