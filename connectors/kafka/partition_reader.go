package kafka

import (
	"context"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
	"streamsql/internal/pgerr"
)

// The bounds of what one chunk carries of bad records.
const (
	badRecordsMax = 256
	badBytesMax   = 4 << 20
)

// job is one partition's share of a fetch, or, without records, a gap that has no records for a committed reader.
type job struct {
	partition int32
	records   []*kgo.Record
	gap       bool
	from, to  int64 // the gap
}

// partitionReader decodes jobs into chunks; one goroutine at a time.
type partitionReader struct {
	s    *source
	rows *rowReader
	jobs chan job

	// The chunk under construction.
	partition int32
	next      int64
	sent      int64 // position after the last chunk sent
	txn       []byte
	txnCount  int
	first     int64 // offset of the first record in the chunk
	records   int
	bad       []connectors.BadRecord
	badBytes  int
	maxMillis int64
}

func (s *source) newPartitionReader() (*partitionReader, error) {
	rows, err := s.layout.newRowReader()
	return &partitionReader{s: s, rows: rows, jobs: make(chan job, jobQueue)}, err
}

func (r *partitionReader) run(ctx context.Context) {
	for {
		select {
		case j := <-r.jobs:
			ok := r.read(j)
			r.s.pending.Add(-1)
			if !ok {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// read decodes a job and sends its chunks. False means that the source is at its end, failed or being closed.
func (r *partitionReader) read(j job) bool {
	pos := r.s.position(j.partition)
	if pos == nil {
		return true // a fetch that was on its way when the topic went
	}
	r.partition, r.next = j.partition, pos.next.Load()
	r.sent = r.next
	if j.gap {
		if j.from == r.next {
			r.next = j.to
		}
		return r.flush(pos)
	}
	ok := true
	for i := 0; i < len(j.records) && ok; i++ {
		rec := j.records[i]
		if pos.until >= 0 && rec.Offset >= pos.until {
			r.next = max(r.next, pos.until)
			break
		}
		if rec.Offset >= r.next { // else it came twice, after the partition was taken up again
			ok = r.record(rec, len(j.records)-i, pos)
		}
	}
	for _, rec := range j.records {
		rec.Recycle()
	}
	return ok && r.flush(pos)
}

// record adds one record to the chunk, after sending the chunk where it must not or cannot grow. left is how many
// records the job still has.
func (r *partitionReader) record(rec *kgo.Record, left int, pos *position) bool {
	if rec.Attrs.IsControl() {
		r.next = rec.Offset + 1
		return true
	}
	id, count := txnOf(rec)
	if r.records > 0 && (string(id) != string(r.txn) || r.rows.rows.Full() || len(r.bad) >= badRecordsMax || r.badBytes >= badBytesMax) {
		if !r.flush(pos) {
			return false
		}
	}
	if r.records == 0 {
		r.first = rec.Offset
		r.txn, r.txnCount = append(r.txn[:0], id...), count
		if count > 0 {
			left = min(left, count)
		}
		r.rows.rows.Hint(left)
	}
	if _, err := r.rows.add(rec); err != nil {
		if r.s.layout.onError == stopSource {
			if r.flush(pos) {
				r.s.emit(item{err: stopError(rec, err)})
			}
			return false
		}
		r.addBad(rec, err)
	}
	r.records++
	r.next = rec.Offset + 1
	if ms := rec.Timestamp.UnixMilli(); r.records == 1 || ms > r.maxMillis {
		r.maxMillis = ms
	}
	return true
}

func stopError(rec *kgo.Record, err error) error {
	e := pgerr.New(pgerr.Code(err), "record at offset %d of partition %d of topic %q: %v", rec.Offset, rec.Partition, rec.Topic, err)
	e.Err = err
	return e
}

// txnOf returns the SQL transaction that a record belongs to, and how many records that has; nil and 0 without one.
// Headers that make no sense are not ours.
func txnOf(rec *kgo.Record) (id []byte, count int) {
	if len(rec.Headers) == 0 {
		return nil, 0
	}
	for _, h := range rec.Headers {
		switch h.Key {
		case TxnHeader:
			id = h.Value
		case TxnRecordsHeader:
			count, _ = strconv.Atoi(string(h.Value))
		}
	}
	if len(id) == 0 || count <= 0 {
		return nil, 0
	}
	return id, count
}

func (r *partitionReader) addBad(rec *kgo.Record, err error) {
	b := connectors.BadRecord{
		Topic: rec.Topic, Partition: rec.Partition, Offset: rec.Offset, Time: rec.Timestamp,
		Key: clip(rec.Key), Value: clip(rec.Value), Err: err,
	}
	r.bad = append(r.bad, b)
	r.badBytes += len(b.Key) + len(b.Value)
}

// clip copies what is kept of a bad record's part; the record's memory is reused.
func clip(b []byte) []byte {
	if b == nil {
		return nil
	}
	return append([]byte{}, b[:min(len(b), connectors.BadRecordBytesMax)]...)
}

// flush sends the chunk, if the position has moved, and starts the next.
func (r *partitionReader) flush(pos *position) bool {
	if r.next == r.sent {
		return true
	}
	c := &connectors.Chunk{
		Batch: r.rows.seal(), Partition: r.partition, First: r.first, Next: r.next,
		Txn: string(r.txn), TxnRecords: r.txnCount, Records: r.records, Bad: r.bad,
	}
	if r.records > 0 {
		c.MaxTime = time.UnixMilli(r.maxMillis)
	}
	r.sent = r.next
	r.txn, r.txnCount, r.records, r.bad, r.badBytes = r.txn[:0], 0, 0, nil, 0
	pos.next.Store(r.next)
	if pos.until >= 0 && r.next >= pos.until {
		r.s.cl.PauseFetchPartitions(map[string][]int32{r.s.layout.spec.Topic: {r.partition}})
	}
	return r.s.emit(item{chunk: c})
}
