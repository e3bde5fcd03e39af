package engine

import (
	"streamsql/operators"
	"streamsql/planner"
)

// overConfig turns a plan's window functions into the operator's.
func overConfig(n *planner.Over) operators.OverConfig {
	c := operators.OverConfig{In: typesOf(n.Input.Columns()), PartitionBy: n.PartitionBy, Order: sortKeys(n.Order)}
	for _, w := range n.Calls {
		f := operators.NewFrame(w.Frame.Mode, w.Frame.Exclude)
		f.Start = frameBound(w.Frame.Start, c.Order)
		f.End = frameBound(w.Frame.End, c.Order)
		c.Calls = append(c.Calls, operators.WindowCall{Func: w.Name, Agg: w.Agg, Args: w.Args, Filter: w.Filter, Result: w.Result, Frame: f})
	}
	return c
}

func frameBound(b planner.FrameBound, order []operators.SortKey) operators.FrameBound {
	out := operators.FrameBound{Kind: operators.BoundOf(b.Kind), Offset: b.Offset, Key: b.Key, Value: b.Value}
	if len(order) > 0 {
		out.Desc, out.NullsFirst = order[0].Desc, order[0].NullsFirst
	}
	return out
}
