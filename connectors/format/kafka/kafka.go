package kafka

import (
	"bytes"
	"encoding/binary"
	"math"
	"unicode/utf8"

	"streamsql/connectors/format"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Decoder reads a part that is one column.
type Decoder struct{ t format.Target }

// Encoder writes a part that is one column.
type Encoder struct{ t format.Target }

// Check refuses (0A000) what the format cannot hold: more than one column, or a type without a serializer.
func Check(names []string, ts []types.Type) error {
	if len(ts) != 1 {
		return pgerr.Unsupported(pgerr.NoPos, "format KAFKA with %d columns", len(ts)).
			WithHint("The KAFKA format holds exactly one column; use JSON.")
	}
	if size(ts[0].Kind) < 0 {
		return pgerr.Unsupported(pgerr.NoPos, "column %q of type %s in format KAFKA", names[0], ts[0])
	}
	return nil
}

// size is the length of a kind's form in bytes, 0 if it varies, -1 if there is none.
func size(k types.Kind) int {
	switch k {
	case types.Bool:
		return 1
	case types.Int2:
		return 2
	case types.Int4, types.Float4:
		return 4
	case types.Float8, types.Int8:
		return 8
	case types.Text, types.Varchar, types.Char, types.Bytea, types.UUID:
		return 0
	}
	return -1
}

// NewDecoder returns a decoder for the one column of a part.
func NewDecoder(t format.Target) (*Decoder, error) {
	return &Decoder{t: t}, Check([]string{t.Name}, []types.Type{t.Type})
}

// NewEncoder returns an encoder for the one column of a part.
func NewEncoder(t format.Target) (*Encoder, error) {
	return &Encoder{t: t}, Check([]string{t.Name}, []types.Type{t.Type})
}

// Decode implements format.Decoder.
func (d *Decoder) Decode(b []byte, r *format.Rows) error {
	k := d.t.Type.Kind
	if n := size(k); n > 0 && len(b) != n {
		return pgerr.New(pgerr.InvalidBinaryRepresentation, "column %q: %d bytes where type %s has %d", d.t.Name, len(b), d.t.Type, n)
	}
	switch k {
	case types.Bool:
		r.SetBool(d.t.Col, b[0] != 0)
	case types.Int2:
		r.SetInt(d.t.Col, int64(int16(binary.BigEndian.Uint16(b))))
	case types.Int4:
		r.SetInt(d.t.Col, int64(int32(binary.BigEndian.Uint32(b))))
	case types.Int8:
		r.SetInt(d.t.Col, int64(binary.BigEndian.Uint64(b)))
	case types.Float4:
		r.SetFloat(d.t.Col, float64(math.Float32frombits(binary.BigEndian.Uint32(b))))
	case types.Float8:
		r.SetFloat(d.t.Col, math.Float64frombits(binary.BigEndian.Uint64(b)))
	case types.Bytea:
		r.SetBytes(d.t.Col, b)
	default:
		return d.text(b, r)
	}
	return nil
}

func (d *Decoder) text(b []byte, r *format.Rows) error {
	if !utf8.Valid(b) || bytes.IndexByte(b, 0) >= 0 {
		return pgerr.New(pgerr.CharacterNotInRepertoire, "column %q: invalid byte sequence for encoding \"UTF8\"", d.t.Name)
	}
	if d.t.Type.Kind == types.UUID || d.t.Type.Kind == types.Char || d.t.Type.Prec > 0 {
		v, err := types.ParseText(d.t.Type, string(b), nil)
		if err != nil {
			return format.Named(d.t.Name, err)
		}
		b = v.Bytes
	}
	r.SetBytes(d.t.Col, b)
	return nil
}

// Append implements format.Encoder. The column must not be NULL.
func (e *Encoder) Append(dst []byte, b *batch.Batch, row int) ([]byte, error) {
	v := batch.ValueAt(b.Cols[e.t.Col], row)
	switch e.t.Type.Kind {
	case types.Bool:
		if v.B {
			return append(dst, 1), nil
		}
		return append(dst, 0), nil
	case types.Int2:
		return binary.BigEndian.AppendUint16(dst, uint16(v.I)), nil
	case types.Int4:
		return binary.BigEndian.AppendUint32(dst, uint32(v.I)), nil
	case types.Int8:
		return binary.BigEndian.AppendUint64(dst, uint64(v.I)), nil
	case types.Float4:
		return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(v.F))), nil
	case types.Float8:
		return binary.BigEndian.AppendUint64(dst, math.Float64bits(v.F)), nil
	case types.UUID:
		return types.AppendText(dst, e.t.Type, v, nil), nil
	}
	return append(dst, v.Bytes...), nil
}
