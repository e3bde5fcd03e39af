package agg

import (
	"encoding/binary"
	"math"
	"slices"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/operators/rowkey"
)

// ksql compiles the aggregates that only ksqlDB has, and those with its rules for types and empty groups; nil, nil for
// all others.
func (c *compiler) ksql(s *Spec) (reader, error) {
	switch s.Agg.Name {
	case "sum", "avg":
		if s.Agg.Dialect == "ksql" {
			return c.ksqlSum(s)
		}
	case "count_distinct":
		f, err := c.feed(s, true)
		return countReader{c.count(f)}, err
	case "stddev_samp", "stddev_sample":
		if s.Agg.Name == "stddev_sample" || s.Agg.Dialect == "ksql" {
			return c.ksqlSpread(s)
		}
	case "correlation":
		x, r, err := c.newList(s, false)
		if err != nil {
			return nil, err
		}
		x.fold, x.zero = foldOf(s.Agg, x.argTypes), appendFloat(nil, math.NaN())
		return r, nil
	case "sum_list":
		x, r, err := c.newList(s, true)
		if err != nil {
			return nil, err
		}
		x.fold = sumOfLists(*x.argTypes[0].Elem)
		x.zero = x.fold(nil, &batch.Batch{})
		return r, nil
	case "histogram":
		x, r, err := c.newList(s, true)
		if err != nil {
			return nil, err
		}
		x.fold = histogram(s.Agg.Result)
		x.zero = x.fold(nil, &batch.Batch{Cols: []batch.Vec{&batch.Bytes{}}})
		return r, nil
	case "attr":
		x, r, err := c.newList(s, false)
		if err != nil {
			return nil, err
		}
		x.fold, x.row = attr(x.argTypes[0]), true
		return r, nil
	case "collect_list", "collect_set":
		return c.collect(s)
	case "topk", "topkdistinct":
		return c.top(s)
	case "earliest_by_offset", "latest_by_offset":
		return c.byOffset(s)
	}
	return nil, nil
}

// ksqlSum is SUM and AVG: an integer sum has its argument's type and wraps around, as in Java; over nothing both are 0.
func (c *compiler) ksqlSum(s *Spec) (reader, error) {
	r, err := c.sum(s)
	switch r := r.(type) {
	case sumReader:
		return wrapReader{n: r.n, sum: r.sum, narrow: s.Agg.Result.Kind == types.Int4}, err
	case avgReader:
		return meanReader(r), err
	case decReader:
		r.zero = true
		return r, err
	case floatReader:
		r.zero = true
		return r, err
	}
	return r, err
}

// ksqlSpread is STDDEV_SAMP, which in ksqlDB is the variance, and STDDEV_SAMPLE, its root: 0 for less than two values.
func (c *compiler) ksqlSpread(s *Spec) (reader, error) {
	x, r, err := c.newList(s, true)
	if err != nil {
		return nil, err
	}
	sp := spread{sample: true, root: s.Agg.Name == "stddev_sample"}
	x.zero = appendFloat(nil, 0)
	x.fold = func(dst []byte, b *batch.Batch) []byte {
		f := sp.floats(b)
		if math.Float64bits(f) == nullBits {
			f = 0
		}
		return appendFloat(dst, f)
	}
	return r, nil
}

// wrapReader is ksqlDB's SUM of integers.
type wrapReader struct {
	n, sum int
	narrow bool
}

func (r wrapReader) read(v *View, bl *batch.Builder, col int) error {
	out := bl.Col(col)
	for i := range v.len() {
		x := int64(v.words(i)[r.sum])
		if r.narrow {
			x = int64(int32(x))
		}
		out.AppendInt(x)
	}
	return nil
}

// meanReader is ksqlDB's AVG of integers, a double.
type meanReader struct{ n, sum int }

func (r meanReader) read(v *View, bl *batch.Builder, col int) error {
	out := bl.Col(col)
	for i := range v.len() {
		w := v.words(i)
		f := float64(0)
		if n := int64(w[r.n]); n != 0 {
			hi, lo := int64(w[r.sum+1]), w[r.sum]
			if f = float64(int64(lo)); hi != int64(lo)>>63 {
				f = math.Ldexp(float64(hi), 64) + float64(lo)
			}
			f /= float64(n)
		}
		out.AppendFloat(f)
	}
	return nil
}

// sumOfLists adds the elements of arrays.
func sumOfLists(elem types.Type) fold {
	class := elem.Class()
	return func(dst []byte, b *batch.Batch) []byte {
		ints, floats, decs := int64(0), float64(0), types.DecFromInt(0)
		for i, w := range b.Weights {
			_, vals, err := types.DecodeArray(b.Cols[0].(*batch.Bytes).At(i), elem)
			if err != nil {
				return failed(dst, "XX001", err.Error())
			}
			for _, v := range vals {
				switch {
				case v.Null:
				case class == types.ClassInt:
					ints += v.I * w
				case class == types.ClassFloat:
					floats += v.F * float64(w)
				default:
					decs = decs.Add(v.N.Mul(types.DecFromInt(w)))
				}
			}
		}
		switch class {
		case types.ClassInt:
			if elem.Kind == types.Int4 {
				ints = int64(int32(ints))
			}
			return binary.LittleEndian.AppendUint64(append(dst, listFull), uint64(ints))
		case types.ClassFloat:
			return appendFloat(dst, floats)
		}
		return append(append(dst, listFull), decs.String()...)
	}
}

// histogram counts texts.
func histogram(result types.Type) fold {
	return func(dst []byte, b *batch.Batch) []byte {
		v := b.Cols[0].(*batch.Bytes)
		keys, counts := make([]types.Value, b.Rows()), make([]types.Value, b.Rows())
		for i, w := range b.Weights {
			keys[i], counts[i] = types.BytesValue(v.At(i)), types.IntValue(w)
		}
		return types.AppendMap(append(dst, listFull), *result.Key, *result.Elem, keys, counts)
	}
}

// attr gives the value if all rows have the same.
func attr(t types.Type) fold {
	return func(dst []byte, b *batch.Batch) []byte {
		if v := b.Cols[0]; !batch.EqualAt(&t, v, 0, v, b.Rows()-1) { // in order: the ends differ if any do
			return append(dst, listEmpty)
		}
		return batch.AppendRow(append(dst, listFull), b.Cols, 0)
	}
}

// noElements is the array that collecting nothing gives.
var noElements = full(nil, types.T(types.Int4), nil, nil)

// collect is COLLECT_LIST and COLLECT_SET.
func (c *compiler) collect(s *Spec) (reader, error) {
	x, r, err := c.newList(s, false)
	if err != nil {
		return nil, err
	}
	x.zero = noElements
	elem, limit := x.argTypes[0], s.Agg.Limit
	if s.Agg.Name == "collect_list" {
		x.limit = limit
		x.fold = func(dst []byte, b *batch.Batch) []byte { return full(dst, elem, nil, repeated(b, 0)) }
		return r, nil
	}
	x.fold = func(dst []byte, b *batch.Batch) []byte { return full(dst, elem, nil, firsts(b, elem, limit)) }
	return r, nil
}

// firsts lists each different value of the first column once, in the order of their first rows.
func firsts(b *batch.Batch, t types.Type, limit int64) []types.Value {
	seen := map[string]bool{}
	var out []types.Value
	var key []byte
	for i := range b.Rows() {
		key = rowkey.AppendOrdered(key[:0], rowkey.SortKey{}, t, b.Cols[0], i)
		if seen[string(key)] {
			continue
		}
		if limit > 0 && int64(len(out)) == limit {
			break
		}
		seen[string(key)] = true
		out = append(out, batch.ValueAt(b.Cols[0], i))
	}
	return out
}

// top is TOPK and TOPKDISTINCT: the list is ordered by the value, greatest first, then by arrival.
func (c *compiler) top(s *Spec) (reader, error) {
	spec := *s
	spec.Order = append([]rowkey.SortKey{{Col: s.Args[0], Desc: true}}, s.Order...)
	spec.Distinct = s.Distinct || s.Agg.Name == "topkdistinct"
	x, r, err := c.newList(&spec, true)
	if err != nil {
		return nil, err
	}
	x.limit, x.zero = max(s.Agg.Consts[0].I, 1), noElements
	elem := *s.Agg.Result.Elem
	if elem.Kind != types.Record || len(s.Args) == 1 {
		x.fold = func(dst []byte, b *batch.Batch) []byte { return full(dst, elem, nil, repeated(b, 0)) }
		return r, nil
	}
	x.fold = func(dst []byte, b *batch.Batch) []byte {
		var rows []types.Value
		vals := make([]types.Value, len(b.Cols))
		for i, w := range b.Weights {
			for k, v := range b.Cols {
				vals[k] = batch.ValueAt(v, i)
			}
			row := types.BytesValue(types.AppendRecord(nil, elem.Fields, vals))
			for range w {
				rows = append(rows, row)
			}
		}
		return full(dst, elem, nil, rows)
	}
	return r, nil
}

// byOffset is EARLIEST_BY_OFFSET and LATEST_BY_OFFSET: the first and last values in the order of arrival. The literals
// of a call are the number of values (then the result is an array) and whether NULLs are left out.
func (c *compiler) byOffset(s *Spec) (reader, error) {
	consts, many := s.Agg.Consts, s.Agg.Many
	skipNulls, n := true, int64(1)
	if many {
		n, consts = consts[0].I, consts[1:]
	}
	if len(consts) == 1 {
		skipNulls = consts[0].B
	}
	x, r, err := c.newList(s, skipNulls)
	if err != nil {
		return nil, err
	}
	x.limit, x.last = max(n, 1), s.Agg.Name == "latest_by_offset"
	if !many {
		x.row = true
		x.fold = func(dst []byte, b *batch.Batch) []byte { return batch.AppendRow(append(dst, listFull), b.Cols, 0) }
		return r, nil
	}
	x.zero = noElements
	elem := x.argTypes[0]
	x.fold = func(dst []byte, b *batch.Batch) []byte {
		vals := repeated(b, 0)
		if x.last {
			slices.Reverse(vals)
		}
		return full(dst, elem, nil, vals)
	}
	return r, nil
}
