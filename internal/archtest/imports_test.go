package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// mayImport is the table of STYLE.md §3: the rooms of ours that a room may import. A prefix covers its subfolders.
// pgerr and invariant are open to every room.
var mayImport = map[string][]string{
	"internal/pgerr":     {},
	"internal/invariant": {},
	"internal/regex":     {},
	"internal/types":     {"internal/regex"},
	"internal/jsonpath":  {"internal/regex", "internal/types"},
	"sql":                {"sql"},
	"internal/javatime":  {"internal/types"},
	"internal/batch":     {"internal/types"},
	"internal/catalog":   {"internal/types"},
	"internal/expr":      {"internal/batch", "internal/javatime", "internal/jsonpath", "internal/regex", "internal/types"},
	"planner":            {"planner", "sql", "internal/catalog", "internal/expr", "internal/types"},
	"state":              {"internal/batch", "internal/types"},
	"operators":          {"operators", "internal/batch", "internal/expr", "state", "internal/types"},
	"connectors":         {"connectors", "internal/batch", "internal/javatime", "internal/types"},
	"internal/session":   {"internal/batch", "internal/types"},
	"wire":               {"wire", "internal/session", "internal/batch", "internal/types"},
	"internal/engine": {"internal/engine", "sql", "planner", "operators", "state", "connectors", "internal/batch", "internal/javatime", "internal/types",
		"internal/catalog", "internal/expr", "internal/session"},
	"cmd/streamsql":     {"cmd/streamsql", "internal/engine", "wire", "state", "connectors", "internal/catalog", "internal/session", "tests"},
	"tests":             nil, // anything
	"internal/archtest": {},
}

// roomOf returns the longest room that path lies in.
func roomOf(path string) string {
	best := ""
	for r := range mayImport {
		if (path == r || strings.HasPrefix(path, r+"/")) && len(r) > len(best) {
			best = r
		}
	}
	return best
}

// TestImports holds the rooms to the import table. Test files may import what they need from outside production code,
// except that wire and the engine stay apart even there.
func TestImports(t *testing.T) {
	root := "../.."
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		rel, _ := filepath.Rel(root, path)
		dir := filepath.ToSlash(filepath.Dir(rel))
		room := roomOf(dir)
		if room == "" {
			t.Errorf("%s lies in no room of the import table", rel)
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		seen++
		for _, im := range f.Imports {
			p := strings.Trim(im.Path.Value, `"`)
			if strings.Contains(p, "pingcap/tidb") && rel != "sql/parser/tidb.go" && rel != "sql/parser/convert.go" {
				t.Errorf("%s imports %s: only sql/parser/tidb.go and convert.go may", rel, p)
			}
			if !strings.HasPrefix(p, "streamsql/") {
				continue
			}
			target := roomOf(strings.TrimPrefix(p, "streamsql/"))
			if target == room || target == "internal/pgerr" || target == "internal/invariant" || mayImport[room] == nil {
				continue
			}
			ok := false
			for _, m := range mayImport[room] {
				ok = ok || m == target
			}
			if !ok {
				t.Errorf("%s (%s) imports %s: STYLE.md §3 lets it import %v", rel, room, p, mayImport[room])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 10 {
		t.Fatalf("only %d files seen: the walk is broken", seen)
	}
}

// TestPackageDocs wants a doc.go with a package comment in every package.
func TestPackageDocs(t *testing.T) {
	pkgs := map[string]bool{}
	_ = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") && !strings.Contains(path, "/testdata/") {
			pkgs[filepath.Dir(path)] = true
		}
		return nil
	})
	for dir := range pkgs {
		if strings.Contains(dir, "/cmd/") || strings.Contains(dir, "/tests/") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, "doc.go"), nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil || f.Doc == nil {
			t.Errorf("%s has no doc.go with a package comment (%v)", dir, err)
		}
	}
}
