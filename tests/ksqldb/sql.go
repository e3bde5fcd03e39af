package main

import (
	"errors"
	"fmt"
	"regexp"

	"streamsql/internal/pgerr"
)

// insertLine tells the lines that write a record.
var insertLine = regexp.MustCompile(`(?is)^\s*INSERT\s+INTO\b`)

// script runs a test of statements with INSERT and ASSERT lines: each insert passes through all queries before the next.
func (w *world) script(c *testCase) error {
	for i, sql := range c.Statements {
		last := i == len(c.Statements)-1
		_, err := w.run(w.ctx, sql)
		if err == nil && insertLine.MatchString(sql) {
			err = w.drain()
		}
		switch {
		case err != nil && pgerr.Code(err) == pgerr.InternalError:
			return fmt.Errorf("statement %d: %s", i, describe(err))
		case err != nil && last && c.fails():
			return nil
		case err != nil:
			return fmt.Errorf("statement %d: %s", i, describe(err))
		}
	}
	if c.fails() {
		return errors.New("the last statement must fail: " + exceptionText(c))
	}
	return nil
}
