package operators

import (
	"encoding/binary"
	"fmt"
	"math"

	"streamsql/internal/batch"
	"streamsql/internal/types"
	"streamsql/operators/rowkey"
	"streamsql/state"
)

// StreamJoinConfig says how ksqlDB's joins of streams match. Keys are one column a side, of types that compare; rows with
// a NULL key match nothing and do not come out.
type StreamJoinConfig struct {
	Left, Right         []types.Type
	LeftKey, RightKey   int
	LeftOuter           bool // a left row without a match comes out with NULLs
	RightOuter          bool // and a right one
	LeftTime, RightTime int  // columns of record times, microseconds; not for a table
	// Before and After bound how much earlier or later the right row's time may be, in microseconds.
	Before, After int64
	// Grace is how long, in microseconds of stream time after its window, a row waits for matches before it comes out alone;
	// -1: it comes out alone at once if there is no match yet.
	Grace int64
}

// streamJoin joins two streams whose rows are no further apart than a window. What has come out is never taken back: a
// row that came out alone comes out again with a match that comes later, unless a grace period made it wait.
//
// Law:   out grows only; its rows with both sides are the pairs of rows with equal keys whose times fit. The others depend
// on the order in which rows came.
// Table: left, right: key, time, number -> row; waits: end of waiting, side, number -> row; now: stream time and numbers.
// Bound: with a grace period rows leave when their window and the grace have passed; without one they stay.
type streamJoin struct {
	c     StreamJoinConfig
	sides [2]*streamSide
	waits *state.Table
	now   *state.Table
	time  int64  // stream time: the largest that came
	seq   uint64 // of the next row
	out   *batch.Builder

	keyBuf, rowBuf, waitBuf []byte
}

// streamSide is one input and its rows.
type streamSide struct {
	ts    []types.Type
	key   int
	codec *rowkey.Codec
	time  int
	outer bool
	rows  *state.Table
	nulls []byte // a row of NULLs
	// lo and hi bound the other side's times relative to a row of this one.
	lo, hi int64
}

// NewStreamJoin returns the join of two streams.
func NewStreamJoin(c StreamJoinConfig, sp *state.Space) (Operator, error) {
	if !sameKeys(c.Left[c.LeftKey], c.Right[c.RightKey]) {
		return nil, fmt.Errorf("stream join: the key compares %s with %s", c.Left[c.LeftKey], c.Right[c.RightKey])
	}
	o := &streamJoin{c: c, time: math.MinInt64, out: batch.NewBuilder(append(append([]types.Type(nil), c.Left...), c.Right...))}
	o.sides[0] = &streamSide{ts: c.Left, key: c.LeftKey, time: c.LeftTime, outer: c.LeftOuter, lo: -c.Before, hi: c.After}
	o.sides[1] = &streamSide{ts: c.Right, key: c.RightKey, time: c.RightTime, outer: c.RightOuter, lo: -c.After, hi: c.Before}
	for i, s := range o.sides {
		s.codec, s.nulls = rowkey.NewCodec(s.ts, []int{s.key}), batch.AppendRow(nil, make([]batch.Vec, len(s.ts)), 0)
		var err error
		if s.rows, err = sp.Table([]string{"left", "right"}[i]); err != nil {
			return nil, fmt.Errorf("stream join: open state: %w", err)
		}
	}
	var err error
	if o.waits, err = sp.Table("waits"); err != nil {
		return nil, fmt.Errorf("stream join: open state: %w", err)
	}
	if o.now, err = sp.Table("now"); err != nil {
		return nil, fmt.Errorf("stream join: open state: %w", err)
	}
	if v, ok := o.now.Get(nowKey); ok && len(v) == 16 {
		o.time, o.seq = fromOrdered(v), binary.BigEndian.Uint64(v[8:])
	}
	return o, nil
}

var nowKey = []byte("now")

// appendOrdered writes a time so that bytes compare as times do.
func appendOrdered(dst []byte, t int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(t)^1<<63)
}

func fromOrdered(b []byte) int64 { return int64(binary.BigEndian.Uint64(b) ^ 1<<63) }

// Push implements Operator.
func (o *streamJoin) Push(port int, in *batch.Batch, out Emitter) error {
	s, other := o.sides[port], o.sides[1-port]
	times, ok := in.Cols[s.time].(*batch.Ints)
	if !ok {
		return fmt.Errorf("stream join: column %d is no time", s.time)
	}
	vecs := s.codec.Vecs(in)
	for i, w := range in.Weights {
		if w < 0 {
			return fmt.Errorf("stream join: a retraction (weight %d) came", w)
		}
		if in.Cols[s.key].NullMap().Has(i) || times.NullMap().Has(i) {
			continue
		}
		key := s.codec.Append(nil, vecs, i)
		o.rowBuf = batch.AppendRow(o.rowBuf[:0], in.Cols, i)
		for ; w > 0; w-- {
			if err := o.row(port, s, other, key, times.V[i]); err != nil {
				return err
			}
		}
		if o.out.Len() >= batch.RowsMax/2 {
			if err := out.Emit(o.out.Seal()); err != nil {
				return err
			}
		}
	}
	if o.out.Len() == 0 {
		return nil
	}
	return out.Emit(o.out.Seal())
}

// row joins one row, which is in rowBuf, and keeps it.
func (o *streamJoin) row(port int, s, other *streamSide, key []byte, t int64) error {
	o.time = max(o.time, t)
	if err := o.expire(); err != nil {
		return err
	}
	late := o.c.Grace >= 0 && t+max(s.hi, -s.lo)+o.c.Grace < o.time
	matched, err := o.match(port, other, key, t+s.lo, t+s.hi)
	if err != nil {
		return err
	}
	number := o.seq
	o.seq++
	if !late {
		o.keyBuf = binary.BigEndian.AppendUint64(appendOrdered(append(o.keyBuf[:0], key...), t), number)
		s.rows.Put(o.keyBuf, o.rowBuf)
	}
	o.now.Put(nowKey, binary.BigEndian.AppendUint64(appendOrdered(nil, o.time), o.seq))
	switch {
	case matched || !s.outer:
	case o.c.Grace >= 0 && !late:
		o.waits.Put(o.waitKey(port, t+s.hi+o.c.Grace, number), o.rowBuf)
	default:
		return o.alone(port, o.rowBuf)
	}
	return nil
}

// waitKey is where a row waits: what is first due is first.
func (o *streamJoin) waitKey(port int, due int64, number uint64) []byte {
	o.waitBuf = append(appendOrdered(o.waitBuf[:0], due), byte(port))
	o.waitBuf = binary.BigEndian.AppendUint64(o.waitBuf, number)
	return o.waitBuf
}

// match emits the row in rowBuf with every row of the other side whose time is between lo and hi.
func (o *streamJoin) match(port int, other *streamSide, key []byte, lo, hi int64) (matched bool, err error) {
	n := len(key)
	from := appendOrdered(append([]byte(nil), key...), lo)
	var met [][]byte
	other.rows.AscendFrom(key, from, func(k, v []byte) bool {
		if len(k) != n+16 {
			return true // another key that begins alike
		}
		if fromOrdered(k[n:]) > hi {
			return false
		}
		matched = true
		if other.outer && o.c.Grace >= 0 {
			met = append(met, append([]byte(nil), k[n:]...))
		}
		if port == 0 {
			err = o.emit(o.rowBuf, v)
		} else {
			err = o.emit(v, o.rowBuf)
		}
		return err == nil
	})
	for _, m := range met { // they wait no more
		o.waits.Delete(o.waitKey(1-port, fromOrdered(m)+other.hi+o.c.Grace, binary.BigEndian.Uint64(m[8:])))
	}
	return matched, err
}

// emit appends a row of both sides; nil is a side of NULLs.
func (o *streamJoin) emit(left, right []byte) error {
	at := 0
	for i, row := range [][]byte{left, right} {
		s := o.sides[i]
		if row == nil {
			row = s.nulls
		}
		if err := batch.DecodeRow(row, o.out, at); err != nil {
			return fmt.Errorf("stream join: read row: %w", err)
		}
		at += len(s.ts)
	}
	o.out.Weight(1)
	return nil
}

func (o *streamJoin) alone(port int, row []byte) error {
	if port == 0 {
		return o.emit(row, nil)
	}
	return o.emit(nil, row)
}

// expire lets rows go whose waiting has ended, and forgets those that nothing can match any more.
func (o *streamJoin) expire() error {
	if o.c.Grace < 0 {
		return nil
	}
	var due [][]byte
	var err error
	o.waits.Ascend(nil, func(k, v []byte) bool {
		if fromOrdered(k) >= o.time {
			return false
		}
		due = append(due, append([]byte(nil), k...))
		err = o.alone(int(k[8]), v)
		return err == nil
	})
	for _, k := range due {
		o.waits.Delete(k)
	}
	return err
}

// Flush implements Operator.
func (o *streamJoin) Flush(_ Tick, _ Emitter) error {
	if o.c.Grace < 0 {
		return nil
	}
	for _, s := range o.sides {
		var gone [][]byte
		least := o.time - max(o.c.Before, o.c.After) - o.c.Grace
		s.rows.Ascend(nil, func(k, _ []byte) bool {
			if fromOrdered(k[len(k)-16:]) < least {
				gone = append(gone, append([]byte(nil), k...))
			}
			return true
		})
		for _, k := range gone {
			s.rows.Delete(k)
		}
	}
	return nil
}
