package wire

import (
	"context"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
)

// rowStream is a result on its way to the client. It remembers where in a batch a portal's row limit stopped it.
type rowStream struct {
	res   session.Result
	batch *batch.Batch
	row   int   // of batch, the next to send
	left  int64 // how many more times it is to be sent; 0: not looked at yet
	done  bool  // Next has returned nil
}

// next returns the next row of the stream and how many times it counts; ok is false when the batch at hand is used up.
func (s *rowStream) next() (row int, weight int64, ok bool, err error) {
	for s.batch != nil && s.row < len(s.batch.Weights) {
		if s.left == 0 {
			s.left = s.batch.Weights[s.row]
		}
		if s.left > 0 {
			return s.row, s.left, true, nil
		}
		if s.left < 0 {
			return 0, 0, false, pgerr.New(pgerr.InternalError, "result row has the negative weight %d", s.left)
		}
		s.row++
	}
	s.batch = nil
	return 0, 0, false, nil
}

// took counts n sendings of the row that next returned.
func (s *rowStream) took(n int64) {
	if s.left -= n; s.left == 0 {
		s.row++
	}
}

// pull gets the next batch. limit > 0 is the most rows that are wanted.
func (c *conn) pull(ctx context.Context, s *rowStream, limit int64) error {
	b, err := s.res.Next(ctx, int(limit), c.idle)
	if c.blocked.Load() {
		c.blocked.Store(false)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	s.batch, s.row, s.left, s.done = b, 0, 0, b == nil
	return nil
}

// sendRows sends rows by put until the result ends or, if limit > 0, limit rows are sent. It returns how many were.
func (c *conn) sendRows(ctx context.Context, s *rowStream, enc *rowEncoder, limit int64, put putRow) (sent int64, err error) {
	for {
		for {
			row, weight, ok, err := s.next()
			if err != nil {
				return sent, err
			}
			if !ok {
				break
			}
			if limit > 0 && weight > limit-sent {
				if weight = limit - sent; weight == 0 {
					return sent, nil
				}
			}
			for range weight {
				if c.out.buf, err = put(c, enc, c.out.buf, row); err != nil {
					return sent, err
				}
				if err := c.out.flushFull(); err != nil {
					return sent, err
				}
			}
			s.took(weight)
			sent += weight
		}
		if s.done || limit > 0 && sent == limit {
			return sent, nil
		}
		if err := c.pull(ctx, s, limit-sent); err != nil {
			return sent, err
		}
		if s.batch != nil {
			if err := enc.load(s.batch); err != nil {
				return sent, err
			}
		}
	}
}

// putRow appends one row as a message.
type putRow func(c *conn, enc *rowEncoder, dst []byte, row int) ([]byte, error)

func putDataRow(_ *conn, enc *rowEncoder, dst []byte, row int) ([]byte, error) {
	return enc.appendDataRow(dst, row)
}
