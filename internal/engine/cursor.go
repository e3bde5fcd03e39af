package engine

import (
	"context"
	"fmt"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// cursorsMax bounds a session's open cursors and prepared statements.
const cursorsMax = 1000

// cursor is an SQL cursor: a running query whose rows FETCH takes.
type cursor struct {
	res  session.Result
	hold bool
}

// cursorStmt runs DECLARE, FETCH, MOVE and CLOSE.
func (cs *clientSession) cursorStmt(ctx context.Context, s *statement, args []types.Value) (session.Result, error) {
	switch t := s.tree.(type) {
	case *ast.Declare:
		return cs.declare(ctx, s, t, args)
	case *ast.Fetch:
		c := cs.cursors[t.Name]
		if c == nil {
			return nil, pgerr.New(pgerr.InvalidCursorName, "cursor %q does not exist", t.Name)
		}
		left := t.Count
		if t.All {
			left = -1
		}
		if t.Count < 0 && !t.All {
			return nil, pgerr.New(pgerr.FeatureNotSupported, "cursor can only scan forward")
		}
		f := &fetchResult{c: c, left: left, move: t.Move}
		if t.Move {
			return f, f.skip(ctx)
		}
		return f, nil
	case *ast.CloseCursor:
		if t.Name == "" {
			cs.closeCursors(true)
			return tagResult("CLOSE CURSOR ALL"), nil
		}
		c := cs.cursors[t.Name]
		if c == nil {
			return nil, pgerr.New(pgerr.InvalidCursorName, "cursor %q does not exist", t.Name)
		}
		c.res.Close()
		delete(cs.cursors, t.Name)
		return tagResult("CLOSE CURSOR"), nil
	}
	return nil, fmt.Errorf("engine: no cursor statement %T", s.tree)
}

func (cs *clientSession) declare(ctx context.Context, s *statement, t *ast.Declare, args []types.Value) (session.Result, error) {
	if !cs.tx.open && !t.Hold {
		return nil, pgerr.New(pgerr.NoActiveSQLTransaction, "DECLARE CURSOR can only be used in transaction blocks")
	}
	if cs.cursors[t.Name] != nil {
		return nil, pgerr.New(pgerr.DuplicateCursor, "cursor %q already exists", t.Name)
	}
	if len(cs.cursors) >= cursorsMax {
		return nil, pgerr.New(pgerr.ConfigurationLimitExceeded, "too many cursors: at most %d", cursorsMax)
	}
	if t.Scroll {
		return nil, pgerr.Unsupported(int(t.Pos), "SCROLL")
	}
	if t.Binary {
		return nil, pgerr.Unsupported(int(t.Pos), "BINARY cursor")
	}
	switch s.inner.tree.(type) {
	case *ast.QueryStmt, *ast.Subscribe:
	default:
		return nil, pgerr.New(pgerr.InvalidCursorState, "DECLARE CURSOR must be used with a query")
	}
	res, err := cs.run(ctx, s.inner, args)
	if err != nil {
		return nil, err
	}
	cs.cursors[t.Name] = &cursor{res: res, hold: t.Hold}
	return tagResult("DECLARE CURSOR"), nil
}

// closeCursors ends the transaction's cursors, or all.
func (cs *clientSession) closeCursors(all bool) {
	for name, c := range cs.cursors {
		if all || !c.hold {
			c.res.Close()
			delete(cs.cursors, name)
		}
	}
}

// fetchResult is the result of one FETCH: the cursor's next rows. Over a push query it blocks until they come.
type fetchResult struct {
	c    *cursor
	left int64 // -1: all
	move bool
	seen int64
}

func (f *fetchResult) Columns() []session.Column {
	if f.move {
		return nil
	}
	return f.c.res.Columns()
}

func (f *fetchResult) Next(ctx context.Context, max int, idle func() error) (*batch.Batch, error) {
	if f.left == 0 {
		return nil, nil
	}
	if f.left > 0 && (max <= 0 || int64(max) > f.left) {
		max = int(f.left)
	}
	b, err := f.c.res.Next(ctx, max, idle)
	if b == nil || err != nil {
		f.left = 0
		return nil, err
	}
	for _, w := range b.Weights {
		f.seen += w
		if f.left > 0 {
			f.left -= w
		}
	}
	return b, nil
}

// skip runs a MOVE.
func (f *fetchResult) skip(ctx context.Context) error {
	for {
		b, err := f.Next(ctx, 0, nil)
		if b == nil || err != nil {
			return err
		}
	}
}

func (f *fetchResult) Tag() string {
	if f.move {
		return fmt.Sprintf("MOVE %d", f.seen)
	}
	return fmt.Sprintf("FETCH %d", f.seen)
}

func (f *fetchResult) Close() {}

// prepareStmt runs PREPARE, EXECUTE and DEALLOCATE.
func (cs *clientSession) prepareStmt(ctx context.Context, s *statement) (session.Result, error) {
	switch t := s.tree.(type) {
	case *ast.Prepare:
		if cs.prepared[t.Name] != nil {
			return nil, pgerr.New(pgerr.DuplicatePreparedStatement, "prepared statement %q already exists", t.Name)
		}
		if len(cs.prepared) >= cursorsMax {
			return nil, pgerr.New(pgerr.ConfigurationLimitExceeded, "too many prepared statements: at most %d", cursorsMax)
		}
		cs.prepared[t.Name] = s.inner
		return tagResult("PREPARE"), nil
	case *ast.Execute:
		p := cs.prepared[t.Name]
		if p == nil {
			return nil, pgerr.At(int(t.Pos), pgerr.InvalidSQLStatementName, "prepared statement %q does not exist", t.Name)
		}
		if err := p.fresh(ctx); err != nil {
			return nil, err
		}
		args, err := cs.executeArgs(t, p.params)
		if err != nil {
			return nil, err
		}
		return cs.run(ctx, p, args)
	case *ast.Deallocate:
		if t.Name == "" {
			clear(cs.prepared)
			return tagResult("DEALLOCATE ALL"), nil
		}
		if cs.prepared[t.Name] == nil {
			return nil, pgerr.At(int(t.Pos), pgerr.InvalidSQLStatementName, "prepared statement %q does not exist", t.Name)
		}
		delete(cs.prepared, t.Name)
		return tagResult("DEALLOCATE"), nil
	}
	return nil, fmt.Errorf("engine: no statement %T", s.tree)
}
