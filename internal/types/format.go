package types

import "time"

// Format is how values are written as, and read from, text: a session's DateStyle, IntervalStyle, TimeZone,
// extra_float_digits and bytea_output. A nil *Format means DefaultFormat.
type Format struct {
	Loc              *time.Location // TimeZone; nil = UTC
	DateStyle        string         // "ISO" (default), "SQL", "German", "Postgres"
	DateOrder        string         // "MDY" (default), "DMY", "YMD"
	IntervalStyle    string         // "postgres" (default), "postgres_verbose", "sql_standard", "iso_8601"
	ExtraFloatDigits int            // 1 or more: shortest that reads back (PostgreSQL's default 1); 0 and below: rounded
	ByteaEscape      bool           // bytea_output = escape
	Now              int64          // the statement's time (timestamptz): decides the offset of a time with time zone that comes without one
	// ObjectName names the catalog object that a regclass, regproc or regnamespace is the number of; nil: numbers are
	// printed.
	ObjectName func(k Kind, oid uint32) (string, bool)
}

// DefaultFormat is PostgreSQL's default with time zone UTC.
var DefaultFormat = &Format{Loc: time.UTC, DateStyle: "ISO", DateOrder: "MDY", IntervalStyle: "postgres", ExtraFloatDigits: 1}
