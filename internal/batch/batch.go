package batch

// Batch is a list of changes: row i is (Cols[0][i], Cols[1][i], …) times Weights[i].
// Every column is as long as Weights. Order carries no meaning (sole exception: into the upsert operator).
// A sealed batch is shared: nobody writes to it or to its vectors.
type Batch struct {
	Cols    []Vec   // one typed vector (values and null bitmap) per column; a column that no reader asked for is nil
	Weights []int64 // +n: the row is there n times more; -n: n times less; 0: no change
}

// Rows returns the number of changes.
func (b *Batch) Rows() int { return len(b.Weights) }

// Project returns a batch of the given columns, sharing vectors and weights.
func (b *Batch) Project(cols []int) *Batch {
	out := &Batch{Cols: make([]Vec, len(cols)), Weights: b.Weights}
	for i, c := range cols {
		out.Cols[i] = b.Cols[c]
	}
	return out
}

var ones [RowsMax]int64

func init() {
	for i := range ones {
		ones[i] = 1
	}
}

// Ones returns n weights of +1. The slice is shared and must not be written.
func Ones(n int) []int64 {
	if n <= len(ones) {
		return ones[:n:n]
	}
	w := make([]int64, n)
	for i := range w {
		w[i] = 1
	}
	return w
}
