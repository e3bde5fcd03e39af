// Package kafka reads and writes Kafka topics over franz-go, and runs the embedded broker (kfake with a data directory).
//
// Main types: Cluster (the connection; implements connectors.Cluster), its source (one client per topic, decoding the
// partitions side by side), writer (one record plainly, several in one transaction), sink (one transaction a
// checkpoint), log (the command topic), and Broker.
//
// Guarantees, each with the test that proves it:
//   - a source reads committed records only, in the order of their offsets, each once (TestSourceReadCommitted);
//   - records of one SQL transaction never share a chunk with others (TestSourceTxnGrouping);
//   - a writer's records become visible all together or not at all (TestWriterAtomic);
//   - a sink's checkpoint is visible exactly once, however often it is repeated (TestSinkExactlyOnce);
//   - what the embedded broker acknowledged survives kill -9 (TestBrokerKill).
//
// One journey: a fetch arrives on the source's poll goroutine, which hands every partition's records to that
// partition's decode goroutine; it copies what is wanted into the columns of a batch.Builder, recycles the client's
// buffers and puts sealed chunks of at most batch.RowsMax rows into a bounded channel that Poll reads.
package kafka
