package expr

import (
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// ResolveCast makes x a t. An untyped literal is read as a t here and now (22P02, 22007 … pointing at it), an untyped
// parameter becomes a parameter of type t. Errors: 42846 where an explicit cast does not exist, 42804 where an
// implicit or assignment one does not.
func ResolveCast(x Expr, t types.Type, ctx types.CastContext, pos int) (Expr, error) {
	from := x.Type()
	if from.Kind == types.Unknown {
		return castUnknown(x, t, ctx, pos)
	}
	if same(from, t) && (!hasMods(t) || from.Equal(t)) {
		if ctx == types.Explicit && hasMods(from) && !hasMods(t) {
			return relabel(x, t, pos), nil
		}
		return x, nil
	}
	if !same(from, t) && !types.CanCast(base(from), base(t), ctx) {
		if ctx == types.Explicit {
			return nil, pgerr.At(pos, pgerr.CannotCoerce, "cannot cast type %s to %s", typeName(from), typeName(t))
		}
		return nil, pgerr.At(pos, pgerr.DatatypeMismatch, "expression is of type %s where %s is needed", typeName(from), typeName(t)).
			WithHint("You will need to rewrite or cast the expression.")
	}
	if c, ok := x.(*Const); ok && c.V.Null {
		return &Const{V: types.Null, T: t}, nil
	}
	if a, ok := x.(*ArrayOf); ok && t.Kind == types.Array {
		return castElements(a, t, ctx, pos)
	}
	return &Cast{X: x, T: t, Explicit: ctx == types.Explicit, Pos: pos}, nil
}

// relabel drops the modifiers of x's type.
func relabel(x Expr, t types.Type, pos int) Expr {
	if c, ok := x.(*Const); ok {
		return &Const{V: c.V, T: t}
	}
	return &Cast{X: x, T: t, Explicit: true, Pos: pos}
}

// castElements pushes a cast of ARRAY[…] down to its elements, so that untyped literals are read as the right type.
func castElements(a *ArrayOf, t types.Type, ctx types.CastContext, pos int) (Expr, error) {
	out := &ArrayOf{Args: make([]Expr, len(a.Args)), T: t}
	for i, x := range a.Args {
		et := *t.Elem
		if x.Type().Kind == types.Array {
			et = t
		}
		y, err := ResolveCast(x, et, ctx, pos)
		if err != nil {
			return nil, err
		}
		out.Args[i] = y
	}
	return out, nil
}

// castUnknown types an untyped expression.
func castUnknown(x Expr, t types.Type, ctx types.CastContext, pos int) (Expr, error) {
	switch x := x.(type) {
	case *Param:
		p := &Param{N: x.N, T: base(t)}
		if !hasMods(t) {
			return p, nil
		}
		return &Cast{X: p, T: t, Explicit: ctx == types.Explicit, Pos: pos}, nil
	case *Const:
		if x.V.Null || t.Kind == types.Unknown {
			return &Const{V: x.V, T: t}, nil
		}
		if x.At > 0 {
			pos = x.At - 1
		}
		return castLiteral(x, t, ctx, pos)
	}
	return &Cast{X: x, T: t, Explicit: ctx == types.Explicit, Pos: pos}, nil
}

// castLiteral reads a literal. What depends on the session (dates and zones on DateStyle and TimeZone, 'now', names of
// relations) is only checked here and stays a Cast of the text, which Fold evaluates in its Env.
func castLiteral(x *Const, t types.Type, ctx types.CastContext, pos int) (Expr, error) {
	later := &Cast{X: &Const{V: x.V, T: types.T(types.Unknown)}, T: t, Explicit: ctx == types.Explicit, Pos: pos}
	if isReg(t) {
		return later, nil
	}
	if sessionText(t) && isNowWord(string(x.V.Bytes)) {
		return later, nil
	}
	if hasMods(t) && t.Kind != types.Interval && !t.CastCuts() { // read first, then fitted: that is an expression of its own
		x, err := castLiteral(x, base(t), ctx, pos)
		return &Cast{X: x, T: t, Explicit: ctx == types.Explicit, Pos: pos}, err
	}
	if ctx != types.Explicit || !t.CastCuts() || sessionText(t) {
		v, err := types.ParseText(t, string(x.V.Bytes), nil)
		if err != nil && !(sessionText(t) && readsElsewhere(t, string(x.V.Bytes), err)) {
			return nil, pgerr.WithPos(err, pos)
		}
		if sessionText(t) {
			return later, nil
		}
		return &Const{V: v, T: t}, nil
	}
	// An explicit cast to char(n), varchar(n) or bit(n) cuts; input would refuse.
	v, err := types.Cast(types.T(types.Text), t, x.V, nil)
	if err != nil {
		return nil, pgerr.WithPos(err, pos)
	}
	return &Const{V: v, T: t}, nil
}

// readsElsewhere reports that s is a t under another DateStyle than the default, or wrong for another reason than err.
func readsElsewhere(t types.Type, s string, err error) bool {
	for _, order := range []string{"DMY", "YMD"} {
		f := *types.DefaultFormat
		f.DateOrder = order
		if _, other := types.ParseText(t, s, &f); other == nil || pgerr.Code(other) != pgerr.Code(err) {
			return true
		}
	}
	return false
}

func isReg(t types.Type) bool {
	switch t.Kind {
	case types.Regclass, types.Regtype, types.Regproc, types.Regnamespace:
		return true
	}
	return false
}

// sessionText reports whether reading a t from text depends on the session's settings.
func sessionText(t types.Type) bool {
	switch t.Kind {
	case types.Date, types.TimeTZ, types.Timestamp, types.TimestampTZ:
		return true
	case types.Array:
		return sessionText(*t.Elem)
	case types.Record:
		return true
	}
	return false
}

// castVolatility is Stable for casts that look at the session or the catalog.
func castVolatility(from, to types.Type) Volatility {
	fromText, toText := from.IsString() || from.Kind == types.Unknown, to.IsString()
	switch {
	case from.Kind == types.Unknown && !isReg(to):
		return Immutable // a literal is read once, when it is folded
	case from.Kind == types.Array && to.Kind == types.Array:
		return castVolatility(*from.Elem, *to.Elem)
	case fromText && stableText(to, true), toText && stableText(from, false):
		return Stable
	case to.Kind == types.TimeTZ && from.IsTime():
		return Stable
	case to.Kind == types.TimestampTZ && from.IsTime() && from.Kind != to.Kind,
		from.Kind == types.TimestampTZ && to.IsTime() && from.Kind != to.Kind:
		return Stable
	}
	return Immutable
}

// stableText reports the types whose input (or output) function is stable in PostgreSQL.
func stableText(t types.Type, input bool) bool {
	switch t.Kind {
	case types.Time, types.TimeTZ:
		return input
	case types.Date, types.Timestamp, types.TimestampTZ, types.Interval, types.Array, types.Record:
		return true
	}
	return isReg(t)
}
