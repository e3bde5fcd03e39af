package json

import (
	"math"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// how says how a column's values are read.
type how uint8

const (
	asInt how = iota
	asTimestamp
	asText
	asBool
	asFloat
	asNumeric
	asDate
	asTime
	asBytea
	asUUID
	asJSON
	asJSONB
	asArray
	asLiteral // PostgreSQL's input function: interval, varchar(n), char(n)
)

// typ is a column's or element's type, prepared for reading.
type typ struct {
	how      how
	name     string // the column, for errors
	t        types.Type
	min, max int64 // asInt
	elem     *typ  // asArray
}

func newTyp(name string, t types.Type) (typ, error) {
	y := typ{name: name, t: t}
	switch t.Kind {
	case types.Int2:
		y.how, y.min, y.max = asInt, math.MinInt16, math.MaxInt16
	case types.Int4:
		y.how, y.min, y.max = asInt, math.MinInt32, math.MaxInt32
	case types.Int8:
		y.how, y.min, y.max = asInt, math.MinInt64, math.MaxInt64
	case types.Timestamp, types.TimestampTZ:
		y.how = asTimestamp
	case types.Text, types.Varchar, types.Char:
		if y.how = asText; t.Prec > 0 || t.Kind == types.Char {
			y.how = asLiteral
		}
	case types.Bool:
		y.how = asBool
	case types.Float4, types.Float8:
		y.how = asFloat
	case types.Numeric:
		y.how = asNumeric
	case types.Date:
		y.how = asDate
	case types.Time:
		y.how = asTime
	case types.Bytea:
		y.how = asBytea
	case types.UUID:
		y.how = asUUID
	case types.JSON:
		y.how = asJSON
	case types.JSONB:
		y.how = asJSONB
	case types.Interval:
		y.how = asLiteral
	case types.Array:
		e, err := newTyp(name, *t.Elem)
		if err != nil {
			return y, err
		}
		y.how, y.elem = asArray, &e
	default:
		return y, pgerr.Unsupported(pgerr.NoPos, "column %q of type %s in a JSON record", name, t)
	}
	return y, nil
}
