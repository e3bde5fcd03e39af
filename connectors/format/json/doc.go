// Package json decodes JSON records into columns and encodes rows as JSON.
//
// Decoder is directed by the columns it was made for: one pass over the text, all of it validated as RFC 8259 wants,
// values parsed only where a column wants them, nothing allocated per record. It predicts that a key is followed by
// the key that followed it in the record before, and then compares instead of parsing. Strings are scanned eight
// bytes at a time; unescaping happens only after a backslash was seen.
//
// What a JSON value may be for a column (everything else is a bad record, 22P02, or 22003 when out of range):
//
//	smallint, integer, bigint   a number without a fraction (1, 1.0, 1e3), or such a number as a string
//	real, double precision      a number, or a string ("NaN", "Infinity", "1.5")
//	numeric                     a number or string, exact, then rounded to the column's scale
//	boolean                     true, false
//	text, varchar, char         a string; a number, boolean, object or array as its JSON text
//	timestamp, timestamptz      "2006-01-02 15:04:05.999999" (blank or T, Z or offset), or milliseconds since 1970
//	date                        "2006-01-02", or days since 1970
//	time                        "15:04:05.999999", or milliseconds of the day
//	interval, uuid              PostgreSQL's text
//	bytea                       base64
//	json, jsonb                 any value
//	arrays                      an array, nested for more dimensions; null elements are NULL
//	structs                     an object; fields as columns, missing ones are NULL
//	maps                        an object; its keys by the input function of the key's type
//
// ksqlDB's forms (Form.KSQL) differ: numbers of days and milliseconds may be strings, integers lose a fraction, decimals are
// never rounded, an array is of one dimension (its elements may be arrays), and an object or array for a string is the
// text that ksqlDB makes of it. Dates, times and timestamps are written as numbers.
//
// Column names match keys exactly, else without regard to case. A missing key and null are NULL
// (for json and jsonb too, as in PostgreSQL's json_populate_record). Of duplicate keys the
// last wins, but an exact match always beats one by case.
//
// A key of one column is the bare JSON value (an object is accepted too); of several, an object.
package json
