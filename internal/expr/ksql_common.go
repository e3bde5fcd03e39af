package expr

import (
	"slices"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// ksqlCommonType finds the type that xs can become: the wider of numbers, a decimal wide enough for all, the union of
// structs' fields. A string literal becomes a number, a boolean or a time if the others are, other literals become
// strings if the others are. Errors: 42804; 22P02 for a literal that is no number; 42P18 if all are NULL.
func ksqlCommonType(what string, xs []Expr, pos []int) (types.Type, error) {
	best := types.T(types.Unknown)
	for _, soft := range []bool{false, true} { // literals and constructors follow what stands beside them
		for i, x := range xs {
			if isSoft(x) != soft {
				continue
			}
			u, err := ksqlMergeExpr(what, best, x, posAt(pos, i))
			if err != nil {
				return best, err
			}
			best = u
		}
	}
	if best.Kind == types.Unknown {
		for _, x := range xs {
			if _, ok := x.(*Param); ok {
				return best, nil
			}
		}
		return best, pgerr.At(posAt(pos, 0), pgerr.IndeterminateDatatype, "the type of %s cannot be determined: all of its values are NULL", what).
			WithHint("Cast a NULL to the type it has.")
	}
	return best, nil
}

func ksqlNoMatch(what string, a, b types.Type, pos int) error {
	return pgerr.At(pos, pgerr.DatatypeMismatch, "%s types %s and %s cannot be matched", what, typeName(a), typeName(b))
}

// isSoft reports an expression whose type its neighbours may change.
func isSoft(x Expr) bool {
	switch x := x.(type) {
	case *Const:
		return true
	case *ArrayOf:
		return slices.ContainsFunc(x.Args, isSoft)
	case *MapOf:
		return slices.ContainsFunc(x.Keys, isSoft) || slices.ContainsFunc(x.Values, isSoft)
	case *RecordOf:
		return true
	}
	return false
}

// ksqlMergeExpr is the common type of best and x.
func ksqlMergeExpr(what string, best types.Type, x Expr, pos int) (types.Type, error) {
	var err error
	all := func(best types.Type, xs []Expr) types.Type {
		for _, x := range xs {
			if err == nil {
				best, err = ksqlMergeExpr(what, best, x, pos)
			}
		}
		return best
	}
	part := func(p *types.Type) types.Type {
		if p == nil {
			return types.T(types.Unknown)
		}
		return *p
	}
	if best.Kind == types.Unknown || best.Kind == x.Type().Kind {
		switch x := x.(type) {
		case *ArrayOf:
			return ksqlKnown(types.ArrayOf(all(part(best.Elem), x.Args)), x.T), err
		case *MapOf:
			k, v := all(part(best.Key), x.Keys), all(part(best.Elem), x.Values)
			return ksqlKnown(types.Type{Kind: types.Map, Key: &k, Elem: &v}, x.T), err
		case *RecordOf:
			return ksqlMergeStruct(what, best, x, pos)
		}
	}
	t := ksqlType(x)
	if c, ok := x.(*Const); ok && c.V.Null && t.Kind == types.Text && best.Kind != types.Unknown {
		return best, nil // a NULL that has become a text
	}
	if u, ok := ksqlMerge(best, t); ok {
		return u, nil
	}
	if isLiteral(x) {
		return ksqlMergeLiteral(what, best, x, pos)
	}
	return best, ksqlNoMatch(what, best, t, pos)
}

// ksqlKnown is t, or where nothing of it is known, the type it had before.
func ksqlKnown(t, before types.Type) types.Type {
	if t.Elem.Kind == types.Unknown || t.Key != nil && t.Key.Kind == types.Unknown {
		return before
	}
	return t
}

// ksqlMergeStruct has the fields of best, and then those of x that best has not.
func ksqlMergeStruct(what string, best types.Type, x *RecordOf, pos int) (types.Type, error) {
	t := types.Type{Kind: types.Record, Fields: slices.Clone(best.Fields)}
	for k, f := range x.T.Fields {
		i := Postgres.FieldIndex(t, f.Name)
		if i < 0 {
			t.Fields = append(t.Fields, f)
			continue
		}
		u, err := ksqlMergeExpr(what, t.Fields[i].Type, x.Args[k], pos)
		if err != nil {
			return t, err
		}
		t.Fields[i].Type = u
	}
	return t, nil
}

func isLiteral(x Expr) bool {
	c, ok := x.(*Const)
	return ok && !c.V.Null
}

// ksqlMergeLiteral is the common type of best and a literal of another kind.
func ksqlMergeLiteral(what string, best types.Type, x Expr, pos int) (types.Type, error) {
	switch {
	case best.IsString():
		return best, nil
	case !isStringLiteral(x):
		return best, ksqlNoMatch(what, best, x.Type(), pos)
	case ksqlRank[best.Kind] > 0:
		s := string(x.(*Const).V.Bytes)
		d, err := types.ParseDec(s)
		if err != nil || d.IsNaN() || d.IsInf() {
			return best, pgerr.At(pos, pgerr.InvalidTextRepresentation, "invalid input syntax for type %s: %q", typeName(best), s)
		}
		if d.Scale() == 0 && best.IsInteger() {
			if n, err := d.Int64(); err == nil && isPlainInt(s) && (best.Kind == types.Int8 || n == int64(int32(n))) {
				return best, nil
			}
		}
		return ksqlWider(best, DecimalTypeOf(d)), nil
	}
	_, err := KSQL.Cast(x, best, types.Implicit, pos)
	return best, err
}

func isPlainInt(s string) bool {
	_, ok := plainInt([]byte(s))
	return ok
}

// DecimalTypeOf is the type of a decimal literal: as many digits as it is written with.
func DecimalTypeOf(d types.Dec) types.Type {
	digits := int32(len(d.Coef().String()))
	if d.Sign() < 0 {
		digits--
	}
	return types.Type{Kind: types.Numeric, Prec: max(digits, d.Scale(), 1), Scale: d.Scale()}
}

// ksqlMerge is the type that holds the values of a and of b; ok is false if there is none.
func ksqlMerge(a, b types.Type) (t types.Type, ok bool) {
	switch {
	case a.Kind == types.Unknown:
		return b, true
	case b.Kind == types.Unknown || a.Equal(b):
		return a, true
	case ksqlRank[a.Kind] > 0 && ksqlRank[b.Kind] > 0:
		return ksqlWider(a, b), true
	case a.IsString() && b.IsString():
		return types.T(types.Text), true
	case a.Kind != b.Kind:
		return a, false
	}
	switch a.Kind {
	case types.Array:
		e, ok := ksqlMerge(*a.Elem, *b.Elem)
		return types.ArrayOf(e), ok
	case types.Map:
		k, ok := ksqlMerge(*a.Key, *b.Key)
		e, ok2 := ksqlMerge(*a.Elem, *b.Elem)
		return types.Type{Kind: types.Map, Key: &k, Elem: &e}, ok && ok2
	case types.Record:
		return ksqlMergeStructs(a, b)
	}
	return a, same(a, b)
}

// ksqlMergeStructs has the fields of a, and then those of b that a has not; names are compared exactly.
func ksqlMergeStructs(a, b types.Type) (types.Type, bool) {
	t := types.Type{Kind: types.Record, Fields: append([]types.Field(nil), a.Fields...)}
	for _, f := range b.Fields {
		i := Postgres.FieldIndex(t, f.Name)
		if i < 0 {
			t.Fields = append(t.Fields, f)
			continue
		}
		u, ok := ksqlMerge(t.Fields[i].Type, f.Type)
		if !ok {
			return t, false
		}
		t.Fields[i].Type = u
	}
	return t, true
}
