package connectors

import (
	"context"
	"maps"
	"time"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// Offsets is a position in a topic: for each partition the offset of the next record.
type Offsets map[int32]int64

// Clone returns a copy.
func (o Offsets) Clone() Offsets { return maps.Clone(o) }

// Covers reports whether every record before p has been read at o (a partition that p lacks does not count).
func (o Offsets) Covers(p Offsets) bool {
	for k, v := range p {
		if o[k] < v {
			return false
		}
	}
	return true
}

// Part says which part of a record a column is read from.
type Part uint8

// The parts of a record; in step with catalog.Origin.
const (
	Value Part = iota
	Key
	Timestamp
	Partition
	Offset
	Headers
	// WindowStart and WindowEnd come from a windowed key (Formats.Window): milliseconds since 1970, of type bigint.
	WindowStart
	WindowEnd
	// Tombstone is 1 where the record has no value, else 0. A stream that has such a column has a row for such a record.
	Tombstone
)

// Column is one column of a source or sink.
type Column struct {
	Name    string
	Type    types.Type
	NotNull bool
	From    Part
	Header  string // From Headers: the one header whose last value it is; "": all of them, as an array of structs
}

// Formats says how rows are written as keys and values of records. The zero value is JSON for both.
type Formats struct {
	KeyFormat   string // "json" (also ""), "kafka", "delimited", "none"
	ValueFormat string
	// KeyDelimiter and Delimiter are the DELIMITED format's separators of the key and of the value; "": a comma.
	KeyDelimiter string
	Delimiter    string
	// NullKeys: a key of several columns is written even if all of them are NULL, instead of none.
	NullKeys bool
	// Unwrapped: a JSON value of one column is that column's value, without an object around it.
	Unwrapped bool
	// Window says that keys are windowed as Kafka Streams writes them: "time", the start behind the key, or "session", the
	// end and the start behind it; "": they are not. WindowSize is what makes the end of a "time" window of its start.
	Window     string
	WindowSize time.Duration
	// KSQL: values have ksqlDB's forms: in JSON a date is a number of days, a time and a timestamp one of milliseconds;
	// members are missing or null alike; what ksqlDB's readers convert is converted.
	KSQL bool
}

// SourceSpec describes what to read and how to decode it.
type SourceSpec struct {
	Topic   string
	Columns []Column
	Need    []int // the columns to decode; the others' vectors are nil in every batch
	Formats
	// TimestampColumn is the column that is ROWTIME instead of the record's timestamp: "" = none.
	TimestampColumn string
	TimestampFormat string
	// Upsert marks a table's topic: a record with a null value is a delete of its key (weight -1, only the key columns
	// set), anything else sets the row (weight +1). Without it a null value is a bad record.
	Upsert  bool
	OnError string // "skip" (default): report, leave the row out. "null": report, columns NULL. "stop": Poll fails.
	// Until makes the source end (Poll returns io.EOF) once every partition has been read up to these offsets.
	Until Offsets
}

// Chunk is what one Poll returns: rows of one partition in the order of their offsets. The batch is sealed.
type Chunk struct {
	Batch     *batch.Batch // may have no rows: the position moved past records that gave none
	Partition int32
	First     int64 // offset of the chunk's first record, if it has any
	Next      int64 // position after the chunk's last record, and after markers behind it
	// Txn is the id of the SQL transaction that all rows of the chunk belong to, and TxnRecords the number of records
	// it has over all topics; "" when the rows are independent. A chunk never mixes.
	Txn        string
	TxnRecords int // records of the transaction in total
	Records    int // records in this chunk (bad ones included)
	Bad        []BadRecord
	MaxTime    time.Time // largest record timestamp, for lag
}

// BadRecord is a record that could not be decoded, for streamsql.errors.
type BadRecord struct {
	Topic     string
	Partition int32
	Offset    int64
	Time      time.Time
	Key       []byte
	Value     []byte // at most BadRecordBytesMax of it
	Err       error
}

// BadRecordBytesMax is how much of a bad record's key and value is kept.
const BadRecordBytesMax = 64 << 10

// Source reads one topic. The caller keeps the positions; nothing is committed to the broker.
type Source interface {
	// Open starts reading at from; a partition that from lacks is read from its beginning.
	Open(ctx context.Context, from Offsets) error
	// Poll blocks until a chunk is there, ctx is done, or the end (Until) is reached: io.EOF.
	Poll(ctx context.Context) (*Chunk, error)
	Close() error
	// Status is for SHOW: "ok", or what is wrong ("broker unreachable since …: dial tcp …: connection refused").
	Status() string
}

// Record is one record to write. A nil Value is a tombstone.
type Record struct {
	Topic     string
	Partition int32 // -1: by key hash (Kafka's default partitioner), round robin without a key
	Key       []byte
	Value     []byte
	Timestamp time.Time // zero: now
	Headers   []Header
}

// Header is one record header.
type Header struct {
	Key   string
	Value []byte
}

// Written is where a record was put.
type Written struct {
	Topic     string
	Partition int32
	Offset    int64
}

// Writer writes the rows of INSERT, UPDATE and DELETE.
type Writer interface {
	// Write produces recs and waits until they are acknowledged: all of them or none become visible (one Kafka
	// transaction, with id and count as headers, when there is more than one record).
	Write(ctx context.Context, recs []Record) ([]Written, error)
	Close() error
}

// Sink writes views' changes, a checkpoint's worth at a time, exactly once.
type Sink interface {
	// Open fences earlier instances and returns the last epoch whose output is visible (0: none).
	Open(ctx context.Context) (uint64, error)
	// Commit makes recs and the number epoch visible in one transaction. An epoch at or below the last committed one is
	// a no-op, so it may be repeated after a restart.
	Commit(ctx context.Context, epoch uint64, recs []Record) error
	Close() error
}

// Log is the command topic: one partition, never compacted.
type Log interface {
	Append(ctx context.Context, value []byte) (offset int64, err error)
	// End is the offset after the last entry.
	End(ctx context.Context) (int64, error)
	// Read calls f for every entry from offset from up to, not including, offset to.
	Read(ctx context.Context, from, to int64, f func(offset int64, value []byte) error) error
}

// Topic is one topic of the cluster, for SHOW TOPICS.
type Topic struct {
	Name       string
	Partitions int
	Replicas   int
}

// Cluster is a Kafka cluster: what the engine needs of it beside reading and writing.
type Cluster interface {
	CreateTopic(ctx context.Context, name string, partitions int, replicas int, config map[string]string) error // nil if it exists
	DeleteTopic(ctx context.Context, name string) error
	Topics(ctx context.Context) ([]Topic, error)
	Partitions(ctx context.Context, topic string) (int, error) // 42P01-like *pgerr.Error if there is no such topic
	Starts(ctx context.Context, topic string) (Offsets, error)
	Ends(ctx context.Context, topic string) (Offsets, error) // last stable offsets: what a read-committed reader can reach
	Source(spec SourceSpec) (Source, error)
	Writer(ctx context.Context) (Writer, error)
	Sink(ctx context.Context, id string) (Sink, error)
	Log(ctx context.Context, topic string) (Log, error)
	// Send produces without waiting (streamsql.errors); failures are retried and then logged.
	Send(rec Record)
	// Encoder encodes rows of the given columns (From says key or value) in the given formats.
	Encoder(cols []Column, f Formats) (Encoder, error)
	Ping(ctx context.Context) error
	Close()
}

// Encoder turns a row into a record's key and value.
type Encoder interface {
	// Encode appends the key and value of row i; a nil key means no key. tombstone asks for the key only.
	Encode(key, value []byte, b *batch.Batch, row int, tombstone bool) (k, v []byte, err error)
}
