package expr

import (
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// logicNode is AND or OR. An argument is evaluated only where those before it decide nothing, unless it is cheap:
// then computing it everywhere costs less than finding out where.
type logicNode struct {
	or    bool
	args  []node
	cheap []bool
}

func (l *logicNode) eval(x *exec, live mask) (operand, error) {
	acc, err := l.args[0].eval(x, live)
	if err != nil {
		return acc, err
	}
	for i, a := range l.args[1:] {
		if acc.vec == nil && !acc.c.Null && acc.c.B == l.or {
			return acc, nil
		}
		pending := live
		if acc.vec != nil && !l.cheap[i+1] {
			if pending = l.undecided(x, acc.vec.(*batch.Bools), live); pending.empty() {
				return acc, nil
			}
		}
		o, err := a.eval(x, pending)
		if err != nil {
			return o, err
		}
		acc = l.combine(x, acc, o)
	}
	return acc, nil
}

// undecided returns the rows of live that acc leaves open.
func (l *logicNode) undecided(x *exec, acc *batch.Bools, live mask) mask {
	m := x.full(live)
	for k := range m {
		v := pack(acc.V[k<<6:])
		if l.or {
			m[k] &^= v
		} else {
			m[k] &= v | word(acc.N, k)
		}
	}
	return m
}

// combine gives a AND b or a OR b, three-valued.
func (l *logicNode) combine(x *exec, a, b operand) operand {
	if a.vec == nil {
		a, b = b, a
	}
	if a.vec == nil {
		return operand{c: l.combineConst(a.c, b.c)}
	}
	if b.vec == nil && !b.c.Null {
		if b.c.B == l.or {
			return b
		}
		return a
	}
	va := a.vec.(*batch.Bools)
	vb, _ := b.vec.(*batch.Bools)
	if vb == nil {
		vb = x.vector(b, types.ClassBool, x.n).(*batch.Bools)
	}
	r := x.getBools(x.n)
	if va.N == nil && vb.N == nil {
		l.combinePlain(r.V, va.V, vb.V)
		return operand{vec: r}
	}
	nulls := batch.Nulls(x.getWords(x.n))
	for k := range nulls {
		p, q := pack(va.V[k<<6:]), pack(vb.V[k<<6:])
		np, nq := word(va.N, k), word(vb.N, k)
		if l.or {
			nulls[k] = (np | nq) &^ (p | q)
			unpack(r.V[k<<6:], p|q)
		} else {
			isFalse := ^(p | np) | ^(q | nq)
			nulls[k] = (np | nq) &^ isFalse
			unpack(r.V[k<<6:], p&q)
		}
	}
	r.N = nulls
	return operand{vec: r}
}

func (l *logicNode) combinePlain(r, a, b []bool) {
	a, b = a[:len(r)], b[:len(r)]
	if l.or {
		for i := range r {
			r[i] = b2u(a[i])|b2u(b[i]) != 0
		}
		return
	}
	for i := range r {
		r[i] = b2u(a[i])&b2u(b[i]) != 0
	}
}

func (l *logicNode) combineConst(a, b types.Value) types.Value {
	switch {
	case !a.Null && a.B == l.or, !b.Null && b.B == l.or:
		return types.BoolValue(l.or)
	case a.Null || b.Null:
		return types.Null
	}
	return types.BoolValue(!l.or)
}

// cheapAll tells for each argument of AND or OR whether it may be computed on rows that do not need it.
func cheapAll(es []Expr) []bool {
	out := make([]bool, len(es))
	for i, e := range es {
		out[i] = cheap(e)
	}
	return out
}

// cheap reports whether e costs a few nanoseconds a row and does no harm on rows that do not need it. It may fail
// there only in ways a kernel reports for live rows alone, and since it runs unmasked it must not fail at all.
func cheap(e Expr) bool {
	switch e := e.(type) {
	case *Column:
		return true
	case *Const:
		return true
	case *Is:
		return cheap(e.X)
	case *Not:
		return cheap(e.X)
	case *Call:
		if !e.Func.total && !safeDivisor(e) {
			return false
		}
		for _, a := range e.Args {
			if !cheap(a) || a.Type().Class() == types.ClassBytes {
				return false
			}
		}
		return true
	}
	return false
}

// safeDivisor reports x / c or x % c of integers with a constant c that cannot fail.
func safeDivisor(e *Call) bool {
	if e.Func.Name != "/" && e.Func.Name != "%" || !e.T.IsInteger() {
		return false
	}
	c, ok := e.Args[1].(*Const)
	return ok && !c.V.Null && c.V.I != 0 && c.V.I != -1
}

// notNode is NOT.
type notNode struct{ x node }

func (n *notNode) eval(x *exec, live mask) (operand, error) {
	o, err := n.x.eval(x, live)
	if err != nil {
		return o, err
	}
	if o.vec == nil {
		if !o.c.Null {
			o.c.B = !o.c.B
		}
		return o, nil
	}
	v := o.vec.(*batch.Bools)
	r := x.getBools(x.n)
	for i, b := range v.V {
		r.V[i] = !b
	}
	r.N = v.N
	zeroNulls(r.V, r.N)
	return operand{vec: r}, nil
}

// isNode is IS [NOT] NULL, TRUE, FALSE, UNKNOWN.
type isNode struct {
	x    node
	what string
	not  bool
}

func (n *isNode) eval(x *exec, live mask) (operand, error) {
	o, err := n.x.eval(x, live)
	if err != nil {
		return o, err
	}
	if o.vec == nil {
		is := o.c.Null
		if n.what == "true" || n.what == "false" {
			is = !o.c.Null && o.c.B == (n.what == "true")
		}
		return operand{c: types.BoolValue(is != n.not)}, nil
	}
	nulls := o.vec.NullMap()
	r := x.getBools(x.n)
	switch n.what {
	case "null", "unknown":
		if nulls == nil {
			return operand{c: types.BoolValue(n.not)}, nil
		}
		for i := range r.V {
			r.V[i] = nulls.Has(i) != n.not
		}
	case "true": // the value at a NULL row is false
		for i, b := range o.vec.(*batch.Bools).V {
			r.V[i] = b != n.not
		}
	case "false":
		for i, b := range o.vec.(*batch.Bools).V {
			r.V[i] = (!b && !nulls.Has(i)) != n.not
		}
	default:
		return o, pgerr.New(pgerr.InternalError, "expr: IS %s", n.what)
	}
	return operand{vec: r}, nil
}
