package types

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// testTypes are the types the property tests run over.
var testTypes = []Type{
	T(Bool), T(Int2), T(Int4), T(Int8), T(OID), T(Float4), T(Float8), T(Numeric), T(Text), T(Varchar),
	{Kind: Char, Prec: 5}, T(Name), T(Bytea), T(Date), T(Time), T(Timestamp), T(TimestampTZ), T(Interval), T(UUID), T(JSON), T(JSONB),
	ArrayOf(T(Int8)), ArrayOf(T(Text)), ArrayOf(T(Numeric)), ArrayOf(T(JSONB)),
	{Kind: Record, Fields: []Field{{"a", T(Int4)}, {"b", T(Text)}, {"c", T(Numeric)}}},
	{Kind: Map, Key: &Type{Kind: Text}, Elem: &Type{Kind: Float8}},
	T(TimeTZ), T(Bit), T(Varbit), {Kind: Bit, Prec: 11}, T(Inet), T(CIDR), T(MacAddr), ArrayOf(T(Inet)), ArrayOf(T(Bit)), ArrayOf(T(TimeTZ)), T(QChar),
}

func pick[E any](r *rand.Rand, xs ...E) E { return xs[r.IntN(len(xs))] }

// randomInt prefers small numbers and the ends of lo..hi.
func randomInt(r *rand.Rand, lo, hi int64) int64 {
	switch r.IntN(4) {
	case 0:
		return pick(r, lo, hi, max(lo, -1), 0, 1, lo+1, hi-1)
	case 1:
		return max(lo, min(hi, int64(r.IntN(7))-3))
	}
	return max(lo, min(hi, int64(r.Uint64()>>r.IntN(64))*pick(r, int64(-1), 1)))
}

func randomText(r *rand.Rand) string {
	var sb strings.Builder
	for range r.IntN(5) * r.IntN(4) {
		sb.WriteString(pick(r, "a", "b", " ", "é", "\x01", "\U0001F600", "\"", "\\", ",", "{", "}", "'", "\n", "null"))
	}
	return sb.String()
}

func randomDec(r *rand.Rand) Dec {
	switch r.IntN(8) {
	case 0:
		return pick(r, NaNDec, InfDec, NegInfDec, Dec{}, Dec{scale: 3}, DecFromInt(math.MinInt64), DecFromInt(math.MaxInt64))
	case 1:
		return DecFromInt128(int64(r.Uint64()), r.Uint64()).at(int32(r.IntN(40)))
	case 2:
		return DecFromInt(randomInt(r, -5, 5)).widen(int32(r.IntN(4)))
	}
	return DecFromScaled(randomInt(r, math.MinInt64, math.MaxInt64), int32(r.IntN(22)))
}

func randomFloat(r *rand.Rand) float64 {
	if r.IntN(3) == 0 {
		return pick(r, 0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 1, -1, 0.5, math.MaxFloat32, 1e-40)
	}
	return (r.Float64() - 0.5) * math.Pow(10, float64(r.IntN(60)-30))
}

func randomJSON(r *rand.Rand, depth int) string {
	if depth > 0 && r.IntN(2) == 0 {
		parts := make([]string, r.IntN(4))
		if r.IntN(2) == 0 {
			for i := range parts {
				parts[i] = randomJSON(r, depth-1)
			}
			return "[" + strings.Join(parts, ",") + "]"
		}
		for i := range parts {
			parts[i] = string(AppendJSONString(nil, randomText(r))) + ":" + randomJSON(r, depth-1)
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return pick(r, "null", "true", "false", "1", "1.0", "-2.5", "1e3", strconv.Itoa(r.IntN(100)), string(AppendJSONString(nil, randomText(r))))
}

// randomValue returns a value of t that is not NULL.
func randomValue(r *rand.Rand, t Type) Value {
	switch t.Kind {
	case Bool:
		return BoolValue(r.IntN(2) == 0)
	case Int2, Int4, Int8:
		return IntValue(randomInt(r, minOf(t), maxOf(t)))
	case OID:
		return IntValue(randomInt(r, 0, math.MaxUint32))
	case Date:
		return IntValue(pick(r, randomInt(r, dateMin, dateMax), PosInf, NegInf, int64(r.IntN(20000))))
	case Time:
		return IntValue(randomInt(r, 0, MicrosPerDay))
	case Timestamp, TimestampTZ:
		return IntValue(pick(r, randomInt(r, timestampMin, timestampEnd-1), PosInf, NegInf, r.Int64N(1e15)))
	case Float4:
		return FloatValue(float64(float32(randomFloat(r))))
	case Float8:
		return FloatValue(randomFloat(r))
	case Numeric:
		return DecValue(randomDec(r))
	case Interval:
		return SpanValue(Span{Micros: randomInt(r, math.MinInt64/2, math.MaxInt64/2), Days: int32(randomInt(r, -1e6, 1e6)),
			Months: int32(randomInt(r, -1e6, 1e6))})
	case UUID:
		b := make([]byte, uuidLen)
		b[r.IntN(uuidLen)] = byte(r.IntN(3))
		return BytesValue(b)
	case Bytea:
		return BytesValue([]byte(pick(r, "", "\x00", "\x00\x00", "\x00\x01", "\x00\xff", "\x01", "a", "a\x00", "a\x00b", "\xff", randomText(r))))
	case JSON:
		return TextValue(randomJSON(r, 2))
	case JSONB:
		b, err := NormalizeJSONB([]byte(randomJSON(r, 3)))
		if err != nil {
			panic(err)
		}
		return BytesValue(b)
	case TimeTZ:
		return ZonedTime{Micros: randomInt(r, 0, MicrosPerDay), East: int32(randomInt(r, 1-timeTZWestMax, timeTZWestMax-1))}.Value()
	case Bit, Varbit:
		n := pick(r, 0, 1, 7, 8, 9, 17)
		if t.Prec > 0 {
			n = int(t.Prec)
		}
		b := MakeBits(n)
		for i := range n {
			SetBitAt(b, i, r.IntN(3) == 0)
		}
		return BytesValue(b)
	case Inet, CIDR:
		a := Address{Addr: make([]byte, pick(r, 4, 16))}
		a.Addr[r.IntN(len(a.Addr))] = byte(r.Uint32())
		a.Addr[r.IntN(len(a.Addr))] = byte(r.IntN(4))
		if a.Bits = r.IntN(a.Max() + 1); t.Kind == CIDR {
			a = a.Network()
		}
		return BytesValue(a.Append(nil))
	case MacAddr:
		return BytesValue([]byte{byte(r.IntN(3)), 0, byte(r.Uint32()), 1, 0, byte(r.IntN(2))})
	case QChar:
		return BytesValue([]byte(pick(r, "", "a", "b", "\x80", "\xff")))
	case Char:
		v, _ := fitString(t, pick(r, "", "a", "a b", "ab", "éa"), true)
		return v
	}
	return randomNested(r, t)
}

func randomNested(r *rand.Rand, t Type) Value {
	orNull := func(t Type) Value {
		if r.IntN(4) == 0 {
			return Null
		}
		return randomValue(r, t)
	}
	switch t.Kind {
	case Array:
		vals := make([]Value, pick(r, 0, 1, 2, 3, 4))
		for i := range vals {
			vals[i] = orNull(*t.Elem)
		}
		if len(vals) == 4 && r.IntN(2) == 0 {
			return BytesValue(AppendArray(nil, *t.Elem, []int32{2, 2}, vals))
		}
		return BytesValue(AppendArray(nil, *t.Elem, nil, vals))
	case Record:
		vals := make([]Value, len(t.Fields))
		for i := range vals {
			vals[i] = orNull(t.Fields[i].Type)
		}
		return BytesValue(AppendRecord(nil, t.Fields, vals))
	case Map:
		keys, vals := make([]Value, r.IntN(4)), make([]Value, 4)
		for i := range keys {
			keys[i], vals[i] = randomValue(r, *t.Key), orNull(*t.Elem)
		}
		return BytesValue(AppendMap(nil, *t.Key, *t.Elem, keys, vals[:len(keys)]))
	}
	return TextValue(randomText(r))
}

func minOf(t Type) int64 { lo, _ := intRange(t.Kind); return lo }
func maxOf(t Type) int64 { _, hi := intRange(t.Kind); return hi }
