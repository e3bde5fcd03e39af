package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpus are two cases of our own: one that holds and one that does not.
const corpus = `{"cases": [
 {"id": "own.json/holds", "kind": "qtt",
  "statements": ["CREATE STREAM I (A INT, B VARCHAR) WITH (kafka_topic='i', value_format='JSON');",
                 "CREATE STREAM O AS SELECT A + 1 AS A, B FROM I WHERE A > 1;"],
  "inputs": [{"topic": "i", "key": null, "value": {"A": 1, "B": "x"}, "timestamp": 1},
             {"topic": "i", "key": null, "value": {"A": 2, "B": "y"}, "timestamp": 2}],
  "outputs": [{"topic": "O", "key": null, "value": {"A": 3, "B": "y"}}]},
 {"id": "own.json/does not", "kind": "qtt",
  "statements": ["CREATE STREAM I (A INT) WITH (kafka_topic='i', value_format='JSON');", "CREATE STREAM O AS SELECT A AS B FROM I;"],
  "inputs": [{"topic": "i", "key": null, "value": {"A": 1}, "timestamp": 1}],
  "outputs": [{"topic": "O", "key": null, "value": {"B": 2}}]},
 {"id": "own.json/must fail", "kind": "qtt", "statements": ["CREATE STREAM O AS SELECT A FROM NOWHERE;"],
  "expectedException": {"type": "any"}}
]}`

func TestRun(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "qtt"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "qtt", "own.json"), []byte(corpus), 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	ok, err := run([]string{"-dir", dir, "-v"}, &out)
	if err != nil || ok {
		t.Fatalf("run: %v %v\n%s", ok, err, &out)
	}
	for _, want := range []string{"2 passed, 1 failed, 0 deviations, 0 skipped", "qtt/own.json/does not\n    O: record 0: value.B is 1, not 2"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, &out)
		}
	}
}

func TestSameNumber(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{{"1", "1.0", true}, {"0.3333333333", "0.33333333", true}, {"1", "2", false}, {"9007199254740993", "9007199254740992", false}, {"x", "1", false}} {
		if sameNumber(c.a, c.b) != c.same {
			t.Errorf("sameNumber(%s, %s) is not %v", c.a, c.b, c.same)
		}
	}
}

func TestDeviations(t *testing.T) {
	if _, err := readDeviations(deviationsText); err != nil {
		t.Error(err)
	}
	if _, err := readDeviations("a case without a reason"); err == nil {
		t.Error("a line without a reason is accepted")
	}
}
