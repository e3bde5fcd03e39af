package wire

import (
	"context"
	"errors"

	"github.com/jackc/pgproto3/v2"

	"streamsql/internal/pgerr"
	"streamsql/internal/session"
)

// copyIn receives COPY … FROM STDIN and returns the number of rows.
func (c *conn) copyIn(ctx context.Context, s *rowStream) (int64, error) {
	recv, ok := s.res.(session.CopyReceiver)
	if !ok {
		return 0, pgerr.New(pgerr.InternalError, "result of COPY FROM takes no data")
	}
	opts := withCopyDefaults(recv.CopyOptions())
	if opts.Format != "text" && opts.Format != "csv" {
		return 0, pgerr.Unsupported(pgerr.NoPos, "COPY FROM STDIN in %s format", opts.Format)
	}
	cols := s.res.Columns()
	c.out.buf = appendCopyResponse(c.out.buf, 'G', len(cols), false)
	if err := c.out.flush(); err != nil {
		return 0, err
	}
	c.setReceiving(true)
	reader := newCopyReader(opts, cols, func(fields [][]byte) error { return recv.Receive(ctx, fields) })
	if err := c.copyData(ctx, reader); err != nil {
		return reader.rows, err
	}
	c.setReceiving(false)
	if err := recv.Done(ctx); err != nil {
		return reader.rows, err
	}
	for !s.done {
		if err := c.pull(ctx, s, 0); err != nil {
			return reader.rows, err
		}
	}
	return reader.rows, nil
}

// copyData feeds reader until the client is done.
func (c *conn) copyData(ctx context.Context, reader *copyReader) error {
	for {
		msg, err := c.receive()
		if err != nil {
			return endOfConnection{err}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		switch m := msg.(type) {
		case *pgproto3.CopyData:
			err = reader.feed(m.Data)
		case *pgproto3.CopyDone:
			return reader.line(reader.finish())
		case *pgproto3.CopyFail:
			return pgerr.New(pgerr.QueryCanceled, "COPY from stdin failed: %s", m.Message)
		case *pgproto3.Flush, *pgproto3.Sync:
		case *pgproto3.Terminate:
			return endOfConnection{errDone}
		default:
			return endOfConnection{pgerr.New(pgerr.ProtocolViolation, "unexpected message during COPY from stdin")}
		}
		if err != nil {
			return reader.line(err)
		}
	}
}

// endOfConnection marks an error inside a statement after which the connection cannot go on.
type endOfConnection struct{ err error }

func (e endOfConnection) Error() string { return e.err.Error() }
func (e endOfConnection) Unwrap() error { return e.err }

// line adds to an error at which line of the data it was found.
func (p *copyReader) line(err error) error {
	var e *pgerr.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	shown := *pgerr.From(err)
	if shown.Detail != "" {
		return &shown
	}
	return shown.WithDetail("Line %d of the COPY data.", p.lines)
}
