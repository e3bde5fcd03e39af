package delimited

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"

	"streamsql/connectors/format"
	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// ParseDelimiter returns the byte that the DELIMITER option names: one ASCII character, TAB, SPACE, or "" for a comma.
func ParseDelimiter(s string) (byte, error) {
	switch s {
	case "":
		return ',', nil
	case "TAB", "tab":
		return '\t', nil
	case "SPACE", "space":
		return ' ', nil
	}
	if len(s) != 1 || s[0] >= utf8.RuneSelf || s[0] == '"' || s[0] == '\n' || s[0] == '\r' || s[0] == 0 {
		return 0, pgerr.New(pgerr.InvalidParameterValue, "invalid delimiter %q", s).
			WithHint("A delimiter is one ASCII character other than a quote or line end, TAB, or SPACE.")
	}
	return s[0], nil
}

// check refuses types without a form in the format; ksqlDB's lines have no arrays.
func check(t format.Target, ksql bool) error {
	switch k := t.Type.Kind; {
	case ksql && k == types.Array:
	case k >= types.Bool && k <= types.JSONB, k == types.Array:
		return nil
	}
	return pgerr.Unsupported(pgerr.NoPos, "column %q of type %s in format DELIMITED", t.Name, t.Type)
}

// Decoder reads lines.
type Decoder struct {
	fields []format.Target // by position; Col -1: not wanted
	delim  byte
	ksql   bool
	scr    []byte
	clock  format.Clock
}

// NewDecoder returns a decoder. fields are all columns of the part by position; those that are not wanted have Col -1.
// With ksql an empty text is NULL, and what is not "true" is false.
func NewDecoder(fields []format.Target, delim byte, ksql bool) (*Decoder, error) {
	for _, t := range fields {
		if err := check(t, ksql); err != nil {
			return nil, err
		}
	}
	return &Decoder{fields: fields, delim: delim, ksql: ksql}, nil
}

// Decode implements format.Decoder.
func (d *Decoder) Decode(b []byte, r *format.Rows) error {
	b = bytes.TrimSuffix(b, []byte("\n"))
	b = bytes.TrimSuffix(b, []byte("\r"))
	n, i := 0, 0
	for {
		f, quoted, end, err := d.field(b, i)
		if err != nil {
			return err
		}
		if n < len(d.fields) && d.fields[n].Col >= 0 && (quoted && !d.ksql || len(f) > 0) {
			t := &d.fields[n]
			if err := d.set(t, f, r); err != nil {
				return format.Named(t.Name, err)
			}
		}
		n++
		if end >= len(b) {
			break
		}
		i = end + 1
	}
	if n != len(d.fields) {
		return pgerr.New(pgerr.BadCopyFileFormat, "record has %d fields where %d are declared", n, len(d.fields))
	}
	return nil
}

// field returns the field that starts at b[i], unquoted, and the index of the delimiter after it, or len(b).
func (d *Decoder) field(b []byte, i int) (f []byte, quoted bool, end int, err error) {
	if i >= len(b) || b[i] != '"' {
		k := bytes.IndexByte(b[i:], d.delim)
		if k < 0 {
			k = len(b) - i
		}
		f = b[i : i+k]
		if bytes.IndexByte(f, '\n') >= 0 || bytes.IndexByte(f, '"') >= 0 {
			return nil, false, 0, pgerr.New(pgerr.BadCopyFileFormat, "unquoted line end or quote in field at byte %d", i)
		}
		return f, false, i + k, nil
	}
	d.scr = d.scr[:0]
	for k := i + 1; ; {
		q := bytes.IndexByte(b[k:], '"')
		if q < 0 {
			return nil, true, 0, pgerr.New(pgerr.BadCopyFileFormat, "unterminated quoted field at byte %d", i)
		}
		d.scr = append(d.scr, b[k:k+q]...)
		k += q + 1
		switch {
		case k == len(b) || b[k] == d.delim:
			return d.scr, true, k, nil
		case b[k] == '"':
			d.scr = append(d.scr, '"')
			k++
		default:
			return nil, true, 0, pgerr.New(pgerr.BadCopyFileFormat, "text after quoted field at byte %d", k)
		}
	}
}

func (d *Decoder) set(t *format.Target, f []byte, r *format.Rows) error {
	if !utf8.Valid(f) || bytes.IndexByte(f, 0) >= 0 {
		return pgerr.New(pgerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\"")
	}
	switch t.Type.Kind {
	case types.Text:
		r.SetBytes(t.Col, f)
		return nil
	case types.Varchar:
		if t.Type.Prec == 0 {
			r.SetBytes(t.Col, f)
			return nil
		}
	case types.Bool:
		if d.ksql {
			r.SetBool(t.Col, strings.EqualFold(string(f), "true"))
			return nil
		}
	case types.Numeric:
		if d.ksql {
			return setExact(t, f, r)
		}
	case types.Bytea:
		return r.Bytes(t.Col, func(dst []byte) ([]byte, error) {
			out, err := base64.StdEncoding.AppendDecode(dst, f)
			if err != nil {
				return dst, pgerr.New(pgerr.InvalidTextRepresentation, "invalid base64")
			}
			return out, nil
		})
	case types.Int8, types.Int4, types.Int2:
		if v, err := strconv.ParseInt(string(f), 10, 16*int(intSize(t.Type.Kind))); err == nil {
			r.SetInt(t.Col, v)
			return nil
		}
	case types.Timestamp, types.TimestampTZ, types.Date, types.Time:
		v, err := d.time(t.Type.Kind, f)
		if err == nil {
			r.SetInt(t.Col, v)
		}
		return err
	}
	v, err := types.ParseText(t.Type, string(f), nil)
	if err == nil {
		r.SetValue(t.Col, v)
	}
	return err
}

// setExact sets a decimal that must fit as it is: ksqlDB never rounds what it reads.
func setExact(t *format.Target, f []byte, r *format.Rows) error {
	n, err := types.ParseDec(string(f))
	if err != nil {
		return err
	}
	fit := n
	if t.Type.Prec > 0 {
		fit, err = n.Fit(t.Type.Prec, t.Type.Scale)
	}
	if err != nil || fit.Cmp(n) != 0 {
		return pgerr.New(pgerr.NumericValueOutOfRange, "value %s does not fit type %s", f, t.Type)
	}
	r.SetDec(t.Col, fit)
	return nil
}

// intSize is the size of an integer kind in units of 16 bits.
func intSize(k types.Kind) int64 {
	switch k {
	case types.Int2:
		return 1
	case types.Int4:
		return 2
	}
	return 4
}

func (d *Decoder) time(k types.Kind, f []byte) (int64, error) {
	n, err := strconv.ParseInt(string(f), 10, 64)
	number := err == nil
	switch {
	case k == types.Date && number && len(f) != 8: // 20240229 is a date in PostgreSQL's basic form
		return format.DateFromDays(n)
	case k == types.Date:
		return d.clock.Date(f)
	case k == types.Time && number:
		if n < 0 || n > 86_400_000 {
			return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "time out of range: %d", n)
		}
		return n * 1000, nil
	case k == types.Time:
		v, err := types.ParseText(types.T(types.Time), string(f), nil)
		return v.I, err
	case number:
		return format.TimestampFromMillis(n)
	}
	return d.clock.Timestamp(f)
}

// Encoder writes lines without a line end.
type Encoder struct {
	fields []format.Target
	delim  byte
	ksql   bool
	scr    []byte
}

// NewEncoder returns an encoder of the given columns. With ksql, values and quotes are as ksqlDB writes them.
func NewEncoder(fields []format.Target, delim byte, ksql bool) (*Encoder, error) {
	for _, t := range fields {
		if err := check(t, ksql); err != nil {
			return nil, err
		}
	}
	return &Encoder{fields: fields, delim: delim, ksql: ksql}, nil
}

// Append implements format.Encoder.
func (e *Encoder) Append(dst []byte, b *batch.Batch, row int) ([]byte, error) {
	for i, t := range e.fields {
		if i > 0 {
			dst = append(dst, e.delim)
		}
		v := batch.ValueAt(b.Cols[t.Col], row)
		if v.Null {
			continue
		}
		switch {
		case t.Type.Kind == types.Bytea:
			e.scr = base64.StdEncoding.AppendEncode(e.scr[:0], v.Bytes)
		case e.ksql:
			e.scr = appendKSQL(e.scr[:0], t.Type, v)
		default:
			e.scr = types.AppendText(e.scr[:0], t.Type, v, nil)
		}
		if e.ksql {
			dst = e.quoteKSQL(dst, e.scr, i == 0)
		} else {
			dst = e.quote(dst, e.scr)
		}
	}
	return dst, nil
}

// quote appends a field, in quotes where it needs them.
func (e *Encoder) quote(dst, f []byte) []byte {
	plain := len(f) > 0
	for _, c := range f {
		if c == e.delim || c == '"' || c == '\n' || c == '\r' {
			plain = false
			break
		}
	}
	if plain {
		return append(dst, f...)
	}
	return appendQuoted(dst, f)
}

func appendQuoted(dst, f []byte) []byte {
	dst = append(dst, '"')
	for _, c := range f {
		if c == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}
