package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"streamsql/internal/session"
	"streamsql/internal/types"
)

// firstSelect tells the statements of the script from the queries behind it.
var firstSelect = regexp.MustCompile(`(?is)^\s*SELECT\b`)

// pushWait bounds the wait for a push query's next row: what did not come by then does not come.
const pushWait = 2 * time.Second

// rest runs a test of the REST interface: a script, the inputs, then each query.
func (w *world) rest(c *testCase) error {
	n := 0
	for n < len(c.Statements) && !firstSelect.MatchString(c.Statements[n]) {
		n++
	}
	script := *c
	if n < len(c.Statements) {
		script.ExpectedException, script.ExpectedError = nil, nil
	}
	if err := w.statements(&script, c.Statements[:n]); err != nil || script.fails() {
		return err
	}
	if err := w.feed(c); err != nil {
		return err
	}
	for i, sql := range c.Statements[n:] {
		var want map[string]json.RawMessage
		if n+i < len(c.Responses) {
			want = c.Responses[n+i]
		}
		err := w.request(sql, want)
		last := n+i == len(c.Statements)-1
		switch {
		case last && isJSON(c.ExpectedError):
			if err == nil {
				return errors.New("the last statement must fail: " + exceptionText(c))
			}
			return nil
		case err != nil:
			return fmt.Errorf("statement %d: %w", n+i, err)
		}
	}
	if len(c.Outputs) == 0 {
		return nil
	}
	return w.expected(c)
}

// request runs one query and compares its answer.
func (w *world) request(sql string, want map[string]json.RawMessage) error {
	stmts, err := w.session.Parse(w.ctx, sql, nil)
	if err != nil {
		return errors.New(describe(err))
	}
	ctx, cancel := context.WithTimeout(w.ctx, pushWait)
	defer cancel()
	rows, header := expectedRows(want["query"])
	most := 0
	if strings.Contains(strings.ToUpper(sql), "EMIT") {
		most = max(len(rows), 1)
	}
	for _, s := range stmts {
		res, err := w.execute(ctx, s, most)
		if err != nil {
			if most > 0 && res != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("%d rows, not %d", len(res.rows), len(rows))
			}
			return errors.New(describe(err))
		}
		if len(want) == 0 {
			continue
		}
		if err := sameHeader(res.cols, header); err != nil {
			return err
		}
		if err := sameRows(res, rows); err != nil {
			return err
		}
	}
	return nil
}

// expectedRows reads what an answer must have: its rows, and its schema if it is said.
func expectedRows(raw json.RawMessage) (rows [][]any, schema string) {
	var parts []map[string]json.RawMessage
	if !isJSON(raw) || json.Unmarshal(raw, &parts) != nil {
		return nil, ""
	}
	for _, p := range parts {
		if h, ok := p["header"]; ok {
			var x struct{ Schema string }
			_ = json.Unmarshal(h, &x)
			schema = x.Schema
		}
		if r, ok := p["row"]; ok {
			v, err := parseJSON(r)
			if m, ok := v.(map[string]any); err == nil && ok {
				cols, _ := m["columns"].([]any)
				rows = append(rows, cols)
			}
		}
	}
	return rows, schema
}

// keyWord is what an answer's schema says of keys: here they are columns like others.
var keyWord = regexp.MustCompile(`(?i)\s+(KEY\b|HEADERS\b|HEADER\('[^']*'\))`)

// sameHeader compares an answer's columns with a schema's text.
func sameHeader(cols []session.Column, schema string) error {
	if schema == "" {
		return nil
	}
	var got []string
	for _, c := range cols {
		got = append(got, c.Name+" "+typeText(c.Type))
	}
	text := strings.Join(got, ", ")
	if !strings.EqualFold(squeeze(text), squeeze(keyWord.ReplaceAllString(schema, ""))) {
		return fmt.Errorf("the answer's schema is %q, not %q", text, schema)
	}
	return nil
}

// sameRows compares an answer's rows with those expected, in any order.
func sameRows(res *result, want [][]any) error {
	if len(res.rows) != len(want) {
		return fmt.Errorf("%d rows, not %d", len(res.rows), len(want))
	}
	taken := make([]bool, len(want))
	for _, row := range res.rows {
		got := make([]any, len(row))
		for i, v := range row {
			g, err := parseJSON(types.AppendJSON(nil, res.cols[i].Type, v))
			if err != nil {
				return err
			}
			got[i] = g
		}
		found, why := false, error(nil)
		for j, x := range want {
			if taken[j] {
				continue
			}
			if why = same("row", got, any(x)); why == nil {
				taken[j], found = true, true
				break
			}
		}
		if !found {
			return fmt.Errorf("a row is not expected: %w", why)
		}
	}
	return nil
}
