package batch

import (
	"encoding/binary"
	"math"
	"slices"

	"streamsql/internal/invariant"
	"streamsql/internal/types"
)

// Consolidate returns the sum of the batches: rows sorted by all columns (types.Compare, NULL last), the weights of equal
// rows added, rows of weight 0 dropped. The inputs are not changed; the result may share their vectors.
//
// Rows are equal here when they also print alike: 1.0 and 1.00, or '30 days' and '1 mon', stay two rows beside each
// other. Otherwise an UPDATE from one to the other would add up to nothing and never be seen.
func Consolidate(ts []types.Type, bs ...*Batch) *Batch {
	full := make([]*Batch, 0, len(bs))
	for _, b := range bs {
		if b != nil && b.Rows() > 0 {
			full = append(full, b)
		}
	}
	all := Concat(full)
	if all == nil {
		return emptyBatch(ts)
	}
	if all.Rows() == 1 && all.Weights[0] != 0 {
		return all
	}
	s := newSorter(ts, all)
	s.sort()
	sel, weights := s.merge()
	if len(sel) == 0 {
		return emptyBatch(ts)
	}
	if len(sel) == all.Rows() && slices.IsSorted(sel) {
		return all // nothing was moved, added or dropped
	}
	out := &Batch{Cols: make([]Vec, len(all.Cols)), Weights: weights}
	for i, c := range all.Cols {
		out.Cols[i] = Gather(c, sel)
	}
	return out
}

func emptyBatch(ts []types.Type) *Batch {
	out := &Batch{Cols: make([]Vec, len(ts)), Weights: []int64{}}
	for i, t := range ts {
		out.Cols[i] = MakeVec(t.Class(), 0)
	}
	return out
}

// sorter sorts the rows of a batch. Each row carries the first eight bytes of its first column in an order-preserving
// form, which settles most comparisons.
type sorter struct {
	ts    []types.Type
	b     *Batch
	rows  []sortRow
	exact bool // the prefix is all there is to compare: one integer column without NULL
	forms bool // equal values may be written in different ways
}

type sortRow struct {
	prefix uint64
	row    int32
}

func newSorter(ts []types.Type, b *Batch) *sorter {
	s := &sorter{ts: ts, b: b, rows: make([]sortRow, b.Rows())}
	for i := range s.rows {
		s.rows[i].row = int32(i)
	}
	for i := range ts {
		s.forms = s.forms || !ts[i].Canonical()
	}
	if len(ts) > 0 {
		s.prefixes(&ts[0], b.Cols[0])
		v, isInt := b.Cols[0].(*Ints)
		s.exact = len(ts) == 1 && isInt && v.N == nil
	}
	return s
}

func (s *sorter) prefixes(t *types.Type, v Vec) {
	switch v := v.(type) {
	case *Ints:
		for i, x := range v.V {
			s.rows[i].prefix = uint64(x) ^ 1<<63
		}
	case *Bytes:
		if !t.Canonical() || t.Kind == types.Array || t.Kind == types.Record || t.Kind == types.Map {
			return
		}
		for i := range s.rows {
			s.rows[i].prefix = bytesPrefix(v.At(i))
		}
	default:
		return
	}
	if n := v.NullMap(); n != nil {
		for i := range s.rows {
			if n.Has(i) {
				s.rows[i].prefix = math.MaxUint64
			}
		}
	}
}

func bytesPrefix(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.BigEndian.Uint64(b)
	}
	var p [8]byte
	copy(p[:], b)
	return binary.BigEndian.Uint64(p[:])
}

func (s *sorter) sort() {
	slices.SortFunc(s.rows, func(x, y sortRow) int {
		if x.prefix != y.prefix {
			if x.prefix < y.prefix {
				return -1
			}
			return 1
		}
		if c := s.compare(x.row, y.row); c != 0 {
			return c
		}
		return int(x.row) - int(y.row) // which of two equal rows stays must not depend on the algorithm
	})
}

// compare orders two rows by value, then by form.
func (s *sorter) compare(i, j int32) int {
	if s.exact {
		return 0
	}
	for c := range s.ts {
		if r := CompareAt(&s.ts[c], s.b.Cols[c], int(i), s.b.Cols[c], int(j)); r != 0 {
			return r
		}
	}
	if !s.forms {
		return 0
	}
	for c := range s.ts {
		if v := s.b.Cols[c]; v != nil && !v.NullMap().Has(int(i)) {
			if r := compareForm(v, int(i), int(j)); r != 0 {
				return r
			}
		}
	}
	return 0
}

// merge adds the weights of runs of equal rows and returns the rows that are left.
func (s *sorter) merge() (sel []int32, weights []int64) {
	sel, weights = make([]int32, 0, len(s.rows)), make([]int64, 0, len(s.rows))
	for i := 0; i < len(s.rows); {
		first, sum := s.rows[i], s.b.Weights[s.rows[i].row]
		for i++; i < len(s.rows) && s.rows[i].prefix == first.prefix && s.compare(first.row, s.rows[i].row) == 0; i++ {
			w := s.b.Weights[s.rows[i].row]
			if invariant.Enabled {
				invariant.Check((sum+w > sum) == (w > 0), "batch: weight overflow: %d + %d", sum, w)
			}
			sum += w
		}
		if sum != 0 {
			sel, weights = append(sel, first.row), append(weights, sum)
		}
	}
	return sel, weights
}
