package wire

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

// report sends an SQL error and fails the transaction, open or implicit: its portals are gone. text is what error positions count in. It
// returns an error when the connection is to end instead.
func (c *conn) report(err error, text string) error {
	e, fatal := c.explain(err)
	if fatal != nil {
		return fatal
	}
	if e.Code == pgerr.InternalError {
		c.server.cfg.Logger.Error("statement failed with an internal error", "session", c.id, "err", err)
	}
	c.sess.Fail()
	c.closePortals()
	c.tell()
	c.out.buf = appendReport(c.out.buf, 'E', "ERROR", e.Code, e.Msg, e.Detail, e.Hint, position(text, e.Pos))
	return c.out.flush()
}

// explain turns an error into what the client is told, or into the reason to end the connection.
func (c *conn) explain(err error) (e *pgerr.Error, fatal error) {
	if c.out.err != nil {
		return nil, errDone
	}
	switch c.interruptedBy() {
	case causeGone:
		return nil, errDone
	case causeShutdown:
		return nil, errShutdown()
	case causeUser:
		if errors.Is(err, context.Canceled) || pgerr.Code(err) == pgerr.QueryCanceled {
			return pgerr.New(pgerr.QueryCanceled, "canceling statement due to user request"), nil
		}
	}
	var end endOfConnection
	if errors.As(err, &end) {
		return nil, end.err
	}
	return pgerr.From(err), nil
}

// position turns a byte offset into PostgreSQL's: in characters, from 1. 0 means none.
func position(text string, offset int) int {
	if offset < 0 || offset > len(text) || text == "" {
		return 0
	}
	return utf8.RuneCountInString(text[:offset]) + 1
}

// fail is report for the extended protocol: what follows is skipped up to Sync.
func (c *conn) fail(err error, text string) error {
	c.skipping = true
	return c.report(err, text)
}

// farewell ends the connection with err as a last word, if err has one to say.
func (c *conn) farewell(err error) {
	var e *pgerr.Error
	if errors.As(err, &e) {
		c.fatal(pgerr.From(err))
	}
}

// fatal sends a last error. The connection ends after it, so a client that does not read gets little time.
func (c *conn) fatal(e *pgerr.Error) {
	c.out.buf = appendReport(c.out.buf, 'E', "FATAL", e.Code, e.Msg, e.Detail, e.Hint, 0)
	c.out.deadline = time.Now().Add(max(farewellTimeout, c.out.timeout)) // not to be extended
	if c.out.conn.SetWriteDeadline(time.Now().Add(farewellTimeout)) == nil {
		c.out.flush()
	}
}
