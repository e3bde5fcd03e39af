package wire

import (
	"context"

	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/wire/wiretest"
)

// noticeCall leaves a notice behind.
func noticeCall(_ context.Context, s *wiretest.Session, _ []types.Value, st wiretest.Statement) (wiretest.Statement, error) {
	s.Pending = append(s.Pending, session.Notice{Severity: "NOTICE", Code: "00000", Message: "look", Hint: "There."})
	return st, nil
}

// declareCall opens the SQL cursor c.
func declareCall(cols []session.Column) func(context.Context, *wiretest.Session, []types.Value, wiretest.Statement) (wiretest.Statement, error) {
	return func(_ context.Context, s *wiretest.Session, _ []types.Value, st wiretest.Statement) (wiretest.Statement, error) {
		s.Cursors["c"] = cols
		return st, nil
	}
}
