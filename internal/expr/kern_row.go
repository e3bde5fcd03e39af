package expr

import (
	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// row is what a row function sees besides its arguments.
type row struct {
	x   *exec
	n   int    // of the row
	buf []byte // scratch: results may be built in buf[:0] and returned, they are copied at once
}

func (r *row) format() *types.Format { return r.x.format() }

// text returns s as a value without allocating.
func (r *row) text(s string) types.Value {
	r.buf = append(r.buf[:0], s...)
	return types.Value{Bytes: r.buf}
}

// rowFunc computes one row. Values are structs that live on the stack; their Bytes alias the arguments' vectors.
type rowFunc func(r *row, a []types.Value) (types.Value, error)

// rows makes a kernel of a row function: the form of all functions that are not worth loops of their own.
func rows(fn rowFunc) func(*Call) (kernel, error) {
	return func(c *Call) (kernel, error) { return rowKernel(fn, c.T.Class(), len(c.Args)), nil }
}

// rowsFor is rows with a function made for the call: it may look at types and constants.
func rowsFor(mk func(c *Call) (rowFunc, error)) func(*Call) (kernel, error) {
	return func(c *Call) (kernel, error) {
		fn, err := mk(c)
		return rowKernel(fn, c.T.Class(), len(c.Args)), err
	}
}

func rowKernel(fn rowFunc, class types.Class, nargs int) kernel {
	args := make([]types.Value, nargs)
	r := &row{}
	return func(f *frame, a []operand) (batch.Vec, error) {
		r.x = f.x
		var out batch.Vec
		if class == types.ClassBytes {
			out = f.bytes()
		} else {
			out = f.x.vec(class, f.n)
		}
		for k := range a {
			args[k] = a[k].c
		}
		for i := range f.n {
			var v types.Value
			if !f.skip(i) {
				for k := range a {
					if a[k].vec != nil {
						load(&args[k], a[k].vec, i)
					}
				}
				r.n = i
				var err error
				if v, err = fn(r, args); err != nil {
					if err := f.fail(i, err); err != nil {
						return nil, err
					}
					v = types.Null
				} else if v.Null {
					f.setNull(i)
				}
			}
			store(out, i, &v)
		}
		return out, nil
	}
}

// bytesPredicate is the kernel of a test of the first operand alone.
func bytesPredicate(fn func(b []byte) bool) kernel {
	return func(f *frame, a []operand) (batch.Vec, error) {
		out := f.bools()
		v, ok := a[0].vec.(*batch.Bytes)
		for i := range out.V {
			switch {
			case f.skip(i):
				out.V[i] = false
			case ok:
				out.V[i] = fn(v.At(i))
			default:
				out.V[i] = fn(a[0].c.Bytes)
			}
		}
		return out, nil
	}
}

// bytesToInt is the kernel of a measure of the first operand.
func bytesToInt(fn func(b []byte) int64) func(*Call) (kernel, error) {
	return func(*Call) (kernel, error) {
		return func(f *frame, a []operand) (batch.Vec, error) {
			out := f.ints()
			v, ok := a[0].vec.(*batch.Bytes)
			for i := range out.V {
				if ok {
					out.V[i] = fn(v.At(i))
				} else {
					out.V[i] = fn(a[0].c.Bytes)
				}
			}
			return out, nil
		}, nil
	}
}

// load sets v to row i of vec.
func load(v *types.Value, vec batch.Vec, i int) {
	if vec.NullMap().Has(i) {
		*v = types.Null
		return
	}
	v.Null = false
	switch vec := vec.(type) {
	case *batch.Bools:
		v.B = vec.V[i]
	case *batch.Ints:
		v.I = vec.V[i]
	case *batch.Floats:
		v.F = vec.V[i]
	case *batch.Decs:
		v.N = vec.V[i]
	case *batch.Spans:
		v.S = vec.V[i]
	case *batch.Bytes:
		v.Bytes = vec.At(i)
	}
}

// store writes row i; rows of class bytes come in order.
func store(vec batch.Vec, i int, v *types.Value) {
	switch vec := vec.(type) {
	case *batch.Bools:
		vec.V[i] = v.B
	case *batch.Ints:
		vec.V[i] = v.I
	case *batch.Floats:
		vec.V[i] = v.F
	case *batch.Decs:
		vec.V[i] = v.N
	case *batch.Spans:
		vec.V[i] = v.S
	case *batch.Bytes:
		vec.Data = append(vec.Data, v.Bytes...)
		vec.Off = append(vec.Off, uint32(len(vec.Data)))
	}
}
