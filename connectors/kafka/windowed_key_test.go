package kafka

import (
	"encoding/binary"
	"encoding/hex"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// TestWindowedKey reads keys as Kafka Streams writes them and writes them again.
func TestWindowedKey(t *testing.T) {
	cols := []connectors.Column{{Name: "K", Type: types.T(types.Text), From: connectors.Key}, {Name: "V", Type: types.T(types.Int4)},
		{Name: "windowstart", Type: types.T(types.Int8), From: connectors.WindowStart}, {Name: "windowend", Type: types.T(types.Int8), From: connectors.WindowEnd}}
	for _, c := range []struct {
		f          connectors.Formats
		key        []byte
		start, end int64
	}{
		{connectors.Formats{KeyFormat: "kafka", Window: "time", WindowSize: 30 * time.Second}, binary.BigEndian.AppendUint64([]byte("a"), 60000), 60000, 90000},
		{connectors.Formats{KeyFormat: "kafka", Window: "session"}, binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64([]byte("a"), 1500), 1000), 1000, 1500},
	} {
		l, err := newLayout(connectors.SourceSpec{Topic: "t", Columns: cols, Need: []int{0, 1, 2, 3}, Formats: c.f})
		if err != nil {
			t.Fatal(err)
		}
		r, err := l.newRowReader()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.add(&kgo.Record{Key: c.key, Value: []byte(`{"V":1}`)}); err != nil {
			t.Fatal(err)
		}
		b := r.seal()
		if s, e := batch.ValueAt(b.Cols[2], 0).I, batch.ValueAt(b.Cols[3], 0).I; s != c.start || e != c.end {
			t.Errorf("%s: window %d to %d, want %d to %d", c.f.Window, s, e, c.start, c.end)
		}
		e, err := newEncoder(cols, c.f)
		if err != nil {
			t.Fatal(err)
		}
		k, _, err := e.Encode(nil, nil, b, 0, false)
		if err != nil || hex.EncodeToString(k) != hex.EncodeToString(c.key) {
			t.Errorf("%s: key %x, want %x (%v)", c.f.Window, k, c.key, err)
		}
		if _, err := r.add(&kgo.Record{Key: []byte("short"), Value: []byte(`{"V":1}`)}); pgerr.Code(err) != pgerr.InvalidBinaryRepresentation {
			t.Errorf("a key without a window: %v", err)
		}
	}
}

// TestHeaders reads all headers of a record, and single ones; those of our own transactions are not shown.
func TestHeaders(t *testing.T) {
	all := types.ArrayOf(types.Type{Kind: types.Record, Fields: []types.Field{{Name: "KEY", Type: types.T(types.Text)}, {Name: "VALUE", Type: types.T(types.Bytea)}}})
	cols := []connectors.Column{{Name: "V", Type: types.T(types.Int4)}, {Name: "H", Type: all, From: connectors.Headers},
		{Name: "A", Type: types.T(types.Bytea), From: connectors.Headers, Header: "a"}, {Name: "Z", Type: types.T(types.Bytea), From: connectors.Headers, Header: "z"}}
	l, err := newLayout(connectors.SourceSpec{Topic: "t", Columns: cols, Need: []int{0, 1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := l.newRowReader()
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.add(&kgo.Record{Value: []byte(`{"V":1}`), Headers: []kgo.RecordHeader{{Key: TxnHeader, Value: []byte("1")},
		{Key: "a", Value: []byte("x")}, {Key: "b", Value: nil}, {Key: "a", Value: []byte("y")}}})
	if err != nil {
		t.Fatal(err)
	}
	b := r.seal()
	want := []string{"1", `{"(a,\"\\\\x78\")","(b,)","(a,\"\\\\x79\")"}`, `\x79`, "NULL"}
	for i, w := range want {
		got := "NULL"
		if v := batch.ValueAt(b.Cols[i], 0); !v.Null {
			got = string(types.AppendText(nil, cols[i].Type, v, nil))
		}
		if got != w {
			t.Errorf("column %s: %s, want %s", cols[i].Name, got, w)
		}
	}
}
