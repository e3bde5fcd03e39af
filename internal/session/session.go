package session

import (
	"context"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// Engine opens sessions.
type Engine interface {
	// Open starts a session with the client's startup parameters (user, database, application_name, DateStyle …).
	Open(ctx context.Context, params map[string]string) (Session, error)
}

// TxStatus is the transaction status that ReadyForQuery reports.
type TxStatus byte

// The states.
const (
	Idle   TxStatus = 'I'
	InTx   TxStatus = 'T'
	Failed TxStatus = 'E'
)

// Session is one client's session. Methods are called from one goroutine at a time. An error of any method is an SQL
// error (found by pgerr.From); the session goes on after it.
type Session interface {
	// Parse reads a text of any number of statements and binds each as far as possible without parameter values.
	// paramTypes are the types the client declared for $1, $2 … (Unknown: to be inferred).
	// When a statement of the text is wrong, the statements before it are returned together with the error: a simple
	// query runs those first.
	Parse(ctx context.Context, text string, paramTypes []types.Type) ([]Statement, error)
	// Execute runs a statement. A nil Result never comes without an error. ctx ends the statement when cancelled
	// (57014). The Result must be closed.
	Execute(ctx context.Context, s Statement, args []types.Value) (Result, error)
	// Cursor describes the open SQL cursor of that name (Describe of a portal that DECLARE made).
	Cursor(name string) ([]Column, bool)
	TxStatus() TxStatus
	// Fail marks an open transaction as failed after an error that wire itself found.
	Fail()
	// Format is how values are written as text now (DateStyle, TimeZone … may change by SET).
	Format() *types.Format
	// Status returns the settings that are reported to the client as ParameterStatus. Changed returns those that
	// changed since the last call.
	Status() []Setting
	Changed() []Setting
	// Notices returns and forgets the notices and warnings since the last call.
	Notices() []Notice
	Close()
}

// Setting is one run-time parameter.
type Setting struct{ Name, Value string }

// Notice is a NoticeResponse: Severity is "NOTICE", "WARNING" …
type Notice struct{ Severity, Code, Message, Detail, Hint string }

// Statement is a parsed, bound statement. It may be executed many times.
type Statement interface {
	// Text is the statement as written, without the semicolon.
	Text() string
	// Params are the types of $1, $2 …
	Params() []types.Type
	// Columns describes the rows; nil for statements that return none.
	Columns() []Column
	// Kind tells the wire how the result is to be sent.
	Kind() Kind
}

// Kind is how a result travels.
type Kind uint8

// The kinds.
const (
	Command Kind = iota // no rows: CommandComplete only
	Rows                // RowDescription and DataRows
	CopyOut             // CopyOutResponse and CopyData
	CopyIn              // COPY … FROM STDIN: Result is a CopyReceiver too
)

// Column describes one result column.
type Column struct {
	Name     string
	Type     types.Type
	TableOID uint32 // 0: not a plain column
	Attr     int16
}

// Result yields the rows of one execution.
type Result interface {
	Columns() []Column
	// Next blocks until rows are there (a push query may wait for long), and returns nil at the end. Row i counts
	// Weights[i] times (always 1 but for pull results). max > 0 limits the rows returned: a portal's row limit.
	// idle, if not nil, is called when Next is about to block, so that what was sent so far can be flushed.
	Next(ctx context.Context, max int, idle func() error) (*batch.Batch, error)
	// Tag is the command tag once Next returned nil: "SELECT 5" (the wire counts rows itself when Tag ends in " ").
	Tag() string
	Close()
}

// CopyFormat is asked of a CopyOut Result.
type CopyFormat interface {
	CopyOptions() CopyOptions
}

// CopyOptions are COPY's options.
type CopyOptions struct {
	Format    string // "text", "csv", "binary"
	Delimiter byte
	Null      string
	Header    bool
	Quote     byte
}

// CopyReceiver takes the data of COPY … FROM STDIN.
type CopyReceiver interface {
	CopyOptions() CopyOptions
	// Receive takes one decoded row of text fields (nil = NULL); Done finishes the command.
	Receive(ctx context.Context, fields [][]byte) error
	Done(ctx context.Context) error
}
