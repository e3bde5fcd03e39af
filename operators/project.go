package operators

import (
	"fmt"

	"streamsql/internal/batch"
	"streamsql/internal/expr"
)

// project computes expressions over each row.
//
// Law:   out = the multiset of (exprs(row)) times in(row).
// Table: none.
// Bound: none needed, nothing is kept.
type project struct {
	cols  []int          // per output column: the input column it is, or -1
	progs []expr.Program // per output column that is computed
	env   *expr.Env
}

// NewProject returns an operator that computes exprs over its input. Plain columns are shared, not copied.
func NewProject(exprs []expr.Expr, env *expr.Env) (Operator, error) {
	o := &project{cols: make([]int, len(exprs)), progs: make([]expr.Program, len(exprs)), env: env}
	for i, e := range exprs {
		if c, ok := e.(*expr.Column); ok {
			o.cols[i] = c.Index
			continue
		}
		p, err := expr.Compile(e)
		if err != nil {
			return nil, fmt.Errorf("project: compile %s: %w", e, err)
		}
		o.cols[i], o.progs[i] = -1, p
	}
	return o, nil
}

func (o *project) Push(_ int, in *batch.Batch, out Emitter) error {
	n := in.Rows()
	if n == 0 {
		return nil
	}
	b := &batch.Batch{Cols: make([]batch.Vec, len(o.cols)), Weights: in.Weights}
	for i, c := range o.cols {
		if c >= 0 {
			b.Cols[i] = in.Cols[c]
			continue
		}
		v, err := o.progs[i].Eval(o.env, in.Cols, n)
		if err != nil {
			return err
		}
		b.Cols[i] = v
	}
	return out.Emit(b)
}

func (o *project) Flush(Tick, Emitter) error { return nil }
