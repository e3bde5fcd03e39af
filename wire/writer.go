package wire

import (
	"net"
	"time"
)

// outBufferKeep is the largest output buffer, in bytes, that a connection keeps between messages.
const outBufferKeep = 4 * outFlushSize

// writer is a connection's output: messages are appended to buf and written by flush.
type writer struct {
	conn     net.Conn
	buf      []byte
	timeout  time.Duration
	deadline time.Time // of conn's writes
	err      error     // the write error that ended the connection, if one did
}

// flush writes what was appended. After an error nothing is written any more.
func (w *writer) flush() error {
	if w.err != nil || len(w.buf) == 0 {
		return w.err
	}
	if err := w.extendDeadline(); err != nil {
		return err
	}
	_, w.err = w.conn.Write(w.buf)
	if cap(w.buf) > outBufferKeep {
		w.buf = nil
	}
	w.buf = w.buf[:0]
	return w.err
}

// extendDeadline keeps the write deadline at least three quarters of the timeout away. Setting it for every write
// would cost a timer operation a query.
func (w *writer) extendDeadline() error {
	now := time.Now()
	if w.deadline.Sub(now) >= w.timeout*3/4 {
		return nil
	}
	w.deadline = now.Add(w.timeout)
	w.err = w.conn.SetWriteDeadline(w.deadline)
	return w.err
}

// flushFull flushes once enough is buffered for one write.
func (w *writer) flushFull() error {
	if len(w.buf) < outFlushSize {
		return nil
	}
	return w.flush()
}
