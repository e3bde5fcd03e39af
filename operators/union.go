package operators

import "streamsql/internal/batch"

// union is UNION ALL over any number of ports.
//
// Law:   out = Σ in over all ports.
// Table: none.
// Bound: none needed, nothing is kept.
type union struct{}

// NewUnion returns an operator that passes on what comes in on any port.
func NewUnion() Operator { return union{} }

func (union) Push(_ int, in *batch.Batch, out Emitter) error {
	if in.Rows() == 0 {
		return nil
	}
	return out.Emit(in)
}

func (union) Flush(Tick, Emitter) error { return nil }
