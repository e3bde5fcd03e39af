package planner

import (
	"strings"

	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// columnName is the name PostgreSQL gives an output column without AS.
func columnName(x ast.Expr) string {
	if n, _ := figureName(x); n != "" {
		return n
	}
	return "?column?"
}

// figureName returns a name and how good it is: 2 a real name, 1 a type name from a cast, 0 none.
func figureName(x ast.Expr) (string, int) {
	switch x := x.(type) {
	case *ast.Ref:
		return x.Parts[len(x.Parts)-1], 2
	case *ast.FieldSel:
		return x.Name, 2
	case *ast.Call:
		return x.Name.Last(), 2
	case *ast.Subscript:
		return figureName(x.X)
	case *ast.Collate:
		return figureName(x.X)
	case *ast.Cast:
		if n, good := figureName(x.X); good == 2 {
			return n, 2
		}
		return castName(x.Type), 1
	case *ast.TypedLit:
		return castName(x.Type), 1
	case *ast.Case:
		if x.Else != nil {
			if n, good := figureName(x.Else); good == 2 {
				return n, 2
			}
		}
		return "case", 1
	case *ast.ArrayLit, *ast.ArrayQuery:
		return "array", 2
	case *ast.RowLit:
		return "row", 2
	case *ast.Exists:
		if x.Not {
			return "", 0
		}
		return "exists", 2
	case *ast.Subquery:
		return queryName(x.Query)
	}
	return "", 0
}

// queryName is the name of a scalar subquery: its only column's.
func queryName(q ast.Query) (string, int) {
	s, ok := q.(*ast.Select)
	if !ok || len(s.Items) != 1 {
		return "", 0
	}
	if s.Items[0].As != "" {
		return s.Items[0].As, 2
	}
	return figureName(s.Items[0].X)
}

// catalogTypeNames are pg_type.typname where that is not the SQL name.
var catalogTypeNames = map[types.Kind]string{
	types.Int2: "int2", types.Int4: "int4", types.Int8: "int8", types.Float4: "float4", types.Float8: "float8",
	types.Bool: "bool", types.Varchar: "varchar", types.Char: "bpchar", types.Timestamp: "timestamp",
	types.TimestampTZ: "timestamptz", types.Time: "time", types.QChar: "char",
	types.TimeTZ: "timetz", types.Varbit: "varbit",
}

// castName is the name of a cast's column: pg_type's name of the type.
func castName(n *ast.TypeName) string {
	name := strings.ToLower(n.Name[len(n.Name)-1])
	if k, ok := types.ByName(name); ok {
		if c := catalogTypeNames[k]; c != "" {
			return c
		}
		return types.T(k).String()
	}
	return name
}
