package main

import (
	"errors"
	"fmt"
	"strings"

	"streamsql/internal/pgerr"
)

// verdict is how a case ended.
type verdict string

const (
	passed   verdict = "pass"
	failed   verdict = "fail"
	skipped  verdict = "skip"
	deviates verdict = "deviation"
)

// outcome is what became of a case.
type outcome struct {
	c       *testCase
	verdict verdict
	reason  string
}

// runCase runs one case in a world of its own.
func runCase(c *testCase) (o outcome) {
	o = outcome{c: c, verdict: passed}
	if len(c.TestFunctions) > 0 {
		return outcome{c, skipped, "needs functions of upstream's test code: " + strings.Join(c.TestFunctions, ", ")}
	}
	defer func() {
		if p := recover(); p != nil {
			o = outcome{c, failed, fmt.Sprintf("panic: %v", p)}
		}
	}()
	w, err := newWorld(c)
	if err != nil {
		return outcome{c, failed, err.Error()}
	}
	defer w.close()
	switch c.Kind {
	case "rest":
		err = w.rest(c)
	case "sql":
		err = w.script(c)
	default:
		err = w.query(c)
	}
	if err != nil {
		o.verdict, o.reason = failed, err.Error()
	}
	return o
}

// query runs a query validation test.
func (w *world) query(c *testCase) error {
	if err := w.statements(c, c.Statements); err != nil || c.fails() {
		return err
	}
	if err := w.feed(c); err != nil {
		return err
	}
	return w.expected(c)
}

// feed produces a case's inputs, each into a tick of its own.
func (w *world) feed(c *testCase) error {
	for _, in := range c.Inputs {
		rec, err := w.input(c, in)
		if err != nil {
			return fmt.Errorf("input: %w", err)
		}
		if err := w.produce(rec); err != nil {
			return fmt.Errorf("produce: %w", err)
		}
	}
	if err := w.failure(); err != nil {
		return err
	}
	if err := w.drain(); err != nil {
		return fmt.Errorf("drain: %w", err)
	}
	return nil
}

// expected compares what the case has come to with what it expects.
func (w *world) expected(c *testCase) error {
	if err := w.outputs(c.Outputs); err != nil {
		if c.OutputsOld == nil || w.outputs(c.OutputsOld.Outputs) != nil {
			return err
		}
	}
	return c.Post.check(w.engine.Catalog())
}

// statements runs all statements.
func (w *world) statements(c *testCase, all []string) error {
	return w.runAll(c, all, func(sql string) error {
		_, err := w.run(w.ctx, sql)
		return err
	})
}

// runAll runs statements by run; the last one must fail if the case says so.
func (w *world) runAll(c *testCase, all []string, run func(sql string) error) error {
	for i, sql := range all {
		last := i == len(all)-1
		err := run(sql)
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

func exceptionText(c *testCase) string {
	text := string(c.ExpectedException)
	if !isJSON(c.ExpectedException) {
		text = string(c.ExpectedError)
	}
	return strings.Join(strings.Fields(text), " ")
}

// outputs compares the topics that a case names, whole.
func (w *world) outputs(want []record) error {
	var order []string
	by := map[string][]record{}
	for _, r := range want {
		if by[r.Topic] == nil {
			order = append(order, r.Topic)
		}
		by[r.Topic] = append(by[r.Topic], r)
	}
	for _, t := range order {
		if err := w.compareTopic(t, by[t]); err != nil {
			return err
		}
	}
	if len(want) > 0 {
		return nil
	}
	for _, o := range w.engine.Catalog().Objects() { // nothing is expected of any query
		if o.Connector != nil && o.Query != "" {
			if err := w.compareTopic(o.Connector.Topic, nil); err != nil {
				return err
			}
		}
	}
	return nil
}
