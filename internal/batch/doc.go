// Package batch holds the one thing that moves through streamsql: a batch of weighted changes, as columns.
//
// A Batch is built by one owner (Builder, or an operator that assembles vectors), then sealed: whoever receives it may
// keep it, and nobody writes to it again. Vectors are concrete slices without pointers inside (but for Decs that do
// not fit 64 bits); row loops live here, in expr and in operators/agg.
//
// Main types: Vec (Bools, Ints, Floats, Decs, Spans, Bytes), Batch, Builder. Text literal: a line a change,
// "+1 7 a" (see Parse and Batch.Format), used by tests and operator files.
package batch
