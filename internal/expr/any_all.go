package expr

import (
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// anyAllNode is x op ANY|ALL (array): the operator's kernel runs over the elements of each row's array.
type anyAllNode struct {
	x, array node
	elem     types.Type
	kern     kernel
	strict   bool
	all      bool
	pos      int
	f        frame
	ops      [2]operand
	sub      exec // evaluates over one row's elements
}

func compileAnyAll(e *AnyAll) (node, error) {
	elem := base(*e.Array.Type().Elem)
	if c, ok := e.Array.(*Const); ok && e.Op.Name == "=" && !e.All && !c.V.Null && same(elem, e.X.Type()) {
		if _, vals, err := types.DecodeArray(c.V.Bytes, elem); err == nil && len(vals) > 0 {
			return compileAnySet(e, vals, elem)
		}
	}
	x, err := compile(e.X)
	if err != nil {
		return nil, err
	}
	array, err := compile(e.Array)
	if err != nil {
		return nil, err
	}
	call := &Call{Func: e.Op, Args: []Expr{e.X, &Column{Index: -1, T: elem}}, T: types.T(types.Bool), Pos: e.Pos}
	if e.Op.build == nil {
		return nil, pgerr.Unsupported(e.Pos, "operator %s", e.Op.Signature())
	}
	k, err := e.Op.build(call)
	return &anyAllNode{x: x, array: array, elem: elem, kern: k, strict: e.Op.Strict, all: e.All, pos: e.Pos}, err
}

// compileAnySet reads x = ANY ('{…}') as x IN (…); vals is not empty.
func compileAnySet(e *AnyAll, vals []types.Value, elem types.Type) (node, error) {
	in := &InList{X: e.X}
	for _, v := range vals {
		in.List = append(in.List, &Const{V: v, T: elem})
	}
	return compileIn(in)
}

func (n *anyAllNode) eval(x *exec, live mask) (operand, error) {
	l, err := n.x.eval(x, live)
	if err != nil {
		return l, err
	}
	a, err := n.array.eval(x, live)
	if err != nil {
		return a, err
	}
	r := x.getBools(x.n)
	nulls := batch.Nulls(x.getWords(x.n))
	for i := range x.n {
		r.V[i] = false
		if !live.has(i) {
			continue
		}
		v, err := n.row(x, valueAt(l, i), valueAt(a, i))
		if err != nil {
			return operand{}, err
		}
		if v.Null {
			nulls.Set(i)
		}
		r.V[i] = v.B
	}
	if nulls.Any(x.n) {
		r.N = nulls
	}
	return operand{vec: r}, nil
}

// row computes one row. An empty array gives false for ANY and true for ALL.
func (n *anyAllNode) row(x *exec, l, a types.Value) (types.Value, error) {
	if a.Null {
		return types.Null, nil
	}
	_, vals, err := types.DecodeArray(a.Bytes, n.elem)
	if err != nil {
		return types.Null, err
	}
	if len(vals) == 0 {
		return types.BoolValue(n.all), nil
	}
	if l.Null && n.strict {
		return types.Null, nil
	}
	n.ops = [2]operand{{c: l}, {vec: batch.NewVec(n.elem, vals)}}
	n.sub.env, n.sub.n = x.env, len(vals)
	defer n.sub.release(nil)
	o, err := run(&n.f, n.kern, &n.sub, nil, n.ops[:], n.strict, false, n.pos)
	if err != nil {
		return types.Null, err
	}
	unknown := false
	for i := range vals {
		v := batch.ValueAt(o.vec, i)
		switch {
		case v.Null:
			unknown = true
		case v.B != n.all:
			return types.BoolValue(!n.all), nil
		}
	}
	if unknown {
		return types.Null, nil
	}
	return types.BoolValue(n.all), nil
}
