package operators_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"streamsql/internal/expr"
	"streamsql/internal/types"
	"streamsql/operators"
	"streamsql/operators/optest"
	"streamsql/state"
)

func TestOperatorFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 6 {
		t.Fatalf("operator files: %v, %v", files, err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) { optest.RunFile(t, f, build) })
	}
}

// build makes the subject that the words of a case's op line describe; see operators/testdata.
func build(c *optest.Case) (*optest.Subject, error) {
	s := &optest.Subject{In: c.In, Out: c.Out}
	w := words{rest: c.Op[1:], in: c.In[0]}
	switch c.Op[0] {
	case "filter":
		s.Build = stateless(func() (operators.Operator, error) { return operators.NewFilter(w.pred("if", c.In[0]), w.env()) })
	case "project":
		s.Build = stateless(func() (operators.Operator, error) { return operators.NewProject(w.exprs(), w.env()) })
	case "union":
		s.Build = stateless(func() (operators.Operator, error) { return operators.NewUnion(), nil })
	case "tumble":
		s.Build = stateless(func() (operators.Operator, error) {
			return operators.NewTumble(w.int("time"), int64(w.int("size")), int64(w.int("offset"))), nil
		})
	case "hop":
		s.Build = stateless(func() (operators.Operator, error) {
			return operators.NewHop(w.int("time"), int64(w.int("size")), int64(w.int("slide")), int64(w.int("offset"))), nil
		})
	case "set":
		s.Build = stateless(func() (operators.Operator, error) { return operators.NewProjectSet(w.set()) })
	case "upsert":
		s.Ordered = true
		s.Build = func(sp *state.Space) (operators.Operator, error) {
			return operators.NewUpsert(c.In[0], w.ints("key"), sp)
		}
	case "materialize":
		s.Build = func(sp *state.Space) (operators.Operator, error) {
			return operators.NewMaterialize(c.In[0], w.ints("key"), sp)
		}
	case "distinct":
		s.Build = func(sp *state.Space) (operators.Operator, error) { return operators.NewDistinct(c.In[0], sp) }
	case "intersect", "except":
		s.Build = func(sp *state.Space) (operators.Operator, error) {
			return operators.NewSetOp(c.Op[0] == "except", w.has("all"), c.In[0], sp)
		}
	case "join":
		s.Build = func(sp *state.Space) (operators.Operator, error) { return operators.NewHashJoin(w.join(c.In), sp) }
	case "top":
		s.Build = func(sp *state.Space) (operators.Operator, error) { return operators.NewTopN(w.top(), sp) }
	case "sort":
		s.Sorted = true
		s.Build = stateless(func() (operators.Operator, error) {
			top := w.top()
			return operators.NewSort(c.In[0], top.Order, top.Limit, top.Offset), nil
		})
	case "over":
		o, err := w.over()
		if err != nil {
			return nil, err
		}
		s.Build = func(sp *state.Space) (operators.Operator, error) { return operators.NewOver(o, sp) }
	case "expand":
		var sets [][]bool
		v, _ := w.get("sets")
		for _, x := range strings.Split(v, ",") {
			set := make([]bool, len(w.ints("cols")))
			for i := range set {
				set[i] = strings.ContainsRune(x, rune('0'+i))
			}
			sets = append(sets, set)
		}
		s.Build = stateless(func() (operators.Operator, error) { return operators.NewExpand(c.In[0], w.ints("cols"), sets), nil })
	case "aggregate":
		a, err := w.aggregate()
		if err != nil {
			return nil, err
		}
		s.Build = func(sp *state.Space) (operators.Operator, error) { return operators.NewAggregate(a, sp) }
	default:
		return nil, fmt.Errorf("no operator %q", c.Op[0])
	}
	return s, nil
}

func stateless(f func() (operators.Operator, error)) func(*state.Space) (operators.Operator, error) {
	return func(*state.Space) (operators.Operator, error) { return f() }
}

// words are the parameters of an op line: key=value, or flags.
type words struct {
	rest []string
	in   []types.Type
}

func (w words) get(name string) (string, bool) {
	for _, x := range w.rest {
		if v, ok := strings.CutPrefix(x, name+"="); ok {
			return v, true
		}
	}
	return "", false
}

func (w words) has(flag string) bool {
	for _, x := range w.rest {
		if x == flag {
			return true
		}
	}
	return false
}

func (w words) int(name string) int {
	v, _ := w.get(name)
	n, _ := strconv.Atoi(v)
	return n
}

// ints reads name=1,2; nil if it is not there, empty for name=.
func (w words) ints(name string) []int {
	v, ok := w.get(name)
	if !ok {
		return nil
	}
	out := []int{}
	for _, x := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' }) {
		out = append(out, atoi(x))
	}
	return out
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

func (w words) env() *expr.Env { return &expr.Env{} }

// pred reads name=2 (a boolean column) or name=0<3 (a comparison of columns of ts).
func (w words) pred(name string, ts []types.Type) expr.Expr {
	v, ok := w.get(name)
	if !ok {
		return nil
	}
	return parseExpr(v, ts)
}

func parseExpr(v string, ts []types.Type) expr.Expr {
	i := strings.IndexAny(v, "<+")
	if i < 0 {
		return &expr.Column{Index: atoi(v), T: ts[atoi(v)]}
	}
	e, err := expr.ResolveOperator(v[i:i+1], parseExpr(v[:i], ts), parseExpr(v[i+1:], ts), -1)
	if err != nil {
		panic(err)
	}
	return e
}

func (w words) exprs() (out []expr.Expr) {
	for _, x := range w.rest {
		out = append(out, parseExpr(x, w.in))
	}
	return out
}

// set reads calls, name:columns, and the flags ordinality and outer.
func (w words) set() operators.ProjectSetConfig {
	c := operators.ProjectSetConfig{Ordinality: w.has("ordinality"), Outer: w.has("outer"), Env: w.env()}
	for _, x := range w.rest {
		name, cols, ok := strings.Cut(x, ":")
		if !ok {
			continue
		}
		var args []expr.Expr
		for _, i := range strings.Split(cols, ",") {
			args = append(args, parseExpr(i, w.in))
		}
		call, err := expr.ResolveSetFunction([]string{name}, args, -1)
		if err != nil {
			panic(err)
		}
		c.Calls = append(c.Calls, call)
	}
	return c
}

// join reads kind, left=…, right=… (keys), safe=… (null-safe pairs), on=… (residual).
func (w words) join(in [][]types.Type) operators.JoinConfig {
	kinds := map[string]operators.JoinKind{"inner": operators.Inner, "left": operators.Left, "full": operators.Full, "semi": operators.Semi, "anti": operators.Anti}
	c := operators.JoinConfig{Kind: kinds[w.rest[0]], Left: in[0], Right: in[1], LeftKeys: w.ints("left"), RightKeys: w.ints("right"), Env: w.env()}
	if p := w.pred("on", append(append([]types.Type{}, in[0]...), in[1]...)); p != nil {
		c.Residual = p
	}
	for _, i := range w.ints("safe") {
		if c.NullSafe == nil {
			c.NullSafe = make([]bool, len(c.LeftKeys))
		}
		c.NullSafe[i] = true
	}
	return c
}

// top reads by=…, order=1,2desc,3nullsfirst, limit, offset.
func (w words) top() operators.TopNConfig {
	c := operators.TopNConfig{In: w.in, PartitionBy: w.ints("by"), Limit: -1, Offset: int64(w.int("offset"))}
	if _, ok := w.get("limit"); ok {
		c.Limit = int64(w.int("limit"))
	}
	v, _ := w.get("order")
	c.Order = parseOrder(v)
	return c
}

func parseOrder(v string) (out []operators.SortKey) {
	for _, x := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' }) {
		var k operators.SortKey
		x, k.NullsFirst = strings.CutSuffix(x, "nullsfirst")
		x, k.Desc = strings.CutSuffix(x, "desc")
		k.Col = atoi(x)
		out = append(out, k)
	}
	return out
}

// over reads by=…, order=… and calls: name[:args[:frame]].
func (w words) over() (operators.OverConfig, error) {
	c := operators.OverConfig{In: w.in, PartitionBy: w.ints("by")}
	for _, x := range w.rest {
		if v, ok := strings.CutPrefix(x, "order="); ok {
			c.Order = parseOrder(v)
			continue
		}
		if strings.HasPrefix(x, "by=") {
			continue
		}
		parts := strings.Split(x, ":")
		call := operators.WindowCall{Func: parts[0], Filter: -1, Frame: operators.NewFrame("range", "")}
		call.Frame.Start.Kind, call.Frame.End.Kind = operators.BoundUnboundedPreceding, operators.BoundCurrent
		var args []expr.Expr
		if len(parts) > 1 {
			for _, i := range strings.FieldsFunc(parts[1], func(r rune) bool { return r == ',' }) {
				call.Args = append(call.Args, atoi(i))
				args = append(args, &expr.Column{Index: atoi(i), T: w.in[atoi(i)]})
			}
		}
		if len(parts) > 2 {
			call.Frame = parseFrame(parts[2])
		}
		var err error
		if expr.IsWindowFunc(parts[0]) {
			call.Result, _, err = expr.ResolveWindow(parts[0], args, -1)
		} else if call.Agg, _, err = expr.ResolveAggregate(parts[:1], args, len(args) == 0, -1); err == nil {
			call.Result = call.Agg.Result
		}
		if err != nil {
			return c, err
		}
		c.Calls = append(c.Calls, call)
	}
	return c, nil
}

func parseFrame(v string) operators.Frame {
	words := append(strings.Split(v, ","), "")
	exclude := words[3]
	if exclude == "current" {
		exclude = "current row"
	}
	f := operators.NewFrame(words[0], exclude)
	for i, b := range []*operators.FrameBound{&f.Start, &f.End} {
		switch x := words[1+i]; x {
		case "up":
			b.Kind = operators.BoundUnboundedPreceding
		case "uf":
			b.Kind = operators.BoundUnboundedFollowing
		case "cr":
			b.Kind = operators.BoundCurrent
		default:
			b.Kind = operators.BoundPreceding
			if strings.HasSuffix(x, "f") {
				b.Kind = operators.BoundFollowing
			}
			b.Offset = atoi(x[:len(x)-1])
		}
	}
	return f
}

// aggregate reads keys=…, the flags scalar and appendonly, always=NULL/N,… (keys of groups that are always there) and aggregates: name[:args[:option…]] with the options
// distinct, filter=COL, order=…, notnull, within=… (WITHIN GROUP: the order; the arguments before those in it are the
// direct ones), const=… (an argument that must be a literal), ksql (that dialect's), limit=N.
func (w words) aggregate() (operators.AggregateConfig, error) {
	c := operators.AggregateConfig{In: w.in, Keys: w.ints("keys"), Scalar: w.has("scalar"), AppendOnly: w.has("appendonly"), Env: w.env()}
	for _, x := range w.rest {
		if strings.HasPrefix(x, "keys=") || x == "scalar" || x == "appendonly" {
			continue
		}
		if v, ok := strings.CutPrefix(x, "always="); ok {
			for _, key := range strings.Split(v, ",") {
				null, n, _ := strings.Cut(key, "/")
				if null != "NULL" {
					return c, fmt.Errorf("always: %q", key)
				}
				c.Always = append(c.Always, []types.Value{types.Null, types.IntValue(int64(atoi(n)))})
			}
			continue
		}
		parts := strings.Split(x, ":")
		a := operators.AggSpec{Filter: -1}
		var args, consts []expr.Expr
		use := expr.AggUse{Name: []string{parts[0]}, Pos: -1}
		direct := 0
		if len(parts) > 1 {
			for _, i := range strings.FieldsFunc(parts[1], func(r rune) bool { return r == ',' }) {
				a.Args = append(a.Args, atoi(i))
				args = append(args, &expr.Column{Index: atoi(i), T: w.in[atoi(i)]})
			}
			parts = append(parts[:1], parts[2:]...)
		}
		for _, o := range parts[1:] {
			name, v, _ := strings.Cut(o, "=")
			switch name {
			case "distinct":
				a.Distinct = true
			case "notnull":
				a.NotNull = true
			case "filter":
				a.Filter = atoi(v)
			case "order":
				a.Order = parseOrder(v)
			case "within": // WITHIN GROUP: order, the direct arguments being those before
				use.Grouped, a.Order = true, parseOrder(v)
				direct = len(args) - len(a.Order)
			case "ksql":
				use.Dialect = "ksql"
			case "limit":
				defer func(i int, n int64) { c.Aggs[i].Agg.Limit = n }(len(c.Aggs), int64(atoi(v)))
			case "const":
				k := &expr.Const{V: types.BoolValue(v == "true"), T: types.T(types.Bool)}
				if v != "true" && v != "false" {
					k = &expr.Const{V: types.IntValue(int64(atoi(v))), T: types.T(types.Int4)}
				}
				consts = append(consts, k)
			default:
				return c, fmt.Errorf("aggregate option %q", o)
			}
		}
		var err error
		use.Args, use.Star = append(args, consts...), len(args)+len(consts) == 0
		if use.Grouped {
			use.Args, use.Within, use.Star = args[:direct], args[direct:], false
		}
		if a.Agg, _, err = use.Resolve(); err != nil {
			return c, err
		}
		if a.Agg == nil {
			return c, fmt.Errorf("no aggregate %q", parts[0])
		}
		c.Aggs = append(c.Aggs, a)
	}
	return c, nil
}
