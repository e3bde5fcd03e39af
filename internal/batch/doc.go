// Package batch holds the one thing that moves through streamsql: a batch of weighted changes, as columns.
//
// A Batch is built by one owner (Builder, or an operator that assembles vectors), then sealed: whoever receives it may
// keep it, and nobody writes to it again. Vectors are concrete slices without pointers inside (but for Decs that do
// not fit 64 bits); row loops live here, in expr and in operators/agg. A column that nobody asked for is nil, and counts
// as NULL wherever it is met.
//
// Main types: Vec (Bools, Ints, Floats, Decs, Spans, Bytes), Batch, Builder with its Appenders. Functions: Gather, Select,
// Slice, Concat, Negate; Consolidate (sort, add, drop zeros); AppendRow and DecodeRow (a row as bytes, for state), AppendKey
// (bytes in order) and HashCols; CompareAt and EqualAt. Text literal: a line a change, "+1 7 a" (see Parse and
// Batch.Format), used by tests and operator files.
//
// A journey: a decoder appends a record's fields to the Appenders of a Builder, ends the row with Weight (or DropRow, if it
// was bad), and Seals the batch when its poll is done; a filter Selects rows of it, an aggregate hashes its keys with
// HashCols, and a view Consolidates what comes out.
package batch
