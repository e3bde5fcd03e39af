package expr

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// ksqlCast converts a value as ksqlDB's CAST does; NULL stays NULL. Numbers that are too large for an integer type wrap
// around, fractions are cut off, doubles beyond an integer's range become its bounds, as in Java. Errors: 22P02, 22003,
// 22007.
func ksqlCast(from, t types.Type, v types.Value) (types.Value, error) {
	if v.Null || from.Equal(t) {
		return v, nil
	}
	switch t.Kind {
	case types.Text, types.Varchar:
		if from.IsString() {
			return v, nil
		}
		return types.BytesValue(appendKSQLText(nil, from, v)), nil
	case types.Array, types.Map, types.Record:
		return ksqlCastNested(from, t, v)
	}
	if from.IsString() {
		return ksqlParse(t, strings.TrimSpace(string(v.Bytes)))
	}
	switch t.Kind {
	case types.Int4, types.Int8:
		return types.IntValue(ksqlInt(from, t, v)), nil
	case types.Float8:
		switch from.Class() {
		case types.ClassInt:
			return types.FloatValue(float64(v.I)), nil
		case types.ClassNumeric:
			return types.FloatValue(v.N.Float64()), nil
		}
		return v, nil
	case types.Numeric:
		d := v.N
		switch from.Class() {
		case types.ClassInt:
			d = types.DecFromInt(v.I)
		case types.ClassFloat:
			var err error
			if d, err = types.ParseDec(strconv.FormatFloat(v.F, 'f', -1, 64)); err != nil {
				return v, err
			}
		}
		return ksqlFit(d, t)
	}
	return types.Cast(from, t, v, nil)
}

// ksqlFit gives a decimal its type's scale, rounded half up. Error: 22003 where the precision is too small.
func ksqlFit(d types.Dec, t types.Type) (types.Value, error) {
	if t.Prec > 0 {
		var err error
		if d, err = d.Fit(t.Prec, t.Scale); err != nil {
			return types.Null, err
		}
	}
	return types.DecValue(d), nil
}

func ksqlInt(from, t types.Type, v types.Value) int64 {
	n, lo, hi := v.I, int64(math.MinInt64), int64(math.MaxInt64)
	if t.Kind == types.Int4 {
		lo, hi = math.MinInt32, math.MaxInt32
	}
	switch from.Class() {
	case types.ClassFloat:
		switch {
		case math.IsNaN(v.F):
			return 0
		case v.F >= float64(hi):
			return hi
		case v.F <= float64(lo):
			return lo
		}
		return int64(v.F)
	case types.ClassNumeric:
		var low big.Int // the low 64 bits, as Java's BigDecimal.longValue
		c := v.N.Trunc(0).Coef()
		low.And(c, new(big.Int).SetUint64(math.MaxUint64))
		n = int64(low.Uint64())
	}
	if t.Kind == types.Int4 {
		return int64(int32(n))
	}
	return n
}

// ksqlParse reads a text as a value of a type without parts.
func ksqlParse(t types.Type, s string) (types.Value, error) {
	bad := func(name string) (types.Value, error) {
		return types.Null, pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type %s: %q", name, s)
	}
	switch t.Kind {
	case types.Bool:
		v, _ := ksqlBool(s)
		return types.BoolValue(v), nil
	case types.Int4, types.Int8:
		bits := 64
		if t.Kind == types.Int4 {
			bits = 32
		}
		n, err := strconv.ParseInt(s, 10, bits)
		if err != nil {
			return bad(typeName(t))
		}
		return types.IntValue(n), nil
	case types.Float8:
		f, err := strconv.ParseFloat(s, 64)
		if err != nil && !math.IsInf(f, 0) {
			return bad("double precision")
		}
		return types.FloatValue(f), nil
	case types.Numeric:
		d, err := types.ParseDec(s)
		if err != nil || d.IsNaN() || d.IsInf() {
			return bad("numeric")
		}
		return ksqlFit(d, t)
	case types.Timestamp:
		us, err := ksqlTimestamp(s)
		return types.IntValue(us), err
	case types.Date:
		us, err := ksqlTimestamp(s)
		if err == nil && types.TimestampToTime(us) != 0 {
			return types.Null, pgerr.New(pgerr.InvalidDatetimeFormat, "invalid input syntax for type date: %q", s)
		}
		return types.IntValue(types.TimestampToDate(us)), err
	case types.Time:
		us, ok := ksqlClock(s)
		if !ok {
			return types.Null, pgerr.New(pgerr.InvalidDatetimeFormat, "invalid input syntax for type time: %q", s)
		}
		return types.IntValue(us), nil
	}
	return types.Cast(types.T(types.Text), t, types.TextValue(s), nil)
}

// ksqlCastNested casts arrays, maps and structs by their parts.
func ksqlCastNested(from, t types.Type, v types.Value) (types.Value, error) {
	var err error
	each := func(from, t types.Type, vs []types.Value) []types.Value {
		out := make([]types.Value, len(vs))
		for i, e := range vs {
			if err == nil {
				out[i], err = ksqlCast(from, t, e)
			}
		}
		return out
	}
	switch t.Kind {
	case types.Array:
		a, derr := decodeArray(v, *from.Elem)
		if derr != nil {
			return v, derr
		}
		a.vals = each(*from.Elem, *t.Elem, a.vals)
		return a.encode(*t.Elem), err
	case types.Map:
		keys, vals, derr := types.DecodeMap(v.Bytes, *from.Key, *from.Elem)
		if derr != nil {
			return v, derr
		}
		keys, vals = each(*from.Key, *t.Key, keys), each(*from.Elem, *t.Elem, vals)
		return types.BytesValue(types.AppendMap(nil, *t.Key, *t.Elem, keys, vals)), err
	}
	vals, err := types.DecodeRecord(v.Bytes, from.Fields)
	if err != nil {
		return v, err
	}
	out := make([]types.Value, len(t.Fields))
	for i, f := range t.Fields {
		out[i] = types.Null
		if k := Postgres.FieldIndex(from, f.Name); k >= 0 {
			if out[i], err = ksqlCast(from.Fields[k].Type, f.Type, vals[k]); err != nil {
				return v, err
			}
		}
	}
	return types.BytesValue(types.AppendRecord(nil, t.Fields, out)), nil
}
