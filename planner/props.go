package planner

import (
	"slices"

	"streamsql/internal/catalog"
	"streamsql/internal/expr"
)

// PropsOf derives what is known of a node's output.
func PropsOf(n Node) Props {
	switch n := n.(type) {
	case *Scan:
		return Props{Key: scanKey(n), AppendOnly: n.Object.AppendOnly || n.Object.Kind == catalog.Stream}
	case *Lookup:
		return Props{Key: []int{}}
	case *Values:
		p := Props{AppendOnly: true}
		if len(n.Rows) <= 1 {
			p.Key = []int{}
		}
		return p
	case *Filter:
		return filterProps(n)
	case *Project:
		return projectProps(n)
	case *Window:
		p := PropsOf(n.Input)
		if p.Key != nil && n.Slide < n.Size {
			p.Key = append(slices.Clone(p.Key), len(n.Input.Columns()))
		}
		return p
	case *ProjectSet:
		return projectSetProps(n)
	case *Expand:
		return Props{AppendOnly: PropsOf(n.Input).AppendOnly}
	case *Aggregate:
		return aggregateProps(n)
	case *Over:
		return Props{Key: PropsOf(n.Input).Key}
	case *Join:
		return joinProps(n)
	case *Union:
		p := Props{AppendOnly: true}
		for _, in := range n.In {
			p.AppendOnly = p.AppendOnly && PropsOf(in).AppendOnly
		}
		return p
	case *Distinct:
		p := PropsOf(n.Input)
		if p.Key == nil {
			p.Key = upTo(len(n.Columns()))
		}
		return p
	case *TopN:
		return topNProps(n)
	case *Sort:
		p := PropsOf(n.Input)
		if k, ok := n.Limit.(*expr.Const); ok && k.V.I <= 1 {
			p.Key = []int{}
		}
		return p
	case *StreamJoin:
		return Props{AppendOnly: true}
	case *SetOp:
		if n.All {
			return Props{}
		}
		return Props{Key: upTo(len(n.Out))}
	}
	return Props{}
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// scanKey is the object's key in the scan's columns, if all of it is read.
func scanKey(n *Scan) []int {
	if n.Object.Key == nil || n.Object.Kind == catalog.Stream {
		return nil
	}
	out := []int{}
	for _, k := range n.Object.Key {
		i := slices.Index(n.Cols, k)
		if i < 0 {
			return nil
		}
		out = append(out, i)
	}
	return out
}

// filterProps: columns equal to constants tell no rows apart; without others in the key there is at most one row.
func filterProps(n *Filter) Props {
	p := PropsOf(n.Input)
	if len(p.Key) == 0 {
		return p
	}
	fixed := map[int]bool{}
	for _, c := range expr.Conjuncts(n.Pred) {
		if i, _, ok := columnEquals(c); ok {
			fixed[i] = true
		}
	}
	rest := []int{}
	for _, k := range p.Key {
		if !fixed[k] {
			rest = append(rest, k)
		}
	}
	if len(rest) == 0 {
		p.Key = rest
	}
	return p
}

// columnEquals recognises column = constant or parameter, either way round.
func columnEquals(e expr.Expr) (col int, value expr.Expr, ok bool) {
	call, isCall := e.(*expr.Call)
	if !isCall || call.Func.Name != "=" || len(call.Args) != 2 {
		return 0, nil, false
	}
	for i, a := range call.Args {
		c, isCol := a.(*expr.Column)
		v := call.Args[1-i]
		if isCol && len(expr.Columns(v)) == 0 && expr.VolatilityOf(v) != expr.Volatile {
			return c.Index, v, true
		}
	}
	return 0, nil, false
}

func projectProps(n *Project) Props {
	p := PropsOf(n.Input)
	var key []int
	if p.Key != nil {
		key = []int{}
	}
	for _, k := range p.Key {
		i := slices.IndexFunc(n.Exprs, func(x expr.Expr) bool {
			c, ok := x.(*expr.Column)
			return ok && c.Index == k
		})
		if i < 0 {
			key = nil
			break
		}
		key = append(key, i)
	}
	p.Key = key
	return p
}

// aggregateProps: the grouping columns are the key. A grouping column beyond a key of the input adds nothing: it is
// left out, so that GROUP BY t.id, t.name is found by id alone.
func aggregateProps(n *Aggregate) Props {
	p := Props{Key: upTo(len(n.Keys))}
	if n.KeyPrefix > 0 {
		p.Key = upTo(n.KeyPrefix)
	}
	in := PropsOf(n.Input)
	p.AppendOnly = in.AppendOnly && len(n.Aggs) == 0 && !n.Scalar
	if len(in.Key) == 0 {
		return p
	}
	var short []int
	for _, k := range in.Key {
		i := slices.Index(n.Keys, k)
		if i < 0 {
			return p
		}
		short = append(short, i)
	}
	if len(short) < len(p.Key) {
		p.Key = short
	}
	return p
}

func joinProps(n *Join) Props {
	l, r := PropsOf(n.Left), PropsOf(n.Right)
	if n.Kind == Semi || n.Kind == Anti {
		return Props{Key: l.Key, AppendOnly: n.Kind == Semi && l.AppendOnly && r.AppendOnly}
	}
	lk, rk := joinKeys(n)
	oneRight, oneLeft := covers(rk, r.Key), covers(lk, l.Key)
	width := len(n.Left.Columns())
	p := Props{AppendOnly: n.Kind == Inner && l.AppendOnly && r.AppendOnly}
	switch {
	case n.Kind != Full && oneRight && l.Key != nil:
		p.Key = l.Key
	case n.Kind == Inner && oneLeft && r.Key != nil:
		p.Key = shifted(r.Key, width)
	case l.Key != nil && r.Key != nil:
		p.Key = append(slices.Clone(l.Key), shifted(r.Key, width)...)
	}
	return p
}

// covers reports that equality on cols decides a row with the given key.
func covers(cols, key []int) bool {
	if key == nil {
		return false
	}
	for _, k := range key {
		if !slices.Contains(cols, k) {
			return false
		}
	}
	return true
}

func shifted(xs []int, by int) []int {
	out := make([]int, len(xs))
	for i, x := range xs {
		out[i] = x + by
	}
	return out
}

// joinKeys lists the columns a join equates, its residual's plain ones included.
func joinKeys(n *Join) (left, right []int) {
	for i := range n.LeftKeys {
		if n.NullSafe == nil || !n.NullSafe[i] {
			left, right = append(left, n.LeftKeys[i]), append(right, n.RightKeys[i])
		}
	}
	if n.Residual == nil {
		return left, right
	}
	width := len(n.Left.Columns())
	for _, c := range expr.Conjuncts(n.Residual) {
		call, ok := c.(*expr.Call)
		if !ok || call.Func.Name != "=" || len(call.Args) != 2 {
			continue
		}
		a, aok := call.Args[0].(*expr.Column)
		b, bok := call.Args[1].(*expr.Column)
		if !aok || !bok {
			continue
		}
		if a.Index > b.Index {
			a, b = b, a
		}
		if a.Index < width && b.Index >= width {
			left, right = append(left, a.Index), append(right, b.Index-width)
		}
	}
	return left, right
}

func topNProps(n *TopN) Props {
	p := PropsOf(n.Input)
	p.AppendOnly = false
	if n.Limit >= 0 && n.Limit <= 1 {
		p.Key = slices.Clone(n.PartitionBy)
		if p.Key == nil {
			p.Key = []int{}
		}
	}
	return p
}
