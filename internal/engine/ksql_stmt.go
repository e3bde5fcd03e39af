package engine

import (
	"context"
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/sql/ast"
	"streamsql/sql/parser"
	"streamsql/sql/token"
)

// executable is the tree of a statement of ksqlDB that is executed here; the parser hands it on in an Unsupported.
func executable(s ast.Stmt) ast.Stmt {
	u, ok := s.(*ast.Unsupported)
	if !ok {
		return s
	}
	switch t := u.Stmt.(type) {
	case *ast.Define, *ast.Assert, *ast.CreateType, *ast.DropType, *ast.Alter, *ast.QueryControl, *ast.Print, *ast.ExplainQuery:
		return t
	case *ast.DescribeOther:
		if t.Name == nil || t.What == "function" { // DESCRIBE STREAMS, DESCRIBE TABLES, DESCRIBE FUNCTION f
			return t
		}
	}
	return s
}

// ksqlRows describes the rows of those statements that have some.
func ksqlRows(s ast.Stmt) []session.Column {
	switch s := s.(type) {
	case *ast.Print:
		return printColumns
	case *ast.ExplainQuery:
		return []session.Column{{Name: "QUERY PLAN", Type: types.T(types.Text)}}
	case *ast.DescribeOther:
		if s.Name == nil {
			return describeAllColumns
		}
		return functionColumns
	}
	return nil
}

// ksqlStmt runs a statement of ksqlDB.
func (cs *clientSession) ksqlStmt(ctx context.Context, s *statement) (session.Result, error) {
	switch t := s.tree.(type) {
	case *ast.Define:
		return cs.define(t), nil
	case *ast.CreateType:
		return cs.createType(ctx, s, t)
	case *ast.DropType:
		return cs.dropType(ctx, s, t)
	case *ast.Alter:
		return cs.alter(ctx, t)
	case *ast.QueryControl:
		return cs.controlQuery(ctx, t)
	case *ast.ExplainQuery:
		return cs.explainQuery(t)
	case *ast.DescribeOther:
		if t.What == "function" {
			return cs.describeFunction(t)
		}
		return cs.describeAll(t), nil
	case *ast.Print:
		return cs.print(ctx, t)
	case *ast.Assert:
		return cs.assert(ctx, t)
	}
	return nil, pgerr.Unsupported(int(s.tree.Start()), "this statement")
}

// define runs DEFINE and UNDEFINE.
func (cs *clientSession) define(t *ast.Define) session.Result {
	if cs.variables == nil {
		cs.variables = map[string]string{}
	}
	if t.Drop {
		if _, ok := cs.variables[t.Name]; !ok {
			cs.notice("WARNING", pgerr.UndefinedObject, "variable \""+t.Name+"\" is not defined")
		}
		delete(cs.variables, t.Name)
		return tagResult("UNDEFINE")
	}
	cs.variables[t.Name] = t.Value
	return tagResult("DEFINE")
}

// substituted replaces ${name} in a text of the ksql dialect, statement by statement: one may define what the next one
// uses.
func (cs *clientSession) substituted(text string) (string, error) {
	off, _ := cs.settings.lookup("ksql.variable.substitution.enable")
	if cs.settings.get("dialect") != "ksql" || !strings.Contains(text, "${") || strings.EqualFold(off, "false") {
		return text, nil
	}
	vars := map[string]string{}
	for k, v := range cs.variables {
		vars[k] = v
	}
	spans, err := token.Split(text)
	if err != nil || len(spans) < 2 {
		return parser.Substitute(text, vars)
	}
	var out strings.Builder
	at := 0
	for _, sp := range spans {
		out.WriteString(text[at:sp.Start])
		part, err := parser.Substitute(text[sp.Start:sp.End], vars)
		if err != nil {
			e := *pgerr.From(err)
			e.Pos += sp.Start
			return "", &e
		}
		out.WriteString(part)
		at = sp.End
		if ps, err := parser.Parse(part, parser.Options{Dialect: parser.KSQL}); err == nil && len(ps) == 1 {
			if d, ok := executable(ps[0].Stmt).(*ast.Define); ok {
				if vars[d.Name] = d.Value; d.Drop {
					delete(vars, d.Name)
				}
			}
		}
	}
	out.WriteString(text[at:])
	return out.String(), nil
}
