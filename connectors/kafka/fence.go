package kafka

import (
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
)

// refused reports that a commit was certainly not done.
func refused(err error) bool {
	return errors.Is(err, kerr.OperationNotAttempted) || errors.Is(err, kerr.TransactionAbortable)
}

// fenced reports that another producer has taken the transactional id.
func fenced(err error) bool {
	return errors.Is(err, kerr.ProducerFenced) || errors.Is(err, kerr.InvalidProducerEpoch)
}
