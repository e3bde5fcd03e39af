package expr

import "streamsql/internal/types"

// Type variables: capital letters in the signatures of ksqlDB's functions, also within arrays, maps and lambdas. A
// variable is Type{Kind: kindVar, Prec: its letter}; fn<T,U> is Type{Kind: kindLambda, Fields: T, Elem: U}.

// hasVars reports a type with a variable in it.
func hasVars(t types.Type) bool {
	switch t.Kind {
	case kindVar, kindLambda:
		return true
	case types.Array:
		return hasVars(*t.Elem)
	case types.Map:
		return hasVars(*t.Key) || hasVars(*t.Elem)
	}
	return false
}

func anyVars(ts []types.Type) bool {
	for _, t := range ts {
		if hasVars(t) {
			return true
		}
	}
	return false
}

// bindings are the types of variables, by letter.
type bindings map[int32]types.Type

// match learns the variables of want from the actual type in; false if the two contradict each other. Of two numbers
// a variable takes the wider; of an untyped NULL nothing is learnt.
func (b bindings) match(want, in types.Type) bool {
	if in.Kind == types.Unknown {
		return true
	}
	switch want.Kind {
	case kindVar:
		old, ok := b[want.Prec]
		switch {
		case !ok:
			b[want.Prec] = in
		case old.Kind == types.Numeric && in.Kind == types.Numeric:
			b[want.Prec] = widerDecimal(old, in)
		case same(old, in):
		case old.IsString() && in.IsString():
			b[want.Prec] = types.T(types.Text)
		case ksqlRank[old.Kind] > 0 && ksqlRank[in.Kind] > 0:
			if ksqlRank[in.Kind] > ksqlRank[old.Kind] {
				b[want.Prec] = in
			}
		default:
			return false
		}
		return true
	case kindLambda:
		return true
	case types.Array:
		return in.Kind == types.Array && b.match(*want.Elem, *in.Elem)
	case types.Map:
		return in.Kind == types.Map && b.match(*want.Key, *in.Key) && b.match(*want.Elem, *in.Elem)
	}
	return true
}

// apply replaces the variables of t; ok is false if one is not known.
func (b bindings) apply(t types.Type) (types.Type, bool) {
	switch t.Kind {
	case kindVar:
		u, ok := b[t.Prec]
		return u, ok
	case types.Array:
		e, ok := b.apply(*t.Elem)
		return types.ArrayOf(e), ok
	case types.Map:
		k, ok := b.apply(*t.Key)
		e, ok2 := b.apply(*t.Elem)
		return types.Type{Kind: types.Map, Key: &k, Elem: &e}, ok && ok2
	}
	return t, true
}

// instantiateVars is instantiate for signatures with type variables. "any" stands for each argument's own type.
func instantiateVars(args []types.Type, result types.Type, in []types.Type) (out []types.Type, res types.Type, ok bool) {
	b := bindings{}
	for i, a := range args {
		if !b.match(a, in[i]) {
			return nil, res, false
		}
	}
	out = make([]types.Type, len(args))
	for i, a := range args {
		if out[i], ok = b.apply(a); !ok {
			return nil, res, false
		}
		if a.Kind == kindAny {
			out[i], _ = settle(a, in[i], nil, nil)
		}
	}
	res, ok = b.apply(result)
	return out, res, ok
}

// widerDecimal is the decimal that holds all values of a and of b.
func widerDecimal(a, b types.Type) types.Type {
	if a.Prec == 0 || b.Prec == 0 {
		return types.T(types.Numeric)
	}
	scale := max(a.Scale, b.Scale)
	return types.Type{Kind: types.Numeric, Prec: max(a.Prec-a.Scale, b.Prec-b.Scale) + scale, Scale: scale}
}
