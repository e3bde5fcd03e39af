package json

import (
	"encoding/base64"
	"math"
	"strconv"
	"unicode/utf8"

	"streamsql/connectors/format"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// set reads the value at b[i] into column c of the row and returns the index after it.
func (d *Decoder) set(c *column, b []byte, i int, r *format.Rows) (int, error) {
	if i >= len(b) {
		return i, syntaxError(b, i)
	}
	if b[i] == 'n' {
		if i = word(b, i, "null"); i < 0 {
			return i, syntaxError(b, len(b))
		}
		r.SetNull(c.col)
		return i, nil
	}
	switch c.how {
	case asInt:
		v, e, err := c.int(b, i)
		if err != nil {
			return e, err
		}
		r.SetInt(c.col, v)
		return e, nil
	case asTimestamp:
		v, e, err := d.timestamp(&c.typ, b, i)
		if err != nil {
			return e, err
		}
		r.SetInt(c.col, v)
		return e, nil
	case asText:
		v, e, err := d.text(&c.typ, b, i)
		if err != nil {
			return e, err
		}
		r.SetBytes(c.col, v)
		return e, nil
	}
	v, e, err := d.value(&c.typ, b, i)
	if err != nil {
		return e, err
	}
	r.SetValue(c.col, v)
	return e, nil
}

// value reads the value at b[i], which is not null, boxed. Bytes are valid until the next call.
func (d *Decoder) value(y *typ, b []byte, i int) (v types.Value, end int, err error) {
	switch y.how {
	case asInt:
		v.I, end, err = y.int(b, i)
	case asTimestamp:
		v.I, end, err = d.timestamp(y, b, i)
	case asText:
		v.Bytes, end, err = d.text(y, b, i)
	case asBool:
		return y.bool(b, i)
	case asFloat:
		v.F, end, err = d.float(y, b, i)
	case asNumeric:
		v.N, end, err = d.numeric(y, b, i)
	case asDate:
		v.I, end, err = d.date(y, b, i)
	case asTime:
		v.I, end, err = d.time(y, b, i)
	case asBytea:
		v.Bytes, end, err = d.bytea(y, b, i)
	case asJSON, asJSONB:
		v.Bytes, end, err = d.json(y, b, i)
	case asArray:
		v.Bytes, end, err = d.array(y, b, i)
	case asRecord:
		v.Bytes, end, err = d.record(y, b, i)
	case asMap:
		v.Bytes, end, err = d.mapping(y, b, i)
	default:
		return d.literal(y, b, i)
	}
	return v, end, err
}

// int reads an integer: digits in line, all else by the slow way.
func (y *typ) int(b []byte, i int) (int64, int, error) {
	at, k := i, i
	neg := b[i] == '-'
	if neg {
		i++
		k++
	}
	var u uint64
	for i < len(b) && b[i]-'0' <= 9 {
		u = u*10 + uint64(b[i]-'0')
		i++
	}
	if n := i - k; n == 0 || n > 18 || b[k] == '0' && n > 1 || i < len(b) && (b[i] == '.' || b[i]|0x20 == 'e') {
		return y.slowInt(b, at)
	}
	v := int64(u)
	if neg {
		v = -v
	}
	if v < y.min || v > y.max {
		return 0, i, y.outOfRange(b[at:i])
	}
	return v, i, nil
}

// slowInt reads integers of 19 digits, with fraction or exponent, and as strings.
func (y *typ) slowInt(b []byte, i int) (int64, int, error) {
	text, end, err := y.numberText(b, i)
	if err != nil {
		return 0, end, err
	}
	v, perr := strconv.ParseInt(string(text), 10, 64)
	if perr != nil {
		if v, err = y.decimalInt(text); err != nil {
			return 0, end, err
		}
	}
	if v < y.min || v > y.max {
		return 0, end, y.outOfRange(text)
	}
	return v, end, nil
}

// decimalInt reads 1.0 and 1e3. The length and the exponent are bounded so that 1e999999999 costs nothing.
func (y *typ) decimalInt(text []byte) (int64, error) {
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil && math.IsInf(f, 0) || math.Abs(f) > 1<<64 {
		return 0, y.outOfRange(text)
	}
	if err != nil || len(text) > 100 || f != 0 && math.Abs(f) < 0.5 && !y.ksql {
		return 0, y.wrong(text)
	}
	n, err := types.ParseDec(string(text))
	if err != nil {
		return 0, y.wrong(text)
	}
	if n.Trunc(0).Cmp(n) != 0 && !y.ksql { // ksqlDB cuts the fraction off
		return 0, y.wrong(text)
	}
	n = n.Trunc(0)
	v, err := n.Int64()
	if err != nil {
		return 0, y.outOfRange(text)
	}
	return v, nil
}

// numberText returns the text of a number, or of a string that holds one.
func (y *typ) numberText(b []byte, i int) (text []byte, end int, err error) {
	if b[i] == '"' {
		e, escaped := stringEnd(b, i+1)
		if e < 0 {
			return nil, i, syntaxError(b, i)
		}
		if escaped {
			return nil, e + 1, y.wrong(b[i : e+1])
		}
		return b[i+1 : e], e + 1, nil
	}
	e, _ := numberEnd(b, i)
	if e < 0 {
		return nil, i, y.mismatch(b, i)
	}
	return b[i:e], e, nil
}

func (y *typ) bool(b []byte, i int) (v types.Value, end int, err error) {
	if e := word(b, i, "true"); e > 0 {
		return types.BoolValue(true), e, nil
	}
	if e := word(b, i, "false"); e > 0 {
		return types.BoolValue(false), e, nil
	}
	return v, i, y.mismatch(b, i)
}

func (d *Decoder) float(y *typ, b []byte, i int) (float64, int, error) {
	quoted := b[i] == '"'
	text, end, err := y.numberText(b, i)
	if err != nil {
		return 0, end, err
	}
	if quoted {
		v, err := types.ParseText(y.t, string(text), nil)
		return v.F, end, y.named(err)
	}
	bits := 64
	if y.t.Kind == types.Float4 {
		bits = 32
	}
	f, err := strconv.ParseFloat(string(text), bits)
	if err != nil {
		return 0, end, y.outOfRange(text)
	}
	if f == 0 && !isZero(text) {
		return 0, end, y.outOfRange(text)
	}
	return f, end, nil
}

// isZero reports whether a number's digits before the exponent are all 0: what else is parsed as 0 is an underflow,
// an error in PostgreSQL.
func isZero(text []byte) bool {
	for _, c := range text {
		if c|0x20 == 'e' {
			return true
		}
		if c >= '1' && c <= '9' {
			return false
		}
	}
	return true
}

func (d *Decoder) numeric(y *typ, b []byte, i int) (types.Dec, int, error) {
	text, end, err := y.numberText(b, i)
	if err != nil {
		return types.Dec{}, end, err
	}
	n, err := types.ParseDec(string(text))
	if err == nil && y.t.Prec > 0 {
		exact := n
		if n, err = n.Fit(y.t.Prec, y.t.Scale); err == nil && y.ksql && n.Cmp(exact) != 0 {
			return n, end, y.outOfRange(text) // ksqlDB never rounds what it reads
		}
	}
	return n, end, y.named(err)
}

// text reads a string, or any other value as its JSON text. The slice aliases b or scratch.
func (d *Decoder) text(y *typ, b []byte, i int) ([]byte, int, error) {
	if b[i] != '"' {
		e := valueEnd(b, i, 1)
		if e < 0 {
			return nil, i, syntaxError(b, i)
		}
		if !utf8.Valid(b[i:e]) {
			return nil, e, y.badUTF8()
		}
		if y.ksql && (b[i] == '[' || b[i] == '{') {
			s, err := ksqlText(b[i:e])
			return s, e, y.named(err)
		}
		return b[i:e], e, nil
	}
	e, escaped := stringEnd(b, i+1)
	if e < 0 {
		return nil, i, syntaxError(b, i)
	}
	s := b[i+1 : e]
	if !utf8.Valid(s) {
		return nil, e, y.badUTF8()
	}
	if escaped {
		u, err := unescape(d.scr[:0], s)
		d.scr = u
		if err != nil {
			return nil, e, y.named(err)
		}
		s = u
	}
	return s, e + 1, nil
}

// stringOnly is text for types that no other JSON value can be.
func (d *Decoder) stringOnly(y *typ, b []byte, i int) ([]byte, int, error) {
	if b[i] != '"' {
		return nil, i, y.mismatch(b, i)
	}
	return d.text(y, b, i)
}

func (d *Decoder) timestamp(y *typ, b []byte, i int) (int64, int, error) {
	if b[i] == '"' {
		if v, n, ok := d.clock.Quoted(b[i+1:]); ok {
			return v, i + n + 2, nil
		}
		s, e, err := d.text(y, b, i)
		if err != nil {
			return 0, e, err
		}
		if n, ok := y.count(s); ok {
			v, err := format.TimestampFromMillis(n)
			return v, e, y.named(err)
		}
		v, err := d.clock.Timestamp(s)
		return v, e, y.named(err)
	}
	e, integer := numberEnd(b, i)
	if e < 0 {
		return 0, i, y.mismatch(b, i)
	}
	if integer {
		ms, err := strconv.ParseInt(string(b[i:e]), 10, 64)
		if err != nil {
			return 0, e, y.outOfRange(b[i:e])
		}
		v, err := format.TimestampFromMillis(ms)
		return v, e, y.named(err)
	}
	ms, err := strconv.ParseFloat(string(b[i:e]), 64)
	if err != nil {
		return 0, e, y.outOfRange(b[i:e])
	}
	v, err := format.TimestampFromFloat(ms)
	return v, e, y.named(err)
}

func (d *Decoder) date(y *typ, b []byte, i int) (int64, int, error) {
	if b[i] == '"' {
		s, e, err := d.text(y, b, i)
		if err != nil {
			return 0, e, err
		}
		if n, ok := y.count(s); ok {
			v, err := format.DateFromDays(n)
			return v, e, y.named(err)
		}
		v, err := d.clock.Date(s)
		return v, e, y.named(err)
	}
	days, e, err := y.integer(b, i)
	if err != nil {
		return 0, e, err
	}
	v, err := format.DateFromDays(days)
	return v, e, y.named(err)
}

func (d *Decoder) time(y *typ, b []byte, i int) (ms int64, e int, err error) {
	if b[i] == '"' {
		s, end, err := d.text(y, b, i)
		if err != nil {
			return 0, end, err
		}
		n, ok := y.count(s)
		if !ok {
			v, err := types.ParseText(y.t, string(s), nil)
			return v.I, end, y.named(err)
		}
		ms, e = n, end
	} else {
		ms, e, err = y.integer(b, i)
	}
	if err == nil && (ms < 0 || ms > 86_400_000) {
		err = y.outOfRange(b[i:e])
	}
	return ms * 1000, e, err
}

// count reads a number of days or milliseconds that is written as a string, which ksqlDB takes for the number.
func (y *typ) count(s []byte) (int64, bool) {
	if !y.ksql {
		return 0, false
	}
	n, err := strconv.ParseInt(string(s), 10, 64)
	return n, err == nil
}

// integer reads a number without fraction and exponent.
func (y *typ) integer(b []byte, i int) (int64, int, error) {
	e, integer := numberEnd(b, i)
	if e < 0 {
		return 0, i, y.mismatch(b, i)
	}
	if !integer {
		return 0, e, y.wrong(b[i:e])
	}
	v, err := strconv.ParseInt(string(b[i:e]), 10, 64)
	if err != nil {
		return 0, e, y.outOfRange(b[i:e])
	}
	return v, e, nil
}

func (d *Decoder) bytea(y *typ, b []byte, i int) ([]byte, int, error) {
	s, e, err := d.stringOnly(y, b, i)
	if err != nil {
		return nil, e, err
	}
	out, err := base64.StdEncoding.AppendDecode(nil, s)
	if err != nil {
		return nil, e, y.wrong(s)
	}
	return out, e, nil
}

// literal reads a string by PostgreSQL's input function; strings that may be any text take other values as JSON text.
func (d *Decoder) literal(y *typ, b []byte, i int) (types.Value, int, error) {
	read := d.stringOnly
	if y.t.IsString() {
		read = d.text
	}
	s, e, err := read(y, b, i)
	if err != nil {
		return types.Null, e, err
	}
	v, err := types.ParseText(y.t, string(s), nil)
	return v, e, y.named(err)
}

func (d *Decoder) json(y *typ, b []byte, i int) ([]byte, int, error) {
	e := valueEnd(b, i, 1)
	if e < 0 {
		return nil, i, syntaxError(b, i)
	}
	if !utf8.Valid(b[i:e]) {
		return nil, e, y.badUTF8()
	}
	if y.how == asJSON {
		return b[i:e], e, nil
	}
	out, err := types.NormalizeJSONB(b[i:e])
	return out, e, y.named(err)
}

// mismatch is the error for a value of the wrong JSON type, or malformed JSON.
func (y *typ) mismatch(b []byte, i int) error {
	e := valueEnd(b, i, 1)
	if e < 0 {
		return syntaxError(b, i)
	}
	return y.wrong(b[i:e])
}

// errorTextMax is how much of a value an error message shows, in bytes.
const errorTextMax = 80

func shown(text []byte) string {
	if len(text) > errorTextMax {
		text = append(text[:errorTextMax:errorTextMax], "…"...)
	}
	return string(text)
}

func (y *typ) wrong(text []byte) error {
	return pgerr.New(pgerr.InvalidTextRepresentation, "column %q: invalid value for type %s: %s", y.name, y.t, shown(text))
}

func (y *typ) outOfRange(text []byte) error {
	return pgerr.New(pgerr.NumericValueOutOfRange, "column %q: value %s is out of range for type %s", y.name, shown(text), y.t)
}

func (y *typ) badUTF8() error {
	return pgerr.New(pgerr.CharacterNotInRepertoire, "column %q: invalid byte sequence for encoding \"UTF8\"", y.name)
}

// named puts the column's name before an error of the types package.
func (y *typ) named(err error) error { return format.Named(y.name, err) }
