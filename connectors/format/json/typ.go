package json

import (
	"math"
	"strings"

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
	asRecord
	asMap
	asLiteral // PostgreSQL's input function: interval, varchar(n), char(n), inet …
)

// typ is a column's or element's type, prepared for reading.
type typ struct {
	how      how
	name     string // the column, for errors
	t        types.Type
	ksql     bool  // ksqlDB's forms and conversions
	min, max int64 // asInt
	elem     *typ  // asArray, asMap
	key      *typ  // asMap

	// asRecord: the fields in order, and their places by exact and by lower-case name.
	fields      []typ
	exact, fold map[string]int
}

// newTyp prepares a type; what has no form in JSON is refused (0A000).
func newTyp(name string, t types.Type, ksql bool) (typ, error) {
	y := typ{name: name, t: t, ksql: ksql}
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
	case types.Interval, types.TimeTZ, types.Bit, types.Varbit, types.Inet, types.CIDR, types.MacAddr, types.JSONPath, types.Name, types.QChar:
		y.how = asLiteral
	case types.Array:
		e, err := newTyp(name, *t.Elem, ksql)
		if err != nil {
			return y, err
		}
		y.how, y.elem = asArray, &e
	case types.Map:
		return y.asMap()
	case types.Record:
		return y.asRecord()
	default:
		return y, pgerr.Unsupported(pgerr.NoPos, "column %q of type %s in a JSON record", name, t)
	}
	return y, nil
}

func (y typ) asMap() (typ, error) {
	if y.ksql && !y.t.Key.IsString() {
		return y, pgerr.New(pgerr.InvalidTableDefinition, "column %q: JSON only supports MAP types with STRING keys", y.name)
	}
	k, err := newTyp(y.name, *y.t.Key, y.ksql)
	if err != nil {
		return y, err
	}
	e, err := newTyp(y.name, *y.t.Elem, y.ksql)
	y.how, y.key, y.elem = asMap, &k, &e
	return y, err
}

func (y typ) asRecord() (typ, error) {
	if y.t.Fields == nil {
		return y, pgerr.Unsupported(pgerr.NoPos, "column %q of type %s in a JSON record", y.name, y.t)
	}
	y.how, y.exact, y.fold = asRecord, map[string]int{}, map[string]int{}
	for i, f := range y.t.Fields {
		e, err := newTyp(y.name, f.Type, y.ksql)
		if err != nil {
			return y, err
		}
		y.fields = append(y.fields, e)
		y.exact[f.Name] = i
		if lower := strings.ToLower(f.Name); !has(y.fold, lower) {
			y.fold[lower] = i
		}
	}
	return y, nil
}

func has(m map[string]int, k string) bool { _, ok := m[k]; return ok }
