package wire

import (
	"bytes"
	"context"
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
)

// columnsMax is the most columns that the protocol can count.
const columnsMax = 1<<15 - 1

// onQuery runs the statements of a simple query one by one and stops at the first error.
func (c *conn) onQuery(text string) error {
	ctx := c.begin()
	defer c.finish()
	c.unnamed.close()
	c.anonymous = nil
	statements, err := c.parse(ctx, text, nil)
	for _, st := range statements {
		if err := c.runSimple(ctx, st); err != nil {
			if err := c.report(err, text); err != nil {
				return err
			}
			return c.ready()
		}
	}
	switch {
	case err != nil:
		if err := c.report(err, text); err != nil {
			return err
		}
	case len(statements) == 0:
		c.out.buf = appendEmptyQuery(c.out.buf)
	}
	return c.ready()
}

func (c *conn) parse(ctx context.Context, text string, params []types.Type) ([]session.Statement, error) {
	if !utf8.ValidString(text) {
		return nil, checkText([]byte(text))
	}
	return c.sess.Parse(ctx, text, params)
}

// runSimple runs one statement and sends all of its result, as text.
func (c *conn) runSimple(ctx context.Context, st session.Statement) error {
	if len(st.Params()) > 0 {
		return pgerr.New(pgerr.UndefinedParameter, "there is no parameter $1")
	}
	res, err := c.sess.Execute(ctx, st, nil)
	if err != nil {
		return err
	}
	defer func() {
		res.Close()
		c.simple = rowStream{}
		c.rows.release()
	}()
	if err := checkColumns(res.Columns()); err != nil {
		return err
	}
	c.simple = rowStream{res: res}
	if st.Kind() == session.Rows {
		c.out.buf = appendRowDescription(c.out.buf, res.Columns(), nil)
		c.rows.reset(res.Columns(), nil, c.sess.Format())
	}
	sent, err := c.sendResult(ctx, st.Kind(), &c.simple, &c.rows, 0)
	if err != nil {
		return err
	}
	c.complete(res.Tag(), sent)
	return nil
}

// sendResult sends what a statement of that kind gives, up to limit rows of Rows (0: all).
func (c *conn) sendResult(ctx context.Context, kind session.Kind, s *rowStream, enc *rowEncoder, limit int64) (int64, error) {
	defer c.unwatch()
	switch kind {
	case session.Rows:
		return c.sendRows(ctx, s, enc, limit, putDataRow)
	case session.CopyOut:
		return c.copyOut(ctx, s, enc)
	case session.CopyIn:
		return c.copyIn(ctx, s)
	}
	for !s.done {
		if err := c.pull(ctx, s, 0); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// complete ends a statement: its notices, then its tag.
func (c *conn) complete(tag string, rows int64) {
	c.tell()
	c.out.buf = appendComplete(c.out.buf, tag, rows)
}

// checkText refuses bytes that are not text: our encoding on the wire is always UTF8, and no text holds a NUL.
func checkText(b []byte) error {
	if utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 {
		return nil
	}
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 || r == 0 {
			return pgerr.New(pgerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": 0x%02x", b[i])
		}
		i += size
	}
	return nil
}

// checkColumns refuses a row that the protocol cannot count the columns of.
func checkColumns(cols []session.Column) error {
	if len(cols) > columnsMax {
		return pgerr.New(pgerr.ProgramLimitExceeded, "result has %d columns, at most %d can be sent", len(cols), columnsMax)
	}
	return nil
}
