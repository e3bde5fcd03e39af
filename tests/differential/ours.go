package main

import (
	"fmt"
	"time"

	"streamsql/internal/batch"
	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/planner"
	"streamsql/sql/ast"
	"streamsql/sql/parser"
)

// panicCode stands for a panic of ours; it equals no SQLSTATE.
const panicCode = "panic"

// settings are the session settings of a run of cases, the same on both sides.
type settings struct {
	zone, dateStyle, dateOrder, intervalStyle string
	floatDigits                               int
	byteaEscape                               bool
}

// statements are the SET commands that give PostgreSQL these settings.
func (s settings) statements() string {
	bytea := "hex"
	if s.byteaEscape {
		bytea = "escape"
	}
	return fmt.Sprintf("SET TIME ZONE '%s'; SET DateStyle = '%s, %s'; SET IntervalStyle = '%s'; SET extra_float_digits = %d; SET bytea_output = '%s'",
		s.zone, s.dateStyle, s.dateOrder, s.intervalStyle, s.floatDigits, bytea)
}

func (s settings) env() (*expr.Env, error) {
	loc, err := types.LoadZone(s.zone)
	if err != nil {
		return nil, err
	}
	now := time.Date(2024, 2, 29, 12, 34, 56, 0, time.UTC).Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).Microseconds()
	return &expr.Env{Now: now, User: "postgres", Database: "postgres", Format: &types.Format{Loc: loc, DateStyle: s.dateStyle,
		DateOrder: s.dateOrder, IntervalStyle: s.intervalStyle, ExtraFloatDigits: s.floatDigits, ByteaEscape: s.byteaEscape}}, nil
}

// evalOurs runs "SELECT text" without a server: parser, planner, and the programs of the plan's nodes.
func evalOurs(env *expr.Env, text string) (o outcome) {
	defer func() {
		if p := recover(); p != nil {
			o = outcome{code: panicCode, msg: fmt.Sprint(p)}
		}
	}()
	t, v, err := runOurs(env, text)
	if err != nil {
		return outcome{code: pgerr.Code(err), msg: err.Error()}
	}
	if t.Kind == types.Unknown {
		t = types.T(types.Text)
	}
	o = outcome{typ: t.String(), null: v.Null}
	if !v.Null {
		o.text = string(types.AppendText(nil, t, v, env.Format))
	}
	return o
}

func runOurs(env *expr.Env, text string) (types.Type, types.Value, error) {
	stmts, err := parser.Parse("SELECT "+text, parser.Options{})
	if err != nil {
		return types.Type{}, types.Null, err
	}
	q, ok := stmts[0].Stmt.(*ast.QueryStmt)
	if !ok || len(stmts) != 1 {
		return types.Type{}, types.Null, fmt.Errorf("%q is no single query", text)
	}
	p, err := planner.PlanQuery(q.Query, catalog.New(), planner.Options{Env: env})
	if err != nil {
		return types.Type{}, types.Null, err
	}
	row, err := constantRow(env, p.Root)
	if err != nil {
		return types.Type{}, types.Null, err
	}
	return p.Columns[0].Type, row[0], nil
}

// constantRow computes a plan of Values and Projects: one row of constants.
func constantRow(env *expr.Env, n planner.Node) ([]types.Value, error) {
	switch n := n.(type) {
	case *planner.Values:
		return evalAll(env, n.Rows[0], nil)
	case *planner.Project:
		in, err := constantRow(env, n.Input)
		if err != nil {
			return nil, err
		}
		b := batch.NewBuilder(columnTypes(n.Input.Columns()))
		b.Append(1, in)
		return evalAll(env, n.Exprs, b.Seal())
	}
	return nil, fmt.Errorf("a constant's plan has a %T", n)
}

func columnTypes(cols []planner.Column) []types.Type {
	out := make([]types.Type, len(cols))
	for i, c := range cols {
		out[i] = c.Type
	}
	return out
}

func evalAll(env *expr.Env, xs []expr.Expr, in *batch.Batch) ([]types.Value, error) {
	out := make([]types.Value, len(xs))
	for i, x := range xs {
		x, err := expr.FoldAll(env, x)
		if err != nil {
			return nil, err
		}
		p, err := expr.Compile(x)
		if err != nil {
			return nil, err
		}
		var cols []batch.Vec
		if in != nil {
			cols = in.Cols
		}
		v, err := p.Eval(env, cols, 1)
		if err != nil {
			return nil, err
		}
		out[i] = batch.ValueAt(v, 0)
	}
	return out, nil
}
