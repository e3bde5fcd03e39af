package kafka

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
)

// bufferedRecordsMax bounds what one producer holds; Produce blocks beyond it.
const bufferedRecordsMax = 50_000

// produceOptions are the options of every producer: acks of all replicas, idempotent, and no linger, because the
// client's default of 10 ms would be the whole latency of a single event.
func produceOptions() []kgo.Opt {
	return []kgo.Opt{
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerLinger(0),
		kgo.ProducerBatchCompression(kgo.Lz4Compression(), kgo.NoCompression()),
		kgo.MaxBufferedRecords(bufferedRecordsMax),
		kgo.RecordPartitioner(partitioner{}),
	}
}

// toKgo turns a record into the client's form; extra headers come after the record's own.
func toKgo(r *connectors.Record, extra []kgo.RecordHeader) *kgo.Record {
	out := &kgo.Record{Topic: r.Topic, Partition: r.Partition, Key: r.Key, Value: r.Value, Timestamp: r.Timestamp}
	if out.Timestamp.IsZero() {
		out.Timestamp = time.Now()
	}
	if len(r.Headers)+len(extra) > 0 {
		out.Headers = make([]kgo.RecordHeader, 0, len(r.Headers)+len(extra))
		for _, h := range r.Headers {
			out.Headers = append(out.Headers, kgo.RecordHeader{Key: h.Key, Value: h.Value})
		}
		out.Headers = append(out.Headers, extra...)
	}
	return out
}

// partitioner puts a record where its Partition says, else by Kafka's default key hash, else round robin.
type partitioner struct{}

type topicPartitioner struct {
	keyed kgo.TopicPartitioner
	next  int
}

func (partitioner) ForTopic(topic string) kgo.TopicPartitioner {
	return &topicPartitioner{keyed: kgo.StickyKeyPartitioner(nil).ForTopic(topic)}
}

func (*topicPartitioner) RequiresConsistency(r *kgo.Record) bool {
	return r.Partition >= 0 || r.Key != nil
}

func (p *topicPartitioner) Partition(r *kgo.Record, n int) int {
	switch {
	case r.Partition >= 0:
		return int(r.Partition) // the client refuses one that is not there
	case r.Key != nil:
		return p.keyed.Partition(r, n)
	}
	p.next++
	return p.next % n
}
