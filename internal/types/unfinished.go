package types

import (
	"time"
)

func AppendBinary(dst []byte, t Type, v Value) ([]byte, error) { panic("unfinished: AppendBinary") }
func ParseBinary(t Type, b []byte) (Value, error)              { panic("unfinished: ParseBinary") }

// AppendMap appends a map; keys are sorted and made unique (last wins).
func AppendJSON(dst []byte, t Type, v Value) []byte { panic("unfinished: AppendJSON") }
func ParseJSON(t Type, b []byte) (Value, error)     { panic("unfinished: ParseJSON") }

// civil.go
func TimestampAdd(ts int64, s Span) (int64, error) { panic("unfinished: TimestampAdd") }
func TimestampTZAdd(ts int64, s Span, loc *time.Location) (int64, error) {
	panic("unfinished: TimestampTZAdd")
}
func TimeAdd(t int64, s Span) int64                        { panic("unfinished: TimeAdd") }
func TimestampSub(a, b int64) (Span, error)                { panic("unfinished: TimestampSub") }
func Age(a, b int64) (Span, error)                         { panic("unfinished: Age") }
func AgeTZ(a, b int64, loc *time.Location) (Span, error)   { panic("unfinished: AgeTZ") }
func TimestampTrunc(field string, ts int64) (int64, error) { panic("unfinished: TimestampTrunc") }
func TimestampTZTrunc(field string, ts int64, loc *time.Location) (int64, error) {
	panic("unfinished: TimestampTZTrunc")
}
func SpanTrunc(field string, s Span) (Span, error)                    { panic("unfinished: SpanTrunc") }
func DateBin(stride Span, ts, origin int64) (int64, error)            { panic("unfinished: DateBin") }
func Extract(field string, t Type, v Value, f *Format) (Value, error) { panic("unfinished: Extract") }
func MakeDate(y, m, d int64) (int64, error)                           { panic("unfinished: MakeDate") }
func MakeTime(h, m int64, sec float64) (int64, error)                 { panic("unfinished: MakeTime") }
func MakeTimestamp(y, mo, d, h, mi int64, sec float64) (int64, error) {
	panic("unfinished: MakeTimestamp")
}
func MakeSpan(years, months, weeks, days, hours, mins int64, secs float64) (Span, error) {
	panic("unfinished: MakeSpan")
}
func (s Span) Neg() (Span, error)             { panic("unfinished: Span.Neg") }
func (s Span) Add(o Span) (Span, error)       { panic("unfinished: Span.Add") }
func (s Span) Sub(o Span) (Span, error)       { panic("unfinished: Span.Sub") }
func (s Span) Mul(f float64) (Span, error)    { panic("unfinished: Span.Mul") }
func (s Span) Div(f float64) (Span, error)    { panic("unfinished: Span.Div") }
func (s Span) JustifyHours() (Span, error)    { panic("unfinished: Span.JustifyHours") }
func (s Span) JustifyDays() (Span, error)     { panic("unfinished: Span.JustifyDays") }
func (s Span) JustifyInterval() (Span, error) { panic("unfinished: Span.JustifyInterval") }
