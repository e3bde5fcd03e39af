package expr

import (
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Cast is ResolveCast by the rules of d. In ksqlDB numbers convert implicitly to wider ones, arrays, maps and structs by
// their elements (structs by the names of their fields), a string literal to what its place wants; everything else needs
// CAST.
func (d Dialect) Cast(x Expr, t types.Type, ctx types.CastContext, pos int) (Expr, error) {
	from := x.Type()
	if d != KSQL || from.Kind == types.Unknown && !isStringLiteral(x) || !ksqlKind(t) {
		return ResolveCast(x, t, ctx, pos)
	}
	if from.Equal(t) || same(from, t) && !hasMods(t) && t.Kind == types.Numeric {
		return x, nil
	}
	if c, ok := x.(*Const); ok && c.V.Null {
		return &Const{V: types.Null, T: t}, nil
	}
	if isStringLiteral(x) {
		return ksqlLiteral(x.(*Const), t, ctx, pos)
	}
	if y, ok, err := castParts(x, t, ctx, pos); ok || err != nil {
		return y, err
	}
	if isLiteral(x) && t.IsString() {
		ctx = types.Explicit
	}
	if !ksqlCanCast(from, t, ctx) {
		if ctx == types.Assignment {
			return ResolveCast(x, t, ctx, pos)
		}
		if ctx == types.Explicit {
			return nil, pgerr.At(pos, pgerr.CannotCoerce, "cannot cast type %s to %s", typeName(from), typeName(t))
		}
		return nil, pgerr.At(pos, pgerr.DatatypeMismatch, "expression is of type %s where %s is needed", typeName(from), typeName(t)).
			WithHint("You will need to rewrite or cast the expression.")
	}
	return &Cast{X: x, T: t, Explicit: ctx == types.Explicit, Pos: pos, Dialect: KSQL}, nil
}

// CanAssign reports whether a value of type from may be stored in a column of type to.
func (d Dialect) CanAssign(from, to types.Type) bool {
	return types.CanCast(from, to, types.Assignment) || d == KSQL && ksqlCanCast(from, to, types.Assignment)
}

// ksqlKind reports the types that ksqlDB has; casts to others are PostgreSQL's.
func ksqlKind(t types.Type) bool {
	switch t.Kind {
	case types.Bool, types.Int4, types.Int8, types.Float8, types.Numeric, types.Text, types.Varchar, types.Bytea, types.Date,
		types.Time, types.Timestamp:
		return true
	case types.Array:
		return ksqlKind(*t.Elem)
	case types.Map:
		return ksqlKind(*t.Key) && ksqlKind(*t.Elem)
	case types.Record:
		for _, f := range t.Fields {
			if !ksqlKind(f.Type) {
				return false
			}
		}
		return true
	}
	return false
}

// ksqlCanCast reports whether ksqlDB casts from to t.
func ksqlCanCast(from, t types.Type, ctx types.CastContext) bool {
	switch {
	case from.Equal(t), from.Kind == types.Numeric && t.Kind == types.Numeric:
		return true
	case ksqlRank[from.Kind] > 0 && ksqlRank[t.Kind] > 0:
		return ctx == types.Explicit || ksqlRank[from.Kind] <= ksqlRank[t.Kind]
	case from.IsString() && t.IsString():
		return true
	case from.Kind == types.Array && t.Kind == types.Array:
		return ksqlCanCast(*from.Elem, *t.Elem, ctx)
	case from.Kind == types.Map && t.Kind == types.Map:
		return ksqlCanCast(*from.Key, *t.Key, ctx) && ksqlCanCast(*from.Elem, *t.Elem, ctx)
	case from.Kind == types.Record && t.Kind == types.Record:
		for _, f := range t.Fields {
			if i := Postgres.FieldIndex(from, f.Name); i >= 0 && !ksqlCanCast(from.Fields[i].Type, f.Type, ctx) {
				return false
			}
		}
		return true
	case from.Kind == types.Date && t.Kind == types.Timestamp:
		return true
	case ctx != types.Explicit:
		return false
	case t.IsString():
		return ksqlKind(from) && from.Kind != types.Bytea
	case from.IsString():
		return t.Kind != types.Array && t.Kind != types.Map && t.Kind != types.Record && t.Kind != types.Bytea
	case from.Kind == types.Timestamp:
		return t.Kind == types.Date || t.Kind == types.Time
	}
	return false
}

// castParts pushes a cast of ARRAY[…], MAP(…) or STRUCT(…) down to its parts, so that the literals among them are read
// as the right type. ok is false where x is none of these.
func castParts(x Expr, t types.Type, ctx types.CastContext, pos int) (y Expr, ok bool, err error) {
	all := func(xs []Expr, t types.Type) (out []Expr) {
		for _, a := range xs {
			if err == nil {
				a, err = KSQL.Cast(a, t, ctx, pos)
			}
			out = append(out, a)
		}
		return out
	}
	switch x := x.(type) {
	case *ArrayOf:
		if t.Kind == types.Array {
			y = &ArrayOf{Args: all(x.Args, *t.Elem), T: t}
		}
	case *MapOf:
		if t.Kind == types.Map {
			y = &MapOf{Keys: all(x.Keys, *t.Key), Values: all(x.Values, *t.Elem), T: t}
		}
	case *RecordOf:
		if t.Kind != types.Record {
			return nil, false, nil
		}
		rec := &RecordOf{T: t}
		for _, f := range t.Fields {
			var a Expr = &Const{V: types.Null, T: f.Type}
			if i := Postgres.FieldIndex(x.T, f.Name); i >= 0 {
				a = all(x.Args[i:i+1], f.Type)[0]
			}
			rec.Args = append(rec.Args, a)
		}
		y = rec
	}
	return y, y != nil, err
}

// ksqlLiteral reads a string literal as a t. A literal that cannot be read is an error here, but for CAST, which fails
// on rows.
func ksqlLiteral(c *Const, t types.Type, ctx types.CastContext, pos int) (Expr, error) {
	text := &Const{V: c.V, T: types.T(types.Text)}
	if t.IsString() {
		return text, nil
	}
	if !ksqlCanCast(text.T, t, types.Explicit) {
		if ctx == types.Explicit {
			return nil, pgerr.At(pos, pgerr.CannotCoerce, "cannot cast type %s to %s", typeName(text.T), typeName(t))
		}
		return nil, pgerr.At(pos, pgerr.DatatypeMismatch, "expression is of type %s where %s is needed", typeName(text.T), typeName(t))
	}
	if t.Kind == types.Bool && ctx != types.Explicit {
		if _, ok := ksqlBool(string(c.V.Bytes)); !ok {
			return nil, pgerr.At(pos, pgerr.InvalidTextRepresentation, "invalid input syntax for type boolean: %q", c.V.Bytes)
		}
	}
	v, err := ksqlCast(text.T, t, c.V)
	if err == nil {
		return &Const{V: v, T: t}, nil
	}
	if ctx != types.Explicit {
		if c.At > 0 {
			pos = c.At - 1
		}
		return nil, pgerr.WithPos(err, pos)
	}
	return &Cast{X: text, T: t, Explicit: true, Pos: pos, Dialect: KSQL}, nil
}

// ksqlBool reads a boolean: the beginning of true, yes, false or no, in any case.
func ksqlBool(s string) (v, ok bool) {
	if s == "" {
		return false, false
	}
	s = strings.ToLower(s)
	for word, v := range map[string]bool{"true": true, "yes": true, "false": false, "no": false} {
		if strings.HasPrefix(word, s) {
			return v, true
		}
	}
	return false, false
}
