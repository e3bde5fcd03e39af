package types

import (
	"math"
	"strings"

	"streamsql/internal/pgerr"
)

// CastContext says where a cast stands, as in pg_cast.castcontext.
type CastContext uint8

// The contexts, each allowing what those before it allow.
const (
	Implicit   CastContext = iota // anywhere in an expression
	Assignment                    // a value stored into a column
	Explicit                      // CAST(x AS t), x::t
)

// castTable is pg_cast: for every source the targets by context.
var castTable = [...]struct {
	from               Kind
	implicit           []Kind
	assignment, expert []Kind
}{
	{Bool, nil, []Kind{Char, Text, Varchar}, []Kind{Int4}},
	{Int2, []Kind{Float4, Float8, Int4, Int8, Numeric, OID, Regclass, Regnamespace, Regproc, Regtype}, nil, nil},
	{Int4, []Kind{Float4, Float8, Int8, Numeric, OID, Regclass, Regnamespace, Regproc, Regtype}, []Kind{Int2}, []Kind{Bool, QChar, Bit}},
	{Int8, []Kind{Float4, Float8, Numeric, OID, Regclass, Regnamespace, Regproc, Regtype}, []Kind{Int2, Int4}, []Kind{Bit}},
	{Bit, []Kind{Varbit}, nil, []Kind{Int4, Int8}},
	{Varbit, []Kind{Bit}, nil, nil},
	{CIDR, []Kind{Inet}, []Kind{Text, Varchar, Char}, nil},
	{Inet, nil, []Kind{CIDR, Text, Varchar, Char}, nil},
	{Float4, []Kind{Float8}, []Kind{Int2, Int4, Int8, Numeric}, nil},
	{Float8, nil, []Kind{Float4, Int2, Int4, Int8, Numeric}, nil},
	{Numeric, []Kind{Float4, Float8}, []Kind{Int2, Int4, Int8}, nil},
	{Text, []Kind{Char, Name, Regclass, Varchar}, []Kind{QChar}, nil},
	{Varchar, []Kind{Char, Name, Regclass, Text}, []Kind{QChar}, nil},
	{Char, []Kind{Name, Text, Varchar}, []Kind{QChar}, nil},
	{Name, []Kind{Text}, []Kind{Char, Varchar}, nil},
	{QChar, []Kind{Text}, []Kind{Char, Varchar}, []Kind{Int4}},
	{Date, []Kind{Timestamp, TimestampTZ}, nil, nil},
	{Time, []Kind{Interval, TimeTZ}, nil, nil},
	{TimeTZ, nil, []Kind{Time}, nil},
	{Timestamp, []Kind{TimestampTZ}, []Kind{Date, Time}, nil},
	{TimestampTZ, nil, []Kind{Date, Time, TimeTZ, Timestamp}, nil},
	{Interval, nil, []Kind{Time}, nil},
	{JSON, nil, []Kind{JSONB}, nil},
	{JSONB, nil, []Kind{JSON}, []Kind{Bool, Float4, Float8, Int2, Int4, Int8, Numeric}},
	{OID, []Kind{Regclass, Regnamespace, Regproc, Regtype}, []Kind{Int4, Int8}, nil},
	{Regclass, []Kind{OID}, []Kind{Int4, Int8}, nil},
	{Regtype, []Kind{OID}, []Kind{Int4, Int8}, nil},
	{Regproc, []Kind{OID}, []Kind{Int4, Int8}, nil},
	{Regnamespace, []Kind{OID}, []Kind{Int4, Int8}, nil},
}

var castContexts = map[[2]Kind]CastContext{}

func init() {
	for _, c := range castTable {
		for i, ks := range [...][]Kind{c.implicit, c.assignment, c.expert} {
			for _, k := range ks {
				castContexts[[2]Kind{c.from, k}] = CastContext(i)
			}
		}
	}
}

// CanCast reports whether PostgreSQL casts from to to in context ctx: pg_cast, the conversions through text (to string
// types on assignment, from them explicitly), arrays by their elements.
func CanCast(from, to Type, ctx CastContext) bool {
	switch {
	case from.Kind == Unknown, from.Kind == to.Kind && from.Kind != Array && from.Kind != Record && from.Kind != Map:
		return true
	case from.Kind == Array && to.Kind == Array:
		return CanCast(*from.Elem, *to.Elem, ctx)
	case from.Equal(to):
		return true
	case from.Kind == Record && to.Kind == Record:
		return canCastRecord(from, to, ctx)
	}
	if c, ok := castContexts[[2]Kind{from.Kind, to.Kind}]; ok {
		return ctx >= c
	}
	if from.Kind == Map && (to.Kind == JSONB || to.Kind == JSON) {
		return ctx >= Assignment
	}
	if from.Kind == Void || to.Kind == Void || to.Kind == Record || to.Kind == Unknown {
		return false
	}
	if to.IsString() {
		return ctx >= Assignment
	}
	return from.IsString() && ctx >= Explicit
}

func canCastRecord(from, to Type, ctx CastContext) bool {
	if len(from.Fields) != len(to.Fields) {
		return false
	}
	for i := range from.Fields {
		if !CanCast(from.Fields[i].Type, to.Fields[i].Type, ctx) {
			return false
		}
	}
	return true
}

// Cast converts v from one type to another as an explicit cast does (varchar(n) cuts in silence); NULL stays NULL. f is
// for the text forms and the time zone. Errors: 22003, 22P02, 22007, 22008, 22023; 42846 when there is no such cast.
func Cast(from, to Type, v Value, f *Format) (Value, error) {
	if v.Null {
		return v, nil
	}
	switch {
	case from.Kind == Array && to.Kind == Array:
		return castArray(from, to, v, f)
	case from.Kind == Record && to.Kind == Record && canCastRecord(from, to, Explicit):
		return castRecord(from, to, v, f)
	case from.IsString() || from.Kind == QChar && (to.IsString() || to.Kind == Int4):
		return castText(from, to, v, f)
	case to.Kind == Text || to.Kind == Varchar || to.Kind == Char || to.Kind == Name || to.Kind == Unknown:
		return castToText(from, to, v, f)
	case from.Kind == to.Kind:
		return fitModifier(to, v)
	}
	switch from.Kind {
	case TimeTZ:
		return castTimeTZ(from, to, v.Bytes)
	case Inet, CIDR:
		return castInet(from, to, v.Bytes)
	case Bit, Varbit:
		return castBits(from, to, v)
	}
	if from.Kind == JSONB && (to.IsNumber() || to.Kind == Bool) {
		return castJSONB(to, v, f)
	}
	switch from.Class() {
	case ClassInt:
		if from.IsTime() {
			return castTime(from, to, v, f)
		}
		return castInt(from, to, v)
	case ClassFloat:
		return castFloat(from, to, v)
	case ClassNumeric:
		return castDec(from, to, v)
	case ClassBool:
		if to.Kind == Int4 {
			return IntValue(boolInt(v.B)), nil
		}
	case ClassInterval:
		if to.Kind == Time {
			return fitModifier(to, IntValue(modMicros(v.S.Micros)))
		}
	}
	switch {
	case from.Kind == JSONB && to.Kind == JSON:
		return v, nil
	case from.Kind == JSON && to.Kind == JSONB, from.Kind == Map && to.Kind == JSONB:
		return ParseText(to, string(AppendText(nil, from, v, f)), f)
	case from.Kind == Map && to.Kind == JSON:
		return BytesValue(AppendText(nil, from, v, f)), nil
	}
	return Value{}, cannotCast(from, to)
}

// Assign converts v as storing it in a column does: like Cast, but what is too long for a string or bit string with a
// length is refused (22001, 22026) unless only blanks are lost.
func Assign(from, to Type, v Value, f *Format) (Value, error) {
	if v.Null || !to.CastCuts() {
		return Cast(from, to, v, f)
	}
	if to.Kind == Array {
		return assignArray(from, to, v, f)
	}
	v, err := Cast(from, to.plain(), v, f)
	if err != nil {
		return v, err
	}
	if to.Kind == Bit || to.Kind == Varbit {
		return v, lengthOfBits(to, BitLen(v.Bytes))
	}
	return fitString(to, string(v.Bytes), false)
}

func assignArray(from, to Type, v Value, f *Format) (Value, error) {
	plain := to.plain()
	v, err := Cast(from, plain, v, f)
	if err != nil {
		return v, err
	}
	dims, vals, err := DecodeArray(v.Bytes, *to.Elem)
	if err != nil {
		return v, err
	}
	for i := range vals {
		if vals[i], err = Assign(*plain.Elem, *to.Elem, vals[i], f); err != nil {
			return v, err
		}
	}
	return BytesValue(AppendArray(nil, *to.Elem, dims, vals)), nil
}

func cannotCast(from, to Type) error {
	return pgerr.New(pgerr.CannotCoerce, "cannot cast type %s to %s", from, to)
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// modMicros wraps a number of microseconds into one day.
func modMicros(us int64) int64 { return us - floorDiv(us, MicrosPerDay)*MicrosPerDay }

// fitModifier applies to's modifier to a value of its kind.
func fitModifier(to Type, v Value) (Value, error) {
	switch to.Kind {
	case Numeric:
		return decValue(v.N.Fit(to.Prec, to.Scale))
	case Varchar, Char:
		return fitString(to, string(v.Bytes), true)
	case Bit, Varbit:
		return fitBits(to, v.Bytes), nil
	case TimeTZ:
		return castTimeTZ(to, to, v.Bytes)
	case Interval:
		v.S = fitSpan(v.S, to.Scale)
		v.S.Micros = fitMicros(to, v.S.Micros)
	case Time, Timestamp, TimestampTZ:
		return IntValue(fitMicros(to, v.I)), nil
	}
	return v, nil
}

// NoDigits is the Prec of a time type of whole seconds, timestamp(0): 0 there says that nothing was given.
const NoDigits = -1

// fitMicros rounds to the digits after the second that t has.
func fitMicros(t Type, us int64) int64 {
	if t.Prec == 0 {
		return us
	}
	return roundMicros(us, max(t.Prec, 0))
}

// roundMicros rounds to prec digits after the second.
func roundMicros(us int64, prec int32) int64 {
	if prec >= 6 || prec < 0 || IsInfinite(us) {
		return us
	}
	unit := pow10[6-prec]
	half := unit / 2
	if us < 0 {
		return -((-us + half) / unit * unit)
	}
	return (us + half) / unit * unit
}

// castText casts from a string type.
func castText(from, to Type, v Value, f *Format) (Value, error) {
	s := string(v.Bytes)
	if from.Kind == Char && (to.Kind == Text || to.Kind == Varchar || to.Kind == Name) {
		s = strings.TrimRight(s, " ")
	}
	if from.Kind == QChar && to.Kind != Int4 {
		if err := checkUTF8(s); to.Kind == Char && err != nil {
			return Value{}, err // PostgreSQL takes the byte itself here, not the text form
		}
		s = string(appendQChar(nil, v.Bytes))
	}
	switch to.Kind {
	case Text, Unknown:
		return TextValue(s), nil
	case Varchar, Char:
		return fitString(to, s, true)
	case Name:
		return TextValue(clipName(s)), nil
	case Int4:
		if from.Kind == QChar { // the code of the byte, signed
			if s == "" {
				return IntValue(0), nil
			}
			return IntValue(int64(int8(s[0]))), nil
		}
	}
	if to.CastCuts() { // input would refuse what is too long
		plain := to.plain()
		v, err := ParseText(plain, s, f)
		if err != nil {
			return v, err
		}
		return Cast(plain, to, v, f)
	}
	return ParseText(to, s, f)
}

// CastCuts reports that an explicit cast to t cuts in silence what input of t refuses as too long: strings and bit strings
// with a length, and arrays of them.
func (t Type) CastCuts() bool {
	switch t.Kind {
	case Varchar, Char, Bit, Varbit:
		return t.Prec > 0
	case Array:
		return t.Elem.CastCuts()
	}
	return false
}

// plain is t without its length.
func (t Type) plain() Type {
	if t.Kind == Array {
		return ArrayOf(t.Elem.plain())
	}
	return T(t.Kind)
}

// castToText casts to a string type by the output function; booleans are spelled out.
func castToText(from, to Type, v Value, f *Format) (Value, error) {
	var s string
	switch {
	case from.Kind == Bool && to.Kind != Name:
		s = "false"
		if v.B {
			s = "true"
		}
	case from.Kind == Inet && to.Kind != Name:
		s = string(appendInet(nil, CIDR, v.Bytes)) // text(inet) shows the mask always
	default:
		s = string(AppendText(nil, from, v, f))
	}
	switch to.Kind {
	case Varchar, Char:
		return fitString(to, s, true)
	case Name:
		s = clipName(s)
	}
	return TextValue(s), nil
}

// fitInt checks the range of an integer (or oid) kind. Error: 22003.
func fitInt(to Type, i int64, ok bool) (Value, error) {
	switch to.Kind {
	case OID, Regclass, Regtype, Regproc, Regnamespace:
		if !ok || i < 0 || i > math.MaxUint32 {
			return Value{}, pgerr.New(pgerr.NumericValueOutOfRange, "OID out of range")
		}
		return IntValue(i), nil
	}
	if lo, hi := intRange(to.Kind); !ok || i < lo || i > hi {
		return Value{}, pgerr.New(pgerr.NumericValueOutOfRange, "%s out of range", kindNames[to.Kind])
	}
	return IntValue(i), nil
}

func castInt(from, to Type, v Value) (Value, error) {
	switch to.Kind {
	case Int2, Int8:
		return fitInt(to, v.I, true)
	case Int4:
		if !from.IsInteger() {
			return IntValue(int64(int32(v.I))), nil // oid: the same 32 bits
		}
		return fitInt(to, v.I, true)
	case OID, Regclass, Regtype, Regproc, Regnamespace:
		if from.Kind == Int2 || from.Kind == Int4 {
			return IntValue(int64(uint32(v.I))), nil
		}
		return fitInt(to, v.I, true)
	case Float4:
		return FloatValue(float64(float32(v.I))), nil
	case Float8:
		return FloatValue(float64(v.I)), nil
	case Numeric:
		return decValue(DecFromInt(v.I).Fit(to.Prec, to.Scale))
	case Bit:
		return castIntToBits(to, v.I), nil
	case Bool:
		if from.Kind == Int4 {
			return BoolValue(v.I != 0), nil
		}
	case QChar:
		if from.Kind == Int4 {
			return castQChar(v.I)
		}
	}
	return Value{}, cannotCast(from, to)
}

func castQChar(i int64) (Value, error) {
	if i < math.MinInt8 || i > math.MaxInt8 {
		return Value{}, pgerr.New(pgerr.NumericValueOutOfRange, "\"char\" out of range")
	}
	if i == 0 {
		return BytesValue([]byte{}), nil
	}
	return BytesValue([]byte{byte(i)}), nil
}

func castFloat(from, to Type, v Value) (Value, error) {
	switch to.Kind {
	case Int2, Int4, Int8:
		r := math.RoundToEven(v.F)
		return fitInt(to, int64(r), r >= math.MinInt64 && r < math.MaxInt64) // false for NaN, too
	case Float8:
		return v, nil
	case Float4:
		return narrowFloat(v.F)
	case Numeric:
		d, err := DecFromFloat(v.F)
		if from.Kind == Float4 {
			d, err = DecFromFloat32(v.F)
		}
		if err != nil {
			return Value{}, err
		}
		return decValue(d.Fit(to.Prec, to.Scale))
	}
	return Value{}, cannotCast(from, to)
}

// narrowFloat rounds a double to real. Error: 22003 on overflow and underflow.
func narrowFloat(f float64) (Value, error) {
	r := float64(float32(f))
	if math.IsInf(r, 0) && !math.IsInf(f, 0) {
		return Value{}, pgerr.New(pgerr.NumericValueOutOfRange, "value out of range: overflow")
	}
	if r == 0 && f != 0 {
		return Value{}, pgerr.New(pgerr.NumericValueOutOfRange, "value out of range: underflow")
	}
	return FloatValue(r), nil
}

func castDec(from, to Type, v Value) (Value, error) {
	switch to.Kind {
	case Int2, Int4, Int8:
		i, ok, err := v.N.toInt(kindNames[to.Kind])
		if err != nil {
			return Value{}, err
		}
		return fitInt(to, i, ok)
	case Float8, Float4:
		return decToFloat(to, v.N)
	}
	return Value{}, cannotCast(from, to)
}

// decToFloat goes through text as PostgreSQL does: what is out of range is the input function's error.
func decToFloat(to Type, d Dec) (Value, error) {
	if f := d.Float64(); to.Kind == Float8 && !math.IsInf(f, 0) && (f != 0 || d.Sign() == 0) {
		return FloatValue(f), nil
	}
	return parseFloat(to.Kind, d.String())
}

// castJSONB casts a jsonb scalar to a number or boolean.
func castJSONB(to Type, v Value, f *Format) (Value, error) {
	j, err := ParseJSONText(v.Bytes)
	if err != nil {
		return Value{}, err
	}
	switch {
	case j.Kind == JSONNumber && to.Kind == Numeric:
		return decValue(j.Num.Fit(to.Prec, to.Scale))
	case j.Kind == JSONNumber && to.IsNumber():
		return Cast(T(Numeric), to, DecValue(j.Num), f)
	case j.Kind == JSONBool && to.Kind == Bool:
		return BoolValue(j.Bool), nil
	}
	kind := [...]string{"null", "string", "numeric", "boolean", "array", "object"}[j.Kind]
	return Value{}, pgerr.New(pgerr.InvalidParameterValue, "cannot cast jsonb %s to type %s", kind, kindNames[to.Kind])
}

// castTime casts between dates, times and timestamps.
func castTime(from, to Type, v Value, f *Format) (Value, error) {
	loc := orDefault(f).Loc
	ts := v.I
	switch {
	case from.Kind == Time && to.Kind == Interval:
		return fitModifier(to, SpanValue(Span{Micros: v.I}))
	case from.Kind == Time && to.Kind == TimeTZ:
		fm := orDefault(f)
		return castTimeTZ(to, to, ZonedTime{Micros: v.I, East: TodayOffset(v.I, fm)}.Value().Bytes)
	case from.Kind == TimestampTZ && to.Kind == TimeTZ:
		return timestampToTimeTZ(to, v.I, orDefault(f))
	case from.Kind == Time:
		return Value{}, cannotCast(from, to)
	case from.Kind == Date:
		var err error
		if ts, err = DateToTimestamp(v.I); err != nil {
			return Value{}, err
		}
	case from.Kind == TimestampTZ:
		ts = UTCToLocal(v.I, loc)
	}
	switch {
	case to.Kind == Timestamp || to.Kind == TimestampTZ:
		if to.Kind == TimestampTZ {
			ts = LocalToUTC(ts, loc)
		}
		if _, err := CheckTimestamp(ts); err != nil {
			return Value{}, err
		}
		return fitModifier(to, IntValue(ts))
	case to.Kind == Date:
		return IntValue(TimestampToDate(ts)), nil
	case to.Kind == Time && from.Kind != Date:
		if IsInfinite(ts) {
			return Null, nil
		}
		return fitModifier(to, IntValue(TimestampToTime(ts)))
	}
	return Value{}, cannotCast(from, to)
}

func castArray(from, to Type, v Value, f *Format) (Value, error) {
	dims, vals, err := DecodeArray(v.Bytes, *from.Elem)
	if err != nil {
		return Value{}, err
	}
	for i := range vals {
		if vals[i], err = Cast(*from.Elem, *to.Elem, vals[i], f); err != nil {
			return Value{}, err
		}
	}
	return BytesValue(AppendArray(nil, *to.Elem, dims, vals)), nil
}

func castRecord(from, to Type, v Value, f *Format) (Value, error) {
	vals, err := DecodeRecord(v.Bytes, from.Fields)
	if err != nil {
		return Value{}, err
	}
	for i := range vals {
		if vals[i], err = Cast(from.Fields[i].Type, to.Fields[i].Type, vals[i], f); err != nil {
			return Value{}, err
		}
	}
	return BytesValue(AppendRecord(nil, to.Fields, vals)), nil
}
