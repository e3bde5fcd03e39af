package planner

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/types"
	"streamsql/operators"
	"streamsql/sql/ast"
	"streamsql/sql/parser"
	"streamsql/state"
)

// The answers test runs plans on the real operators over small tables with NULLs and duplicates, and compares with
// what PostgreSQL 15 answered (testdata/answers.golden, written by answers.sh beside it, and random.golden, by
// random.py; window functions, grouping sets and ordered-set aggregates: random_analytic.golden). Each query runs as a pull query,
// with every rule switched off by itself, and as a view whose input comes in two ticks with rows that are taken back.

// change is one row with its weight.
type change struct {
	vals   []types.Value
	weight int64
}

// testNode is a plan node with its operator.
type testNode struct {
	plan Node
	op   operators.Operator // nil for leaves
	in   []*testNode
	env  *expr.Env
}

type collected struct{ out []*batch.Batch }

func (c *collected) Emit(b *batch.Batch) error { c.out = append(c.out, b); return nil }
func (c *collected) Wanted() bool              { return true }

func columnTypes(cols []Column) []types.Type {
	out := make([]types.Type, len(cols))
	for i, c := range cols {
		out[i] = c.Type
	}
	return out
}

func buildTest(n Node, env *expr.Env) (*testNode, error) {
	t := &testNode{plan: n, env: env}
	for _, in := range n.Inputs() {
		c, err := buildTest(in, env)
		if err != nil {
			return nil, err
		}
		t.in = append(t.in, c)
	}
	var err error
	t.op, err = testOperator(n, env)
	return t, err
}

func testOperator(n Node, env *expr.Env) (operators.Operator, error) {
	switch n := n.(type) {
	case *Filter:
		return operators.NewFilter(n.Pred, env)
	case *Project:
		return operators.NewProject(n.Exprs, env)
	case *ProjectSet:
		return operators.NewProjectSet(operators.ProjectSetConfig{Calls: n.Calls, Ordinality: n.Ordinality, Outer: n.Outer, Env: env})
	case *Union:
		return operators.NewUnion(), nil
	case *Expand:
		return operators.NewExpand(columnTypes(n.Input.Columns()), n.Cols, n.Sets), nil
	case *Window:
		if n.Slide == n.Size {
			return operators.NewTumble(n.TimeCol, n.Size, n.Offset), nil
		}
		return operators.NewHop(n.TimeCol, n.Size, n.Slide, n.Offset), nil
	case *Aggregate:
		c := operators.AggregateConfig{In: columnTypes(n.Input.Columns()), Keys: n.Keys, Scalar: n.Scalar, Always: n.Always, AppendOnly: n.AppendOnlyInput, Env: env}
		for _, a := range n.Aggs {
			c.Aggs = append(c.Aggs, operators.AggSpec{Agg: a.Agg, Args: a.Args, Distinct: a.Distinct, Filter: a.Filter,
				Order: testSortKeys(a.Order), NotNull: a.NotNull})
		}
		return operators.NewAggregate(c, state.Memory())
	case *Over:
		return operators.NewOver(testOver(n), state.Memory())
	case *Join:
		return operators.NewHashJoin(operators.JoinConfig{Kind: operators.JoinKind(n.Kind), Left: columnTypes(n.Left.Columns()),
			Right: columnTypes(n.Right.Columns()), LeftKeys: n.LeftKeys, RightKeys: n.RightKeys, NullSafe: n.NullSafe,
			Residual: n.Residual, Env: env}, state.Memory())
	case *Distinct:
		return operators.NewDistinct(columnTypes(n.Columns()), state.Memory())
	case *TopN:
		return operators.NewTopN(operators.TopNConfig{In: columnTypes(n.Columns()), PartitionBy: n.PartitionBy,
			Order: testSortKeys(n.Order), Limit: n.Limit, Offset: n.Offset}, state.Memory())
	case *SetOp:
		return operators.NewSetOp(n.Except, n.All, columnTypes(n.Columns()), state.Memory())
	case *Sort:
		limit, offset := int64(-1), int64(0)
		if k, ok := n.Limit.(*expr.Const); ok {
			limit = k.V.I
		}
		if k, ok := n.Offset.(*expr.Const); ok {
			offset = k.V.I
		}
		return operators.NewSort(columnTypes(n.Columns()), testSortKeys(n.Order), limit, offset), nil
	}
	return nil, nil
}

func testOver(n *Over) operators.OverConfig {
	c := operators.OverConfig{In: columnTypes(n.Input.Columns()), PartitionBy: n.PartitionBy, Order: testSortKeys(n.Order)}
	for _, w := range n.Calls {
		f := operators.NewFrame(w.Frame.Mode, w.Frame.Exclude)
		for _, b := range []struct {
			out *operators.FrameBound
			in  FrameBound
		}{{&f.Start, w.Frame.Start}, {&f.End, w.Frame.End}} {
			*b.out = operators.FrameBound{Kind: operators.BoundOf(b.in.Kind), Offset: b.in.Offset, Key: b.in.Key, Value: b.in.Value}
			if len(c.Order) > 0 {
				b.out.Desc, b.out.NullsFirst = c.Order[0].Desc, c.Order[0].NullsFirst
			}
		}
		c.Calls = append(c.Calls, operators.WindowCall{Func: w.Name, Agg: w.Agg, Args: w.Args, Filter: w.Filter, Result: w.Result, Frame: f})
	}
	return c
}

func testSortKeys(ks []SortKey) []operators.SortKey {
	var out []operators.SortKey
	for _, k := range ks {
		out = append(out, operators.SortKey{Col: k.Col, Desc: k.Desc, NullsFirst: k.NullsFirst})
	}
	return out
}

// tick runs one tick and returns the node's changes. data gives each relation's changes of the tick.
func (t *testNode) tick(n uint64, data func(o *catalog.Object) []change) ([]*batch.Batch, error) {
	if t.op == nil {
		return t.leaf(n, data)
	}
	out := &collected{}
	for port, in := range t.in {
		bs, err := in.tick(n, data)
		if err != nil {
			return nil, err
		}
		for _, b := range bs {
			if err := t.op.Push(port, b, out); err != nil {
				return nil, err
			}
		}
	}
	err := t.op.Flush(operators.Tick{Number: n}, out)
	return out.out, err
}

func (t *testNode) leaf(n uint64, data func(o *catalog.Object) []change) ([]*batch.Batch, error) {
	b := batch.NewBuilder(columnTypes(t.plan.Columns()))
	switch p := t.plan.(type) {
	case *Scan:
		for _, c := range data(p.Object) {
			b.Append(c.weight, pick(c.vals, p.Cols))
		}
	case *Lookup:
		for _, c := range data(p.Object) {
			same, err := t.keyMatches(p, c)
			if err != nil {
				return nil, err
			}
			if same {
				b.Append(c.weight, pick(c.vals, p.Cols))
			}
		}
	case *Values:
		if n > 1 {
			return nil, nil
		}
		for _, r := range p.Rows {
			vals := make([]types.Value, len(r))
			for i, x := range r {
				v, err := expr.EvalConst(t.env, x)
				if err != nil {
					return nil, err
				}
				vals[i] = v
			}
			b.Append(1, vals)
		}
	}
	if b.Len() == 0 {
		return nil, nil
	}
	return []*batch.Batch{b.Seal()}, nil
}

func (t *testNode) keyMatches(p *Lookup, c change) (bool, error) {
	for i, k := range p.Key {
		v, err := expr.EvalConst(t.env, k)
		if err != nil {
			return false, err
		}
		col := p.Object.Key[i]
		if v.Null || c.vals[col].Null || !types.Equal(p.Object.Columns[col].Type, v, c.vals[col]) {
			return false, nil
		}
	}
	return true, nil
}

// answer runs a plan over ticks of data and prints the rows, in order for a plan that sorts, else sorted as text.
func answer(p *Plan, ticks []func(*catalog.Object) []change, ordered bool) (string, error) {
	env := &expr.Env{}
	root, err := buildTest(p.Root, env)
	if err != nil {
		return "", err
	}
	ts := columnTypes(p.Columns)
	counts := map[string]int64{}
	var lines []string
	for i, data := range ticks {
		bs, err := root.tick(uint64(i+1), data)
		if err != nil {
			return "", err
		}
		for _, b := range bs {
			for r := range b.Rows() {
				line := rowText(ts, b, r)
				counts[line] += b.Weights[r]
				for range b.Weights[r] {
					lines = append(lines, line)
				}
			}
		}
	}
	if ordered {
		return strings.Join(lines, "\n"), nil
	}
	lines = nil
	for line, n := range counts {
		if n < 0 {
			return "", fmt.Errorf("row %s has weight %d", line, n)
		}
		for range n {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n"), nil
}

func rowText(ts []types.Type, b *batch.Batch, r int) string {
	var out []string
	for i, t := range ts {
		v := batch.ValueAt(b.Cols[i], r)
		if v.Null {
			out = append(out, "~")
		} else {
			out = append(out, string(types.AppendText(nil, t, v, nil)))
		}
	}
	return strings.Join(out, "|")
}

// tableRows reads the rows of a relation from the answers file's data section.
func tableRows(t *testing.T, o *catalog.Object, lines []string) []change {
	t.Helper()
	var out []change
	for n, l := range lines {
		fields := strings.Split(l, "|")
		vals := make([]types.Value, len(o.Columns))
		i := 0
		for c, col := range o.Columns {
			switch {
			case col.Hidden && col.Type.Kind == types.Text:
				vals[c] = types.TextValue(fmt.Sprint("row", n))
			case col.Hidden:
				vals[c] = types.IntValue(int64(n))
			case fields[i] == "~":
				vals[c] = types.Null
				i++
			default:
				v, err := types.ParseText(col.Type, fields[i], nil)
				if err != nil {
					t.Fatalf("%s %q: %v", o.Name, l, err)
				}
				vals[c] = v
				i++
			}
		}
		out = append(out, change{vals, 1})
	}
	return out
}

func TestAnswers(t *testing.T) {
	w := newWorld(t)
	data := map[string][]change{}
	for _, path := range []string{"testdata/answers.golden", "testdata/random.golden", "testdata/random_analytic.golden"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
			head, rest, _ := strings.Cut(block, "\n")
			if name, ok := strings.CutPrefix(head, "table "); ok {
				data[name] = tableRows(t, w.cat.Lookup([]string{name}), strings.Split(rest, "\n"))
				continue
			}
			sql, want, _ := strings.Cut(block, "\n----")
			t.Run(sql, func(t *testing.T) { w.checkAnswer(t, sql, strings.TrimPrefix(want, "\n"), data) })
		}
	}
}

func (w *world) checkAnswer(t *testing.T, sql, want string, data map[string][]change) {
	ps, err := parser.Parse(sql, parser.Options{})
	if err != nil {
		t.Fatal(describeError(err))
	}
	q := ps[0].Stmt.(*ast.QueryStmt).Query
	// An order at the end is the statement's own; one inside parentheses says nothing about the result.
	ordered := strings.LastIndex(sql, "order by") > strings.LastIndex(sql, ")") ||
		strings.Contains(sql, "order by count(*)")
	all := func(o *catalog.Object) []change { return data[o.Name] }
	w.compare(t, "pull", q, Options{}, []func(*catalog.Object) []change{all}, ordered, want)
	for _, r := range RuleNames() {
		w.compare(t, "without "+r, q, Options{Rules: map[string]bool{r: false}}, []func(*catalog.Object) []change{all}, ordered, want)
	}
	none := map[string]bool{}
	for _, r := range RuleNames() {
		none[r] = false
	}
	w.compare(t, "without rules", q, Options{Rules: none}, []func(*catalog.Object) []change{all}, ordered, want)
	ticks := inTicks(data)
	sorted := strings.Split(want, "\n")
	slices.Sort(sorted)
	w.compare(t, "view", q, Options{Lifetime: View}, ticks, false, strings.Join(sorted, "\n"))
	w.compare(t, "view without rules", q, Options{Lifetime: View, Rules: none}, ticks, false, strings.Join(sorted, "\n"))
}

// inTicks deals the rows out to two ticks; a table also gets, in the first, rows of another sort (each row with its
// columns from its neighbour), which the second takes back.
func inTicks(data map[string][]change) []func(*catalog.Object) []change {
	half := func(first bool) func(*catalog.Object) []change {
		return func(o *catalog.Object) []change {
			rows := data[o.Name]
			var out []change
			for i, c := range rows {
				if (i%2 == 0) == first {
					out = append(out, c)
				}
				if o.Kind == catalog.Stream {
					continue
				}
				odd := change{slices.Clone(c.vals), 1}
				odd.vals[len(odd.vals)-4] = rows[(i+1)%len(rows)].vals[len(odd.vals)-4]
				if !first {
					odd.weight = -1
				}
				out = append(out, odd)
			}
			return out
		}
	}
	return []func(*catalog.Object) []change{half(true), half(false)}
}

func (w *world) compare(t *testing.T, mode string, q ast.Query, opt Options, ticks []func(*catalog.Object) []change, ordered bool, want string) {
	t.Helper()
	p, err := PlanQuery(q, w.cat, opt)
	if err != nil {
		t.Errorf("%s: %s", mode, describeError(err))
		return
	}
	got, err := answer(p, ticks, ordered)
	if err != nil {
		t.Errorf("%s: %v\n%s", mode, err, Explain(p.Root))
		return
	}
	if !ordered {
		sorted := strings.Split(want, "\n")
		slices.Sort(sorted)
		want = strings.Join(sorted, "\n")
	}
	if got != want {
		t.Errorf("%s: got\n%s\nwant\n%s\n%s", mode, got, want, Explain(p.Root))
	}
}
