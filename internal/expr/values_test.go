package expr

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"streamsql/internal/pgerr"
)

// TestValues checks expressions against the values PostgreSQL 15 gave for them (time zone UTC): testdata/*.txt, written
// by testdata/record.py. A line is "expression => value"; the value is text as COPY writes it, NULL, or ERROR and the
// SQLSTATE.
func TestValues(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no values", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { testValues(t, file) })
	}
}

func testValues(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	escape := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`, "\b", `\b`, "\f", `\f`, "\v", `\v`)
	lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	bad := 0
	for _, line := range lines {
		text, want, ok := strings.Cut(line, " => ")
		if !ok {
			t.Fatalf("bad line %q", line)
		}
		if got := escape.Replace(evalText(t, text)); got != want && !closeFloats(text, got, want) {
			bad++
			t.Errorf("%s = %s, PostgreSQL says %s", text, got, want)
		}
	}
	t.Logf("%d of %d differ", bad, len(lines))
}

// libmFunctions are computed by Go's mathematics here and by the C library there: the last digit may differ.
var libmFunctions = []string{"::float8 ^", "power(", "exp(", "ln(", "log(", "sin(", "cos(", "sinh(", "tanh(", "cbrt("}

// closeFloats reports two texts of doubles that are almost the same.
func closeFloats(text, got, want string) bool {
	if !slices.ContainsFunc(libmFunctions, func(f string) bool { return strings.Contains(text, f) }) || strings.Contains(text, "::numeric") {
		return false
	}
	x, err1 := strconv.ParseFloat(got, 64)
	y, err2 := strconv.ParseFloat(want, 64)
	return err1 == nil && err2 == nil && math.Abs(x-y) <= 1e-15*math.Abs(y)
}

func evalText(t *testing.T, s string) (out string) {
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("%s: panic %v", s, r)
			out = "PANIC"
		}
	}()
	out, err := textOf(s)
	if err != nil {
		code := pgerr.Code(err)
		if code == pgerr.InternalError {
			return "ERROR " + err.Error()
		}
		return "ERROR " + code
	}
	return out
}
