package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
)

// pusher computes a subquery for all rows of a domain at once: the different values of the outer columns ids.
type pusher struct {
	ids    outerSet
	domain Node // its columns are those of ids
}

// pushed is a subquery for a whole domain: node has its rows, each once for every domain row it belongs to.
type pushed struct {
	node Node
	at   []int // where the subquery's columns are
	key  []int // where the domain's are
}

// rewrite returns e, an expression of the subquery, over the node's columns.
func (p *pushed) rewrite(e expr.Expr, ids outerSet) expr.Expr {
	return ids.replace(expr.Remap(e, p.at), mapColumns(p.node.Columns(), p.key))
}

// exact is the node with just the subquery's columns, then the domain's.
func (p *pushed) exact(cols []Column) Node {
	in := p.node.Columns()
	out := &Project{Input: p.node}
	for i, c := range p.at {
		out.add(cols[i].Name, column(in, c), in)
	}
	for _, c := range p.key {
		out.add("", column(in, c), in)
	}
	return out
}

// flat is a pushed node whose columns are the subquery's n, then the domain's k.
func flat(node Node, n, k int) *pushed {
	return &pushed{node, upTo(n), shifted(upTo(k), n)}
}

// push computes n for every domain row.
func (s *pusher) push(n Node) (*pushed, error) {
	k := len(s.ids)
	if !s.ids.inPlan(n) {
		j := newJoin(Inner, s.domain, n, nil)
		return &pushed{j, shifted(upTo(len(n.Columns())), k), upTo(k)}, nil
	}
	switch n := n.(type) {
	case *Values:
		return s.values(n)
	case *Join:
		return s.pushJoin(n)
	case *Union:
		return s.union(n)
	case *SetOp:
		l, r, err := s.both(n.Left, n.Right)
		if err != nil {
			return nil, err
		}
		out := &SetOp{Except: n.Except, All: n.All, Left: l, Right: r, Out: append(append([]Column(nil), n.Out...), l.Columns()[len(n.Out):]...)}
		return flat(out, len(n.Out), k), nil
	}
	if len(n.Inputs()) != 1 {
		return nil, notCorrelated(n)
	}
	in, err := s.push(n.Inputs()[0])
	if err != nil {
		return nil, err
	}
	return s.over(n, in)
}

func notCorrelated(n Node) error {
	return pgerr.Unsupported(pgerr.NoPos, "a correlated subquery with %s", describe(n))
}

// over puts a node of one input on that input, computed for the domain.
func (s *pusher) over(n Node, in *pushed) (*pushed, error) {
	width, k := len(n.Columns()), len(s.ids)
	f := func(e expr.Expr) expr.Expr { return in.rewrite(e, s.ids) }
	switch n := n.(type) {
	case *Filter:
		return &pushed{&Filter{Input: in.node, Pred: f(n.Pred)}, in.at, in.key}, nil
	case *Project:
		cols := in.node.Columns()
		p := &Project{Input: in.node}
		for i, e := range n.Exprs {
			p.add(n.Out[i].Name, f(e), cols)
		}
		for _, c := range in.key {
			p.add("", column(cols, c), cols)
		}
		return flat(p, width, k), nil
	case *ProjectSet:
		out, at := n.over(in.node, in.at, f)
		return &pushed{out, at, in.key}, nil
	case *Window:
		w := *n
		w.Input, w.TimeCol = in.node, in.at[n.TimeCol]
		now := len(in.node.Columns())
		w.Out = append(append([]Column(nil), in.node.Columns()...), n.Out[len(n.Out)-2:]...)
		return &pushed{&w, append(append([]int(nil), in.at...), now, now+1), in.key}, nil
	case *Aggregate:
		if len(n.Always) == 0 {
			return s.aggregate(n, in), nil
		}
	case *Sort:
		if n.Limit == nil && n.Offset == nil {
			return in, nil
		}
		t, ok := topNOf(n)
		if !ok {
			return nil, pgerr.Unsupported(pgerr.NoPos, "a parameter in LIMIT or OFFSET of a correlated subquery")
		}
		return s.over(t, in)
	}
	return s.whole(n, in)
}

// whole puts a node that looks at whole rows on its input: those of each domain row are looked at by themselves.
func (s *pusher) whole(n Node, in *pushed) (*pushed, error) {
	width, k := len(n.Columns()), len(s.ids)
	input := n.Inputs()[0].Columns()
	own := func(by []int) []int { return append(append([]int(nil), by...), shifted(upTo(k), len(input))...) }
	all := in.exact(input)
	out := func(cols []Column) []Column {
		return append(append([]Column(nil), all.Columns()...), cols[len(input):]...)
	}
	switch n := n.(type) {
	case *Distinct:
		return flat(&Distinct{Input: all}, width, k), nil
	case *TopN:
		t := *n
		t.Input, t.PartitionBy = all, own(n.PartitionBy)
		return flat(&t, width, k), nil
	case *Over:
		o := *n
		o.Input, o.PartitionBy, o.Out = all, own(n.PartitionBy), out(n.Out)
		return s.behind(&o, len(input), width), nil
	case *Expand:
		x := *n
		x.Input, x.Out = all, out(n.Out)
		return s.behind(&x, len(input), width), nil
	}
	return nil, notCorrelated(n)
}

// behind is a node that adds columns to those of its input: width in all, the first of them the input's, then, in the
// node, the domain's.
func (s *pusher) behind(n Node, input, width int) *pushed {
	k := len(s.ids)
	return &pushed{n, append(upTo(input), shifted(upTo(width-input), input+k)...), shifted(upTo(k), input)}
}

// aggregate groups by the domain too. Without groups of its own the subquery has a row for each domain row, also where
// nothing is aggregated.
func (s *pusher) aggregate(n *Aggregate, in *pushed) *pushed {
	k := len(s.ids)
	empty, known := emptyValues(n.Aggs)
	if n.Scalar && !known {
		return s.aggregateAll(n, in)
	}
	agg := remapAggregate(n, in.node, in.at)
	agg.Scalar = false
	agg.Keys = append(append([]int(nil), in.key...), agg.Keys...)
	if n.KeyPrefix > 0 {
		agg.KeyPrefix = n.KeyPrefix + k
	}
	agg.Out = nil
	for _, c := range in.key {
		agg.Out = append(agg.Out, in.node.Columns()[c])
	}
	agg.Out = append(agg.Out, n.Out...)
	if !n.Scalar {
		return &pushed{agg, shifted(upTo(len(n.Out)), k), upTo(k)}
	}
	all := &Join{Kind: Left, Left: s.domain, Right: agg, LeftKeys: upTo(k), RightKeys: upTo(k), NullSafe: allOf(k)}
	all.Out = joinOut(Left, s.domain, agg)
	p := &Project{Input: all}
	for i := range n.Aggs {
		var x expr.Expr = column(all.Out, 2*k+i)
		if e := empty[i]; !isNull(e) {
			x = &expr.Coalesce{Args: []expr.Expr{x, e}, T: e.Type()}
		}
		p.add(n.Out[i].Name, x, all.Out)
	}
	for i := range k {
		p.add("", column(all.Out, i), all.Out)
	}
	return flat(p, len(n.Out), k)
}

// aggregateAll aggregates for every domain row, over no rows where it has none: those are left-joined before, and FILTER
// leaves out what the join fills in.
func (s *pusher) aggregateAll(n *Aggregate, in *pushed) *pushed {
	k := len(s.ids)
	marked := &Project{Input: in.node, Exprs: columns(in.node), Out: append([]Column(nil), in.node.Columns()...)}
	mark := k + marked.add("", constBool(true), nil)
	all := &Join{Kind: Left, Left: s.domain, Right: marked, LeftKeys: upTo(k), RightKeys: in.key, NullSafe: allOf(k)}
	all.Out = joinOut(Left, s.domain, marked)
	agg := remapAggregate(n, all, shifted(in.at, k))
	agg.Scalar = false
	agg.Keys = upTo(k)
	for i := range agg.Aggs {
		if agg.Aggs[i].NotNull = false; agg.Aggs[i].Filter < 0 {
			agg.Aggs[i].Filter = mark
		}
	}
	agg.Out = append(append([]Column(nil), all.Out[:k]...), n.Out...)
	return &pushed{agg, shifted(upTo(len(n.Out)), k), upTo(k)}
}

// values computes rows that refer to outer columns.
func (s *pusher) values(n *Values) (*pushed, error) {
	width, k := len(n.Out), len(s.ids)
	in := s.domain.Columns()
	u := &Union{}
	for _, row := range n.Rows {
		p := &Project{Input: s.domain}
		for i, e := range row {
			p.add(n.Out[i].Name, s.ids.replace(e, columns(s.domain)), in)
		}
		for i := range in {
			p.add("", column(in, i), in)
		}
		u.In = append(u.In, p)
	}
	if len(u.In) == 1 {
		return flat(u.In[0], width, k), nil
	}
	u.Out = append(append([]Column(nil), n.Out...), in...)
	return flat(u, width, k), nil
}

func (s *pusher) union(n *Union) (*pushed, error) {
	u := &Union{Out: append(append([]Column(nil), n.Out...), s.domain.Columns()...)}
	for _, c := range n.In {
		in, err := s.push(c)
		if err != nil {
			return nil, err
		}
		u.In = append(u.In, in.exact(c.Columns()))
	}
	return flat(u, len(n.Out), len(s.ids)), nil
}

// both computes both inputs of a set operation.
func (s *pusher) both(l, r Node) (Node, Node, error) {
	pl, err := s.push(l)
	if err != nil {
		return nil, nil, err
	}
	pr, err := s.push(r)
	if err != nil {
		return nil, nil, err
	}
	return pl.exact(l.Columns()), pr.exact(r.Columns()), nil
}

// pushJoin computes a join. A side that does not depend on the outer columns is joined as it is, unless its rows without
// a match are kept too; if both do, rows of the same domain row match.
func (s *pusher) pushJoin(n *Join) (*pushed, error) {
	if n.Kind == Full {
		return nil, notCorrelated(n)
	}
	if n.Kind == Inner && !s.ids.inPlan(n.Left) && s.ids.inPlan(n.Right) {
		return s.pushRight(n)
	}
	l, err := s.push(n.Left)
	if err != nil {
		return nil, err
	}
	j := &Join{Kind: n.Kind, Left: l.node, Right: n.Right, LeftKeys: remapInts(n.LeftKeys, l.at), RightKeys: n.RightKeys, NullSafe: n.NullSafe}
	width := len(l.node.Columns())
	at := append([]int(nil), l.at...)
	if s.ids.inPlan(n.Right) {
		r, err := s.push(n.Right)
		if err != nil {
			return nil, err
		}
		if j.NullSafe == nil {
			j.NullSafe = make([]bool, len(j.LeftKeys))
		}
		j.Right = r.node
		j.LeftKeys = append(j.LeftKeys, l.key...)
		j.RightKeys = append(remapInts(n.RightKeys, r.at), r.key...)
		j.NullSafe = append(append([]bool(nil), j.NullSafe...), allOf(len(s.ids))...)
		at = append(at, shifted(r.at, width)...)
	} else {
		at = append(at, shifted(upTo(len(n.Right.Columns())), width)...)
	}
	out := &pushed{j, at[:len(n.Columns())], l.key}
	if n.Residual != nil {
		j.Residual = s.ids.replace(expr.Remap(n.Residual, at), mapColumns(l.node.Columns(), l.key))
	}
	j.Out = joinOut(j.Kind, j.Left, j.Right)
	return out, nil
}

// pushRight computes an inner join of which only the right side depends on the outer columns.
func (s *pusher) pushRight(n *Join) (*pushed, error) {
	r, err := s.push(n.Right)
	if err != nil {
		return nil, err
	}
	width := len(n.Left.Columns())
	j := &Join{Kind: Inner, Left: n.Left, Right: r.node, LeftKeys: n.LeftKeys, RightKeys: remapInts(n.RightKeys, r.at), NullSafe: n.NullSafe}
	j.Out = joinOut(Inner, j.Left, j.Right)
	out := &pushed{j, append(upTo(width), shifted(r.at, width)...), shifted(r.key, width)}
	if n.Residual != nil {
		j.Residual = out.rewrite(n.Residual, s.ids)
	}
	return out, nil
}
