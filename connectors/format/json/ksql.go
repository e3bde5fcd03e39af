package json

import (
	"strconv"

	"streamsql/connectors/format"
	"streamsql/internal/types"
)

// AppendKSQL appends v as ksqlDB writes it: a date as its days, a time as its milliseconds, a timestamp as its
// milliseconds since 1970; the rest, inside of arrays, maps and structs too, as types.AppendJSON does.
func AppendKSQL(dst []byte, t types.Type, v types.Value) []byte {
	if v.Null {
		return append(dst, "null"...)
	}
	switch t.Kind {
	case types.Date:
		return strconv.AppendInt(dst, format.DaysFromDate(v.I), 10)
	case types.Time:
		return strconv.AppendInt(dst, v.I/1000, 10)
	case types.Timestamp, types.TimestampTZ:
		return strconv.AppendInt(dst, format.MillisFromTimestamp(v.I), 10)
	case types.Array:
		if _, vals, err := types.DecodeArray(v.Bytes, *t.Elem); err == nil {
			return appendKSQLArray(dst, *t.Elem, vals)
		}
	case types.Record:
		if vals, err := types.DecodeRecord(v.Bytes, t.Fields); err == nil {
			return appendKSQLRecord(dst, t.Fields, vals)
		}
	case types.Map:
		if keys, vals, err := types.DecodeMap(v.Bytes, *t.Key, *t.Elem); err == nil {
			return appendKSQLMap(dst, t, keys, vals)
		}
	}
	return types.AppendJSON(dst, t, v)
}

func appendKSQLArray(dst []byte, elem types.Type, vals []types.Value) []byte {
	dst = append(dst, '[')
	for i, v := range vals {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendKSQL(dst, elem, v)
	}
	return append(dst, ']')
}

func appendKSQLRecord(dst []byte, fields []types.Field, vals []types.Value) []byte {
	dst = append(dst, '{')
	for i, v := range vals {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(types.AppendJSONString(dst, fields[i].Name), ':')
		dst = AppendKSQL(dst, fields[i].Type, v)
	}
	return append(dst, '}')
}

func appendKSQLMap(dst []byte, t types.Type, keys, vals []types.Value) []byte {
	dst = append(dst, '{')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(types.AppendJSONString(dst, types.AppendText(nil, *t.Key, k, nil)), ':')
		dst = AppendKSQL(dst, *t.Elem, vals[i])
	}
	return append(dst, '}')
}
