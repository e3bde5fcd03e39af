package kafka

// BrokerConfig says how the embedded broker runs.
type BrokerConfig struct {
	Dir        string // data directory, made if missing; required
	Listen     string // host:port; port 0 takes a free one
	Sync       bool   // fsync every batch before it is acknowledged
	Partitions int    // of a topic that a producer's first record makes; 0 = PartitionsDefault
}

// Broker is an embedded Kafka broker.
type Broker struct{ addr string }

// StartBroker starts the embedded broker with the topics found in its directory.
func StartBroker(c BrokerConfig) (*Broker, error) { panic("unfinished: StartBroker") }

// Addr is the host:port the broker listens on.
func (b *Broker) Addr() string { return b.addr }

// Close stops the broker.
func (b *Broker) Close() {}
