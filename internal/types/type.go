package types

import (
	"fmt"
	"strings"
)

// Kind names an SQL type without its modifiers.
type Kind uint8

// The kinds. Unknown is the type of an untyped literal or NULL before resolution.
const (
	Invalid Kind = iota
	Unknown
	Bool
	Int2
	Int4
	Int8
	Float4
	Float8
	Numeric
	Text
	Varchar
	Char // char(n), blank padded
	Bytea
	Date
	Time      // without time zone
	Timestamp // without time zone
	TimestampTZ
	Interval
	UUID
	JSON
	JSONB
	OID
	Name
	QChar // "char", one byte
	Regclass
	Regtype
	Regproc
	Regnamespace
	Array  // Elem
	Record // Fields: row(…), STRUCT<…>
	Map    // Key, Elem: MAP<k,v>
	Void
	TimeTZ // time with time zone
	Bit    // bit(n)
	Varbit // bit varying(n)
	Inet
	CIDR
	MacAddr
	JSONPath
)

// Class says how values of a kind are represented, in a Value and in a batch vector.
type Class uint8

// The representation classes.
const (
	ClassBool     Class = iota + 1 // bool
	ClassInt                       // int64: integers, oid, reg*, date (days since 2000-01-01), time, timestamp, timestamptz (microseconds; timestamps since 2000-01-01 00:00 UTC)
	ClassFloat                     // float64: real (rounded to float32 whenever computed), double precision
	ClassNumeric                   // Dec
	ClassInterval                  // Span
	ClassBytes                     // bytes: text, varchar, char, name, "char", bytea, uuid (16 bytes), json, jsonb (both as text), timetz (ZonedTime), bit strings (BitLen), inet and cidr (Address), macaddr, jsonpath (as text), arrays, records and maps (AppendNested's encoding)
)

// Type is an SQL type. The zero Type is invalid. Types are compared with Equal.
type Type struct {
	Kind   Kind
	Prec   int32   // numeric precision, char/varchar/bit length, time precision (NoDigits: 0 digits); 0 = not given
	Scale  int32   // numeric scale (used where Prec > 0); of an interval, its fields (IntervalRange)
	Elem   *Type   // Array, Map
	Key    *Type   // Map
	Fields []Field // Record; nil: a record of fields that are not known
}

// Field is one attribute of a Record type.
type Field struct {
	Name string
	Type Type
}

// T returns the type of kind k without modifiers.
func T(k Kind) Type { return Type{Kind: k} }

// ArrayOf returns the array type over elem. Arrays of any dimension have one type, as in PostgreSQL.
func ArrayOf(elem Type) Type { return Type{Kind: Array, Elem: &elem} }

// Class returns the representation class of values of t.
func (t Type) Class() Class {
	switch t.Kind {
	case Bool:
		return ClassBool
	case Int2, Int4, Int8, OID, Regclass, Regtype, Regproc, Regnamespace, Date, Time, Timestamp, TimestampTZ:
		return ClassInt
	case Float4, Float8:
		return ClassFloat
	case Numeric:
		return ClassNumeric
	case Interval:
		return ClassInterval
	}
	return ClassBytes
}

// Equal reports whether t and u are the same type, modifiers included.
func (t Type) Equal(u Type) bool {
	if t.Kind != u.Kind || t.Prec != u.Prec || t.Scale != u.Scale || len(t.Fields) != len(u.Fields) {
		return false
	}
	if (t.Elem == nil) != (u.Elem == nil) || t.Elem != nil && !t.Elem.Equal(*u.Elem) {
		return false
	}
	if (t.Key == nil) != (u.Key == nil) || t.Key != nil && !t.Key.Equal(*u.Key) {
		return false
	}
	for i := range t.Fields {
		if t.Fields[i].Name != u.Fields[i].Name || !t.Fields[i].Type.Equal(u.Fields[i].Type) {
			return false
		}
	}
	return true
}

// IsInteger reports smallint, integer or bigint.
func (t Type) IsInteger() bool { return t.Kind == Int2 || t.Kind == Int4 || t.Kind == Int8 }

// IsNumber reports an integer, numeric or floating point type.
func (t Type) IsNumber() bool {
	return t.IsInteger() || t.Kind == Numeric || t.Kind == Float4 || t.Kind == Float8
}

// IsString reports text, varchar, char, name or unknown.
func (t Type) IsString() bool {
	switch t.Kind {
	case Text, Varchar, Char, Name, Unknown:
		return true
	}
	return false
}

// IsTime reports date, time, timestamp or timestamptz (not time with time zone, which is no number).
func (t Type) IsTime() bool {
	return t.Kind == Date || t.Kind == Time || t.Kind == Timestamp || t.Kind == TimestampTZ
}

var kindNames = map[Kind]string{
	Invalid: "invalid", Unknown: "unknown", Bool: "boolean", Int2: "smallint", Int4: "integer", Int8: "bigint",
	Float4: "real", Float8: "double precision", Numeric: "numeric", Text: "text", Varchar: "character varying",
	Char: "character", Bytea: "bytea", Date: "date", Time: "time without time zone",
	Timestamp: "timestamp without time zone", TimestampTZ: "timestamp with time zone", Interval: "interval",
	UUID: "uuid", JSON: "json", JSONB: "jsonb", OID: "oid", Name: "name", QChar: `"char"`, Regclass: "regclass",
	Regtype: "regtype", Regproc: "regproc", Regnamespace: "regnamespace", Record: "record", Void: "void",
	TimeTZ: "time with time zone", Bit: "bit", Varbit: "bit varying", Inet: "inet", CIDR: "cidr", MacAddr: "macaddr",
	JSONPath: "jsonpath",
}

// digits writes the precision of a time type.
func (t Type) digits() string {
	if t.Prec == 0 {
		return ""
	}
	return fmt.Sprintf("(%d)", max(t.Prec, 0))
}

// String returns the type's name as PostgreSQL's format_type prints it: "numeric(10,2)", "bigint[]".
func (t Type) String() string {
	switch t.Kind {
	case Array:
		return t.Elem.String() + "[]"
	case Map:
		return fmt.Sprintf("map<%s, %s>", t.Key, t.Elem)
	case Record:
		if t.Fields == nil {
			return "record"
		}
		fs := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			fs[i] = f.Name + " " + f.Type.String()
		}
		return "struct<" + strings.Join(fs, ", ") + ">"
	case Interval:
		return kindNames[Interval] + intervalRanges[t.Scale].suffix() + t.digits()
	case Time, TimeTZ, Timestamp, TimestampTZ:
		if name, zone, ok := strings.Cut(kindNames[t.Kind], " "); ok && t.Prec != 0 {
			return name + t.digits() + " " + zone
		}
	case Numeric:
		if t.Prec > 0 {
			return fmt.Sprintf("numeric(%d,%d)", t.Prec, t.Scale)
		}
	case Varchar, Char, Bit, Varbit:
		if t.Prec > 0 {
			return fmt.Sprintf("%s(%d)", kindNames[t.Kind], t.Prec)
		}
		if t.Kind == Char {
			return "bpchar" // char of any length; "character" alone would be read as character(1)
		}
	}
	return kindNames[t.Kind]
}
