package wire

import (
	"bytes"
	"context"

	"streamsql/internal/pgerr"
	"streamsql/internal/session"
)

// copySignature opens binary COPY data: the signature, no flags, no header extension.
const copySignature = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"

// withCopyDefaults fills options that were not given; a zero delimiter means that none were.
func withCopyDefaults(o session.CopyOptions) session.CopyOptions {
	if o.Format == "" {
		o.Format = "text"
	}
	if o.Quote == 0 {
		o.Quote = '"'
	}
	if o.Delimiter != 0 {
		return o
	}
	o.Delimiter = '\t'
	if o.Format == "csv" {
		o.Delimiter = ','
	}
	if o.Format == "text" && o.Null == "" {
		o.Null = `\N`
	}
	return o
}

// copyOut sends a result as COPY data, live: what there is goes out whenever the result waits.
func (c *conn) copyOut(ctx context.Context, s *rowStream, enc *rowEncoder) (int64, error) {
	var opts session.CopyOptions
	if f, ok := s.res.(session.CopyFormat); ok {
		opts = f.CopyOptions()
	}
	opts = withCopyDefaults(opts)
	cols := s.res.Columns()
	put, err := copyRow(opts)
	if err != nil {
		return 0, err
	}
	var formats []int16
	if opts.Format == "binary" {
		formats = []int16{1}
	}
	enc.reset(cols, formats, c.sess.Format())
	c.out.buf = appendCopyResponse(c.out.buf, 'H', len(cols), opts.Format == "binary")
	c.copyHead(opts, cols)
	sent, err := c.sendRows(ctx, s, enc, 0, put)
	if cap(c.scratch) > outBufferKeep {
		c.scratch = nil
	}
	if err != nil {
		return sent, err
	}
	if opts.Format == "binary" {
		c.out.buf = appendCopyData(c.out.buf, []byte{0xff, 0xff})
	}
	c.out.buf = appendCopyDone(c.out.buf)
	return sent, nil
}

// copyRow returns how a row is written in opts' format.
func copyRow(opts session.CopyOptions) (putRow, error) {
	switch opts.Format {
	case "binary":
		return putCopyBinary, nil
	case "text", "csv":
		return func(c *conn, enc *rowEncoder, dst []byte, row int) ([]byte, error) {
			return c.putCopyText(&opts, enc, dst, row)
		}, nil
	}
	return nil, pgerr.New(pgerr.InvalidParameterValue, "COPY format %q not recognized", opts.Format)
}

func appendCopyData(dst, data []byte) []byte {
	dst, at := beginMessage(dst, 'd')
	return endMessage(append(dst, data...), at)
}

// copyHead sends what comes before the first row.
func (c *conn) copyHead(opts session.CopyOptions, cols []session.Column) {
	if opts.Format == "binary" {
		c.out.buf = appendCopyData(c.out.buf, []byte(copySignature))
		return
	}
	if !opts.Header {
		return
	}
	var at int
	c.out.buf, at = beginMessage(c.out.buf, 'd')
	for i := range cols {
		if i > 0 {
			c.out.buf = append(c.out.buf, opts.Delimiter)
		}
		c.out.buf = appendCopyField(c.out.buf, &opts, []byte(cols[i].Name), len(cols) == 1)
	}
	c.out.buf = endMessage(append(c.out.buf, '\n'), at)
}

func putCopyBinary(_ *conn, enc *rowEncoder, dst []byte, row int) ([]byte, error) {
	dst, at := beginMessage(dst, 'd')
	dst, err := enc.appendFields(dst, row)
	if err != nil {
		return dst[:at-1], err
	}
	return endMessage(dst, at), nil
}

// putCopyText appends a row of text or CSV as one CopyData.
func (c *conn) putCopyText(opts *session.CopyOptions, enc *rowEncoder, dst []byte, row int) ([]byte, error) {
	dst, at := beginMessage(dst, 'd')
	for k := range enc.cols {
		if k > 0 {
			dst = append(dst, opts.Delimiter)
		}
		if enc.nulls[k].Has(row) {
			dst = append(dst, opts.Null...)
			continue
		}
		var err error
		if c.scratch, err = enc.cols[k].append(c.scratch[:0], &enc.cols[k], enc.batch.Cols[k], row); err != nil {
			return dst[:at-1], err
		}
		dst = appendCopyField(dst, opts, c.scratch, len(enc.cols) == 1)
	}
	return endMessage(append(dst, '\n'), at), nil
}

// appendCopyField appends one value that is not NULL, escaped; alone means that the row has no other.
func appendCopyField(dst []byte, opts *session.CopyOptions, value []byte, alone bool) []byte {
	if opts.Format == "csv" {
		return appendCSVField(dst, opts, value, alone)
	}
	for _, b := range value {
		switch {
		case b >= '\b' && b <= '\r':
			dst = append(dst, '\\', "btnvfr"[b-'\b'])
		case b == '\\' || b == opts.Delimiter:
			dst = append(dst, '\\', b)
		default:
			dst = append(dst, b)
		}
	}
	return dst
}

// appendCSVField quotes a value that would read back as something else: with a delimiter, quote or line end inside,
// equal to the NULL string, or like the end-of-data marker.
func appendCSVField(dst []byte, opts *session.CopyOptions, value []byte, alone bool) []byte {
	plain := string(value) != opts.Null && !(alone && string(value) == `\.`) &&
		bytes.IndexByte(value, opts.Delimiter) < 0 && bytes.IndexByte(value, opts.Quote) < 0 && !bytes.ContainsAny(value, "\r\n")
	if plain {
		return append(dst, value...)
	}
	dst = append(dst, opts.Quote)
	for _, b := range value {
		if b == opts.Quote {
			dst = append(dst, b)
		}
		dst = append(dst, b)
	}
	return append(dst, opts.Quote)
}
