package kafka

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
	"streamsql/connectors/format"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// RecordBytesMax is the largest record, key and value together, that is decoded; a larger one is a bad record. Kafka's
// own default limit is 1 MiB.
const RecordBytesMax = 16 << 20

// rowReader turns records into rows; one goroutine at a time.
type rowReader struct {
	*layout
	rows       *format.Rows
	key, value format.Decoder // nil: nothing to read from the part
	clock      format.Clock
	window     keyWindow // of the record being read
}

// add appends the row of one record. An error is what is wrong with the record; added says whether it gave a row all
// the same (on_error = 'null').
func (r *rowReader) add(rec *kgo.Record) (added bool, err error) {
	r.rows.Begin()
	if err = r.decode(rec); err == nil {
		return true, nil
	}
	r.rows.Drop()
	if r.onError != nullRow {
		return false, err
	}
	return r.addNulls(rec), err
}

// addNulls appends the row of a bad record: its metadata, its key if that can be read, the rest NULL. There is no such
// row where a column must not be NULL, and none for a table's record without a readable key.
func (r *rowReader) addNulls(rec *kgo.Record) bool {
	if len(rec.Key)+len(rec.Value) > RecordBytesMax {
		return false
	}
	r.rows.Begin()
	if err := r.decodeKey(rec); err != nil {
		r.rows.Drop()
		if r.spec.Upsert {
			return false
		}
		r.rows.Begin()
	}
	r.setMeta(rec, recordTime(rec))
	return r.rows.End(1, true) == nil
}

func (r *rowReader) decode(rec *kgo.Record) error {
	if n := len(rec.Key) + len(rec.Value); n > RecordBytesMax {
		return pgerr.New(pgerr.ProgramLimitExceeded, "record of %d bytes is larger than the limit of %d", n, RecordBytesMax)
	}
	if err := r.decodeKey(rec); err != nil {
		return err
	}
	if rec.Value == nil && r.spec.Upsert {
		r.setMeta(rec, recordTime(rec))
		return r.rows.End(-1, false)
	}
	if rec.Value == nil && r.tombstones {
		r.setMeta(rec, recordTime(rec))
		return r.rows.End(1, false)
	}
	if rec.Value == nil {
		return pgerr.New(pgerr.NullValueNotAllowed, "record has no value")
	}
	if r.value != nil {
		if err := r.value.Decode(rec.Value, r.rows); err != nil {
			return err
		}
	}
	if len(r.meta) > 0 {
		at, err := r.rowtime(rec)
		if err != nil {
			return err
		}
		r.setMeta(rec, at)
	}
	return r.rows.End(1, true)
}

func (r *rowReader) decodeKey(rec *kgo.Record) error {
	r.window.ok = false
	if rec.Key == nil {
		if r.spec.Upsert && r.keyCols > 0 {
			return pgerr.New(pgerr.NullValueNotAllowed, "record of a table has no key")
		}
		return nil
	}
	key := rec.Key
	if r.spec.Window != "" {
		var err error
		if key, err = r.window.cut(key, r.spec.Formats); err != nil {
			return err
		}
	}
	if r.key == nil {
		return nil
	}
	return r.key.Decode(key, r.rows)
}

// recordTime is a record's timestamp in microseconds since 2000; what no timestamp can hold is the epoch of 1970.
func recordTime(rec *kgo.Record) int64 {
	us, err := format.TimestampFromMillis(rec.Timestamp.UnixMilli())
	if err != nil {
		us, _ = format.TimestampFromMillis(0)
	}
	return us
}

// rowtime is ROWTIME in microseconds since 2000: the timestamp column's value, or the record's timestamp.
func (r *rowReader) rowtime(rec *kgo.Record) (int64, error) {
	if r.tsCol < 0 {
		return recordTime(rec), nil
	}
	c := r.spec.Columns[r.tsCol]
	var us int64
	var ok bool
	var err error
	switch c.Type.Class() {
	case types.ClassInt:
		if us, ok = r.rows.IntAt(r.tsCol); ok && c.Type.Kind == types.Int8 {
			us, err = format.TimestampFromMillis(us)
		}
	case types.ClassBytes:
		var text []byte
		if text, ok = r.rows.BytesAt(r.tsCol); ok {
			us, err = r.timeOf(text)
		}
	}
	if !ok {
		return 0, pgerr.New(pgerr.NullValueNotAllowed, "timestamp column %q is null", c.Name)
	}
	return us, format.Named(c.Name, err)
}

// timeOf reads the text of the timestamp column; one without a zone is UTC.
func (r *rowReader) timeOf(text []byte) (int64, error) {
	if r.pattern == nil {
		return r.clock.Timestamp(text)
	}
	return r.pattern.ParseTimestamp(string(text), time.UTC)
}

func (r *rowReader) setMeta(rec *kgo.Record, at int64) {
	for _, m := range r.meta {
		switch {
		case m.from == connectors.Timestamp && m.millis:
			r.rows.SetInt(m.col, format.MillisFromTimestamp(at))
		case m.from == connectors.Timestamp:
			r.rows.SetInt(m.col, at)
		case m.from == connectors.Partition:
			r.rows.SetInt(m.col, int64(rec.Partition))
		case m.from == connectors.Offset:
			r.rows.SetInt(m.col, rec.Offset)
		case m.from == connectors.Tombstone && rec.Value == nil:
			r.rows.SetInt(m.col, 1)
		case m.from == connectors.Tombstone:
			r.rows.SetInt(m.col, 0)
		case m.from == connectors.Headers:
			r.setHeaders(m, rec)
		case m.from == connectors.WindowStart && r.window.ok:
			r.rows.SetInt(m.col, r.window.start)
		case m.from == connectors.WindowEnd && r.window.ok:
			r.rows.SetInt(m.col, r.window.end)
		}
	}
}

// seal hands over the rows so far; a batch of no rows if there are none.
func (r *rowReader) seal() *batch.Batch {
	b := r.rows.Seal()
	if r.hidden >= 0 {
		b.Cols[r.hidden] = nil
	}
	return b
}
