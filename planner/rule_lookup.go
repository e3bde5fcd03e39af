package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// keyLookup reads the one row of a materialized relation whose whole key is given, instead of all rows. It needs a
// snapshot: pull queries only. Predicates beyond the key stay as a filter.
func (w *rewriter) keyLookup(n Node) Node {
	if w.opt.Lifetime != Pull {
		return n
	}
	return transform(n, func(n Node) Node {
		f, ok := n.(*Filter)
		if !ok {
			return n
		}
		s, ok := f.Input.(*Scan)
		if !ok || !s.Object.Materialized() || len(s.Object.Key) == 0 {
			return n
		}
		return w.lookupKey(f, s)
	})
}

func (w *rewriter) lookupKey(f *Filter, s *Scan) Node {
	byColumn := map[int]expr.Expr{}
	var rest []expr.Expr
	for _, c := range expr.Conjuncts(f.Pred) {
		i, v, ok := columnEquals(c)
		if !ok || byColumn[s.Cols[i]] != nil || !isKey(s, s.Cols[i]) {
			rest = append(rest, c)
			continue
		}
		v, ok = asType(v, s.Out[i].Type)
		if !ok {
			rest = append(rest, c)
			continue
		}
		byColumn[s.Cols[i]] = w.fold(v)
	}
	l := &Lookup{Object: s.Object, Cols: s.Cols, Out: s.Out}
	for _, k := range s.Object.Key {
		if byColumn[k] == nil {
			return f
		}
		l.Key = append(l.Key, byColumn[k])
	}
	return filter(l, rest)
}

func isKey(s *Scan, col int) bool {
	for _, k := range s.Object.Key {
		if k == col {
			return true
		}
	}
	return false
}

// asType gives a constant the key column's type where that cannot change the comparison's answer.
func asType(v expr.Expr, t types.Type) (expr.Expr, bool) {
	vt := v.Type()
	if vt.Kind == t.Kind && t.Kind != types.Array {
		return v, true
	}
	if vt.Equal(t) {
		return v, true
	}
	if !widening(vt, t) || vt.Kind == types.Unknown || t.Kind == types.Float8 {
		return nil, false
	}
	e, err := expr.ResolveCast(v, t, types.Implicit, pgerr.NoPos)
	return e, err == nil
}
