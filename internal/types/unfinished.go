package types

func AppendBinary(dst []byte, t Type, v Value) ([]byte, error) { panic("unfinished: AppendBinary") }
func ParseBinary(t Type, b []byte) (Value, error)              { panic("unfinished: ParseBinary") }

func AppendJSON(dst []byte, t Type, v Value) []byte { panic("unfinished: AppendJSON") }
func ParseJSON(t Type, b []byte) (Value, error)     { panic("unfinished: ParseJSON") }
