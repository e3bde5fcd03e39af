package planner

import (
	"math"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// subscriptFunc and sliceFunc are the functions behind x[i] and x[lo:hi].
const (
	subscriptFunc = "array_subscript"
	sliceFunc     = "array_slice"
)

// subscript is x[i], x[i][j], x[lo:hi] and mixtures of them. PostgreSQL's arrays of any dimension are one type, so all
// subscripts in a row belong together; what has containers as elements (the ksql dialect) is taken apart one by one.
func (c *clause) subscript(x *ast.Subscript) (expr.Expr, error) {
	base, subs := ast.Expr(x), []*ast.Subscript(nil)
	for s, ok := base.(*ast.Subscript); ok; s, ok = base.(*ast.Subscript) {
		subs = append([]*ast.Subscript{s}, subs...)
		base = s.X
	}
	e, err := c.expr(base)
	if err != nil {
		return nil, err
	}
	for len(subs) > 0 {
		n := 1
		switch t := e.Type(); {
		case t.Kind == types.JSONB && c.b.dialect() != expr.KSQL:
			n = len(subs)
			e, err = c.jsonbSubscript(e, subs)
		case t.Kind == types.Array && t.Elem.Kind != types.Array && t.Elem.Kind != types.Map && c.b.dialect() != expr.KSQL:
			n = len(subs)
			e, err = c.arraySubscript(e, subs)
		default:
			e, err = c.oneSubscript(e, subs[0])
		}
		if err != nil {
			return nil, err
		}
		subs = subs[n:]
	}
	return e, nil
}

// oneSubscript is an element of an array or map.
func (c *clause) oneSubscript(e expr.Expr, s *ast.Subscript) (expr.Expr, error) {
	if k := e.Type().Kind; k != types.Array && k != types.Map {
		return nil, pgerr.At(at(s), pgerr.DatatypeMismatch, "cannot subscript type %s because it does not support subscripting", e.Type())
	}
	if s.Slice {
		return nil, pgerr.Unsupported(at(s), "a slice of %s", e.Type())
	}
	key, err := c.expr(s.Lo)
	if err != nil {
		return nil, err
	}
	if e.Type().Kind == types.Array {
		if key, err = c.indexOf(key, s.Lo); err != nil {
			return nil, err
		}
	}
	return c.b.dialect().Function([]string{subscriptFunc}, []expr.Expr{e, key}, at(s))
}

// indexOf makes key an array subscript.
func (c *clause) indexOf(key expr.Expr, x ast.Expr) (expr.Expr, error) {
	idx, err := c.b.castTo(key, types.T(types.Int4), types.Assignment, at(x))
	if err != nil {
		return nil, pgerr.At(at(x), pgerr.DatatypeMismatch, "array subscript must have type integer")
	}
	return idx, nil
}

// arraySubscript is an element, or with a slice among subs an array: a plain subscript n then counts as 1:n.
func (c *clause) arraySubscript(e expr.Expr, subs []*ast.Subscript) (expr.Expr, error) {
	slice := false
	for _, s := range subs {
		slice = slice || s.Slice
	}
	args := []expr.Expr{e}
	for _, s := range subs {
		bound := func(x ast.Expr, missing int64) error {
			if x == nil {
				args = append(args, intConst(missing))
				return nil
			}
			key, err := c.expr(x)
			if err == nil {
				key, err = c.indexOf(key, x)
			}
			args = append(args, key)
			return err
		}
		if slice {
			lo := s.Lo
			if !s.Slice {
				lo = nil
			}
			if err := bound(lo, 1); err != nil {
				return nil, err
			}
		}
		last := s.Lo
		if s.Slice {
			last = s.Hi
		}
		if err := bound(last, math.MaxInt32); err != nil {
			return nil, err
		}
	}
	fn := subscriptFunc
	if slice {
		fn = sliceFunc
	}
	return c.b.dialect().Function([]string{fn}, args, at(subs[0]))
}

// jsonbSubscript is the value at a path of keys and indexes.
func (c *clause) jsonbSubscript(e expr.Expr, subs []*ast.Subscript) (expr.Expr, error) {
	path := make([]expr.Expr, len(subs))
	for i, s := range subs {
		if s.Slice {
			return nil, pgerr.At(at(s), pgerr.DatatypeMismatch, "jsonb subscript does not support slices")
		}
		key, err := c.expr(s.Lo)
		if err != nil {
			return nil, err
		}
		if !key.Type().IsString() {
			if key, err = c.b.castTo(key, types.T(types.Int4), types.Implicit, at(s.Lo)); err != nil {
				return nil, pgerr.At(at(s.Lo), pgerr.DatatypeMismatch, "subscript type %s is not supported", key.Type()).
					WithHint("jsonb subscript must be coercible to either integer or text.")
			}
		}
		if path[i], err = c.b.castTo(key, types.T(types.Text), types.Explicit, at(s.Lo)); err != nil {
			return nil, err
		}
	}
	return c.b.dialect().Operator("#>", e, &expr.ArrayOf{Args: path, T: types.ArrayOf(types.T(types.Text))}, at(subs[0]))
}
