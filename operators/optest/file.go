package optest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// Case is one case of an operator file:
//
//	case NAME
//	op WORD…            what to build; the test that runs the file knows the words
//	in TYPE… [| TYPE…]  the ports' column types
//	out TYPE…
//	feed PORT           changes of a port, numbered from 0, or left and right
//	+1 7 a
//	tick                ends a tick
//	----
//	+1 7                the summed output; nothing for none
//
// An operator file may begin with comment lines (#); an empty line ends a case.
type Case struct {
	Name   string
	Line   int
	Op     []string
	In     [][]types.Type
	Out    []types.Type
	Script Script
	Want   string
}

// RunFile plays every case of a file in all modes.
func RunFile(t *testing.T, path string, build func(c *Case) (*Subject, error)) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := parseFile(string(text))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if len(cases) == 0 {
		t.Fatalf("%s has no cases", path)
	}
	for _, c := range cases {
		t.Run(strings.ReplaceAll(c.Name, " ", "_"), func(t *testing.T) {
			s, err := build(c)
			if err != nil {
				t.Fatalf("%s:%d: %v", path, c.Line, err)
			}
			c.run(t, s, path)
		})
	}
}

func (c *Case) run(t *testing.T, s *Subject, path string) {
	want, err := batch.Parse(s.Out, c.Want)
	if err != nil {
		t.Fatalf("%s:%d: expected output: %v", path, c.Line, err)
	}
	text := want.Format(s.Out)
	if !s.Sorted {
		text = batch.Consolidate(s.Out, want).Format(s.Out)
	}
	for _, m := range Modes {
		if testing.Short() {
			m.Reload = 0
		}
		if s.Sorted && (m.Cut == cutRow || m.Cut == cutRandom || m.Reload > 0) {
			continue // a sort lives for one tick
		}
		have, err := Play(t, s, m, c.Script, uint64(c.Line), nil)
		if err != nil {
			t.Errorf("%s:%d: mode %q: %v", path, c.Line, m.Name, err)
		} else if have != text {
			t.Errorf("%s:%d: mode %q: want\n%shave\n%s", path, c.Line, m.Name, text, have)
		}
	}
}

// ParseCase reads one case: at least its op, in and out lines.
func ParseCase(text string) (*Case, error) {
	cases, err := parseFile(text)
	if err == nil && len(cases) != 1 {
		err = fmt.Errorf("%d cases", len(cases))
	}
	if err != nil {
		return nil, err
	}
	return cases[0], nil
}

func parseFile(text string) (cases []*Case, err error) {
	var c *Case
	feed, wanting := 0, false
	for i, line := range strings.Split(text, "\n") {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		fail := func(format string, args ...any) error {
			return fmt.Errorf("line %d: %s", i+1, fmt.Sprintf(format, args...))
		}
		switch {
		case word == "case":
			c = &Case{Name: rest, Line: i + 1, Script: Script{nil}}
			cases = append(cases, c)
			feed, wanting = 0, false
		case word == "" || word[0] == '#':
		case c == nil:
			return nil, fail("%q before the first case", line)
		case wanting:
			c.Want += line + "\n"
		case word == "op":
			c.Op = strings.Fields(rest)
		case word == "in":
			for _, port := range strings.Split(rest, "|") {
				ts, err := parseTypes(port)
				if err != nil {
					return nil, fail("%v", err)
				}
				c.In = append(c.In, ts)
			}
		case word == "out":
			if c.Out, err = parseTypes(rest); err != nil {
				return nil, fail("%v", err)
			}
		case word == "feed":
			if feed, err = parsePort(rest); err != nil {
				return nil, fail("%v", err)
			}
		case word == "tick":
			c.Script = append(c.Script, nil)
		case word == "----":
			wanting = true
		case word[0] == '+' || word[0] == '-':
			w, err := strconv.ParseInt(word, 10, 64)
			if err != nil {
				return nil, fail("%v", err)
			}
			last := len(c.Script) - 1
			c.Script[last] = append(c.Script[last], Change{feed, w, rest})
		default:
			return nil, fail("what is %q?", line)
		}
	}
	return cases, nil
}

func parsePort(s string) (int, error) {
	switch s {
	case "left", "":
		return 0, nil
	case "right":
		return 1, nil
	}
	return strconv.Atoi(s)
}

// parseTypes reads type names; name(p,s) and name[] are understood.
func parseTypes(s string) ([]types.Type, error) {
	var out []types.Type
	for _, word := range strings.Fields(s) {
		name, array := strings.CutSuffix(word, "[]")
		name, mods, _ := strings.Cut(strings.TrimSuffix(name, ")"), "(")
		k, ok := types.ByName(name)
		if !ok {
			return nil, fmt.Errorf("no type %q", word)
		}
		t := types.T(k)
		if mods != "" {
			if n, _ := fmt.Sscanf(mods, "%d,%d", &t.Prec, &t.Scale); n == 0 {
				return nil, fmt.Errorf("no type %q", word)
			}
		}
		if array {
			t = types.ArrayOf(t)
		}
		out = append(out, t)
	}
	return out, nil
}
