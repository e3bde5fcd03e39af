package engine

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"streamsql/connectors"
	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

var errShutdown = pgerr.New(pgerr.AdminShutdown, "terminating connection due to administrator command")

// canceled is the error of a statement whose context ended.
func canceled(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return pgerr.New(pgerr.QueryCanceled, "canceling statement due to statement timeout")
	}
	return pgerr.New(pgerr.QueryCanceled, "canceling statement due to user request")
}

// errorEntry is one record of the error topic. Field order and names are those of streamsql.errors.
type errorEntry struct {
	Time      time.Time `json:"time"`
	Object    string    `json:"object"`
	Topic     *string   `json:"topic"`
	Partition *int32    `json:"topic_partition"`
	Offset    *int64    `json:"topic_offset"`
	Key       []byte    `json:"key"`
	Value     []byte    `json:"value"`
	Code      string    `json:"code"`
	Reason    string    `json:"reason"`
}

// errorsObject is streamsql.errors: a stream over the error topic, like any other.
func errorsObject() *catalog.Object {
	col := func(name string, k types.Kind) catalog.Column { return catalog.Column{Name: name, Type: types.T(k)} }
	return &catalog.Object{ID: systemIDs + 1, OID: errorsOID, Schema: "streamsql", Name: "errors", Kind: catalog.Stream, AppendOnly: true,
		Columns: []catalog.Column{col("time", types.TimestampTZ), col("object", types.Text), col("topic", types.Text),
			col("topic_partition", types.Int4), col("topic_offset", types.Int8), col("key", types.Bytea), col("value", types.Bytea),
			col("code", types.Text), col("reason", types.Text)},
		SQL:       "CREATE STREAM streamsql.errors (…)",
		Dialect:   "postgres",
		Connector: &catalog.Connector{Topic: ErrorTopic, KeyFormat: "none", ValueFormat: "json", OnError: "skip"}}
}

// builtinStreams are the streams that exist without a command.
func (e *Engine) builtinStreams() []*catalog.Object {
	return []*catalog.Object{e.catalog.Load().Lookup([]string{"streamsql", "errors"})}
}

// reportRecord puts a record that could not be decoded into the error topic.
func (e *Engine) reportRecord(object string, b connectors.BadRecord) {
	if object == "errors" && b.Topic == ErrorTopic {
		e.log.Error("entry of the error topic cannot be read", "offset", b.Offset, "err", b.Err)
		return
	}
	p := pgerr.From(b.Err)
	code := p.Code
	if code == pgerr.InternalError {
		code = pgerr.InvalidTextRepresentation
	}
	e.report(errorEntry{Object: object, Topic: &b.Topic, Partition: &b.Partition, Offset: &b.Offset, Key: b.Key, Value: b.Value,
		Code: code, Reason: p.Msg})
}

// reportRow puts a row that a view could not compute into the error topic.
func (e *Engine) reportRow(object string, err error) {
	p := pgerr.From(err)
	e.report(errorEntry{Object: object, Code: p.Code, Reason: p.Msg})
}

func (e *Engine) report(x errorEntry) {
	x.Time = e.cfg.Now().UTC().Truncate(time.Microsecond)
	text, err := json.Marshal(x)
	if err != nil {
		e.log.Error("error entry cannot be encoded", "err", err)
		return
	}
	e.cluster.Send(connectors.Record{Topic: ErrorTopic, Partition: 0, Value: text})
}
