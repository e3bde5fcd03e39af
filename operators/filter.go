package operators

import (
	"fmt"

	"streamsql/internal/batch"
	"streamsql/internal/expr"
	"streamsql/internal/types"
)

// filter keeps the rows on which its predicate is true (not false, not NULL).
//
// Law:   out(row) = in(row) if pred(row) is true, else absent.
// Table: none.
// Bound: none needed, nothing is kept.
type filter struct {
	pred expr.Program
	env  *expr.Env
	sel  []int32
}

// NewFilter returns an operator that keeps the rows on which pred, a boolean expression over the input, is true.
func NewFilter(pred expr.Expr, env *expr.Env) (Operator, error) {
	if c := pred.Type().Class(); c != types.ClassBool {
		return nil, fmt.Errorf("filter: predicate %s is not boolean", pred)
	}
	p, err := expr.Compile(pred)
	if err != nil {
		return nil, fmt.Errorf("filter: compile %s: %w", pred, err)
	}
	return &filter{pred: p, env: env}, nil
}

func (o *filter) Push(_ int, in *batch.Batch, out Emitter) error {
	v, err := o.pred.Eval(o.env, in.Cols, in.Rows())
	if err != nil {
		return err
	}
	o.sel = appendTrue(o.sel[:0], v.(*batch.Bools), in.Rows())
	return emitSelected(in, o.sel, out)
}

func (o *filter) Flush(Tick, Emitter) error { return nil }

// appendTrue appends the rows where v is true to sel.
func appendTrue(sel []int32, v *batch.Bools, rows int) []int32 {
	if v.N == nil {
		for i, x := range v.V[:rows] {
			if x {
				sel = append(sel, int32(i))
			}
		}
		return sel
	}
	for i, x := range v.V[:rows] {
		if x && !v.N.Has(i) {
			sel = append(sel, int32(i))
		}
	}
	return sel
}

// emitSelected emits the rows sel of in: nothing for none of them, in itself for all.
func emitSelected(in *batch.Batch, sel []int32, out Emitter) error {
	switch len(sel) {
	case 0:
		return nil
	case in.Rows():
		return out.Emit(in)
	}
	return out.Emit(in.Select(sel))
}
