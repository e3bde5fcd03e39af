// Package connectors holds the contracts of sources and sinks; connectors/kafka implements them over franz-go and
// connectors/format the record formats. Offsets are opaque to the engine's dataflow and live in its checkpoints; a
// broker's own copy is for display. A connector knows batches and types, never operators or plans.
package connectors
