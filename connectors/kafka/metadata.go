package kafka

import (
	"context"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// topicInfo is what a broker says of a topic now.
type topicInfo struct {
	id      [16]byte        // new for a topic that was deleted and made anew
	leaders map[int32]int32 // by partition; -1: none at the moment
}

// describe asks for a topic's metadata. It goes round the client's cache, which would show a deleted topic for a while.
// A topic that does not exist is kerr.UnknownTopicOrPartition.
func describe(ctx context.Context, cl *kgo.Client, topic string) (*topicInfo, error) {
	req := kmsg.NewPtrMetadataRequest()
	rt := kmsg.NewMetadataRequestTopic()
	rt.Topic = kmsg.StringPtr(topic)
	req.Topics = append(req.Topics, rt)
	resp, err := req.RequestWith(ctx, cl)
	if err != nil {
		return nil, err
	}
	for _, t := range resp.Topics {
		if t.Topic == nil || *t.Topic != topic {
			continue
		}
		if err := kerr.ErrorForCode(t.ErrorCode); err != nil {
			return nil, err
		}
		info := &topicInfo{id: t.TopicID, leaders: make(map[int32]int32, len(t.Partitions))}
		for _, p := range t.Partitions {
			info.leaders[p.Partition] = p.Leader
		}
		if len(info.leaders) > 0 {
			return info, nil
		}
	}
	return nil, kerr.UnknownTopicOrPartition
}
