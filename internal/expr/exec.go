package expr

import (
	"math/bits"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// exec is a Program's working memory and the evaluation that is running in it.
type exec struct {
	pool
	env *Env
	in  []batch.Vec
	n   int // rows

	vars   []batch.Vec            // the parameters of the lambdas around, by slot
	failed func(i int, err error) // within a lambda: takes rows that fail, instead of env.RowError
}

var emptyEnv = &Env{}

func (x *exec) format() *types.Format {
	if x.env.Format != nil {
		return x.env.Format
	}
	return types.DefaultFormat
}

// operand is the value of an expression over the batch: a vector, or one constant for all rows.
type operand struct {
	vec batch.Vec
	c   types.Value // if vec is nil
}

// node is a compiled expression. eval computes it for the rows of live; what it gives for others is undefined, but
// well formed. The result belongs to the running evaluation.
type node interface {
	eval(x *exec, live mask) (operand, error)
}

// kernel computes a function over its operands: a vector of f.n rows, from f's getters. Of a strict function no
// operand is a NULL constant, and rows in f.nulls become NULL whatever the kernel writes there. At least one operand
// is a vector unless f.n is 1.
type kernel func(f *frame, a []operand) (batch.Vec, error)

// frame is what a kernel sees of one call of it.
type frame struct {
	x      *exec
	n      int
	live   mask
	nulls  batch.Nulls // rows that are NULL; to be changed by setNull only
	own    bool        // nulls is ours to write
	pos    int
	weight int  // how many rows of the batch one row stands for (constants are computed once)
	rows   mask // of a constant: the rows it stands for
	all    int  // of a constant: how many rows the batch has
	size   int  // bytes the last result of class bytes had
}

// skip reports whether row i needs no value.
func (f *frame) skip(i int) bool { return f.nulls.Has(i) || !f.live.has(i) }

// setNull makes row i NULL.
func (f *frame) setNull(i int) {
	if !f.own {
		m := f.x.getWords(f.n)
		copy(m, f.nulls)
		f.nulls, f.own = m, true
	}
	f.nulls.Set(i)
}

// fail reports that row i cannot be computed. It returns nil if evaluation goes on, with NULL in that row.
func (f *frame) fail(i int, err error) error {
	if f.skip(i) {
		return nil
	}
	err = pgerr.From(pgerr.WithPos(err, f.pos))
	if f.x.failed != nil {
		f.failAll(i, err)
		return nil
	}
	if f.x.env.RowError == nil {
		return err
	}
	for range f.weight {
		if e := f.x.env.RowError(err); e != nil {
			return e
		}
	}
	f.setNull(i)
	return nil
}

// failAll hands the failure of row i, or of a constant and so of every row, to the lambda around.
func (f *frame) failAll(i int, err error) {
	f.setNull(i)
	if f.all == 0 {
		f.x.failed(i, err)
		return
	}
	for k := range f.all {
		if f.rows.has(k) {
			f.x.failed(k, err)
		}
	}
}

func (f *frame) ints() *batch.Ints     { return f.x.getInts(f.n) }
func (f *frame) floats() *batch.Floats { return f.x.getFloats(f.n) }
func (f *frame) bools() *batch.Bools   { return f.x.getBools(f.n) }
func (f *frame) decs() *batch.Decs     { return f.x.getDecs(f.n) }
func (f *frame) bytes() *batch.Bytes   { return f.x.getBytes(f.n, f.size) }

// finish gives v, which the kernel has just made, its null map.
func (f *frame) finish(v batch.Vec) batch.Vec {
	n := f.nulls
	if !n.Any(f.n) {
		n = nil
	}
	switch v := v.(type) {
	case *batch.Bools:
		v.N = n
		zeroNulls(v.V, n)
	case *batch.Ints:
		v.N = n
		zeroNulls(v.V, n)
	case *batch.Floats:
		v.N = n
		zeroNulls(v.V, n)
	case *batch.Decs:
		v.N = n
		zeroNulls(v.V, n)
	case *batch.Spans:
		v.N = n
		zeroNulls(v.V, n)
	case *batch.Bytes:
		v.N = n
		f.size = len(v.Data)
	}
	return v
}

// zeroNulls keeps the rule that the value at a NULL row is zero.
func zeroNulls[T any](v []T, n batch.Nulls) {
	var zero T
	for k, w := range n {
		for w != 0 {
			i := k<<6 + bits.TrailingZeros64(w)
			if i >= len(v) {
				return
			}
			v[i] = zero
			w &= w - 1
		}
	}
}

// mergeNulls returns the rows where some operand is NULL, and whether the map is ours to write.
func (x *exec) mergeNulls(ops []operand, n int) (m batch.Nulls, own bool) {
	for i := range ops {
		if ops[i].vec == nil {
			continue
		}
		o := ops[i].vec.NullMap()
		switch {
		case o == nil:
		case m == nil:
			m = o
		case !own:
			w := batch.Nulls(x.getWords(n))
			for k := range w {
				w[k] = m[k] | o[k]
			}
			m, own = w, true
		default:
			for k := range m {
				m[k] |= o[k]
			}
		}
	}
	return m, own
}

// vector makes o a vector of n rows.
func (x *exec) vector(o operand, c types.Class, n int) batch.Vec {
	if o.vec != nil {
		return o.vec
	}
	v := x.vec(c, n)
	if o.c.Null {
		w := batch.Nulls(x.getWords(n))
		for i := range w {
			w[i] = ^uint64(0)
		}
		setNulls(v, w)
	}
	fill(v, o.c, n)
	return v
}

func setNulls(v batch.Vec, n batch.Nulls) {
	switch v := v.(type) {
	case *batch.Bools:
		v.N = n
	case *batch.Ints:
		v.N = n
	case *batch.Floats:
		v.N = n
	case *batch.Decs:
		v.N = n
	case *batch.Spans:
		v.N = n
	case *batch.Bytes:
		v.N = n
	}
}

// fill writes c to all n rows of v.
func fill(v batch.Vec, c types.Value, n int) {
	switch v := v.(type) {
	case *batch.Bools:
		fillSlice(v.V, c.B)
	case *batch.Ints:
		fillSlice(v.V, c.I)
	case *batch.Floats:
		fillSlice(v.V, c.F)
	case *batch.Decs:
		fillSlice(v.V, c.N)
	case *batch.Spans:
		fillSlice(v.V, c.S)
	case *batch.Bytes:
		for range n {
			v.Data = append(v.Data, c.Bytes...)
			v.Off = append(v.Off, uint32(len(v.Data)))
		}
	}
}

func fillSlice[T any](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}
