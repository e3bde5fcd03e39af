package kafka

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

func memorySpec(topic string) connectors.SourceSpec {
	return connectors.SourceSpec{Topic: topic, Need: []int{0}, Formats: connectors.Formats{KeyFormat: "none", ValueFormat: "json"},
		Columns: []connectors.Column{{Name: "a", Type: types.T(types.Int8)}}}
}

// TestMemoryReads: records written before and after a source was opened come one a chunk; Until ends it.
func TestMemoryReads(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	m := NewMemory(1)
	if _, err := m.Partitions(ctx, "t"); pgerr.Code(err) != pgerr.UndefinedTable {
		t.Fatalf("a topic that is not there: %v", err)
	}
	if err := m.CreateTopic(ctx, "t", 4, 1, nil); err != nil {
		t.Fatal(err)
	}
	write := func(v string) {
		if _, err := m.Write(ctx, []connectors.Record{{Topic: "t", Partition: -1, Value: []byte(v)}}); err != nil {
			t.Error(err)
		}
	}
	write(`{"a": 1}`)
	src, err := m.Source(memorySpec("t"))
	if err != nil {
		t.Fatal(err)
	}
	if err := src.Open(ctx, connectors.Offsets{}); err != nil {
		t.Fatal(err)
	}
	next := func() *connectors.Chunk {
		c, err := src.Poll(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := next(); c.Next != 1 || batch.ValueAt(c.Batch.Cols[0], 0).I != 1 {
		t.Fatalf("the first chunk is %+v", c)
	}
	go write(`{"a": "no number"}`)
	if c := next(); c.Batch.Rows() != 0 || len(c.Bad) != 1 || c.Next != 2 {
		t.Fatalf("the chunk of a bad record is %+v", c)
	}
	spec := memorySpec("t")
	spec.Until = connectors.Offsets{0: 1}
	if src, err = m.Source(spec); err != nil {
		t.Fatal(err)
	}
	if err := src.Open(ctx, nil); err != nil {
		t.Fatal(err)
	}
	next()
	if _, err := src.Poll(ctx); !errors.Is(err, io.EOF) {
		t.Fatalf("past its end: %v", err)
	}
}

// TestMemorySink: an epoch is written once.
func TestMemorySink(t *testing.T) {
	ctx := context.Background()
	m := NewMemory(1)
	if err := m.CreateTopic(ctx, "t", 1, 1, nil); err != nil {
		t.Fatal(err)
	}
	s, err := m.Sink(ctx, "x")
	if err != nil {
		t.Fatal(err)
	}
	for _, epoch := range []uint64{1, 1, 2} {
		if err := s.Commit(ctx, epoch, []connectors.Record{{Topic: "t", Value: []byte("v")}}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(m.Records("t", 0)); n != 2 {
		t.Errorf("%d records, want 2", n)
	}
	if e, err := s.Open(ctx); e != 2 || err != nil {
		t.Errorf("Open: %d, %v", e, err)
	}
}
