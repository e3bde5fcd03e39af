package main

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

//go:embed deviations.txt
var deviationsText string

// deviation is one entry of deviations.txt: a difference that is on purpose. All conditions given must hold.
type deviation struct {
	name, reason  string
	sql, ours, pg *regexp.Regexp // nil: any
	near          bool           // values that differ in the last digits of floating point numbers only
	count         int
}

func (d *deviation) covers(c testCase, ours, pg outcome) bool {
	fits := func(re *regexp.Regexp, s string) bool { return re == nil || re.MatchString(s) }
	return fits(d.sql, c.sql) && fits(d.ours, ours.String()) && fits(d.pg, pg.String()) && (!d.near || ours.near(pg))
}

// parseDeviations reads "[name]" followed by "key = value" lines: reason (needed), sql, ours, pg (regular expressions,
// at least one of the four conditions) and near = yes.
func parseDeviations(text string) ([]*deviation, error) {
	var out []*deviation
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '[' {
			out = append(out, &deviation{name: strings.Trim(line, "[]")})
			continue
		}
		key, value, ok := strings.Cut(line, " = ")
		if !ok || len(out) == 0 {
			return nil, fmt.Errorf("deviations.txt:%d: want [name] or key = value", i+1)
		}
		if err := out[len(out)-1].set(key, value); err != nil {
			return nil, fmt.Errorf("deviations.txt:%d: %w", i+1, err)
		}
	}
	for _, d := range out {
		if d.reason == "" || d.sql == nil && d.ours == nil && d.pg == nil && !d.near {
			return nil, fmt.Errorf("deviations.txt: [%s] needs a reason and a condition", d.name)
		}
	}
	return out, nil
}

func (d *deviation) set(key, value string) (err error) {
	switch key {
	case "reason":
		d.reason = value
	case "sql":
		d.sql, err = regexp.Compile(value)
	case "ours":
		d.ours, err = regexp.Compile(value)
	case "pg":
		d.pg, err = regexp.Compile(value)
	case "near":
		d.near = value == "yes"
	default:
		err = fmt.Errorf("no key %q", key)
	}
	return err
}
