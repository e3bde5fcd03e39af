package agg

import (
	"encoding/binary"
	"fmt"
	"math"

	"streamsql/internal/batch"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Ordered-set and hypothetical-set aggregates are folds over the list of a group's rows in the order of WITHIN GROUP. The
// columns of the list are the direct arguments, which are the same in all rows of a group, and what is sorted by.

// orderedSet compiles such an aggregate.
func (c *compiler) orderedSet(s *Spec) (reader, error) {
	x, r, err := c.newList(s, s.Agg.IgnoresNulls)
	if err != nil {
		return nil, err
	}
	o := orderedSet{direct: s.Agg.Direct, types: x.argTypes, result: s.Agg.Result}
	for _, k := range s.Order {
		o.desc, o.nullsFirst = append(o.desc, k.Desc), append(o.nullsFirst, k.NullsFirst)
	}
	if s.Agg.Kind == expr.Hypothetical {
		x.fold, x.zero = o.hypothetical(s.Agg.Name)
		return r, nil
	}
	if len(s.Order) != 1 {
		return nil, pgerr.Unsupported(pgerr.NoPos, "%s over more than one column", s.Agg.Name)
	}
	array := s.Agg.Direct > 0 && c.in[s.Args[0]].Kind == types.Array
	switch {
	case s.Agg.Name == "mode":
		x.fold, x.row = o.mode, true
	case s.Agg.Name != "percentile_disc" && s.Agg.Name != "percentile_cont":
		return nil, pgerr.Unsupported(pgerr.NoPos, "aggregate function %s", s.Agg.Name)
	case array:
		x.fold = o.fractions(o.at(s.Agg.Name))
	default:
		x.fold, x.row = o.fraction(o.at(s.Agg.Name)), true
	}
	return r, nil
}

// orderedSet is what the folds know of a call.
type orderedSet struct {
	direct           int
	types            []types.Type // of the list's columns
	result           types.Type
	desc, nullsFirst []bool // by sorted column
}

// mode gives the value of the most rows, the first of them in the order.
func (o orderedSet) mode(dst []byte, b *batch.Batch) []byte {
	v, t := b.Cols[0], &o.types[0]
	best, most := 0, int64(0)
	for i := 0; i < b.Rows(); {
		first, n := i, int64(0)
		for ; i < b.Rows() && batch.EqualAt(t, v, first, v, i); i++ {
			n += b.Weights[i]
		}
		if n > most {
			best, most = first, n
		}
	}
	return batch.AppendRow(append(dst, listFull), b.Cols[:1], best)
}

// position gives the value at a fraction of a group.
type position func(ranks *ranks, fraction float64) (types.Value, error)

// at returns the position function of an aggregate.
func (o orderedSet) at(name string) position {
	switch {
	case name == "percentile_disc":
		return func(r *ranks, f float64) (types.Value, error) {
			return r.value(max(int64(math.Ceil(f*float64(r.rows))), 1) - 1), nil
		}
	case o.types[o.direct].Kind == types.Interval:
		return between(func(a, b types.Value, part float64) (types.Value, error) {
			d, err := b.S.Sub(a.S)
			if err == nil {
				d, err = d.Mul(part)
			}
			if err == nil {
				d, err = a.S.Add(d)
			}
			return types.SpanValue(d), err
		})
	}
	return between(func(a, b types.Value, part float64) (types.Value, error) {
		return types.FloatValue(a.F + part*(b.F-a.F)), nil
	})
}

// between interpolates between the two values around a fraction.
func between(lerp func(a, b types.Value, part float64) (types.Value, error)) position {
	return func(r *ranks, f float64) (types.Value, error) {
		place := f * float64(r.rows-1)
		first, second := math.Floor(place), math.Ceil(place)
		a := r.value(int64(first))
		if first == second {
			return a, nil
		}
		return lerp(a, r.value(int64(second)), place-first)
	}
}

// ranks finds values by their place in the order.
type ranks struct {
	vec  batch.Vec
	ends []int64 // rows up to and with entry i
	rows int64
}

func (o orderedSet) ranks(b *batch.Batch) *ranks {
	r := &ranks{vec: b.Cols[o.direct], ends: make([]int64, b.Rows())}
	for i, w := range b.Weights {
		r.rows += w
		r.ends[i] = r.rows
	}
	return r
}

func (r *ranks) value(rank int64) types.Value {
	lo, hi := 0, len(r.ends)-1
	for lo < hi {
		if mid := (lo + hi) / 2; r.ends[mid] > rank {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return batch.ValueAt(r.vec, lo)
}

// fraction is a percentile of one fraction.
func (o orderedSet) fraction(at position) fold {
	return func(dst []byte, b *batch.Batch) []byte {
		f := batch.ValueAt(b.Cols[0], 0)
		if f.Null {
			return append(dst, listEmpty)
		}
		v, err := o.checked(o.ranks(b), at, f.F)
		if err != nil {
			return failed(dst, pgerr.Code(err), err.Error())
		}
		return batch.AppendRow(append(dst, listFull), []batch.Vec{batch.NewVec(o.result, []types.Value{v})}, 0)
	}
}

// fractions is a percentile of an array of fractions: an array of the same shape.
func (o orderedSet) fractions(at position) fold {
	return func(dst []byte, b *batch.Batch) []byte {
		a := batch.ValueAt(b.Cols[0], 0)
		if a.Null {
			return append(dst, listEmpty)
		}
		dims, fs, err := types.DecodeArray(a.Bytes, *o.types[0].Elem)
		if err != nil {
			return failed(dst, pgerr.Code(err), err.Error())
		}
		r := o.ranks(b)
		out := make([]types.Value, len(fs))
		for i, f := range fs {
			out[i] = types.Null
			if f.Null {
				continue
			}
			if out[i], err = o.checked(r, at, f.F); err != nil {
				return failed(dst, pgerr.Code(err), err.Error())
			}
		}
		return full(dst, *o.result.Elem, dims, out)
	}
}

func (o orderedSet) checked(r *ranks, at position, f float64) (types.Value, error) {
	if math.IsNaN(f) || f < 0 || f > 1 {
		return types.Null, pgerr.New(pgerr.NumericValueOutOfRange, "percentile value %s is not between 0 and 1", fmt.Sprintf("%g", f))
	}
	return at(r, f)
}

// hypothetical returns the fold of rank and its kin, and what it gives over no rows.
func (o orderedSet) hypothetical(name string) (fold, []byte) {
	results := map[string]func(before, same, rows, groups int64) float64{
		"percent_rank": func(before, _, rows, _ int64) float64 {
			if rows == 0 {
				return 0
			}
			return float64(before) / float64(rows)
		},
		"cume_dist": func(before, same, rows, _ int64) float64 { return float64(before+same+1) / float64(rows+1) },
	}
	result := func(dst []byte, before, same, rows, groups int64) []byte {
		if f, ok := results[name]; ok {
			return appendFloat(dst, f(before, same, rows, groups))
		}
		n := before
		if name == "dense_rank" {
			n = groups
		}
		return binary.LittleEndian.AppendUint64(append(dst, listFull), uint64(n+1))
	}
	return func(dst []byte, b *batch.Batch) []byte {
		var before, same, rows, groups int64
		for i, w := range b.Weights {
			rows += w
			switch c := o.compare(b, i); {
			case c < 0:
				before += w
				if i == 0 || !o.equalRows(b, i-1, i) {
					groups++
				}
			case c == 0:
				same += w
			}
		}
		return result(dst, before, same, rows, groups)
	}, result(nil, 0, 0, 0, 0)
}

// compare orders row i and the hypothetical row as WITHIN GROUP says.
func (o orderedSet) compare(b *batch.Batch, i int) int {
	for k := range o.direct {
		h, v := b.Cols[k], b.Cols[o.direct+k]
		hn, vn := h.NullMap().Has(i), v.NullMap().Has(i)
		c := 0
		switch {
		case hn && vn:
		case hn != vn:
			if c = 1; vn == o.nullsFirst[k] {
				c = -1
			}
		default:
			if c = batch.CompareAt(&o.types[k], v, i, h, i); o.desc[k] {
				c = -c
			}
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func (o orderedSet) equalRows(b *batch.Batch, i, j int) bool {
	for k := o.direct; k < len(b.Cols); k++ {
		if !batch.EqualAt(&o.types[k], b.Cols[k], i, b.Cols[k], j) {
			return false
		}
	}
	return true
}
