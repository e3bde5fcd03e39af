package engine

import (
	"context"
	"fmt"

	"streamsql/internal/batch"
	"streamsql/internal/session"
	"streamsql/internal/types"
)

// RunText runs statements in a session of their own and returns the last one's first row as text (NULL is ""). For
// tools that have the engine in their own process.
func (e *Engine) RunText(ctx context.Context, stmts ...string) ([]string, error) {
	s, err := e.Open(ctx, map[string]string{"user": "streamsql"})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var row []string
	for _, text := range stmts {
		if row, err = runText(ctx, s, text); err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
	}
	return row, nil
}

func runText(ctx context.Context, s session.Session, text string) ([]string, error) {
	var row []string
	parsed, err := s.Parse(ctx, text, nil)
	if err != nil {
		return nil, err
	}
	for _, p := range parsed {
		res, err := s.Execute(ctx, p, nil)
		if err != nil {
			return nil, err
		}
		row, err = firstRow(ctx, res)
		res.Close()
		if err != nil {
			return nil, err
		}
	}
	return row, nil
}

// firstRow reads a result to its end and returns its first row.
func firstRow(ctx context.Context, res session.Result) ([]string, error) {
	var row []string
	for {
		b, err := res.Next(ctx, 0, nil)
		if b == nil || err != nil {
			return row, err
		}
		if row != nil || b.Rows() == 0 {
			continue
		}
		for i, c := range res.Columns() {
			text := ""
			if v := batch.ValueAt(b.Cols[i], 0); !v.Null {
				text = string(types.AppendText(nil, c.Type, v, nil))
			}
			row = append(row, text)
		}
	}
}
