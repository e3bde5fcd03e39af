package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// testCase is one case of the corpus, as it stands in the file.
type testCase struct {
	ID                string
	Kind              string // "qtt", "rest", "sql"
	Statements        []string
	Inputs            []record
	Outputs           []record
	OutputsOld        *struct{ Outputs []record } `json:"outputs_old"`
	ExpectedException json.RawMessage
	ExpectedError     json.RawMessage
	Properties        map[string]any
	Topics            []struct{ Name, Format, KeyFormat, ValueFormat string }
	Post              *post
	Responses         []map[string]json.RawMessage
	Features          []string
	TestFunctions     []string `json:"test_functions"`

	folder string // "qtt", "rest", "sql", "adapted"
	file   string
}

// record is an input or an expected output.
type record struct {
	Topic     string
	Key       json.RawMessage
	Value     json.RawMessage
	Timestamp *int64
	Window    *window
	Headers   []header
}

// window is the window of a key: Type is "time" or "session".
type window struct {
	Start, End int64
	Type       string
}

type header struct {
	Key   string
	Value *string `json:"value"` // base64
}

// fails reports whether the case expects its last statement to fail.
func (c *testCase) fails() bool { return isJSON(c.ExpectedException) || isJSON(c.ExpectedError) }

// isJSON reports a value that is there and not null.
func isJSON(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// name identifies a case in reports.
func (c *testCase) name() string { return c.folder + "/" + c.ID }

// readCases reads all cases of a corpus, in the order of the files' names.
func readCases(dir string) ([]*testCase, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no cases in %s", dir)
	}
	var out []*testCase
	seen := map[string]int{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		var all struct{ Cases []*testCase }
		if err := json.Unmarshal(text, &all); err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		for _, c := range all.Cases {
			c.folder, c.file = filepath.Base(filepath.Dir(f)), filepath.Base(f)
			if seen[c.name()]++; seen[c.name()] > 1 {
				c.ID += fmt.Sprintf(" #%d", seen[c.name()])
			}
			if c.folder == "adapted" && c.Post != nil {
				c.Post.adapt()
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// category is what a case is about: the hardest of what it uses.
func (c *testCase) category() string {
	any := func(prefixes ...string) bool {
		return slices.ContainsFunc(c.Features, func(f string) bool {
			return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(f, p) })
		})
	}
	switch {
	case any("pull_query"):
		return "pull query"
	case any("push_query"):
		return "push query"
	case any("join"):
		return "join"
	case any("emit_final"):
		return "emit final"
	case any("window"):
		return "window"
	case any("table_function"):
		return "udtf"
	case any("aggregate", "group_by", "having"):
		return "aggregation"
	}
	return "stateless"
}

// core reports the categories that must pass (issue 4).
func core(category string) bool {
	return category == "stateless" || category == "udtf" || category == "aggregation"
}
