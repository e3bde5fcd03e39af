package operators

import (
	"bytes"
	"sort"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/operators/rowkey"
)

// Frame is the part of a partition that a window function looks at, for each of its rows.
type Frame struct {
	Mode       FrameMode
	Start, End FrameBound
	Exclude    FrameExclude
}

// FrameMode says what the offsets of a frame count.
type FrameMode uint8

// The modes: rows, values of the ordering column, groups of peers.
const (
	FrameRows FrameMode = iota
	FrameRange
	FrameGroups
)

// FrameBound is one end of a frame.
type FrameBound struct {
	Kind BoundKind
	// Offset is the input column with the distance of BoundPreceding and BoundFollowing: bigint for rows and groups. It
	// is read once a partition.
	Offset int
	// Key and Value are, in the range mode, the input columns with the ordering value and the bound, of one type.
	Key, Value int
	Desc       bool // how Key is ordered
	NullsFirst bool
}

// BoundKind is the kind of a frame's end.
type BoundKind uint8

// The kinds.
const (
	BoundUnboundedPreceding BoundKind = iota
	BoundPreceding
	BoundCurrent
	BoundFollowing
	BoundUnboundedFollowing
)

// FrameExclude says which rows of the frame do not count.
type FrameExclude uint8

// The exclusions: none, the row itself, its peers and itself, its peers without itself.
const (
	ExcludeNone FrameExclude = iota
	ExcludeCurrent
	ExcludeGroup
	ExcludeTies
)

// NewFrame returns a frame without its bounds: mode "rows", "range" or "groups", exclude "", "current row", "group" or "ties".
func NewFrame(mode, exclude string) Frame {
	return Frame{Mode: frameModes[mode], Exclude: frameExcludes[exclude]}
}

// BoundOf returns the kind that SQL's words, in lower case, mean.
func BoundOf(words string) BoundKind { return boundKinds[words] }

var (
	frameModes    = map[string]FrameMode{"rows": FrameRows, "range": FrameRange, "groups": FrameGroups}
	frameExcludes = map[string]FrameExclude{"current row": ExcludeCurrent, "group": ExcludeGroup, "ties": ExcludeTies}
	boundKinds    = map[string]BoundKind{"unbounded preceding": BoundUnboundedPreceding, "preceding": BoundPreceding,
		"current row": BoundCurrent, "following": BoundFollowing, "unbounded following": BoundUnboundedFollowing}
)

// partition is the rows of a partition in order, each as often as its weight says.
type partition struct {
	in   []types.Type
	b    *batch.Batch // the input's columns, then the rows' places (bigint)
	n    int
	peer []int32 // by row: the number of its group of peers
	from []int32 // by group: its first row; one more at the end
}

// newPartition finds the peers: rows that the order does not tell apart.
func newPartition(in []types.Type, b *batch.Batch, order []SortKey) *partition {
	p := &partition{in: in, b: b, n: b.Rows(), peer: make([]int32, b.Rows())}
	for i := range p.n {
		if i == 0 || !p.peers(order, i-1, i) {
			p.from = append(p.from, int32(i))
		}
		p.peer[i] = int32(len(p.from) - 1)
	}
	p.from = append(p.from, int32(p.n))
	return p
}

func (p *partition) peers(order []SortKey, i, j int) bool {
	for _, k := range order {
		if !batch.EqualAt(&p.in[k.Col], p.b.Cols[k.Col], i, p.b.Cols[k.Col], j) {
			return false
		}
	}
	return true
}

// group returns the first row of row i's peers and the one behind the last.
func (p *partition) group(i int) (from, to int) {
	return int(p.from[p.peer[i]]), int(p.from[p.peer[i]+1])
}

// span is a range of rows, the last one not included.
type span struct{ from, to int }

func (s span) empty() bool { return s.to <= s.from }

// frames computes the frame of each row, without its exclusions.
func (p *partition) frames(f Frame) ([]span, error) {
	start, err := p.bound(f.Mode, f.Start, "starting", false)
	if err != nil {
		return nil, err
	}
	end, err := p.bound(f.Mode, f.End, "ending", true)
	if err != nil {
		return nil, err
	}
	out := make([]span, p.n)
	for i := range out {
		out[i] = span{min(max(start(i), 0), p.n), min(max(end(i), 0), p.n)}
	}
	return out, nil
}

// bound returns the place of a frame's end for a row: its first row, or the one behind its last.
func (p *partition) bound(m FrameMode, b FrameBound, which string, end bool) (func(i int) int, error) {
	switch b.Kind {
	case BoundUnboundedPreceding:
		return func(int) int { return 0 }, nil
	case BoundUnboundedFollowing:
		return func(int) int { return p.n }, nil
	case BoundCurrent:
		if m == FrameRows {
			return func(i int) int { return i + one(end) }, nil
		}
		return func(i int) int {
			from, to := p.group(i)
			if end {
				return to
			}
			return from
		}, nil
	}
	offset := batch.ValueAt(p.b.Cols[b.Offset], 0)
	if offset.Null {
		return nil, pgerr.New(pgerr.NullValueNotAllowed, "frame %s offset must not be null", which)
	}
	if m == FrameRange {
		if negative(p.in[b.Offset], offset) {
			return nil, pgerr.New(pgerr.InvalidPrecedingOrFollowingSize, "invalid preceding or following size in window function")
		}
		return p.rangeBound(b, end), nil
	}
	if offset.I < 0 {
		return nil, pgerr.New(pgerr.InvalidPrecedingOrFollowingSize, "frame %s offset must not be negative", which)
	}
	by := int(min(offset.I, int64(p.n)+1))
	if b.Kind == BoundPreceding {
		by = -by
	}
	if m == FrameRows {
		return func(i int) int { return i + by + one(end) }, nil
	}
	return func(i int) int {
		g := min(max(int(p.peer[i])+by+one(end), 0), len(p.from)-1)
		return int(p.from[g])
	}, nil
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func negative(t types.Type, v types.Value) bool {
	switch t.Class() {
	case types.ClassFloat:
		return !(v.F >= 0)
	case types.ClassNumeric:
		return v.N.Sign() < 0 || v.N.IsNaN()
	case types.ClassInterval:
		return v.S.Cmp(types.Span{}) < 0
	}
	return v.I < 0
}

// rangeBound searches the ordering values. NULLs have their peers as the frame.
func (p *partition) rangeBound(b FrameBound, end bool) func(i int) int {
	k := rowkey.SortKey{Desc: b.Desc, NullsFirst: b.NullsFirst}
	t := p.in[b.Key]
	keys, ends := []byte(nil), make([]int, p.n+1)
	for i := range p.n {
		keys = rowkey.AppendOrdered(keys, k, t, p.b.Cols[b.Key], i)
		ends[i+1] = len(keys)
	}
	var want []byte
	return func(i int) int {
		if p.b.Cols[b.Key].NullMap().Has(i) {
			from, to := p.group(i)
			if end {
				return to
			}
			return from
		}
		want = rowkey.AppendOrdered(want[:0], k, t, p.b.Cols[b.Value], i)
		return sort.Search(p.n, func(j int) bool {
			c := bytes.Compare(keys[ends[j]:ends[j+1]], want)
			return c > 0 || c == 0 && !end
		})
	}
}

// excluded returns the rows of row i's frame that do not count, as up to two ranges.
func (p *partition) excluded(e FrameExclude, f span, i int) [2]span {
	from, to := p.group(i)
	out := [2]span{}
	switch e {
	case ExcludeCurrent:
		out[0] = span{i, i + 1}
	case ExcludeGroup:
		out[0] = span{from, to}
	case ExcludeTies:
		out = [2]span{{from, i}, {i + 1, to}}
	}
	for k := range out {
		out[k] = span{max(out[k].from, f.from), min(out[k].to, f.to)}
	}
	return out
}

// rest returns what is left of a frame without its exclusions, in order.
func (p *partition) rest(e FrameExclude, f span, i int) [3]span {
	cut := p.excluded(e, f, i)
	out, n, at := [3]span{}, 0, f.from
	for _, c := range cut {
		if c.empty() {
			continue
		}
		out[n] = span{at, c.from}
		at = c.to
		n++
	}
	out[n] = span{at, f.to}
	return out
}
