package expr

import (
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// LambdaArg is a lambda whose parameters have no types yet.
type LambdaArg struct {
	Params int
	// Bind makes the lambda for parameters of these types.
	Bind func(params []types.Type) (*Lambda, error)
}

// FunctionWithLambdas resolves a call some of whose arguments are lambdas: args[i] is nil where lambdas[i] is not. The
// types of the other arguments decide the overload and what the lambdas' parameters are. Errors: 42883, those of Bind.
func (d Dialect) FunctionWithLambdas(name []string, args []Expr, lambdas []*LambdaArg, pos int) (Expr, error) {
	fn := name[len(name)-1]
	if len(name) == 1 {
		for _, f := range ksqlRegistry[fn] {
			if f.higher != nil && f.takesLambdas(args, lambdas) {
				return d.makeLambdaCall(f, args, lambdas, pos)
			}
		}
	}
	in := make([]types.Type, len(args))
	for i, a := range args {
		if in[i] = types.T(kindLambda); a != nil {
			in[i] = a.Type()
			continue
		}
		in[i].Fields = make([]types.Field, lambdas[i].Params)
		for k := range in[i].Fields {
			in[i].Fields[k].Type = types.T(types.Unknown)
		}
		in[i].Elem = &types.Type{Kind: types.Unknown}
	}
	return nil, functionError(strings.Join(name, "."), in, false, pos)
}

// takesLambdas reports whether f has lambdas of as many parameters where the call has, and collections alike.
func (f *Func) takesLambdas(args []Expr, lambdas []*LambdaArg) bool {
	if len(args) != len(f.Args) {
		return false
	}
	b := bindings{}
	for i, want := range f.Args {
		if (want.Kind == kindLambda) != (args[i] == nil) {
			return false
		}
		if args[i] == nil {
			if len(want.Fields) != lambdas[i].Params {
				return false
			}
		} else if !b.match(want, args[i].Type()) {
			return false
		}
	}
	return true
}

func (d Dialect) makeLambdaCall(f *Func, args []Expr, lambdas []*LambdaArg, pos int) (Expr, error) {
	b := bindings{}
	for i, a := range args {
		if a != nil {
			b.match(f.Args[i], a.Type())
		}
	}
	unknown := pgerr.At(pos, pgerr.IndeterminateDatatype, "the types of the arguments of %s are not known", strings.ToUpper(f.Name)).
		WithHint("Cast a NULL to the type it has.")
	out := make([]Expr, len(args))
	for i, want := range f.Args {
		if args[i] != nil {
			continue
		}
		l, err := d.bindLambda(b, want, lambdas[i], unknown)
		if err != nil {
			return nil, err
		}
		out[i] = l
	}
	for i, a := range args {
		if a == nil {
			continue
		}
		t, ok := b.apply(f.Args[i])
		if !ok {
			return nil, unknown
		}
		x, err := d.Cast(a, t, types.Implicit, pos)
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	res, ok := b.apply(f.Result)
	if !ok {
		return nil, unknown
	}
	return &Call{Func: f, Args: out, T: res, Pos: pos}, nil
}

// bindLambda types a lambda's parameters and learns its result's type; where that is decided already (REDUCE's state)
// the body is cast to it.
func (d Dialect) bindLambda(b bindings, want types.Type, l *LambdaArg, unknown error) (*Lambda, error) {
	params := make([]types.Type, len(want.Fields))
	for k, p := range want.Fields {
		t, ok := b.apply(p.Type)
		if !ok {
			return nil, unknown
		}
		params[k] = t
	}
	lam, err := l.Bind(params)
	if err != nil {
		return nil, err
	}
	t := lam.Body.Type()
	res, ok := b.apply(*want.Elem)
	if !ok {
		if t.Kind == types.Unknown {
			t = types.T(types.Text)
		}
		b.match(*want.Elem, t)
		res = t
	}
	if lam.Body, err = d.Cast(lam.Body, res, types.Implicit, pgerr.NoPos); err != nil {
		return nil, err
	}
	return lam, nil
}
