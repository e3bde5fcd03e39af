package kafka

import (
	"encoding/binary"

	"streamsql/connectors"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
)

// Keys of windowed tables have the window behind the key proper, as Kafka Streams' serializers write it: eight bytes,
// big endian, of milliseconds since 1970 for the start; before them as many for the end where windows are sessions.

// keyWindow is the window of one record's key, in milliseconds since 1970.
type keyWindow struct {
	start, end int64
	ok         bool // the record has a key
}

// cut takes the window off a key and returns the rest.
func (w *keyWindow) cut(key []byte, f connectors.Formats) ([]byte, error) {
	size := 8
	if f.Window == "session" {
		size = 16
	}
	n := len(key) - size
	if n < 0 {
		return nil, pgerr.New(pgerr.InvalidBinaryRepresentation, "key of %d bytes is too short for a window", len(key))
	}
	w.ok = true
	w.start = int64(binary.BigEndian.Uint64(key[len(key)-8:]))
	w.end = w.start + f.WindowSize.Milliseconds()
	if size == 16 {
		w.end = int64(binary.BigEndian.Uint64(key[n:]))
	}
	return key[:n], nil
}

// windowColumns are the columns that hold a row's window when records are written; -1: none.
type windowColumns struct {
	start, end int
	session    bool
}

func newWindowColumns(cols []connectors.Column, f connectors.Formats) windowColumns {
	w := windowColumns{start: -1, end: -1, session: f.Window == "session"}
	if f.Window == "" {
		return w
	}
	for i, c := range cols {
		switch c.From {
		case connectors.WindowStart:
			w.start = i
		case connectors.WindowEnd:
			w.end = i
		}
	}
	return w
}

// append puts the row's window behind its key.
func (w windowColumns) append(key []byte, b *batch.Batch, row int) []byte {
	if w.start < 0 || b.Cols[w.start] == nil {
		return key
	}
	if w.session && w.end >= 0 {
		key = binary.BigEndian.AppendUint64(key, uint64(batch.ValueAt(b.Cols[w.end], row).I))
	}
	return binary.BigEndian.AppendUint64(key, uint64(batch.ValueAt(b.Cols[w.start], row).I))
}
