package parser_test

import (
	"fmt"
	"testing"

	"streamsql/sql/parser"
)

func TestTypeNames(t *testing.T) {
	for text, want := range map[string]string{
		"char": "[character] [] 0", "CHAR(3)": "[character] [3] 0", `"char"`: `["char"] [] 0`, "pg_catalog.char": `[pg_catalog "char"] [] 0`,
		"nchar varying(2)": "[character varying] [2] 0", "national character": "[character] [] 0", "DOUBLE PRECISION[]": "[double precision] [] 1",
		"timestamp(3) with time zone": "[timestamp with time zone] [3] 0", "time without time zone": "[time without time zone] [] 0",
		"bit varying": "[bit varying] [] 0", "interval year to month": "[interval year to month] [] 0", "int array": "[int] [] 1",
		"int[3][]": "[int] [] 2", "VARCHAR(STRING)": "[varchar] [] 0", `"Quoted Type"(1, 2)`: "[Quoted Type] [1 2] 0",
	} {
		typ, err := parser.ParseType(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := fmt.Sprint(typ.Name, typ.Mods, typ.Dims); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
