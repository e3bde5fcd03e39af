package sqllogic

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFiles runs every .slt file of this folder in every mode.
func TestFiles(t *testing.T) {
	files, err := filepath.Glob("*.slt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, mode := range Modes {
		for _, f := range files {
			t.Run(string(mode)+"/"+strings.TrimSuffix(f, ".slt"), func(t *testing.T) {
				t.Parallel()
				var out strings.Builder
				tot, err := RunFile(context.Background(), f, Options{Mode: mode}, &out)
				if err != nil {
					t.Fatal(err)
				}
				if tot.Failed > 0 {
					t.Errorf("%d of %d records failed:\n%s", tot.Failed, tot.Passed+tot.Failed, out.String())
				}
				if tot.Passed == 0 {
					t.Error("no record passed")
				}
			})
		}
	}
}

// TestRunnerFails makes sure that the runner can fail: a wrong expectation, a missing error, a wrong SQLSTATE.
func TestRunnerFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "wrong.slt")
	text := "query I\nSELECT 1\n----\n2\n\nstatement error 42P01\nSELECT 1\n\nstatement error 22012\nSELECT * FROM nothere\n\nstatement ok\nSELECT * FROM nothere\n\nquery I\nSELECT 1\n----\n1\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	tot, err := RunFile(context.Background(), file, Options{}, &out)
	if err != nil {
		t.Fatal(err)
	}
	if tot.Failed != 4 || tot.Passed != 1 {
		t.Fatalf("got %+v, want 4 failed and 1 passed:\n%s", tot, out.String())
	}
}
