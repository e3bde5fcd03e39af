// Package wire serves the PostgreSQL protocol: it turns a client's messages into calls of a session.Session and the
// batches of its results into rows. It knows messages, formats and credentials; it knows no SQL.
//
// Main types: Server (listener, connections, cancel keys, shutdown), conn (one connection: the session loop with its
// three states ready, skip to Sync and done, and one function per message), reader (framed input with a size cap),
// writer (one output buffer a connection), rowEncoder (batch vectors to DataRow, an encoder per column chosen once),
// rowStream (a result on its way, which a portal's row limit may suspend), copyReader (COPY data to rows of fields).
//
// Invariants:
//   - A message is never larger than 10 KB before authentication and 64 MiB after it; memory follows the bytes that
//     arrived, not the length that a header claims.
//   - Functions that handle a message return a Go error only when the connection is to end; an SQL error is a message
//     to the client and a next state.
//   - Bytes of the read buffer are copied before they outlive their message.
//   - Nobody but the connection's goroutine touches its session. While a result waits for rows, or a statement takes
//     long, a watcher reads ahead into the read buffer, so that a client that leaves ends its query.
//
// A journey: Server.Serve accepts, conn.serve reads the startup packet, authenticates and opens the session; a Query
// message reaches conn.onQuery, which parses the text and runs each statement: Session.Execute, then sendRows
// pulls batches and appends DataRows to the writer, which is written at 64 KB, when Next is about to block, and at
// ReadyForQuery.
package wire
