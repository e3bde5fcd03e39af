package expr

import (
	"fmt"
	"strings"

	"streamsql/internal/types"
)

func (e *Column) String() string {
	if e.Name != "" {
		return e.Name
	}
	return fmt.Sprintf("#%d", e.Index)
}

// String writes the constant as SQL: numbers and booleans bare, the rest as 'text'::type.
func (e *Const) String() string {
	if e.V.Null {
		if e.T.Kind == types.Unknown {
			return "NULL"
		}
		return "NULL::" + e.T.String()
	}
	s := string(types.AppendText(nil, e.T, e.V, nil))
	switch e.T.Kind {
	case types.Int4, types.Numeric:
		return s
	case types.Bool:
		if e.V.B {
			return "true"
		}
		return "false"
	}
	s = "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if e.T.Kind == types.Unknown {
		return s
	}
	return s + "::" + e.T.String()
}

func (e *Param) String() string { return fmt.Sprintf("$%d", e.N) }

func (e *Call) String() string {
	if !isOperatorName(e.Func.Name) {
		return e.Func.Name + "(" + list(e.Args) + ")"
	}
	if len(e.Args) == 1 {
		return "(" + e.Func.Name + " " + e.Args[0].String() + ")"
	}
	return "(" + e.Args[0].String() + " " + e.Func.Name + " " + e.Args[1].String() + ")"
}

func (e *Cast) String() string { return "(" + e.X.String() + ")::" + e.T.String() }

func (e *Logic) String() string {
	word := " AND "
	if e.Or {
		word = " OR "
	}
	parts := make([]string, len(e.Args))
	for i, a := range e.Args {
		parts[i] = a.String()
	}
	return "(" + strings.Join(parts, word) + ")"
}

func (e *Not) String() string { return "(NOT " + e.X.String() + ")" }

func (e *Is) String() string {
	word := " IS "
	if e.Not {
		word = " IS NOT "
	}
	return "(" + e.X.String() + word + strings.ToUpper(e.What) + ")"
}

func (e *Case) String() string {
	var b strings.Builder
	b.WriteString("CASE")
	for i := range e.Conds {
		b.WriteString(" WHEN " + e.Conds[i].String() + " THEN " + e.Results[i].String())
	}
	b.WriteString(" ELSE " + e.Else.String() + " END")
	return b.String()
}

func (e *Coalesce) String() string { return "COALESCE(" + list(e.Args) + ")" }

func (e *InList) String() string {
	word := " IN ("
	if e.Not {
		word = " NOT IN ("
	}
	return "(" + e.X.String() + word + list(e.List) + "))"
}

func (e *AnyAll) String() string {
	word := " ANY ("
	if e.All {
		word = " ALL ("
	}
	return "(" + e.X.String() + " " + e.Op.Name + word + e.Array.String() + "))"
}

func (e *ArrayOf) String() string { return "ARRAY[" + list(e.Args) + "]" }

func list(xs []Expr) string {
	parts := make([]string, len(xs))
	for i, x := range xs {
		parts[i] = x.String()
	}
	return strings.Join(parts, ", ")
}

// isOperatorName tells an operator's spelling from a function's name.
func isOperatorName(s string) bool {
	return s != "" && strings.IndexByte("+-*/<>=~!@#%^&|`?", s[0]) >= 0
}
