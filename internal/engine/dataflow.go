package engine

import (
	"fmt"
	"slices"

	"streamsql/internal/batch"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/operators"
	"streamsql/planner"
	"streamsql/state"
)

// dataflow is a plan turned into operators. Until it is attached to live relations nobody else sees it, so whoever
// built it may push and flush it from its own goroutine.
type dataflow struct {
	nodes  []*node // in id order
	scans  []*scan
	values []valuesInput
	out    *node // its output is the plan's
	// base is the last Readable under stateless nodes, and suffix those nodes from base to the root (in the order rows
	// pass them); base is nil when the plan has none.
	base   operators.Readable
	suffix []planner.Node
	spaces []*state.Space
}

// scan is a door of a dataflow: the rows of one relation come in here.
type scan struct {
	plan   *planner.Scan
	lookup *planner.Lookup // instead of plan: only the rows of one key
	node   *node
}

// valuesInput is a VALUES node: its rows are pushed once, when the dataflow is first filled.
type valuesInput struct {
	plan *planner.Values
	node *node
}

// builder turns plan nodes into operators: the one switch over plan nodes in the house.
type builder struct {
	owner  owner
	env    *expr.Env
	space  func() *state.Space // the next stateful operator's space
	nextID func() uint64
	df     *dataflow
}

// build returns the dataflow of a plan. space is called once per stateful operator, in plan order (inputs first).
func build(root planner.Node, own owner, env *expr.Env, space func() *state.Space, nextID func() uint64) (*dataflow, error) {
	b := &builder{owner: own, env: env, space: space, nextID: nextID, df: &dataflow{}}
	out, err := b.node(root)
	if err != nil {
		return nil, err
	}
	b.df.out = out
	b.findBase(root)
	return b.df, nil
}

// findBase walks down the stateless top of the plan to the operator that holds its rows.
func (b *builder) findBase(root planner.Node) {
	n, op := root, b.df.out
	for {
		if r, ok := op.op.(operators.Readable); ok {
			b.df.base = r
			slices.Reverse(b.df.suffix)
			return
		}
		switch n.(type) {
		case *planner.Filter, *planner.Project:
		default:
			b.df.suffix = nil
			return
		}
		b.df.suffix = append(b.df.suffix, n)
		n = n.Inputs()[0]
		op = b.inputOf(op)
	}
}

// inputOf finds the node whose only edge leads to n.
func (b *builder) inputOf(n *node) *node {
	for _, m := range b.df.nodes {
		for _, e := range m.edges {
			if e.to == n {
				return m
			}
		}
	}
	return nil
}

func (b *builder) add(label string, op operators.Operator, stateful bool) *node {
	n := &node{id: b.nextID(), owner: b.owner, op: op, label: label, stateful: stateful}
	b.df.nodes = append(b.df.nodes, n)
	return n
}

func (b *builder) newSpace() *state.Space {
	sp := b.space()
	b.df.spaces = append(b.df.spaces, sp)
	return sp
}

// typesOf lists the types of plan columns.
func typesOf(cols []planner.Column) []types.Type {
	ts := make([]types.Type, len(cols))
	for i := range cols {
		ts[i] = cols[i].Type
	}
	return ts
}

func (b *builder) node(n planner.Node) (*node, error) {
	var ins []*node
	for _, in := range n.Inputs() {
		c, err := b.node(in)
		if err != nil {
			return nil, err
		}
		ins = append(ins, c)
	}
	out, err := b.operator(n)
	if err != nil {
		return nil, err
	}
	for port, in := range ins {
		in.link(out, port, nil)
	}
	return out, nil
}

// operator makes the node of one plan node, without its inputs' edges.
func (b *builder) operator(n planner.Node) (*node, error) {
	switch n := n.(type) {
	case *planner.Scan:
		out := b.add("scan "+n.Object.Name, pass{}, false)
		b.df.scans = append(b.df.scans, &scan{plan: n, node: out})
		return out, nil
	case *planner.Lookup:
		out := b.add("lookup "+n.Object.Name, pass{}, false)
		b.df.scans = append(b.df.scans, &scan{lookup: n, node: out})
		return out, nil
	case *planner.Values:
		out := b.add("values", pass{}, false)
		b.df.values = append(b.df.values, valuesInput{plan: n, node: out})
		return out, nil
	case *planner.Filter:
		op, err := operators.NewFilter(n.Pred, b.env)
		return b.made("filter", op, false, err)
	case *planner.Project:
		op, err := operators.NewProject(n.Exprs, b.env)
		return b.made("project", op, false, err)
	case *planner.ProjectSet:
		op, err := operators.NewProjectSet(operators.ProjectSetConfig{Calls: n.Calls, Ordinality: n.Ordinality, Outer: n.Outer, Env: b.env})
		return b.made("project set", op, false, err)
	case *planner.Union:
		return b.add("union", operators.NewUnion(), false), nil
	case *planner.Expand:
		return b.add("expand", operators.NewExpand(typesOf(n.Input.Columns()), n.Cols, n.Sets), false), nil
	case *planner.Window:
		if n.Slide == n.Size {
			return b.add("tumble", operators.NewTumble(n.TimeCol, n.Size, n.Offset), false), nil
		}
		return b.add("hop", operators.NewHop(n.TimeCol, n.Size, n.Slide, n.Offset), false), nil
	case *planner.Sort:
		limit, err := b.count(n.Limit, -1, pgerr.InvalidRowCountInLimit, "LIMIT")
		if err != nil {
			return nil, err
		}
		offset, err := b.count(n.Offset, 0, pgerr.InvalidRowCountInOffset, "OFFSET")
		if err != nil {
			return nil, err
		}
		return b.add("sort", operators.NewSort(typesOf(n.Columns()), sortKeys(n.Order), limit, offset), true), nil
	}
	return b.stateful(n)
}

func (b *builder) stateful(n planner.Node) (*node, error) {
	switch n := n.(type) {
	case *planner.Aggregate:
		op, err := operators.NewAggregate(aggregateConfig(n, b.env), b.newSpace())
		return b.made("aggregate", op, true, err)
	case *planner.Over:
		op, err := operators.NewOver(overConfig(n), b.newSpace())
		return b.made("over", op, true, err)
	case *planner.Join:
		op, err := operators.NewHashJoin(operators.JoinConfig{
			Kind: operators.JoinKind(n.Kind), Left: typesOf(n.Left.Columns()), Right: typesOf(n.Right.Columns()),
			LeftKeys: n.LeftKeys, RightKeys: n.RightKeys, NullSafe: n.NullSafe, Residual: n.Residual, Env: b.env,
		}, b.newSpace())
		return b.made("join", op, true, err)
	case *planner.StreamJoin:
		return b.streamJoin(n)
	case *planner.Distinct:
		op, err := operators.NewDistinct(typesOf(n.Columns()), b.newSpace())
		return b.made("distinct", op, true, err)
	case *planner.TopN:
		op, err := operators.NewTopN(operators.TopNConfig{In: typesOf(n.Columns()), PartitionBy: n.PartitionBy,
			Order: sortKeys(n.Order), Limit: n.Limit, Offset: n.Offset}, b.newSpace())
		return b.made("topn", op, true, err)
	case *planner.SetOp:
		op, err := operators.NewSetOp(n.Except, n.All, typesOf(n.Columns()), b.newSpace())
		return b.made("setop", op, true, err)
	}
	return nil, fmt.Errorf("engine: no operator for plan node %T", n)
}

func (b *builder) made(label string, op operators.Operator, stateful bool, err error) (*node, error) {
	if err != nil {
		return nil, err
	}
	return b.add(label, op, stateful), nil
}

func aggregateConfig(n *planner.Aggregate, env *expr.Env) operators.AggregateConfig {
	in := n.Input.Columns()
	c := operators.AggregateConfig{In: typesOf(in), Keys: n.Keys, Scalar: n.Scalar, Always: n.Always, AppendOnly: n.AppendOnlyInput, Keep: n.Keep, Env: env}
	for _, k := range n.Keys {
		c.KeyNotNull = append(c.KeyNotNull, in[k].NotNull)
	}
	for _, a := range n.Aggs {
		c.Aggs = append(c.Aggs, operators.AggSpec{Agg: a.Agg, Args: a.Args, Distinct: a.Distinct, Filter: a.Filter,
			Order: sortKeys(a.Order), NotNull: a.NotNull})
	}
	return c
}

func sortKeys(ks []planner.SortKey) []operators.SortKey {
	out := make([]operators.SortKey, len(ks))
	for i, k := range ks {
		out[i] = operators.SortKey{Col: k.Col, Desc: k.Desc, NullsFirst: k.NullsFirst}
	}
	return out
}

// count evaluates a LIMIT or OFFSET; absent or NULL is none.
func (b *builder) count(x expr.Expr, none int64, code, what string) (int64, error) {
	if x == nil {
		return none, nil
	}
	v, err := expr.EvalConst(b.env, x)
	if err != nil || v.Null {
		return none, err
	}
	if v.I < 0 {
		return 0, pgerr.New(code, "%s must not be negative", what)
	}
	return v.I, nil
}

// pushValues pushes the dataflow's constant rows.
func (df *dataflow) pushValues(env *expr.Env) error {
	for _, in := range df.values {
		bl := batch.NewBuilder(typesOf(in.plan.Out))
		vals := make([]types.Value, len(in.plan.Out))
		for _, row := range in.plan.Rows {
			for i, x := range row {
				v, err := expr.EvalConst(env, x)
				if err != nil {
					return err
				}
				vals[i] = v
			}
			bl.Append(1, vals)
			if bl.Len() == batch.RowsMax {
				if err := in.node.push(0, bl.Seal()); err != nil {
					return err
				}
			}
		}
		if bl.Len() > 0 {
			if err := in.node.push(0, bl.Seal()); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush ends a tick of a dataflow that nobody else sees yet.
func (df *dataflow) flush(t operators.Tick) error { return flush(df.nodes, t) }

// markAll makes the next flush reach every node: an aggregate without groups has a row even without input.
func (df *dataflow) markAll() {
	for _, n := range df.nodes {
		n.dirty = true
	}
}

// sink adds op as the last node of the dataflow.
func (df *dataflow) sink(label string, op operators.Operator, nextID func() uint64) *node {
	n := &node{id: nextID(), owner: df.out.owner, op: op, label: label, stateful: true}
	df.out.link(n, 0, nil)
	df.nodes = append(df.nodes, n)
	refreshWanted(df.nodes)
	return n
}
