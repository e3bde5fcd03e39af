package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// fetcher reads a range of one partition by plain fetch requests. Unlike a consumer it tells where the next fetch has
// to start even when a fetch gave no record: after aborted transactions, control records and compacted gaps.
type fetcher struct {
	cl        *kgo.Client
	topic     string
	partition int32
	leader    int32
	id        [16]byte
	known     bool // leader and id
}

// fetchWait is how long a broker may wait for a fetch's first byte; a range that is read exists already.
const fetchWait = 500 * time.Millisecond

// fetcherBytes bounds one fetch's answer.
const fetcherBytes = 8 << 20

// step fetches once from offset at: the committed records, control records left out, and the offset to go on from.
// Retriable errors are retried until ctx is done.
func (f *fetcher) step(ctx context.Context, at int64) ([]*kgo.Record, int64, error) {
	for try := 0; ; try++ {
		recs, next, err := f.once(ctx, at)
		var ke *kerr.Error
		if err == nil || errors.As(err, &ke) && !ke.Retriable && !isUnknownTopic(err) {
			return recs, next, err
		}
		f.known = false
		if isUnknownTopic(err) && try > 3 {
			return nil, at, err
		}
		if !wait(ctx, backoff(try)) {
			return nil, at, fmt.Errorf("%w (%w)", err, ctx.Err())
		}
	}
}

// wait sleeps for d and returns true, or false once ctx is done.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (f *fetcher) locate(ctx context.Context) error {
	if f.known {
		return nil
	}
	t, err := describe(ctx, f.cl, f.topic)
	if err != nil {
		return err
	}
	leader, ok := t.leaders[f.partition]
	if !ok {
		return kerr.UnknownTopicOrPartition
	}
	if leader < 0 {
		return kerr.LeaderNotAvailable
	}
	f.leader, f.id, f.known = leader, t.id, true
	return nil
}

func (f *fetcher) once(ctx context.Context, at int64) ([]*kgo.Record, int64, error) {
	if err := f.locate(ctx); err != nil {
		return nil, at, err
	}
	resp, err := f.request(at).RequestWith(ctx, f.cl.Broker(int(f.leader)))
	if err != nil {
		return nil, at, err
	}
	if err := kerr.ErrorForCode(resp.ErrorCode); err != nil {
		return nil, at, err
	}
	if len(resp.Topics) != 1 || len(resp.Topics[0].Partitions) != 1 {
		return nil, at, fmt.Errorf("fetch topic %q: the response lacks its partition", f.topic)
	}
	rp := &resp.Topics[0].Partitions[0]
	if rp.ErrorCode == kerr.OffsetOutOfRange.Code && at < rp.LogStartOffset {
		return nil, rp.LogStartOffset, nil // what was before has been deleted
	}
	if err := kerr.ErrorForCode(rp.ErrorCode); err != nil {
		return nil, at, err
	}
	fp, next := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{
		Offset:         at,
		IsolationLevel: kgo.ReadCommitted(),
		Topic:          f.topic,
		Partition:      f.partition,
	}, rp, kgo.DefaultDecompressor(), nil)
	return fp.Records, max(next, at), fp.Err
}

func (f *fetcher) request(at int64) *kmsg.FetchRequest {
	req := kmsg.NewPtrFetchRequest()
	req.MaxWaitMillis = int32(fetchWait / time.Millisecond)
	req.MinBytes = 1
	req.MaxBytes = fetcherBytes
	req.IsolationLevel = 1
	rt := kmsg.NewFetchRequestTopic()
	rt.Topic, rt.TopicID = f.topic, f.id
	rp := kmsg.NewFetchRequestTopicPartition()
	rp.Partition, rp.FetchOffset, rp.PartitionMaxBytes, rp.CurrentLeaderEpoch = f.partition, at, 1<<20, -1
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	return req
}

// each calls fn for every committed record in [from, to). to must not be beyond the last stable offset.
func (f *fetcher) each(ctx context.Context, from, to int64, fn func(*kgo.Record) error) error {
	for from < to {
		recs, next, err := f.step(ctx, from)
		if err != nil {
			return topicError(f.topic, err)
		}
		for _, r := range recs {
			if r.Offset >= to {
				return nil
			}
			if err := fn(r); err != nil {
				return err
			}
		}
		from = next
	}
	return nil
}
