package delimited

import (
	"strconv"

	"streamsql/connectors/format"
	"streamsql/internal/types"
)

// appendKSQL appends a value's text as ksqlDB writes it: Java's text of a floating point number, dates and times as
// numbers of days and milliseconds.
func appendKSQL(dst []byte, t types.Type, v types.Value) []byte {
	switch t.Kind {
	case types.Bool:
		return strconv.AppendBool(dst, v.B)
	case types.Float4, types.Float8:
		return types.AppendJavaDouble(dst, v.F)
	case types.Date:
		return strconv.AppendInt(dst, format.DaysFromDate(v.I), 10)
	case types.Time:
		return strconv.AppendInt(dst, v.I/1000, 10)
	case types.Timestamp, types.TimestampTZ:
		return strconv.AppendInt(dst, format.MillisFromTimestamp(v.I), 10)
	}
	return types.AppendText(dst, t, v, nil)
}

// quoteKSQL appends a field with the quotes that ksqlDB's writer (Commons CSV, minimal quoting) gives it: also around a
// first field that is empty or begins with anything but a letter or digit, and where blanks could be lost.
func (e *Encoder) quoteKSQL(dst, f []byte, first bool) []byte {
	if len(f) == 0 {
		if first {
			return append(dst, '"', '"')
		}
		return dst
	}
	c := f[0]
	alnum := c-'0' < 10 || c|0x20-'a' < 26
	if first && !alnum || c <= '#' || f[len(f)-1] <= ' ' {
		return appendQuoted(dst, f)
	}
	for _, c := range f {
		if c == '\n' || c == '\r' || c == '"' || c == e.delim {
			return appendQuoted(dst, f)
		}
	}
	return append(dst, f...)
}
