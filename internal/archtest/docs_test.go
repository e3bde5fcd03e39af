package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documents lists the Markdown files of the tree, as paths from its top.
func documents(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".md") {
			rel, _ := filepath.Rel(top, path)
			out = append(out, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 8 {
		t.Fatalf("only %d documents found: the walk is broken", len(out))
	}
	return out
}

// top is the top of the tree.
const top = "../.."

// notHere are paths that documents name and that do not lie in the tree: what a running server writes, and the shared
// material of the project.
var notHere = []string{"streamsql-data", "streamsql-demo", "bench/floor"}

var (
	fenced    = regexp.MustCompile("(?ms)^```.*?^```")
	quoted    = regexp.MustCompile("`([^`\n]+)`")
	link      = regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)
	pathLike  = regexp.MustCompile(`^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+/?$|^[A-Za-z0-9_-]+\.(md|go)$`)
	functions = regexp.MustCompile(`^(?:[A-Za-z]+\.)?([A-Za-z]+)\(\)$`)
)

// TestDocumentsNameWhatExists checks every path and package in back quotes, and every relative link, of every document.
func TestDocumentsNameWhatExists(t *testing.T) {
	checked := 0
	for _, doc := range documents(t) {
		text, err := os.ReadFile(filepath.Join(top, doc))
		if err != nil {
			t.Fatal(err)
		}
		prose := fenced.ReplaceAllString(string(text), "")
		for _, m := range quoted.FindAllStringSubmatch(prose, -1) {
			if pathLike.MatchString(m[1]) && isOurs(m[1]) {
				checked++
				if !exists(doc, m[1]) {
					t.Errorf("%s names %s, which does not exist", doc, m[1])
				}
			}
		}
		for _, m := range link.FindAllStringSubmatch(prose, -1) {
			if !strings.Contains(m[1], "://") {
				checked++
				if !exists(doc, m[1]) {
					t.Errorf("%s links to %s, which does not exist", doc, m[1])
				}
			}
		}
	}
	if checked < 50 {
		t.Fatalf("only %d names checked: the patterns are broken", checked)
	}
}

// isOurs tells paths of this tree from others that look alike ("text/csv", "cmd/go"): the first part is one of ours.
func isOurs(path string) bool {
	for _, p := range notHere {
		if strings.HasPrefix(strings.TrimPrefix(path, "./"), p) {
			return false
		}
	}
	first, _, nested := strings.Cut(path, "/")
	if !nested {
		return true
	}
	_, err := os.Stat(filepath.Join(top, first))
	return err == nil
}

// exists looks for a path from the top of the tree, or beside the document; a file named alone may lie anywhere.
func exists(doc, path string) bool {
	for _, base := range []string{top, filepath.Join(top, filepath.Dir(doc))} {
		if _, err := os.Stat(filepath.Join(base, path)); err == nil {
			return true
		}
	}
	return !strings.Contains(path, "/") && anywhere(path)
}

func anywhere(name string) bool {
	found := false
	_ = filepath.WalkDir(top, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == ".git" {
			return fs.SkipDir
		}
		if err == nil && d.Name() == name {
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// TestArchitectureNamesFunctions checks the functions that docs/ARCHITECTURE.md sends its readers to.
func TestArchitectureNamesFunctions(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(top, "docs/ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	decl := regexp.MustCompile(`(?m)^func (?:\([^)]*\) )?([A-Za-z0-9_]+)[[(]`)
	_ = filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range decl.FindAllStringSubmatch(string(src), -1) {
			declared[m[1]] = true
		}
		return nil
	})
	n := 0
	for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
		if f := functions.FindStringSubmatch(m[1]); f != nil {
			if n++; !declared[f[1]] {
				t.Errorf("docs/ARCHITECTURE.md names %s, which is declared nowhere", m[1])
			}
		}
	}
	if n < 20 {
		t.Fatalf("only %d functions checked: the pattern is broken", n)
	}
}
