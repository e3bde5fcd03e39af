// Package sqlclient is `streamsql sql`: a small client that prints rows as they arrive, without any setting.
//
// Main types: Options and Run; client (a connection and what it runs), table (rows in columns whose widths are fixed by
// the first rows), splitter (statements out of lines). It speaks to any PostgreSQL server and imports nothing of ours.
//
// A journey: Run connects, input feeds lines to the splitter, client.run sends one statement, table prints its rows
// while a Ctrl-C turns into a CancelRequest, and an error is shown like psql's, with its line and a caret.
package sqlclient
