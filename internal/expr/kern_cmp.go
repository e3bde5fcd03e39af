package expr

import (
	"bytes"
	"cmp"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// cmpOp is one of the six comparisons, as a set of the outcomes that make it true.
type cmpOp uint8

const (
	cmpLess    cmpOp = 1
	cmpEqual   cmpOp = 2
	cmpGreater cmpOp = 4
)

var cmpOps = map[string]cmpOp{"=": cmpEqual, "<>": cmpLess | cmpGreater, "<": cmpLess, "<=": cmpLess | cmpEqual,
	">": cmpGreater, ">=": cmpGreater | cmpEqual}

// is reports whether outcome c (negative, zero, positive) makes the comparison true.
func (o cmpOp) is(c int) bool { return o>>(1+cmp.Compare(c, 0))&1 != 0 }

// mirror is the comparison with its sides exchanged.
func (o cmpOp) mirror() cmpOp { return o&cmpEqual | o>>2 | o&cmpLess<<2 }

// buildCompare makes the kernel of a comparison of two values of one type.
func buildCompare(name string) func(*Call) (kernel, error) {
	op := cmpOps[name]
	return func(c *Call) (kernel, error) {
		t := c.Args[0].Type()
		if t.Kind == types.Record {
			if err := sameColumns(t, c.Args[1].Type()); err != nil {
				return nil, err
			}
		}
		switch t.Class() {
		case types.ClassInt:
			return func(f *frame, a []operand) (batch.Vec, error) { return compareInts(f, op, a), nil }, nil
		case types.ClassFloat:
			return func(f *frame, a []operand) (batch.Vec, error) { return compareFloats(f, op, a), nil }, nil
		case types.ClassBytes:
			if plainBytes(t) {
				return func(f *frame, a []operand) (batch.Vec, error) { return compareBytes(f, op, a), nil }, nil
			}
		case types.ClassNumeric:
			return func(f *frame, a []operand) (batch.Vec, error) { return compareDecs(f, op, a), nil }, nil
		}
		return func(f *frame, a []operand) (batch.Vec, error) { return compareValues(f, op, t, a), nil }, nil
	}
}

// sameColumns reports records that cannot be compared: 42804.
func sameColumns(a, b types.Type) error {
	if len(a.Fields) != len(b.Fields) {
		return pgerr.New(pgerr.DatatypeMismatch, "cannot compare record types with different numbers of columns")
	}
	for i := range a.Fields {
		if x, y := a.Fields[i].Type, b.Fields[i].Type; !same(x, y) {
			return pgerr.New(pgerr.DatatypeMismatch, "cannot compare dissimilar column types %s and %s at record column %d", typeName(x), typeName(y), i+1)
		}
	}
	return nil
}

func compareInts(f *frame, op cmpOp, a []operand) batch.Vec {
	out := f.bools()
	x, cx := intsOf(a[0])
	y, cy := intsOf(a[1])
	switch {
	case x == nil && y == nil:
		out.V[0] = op.is(cmp.Compare(cx, cy))
	case y == nil:
		compareConst(out.V, op, x, cy)
	case x == nil:
		compareConst(out.V, op.mirror(), y, cx)
	default:
		compareSlices(out.V, op, x, y)
	}
	return out
}

func compareConst[T int64 | float64](r []bool, op cmpOp, x []T, c T) {
	x = x[:len(r)]
	switch op {
	case cmpEqual:
		for i := range r {
			r[i] = x[i] == c
		}
	case cmpLess | cmpGreater:
		for i := range r {
			r[i] = x[i] != c
		}
	case cmpLess:
		for i := range r {
			r[i] = x[i] < c
		}
	case cmpLess | cmpEqual:
		for i := range r {
			r[i] = x[i] <= c
		}
	case cmpGreater:
		for i := range r {
			r[i] = x[i] > c
		}
	default:
		for i := range r {
			r[i] = x[i] >= c
		}
	}
}

func compareSlices[T int64 | float64](r []bool, op cmpOp, x, y []T) {
	x, y = x[:len(r)], y[:len(r)]
	switch op {
	case cmpEqual:
		for i := range r {
			r[i] = x[i] == y[i]
		}
	case cmpLess | cmpGreater:
		for i := range r {
			r[i] = x[i] != y[i]
		}
	case cmpLess:
		for i := range r {
			r[i] = x[i] < y[i]
		}
	case cmpLess | cmpEqual:
		for i := range r {
			r[i] = x[i] <= y[i]
		}
	case cmpGreater:
		for i := range r {
			r[i] = x[i] > y[i]
		}
	default:
		for i := range r {
			r[i] = x[i] >= y[i]
		}
	}
}

// compareFloat64 is PostgreSQL's order: NaN equals NaN and is above all numbers; -0 equals 0.
func compareFloat64(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	case x == y:
		return 0
	case x == x:
		return -1
	case y == y:
		return 1
	}
	return 0
}

func compareFloats(f *frame, op cmpOp, a []operand) batch.Vec {
	out := f.bools()
	x, cx := floatsOf(a[0])
	y, cy := floatsOf(a[1])
	if !hasNaN(x, cx) && !hasNaN(y, cy) {
		switch {
		case x == nil && y == nil:
			out.V[0] = op.is(compareFloat64(cx, cy))
		case y == nil:
			compareConst(out.V, op, x, cy)
		case x == nil:
			compareConst(out.V, op.mirror(), y, cx)
		default:
			compareSlices(out.V, op, x, y)
		}
		return out
	}
	for i := range out.V {
		if x != nil {
			cx = x[i]
		}
		if y != nil {
			cy = y[i]
		}
		out.V[i] = op.is(compareFloat64(cx, cy))
	}
	return out
}

func hasNaN(v []float64, c float64) bool {
	for _, e := range v {
		if e != e {
			return true
		}
	}
	return c != c
}

func compareBytes(f *frame, op cmpOp, a []operand) batch.Vec {
	out := f.bools()
	x, _ := a[0].vec.(*batch.Bytes)
	y, _ := a[1].vec.(*batch.Bytes)
	bx, by := a[0].c.Bytes, a[1].c.Bytes
	for i := range out.V {
		if x != nil {
			bx = x.At(i)
		}
		if y != nil {
			by = y.At(i)
		}
		switch op {
		case cmpEqual:
			out.V[i] = bytes.Equal(bx, by)
		case cmpLess | cmpGreater:
			out.V[i] = !bytes.Equal(bx, by)
		default:
			out.V[i] = op.is(bytes.Compare(bx, by))
		}
	}
	return out
}

func compareDecs(f *frame, op cmpOp, a []operand) batch.Vec {
	out := f.bools()
	x, cx := decsOf(a[0])
	y, cy := decsOf(a[1])
	for i := range out.V {
		if x != nil {
			cx = x[i]
		}
		if y != nil {
			cy = y[i]
		}
		out.V[i] = op.is(cx.Cmp(cy))
	}
	return out
}

// compareValues compares by the type's order, boxing each row.
func compareValues(f *frame, op cmpOp, t types.Type, a []operand) batch.Vec {
	out := f.bools()
	for i := range out.V {
		if f.skip(i) {
			out.V[i] = false
			continue
		}
		out.V[i] = op.is(types.Compare(t, valueAt(a[0], i), valueAt(a[1], i)))
	}
	return out
}
