package expr

import (
	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// merger builds a vector row by row from several operands, each giving the rows of one mask.
type merger struct {
	class  types.Class
	out    batch.Vec
	nulls  batch.Nulls
	taken  mask
	arms   []operand // class bytes: assembled at the end
	choice []uint16  // class bytes: the arm of each row, plus one
}

func (m *merger) start(x *exec) {
	m.nulls, m.taken, m.arms, m.out = nil, mask(x.getWords(x.n)), m.arms[:0], nil
	if m.class == types.ClassBytes {
		m.choice = sized(m.choice, x.n)
		clear(m.choice)
		return
	}
	m.out = x.vec(m.class, x.n)
}

// take copies the rows of rows from o.
func (m *merger) take(x *exec, o operand, rows mask) {
	for k, w := range rows {
		m.taken[k] |= w
	}
	if o.vec == nil && o.c.Null {
		m.nullRows(x, nil, rows)
		return
	}
	if o.vec != nil && o.vec.NullMap() != nil {
		m.nullRows(x, o.vec.NullMap(), rows)
	}
	switch out := m.out.(type) {
	case *batch.Bools:
		var from []bool
		if v, ok := o.vec.(*batch.Bools); ok {
			from = v.V
		}
		takeRows(out.V, from, o.c.B, rows)
	case *batch.Ints:
		var from []int64
		if v, ok := o.vec.(*batch.Ints); ok {
			from = v.V
		}
		takeRows(out.V, from, o.c.I, rows)
	case *batch.Floats:
		var from []float64
		if v, ok := o.vec.(*batch.Floats); ok {
			from = v.V
		}
		takeRows(out.V, from, o.c.F, rows)
	case *batch.Decs:
		var from []types.Dec
		if v, ok := o.vec.(*batch.Decs); ok {
			from = v.V
		}
		takeRows(out.V, from, o.c.N, rows)
	case *batch.Spans:
		var from []types.Span
		if v, ok := o.vec.(*batch.Spans); ok {
			from = v.V
		}
		takeRows(out.V, from, o.c.S, rows)
	default:
		m.arms = append(m.arms, o)
		arm := uint16(len(m.arms))
		for k, w := range rows {
			eachBit(k, w, func(i int) { m.choice[i] = arm })
		}
	}
}

// takeRows copies rows of from, or c if from is nil.
func takeRows[T any](out, from []T, c T, rows mask) {
	for k, w := range rows {
		if from == nil {
			eachBit(k, w, func(i int) { out[i] = c })
		} else if w == ^uint64(0) {
			copy(out[k<<6:k<<6+64], from[k<<6:k<<6+64])
		} else {
			eachBit(k, w, func(i int) { out[i] = from[i] })
		}
	}
}

// nullRows makes the rows of rows NULL that are in only; all of rows if only is nil.
func (m *merger) nullRows(x *exec, only batch.Nulls, rows mask) {
	for k, w := range rows {
		if only != nil {
			w &= word(only, k)
		}
		if w == 0 {
			continue
		}
		if m.nulls == nil {
			m.nulls = x.getWords(x.n)
		}
		m.nulls[k] |= w
	}
}

// done returns the merged vector; rows nobody gave are NULL.
func (m *merger) done(x *exec) batch.Vec {
	all := x.full(nil)
	for k := range all {
		all[k] &^= m.taken[k]
	}
	if !all.empty() {
		m.nullRows(x, nil, all)
	}
	if m.class == types.ClassBytes {
		m.out = m.assemble(x)
	}
	setNulls(m.out, m.nulls)
	return m.out
}

func (m *merger) assemble(x *exec) batch.Vec {
	out := x.getBytes(x.n, 0)
	for i := range x.n {
		if arm := m.choice[i]; arm > 0 && !m.nulls.Has(i) {
			if o := &m.arms[arm-1]; o.vec != nil {
				out.Data = append(out.Data, o.vec.(*batch.Bytes).At(i)...)
			} else {
				out.Data = append(out.Data, o.c.Bytes...)
			}
		}
		out.Off = append(out.Off, uint32(len(out.Data)))
	}
	return out
}

// caseNode is the searched CASE.
type caseNode struct {
	conds, results []node
	otherwise      node
	m              merger
}

func compileCase(e *Case) (node, error) {
	conds, err := compileAll(e.Conds)
	if err != nil {
		return nil, err
	}
	results, err := compileAll(e.Results)
	if err != nil {
		return nil, err
	}
	otherwise, err := compile(e.Else)
	return &caseNode{conds: conds, results: results, otherwise: otherwise, m: merger{class: e.T.Class()}}, err
}

func (c *caseNode) eval(x *exec, live mask) (operand, error) {
	c.m.start(x)
	remaining := x.full(live)
	for i, cond := range c.conds {
		if remaining.empty() {
			break
		}
		o, err := cond.eval(x, remaining)
		if err != nil {
			return o, err
		}
		takes, any := trueRows(x, o, remaining)
		if !any {
			continue
		}
		res, err := c.results[i].eval(x, takes)
		if err != nil {
			return res, err
		}
		c.m.take(x, res, takes)
		for k := range remaining {
			remaining[k] &^= takes[k]
		}
	}
	if !remaining.empty() {
		res, err := c.otherwise.eval(x, remaining)
		if err != nil {
			return res, err
		}
		c.m.take(x, res, remaining)
	}
	return operand{vec: c.m.done(x)}, nil
}

// trueRows returns the rows of live where o is true.
func trueRows(x *exec, o operand, live mask) (m mask, any bool) {
	if o.vec == nil && (o.c.Null || !o.c.B) {
		return nil, false
	}
	m = x.full(live)
	if o.vec != nil {
		v := o.vec.(*batch.Bools).V
		for k := range m {
			m[k] &= pack(v[k<<6:])
		}
	}
	return m, !m.empty()
}

// coalesceNode is COALESCE.
type coalesceNode struct {
	args []node
	m    merger
}

func (c *coalesceNode) eval(x *exec, live mask) (operand, error) {
	first, err := c.args[0].eval(x, live)
	if err != nil || first.vec == nil && !first.c.Null || first.vec != nil && first.vec.NullMap() == nil {
		return first, err
	}
	c.m.start(x)
	remaining := x.full(live)
	o := first
	for i := range c.args {
		if i > 0 {
			if o, err = c.args[i].eval(x, remaining); err != nil {
				return o, err
			}
		}
		takes := x.full(remaining)
		for k := range takes {
			switch {
			case o.vec != nil:
				takes[k] &^= word(o.vec.NullMap(), k)
			case o.c.Null:
				takes[k] = 0
			}
		}
		if takes.empty() {
			continue
		}
		c.m.take(x, o, takes)
		for k := range remaining {
			remaining[k] &^= takes[k]
		}
		if remaining.empty() {
			break
		}
	}
	return operand{vec: c.m.done(x)}, nil
}
