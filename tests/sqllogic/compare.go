package sqllogic

import (
	"crypto/md5"
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// Rows is a result as text; nil is NULL.
type Rows [][]*string

var hashLine = regexp.MustCompile(`^(\d+) values hashing to ([0-9a-f]{32})$`)

// compare says how rows differ from what a record expects; "" when they do not.
func compare(d Dialect, r *Record, rows Rows) string {
	var got, want []string
	if d == SQLite {
		got, want = sqliteValues(r, rows), trimAll(r.Expected)
		if len(want) == 1 && hashLine.MatchString(want[0]) {
			h := md5.New()
			for _, v := range got {
				h.Write([]byte(v + "\n"))
			}
			got = []string{fmt.Sprintf("%d values hashing to %x", len(got), h.Sum(nil))}
		} else if strings.Join(got, "\n") != strings.Join(want, "\n") && len(want) == len(rows) {
			want = strings.Fields(strings.Join(want, " ")) // some files write one row a line
		}
	} else {
		got, want = lineRows(r, rows), squeeze(r.Expected)
		if d == RisingWave {
			got, want = sameNumbers(got), sameNumbers(want)
		}
		if r.Sort != "" {
			if r.Sort == "valuesort" {
				got, want = strings.Fields(strings.Join(got, " ")), strings.Fields(strings.Join(want, " "))
			}
			sort.Strings(got)
			sort.Strings(want)
		}
	}
	a, b := strings.Join(got, "\n"), strings.Join(want, "\n")
	if a == b {
		return ""
	}
	return fmt.Sprintf("got:\n%s\nwant:\n%s", a, b)
}

var (
	decimal  = regexp.MustCompile(`^-?\d+\.\d+(e[+-]?\d+)?$`)
	fullHour = regexp.MustCompile(`(:\d\d(?:\.\d*)?[+-]\d\d):00$`)
)

// sameNumbers writes decimals and time zones alike: RisingWave drops trailing zeros, divides with more digits than
// PostgreSQL and writes the minutes of every zone.
func sameNumbers(in []string) []string {
	out := make([]string, len(in))
	for i, l := range in {
		f := strings.Fields(l)
		for j, w := range f {
			if decimal.MatchString(w) {
				v, _ := strconv.ParseFloat(w, 64)
				f[j] = strconv.FormatFloat(v, 'g', 12, 64)
			}
			f[j] = fullHour.ReplaceAllString(f[j], "$1")
		}
		out[i] = strings.Join(f, " ")
	}
	return out
}

func trimAll(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = strings.TrimSpace(s)
	}
	return out
}

func squeeze(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = strings.Join(strings.Fields(s), " ")
	}
	return out
}

// lineRows is our form: one row a line, columns by a blank.
func lineRows(_ *Record, rows Rows) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		vals := make([]string, len(row))
		for j, v := range row {
			switch {
			case v == nil:
				vals[j] = "NULL"
			case *v == "":
				vals[j] = "(empty)"
			default:
				vals[j] = *v
			}
		}
		out[i] = strings.Join(strings.Fields(strings.Join(vals, " ")), " ")
	}
	return out
}

// sqliteValues is the classic form: one value a line, formatted by the column's type letter.
func sqliteValues(r *Record, rows Rows) []string {
	text := make([][]string, len(rows))
	for i, row := range rows {
		for j, v := range row {
			t := byte('T')
			if j < len(r.Types) {
				t = r.Types[j]
			}
			text[i] = append(text[i], sqliteValue(t, v))
		}
	}
	if r.Sort == "rowsort" {
		sort.Slice(text, func(a, b int) bool { return strings.Join(text[a], "\x00") < strings.Join(text[b], "\x00") })
	}
	var vals []string
	for _, row := range text {
		vals = append(vals, row...)
	}
	if r.Sort == "valuesort" {
		sort.Strings(vals)
	}
	return vals
}

func sqliteValue(t byte, v *string) string {
	switch {
	case v == nil:
		return "NULL"
	case *v == "":
		return "(empty)"
	}
	switch t {
	case 'I':
		switch *v {
		case "t":
			return "1"
		case "f":
			return "0"
		}
		if f, err := strconv.ParseFloat(*v, 64); err == nil {
			return strconv.FormatInt(int64(f), 10)
		}
	case 'R':
		if f, err := strconv.ParseFloat(*v, 64); err == nil {
			return strconv.FormatFloat(f, 'f', 3, 64)
		}
	}
	return *v
}
