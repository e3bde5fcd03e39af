package expr

import (
	"slices"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// inNode is x [NOT] IN (constants).
type inNode struct {
	x       node
	t       types.Type
	not     bool
	hasNull bool // the list has a NULL: what is not found is NULL
	ints    map[int64]struct{}
	few     []int64 // instead of ints while the list is short
	strs    map[string]struct{}
	vals    []types.Value // neither integers nor plain bytes
}

// fewInts is the length up to which comparing one by one beats a hash table.
const fewInts = 8

// compileIn makes a set of the list if all of it is constant, and a chain of comparisons else.
func compileIn(e *InList) (node, error) {
	n := &inNode{t: e.X.Type(), not: e.Not}
	for _, l := range e.List {
		c, ok := l.(*Const)
		if !ok {
			return compileInChain(e)
		}
		n.add(c.V)
	}
	x, err := compile(e.X)
	n.x = x
	return n, err
}

func (n *inNode) add(v types.Value) {
	switch {
	case v.Null:
		n.hasNull = true
	case n.t.Class() == types.ClassInt:
		if n.ints == nil {
			n.ints = map[int64]struct{}{}
		}
		if _, dup := n.ints[v.I]; !dup && len(n.few) <= fewInts {
			n.few = append(n.few, v.I)
		}
		n.ints[v.I] = struct{}{}
	case plainBytes(n.t):
		if n.strs == nil {
			n.strs = map[string]struct{}{}
		}
		n.strs[string(v.Bytes)] = struct{}{}
	default:
		n.vals = append(n.vals, v)
	}
}

// plainBytes reports types of class bytes whose values are equal exactly when their bytes are.
func plainBytes(t types.Type) bool {
	switch t.Kind {
	case types.Text, types.Varchar, types.Name, types.Bytea, types.UUID, types.QChar, types.TimeTZ, types.MacAddr:
		return true
	}
	return false
}

// compileInChain makes x = e1 OR x = e2 …, which evaluates an element only where those before it did not match.
func compileInChain(e *InList) (node, error) {
	or := &Logic{Or: true}
	for _, l := range e.List {
		eq, err := ResolveOperator("=", e.X, l, pgerr.NoPos)
		if err != nil {
			return nil, err
		}
		or.Args = append(or.Args, eq)
	}
	if e.Not {
		return compile(&Not{X: or})
	}
	return compile(or)
}

func (n *inNode) eval(x *exec, live mask) (operand, error) {
	o, err := n.x.eval(x, live)
	if err != nil {
		return o, err
	}
	if o.vec == nil {
		if o.c.Null {
			return o, nil
		}
		found := n.find(o.c)
		if !found && n.hasNull {
			return operand{c: types.Null}, nil
		}
		return operand{c: types.BoolValue(found != n.not)}, nil
	}
	r := x.getBools(x.n)
	n.findAll(o.vec, r.V)
	r.N = o.vec.NullMap()
	if n.hasNull {
		r.N = n.unknownMisses(x, r.V, r.N)
	}
	if n.not {
		for i, b := range r.V {
			r.V[i] = !b
		}
	}
	zeroNulls(r.V, r.N)
	return operand{vec: r}, nil
}

func (n *inNode) findAll(v batch.Vec, r []bool) {
	switch v := v.(type) {
	case *batch.Ints:
		if len(n.few) <= fewInts {
			for i, e := range v.V {
				r[i] = slices.Contains(n.few, e)
			}
			return
		}
		for i, e := range v.V {
			_, r[i] = n.ints[e]
		}
	case *batch.Bytes:
		if n.vals == nil {
			for i := range r {
				_, r[i] = n.strs[string(v.At(i))]
			}
			return
		}
		n.findValues(v, r)
	default:
		n.findValues(v, r)
	}
}

func (n *inNode) findValues(v batch.Vec, r []bool) {
	nulls := v.NullMap()
	for i := range r {
		r[i] = !nulls.Has(i) && n.find(batch.ValueAt(v, i))
	}
}

func (n *inNode) find(v types.Value) bool {
	if _, ok := n.ints[v.I]; ok && n.t.Class() == types.ClassInt {
		return true
	}
	if _, ok := n.strs[string(v.Bytes)]; ok {
		return true
	}
	for _, e := range n.vals {
		if types.Equal(n.t, v, e) {
			return true
		}
	}
	return false
}

// unknownMisses adds the rows that were not found to the NULLs.
func (n *inNode) unknownMisses(x *exec, found []bool, nulls batch.Nulls) batch.Nulls {
	m := batch.Nulls(x.getWords(x.n))
	for k := range m {
		m[k] = word(nulls, k) | ^pack(found[k<<6:])
	}
	return m
}

// compileArray compiles ARRAY[…].
func compileArray(e *ArrayOf) (node, error) {
	elem := *e.T.Elem
	if len(e.Args) > 0 && e.Args[0].Type().Kind == types.Array && elem.Kind != types.Array {
		return simpleCall(e.Args, e.T, false, func(r *row, a []types.Value) (types.Value, error) {
			b, err := appendMatrix(r.buf[:0], elem, a)
			r.buf = b
			return types.Value{Bytes: b}, err
		})
	}
	return simpleCall(e.Args, e.T, false, func(r *row, a []types.Value) (types.Value, error) {
		r.buf = types.AppendArray(r.buf[:0], elem, nil, a)
		return types.Value{Bytes: r.buf}, nil
	})
}

// appendMatrix appends an array of one dimension more than the arrays in rows. Error: 2202E where they differ in shape.
func appendMatrix(dst []byte, elem types.Type, rows []types.Value) ([]byte, error) {
	var dims []int32
	var all []types.Value
	for i, v := range rows {
		var d []int32
		var vs []types.Value
		if !v.Null {
			var err error
			if d, vs, err = types.DecodeArray(v.Bytes, elem); err != nil {
				return nil, err
			}
		}
		if i > 0 && !slices.Equal(d, dims) {
			return nil, pgerr.New(pgerr.ArraySubscriptError, "multidimensional arrays must have array expressions with matching dimensions")
		}
		dims, all = d, append(all, vs...)
	}
	if len(all) == 0 {
		return types.AppendArray(dst, elem, nil, nil), nil
	}
	return types.AppendArray(dst, elem, append([]int32{int32(len(rows))}, dims...), all), nil
}

// valueAt boxes row i of o.
func valueAt(o operand, i int) types.Value {
	if o.vec == nil {
		return o.c
	}
	return batch.ValueAt(o.vec, i)
}
