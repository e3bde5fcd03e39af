package main

import "regexp"

// insertLine tells the lines that write a record.
var insertLine = regexp.MustCompile(`(?is)^\s*INSERT\s+INTO\b`)

// script runs a test of statements with INSERT and ASSERT lines: each insert passes through all queries before the next.
func (w *world) script(c *testCase) error {
	return w.runAll(c, c.Statements, func(sql string) error {
		_, err := w.run(w.ctx, sql)
		if err == nil && insertLine.MatchString(sql) {
			err = w.drain()
		}
		return err
	})
}
