package expr

import (
	"strings"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// Lambda is x => body as an argument of a function such as transform. Body reads the columns around the call and, as
// LambdaVars, its own parameters and those of the lambdas it stands in.
type Lambda struct {
	First  int      // the slot of the first parameter: the number of parameters of the lambdas around
	Names  []string // of the parameters, for EXPLAIN
	Params []types.Type
	Body   Expr
}

// LambdaVar is a parameter of a lambda around it. Slots count from 0 at the outermost lambda, so that equal lambdas are
// equal expressions whatever their parameters are called.
type LambdaVar struct {
	Slot int
	Name string // for EXPLAIN only
	T    types.Type
}

// Type is a pseudo-type: a lambda is no value.
func (e *Lambda) Type() types.Type {
	t, body := types.Type{Kind: kindLambda}, e.Body.Type()
	for _, p := range e.Params {
		t.Fields = append(t.Fields, types.Field{Type: p})
	}
	t.Elem = &body
	return t
}

func (e *LambdaVar) Type() types.Type { return e.T }

func (*Lambda) expr()    {}
func (*LambdaVar) expr() {}

func (e *Lambda) String() string {
	return "(" + strings.Join(e.Names, ", ") + ") => " + e.Body.String()
}

func (e *LambdaVar) String() string { return e.Name }

type varNode int

func (v varNode) eval(x *exec, _ mask) (operand, error) { return operand{vec: x.vars[v]}, nil }

// higher computes a function that takes lambdas, from the values of its other arguments (those of lambdas are empty).
type higher func(c *lambdaCall, a []operand) (batch.Vec, error)

// lambdaCall is the node of a call with lambdas.
type lambdaCall struct {
	args   []node        // nil for lambdas
	bodies []*lambdaBody // the lambdas, in their order
	types  []types.Type  // of the arguments
	t      types.Type
	fn     higher
	ops    []operand
	f      frame
	pos    int

	buf, parts []byte // scratch of results
}

func compileLambdaCall(e *Call) (node, error) {
	c := &lambdaCall{args: make([]node, len(e.Args)), ops: make([]operand, len(e.Args)), types: typesOf(e.Args), t: e.T,
		fn: e.Func.higher, pos: e.Pos}
	for i, a := range e.Args {
		l, ok := a.(*Lambda)
		if !ok {
			n, err := compile(a)
			if err != nil {
				return nil, err
			}
			c.args[i] = n
			continue
		}
		b, err := compileLambda(l)
		if err != nil {
			return nil, err
		}
		c.bodies = append(c.bodies, b)
	}
	return c, nil
}

func (c *lambdaCall) eval(x *exec, live mask) (operand, error) {
	for i, a := range c.args {
		if a == nil {
			continue
		}
		o, err := a.eval(x, live)
		if err != nil {
			return o, err
		}
		c.ops[i] = o
	}
	f := &c.f
	f.x, f.n, f.live, f.pos, f.weight, f.nulls, f.own, f.all = x, x.n, live, c.pos, 1, nil, false, 0
	v, err := c.fn(c, c.ops)
	if err != nil {
		return operand{}, err
	}
	return operand{vec: f.finish(v)}, nil
}

// lambdaBody runs a lambda's body over the elements of all rows of a batch at once.
type lambdaBody struct {
	body   node
	cols   []int // columns of the row that the body reads
	outer  []int // slots of lambdas around that it reads
	first  int
	x      exec // memory of its own: bodies have as many rows as there are elements
	in     []batch.Vec
	vars   []batch.Vec
	failed map[int]error // by element
}

func compileLambda(l *Lambda) (*lambdaBody, error) {
	n, err := compile(l.Body)
	if err != nil {
		return nil, err
	}
	b := &lambdaBody{body: n, cols: Columns(l.Body), first: l.First}
	seen := map[int]bool{}
	Walk(l.Body, func(e Expr) bool {
		if v, ok := e.(*LambdaVar); ok && v.Slot < l.First && !seen[v.Slot] {
			seen[v.Slot] = true
			b.outer = append(b.outer, v.Slot)
		}
		return true
	})
	return b, nil
}

// run computes the body for len(sel) elements: params have their values, sel the row of outer each belongs to. The
// result is good until done. Elements that fail are NULL and in failed.
func (b *lambdaBody) run(outer *exec, sel []int32, params ...batch.Vec) (operand, error) {
	n := len(sel)
	b.failed = nil
	if n == 0 {
		return operand{c: types.Null}, nil
	}
	b.in = sized(b.in, len(outer.in))
	clear(b.in)
	for _, c := range b.cols {
		if c < len(outer.in) && outer.in[c] != nil {
			b.in[c] = batch.Gather(outer.in[c], sel)
		}
	}
	b.vars = sized(b.vars, b.first+len(params))
	clear(b.vars)
	for _, s := range b.outer {
		b.vars[s] = batch.Gather(outer.vars[s], sel)
	}
	copy(b.vars[b.first:], params)
	b.x.env, b.x.in, b.x.vars, b.x.n = outer.env, b.in, b.vars, n
	b.x.failed = func(i int, err error) {
		if b.failed == nil {
			b.failed = map[int]error{}
		}
		if b.failed[i] == nil {
			b.failed[i] = err
		}
	}
	return b.body.eval(&b.x, nil)
}

// done takes back what the last run lent.
func (b *lambdaBody) done() { b.x.release(nil) }

// elements are the elements, or entries, of one collection argument over all rows of a batch.
type elements struct {
	cols  []batch.Vec // one of an array, keys and values of a map
	sel   []int32     // the row each belongs to
	ends  []int       // by row: where its elements end
	nulls []bool      // by row: no collection, or no row
	dims  [][]int32   // by row, of arrays of several dimensions
}

// elementsOf takes the collections of a column apart.
func (c *lambdaCall) elementsOf(o operand, t types.Type) (*elements, error) {
	f := &c.f
	e := &elements{ends: make([]int, f.n), nulls: make([]bool, f.n), dims: make([][]int32, f.n)}
	parts := []types.Type{*t.Elem}
	if t.Kind == types.Map {
		parts = []types.Type{*t.Key, *t.Elem}
	}
	bl := batch.NewBuilder(parts)
	for i := range f.n {
		v := types.Null
		if f.live.has(i) {
			v = valueAt(o, i)
		}
		if e.nulls[i] = v.Null; !v.Null {
			n, dims, err := takeApart(bl, parts, v.Bytes)
			if err != nil {
				return nil, err
			}
			e.dims[i] = dims
			for range n {
				e.sel = append(e.sel, int32(i))
			}
		}
		e.ends[i] = len(e.sel)
	}
	bl.EndRows(batch.Ones(len(e.sel)))
	e.cols = bl.Seal().Cols
	for i, col := range e.cols {
		if col == nil {
			e.cols[i] = batch.MakeVec(parts[i].Class(), 0)
		}
	}
	return e, nil
}

// takeApart appends the elements of an array (one part) or the entries of a map (two) to bl.
func takeApart(bl *batch.Builder, parts []types.Type, b []byte) (n int, dims []int32, err error) {
	if len(parts) == 1 {
		dims, n, b, err = types.ArrayHeader(b)
	} else {
		n, b, err = types.MapHeader(b)
	}
	if err != nil {
		return 0, nil, err
	}
	for range n {
		for i, t := range parts {
			size := appendCompact(bl.Col(i), t.Class(), b)
			if size == 0 {
				return 0, nil, types.ErrDamaged
			}
			b = b[size:]
		}
	}
	return n, dims, nil
}

// appendCompact appends the compact form at the start of b; it returns its size, 0 where b is damaged.
func appendCompact(a batch.Appender, c types.Class, b []byte) int {
	var null bool
	var n int
	switch c {
	case types.ClassInt:
		var x int64
		if x, null, n = types.CompactInt(b); !null && n > 0 {
			a.AppendInt(x)
		}
	case types.ClassFloat:
		var x float64
		if x, null, n = types.CompactFloat(b); !null && n > 0 {
			a.AppendFloat(x)
		}
	case types.ClassBytes:
		var x []byte
		if x, null, n = types.CompactBytes(b); !null && n > 0 {
			a.AppendBytes(x)
		}
	default:
		var v types.Value
		if v, n = types.DecodeCompact(b, c); n > 0 {
			a.AppendValue(v)
		}
		return n
	}
	if null {
		a.AppendNull()
	}
	return n
}

// each calls fn for every row that has a collection and whose elements did not fail, with their range; other rows are
// NULL in the result. fn gives the row's value, or an error about the row.
func (c *lambdaCall) each(e *elements, out batch.Vec, fn func(i, lo, hi int) (types.Value, error)) error {
	f, lo := &c.f, 0
	for i := range f.n {
		hi := e.ends[i]
		v, err := types.Null, error(nil)
		if !e.nulls[i] {
			if err = c.failure(lo, hi); err == nil {
				v, err = fn(i, lo, hi)
			}
		}
		if err != nil {
			if err := f.fail(i, err); err != nil {
				return err
			}
			v = types.Null
		}
		if v.Null {
			f.setNull(i)
		}
		store(out, i, &v)
		lo = hi
	}
	return nil
}

// failure is the first error of the elements lo … hi-1.
func (c *lambdaCall) failure(lo, hi int) error {
	for _, b := range c.bodies {
		if b.failed == nil {
			continue
		}
		for i := lo; i < hi; i++ {
			if err := b.failed[i]; err != nil {
				return err
			}
		}
	}
	return nil
}

func valuesOf(o operand, lo, hi int) []types.Value {
	vals := make([]types.Value, hi-lo)
	for i := range vals {
		vals[i] = valueAt(o, lo+i)
	}
	return vals
}
