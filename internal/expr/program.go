package expr

import (
	"slices"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// program is the one implementation of Program.
type program struct {
	exec
	root  node
	class types.Class
	t     types.Type
	konst batch.Vec // the last constant result, to be shared while the batch size stays the same
	kval  types.Value
}

// Compile makes e runnable. Parameters must have been bound. Programs are not shared between goroutines; compile once
// for each.
func Compile(e Expr) (Program, error) {
	root, err := compile(e)
	if err != nil {
		return nil, err
	}
	return &program{root: root, class: e.Type().Class(), t: e.Type()}, nil
}

// Eval implements Program.
func (p *program) Eval(env *Env, in []batch.Vec, n int) (batch.Vec, error) {
	if env == nil {
		env = emptyEnv
	}
	p.env, p.in, p.n = env, in, n
	if n == 0 {
		return batch.MakeVec(p.class, 0), nil
	}
	o, err := p.root.eval(&p.exec, nil)
	p.in = nil
	if err != nil {
		p.release(nil)
		return nil, err
	}
	if o.vec == nil {
		return p.constant(o.c, n), nil
	}
	res := o.vec
	if p.owns(res) {
		res = trim(res)
	}
	p.release(res)
	return res, nil
}

// constant gives n rows of c. The vector made last is given again if it still fits: it is sealed.
func (p *program) constant(c types.Value, n int) batch.Vec {
	if p.konst == nil || p.konst.Len() != n || !sameValue(c, p.kval) {
		c.Bytes = slices.Clone(c.Bytes)
		p.konst, p.kval = batch.Const(p.t, c, n), c
	}
	p.release(nil)
	return p.konst
}

// trim copies v if it holds much more memory than it needs: results live longer than the scratch they come from.
func trim(v batch.Vec) batch.Vec {
	switch v := v.(type) {
	case *batch.Bools:
		if loose(v.V) {
			return &batch.Bools{V: slices.Clone(v.V), N: slices.Clone(v.N)}
		}
	case *batch.Ints:
		if loose(v.V) {
			return &batch.Ints{V: slices.Clone(v.V), N: slices.Clone(v.N)}
		}
	case *batch.Floats:
		if loose(v.V) {
			return &batch.Floats{V: slices.Clone(v.V), N: slices.Clone(v.N)}
		}
	case *batch.Decs:
		if loose(v.V) {
			return &batch.Decs{V: slices.Clone(v.V), N: slices.Clone(v.N)}
		}
	case *batch.Spans:
		if loose(v.V) {
			return &batch.Spans{V: slices.Clone(v.V), N: slices.Clone(v.N)}
		}
	case *batch.Bytes:
		if loose(v.Off) || loose(v.Data) {
			return &batch.Bytes{Data: slices.Clone(v.Data), Off: slices.Clone(v.Off), N: slices.Clone(v.N)}
		}
	}
	return v
}

func loose[T any](s []T) bool { return cap(s) > 2*len(s)+64 }

// EvalConst computes an expression that reads no columns.
func EvalConst(env *Env, e Expr) (types.Value, error) {
	if c, ok := e.(*Const); ok {
		return c.V, nil
	}
	p, err := Compile(e)
	if err != nil {
		return types.Value{}, err
	}
	v, err := p.Eval(env, nil, 1)
	if err != nil {
		return types.Value{}, err
	}
	return batch.ValueAt(v, 0), nil
}

// compile turns an expression into nodes.
func compile(e Expr) (node, error) {
	switch e := e.(type) {
	case *Column:
		return columnNode(e.Index), nil
	case *Const:
		return &constNode{o: operand{c: e.V}}, nil
	case *Param:
		return nil, pgerr.New(pgerr.UndefinedParameter, "there is no parameter $%d", e.N)
	case *Call:
		return compileCall(e)
	case *Cast:
		return compileCast(e)
	case *Logic:
		args, err := compileAll(e.Args)
		return &logicNode{or: e.Or, args: args, cheap: cheapAll(e.Args)}, err
	case *Not:
		x, err := compile(e.X)
		return &notNode{x: x}, err
	case *Is:
		x, err := compile(e.X)
		return &isNode{x: x, what: e.What, not: e.Not}, err
	case *Case:
		return compileCase(e)
	case *Coalesce:
		args, err := compileAll(e.Args)
		return &coalesceNode{args: args, m: merger{class: e.T.Class()}}, err
	case *InList:
		return compileIn(e)
	case *AnyAll:
		return compileAnyAll(e)
	case *ArrayOf:
		return compileArray(e)
	case *Field:
		return compileField(e)
	case *RecordOf:
		return compileRecord(e)
	case *MapOf:
		return compileMap(e)
	case *LambdaVar:
		return varNode(e.Slot), nil
	}
	return nil, pgerr.New(pgerr.InternalError, "expr: cannot compile %T", e)
}

func compileAll(es []Expr) ([]node, error) {
	ns := make([]node, len(es))
	for i, e := range es {
		n, err := compile(e)
		if err != nil {
			return nil, err
		}
		ns[i] = n
	}
	return ns, nil
}

type columnNode int

func (c columnNode) eval(x *exec, _ mask) (operand, error) {
	if v := x.in[c]; v != nil {
		return operand{vec: v}, nil
	}
	return operand{}, pgerr.New(pgerr.InternalError, "expr: column %d is read but was not asked for", int(c))
}

type constNode struct{ o operand }

func (c *constNode) eval(*exec, mask) (operand, error) { return c.o, nil }

// callNode runs a function's kernel over its arguments.
type callNode struct {
	args   []node
	ops    []operand
	kern   kernel
	strict bool
	perRow bool // volatile: constants give no constant
	pos    int
	f      frame
}

func compileCall(e *Call) (node, error) {
	if e.Func.higher != nil {
		return compileLambdaCall(e)
	}
	args, err := compileAll(e.Args)
	if err != nil {
		return nil, err
	}
	if e.Func.build == nil {
		return nil, pgerr.Unsupported(e.Pos, "function %s", e.Func.Signature())
	}
	k, err := e.Func.build(e)
	if err != nil {
		return nil, pgerr.WithPos(err, e.Pos)
	}
	return &callNode{args: args, ops: make([]operand, len(args)), kern: k, strict: e.Func.Strict,
		perRow: e.Func.Vol == Volatile, pos: e.Pos}, nil
}

func (c *callNode) eval(x *exec, live mask) (operand, error) {
	allConst, null := !c.perRow, false
	for i, a := range c.args {
		o, err := a.eval(x, live)
		if err != nil {
			return operand{}, err
		}
		if o.vec != nil {
			allConst = false
		} else if o.c.Null && c.strict {
			null = true // the other arguments are still computed: one may fail
		}
		c.ops[i] = o
	}
	if null {
		return operand{c: types.Null}, nil
	}
	return run(&c.f, c.kern, x, live, c.ops, c.strict, allConst, c.pos)
}

// run calls a kernel. If all operands are constants it is called for one row, which then stands for all.
func run(f *frame, k kernel, x *exec, live mask, ops []operand, strict, allConst bool, pos int) (operand, error) {
	f.x, f.n, f.live, f.pos, f.weight, f.nulls, f.own, f.all = x, x.n, live, pos, 1, nil, false, 0
	if allConst {
		f.weight = live.count(x.n)
		if f.weight == 0 {
			return operand{c: types.Null}, nil
		}
		f.n, f.live, f.rows, f.all = 1, nil, live, x.n
	}
	if strict {
		f.nulls, f.own = x.mergeNulls(ops, f.n)
	}
	v, err := k(f, ops)
	if err != nil {
		return operand{}, err
	}
	v = f.finish(v)
	if allConst {
		return operand{c: batch.ValueAt(v, 0)}, nil
	}
	return operand{vec: v}, nil
}
