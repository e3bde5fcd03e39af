package wire

import (
	"encoding/binary"
	"net"

	"streamsql/internal/pgerr"
)

// Sizes of a reader's buffer, in bytes.
const (
	readBufferMin  = 16 << 10 // what an idle connection keeps; holds the messages of a usual query
	readBufferKeep = 64 << 10 // a buffer that grew beyond this for one message is given back after it
	readAheadMax   = 1 << 20  // what a watcher buffers while a query runs; more is left in the kernel
)

// reader is the pgproto3.ChunkReader of a connection. The buffer grows with the bytes that arrive, never with what a
// header claims, and no chunk is larger than max. A chunk is valid until the next call of Next.
//
// It is used by one goroutine at a time: the connection's, or the watcher's while a result blocks.
type reader struct {
	conn net.Conn
	buf  []byte // buf[r:w] has been read from conn and not been taken
	r, w int
	max  int   // bytes, largest chunk
	err  error // the read error that ended the connection, if one did
}

func newReader(conn net.Conn, max int) *reader {
	return &reader{conn: conn, buf: make([]byte, readBufferMin), max: max}
}

// buffered returns the number of bytes read and not taken.
func (rd *reader) buffered() int { return rd.w - rd.r }

// Next returns the next n bytes.
func (rd *reader) Next(n int) ([]byte, error) {
	if n > rd.max {
		return nil, pgerr.New(pgerr.ProtocolViolation, "message of %d bytes exceeds the limit of %d", n, rd.max)
	}
	for rd.buffered() < n {
		if err := rd.fill(); err != nil {
			return nil, err
		}
	}
	chunk := rd.buf[rd.r : rd.r+n : rd.r+n]
	rd.r += n
	return chunk, nil
}

// fill reads what conn has, at least one byte, making room first.
func (rd *reader) fill() error {
	if rd.err != nil {
		return rd.err
	}
	rd.makeRoom()
	n, err := rd.conn.Read(rd.buf[rd.w:])
	rd.w += n
	if n > 0 {
		return nil
	}
	if err != nil && !isTimeout(err) {
		rd.err = err
	}
	return err
}

// makeRoom leaves at least one free byte at the end of the buffer.
func (rd *reader) makeRoom() {
	switch {
	case rd.r == rd.w && len(rd.buf) > readBufferKeep:
		rd.buf, rd.r, rd.w = make([]byte, readBufferMin), 0, 0
	case rd.r == rd.w:
		rd.r, rd.w = 0, 0
	case rd.w == len(rd.buf) && rd.r > len(rd.buf)/2:
		rd.w = copy(rd.buf, rd.buf[rd.r:rd.w])
		rd.r = 0
	case rd.w == len(rd.buf):
		grown := make([]byte, 2*len(rd.buf))
		rd.w = copy(grown, rd.buf[rd.r:rd.w])
		rd.buf, rd.r = grown, 0
	}
}

// hasTerminate reports whether the buffered messages include a Terminate.
func (rd *reader) hasTerminate() bool {
	b := rd.buf[rd.r:rd.w]
	for len(b) >= 5 {
		if b[0] == 'X' {
			return true
		}
		n := uint64(binary.BigEndian.Uint32(b[1:])) + 1
		if n < 5 || n > uint64(len(b)) {
			return false
		}
		b = b[n:]
	}
	return false
}

func isTimeout(err error) bool {
	ne, ok := err.(net.Error)
	return ok && ne.Timeout()
}
