package expr

import (
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// TRANSFORM, FILTER and REDUCE: ksqlDB's functions that take lambdas.

func init() {
	lambdas := func(sig, doc, example string, fn higher) { defKSQL(sig, doc, example, nil).higher = fn }
	lambdas("transform(T[], fn<T,U>) U[]", "an array with each element replaced", "transform(ARRAY[1,2,3], x => x * 2) => {2,4,6}", transformArray)
	lambdas("transform(map<K,V>, fn<K,V,L>, fn<K,V,W>) map<L,W>", "a map with each key and each value replaced",
		"transform(MAP('a' := 1), (k, v) => ucase(k), (k, v) => v + 1) => {\"A\":2}", transformMap)
	lambdas("filter(T[], fn<T,bool>) T[]", "the elements for which the lambda is true", "filter(ARRAY[1,2,3], x => x > 1) => {2,3}", filterElements)
	lambdas("filter(map<K,V>, fn<K,V,bool>) map<K,V>", "the entries for which the lambda is true",
		"filter(MAP('a' := 1, 'b' := 2), (k, v) => v > 1) => {\"b\":2}", filterElements)
	lambdas("reduce(T[], S, fn<S,T,S>) S nullok", "a state carried through the elements", "reduce(ARRAY[1,2,3], 0, (s, x) => s + x) => 6", reduceElements)
	lambdas("reduce(map<K,V>, S, fn<S,K,V,S>) S nullok", "a state carried through the entries",
		"reduce(MAP('a' := 1, 'b' := 2), 0, (s, k, v) => s + v) => 3", reduceElements)
}

func transformArray(c *lambdaCall, a []operand) (batch.Vec, error) {
	e, err := c.elementsOf(a[0], c.types[0])
	if err != nil {
		return nil, err
	}
	res, err := c.bodies[0].run(c.f.x, e.sel, e.cols...)
	if err != nil {
		return nil, err
	}
	defer c.bodies[0].done()
	out := c.f.bytes()
	return out, c.each(e, out, func(i, lo, hi int) (types.Value, error) {
		c.buf = types.AppendArrayHeader(c.buf[:0], e.dims[i], hi-lo)
		for j := lo; j < hi; j++ {
			c.buf = appendAt(c.buf, res, c.t.Elem.Class(), j)
		}
		return types.Value{Bytes: c.buf}, nil
	})
}

func transformMap(c *lambdaCall, a []operand) (batch.Vec, error) {
	e, err := c.elementsOf(a[0], c.types[0])
	if err != nil {
		return nil, err
	}
	keys, err := c.bodies[0].run(c.f.x, e.sel, e.cols...)
	if err != nil {
		return nil, err
	}
	defer c.bodies[0].done()
	vals, err := c.bodies[1].run(c.f.x, e.sel, e.cols...)
	if err != nil {
		return nil, err
	}
	defer c.bodies[1].done()
	out, key := c.f.bytes(), *c.t.Key
	return out, c.each(e, out, func(_, lo, hi int) (types.Value, error) {
		ks := valuesOf(keys, lo, hi)
		for i, k := range ks {
			for _, other := range ks[:i] {
				if !k.Null && !other.Null && types.Equal(key, k, other) {
					return k, pgerr.New(pgerr.InvalidParameterValue, "duplicate key %s of a map", types.AppendText(nil, key, k, nil))
				}
			}
		}
		return mapOf(c.t, ks, valuesOf(vals, lo, hi))
	})
}

func filterElements(c *lambdaCall, a []operand) (batch.Vec, error) {
	e, err := c.elementsOf(a[0], c.types[0])
	if err != nil {
		return nil, err
	}
	keep, err := c.bodies[0].run(c.f.x, e.sel, e.cols...)
	if err != nil {
		return nil, err
	}
	defer c.bodies[0].done()
	out := c.f.bytes()
	return out, c.each(e, out, func(i, lo, hi int) (types.Value, error) {
		kept := 0
		c.parts = c.parts[:0]
		for j := lo; j < hi; j++ {
			if v := valueAt(keep, j); !v.Null && v.B {
				kept++
				c.parts = batch.AppendRow(c.parts, e.cols, j)
			}
		}
		if c.t.Kind == types.Map { // its entries keep their order
			c.buf = types.AppendMapHeader(c.buf[:0], kept)
		} else {
			c.buf = types.AppendArrayHeader(c.buf[:0], nil, kept)
		}
		c.buf = append(c.buf, c.parts...)
		return types.Value{Bytes: c.buf}, nil
	})
}

// appendAt appends the compact form of row j of o.
func appendAt(dst []byte, o operand, class types.Class, j int) []byte {
	if o.vec == nil {
		return types.AppendCompact(dst, class, o.c)
	}
	return batch.AppendRow(dst, []batch.Vec{o.vec}, j)
}

// reduceElements goes through the collections of all rows at once, position by position.
func reduceElements(c *lambdaCall, a []operand) (batch.Vec, error) {
	e, err := c.elementsOf(a[0], c.types[0])
	if err != nil {
		return nil, err
	}
	f, body := &c.f, c.bodies[0]
	state := make([]types.Value, f.n)
	errs := map[int32]error{}
	for i := range state {
		if e.nulls[i] = !f.live.has(i); !e.nulls[i] { // the state is the result also where there is no collection
			state[i] = cloned(valueAt(a[1], i))
		}
	}
	for pos := 0; ; pos++ {
		at, sel := e.position(pos, errs)
		if len(sel) == 0 {
			break
		}
		in := make([]types.Value, len(sel))
		for k, i := range sel {
			in[k] = state[i]
		}
		params := []batch.Vec{batch.NewVec(c.t, in)}
		for _, col := range e.cols {
			params = append(params, batch.Gather(col, at))
		}
		res, err := body.run(f.x, sel, params...)
		if err != nil {
			return nil, err
		}
		for k, i := range sel {
			if err := body.failed[k]; err != nil {
				errs[i] = err
			}
			state[i] = cloned(valueAt(res, k))
		}
		body.done()
	}
	var out batch.Vec
	if out = f.x.vec(c.t.Class(), f.n); c.t.Class() == types.ClassBytes {
		out = f.bytes()
	}
	body.failed = nil
	return out, c.each(e, out, func(i, _, _ int) (types.Value, error) { return state[i], errs[int32(i)] })
}

// position returns the elements at a position of every row that has so many and has not failed, and their rows.
func (e *elements) position(pos int, failed map[int32]error) (at, sel []int32) {
	lo := 0
	for i, hi := range e.ends {
		if lo+pos < hi && failed[int32(i)] == nil {
			at, sel = append(at, int32(lo+pos)), append(sel, int32(i))
		}
		lo = hi
	}
	return at, sel
}

// cloned is v with bytes of its own: what an evaluation lends is taken back.
func cloned(v types.Value) types.Value {
	if v.Bytes != nil {
		v.Bytes = append([]byte(nil), v.Bytes...)
	}
	return v
}
