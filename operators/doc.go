// Package operators holds the incremental operators, one a file. Each obeys one law: the sum of its output up to a
// tick is its query over the sum of its input up to that tick. An operator takes batches of weighted changes on
// numbered ports and emits batches; it does no I/O, starts no goroutine, reads no clock, and knows nothing of plans:
// its configuration is column indexes, types and bound expressions. Aggregate kernels are in operators/agg.
//
// An operator's state lives in tables it gets from a state.Space when it is built. If the space holds state from a
// checkpoint, the operator starts with it.
//
// A doc comment states for each operator: Law, Table (what is kept, how encoded) and Bound.
package operators
