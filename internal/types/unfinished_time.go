package types

func parseDate(s string, f *Format) (int64, error)                    { panic("unfinished: parseDate") }
func parseTime(s string, f *Format, prec int32) (int64, error)        { panic("unfinished: parseTime") }
func parseSpan(s string, f *Format) (Span, error)                     { panic("unfinished: parseSpan") }
func appendSpan(dst []byte, s Span, style string) []byte              { panic("unfinished: appendSpan") }
func appendNestedText(dst []byte, t Type, b []byte, f *Format) []byte { panic("unfinished: nested") }
func parseNestedText(t Type, s string, f *Format) (Value, error)      { panic("unfinished: nested") }
func parseTimestampSlow(s string, f *Format, tz bool) (int64, error) {
	panic("unfinished: parseTimestampSlow")
}
