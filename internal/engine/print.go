package engine

import (
	"context"
	"errors"
	"io"
	"strings"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// printColumns are PRINT's: a record as it is in its topic. Bytes that are no text are shown as bytea is.
var printColumns = []session.Column{{Name: "rowtime", Type: types.T(types.TimestampTZ)}, {Name: "partition", Type: types.T(types.Int4)},
	{Name: "offset", Type: types.T(types.Int8)}, {Name: "key", Type: types.T(types.Text)}, {Name: "value", Type: types.T(types.Text)}}

// printSpec reads a topic's records without decoding their parts. A record without a value is a row without one.
func printSpec(topic string) connectors.SourceSpec {
	return connectors.SourceSpec{
		Topic: topic, OnError: "null", Need: []int{0, 1, 2, 3, 4},
		Columns: []connectors.Column{{Name: "rowtime", Type: types.T(types.TimestampTZ), From: connectors.Timestamp},
			{Name: "partition", Type: types.T(types.Int4), From: connectors.Partition}, {Name: "offset", Type: types.T(types.Int8), From: connectors.Offset},
			{Name: "key", Type: types.T(types.Bytea), From: connectors.Key}, {Name: "value", Type: types.T(types.Bytea), From: connectors.Value}},
		Formats: connectors.Formats{KeyFormat: "kafka", ValueFormat: "kafka"},
	}
}

// print runs PRINT: the records of a topic from now on, or from its beginning, until LIMIT or until the client leaves.
func (cs *clientSession) print(ctx context.Context, t *ast.Print) (session.Result, error) {
	topics, err := cs.e.cluster.Topics(ctx)
	if err != nil {
		return nil, brokerError(err, "list topics")
	}
	known := pickTopic(topics, strings.Join(t.Topic.Parts, "."))
	if known == nil {
		return nil, pgerr.At(int(t.Topic.Pos), pgerr.UndefinedObject, "topic %q does not exist", t.Topic.Last())
	}
	topic := known.Name
	ends, err := cs.e.cluster.Ends(ctx, topic)
	if err != nil {
		return nil, brokerError(err, "look up topic "+topic)
	}
	src, err := cs.e.cluster.Source(printSpec(topic))
	if err != nil {
		return nil, err
	}
	if t.FromBeginning {
		ends = connectors.Offsets{}
	}
	r := &printResult{src: src, left: t.Limit, every: max(t.Interval, 1), from: ends}
	if t.Limit == 0 {
		r.left = -1
	}
	return r, nil
}

// printResult streams a topic's records.
type printResult struct {
	src   connectors.Source
	from  connectors.Offsets
	left  int64 // records until the end; -1: none
	every int64 // INTERVAL n: each n-th record is shown
	seen  int64
	open  bool
	rest  *batch.Batch
}

func (r *printResult) Columns() []session.Column { return printColumns }
func (r *printResult) Tag() string               { return "PRINT" }
func (r *printResult) Close()                    { _ = r.src.Close() }

// Next blocks until records come.
func (r *printResult) Next(ctx context.Context, max int, idle func() error) (*batch.Batch, error) {
	if !r.open {
		if err := r.src.Open(ctx, r.from); err != nil {
			return nil, brokerError(err, "read the topic")
		}
		r.open = true
	}
	for r.left != 0 && r.rest == nil {
		if idle != nil {
			if err := idle(); err != nil {
				return nil, err
			}
		}
		c, err := r.src.Poll(ctx)
		switch {
		case errors.Is(err, io.EOF):
			return nil, nil
		case err != nil && ctx.Err() != nil:
			return nil, canceled(ctx)
		case err != nil:
			return nil, brokerError(err, "read the topic")
		}
		if b := r.shown(c.Batch); b.Rows() > 0 {
			r.rest = b
		}
	}
	if r.rest == nil {
		return nil, nil
	}
	out := r.rest
	if r.rest = nil; max > 0 {
		out, r.rest = cut(out, max)
	}
	return out, nil
}

// shown picks the records that INTERVAL and LIMIT leave, and makes text of their parts.
func (r *printResult) shown(b *batch.Batch) *batch.Batch {
	bl := batch.NewBuilder([]types.Type{printColumns[0].Type, printColumns[1].Type, printColumns[2].Type, printColumns[3].Type, printColumns[4].Type})
	for i := range b.Rows() {
		r.seen++
		if r.left == 0 || (r.seen-1)%r.every != 0 {
			continue
		}
		row := make([]types.Value, len(printColumns))
		for c := range row {
			row[c] = batch.ValueAt(b.Cols[c], i)
		}
		row[3], row[4] = partText(row[3]), partText(row[4])
		bl.Append(1, row)
		if r.left > 0 {
			r.left--
		}
	}
	return bl.Seal()
}

// partText is a part of a record as text.
func partText(v types.Value) types.Value {
	if v.Null {
		return v
	}
	if t, err := types.ParseText(types.T(types.Text), string(v.Bytes), nil); err == nil && isText(v.Bytes) {
		return t
	}
	return types.BytesValue(types.AppendText(nil, types.T(types.Bytea), v, nil))
}
