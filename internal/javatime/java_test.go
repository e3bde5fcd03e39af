package javatime

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"streamsql/internal/types"
)

const (
	epochMicros = daysEpoch * types.MicrosPerDay
	failed      = "!"
)

// golden runs one line of testdata/java17.tsv, which Oracle.java wrote, and returns what is wanted.
func golden(t *testing.T, f []string) (got, want string) {
	t.Helper()
	want = f[len(f)-1]
	p, err := Compile(f[1])
	if err != nil {
		return failed, want
	}
	num := func(s string) int64 {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	zone := func(s string) *time.Location {
		loc, err := LoadZone(s)
		if err != nil {
			t.Fatal(err)
		}
		return loc
	}
	text := func(b []byte, err error) string {
		if err != nil {
			return failed
		}
		return string(b)
	}
	number := func(n int64, err error) string {
		if err != nil {
			return failed
		}
		return strconv.FormatInt(n, 10)
	}
	switch f[0] {
	case "F":
		return text(p.AppendTimestamp(nil, num(f[3])*1000-epochMicros, zone(f[2]))), want
	case "D":
		return text(p.AppendDate(nil, num(f[2])-daysEpoch)), want
	case "T":
		return text(p.AppendTime(nil, num(f[2])*1000)), want
	case "P":
		ts, err := p.ParseTimestamp(f[3], zone(f[2]))
		return number(floorDiv(ts+epochMicros, 1000), err), want
	case "Q":
		days, err := p.ParseDate(f[2])
		return number(days+daysEpoch, err), want
	}
	us, err := p.ParseTime(f[2])
	return number(us/1000, err), want
}

func floorDiv(a, b int64) int64 { return (a - floorMod(a, b)) / b }

// TestJava compares with what Java 17 made of the same patterns and values.
func TestJava(t *testing.T) {
	data, err := os.ReadFile("testdata/java17.tsv")
	if err != nil {
		t.Fatal(err)
	}
	lines, bad := 0, 0
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		lines++
		if got, want := golden(t, f); got != want {
			if bad++; bad <= 20 {
				t.Errorf("%s %q: got %q, want %q", f[0], f[1:len(f)-1], got, want)
			}
		}
	}
	if lines < 1000 {
		t.Fatalf("only %d lines", lines)
	}
}
