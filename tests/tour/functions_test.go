package tour

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"

	"streamsql/internal/expr"
)

const functionsHead = `# Functions and operators

Made from the registry in internal/expr by ` + "`go test ./tests/tour -run TestFunctions -rewrite`" + `; the same test fails when it is out of
date. Names, argument types and results are PostgreSQL's. An argument NULL gives NULL unless the line says otherwise. What
is written with words (EXTRACT, POSITION, SUBSTRING … FROM, TRIM, OVERLAY, AT TIME ZONE, CASE, COALESCE, GREATEST …) is in
` + "`docs/sql.md`" + `.

`

// TestFunctions holds docs/functions.md to the registry.
func TestFunctions(t *testing.T) {
	want := functionsHead + aggregateList() + functionList("Operators", true) + functionList("Functions", false) + setList()
	path := root + "docs/functions.md"
	if *rewrite {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/functions.md is out of date: run go test ./tests/tour -run TestFunctions -rewrite")
	}
}

func aggregateList() string {
	var b strings.Builder
	b.WriteString("## Aggregates\n\nAll take FILTER (WHERE …), and all but those with WITHIN GROUP take DISTINCT and ORDER BY; a `const` argument must be a literal.\n\n" +
		"| name | arguments → result | what it gives | for example |\n|---|---|---|---|\n")
	sigs, first := map[string][]string{}, map[string]*expr.Agg{}
	var names []string
	for _, a := range expr.Aggregates() {
		name := a.Name
		if a.Dialect == "ksql" {
			name += "` (ksql dialect) `"
		}
		name = strings.TrimSuffix(name, " `")
		if first[name] == nil {
			names, first[name] = append(names, name), a
		}
		sig := strings.TrimPrefix(a.Signature(), a.Name)
		sigs[name] = append(sigs[name], strings.ReplaceAll(strings.Replace(sig, "()", "(*)", 1), "(*) WITHIN", "() WITHIN"))
	}
	sort.Strings(names)
	for _, n := range names {
		fmt.Fprintf(&b, "| `%s | %s | %s | %s |\n", closeCode(n), strings.Join(sigs[n], "; "), first[n].Doc, exampleOf(first[n].Example, first[n].ExampleResult))
	}
	b.WriteString("\n## Window functions\n\nThey and all plain aggregates stand before OVER.\n\n| name | arguments → result | what it gives | for example |\n|---|---|---|---|\n")
	windows := map[string][]*expr.WindowFunc{}
	names = nil
	for _, w := range expr.WindowFuncs() {
		if windows[w.Name] == nil {
			names = append(names, w.Name)
		}
		windows[w.Name] = append(windows[w.Name], w)
	}
	for _, n := range names {
		var all []string
		for _, w := range windows[n] {
			f := expr.Func{Name: w.Name, Args: w.Args, Result: w.Result}
			all = append(all, strings.TrimPrefix(f.Signature(), w.Name))
		}
		w := windows[n][0]
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", n, strings.Join(all, "; "), w.Doc, exampleOf(w.Example, w.ExampleResult))
	}
	b.WriteString("\n")
	return b.String()
}

// closeCode ends the code that a name is, unless a remark behind it has done so.
func closeCode(name string) string {
	if strings.Contains(name, "`") {
		return strings.TrimSpace(name)
	}
	return name + "`"
}

// exampleOf prints an example and what it gives.
func exampleOf(example, result string) string {
	if example == "" {
		return ""
	}
	return strings.ReplaceAll("`SELECT "+example+"` → `"+result+"`", "|", "\\|")
}

// argumentsOf is the part of a signature between its parentheses.
func argumentsOf(f expr.Func) string {
	sig := strings.TrimPrefix(f.Signature(), f.Name)
	return strings.TrimSuffix(strings.TrimPrefix(strings.Split(sig, " → ")[0], "("), ")")
}

// functionList lists the overloads under their names.
func functionList(title string, operators bool) string {
	byName := map[string][]*expr.Func{}
	var names []string
	for _, f := range expr.Functions() {
		if isOperator(f.Name) != operators {
			continue
		}
		if byName[f.Name] == nil {
			names = append(names, f.Name)
		}
		byName[f.Name] = append(byName[f.Name], f)
	}
	sort.Strings(names)
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n| | arguments → result | what it gives | for example |\n|---|---|---|---|\n", title)
	for _, n := range names {
		var sigs []string
		doc, example := "", ""
		for _, f := range byName[n] {
			sigs = append(sigs, argumentsOf(*f)+" → "+strings.Split(f.Signature(), " → ")[1])
			if doc == "" {
				doc = f.Doc
			}
			if example == "" && f.Example != "" {
				example = "`" + cell(f.Example) + "` → `" + cell(f.ExampleResult) + "`"
			}
			if !f.Strict && !strings.Contains(doc, "NULL") {
				doc += " (sees NULLs)"
			}
		}
		if len(sigs) > overloadsMax {
			sigs = []string{summary(byName[n])}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", cell(n), cell(strings.Join(sigs, "; ")), cell(doc), example)
	}
	return b.String() + "\n"
}

// setList lists the set-returning functions.
func setList() string {
	var b strings.Builder
	b.WriteString("## Functions that give rows\n\nRows of the examples are separated by semicolons.\n\n| | arguments → columns | what it gives | for example |\n|---|---|---|---|\n")
	fs := expr.SetFunctions()
	for i := 0; i < len(fs); {
		f := fs[i]
		var sigs []string
		for ; i < len(fs) && fs[i].Name == f.Name; i++ {
			result := strings.Split(fs[i].Signature(), " → ")[1]
			if len(fs[i].Cols) > 1 {
				var cols []string
				for _, c := range fs[i].Cols {
					cols = append(cols, c.Name)
				}
				result = strings.Join(cols, ", ")
			}
			sigs = append(sigs, argumentsOf(fs[i].Func)+" → "+result)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | `%s` → `%s` |\n", f.Name, cell(strings.Join(sigs, "; ")), cell(f.Doc), cell(f.Example), cell(f.ExampleResult))
	}
	return b.String()
}

// overloadsMax is how many overloads a line lists one by one.
const overloadsMax = 12

// summary says in one line what many overloads take.
func summary(fs []*expr.Func) string {
	seen := map[string]bool{}
	var out []string
	for _, f := range fs {
		for _, a := range strings.Split(argumentsOf(*f), ", ") {
			if !seen[a] {
				seen[a] = true
				out = append(out, a)
			}
		}
	}
	return fmt.Sprintf("%d overloads over %s", len(fs), strings.Join(out, ", "))
}

func isOperator(name string) bool {
	return strings.IndexFunc(name, func(r rune) bool { return r == '_' || r >= 'a' && r <= 'z' }) < 0
}

// cell makes text safe inside a table.
func cell(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "|", `\|`), "\n", " ")
}
