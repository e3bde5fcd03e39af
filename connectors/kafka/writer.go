package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"streamsql/connectors"
	"streamsql/internal/pgerr"
)

// The headers that every record of a transaction of several records carries, so that a reader knows when it has all.
const (
	TxnHeader        = "streamsql-txn"         // the transaction's id
	TxnRecordsHeader = "streamsql-txn-records" // the number of its records over all topics, in decimal
)

// How long the end of a transaction is waited for, whatever its context says: it must not stay open, because committed
// readers of its partitions would wait for it. If an abort takes longer the producer is given up, and the next one's
// start aborts.
const (
	commitMax = 10 * time.Second
	abortMax  = 2 * time.Second
)

// transactionMax is the broker's limit for an open transaction; then it aborts it.
const transactionMax = time.Minute

// Writer returns a writer. All writers of a Cluster share one transactional producer: they are cheap.
func (c *Cluster) Writer(ctx context.Context) (connectors.Writer, error) {
	return &writer{c}, nil
}

type writer struct{ cluster *Cluster }

func (w *writer) Close() error { return nil }

// Write implements connectors.Writer. One record is a plain idempotent produce. When ctx ends first, that one record
// may still become visible later; a transaction is aborted.
func (w *writer) Write(ctx context.Context, recs []connectors.Record) ([]connectors.Written, error) {
	switch len(recs) {
	case 0:
		return nil, nil
	case 1:
		return w.cluster.writeOne(ctx, &recs[0])
	}
	return w.cluster.txn.write(ctx, recs)
}

func (c *Cluster) writeOne(ctx context.Context, rec *connectors.Record) ([]connectors.Written, error) {
	type result struct {
		r   *kgo.Record
		err error
	}
	done := make(chan result, 1)
	c.plain.Produce(ctx, toKgo(rec, nil), func(r *kgo.Record, err error) { done <- result{r, err} })
	select {
	case res := <-done:
		if res.err != nil {
			return nil, topicError(rec.Topic, res.err)
		}
		return []connectors.Written{{Topic: res.r.Topic, Partition: res.r.Partition, Offset: res.r.Offset}}, nil
	case <-ctx.Done(): // a record on its way cannot be called back
		return nil, fmt.Errorf("write to topic %q, which may still happen: %w", rec.Topic, ctx.Err())
	}
}

// txnWriter is the transactional producer of all writers: transactions run one after the other.
type txnWriter struct {
	cluster *Cluster
	process string        // makes ids of transactions unique over restarts
	turn    chan struct{} // holds one element while the fields below are in use: a lock that a context can wait for

	cl     *kgo.Client // nil: not made yet, or given up after an error
	seq    uint64
	closed bool
}

func newTxnWriter(c *Cluster) *txnWriter {
	return &txnWriter{cluster: c, process: randomID(), turn: make(chan struct{}, 1)}
}

func (w *txnWriter) write(ctx context.Context, recs []connectors.Record) ([]connectors.Written, error) {
	select {
	case w.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("write a transaction: %w", ctx.Err())
	}
	defer func() { <-w.turn }()
	if err := w.open(); err != nil {
		return nil, err
	}
	w.seq++
	id := w.process + "-" + strconv.FormatUint(w.seq, 10)
	headers := []kgo.RecordHeader{
		{Key: TxnHeader, Value: []byte(id)},
		{Key: TxnRecordsHeader, Value: strconv.AppendInt(nil, int64(len(recs)), 10)},
	}
	out, err := transact(ctx, w.cl, recs, headers)
	if err != nil {
		w.recover(err)
	}
	return out, err
}

// forget drops what the client knows of a topic, between two transactions.
func (w *txnWriter) forget(ctx context.Context, topic string) error {
	select {
	case w.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("forget topic %q: %w", topic, ctx.Err())
	}
	defer func() { <-w.turn }()
	if w.cl != nil {
		w.cl.PurgeTopicsFromProducing(topic)
	}
	return nil
}

// open makes the client.
func (w *txnWriter) open() error {
	if w.closed {
		return pgerr.New(pgerr.ConnectionFailure, "the connection to Kafka is closed")
	}
	if w.cl != nil {
		return nil
	}
	cl, err := w.cluster.transactional("streamsql-writer-" + w.cluster.cfg.ServerID)
	w.cl = cl
	return err
}

// recover gives the client up after an error that may have left it unusable: the next one starts by fencing what
// this one left behind.
func (w *txnWriter) recover(err error) {
	var e *abortedError
	if errors.As(err, &e) {
		return
	}
	w.cl.Close()
	w.cl = nil
}

func (w *txnWriter) close() {
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	w.closed = true
	if w.cl != nil {
		w.cl.Close()
		w.cl = nil
	}
}

// transactional returns a producer with a transactional id.
func (c *Cluster) transactional(id string) (*kgo.Client, error) {
	opts := append(c.baseOptions(), produceOptions()...)
	opts = append(opts, kgo.TransactionalID(id), kgo.TransactionTimeout(transactionMax))
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, fmt.Errorf("make transactional producer %q: %w", id, err)
	}
	return cl, nil
}

// abortedError says that a transaction failed and was aborted: nothing of it is visible and the producer can go on.
type abortedError struct{ err error }

func (e *abortedError) Error() string { return e.err.Error() }
func (e *abortedError) Unwrap() error { return e.err }

// transact produces recs in one transaction: all become visible or none. Any error but abortedError leaves the client
// to be closed; then it is not known whether the transaction was committed.
func transact(ctx context.Context, cl *kgo.Client, recs []connectors.Record, headers []kgo.RecordHeader) ([]connectors.Written, error) {
	if err := cl.BeginTransaction(); err != nil {
		return nil, brokerError("begin a transaction", err)
	}
	produced, err := produceAll(ctx, cl, recs, headers)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, abort(ctx, cl, err)
	}
	// From here on ctx counts no more: a commit that is cancelled half-way would have an unknown outcome.
	endCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitMax)
	defer cancel()
	if err := cl.EndTransaction(endCtx, kgo.TryCommit); err != nil {
		return nil, commitFailed(ctx, cl, err)
	}
	out := make([]connectors.Written, len(produced))
	for i, r := range produced {
		out[i] = connectors.Written{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset}
	}
	return out, nil
}

// produceAll produces recs and waits until all are acknowledged, or one failed.
func produceAll(ctx context.Context, cl *kgo.Client, recs []connectors.Record, headers []kgo.RecordHeader) ([]*kgo.Record, error) {
	out := make([]*kgo.Record, len(recs))
	var mu sync.Mutex
	var first error
	for i := range recs {
		out[i] = toKgo(&recs[i], headers)
		cl.Produce(ctx, out[i], func(r *kgo.Record, err error) {
			if err == nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if first == nil {
				first = topicError(r.Topic, err)
			}
		})
	}
	err := cl.Flush(ctx)
	mu.Lock()
	defer mu.Unlock()
	if first != nil {
		return nil, first
	}
	return out, brokerError("write a transaction", err)
}

// abort ends the transaction without its records and returns cause, as an abortedError if that worked.
func abort(ctx context.Context, cl *kgo.Client, cause error) error {
	endCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortMax)
	defer cancel()
	if err := cl.AbortBufferedRecords(endCtx); err != nil {
		return cause
	}
	if err := cl.EndTransaction(endCtx, kgo.TryAbort); err != nil {
		return cause
	}
	return &abortedError{cause}
}

// commitFailed sorts out a failed commit: refused ones are aborted, all else has an unknown outcome.
func commitFailed(ctx context.Context, cl *kgo.Client, err error) error {
	if refused(err) {
		return abort(ctx, cl, brokerError("commit a transaction", err))
	}
	e := pgerr.New(pgerr.ConnectionFailure, "commit a transaction: %v", err)
	e.Err = err
	return e.WithDetail("It is not known whether the records were written.")
}
