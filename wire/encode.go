package wire

import (
	"encoding/binary"
	"math"
	"strconv"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
)

// rowBytesMax is the largest row sent: PostgreSQL's limit of one message (1 GB).
const rowBytesMax = 1 << 30

// rowEncoder writes rows of batches as DataRow bodies. Its columns are chosen once a result; the row loop allocates
// nothing. It may be reset and used again.
type rowEncoder struct {
	cols  []colEncoder
	batch *batch.Batch
	nulls []batch.Nulls
}

// colEncoder writes the values of one column.
type colEncoder struct {
	append func(dst []byte, c *colEncoder, v batch.Vec, row int) ([]byte, error)
	typ    types.Type
	format *types.Format
}

// reset prepares e for rows of cols; formats as in Bind.
func (e *rowEncoder) reset(cols []session.Column, formats []int16, f *types.Format) {
	e.batch = nil
	e.cols = e.cols[:0]
	for i := range cols {
		t := cols[i].Type
		c := colEncoder{append: textEncoder(t), typ: t, format: f}
		if formatOf(formats, i) == 1 {
			c.append = binaryEncoder(t)
		}
		e.cols = append(e.cols, c)
	}
}

// load makes b the batch whose rows are encoded next.
func (e *rowEncoder) load(b *batch.Batch) error {
	if len(b.Cols) != len(e.cols) {
		return pgerr.New(pgerr.InternalError, "result has %d columns, %d were announced", len(b.Cols), len(e.cols))
	}
	e.batch = b
	e.nulls = e.nulls[:0]
	for _, v := range b.Cols {
		e.nulls = append(e.nulls, v.NullMap())
	}
	return nil
}

// release forgets the batch: an idle connection must not keep one.
func (e *rowEncoder) release() {
	e.batch = nil
	clear(e.nulls[:cap(e.nulls)])
}

// appendDataRow appends row i as a DataRow message.
func (e *rowEncoder) appendDataRow(dst []byte, i int) ([]byte, error) {
	dst, at := beginMessage(dst, 'D')
	dst, err := e.appendFields(dst, i)
	if err != nil {
		return dst[:at-1], err
	}
	if len(dst)-at > rowBytesMax {
		return dst[:at-1], pgerr.New(pgerr.ProgramLimitExceeded, "row of %d bytes is too large to send", len(dst)-at)
	}
	return endMessage(dst, at), nil
}

// appendFields appends the number of fields of row i, then each with its length: the body of DataRow and of a row of
// binary COPY alike.
func (e *rowEncoder) appendFields(dst []byte, i int) ([]byte, error) {
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(e.cols)))
	for k := range e.cols {
		if e.nulls[k].Has(i) {
			dst = append(dst, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		at := len(dst)
		dst = append(dst, 0, 0, 0, 0)
		var err error
		if dst, err = e.cols[k].append(dst, &e.cols[k], e.batch.Cols[k], i); err != nil {
			return dst, err
		}
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	return dst, nil
}

type encodeFunc = func(dst []byte, c *colEncoder, v batch.Vec, row int) ([]byte, error)

func textEncoder(t types.Type) encodeFunc {
	switch t.Kind {
	case types.Int2, types.Int4, types.Int8, types.OID:
		return textInt
	case types.Bool:
		return textBool
	case types.Text, types.Varchar, types.Name, types.JSON, types.JSONB, types.JSONPath, types.Unknown:
		return rawBytes
	}
	return textAny
}

func binaryEncoder(t types.Type) encodeFunc {
	switch t.Kind {
	case types.Int8, types.Timestamp, types.TimestampTZ, types.Time:
		return binaryInt8
	case types.Int4, types.Date, types.OID:
		return binaryInt4
	case types.Int2:
		return binaryInt2
	case types.Bool:
		return binaryBool
	case types.Float8:
		return binaryFloat8
	case types.Float4:
		return binaryFloat4
	case types.Text, types.Varchar, types.Name, types.JSON, types.UUID, types.MacAddr, types.Bytea, types.Unknown:
		return rawBytes
	case types.JSONB:
		return binaryJSONB
	}
	return binaryAny
}

func textInt(dst []byte, _ *colEncoder, v batch.Vec, i int) ([]byte, error) {
	return strconv.AppendInt(dst, v.(*batch.Ints).V[i], 10), nil
}

func textBool(dst []byte, _ *colEncoder, v batch.Vec, i int) ([]byte, error) {
	if v.(*batch.Bools).V[i] {
		return append(dst, 't'), nil
	}
	return append(dst, 'f'), nil
}

func rawBytes(dst []byte, _ *colEncoder, v batch.Vec, i int) ([]byte, error) {
	return append(dst, v.(*batch.Bytes).At(i)...), nil
}

func textAny(dst []byte, c *colEncoder, v batch.Vec, i int) ([]byte, error) {
	return batch.AppendText(dst, &c.typ, v, i, c.format), nil
}

func binaryInt8(dst []byte, _ *colEncoder, v batch.Vec, i int) ([]byte, error) {
	return binary.BigEndian.AppendUint64(dst, uint64(v.(*batch.Ints).V[i])), nil
}

func binaryInt4(dst []byte, c *colEncoder, v batch.Vec, i int) ([]byte, error) {
	x := v.(*batch.Ints).V[i]
	if c.typ.Kind == types.Date && (x > math.MaxInt32 || x < math.MinInt32) {
		return binaryAny(dst, c, v, i) // the infinities
	}
	return binary.BigEndian.AppendUint32(dst, uint32(x)), nil
}

func binaryInt2(dst []byte, _ *colEncoder, v batch.Vec, i int) ([]byte, error) {
	return binary.BigEndian.AppendUint16(dst, uint16(v.(*batch.Ints).V[i])), nil
}

func binaryBool(dst []byte, _ *colEncoder, v batch.Vec, i int) ([]byte, error) {
	if v.(*batch.Bools).V[i] {
		return append(dst, 1), nil
	}
	return append(dst, 0), nil
}

func binaryFloat8(dst []byte, _ *colEncoder, v batch.Vec, i int) ([]byte, error) {
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(v.(*batch.Floats).V[i])), nil
}

func binaryFloat4(dst []byte, _ *colEncoder, v batch.Vec, i int) ([]byte, error) {
	return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(v.(*batch.Floats).V[i]))), nil
}

// binaryJSONB writes jsonb's version byte, then its text.
func binaryJSONB(dst []byte, _ *colEncoder, v batch.Vec, i int) ([]byte, error) {
	return append(append(dst, 1), v.(*batch.Bytes).At(i)...), nil
}

func binaryAny(dst []byte, c *colEncoder, v batch.Vec, i int) ([]byte, error) {
	return types.AppendBinary(dst, c.typ, batch.ValueAt(v, i))
}
