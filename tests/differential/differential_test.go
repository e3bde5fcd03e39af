package main

import (
	"context"
	"os"
	"strings"
	"testing"

	"streamsql/internal/expr"
)

// TestAgainstPostgres runs a short comparison with a PostgreSQL 15 of its own, or with the server that
// STREAMSQL_TEST_POSTGRES names.
func TestAgainstPostgres(t *testing.T) {
	url := os.Getenv("STREAMSQL_TEST_POSTGRES")
	if url == "" {
		url = startPostgres(t)
	}
	r, err := compare(context.Background(), options{postgres: url, n: 8000, seed: 7, settings: true}, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	if r.passed == 0 {
		t.Error("no case passed")
	}
	if len(r.failed) > 0 {
		var b strings.Builder
		r.print(&b, 2)
		t.Error(b.String())
	}
}

// allOurs takes every function of the registry for one that PostgreSQL has, too.
func allOurs() *functions {
	theirs := map[string]bool{}
	for _, f := range expr.Functions() {
		theirs[f.Name] = true
	}
	return newFunctions(theirs)
}

// TestCasesRepeat: a case is made of the seed and its number alone.
func TestCasesRepeat(t *testing.T) {
	fs := allOurs()
	for n := range 200 {
		if a, b := makeCase(fs, 3, n), makeCase(fs, 3, n); a != b {
			t.Fatalf("case %d is %v, then %v", n, a, b)
		}
	}
	if makeCase(fs, 3, 1) == makeCase(fs, 4, 1) {
		t.Error("two seeds make the same case")
	}
}

// TestOursNeverPanics runs cases without an oracle.
func TestOursNeverPanics(t *testing.T) {
	fs := allOurs()
	for n := range 3000 {
		env, err := makeSettings(11, n/perSettings).env()
		if err != nil {
			t.Fatal(err)
		}
		if c := makeCase(fs, 11, n); evalOurs(env, c.sql).code == panicCode {
			t.Errorf("#%d SELECT %s: %s", n, c.sql, evalOurs(env, c.sql).msg)
		}
	}
}

func TestOutcome(t *testing.T) {
	one := outcome{typ: "double precision", text: "0.30000000000000004"}
	for _, c := range []struct {
		a, b       outcome
		same, near bool
	}{
		{one, one, true, true},
		{one, outcome{typ: "double precision", text: "0.3"}, false, true},
		{one, outcome{typ: "double precision", text: "0.31"}, false, false},
		{one, outcome{typ: "real", text: "0.30000000000000004"}, false, false},
		{one, outcome{typ: "double precision", null: true}, false, false},
		{outcome{code: "22P02", msg: "a"}, outcome{code: "22P02", msg: "b"}, true, false},
		{outcome{code: "22P02"}, outcome{code: "22003"}, false, false},
		{outcome{typ: "text", text: "a1"}, outcome{typ: "text", text: "b1"}, false, false},
	} {
		if c.a.same(c.b) != c.same || c.a.near(c.b) != c.near {
			t.Errorf("%v and %v: same %v, near %v", c.a, c.b, c.a.same(c.b), c.a.near(c.b))
		}
	}
}

func TestDeviationsFile(t *testing.T) {
	ds, err := parseDeviations(deviationsText)
	if err != nil || len(ds) == 0 {
		t.Fatal(ds, err)
	}
	for _, bad := range []string{"reason = x", "[a]\nsql = x", "[a]\nreason = x", "[a]\nreason = x\nsql = (", "[a]\nwhat = x"} {
		if _, err := parseDeviations(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}
