package operators

import (
	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// Tick is the unit of consistency. Time is the wall clock handed in by the engine (microseconds since 2000-01-01 UTC).
type Tick struct {
	Number uint64
	Time   int64
}

// Emitter takes an operator's output.
type Emitter interface {
	// Emit hands over a sealed batch.
	Emit(b *batch.Batch) error
	// Wanted reports whether anything listens. It does not change within a tick. An operator whose tables hold its
	// output anyway (a Readable) need not build changes while it is false.
	Wanted() bool
}

// Operator is one incremental operator. Calls come from one goroutine at a time: in a tick any number of Pushes, then
// one Flush after every input of the tick has been pushed and flushed. Stateless operators emit from Push.
type Operator interface {
	Push(port int, in *batch.Batch, out Emitter) error
	Flush(t Tick, out Emitter) error
}

// Readable is an operator whose tables hold the rows of its whole output: a view that ends in one needs no second copy.
// Its methods are called between ticks, by any number of goroutines at once: they must not write, not even scratch.
type Readable interface {
	Operator
	// Rows emits the current output (weights positive) in batches of at most batch.RowsMax rows.
	Rows(emit func(*batch.Batch) error) error
	// Key returns the output columns that Lookup finds rows by, or nil if it cannot.
	Key() []int
	// Lookup emits the output rows whose Key columns equal key (values of the columns' types, NULL equals NULL).
	Lookup(key []types.Value, emit func(*batch.Batch) error) error
}
