// Package javatime formats and parses dates and times by the patterns of Java's java.time.format.DateTimeFormatter, which
// ksqlDB's functions and its property timestamp_format use: "yyyy-MM-dd'T'HH:mm:ss.SSSX".
//
// Compile turns a pattern into a Pattern, a list of elements; Append… writes a date, a time or an instant by it, Parse…
// reads one. All letters of Java's patterns are known but B and v, which are refused; text is English (Java's
// locale en-US), weeks begin on Sunday. Parsing does not look at case.
//
// What must hold: the rules are Java's "strict" parser and "smart" resolver. A run of numbers without a separator is
// split by their widths; a day that its month does not have becomes the month's last; a field that contradicts another
// is an error; a timestamp takes what its text does not say from 1970-01-01 00:00:00. No input makes it panic.
//
// A journey: ParseTimestamp matches each element at a position of the text and sets fields (parse.go), resolve makes a
// date and a time of day of them (resolve.go), and the zone that was found, or the caller's, gives the instant.
package javatime
