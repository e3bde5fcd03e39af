// Package format holds what the record formats share: Rows, the row builder that decoders write into, Target, the
// columns they look for, and the conversions between a format's scalars and the values of package types.
//
// The formats themselves are the subpackages json, delimited and kafka. A decoder is made for a list of targets; it
// sets columns of the row under construction and neither begins nor ends rows, so that the key, the value and the
// metadata of one record can come from different decoders. A decoder that fails leaves a row behind that its caller
// drops. Decoders keep scratch space: one goroutine at a time.
//
// One journey: source → Rows.Begin → json.Decoder.Decode(value) → Rows.SetInt … → Rows.End → (4096 rows later)
// Rows.Seal → *batch.Batch.
package format
