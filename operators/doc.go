// Package operators holds the incremental operators, one a file. Each obeys one law: the sum of its output up to a
// tick is its query over the sum of its input up to that tick. An operator takes batches of weighted changes on
// numbered ports and emits batches; it does no I/O, starts no goroutine, reads no clock, and knows nothing of plans:
// its configuration is column indexes, types and bound expressions. Aggregate kernels are in operators/agg,
// keys of rows as bytes in operators/rowkey, the test bench in operators/optest; operators/testdata has the operator files.
//
// One Kafka record's way through: tumble appends its window, aggregate finds its group's slot and adds it to the group's
// words; at the tick's end Flush emits the groups whose row changed, if anything listens, and readers see the rest in
// place (Readable).
//
// An operator's state lives in tables it gets from a state.Space when it is built. If the space holds state from a
// checkpoint, the operator starts with it.
//
// A doc comment states for each operator: Law, Table (what is kept, how encoded) and Bound.
package operators
