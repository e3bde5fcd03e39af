package types

// Value is one boxed SQL value; its Type travels beside it. The field that counts is given by the type's Class:
// Bool → B, Int → I, Float → F, Numeric → N, Interval → S, Bytes → Bytes. A NULL has Null set and all else zero.
type Value struct {
	Null  bool
	B     bool
	I     int64
	F     float64
	N     Dec
	S     Span
	Bytes []byte // not to be changed by anyone once the Value is built
}

// Span is an interval: months, days and microseconds are kept apart as in PostgreSQL.
type Span struct {
	Micros int64
	Days   int32
	Months int32
}

// Null is the NULL value of any type.
var Null = Value{Null: true}

// BoolValue returns a boolean.
func BoolValue(b bool) Value { return Value{B: b} }

// IntValue returns a value of class ClassInt.
func IntValue(i int64) Value { return Value{I: i} }

// FloatValue returns a value of class ClassFloat.
func FloatValue(f float64) Value { return Value{F: f} }

// TextValue returns a value of class ClassBytes with s as its bytes.
func TextValue(s string) Value { return Value{Bytes: []byte(s)} }

// BytesValue returns a value of class ClassBytes; b belongs to the value afterwards.
func BytesValue(b []byte) Value { return Value{Bytes: b} }

// DecValue returns a numeric.
func DecValue(d Dec) Value { return Value{N: d} }

// SpanValue returns an interval.
func SpanValue(s Span) Value { return Value{S: s} }
