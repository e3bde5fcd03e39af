package catalog

import (
	"time"

	"streamsql/internal/types"
)

// Kind is what an object is.
type Kind uint8

// The kinds. A derived stream (CREATE STREAM … AS SELECT) is a Stream with Query set, a derived table (CREATE TABLE …
// AS SELECT) a Table with Query set.
const (
	Stream Kind = iota + 1
	Table
	View // plain view: expanded where it is used
	MaterializedView
	System // pg_catalog, information_schema, streamsql.*: rows come from the engine
)

func (k Kind) String() string {
	switch k {
	case Stream:
		return "stream"
	case Table:
		return "table"
	case View:
		return "view"
	case MaterializedView:
		return "materialized view"
	case System:
		return "system table"
	}
	return "object"
}

// Object is one relation. It is immutable once in a Catalog.
type Object struct {
	ID      uint64 // unique for ever: the offset of its command in the command topic, or a fixed number for System
	OID     uint32 // pg_class.oid, from 16384 up for ours
	Schema  string // "public", "pg_catalog", "information_schema", "streamsql"
	Name    string
	Kind    Kind
	Columns []Column
	Key     []int  // columns whose values identify a row (PRIMARY KEY, GROUP BY of a view); nil: none is known
	SQL     string // the CREATE statement as written
	Dialect string // the dialect SQL is written in: "postgres", "ksql"
	Query   string // views and derived objects: the query's text
	// AppendOnly: rows are only ever added (streams, and views over them without aggregation).
	AppendOnly bool
	Connector  *Connector // nil for views and System
	Watermark  *Watermark
	DependsOn  []uint64 // IDs of the objects the query reads
	// Owned: the server made the topic and is its only writer, so INSERT, UPDATE and DELETE are allowed.
	Owned bool
	// Into is the id of the stream that a query of ksqlDB's INSERT INTO … SELECT writes to; 0: none.
	Into uint64
	// Source marks ksqlDB's CREATE SOURCE STREAM and TABLE: nobody writes to them here, and their definition stays.
	Source bool
	// Properties are ksqlDB's settings, and Types the named types, that the statement was bound with.
	Properties map[string]string
	Types      TypeSet
	// Defined is the catalog version of the statement that the object is bound from: its * has the columns of that time.
	Defined uint64
	// Paused: the query of a derived object stands still (PAUSE); its rows stay as they are.
	Paused bool
}

// Column is one column of an object.
type Column struct {
	Name    string
	Type    types.Type
	NotNull bool
	Hidden  bool   // ROWTIME, ROWPARTITION, ROWOFFSET, the hidden row id: not in *, can be named
	Default string // SQL text of the DEFAULT expression, or ""
	From    Origin // where a source column's value comes from
	Header  string // FromHeaders: the one header's name, or "" for all of them
	// Since is the catalog version that added the column to an object that was there before; 0: it was there at first.
	Since uint64
}

// Origin says which part of a Kafka record a column is read from.
type Origin uint8

// The origins.
const (
	FromValue Origin = iota
	FromKey
	FromTimestamp
	FromPartition
	FromOffset
	FromHeaders
	FromWindowStart // of a windowed key
	FromWindowEnd
	FromTombstone // 1 where the record has no value, else 0
)

// Connector is how an object's rows are read from, or written to, Kafka.
type Connector struct {
	Topic           string
	Partitions      int // when the topic is made; 0 = default
	Replicas        int
	KeyFormat       string            // "json", "kafka", "delimited", "none"
	ValueFormat     string            // "json", "delimited", "kafka"
	Delimiter       string            // DELIMITED values; default ","
	KeyDelimiter    string            // DELIMITED keys; default ","
	Window          string            // keys are windowed: "tumbling", "hopping" or "session"; "": they are not
	WindowSize      time.Duration     // of tumbling and hopping windows
	NullKeys        bool              // a key of several columns is written even if all of them are NULL
	Unwrapped       bool              // a value of one column is bare JSON, not an object
	TimestampColumn string            // column whose value is ROWTIME instead of the record's timestamp; ""
	TimestampFormat string            // its pattern, or ""
	OnError         string            // "skip" (default), "null", "stop"
	Options         map[string]string // WITH options as written, for SHOW and DESCRIBE
}

// Watermark is WATERMARK FOR Column AS Expr.
type Watermark struct {
	Column int
	Expr   string // SQL text
}

// Qualified returns schema.name, without the schema for public.
func (o *Object) Qualified() string {
	if o.Schema == "public" {
		return o.Name
	}
	return o.Schema + "." + o.Name
}

// Column returns the index of the named column, or -1.
func (o *Object) Column(name string) int {
	for i := range o.Columns {
		if o.Columns[i].Name == name {
			return i
		}
	}
	return -1
}

// Materialized reports whether the engine keeps the object's rows, so that a SELECT reads them without the log.
func (o *Object) Materialized() bool { return o.Kind == Table || o.Kind == MaterializedView }
