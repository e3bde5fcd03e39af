package expr

import (
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Field is field Index (from 0) of the record X; NULL if the record is.
type Field struct {
	X     Expr
	Index int
	T     types.Type
}

// RecordOf builds a record of type T from its fields: ROW(…), STRUCT(a := …).
type RecordOf struct {
	Args []Expr
	T    types.Type
}

// MapOf builds a map of type T; the last of equal keys wins. A NULL key is an error (22004) when a row has one.
type MapOf struct {
	Keys, Values []Expr // as many of one as of the other
	T            types.Type
}

func (e *Field) Type() types.Type    { return e.T }
func (e *RecordOf) Type() types.Type { return e.T }
func (e *MapOf) Type() types.Type    { return e.T }

func (*Field) expr()    {}
func (*RecordOf) expr() {}
func (*MapOf) expr()    {}

func (e *Field) String() string {
	return "(" + e.X.String() + ")." + e.X.Type().Fields[e.Index].Name
}

func (e *RecordOf) String() string { return "ROW(" + list(e.Args) + ")" }

func (e *MapOf) String() string {
	parts := make([]string, len(e.Keys))
	for i, k := range e.Keys {
		parts[i] = k.String() + " := " + e.Values[i].String()
	}
	return "MAP(" + strings.Join(parts, ", ") + ")"
}

// FieldIndex finds a field of a record type by its name as the dialect compares names; -1 if there is none.
func (d Dialect) FieldIndex(t types.Type, name string) int {
	for i, f := range t.Fields {
		if f.Name == name {
			return i
		}
	}
	if d == KSQL {
		for i, f := range t.Fields {
			if strings.EqualFold(f.Name, name) {
				return i
			}
		}
	}
	return -1
}

// simpleCall makes a node that runs fn over its arguments; with strict set rows with a NULL argument are NULL.
func simpleCall(args []Expr, t types.Type, strict bool, fn rowFunc) (node, error) {
	ns, err := compileAll(args)
	if err != nil {
		return nil, err
	}
	return &callNode{args: ns, ops: make([]operand, len(ns)), kern: rowKernel(fn, t.Class(), len(ns)), strict: strict,
		pos: pgerr.NoPos}, nil
}

func compileField(e *Field) (node, error) {
	fields := e.X.Type().Fields
	return simpleCall([]Expr{e.X}, e.T, true, func(_ *row, a []types.Value) (types.Value, error) {
		b := a[0].Bytes
		for i := range e.Index + 1 {
			v, n := types.DecodeCompact(b, fields[i].Type.Class())
			if n == 0 {
				return types.Null, types.ErrDamaged
			}
			if i == e.Index {
				return v, nil
			}
			b = b[n:]
		}
		return types.Null, nil
	})
}

func compileRecord(e *RecordOf) (node, error) {
	fields := e.T.Fields
	return simpleCall(e.Args, e.T, false, func(r *row, a []types.Value) (types.Value, error) {
		r.buf = types.AppendRecord(r.buf[:0], fields, a)
		return types.Value{Bytes: r.buf}, nil
	})
}

func compileMap(e *MapOf) (node, error) {
	k, v := *e.T.Key, *e.T.Elem
	return simpleCall(kids(e), e.T, false, func(r *row, a []types.Value) (types.Value, error) {
		keys, vals := a[:len(a)/2], a[len(a)/2:]
		if err := checkKeys(keys); err != nil {
			return types.Null, err
		}
		r.buf = types.AppendMap(r.buf[:0], k, v, keys, vals)
		return types.Value{Bytes: r.buf}, nil
	})
}

// mapOf encodes a map of type t; the last of equal keys wins. Error: 22004 for a NULL key.
func mapOf(t types.Type, keys, vals []types.Value) (types.Value, error) {
	if err := checkKeys(keys); err != nil {
		return types.Null, err
	}
	return types.BytesValue(types.AppendMap(nil, *t.Key, *t.Elem, keys, vals)), nil
}

func checkKeys(keys []types.Value) error {
	for i := range keys {
		if keys[i].Null {
			return pgerr.New(pgerr.NullValueNotAllowed, "a key of a map must not be NULL")
		}
	}
	return nil
}
