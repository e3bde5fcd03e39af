package expr

import (
	"slices"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// shelf lends out buffers for the time of one evaluation.
type shelf[T any] struct{ free, used []*T }

func (s *shelf[T]) get() *T {
	if k := len(s.free); k > 0 {
		v := s.free[k-1]
		s.free = s.free[:k-1]
		s.used = append(s.used, v)
		return v
	}
	v := new(T)
	s.used = append(s.used, v)
	return v
}

// reset takes everything back but keep, which now belongs to whoever holds it.
func (s *shelf[T]) reset(keep *T) {
	for _, v := range s.used {
		if v != keep {
			s.free = append(s.free, v)
		}
	}
	s.used = s.used[:0]
}

// words is a lent bitmap: a null map or a mask.
type words struct{ w []uint64 }

// pool is a Program's scratch memory. What it lends is taken back at the end of each Eval, except what the result
// consists of.
type pool struct {
	ints   shelf[batch.Ints]
	floats shelf[batch.Floats]
	bools  shelf[batch.Bools]
	decs   shelf[batch.Decs]
	spans  shelf[batch.Spans]
	bytes  shelf[batch.Bytes]
	words  shelf[words]
}

func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// The getters return vectors of n rows with undefined values and no NULLs.
func (p *pool) getInts(n int) *batch.Ints {
	v := p.ints.get()
	v.V, v.N = sized(v.V, n), nil
	return v
}

func (p *pool) getFloats(n int) *batch.Floats {
	v := p.floats.get()
	v.V, v.N = sized(v.V, n), nil
	return v
}

func (p *pool) getBools(n int) *batch.Bools {
	v := p.bools.get()
	v.V, v.N = sized(v.V, n), nil
	return v
}

func (p *pool) getDecs(n int) *batch.Decs {
	v := p.decs.get()
	v.V, v.N = sized(v.V, n), nil
	return v
}

func (p *pool) getSpans(n int) *batch.Spans {
	v := p.spans.get()
	v.V, v.N = sized(v.V, n), nil
	return v
}

// getBytes returns a vector of no rows with room for n and for size bytes; rows are appended.
func (p *pool) getBytes(n, size int) *batch.Bytes {
	v := p.bytes.get()
	if cap(v.Off) < n+1 {
		v.Off = make([]uint32, 0, n+1)
	}
	v.Off, v.Data, v.N = append(v.Off[:0], 0), slices.Grow(v.Data[:0], size), nil
	return v
}

// getWords returns a bitmap of zeros for n rows.
func (p *pool) getWords(n int) []uint64 {
	v := p.words.get()
	v.w = sized(v.w, (n+63)/64)
	clear(v.w)
	return v.w
}

// release ends an evaluation: all that was lent comes back, except res and its null map.
func (p *pool) release(res batch.Vec) {
	ri, _ := res.(*batch.Ints)
	rf, _ := res.(*batch.Floats)
	rb, _ := res.(*batch.Bools)
	rd, _ := res.(*batch.Decs)
	rs, _ := res.(*batch.Spans)
	ry, _ := res.(*batch.Bytes)
	p.ints.reset(ri)
	p.floats.reset(rf)
	p.bools.reset(rb)
	p.decs.reset(rd)
	p.spans.reset(rs)
	p.bytes.reset(ry)
	var keep *words
	if res != nil {
		if n := res.NullMap(); len(n) > 0 {
			for _, w := range p.words.used {
				if len(w.w) > 0 && &w.w[0] == &n[0] {
					keep = w
				}
			}
		}
	}
	p.words.reset(keep)
}

// owns reports whether v was lent in the running evaluation.
func (p *pool) owns(v batch.Vec) bool {
	switch v := v.(type) {
	case *batch.Ints:
		return slices.Contains(p.ints.used, v)
	case *batch.Floats:
		return slices.Contains(p.floats.used, v)
	case *batch.Bools:
		return slices.Contains(p.bools.used, v)
	case *batch.Decs:
		return slices.Contains(p.decs.used, v)
	case *batch.Spans:
		return slices.Contains(p.spans.used, v)
	case *batch.Bytes:
		return slices.Contains(p.bytes.used, v)
	}
	return false
}

// vec returns an empty vector of class c for n rows, all zero.
func (p *pool) vec(c types.Class, n int) batch.Vec {
	switch c {
	case types.ClassBool:
		v := p.getBools(n)
		clear(v.V)
		return v
	case types.ClassInt:
		v := p.getInts(n)
		clear(v.V)
		return v
	case types.ClassFloat:
		v := p.getFloats(n)
		clear(v.V)
		return v
	case types.ClassNumeric:
		v := p.getDecs(n)
		clear(v.V)
		return v
	case types.ClassInterval:
		v := p.getSpans(n)
		clear(v.V)
		return v
	}
	return p.getBytes(n, 0)
}
