package main

import "errors"

// script runs a test of statements with INSERT and ASSERT lines.
func (w *world) script(c *testCase) error { return errors.New("sql: not run yet") }
