package kafka

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// rawBatch is a batch of one record with sequence number seq.
func rawBatch(pid int64, epoch int16, seq int32) []byte {
	rec := kmsg.Record{Value: []byte("x")}
	rec.Length = int32(len(rec.AppendTo(nil)) - 1)
	b := kmsg.RecordBatch{PartitionLeaderEpoch: -1, Magic: 2, FirstTimestamp: 1, MaxTimestamp: 1, ProducerID: pid,
		ProducerEpoch: epoch, FirstSequence: seq, NumRecords: 1, Records: rec.AppendTo(nil)}
	raw := b.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[batchLengthAt:], uint32(len(raw)-12))
	binary.BigEndian.PutUint32(raw[batchCRCAt:], crc32.Checksum(raw[batchAttributesAt:], castagnoli))
	return raw
}

// produceRaw sends one batch to partition 0 and returns the offset it got.
func produceRaw(t *testing.T, cl *kgo.Client, topic string, raw []byte) (int64, error) {
	t.Helper()
	req := kmsg.NewPtrProduceRequest()
	req.Acks, req.TimeoutMillis = -1, 5000
	rt := kmsg.NewProduceRequestTopic()
	rt.Topic = topic
	rp := kmsg.NewProduceRequestTopicPartition()
	rp.Records = raw
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	resp, err := req.RequestWith(context.Background(), cl)
	if err != nil {
		return 0, err
	}
	p := resp.Topics[0].Partitions[0]
	return p.BaseOffset, kerr.ErrorForCode(p.ErrorCode)
}

// TestBrokerIdempotentAfterCrash: a batch whose acknowledgement was lost with the broker is not taken twice.
func TestBrokerIdempotentAfterCrash(t *testing.T) {
	for _, stale := range []bool{false, true} {
		dir := t.TempDir()
		b := testBroker(t, dir, "127.0.0.1:0")
		r := rigAt(t, b.Addr())
		topic := r.topic("plain", 1)
		init := kmsg.NewPtrInitProducerIDRequest()
		got, err := init.RequestWith(r.ctx, r.cl)
		if err != nil {
			t.Fatal(err)
		}
		send := func(seq int32) (int64, error) {
			cl, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.MaxVersions(kversion.V3_5_0())) // topics by name
			if err != nil {
				return 0, err
			}
			defer cl.Close()
			return produceRaw(t, cl, topic, rawBatch(got.ProducerID, got.ProducerEpoch, seq))
		}
		for seq := range int32(3) {
			if off, err := send(seq); err != nil || off != int64(seq) {
				t.Fatalf("batch %d: offset %d, %v", seq, off, err)
			}
			if stale && seq == 1 { // what is written down is older than the log
				b.Close()
				b = testBroker(t, dir, "127.0.0.1:0")
			}
		}
		crashed := t.TempDir()
		if err := os.CopyFS(crashed, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		b.Close()
		b = testBroker(t, crashed, "127.0.0.1:0")
		for _, c := range []struct {
			seq    int32
			offset int64
			err    error
		}{{2, 2, nil}, {0, 0, nil}, {3, 3, nil}, {5, 0, kerr.OutOfOrderSequenceNumber}, {4, 4, nil}, {3, 3, nil}} {
			off, err := send(c.seq)
			if !errors.Is(err, c.err) || err == nil && off != c.offset {
				t.Errorf("stale %v, batch %d after the crash: offset %d, %v; want %d, %v", stale, c.seq, off, err, c.offset, c.err)
			}
		}
		b.Close()
	}
}
