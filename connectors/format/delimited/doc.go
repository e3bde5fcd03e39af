// Package delimited is the DELIMITED format: one line of values in the order of the columns, quoted as in RFC 4180.
//
// An empty field is NULL, a quoted empty field ("") is the empty text. The number of fields must be the number of
// columns. Values are PostgreSQL's text, except: bytea is base64, and a timestamp, date or time may be a number as in
// JSON (milliseconds since 1970, days since 1970, milliseconds of the day). A line end after the last field is ignored.
package delimited
