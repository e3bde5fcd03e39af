package batch

import "streamsql/internal/types"

// RowsMax is the most rows a source or operator puts into one batch. 1k-4k rows keep a batch's working set in L2;
// more brings nothing (reference/performance-limits.md §3).
const RowsMax = 4096

// Nulls is a bitmap: bit i set means row i is NULL. A nil Nulls has no NULL. It may be longer than the vector needs,
// never shorter when not nil.
type Nulls []uint64

// Has reports whether row i is NULL.
func (n Nulls) Has(i int) bool { return n != nil && n[i>>6]&(1<<(uint(i)&63)) != 0 }

// Set marks row i as NULL in a bitmap that is long enough.
func (n Nulls) Set(i int) { n[i>>6] |= 1 << (uint(i) & 63) }

// MakeNulls returns a bitmap without NULLs for rows rows.
func MakeNulls(rows int) Nulls { return make(Nulls, (rows+63)/64) }

// Any reports whether one of the first rows rows is NULL.
func (n Nulls) Any(rows int) bool {
	for i := 0; i < len(n) && i*64 < rows; i++ {
		w := n[i]
		if left := rows - i*64; left < 64 {
			w &= 1<<uint(left) - 1
		}
		if w != 0 {
			return true
		}
	}
	return false
}

// Vec is one column of a batch. The implementations are the concrete types below and no others; row loops switch on
// them once and then run over slices. The value at a NULL row is zero (empty for Bytes).
type Vec interface {
	Len() int
	NullMap() Nulls
	class() types.Class
}

// The vectors, one a representation class.
type (
	Bools struct {
		V []bool
		N Nulls
	}
	Ints struct {
		V []int64
		N Nulls
	}
	Floats struct {
		V []float64
		N Nulls
	}
	Decs struct {
		V []types.Dec
		N Nulls
	}
	Spans struct {
		V []types.Span
		N Nulls
	}
	// Bytes keeps row i in Data[Off[i]:Off[i+1]]; len(Off) is the number of rows plus one.
	Bytes struct {
		Data []byte
		Off  []uint32
		N    Nulls
	}
)

func (v *Bools) Len() int  { return len(v.V) }
func (v *Ints) Len() int   { return len(v.V) }
func (v *Floats) Len() int { return len(v.V) }
func (v *Decs) Len() int   { return len(v.V) }
func (v *Spans) Len() int  { return len(v.V) }
func (v *Bytes) Len() int  { return max(len(v.Off)-1, 0) }

func (v *Bools) NullMap() Nulls  { return v.N }
func (v *Ints) NullMap() Nulls   { return v.N }
func (v *Floats) NullMap() Nulls { return v.N }
func (v *Decs) NullMap() Nulls   { return v.N }
func (v *Spans) NullMap() Nulls  { return v.N }
func (v *Bytes) NullMap() Nulls  { return v.N }

func (*Bools) class() types.Class  { return types.ClassBool }
func (*Ints) class() types.Class   { return types.ClassInt }
func (*Floats) class() types.Class { return types.ClassFloat }
func (*Decs) class() types.Class   { return types.ClassNumeric }
func (*Spans) class() types.Class  { return types.ClassInterval }
func (*Bytes) class() types.Class  { return types.ClassBytes }

// At returns row i's bytes, aliasing the vector.
func (v *Bytes) At(i int) []byte { return v.Data[v.Off[i]:v.Off[i+1]] }

// Class returns v's representation class.
func Class(v Vec) types.Class { return v.class() }

// ValueAt boxes row i. Bytes alias the vector. For edges and tests, not for row loops.
func ValueAt(v Vec, i int) types.Value {
	if v.NullMap().Has(i) {
		return types.Null
	}
	switch v := v.(type) {
	case *Bools:
		return types.Value{B: v.V[i]}
	case *Ints:
		return types.Value{I: v.V[i]}
	case *Floats:
		return types.Value{F: v.V[i]}
	case *Decs:
		return types.Value{N: v.V[i]}
	case *Spans:
		return types.Value{S: v.V[i]}
	case *Bytes:
		return types.Value{Bytes: v.At(i)}
	}
	panic("batch: unknown vector")
}
