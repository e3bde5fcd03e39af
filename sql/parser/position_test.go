package parser_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"streamsql/sql/ast"
	"streamsql/sql/parser"
	"streamsql/sql/token"
)

// TestPositions checks on the corpora that the user's text at each node's offset spells the node.
func TestPositions(t *testing.T) {
	texts := statements(t, "testdata/roundtrip.sql")
	texts = append(texts, statements(t, shared+"conformance/postgres/psql15-catalog-queries.sql")...)
	n := 0
	for _, text := range texts {
		stmts, err := parser.Parse("  "+text, parser.Options{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		toks, err := token.Lex("  "+text, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range stmts {
			walk(reflect.ValueOf(s.Stmt), func(node any) {
				n++
				if want, pos, ok := spelling(node); ok && !startsWith("  "+text, toks, pos, want) {
					t.Errorf("%s\n%T at %d is not %q", text, node, pos, want)
				}
			})
		}
	}
	if n < 10000 {
		t.Errorf("only %d nodes were visited", n)
	}
}

// spelling returns how the text at the node's position begins.
func spelling(node any) (want string, pos ast.Pos, ok bool) {
	switch n := node.(type) {
	case ast.Ref:
		return n.Parts[0], n.Pos, true
	case ast.Name:
		return n.Parts[0], n.Pos, !strings.HasSuffix(n.Parts[0], "trim") && n.Parts[0] != "timezone"
	case ast.Param:
		return fmt.Sprintf("$%d", n.N), n.Pos, true
	case ast.Select:
		return "select", n.Pos, n.With == nil
	case ast.With:
		return "with", n.Pos, true
	case ast.Values:
		return "values", n.Pos, n.With == nil
	case ast.CTE:
		return n.Name, n.Pos, true
	case ast.Case:
		return "case", n.Pos, true
	case ast.Subquery:
		return "(", n.Pos, true
	case ast.Table:
		return n.Name.Parts[0], n.Pos, true
	case ast.Derived:
		return "(", n.Pos, !n.Lateral
	case ast.TableArg:
		return "table", n.Pos, false // the word TABLE may be left out
	case ast.ColumnDef:
		return n.Name, n.Pos, true
	case ast.Assignment:
		return n.Column, n.Pos, true
	case ast.Binary:
		return strings.Fields(n.Op)[0], n.OpPos, !n.Not && n.Op != "<>"
	}
	return "", 0, false
}

func startsWith(text string, toks []token.Token, pos ast.Pos, want string) bool {
	for _, k := range toks {
		if k.Pos == int(pos) {
			got := k.Text
			switch {
			case k.Kind == token.Param:
				got = text[k.Pos:k.End]
			case k.Is("operator") || k.Is("table") && want != "table":
				return true // OPERATOR(x.+); TABLE t is a SELECT
			case want == "is" || strings.HasPrefix(want, "operator("):
				return k.Is("is") || k.Is("operator")
			}
			return got == want
		}
	}
	return false
}

// walk calls visit for every struct below v.
func walk(v reflect.Value, visit func(any)) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), visit)
		}
	case reflect.Struct:
		visit(v.Interface())
		for i := range v.NumField() {
			walk(v.Field(i), visit)
		}
	}
}

func TestStatementSpans(t *testing.T) {
	const text = " SELECT $3 ; ;\n INSERT INTO t VALUES ($1) -- x\n; COMMIT"
	stmts, err := parser.Parse(text, parser.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range stmts {
		got = append(got, fmt.Sprintf("%s|%d|%d", text[s.Start:s.End], s.Params, s.Stmt.Start()))
	}
	want := "SELECT $3|3|1, INSERT INTO t VALUES ($1)|1|16, COMMIT|0|49"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
}
