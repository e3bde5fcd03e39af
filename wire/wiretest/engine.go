package wiretest

import (
	"context"
	"strings"
	"sync/atomic"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
)

// Engine is a scripted session.Engine. Fill Script before the first session opens.
type Engine struct {
	// Script has what each statement text gives.
	Script map[string]*Statement
	// Params, if not nil, gets the startup parameters of each session.
	Params func(map[string]string)
	// OpenErr, if not nil, refuses every session.
	OpenErr error

	// Sessions and Results count what is open now.
	Sessions, Results atomic.Int64
}

// Statement is what one text gives. It is a session.Statement through the engine only.
type Statement struct {
	Params  []types.Type
	Columns []session.Column
	Kind    session.Kind
	Tag     string
	Batches []*batch.Batch
	// Feed, if not nil, makes a push query: it ends when Feed is closed.
	Feed chan *batch.Batch
	// Err is returned by Execute; LateErr by Next after the batches.
	Err, LateErr error
	// ParseErr is returned by Parse.
	ParseErr error
	// Panic makes Next panic.
	Panic bool
	// Call, if not nil, runs in Execute and may change what the execution gives.
	Call func(ctx context.Context, s *Session, args []types.Value, st Statement) (Statement, error)
	// Copy are the options of COPY; Rows takes what COPY FROM receives.
	Copy session.CopyOptions
	Rows func(fields [][]byte) error
	// Closed, if not nil, gets a value when a Result of the statement is closed.
	Closed chan struct{}
}

// Open implements session.Engine.
func (e *Engine) Open(ctx context.Context, params map[string]string) (session.Session, error) {
	if e.OpenErr != nil {
		return nil, e.OpenErr
	}
	if e.Params != nil {
		e.Params(params)
	}
	e.Sessions.Add(1)
	return &Session{engine: e, status: session.Idle, Cursors: map[string][]session.Column{}}, nil
}

// Session is one session of the fake. Script calls may change it.
type Session struct {
	engine  *Engine
	status  session.TxStatus
	changed []session.Setting
	// Cursors are the open SQL cursors; Pending the notices to come.
	Cursors map[string][]session.Column
	Pending []session.Notice
}

// bound is a statement of a text.
type bound struct {
	text string
	st   *Statement
}

func (b *bound) Text() string              { return b.text }
func (b *bound) Params() []types.Type      { return b.st.Params }
func (b *bound) Columns() []session.Column { return b.st.Columns }
func (b *bound) Kind() session.Kind        { return b.st.Kind }

// Parse splits at semicolons; lines that begin with -- are comments.
func (s *Session) Parse(_ context.Context, text string, _ []types.Type) ([]session.Statement, error) {
	var out []session.Statement
	at := 0
	for _, part := range strings.SplitAfter(text, ";") {
		word := strings.TrimSpace(strings.TrimSuffix(part, ";"))
		if word == "" || strings.HasPrefix(word, "--") {
			at += len(part)
			continue
		}
		st := s.lookup(word)
		if st == nil {
			return out, pgerr.At(at+strings.Index(part, word), pgerr.SyntaxError, "syntax error at or near %q", strings.Fields(word)[0])
		}
		if st.ParseErr != nil {
			return out, st.ParseErr
		}
		out = append(out, &bound{text: word, st: st})
		at += len(part)
	}
	return out, nil
}

func (s *Session) lookup(text string) *Statement {
	if st := s.engine.Script[text]; st != nil {
		return st
	}
	upper := strings.ToUpper(text)
	switch {
	case upper == "BEGIN":
		return s.transaction("BEGIN", session.InTx)
	case upper == "COMMIT", upper == "ROLLBACK":
		return s.transaction(upper, session.Idle)
	case strings.HasPrefix(upper, "SET "):
		return &Statement{Tag: "SET", Call: func(_ context.Context, s *Session, _ []types.Value, st Statement) (Statement, error) {
			name, value, _ := strings.Cut(text[4:], "=")
			s.changed = append(s.changed, session.Setting{Name: strings.TrimSpace(name), Value: strings.Trim(value, " '")})
			return st, nil
		}}
	}
	return nil
}

func (s *Session) transaction(tag string, to session.TxStatus) *Statement {
	return &Statement{Tag: tag, Call: func(_ context.Context, s *Session, _ []types.Value, st Statement) (Statement, error) {
		if s.status == session.Failed && tag == "COMMIT" {
			st.Tag = "ROLLBACK"
		}
		s.status = to
		return st, nil
	}}
}

// Execute implements session.Session.
func (s *Session) Execute(ctx context.Context, b session.Statement, args []types.Value) (session.Result, error) {
	st := *b.(*bound).st
	if s.status == session.Failed && !strings.EqualFold(b.Text(), "ROLLBACK") && !strings.EqualFold(b.Text(), "COMMIT") {
		return nil, pgerr.New(pgerr.InFailedSQLTransaction, "current transaction is aborted, commands ignored until end of transaction block")
	}
	if st.Err != nil {
		return nil, st.Err
	}
	if st.Call != nil {
		var err error
		if st, err = st.Call(ctx, s, args, st); err != nil {
			return nil, err
		}
	}
	s.engine.Results.Add(1)
	return &result{engine: s.engine, st: st}, nil
}

// Cursor implements session.Session.
func (s *Session) Cursor(name string) ([]session.Column, bool) {
	cols, ok := s.Cursors[name]
	return cols, ok
}

// TxStatus implements session.Session.
func (s *Session) TxStatus() session.TxStatus { return s.status }

// Fail implements session.Session.
func (s *Session) Fail() {
	if s.status == session.InTx {
		s.status = session.Failed
	}
}

// Format implements session.Session.
func (s *Session) Format() *types.Format { return types.DefaultFormat }

// Status implements session.Session with the settings that drivers look at.
func (s *Session) Status() []session.Setting {
	return []session.Setting{
		{Name: "server_version", Value: "15.0"}, {Name: "server_encoding", Value: "UTF8"}, {Name: "client_encoding", Value: "UTF8"},
		{Name: "DateStyle", Value: "ISO, MDY"}, {Name: "TimeZone", Value: "UTC"}, {Name: "integer_datetimes", Value: "on"},
		{Name: "standard_conforming_strings", Value: "on"},
	}
}

// Changed implements session.Session.
func (s *Session) Changed() []session.Setting {
	out := s.changed
	s.changed = nil
	return out
}

// Notices implements session.Session.
func (s *Session) Notices() []session.Notice {
	out := s.Pending
	s.Pending = nil
	return out
}

// Close implements session.Session.
func (s *Session) Close() { s.engine.Sessions.Add(-1) }

// result is one execution.
type result struct {
	engine *Engine
	st     Statement
	at     int
	closed bool
}

func (r *result) Columns() []session.Column { return r.st.Columns }
func (r *result) Tag() string               { return r.st.Tag }

func (r *result) CopyOptions() session.CopyOptions { return r.st.Copy }

func (r *result) Receive(_ context.Context, fields [][]byte) error {
	if r.st.Rows == nil {
		return nil
	}
	return r.st.Rows(fields)
}

func (r *result) Done(context.Context) error { return r.st.LateErr }

func (r *result) Next(ctx context.Context, _ int, idle func() error) (*batch.Batch, error) {
	if r.st.Panic {
		panic("scripted panic")
	}
	if r.at < len(r.st.Batches) {
		r.at++
		return r.st.Batches[r.at-1], nil
	}
	if r.st.Feed == nil || r.st.LateErr != nil {
		return nil, r.st.LateErr
	}
	select {
	case b := <-r.st.Feed:
		return b, nil
	default:
	}
	if idle != nil {
		if err := idle(); err != nil {
			return nil, err
		}
	}
	select {
	case b := <-r.st.Feed:
		return b, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (r *result) Close() {
	if r.closed {
		panic("wiretest: result closed twice")
	}
	r.closed = true
	r.engine.Results.Add(-1)
	if r.st.Closed != nil {
		r.st.Closed <- struct{}{}
	}
}
