package expr

import (
	"strconv"
	"strings"
	"time"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// The text forms of ksqlDB: what CAST(x AS STRING) gives and CAST('…' AS …) takes.

// appendKSQLText appends v, which is not NULL, as ksqlDB's CAST to STRING writes it.
func appendKSQLText(dst []byte, t types.Type, v types.Value) []byte {
	switch t.Kind {
	case types.Bool:
		return strconv.AppendBool(dst, v.B)
	case types.Float8, types.Float4:
		return types.AppendJavaDouble(dst, v.F)
	case types.Timestamp:
		return types.ToTime(v.I).AppendFormat(dst, "2006-01-02T15:04:05.000")
	case types.Date:
		return types.ToTime(v.I*types.MicrosPerDay).AppendFormat(dst, "2006-01-02")
	case types.Time:
		return appendJavaTime(dst, v.I)
	case types.Array:
		a, err := decodeArray(v, *t.Elem)
		if err != nil {
			return dst
		}
		dst = append(dst, '[')
		for i, e := range a.vals {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendKSQLPart(dst, *t.Elem, e)
		}
		return append(dst, ']')
	case types.Map:
		keys, vals, err := types.DecodeMap(v.Bytes, *t.Key, *t.Elem)
		if err != nil {
			return dst
		}
		dst = append(dst, '{')
		for i := range keys {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(appendKSQLPart(dst, *t.Key, keys[i]), '=')
			dst = appendKSQLPart(dst, *t.Elem, vals[i])
		}
		return append(dst, '}')
	case types.Record:
		return appendKSQLStruct(dst, t, v)
	}
	return types.AppendText(dst, t, v, nil)
}

// appendKSQLStruct writes the fields that are not NULL.
func appendKSQLStruct(dst []byte, t types.Type, v types.Value) []byte {
	vals, err := types.DecodeRecord(v.Bytes, t.Fields)
	if err != nil {
		return dst
	}
	dst = append(dst, "Struct{"...)
	first := true
	for i, f := range t.Fields {
		if vals[i].Null {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(append(dst, f.Name...), '=')
		dst = appendKSQLText(dst, f.Type, vals[i])
	}
	return append(dst, '}')
}

func appendKSQLPart(dst []byte, t types.Type, v types.Value) []byte {
	if v.Null {
		return append(dst, "null"...)
	}
	return appendKSQLText(dst, t, v)
}

// appendJavaTime writes a time of day as Java's LocalTime.toString: seconds and milliseconds only where there are any.
func appendJavaTime(dst []byte, us int64) []byte {
	form := "15:04"
	switch {
	case us%1e6 != 0:
		form = "15:04:05.000"
	case us/1e6%60 != 0:
		form = "15:04:05"
	}
	return types.ToTime(us).AppendFormat(dst, form)
}

// ksqlTimestampForms are the forms a timestamp's text may have: any part may be left off from the right.
var ksqlTimestampForms = []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02T15", "2006-01-02", "2006-01", "2006"}

// ksqlTimestamp reads a timestamp as ksqlDB does, to milliseconds; a zone such as +0100 or Z moves it to UTC. The result
// counts microseconds from 2000-01-01. Error: 22007.
func ksqlTimestamp(s string) (int64, error) {
	text, offset := ksqlZone(strings.TrimSpace(s))
	text = strings.Replace(text, " ", "T", 1)
	for _, form := range ksqlTimestampForms {
		if t, err := time.Parse(form, text); err == nil {
			us := types.FromTime(t.Truncate(time.Millisecond))
			return us - offset.Microseconds(), nil
		}
	}
	return 0, pgerr.New(pgerr.InvalidDatetimeFormat, "invalid input syntax for type timestamp: %q", s)
}

// ksqlZone cuts a zone off the end of a timestamp's text.
func ksqlZone(s string) (text string, east time.Duration) {
	if t, ok := strings.CutSuffix(s, "Z"); ok {
		return t, 0
	}
	at := strings.LastIndexAny(s, "+-")
	if at <= strings.IndexByte(s, 'T') || strings.IndexByte(s, 'T') < 0 {
		return s, 0
	}
	for _, form := range []string{"-0700", "-07:00", "-07"} {
		if t, err := time.Parse(form, s[at:]); err == nil {
			_, sec := t.Zone()
			return s[:at], time.Duration(sec) * time.Second
		}
	}
	return s, 0
}

// ksqlClock reads a time of day, to microseconds since midnight.
func ksqlClock(s string) (int64, bool) {
	if len(s) < len("15:04") || s[2] != ':' {
		return 0, false
	}
	for _, form := range []string{"15:04:05", "15:04"} {
		if t, err := time.Parse(form, s); err == nil {
			return int64(t.Hour())*3600e6 + int64(t.Minute())*60e6 + int64(t.Second())*1e6 + int64(t.Nanosecond()/1e6)*1e3, true
		}
	}
	return 0, false
}
