package wire

import (
	"bytes"

	"streamsql/internal/pgerr"
	"streamsql/internal/session"
)

// Sizes of a copyReader's arenas. Rows are cut from them and they are not reused: a receiver may keep what it got.
const (
	copyArenaBytes  = 64 << 10
	copyArenaFields = 1024
)

// copyReader cuts COPY data, which arrives in pieces of any size, into rows of fields.
type copyReader struct {
	opts  session.CopyOptions
	cols  []session.Column
	emit  func(fields [][]byte) error
	rows  int64 // emitted
	lines int64 // seen, the current one included

	buf     []byte // data not yet cut
	scanned int    // bytes of buf that hold no line end
	quoted  bool   // CSV: inside quotes at scanned
	escaped bool   // text: a backslash precedes scanned
	crlf    bool   // lines end in \r\n, as the first one did
	ended   bool   // the end-of-data marker has come

	bytes  []byte
	fields [][]byte
}

func newCopyReader(opts session.CopyOptions, cols []session.Column, emit func([][]byte) error) *copyReader {
	return &copyReader{opts: opts, cols: cols, emit: emit}
}

// feed takes the next piece.
func (p *copyReader) feed(data []byte) error {
	if p.ended {
		return nil
	}
	p.buf = append(p.buf, data...)
	start := 0
	for !p.ended {
		end := p.lineEnd()
		if end < 0 {
			break
		}
		if err := p.row(p.buf[start:end]); err != nil {
			return err
		}
		start = end + 1
	}
	n := copy(p.buf, p.buf[start:])
	p.buf = p.buf[:n]
	p.scanned -= start
	if n > copyRowMax {
		return pgerr.New(pgerr.ProgramLimitExceeded, "COPY line exceeds %d bytes", copyRowMax)
	}
	return nil
}

// finish takes a last line without a line end.
func (p *copyReader) finish() error {
	if p.ended || len(p.buf) == 0 {
		return nil
	}
	if p.quoted {
		p.lines++
		return pgerr.New(pgerr.BadCopyFileFormat, "unterminated CSV quoted field")
	}
	return p.row(p.buf)
}

// lineEnd scans on to the next line end outside quotes and escapes, and returns its index, or -1.
func (p *copyReader) lineEnd() int {
	csv := p.opts.Format == "csv"
	for i := p.scanned; i < len(p.buf); i++ {
		b := p.buf[i]
		switch {
		case p.escaped:
			p.escaped = false
		case csv && b == p.opts.Quote:
			p.quoted = !p.quoted
		case !csv && b == '\\':
			p.escaped = true
		case b == '\n' && !p.quoted:
			p.scanned = i + 1
			return i
		}
	}
	p.scanned = len(p.buf)
	return -1
}

// row decodes one line.
func (p *copyReader) row(line []byte) error {
	p.lines++
	line, err := p.trimCR(line)
	if err != nil {
		return err
	}
	if string(line) == `\.` {
		p.ended = true
		return nil
	}
	if p.opts.Header && p.lines == 1 {
		return nil
	}
	p.reserve(len(line))
	if p.opts.Format == "csv" {
		err = p.splitCSV(line)
	} else {
		err = p.splitText(line)
	}
	if err != nil {
		return err
	}
	if n := len(p.fields); n < len(p.cols) {
		return pgerr.New(pgerr.BadCopyFileFormat, "missing data for column %q", p.cols[n].Name)
	}
	p.rows++
	return p.emit(p.fields[:len(p.cols):len(p.cols)])
}

// trimCR removes the carriage return of a \r\n; the first line decides which of the two ends lines.
func (p *copyReader) trimCR(line []byte) ([]byte, error) {
	ends := bytes.HasSuffix(line, []byte{'\r'})
	if p.lines == 1 {
		p.crlf = ends
	}
	if p.crlf && ends {
		line = line[:len(line)-1]
	}
	if p.opts.Format == "text" && bytes.IndexByte(line, '\r') >= 0 {
		return nil, pgerr.New(pgerr.BadCopyFileFormat, "literal carriage return found in data").
			WithHint("Use \"\\r\" to represent carriage return.")
	}
	return line, nil
}

// reserve makes room for a row whose fields together are no longer than size.
func (p *copyReader) reserve(size int) {
	if p.bytes == nil || cap(p.bytes)-len(p.bytes) < size {
		p.bytes = make([]byte, 0, max(copyArenaBytes, size))
	}
	if cap(p.fields)-len(p.fields) < len(p.cols) {
		p.fields = make([][]byte, 0, max(copyArenaFields, len(p.cols)))
	}
	p.fields = p.fields[len(p.fields):]
}

// add ends a field that begins at p.bytes[from]; null makes it NULL.
func (p *copyReader) add(from int, null bool) error {
	if len(p.fields) == len(p.cols) {
		return pgerr.New(pgerr.BadCopyFileFormat, "extra data after last expected column")
	}
	if null {
		p.fields = append(p.fields, nil)
		return nil
	}
	field := p.bytes[from:len(p.bytes):len(p.bytes)]
	if err := checkText(field); err != nil {
		return err
	}
	p.fields = append(p.fields, field)
	return nil
}

// splitText cuts a line of text format. NULL is recognised before escapes are taken out.
func (p *copyReader) splitText(line []byte) error {
	for more := true; more; {
		from := len(p.bytes)
		i := 0
		for i < len(line) && line[i] != p.opts.Delimiter {
			if line[i] == '\\' && i+1 < len(line) {
				b, n := unescape(line[i+1:])
				p.bytes = append(p.bytes, b)
				i += 1 + n
				continue
			}
			p.bytes = append(p.bytes, line[i])
			i++
		}
		if err := p.add(from, string(line[:i]) == p.opts.Null); err != nil {
			return err
		}
		if more = i < len(line); more {
			line = line[i+1:]
		}
	}
	return nil
}

// unescape decodes what follows a backslash and returns the byte and how many bytes it was written with.
func unescape(s []byte) (b byte, n int) {
	if i := bytes.IndexByte([]byte("btnvfr"), s[0]); i >= 0 {
		return '\b' + byte(i), 1
	}
	if s[0] >= '0' && s[0] <= '7' {
		for n < len(s) && n < 3 && s[n] >= '0' && s[n] <= '7' {
			b = b<<3 | s[n] - '0'
			n++
		}
		return b, n
	}
	if s[0] == 'x' && len(s) > 1 && hexDigit(s[1]) >= 0 {
		for n = 1; n < len(s) && n < 3 && hexDigit(s[n]) >= 0; n++ {
			b = b<<4 | byte(hexDigit(s[n]))
		}
		return b, n
	}
	return s[0], 1
}

func hexDigit(b byte) int {
	switch {
	case b >= '0' && b <= '9':
		return int(b - '0')
	case b|0x20 >= 'a' && b|0x20 <= 'f':
		return int(b|0x20-'a') + 10
	}
	return -1
}

// splitCSV cuts a record of CSV. A field with quotes is never NULL.
func (p *copyReader) splitCSV(line []byte) error {
	quote := p.opts.Quote
	for more := true; more; {
		from, sawQuote, inQuote := len(p.bytes), false, false
		i := 0
		for ; i < len(line) && (inQuote || line[i] != p.opts.Delimiter); i++ {
			switch {
			case line[i] != quote:
				p.bytes = append(p.bytes, line[i])
			case inQuote && i+1 < len(line) && line[i+1] == quote:
				p.bytes = append(p.bytes, quote)
				i++
			default:
				sawQuote, inQuote = true, !inQuote
			}
		}
		if inQuote {
			return pgerr.New(pgerr.BadCopyFileFormat, "unterminated CSV quoted field")
		}
		if err := p.add(from, !sawQuote && string(line[:i]) == p.opts.Null); err != nil {
			return err
		}
		if more = i < len(line); more {
			line = line[i+1:]
		}
	}
	return nil
}
