package types

func appendNestedText(dst []byte, t Type, b []byte, f *Format) []byte { panic("unfinished: nested") }
func parseNestedText(t Type, s string, f *Format) (Value, error)      { panic("unfinished: nested") }
